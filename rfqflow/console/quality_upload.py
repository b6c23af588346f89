"""Uploads cases as JSON Lines. Checks each line, lets the operator confirm the numbers, and saves all cases or none."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.responses import RedirectResponse
from starlette.routing import Route

from rfqflow.console.operations import Asked, rfqs, with_notice
from rfqflow.console.quality_view import value_text
from rfqflow.core.errors import ConfigError
from rfqflow.core.evaluation.cases import without_contact
from rfqflow.core.roles import Role
from rfqflow.evaluation.runner import LineProblem, check_cases, strangers

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.core.evaluation.cases import Case

FILE_MOST = 4 * 1024 * 1024
LINES_MOST = 10_000
_PROBLEMS_SHOWN = 100
_KEPT_MOST = 256 * 1024  # longest text that the page shows in a form field again, in characters
_BEGINNING = 160
_REFUSED, _CHANGED = 400, 409
_PATH = "/quality/upload"


@dataclass(slots=True)
class _Given:
    """The uploaded text, and what is in it. `wrong`: an error of the whole file; `problems`: errors of lines."""

    text: str = ""
    masks: bool = True
    cases: list[Case] = field(default_factory=list)
    unlabelled: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    wrong: str = ""


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route(_PATH, guarded(upload, needs=Role.OPERATOR)),
        Route(_PATH, guarded(take_in, needs=Role.OPERATOR, file_most=FILE_MOST), methods=["POST"]),
    ]


async def upload(console: Console, _request: Request, session: Session) -> Response:
    return _form(console, session, _Given())


async def take_in(console: Console, request: Request, session: Session) -> Response:
    """Saves the cases after the operator confirms. If a line is invalid, saves nothing."""
    asked, files = Asked.of(request), getattr(request.state, "files", {})
    # Not a value of `Asked`, which would strip space from the text, so that line numbers could be wrong.
    text = (request.state.form.get("text") or [""])[0]
    given = await asyncio.to_thread(_read, files.get("file"), text, asked("mask") == "1")
    if given.wrong or given.problems:
        return _form(console, session, given, _REFUSED)
    if asked("confirmed") == "1":
        if asked("back"):
            return _form(console, session, given)
        return await _saved(console, session, given, asked)
    return await _confirm(console, session, given)


async def _saved(console: Console, session: Session, given: _Given, asked: Asked) -> Response:
    numbers = [asked("new"), asked("changed")]
    if not all(one.isdecimal() and len(one) < 10 for one in numbers):  # noqa: PLR2004 - digits
        return await _confirm(console, session, given)
    expected = int(numbers[0]), int(numbers[1])
    try:
        new, changed = await console.quality.evaluations.save_cases(
            given.cases, session.actor, noted=True, expected=expected
        )
    except ConfigError as error:
        return await _confirm(console, session, given, str(error), _CHANGED)
    said = f"{rfqs(new, 'cases are', 'case is')} new, {rfqs(changed, 'are', 'is')} changed."
    return RedirectResponse(with_notice(console, session, "/quality/cases", said), 303)


async def _confirm(console: Console, session: Session, given: _Given, error: str = "", status: int = 200) -> Response:
    new, changed, sample = await console.quality.labelled.preview(given.cases)
    return console.page(
        session, "upload_confirm.html", status=status, page="prompts", said=None, given=given, new=new, changed=changed,
        same=len(given.cases) - new - changed, error=error,
        sample=[_changes_of(row) for row in sample if not row["is_new"]],
        unknown=strangers(given.cases, await console.quality.evaluations.routes()),
    )  # fmt: skip


def _changes_of(row: dict[str, Any]) -> dict[str, Any]:
    """The effects of an upload on an existing case."""
    old, new = json.loads(row["old_labels"]), json.loads(row["labels"])
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    changes = [f"{name}: {value_text(old.get(name))} \u2192 {value_text(new.get(name))}" for name in names]
    if row["has_other_text"]:
        changes.append("another text")
    if not row["is_active"]:
        changes.append("active again")
    return {"case_id": row["case_id"], "changes": changes or ["family or contact data"]}


def _form(console: Console, session: Session, given: _Given, status: int = 200) -> Response:
    return console.page(
        session, "upload.html", status=status, page="prompts", said=None, given=given,
        shown=given.problems[:_PROBLEMS_SHOWN], kept=given.text if len(given.text) <= _KEPT_MOST else "",
        is_kept=len(given.text) <= _KEPT_MOST, most=FILE_MOST, lines_most=LINES_MOST,
    )  # fmt: skip


def _read(file: bytes | None, text: str, masks: bool) -> _Given:
    given = _Given(text, masks)
    if file is not None:
        try:
            given.text = file.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = file.count(b"\n", 0, error.start) + 1
            given.wrong = f"The file is not UTF-8: see line {line:,}. Nothing was saved."
            return given
    numbered = enumerate(io.StringIO(given.text, newline=None), 1)
    lines = [(number, line) for number, line in numbered if line.strip()]
    if not lines:
        given.wrong = "Choose a file, or paste lines with one case per line."
        return given
    if len(lines) > LINES_MOST:
        given.wrong = f"There are {len(lines):,} lines; an upload may have {LINES_MOST:,}. Nothing was saved."
        return given
    found: list[tuple[int, Any]] = []
    problems: list[LineProblem] = []
    for at, each in lines:
        try:
            found.append((at, json.loads(each, parse_constant=_no_constant)))
        except (ValueError, RecursionError) as error:
            problems.append(LineProblem(at, "line", f"is not JSON: {_about(error)}"))
    checked = check_cases(found)
    texts = dict(lines)
    given.problems = [
        {"line": one.line, "field": one.field, "text": one.text, "beginning": texts[one.line].strip()[:_BEGINNING]}
        for one in sorted([*problems, *checked.problems], key=lambda one: one.line)
    ]
    given.cases = [without_contact(case) for case in checked.cases] if masks else checked.cases
    given.unlabelled = checked.unlabelled
    if not given.problems and not given.cases:
        given.wrong = f"None of the {len(lines):,} lines has labels, so no line is a case."
    return given


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _about(error: Exception) -> str:
    """The position and the reason of an error, without the customer's text."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else "not a number, or too many digits"
