"""`rfqflow docs`."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from rfqflow.cli.output import cell, connected, console, print_json, table
from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.core.prompting.reference_documents import BYTES_PER_TOKEN, heading, sections
from rfqflow.core.text.sanitize import cut, one_line, visible
from rfqflow.store.documents import Documents

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """What became of what was given."""

    outcomes: dict[str, int] = field(default_factory=lambda: {"added": 0, "known": 0, "restored": 0})
    documents: list[dict[str, Any]] = field(default_factory=list)


def add(
    database_url: str | None,
    files: Sequence[str],
    jsonl: str | None,
    *,
    labels: dict[str, str | None],
    title: str | None,
    split: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Adds files, or a file of many documents; nothing at all where one of them cannot be a document."""
    if bool(files) == bool(jsonl):
        raise ConfigError("name text files (or - for standard input), or --jsonl FILE")
    if title and (jsonl or len(files) > 1):
        raise ConfigError("--title names one document: give it with one file")
    if jsonl:
        documents = _from_jsonl(_read(jsonl), jsonl, labels)
    else:
        if not labels.get("kind"):
            raise ConfigError(f"--kind is missing: {', '.join(KINDS)}")
        documents = [one for name in files for one in _from_file(name, labels, title, split=split)]

    async def work(conn: Any) -> _AddSummary:
        return await _add(Documents(conn), documents, actor)

    told: _AddSummary = connected(database_url, work)
    if as_json:
        print_json({**told.outcomes, "documents": told.documents})
        return
    few = len(told.documents) <= _BATCH
    for one in told.documents if few else ():
        click.echo(f"{one['id']}  {one['outcome']}: {one['title']}")
    numbers = ", ".join(f"{number} {outcome}" for outcome, number in told.outcomes.items() if number)
    click.echo(f"{numbers} (the same title and text was there)" if told.outcomes["known"] else numbers)
    long = [one for one in documents if len(one["body"].encode()) > _DEFAULT_TOKENS * BYTES_PER_TOKEN]
    if long and not split:
        click.echo(
            f"{len(long)} longer than the {_DEFAULT_TOKENS} tokens that go into a prompt (policy rag_tokens): "
            "their ends will be cut off there. --split adds a file section by section.",
            err=True,
        )


async def _add(desk: Documents, documents: Sequence[dict[str, Any]], actor: str | None) -> _AddSummary:
    told = _AddSummary()
    shown = len(documents) > _BATCH and sys.stderr.isatty()
    with Progress(
        TextColumn("adding"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), disable=not shown
    ) as progress:
        bar = progress.add_task("documents", total=len(documents))
        for start in range(0, len(documents), _BATCH):
            batch = documents[start : start + _BATCH]
            # Each batch commits by itself: what was added before a failure is known the next time.
            for document, done in zip(batch, await desk.add(batch, actor), strict=True):
                told.outcomes[done["outcome"]] += 1
                told.documents.append({**done, "title": document["title"]})
            progress.update(bar, completed=start + len(batch))
    return told


def list_(database_url: str | None, kind: str | None, *, removed: bool, limit: int, as_json: bool) -> None:
    """Prints documents, the newest first."""

    async def work(conn: Any) -> tuple[list[dict[str, Any]], int]:
        desk = Documents(conn)
        return await desk.newest(kind, removed=removed, limit=limit), await desk.count(kind, removed=removed)

    rows, total = connected(database_url, work)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "kind", "title", "route", "language", "characters", "created_at", "created_by")
    shown = [{**one, "title": one["title"] + ("" if one["is_active"] else " (removed)")} for one in rows]
    console().print(table(None, columns, [[one[key] for key in columns] for one in shown]))
    if total > len(rows):
        click.echo(f"the newest {len(rows)} of {total}: --limit shows more", err=True)


def remove(database_url: str | None, document_ids: Sequence[int], *, erase: bool, as_json: bool) -> None:
    """Takes documents out of every search; those that are not there are told, with exit code 1."""

    async def work(conn: Any) -> list[int]:
        desk = Documents(conn)
        return [one for one in dict.fromkeys(document_ids) if await desk.remove(one, erase=erase)]

    removed: list[int] = connected(database_url, work)
    absent = [one for one in dict.fromkeys(document_ids) if one not in removed]
    if as_json:
        print_json({"removed": removed, "absent": absent, "erased": erase})
    elif removed:
        click.echo(f"{'erased' if erase else 'removed'}: {', '.join(map(str, removed))}")
    if absent:
        raise RfqflowError(f"there is no document {', '.join(map(str, absent))}: see `rfqflow docs list`")


def search(database_url: str | None, text: str, limit: int, *, as_json: bool) -> None:
    """Prints what would be found for a message."""
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
                    one["id"],
                    f"{one['score']:.4f}",
                    one["kind"],
                    one["route"],
                    one["title"],
                    "; ".join(_leg(name, detail) for name, detail in sorted(one["legs"].items())),
                    cut(one_line(one["body"]), _SHOWN_CHARACTERS),
                ]
                for one in rows
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
    complaints = [complaint for one in found for complaint in _complaints(one)]
    if complaints:
        raise ConfigError(f"{_named(name)}: {complaints[0]}; --split adds a long file section by section")
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
        raise ConfigError(f"{_named(name)} has no document")
    return documents


def _complaints(document: dict[str, Any]) -> list[str]:
    """Why it cannot be a document; as the database would say, but for each line at once."""
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
