"""The queue's SQL against a plain model of it: claims, ends, edits, deaths, reruns, holds and overrides in any order.

Three sessions take turns. After each step, every table must equal the model. `HYPOTHESIS_EXAMPLES` sets the number of
examples.
"""

import asyncio
import contextlib
import hashlib
import itertools
import json
import os
import uuid
from collections import Counter
from dataclasses import dataclass
from functools import partial

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

VERSION = "p@1"
STATUS = {"complete": "succeeded", "keep": "skipped", "skip": "skipped", "defer": "deferred", "release": "lost"}
ROUTES = ("electrical", "mechanical", "general")
NANO = 1_000_000_000
AHEAD = 3600_000.0


@dataclass
class Rfq:
    """An RFQ as the application sees it."""

    text: str
    status: str = "pending"
    reason: str | None = None
    answered: bytes | None = None
    override: str | None = None


@dataclass
class Row:
    """A row of the live queue."""

    rfq: uuid.UUID
    attempt: int = 0
    forced: bool = False
    claim: int | None = None
    worker: int | None = None
    expired: bool = False


@dataclass(frozen=True)
class Token:
    """What a worker got with a claim; by now it may be stale."""

    outbox: int
    rfq: uuid.UUID
    claim: int
    attempt: int
    sha256: bytes | None


@dataclass
class Waiting:
    attempt: int
    forced: bool
    reason: str
    due: bool = False


class Queue(RuleBasedStateMachine):
    """`sessions` are the test's, shared by all examples: to load a new session costs more than an example."""

    sessions: tuple[psycopg.Connection, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        for session in self.sessions:
            session.execute("select pg_advisory_unlock_all()")
        self.one = self.sessions[0]
        self.one.execute(
            "truncate ai.outbox, ai.outbox_deferred, ai.outbox_dead, ai.rag_runs, ai.holds, ai.budget_windows, ai.model_states, "
            "ai.breaker_windows, ai.events, ai.overrides, ai.workers restart identity cascade"
        )
        self.one.execute("truncate public.rfq_requests cascade")
        self.one.execute("select ai.set_budget('global', 'day', 1)")
        self.rfqs: dict[uuid.UUID, Rfq] = {}
        self.gone: set[uuid.UUID] = set()
        self.outbox: dict[int, Row] = {}
        self.deferred: dict[uuid.UUID, Waiting] = {}
        self.dead: set[uuid.UUID] = set()
        self.tokens: list[Token] = []
        self.runs: Counter[tuple[int | None, str]] = Counter()
        self.holds: dict[int, int] = {}
        self.spent, self.cap = 0, NANO
        self.claims = itertools.count(1000, 100)
        self.texts = itertools.count()

    # -- helpers -----------------------------------------------------------------------------------------------------

    def ask(self, session: int, statement: str, *values: object) -> list[tuple]:
        return self.sessions[session % 3].execute(statement, values).fetchall()

    def ask_all(self, *statements: str) -> list[list[tuple]]:
        with (session := self.sessions[0]).pipeline():
            asked = [session.execute(statement) for statement in statements]
        return [one.fetchall() for one in asked]

    def enqueue(self, rfq: uuid.UUID, **fields: object) -> None:
        """A row of the queue. The database chooses its number; the model knows its order."""
        ((number,),) = self.ask(0, "select id from ai.outbox where rfq_id = %s", rfq)
        assert not self.outbox or number > max(self.outbox)
        self.outbox[number] = Row(rfq, **fields)

    def row_of(self, rfq: uuid.UUID) -> Row | None:
        return next((row for row in self.outbox.values() if row.rfq == rfq), None)

    def lose(self, claim: int) -> None:
        if not any(number for (known, _), number in self.runs.items() if known == claim):
            self.runs[claim, "lost"] += 1
        self.spent += self.holds.pop(claim, 0)

    def some(self, number: int) -> uuid.UUID:
        everybody = list(self.rfqs)
        return everybody[number % len(everybody)]

    def recent(self, number: int) -> Token:
        """One of the last few tokens: stale ones are among them, and their rows still exist."""
        return self.tokens[-1 - number % min(len(self.tokens), 6)]

    def in_force(self) -> list[Token]:
        return [token for token in self.tokens if (row := self.outbox.get(token.outbox)) and row.claim == token.claim]

    def held_or_recent(self, number: int) -> Token:
        """In half of the cases an admitted token: they are few, and only they can move money."""
        held = [token for token in self.tokens if token.claim in self.holds]
        return held[number // 2 % len(held)] if held and number % 2 else self.recent(number // 2)

    @initialize(nano=st.integers(1, NANO // 2))
    def begin(self, nano):
        """Begins with some work: from nothing, most examples would never reach the end of a call."""
        for _ in range(4):
            self.insert(0)
        self.claim_now(0, 1, 2)
        self.claim_now(1, 2, 1)
        self.admit(2, 0, nano)

    # -- the application ---------------------------------------------------------------------------------------------

    @rule(session=st.integers(0, 2))
    def insert(self, session):
        text = f"We need {next(self.texts)} pumps"
        ((rfq,),) = self.ask(session, "insert into public.rfq_requests (message) values (%s) returning id", text)
        self.rfqs[rfq] = Rfq(text)
        self.enqueue(rfq)

    @precondition(lambda self: self.rfqs)
    @rule(session=st.integers(0, 2), which=st.integers(0, 50), back=st.booleans())
    def edit(self, session, which, back):
        rfq = self.some(which)
        text = "We need 0 pumps" if back else f"We need {next(self.texts)} pumps"
        self.ask(session, "update public.rfq_requests set message = %s where id = %s returning 1", text, rfq)
        if text == self.rfqs[rfq].text:
            return
        self.rfqs[rfq].text, self.rfqs[rfq].status, self.rfqs[rfq].reason = text, "pending", None
        if rfq in self.deferred:
            waiting = self.deferred[rfq]
            waiting.attempt, waiting.due = 0, waiting.due or waiting.reason == "retry"
            return
        if self.row_of(rfq) is None:
            self.enqueue(rfq)
        self.dead.discard(rfq)

    @precondition(lambda self: self.rfqs)
    @rule(session=st.integers(0, 2), which=st.integers(0, 50))
    def delete(self, session, which):
        rfq = self.some(which)
        self.ask(session, "delete from public.rfq_requests where id = %s returning 1", rfq)
        del self.rfqs[rfq]
        self.gone.add(rfq)

    # -- workers -----------------------------------------------------------------------------------------------------

    @rule(session=st.integers(0, 2), worker=st.integers(1, 3), limit=st.integers(0, 4))
    def claim(self, session, worker, limit):
        self.claim_now(session, worker, limit)

    def claim_now(self, session, worker, limit):
        base = next(self.claims)
        rows = self.ask(
            session,
            "select outbox_id, rfq_id, claim_id, attempt, message, content_sha256 from ai.claim_outbox(%s, %s, %s, '60 s', 0)",
            worker, base, limit,
        )  # fmt: skip
        free = sorted(number for number, row in self.outbox.items() if row.claim is None or row.expired)[:limit]
        assert [row[0] for row in rows] == free
        for place, (number, rfq, claim, attempt, message, sha256) in enumerate(rows, 1):
            row = self.outbox[number]
            if row.claim is not None:
                self.lose(row.claim)
            row.attempt += 1
            row.claim, row.worker, row.expired = base + place, worker, False
            known = self.rfqs.get(rfq)
            assert (claim, attempt, message) == (row.claim, row.attempt, known.text if known else None)
            self.tokens.append(Token(number, rfq, claim, attempt, sha256))

    @precondition(lambda self: self.tokens)
    @rule(which=st.integers(0, 50))
    def expire(self, which):
        """A lease expires."""
        token = self.recent(which)
        row = self.outbox.get(token.outbox)
        if row and row.claim == token.claim:
            self.ask(
                0,
                "update ai.outbox set lease_expires_at = now() - interval '1 s' where id = %s returning 1",
                token.outbox,
            )
            row.expired = True

    @precondition(lambda self: any(row.claim for row in self.outbox.values()))
    @rule(session=st.integers(0, 2), worker=st.integers(1, 3))
    def take_over(self, session, worker):
        """All leases expire, and another worker claims at once: the earlier tokens are stale, their rows taken."""
        self.ask(
            0,
            "with x as (update ai.outbox set lease_expires_at = now() - interval '1 s' where claim_id is not null) select 1",
        )
        for row in self.outbox.values():
            row.expired = row.expired or row.claim is not None
        self.claim_now(session, worker, 4)

    @precondition(lambda self: self.tokens)
    @rule(session=st.integers(0, 2), which=st.integers(0, 50))
    def renew(self, session, which):
        token = self.recent(which)
        row = self.outbox.get(token.outbox)
        mine = row is not None and row.claim == token.claim
        held = self.ask(session, "select ai.renew_leases(array[%s], array[%s], '60 s')", token.outbox, token.claim)
        assert [number for (number,) in held] == ([token.outbox] if mine else [])
        if mine:
            row.expired = False

    @precondition(lambda self: self.tokens)
    @rule(
        session=st.integers(0, 2),
        which=st.integers(0, 50),
        verdict=st.sampled_from(
            ["complete", "complete", "keep", "skip", "retry", "defer", "discard", "release", "abandon"]
        ),
        known=st.booleans(),
    )
    def finish(self, session, which, verdict, known):
        """With any token, fresh or stale; `known`: the bill is known."""
        token = self.held_or_recent(which)
        held = self.holds.get(token.claim)
        booked = 1000 if known else None
        reason = {"retry": "timeout", "release": "stopped"}.get(verdict, verdict)
        said = {
            "outbox_id": token.outbox, "rfq_id": str(token.rfq), "claim_id": token.claim, "worker": 1,
            "attempt": token.attempt, "verdict": verdict, "status": STATUS.get(verdict, "failed"), "reason": reason,
            "content_sha256": "\\x" + token.sha256.hex() if token.sha256 else None, "prompt_version": VERSION,
            "delay_ms": AHEAD, "charged": verdict == "retry", "output": {}, "route": "general", "summary": "s",
            "booked_nano": booked,
        }  # fmt: skip
        if held is not None:
            said["admitted"] = True
        outcomes = dict(self.ask(session, "select * from ai.finish_outbox(%s)", json.dumps([said])))
        row, rfq = self.outbox.get(token.outbox), self.rfqs.get(token.rfq)
        outcome = self.judge(token, row, rfq, verdict)
        reported = {"lost", "gone", "edited", "repeated"}
        assert outcomes == ({token.outbox: outcome} if outcome in reported else {})
        self.record(token, outcome, verdict, rfq, paid=held is not None)
        if held is not None and outcome != "lost":
            self.spent += held if booked is None else booked
            del self.holds[token.claim]
        self.apply(token, outcome, verdict, row, rfq)

    @staticmethod
    def judge(token: Token, row: Row | None, rfq: Rfq | None, verdict: str) -> str:
        if row is None or row.claim != token.claim:
            return "lost"
        if verdict in ("release", "abandon"):
            return verdict
        if rfq is None:
            return "gone"
        if verdict in ("complete", "keep", "skip", "discard") and token.sha256 != sha256_of(rfq.text):
            return "edited"
        if verdict == "complete" and not row.forced and token.sha256 == rfq.answered:
            return "repeated"
        return verdict

    def record(self, token: Token, outcome: str, verdict: str, rfq: Rfq | None, *, paid: bool) -> None:
        status = STATUS.get(verdict, "failed")
        if outcome == "lost" and any(
            number for (claim, what), number in self.runs.items() if claim == token.claim and what != "lost"
        ):
            return
        if outcome == "defer" and rfq and (rfq.status, rfq.reason) == ("deferred", "defer") and not paid:
            return  # the same wait as before is not a change
        if outcome in ("lost", "edited", "repeated") and status == "succeeded":
            status = "superseded"
        self.runs[token.claim, status] += 1

    def apply(self, token: Token, outcome: str, verdict: str, row: Row | None, rfq: Rfq | None) -> None:
        if outcome == "lost" or row is None:
            return
        if rfq is not None:
            ends = {"complete": "done", "keep": "done", "repeated": "done", "skip": "skipped", "discard": "failed",
                    "defer": "deferred", "retry": "pending", "edited": "pending"}  # fmt: skip
            if outcome in ends:
                rfq.status = ends[outcome]
                rfq.reason = verdict if outcome in ("skip", "discard", "defer") else None
            if outcome == "complete":
                rfq.answered = token.sha256
            elif outcome == "skip":
                rfq.answered = None
        if outcome == "edited":
            row.claim, row.worker, row.attempt, row.expired = None, None, 0, False
        elif outcome == "release":
            row.claim, row.worker, row.attempt, row.expired = None, None, row.attempt - 1, False
        else:
            del self.outbox[token.outbox]
        if outcome in ("discard", "abandon"):
            self.dead.add(token.rfq)
        elif outcome == "retry":
            self.deferred[token.rfq] = Waiting(token.attempt, row.forced, "retry")
        elif outcome == "defer":
            self.deferred[token.rfq] = Waiting(token.attempt - 1, row.forced, "defer")

    @rule(session=st.integers(0, 2), worker=st.integers(1, 3))
    def reclaim(self, session, worker):
        """The worker died."""
        mine = [row for row in self.outbox.values() if row.worker == worker]
        assert self.ask(session, "select ai.reclaim_worker(%s)", worker) == [(len(mine),)]
        for row in mine:
            assert row.claim
            self.lose(row.claim)
            row.claim, row.worker, row.expired = None, None, False

    @precondition(lambda self: self.tokens)
    @rule(session=st.integers(0, 2), which=st.integers(0, 50))
    def release_unacknowledged(self, session, which):
        """The reply to a claim was lost; its worker never made a call."""
        token = self.recent(which)
        base = token.claim // 100 * 100
        mine = [row for row in self.outbox.values() if row.claim and base < row.claim <= base + 10 and row.worker == 1]
        if any(row.claim in self.holds for row in mine):
            return
        assert self.ask(session, "select ai.release_unacknowledged(1, %s, 10)", base) == [(len(mine),)]
        for row in mine:
            row.claim, row.worker, row.attempt, row.expired = None, None, row.attempt - 1, False

    # -- time, and people --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.deferred)
    @rule(which=st.integers(0, 50))
    def time_comes(self, which):
        rfq = list(self.deferred)[which % len(self.deferred)]
        self.ask(0, "update ai.outbox_deferred set due_at = now() - interval '1 s' where rfq_id = %s returning 1", rfq)
        self.deferred[rfq].due = True

    @rule(session=st.integers(0, 2))
    def promote(self, session):
        due = [rfq for rfq, waiting in self.deferred.items() if waiting.due]
        assert self.ask(session, "select ai.promote_deferred()") == [(len(due),)]
        numbers = dict(self.ask(0, "select rfq_id, id from ai.outbox where rfq_id = any (%s)", due))
        for rfq in due:
            waiting = self.deferred.pop(rfq)
            self.outbox[numbers[rfq]] = Row(rfq, waiting.attempt, waiting.forced)

    @precondition(lambda self: self.rfqs)
    @rule(session=st.integers(0, 2), which=st.integers(0, 50), force=st.booleans())
    def rerun(self, session, which, force):
        rfq = self.some(which)
        row = self.row_of(rfq)
        changes = row is None or (force and not row.forced)
        assert self.ask(session, "select ai.rerun_rfq(%s, %s)", rfq, force) == [(changes,)]
        self.deferred.pop(rfq, None)
        self.dead.discard(rfq)
        if row is None:
            self.enqueue(rfq, forced=force)
        elif force:
            row.forced = True

    @precondition(lambda self: self.rfqs)
    @rule(session=st.integers(0, 2), which=st.integers(0, 50), route=st.sampled_from(ROUTES))
    def override(self, session, which, route):
        rfq = self.some(which)
        self.ask(session, "select ai.override_rfq(%s, %s, 'ada')", rfq, route)
        self.rfqs[rfq].override = route

    @precondition(lambda self: self.rfqs)
    @rule(session=st.integers(0, 2), which=st.integers(0, 50))
    def withdraw(self, session, which):
        rfq = self.some(which)
        stood = self.rfqs[rfq].override is not None
        assert self.ask(session, "select ai.withdraw_override(%s, 'ada')", rfq) == [(stood,)]
        self.rfqs[rfq].override = None

    # -- money -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.in_force())
    @rule(session=st.integers(0, 2), which=st.integers(0, 50), nano=st.integers(1, NANO // 2))
    def admit(self, session, which, nano):
        """Admission, for a current claim."""
        token = self.in_force()[which % len(self.in_force())]
        asked = [{"claim_id": token.claim, "rfq_id": str(token.rfq), "sender": None,
                  "candidates": [{"model": "m", "tokens": 1, "nano": nano, "priced": True}]}]  # fmt: skip
        ((model, refusal),) = self.ask(
            session, "select model, refusal from ai.admit('fake', %s, '60 s')", json.dumps(asked)
        )
        if token.claim in self.holds:
            assert (model, refusal) == ("m", None)
        elif self.spent + sum(self.holds.values()) + nano <= self.cap:
            assert (model, refusal) == ("m", None)
            self.holds[token.claim] = nano
        else:
            assert (model, refusal) == (None, "budget")

    @rule(session=st.integers(0, 2), cap=st.integers(0, 4 * NANO))
    def set_cap(self, session, cap):
        self.ask(session, "select ai.set_budget('global', 'day', %s::numeric / 1000000000)", cap)
        raised = cap > self.cap
        self.cap = cap
        del raised  # RFQs that waited for it would be woken; no RFQ here waits for a budget

    # -- after each step ---------------------------------------------------------------------------------------------

    @invariant()
    def the_database_is_the_models(self):
        """The queues, the RFQs, runs and money; in one query, since a round trip costs as much as these."""
        live, waiting, dead, seen, runs, holds, windows = self.ask_all(
            "select id, rfq_id, attempt, forced, claim_id, worker from ai.outbox",
            "select rfq_id, attempt, forced, reason, due_at <= clock_timestamp() from ai.outbox_deferred",
            "select rfq_id from ai.outbox_dead",
            "select r.id, r.message, r.ai_status, r.ai_reason, r.ai_content_sha256, o.route from public.rfq_requests r "
            "left join ai.overrides o on o.rfq_id = r.id and o.withdrawn_at is null",
            "select claim_id, status, count(*) from ai.rag_runs group by 1, 2",
            "select claim_id, amount_nano from ai.holds",
            "select spent_nano_usd, held_nano from ai.budget_windows where scope = 'global' and period = 'day'",
        )
        assert {row[0]: row[1:] for row in live} == {
            number: (row.rfq, row.attempt, row.forced, row.claim, row.worker) for number, row in self.outbox.items()
        }
        assert {row[0]: row[1:] for row in waiting} == {
            rfq: (one.attempt, one.forced, one.reason, one.due) for rfq, one in self.deferred.items()
        }
        assert {rfq for (rfq,) in dead} == self.dead
        assert {row[0]: row[1:] for row in seen} == {
            rfq: (one.text, one.status, one.reason, one.answered, one.override) for rfq, one in self.rfqs.items()
        }
        assert {(claim, status): number for claim, status, number in runs} == dict(+self.runs)
        assert dict(holds) == self.holds
        assert windows in ([], [(self.spent, sum(self.holds.values()))])


def sha256_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@pytest.mark.timeout(600)
async def test_the_sql_does_what_the_model_does(database, db):
    """The model leaves out only one thing: which numbers the database draws."""
    await db.execute(
        "insert into ai.routes (slug, description) select x, 'd' from unnest($1::text[]) x on conflict (slug) do nothing",
        list(ROUTES),
    )
    examples = partial(
        run_state_machine_as_test,
        Queue,
        settings=settings(
            max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "100")),
            stateful_step_count=40,
            deadline=None,
            derandomize="HYPOTHESIS_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            # The command that breaks the code on purpose only needs to know whether a test fails.
            phases=[Phase.generate] if "HYPOTHESIS_NO_SHRINK" in os.environ else list(Phase),
        ),
    )
    with contextlib.ExitStack() as stack:
        Queue.sessions = tuple(stack.enter_context(psycopg.connect(database, autocommit=True)) for _ in range(3))
        await asyncio.to_thread(examples)
