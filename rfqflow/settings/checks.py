"""Checks combinations of valid settings, without a database and without sending anything.

`refusals` are problems that stop a daemon from starting. With `warnings`, a daemon starts, but does not do all that its
settings ask for.
"""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rfqflow.core import endpoint
from rfqflow.core.decisions.call_limits import SHORTEST_DEADLINE_SECONDS
from rfqflow.core.errors import ConfigError
from rfqflow.database.dsn import parse
from rfqflow.settings import settings_file
from rfqflow.settings.model import ANTHROPIC_URL, OPENAI_URL
from rfqflow.settings.problem import Problem
from rfqflow.settings.setting_names import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from rfqflow.settings.model import ProviderName, Settings

FINISH_MARGIN_SECONDS = 5.0  # most seconds from the end of a call to the record of its result
NO_DATABASE = (
    "no database: give --database-url, set RFQFLOW_DATABASE_URL or DATABASE_URL, "
    "or try `rfqflow demo`, which needs none."
)
_FOR_MODELS = (
    "model", "fallback_models", "openai_api", "deployments", "ollama_url", "openai_api_key", "openai_base_url",
    "anthropic_api_key", "anthropic_base_url",
)  # fmt: skip
# Variables of other programs, each with the variable that rfqflow reads instead.
_OTHER_NAMES = {
    "OPENAI_API_BASE": "OPENAI_BASE_URL", "OPENAI_BASE": "OPENAI_BASE_URL", "OPENAI_URL": "OPENAI_BASE_URL",
    "OPENAI_ENDPOINT": "OPENAI_BASE_URL", "OPENAI_HOST": "OPENAI_BASE_URL", "OPENAI_KEY": "OPENAI_API_KEY",
    "OPENAI_APIKEY": "OPENAI_API_KEY", "OPENAI_TOKEN": "OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT": "OPENAI_BASE_URL",
    "AZURE_OPENAI_API_KEY": "OPENAI_API_KEY", "ANTHROPIC_KEY": "ANTHROPIC_API_KEY",
    "CLAUDE_API_KEY": "ANTHROPIC_API_KEY", "OLLAMA_HOST": "RFQFLOW_OLLAMA_URL",
}  # fmt: skip
SET_A_MODEL = (
    "set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own, or RFQFLOW_PROVIDER with its key, "
    "in the daemon's environment"
)


def one_message(problems: Iterable[object]) -> ConfigError:
    """All problems in one message."""
    return ConfigError("settings: " + "; ".join(map(str, problems)))


# -- checks of every command ------------------------------------------------------------------------------------------


def conflicts(settings: Settings, wrong: Iterable[str]) -> list[str]:
    """A sentence for each pair of settings that contradict each other. Ignores settings that are already `wrong`."""
    checks: tuple[tuple[Callable[[Settings], str | None], set[str]], ...] = (
        (_webhooks_are_signed, {"webhook_urls", "webhook_secret"}),
        (_deadlines_nest, {"lease_seconds", "call_deadline_seconds"}),
        (_ollama_has_a_model, {"provider", "model"}),
        (_a_model_is_one_providers, {"provider", "model", "fallback_models", "openai_api_key", "openai_base_url"}),
    )
    found = [check(settings) for check, fields in checks if not fields & set(wrong)]
    return [one for one in found if one]


def _webhooks_are_signed(settings: Settings) -> str | None:
    if not settings.webhook_urls or settings.webhook_secret is not None:
        return None
    return f"RFQFLOW_WEBHOOK_SECRET (16 characters or more) must be set beside {settings.origin('webhook_urls')}"


def _deadlines_nest(settings: Settings) -> str | None:
    shortest = min(settings.call_deadline_seconds, SHORTEST_DEADLINE_SECONDS)  # a longer call extends its lease
    least = shortest + FINISH_MARGIN_SECONDS
    if least <= settings.lease_seconds:
        return None
    return (
        f"{settings.origin('lease_seconds')} ({settings.lease_seconds:g}) must be at least {least:g}, the shortest "
        f"deadline of a call ({shortest:g}, or RFQFLOW_CALL_DEADLINE_SECONDS where it is less) "
        f"+ {FINISH_MARGIN_SECONDS:g}: otherwise another worker could take over a claim while its call still runs"
    )


def _ollama_has_a_model(settings: Settings) -> str | None:
    if settings.provider != "ollama" or settings.is_set("model"):
        return None
    return f"RFQFLOW_MODEL must name a model that `ollama list` shows, for {settings.origin('provider')} is ollama"


def _a_model_is_one_providers(settings: Settings) -> str | None:
    names = [model for _, model in settings.chain]
    twice = next((name for name in names if names.count(name) > 1), None)
    if not twice:
        return None
    return f"{settings.origin('fallback_models')} names {twice} for two providers: runs and prices go by its name"


# -- checks of a daemon ------------------------------------------------------------------------------------------------


def _is_there(module: str) -> bool:
    """Whether a module exists. The check imports the module's package, and that import may fail."""
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def refusals(settings: Settings, *, brings_database: bool = False) -> list[Problem]:
    """Problems that stop a daemon from starting."""
    found = [] if brings_database else dsn_problems(settings)
    found += [problem for name in dict(settings.chain) if (problem := provider_problem(settings, name))]
    if settings.otel == "on" and not _is_there("opentelemetry.sdk"):
        found.append(_extra_missing(settings.origin("otel"), "otel"))
    if settings.require_model and settings.provider_name == "rules":
        found.append(
            Problem(
                "model_required", settings.origin("require_model"),
                f"a model is required, but the built-in rules would answer ({_why_rules(settings)})",
                f"{SET_A_MODEL}; or unset {settings.origin('require_model')}",
            )
        )  # fmt: skip
    if problem := http_problem(settings):
        found.append(problem)
    return found


def http_problem(settings: Settings) -> Problem | None:
    """A problem if the HTTP address lets anybody on the network ask about RFQs; else None."""
    if not settings.http or endpoint.listening(settings.http).loopback or settings.http_secret is not None:
        return None
    return Problem(
        "http", settings.origin("http"),
        f"{settings.http} is not a loopback address, so requests must be signed",
        "set RFQFLOW_HTTP_SECRET (16 characters or more), or bind to 127.0.0.1",
    )  # fmt: skip


def dsn_problems(settings: Settings) -> list[Problem]:
    """Problems of the database's DSN and of the listener's. The messages repeat no part of a DSN."""
    found = []
    for field in ("database_url", "listen_url"):
        if dsn := getattr(settings, field):
            try:
                parse(dsn)
            except ConfigError as error:
                found.append(_problem(settings.origin(field), str(error)))
    if not settings.database_url:
        found.append(_problem("RFQFLOW_DATABASE_URL", NO_DATABASE))
    return found


def _problem(source: str, said: str) -> Problem:
    what, _, remedy = said.partition(". ") if ". In a URL" in said else said.partition(": ")
    return Problem("database", source, what, remedy or "see docs/how-to/poolers.md")


def provider_problem(settings: Settings, name: ProviderName) -> Problem | None:
    """The missing key or library without which the daemon cannot call the provider; None if nothing is missing."""
    if name == "anthropic":
        if find_spec("anthropic") is None:
            return _extra_missing(f"{settings.origin('provider')} or RFQFLOW_FALLBACK_MODELS", "anthropic")
        if (settings.anthropic_base_url or ANTHROPIC_URL) == ANTHROPIC_URL and settings.anthropic_api_key is None:
            return _no_key(settings, "anthropic", "ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a gateway without keys")
    if name == "openai" and settings.openai_api_key is None:
        host = (urlsplit(settings.openai_base_url or OPENAI_URL).hostname or "").rstrip(".")
        is_azures = endpoint.is_azure_host(host) and not os.environ.get("OPENAI_CUSTOM_HEADERS")
        if endpoint.is_openai_host(host) or is_azures:
            return _no_key(settings, "openai", "OPENAI_API_KEY, or OPENAI_BASE_URL for a server without keys")
    return None


def _no_key(settings: Settings, name: str, remedy: str) -> Problem:
    field = "provider" if settings.provider_name == name else "fallback_models"
    if name == "openai" and not settings.provider:
        field = "openai_base_url"
    what = f"the provider {name} is selected, but no key is set"
    return Problem("provider_misconfigured", settings.origin(field), what, f"set {remedy}")


def _extra_missing(source: str, extra: str) -> Problem:
    return Problem("extra_missing", source, f"this needs the extra {extra}", f"pip install 'rfqflow[{extra}]'")


# -- warnings of a daemon that still starts ----------------------------------------------------------------------------


def warnings(settings: Settings) -> list[Problem]:
    """Problems that a daemon reports at start: in its log, in `ai.workers.problems` and in `doctor`."""
    found = misspelt()
    if unused := _unused(settings) or _elsewhere(settings):
        found.append(unused)
    if settings.archive_dir and (fault := folder_fault(settings.archive_dir)):
        found.append(
            Problem(
                "archive_folder", settings.origin("archive_dir"),
                f"the archive folder {_printable(settings.archive_dir)} {fault}, so old runs stay in the database",
                "make it for the daemon's user: install -d -o USER FOLDER; or mount its volume",
            )
        )  # fmt: skip
    return found


def misspelt() -> list[Problem]:
    """Unknown settings. An unknown name is often a misspelt name of a real setting."""
    return unknown(os.environ, settings_file.read())


def _elsewhere(settings: Settings) -> Problem | None:
    """Warns that texts go to OpenAI although the environment names another server."""
    if settings.provider_name != "openai" or settings.openai_base_url:
        return None
    # Only names with OPENAI_: Azure's own variables are often set for other programs.
    names = (name for name, meant in _OTHER_NAMES.items() if meant == "OPENAI_BASE_URL" and name.startswith("OPENAI_"))
    if name := next(filter(os.environ.get, names), None):
        what = "rfqflow ignores it, so requests go to api.openai.com"
        return Problem("provider_misconfigured", name, what, "did you mean OPENAI_BASE_URL? If not, unset it")
    return None


def _unused(settings: Settings) -> Problem | None:
    """Warns that rules answer although the environment names a model."""
    if settings.provider is not None or settings.provider_name != "rules":
        return None
    remedy = f"{SET_A_MODEL}; or set RFQFLOW_PROVIDER=rules to use the rules"
    if named := next((field for field in _FOR_MODELS if settings.is_set(field)), None):
        what = "it is set, but no provider is chosen, so the built-in rules answer and rfqflow asks no model"
        return Problem("provider_misconfigured", settings.origin(named), what, remedy)
    if other := next((name for name in _OTHER_NAMES if os.environ.get(name)), None):
        what = "rfqflow ignores it, so the built-in rules answer and rfqflow asks no model"
        return Problem("provider_misconfigured", other, what, f"did you mean {_OTHER_NAMES[other]}? If not, {remedy}")
    return None


def folder_fault(folder: Path) -> str | None:
    """Why rfqflow cannot write to the folder; None if it can.

    Creates a nameless file, since permissions alone do not show whether a write succeeds.
    """
    try:
        if not folder.exists():
            return "does not exist"
        if not folder.is_dir():
            return "is not a folder"
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return f"cannot be written ({error.strerror or type(error).__name__})"


def _why_rules(settings: Settings) -> str:
    if settings.provider:
        return f"{settings.origin('provider')} is rules"
    return "no provider, key or base URL is set"


def _printable(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()
