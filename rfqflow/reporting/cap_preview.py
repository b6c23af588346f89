"""The effects of a new cap as sentences, from the result of `ai.preview_budget`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal

_MANY = 100_000  # the limit of counts in ai.preview_budget


def judged(found: dict[str, Any], cap: Decimal | None) -> dict[str, Any]:
    """Adds the effects of the cap to the preview.

    `frees` is the number of RFQs that resume, and `stops` of RFQs that stop. `has_room`: whether a call fits in the cap
    once the calls in flight have ended.
    """
    room = None if cap is None else cap - found["spent_usd"] - found["held_usd"]
    call = found["call_usd"]
    fits = room is None or (room >= (call or 0) and (room > 0 or call == 0))
    # Held money returns to the budget when calls end; spent money does not return.
    fits_later = room is None or (room + found["held_usd"] >= (call or 0) and room + found["held_usd"] > 0)
    refused = found["refuses_unpriced"] and bool(found["unpriced"])
    return {
        **found,
        "frees": found["waiting"] if not found["is_lower"] and fits and not found["also_full"] else 0,
        "stops": found["due"] if refused or (found["is_lower"] and not fits_later) else 0,
        "has_room": fits_later,
    }


def lines_of(preview: dict[str, Any], scope: str, period: str, at: Callable[[datetime], str]) -> list[str]:
    """What is spent, and which RFQs the cap wakes, in sentences. `at` formats a time."""
    assumed = preview["assumed_usd"]
    held = preview["held_usd"]
    lines = [
        f"this {period} of {scope} ends {at(preview['window_end'])}: {_usd(preview['spent_usd'])} USD spent, "
        + (f"{_usd(assumed)} of it at an assumed price (`rfqflow price list`)" if assumed else "all of it billed")
        + (f", {_usd(held)} held for calls in flight" if held else "")
    ]
    if preview["frees"]:
        lines.append(f"the new cap wakes {_rfqs(preview['frees'])} that wait for a budget")
    elif preview["waiting"] and preview["also_full"]:
        lines.append(
            f"{_rfqs(preview['waiting'])} still wait for another budget without room for a call: "
            f"{', '.join(preview['also_full'])}"
        )
    elif preview["waiting"]:
        lines.append(f"{_rfqs(preview['waiting'])} still wait for a budget")
    return lines


def warnings_of(preview: dict[str, Any], cap: Decimal | None, at: Callable[[datetime], str]) -> list[str]:
    """The work that the cap stops, in sentences. `at` formats a time."""
    found = []
    call = preview["call_usd"]
    if cap is not None and call is not None and cap < call:
        found.append(
            f"warning: a call needs a hold of up to {_usd(call)} USD, more than the cap of {_usd(cap)} USD, "
            "so workers make no call"
        )
    elif preview["is_lower"] and not preview["has_room"]:
        what = "end as skipped" if preview["ends_as_skipped"] else f"wait until {at(preview['window_end'])}"
        found.append(
            "warning: the new cap leaves no room for a call in this window: "
            + (f"{_rfqs(preview['due'])} that are due, and " if preview["due"] else "")
            + f"all new RFQs, {what}"
        )
    stopped = preview["due"] + preview["waiting"]
    if preview["refuses_unpriced"] and preview["unpriced"]:
        found.append(
            "warning: with this cap, rfqflow refuses calls without a price (policy unknown_price is auto). These have "
            f"no price: {', '.join(preview['unpriced'])}. "
            + (f"{_rfqs(stopped)} in the queue, and all " if stopped else "All ")
            + "new RFQs, wait with reason unknown_price. First run "
            f"`rfqflow price set {preview['unpriced'][0]} INPUT OUTPUT`"
        )
    return found


def _rfqs(count: int) -> str:
    return f"more than {_MANY:,} RFQs" if count > _MANY else f"{count:,} RFQ{'' if count == 1 else 's'}"


def _usd(amount: Decimal) -> str:
    text = f"{amount:.9f}".rstrip("0").rstrip(".")
    return text or "0"
