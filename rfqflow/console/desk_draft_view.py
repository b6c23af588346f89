"""The draft of a reply, as the pane of an RFQ shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.core.drafting.asks import asks_of
from rfqflow.core.drafting.letters import LANGUAGES, letter, name_of
from rfqflow.core.drafting.mail import is_address, mailto
from rfqflow.core.drafting.reason_texts import NOTHING_MISSING, asked_facts, reason_text
from rfqflow.core.drafting.reply import language_for
from rfqflow.store.drafts import facts_of

if TYPE_CHECKING:
    from uuid import UUID

    from rfqflow.console.context import Console
    from rfqflow.console.desk_view_model import Pending
    from rfqflow.store.desk import DeskAnswer
    from rfqflow.store.drafts import StoredDraft


async def draft_context(console: Console, rfq_id: UUID, answer: DeskAnswer, pending: Pending | None) -> dict[str, Any]:
    """The variable `detail.draft` of `part_desk_draft.html`."""
    store = console.drafts
    rfq = await store.rfq(rfq_id)
    facts = facts_of(answer, rfq)
    kept, request = await store.draft(rfq_id), await store.request(rfq_id)
    asked = asks_of(facts)
    language = language_for(facts)
    typed = pending.values if pending and pending.path == "draft" else {}
    subject = typed.get("subject", kept.subject if kept else "")
    body = typed.get("value", kept.body if kept else "")
    link, is_whole = mailto(rfq["email"], subject, body)
    waiting = request if request and request.outcome is None else None
    ended = request if request and not waiting and request.outcome != "written" else None
    return {
        "kept": kept, "subject": subject, "body": body, "revision": kept.revision if kept else 0,
        "language": name_of(kept.language) if kept else None,
        "would_ask": asked_facts(tuple(ask.code for ask in asked)), "asks": asked_facts(kept.asks) if kept else [],
        "is_answered": bool(answer.prompt_version), "nothing": NOTHING_MISSING,
        "customers": name_of(language) if language else None,
        "languages": [(code, letter(code).name) for code in LANGUAGES],
        "why": reason_text(kept.why, language) if kept and kept.source != "model" else "",
        "waiting": waiting, "ended": reason_text(ended.outcome) if ended and _is_news(ended.outcome, kept) else "",
        "mailto": link, "is_whole": is_whole, "to": rfq["email"] if is_address(rfq["email"]) else "",
    }  # fmt: skip


def _is_news(outcome: str | None, kept: StoredDraft | None) -> bool:
    return kept is None or kept.why != outcome
