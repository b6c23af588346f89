"""Reads how rfqflow is attached to the application's table, detaches rfqflow, and uninstalls it from a database."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import asyncpg

from rfqflow.core.errors import RfqflowError
from rfqflow.database import migrate


async def survey(conn: asyncpg.Connection) -> dict[str, Any]:
    """What an uninstall would do, and which daemons run.

    Raises:
        RfqflowError: rfqflow is not installed, or the installing release kept no list of its objects.
    """
    if not await conn.fetchval("select to_regclass('ai.rfqflow_object') is not null"):
        name = await conn.fetchval("select current_database()")
        raise RfqflowError(
            f"rfqflow is not installed in database {name}, or by an earlier release. "
            "Run `rfqflow migrate` first, or check that this is the right database."
        )
    row = await conn.fetchrow(
        "select current_database()::text as database, m.table_name as table, m.ai_columns, m.state, "
        "(select count(*) from ai.rfqflow_object where kind <> 'schema') as objects, "
        "(select count(*) from ai.outbox) + (select count(*) from ai.outbox_deferred) "
        "+ (select count(*) from ai.outbox_missed) as queued, "
        "(select count(*) from ai.outbox where claim_id is not null) as in_flight, "
        "(select count(*) from ai.outbox_dead) as dead_letters, (select count(*) from ai.rag_runs) as runs, "
        "(select count(*) from ai.overrides) as overrides, (select count(*) from ai.prompts) as prompts, "
        "(select count(*) from ai.documents) as documents, (select count(*) from ai.enrichment) as answers_apart, "
        "(select count(*) from ai.workers where beat_at > clock_timestamp() - interval '15 seconds') as daemons "
        "from ai.table_mapping m"
    )
    return dict(row)


async def in_flight(conn: asyncpg.Connection) -> int:
    """The number of claims without a result."""
    return int(await conn.fetchval("select count(*) from ai.outbox where lease_expires_at > clock_timestamp()"))


async def hold_claims(conn: asyncpg.Connection, actor: str | None, reason: str | None) -> str:
    """Stops all workers from claiming. Returns the previous mode, which `release_claims` restores."""
    return str(await conn.fetchval("select ai.set_policy('mode', '\"paused\"', $1, $2) #>> '{}'", actor, reason))


async def release_claims(conn: asyncpg.Connection, mode: str, actor: str | None, reason: str | None) -> None:
    await conn.execute("select ai.set_policy('mode', to_jsonb($1::text), $2, $3)", mode, actor, reason)


async def run_script(conn: asyncpg.Connection, name: str, **given: str) -> None:
    """Runs a psql file of `sql/`, one transaction after another.

    `given`: the values of settings rfqflow.NAME that the file reads.

    Raises:
        RfqflowError: the file refused to run, or other objects depend on an object that the file drops. The failed
        transaction is rolled back.
    """
    chosen = {f"rfqflow.{key}": value for key, value in given.items()}
    for part in re.split(r"^commit;$", _for_psql(name), flags=re.MULTILINE):
        text = re.sub(r"^begin .*;$|^--.*$", "", part, flags=re.MULTILINE).strip()
        if not text:
            continue
        for tries in range(1, migrate.LOCK_TRIES + 1):
            try:
                async with migrate.transaction(conn):
                    for key, value in chosen.items():
                        await conn.execute("select set_config($1, $2, true)", key, value)
                    await conn.execute(text, timeout=600)
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
                if tries == migrate.LOCK_TRIES or (error.sqlstate == "55P03" and getattr(error, "hint", None)):
                    raise _refused(name, error) from None
                await asyncio.sleep(0.1 * tries)
            except asyncpg.PostgresError as error:
                raise _refused(name, error) from None
            else:
                break


def _for_psql(name: str) -> str:
    """The text of a file with the files that it includes, without psql's own commands."""
    lines = []
    for line in migrate.sql_root().joinpath(name).read_text("utf-8").splitlines():
        if line.startswith(r"\ir "):
            lines.append(_for_psql(line.removeprefix(r"\ir ")))
        elif not line.startswith("\\"):
            lines.append(line)
    return "\n".join(lines)


def _refused(name: str, error: asyncpg.PostgresError) -> RfqflowError:
    if error.sqlstate.startswith("RF"):
        return RfqflowError(f"{error.message}. {error.hint or ''}".strip())
    detail = f" {error.detail}" if getattr(error, "detail", None) else ""
    hint = f" {error.hint}" if getattr(error, "hint", None) else ""
    return RfqflowError(f"{name}: {error.message} ({error.sqlstate}).{detail}{hint}".replace("\n", "; "))


async def detach(conn: asyncpg.Connection, mode: str | None, actor: str | None, reason: str | None) -> None:
    """Detaches rfqflow from the application's table. Raises RfqflowError, and changes nothing, if that is impossible.

    `mode`: the mode that the next `migrate` restores.
    """
    await run_script(conn, "detach.sql", detach="on", mode_before=mode or "", actor=actor or "", reason=reason or "")


async def uninstall(conn: asyncpg.Connection, *, drop_answers: bool, force: bool) -> dict[str, Any]:
    """Uninstalls rfqflow from the database. Returns where the answers are now.

    Raises RfqflowError if that is impossible. Then rfqflow is either detached or unchanged.
    """
    await run_script(
        conn, "uninstall.sql", detach="on", answers="drop" if drop_answers else "keep", force="on" if force else "off"
    )
    done: dict[str, Any] = json.loads(await conn.fetchval("select current_setting('rfqflow.uninstalled')"))
    roles = await conn.fetch("select rolname::text from pg_roles where rolname in ('rfqflow_worker', 'rfqflow_reader')")
    kept = await conn.fetchval("select to_regnamespace('ai') is not null")
    return {**done, "schema_kept": kept, "roles_kept": [row[0] for row in roles]}
