"""The words in which commands and pages say that two RFQs are related, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEADS = {
    ("revision", False): "Revision of",
    ("revision", True): "Revised by",
    ("thread", False): "Same thread as",
    ("thread", True): "Same thread as",
    ("same_request", False): "Same request from another company:",
    ("same_request", True): "Same request from another company:",
}


def head(kind: str, *, is_later: bool) -> str:
    """The words before the name of the other RFQ. `is_later`: whether the other RFQ came later."""
    return _HEADS[kind, is_later]


def what_changed(kind: str, changes: Iterable[Mapping[str, Any]]) -> str:
    """A text such as `AX-1002: quantity 250 → 400; gone: Shaft (12)`. Empty if there is nothing to compare."""
    parts: list[str] = []
    named: str | None = None
    for one in changes:
        text = _one(one)
        if one["item"] is None or one["field"] == "line":
            parts.append(text)
        elif one["item"] == named:
            parts[-1] += f", {text}"
        else:
            parts.append(f"{one['item']}: {text}")
        named = one["item"]
    return "; ".join(parts) or ("nothing changed" if kind == "revision" else "")


def _one(change: Mapping[str, Any]) -> str:
    field, old, new = change["field"], change["old"], change["new"]
    if field == "more":
        return f"{new} more"
    if field == "line":
        word, amount = ("added", new) if old is None else ("gone", old)
        return f"{word}: {change['item']} ({amount})" if amount != "?" else f"{word}: {change['item']}"
    return f"{field.replace('_', ' ')} {'not stated' if old in (None, '') else old} → {new}"
