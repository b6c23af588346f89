"""The comparison of a prompt trial's two arms, for people."""

from __future__ import annotations

from typing import Any

from rfqflow.core.evaluation.statistics import wilson

Rows = list[list[str]]


def arms(figures: dict[str, Any]) -> Rows:
    """For each figure of `ai.trial_figures`: its name, the candidate's value and the base's value."""
    return _canary(figures) if figures["kind"] == "canary" else _shadow(figures["shadow"])


def _canary(figures: dict[str, Any]) -> Rows:
    arms = (figures["candidate"], figures["base"])
    return [
        ["RFQs", *(f"{arm['rfqs']:,}" for arm in arms)],
        ["failed", *(_share(arm["failed"], arm["rfqs"]) for arm in arms)],
        ["overridden", *(_share(arm["overridden"], arm["rfqs"]) for arm in arms)],
        ["USD per RFQ", *(_per(arm["cost_usd"], arm["rfqs"]) for arm in arms)],
        ["latency p50, ms", *(_number(arm["p50_ms"]) for arm in arms)],
        ["latency p95, ms", *(_number(arm["p95_ms"]) for arm in arms)],
        ["mean confidence", *("-" if arm["confidence"] is None else f"{arm['confidence']:.2f}" for arm in arms)],
    ]


def _shadow(found: dict[str, Any]) -> Rows:
    answered = found["answered"]
    return [
        ["asked", f"{found['asked']:,} ({found['refused']} not admitted)", ""],
        ["failed", _share(found["failed"], found["asked"] - found["refused"]), ""],
        ["same route", _share(found["same_route"], answered), ""],
        [
            "people agreed", _share(found["override_right"], found["overridden_answered"]),
            _share(found["override_base_right"], found["overridden_answered"]),
        ],
        ["USD per RFQ", _per(found["cost_usd"], answered), _per(found["base_cost_usd"], answered)],
        ["latency p50, ms", _number(found["p50_ms"]), _number(found["base_p50_ms"])],
    ]  # fmt: skip


def _share(hits: int, total: int) -> str:
    if not total:
        return "-"
    low, high = wilson(hits, total)
    return f"{hits} of {total}, {hits / total:.1%} ({low:.1%} to {high:.1%})"


def _per(amount: float | None, total: int) -> str:
    return "-" if amount is None or not total else f"{amount / total:.6f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
