"""Mapping an existing table as docs/how-to/existing-table.md describes: by the command, by psql, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib

import asyncpg
import pytest

from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedUnavailable, find_binaries
from tests.support.mapped_tables import SHAPES, rfqflow, toml

INQUIRY = """
create schema sales;
create table sales.inquiry (
  inquiry_no integer generated always as identity (start 42) primary key, body text not null,
  received timestamp not null default (now() at time zone 'UTC'), contact text, phone integer);
insert into sales.inquiry (body) values ('older than the installation')"""
MADE = """
select 'view', pg_get_viewdef('ai.rfqs'::regclass) union all
select 'mapping', ((to_jsonb(m) - array['attached_at', 'state_since', 'marked']) #- '{attachments,since}')::text from ai.table_mapping m union all
select 'function', pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'ai'::regnamespace union all
select 'trigger', pg_get_triggerdef(t.oid) from pg_trigger t where not t.tgisinternal union all
select 'index', pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = to_regclass($1) union all
select 'column', a.attname || ' ' || format_type(a.atttypid, a.atttypmod) from pg_attribute a
where a.attrelid = to_regclass($1) and a.attnum > 0 union all
select 'comment', o.identity || ' ' || d.description from pg_description d
cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) o where o.schema = 'ai' or d.objoid = to_regclass($1) union all
select 'ledger', name || sha256 from ai.rfqflow_migration order by 1, 2"""


@pytest.fixture(scope="module")
def page(repository) -> str:
    return (repository / "docs/how-to/existing-table.md").read_text()


@pytest.fixture(scope="module")
def psql() -> str:
    folder = os.environ.get("RFQFLOW_PG_BIN")
    try:
        beside = str(find_binaries())
    except EmbeddedUnavailable:
        beside = None
    found = next((one for path in (folder, None, beside) if (one := shutil.which("psql", path=path))), None)
    return found or pytest.skip("there is no psql")


@pytest.fixture
async def plain(empty_database, open_plain) -> asyncpg.Connection:
    return await open_plain(empty_database)


async def test_the_mapping_of_the_page_attaches_and_its_statements_work(page, plain, empty_database, tmp_path):
    await plain.execute(INQUIRY)
    file = tmp_path / "mapping.toml"
    file.write_text(page.split("```toml mapping\n")[1].split("```")[0])

    def run(*words: str) -> str:
        done = rfqflow(*words, dsn=empty_database)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("migrate", "--map", str(file))
    await plain.execute(
        "insert into sales.inquiry (body, contact) values ('Please quote 250 pcs of housing 7-114.', 'ada@example.com')"
    )
    run("run", "--drain")
    assert json.loads(run("show", "43", "--json"))["rfq"]["ai_status"] == "done"
    assert "mechanical" in run("show", "43")
    for statement in page.split("```sql mapped\n")[1].split("```")[0].strip().splitlines():
        await plain.execute(statement)
    assert json.loads(run("show", "42", "--json"))["rfq"]["route"] == "mechanical"
    assert await plain.fetchval("select ai_status from ai.enrichment where rfq_number = 43") == "done"
    run("override", "42", "--withdraw", "--actor", "ada")
    run("rerun", "43", "--force")
    run("run", "--drain")
    assert "sales.inquiry (id is inquiry_no" in run("doctor")
    assert run("migrate").strip() == run("migrate", "--check").strip() == "up to date"
    assert rfqflow("show", "4711", dsn=empty_database).returncode == 1


@pytest.mark.parametrize("shape", ["a bigint key", "a bigint key, answers apart"])
@pytest.mark.parametrize("way", ["install.sql", "--sql"])
async def test_psql_installs_a_mapping_exactly_as_migrate_does(
    psql, repository, server_dsn, plain, empty_database, open_plain, tmp_path, shape, way
):
    shape = SHAPES[shape]
    file = tmp_path / "mapping.toml"
    file.write_text(toml(shape.mapping))
    assert tomllib.loads(file.read_text()) == shape.mapping
    other = empty_database + "_other"
    admin = await connect(server_dsn)
    await admin.execute(f"create database {other.rsplit('/', 1)[1]}")
    try:
        theirs = await open_plain(other)
        for conn in (plain, theirs):
            await conn.execute(shape.ddl)
        if way == "install.sql":
            given = json.dumps(shape.mapping).replace("'", "''")
            words = ["-c", f"set rfqflow.mapping = '{given}'", "-f", str(repository / "sql/install.sql")]
        else:
            script = tmp_path / "it.sql"
            script.write_text(rfqflow("migrate", "--sql", "--map", str(file), dsn="").stdout)
            words = ["-f", str(script)]
        done = subprocess.run(
            [psql, "-X", "-q", "-d", other, *words], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert rfqflow("migrate", "--map", str(file), dsn=empty_database).returncode == 0

        made = [[tuple(row) for row in await conn.fetch(MADE, shape.table)] for conn in (plain, theirs)]
        assert made[0] == made[1]
        assert rfqflow("migrate", "--map", str(file), "--check", dsn=other).returncode == 0
        theirs.terminate()
    finally:
        await admin.execute(f"drop database {other.rsplit('/', 1)[1]} with (force)")
        await admin.close()


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("table = 'sales.nowhere'", 2, "table sales.nowhere not found. Name it with its schema"),
        ("table = 'sales.inquiry'\n[columns]\nid = 'number'", 2, "has no column number, which is mapped as id"),
        ("tabel = 1", 2, "unknown key in the mapping: tabel"),
        ("table = ", 2, "mapping.toml cannot be read"),
        (None, 2, "does not exist"),
    ],
)
async def test_a_mapping_that_does_not_fit_gets_one_clear_line_and_exit_code_2(
    plain, empty_database, tmp_path, text, code, message
):
    await plain.execute(INQUIRY)
    if text is not None:
        (tmp_path / "mapping.toml").write_text(text)

    done = rfqflow("migrate", "--map", str(tmp_path / "mapping.toml"), dsn=empty_database)

    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert await plain.fetchval("select to_regnamespace('ai') is null")


async def test_psql_is_refused_like_migrate(psql, repository, plain, empty_database):
    await plain.execute(INQUIRY)
    for given in ("no json", '{"table": "sales.nowhere"}'):
        done = subprocess.run(
            [psql, "-X", "-q", "-d", empty_database, "-c", f"set rfqflow.mapping = '{given}'", "-f", str(repository / "sql/install.sql")],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "HINT" in done.stderr
        assert await plain.fetchval("select to_regnamespace('ai') is null")


async def test_check_reports_that_another_mapping_is_active(plain, empty_database, tmp_path):
    await plain.execute(INQUIRY)
    file = tmp_path / "mapping.toml"
    file.write_text(
        "table = 'sales.inquiry'\n[columns]\nid = 'inquiry_no'\nmessage = 'body'\ncreated_at = 'received'\nphone = ''"
    )
    assert rfqflow("migrate", "--map", str(file), dsn=empty_database).returncode == 0
    file.write_text(file.read_text() + "\nemail = 'contact'")

    done = rfqflow("migrate", "--map", str(file), "--check", dsn=empty_database)

    assert (done.returncode, "pending: attach/30_columns.sql" in done.stdout) == (1, True)
    assert rfqflow("migrate", "--check", dsn=empty_database).returncode == 0
    assert rfqflow("migrate", "--map", str(file), dsn=empty_database).returncode == 0
    assert await plain.fetchval("select columns ->> 'email' from ai.table_mapping") == "contact"
