"""sql/README.md is true and complete: each object that it names exists, and each object that a reader needs is named."""

import re
from functools import cache
from pathlib import Path

import pytest

from rfqflow.core.errors import ErrorClass
from rfqflow.core.results import Outcome, Verdict
from rfqflow.database.lock_keys import DOORBELL, MIGRATE, WORKER

ROOT = Path(__file__).resolve().parent.parent
SQL = ROOT / "sql"
README = (SQL / "README.md").read_text()
PYTHON = "\n".join(path.read_text() for path in sorted((ROOT / "rfqflow").rglob("*.py")))


@cache
def text() -> str:
    """All SQL without our comments, which may name objects that no longer exist."""
    files = sorted(path for path in SQL.rglob("*.sql") if path.name != "install.sql")
    return "\n".join(re.sub(r"--[^\n]*", "", path.read_text()) for path in files)


def made(kind: str) -> set[str]:
    return set(re.findall(rf"create (?:or replace )?{kind} (?:if not exists )?((?:ai|public)\.\w+)", text()))


def section(heading: str) -> str:
    return README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def test_every_object_it_names_exists():
    named = set(re.findall(r"`((?:ai|public)\.\w+)`", README))

    assert named - made("function") - made("table") - made("view") == set()


def test_it_names_every_table():
    reported = set(re.findall(r"`(ai\.\w+)`", section("Tables by what they hold")))

    assert {table for table in made("table") if table.startswith("ai.")} - reported == set()


def test_it_has_the_twelve_steps_with_the_same_numbers_as_comments_in_the_code():
    steps = re.findall(r"^\| (\d+) \|", section("The journey of one RFQ"), re.MULTILINE)

    assert steps == [str(number) for number in range(1, 13)]
    assert not re.search(
        r"\bdoors? \d", PYTHON + "".join(path.read_text() for path in SQL.rglob("*.sql")), re.IGNORECASE
    )


def test_it_lists_exactly_the_sqlstates_that_are_raised():
    raised = set(re.findall(r"errcode = '+(RF\d{3})", text())) | set(re.findall(r"else '(RF\d{3})' end", text()))
    listed = set(re.findall(r"^\| `(RF\d{3})` \|", section("SQLSTATEs"), re.MULTILINE))

    assert listed == raised
    assert set(re.findall(r"RF\d{3}", PYTHON)) <= listed, "a program waits for a code that nothing raises"


def test_it_lists_exactly_the_locks_that_are_taken():
    keys = set(re.findall(r"\((13803400\d\d), [\w.]+\)", section("Locks by key")))
    rows = set(re.findall(r"^\| `(\w+)` \|", section("Locks by key"), re.MULTILINE))
    named = re.findall(r"^\| \((13803400\d\d), [\w.]+\) (\w+) \|", section("Locks by key"), re.MULTILINE)
    by_name = re.findall(r"when '(\w+)' then return (\d+);", text())

    assert {(name, key) for key, name in named} == set(by_name)
    assert len(by_name) == len(dict(by_name)) == len({key for _, key in by_name}), "two locks that are one"
    assert keys == set(re.findall(r"13803400\d\d", text() + PYTHON))
    assert rows == set(re.findall(r"take_lock\('(\w+)'", text()))


def test_the_number_of_a_lock_is_defined_in_one_place_and_repeated_in_one():
    holding = [
        *sorted((ROOT / "rfqflow").rglob("*.py")),
        *sorted((ROOT / "rfqflow").rglob("*.sql")),
        *SQL.rglob("*.sql"),
    ]
    found = {str(path.relative_to(ROOT)) for path in holding if re.search(r"13803400\d\d", path.read_text())}
    taken = re.findall(r"pg_(?:try_)?advisory_\w+\((.{16})", text())

    assert found == {"sql/functions/05_locks.sql", "sql/install.sql", "rfqflow/database/lock_keys.py"}
    assert [call for call in taken if not call.startswith(("ai.lock_key('", "$try$ || ai.lock"))] == []
    for name, key in (("doorbell", DOORBELL), ("migrate", MIGRATE), ("worker", WORKER)):
        assert f"when '{name}' then return {key};" in text()


def test_it_has_every_reason_that_a_gate_or_a_call_gives():
    gates = (ROOT / "rfqflow/core/decisions/gates.py").read_text()
    given = set(re.findall(r"(?:GateSkip|Exhausted)\(\"(\w+)\"", gates)) | {str(error) for error in ErrorClass}
    reported = set(re.findall(r"`([a-z_0-9]+)`", section("States and reasons of an RFQ")))

    assert given - reported == {"lease_lost"}, "a lost attempt has it for its class, never for its reason"


@pytest.mark.parametrize(
    "reason",
    sorted(set(re.findall(r"`([a-z_0-9]+)`", section("States and reasons of an RFQ"))) - {"ai_status", "ai_reason"}),
)
def test_each_state_and_reason_it_names_occurs_in_the_code(reason):
    # A state is written as a literal, a policy and an error class as a name.
    assert re.search(rf"""['"]{reason}['"]|\b{reason}\b:""", text() + PYTHON)


def test_the_table_of_outcomes_explains_each_verdict_and_each_outcome():
    meanings = re.findall(r"^    \('(\w+)', ", (SQL / "functions/48_outcomes.sql").read_text(), re.MULTILINE)
    finish = (SQL / "functions/50_finish.sql").read_text()
    judged = re.findall(r"\bthen '(\w+)'", finish.split("create or replace function ai.write_results", 1)[0])

    assert len(meanings) == len(set(meanings))
    # Nothing changes where the RFQ is locked or hidden.
    assert {*Verdict, *Outcome, *judged} - {"busy", "hidden"} == set(meanings)


def test_files_it_names_exist_and_none_is_missing():
    named = set(re.findall(r"`([\w/]+(?:\.sql|/))`", README)) - {"install.sql"}
    files = {str(path.relative_to(SQL)) for path in SQL.rglob("*.sql")} - {"install.sql"}

    assert all((SQL / name).exists() for name in named)
    assert [file for file in sorted(files) if not any(file == name or file.startswith(name) for name in named)] == []
