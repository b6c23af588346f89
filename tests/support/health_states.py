"""Puts an installation into the state of each code of `ai.health`, by its real cause wherever that is quick."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.admission import DOLLAR, admit, calls, claim, end, finish, insert, request, set_policy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg


@dataclass(frozen=True)
class State:
    """The finding that `ai.health` must have: its sentence contains all of `sentence`, its remedy all of `remedy`."""

    bring_about: Callable[[asyncpg.Connection], Awaitable[None]]
    severity: str
    count: int
    sentence: tuple[str, ...]
    remedy: tuple[str, ...]


STATES: dict[str, State] = {}


def state(code: str, severity: str, count: int, sentence: tuple[str, ...], remedy: tuple[str, ...]) -> Any:
    """Registers a state by its name: `code`, or `code/variant`."""

    def add(bring_about: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
        STATES[code] = State(bring_about, severity, count, sentence, remedy)

    return add


async def worker(db: asyncpg.Connection, model: str = "m1") -> int:
    """Registers a worker that lives longer than any test."""
    number: int = await db.fetchval("select ai.register_worker('host-1', 42, '0', 'p', $1, 4, false)", model)
    await db.execute("update ai.workers set beat_at = now() + interval '1 hour'")
    return number


async def deferred(db: asyncpg.Connection, number: int, reason: str, **asked: Any) -> None:
    """Defers RFQs for `reason`; with `asked`, by a refusal of admission."""
    await insert(db, number)
    rows = await claim(db, number)
    if asked:
        assert {refusal for _, refusal in await admit(db, *(request(row, **asked) for row in rows))} == {reason}
    put_back = {"reason": reason, "error_class": None, "admitted": False, "cost_usd": None, "booked_nano": None}
    assert await finish(db, *(end(row, "defer", **put_back) for row in rows)) == {}


@state("no_live_worker", "critical", 3, ("3 RFQs wait, the oldest since 20",), ("`rfqflow run`",))
async def _(db: asyncpg.Connection) -> None:
    await insert(db, 3)


@state("no_live_worker/dead", "critical", 1, ("1 RFQ waits", "worker 1 (pid 42 on host-1)"), ("`rfqflow run`",))
async def _(db: asyncpg.Connection) -> None:
    await worker(db)
    await db.execute("update ai.workers set beat_at = now() - interval '1 hour'")
    await insert(db)


@state("no_live_worker/idle", "warning", 0, ("No daemon is at work: new RFQs will wait.",), ("`rfqflow run`",))
async def _(_db: asyncpg.Connection) -> None:
    """A fresh installation."""


@state("paused", "critical", 2, ("paused since 20", "by nora (stock-taking)", "2 RFQs wait"), ("`rfqflow resume`",))
async def _(db: asyncpg.Connection) -> None:
    await insert(db, 2)
    await db.execute("select ai.pause('nora', 'stock-taking')")


@state(
    "claims_fail", "critical", 1, ("worker 1 (pid 42 on host-1)", "with 42P01", "1 RFQ waits"), ("`rfqflow migrate`",)
)
async def _(db: asyncpg.Connection) -> None:
    await db.execute("select ai.note_claims($1, '42P01')", await worker(db))
    await insert(db)


@state(
    "oldest_waiting", "warning", 5, ("5 RFQs wait for a free slot", "1 daemon is at work, 0 of 4 slots"), ("doctor",)
)
async def _(db: asyncpg.Connection) -> None:
    await worker(db)
    await insert(db, 5)
    await db.execute("update ai.outbox set enqueued_at = enqueued_at - interval '1 hour'")


@state(
    "oldest_waiting/away", "warning", 1, ("1 RFQ waits since 20", "cannot be reached", "(connection)"), ("base URL",)
)
async def _(db: asyncpg.Connection) -> None:
    """One RFQ cannot open a breaker."""
    await worker(db)
    await deferred(db, 1, "connection")
    await db.execute("update ai.outbox_deferred set enqueued_at = enqueued_at - interval '1 hour'")


@state("oldest_waiting/busy", "warning", 2, ("2 RFQs wait", "4 of 4 slots"), ("RFQFLOW_CONCURRENCY",))
async def _(db: asyncpg.Connection) -> None:
    await worker(db)
    await insert(db, 2)
    await db.execute("update ai.workers set in_flight = 4")
    await db.execute("update ai.outbox set enqueued_at = enqueued_at - interval '1 hour'")


@state(
    "trigger_missing", "critical", 1, ("public.rfq_requests", "rfqflow_enqueue is disabled"),
    ("alter table public.rfq_requests enable trigger rfqflow_enqueue",),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await db.execute("alter table public.rfq_requests disable trigger rfqflow_enqueue")


@state("trigger_missing/gone", "critical", 1, ("lacks the trigger rfqflow_enqueue",), ("`rfqflow migrate`",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute("drop trigger rfqflow_enqueue on public.rfq_requests")


@state(
    "trigger_missing/table",
    "critical",
    1,
    ("Table public.rfq_requests no longer exists", "public.old now"),
    ("`rfqflow migrate`",),
)
async def _(db: asyncpg.Connection) -> None:
    await db.execute("alter table public.rfq_requests rename to old")


@state(
    "file_trigger_missing", "warning", 1, ("On public.rfq_attachments", "rfqflow_file_came is disabled"),
    ("alter table public.rfq_attachments enable trigger rfqflow_file_came",),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await db.execute("alter table public.rfq_attachments disable trigger rfqflow_file_came")


@state("file_trigger_missing/gone", "warning", 2, ("rfqflow_file_came, rfqflow_file_changed",), ("`rfqflow migrate`",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute("drop trigger rfqflow_file_came on public.rfq_attachments")
    await db.execute("drop trigger rfqflow_file_changed on public.rfq_attachments")


@state(
    "file_trigger_missing/table",
    "warning",
    2,
    ("Table public.rfq_attachments no longer exists",),
    ("`rfqflow migrate`",),
)
async def _(db: asyncpg.Connection) -> None:
    await db.execute("drop table public.rfq_attachments")


@state("enqueue_missed", "warning", 2, ("2 RFQs wait outside the queue", "55P03"), ("ai.enqueue_missed()",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute(
        "insert into ai.outbox_missed select gen_random_uuid(), now() - interval '1 hour', '55P03' from generate_series(1, 2)"
    )


@state("dead_letters", "warning", 3, ("3 dead letters wait for a person", "content_filter"), ("`rfqflow override",))
async def _(db: asyncpg.Connection) -> None:
    await calls(db, 3, verdict="discard", reason="content_filter", error_class="content_filter")


@state("dead_letters/exhausted", "warning", 1, ("attempts_exhausted",), ("`rfqflow rerun --failed`",))
async def _(db: asyncpg.Connection) -> None:
    await calls(db, 1, verdict="discard", reason="attempts_exhausted", error_class="internal")


@state("older_rfqs", "info", 4, ("4 RFQs are older than the installation",), ("`rfqflow backfill`",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute("alter table public.rfq_requests disable trigger user")
    await db.execute(
        "insert into public.rfq_requests (message, created_at, ai_status) "
        "select 'm', '2020-01-01', null from generate_series(1, 4)"
    )
    await db.execute("alter table public.rfq_requests enable trigger user")
    await db.execute("select ai.find_unqueued_rfqs()")


@state(
    "breaker_open",
    "critical",
    2,
    ("m1 (p) is not called", "by nora: dear", "2 RFQs wait"),
    ("`rfqflow breaker close p m1`",),
)
async def _(db: asyncpg.Connection) -> None:
    await db.execute("select ai.open_breaker('p', 'm1', 'nora', 'dear')")
    await deferred(db, 2, "breaker_open", nano=1)


@state("breaker_open/auth", "critical", 1, ("No model of p is called", "(auth)", "1 trip", "probe"), ("key", "doctor"))
async def _(db: asyncpg.Connection) -> None:
    refused = {"verdict": "defer", "reason": "auth", "error_class": "auth", "call": None, "trip": "auth"}
    await calls(db, 1, **refused, booked_nano=0, cost_usd=None)
    await deferred(db, 1, "breaker_open", nano=1)


@state("breaker_open/outage", "warning", 10, ("m1 (p)", "too many calls failed", "10 RFQs wait"), ("FALLBACK",))
async def _(db: asyncpg.Connection) -> None:
    await calls(db, 10, verdict="retry", call="failed")


@state("waits_for_person", "critical", 3, ("3 RFQs wait since 20", "(model_not_found)"), ("RFQFLOW_MODEL",))
async def _(db: asyncpg.Connection) -> None:
    await deferred(db, 3, "model_not_found")


@state(
    "unknown_price",
    "critical",
    2,
    ("2 RFQs wait", "(p m1)", "unknown_price: refuse"),
    ("`rfqflow price set p m1 INPUT OUTPUT`",),
)
async def _(db: asyncpg.Connection) -> None:
    await worker(db)
    await set_policy(db, unknown_price="refuse")
    await deferred(db, 2, "unknown_price", priced=False)


@state(
    "unknown_price/assumed", "warning", 4, ("4 calls in the last 7 days",), ("`rfqflow price set p m1 INPUT OUTPUT`",)
)
async def _(db: asyncpg.Connection) -> None:
    await calls(db, 4, cost_usd=None, cost_source="unknown")


@state(
    "budget_spent", "warning", 2, ("all calls (global) a day", "4.84 of 5.00 USD, as billed", "0.20 USD", "2 RFQs wait until 20"),
    ("`rfqflow budget set global day 10.00`",),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await spent(db, "table")
    await deferred(db, 2, "budget", nano=DOLLAR // 5)


@state(
    "budget_spent/assumed", "critical", 2, ("4.84 of 5.00 USD, all of it booked at assumed prices",),
    ("`rfqflow price set p m1 INPUT OUTPUT`", "`rfqflow budget set global day 10.00`"),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await spent(db, "unknown")
    await deferred(db, 2, "budget", nano=DOLLAR // 5)


@state(
    "call_exceeds_budget", "critical", 20, ("a call reserves up to 0.2431 USD, and the cap is 0.20 USD", "20 RFQs wait: 0.00 of 0.20 USD"),
    ("`rfqflow budget set global day 2.44`",),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await db.execute("select ai.set_budget('global', 'day', 0.2)")
    await deferred(db, 20, "budget", nano=243_100_000)


@state(
    "call_exceeds_budget/lowered",
    "critical",
    2,
    ("2 RFQs wait: 4.84 of 0.20 USD",),
    ("`rfqflow budget set global day 7.28`",),
)
async def _(db: asyncpg.Connection) -> None:
    await spent(db, "table")
    await db.execute("select ai.set_budget('global', 'day', 0.2)")
    await deferred(db, 2, "budget", nano=243_100_000)


@state(
    "budget_spent/lowered", "warning", 2, ("4.84 of 1.00 USD, as billed",), ("`rfqflow budget set global day 6.84`",)
)
async def _(db: asyncpg.Connection) -> None:
    await spent(db, "table")
    await db.execute("select ai.set_budget('global', 'day', 1)")
    await deferred(db, 2, "budget", nano=DOLLAR // 5)


@state(
    "budget_spent/sender", "warning", 2, ("budget of each sender a day is spent: 0.04 of 0.05 USD, as billed", "0.02 USD"),
    ("set sender day 0.10`",),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await db.execute("select ai.set_budget('sender', 'day', 0.05)")
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=40_000_000, sender="s"))
    await finish(db, end(row, booked_nano=40_000_000, cost_usd="0.04"))
    await deferred(db, 2, "sender_budget", nano=20_000_000, sender="s")


@state(
    "call_exceeds_budget/sender", "critical", 1, ("budget of each sender a day", "0.01 USD"), ("set sender day 0.20`",)
)
async def _(db: asyncpg.Connection) -> None:
    await db.execute("select ai.set_budget('sender', 'day', 0.01)")
    await deferred(db, 1, "sender_budget", nano=20_000_000, sender="s")


@state("call_exceeds_budget/model", "critical", 1, ("budget of m1 (model:m1) a month",), ("set model:m1 month 0.20`",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute("select ai.set_budget('model:m1', 'month', 0.01)")
    await deferred(db, 1, "budget", nano=20_000_000)


@state(
    "webhooks_failing",
    "warning",
    2,
    ("Webhook desk", "2 messages wait", "ended with 500"),
    ("receiver", "15 times within seven hours"),
)
async def _(db: asyncpg.Connection) -> None:
    await webhook(db, "500")


@state("webhooks_failing/unknown", "warning", 2, ("none was attempted",), ("RFQFLOW_WEBHOOK_URLS=desk=https://...",))
async def _(db: asyncpg.Connection) -> None:
    await webhook(db, None)


@state("maintenance_late", "warning", 1, ("The maintenance step sweep has failed since 20", "with 57014"), ("log",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute("insert into ai.maintenance (step, failed_at, sqlstate) values ('sweep', now(), '57014')")


@state("maintenance_late/idle", "warning", 2, ("2 maintenance steps are late", "prune, sweep"), ("`rfqflow maintain`",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute(
        "insert into ai.maintenance (step, ran_at, next_at) "
        "select s, now() - interval '1 day', now() - interval '5 hours' from unnest('{prune,sweep}'::text[]) s"
    )


@state(
    "rules_instead_of_model", "warning", 2,
    ("answer on worker 1 (pid 42 on host-1)", "instead of gpt-5-mini (openai), which last answered at 20", "2 RFQs so far"),
    ("RFQFLOW_REQUIRE_MODEL=true", "`rfqflow rerun --prompt-version rules@1`"),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await answered(db, 3, "openai", "gpt-5-mini", "rfq@1")
    await answered(db, 2, "rules", "rules", "rules@1")
    await db.fetchval("select ai.register_worker('host-1', 42, '0', 'rules', 'rules', 4, false)")


@state(
    "rules_instead_of_model/gone",
    "warning",
    1,
    ("rules answered instead of m1 (ollama)", "1 RFQ so far"),
    ("of ollama",),
)
async def _(db: asyncpg.Connection) -> None:
    await answered(db, 1, "ollama", "m1", "rfq@1")
    await answered(db, 1, "rules", "rules", "rules@1")


@state(
    "provider_misconfigured", "warning", 2, ("RFQFLOW_MODEL: ", "worker 1, pid 42 on host-1; worker 2"), ("mend it",)
)
async def _(db: asyncpg.Connection) -> None:
    for _number in range(2):
        await troubled(db, "provider_misconfigured", "RFQFLOW_MODEL")


@state(
    "archive_folder", "warning", 1, ("RFQFLOW_ARCHIVE_DIR: it is amiss (worker 1, pid 42 on host-1).",), ("mend it",)
)
async def _(db: asyncpg.Connection) -> None:
    await db.execute("insert into ai.maintenance (step, ran_at) values ('archive', now() - interval '1 hour')")
    await troubled(db, "archive_folder", "RFQFLOW_ARCHIVE_DIR")


@state("archive_folder/full", "warning", 1, ("could not be archived at 20", "PermissionError"), ("`rfqflow maintain",))
async def _(db: asyncpg.Connection) -> None:
    await db.execute(
        "insert into ai.maintenance (step, failed_at, sqlstate) values ('archive', now(), 'PermissionError')"
    )


@state("archive_folder/gone", "warning", 1, ("FileNotFoundError",), ("create the folder", "mount its volume"))
async def _(db: asyncpg.Connection) -> None:
    await db.execute(
        "insert into ai.maintenance (step, failed_at, sqlstate) values ('archive', now(), 'FileNotFoundError')"
    )


@state(
    "archive_folder/lost", "warning", 1, ("no daemon has tried since 20", "still has 1 week of runs", "older than 90 days"),
    ("set RFQFLOW_ARCHIVE_DIR again", "`rfqflow maintain --archive --archive-dir FOLDER`", "--drop-without-archive"),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await worker(db)
    await db.execute("select ai.create_week_partition(date_trunc('week', now() - interval '110 days', 'UTC'))")
    await db.execute("update ai.rollup_progress set rolled_to = now(), settled_to = now()")
    await db.execute(
        "insert into ai.maintenance (step, ran_at, next_at) values "
        "('archive', now() - interval '2 days', now() - interval '47 hours')"
    )


@state(
    "console_plain_http", "warning", 3, ("3 logins to the console came over plain HTTP", "the last at 20"),
    ("RFQFLOW_CONSOLE_PROXY_TRUSTED", "`rfqflow console --http 127.0.0.1:8642`"),
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await db.execute(
        "insert into ai.console_logins (tried_at, address, outcome, via, attempts, in_clear) values "
        "(now() - interval '2 hours', '203.0.113.5', 'ok', 'password', 1, true), "
        "(now() - interval '1 hour', '203.0.113.5', 'refused', 'proxy', 2, true), "
        "(now() - interval '1 hour', '127.0.0.1', 'ok', 'password', 1, false), "
        "(now() - interval '25 hours', '203.0.113.5', 'ok', 'link', 1, true)"
    )


@state(
    "drafts_waiting", "warning", 1, ("1 request for a draft waits for a daemon, the oldest since 20",), ("`rfqflow run`",)
)  # fmt: skip
async def _(db: asyncpg.Connection) -> None:
    await db.execute(
        "insert into ai.draft_requests (rfq_id, draft_revision, requested_at, requested_by, claim_id, lease_expires_at) "
        "values (gen_random_uuid(), 0, now() - interval '6 minutes', 'ada', null, null), "
        "(gen_random_uuid(), 0, now() - interval '30 minutes', 'ada', 1, now() + interval '1 minute'), "
        "(gen_random_uuid(), 0, now() - interval '20 seconds', 'ada', null, null)"
    )


async def answered(db: asyncpg.Connection, number: int, provider: str, model: str, prompt_version: str) -> None:
    await insert(db, number)
    about = {"provider": provider, "model": model, "prompt_version": prompt_version}
    assert await finish(db, *(end(row, **about) for row in await claim(db, number))) == {}


async def troubled(db: asyncpg.Connection, code: str, source: str) -> None:
    """A daemon that reported the trouble when it registered."""
    said = {"code": code, "source": source, "what": "it is amiss", "remedy": "mend it"}
    await db.execute(
        "select ai.register_worker('host-1', 42, '0', 'p', 'm', 4, false, '[]', $1::jsonb)", json.dumps([said])
    )


async def spent(db: asyncpg.Connection, cost_source: str) -> None:
    """4.84 USD of the 5.00 that a fresh installation may spend in a day."""
    cost = "4.836" if cost_source == "table" else None
    await insert(db)
    row = (await claim(db, 1))[0]
    await admit(db, request(row, nano=4_836_000_000))
    await finish(db, end(row, booked_nano=4_836_000_000, cost_usd=cost, cost_source=cost_source))


async def webhook(db: asyncpg.Connection, last_status: str | None) -> None:
    await db.execute("insert into ai.webhooks (name) values ('desk')")
    await db.execute(
        "insert into ai.webhook_outbox (webhook, event_key, kind, happened_at, attempts, last_status) "
        "select 'desk', n::text, 'done', now() - interval '1 hour', 3, $1 from generate_series(1, 2) n",
        last_status,
    )
