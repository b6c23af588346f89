"""The baseline makes each table in one step, later releases add their changes, and `migrate` refuses an older schema."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from rfqflow.core.errors import SchemaMismatch
from rfqflow.database import migrate, sql_files
from rfqflow.database.connection import connect

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = "select name, sha256, breaking, applied_at from ai.rfqflow_migration order by name"
OF_BEFORE = """
delete from ai.rfqflow_migration where name like 'schema/%' or name like 'seed/%';
insert into ai.rfqflow_migration (name, sha256)
values ('migrations/0001_ledger_and_roles.sql', repeat('a', 64)), ('migrations/0021_attachment.sql', repeat('b', 64))
"""


def by_psql(psql: str, dsn: str, script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [psql, "-X", "-q", "-d", dsn, "-f", script],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip


async def test_a_database_from_before_the_first_release_is_refused_with_the_way_to_start_anew(
    psql, repository, database
):
    conn = await connect(database)
    await conn.execute(OF_BEFORE)
    ledger = await conn.fetch(LEDGER)

    for refused in (migrate.migrate, migrate.pending, migrate.later, migrate.check_for_worker):
        with pytest.raises(SchemaMismatch, match=r"before the first release.*To start anew: `drop schema ai cascade"):
            await refused(conn)
    done = by_psql(psql, database, repository / "sql" / "install.sql")

    assert done.returncode != 0
    assert "before the first release" in done.stderr
    assert "To start anew: `drop schema ai cascade" in done.stderr
    assert await conn.fetch(LEDGER) == ledger
    await conn.close()


async def test_the_way_to_start_anew_works(database):
    conn = await connect(database)
    await conn.execute(OF_BEFORE)
    await conn.execute("insert into public.rfq_requests (message) values ('100 pumps')")
    with pytest.raises(SchemaMismatch) as raised:
        await migrate.migrate(conn)

    await conn.execute(re.search("`(drop schema[^`]*)`", str(raised.value)).group(1))
    await migrate.migrate(conn)

    await conn.execute("insert into public.rfq_requests (message) values ('200 pumps')")
    assert await conn.fetchval("select count(*) from public.rfq_requests") == 2
    assert await conn.fetchval("select count(*) from ai.outbox") == 1
    await conn.close()


@pytest.fixture
def released(monkeypatch, repository, tmp_path) -> Path:
    """A copy of the release, whose sql/ a test may change."""
    copy = tmp_path / "sql"
    shutil.copytree(repository / "sql", copy)
    monkeypatch.setattr(sql_files, "sql_root", lambda: copy)
    return copy


@pytest.mark.parametrize("way", ["migrate", "psql"])
async def test_a_first_migration_is_applied_once_after_the_baseline_in_new_and_old_databases(
    released, psql, tmp_path, database, empty_database, way
):
    migration = "migrations/0002_further.sql"
    (released / migration).write_text(
        "alter table ai.outbox add column further text; comment on column ai.outbox.further is 'For the test.';"
    )
    assert sql_files.newest_migration() == "0002_further"

    for dsn in (database, empty_database, database):
        conn = await connect(dsn)
        if way == "migrate":
            await migrate.migrate(conn)
        else:
            script = tmp_path / "one.sql"
            script.write_text(migrate.script(inline=True))
            done = by_psql(psql, dsn, script)
            assert (done.returncode, done.stderr) == (0, "")
        assert await migrate.pending(conn) == []
        assert await conn.fetchval("select count(further) from ai.outbox") == 0
        await conn.close()


async def test_an_older_release_refuses_a_later_releases_migration_by_psql_too(psql, repository, database):
    conn = await connect(database)
    await conn.execute("insert into ai.rfqflow_migration values ('migrations/0002_further.sql', repeat('a', 64))")
    await conn.close()

    done = by_psql(psql, database, repository / "sql" / "install.sql")

    assert done.returncode != 0
    assert "upgraded by a later release" in done.stderr


async def test_a_release_without_migrations_needs_no_folder_for_them(released, empty_database):
    shutil.rmtree(released / "migrations")
    conn = await connect(empty_database)

    await migrate.migrate(conn)

    assert await migrate.pending(conn) == []
    assert sql_files.newest_migration() == "0001_baseline"
    await conn.close()


async def test_the_routes_of_a_new_installation_are_those_of_the_data_file(db):
    rows = await db.fetch("select slug, description, keywords, is_fallback from ai.routes order by slug")

    shipped = sorted(sql_files.shipped_routes(), key=lambda route: route.slug)
    assert [tuple(row) for row in rows] == [
        (route.slug, route.description, list(route.keywords), route.fallback) for route in shipped
    ]


def test_each_table_of_the_baseline_is_made_in_its_final_form():
    altered = {
        statement
        for step in sql_files.steps()
        if step.name.startswith(("schema/", "seed/"))
        for statement in re.findall(r"^(?:alter|drop|update|delete)\b[^;]*", step.text, re.MULTILINE)
    }

    # What CREATE TABLE cannot express, in PostgreSQL 14 at least.
    assert altered == {
        "alter sequence ai.rag_runs_run_id_seq owned by ai.rag_runs.run_id",
        "alter table ai.documents alter column search set storage main",
        "alter table ai.outbox_missed replica identity full",
        "alter table ai.attachment_changes replica identity full",
    }
