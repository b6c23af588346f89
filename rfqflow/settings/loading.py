"""Reads the settings from arguments, then the environment, then `rfqflow.toml`; reports all errors at once."""

from __future__ import annotations

import os
from typing import Any

from pydantic import ValidationError

from rfqflow.core.errors import ConfigError
from rfqflow.settings import settings_file
from rfqflow.settings.checks import NO_DATABASE, conflicts, dsn_problems, misspelt, one_message
from rfqflow.settings.model import Settings, variable_of

_OPTIONS = {
    "database_url": "--database-url", "concurrency": "--concurrency", "http": "--http", "archive_dir": "--archive-dir",
}  # fmt: skip


def load(**overrides: Any) -> Settings:
    """Reads and checks all settings. An override of None has no effect.

    Raises:
        ConfigError: one message with every problem and its source.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    file = settings_file.read()
    origins = _origins(given, file)
    if "database_url" not in given and not os.environ.get("RFQFLOW_DATABASE_URL"):
        fallback = os.environ.get("DATABASE_URL")
        if fallback:
            given["database_url"] = fallback
            origins["database_url"] = "DATABASE_URL"
    found, wrong = _validated(given)
    problems = [f"{origins.get(field, variable_of(field))}: {message}" for field, message in wrong.items()]
    if file.fault:
        problems.append(f"{file.path} {file.fault}")
    elif found:
        problems += conflicts(found.noted(origins), wrong)
    if problems or found is None:
        raise one_message(problems)
    return found


def _origins(given: dict[str, Any], file: settings_file.SettingsFile) -> dict[str, str]:
    """The option or the file's key that sets each field; fields from the environment are not included."""
    in_file = {key.lower() for key in file.values}
    in_environment = {name.upper() for name, value in os.environ.items() if value}
    origins = {}
    for field in Settings.model_fields:
        variable = variable_of(field)
        key = variable.removeprefix("RFQFLOW_").lower()
        if field in given:
            origins[field] = _OPTIONS.get(field, variable)
        elif variable not in in_environment and key in in_file:
            origins[field] = f"{key if variable.startswith('RFQFLOW_') else variable} in {file.path}"
    return origins


def _validated(given: dict[str, Any]) -> tuple[Settings | None, dict[str, str]]:
    """The settings that are valid, and the error of each other field."""
    try:
        return Settings(**given), {}
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
    wrong: dict[str, str] = {}
    names = {variable_of(field): field for field in Settings.model_fields}
    for problem in problems:
        name = str(problem["loc"][0])
        wrong.setdefault(names.get(name, name), problem["msg"].removeprefix("Value error, "))
    defaults = {
        str(Settings.model_fields[field].validation_alias or field): Settings.model_fields[field].get_default(
            call_default_factory=True
        )
        for field in wrong
    }
    try:
        return Settings(**{**given, **defaults}), wrong
    except ValidationError:
        return None, wrong


def need_database(settings: Settings) -> str:
    """Returns the database's DSN.

    Raises:
        ConfigError: the DSN is missing, or this DSN or the DSN for LISTEN is unusable. The message repeats no value.
    """
    if not settings.database_url:
        raise ConfigError(" ".join((NO_DATABASE, *(f"{one}." for one in misspelt()))))
    if problems := dsn_problems(settings):
        raise ConfigError("; ".join(map(str, problems)))
    return settings.database_url
