"""Prepares cases for pages: the text without contact data, and each labelled field with the given answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rfqflow.console.formatting import NONE, words
from rfqflow.core.evaluation.case_judgement import judge
from rfqflow.core.evaluation.metrics import LABELLED_VALUES
from rfqflow.core.prompting.masking import mask_once

if TYPE_CHECKING:
    from rfqflow.core.evaluation.case_judgement import CaseChange, Judged, JudgedCase
    from rfqflow.core.evaluation.disagreements import Disagreement
    from rfqflow.core.evaluation.metrics import Result
    from rfqflow.store.evaluation_cases import CaseRow

EXCERPT = 320
_LOOKED_AT = 1_200  # longer than the excerpt, so that an address at its end is complete and can be masked
_ITEMS_SHOWN = 8
_SHOWN_FIELDS = (
    "route",
    "intent",
    "language",
    "urgency",
    *LABELLED_VALUES,
    "line_items",
    "missing",
    "tags",
    "injection",
    "gate",
)
# Why a case has no text on a page.
UNKNOWN_TEXT = "The database does not store the text of this case: the cases came from a file."
OTHER_TEXT = "The text of this case has changed since this evaluation."


def excerpt(text: str) -> tuple[str, bool]:
    """The beginning of the text, without contact data, and whether the text is longer."""
    shown = mask_once(text[:_LOOKED_AT])
    return shown[:EXCERPT], len(shown) > EXCERPT or len(text) > _LOOKED_AT


def value_text(value: Any) -> str:
    """Formats a value for people."""
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        if "amount" in value:
            return f"{value['amount']} {value.get('currency') or ''}".strip()
        return ", ".join(f"{words(key)} {value_text(one)}" for key, one in value.items()) or NONE
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _list_text(value)
    return str(value)


def _list_text(values: Sequence[Any]) -> str:
    if not values:
        return "none"
    is_items = all(isinstance(one, Mapping) for one in values)
    shown = [_item_text(one) if is_items else value_text(one) for one in values[:_ITEMS_SHOWN]]
    more = [f"and {len(values) - _ITEMS_SHOWN:,} more"] if len(values) > _ITEMS_SHOWN else []
    return ("; " if is_items else ", ").join([*shown, *more])


def _item_text(item: Mapping[str, Any]) -> str:
    """A line item in words. Evaluations score its quantity and unit; the description shows which item it is."""
    parts = [str(item[name]) for name in ("quantity", "unit", "description") if item.get(name) not in (None, "")]
    return " ".join(parts) or NONE


def _given(values: Sequence[Any]) -> str:
    """The answer in all repetitions. If the repetitions differ, shows each answer with its count."""
    counted = Counter(value_text(value) for value in values)
    if len(counted) == 1:
        return next(iter(counted))
    return " / ".join(f"{text} ({count} of {len(values)})" for text, count in counted.most_common())


def field_of(one: Judged) -> dict[str, Any]:
    return {
        "name": words(one.name),
        "expected": value_text(one.expected),
        "given": _given(one.given),
        "right": one.right,
    }


def fields_of(fields: Sequence[Judged]) -> list[dict[str, Any]]:
    """The fields, with wrong fields first."""
    return [field_of(one) for one in sorted(fields, key=lambda one: one.right)]


def labels_of(labels: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The labels of a case that has no answer yet."""
    names = [name for name in _SHOWN_FIELDS if name in labels and labels[name] not in (None, False, [], "")]
    return [{"name": words(name), "expected": value_text(labels[name]), "given": None, "right": None} for name in names]


def listed(row: CaseRow) -> dict[str, Any]:
    """A case for the list, with its answer in the evaluation that the list shows."""
    text, is_cut = excerpt(row.case.message)
    return {
        "case_id": row.case.case_id, "text": text, "is_cut": is_cut, "company": shown_company(row),
        "provenance": row.case.provenance, "is_active": row.is_active, **_judged(row.result, row.case.labels),
    }  # fmt: skip


def _judged(result: Result | None, labels: Mapping[str, Any]) -> dict[str, Any]:
    if result is None:
        return {"state": "", "errors": (), "fields": labels_of(labels)}
    fields = judge([result])
    errors = (result.error_class,) if result.error_class else ()
    return {"state": state_of(fields, errors), "errors": errors, "fields": fields_of(fields)}


def state_of(fields: Sequence[Judged], errors: Sequence[str]) -> str:
    """The result of a case: `no answer`, `wrong`, `right`, or `not measured` if no scored field has a label."""
    if errors:
        return "no answer"
    if not fields:
        return "not measured"
    return "right" if all(one.right for one in fields) else "wrong"


def shown_company(row: CaseRow) -> str:
    return mask_once(row.case.company[:_LOOKED_AT]) if row.case.company else ""


def _text(case_id: str, rows: Mapping[str, CaseRow], asked: Mapping[str, bytes]) -> dict[str, Any]:
    """The text that the evaluation sent, if it is still stored."""
    row = rows.get(case_id)
    if row is None:
        return {"case_id": case_id, "text": None, "why": UNKNOWN_TEXT, "is_kept": False}
    if asked.get(case_id) not in (None, row.case.sha256):
        return {"case_id": case_id, "text": None, "why": OTHER_TEXT, "is_kept": True}
    text, is_cut = excerpt(row.case.message)
    return {"case_id": case_id, "text": text, "is_cut": is_cut, "company": shown_company(row), "is_kept": True}


def of_run(one: JudgedCase, rows: Mapping[str, CaseRow], asked: Mapping[str, bytes]) -> dict[str, Any]:
    """A case for the page of an evaluation's cases."""
    return {
        **_text(one.case_id, rows, asked), "errors": one.errors, "fields": fields_of(one.fields),
        "state": state_of(one.fields, one.errors),
    }  # fmt: skip


def of_change(one: CaseChange, rows: Mapping[str, CaseRow], asked: Mapping[str, bytes]) -> dict[str, Any]:
    """A case for the comparison of two evaluations: the fields that differ, and the number of the other fields."""
    shown = [field for field in one.fields if field.differs]
    return {
        **_text(one.case_id, rows, asked), "kind": one.kind, "relabelled": one.relabelled,
        "errors": (one.before.errors, one.after.errors), "others": len(one.fields) - len(shown),
        "fields": [
            {"name": words(field.name), "expected": value_text(field.expected),
             "before": _given(field.before.given) if field.before else NONE,
             "before_right": field.before.right if field.before else None,
             "after": _given(field.after.given) if field.after else NONE,
             "after_right": field.after.right if field.after else None}
            for field in shown
        ],
    }  # fmt: skip


def of_disagreement(one: Disagreement, *, asked: bool) -> dict[str, Any]:
    return {
        "field": words(one.field), "base": value_text(one.base) if asked else "not asked",
        "candidate": value_text(one.candidate), "person": value_text(one.person) if one.person is not None else "",
    }  # fmt: skip
