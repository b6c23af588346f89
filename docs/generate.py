"""Writes docs/reference/ and the runbook from the commands, the settings and the database.

`python docs/generate.py` needs no server. A test compares the files with its output.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
from generate_markdown import MADE, table
from generate_reasons import REASONS, runbook, states
from pydantic import SecretStr

from rfqflow.cli import main
from rfqflow.core.published_schemas import PUBLISHED
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import asyncpg
    from pydantic.fields import FieldInfo

REFERENCE = Path(__file__).resolve().parent / "reference"
_POLICIES = Path(__file__).resolve().parent / "policies.toml"
# Defaults that depend on something else.
_COMPUTED = {
    "RFQFLOW_DATABASE_URL": "`DATABASE_URL`",
    "RFQFLOW_LISTEN_URL": "the database",
    "RFQFLOW_PROVIDER": "`openai` with a key or base URL, else `rules`",
    "RFQFLOW_DATA_DIR": "`~/.local/state/rfqflow`",
}

_RELATIONS = """
select c.oid, c.relname::text as name, c.relkind::text as kind, obj_description(c.oid, 'pg_class') as comment
from pg_class c
where c.relnamespace = 'ai'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
order by c.relname collate "C"
"""
_COLUMNS = """
select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type,
  col_description(a.attrelid, a.attnum) as comment
from pg_attribute a where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
_OURS = """
select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type,
  col_description(a.attrelid, a.attnum) as comment
from pg_attribute a
where a.attrelid = 'public.rfq_requests'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
_FUNCTIONS = """
select n.nspname || '.' || p.proname as name, pg_get_function_identity_arguments(p.oid) as arguments,
  pg_get_function_result(p.oid) as result, obj_description(p.oid, 'pg_proc') as comment
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where (n.nspname = 'ai' or n.nspname = 'public' and p.proname = 'submit_rfq') and p.prorettype <> 'trigger'::regtype
order by n.nspname collate "C", p.proname collate "C", 2
"""
_POLICY = """
select p.key, p.default_value::text as value, coalesce(p.unit, '') as unit, p.description
from ai.policy p where p.key not like 'budget.%' order by p.key collate "C"
"""


def commands() -> str:
    """Every command with its options, as `--help` has them."""
    parts = ["# Commands\n\n", MADE, inspect.cleandoc("""
        Each command has `--help`, with an example. All commands except `demo` and `schema` accept `--database-url`. Commands that print data accept `--json`.

        | exit code | meaning |
        |---|---|
        | 0 | ok |
        | 1 | the command failed |
        | 2 | the usage or the configuration is wrong |
        | 3 | the database cannot be reached |

        rfqflow fits tables to the width of the terminal. It breaks no line in a file or a pipe. If you cannot undo a command, it asks first.
        Without a terminal it cannot ask, and refuses with exit code 2, unless you add `--yes`.

        To complete commands and options, add a line to your shell's start file:

        | shell | file | line |
        |---|---|---|
        | bash | `~/.bashrc` | `eval "$(_RFQFLOW_COMPLETE=bash_source rfqflow)"` |
        | zsh | `~/.zshrc` | `eval "$(_RFQFLOW_COMPLETE=zsh_source rfqflow)"` |
        | fish | `~/.config/fish/completions/rfqflow.fish` | `_RFQFLOW_COMPLETE=fish_source rfqflow \\| source` |
        """), "\n"]  # fmt: skip
    for name, command in _children(main):
        parts += _command(f"rfqflow {name}", command)
    return "".join(parts)


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    usage = command.get_usage(context).removeprefix("Usage: ")
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    yield f"\n## {name}\n\n`{' '.join(usage.split())}`\n\n{text}\n"
    for line in (command.epilog or "").splitlines():
        if line.startswith("  "):
            yield f"\nExample: `{line.strip()}`\n"
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        yield "\n" + table(
            ("option", "description"),
            ((f"`{one.get_help_record(context)[0]}`", one.help) for one in options),  # type: ignore[index]
        )
    if isinstance(command, click.Group):
        for child, one in _children(command):
            yield from _command(f"{name} {child}", one)


def _children(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            yield name, command


def settings() -> str:
    """Every setting with its default and bounds."""
    rows = [(f"`{variable_of(name, one)}`", _COMPUTED.get(variable_of(name, one)) or _default(one), _bounds(one), one.description)
            for name, one in Settings.model_fields.items()]  # fmt: skip
    return (
        "# Settings\n\n"
        + MADE
        + "rfqflow reads settings from the environment, and otherwise from `rfqflow.toml` in the working directory "
        "(`concurrency = 64`, without the prefix). A value on which all daemons must agree is a "
        "[policy](policies.md), not a setting.\n\n"
        "rfqflow refuses invalid values with exit code 2. One message lists all of them, each with its option, "
        "variable or file. `run` also refuses a provider without its key, before it connects to the database. If a variable "
        "`RFQFLOW_...` or a key of the file is not a setting, rfqflow warns at start and in `doctor`, and names the most "
        "similar setting. It also warns about an archive folder that does not exist or that it cannot write to.\n\n"
        + table(("variable", "default", "bounds", "description"), rows)
        + "\nTwo variables concern only the embedded server: `RFQFLOW_PG_BIN` names the folder of its PostgreSQL binaries, and "
        "`RFQFLOW_PG_USER` the account under which it runs when root starts it (default `nobody`).\n"
    )


def variable_of(name: str, field: FieldInfo) -> str:
    """The environment variable of a field."""
    return str(field.validation_alias or f"RFQFLOW_{name.upper()}")


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None or field.default in (None, ()) or isinstance(field.default, SecretStr):
        return ""
    value = field.default
    if isinstance(value, bool):
        return f"`{value}`".lower()
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _bounds(field: FieldInfo) -> str:
    signs = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below", "min_length": "at least"}
    told = []
    for one in field.metadata:
        for name, text in signs.items():
            if (value := getattr(one, name, None)) is not None:
                told.append(f"{text} {value:g}" + (" characters" if name == "min_length" else ""))
    words = [value for value in get_args(field.annotation) if isinstance(value, str)]
    for part in get_args(field.annotation):
        words += [value for value in get_args(part) if isinstance(value, str)]
    return ", ".join(told) or ", ".join(f"`{word}`" for word in words)


async def database(conn: asyncpg.Connection) -> str:
    """Tables, views, functions and policies, with the text of `COMMENT ON`."""
    parts = ["# In the database\n\n", MADE, "This page has the descriptions that `\\d+` and `\\df+` in psql show.\n\n"]
    parts += [
        "## public.rfq_requests\n\n",
        table(("column", "type", "description"), map(_column, await conn.fetch(_OURS))),
    ]
    for title, kinds in (("Views", "v"), ("Tables", "rp")):
        parts.append(f"\n## {title}\n")
        for one in await conn.fetch(_RELATIONS):
            if one["kind"] in kinds and one["name"] != "rfqs":
                parts.append(f"\n### ai.{one['name']}\n\n{one['comment']}\n\n")
                parts.append(
                    table(("column", "type", "description"), map(_column, await conn.fetch(_COLUMNS, one["oid"])))
                )
    parts.append("\n## Functions\n")
    parts += [
        f"\n### {one['name']}\n\n`{one['name']}({' '.join(one['arguments'].split())})` returns `{one['result']}`\n\n"
        f"{one['comment']}\n"
        for one in await conn.fetch(_FUNCTIONS)
    ]
    parts.append("\n## Policies\n\n[Policies](policies.md) lists the rows of `ai.policy`.\n")
    return "".join(parts)


def policies(rows: list[asyncpg.Record]) -> str:
    """Every policy by purpose, with unit, default, and when to change it."""
    known = {row["key"]: row for row in rows}
    parts = [
        "# Policies\n\n", MADE, "A policy is a value that all workers agree on. `rfqflow policy` lists all policies, `rfqflow policy set KEY VALUE` "
        "changes one policy. The database checks the value and keeps the history. Workers use the new value within a second. Budgets are "
        "policies, too: set them by [`rfqflow budget set`](../how-to/cost.md).\n",
    ]  # fmt: skip
    for group in tomllib.loads(_POLICIES.read_text())["group"]:
        parts.append(f"\n## {group['title']}\n\n")
        found = [(known.pop(key), when) for key, when in group["when"].items()]
        parts.append(
            table(
                ("policy", "default", "unit", "description", "change it"),
                ((f"`{p['key']}`", f"`{p['value']}`", p["unit"], p["description"], when) for p, when in found),
            )
        )
    if known:
        message = f"docs/policies.toml lacks {', '.join(known)}"
        raise LookupError(message)
    return "".join(parts)


def schemas() -> str:
    """Every value that applications read as JSON, key by key."""
    parts = [
        "# JSON Schemas\n\n", MADE,
        "Each of the following values has a JSON Schema. `rfqflow schema NAME` prints the schema, and a file beside this page\n"
        "contains it. To generate types from a schema, use json-schema-to-typescript or datamodel-code-generator. Ignore keys\n"
        "that you do not know: a release may add some. The columns are in [the database](database.md#publicrfq_requests).\n",
    ]  # fmt: skip
    for name, schema in PUBLISHED.items():
        made = schema()
        parts.append(f"\n## {name}\n\n[{name}.schema.json]({name}.schema.json): {made['description']}\n")
        if "properties" in made:
            parts += ["\n", _fields(made, made["$defs"])]
        for title, part in made["$defs"].items():
            if "properties" in part:
                parts += [f"\n### {title}\n\n{part['description']}\n\n", _fields(part, made["$defs"])]
    return "".join(parts)


def _fields(part: dict[str, Any], shared: dict[str, Any]) -> str:
    return table(
        ("key", "type", "without it", "description"),
        (
            (
                f"`{name}`",
                _type(field, shared),
                "" if name in part["required"] else _absent(field.get("default")),
                field.get("description"),
            )
            for name, field in part["properties"].items()
        ),
    )


def _absent(default: object) -> str:
    return "none" if default in (None, []) else f"`{json.dumps(default).strip(chr(34))}`"


def _type(field: dict[str, Any], shared: dict[str, Any]) -> str:
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        return name if "properties" in shared[name] else _type(shared[name], shared)
    if "anyOf" in field:
        return " or ".join(_type(each, shared) for each in field["anyOf"])
    if "enum" in field or "const" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if field["type"] == "array":
        return f"list of {_type(field['items'], shared)}"
    if field["type"] == "object":
        return f"{_type(field['additionalProperties'], shared)} by path"
    digits = ", digits" if str(field.get("pattern", "")).startswith("^[0-9]") else ""
    return f"{field['type']}{digits}{', ' + field['format'] if 'format' in field else ''}"


def _column(row: asyncpg.Record) -> tuple[str, str, str]:
    return f"`{row['name']}`", row["type"], row["comment"]


async def pages(conn: asyncpg.Connection) -> dict[str, str]:
    """Name and text of each page."""
    reasons = await conn.fetch(REASONS)
    return {
        "commands.md": commands(),
        "settings.md": settings(),
        "database.md": await database(conn),
        "policies.md": policies(await conn.fetch(_POLICY)),
        "states.md": states(reasons),
        "../how-to/runbook.md": runbook(reasons),
        "schemas.md": schemas(),
        **{f"{name}.schema.json": json.dumps(made(), indent=2) + "\n" for name, made in PUBLISHED.items()},
    }


async def write(dsn: str) -> None:
    """Writes all of them, from a migrated database."""
    conn = await connect(dsn)
    try:
        await migrate.migrate(conn)
        for name, text in (await pages(conn)).items():
            (REFERENCE / name).write_text(text)
    finally:
        await conn.close(timeout=2)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="rfqflow-docs-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres") as server:
            asyncio.run(write(server.dsn))
