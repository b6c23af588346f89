"""A worker's calls into `ai.*`, as methods with types."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from rfqflow.core.errors import SchemaMismatch
from rfqflow.core.prompting.prompt import PromptText
from rfqflow.core.records import StoredAnswer
from rfqflow.database.connection import CONNECT_SECONDS
from rfqflow.database.migrate import released_files
from rfqflow.store.encoding import (
    admission_of,
    claim_of,
    encoded_requests,
    encoded_results,
    facts_of,
    heartbeat_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from rfqflow.core.decisions.admission import Admission, AdmissionRequest
    from rfqflow.core.records import Claim, GateFacts
    from rfqflow.core.results import AttemptResult
    from rfqflow.database.reconnecting import ReconnectingConnection
    from rfqflow.store.encoding import Heartbeat

# A claim and its facts commit asynchronously. The admission commits later and synchronously, and PostgreSQL flushes WAL
# in order. So a crash of the server never undoes a claim whose call was paid for. It may undo claims without a call.
_COMMITTED_LATER = "set_config('synchronous_commit', 'off', true) committed_later"


class QueueStore:
    """The calls that a worker makes."""

    def __init__(self, line: ReconnectingConnection) -> None:
        self.line = line

    async def finish_and_claim(
        self,
        finished: Sequence[AttemptResult],
        *,
        worker: int,
        claim_id: int,
        limit: int,
        lease_seconds: float,
        from_id: int,
        seconds: float | None = None,
        bounded: bool = False,
    ) -> tuple[dict[int, str], list[Claim]]:
        """Finishes attempts and claims RFQs.

        Returns new claims and, by outbox id, outcomes other than the requested ones.

        `bounded`: the server ends the statement after `seconds`.
        """
        lease = timedelta(seconds=lease_seconds)
        if not finished:
            rows = await self.line.fetch(
                f"select c.* from {_COMMITTED_LATER}, ai.claim_outbox($1, $2, $3, $4, $5) c",
                worker, claim_id, limit, lease, from_id,
            )  # fmt: skip
            return {}, [claim_of(row) for row in rows]
        rows = await self.line.fetch(
            "select * from ai.finish_and_claim($1, $2, $3, $4, $5, $6)",
            encoded_results(finished), worker, claim_id, limit, lease, from_id, seconds=seconds, bounded=bounded,
        )  # fmt: skip
        outcomes: dict[int, str] = {}
        claims: list[Claim] = []
        for row in rows:
            if row["outcome"] is None:
                claims.append(claim_of(row))
            else:
                outcomes[row["outbox_id"]] = row["outcome"]
        return outcomes, claims

    async def finish(
        self, finished: Sequence[AttemptResult], *, seconds: float, apart: bool = False, rehearse: bool = False
    ) -> dict[int, str]:
        """Records leftovers. Returns, by outbox id, outcomes other than the requested ones.

        `apart`: record the result without its RFQ. `rehearse`: roll everything back.
        """
        rows = await self.line.fetch(
            f"select f.outbox_id, f.outcome from ai.finish_{'apart' if apart else 'outbox'}($1) f",
            encoded_results(finished), seconds=seconds, bounded=True, undo=rehearse,
        )  # fmt: skip
        return {row["outbox_id"]: row["outcome"] for row in rows}

    async def gate_facts(
        self, claims: Sequence[Claim], fingerprints: Sequence[bytes | None], *, paid: bool
    ) -> dict[UUID, GateFacts]:
        """By RFQ: its facts. RFQs that no longer exist are absent.

        `paid`: count the claims against their senders' rates.
        """
        # Pass arrays of text: for any other array type, asyncpg first asks each new session about the type, which takes
        # 7 ms.
        rows = await self.line.fetch(
            f"select f.* from {_COMMITTED_LATER}, ai.gate_facts($1::text[]::uuid[], $2::text[]::bytea[], "
            "$3::text[]::smallint[], $4, $5::text[]::boolean[]) f",
            [str(claim.rfq_id) for claim in claims],
            [one and f"\\x{one.hex()}" for one in fingerprints],
            [str(claim.attempt) for claim in claims],
            paid,
            [str(claim.is_new) for claim in claims],
        )
        return {row["rfq_id"]: facts_of(row) for row in rows}

    async def answered_parts(self, claim: Claim) -> list[StoredAnswer]:
        """The answers about parts of a long list since the last accepted answer. They may be about an earlier text."""
        rows = await self.line.fetch("select * from ai.answered_parts($1)", claim.rfq_id)
        return [
            StoredAnswer(
                0, row["content_sha256"], row["prompt_version"], row["prompt_sha256"], row["provider"], row["model"],
                row["output"],
            )
            for row in rows
        ]  # fmt: skip

    async def admit(
        self, provider: str, requests: Sequence[AdmissionRequest], *, lease_seconds: float
    ) -> list[Admission]:
        """The admission or refusal of each request."""
        rows = await self.line.fetch(
            "select * from ai.admit($1, $2, $3)",
            provider, encoded_requests(requests), timedelta(seconds=max(lease_seconds, 1.0)),
        )  # fmt: skip
        return [admission_of(row) for row in rows]

    async def extend_holds(self, asked: Sequence[tuple[int, int]]) -> list[bool]:
        """Adds nano-dollars to the holds of claims. Returns for each whether the budgets had room."""
        rows = await self.line.fetch("select * from ai.extend_holds($1, $2)", *map(list, zip(*asked, strict=True)))
        return [row["is_granted"] for row in rows]

    async def reap_holds(self) -> int:
        return int((await self.line.one("select ai.reap_holds()"))[0])

    async def reclaim_stale(self) -> int:
        """Requeues claims of dead workers, and claims with expired leases. Returns their number."""
        return int((await self.line.one("select ai.reclaim_dead(0) + ai.reclaim_expired()"))[0])

    async def prune_guards(self) -> int:
        return int((await self.line.one("select ai.prune_guards()"))[0])

    async def release_unacknowledged(self, worker: int, claim_id: int, limit: int) -> int:
        """Releases the rows of a claim whose reply was lost. Returns their number."""
        return int((await self.line.one("select ai.release_unacknowledged($1, $2, $3)", worker, claim_id, limit))[0])

    async def renew(self, held: Sequence[tuple[int, int]], lease_seconds: float) -> set[int]:
        rows = await self.line.fetch(
            "select ai.renew_leases($1, $2, $3)",
            [outbox_id for outbox_id, _ in held],
            [claim_id for _, claim_id in held],
            timedelta(seconds=lease_seconds),
        )
        return {row[0] for row in rows}

    async def beat(self, worker: int, in_flight: int, policy_seen: int, event_seen: int, from_id: int) -> Heartbeat:
        row = await self.line.one(
            "select * from ai.heartbeat($1, $2, $3, $4, $5)", worker, in_flight, policy_seen, event_seen, from_id
        )
        return heartbeat_of(row)

    async def register(
        self, *, host: str, pid: int, version: str, provider: str, model: str, concurrency: int, lock: bool,
        answers_with: str = "[]", problems: str = "[]",
    ) -> int:  # fmt: skip
        row = await self.line.one(
            "select ai.register_worker($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            host, pid, version, provider, model, concurrency, lock, answers_with, problems,
        )  # fmt: skip
        return int(row[0])

    async def note_claims(self, worker: int, failure: str | None) -> None:
        await self.line.fetch("select ai.note_claims($1, $2)", worker, failure)

    async def retire(self, worker: int) -> None:
        await self.line.fetch("select ai.retire_worker($1)", worker)

    async def reclaim(self, worker: int) -> int:
        return int((await self.line.one("select ai.reclaim_worker($1)", worker))[0])

    async def sweep(self) -> int:
        return int((await self.line.one("select ai.find_unqueued_rfqs()"))[0])

    async def register_prompt(self, text: PromptText) -> str:
        """Adds the prompt unless a prompt with the same text exists. Returns the version.

        The first prompt becomes active.
        """
        row = await self.line.one(
            "select ai.add_prompt($1, $2, $3, $4, null, 'shipped with the release', $5)",
            text.name, text.system, text.template, json.dumps(dict(text.parameters)), text.number,
        )  # fmt: skip
        return str(row[0])

    async def prompt(self, version: str) -> PromptText:
        row = await self.line.one(
            "select name, number, system, template, parameters::text from ai.prompts where version = $1", version
        )
        return PromptText(row["name"], row["number"], row["system"], row["template"], json.loads(row["parameters"]))

    async def refuse_unknown_schema(self) -> None:
        """Raises SchemaMismatch if a later release has changed the database so that this release cannot use it."""
        rows = await self.line.fetch(
            "select name from ai.rfqflow_migration where breaking and name <> all ($1)", released_files()
        )
        if rows:
            raise SchemaMismatch(
                f"the database has been upgraded by a later release ({rows[0][0]}) that this one cannot work with: "
                "upgrade rfqflow."
            )

    async def find_unnoted_attachments(self) -> int:
        """Records attachments that no trigger has recorded. Returns the number of their RFQs."""
        return int((await self.line.one("select ai.find_unnoted_attachments()"))[0])

    async def note_attachment(self) -> int:
        """Records the state of the application's table.

        Returns 1 if the table was replaced, has lost a trigger, or was repaired.
        """
        return int((await self.line.one("select ai.note_attachment()"))[0])

    async def make_partitions(self) -> int:
        return int((await self.line.one("select ai.make_partitions()"))[0])

    async def roll_up(self) -> int:
        """Runs one step. Returns the number of runs that it added to the roll-ups."""
        return int((await self.line.one("select ai.roll_up()"))[0])

    async def hand_off_doorbell(self) -> None:
        await self.line.fetch("select ai.hand_off_doorbell()")

    async def acquire_doorbell(self, wait_seconds: float, seconds: float) -> bool:
        rows = await self.line.fetch("select ai.acquire_doorbell($1)", timedelta(seconds=wait_seconds), seconds=seconds)
        return bool(rows[0][0])

    async def release_doorbell(self, seconds: float) -> None:
        await self.line.fetch("select ai.release_doorbell()", seconds=seconds)

    async def ping(self, seconds: float = CONNECT_SECONDS) -> None:
        await self.line.fetch("select 1", seconds=seconds)
