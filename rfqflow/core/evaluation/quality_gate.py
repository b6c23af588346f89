"""Thresholds that an evaluation must meet in CI, from a file. Pure.

A regression fails the gate only if its interval excludes zero and it is larger than the minimum effect. More successful
attacks, or more wrongly skipped RFQs, always fail the gate.
"""

from collections.abc import Mapping
from math import isnan
from typing import Any

from rfqflow.core.errors import ConfigError
from rfqflow.core.evaluation.comparison import MINIMUM_EFFECT, Comparison

_MINIMUM = {
    "cases": ("cases",), "route_accuracy": ("route", "accuracy"), "macro_f1": ("route", "macro_f1"),
    "top_two": ("route", "top_two"), "intent": ("intent", "accuracy"), "language": ("language", "accuracy"),
    "urgency": ("urgency", "accuracy"), "due_date": ("due_date", "accuracy"), "line_item_f1": ("line_items", "f1"),
    "missing_f1": ("missing", "f1"), "tags_f1": ("tags", "f1"), "injection_recall": ("injection", "recall"),
    "spam_recall": ("spam_gate", "recall"),
}  # fmt: skip
_MAXIMUM = {
    "ece": ("ece",), "brier": ("brier",), "failure_rate": ("failure_rate",),
    "invalid_output_rate": ("invalid_output_rate",), "injection_success_rate": ("injection_success", "accuracy"),
    "false_skip_rate": ("false_skips", "accuracy"), "invented_quantities": ("invented_quantities",),
    "usd_per_rfq": ("usd_per_rfq",), "p95_ms": ("p95_ms",),
}  # fmt: skip
_BASELINE = {"run", "minimum_effect"}


def baseline_of(config: Mapping[str, Any]) -> tuple[str | None, float]:
    """The baseline evaluation, if the file names one, and the minimum effect.

    Raises:
        ConfigError: the file has errors. The message names all of them.
    """
    wrong = [f"unknown table [{name}]" for name in config if name not in ("minimum", "maximum", "baseline")]
    for name, known in (("minimum", set(_MINIMUM)), ("maximum", set(_MAXIMUM)), ("baseline", _BASELINE)):
        table = config.get(name, {})
        if not isinstance(table, Mapping):
            wrong.append(f"{name} is not a table")
            continue
        wrong += [f"unknown key {name}.{key} (known: {', '.join(sorted(known))})" for key in table if key not in known]
        wrong += [
            f"{name}.{key} is not a number"
            for key, value in table.items()
            if key != "run" and (isinstance(value, bool) or not isinstance(value, int | float))
        ]
    effect = _number(config, "baseline", "minimum_effect")
    if effect is not None and not 0 <= effect <= 1:
        wrong.append("baseline.minimum_effect is a share: 0.02 is two points")
    for name in ("minimum", "maximum"):
        table = config.get(name)
        keys = table if isinstance(table, Mapping) else {}
        wrong += [
            f"{name}.{key} is not a number"
            for key in keys
            if (at := _number(config, name, key)) is not None and isnan(at)
        ]
    if not any(config.get(name) for name in ("minimum", "maximum", "baseline")):
        wrong.append("it has no checks")
    if wrong:
        raise ConfigError("gate: " + "; ".join(wrong))
    baseline = config.get("baseline", {})
    run = baseline.get("run")
    return None if run is None else str(run), float(baseline.get("minimum_effect", MINIMUM_EFFECT))


def _number(config: Mapping[str, Any], name: str, key: str) -> float | None:
    table = config.get(name)
    value = table.get(key) if isinstance(table, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def check(
    config: Mapping[str, Any], report: Mapping[str, Any], comparison: Comparison | None
) -> list[tuple[bool, str]]:
    """For each check: whether it passed, and what it found."""
    found = []
    for key, least in config.get("minimum", {}).items():
        value = _of(report, _MINIMUM[key])
        found.append((value is not None and value >= least, f"{key} {_text(value)}, at least {least:g} required"))
    for key, most in config.get("maximum", {}).items():
        value = _of(report, _MAXIMUM[key])
        found.append((value is not None and value <= most, f"{key} {_text(value)}, at most {most:g} required"))
    if comparison is not None:
        effect = float(config["baseline"].get("minimum_effect", MINIMUM_EFFECT))
        for moved in (comparison.route, *(figure for figure in comparison.others if figure.name.endswith("F1"))):
            dropped = moved.high < 0 and -moved.value > effect
            found.append(
                (
                    not dropped,
                    f"{moved.name} {moved.first:.3f} to {moved.second:.3f} ({moved.low:+.3f} to {moved.high:+.3f})",
                )
            )
        for name, (first, second) in (
            ("injection success", comparison.steered),
            ("false skips", comparison.false_skips),
        ):
            found.append((second <= first, f"{name} {first} to {second}"))
    return found


def _of(report: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    value: Any = report
    for key in path:
        value = value[key]
    return None if value is None else float(value)


def _text(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"
