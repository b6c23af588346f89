"""Splits a long list that the rules cannot read into several calls.

Decides on the next part and the end, and combines the answers.

Each part is a separate claim with its own hold and run. So a crash repeats only one part.
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

PART = "part"  # key of a run's output: the part's first and last line, and the number of items after it
_CUT = re.compile(r"\[\.\.\. (\d{1,9}) characters and more left out \.\.\.\]")
_ASKED_FOR = frozenset({"rfq", "order"})
_MOST_RUNS = 3 * MOST_PARTS  # most calls about parts of one text, since each call is paid for
_WORTH_HALVING = 8  # lines; fewer lines do not explain an answer that is too long, so halving does not help
_BARREN = 2  # after this many consecutive parts without an item, the list has ended
# A refusal for a budget may last hours or days. So may the outage of a provider that has lasted longer than
# _PATIENCE_SECONDS.
_OF_MONEY = frozenset({"budget", "sender_budget", "unknown_price"})
_PATIENCE_SECONDS = 300.0


class CallInParts(Protocol):
    """What the functions need of a call about a part of a list."""

    @property
    def part(self) -> ListPart | None: ...

    @property
    def done(self) -> tuple[AnsweredPart, ...]: ...


def next_of(rfq: Rfq, done: Sequence[AnsweredPart], *, room: int, halvings: int) -> ListPart | None:
    """The part to ask about next. None: one answer has room for all items.

    `room`: the tokens of an answer. `halvings`: how often an answer was cut off, after which each part has half the
    lines.
    """
    most, lines = items_per_part(room, halvings), rfq.reading.lines
    if not done and not halvings and is_short(rfq.reading.text, lines, most):
        return None
    start = done[-1].part.last + 1 if done else 1
    if halvings and not done:
        most = min(most, max(1, len(lines) // 2))  # the answer about these lines was cut off: ask about half of them
    return next_part(lines, rfq.tables, most, start=start, every_line=bool(halvings))


def can_be_halved(call: CallInParts, rfq: Rfq) -> bool:
    """Whether the next call can ask about fewer lines, after an answer that was cut off."""
    if call.part is not None:
        return call.part.last > call.part.first
    return len(rfq.reading.lines) >= _WORTH_HALVING


def sent(
    rfq: Rfq, prompt: Prompt, part: ListPart, *, is_further: bool, mask: bool
) -> tuple[Rfq, Prompt, Mapping[str, str]]:
    """The RFQ and the prompt to send for this part, and the contact data that was masked in them."""
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
    """The combined answer of all parts. `asked_to`: the last line that was asked about, if later lines are missing."""

    answer: Answer
    asked_to: int | None = None
    passed_over: int = 0  # number of lines that the model seems to have left out


def together(call: CallInParts, said: Answer | None, rfq: Rfq) -> WholeList:
    """The combined result of the parts. `said`: the answer about the latest part.

    None: its call failed or was refused.
    """
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
    """Whether the last parts had no item, so that the list has ended."""
    return len(answers) > _BARREN and not any(answer.line_items for answer in answers[-_BARREN:])


def _cut_away(text: str, items: int) -> int:
    """An estimate of the items in the part that was cut out of the middle of a long message."""
    found = _CUT.search(text)
    return -(-items * int(found[1]) // len(text)) if found and items else 0


def ends_with_partial_answer(call: CallInParts, reason: str, wait_seconds: float) -> bool:
    """Whether to write the items of the answered parts now, because the next part would wait too long."""
    return bool(call.done) and (reason in _OF_MONEY or wait_seconds >= _PATIENCE_SECONDS)


def completion_of(
    call: CallInParts, *, usage: Usage | None, cost_usd: Decimal | None, cost_source: str, request_id: str | None = None
) -> Completion:
    """The completion if no further part is answered. Cost and usage are those of the failed call, if there was one."""
    last = call.done[-1]
    return Completion(
        last.answer, last.provider, last.model, last.prompt_version, last.prompt_sha256,
        usage=usage or Usage(), cost_usd=cost_usd, cost_source=cost_source, provider_request_id=request_id,
    )  # fmt: skip


def kept(completion: Completion, part: ListPart) -> AnsweredPart:
    """The answer about one part, as the calls about later parts need it."""
    return AnsweredPart(
        part, completion.answer, completion.provider, completion.model, completion.prompt_version,
        completion.prompt_sha256,
    )  # fmt: skip


def range_of(part: ListPart) -> list[int]:
    """The part's range of lines, in the form that a run stores."""
    return [part.first, part.last, part.behind]


def usable(
    stored: Sequence[StoredAnswer], content_sha256: bytes | None, prompt_version: str
) -> tuple[AnsweredPart, ...]:
    """The stored parts that belong to this text and prompt, up to the first gap."""
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
            said.pop(ATTACHMENTS, None)  # rfqflow has added this key to the model's answer
            answer = Answer.model_validate_json(json.dumps(said))
        except (ValidationError, ValueError, KeyError, TypeError):
            break  # another release has written it: call again
        if first == start and last >= first:
            part = ListPart(first, last, behind)
            found.append(AnsweredPart(part, answer, one.provider, one.model, prompt_version, one.prompt_sha256))
            start = last + 1
    return tuple(found)
