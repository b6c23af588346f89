"""Actions on the draft of a reply.

People copy the draft or open it in their mail program; the console sends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from rfqflow.console.actions import field
from rfqflow.console.desk_actions import again, back_to
from rfqflow.console.desk_view_model import Conflict, Pending
from rfqflow.core.drafting.asks import asks_of
from rfqflow.core.drafting.letters import code_of
from rfqflow.core.drafting.reason_texts import NOTHING_MISSING
from rfqflow.core.drafting.reply import draft as by_template
from rfqflow.core.errors import ConfigError
from rfqflow.core.roles import Role
from rfqflow.store.desk import ChangedMeanwhile
from rfqflow.store.drafts import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.core.drafting.asks import RfqFacts

_SUBJECT_MOST, _BODY_MOST = 200, 8000
_BIGINT_DIGITS = 18


def routes(guarded: Callable[..., Any]) -> list[Route]:
    """Routes of the actions on an RFQ's draft."""
    actions = {"draft": save, "draft-new": make, "draft-stop": stop}
    return [
        Route(f"/desk/{{rfq_id:uuid}}/{name}", guarded(action, needs=Role.DESK), methods=["POST"])
        for name, action in actions.items()
    ]


async def save(console: Console, request: Request, session: Session) -> Response:
    """Saves the edited draft. The button "Mark as asked" also records that the customer was asked."""
    rfq_id = request.path_params["rfq_id"]
    subject = " ".join(field(request, "subject").split())
    body = field(request, "value").replace("\r\n", "\n").replace("\r", "\n")
    values = {"subject": subject, "value": body, "old": field(request, "old")}
    if len(subject) > _SUBJECT_MOST or len(body) > _BODY_MOST:
        error = f"The subject may have {_SUBJECT_MOST} characters, and the text {_BODY_MOST:,} characters."
        return await again(console, request, session, Pending("draft", values, error), 422)
    store = console.drafts
    kept = await store.draft(rfq_id)
    is_changed = kept is None or (kept.subject, kept.body) != (subject, body)
    try:
        if is_changed:
            language = kept.language if kept else "en"
            await store.save(rfq_id, subject, body, session.actor, language=language, revision=_revision(values["old"]))
        if field(request, "asked") == "1":
            await store.ask_back(rfq_id, session.actor)
            return back_to(request, "asked")
    except ConfigError as error:
        return await again(console, request, session, Pending("draft", values, str(error)), 422)
    except ChangedMeanwhile as error:
        now = await store.draft(rfq_id)
        theirs = Conflict(error.by, error.at, error.what, now.body if now else "")
        return await again(console, request, session, Pending("draft", values, conflict=theirs), 409)
    return back_to(request, "draft_saved" if is_changed else "unchanged")


async def make(console: Console, request: Request, session: Session) -> Response:
    """Writes a draft from a template, or requests one from a model."""
    rfq_id = request.path_params["rfq_id"]
    language, store = code_of(field(request, "language")), console.drafts
    try:
        by_model = field(request, "model") == "1"
        facts = await _askable(console, rfq_id, by_model=by_model)
        if by_model:
            await store.ask_model(rfq_id, session.actor, language=language)
            return back_to(request, "model_asked")
        await store.save_template(
            rfq_id, by_template(facts, language), session.actor, revision=_revision(field(request, "old"))
        )
    except ConfigError as error:
        return await again(console, request, session, Pending("draft-new", {}, str(error)), 422)
    except ChangedMeanwhile as error:
        pending = Pending("draft-new", {}, conflict=Conflict(error.by, error.at, error.what))
        return await again(console, request, session, pending, 409)
    return back_to(request, "drafted")


async def stop(console: Console, request: Request, session: Session) -> Response:
    """Cancels the request for a model's draft."""
    del session
    done = await console.drafts.cancel(request.path_params["rfq_id"])
    return back_to(request, "model_stopped" if done else "unchanged")


async def _askable(console: Console, rfq_id: UUID, *, by_model: bool) -> RfqFacts:
    """The facts for the draft. Raises ConfigError if nothing is missing, or if no daemon can ask a model."""
    answer = await console.desk.answer(rfq_id)
    if answer is None:
        raise ConfigError(f"RFQ {rfq_id} not found")
    facts = facts_of(answer, await console.drafts.rfq(rfq_id))
    if not asks_of(facts):
        raise ConfigError(NOTHING_MISSING)
    if by_model and not await console.drafts.models_at_work():
        raise ConfigError("No running daemon has a model: start a daemon with `rfqflow run`.")
    return facts


def _revision(text: str) -> int:
    """The revision of the draft that the form showed. For an invalid number, a revision that never exists."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= _BIGINT_DIGITS else -1
