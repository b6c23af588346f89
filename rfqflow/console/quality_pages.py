"""Pages about quality: cases, their evaluation results, and how often people change answers."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.routing import Route

from rfqflow.console import quality_upload
from rfqflow.console.formatting import visible
from rfqflow.console.operations import Asked, notice_of
from rfqflow.console.plots import bins_of, chart_of
from rfqflow.console.quality_view import fields_of, labels_of, listed, of_run, shown_company, state_of
from rfqflow.core.evaluation.case_judgement import judge, judged_cases
from rfqflow.core.evaluation.statistics import wilson
from rfqflow.core.prompting.masking import mask_once
from rfqflow.reporting.svg_charts import Series, lines
from rfqflow.store.evaluation_cases import CaseFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.core.evaluation.case_judgement import JudgedCase
    from rfqflow.store.evaluation_cases import CaseRow

PROVENANCES = {
    "override": "From overrides", "correction": "From corrections", "sample": "Sampled and labelled",
    "file": "Imported",
}  # fmt: skip
PAGE = 50
_ANSWERS_SHOWN = 20
_TEXT_MOST = 12_000
_SERIES_MOST = 5
_FIELDS_MOST = 12
_WORDS_MOST = 200
_SHOWS = {"wrong": "Wrong", "right": "Right", "unanswered": "Without an answer", "all": "All"}
RANGES = {
    "30d": ("30 days", 30, dt.timedelta(days=1)), "90d": ("90 days", 91, dt.timedelta(days=7)),
    "1y": ("a year", 364, dt.timedelta(days=28)),
}  # fmt: skip
_USUAL = "90d"


def routes(guarded: Callable[..., Any]) -> list[Route]:
    return [
        Route("/quality/cases", guarded(cases)),
        Route("/quality/case", guarded(case)),
        Route("/quality/edits", guarded(edits)),
        Route("/evaluations/{run:int}/cases", guarded(run_cases)),
        *quality_upload.routes(guarded),
    ]


async def cases(console: Console, request: Request, session: Session) -> Response:
    """The list of labelled RFQs, each with its result in the newest evaluation."""
    asked, labelled = Asked.of(request), console.quality.labelled
    wanted = CaseFilter(
        asked("retired") != "1", asked("from") if asked("from") in PROVENANCES else None,
        asked("route")[:_WORDS_MOST] or None, asked("q")[:_WORDS_MOST] or None, asked("after") or None,
    )  # fmt: skip
    run = await labelled.newest_run()
    found = await labelled.listed(wanted, run, PAGE + 1)
    counts = await labelled.counts()
    about = None if run is None else await console.quality.evaluations.run(run)
    rows = await asyncio.to_thread(lambda: [listed(row) for row in found[:PAGE]])
    given = {name: asked(name) for name in ("from", "route", "q", "retired") if asked(name)}
    return console.page(
        session, "cases.html", page="prompts", said=None, notice=notice_of(console, request, session), rows=rows,
        about=about, routes=await labelled.routes(), given=given, provenances=_counted(counts, active=wanted.active),
        total=sum(one["cases"] for one in counts if one["is_active"]),
        retired=sum(one["cases"] for one in counts if not one["is_active"]), later=bool(asked("after")),
        first=f"/quality/cases?{urlencode(given)}",
        onward=urlencode({**given, "after": found[PAGE - 1].case.case_id}) if len(found) > PAGE else None,
        links={name: urlencode({**{k: v for k, v in given.items() if k != "from"}, **({"from": name} if name else {})})
               for name in ("", *PROVENANCES)},
    )  # fmt: skip


def _counted(counts: Sequence[dict[str, Any]], *, active: bool) -> list[tuple[str, str, int]]:
    found = {one["provenance"]: one["cases"] for one in counts if one["is_active"] == active}
    return [(name, text, found[name]) for name, text in PROVENANCES.items() if name in found]


async def case(console: Console, request: Request, session: Session) -> Response:
    case_id = request.query_params.get("id", "").replace("\x00", "")
    row = await console.quality.labelled.one(case_id) if case_id else None
    if row is None:
        return console.problem(
            session, 404, "No such case", "The case has been erased, or the address has a typing error."
        )
    answers = await console.quality.labelled.answers(case_id, _ANSWERS_SHOWN)
    text = await asyncio.to_thread(mask_once, row.case.message)
    now = row.case.sha256
    shown = [
        {
            **about, "fields": fields_of(judge([result])), "state": state_of(judge([result]), _errors(result)),
            "errors": _errors(result), "other_text": sha256 != now,
            "other_labels": result.labels != row.case.labels,
        }
        for about, sha256, result in answers
    ]  # fmt: skip
    return console.page(
        session, "case.html", page="prompts", said=None, one=row.case, row=row, text=visible(text[:_TEXT_MOST]),
        is_cut=len(text) > _TEXT_MOST, answers=shown, labels=labels_of(row.case.labels),
        raw=json.dumps(dict(row.case.labels), indent=2, sort_keys=True, ensure_ascii=False),
        company=shown_company(row), given=sorted(key for key, value in row.case.contact.items() if value),
        provenance=PROVENANCES[row.case.provenance],
    )  # fmt: skip


def _errors(result: Any) -> tuple[str, ...]:
    return (result.error_class,) if result.error_class else ()


async def run_cases(console: Console, request: Request, session: Session) -> Response:
    """The cases of an evaluation, each with its text, the expected and the given answer. Wrong cases come first."""
    asked, evaluations = Asked.of(request), console.quality.evaluations
    about = await evaluations.run(request.path_params["run"])
    results = await evaluations.results(about["eval_run"])
    judged = await asyncio.to_thread(judged_cases, results)
    groups = {
        "wrong": [one for one in judged if not one.right and not one.errors],
        "right": [one for one in judged if one.right], "unanswered": [one for one in judged if one.errors],
        "all": judged,
    }  # fmt: skip
    show = asked("show") if asked("show") in groups else "wrong" if groups["wrong"] else "all"
    number, shown = page_of(groups[show], asked("page"))
    return console.page(
        session, "evaluation_cases.html", page="prompts", said=None, about=about, show=show, shows=_SHOWS,
        counts={name: len(found) for name, found in groups.items()}, number=number, total=len(groups[show]),
        size=PAGE, rows=await run_rows(console, about["eval_run"], shown),
    )  # fmt: skip


async def run_rows(console: Console, eval_run: int, shown: Sequence[JudgedCase]) -> list[dict[str, Any]]:
    kept, hashes = await texts_of(console, eval_run, [one.case_id for one in shown])
    return await asyncio.to_thread(lambda: [of_run(one, kept, hashes) for one in shown])


async def texts_of(
    console: Console, eval_run: int, case_ids: Sequence[str]
) -> tuple[dict[str, CaseRow], dict[str, bytes]]:
    """The stored cases of an evaluation, and the hash of each text that the evaluation sent."""
    labelled = console.quality.labelled
    return await labelled.named(case_ids), await labelled.hashes(eval_run, case_ids)


def page_of(found: Sequence[Any], asked: str) -> tuple[int, Sequence[Any]]:
    """The number of the page, from 1, and its entries. A number after the last page gives the last page."""
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 10 else 1  # noqa: PLR2004 - digits
    return number, found[(number - 1) * PAGE : number * PAGE]


# -- how often people change answers -----------------------------------------------------------------------------------


async def edits(console: Console, request: Request, session: Session) -> Response:
    """Shows which values people changed in handled answers, by prompt version and over time."""
    asked = request.query_params.get("range", _USUAL)
    name = asked if asked in RANGES else _USUAL
    _, days, each = RANGES[name]
    bins = bins_of((await console.pages.clock()).astimezone(dt.UTC), days * 24, each)
    by_prompt = await console.quality.edits_by_prompt(bins[0])
    for one in by_prompt:
        one["low"], one["high"] = wilson(one["edited_answers"], one["answers"])
        one["rate"] = one["edited_answers"] / one["answers"]
        one["line_rate"] = one["edited_lines"] / one["lines"] if one["lines"] else None
    rows = await console.quality.edits_over_time(bins[0], each)
    marks = [
        {"at": one["at"].timestamp(), "name": one["name"]}
        for one in await console.pages.plots.prompts_activated(bins[0])
    ]
    chart = chart_of(
        "Edit rate by prompt", "Share of handled answers that people changed, by the time at which they handled them. "
        "In a gap, people handled no answer.", "share",
        _rates(rows, [one["prompt_version"] for one in by_prompt], bins), bins, each, drawn=lines, marks=marks,
    )  # fmt: skip
    return console.page(
        session, "edits.html", page="prompts", said=None, rows=by_prompt, chart=chart, ranges=RANGES, chosen=name,
        fields=await console.quality.edited_fields(bins[0], _FIELDS_MOST),
        answers=sum(one["answers"] for one in by_prompt), edited=sum(one["edited_answers"] for one in by_prompt),
    )  # fmt: skip


def _rates(rows: Sequence[dict[str, Any]], prompts: Sequence[str], bins: Sequence[dt.datetime]) -> list[Series]:
    """A chart line for each of the newest prompts. Only the table has the figures of older prompts."""
    found = []
    for prompt in prompts[:_SERIES_MOST]:
        rates = {row["at"]: row["edited_answers"] / row["answers"] for row in rows if row["prompt_version"] == prompt}
        found.append(Series(prompt or "no prompt", [rates.get(at) for at in bins]))
    return found
