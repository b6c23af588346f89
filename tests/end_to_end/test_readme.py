"""README's commands and statements do what README says."""

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap

import pytest

from tests.support import command_server


@pytest.fixture(scope="module")
def readme(repository):
    return (repository / "README.md").read_text()


def rfqflow(*arguments: str, dsn: str, cwd, **more: str):
    ours = {"RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_LOG_LEVEL": "error"}
    environment = {**os.environ, **ours, **more}
    return command_server.run(*arguments, env=environment, cwd=cwd)


async def test_every_command_and_statement_in_it_works_and_the_picture_shows_their_output(
    readme, repository, empty_database, open_plain, monkeypatch
):
    blocks = re.findall(r"^ *```(sh run|sql)\n(.*?)^ *```", readme, re.DOTALL | re.MULTILINE)
    assert [kind for kind, _ in blocks] == ["sh run", "sql", "sh run"]

    for kind, text in blocks:
        if kind == "sql":
            conn = await open_plain(empty_database)
            await conn.execute(textwrap.dedent(text))
            continue
        for line in text.strip().splitlines():
            words = shlex.split(line)
            assert words[0] == "rfqflow"
            done = rfqflow(*words[1:], dsn=empty_database, cwd=repository)
            assert done.returncode == 0, f"{line}: {done.stderr}"

    rfqflow("run", "--drain", dsn=empty_database, cwd=repository)
    conn = await open_plain(empty_database)
    assert await conn.fetchval("select ai_status from public.rfq_requests") == "done"
    found = await conn.fetchval("select id from public.rfq_requests")
    story = rfqflow("show", str(found), "--json", dsn=empty_database, cwd=repository)
    assert json.loads(story.stdout)["rfq"]["ai_status"] == "done"

    monkeypatch.syspath_prepend(str(repository / "docs"))
    from generate_picture import ITEMS, PICTURE, picture, statements

    insert, select = statements(readme)
    drawn = picture(insert, dict(await conn.fetchrow(select)), [dict(item) for item in await conn.fetch(ITEMS)])
    assert PICTURE.read_text() == drawn, "run: python docs/generate_picture.py"


def test_it_is_short_and_each_of_its_links_has_a_target(readme, repository):
    assert len(readme.splitlines()) < 160
    links = re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", readme)
    assert len(links) > 30
    for path, anchor in links:
        assert (repository / path).is_file(), path
        if anchor:
            heads = re.findall(r"^#+ (.*)", (repository / path).read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w-]", "", head.lower().replace(" ", "-")) for head in heads}, anchor


def test_two_commands_are_enough_to_begin(readme):
    assert len(re.findall(r"^python3 -m venv ", readme, re.MULTILINE)) == 2


def test_the_demo_ends_with_enriched_rfqs(tmp_path):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_"))}
    done = subprocess.run(
        [sys.executable, "-m", "rfqflow", "demo", "--json"], cwd=tmp_path, env=environment, capture_output=True,
        text=True, timeout=100, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["by_status"] == {"done": len(shown["rfqs"]) - 1, "skipped": 1}
    assert all(one["ai_summary"] for one in shown["rfqs"] if one["ai_status"] == "done")


@pytest.mark.parametrize(
    ("arguments", "dsn", "code", "hint"),
    [
        (["status"], "postgresql://nobody:secret@127.0.0.1:1/none", 3, "cannot reach the database"),
        (["run"], "postgresql://nobody:secret@127.0.0.1:1/none", 3, "RFQFLOW_DATABASE_URL"),
        (["status"], "not a dsn", 2, "percent-encode"),
        (["status"], "", 2, "no database"),
        (["backfill", "--after", "not-an-id"], "postgresql://127.0.0.1:1/none", 2, "not a valid UUID"),
        (["rerun"], "postgresql://127.0.0.1:1/none", 2, "--failed"),
        (["run", "--concurrency", "0"], "postgresql://127.0.0.1:1/none", 2, "concurrency"),
        (["eval", "run", "--cases", "absent.jsonl"], "", 2, "does not exist"),
    ],
)
def test_wrong_input_gets_one_clear_message_and_its_exit_code(tmp_path, arguments, dsn, code, hint):
    done = rfqflow(*arguments, dsn=dsn, cwd=tmp_path)

    assert done.returncode == code
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("arguments", [["run", "--drain"], ["migrate", "--check"]])
async def test_a_direct_address_without_a_server_is_named_as_such(tmp_path, database, arguments):
    away = "postgresql://nobody:secret@127.0.0.1:1/none"

    done = rfqflow(*arguments, dsn=database, cwd=tmp_path, RFQFLOW_LISTEN_URL=away)

    assert done.returncode == 3
    assert "Check RFQFLOW_LISTEN_URL." in done.stderr
    assert "secret" not in done.stderr


async def test_commands_on_a_database_without_a_schema_name_the_remedy(tmp_path, empty_database):
    for arguments in (["status"], ["pause"], ["show", "6f1c1d5e-6a4b-4a37-9d0c-0a5a34b0c7f1"], ["run", "--drain"]):
        done = rfqflow(*arguments, dsn=empty_database, cwd=tmp_path)
        assert (done.returncode, "rfqflow migrate" in done.stderr) == (1, True), done.stderr
    assert rfqflow("migrate", "--check", dsn=empty_database, cwd=tmp_path).returncode == 1


async def test_settings_that_contradict_each_other_are_reported_all_at_once(tmp_path, database):
    environment = {
        **os.environ,
        "RFQFLOW_DATABASE_URL": database,
        "RFQFLOW_POLL_SECONDS": "0",
        "RFQFLOW_LISTEN": "maybe",
    }
    done = subprocess.run(
        [sys.executable, "-m", "rfqflow", "run"], env=environment, cwd=tmp_path, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "RFQFLOW_POLL_SECONDS" in done.stderr
    assert "RFQFLOW_LISTEN" in done.stderr

    environment = {**os.environ, "RFQFLOW_DATABASE_URL": database, "RFQFLOW_LEASE_SECONDS": "21"}
    done = subprocess.run(
        [sys.executable, "-m", "rfqflow", "run"], env=environment, cwd=tmp_path, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "RFQFLOW_CALL_DEADLINE_SECONDS" in done.stderr
