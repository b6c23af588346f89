"""`rfqflow prompt`: prompt versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.groups import LazyGroup
from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import with_operator_store
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.store.operator import OperatorStore

_TRIALS = {
    "canary": "rfqflow.cli.prompt_trials:canary",
    "shadow": "rfqflow.cli.prompt_trials:shadow",
    "stop": "rfqflow.cli.prompt_trials:stop",
    "trial": "rfqflow.cli.prompt_trials:show",
    "trials": "rfqflow.cli.prompt_trials:list_",
}


@example("rfqflow prompt list")
@click.group("prompt", cls=LazyGroup, lazy=_TRIALS)
def prompt() -> None:
    """Manage prompt versions.

    Changes apply from the next claim on.
    """


@example("rfqflow prompt list")
@prompt.command("list")
@database
@json_
def list_(*, database_url: str | None, as_json: bool) -> None:
    """List all versions, and mark the active version."""
    rows = with_operator_store(database_url, lambda store: store.prompts())
    if as_json:
        print_json(rows)
        return
    columns = ("version", "active", "created_at", "created_by", "sha256", "note")
    shown = [
        {**prompt, "active": "active" if prompt["active"] else "", "sha256": prompt["sha256"][:12]} for prompt in rows
    ]
    console().print(table(None, columns, [[row[key] for key in columns] for row in shown]))


@example("rfqflow prompt show rfq@1")
@prompt.command("show")
@click.argument("version", required=False)
@database
@json_
def show(*, version: str | None, database_url: str | None, as_json: bool) -> None:
    """Print the text of a version. Default: the active version."""
    found = with_operator_store(database_url, lambda store: store.prompt(version))
    if as_json:
        print_json(found)
    else:
        click.echo(_as_text(found))


@example('rfqflow prompt add prompts/ --note "names units"')
@prompt.command("add")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", default="rfq", show_default=True, help="Name of the prompt.")
@click.option("--note", help="Describe the change in this version.")
@database
@actor
@json_
def add(
    *,
    folder: Path,
    name: str,
    note: str | None,
    database_url: str | None,
    actor: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Add FOLDER as a new, inactive version.

    FOLDER holds system.md, user.md and meta.toml.
    """
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.database.migrate import shipped_routes

    text = _read(folder, name)
    Prompt.of(text, shipped_routes())
    parameters = dict(text.parameters)
    version = with_operator_store(
        database_url,
        lambda store: store.add_prompt(name, text.system, text.template, parameters, actor, note or reason),
    )
    if as_json:
        print_json({"version": version})
    else:
        click.echo(
            f"{version}; evaluate it with `rfqflow eval run --cases db --prompt {version}`, then run "
            f"`rfqflow prompt activate {version}`"
        )


@example("rfqflow prompt diff rfq@1 rfq@2")
@prompt.command("diff")
@click.argument("before")
@click.argument("after", required=False)
@database
def diff(*, before: str, after: str | None, database_url: str | None) -> None:
    """Compare two versions.

    Without AFTER, the command compares BEFORE with the active version.
    """
    import difflib

    async def ask(store: OperatorStore) -> tuple[dict[str, Any], dict[str, Any]]:
        return await store.prompt(before), await store.prompt(after)

    one, other = with_operator_store(database_url, ask)
    lines = difflib.unified_diff(
        _as_text(one).splitlines(), _as_text(other).splitlines(), one["version"], other["version"], lineterm=""
    )
    for line in lines:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        click.secho(line, fg=colour)


@example("rfqflow prompt activate rfq@2 --actor ada")
@prompt.command("activate")
@click.argument("version")
@click.option("--force", is_flag=True, help="Activate even without an evaluation.")
@database
@actor
@json_
def activate(
    *, version: str, force: bool, database_url: str | None, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Activate VERSION, from the next claim on.

    Finished RFQs stay as they are. VERSION needs an evaluation by `rfqflow eval run`, unless you add --force.
    """
    old = with_operator_store(database_url, lambda store: store.activate_prompt(version, actor, reason, force=force))
    _said(old, version, as_json=as_json)


@example('rfqflow prompt rollback --actor ada --reason "routes got worse"')
@prompt.command("rollback")
@database
@actor
@json_
def rollback(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Reactivate the previous version."""
    version = with_operator_store(database_url, lambda store: store.rollback_prompt(actor, reason))
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
    import tomllib

    from rfqflow.core.prompting.prompt import PromptText

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
        raise ConfigError(
            f"{folder} lacks {error.filename}: a prompt folder holds system.md, user.md and meta.toml"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{folder}: {error}") from None
