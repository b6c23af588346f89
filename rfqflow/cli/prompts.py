"""`rfqflow prompt`."""

from __future__ import annotations

import difflib
import json
import tomllib
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.output import console, print_json, table, with_operator_store
from rfqflow.core.errors import ConfigError
from rfqflow.core.prompting.prompt import Prompt, PromptText
from rfqflow.database.migrate import shipped_routes

if TYPE_CHECKING:
    from pathlib import Path

    from rfqflow.store.operator import OperatorStore


def list_(database_url: str | None, *, as_json: bool) -> None:
    """Prints all versions."""
    rows = with_operator_store(database_url, lambda desk: desk.prompts())
    if as_json:
        print_json(rows)
        return
    columns = ("version", "active", "created_at", "created_by", "sha256", "note")
    shown = [{**one, "active": "active" if one["active"] else "", "sha256": one["sha256"][:12]} for one in rows]
    console().print(table(None, columns, [[one[key] for key in columns] for one in shown]))


def show(database_url: str | None, version: str | None, *, as_json: bool) -> None:
    """Prints one version."""
    found = with_operator_store(database_url, lambda desk: desk.prompt(version))
    if as_json:
        print_json(found)
    else:
        click.echo(_as_text(found))


def add(
    database_url: str | None, folder: Path, name: str, actor: str | None, note: str | None, *, as_json: bool
) -> None:
    """Registers the prompt in a folder, after trying whether it can be used at all."""
    text = _read(folder, name)
    Prompt.of(text, shipped_routes())
    parameters = dict(text.parameters)
    version = with_operator_store(
        database_url, lambda desk: desk.add_prompt(name, text.system, text.template, parameters, actor, note)
    )
    if as_json:
        print_json({"version": version})
    else:
        click.echo(
            f"{version}; `rfqflow eval run --cases db --prompt {version}` measures it, "
            f"`rfqflow prompt activate {version}` puts it in force"
        )


def diff(database_url: str | None, before: str, after: str | None) -> None:
    """Prints a unified diff of two versions."""

    async def ask(desk: OperatorStore) -> tuple[dict[str, Any], dict[str, Any]]:
        return await desk.prompt(before), await desk.prompt(after)

    one, other = with_operator_store(database_url, ask)
    lines = difflib.unified_diff(
        _as_text(one).splitlines(), _as_text(other).splitlines(), one["version"], other["version"], lineterm=""
    )
    for line in lines:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        click.secho(line, fg=colour)


def activate(
    database_url: str | None, version: str, actor: str | None, reason: str | None, *, force: bool, as_json: bool
) -> None:
    """Switches."""
    old = with_operator_store(database_url, lambda desk: desk.activate_prompt(version, actor, reason, force=force))
    _said(old, version, as_json=as_json)


def rollback(database_url: str | None, actor: str | None, reason: str | None, *, as_json: bool) -> None:
    """Switches back."""
    version = with_operator_store(database_url, lambda desk: desk.rollback_prompt(actor, reason))
    _said(None, version, as_json=as_json)


def _said(old: str | None, version: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"active": version, "before": old})
    else:
        click.echo(f"active: {version}" + (f" (before: {old})" if old else ""))


def _as_text(prompt: dict[str, Any]) -> str:
    parameters = json.dumps(prompt["parameters"], indent=2, sort_keys=True)
    return f"# system\n\n{prompt['system']}\n\n# user\n\n{prompt['template']}\n\n# parameters\n\n{parameters}"


def _read(folder: Path, name: str) -> PromptText:
    try:
        meta = tomllib.loads((folder / "meta.toml").read_text("utf-8"))
        return PromptText(
            name=name,
            number=1,
            system=(folder / "system.md").read_text("utf-8"),
            template=(folder / "user.md").read_text("utf-8"),
            parameters=meta.get("parameters", {}),
        )
    except FileNotFoundError as error:
        raise ConfigError(f"{folder} lacks {error.filename}: a prompt is system.md, user.md and meta.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{folder}: {error}") from None
