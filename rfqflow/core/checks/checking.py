"""Runs all checks of one answer, and applies their results."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rfqflow.core.answer import Check, FactVerdict, Money, incomplete
from rfqflow.core.checks.completeness import cancelled, left_out
from rfqflow.core.checks.items import VERIFIED, Found, ItemChecks, unverified
from rfqflow.core.checks.mentions import Kind
from rfqflow.core.checks.source import Source, squashed
from rfqflow.core.checks.terms import TermChecks
from rfqflow.core.checks.uncited import UncitedChecks, with_likely_lines
from rfqflow.core.checks.wording import summary_faults
from rfqflow.core.lists import MOST_ITEMS, Completed, ListedItem, complete
from rfqflow.core.text.thread import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rfqflow.core.answer import Answer, LineItem, Missing
    from rfqflow.core.records import Rfq

CONTRADICTED_FACT = "contradicted_fact"
ITEMS_INCOMPLETE = "items_incomplete"


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to show, with its checks, and by fact the model's values that the text contradicts."""

    answer: Answer
    taken_out: Mapping[str, str] = field(default_factory=dict)


def check(answer: Answer, rfq: Rfq, *, asked_to: int | None = None, passed_over: int = 0) -> Checked:
    """Checks every fact of the answer against the RFQ's readable text.

    `asked_to`: the last line that the model was asked about, if later lines were not sent. `passed_over`: the number of
    earlier lines that the model seems to have skipped.
    """
    source = Source(rfq.reading)
    pictures = frozenset(line for line, _ in rfq.pictures)
    completed = _completed(answer, rfq)
    if completed.items is not answer.line_items:
        answer = answer.model_copy(update={"line_items": completed.items})
    checks: dict[str, Check] = dict(answer.checks)
    taken_out: dict[str, Any] = {}
    items = [
        _checked_item(f"line_items[{number}]", item, checker, checks, taken_out, pictures)
        for number, (item, checker) in enumerate(
            zip(answer.line_items, _item_checks(answer.line_items, source, rfq), strict=True)
        )
    ]
    update: dict[str, Any] = {"line_items": tuple(items)}
    _check_terms(answer, source, rfq, checks, taken_out, update)
    for path, found in _of_the_whole(answer, source, rfq):
        if path not in checks:  # a path that has a check already had an invalid value, which was removed
            checks[path] = _noted(found.verdict, found.why, ())
    for number in completed.by_rule:
        by_rule = Check(verdict=FactVerdict.VERIFIED, why="by_rule", lines=answer.line_items[number].lines)
        checks.setdefault(f"line_items[{number}]", by_rule)
    missing = completed.missing_count
    if not missing and answer.intent in ("rfq", "order"):
        missing = max(passed_over, left_out(answer.line_items, source, asked_to=asked_to))
    known = answer.checks.get("line_items")  # items that exceed the maximum of an answer, or that were not sent
    missing += (known.count or 0) if known else 0
    if missing:
        checks["line_items"] = incomplete(missing)
    update["missing"] = _still_missing(answer, taken_out)
    update["evidence"] = tuple(e for e in answer.evidence if squashed(e.text) in source.joined)
    update["checks"] = checks
    return Checked(answer.model_copy(update=update), {path: _said(value) for path, value in taken_out.items()})


def _item_checks(items: Sequence[LineItem], source: Source, rfq: Rfq) -> Iterator[ItemChecks]:
    rows = _rows_by_line(rfq)
    likely = with_likely_lines(items, source)
    citing: dict[int, list[LineItem]] = {}
    for item in likely or items:
        for line in item.lines:
            citing.setdefault(line, []).append(item)
    for number, item in enumerate(items):
        if likely and likely[number].lines:
            yield UncitedChecks(item, source, rows, ItemChecks(likely[number], source, citing, rows))
        else:
            yield ItemChecks(item, source, citing, rows)


def _but_pictured(found: Found, lines: Sequence[int], pictures: frozenset[int]) -> Found:
    """The verdict of the text.

    A fact that cites a picture remains unverified: the text can neither verify nor contradict it.
    """
    if not pictures:
        return found
    if lines and pictures.issuperset(lines):
        return unverified("in_picture")
    may_be_pictured = not lines or not pictures.isdisjoint(lines)
    return unverified("in_picture") if may_be_pictured and found.verdict is FactVerdict.CONTRADICTED else found


@lru_cache(maxsize=4096)
def _noted(verdict: FactVerdict, why: str | None, lines: tuple[int, ...]) -> Check:
    """A check. Equal checks share one object, since there are many and they are frozen."""
    return Check(verdict=verdict, why=why, lines=lines)


def _said(value: object) -> str:
    return f"{value.amount} {value.currency}" if isinstance(value, Money) else str(value)


def review(answer: Answer) -> str | None:
    """Why a person must review a checked answer. None if no check requires it."""
    if any(found.verdict is FactVerdict.CONTRADICTED for found in answer.checks.values()):
        return CONTRADICTED_FACT
    return ITEMS_INCOMPLETE if "line_items" in answer.checks else None


def _completed(answer: Answer, rfq: Rfq) -> Completed:
    """The answer's items, and rows of clear lists that the model left out.

    It saw only a part, or answered too briefly.
    """
    if answer.intent not in ("rfq", "order"):
        return Completed(answer.line_items)
    all_of_them = complete(answer.line_items, rfq.tables, [item.lines for item in answer.line_items])
    beyond = len(all_of_them.items) - MOST_ITEMS
    if beyond <= 0:
        return all_of_them
    by_rule = frozenset(number for number in all_of_them.by_rule if number < MOST_ITEMS)
    return Completed(all_of_them.items[:MOST_ITEMS], by_rule, all_of_them.missing_count + beyond)


def _rows_by_line(rfq: Rfq) -> dict[int, ListedItem]:
    """By line: the row of a clear list, for lines with exactly one row."""
    rows: dict[int, ListedItem] = {}
    shared: set[int] = set()
    for table in rfq.tables:
        for row in table.items if table.is_clear else ():
            for line in row.lines:
                if line in rows:
                    shared.add(line)
                rows[line] = row
    return {line: row for line, row in rows.items() if line not in shared}


def _checked_item(
    path: str,
    item: LineItem,
    checker: ItemChecks,
    checks: dict[str, Check],
    taken_out: dict[str, Any],
    pictures: frozenset[int],
) -> LineItem:
    update: dict[str, Any] = {}
    for name, check_of in (
        ("quantity", checker.quantity),
        ("quantity_max", checker.quantity),
        ("unit", checker.unit),
        ("part_number", checker.part_number),
        ("revision", checker.revision),
        ("material", checker.copied),
    ):
        value = getattr(item, name)
        if value is None:
            continue
        found = _but_pictured(check_of(value), item.lines, pictures)
        checks[f"{path}.{name}"] = _noted(found.verdict, found.why, item.lines)
        if found.verdict is FactVerdict.CONTRADICTED:
            taken_out[f"{path}.{name}"] = value
            update[name] = None
    kept = []
    for at, standard in enumerate(item.standards):
        found = _but_pictured(checker.copied(standard), item.lines, pictures)
        checks[f"{path}.standards[{at}]"] = _noted(found.verdict, found.why, item.lines)
        if found.verdict is FactVerdict.CONTRADICTED:
            taken_out[f"{path}.standards[{at}]"] = standard
        else:
            kept.append(standard)
    if len(kept) < len(item.standards):
        update["standards"] = tuple(kept)
    return item.model_copy(update=update) if update else item


def _check_terms(
    answer: Answer,
    source: Source,
    rfq: Rfq,
    checks: dict[str, Check],
    taken_out: dict[str, Any],
    update: dict[str, Any],
) -> None:
    terms = TermChecks(answer, source)
    pictures = frozenset(line for line, _ in rfq.pictures)
    facts: list[tuple[str, Any, Any]] = [
        ("due_date", answer.due_date, lambda value: terms.date("due_date", value)),
        ("quote_deadline", answer.quote_deadline, lambda value: terms.date("quote_deadline", value)),
        ("due_date_derived", answer.due_date_derived, lambda value: terms.derived(value, rfq.received)),
        ("due_date_text", answer.due_date_text, terms.date_text),
        ("delivery_place", answer.delivery_place, terms.place),
        ("incoterm", answer.incoterm, terms.incoterm),
        ("budget", answer.budget, terms.budget),
    ]
    for name, value, check_of in facts:
        if value is None:
            continue
        found = _but_pictured(check_of(value), terms.lines(name), pictures)
        checks[name] = _noted(found.verdict, found.why, terms.lines(name))
        if found.verdict is FactVerdict.CONTRADICTED:
            taken_out[name] = value
            update[name] = None
    kept = []
    for at, certificate in enumerate(answer.certificates):
        found = _but_pictured(terms.certificate(certificate), terms.lines("certificates"), pictures)
        checks[f"certificates[{at}]"] = _noted(found.verdict, found.why, terms.lines("certificates"))
        if found.verdict is FactVerdict.CONTRADICTED:
            taken_out[f"certificates[{at}]"] = certificate
        else:
            kept.append(certificate)
    update["certificates"] = tuple(kept)


def _of_the_whole(answer: Answer, source: Source, rfq: Rfq) -> Iterator[tuple[str, Found]]:
    """Yields faults that concern the answer as a whole."""
    why = summary_faults(answer, source, rfq)
    yield "summary", unverified(why) if why else VERIFIED
    if answer.confidence + sum(share.share for share in answer.route_alternatives) > 1.005:  # noqa: PLR2004 - rounding
        yield "confidence", unverified("above_one")
    seen = set()
    for number, item in enumerate(answer.line_items):
        key = (item.description, item.quantity, item.unit, item.part_number, item.material, item.lines)
        if key in seen:
            yield f"line_items[{number}]", unverified("twice")
        seen.add(key)
        lines = source.at(item.lines)
        if lines and source.has_request and all(line.line.part is Part.QUOTED for line in lines):
            yield f"line_items[{number}]", unverified("quoted")
    for number in cancelled(answer.line_items, source):
        yield f"line_items[{number}]", unverified("cancelled")
    if answer.intent in ("rfq", "order") and not answer.line_items and _states_goods(source, rfq):
        yield "line_items", unverified("none")


def _states_goods(source: Source, rfq: Rfq) -> bool:
    """Whether the newest message has a number that may be a quantity of goods."""
    counts = (Kind.COUNTED, Kind.PLAIN, Kind.MEASURED)
    return any(
        mention.kind in counts and not line.is_time(mention)
        for line in source.anywhere(quoted=False)
        if line.line.number not in rfq.headings
        for mention in line.mentions
    )


def _still_missing(answer: Answer, taken_out: Mapping[str, Any]) -> tuple[Missing, ...]:
    missing: list[Missing] = list(answer.missing)
    if any(path.endswith(".quantity") for path in taken_out):
        missing.append("quantity")
    return tuple(dict.fromkeys(missing))
