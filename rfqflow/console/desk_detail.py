"""The RFQ that is open beside the desk's list: what its pane shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.console.pages import message_of

if TYPE_CHECKING:
    from uuid import UUID

    from rfqflow.console.context import Console
    from rfqflow.console.desk_view import DeskView
    from rfqflow.console.session import Session


async def detail_context(
    console: Console, session: Session, rfq_id: UUID, view: DeskView, *, whole: bool = False
) -> dict[str, Any] | None:
    """What `part_desk_detail.html` knows as `detail`; None where there is no such RFQ.

    A form posts to `view.path(rfq_id, "confirm")`, and its action leads back to `view.path(rfq_id)`: the filter stays.
    """
    found = await console.pages.rfq(rfq_id)
    if found is None:
        return None
    return {
        "rfq_id": rfq_id,
        "rfq": found,
        "message": message_of(found, whole=whole),
        "actor": session.actor,
        "view": view,
    }
