"""A database that has data for each page of the console: every state, long lists, hostile and foreign text."""

from __future__ import annotations

import datetime as dt
import json
import signal
from typing import TYPE_CHECKING, Any

from tests.support.answered_rfqs import answered, item
from tests.support.daemon import ForkedProcess
from tests.support.desk_rfqs import every_state, routine, write
from tests.support.figures import insert_runs, rewind
from tests.support.model_server import ModelServer
from tests.support.page_checks import HOSTILE
from tests.support.quality_data import case, save
from tests.support.worker_harness import ended, insert, until

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

MESSAGE = "Dear Sirs,\nplease quote 25 pcs seal kit SK-1\nand 40 m hose\nto Aarhus by 3 March\nRegards"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
CHINESE = "\u8bf7\u62a5\u4ef7\u5341\u4e8c\u53f0\u79bb\u5fc3\u6cf5\u3002" * 40
PUMPS = "Please quote 12 centrifugal pumps for our works in Cork, by the end of May."


async def furnish(db: asyncpg.Connection, database: str) -> dict[str, Any]:
    """Fills the database. Returns the values for the parameters in the addresses of the pages."""
    await _measure(db, database)
    ids = await write(db, [*every_state(dt.datetime.now(dt.UTC).date(), lines=120), *(routine(n) for n in range(60))])
    contradicted = await doubted(db)
    await _trouble(db, ids)
    await rewind(db)
    await insert_runs(db, 400, 7)
    await _settings(db)
    return {
        "rfq_id": contradicted, "all": ids, "version": "rfq@2", "run": 1, "trial": 1, "name": "desk", "operation": "cap",
        "account_id": "1?what=disable",
        "section": "webhooks",
    }  # fmt: skip


async def _settings(db: asyncpg.Connection) -> None:
    """Adds a row to each table of settings, and an action that has an old value."""
    await db.execute("insert into ai.webhooks (name) values ('crm')")
    await db.execute("insert into ai.webhook_outbox (webhook, event_key, kind) values ('crm', 'test:1', 'test')")
    await db.execute(
        "insert into ai.model_limits (provider, model, most_in_flight, note) values ('openai', '*', 4, $1)", LONG_WORD
    )
    await db.execute("select ai.set_price('openai', $1, 1, 4, p_actor => 'Grace')", LONG_WORD)
    await db.execute("select ai.add_document('rule', $1, 'Process takes it.', 'process', 'en')", LONG_WORD)
    await db.execute("select ai.set_policy('max_attempts', '7', 'Grace', $1)", LONG_WORD)


async def doubted(db: asyncpg.Connection) -> UUID:
    """An RFQ with a contradicted, corrected and overridden answer that cites lines."""
    rfq_id = await answered(
        db, MESSAGE, company=f"Hansen Pumper {LONG_WORD}", route="process", urgency="high", review="contradicted_fact",
        line_items=[item("seal kit SK-1", None, lines=[2], part_number="SK-1", material="EPDM", standards=["ISO 3069"]),
                    item("hose", "40", "m", lines=[3]), item(LONG_WORD, "1")],
        checks={"line_items[0].quantity": {"verdict": "contradicted", "lines": [2], "why": "not_in_text"},
                "line_items[1].quantity": {"verdict": "verified", "lines": [3]},
                "delivery_place": {"verdict": "unverified", "why": "not_cited"}},
        taken_out={"line_items[0].quantity": "52"}, quote_deadline="2026-01-02", due_date="2030-03-03",
        due_date_text="by 3 March", delivery_place="Aarhus", missing=["drawing"], certificates=["3.1"], language="en",
        evidence=[{"field": "route", "text": "seal kit", "weight": 3}],
    )  # fmt: skip
    await db.execute(
        "select ai.correct_rfq($1, $2, 'Bo Lund', 'on the phone')", rfq_id, json.dumps({"line_items[1].quantity": "44"})
    )
    await db.execute("select ai.override_rfq($1, 'mechanical', 'Bo Lund', $2)", rfq_id, HOSTILE[:200])
    return rfq_id


async def _measure(db: asyncpg.Connection, database: str) -> None:
    """Two versions of the prompt, each evaluated, one of them on trial."""
    await db.execute(
        "insert into ai.eval_cases (case_id, family, provenance, message, labels) "
        "values ('c1', 'f', 'file', $1, '{\"route\": \"process\", \"language\": \"en\"}')", PUMPS,
    )  # fmt: skip
    await save(
        db,
        case(LONG_WORD, HOSTILE, route="civil", tags=["pumps"]),
        case("\u5ba2\u6237-7", CHINESE, line_items=[{"quantity": 12}]),
    )
    async with ModelServer() as server, _daemon(database, server) as process:
        await process.until_event("worker.registered")
        await insert(db, PUMPS, f"Please quote 40 brackets. {HOSTILE}")
        await until(ended(db, 2))
        await db.execute(
            "select ai.add_prompt('rfq', system || ' Be brief.', template, parameters, 'ada', $1) from ai.prompts "
            "where version = 'rfq@1'", HOSTILE,
        )  # fmt: skip
        for version in ("rfq@2", "rfq@1"):
            await db.execute("select ai.request_evaluation($1)", version)
            await until(lambda: db.fetchval("select not exists (select from ai.eval_requests where ended_at is null)"))
        process.send(signal.SIGTERM)
        await process.exit_code()
    await db.execute("select ai.start_trial('canary', 'rfq@2', 5, 'ada')")
    await db.execute("select ai.request_evaluation('rfq@2', null, 1, $1)", HOSTILE[:80])


def _daemon(database: str, server: ModelServer) -> ForkedProcess:
    return ForkedProcess(
        "run", RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="openai", OPENAI_BASE_URL=server.url,
        OPENAI_API_KEY="sk-test", RFQFLOW_MODEL="fake-1",
    )  # fmt: skip


async def _trouble(db: asyncpg.Connection, ids: list[UUID]) -> None:
    """Every kind of trouble: dead letters, RFQs that wait for a budget, an open breaker, a webhook that fails."""
    await db.execute("select ai.override_rfq($1, 'civil', 'ada', 'why not')", ids[-1])
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class) "
        "select id, now(), 5, case when g % 2 = 0 then 'timeout' else 'invalid_output' end, 'timeout' "
        "from unnest($1::uuid[]) with ordinality as d (id, g)", ids[6:40],
    )  # fmt: skip
    await db.execute(
        "insert into ai.outbox_deferred (rfq_id, due_at, reason, enqueued_at, attempt) "
        "values ($1, now() + interval '9 hours', 'budget', now(), 0)", ids[4],
    )  # fmt: skip
    await db.execute("select ai.open_breaker('openai', 'm1', 'Jonas Weber', 'not today')")
    await db.execute("select ai.set_budget('global', 'day', 2.50, 'Jonas Weber', $1)", HOSTILE[:120])
    await db.execute("select ai.set_budget('model:fake-1', 'month', 40, 'Jonas Weber')")
    await db.execute("insert into ai.webhooks (name) values ('desk')")
    await db.execute(
        "insert into ai.webhook_outbox (webhook, event_key, kind, happened_at, attempts, last_status) "
        "select 'desk', n::text, 'done', now() - interval '1 hour', 3, 'http_500' from generate_series(1, 13) n"
    )
    for model in ("m1", "a-model-with-quite-a-long-name-2026-01-01"):
        await db.execute("select ai.register_worker('host-1', 42, '0', 'openai', $1, 4, false)", model)
    await db.execute("update ai.workers set beat_at = now() + interval '1 hour' where model = 'm1'")
