"""Checks that find a broken installation: rights, the mapped table and its triggers, and settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rfqflow.core.errors import RfqflowError
from rfqflow.core.finding import Finding, fail, ok, warn
from rfqflow.database import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import asyncpg

_MANY_RFQS = 50_000  # a table with fewer RFQs is read quickly without an index


class InstallationChecks:
    """The checks. Each method yields findings, as in `diagnostics`."""

    def __init__(self, conn: asyncpg.Connection) -> None:
        self._conn = conn

    async def _rows(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._conn.fetch(statement, *args)
        return rows

    async def rights(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select current_user as role, "
            "(select pg_has_role(current_user, r.oid, 'usage') from pg_roles r where r.rolname = 'rfqflow_worker') "
            "as member, array(select p.proname::text from pg_proc p where p.pronamespace = 'ai'::regnamespace "
            "and p.proname = any ($1) and not has_function_privilege(p.oid, 'execute') order by 1) "
            "|| array(select v.name from unnest($2::text[]) as v(name) "
            "where not coalesce(has_table_privilege(to_regclass('ai.' || v.name), 'select'), false)) as missing",
            *migrate.worker_rights(),
        )
        role, missing = rows[0]["role"], rows[0]["missing"]
        if not missing:
            yield ok(f"the role {role} has the rights of a worker")
        elif rows[0]["member"]:
            yield fail(f"rfqflow_worker lacks the right to ai.{missing[0]}" + _more(missing),
                       "run `rfqflow migrate` as the owner: it grants the rights again")  # fmt: skip
        else:
            yield fail(f"the role {role} has no right to ai.{missing[0]}" + _more(missing),
                       f'grant rfqflow_worker to "{role}"')  # fmt: skip

    async def mapping(self) -> AsyncGenerator[Finding, None]:
        found = (await self._rows("select table_name, columns::text, ai_columns, state from ai.table_mapping"))[0]
        if found["state"] == "detached":
            return  # the table is detached: the next migrate checks its triggers
        try:
            await migrate.check_table(self._conn)
        except RfqflowError as error:
            yield fail(str(error), "then `rfqflow migrate`, with --map where names have changed")
            return
        columns = json.loads(found["columns"])
        renamed = [f"{ours} is {theirs or 'missing'}" for ours, theirs in columns.items() if ours != theirs]
        where = "ai.enrichment" if found["ai_columns"] == "enrichment" else "its columns ai_*"
        yield ok(f"RFQs are the rows of {found['table_name']}" + (f" ({', '.join(renamed)})" if renamed else "")
                 + f", answers are in {where}")  # fmt: skip

    async def table(self) -> AsyncGenerator[Finding, None]:
        """Finds a large table without an index on time. `migrate` never adds this index to an existing table."""
        found = await self._rows(
            "select m.table_name, m.columns ->> 'created_at' as at, c.reltuples::bigint as rfqs, "
            "exists (select from pg_index i join pg_attribute a "
            "on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisvalid "
            "and i.indpred is null and a.attname = m.columns ->> 'created_at') as by_time "
            "from ai.table_mapping m join pg_class c on true join pg_namespace n on n.oid = c.relnamespace "
            "where format('%I.%I', n.nspname, c.relname) = m.table_name and exists (select from pg_attribute a "
            "where a.attrelid = c.oid and a.attname = m.columns ->> 'created_at')"
        )
        if found and not found[0]["by_time"] and found[0]["rfqs"] >= _MANY_RFQS:
            yield warn(
                f"{found[0]['table_name']} has no index on {found[0]['at']}, and about {found[0]['rfqs']:,} "
                "RFQs: the console's lists and searches read the whole table",
                f"create index concurrently on {found[0]['table_name']} ({found[0]['at']})",
            )

    async def read_only(self) -> AsyncGenerator[Finding, None]:
        found = await self._rows("select current_setting('default_transaction_read_only') = 'on' as frozen")
        if found[0]["frozen"]:
            yield fail(
                "transactions of this role are read-only (default_transaction_read_only): nothing can be recorded",
                "to allow writes again: alter database ... reset default_transaction_read_only, "
                "or alter role ... reset default_transaction_read_only",
            )

    async def two_phase_commit(self) -> AsyncGenerator[Finding, None]:
        found = await self._rows(
            "select current_setting('max_prepared_transactions')::integer as prepared, "
            "(select value #>> '{}' from ai.policy where key = 'notify') as notify, "
            "(select prosrc ~ 'max_prepared_transactions' from pg_proc "
            "where oid = 'ai.notify_workers()'::regprocedure) as minds"
        )
        if found[0]["prepared"] > 0 and found[0]["notify"] != "off":
            yield warn(
                f"the server allows two-phase commit and the policy notify is {found[0]['notify']}: "
                + ("inserts send no notification, and workers poll" if found[0]["minds"]
                   else "PREPARE TRANSACTION fails after an insert that sent a notification"),
                "`rfqflow policy set notify off`, or max_prepared_transactions = 0 if it is unused",
            )  # fmt: skip

    async def partitions(self) -> AsyncGenerator[Finding, None]:
        rows = await self._rows(
            "select to_char(w.monday at time zone 'UTC', 'YYYY-MM-DD') as monday from generate_series(0, 1) n "
            "cross join lateral (select date_trunc('week', now(), 'UTC') + n * interval '7 days' as monday) w "
            "where not exists (select from pg_inherits i where i.inhparent = 'ai.rag_runs'::regclass and i.inhrelid = "
            "to_regclass('ai.rag_runs_' || to_char(w.monday at time zone 'UTC', 'IYYY\"w\"IW'))) order by 1"
        )
        remedy = "start a daemon, which creates them, or run: select ai.make_partitions()"
        if rows:
            yield warn(
                f"ai.rag_runs has no partition for the week from {rows[0]['monday']}: its runs go into the "
                "default partition",
                remedy,
            )
        else:
            yield ok("ai.rag_runs has partitions ahead")

    async def encoding(self) -> AsyncGenerator[Finding, None]:
        if (encoding := await self._conn.fetchval("select getdatabaseencoding()")) != "UTF8":
            yield warn(
                f"the database's encoding is {encoding}, not UTF8"
                + (
                    ": it accepts any bytes, and an RFQ whose message is not UTF-8 becomes a dead letter"
                    if encoding == "SQL_ASCII"
                    else ""
                ),
                "move to a database in UTF8: createdb --encoding UTF8 --template template0, dump and restore",
            )


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""
