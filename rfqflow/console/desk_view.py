"""What a desk's address asks for: a view of the list that can be kept, sent to others and gone back to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

SORTS = ("urgency", "quote_by", "due", "age", "owner")
STATES = ("open", "waiting", "handled", "all")
NO_ROUTE = "-"
_TEXT_MOST = 200


@dataclass(frozen=True, slots=True)
class DeskView:
    """The filter and order of one desk; `path` and `query` put it into each link and form."""

    route: str | None = None  # "" is what has no route yet
    state: str = "open"
    owner: str | None = None
    urgent: bool = False
    review: bool = False
    text: str | None = None
    sort: str = "urgency"
    descending: bool = False
    after: str | None = None  # where this page of the list begins; the first one if None

    @property
    def query(self) -> str:
        """As in an address, without the question mark; empty where nothing differs from the usual."""
        usual = DeskView()
        given = {
            "route": self.route or (None if self.route is None else NO_ROUTE),
            "state": self.state if self.state != usual.state else None,
            "owner": self.owner,
            "urgent": "1" if self.urgent else None,
            "review": "1" if self.review else None,
            "q": self.text,
            "sort": self.order if self.order != usual.order else None,
            "after": self.after,
        }
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def order(self) -> str:
        """As `sort` in the address."""
        return f"{'-' if self.descending else ''}{self.sort}"

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out open RFQs of its route."""
        return bool(self.owner or self.urgent or self.review or self.text or self.state != "open")

    @property
    def only_route(self) -> DeskView:
        """All that is open there, in the same order."""
        return DeskView(route=self.route, sort=self.sort, descending=self.descending)

    def of_route(self, route: str | None) -> DeskView:
        return replace(self, route=route, after=None)

    def sorted_by(self, sort: str) -> DeskView:
        """In this order; in the opposite one where it is so already."""
        return replace(self, sort=sort, descending=sort == self.sort and not self.descending, after=None)

    def page(self, after: str | None) -> DeskView:
        """The page of the list that begins there."""
        return replace(self, after=after)

    def export(self, *, items: bool) -> str:
        """The whole list as a file, whichever page of it is shown; with a line for each line item, or for each RFQ."""
        query = "&".join(filter(None, (self.page(None).query, "lines=items" if items else "")))
        return f"/desk/export.csv{'?' if query else ''}{query}"

    def path(self, place: object = None, action: str | None = None) -> str:
        """The desk, one RFQ on it, or an action on that RFQ, all with this filter."""
        parts = ["/desk", *(str(part) for part in (place, action) if part is not None)]
        return "/".join(parts) + (f"?{self.query}" if self.query else "")


def asked(params: Mapping[str, str]) -> DeskView:
    """The view that an address names; what it does not know is as usual."""
    sort = params.get("sort", "")
    name = sort.removeprefix("-")
    known = name in SORTS
    return DeskView(
        route="" if params.get("route") == NO_ROUTE else _text(params.get("route")),
        state=params.get("state", "") if params.get("state") in STATES else "open",
        owner=_text(params.get("owner")),
        urgent=params.get("urgent") == "1",
        review=params.get("review") == "1",
        text=_text(params.get("q")),
        sort=name if known else "urgency",
        descending=known and sort.startswith("-"),
        after=params.get("after") or None,
    )


def _text(value: str | None) -> str | None:
    return (value or "").replace("\x00", "").strip()[:_TEXT_MOST] or None
