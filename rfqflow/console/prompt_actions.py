"""Actions on prompts: create cases, request evaluations, activate versions, start and stop trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from rfqflow.console.actions import back, field, reason
from rfqflow.core.errors import ConfigError
from rfqflow.evaluation.runner import cases_of_overrides

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

_MOST_USD = 1_000.0  # guards against a mistyped amount


async def make_cases(console: Console, request: Request, session: Session) -> Response:
    """Creates cases from one override or from all; returns to the RFQ or to the list."""
    given = field(request, "override_id")
    if given and not given.isdecimal():
        raise ConfigError("invalid override")
    new, changed, total = await cases_of_overrides(
        console.quality.evaluations, session.actor, int(given) if given else None, noted=True
    )
    if given and not total:
        raise ConfigError("the override is withdrawn, or the RFQ's text has changed since")
    rfq_id: UUID | None = request.path_params.get("rfq_id")
    if rfq_id is not None:
        return back(f"/rfqs/{rfq_id}", "made_case")
    return RedirectResponse(f"/overrides?said=made_cases&n={new + changed}", 303)


async def evaluate(console: Console, request: Request, session: Session) -> Response:
    await console.quality.evaluations.request(
        field(request, "version"), field(request, "model") or None, _number(request, "most_usd", _MOST_USD),
        session.actor,
    )  # fmt: skip
    return back("/prompts", "evaluating")


async def cancel(console: Console, _request: Request, session: Session) -> Response:
    request = await console.quality.evaluations.cancel(session.actor)
    return back("/prompts", "cancelled" if request else "nothing_runs")


async def activate(console: Console, request: Request, session: Session) -> Response:
    version, why, force = request.path_params["version"], reason(request), field(request, "force") == "1"
    await _may(console, version, why, force=force)
    await console.quality.operator.activate_prompt(version, session.actor, why, force=force)
    return back("/prompts", "activated")


async def rollback(console: Console, request: Request, session: Session) -> Response:
    await console.quality.operator.rollback_prompt(session.actor, reason(request))
    return back("/prompts", "rolled_back")


async def try_out(console: Console, request: Request, session: Session) -> Response:
    """Starts a shadow or a canary."""
    version, kind = request.path_params["version"], field(request, "kind")
    if kind not in ("shadow", "canary"):
        raise ConfigError("choose shadow or canary")
    percent, why, force = _number(request, "percent", 100), reason(request), field(request, "force") == "1"
    if not percent:
        raise ConfigError("the share must be above 0 percent")
    if kind == "canary":
        await _may(console, version, why, force=force)
    await console.quality.trials.start(kind, version, percent, session.actor, why, force=force)
    return back("/prompts", "trial_started")


async def stop_trial(console: Console, request: Request, session: Session) -> Response:
    kind, trials = field(request, "kind"), console.quality.trials
    running = await trials.running(kind)
    if running is None:
        return back("/prompts", "nothing_runs")
    figures = await trials.figures(running)
    await trials.end(kind, session.actor, reason(request) or "stopped by hand", figures)
    return back(f"/trials/{running}", "trial_stopped")


async def rerun_trial(console: Console, request: Request, session: Session) -> Response:
    """Makes all RFQs of a canary due again, or its failed ones, with the active prompt."""
    trial = request.path_params["trial"]
    only_failed = field(request, "failed") == "1"
    rfqs = [rfq_id for rfq_id, failed in await console.quality.trials.rfqs(trial) if failed or not only_failed]
    number = await console.quality.rerun(rfqs, session.actor, trial)
    return RedirectResponse(f"/trials/{trial}?said=rerun_many&n={number}", 303)


async def _may(console: Console, version: str, why: str | None, *, force: bool) -> None:
    """Checks for an evaluation. The database refuses as well; this message says what to do on the page."""
    found = await console.quality.versions(version)
    if not found:
        raise ConfigError(f"prompt {version} not found")
    if force and not why:
        raise ConfigError(f"{version} has no evaluation: to continue anyway, give a reason")
    if not found[0]["is_measured"] and not force:
        raise ConfigError(f"{version} has no evaluation: run one first, or force it and give a reason")


def _number(request: Request, name: str, most: float) -> float:
    text = field(request, name).replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        raise ConfigError(f"{text or 'nothing'} is not a number") from None
    if not 0 <= value <= most:
        raise ConfigError(f"{text} is not between 0 and {most:g}")
    return value
