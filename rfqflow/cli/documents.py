"""`rfqflow docs`: reference documents that go into prompts."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import cell, console, print_json, table
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.core.text.sanitize import cut, one_line, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rfqflow.store.documents import Documents

KINDS = ("glossary", "catalogue", "rule", "example")
_BATCH = 100
_SECTION_CHARACTERS = 1500
_TITLE_CHARACTERS = 200
_BODY_CHARACTERS = 100_000
_DEFAULT_TOKENS = 600
_MOST_COMPLAINTS = 5
_FIELDS = {"kind", "title", "body", "route", "language", "keys"}
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SHOWN_CHARACTERS = 100


@dataclass(slots=True)
class _AddSummary:
    """The documents that the command added, and how many had each outcome."""

    outcomes: dict[str, int] = field(default_factory=lambda: {"added": 0, "known": 0, "restored": 0})
    documents: list[dict[str, Any]] = field(default_factory=list)


@example("rfqflow docs list")
@click.group("docs")
def docs() -> None:
    """Manage reference documents that go into prompts.

    Kinds are glossary, catalogue, rules and examples. Workers use them while the policy rag is on.
    """


@example("rfqflow docs add glossary.md --kind glossary --split")
@docs.command("add")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--kind", type=click.Choice(KINDS), help="Document kind.")
@click.option("--title", help="Set the title. Default: the first Markdown heading, else the file name.")
@click.option("--route", help="Route to which the documents belong.")
@click.option("--language", metavar="CODE", help="Language code, such as de.")
@click.option(
    "--split", is_flag=True, help="Make one document per section: split at headings, else every 1,500 characters."
)
@click.option(
    "--jsonl", metavar="FILE", help="Read documents from JSON Lines: kind, title, body, route, language, keys."
)
@click.option("--actor", help="Record this name in the audit. Default: the database role.")
@database
@json_
def add(
    *,
    files: tuple[str, ...],
    kind: str | None,
    title: str | None,
    route: str | None,
    language: str | None,
    split: bool,
    jsonl: str | None,
    actor: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Add text or Markdown files.

    FILE - is standard input. The command adds no second document with the same title and text.
    """
    from rfqflow.core.prompting.reference_documents import BYTES_PER_TOKEN
    from rfqflow.store.documents import Documents

    labels = {"kind": kind, "route": route, "language": language}

    if bool(files) == bool(jsonl):
        raise ConfigError("name text files (or - for standard input), or --jsonl FILE")
    if title and (jsonl or len(files) > 1):
        raise ConfigError("--title applies to one document: name only one file")
    if jsonl:
        documents = _from_jsonl(_read(jsonl), jsonl, labels)
    else:
        if not labels.get("kind"):
            raise ConfigError(f"--kind is missing: {', '.join(KINDS)}")
        documents = [document for name in files for document in _from_file(name, labels, title, split=split)]

    async def work(conn: Any) -> _AddSummary:
        return await _add(Documents(conn), documents, actor)

    result: _AddSummary = connected(database_url, work)
    if as_json:
        print_json({**result.outcomes, "documents": result.documents})
        return
    few = len(result.documents) <= _BATCH
    for document in result.documents if few else ():
        click.echo(f"{document['id']}  {document['outcome']}: {document['title']}")
    numbers = ", ".join(f"{number} {outcome}" for outcome, number in result.outcomes.items() if number)
    click.echo(f"{numbers} (known: the same title and text already exists)" if result.outcomes["known"] else numbers)
    long = [document for document in documents if len(document["body"].encode()) > _DEFAULT_TOKENS * BYTES_PER_TOKEN]
    if long and not split:
        click.echo(
            f"{len(long)} documents are longer than the {_DEFAULT_TOKENS} tokens that fit into a prompt (policy "
            "rag_tokens): prompts leave out their ends. --split makes a document of each section.",
            err=True,
        )


async def _add(store: Documents, documents: Sequence[dict[str, Any]], actor: str | None) -> _AddSummary:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    result = _AddSummary()
    shown = len(documents) > _BATCH and sys.stderr.isatty()
    with Progress(
        TextColumn("adding"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), disable=not shown
    ) as progress:
        bar = progress.add_task("documents", total=len(documents))
        for start in range(0, len(documents), _BATCH):
            batch = documents[start : start + _BATCH]
            # Each batch has its own transaction, so that a repeated command skips the batches before a failure.
            for document, done in zip(batch, await store.add(batch, actor), strict=True):
                result.outcomes[done["outcome"]] += 1
                result.documents.append({**done, "title": document["title"]})
            progress.update(bar, completed=start + len(batch))
    return result


@example("rfqflow docs list --kind glossary")
@docs.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="List only documents of this kind.")
@click.option("--all", "removed", is_flag=True, help="Include removed documents.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many.")
@database
@json_
def list_(*, kind: str | None, removed: bool, limit: int, database_url: str | None, as_json: bool) -> None:
    """List documents, the newest first."""
    from rfqflow.store.documents import Documents

    async def work(conn: Any) -> tuple[list[dict[str, Any]], int]:
        store = Documents(conn)
        return await store.newest(kind, removed=removed, limit=limit), await store.count(kind, removed=removed)

    rows, total = connected(database_url, work)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "kind", "title", "route", "language", "characters", "created_at", "created_by")
    shown = [
        {**document, "title": document["title"] + ("" if document["is_active"] else " (removed)")} for document in rows
    ]
    console().print(table(None, columns, [[row[key] for key in columns] for row in shown]))
    if total > len(rows):
        click.echo(f"the newest {len(rows)} of {total}: --limit shows more", err=True)


@example("rfqflow docs remove 3 4")
@docs.command("remove")
@click.argument("document_ids", type=click.IntRange(1), nargs=-1, required=True, metavar="ID...")
@click.option("--erase", is_flag=True, help="Delete the text for good. Past runs can then no longer show it.")
@database
@json_
def remove(*, document_ids: tuple[int, ...], erase: bool, database_url: str | None, as_json: bool) -> None:
    """Remove documents from every search.

    To restore a document, add the same text again.
    """
    from rfqflow.store.documents import Documents

    async def work(conn: Any) -> list[int]:
        store = Documents(conn)
        return [
            document_id for document_id in dict.fromkeys(document_ids) if await store.remove(document_id, erase=erase)
        ]

    removed: list[int] = connected(database_url, work)
    absent = [document_id for document_id in dict.fromkeys(document_ids) if document_id not in removed]
    if as_json:
        print_json({"removed": removed, "absent": absent, "erased": erase})
    elif removed:
        click.echo(f"{'erased' if erase else 'removed'}: {', '.join(map(str, removed))}")
    if absent:
        raise RfqflowError(f"document not found: {', '.join(map(str, absent))}: see `rfqflow docs list`")


@example('rfqflow docs search "stainless ball valves DN50"')
@docs.command("search")
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many.")
@database
@json_
def search(*, text: str, limit: int, database_url: str | None, as_json: bool) -> None:
    """Show which documents a message would find.

    TEXT is the message; - is standard input. The command shows each document with the retriever that found it.
    """
    from rfqflow.store.documents import Documents

    asked = _read("-") if text == "-" else text

    async def work(conn: Any) -> list[dict[str, Any]]:
        return await Documents(conn).search(asked.replace("\0", " "), limit)

    rows = connected(database_url, work)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("nothing fits")
        return
    console().print(
        table(
            None,
            ("id", "score", "kind", "route", "title", "found by", "text"),
            [
                [
                    document["id"],
                    f"{document['score']:.4f}",
                    document["kind"],
                    document["route"],
                    document["title"],
                    "; ".join(_leg(name, detail) for name, detail in sorted(document["legs"].items())),
                    cut(one_line(document["body"]), _SHOWN_CHARACTERS),
                ]
                for document in rows
            ],
        )
    )


def _leg(name: str, detail: dict[str, Any]) -> str:
    what = cell(detail["keys"]) if "keys" in detail else f"{detail['score']:.2f}"
    return f"{name} #{detail['rank']} ({what})"


def _read(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{_named(name)} is not UTF-8 text") from None
    if "\0" in text:
        raise ConfigError(f"{_named(name)} is not text: it has NUL characters")
    return text


def _named(name: str) -> str:
    return "standard input" if name == "-" else name


def _from_file(name: str, labels: dict[str, str | None], title: str | None, *, split: bool) -> list[dict[str, Any]]:
    from rfqflow.core.prompting.reference_documents import heading, sections

    text = visible(_read(name)).strip()
    if not text:
        raise ConfigError(f"{_named(name)} is empty")
    named = title or heading(text.split("\n", 1)[0]) or ("standard input" if name == "-" else Path(name).stem)
    found = []
    for number, part in enumerate(sections(text, _SECTION_CHARACTERS) if split else [text], 1):
        own = heading(part)
        if split and own and own != named:
            titled = f"{named}: {own}"
        else:
            titled = named if number == 1 else f"{named} ({number})"
        found.append({**labels, "title": cut(one_line(titled), _TITLE_CHARACTERS), "body": part})
    complaints = [complaint for document in found for complaint in _complaints(document)]
    if complaints:
        raise ConfigError(f"{_named(name)}: {complaints[0]}; --split makes a document of each section")
    return found


def _from_jsonl(text: str, name: str, labels: dict[str, str | None]) -> list[dict[str, Any]]:
    documents, wrong = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError:
            wrong.append(f"line {number}: not JSON")
            continue
        if not isinstance(given, dict):
            wrong.append(f"line {number}: not an object")
            continue
        document = {**{key: value for key, value in labels.items() if value}, **given}
        complaints = _complaints(document)
        wrong += [f"line {number}: {complaint}" for complaint in complaints]
        if not complaints:
            documents.append({**document, "body": visible(document["body"]), "title": one_line(document["title"])})
    if wrong:
        more = f"; {len(wrong) - _MOST_COMPLAINTS} more" if len(wrong) > _MOST_COMPLAINTS else ""
        raise ConfigError(f"{_named(name)}: {'; '.join(wrong[:_MOST_COMPLAINTS])}{more}. Nothing was added.")
    if not documents:
        raise ConfigError(f"{_named(name)} holds no document")
    return documents


def _complaints(document: dict[str, Any]) -> list[str]:
    """Why the line is not a valid document. Repeats the database's rules, to report all wrong lines at once."""
    wrong = [f"unknown field {key}" for key in sorted(set(document) - _FIELDS)]
    if document.get("kind") not in KINDS:
        wrong.append(f"kind must be one of {', '.join(KINDS)}")
    for key, most in (("title", _TITLE_CHARACTERS), ("body", _BODY_CHARACTERS)):
        text = document.get(key)
        if not isinstance(text, str) or not one_line(text):
            wrong.append(f"{key} is missing")
        elif len(text) > most:
            wrong.append(f"{key} is longer than {most} characters")
    language = document.get("language")
    if language is not None and not (isinstance(language, str) and _LANGUAGE.fullmatch(language)):
        wrong.append("language must be a code such as de")
    if not isinstance(document.get("route", ""), str | None):
        wrong.append("route must be a word")
    keys = document.get("keys", [])
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        wrong.append("keys must be a list of texts")
    return wrong
