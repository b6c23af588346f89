"""Edge cases of commands: values that look like options, outputs that cannot be written, closed streams."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shell import Shell

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rfqflow(database, tmp_path) -> Shell:
    return Shell(database, tmp_path)


@pytest.mark.parametrize(
    "value", ["-1", "3.5", "0", "101", "NaN", "Infinity", "-inf", "1e999", "'three'", "", "[]", "9" * 400]
)
async def test_a_policy_that_counts_accepts_whole_numbers_within_its_bounds_only(rfqflow, db, value):
    assert "max_attempts takes a whole number from 1 to 100 (attempts)" in await rfqflow(
        "policy", "set", "max_attempts", value, code=2
    )
    assert await db.fetchval("select value from ai.policy where key = 'max_attempts'") == "5"


async def test_negative_values_are_values_and_mistyped_options_are_options(rfqflow):
    assert "from 0 to 1" in await rfqflow("policy", "set", "min_confidence", "-0.5", code=2)
    assert "a cap is an amount" in await rfqflow("budget", "set", "global", "day", "-1", code=2)
    assert "RFQ -7 not found" in await rfqflow("show", "-7", code=1)
    assert "No such option" in await rfqflow("policy", "set", "max_attempts", "3", "--actro", "ada", code=2)


async def test_numbers_are_limited_to_those_that_the_database_can_hold(rfqflow, db):
    await db.execute(
        "insert into public.rfq_requests (message, request_id) values ('We need 5 pumps of stainless steel', 'R-1')"
    )
    await rfqflow("run", "--drain")
    await db.execute("update public.rfq_requests set ai_confidence = 0.926")
    await db.execute("update ai.rag_runs set confidence = 0.926")
    story = await rfqflow.json("show", "R-1")
    assert (story["answer"]["ai_confidence"], story["runs"][0]["confidence"]) == (0.926, 0.926)
    assert await rfqflow("policy", "set", "assumed_input_usd", "100000.0") == "assumed_input_usd: 1 -> 100000\n"
    assert "E+" not in await rfqflow("policy")


@pytest.mark.parametrize(
    "words",
    [
        ["eval", "sample", "--out"], ["eval", "export"], ["report", "--output"],
        ["eval", "run", "--cases", "db", "--html"], ["eval", "run", "--cases", "db", "--junit"],
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_written_is_refused_at_once_and_no_folder_is_made(rfqflow, words, tmp_path):
    said = await rfqflow(*words, str(tmp_path / "absent" / "x"), code=2)
    assert f"the folder {tmp_path / 'absent'} does not exist" in " ".join(said.split())
    assert not (tmp_path / "absent").exists()
    assert "is a directory" in await rfqflow(*words, str(tmp_path), code=2)


@pytest.mark.parametrize("words", [["eval", "import"], ["eval", "run", "--model", "rules", "--cases"]])
async def test_a_file_that_is_not_utf_8_is_named(rfqflow, words, tmp_path):
    (tmp_path / "latin1.jsonl").write_bytes('{"name": "Müller"}'.encode("latin-1"))
    said = await rfqflow(*words, "latin1.jsonl", code=2)
    assert "latin1.jsonl is not a JSON Lines file: line 1 or a later one is not UTF-8" in said


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("policy --json | head -n 1", 0, ""),
        ("policy | true", 0, ""),
        ("--help | true", 0, ""),
        ("migrate --sql | head -n 1", 0, ""),
        ("policy --json >/dev/full", 1, "rfqflow: the system refused: No space left on device"),
        ("policy >/dev/full", 1, "rfqflow: the system refused: No space left on device"),
        ("--help >/dev/full", 1, "rfqflow: the system refused: No space left on device"),
        ("policy >&-", 0, ""),
        ("policy --json >&- 2>&-", 0, ""),
        ("status --json <&- >/dev/null", 0, ""),
        ("rerun --failed <&- >/dev/null", 0, ""),
        ("erase ada@example.com <&-", 2, "Add --yes"),
        ("docs search - <&-", 0, ""),
        ("eval import - <&- >/dev/null", 0, ""),
        ("show $'\\xff\\xfe'", 2, "the database cannot store a value"),
    ],
)
def test_broken_pipes_full_disks_and_closed_streams_end_a_command_cleanly(rfqflow, line, code, said):
    command = f"{shlex.quote(sys.executable)} -m rfqflow {line}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=rfqflow.folder, env={**rfqflow.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert done.stderr.strip().endswith(said) if said.startswith("rfqflow") else said in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if not said:
        assert done.stderr.strip() in ("", "nothing fits")


async def test_a_missing_right_is_not_reported_as_a_lost_database(rfqflow, db):
    await db.execute(
        "revoke connect on database "
        + json.dumps(rfqflow.environment["RFQFLOW_DATABASE_URL"].rsplit("/", 1)[1])
        + " from public"
    )
    role = f"rfqflow_out_{os.getpid()}"
    await db.execute(f"create role {role} login password 'pw'")
    try:
        dsn = rfqflow.environment["RFQFLOW_DATABASE_URL"]
        rfqflow.environment["RFQFLOW_DATABASE_URL"] = f"postgresql://{role}:pw@{dsn.rpartition('@')[2]}"
        assert "this user may not connect to this database" in await rfqflow("status", code=3)
    finally:
        await db.execute(f"drop role {role}")
