"""Splits a long list that rules cannot read into several calls: the next part, the stop, and the combined answer.

Each part is a separate claim with its own hold and run. So a crash repeats one part.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from rfqflow.core.answer import Answer, incomplete
from rfqflow.core.attached import ATTACHMENTS
from rfqflow.core.errors import Usage
from rfqflow.core.lists import (
    MOST_ITEMS,
    MOST_PARTS,
    ListPart,
    is_short,
    items_per_part,
    merged,
    next_part,
    passed_over,
    shortened,
    shown,
)
from rfqflow.core.prompting import list_parts as wording
from rfqflow.core.prompting import masking
from rfqflow.core.records import AnsweredPart, Completion
from rfqflow.core.text.reading import Line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.records import Rfq, StoredAnswer

PART = "part"  # keys of a run's output: first and last line, and the number of items that follow
_CUT = re.compile(r"\[\.\.\. (\d{1,9}) characters and more left out \.\.\.\]")
_ASKED_FOR = frozenset({"rfq", "order"})
_MOST_RUNS = 3 * MOST_PARTS  # maximum number of parts of one text; each is paid
_WORTH_HALVING = 8  # lines; an answer about fewer is too long for another reason
_BARREN = 2  # consecutive parts without an item
# Budgets return after hours or days. A provider that is out of order for longer than this may take as long.
_OF_MONEY = frozenset({"budget", "sender_budget", "unknown_price"})
_PATIENCE_SECONDS = 300.0


class CallInParts(Protocol):
    """The state of a call about a part of a list."""

    @property
    def part(self) -> ListPart | None: ...

    @property
    def done(self) -> tuple[AnsweredPart, ...]: ...


def next_of(rfq: Rfq, done: Sequence[AnsweredPart], *, room: int, halvings: int) -> ListPart | None:
    """The part to ask about next; None if one answer holds all items.

    `room`: tokens of an answer; `halvings`: how often an answer was still cut off.
    """
    most, lines = items_per_part(room, halvings), rfq.reading.lines
    if not done and not halvings and is_short(rfq.reading.text, lines, most):
        return None
    start = done[-1].part.last + 1 if done else 1
    if halvings and not done:
        most = min(most, max(1, len(lines) // 2))  # these were too many
    return next_part(lines, rfq.tables, most, start=start, every_line=bool(halvings))


def can_be_halved(call: CallInParts, rfq: Rfq) -> bool:
    """Whether to split the lines of a cut-off answer into smaller parts."""
    if call.part is not None:
        return call.part.last > call.part.first
    return len(rfq.reading.lines) >= _WORTH_HALVING


def sent(
    rfq: Rfq, prompt: Prompt, part: ListPart, *, is_further: bool, mask: bool
) -> tuple[Rfq, Prompt, Mapping[str, str]]:
    """The request of this part, and the masked contact data in it."""
    if not is_further:
        masked, mapping = masking.mask_rfq(rfq) if mask else (rfq, {})
        return masked, wording.of_first(prompt, part), mapping
    lines = shown([line for line in shortened(rfq.reading.lines, rfq.tables) if isinstance(line, Line)], part)
    few = wording.with_lines(rfq, lines)
    few, mapping = masking.mask_rfq(few) if mask else (few, {})
    return wording.numbered_as(few, lines), wording.of_further(prompt, part), mapping


def goes_on(call: CallInParts, said: Answer) -> bool:
    """Whether another part follows this answer."""
    part, done = call.part, call.done
    if part is None or not part.behind or len(done) + 1 >= MOST_PARTS:
        return False
    answers = [*(each.answer for each in done), said]
    if answers[0].intent not in _ASKED_FOR or sum(len(answer.line_items) for answer in answers) >= MOST_ITEMS:
        return False
    return not _is_barren(answers)


@dataclass(frozen=True, slots=True)
class WholeList:
    """The combined answer of all parts. `asked_to`: the last line asked about, if lines are missing."""

    answer: Answer
    asked_to: int | None = None
    passed_over: int = 0  # lines that the model seems to have left out


def together(call: CallInParts, said: Answer | None, rfq: Rfq) -> WholeList:
    """The combined result of the parts; `said`: of the most recent part, None if it failed or was refused."""
    part = call.part
    if part is None and said is not None:
        return WholeList(said)
    parts = [(each.part, each.answer) for each in call.done]
    if said is not None and part is not None:
        parts.append((part, said))
    items = merged([(each, answer.line_items) for each, answer in parts])
    last, whole = parts[-1][0], parts[0][1]
    missing = max(0, len(items) - MOST_ITEMS)
    missing += sum(answer.checks["line_items"].count or 0 for _, answer in parts if "line_items" in answer.checks)
    asked_to, left_out = None, 0
    if whole.intent in _ASKED_FOR:
        left_out = passed_over(
            rfq.reading.lines, rfq.tables, [each for each, answer in parts if answer.line_items], items
        )  # fmt: skip
        behind = 0 if said is not None and _is_barren([answer for _, answer in parts]) else last.behind
        asked_to = last.last if behind else None
        missing += behind + _cut_away(rfq.reading.text, len(items) + behind)
    update: dict[str, Any] = {"line_items": items[:MOST_ITEMS]}
    if missing:
        update["checks"] = {**whole.checks, "line_items": incomplete(missing)}
    return WholeList(whole.model_copy(update=update), asked_to, left_out)


def _is_barren(answers: Sequence[Answer]) -> bool:
    """Whether the last parts held no item: the text after the list is not a list."""
    return len(answers) > _BARREN and not any(answer.line_items for answer in answers[-_BARREN:])


def _cut_away(text: str, items: int) -> int:
    """An estimate of the items in the middle of a message that was shortened."""
    found = _CUT.search(text)
    return -(-items * int(found[1]) // len(text)) if found and items else 0


def ends_with_partial_answer(call: CallInParts, reason: str, wait_seconds: float) -> bool:
    """Whether to write the items of the answered parts now, since the next part would wait too long."""
    return bool(call.done) and (reason in _OF_MONEY or wait_seconds >= _PATIENCE_SECONDS)


def completion_of(
    call: CallInParts, *, usage: Usage | None, cost_usd: Decimal | None, cost_source: str, request_id: str | None = None
) -> Completion:
    """The completion without a further part; cost and usage are those of the failed call, if any."""
    last = call.done[-1]
    return Completion(
        last.answer, last.provider, last.model, last.prompt_version, last.prompt_sha256,
        usage=usage or Usage(), cost_usd=cost_usd, cost_source=cost_source, provider_request_id=request_id,
    )  # fmt: skip


def kept(completion: Completion, part: ListPart) -> AnsweredPart:
    """The answer about one part, kept for the following parts."""
    return AnsweredPart(
        part, completion.answer, completion.provider, completion.model, completion.prompt_version,
        completion.prompt_sha256,
    )  # fmt: skip


def range_of(part: ListPart) -> list[int]:
    """The range of lines, in the form that a run keeps."""
    return [part.first, part.last, part.behind]


def usable(
    stored: Sequence[StoredAnswer], content_sha256: bytes | None, prompt_version: str
) -> tuple[AnsweredPart, ...]:
    """The kept parts that match this text and prompt and follow each other."""
    if len(stored) > _MOST_RUNS:
        raise RuntimeError("the parts of a list are asked about repeatedly")
    found: list[AnsweredPart] = []
    start = 1
    for one in stored:
        if (one.content_sha256, one.prompt_version) != (content_sha256, prompt_version):
            continue
        try:
            said = json.loads(one.output)
            first, last, behind = said.pop(PART)
            said.pop(ATTACHMENTS, None)  # ours, not the model's
            answer = Answer.model_validate_json(json.dumps(said))
        except (ValidationError, ValueError, KeyError, TypeError):
            break  # written by another release: call again
        if first == start and last >= first:
            part = ListPart(first, last, behind)
            found.append(AnsweredPart(part, answer, one.provider, one.model, prompt_version, one.prompt_sha256))
            start = last + 1
    return tuple(found)
