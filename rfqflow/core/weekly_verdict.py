"""The verdict of a report: a sentence on how well rfqflow works, the reasons, and changes since the window before.

Small numbers get no verdict. A difference counts only if chance is an unlikely explanation.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal

from rfqflow.core.evaluation.statistics import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Level = Literal["act", "bad", "watch", "good", "few", "nothing"]
Word = Literal["better", "worse", "more", "less", "same", "too few", "none before", "not over", "now only"]
Unit = Literal["points", "percent"]

FEW = 30  # RFQs, answers or line items; a share or a mean of fewer is not shown
# Least observations for each percentile, so that at least five are above the p99.
FEW_FOR = {"p50": 30, "p95": 100, "p99": 500}
FEW_CALLS = 20
_Z = 1.96
_SAME = 0.05  # a smaller relative difference does not count, since latencies are accurate to 2 % only
_FAILED_BAD, _FAILED_WATCH = 0.05, 0.01
_EDITED_WATCH = 0.3
_SLOWER, _SLOWER_MS = 1.5, 1000.0
_DEARER = 0.25
_TIMES = 4  # from this factor on, the text names a factor instead of a percentage
_WHY_MOST = 4

_SAID = {"too few": "too few to say", "not over": "the day is not over", "now only": "of this moment only"}

# By the code in ai.health: the finding in words for readers who do not operate rfqflow.
PLAIN = {
    "no_live_worker": "no worker is running",
    "paused": "the workers are paused",
    "claims_fail": "a worker cannot take RFQs from the queue",
    "oldest_waiting": "RFQs wait longer than they should",
    "trigger_missing": "new RFQs do not reach the queue",
    "file_trigger_missing": "new attachments are found late",
    "enqueue_missed": "some RFQs have not reached the queue",
    "dead_letters": "failed RFQs wait for a person",
    "older_rfqs": "RFQs from before the installation have no answer",
    "breaker_open": "a model is not called after failures",
    "waits_for_person": "RFQs wait until a person acts",
    "unknown_price": "the price of a model is not known",
    "budget_spent": "a budget is spent",
    "call_exceeds_budget": "a budget is smaller than one call",
    "webhooks_failing": "a webhook takes no messages",
    "maintenance_late": "maintenance is late",
    "rules_instead_of_model": "the built-in rules answer instead of a model",
    "provider_misconfigured": "a worker's provider is set up wrongly",
    "archive_folder": "old runs cannot be archived",
    "console_plain_http": "the console is reached over plain HTTP",
    "drafts_waiting": "drafts of replies wait to be written",
}


@dataclass(frozen=True, slots=True)
class Window:
    """The counts over a number of days. A cost is None if there were calls, but no call has a known cost."""

    days: int
    rfqs: int = 0
    enriched: int = 0
    failed: int = 0
    skipped: int = 0
    without_call: int = 0
    cost_usd: float | None = 0.0
    ends: int = 0  # number of observed latencies
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    submits: int = 0
    submit_p95_ms: float | None = None
    answers: int = 0
    edited_answers: int = 0
    lines: int = 0
    edited_lines: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Window:
        """The window in a row of `ai.scorecard_by_window`."""
        cost = row["cost_usd"]
        names = (
            "rfqs",
            "enriched",
            "failed",
            "skipped",
            "without_call",
            "ends",
            "submits",
            "answers",
            "edited_answers",
            "lines",
            "edited_lines",
        )
        times = ("p50_ms", "p95_ms", "p99_ms", "submit_p95_ms")
        return cls(
            days=(row["last_day"] - row["first_day"]).days + 1, cost_usd=None if cost is None else float(cost),
            **{name: int(row[name] or 0) for name in names}, **{name: row[name] for name in times},
        )  # fmt: skip

    @property
    def cost_per_rfq(self) -> float | None:
        return self.cost_usd / self.rfqs if self.cost_usd is not None and self.rfqs else None


@dataclass(frozen=True, slots=True)
class Change:
    """The change from the window before. `by`: in points for a share, and otherwise relative to the old value."""

    word: Word
    by: float | None = None
    unit: Unit = "percent"

    @property
    def text(self) -> str:
        if self.word == "same":
            return "no clear change"
        if self.by is None:
            return _SAID.get(self.word, self.word)
        size = f"{self.by * 100:+.1f} points" if self.unit == "points" else _times(self.by)
        return size if self.word in ("more", "less") else f"{size}, {self.word}"


@dataclass(frozen=True, slots=True)
class Verdict:
    level: Level
    sentence: str
    why: tuple[str, ...]


def change_of_share(hits: int, total: int, hits_before: int, total_before: int, good: int) -> Change:
    """The change of a share. `good`: 1 if more is better, -1 if less is better, 0 if neither is."""
    if total_before == 0:
        return Change("none before")
    if min(total, total_before) < FEW:
        return Change("too few")
    now, before = hits / total, hits_before / total_before
    (low, high), (low_before, high_before) = wilson(hits, total), wilson(hits_before, total_before)
    by = now - before
    # Newcombe's confidence interval for a difference of two shares.
    least = by - sqrt((now - low) ** 2 + (high_before - before) ** 2)
    most = by + sqrt((high - now) ** 2 + (before - low_before) ** 2)
    if least <= 0 <= most:
        return Change("same", by, "points")
    return Change(_word(by, good), by, "points")


def change_of_amount(
    now: float | None, before: float | None, observed: tuple[int, int], good: int, *, few: int = FEW
) -> Change:
    """The change of a mean or a percentile.

    `observed`: the number of observations in this window and in the window before.
    """
    if observed[1] == 0 or before is None:
        return Change("none before")
    if min(observed) < few or now is None:
        return Change("too few")
    if before == 0:
        return Change("same" if now == 0 else _word(now, good))
    by = now / before - 1
    return Change("same" if abs(by) < _SAME else _word(by, good), by)


def change_of_count(now: int, before: int, days: int, good: int = 0) -> Change:
    """The change of a count of whole days, compared with as many days before. By chance, counts vary like arrivals."""
    if days == 0:
        return Change("not over")
    if before == 0:
        return Change("none before")
    if now + before < FEW:
        return Change("too few")
    by = now / before - 1
    return Change("same" if abs(now - before) < _Z * sqrt(now + before) else _word(by, good), by)


def changes(now: Window, before: Window, whole_days: tuple[int, int, int]) -> dict[str, Change]:
    """The change of each figure.

    `whole_days`: finished RFQs in whole days now and before, and the number of these days, since today is not over.
    """
    ends = now.ends, before.ends
    return {
        "rfqs": change_of_count(*whole_days),
        "submit_p95_ms": change_of_amount(
            now.submit_p95_ms, before.submit_p95_ms, (now.submits, before.submits), -1, few=FEW_FOR["p95"]
        ),
        "enrichment_rate": change_of_share(now.enriched, now.rfqs, before.enriched, before.rfqs, 0),
        "failure_rate": change_of_share(now.failed, now.rfqs, before.failed, before.rfqs, -1),
        "deferred": Change("now only"),
        "skipped": change_of_share(now.skipped, now.rfqs, before.skipped, before.rfqs, 0),
        "cost_per_rfq_usd": change_of_amount(now.cost_per_rfq, before.cost_per_rfq, (now.rfqs, before.rfqs), -1),
        "answer_edit_rate": change_of_share(now.edited_answers, now.answers, before.edited_answers, before.answers, -1),
        "line_edit_rate": change_of_share(now.edited_lines, now.lines, before.edited_lines, before.lines, -1),
        "calls_avoided_rate": change_of_share(now.without_call, now.rfqs, before.without_call, before.rfqs, 0),
        "p50_ms": change_of_amount(now.p50_ms, before.p50_ms, ends, -1, few=FEW_FOR["p50"]),
        "p95_ms": change_of_amount(now.p95_ms, before.p95_ms, ends, -1, few=FEW_FOR["p95"]),
        "p99_ms": change_of_amount(now.p99_ms, before.p99_ms, ends, -1, few=FEW_FOR["p99"]),
    }


def saved_usd(calls_avoided: int, median_usd: float | None) -> float | None:
    """The cost of the avoided calls at the median cost of actual calls. None: no cost is known."""
    return None if median_usd is None else calls_avoided * median_usd


def the_window_before(days: int) -> str:
    return {7: "the week before", 1: "the day before"}.get(days, f"the {days} days before")


def these_days(days: int) -> str:
    return "this day" if days == 1 else f"these {days} days"


def verdict(now: Window, before: Window, findings: Sequence[tuple[str, str]], waiting: int) -> Verdict:
    """The verdict. `findings`: severity and code of each row of `ai.health`. `waiting`: RFQs that have not finished."""
    critical = _plain(findings, "critical")
    warnings = [_as_well(one) for one in _plain(findings, "warning")]
    if critical:
        return Verdict("act", f"Act now: {critical[0]}.", _why(now, [_as_well(one) for one in critical[1:]]))
    if now.rfqs == 0:
        waits = f"; {_rfqs(waiting, 'wait')}" if waiting else ""
        sentence = f"There is nothing to judge: no RFQ ended in {these_days(now.days)}{waits}."
        return Verdict("nothing", sentence, tuple(warnings))
    if now.rfqs < FEW:
        sentence = f"Too few RFQs to judge: {now.rfqs} ended in {these_days(now.days)}, {_fared(now)}."
        return Verdict("few", sentence, tuple(warnings[:_WHY_MOST]))
    least_failed = wilson(now.failed, now.rfqs)[0]
    share = f"{now.failed / now.rfqs:.1%} of RFQs failed ({now.failed:,} of {now.rfqs:,})"
    if least_failed >= _FAILED_BAD:
        reasons = [_as_well(one) for one in _worse_beside_failures(now, before)]
        return Verdict("bad", f"It does not work well: {share}.", _why(now, [*reasons, *warnings]))
    worse = [*_more_failed(now, before), *_worse_beside_failures(now, before)]
    if not worse and least_failed >= _FAILED_WATCH:
        worse = [share]
    noted = [*worse, *_plain(findings, "warning")]
    if noted:
        reasons = [_as_well(one) for one in noted[1:]]
        return Verdict("watch", f"It works, but look at this: {noted[0]}.", _why(now, reasons))
    sentence = f"It works well: of {now.rfqs:,} RFQs in {these_days(now.days)}, {_fared(now)}."
    return Verdict("good", sentence, (_compared(now, before),))


def _compared(now: Window, before: Window) -> str:
    than = the_window_before(now.days)
    if before.rfqs == 0:
        return f"No RFQ ended in {than}, so there is nothing to compare with."
    if before.rfqs < FEW:
        return f"Too few RFQs ended in {than} ({before.rfqs}) to compare with."
    return f"Nothing is clearly worse than {than}."


def _more_failed(now: Window, before: Window) -> list[str]:
    failed = change_of_share(now.failed, now.rfqs, before.failed, before.rfqs, -1)
    if failed.word != "worse":
        return []
    shares = f"{now.failed / now.rfqs:.1%} after {before.failed / before.rfqs:.1%}"
    return [f"more RFQs failed than {the_window_before(now.days)} ({shares})"]


def _worse_beside_failures(now: Window, before: Window) -> list[str]:
    """Figures that are clearly worse than before or exceed a limit, the most serious first."""
    than = the_window_before(now.days)
    found = []
    edited = change_of_share(now.edited_answers, now.answers, before.edited_answers, before.answers, -1)
    if edited.word == "worse":
        shares = now.edited_answers / now.answers, before.edited_answers / before.answers
        found.append(f"people changed more answers than {than} ({shares[0]:.0%} after {shares[1]:.0%})")
    elif now.answers >= FEW and wilson(now.edited_answers, now.answers)[0] >= _EDITED_WATCH:
        found.append(f"people changed {now.edited_answers / now.answers:.0%} of the answers that they dealt with")
    late = change_of_amount(now.p95_ms, before.p95_ms, (now.ends, before.ends), -1, few=FEW_FOR["p95"])
    p95, p95_before = now.p95_ms or 0.0, before.p95_ms or 0.0
    if late.word == "worse" and p95 >= _SLOWER * p95_before and p95 - p95_before >= _SLOWER_MS:
        found.append(f"answers took longer than {than} (95% within {_span(p95)} after {_span(p95_before)})")
    dear = change_of_amount(now.cost_per_rfq, before.cost_per_rfq, (now.rfqs, before.rfqs), -1)
    if dear.word == "worse" and dear.by is not None and dear.by >= _DEARER:
        more = f"{_times(dear.by)} as" if dear.by >= _TIMES else f"{dear.by:.0%} more than"
        found.append(f"an RFQ cost {more} {than}")
    return found


def _why(now: Window, reasons: Sequence[str]) -> tuple[str, ...]:
    """The reasons and, if RFQs finished, how many got an answer."""
    answered = [f"Of {_rfqs(now.rfqs)} in {these_days(now.days)}, {_fared(now)}."] if now.rfqs else []
    return (*reasons[:_WHY_MOST], *answered)


def _fared(now: Window) -> str:
    outcome = f"{now.enriched:,} got an answer"
    if now.p50_ms is not None and now.ends >= FEW_FOR["p50"]:
        outcome += f" (half within {_span(now.p50_ms)})"
    return f"{outcome}, {now.skipped:,} needed none and {now.failed:,} failed"


def _plain(findings: Sequence[tuple[str, str]], severity: str) -> list[str]:
    """The findings of this severity in plain words, each code once, in the order of `ai.health`."""
    return list(dict.fromkeys(PLAIN.get(code, code.replace("_", " ")) for how, code in findings if how == severity))


def _as_well(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _rfqs(number: int, verb: str = "") -> str:
    text = "1 RFQ" if number == 1 else f"{number:,} RFQs"
    return f"{text} {verb}{'s' if number == 1 else ''}" if verb else text


def _span(milliseconds: float) -> str:
    seconds = milliseconds / 1000
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 - from ten on, without decimals


def _times(by: float) -> str:
    return f"{by + 1:,.0f} times as much" if by >= _TIMES else f"{by:+,.0%}"


def _word(by: float, good: int) -> Word:
    if good == 0:
        return "more" if by > 0 else "less"
    return "better" if (by > 0) == (good > 0) else "worse"
