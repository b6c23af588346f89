"""Settings: the environment, then `rfqflow.toml`. What all workers must agree on is in `ai.policy`, not here."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rfqflow.core import endpoint
from rfqflow.core.decisions.call_limits import SHORTEST_DEADLINE_SECONDS
from rfqflow.core.errors import ConfigError
from rfqflow.database.dsn import parse

OPENAI_URL, OLLAMA_URL = "https://api.openai.com/v1", "http://127.0.0.1:11434"
ANTHROPIC_URL, ANTHROPIC_MODEL = "https://api.anthropic.com", "claude-haiku-5-5"
ProviderName = Literal["openai", "anthropic", "ollama", "rules"]
_OF_CHAIN: tuple[ProviderName, ...] = ("openai", "anthropic", "ollama")
FINISH_MARGIN_SECONDS = 5.0  # from the end of a call to its result being recorded, generously


def _default_data_dir() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "rfqflow"


class Settings(BaseSettings):
    """Every field is `RFQFLOW_` and its name in capitals; each says its unit."""

    model_config = SettingsConfigDict(
        env_prefix="RFQFLOW_", toml_file="rfqflow.toml", extra="ignore", frozen=True, env_ignore_empty=True
    )

    database_url: str | None = Field(
        default=None, repr=False, description="the database; may be pooled; several hosts are tried in turn"
    )
    listen_url: str | None = Field(default=None, repr=False, description="a direct DSN for LISTEN and session locks")
    provider: ProviderName | None = Field(
        default=None, description="who answers: `openai`, `anthropic`, `ollama`, `rules`"
    )
    model: str = Field(
        default="gpt-5-mini",
        description=f"model; with `anthropic` the default is `{ANTHROPIC_MODEL}`, `ollama` has none",
    )
    fallback_models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="models to ask after it, comma separated; `anthropic:claude-haiku-5-5` is one of another provider",
    )
    concurrency: int = Field(default=32, ge=1, le=10_000, description="calls in flight, per daemon")
    call_deadline_seconds: float = Field(
        default=300.0, gt=0, le=600,
        description="the longest that a call may take, its retry included; each has 20 s or more, by message and model",
    )  # fmt: skip
    lease_seconds: float = Field(
        default=120.0, gt=0, le=3600,
        description="how long a claim is believed, at least 25; a longer call extends it first",
    )  # fmt: skip
    poll_seconds: float = Field(default=1.0, ge=0.05, le=60, description="the slow poll under the doorbell")
    listen: Literal["auto", "off"] = Field(default="auto", description="`off`: poll only")
    pii_pepper: SecretStr | None = Field(
        default=None, description="key for hashing addresses in logs and runs; without it none are written"
    )
    mask: Literal["off", "contact"] = Field(
        default="off", description="`contact`: e-mail, phone and IBAN in messages are masked before a call"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="`debug`, `info`, `warning`, `error`"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`json`, `console`; `auto`: console on a terminal"
    )
    data_dir: Path = Field(default_factory=_default_data_dir, description="where `run --embedded` keeps its PostgreSQL")
    archive_dir: Path | None = Field(
        default=None,
        description="where weeks older than `retention_days` are archived; without it they stay in the database",
    )
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias="OPENAI_API_KEY", description="key; only ever in the daemon's environment"
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias="OPENAI_BASE_URL", description="a compatible server"
    )
    openai_api: Literal["auto", "responses", "chat"] = Field(
        default="auto",
        description="`responses`: the Responses API where the server has it; `chat`: Chat Completions; "
        "`auto`: the first at OpenAI and Azure, the second elsewhere",
    )
    deployments: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="name=model, comma separated: which model is behind a deployment of another name (Azure)",
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, validation_alias="ANTHROPIC_API_KEY", description="key, for `anthropic`"
    )
    anthropic_base_url: str | None = Field(
        default=None, validation_alias="ANTHROPIC_BASE_URL", description="a gateway that speaks the Messages API"
    )
    ollama_url: str = Field(default=OLLAMA_URL, description="where Ollama listens")
    http: str | None = Field(
        default=None, description="HOST:PORT where `run` answers `/healthz`, `/readyz`, `/metrics` and `/rfqs/ID`"
    )
    http_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="signs requests for RFQs, 16 characters or more; needed anywhere but on loopback",
    )
    console_token: SecretStr | None = Field(
        default=None, min_length=16, description="lets into the console, 16 characters or more"
    )
    webhook_urls: Annotated[dict[str, SecretStr], NoDecode] = Field(
        default_factory=dict, description="name=url, comma separated: where names of `ai.webhooks` are"
    )
    webhook_secret: SecretStr | None = Field(
        default=None, min_length=16, description="signs webhooks, 16 characters or more"
    )
    otel: Literal["off", "on"] = Field(
        default="off",
        description="`on`: traces, with the extra `rfqflow[otel]`, to `OTEL_EXPORTER_OTLP_ENDPOINT`",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file; nothing else is read."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def _trimmed(cls, given: Any) -> Any:
        """Nobody means the blanks and line breaks around a value; the pepper is hashed with, so it stays as it is."""
        if not isinstance(given, dict):
            return given
        trimmed = {
            name: value.strip() if isinstance(value, str) and name != "pii_pepper" else value
            for name, value in given.items()
        }
        checked = {
            *("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "model", "ollama_url"),
        }  # whose blank would mean another provider
        found = {name: value for name, value in trimmed.items() if value != "" or name in checked}
        return {"model": ANTHROPIC_MODEL, **found} if found.get("provider") == "anthropic" else found

    @field_validator("openai_api_key", "anthropic_api_key", mode="before")
    @classmethod
    def _key_of_a_header(cls, given: Any) -> Any:
        return endpoint.key(given) if isinstance(given, str) else given

    @field_validator("openai_base_url", mode="before")
    @classmethod
    def _where_the_api_begins(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        return endpoint.base_url(given, ends=endpoint.OPENAI_ENDS, example=OPENAI_URL)

    @field_validator("anthropic_base_url", mode="before")
    @classmethod
    def _where_the_messages_api_begins(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        return endpoint.base_url(given, ends=endpoint.ANTHROPIC_ENDS, example=ANTHROPIC_URL)

    @field_validator("ollama_url", mode="before")
    @classmethod
    def _where_ollama_listens(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        return endpoint.base_url(given, ends=endpoint.OLLAMA_ENDS, example=OLLAMA_URL)

    @field_validator("model", mode="before")
    @classmethod
    def _a_name(cls, given: Any) -> Any:
        return endpoint.model_name(given) if isinstance(given, str) else given

    @field_validator("pii_pepper", mode="before")
    @classmethod
    def _hashes(cls, given: Any) -> Any:
        if isinstance(given, str) and not given.strip():
            raise ValueError("is blank: give it a value, or unset it")
        return given

    @field_validator("fallback_models", mode="before")
    @classmethod
    def _parted_at_commas(cls, given: Any) -> Any:
        if isinstance(given, str):
            given = filter(None, map(str.strip, given.split(",")))
        entries = tuple(str(entry) for entry in given)
        for entry in entries:
            _check_prefix(entry)
            endpoint.model_name(_of_provider(entry)[1])
        return entries

    @field_validator("deployments", mode="before")
    @classmethod
    def _deployments_and_models(cls, given: Any) -> Any:
        if isinstance(given, str):
            pairs = [entry.partition("=") for entry in given.split(",") if entry.strip()]
            given = {name.strip(): model.strip() for name, _, model in pairs}
        if not isinstance(given, dict) or not all(map(str, (*given, *given.values()))):
            raise ValueError("name=model pairs, comma separated, such as ours=gpt-5-mini")
        return {endpoint.model_name(str(name)): endpoint.model_name(str(model)) for name, model in given.items()}

    @field_validator("webhook_urls", mode="before")
    @classmethod
    def _names_and_urls(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        pairs = [entry.strip().partition("=") for entry in given.split(",") if entry.strip()]
        for name, _, url in pairs:
            if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
                raise ValueError(
                    "name=https://... pairs, comma separated; names in lower case, a comma in a URL as %2C"
                )
            try:
                endpoint.address(url.strip(), example="https://example.com/hook")
            except ValueError as error:
                raise ValueError(f"the address of {name} {error}") from None
        return {name: url.strip() for name, _, url in pairs}

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> Settings:
        if self.webhook_urls and self.webhook_secret is None:
            raise ValueError("RFQFLOW_WEBHOOK_SECRET (16 characters or more) must be set beside RFQFLOW_WEBHOOK_URLS")
        return self

    @model_validator(mode="after")
    def _deadlines_nest(self) -> Settings:
        shortest = min(self.call_deadline_seconds, SHORTEST_DEADLINE_SECONDS)  # a longer call extends its lease
        if shortest + FINISH_MARGIN_SECONDS > self.lease_seconds:
            least = shortest + FINISH_MARGIN_SECONDS
            raise ValueError(
                f"RFQFLOW_LEASE_SECONDS ({self.lease_seconds:g}) must be at least {least:g}, the shortest deadline of "
                f"a call ({shortest:g}, or RFQFLOW_CALL_DEADLINE_SECONDS where it is less) "
                f"+ {FINISH_MARGIN_SECONDS:g}: else a claim could be taken over while its call still runs"
            )
        return self

    @model_validator(mode="after")
    def _ollama_has_a_model(self) -> Settings:
        if self.provider == "ollama" and "model" not in self.model_fields_set:
            raise ValueError("RFQFLOW_MODEL must name a model that `ollama list` shows")
        return self

    @model_validator(mode="after")
    def _a_model_is_one_providers(self) -> Settings:
        names = [model for _, model in self.chain]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"RFQFLOW_FALLBACK_MODELS names {twice} for two providers: runs and prices go by its name")
        return self

    @property
    def chain(self) -> tuple[tuple[ProviderName, str], ...]:
        """The models to ask, each with its provider, the preferred one first."""
        first = (self.provider_name, self.model)
        if self.provider_name == "rules":
            return (first,)
        further = (_of_provider(entry) for entry in self.fallback_models)
        return tuple(dict.fromkeys((first, *((name or self.provider_name, model) for name, model in further))))

    @property
    def provider_name(self) -> ProviderName:
        """`openai` where a key or a base URL is set, else `rules`."""
        if self.provider:
            return self.provider
        return "openai" if self.openai_api_key or self.openai_base_url else "rules"


def _of_provider(entry: str) -> tuple[ProviderName | None, str]:
    """The provider that is named before a model's name, if one is."""
    return next(
        ((name, entry.removeprefix(f"{name}:")) for name in _OF_CHAIN if entry.startswith(f"{name}:")), (None, entry)
    )


def _check_prefix(entry: str) -> None:
    """Raises ValueError where a provider is named that there is not: the model of the first would be asked for instead.

    Models have colons too, such as `llama3.2:3b` and `ft:gpt-4o:ours`: only what is nearly a provider's name is one.
    """
    prefix, colon, model = entry.partition(":")
    if not colon or prefix in _OF_CHAIN:
        return
    known = (*_OF_CHAIN, "rules", "azure", "claude")
    if difflib.get_close_matches(prefix.strip().lower(), known, n=1, cutoff=0.8):
        raise ValueError(
            f"{prefix[:40]!r} is no provider of a chain: write {model[:80]} behind {' or '.join(_OF_CHAIN)} and :"
        )


def load(**overrides: Any) -> Settings:
    """Reads and checks everything; overrides that are None count as absent.

    Raises:
        ConfigError: with everything that is wrong in one message.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    if "database_url" not in given and not os.environ.get("RFQFLOW_DATABASE_URL"):
        fallback = os.environ.get("DATABASE_URL")
        if fallback:
            given["database_url"] = fallback
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = []
        for problem in error.errors(include_input=False, include_url=False, include_context=False):
            field = str(problem["loc"][0]) if problem["loc"] else ""
            name = field if field.isupper() else f"RFQFLOW_{field.upper()}"
            message = problem["msg"].removeprefix("Value error, ")
            wrong.append(f"{name}: {message}" if field else message)
        raise ConfigError("settings: " + "; ".join(wrong)) from None
    except ValueError as error:  # the file is no TOML
        raise ConfigError(f"rfqflow.toml: {error}") from None
    except OSError as error:
        raise ConfigError(f"rfqflow.toml cannot be read: {error.strerror}") from None


def need_database(settings: Settings) -> str:
    """The DSN.

    Raises:
        ConfigError: there is none, or it or the one for LISTEN cannot be used. No value is repeated.
    """
    if not settings.database_url:
        raise ConfigError(
            "no database: give --database-url, set RFQFLOW_DATABASE_URL or DATABASE_URL, "
            "or try `rfqflow demo`, which brings its own."
        )
    for name, dsn in (("database URL", settings.database_url), ("RFQFLOW_LISTEN_URL", settings.listen_url)):
        try:
            parse(dsn or settings.database_url)
        except ConfigError as error:
            raise ConfigError(f"{name}: {error}") from None
    return settings.database_url
