"""Reads what a run has left behind into one history."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import asyncpg

from . import invariants
from .checker import History
from .files import CANARY, MARK
from .fleet import KEY
from .world import World

_EPOCH = "extract(epoch from {})::float8"


def _forms(secret: str) -> list[bytes]:
    """The secret itself, and its middle in base64 at each of the three offsets."""
    raw = secret.encode()
    return [raw, *(base64.b64encode(b"\0" * shift + raw)[4 : 4 + (len(raw) // 3 - 1) * 4] for shift in range(3))]


def count_secrets(blob: bytes) -> int:
    return sum(blob.count(form) for secret in (CANARY, KEY) for form in _forms(secret))


async def _rows(conn: asyncpg.Connection, statement: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await conn.fetch(statement, timeout=300)]


async def collect(world: World) -> History:
    file_id, _, name, content, uri = world.table.file_columns
    async with world.admin() as conn:
        world.orphaned_holds = await invariants.reap(conn)
        history = History(
            ops=world.load.ops,
            rfqs=await _rows(conn, "select r.id::text, r.request_id, r.name, r.email, r.company, r.phone, r.message, r.ai_status, "
                                   "r.ai_reason, encode(r.ai_content_sha256, 'hex') as ai_content_sha256, s.route, "
                                   "(select bit_xor(x.token) from (select c.rfq_id, c.token from ai.attachment_changes c union all "
                                   "select a.rfq_id, a.token from ai.attachment_sets a) x where x.rfq_id = r.id) as attached "
                                   f"from {world.table.rfqs} r join ai.rfq_status s on s.rfq_id = r.id"),
            runs=await _rows(conn, "select rfq_id::text, claim_id, worker, attempt, status, reason, error_class, prompt_version, booked_usd::float8 as booked_usd, "
                                   f"encode(content_sha256, 'hex') as content_sha256, {_EPOCH.format('created_at')} as at, output -> 'attachments' as files, "
                                   f"case when output ? 'attachments' then array(select m[1] from regexp_matches(output::text, '({MARK.pattern})', 'g') m) end "
                                   "as marks from ai.rag_runs"),
            files=await _rows(conn, f"select {world.table.file_rfq_id}::text as rfq_id, f.{name} as name, "
                                    f"coalesce(f.{uri}, encode(sha256(f.{content}), 'hex')) as body, encode(u.sha256, 'hex') as sha256 "
                                    f"from {world.table.files} f left join ai.attachment_uses u "
                                    f"on u.rfq_id = {world.table.file_rfq_id} and u.attachment_id = f.{file_id}::text"),
            readings=await _rows(conn, "select encode(sha256, 'hex') as sha256, attempt from ai.attachment_readings"),
            movements=await _rows(conn, f"select {_EPOCH.format('at')} as at, place, op, rfq_id::text, claim_id, worker, attempt, forced, "
                                        f"old_claim_id, old_worker, {_EPOCH.format('old_lease')} as old_lease "
                                        "from chaos.movements order by seq"),
            writes=await _rows(conn, "select rfq_id::text, by_role, business from chaos.writes where business"),
            queued=await _rows(conn, "select 'outbox' as place, rfq_id::text, to_jsonb(o)::text as row from ai.outbox o union all "
                                     "select 'outbox_deferred', rfq_id::text, to_jsonb(d)::text from ai.outbox_deferred d union all "
                                     "select 'outbox_missed', rfq_id::text, to_jsonb(m)::text from ai.outbox_missed m"),
            dead=await _rows(conn, "select rfq_id::text, reason, error_class from ai.outbox_dead"),
            holds=await _rows(conn, "select claim_id, max(amount_nano) / 1e9::float8 as usd from chaos.holds group by claim_id"),
            trigger_waits=await _rows(conn, f"select {_EPOCH.format('at')} as at, ms from chaos.trigger_waits"),
        )  # fmt: skip
        for run in history.runs:
            run["files"] = json.loads(run["files"]) if run["files"] else None
        history.sql = {**await invariants.broken(conn, world.table.rfqs), **world.sampled}
        history.leaks = await _leaks(conn, world)
    history.calls = world.provider.calls()
    history.control = world.load.control
    history.blocked, history.hurt, history.exits = world.blocked, world.hurt, world.exits
    history.fallen, history.calm = world.fallen, world.calm
    return history


async def _leaks(conn: asyncpg.Connection, world: World) -> dict[str, int]:
    found = {"notifications": world.payload_leaks}
    logs = [worker.log_path for worker in world.workers] + [world.pair.primary.log, world.pair.spare.log]
    for path in logs:
        found[path.name] = count_secrets(path.read_bytes()) if path.exists() else 0
    # Answers and error texts repeat the customer's request, and belong to the RFQ. No other column of ours may hold it.
    for name, statement in {
        "ai.rag_runs": "select (to_jsonb(u) - 'output' - 'error_detail')::text from ai.rag_runs u",
        "ai.outbox_dead": "select d::text from ai.outbox_dead d",
        "ai.workers": "select w::text from ai.workers w",
        "ai.policy_history": "select h::text from ai.policy_history h",
    }.items():
        text = await conn.fetchval(f"select string_agg(x, e'\\n') from ({statement}) as all_of_it (x)", timeout=300)
        found[name] = count_secrets((text or "").encode())
    found["the key in a dump of the database"] = _dump(world).count(KEY.encode())
    return found


def _dump(world: World) -> bytes:
    program: Path = world.pair.primary.tools / "pg_dump"
    if not program.exists():
        return b""
    return subprocess.run([program, "-n", "ai", world.pair.primary.dsn], capture_output=True, check=True).stdout
