"""Each reason of `ai.reasons`: the test brings an installation into that state, and every view of an RFQ agrees.

Each view says what the RFQ waits for or ended with, the numbers, since when, and the remedy. The views are
`ai.cause_of`, `rfqflow show`, its JSON, and `ai.health` while the RFQ waits. One database goes through all states,
since starting one takes most of the time.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rfqflow.core.errors import ErrorClass
from rfqflow.llm.openai import OpenAIProvider
from tests.support import command_server
from tests.support.admission import admit, claim, end, finish, request
from tests.support.model_server import ModelServer
from tests.support.worker_harness import until, working

if TYPE_CHECKING:
    from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
KEPT = {name: value for name, value in os.environ.items() if not name.startswith(("RFQFLOW_", "DATABASE_URL"))}
BRACKETS = "We need 25 pcs of milled brackets, drawing B-7714 rev C, material 6082, please quote."
CORPUS = [json.loads(line) for line in (ROOT / "tests/corpus/screening.jsonl").read_text().splitlines()]
# The finding of `ai.health` about RFQs that wait for this.
FINDINGS = {
    "no_live_worker": "no_live_worker", "paused": "paused", "breaker_open": "breaker_open", "unknown_price": "unknown_price",
    "budget": "call_exceeds_budget", "sender_budget": "call_exceeds_budget", "quota": "waits_for_person",
    "auth": "waits_for_person", "model_not_found": "waits_for_person", "not_sent": "waits_for_person",
    "prompt_unusable": "waits_for_person",
}  # fmt: skip
REACHED = "select exists (select from ai.rfq_status where rfq_id = $1 and ai_status = $2)"
ALL_ENDED = (
    "select count(*) = cardinality($1::uuid[]) from ai.rfq_status where rfq_id = any ($1) "
    "and ai_status in ('done', 'skipped', 'failed', 'deferred')"
)
# These have no count.
WITHOUT_FIGURES = {"opted_out", "empty", "erased", "discarded"}


async def put(db: Any, key: str, value: Any) -> None:
    await db.execute("select ai.set_policy($1, $2, 'test', null)", key, json.dumps(value))


class Walk:
    """The states in which the installation has been, and the faults of the reports."""

    def __init__(self, db: Any, database: str) -> None:
        self.db, self.database = db, database
        self.seen: set[tuple[str | None, str]] = set()
        self.wrong: list[str] = []

    async def insert(self, message: str = BRACKETS, **columns: Any) -> UUID:
        names = ", ".join(["message", *columns])
        marks = ", ".join(f"${n}" for n in range(1, len(columns) + 2))
        found: UUID = await self.db.fetchval(
            f"insert into public.rfq_requests ({names}) values ({marks}) returning id", message, *columns.values()
        )
        return found

    async def ended(self, verdict: str, reason: str, error_class: str | None = None, **fields: Any) -> UUID:
        """An RFQ whose attempt a worker ended like this."""
        rfq_id = await self.insert()
        (row,) = await claim(self.db, 1)
        ended = {"reason": reason, "error_class": error_class, "admitted": False, "booked_nano": None, **fields}
        assert await finish(self.db, end(row, verdict, **ended)) == {}
        return rfq_id

    async def shown(self, rfq_id: UUID, *options: str) -> str:
        done = await asyncio.to_thread(
            command_server.run, "show", str(rfq_id), *options, cwd=ROOT,
            env=KEPT | {"RFQFLOW_DATABASE_URL": self.database, "RFQFLOW_PROVIDER": "rules", "COLUMNS": "500"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def explained(self, status: str | None, code: str, rfq_id: UUID) -> None:
        """The installation is in this state, and each report of it is the same."""
        self.seen.add((status, code))
        rfq = await self.db.fetchrow("select * from ai.rfq_status where rfq_id = $1", rfq_id)
        known = await self.db.fetchrow(
            "select * from ai.reasons where kind = 'reason' and code = $1 and status is not distinct from $2",
            code,
            status,
        )
        cause = await self.db.fetchrow("select * from ai.cause_of($1)", rfq_id)
        where = f"{status} {code}"
        if (rfq["ai_status"], rfq["ai_reason"] or code) != (status, code) or cause is None or cause["code"] != code:
            self.wrong.append(
                f"{where}: is {rfq['ai_status']} {rfq['ai_reason']}, reported as {cause and cause['code']}"
            )
            return
        story = json.loads(await self.shown(rfq_id, "--json"))["cause"]
        shown = " ".join((await self.shown(rfq_id)).split())
        finding = await self._finding(code) if status in ("pending", "deferred") else None
        remedy = finding["remedy"] if finding and finding["code"] != "waits_for_person" else known["remedy"]
        checks = {
            "cause": cause["cause"] == known["meaning"],
            "remedy": cause["remedy"] == remedy.replace("RFQ_ID", str(rfq_id)),
            "figures": bool(cause["figures"]) != (code in WITHOUT_FIGURES),
            "since": cause["since"] is not None or code == "older",
            "json": all(story[name] == cause[name] for name in ("code", "cause", "figures", "remedy", "needs")),
            "show": all(" ".join(cause[name].split()) in shown for name in ("cause", "figures", "remedy") if cause[name]),
            "next": cause["next_attempt_at"] is not None or not (status == "deferred" or code in ("retry", "backfill")),
            "health": (finding is None) == (status not in ("pending", "deferred") or code not in FINDINGS),
            "count": finding is None or finding["count"] > 0,
            "its sentence": finding is None or finding["sentence"] in cause["figures"] or known["meaning"][:-1] in finding["sentence"],
        }  # fmt: skip
        if status == "failed":
            reasons = await self.db.fetch("select sentence from ai.health where code = 'dead_letters'")
            checks["dead letter"] = any(code in row["sentence"] for row in reasons)
        self.wrong += [f"{where}: {name}: {dict(cause)}" for name, holds in checks.items() if not holds]

    async def _finding(self, code: str) -> Any:
        waits = (
            "%"
            + {"sender_budget": "each sender", "budget": "all calls"}.get(
                code, code if FINDINGS.get(code) == "waits_for_person" else ""
            )
            + "%"
        )
        return await self.db.fetchrow(
            "select * from ai.health where code = $1 and sentence like $2 limit 1", FINDINGS.get(code), waits
        )


async def without_a_worker(walk: Walk) -> None:
    db = walk.db
    older = [await walk.insert() for _ in range(2)]
    await db.execute("delete from ai.outbox")
    await db.execute("update public.rfq_requests set ai_status = null, created_at = '2020-01-01'")
    await walk.explained(None, "older", older[0])
    await db.execute("select ai.backfill_rfqs(p_per_minute => 1)")
    (waits,) = await db.fetch(
        "select rfq_id from ai.outbox_deferred where reason = 'backfill' order by due_at desc limit 1"
    )
    await walk.explained("pending", "backfill", waits["rfq_id"])
    await db.execute("delete from public.rfq_requests; delete from ai.outbox; delete from ai.outbox_deferred")

    rfq_id = await walk.insert()
    await walk.explained("pending", "no_live_worker", rfq_id)
    await db.execute("select ai.pause('nora', 'stock-taking')")
    await walk.explained("pending", "paused", rfq_id)
    await db.execute("select ai.resume('nora', null)")
    await db.execute("select ai.register_worker('host-1', 42, '0', 'p', 'm1', 4, false)")
    await db.execute("update ai.workers set beat_at = now() + interval '1 hour'")  # it stays, even if the test is slow
    await walk.explained("pending", "due", rfq_id)
    await claim(db, 1)
    await walk.explained("pending", "in_progress", rfq_id)
    retried = await walk.ended("retry", "timeout", "timeout")
    await walk.explained("pending", "retry", retried)
    await db.execute("update ai.workers set beat_at = now() - interval '1 hour'")
    assert "No daemon is at work" in await db.fetchval("select figures from ai.cause_of($1)", retried)
    await db.execute("update ai.workers set beat_at = now() + interval '1 hour'")


async def by_what_an_attempt_ended_with(walk: Walk) -> None:
    """States that need a long outage or an accident of a worker: the test sends the worker's calls to the database."""
    for code in ("timeout", "connection", "provider_5xx", "auth", "quota", "model_not_found", "internal"):
        await walk.explained("failed", code, await walk.ended("discard", code, code, admitted=False))
    await walk.explained("failed", "attempts_exhausted", await walk.ended("discard", "attempts_exhausted"))
    await walk.explained("failed", "duplicate_id", await walk.ended("abandon", "duplicate_id", "write_refused"))
    await walk.explained("failed", "unreadable", await walk.ended("discard", "unreadable", "unreadable"))
    for code in ("timeout", "connection", "provider_5xx", "rate_limit", "not_sent"):
        await walk.explained("deferred", code, await walk.ended("defer", code, code))
    await walk.explained("deferred", "prompt_unusable", await walk.ended("defer", "prompt_unusable"))
    await walk.explained("deferred", "model_limit", await walk.ended("defer", "model_limit"))
    first = await walk.insert()
    (original,) = await claim(walk.db, 1)
    await walk.explained(
        "deferred", "duplicate_running", await walk.ended("defer", "duplicate_running", waits_for=str(first))
    )
    assert original["rfq_id"] == first
    late = await walk.ended("defer", "attachments_arriving")
    await walk.db.execute("insert into ai.attachment_changes (rfq_id) values ($1)", late)
    await walk.explained("deferred", "attachments_arriving", late)
    await walk.explained("deferred", "attachment_unreachable", await walk.ended("defer", "attachment_unreachable"))
    expired = await walk.ended("defer", "not_sent", "not_sent")
    await walk.db.execute(
        "update public.rfq_requests set ai_updated_at = now() - interval '1 year' where id = $1", expired
    )
    await walk.db.execute("update ai.outbox_deferred set due_at = now() where rfq_id = $1", expired)
    await walk.db.execute("select ai.promote_deferred()")
    (row,) = await claim(walk.db, 1)
    await finish(walk.db, end(row, "defer", reason="not_sent", error_class="not_sent", admitted=False, ages=True))
    await walk.explained("skipped", "expired", expired)

    await walk.db.execute("select ai.open_breaker('p', 'm1', 'nora', 'a test')")
    await walk.explained("deferred", "breaker_open", await walk.ended("defer", "breaker_open"))
    await walk.db.execute("select ai.close_breaker('p', 'm1', 'nora', null)")
    # Two outcomes after which no RFQ remains in a state of its own.
    await walk.insert()
    (row,) = await claim(walk.db, 1)
    await finish(walk.db, end(row, "release", status="lost", reason="stopped", error_class="cancelled", admitted=False))
    (row,) = await claim(walk.db, 1)
    await walk.db.execute(
        "update ai.outbox set lease_expires_at = now() - interval '1 s' where id = $1", row["outbox_id"]
    )
    await claim(walk.db, 1)


async def by_money(walk: Walk) -> None:
    db = walk.db
    await put(db, "budget.global.day", 0.000002)
    for code, asked in (("budget", {"nano": 5000}), ("unknown_price", {"priced": False, "nano": 10})):
        rfq_id = await walk.insert()
        (row,) = await claim(db, 1)
        if code == "unknown_price":
            await put(db, "unknown_price", "refuse")
        assert await admit(db, request(row, **asked)) == [(None, code)]
        await finish(db, end(row, "defer", reason=code, error_class=None, admitted=False))
        await walk.explained("deferred", code, rfq_id)
    await put(db, "unknown_price", "assume")
    await put(db, "budget.global.day", 5)
    await db.execute("select ai.set_budget('sender', 'day', 0.000002, 'nora', null)")
    rfq_id = await walk.insert()
    (row,) = await claim(db, 1)
    assert await admit(db, request(row, nano=5000, sender="s1")) == [(None, "sender_budget")]
    await finish(db, end(row, "defer", reason="sender_budget", error_class=None, admitted=False))
    await walk.explained("deferred", "sender_budget", rfq_id)
    await walk.explained("skipped", "budget", await walk.ended("skip", "budget", status="skipped"))
    await walk.explained("skipped", "sender_budget", await walk.ended("skip", "sender_budget", status="skipped"))
    await db.execute("select ai.set_budget('sender', 'day', null, 'nora', null)")


async def by_erasure(walk: Walk) -> None:
    waiting, answered = [await walk.insert(email=f"{name}@example.com") for name in ("ada", "bob")]
    # With all that has become due since: on a busy machine, that is several RFQs.
    rows = {row["rfq_id"]: row for row in await claim(walk.db, 100)}
    await finish(walk.db, end(rows[answered], admitted=False, confidence=0.9, extracted={}, output={}))
    for name in ("ada", "bob"):
        await walk.db.execute("select ai.erase_person($1, 'nora', null)", f"{name}@example.com")
    await walk.explained("skipped", "erased", waiting)
    await walk.explained("done", "erased", answered)


async def by_hand(walk: Walk) -> None:
    rfq_id = await walk.insert()
    assert await walk.db.fetchval("select ai.discard_rfqs(array[$1]::uuid[], 'nora', null)", rfq_id) == [rfq_id]
    await walk.explained("skipped", "discarded", rfq_id)


async def by_gates(walk: Walk) -> dict[tuple[str, str], UUID]:
    found = {name: next(one for one in CORPUS if one["gate"] == name) for name in ("spam", "gibberish")}
    states = {
        ("skipped", "opted_out"): await walk.insert(metadata='{"ai_opt_out": true}'),
        ("skipped", "empty"): await walk.insert("  \n "),
        ("skipped", "too_short"): await walk.insert("Hello."),
        ("skipped", "gibberish"): await walk.insert(found["gibberish"]["message"]),
        ("skipped", "spam"): await walk.insert(found["spam"]["message"], email=found["spam"]["email"]),
    }
    for reason, column, value in (("sender_rate", "email", "eve@example.com"), ("ip_rate", "source_ip", "203.0.113.9")):
        many = [await walk.insert(f"{BRACKETS} Case {reason} {n}.", **{column: value}) for n in range(3)]
        states["skipped", reason] = many[-1]
    return states


async def by_the_model(walk: Walk) -> dict[tuple[str, str], UUID]:
    behaviours = {
        "bad_request": "400", "content_filter": "400_filter", "refusal": "refusal", "truncated": "truncated",
        "invalid_output": "invalid_json", "too_large": "huge",
    }  # fmt: skip
    return {
        ("failed", code): await walk.insert(f"{BRACKETS} [model:{name}]") for code, name in behaviours.items()
    }  # fmt: skip


@pytest.mark.timeout(600)
async def test_every_reason_has_cause_number_and_remedy_in_every_view(db, database):
    walk = Walk(db, database)
    await without_a_worker(walk)
    await by_what_an_attempt_ended_with(walk)
    await by_money(walk)
    await by_erasure(walk)
    await by_hand(walk)
    await db.execute("delete from public.rfq_requests; delete from ai.workers; delete from ai.holds")
    await db.execute("delete from ai.outbox; delete from ai.outbox_deferred; delete from ai.outbox_dead")

    await db.execute(
        "alter table public.rfq_requests add constraint no_summary check (ai_summary is null or message !~ 'model:ok')"
    )
    for key, value in (
        ("max_attempts", 1),
        ("min_characters", 10),
        ("sender_per_hour", 1),
        ("ip_per_hour", 1),
        ("defer_seconds", 3600),
    ):
        await put(db, key, value)
    async with ModelServer() as server:
        provider = OpenAIProvider(model="m1", base_url=server.url, api_key="k")
        async with working(database, provider, prompt_version=None):
            states = await by_gates(walk) | await by_the_model(walk)
            states["failed", "write_refused"] = await walk.insert(f"{BRACKETS} [model:ok]")
            await until(lambda: db.fetchval(ALL_ENDED, list(states.values())), seconds=60)
            for (status, code), rfq_id in states.items():
                await walk.explained(status, code, rfq_id)
            # The reasons that open the breaker of all models come last, in turn.
            for code, name in (("model_not_found", "404"), ("quota", "429_quota"), ("auth", "401")):
                rfq_id = await walk.insert(f"{BRACKETS} [model:{name}]")
                await until(lambda rfq_id=rfq_id: db.fetchval(REACHED, rfq_id, "deferred"), seconds=60)
                await walk.explained("deferred", code, rfq_id)
                await db.execute("delete from ai.outbox_deferred where rfq_id = $1", rfq_id)
                await db.execute("select ai.close_breaker(provider, model, 'nora', null) from ai.model_states")
        await provider.aclose()

    assert not walk.wrong, "\n".join(walk.wrong)
    known = {tuple(row) for row in await db.fetch("select status, code from ai.reasons where kind = 'reason'")}
    assert walk.seen == known, "a reason without a state"
    classes = {
        row[0] for row in await db.fetch("select distinct error_class from ai.rag_runs where error_class is not null")
    }
    assert classes == {str(each) for each in ErrorClass}
