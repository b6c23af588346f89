"""All settings, each with a check of its value. The module `checks` checks combinations."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from rfqflow.core import accounts, endpoint
from rfqflow.core.attachments.places import listed_hosts
from rfqflow.settings import settings_file

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI_URL, OLLAMA_URL = "https://api.openai.com/v1", "http://127.0.0.1:11434"
ANTHROPIC_URL, ANTHROPIC_MODEL = "https://api.anthropic.com", "claude-haiku-5-5"
ProviderName = Literal["openai", "anthropic", "ollama", "rules"]
_OF_CHAIN: tuple[ProviderName, ...] = ("openai", "anthropic", "ollama")


def _default_data_dir() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "rfqflow"


class Settings(BaseSettings):
    """The variable of a field is `RFQFLOW_` plus the field's name in capitals. Names of quantities include the unit."""

    model_config = SettingsConfigDict(env_prefix="RFQFLOW_", extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: str | None = Field(
        default=None,
        repr=False,
        description="DSN of the database; may lead to a pooler; rfqflow tries several hosts in turn",
    )
    listen_url: str | None = Field(
        default=None, repr=False, description="DSN without a pooler, for LISTEN and session locks"
    )
    provider: ProviderName | None = Field(
        default=None, description="provider: `openai`, `anthropic`, `ollama`, `rules`"
    )
    require_model: bool = Field(
        default=False, description="`true`: `run` does not start if `rules` would answer instead of a model"
    )
    model: str = Field(
        default="gpt-5-mini",
        description=f"model; `anthropic` has the default `{ANTHROPIC_MODEL}`, `ollama` has no default",
    )
    fallback_models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="fallback models, comma separated; prefix a model of another provider: "
        "`anthropic:claude-haiku-5-5`",
    )
    concurrency: int = Field(default=32, ge=1, le=10_000, description="calls in flight, per daemon")
    call_deadline_seconds: float = Field(
        default=300.0, gt=0, le=600,
        description="longest deadline of a call with its retry, in seconds; the length of the message and the model "
                    "decide the deadline of each call, 20 s or more",
    )  # fmt: skip
    lease_seconds: float = Field(
        default=120.0, gt=0, le=3600,
        description="lease of a claim in seconds, at least 25; before a longer call, the worker extends the lease",
    )  # fmt: skip
    poll_seconds: float = Field(
        default=1.0, ge=0.05, le=60, description="seconds between polls when no notification arrives"
    )
    listen: Literal["auto", "off"] = Field(default="auto", description="`off`: poll only")
    pii_pepper: SecretStr | None = Field(
        default=None,
        description="key for hashing addresses in logs and runs; without a key, logs and runs hold no address hashes",
    )
    mask: Literal["off", "contact"] = Field(
        default="off", description="`contact`: mask e-mail, phone and IBAN in messages before a call"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="`debug`, `info`, `warning`, `error`"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`json`, `console`; `auto`: console on a terminal"
    )
    data_dir: Path = Field(default_factory=_default_data_dir, description="data directory of `run --embedded`")
    archive_dir: Path | None = Field(
        default=None,
        description="folder for archives of weeks older than `retention_days`; without a folder, the weeks stay in the "
        "database",
    )
    attachment_root: Path | None = Field(
        default=None,
        description="folder with the files that attachments name by `uri`; unset: rfqflow reads no such file",
    )
    attachment_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="hosts from which rfqflow reads files that attachments name by `uri`, comma separated, with a port "
        "if it is unusual; list a private address by its number; rfqflow refuses redirects",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="key of OpenAI; set it only in the daemon's environment",
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias="OPENAI_BASE_URL", description="base URL of a server with OpenAI's API"
    )
    openai_api: Literal["auto", "responses", "chat"] = Field(
        default="auto",
        description="`responses`: Responses API; `chat`: Chat Completions; `auto`: Responses API at OpenAI "
        "and Azure, else Chat Completions",
    )
    deployments: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="pairs name=model, comma separated: the model behind each deployment name (Azure)",
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, validation_alias="ANTHROPIC_API_KEY", description="key of Anthropic, for the provider `anthropic`"
    )
    anthropic_base_url: str | None = Field(
        default=None,
        validation_alias="ANTHROPIC_BASE_URL",
        description="base URL of a gateway with Anthropic's Messages API",
    )
    ollama_url: str = Field(default=OLLAMA_URL, description="base URL of Ollama")
    http: str | None = Field(
        default=None, description="HOST:PORT on which `run` serves `/healthz`, `/readyz`, `/metrics` and `/rfqs/ID`"
    )
    http_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="key that signs requests to the daemon, 16 characters or more; required beyond loopback",
    )
    console_proxy_header: str | None = Field(
        default=None, description="header in which a trusted proxy sends the login name, such as X-Forwarded-User"
    )
    console_proxy_trusted: str | None = Field(
        default=None,
        description="addresses of trusted proxies, comma separated; the console ignores X-Forwarded-* and the header "
        "with the login name if another address sends them",
    )
    console_hash_mib: int = Field(
        default=64, ge=1, le=1024, description="memory of one password hash in MiB; 64 as in RFC 9106"
    )
    webhook_urls: Annotated[dict[str, SecretStr], NoDecode] = Field(
        default_factory=dict, description="pairs name=url, comma separated: the URL of each name in `ai.webhooks`"
    )
    webhook_secret: SecretStr | None = Field(
        default=None, min_length=16, description="key that signs webhooks, 16 characters or more"
    )
    otel: Literal["off", "on"] = Field(
        default="off",
        description="`on`: send traces and metrics to `OTEL_EXPORTER_OTLP_ENDPOINT`; needs the extra `rfqflow[otel]`",
    )
    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, and the environment over the file. No other source is read."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, InitSettingsSource(settings_cls, _by_field(settings_file.read().values))

    @model_validator(mode="before")
    @classmethod
    def _trimmed(cls, given: Any) -> Any:
        """Strips white space around values. The pepper keeps its white space, since it is a hash key."""
        if not isinstance(given, dict):
            return given
        trimmed = {
            name: value.strip() if isinstance(value, str) and name != "pii_pepper" else value
            for name, value in given.items()
        }
        checked = {
            *("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "model", "ollama_url"),
        }  # a blank value of these is an error: it would select another provider or model
        found = {name: value for name, value in trimmed.items() if value != "" or name in checked}
        return {"model": ANTHROPIC_MODEL, **found} if found.get("provider") == "anthropic" else found

    @field_validator("*", mode="before")
    @classmethod
    def _text(cls, given: Any, about: ValidationInfo) -> Any:
        """Refuses text that is not UTF-8, since the environment may hold any bytes. File names may hold any bytes."""
        if isinstance(given, str) and about.field_name not in ("archive_dir", "attachment_root", "data_dir"):
            try:
                given.encode()
            except UnicodeEncodeError:
                raise ValueError("must be UTF-8, but holds a byte of another encoding") from None
        return given

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
            raise ValueError("is blank: set a value, or unset it")
        return given

    @field_validator("http")
    @classmethod
    def _where_it_listens(cls, given: str | None) -> str | None:
        if given is not None:
            endpoint.listening(given)
        return given

    @field_validator("console_proxy_header")
    @classmethod
    def _a_header(cls, given: str | None) -> str | None:
        if given is not None and not endpoint.is_header(given, ""):
            raise ValueError("must be a header's name, such as X-Forwarded-User")
        return given

    @field_validator("console_proxy_trusted")
    @classmethod
    def _networks(cls, given: str | None) -> str | None:
        accounts.networks(given or "")
        return given

    @field_validator("fallback_models", mode="before")
    @classmethod
    def _parted_at_commas(cls, given: Any) -> Any:
        if isinstance(given, str):
            given = tuple(filter(None, map(str.strip, given.split(","))))
        if not isinstance(given, list | tuple) or not all(isinstance(entry, str) for entry in given):
            raise ValueError("must be names of models, comma separated, or a list of them")
        entries = tuple(given)
        for entry in entries:
            _check_prefix(entry)
            endpoint.model_name(_of_provider(entry)[1])
        return entries

    @field_validator("attachment_hosts", mode="before")
    @classmethod
    def _hosts(cls, given: Any) -> Any:
        if isinstance(given, str):
            given = tuple(filter(None, map(str.strip, given.split(","))))
        if not isinstance(given, list | tuple) or not all(isinstance(entry, str) for entry in given):
            raise ValueError("must be hosts, comma separated, or a list of them")
        listed_hosts(tuple(given))
        return tuple(given)

    @field_validator("attachment_root")
    @classmethod
    def _absolute(cls, given: Path | None) -> Path | None:
        if given is not None and not given.is_absolute():
            raise ValueError("must be an absolute path, such as /srv/files")
        return given

    @field_validator("deployments", mode="before")
    @classmethod
    def _deployments_and_models(cls, given: Any) -> Any:
        pairs = _pairs(given)
        if not all((*pairs, *pairs.values())):
            raise ValueError("must be name=model pairs, comma separated, such as ours=gpt-5-mini")
        return {endpoint.model_name(name): endpoint.model_name(model) for name, model in pairs.items()}

    @field_validator("webhook_urls", mode="before")
    @classmethod
    def _names_and_urls(cls, given: Any) -> Any:
        pairs = _pairs(given)
        for name, url in pairs.items():
            if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name):
                raise ValueError(
                    "must be name=https://... pairs, comma separated; names in lower case, a comma in a URL as %2C"
                )
            try:
                endpoint.address(url, example="https://example.com/hook")
            except ValueError as error:
                raise ValueError(f"the address of {name} {error}") from None
        return pairs

    def noted(self, origins: Mapping[str, str]) -> Settings:
        """A copy that also holds the source of each value."""
        self._origins.update(origins)
        return self

    def origin(self, field: str) -> str:
        """The source of the field's value in words: an option, a variable, or a key of the file."""
        return self._origins.get(field) or variable_of(field)

    def is_set(self, field: str) -> bool:
        """Whether any source sets the field."""
        return field in self.model_fields_set

    @property
    def chain(self) -> tuple[tuple[ProviderName, str], ...]:
        """The models to ask, each with its provider; the preferred model comes first."""
        first = (self.provider_name, self.model)
        if self.provider_name == "rules":
            return (first,)
        further = (_of_provider(entry) for entry in self.fallback_models)
        return tuple(dict.fromkeys((first, *((name or self.provider_name, model) for name, model in further))))

    @property
    def provider_name(self) -> ProviderName:
        """The configured provider; without one, `openai` if its key or base URL is set, else `rules`."""
        if self.provider:
            return self.provider
        return "openai" if self.openai_api_key or self.openai_base_url else "rules"


def variable_of(field: str) -> str:
    """The environment variable of a field."""
    return str(Settings.model_fields[field].validation_alias or f"RFQFLOW_{field.upper()}")


def _by_field(values: Mapping[str, Any]) -> dict[str, Any]:
    """The file's values by field name. The file may write a key as a field name or as a variable name."""
    names = {variable_of(field).removeprefix("RFQFLOW_").lower(): field for field in Settings.model_fields}
    fields = Settings.model_fields
    return {
        str(fields[names[key.lower()]].validation_alias or names[key.lower()]): value
        for key, value in values.items()
        if key.lower() in names
    }


def _pairs(given: Any) -> dict[str, str]:
    """Reads name=value pairs from a text or from a table of the file."""
    if isinstance(given, str):
        parts = [entry.partition("=") for entry in given.split(",") if entry.strip()]
        return {name.strip(): value.strip() for name, _, value in parts}
    if isinstance(given, dict) and all(isinstance(value, str) for value in given.values()):
        return {str(name): value.strip() for name, value in given.items()}
    raise ValueError("must be name=value pairs, comma separated, or a table of them")


def _of_provider(entry: str) -> tuple[ProviderName | None, str]:
    """The provider prefix of a model's name, or None; and the name without the prefix."""
    return next(
        ((name, entry.removeprefix(f"{name}:")) for name in _OF_CHAIN if entry.startswith(f"{name}:")), (None, entry)
    )


def _check_prefix(entry: str) -> None:
    """Raises ValueError for an unknown provider prefix, which would otherwise become part of a model's name.

    Model names contain colons too, such as `llama3.2:3b` and `ft:gpt-4o:ours`. So only a word that resembles the name
    of a provider counts as an unknown prefix.
    """
    prefix, colon, model = entry.partition(":")
    if entry == "rules":  # rules are no fallback: if no model answers, an RFQ waits until one does
        raise ValueError(
            "rules cannot be a fallback model: set RFQFLOW_PROVIDER=rules or the policy cascade to use rules"
        )
    if not colon or prefix in _OF_CHAIN:
        return
    known = (*_OF_CHAIN, "rules", "azure", "claude")
    if difflib.get_close_matches(prefix.strip().lower(), known, n=1, cutoff=0.8):
        raise ValueError(
            f"{prefix[:40]!r} is not a provider of fallback models: write "
            + " or ".join(f"{provider}:{model[:80]}" for provider in _OF_CHAIN)
        )
