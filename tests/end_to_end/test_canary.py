"""P10: a customer's text and identity get into no log, metric, trace, notification or report.

The columns of the answer are the only ones that may hold them. Four hundred RFQs, or RFQFLOW_TEST_CANARIES of them, go through
every outcome that exists. Each has its own name, address, phone and text. The provider repeats the text wherever it
can, and the log level is the most verbose.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re

import asyncpg
import pytest

from tests.support import command_server
from tests.support.daemon import ForkedProcess
from tests.support.http_client import ask
from tests.support.model_server import ModelServer
from tests.support.tcp_server import listening

NUMBER = int(os.environ.get("RFQFLOW_TEST_CANARIES", "400"))
# Most calls succeed. The rest fail in every way that a provider can; several failures repeat the customer's text.
OUTCOMES = (
    ["ok"] * 14
    + ["400", "400_filter", "echo_code", "422", "500", "html200", "prose", "leak_canary", "invalid_json", "schema_breach"]
    + ["extra_field", "refusal", "content_filter", "truncated", "error_in_200", "fenced", "cut", "hang", "tool_call"]
    + ["no_usage", "nul", "400_context"]
)  # fmt: skip
LAST = ("403", "404", "503", "429_none", "429_words")  # outcomes that also stop the calls of other RFQs
# No guard may keep the failing calls away: this test needs them.
POLICIES = {
    "max_attempts": "2", "retry_base_seconds": "0.01", "retry_cap_seconds": "0.02", "defer_seconds": "3600",
    "breaker_min_calls": "100000", "breaker_failure_share": "1", "recovery_ramp_seconds": "0",
}  # fmt: skip
CANARY = re.compile(r"zqk(?:name|mail|text|firm|ref)\d{6}|4930771\d{6}|\+49 30 771\d{6}")


def canaries(text: str) -> set[str]:
    return set(CANARY.findall(text))


async def everything_of_ours(db: asyncpg.Connection) -> dict[str, str]:
    """All rows of every table and view in schema ai as text.

    It leaves out the RFQs, the answers, and the texts of models, servers and files.
    """
    names = await db.fetch(
        "select c.relname from pg_class c where c.relnamespace = 'ai'::regnamespace and c.relkind in ('r', 'p', 'v') "
        "and not c.relispartition and c.relname not in ('rfqs', 'rfq_answer') order by 1"
    )
    found = {}
    for (name,) in names:
        spoken = ["output", "error_detail", *(["lines"] if name == "attachment_readings" else [])]
        rows = await db.fetch(f"select (to_jsonb(t) - $1::text[])::text from ai.{name} t", spoken)
        found[name] = "\n".join(row[0] for row in rows)
    return found


def outcome(number: int) -> str:
    left = NUMBER - 1 - number
    return LAST[left] if left < len(LAST) else OUTCOMES[number % len(OUTCOMES)]


async def insert_canaries(db: asyncpg.Connection, numbers: range) -> None:
    await db.copy_records_to_table(
        "rfq_requests",
        columns=["name", "email", "phone", "company", "message", "metadata"],
        records=[
            (
                f"zqkname{n:06d}",
                f"zqkmail{n:06d}@example.org",
                f"4930771{n:06d}",
                f"zqkfirm{n:06d}",
                f"[model:{outcome(n)}] Hello, zqkname{n:06d} here (zqkmail{n:06d}@example.org, "
                f"+49 30 771{n:06d}). We need {n + 1} pumps as in zqkref{n:06d} by May for zqktext{n:06d}",
                '{"ai_opt_out": true}' if n % 29 == 0 else "{}",
            )
            for n in numbers
        ],
    )
    await db.execute(
        "insert into public.rfq_attachments (rfq_id, file_name, content) select id, 'of ' || name || '.pdf',"
        " convert_to(message, 'UTF8') from public.rfq_requests where name = any ($1)",
        [f"zqkname{n:06d}" for n in numbers if n % 5 == 0],
    )


async def command(dsn: str, folder: str, *arguments: str) -> str:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ours = {"RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_LOG_LEVEL": "debug"}
    done = await asyncio.to_thread(command_server.run, *arguments, env={**environment, **ours}, cwd=folder)
    return done.stdout + done.stderr


@contextlib.asynccontextmanager
async def collecting():
    """A collector of traces and metrics; yields its address and all data that it got, uncompressed."""
    received: list[bytes] = []

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            top = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", top, re.IGNORECASE)
            received.append(top.split(b" ")[1] + await reader.readexactly(int(length[1]) if length else 0))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()

    async with listening(collect) as port:
        yield f"http://127.0.0.1:{port}", received


async def scraping(daemon: ForkedProcess, scraped: list[str]) -> None:
    """Reads /metrics repeatedly, until the daemon has ended."""
    url = (await daemon.until_event("http.listening"))["url"]
    while True:
        scraped.append((await ask(url + "/metrics")).text)
        await asyncio.sleep(0.2)  # between two scrapes


@pytest.mark.timeout(240 + NUMBER // 4)
async def test_no_customers_text_gets_out_with_any_outcome_of_the_rfq(tmp_path, database, db, open_connection):
    notified: list[str] = []
    listener = await open_connection()
    for channel in ("rfqflow_wake", "rfqflow_done"):
        await listener.add_listener(channel, lambda *got: notified.append(str(got[-1])))
    for key, value in POLICIES.items():
        if await db.fetchval("select exists (select from ai.policy where key = $1)", key):
            await db.execute("select ai.set_policy($1, $2)", key, value)
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "values ('openai', 'fake-1', 0, 0)"
    )

    scraped: list[str] = []
    async with ModelServer(seed=1) as server, collecting() as (collector, received):
        environment = {
            "RFQFLOW_DATABASE_URL": database, "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "sk-test", "RFQFLOW_MODEL": "fake-1", "RFQFLOW_CALL_DEADLINE_SECONDS": "1",
            "RFQFLOW_PII_PEPPER": "pepper", "RFQFLOW_LOG_LEVEL": "debug",
            "RFQFLOW_HTTP": "127.0.0.1:0", "RFQFLOW_OTEL": "on", "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
        }  # fmt: skip
        async with ForkedProcess("run", "--drain", **environment) as daemon:
            scrapes = asyncio.create_task(scraping(daemon, scraped))
            # RFQs are inserted while the daemon starts and works; then some change their text.
            await insert_canaries(db, range(NUMBER - len(LAST)))
            await db.execute(
                "update public.rfq_requests set message = message || ' please' where message like '%7 pumps%'"
            )
            assert await daemon.exit_code(60 + NUMBER / 10) == 0, daemon.text[-2000:]
            scrapes.cancel()
            await asyncio.gather(scrapes, return_exceptions=True)
        await insert_canaries(db, range(NUMBER - len(LAST), NUMBER))
        async with ForkedProcess("run", "--drain", **environment) as second:
            assert await second.exit_code(60) == 0, second.text[-2000:]
        text, noise, lines = daemon.text + second.text, daemon.noise + second.noise, daemon.lines + second.lines
        assert len(canaries(str(server.journal))) > NUMBER, "the provider saw the text: it could have been repeated"

    statuses = {row[0]: row[1] for row in await db.fetch("select status, count(*) from ai.rag_runs group by 1")}
    assert statuses.keys() >= {"succeeded", "failed", "skipped", "deferred"}, statuses
    classes = {
        row[0] for row in await db.fetch("select distinct error_class from ai.rag_runs where error_class is not null")
    }
    assert len(classes) >= 8, classes

    # Operators work meanwhile. Text that they write themselves may appear.
    some = await db.fetch("select id, name from public.rfq_requests where ai_status = 'done' order by id limit 2")
    await db.execute("select ai.override_rfq($1, 'electrical', 'ada', 'obvious')", some[0]["id"])
    await db.execute("select ai.rerun_rfq($1, true)", some[1]["id"])

    assert canaries(text) == set()
    assert [line for line in noise if not line.startswith("drained: ")] == []
    assert len(lines) >= NUMBER
    assert canaries("\n".join(notified)) == set()
    assert "rfqflow_runs_total{" in scraped[-1]
    assert canaries("\n".join(scraped)) == set()
    sent = b"\n".join(received)
    for name in (b"/v1/traces", b"/v1/metrics", b"rfq.enrich", b"gen_ai.client.token.usage"):
        assert name in sent
    assert canaries(sent.decode("latin-1")) == set()
    for name, text in (await everything_of_ours(db)).items():
        assert canaries(text) == set(), f"ai.{name}"

    for arguments in (
        ["status"], ["status", "--json"], ["report", "--output", "-"], ["report", "--markdown"], ["report", "--json"],
        ["doctor"], ["doctor", "--json"], ["policy", "--json"], ["rerun", "--failed", "--dry-run"],
        ["rerun", "--failed"], ["override", str(some[0]["id"]), "--withdraw"], ["backfill", "--json"],
    ):  # fmt: skip
        said = await command(database, str(tmp_path), *arguments)
        assert said, arguments
        assert canaries(said) == set(), arguments

    # Only a request for one RFQ shows that RFQ.
    own = some[0]["name"].removeprefix("zqkname")
    for arguments in (["show", str(some[0]["id"])], ["show", str(some[0]["id"]), "--json"]):
        said = await command(database, str(tmp_path), *arguments)
        assert "overridden" in said
        assert {one[-6:] for one in canaries(said)} <= {own}
    await a_draft_repeats_one_name_in_its_own_table_alone(db, database, str(tmp_path), some[0]["id"], own)
    await an_erasure_takes_what_was_read_from_files(db)


async def a_draft_repeats_one_name_in_its_own_table_alone(
    db: asyncpg.Connection, dsn: str, folder: str, rfq_id: object, own: str
) -> None:
    await db.execute(
        'update ai.rfqs set ai_extracted = ai_extracted || \'{"missing": ["due_date"]}\' where rfq_id = $1', rfq_id
    )
    said = await command(dsn, folder, "draft", str(rfq_id), "--actor", "ada")
    assert {one[-6:] for one in canaries(said)} <= {own}
    found = await everything_of_ours(db)
    assert "delivery" in found["drafts"]
    assert {name for name, rows in found.items() if canaries(rows)} <= {"drafts"}


async def an_erasure_takes_what_was_read_from_files(db: asyncpg.Connection) -> None:
    read = "select u.rfq_id from ai.attachment_uses u join ai.attachment_readings r using (sha256) where r.lines is not null limit 1"
    person = await db.fetchrow("select name, email from public.rfq_requests where id = (" + read + ")")
    number = person["name"].removeprefix("zqkname")
    texts = "select coalesce(string_agg(lines::text, ' '), '') from ai.attachment_readings"
    runs = "select coalesce(string_agg(to_jsonb(u)::text, ' '), '') from ai.rag_runs u"
    assert f"zqkmail{number}@" in await db.fetchval(texts)
    await db.execute("select ai.erase_person($1)", person["email"])
    left = [await db.fetchval(texts), await db.fetchval(runs), *(await everything_of_ours(db)).values()]
    assert number not in {one[-6:] for one in canaries(" ".join(left))}


def test_a_leaked_canary_is_found():
    assert canaries("x zqkmail000012@example.org, +49 30 771000012 4930771000003") == {
        "zqkmail000012", "+49 30 771000012", "4930771000003"
    }  # fmt: skip
