"""Actions on single cases and on the running evaluation that need no preview. `quality_operations` has the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from rfqflow.console.actions import back, field
from rfqflow.core.errors import ConfigError
from rfqflow.evaluation.runner import cases_of_overrides

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_DIGITS_MOST = 18  # digits that always fit a bigint


async def make_cases(console: Console, request: Request, session: Session) -> Response:
    """Makes a case from one override, and returns to the page of the RFQ or to the list of overrides."""
    given = field(request, "override_id")
    if not given.isdecimal() or len(given) > _DIGITS_MOST:
        raise ConfigError("invalid override")
    new, changed, total = await cases_of_overrides(console.quality.evaluations, session.actor, int(given), noted=True)
    if not total:
        raise ConfigError("the override is withdrawn, or the RFQ's text has changed since")
    rfq_id: UUID | None = request.path_params.get("rfq_id")
    if rfq_id is not None:
        return back(f"/rfqs/{rfq_id}", "made_case")
    return RedirectResponse(f"/overrides?said=made_cases&n={new + changed}", 303)


async def cancel(console: Console, _request: Request, session: Session) -> Response:
    request = await console.quality.evaluations.cancel(session.actor)
    return back("/prompts", "cancelled" if request else "nothing_runs")
