"""The filter that an address of the RFQ list describes. The page shows each part of the filter as a chip."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from rfqflow.core.text.times import cursor, of_cursor
from rfqflow.store.rfq_search import SearchFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.store.rfq_search import Cursor

STATUSES = ("pending", "deferred", "done", "skipped", "failed")
IN_QUEUE = ("pending", "deferred", "failed")
SPANS = {"1d": ("Last 24 hours", 1), "7d": ("Last 7 days", 7), "30d": ("Last 30 days", 30), "all": ("All time", None)}
CHIPS = ("status", "reason", "error", "route", "model", "prompt")
_USUAL_SPAN = "30d"
_TEXT_MOST = 200


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the filter. `path` is the list without this part."""

    name: str
    value: str
    path: str


@dataclass(frozen=True, slots=True)
class RfqView:
    """A filter of the list. Its fields have the names of the parameters in the address."""

    status: str | None = None
    reason: str | None = None
    error: str | None = None
    route: str | None = None
    model: str | None = None
    prompt: str | None = None
    review: bool = False
    within: str | None = None
    q: str | None = None
    in_text: bool = False
    before: str | None = None

    @property
    def span(self) -> str:
        """The time span of the list. Without a span in the address, shows waiting and failed RFQs of any age."""
        return self.within or ("all" if self.status in IN_QUEUE else _USUAL_SPAN)

    @property
    def query(self) -> str:
        given = {
            **{name: getattr(self, name) for name in (*CHIPS, "within", "q", "before")},
            "review": "1" if self.review else None, "in": "text" if self.in_text else None,
        }  # fmt: skip
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def path(self) -> str:
        return "/rfqs" + (f"?{self.query}" if self.query else "")

    @property
    def whole(self) -> RfqView:
        """The same filter, from the newest RFQ on."""
        return replace(self, before=None)

    @property
    def stream(self) -> str:
        return "/rfqs/live" + (f"?{self.query}" if self.query else "")

    @property
    def narrowed(self) -> bool:
        return self.whole != RfqView()

    def having(self, **chips: str | bool | None) -> RfqView:
        return replace(self, before=None, **chips)  # type: ignore[arg-type]

    @property
    def chips(self) -> list[Chip]:
        found = [
            Chip(name, str(getattr(self, name)), self.having(**{name: None}).path)
            for name in (*CHIPS, "q") if getattr(self, name)
        ]  # fmt: skip
        if self.review:
            found.append(Chip("review", "needs review", self.having(review=False).path))
        if self.within:
            found.append(Chip("within", SPANS[self.within][0], self.having(within=None).path))
        return found

    def filter(self, limit: int, *, floor: Cursor | None = None, before: Cursor | None = None) -> SearchFilter:
        days = SPANS[self.span][1]
        return SearchFilter(
            limit, status=self.status, route=self.route, review=self.review, text=self.q,
            within=dt.timedelta(days=days) if days else None, before=before or place(self.before), floor=floor,
            reason=self.reason, error=self.error, model=self.model, prompt=self.prompt,
        )  # fmt: skip


def asked(params: Mapping[str, str]) -> RfqView:
    """The view that the parameters of an address describe. Replaces unknown values with defaults."""

    def text(name: str) -> str | None:
        return params.get(name, "").replace("\x00", "").strip()[:_TEXT_MOST] or None

    return RfqView(
        **{name: text(name) for name in CHIPS[1:]},
        status=params.get("status") if params.get("status") in STATUSES else None,
        review=params.get("review") == "1",
        within=params.get("within") if params.get("within") in SPANS else None,
        q=text("q"), in_text=params.get("in") == "text", before=text("before"),
    )  # fmt: skip


def of_query(query: str) -> RfqView:
    """The view that a query string describes."""
    return asked(dict(parse_qsl(query[:4000], max_num_fields=len(fields(RfqView)) * 2)))


def place(text: str | None) -> Cursor | None:
    """Reads a cursor of the list from an address. None if the text is invalid."""
    at, _, rfq_id = (text or "").rpartition("_")
    try:
        return of_cursor(at), UUID(rfq_id)
    except ValueError:
        return None


def written(at: Cursor) -> str:
    """Writes a cursor of the list for an address."""
    return f"{cursor(at[0])}_{at[1]}"
