"""The files of `sql/`: which files, in which order, and what rfqflow reads from them."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import RfqflowError
from rfqflow.core.records import Route

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

# Every migrate applies these files, since other roles may have undone what they did. They change nothing that is in
# place.
STANDIN, COLUMNS, READ, PATH, REFERENCE, ENQUEUE, ATTACHMENTS, GUARD, GRANTS, TRIGGERS, FILE_TRIGGERS = ALWAYS = (
    "attach/20_standin.sql", "attach/30_columns.sql", "attach/35_read.sql", "attach/40_path.sql",
    "attach/45_reference.sql", "attach/50_enqueue.sql", "attach/55_attachments.sql", "attach/60_guard.sql",
    "grants.sql", "attach/70_triggers.sql", "attach/75_attachment_triggers.sql",
)  # fmt: skip
# These files check before migrate changes anything. The ledger does not list them.
CHECKS = ("attach/10_check.sql", "attach/15_check_attachments.sql")
SUBMIT = "functions/15_submit.sql"
ROUTES = "seed/routes.toml"
_BASELINE = ("schema/", "seed/")
_LINE = 148
_NO_MIGRATION = "0001_baseline"  # the newest migration of a release without migrations


@dataclass(frozen=True, slots=True)
class Step:
    """One file of `sql/`."""

    name: str
    text: str
    sha256: str

    @property
    def once(self) -> bool:
        return self.name.startswith((*_BASELINE, "migrations/"))

    @property
    def breaking(self) -> bool:
        """Whether workers of earlier releases cannot work after this migration. The file's first line says so."""
        return self.text.startswith("-- breaking")


@cache
def sql_root() -> Traversable:
    """The folder `sql/`: inside the package in a wheel, beside the package in a checkout."""
    packaged = files("rfqflow") / "sql"
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).resolve().parents[2] / "sql"
    if checkout.is_dir():
        return checkout
    raise RfqflowError("the SQL files are missing in this installation: install rfqflow again")


def steps() -> list[Step]:
    """All files in the order in which migrate applies them.

    The application's table comes last, so that it is locked only briefly.
    """
    root = sql_root()

    def folder(name: str) -> list[str]:
        if not (root / name).is_dir():
            return []
        return sorted(f"{name}/{entry.name}" for entry in (root / name).iterdir() if entry.name.endswith(".sql"))

    standin, *attach, triggers, file_triggers = [name for name in folder("attach") if name not in CHECKS]
    names = [
        *folder("schema"), ROUTES, *folder("migrations"), standin, *folder("functions"), *folder("views"), *attach,
        GRANTS, triggers, file_triggers,
    ]  # fmt: skip
    return [read(name) for name in names]


def read(name: str) -> Step:
    """Reads one file as a step."""
    return _read(sql_root(), name)  # type: ignore[arg-type]  # a Path, which is hashable


@cache
def _read(root: Traversable, name: str) -> Step:
    raw = root.joinpath(*name.split("/")).read_bytes()
    return Step(name, _routes_inserted() if name == ROUTES else raw.decode(), hashlib.sha256(raw).hexdigest())


def check() -> Step:
    """The checks before all other files, as one step with the name of the first check."""
    text = "\n".join(read(name).text for name in CHECKS)
    return Step(CHECKS[0], text, hashlib.sha256(text.encode()).hexdigest())


@cache
def released_files() -> list[str]:
    """Names of all files of this release."""
    return [step.name for step in steps()]


def migrations() -> list[str]:
    """Names of the files that change the baseline."""
    return [step.name for step in steps() if step.name.startswith("migrations/")]


def newest_migration() -> str:
    """Name of the last migration of this release, such as 0011_actions."""
    return max(migrations(), default=_NO_MIGRATION).removeprefix("migrations/").removesuffix(".sql")


def _signature(text: str) -> dict[str, Any]:
    """Name and number of arguments of a function, from text such as `name(a integer, b text) returns ...`."""
    name, _, rest = text.partition("(")
    depth, arguments = 0, [""]
    for letter in rest:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += letter
    named = [argument for argument in arguments if argument.strip()]
    return {"name": name, "least": sum(" default " not in argument for argument in named), "most": len(named)}


@cache
def made_in_schema() -> str:
    """The objects that the files create in schema ai, as JSON.

    `attach/10_check.sql` refuses foreign objects with these names.
    """
    text = "\n".join(re.sub(r"--[^\n]*", "", step.text) for step in steps())
    made = r"create (?:table|sequence|(?:or replace )?view)(?: if not exists)? ai\.([a-z_]+)"
    relations = set(re.findall(made, text))
    functions = {
        json.dumps(_signature(found)) for found in re.findall(r"create or replace function ai\.([a-z_]+\([^;$]*)", text)
    }
    return json.dumps(
        {"relations": sorted(relations), "functions": [json.loads(function) for function in sorted(functions)]}
    )


@cache
def shipped_routes() -> tuple[Route, ...]:
    """The routes with which a new installation starts."""
    found = tomllib.loads(sql_root().joinpath(*ROUTES.split("/")).read_text("utf-8"))
    return tuple(
        Route(
            slug,
            route["description"],
            tuple(" ".join(keyword.split()) for keyword in route["keywords"].split(",")),
            route.get("is_fallback", False),
        )
        for slug, route in found.items()
    )


@cache
def _routes_inserted() -> str:
    """The SQL that inserts the routes. psql cannot read TOML, so `sql/install.sql` contains this text."""
    rows = ",\n".join(
        f"({_quoted(route.slug)}, {_quoted(route.description)}, array[\n{_wrapped(map(_quoted, route.keywords))}\n], "
        f"{str(route.fallback).lower()})"
        for route in shipped_routes()
    )
    into = "insert into ai.routes (slug, description, keywords, is_fallback) values"
    return f"{into}\n{rows}\non conflict (slug) do nothing;\n"


def _wrapped(words: Iterable[str]) -> str:
    """Joins the words with commas, in lines of limited length, and breaks no word."""
    lines: list[str] = [""]
    for word in words:
        if len(lines[-1]) + len(word) > _LINE:
            lines.append("")
        lines[-1] += f" {word},"
    return "\n".join(lines).removesuffix(",")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_GRANT = re.compile(r"grant (execute on function|select on)\s+([^;]+?)\s+to (rfqflow_\w+);")
_NAME = re.compile(r"\b(?:ai|public)\.([a-z_]+)")


@cache
def granted_rights() -> dict[str, tuple[list[str], list[str]]]:
    """By role: the functions and relations that the grants file grants to it."""
    text = sql_root().joinpath("grants.sql").read_text("utf-8")
    granted: dict[str, tuple[list[str], list[str]]] = {}
    for what, names, role in _GRANT.findall(text):
        functions, relations = granted.setdefault(role, ([], []))
        (relations if what == "select on" else functions).extend(_NAME.findall(names))
    return granted


def worker_rights() -> tuple[list[str], list[str]]:
    """The functions and relations of schema ai for which a worker needs rights."""
    return granted_rights()["rfqflow_worker"]
