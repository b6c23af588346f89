"""`ai.reasons` is the one catalogue of codes: each part that lists reasons or error classes lists the same ones."""

from __future__ import annotations

import re
from pathlib import Path

from rfqflow.core.errors import ErrorClass

ROOT = Path(__file__).resolve().parents[2]
SQL = "\n".join(
    re.sub(r"--[^\n]*", "", path.read_text())
    for path in sorted((ROOT / "sql").rglob("*.sql"))
    if path.name not in ("install.sql", "causes.sql")
)
PYTHON = "\n".join(path.read_text() for path in sorted((ROOT / "rfqflow").rglob("*.py")))
README = (ROOT / "sql/README.md").read_text().split("\n## States and reasons of an RFQ\n", 1)[1].split("\n## ", 1)[0]
# The reasons that Python gives.
GIVEN = (
    r"(?:GateSkip|Exhausted)\(\"(\w+)\"",
    r"WaitForOriginal\([^)]*\"(\w+)\"",
    r"results\.deferred\(context, \"(\w+)\"",
    r"\breason=\"(\w+)\"",
    r"RunStatus\.\w+, \"(\w+)\"",
    r"reason=\"(\w+)\" if .* else",
    r"else \"(written_late)\"",
    r"ErrorClass\.CANCELLED,? .*\"(stopped)\"|\"(stopped)\", ErrorClass",
)
# The reasons that SQL gives or reads.
WRITTEN = (
    r"v_refusal := '(\w+)'",
    r"then '(\w*budget)' else '(\w*budget)' end",
    r"ai_reason = '(\w+)'",
    r"'lost',\s+case when .* then '(\w+)' else '(\w+)' end",
    r"\b0, 'lost', '(\w+)', '(\w+)'",
    r"\bd\.reason = '(\w+)'",
    r"\bx\.reason = '(\w+)'",
    r"o\.rfq_id is not null and .* then '(paused)'",
    r"o\.claim_id is not null then '(in_progress)'",
    # The fifth column of ai.outcomes.
    r"^    \('\w+', +(?:null|'\w+'), +(?:null|'\w+'), +(?:null|'\w+'), +'(\w+)', +(?:null|'\w+')\)",
)
# For a limit that is full for a short time: the worker keeps the claim. If it must release the claim, the reason is
# `model_limit`.
KEPT = {"ramp", "concurrency", "requests_per_minute", "tokens_per_minute"}
STATUSES = {"pending", "deferred", "skipped", "done", "failed"}


def found(patterns: tuple[str, ...], text: str) -> set[str]:
    return {word for each in patterns for hit in re.finditer(each, text, re.MULTILINE) for word in hit.groups() if word}


async def catalogue(db) -> set[tuple[str, str, str | None]]:
    rows = await db.fetch("select code, kind, status from ai.reasons")
    assert len(rows) == len(set(map(tuple, rows))), "a code twice"
    return {tuple(row) for row in rows}


async def test_error_classes_equal_those_of_the_enum(db):
    assert {code for code, kind, _ in await catalogue(db) if kind == "error_class"} == {
        str(each) for each in ErrorClass
    }


async def test_every_reason_that_code_gives_is_in_the_catalogue(db):
    known = {code for code, _, _ in await catalogue(db)}
    given, written = found(GIVEN, PYTHON), found(WRITTEN, SQL)

    assert {"duplicate_running", "prompt_unusable", "unsure", "stopped", "rfq_locked", "spam"} <= given
    assert {"breaker_open", "sender_budget", "erased", "worker_died", "claim_gone", "in_progress"} <= written
    assert (given | written) - KEPT - known == set()


async def test_every_code_of_the_catalogue_occurs_in_code(db):
    shown_only = {"due", "no_live_worker", "older"}  # where ai_reason is null, which `ai.cause_of` names
    for code in {code for code, kind, _ in await catalogue(db) if kind != "error_class"} - shown_only:
        assert re.search(rf"""['"]{code}['"]""", SQL + PYTHON), code


async def test_sqls_readme_lists_exactly_the_reasons_of_each_status(db):
    rows = re.findall(r"^\| ((?:deferred|skipped|failed)\b[^|]*) \| (.*) \|$", README, re.MULTILINE)
    policies = {"budget_exhausted_action", "defer_limit_hours"}
    reported = {(status.split()[0], code) for status, text in rows for code in re.findall(r"`([a-z_0-9]+)`", text)} - {
        ("skipped", policy) for policy in policies
    }
    known = {(status, code) for code, kind, status in await catalogue(db) if kind == "reason"}

    assert reported == {pair for pair in known if pair[0] in ("deferred", "skipped", "failed")}
    of_runs = set(re.findall(r"`([a-z_0-9]+)`", README.split("Reasons of runs only:", 1)[1])) - {"cancelled"}
    assert of_runs == {code for code, kind, _ in await catalogue(db) if kind == "run"}


async def test_the_table_of_failed_calls_names_classes_of_the_catalogue(db):
    table = (ROOT / "docs/reference/errors.md").read_text()
    firsts = "".join(re.findall(r"^\| ([^|]*`[^|]*) \|", table, re.MULTILINE))
    named = set(re.findall(r"`([a-z_0-9]+)`", firsts))

    assert len(named) > 12
    assert named <= {code for code, kind, _ in await catalogue(db) if kind == "error_class"}


async def test_the_runbook_has_an_entry_for_each_code_that_show_status_and_metrics_can_name(db):
    entries = set(re.findall(r'<a id="([\w-]+)"></a>', (ROOT / "docs/how-to/runbook.md").read_text()))
    comment = await db.fetchval(
        "select col_description(attrelid, attnum) from pg_attribute where attrelid = 'ai.health'::regclass and attname = 'code'"
    )
    findings = set(re.findall(r"\w+", comment.partition(". A code")[0])) - {"or"}
    codes = {f"{status or kind}-{code}" for code, kind, status in await catalogue(db)}

    assert len(findings) > 10
    assert codes | {f"health-{code}" for code in findings} <= entries
    alone = {entry for entry in entries if entry.startswith("health-")} - {f"health-{code}" for code in findings}
    assert alone == {
        f"health-{word}" for word in ("not_scraped", "down", "database_unreachable", "restarting", "releases_differ")
    }


async def test_each_code_has_plain_sentences_and_names_the_role_that_must_act(db):
    for row in await db.fetch("select * from ai.reasons"):
        assert row["needs"] in ("nothing", "operator", "desk", "application"), row
        assert row["kind"] in ("reason", "run", "error_class"), row
        assert row["status"] is None or (row["kind"] == "reason" and row["status"] in STATUSES), row
        assert row["remedy"], row
        for text in (row["meaning"], row["remedy"]):
            assert re.match(r"[A-Z`r].*\.$", text), text
            assert max(len(sentence.split()) for sentence in re.split(r"[.;:] ", text)) <= 25, text
        if row["needs"] == "nothing":
            assert row["remedy"].startswith("Nothing"), row


async def test_remedies_name_commands_that_exist(db):
    import click

    from rfqflow.cli import main

    rows = await db.fetch("select remedy from ai.reasons")
    commands = {line for row in rows for line in re.findall(r"`rfqflow ([^`]+)`", row["remedy"])}

    assert len(commands) > 20
    for line in commands:
        command, context = main, click.Context(main)
        words = line.split()
        while isinstance(command, click.Group) and words and words[0].islower():
            command = command.get_command(context, words.pop(0))
            assert command is not None, line
        options = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


async def test_the_catalogue_may_be_read_by_every_reader(db):
    assert await db.fetchval("select has_table_privilege('rfqflow_reader', 'ai.reasons', 'select')")
