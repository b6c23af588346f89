"""The database checks of `rfqflow doctor`. Each finding has a remedy.

A check is a method that yields findings. If the role may not run a check, that is a finding, and the other checks still
run.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import asyncpg

from rfqflow.core.errors import ConfigError, DatabaseUnreachable, SchemaMismatch
from rfqflow.core.finding import Finding, fail, ok, warn
from rfqflow.database import migrate
from rfqflow.database.connection import LOST, connect
from rfqflow.store.exposure import Exposure
from rfqflow.store.installation_checks import InstallationChecks
from rfqflow.store.operation_checks import DiagnosticTarget, OperationChecks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    Check = Callable[[], AsyncGenerator[Finding, None]]

__all__ = ["OLDEST_SERVER", "DiagnosticTarget", "examine"]

OLDEST_SERVER = 14


async def examine(target: DiagnosticTarget) -> AsyncGenerator[Finding, None]:
    """Yields the findings, basic checks first. Stops early if no other check can run."""
    try:
        conn = await connect(target.database_url, application_name="rfqflow doctor", pooled=True)
    except (DatabaseUnreachable, ConfigError) as error:
        yield fail(
            str(error), "start the server, or correct address, name and password; the message names each host tried"
        )
        return
    try:
        for first in (_server, _schema):
            stop = False
            async with aclosing(first(conn)) as findings:
                async for finding in findings:
                    stop = stop or finding.level == "fail"
                    yield finding
            if stop:
                return
        for check in _checks(conn, target):
            async with aclosing(_asked(check)) as findings:
                async for finding in findings:
                    yield finding
    finally:
        conn.terminate()


def _checks(conn: asyncpg.Connection, target: DiagnosticTarget) -> tuple[Check, ...]:
    """The checks that do not depend on each other."""
    installation, operation = InstallationChecks(conn), OperationChecks(conn, target)
    return (
        installation.rights, installation.mapping, operation.health, installation.table, installation.read_only,
        installation.two_phase_commit, operation.listening, operation.notify_queue, operation.doorbell,
        operation.snapshots, installation.partitions, operation.workers, operation.parameters,
        *Exposure(conn.fetch).checks, operation.clock, installation.encoding,
    )  # fmt: skip


async def _asked(check: Check) -> AsyncGenerator[Finding, None]:
    name = check.__name__.replace("_", " ")
    try:
        async with aclosing(check()) as findings:
            async for finding in findings:
                yield finding
    except asyncpg.InsufficientPrivilegeError as error:
        yield warn(f"{name}: not checked, {error.message}", "retry as the owner of schema ai")
    except (*LOST, asyncpg.PostgresError) as error:
        code = getattr(error, "sqlstate", None) or type(error).__name__
        yield fail(f"{name}: the check failed ({code})", "check the server's log; then retry")


async def _server(conn: asyncpg.Connection) -> AsyncGenerator[Finding, None]:
    version = conn.get_server_version()
    if version.major < OLDEST_SERVER:
        yield fail(
            f"the server is PostgreSQL {version.major}: too old",
            f"upgrade it to PostgreSQL {OLDEST_SERVER} or later",
        )
        return
    yield ok(f"the database answers, PostgreSQL {version.major}")


async def _schema(conn: asyncpg.Connection) -> AsyncGenerator[Finding, None]:
    try:
        if not await conn.fetchval("select to_regclass('ai.rfqflow_migration') is not null"):
            yield fail("this database has no rfqflow schema", "run `rfqflow migrate`")
            return
        if later := await migrate.later(conn):
            await migrate.check_for_worker(conn)
            yield warn(f"a later release has migrated this database ({later[-1]})", "upgrade rfqflow on this machine")
            return
        pending = await migrate.pending(conn)
    except SchemaMismatch as error:
        yield fail(str(error), "use the release that this database was migrated with, or a later one")
        return
    except (asyncpg.InsufficientPrivilegeError, migrate.UnreadableLedger) as error:
        yield fail(f"the schema cannot be read: {error}", "grant rfqflow_worker to the daemon's role")
        return
    behind = [step.name for step in migrate.steps() if step.once and step.name in pending]
    if behind:
        yield fail(f"the schema is behind by {len(behind)} migration(s), first {behind[0]}", "run `rfqflow migrate`")
    elif pending:
        yield warn(f"{len(pending)} file(s) of sql/ differ from this release, first {pending[0]}",
                   "run `rfqflow migrate`")  # fmt: skip
    else:
        yield ok("the schema matches this release")
