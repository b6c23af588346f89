"""The view that an address of the desk describes. People can keep such an address, and send it to others."""

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
    """Filter and order of the desk. `path` and `query` pass both on to each link and form."""

    route: str | None = None  # "" selects RFQs without a route
    state: str = "open"
    owner: str | None = None
    urgent: bool = False
    review: bool = False
    text: str | None = None
    sort: str = "urgency"
    descending: bool = False
    after: str | None = None  # cursor of this page of the list; None for the first page

    @property
    def query(self) -> str:
        """The query string, without the question mark. Empty for the default view."""
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
        """The `sort` parameter of the address."""
        return f"{'-' if self.descending else ''}{self.sort}"

    @property
    def narrowed(self) -> bool:
        """Whether the filter hides open RFQs of its route."""
        return bool(self.owner or self.urgent or self.review or self.text or self.state != "open")

    @property
    def only_route(self) -> DeskView:
        """The view of all open RFQs of the route, in the same order."""
        return DeskView(route=self.route, sort=self.sort, descending=self.descending)

    def of_route(self, route: str | None) -> DeskView:
        return replace(self, route=route, after=None)

    def sorted_by(self, sort: str) -> DeskView:
        """The view in the order `sort`. If the view already has this order, reverses it."""
        return replace(self, sort=sort, descending=sort == self.sort and not self.descending, after=None)

    def page(self, after: str | None) -> DeskView:
        """The view of the page of the list that begins at the cursor."""
        return replace(self, after=after)

    def export(self, *, items: bool) -> str:
        """The path of an export of the whole list, with a row per line item or a row per RFQ."""
        query = "&".join(filter(None, (self.page(None).query, "lines=items" if items else "")))
        return f"/desk/export.csv{'?' if query else ''}{query}"

    def path(self, place: object = None, action: str | None = None) -> str:
        """The path of the desk, of an RFQ on it, or of an action on that RFQ, with this filter."""
        parts = ["/desk", *(str(part) for part in (place, action) if part is not None)]
        return "/".join(parts) + (f"?{self.query}" if self.query else "")


def asked(params: Mapping[str, str]) -> DeskView:
    """The view that the parameters of an address describe. Replaces unknown values with defaults."""
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
