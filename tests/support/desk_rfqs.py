"""RFQs of every kind that the desk shows: answered, waiting, failed, in scripts of each direction, with long lists."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

RTL = "نحتاج إلى 40 صماماً من الفولاذ المقاوم للصدأ، التسليم في دبي"
CJK = "請報價 不鏽鋼法蘭 DN50 共 120 件 交貨地點高雄港 需附材質證明"


def item(number: int, what: str = "Flange DN50 PN16, EN 1092-1", quantity: str = "12") -> dict[str, Any]:
    return {"description": f"{what}, position {number}", "quantity": quantity, "unit": "pcs", "material": "1.4404"}


def _answer(items: int, **facts: Any) -> dict[str, Any]:
    return {"schema_version": 1, "intent": "rfq", "line_items": [item(n + 1) for n in range(items)], **facts}


def every_state(today: dt.date, lines: int = 500) -> list[dict[str, Any]]:
    """One RFQ of each state, as columns of public.rfq_requests."""

    def day(ahead: int) -> str:
        return (today + dt.timedelta(days=ahead)).isoformat()

    return [
        {"company": "Nordwind Pumpen GmbH", "message": "We need 12 flanges DN50 by next week, please quote by Friday.",
         "ai_status": "done", "ai_summary": "Twelve stainless flanges DN50 for a pump skid, certificates 3.1 wanted.",
         "ai_route": "mechanical", "ai_urgency": "critical",
         "ai_extracted": _answer(3, quote_deadline=day(-1), due_date=day(6), delivery_place="Hamburg",
                                 missing=["drawing", "material"])},
        {"company": "Kowalski & Synowie Sp. z o.o.", "message": "Please send us your best price for 500 brackets.",
         "ai_status": "done", "ai_summary": "Laser-cut brackets as in drawing 4711-B, five hundred pieces, galvanised.",
         "ai_route": "mechanical", "ai_urgency": "high", "ai_review": "contradicted_fact",
         "ai_extracted": _answer(lines, quote_deadline=day(1), due_date=day(40), delivery_place="Poznań")},
        {"company": "شركة الخليج للصمامات", "message": RTL, "ai_status": "done", "ai_summary": RTL,
         "ai_route": "general", "ai_urgency": "normal",
         "ai_extracted": _answer(1, delivery_place="دبي", missing=["due_date"])},
        {"company": "高雄金屬股份有限公司", "message": CJK, "ai_status": "done", "ai_summary": CJK,
         "ai_route": "general", "ai_urgency": "low", "ai_extracted": _answer(1, due_date=day(90), delivery_place="高雄港")},
        {"company": "Acme Tools", "message": "Quote 3 pallets of hinges.", "ai_status": "deferred",
         "ai_reason": "budget"},
        {"company": "Besonders lange Firmenbezeichnung für Anlagenbau und Instandhaltung GmbH & Co. KG",
         "message": "Unreadable", "ai_status": "failed", "ai_reason": "invalid_output"},
    ]  # fmt: skip


def routine(number: int) -> dict[str, Any]:
    today = dt.datetime.now(dt.UTC).date()
    return {
        "company": f"Customer {number}", "message": f"Please quote {number} brackets.", "ai_status": "done",
        "ai_summary": f"{number} brackets of galvanised steel, as in drawing {4700 + number}.", "ai_route": "general",
        "ai_urgency": "normal",
        "ai_extracted": _answer(1 + number % 7, due_date=(today + dt.timedelta(days=5 + number)).isoformat()),
    }  # fmt: skip


async def write(db: asyncpg.Connection, rows: list[dict[str, Any]]) -> list[UUID]:
    """Writes answers in place of a worker. When this returns, the desk's list has them."""
    ids = []
    for row in rows:
        given = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()}
        about = {name: value for name, value in given.items() if not name.startswith("ai_")}
        rfq_id = await db.fetchval(
            f"insert into public.rfq_requests ({', '.join(about)}) "
            f"values ({', '.join(f'${n + 1}' for n in range(len(about)))}) returning id", *about.values(),
        )  # fmt: skip
        answer = {name: value for name, value in given.items() if name.startswith("ai_")}
        if answer:
            await db.execute(
                f"update public.rfq_requests set {', '.join(f'{name} = ${n + 2}' for n, name in enumerate(answer))} "
                "where id = $1", rfq_id, *answer.values(),
            )  # fmt: skip
        ids.append(rfq_id)
    await db.execute("delete from ai.outbox where rfq_id = any($1::uuid[])", ids)
    await db.execute("select ai.enter_desk($1::uuid[])", ids)
    return ids
