"""docs/reference/rights.md is true: each command works with the rights it lists, and names the right that is missing."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psycopg
import pytest

from rfqflow.cli import main
from tests.support.mapped_tables import rfqflow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "rights.md").read_text()
ROW = re.compile(r"^\| (`.*?`) \| (.*?) \| *(.*?) *\|$", re.MULTILINE)
PASSWORD = "as-good-as-any"
LEFT_OUT = {
    "migrate",
    "migrate --plan",
    "detach",
    "uninstall",
    "dead discard",
    "console",
    "schema",
    "demo",
    "bench",
    "intake",  # as the application; tests/end_to_end/test_intake.py
}  # the page has no row of rights for these
# The arguments of each command; `rfq` is an RFQ's id, and `folder` has files. The owner prepares what it needs.
WORDS = {
    "show": ["show", "{rfq}"],
    "rerun": ["rerun", "{rfq}", "--force", "--yes"],
    "dead redrive": ["dead", "redrive", "--cause", "timeout", "--yes"],
    "backfill": ["backfill", "--limit", "1"],
    "run": ["run", "--drain"],
    "report": ["report", "--markdown"],
    "override": ["override", "{rfq}", "--route", "mechanical", "--actor", "ada"],
    "override --withdraw": ["override", "{rfq}", "--withdraw", "--actor", "ada"],
    "correct": ["correct", "{rfq}", "urgency=high", "--actor", "ada"],
    "correct --withdraw": ["correct", "{rfq}", "urgency", "--withdraw", "--actor", "ada"],
    "draft": ["draft", "{rfq}", "--replace", "--actor", "ada"],
    "erase": ["erase", "nobody@example.com", "--yes"],
    "account add": ["account", "add", "eve", "--no-password"],
    "account role": ["account", "role", "ada", "desk"],
    "account disable": ["account", "disable", "ada"],
    "account enable": ["account", "enable", "ada"],
    "account password": ["account", "password", "ada"],
    "account revoke": ["account", "revoke", "ada"],
    "account link": ["account", "link", "ada"],
    "pause": ["pause", "--actor", "ada"],
    "resume": ["resume", "--actor", "ada"],
    "policy set": ["policy", "set", "max_attempts", "4"],
    "price explain": ["price", "explain", "{rfq}"],
    "price set": ["price", "set", "openai", "m", "1", "2"],
    "budget set": ["budget", "set", "global", "day", "20"],
    "breaker open": ["breaker", "open", "openai", "m"],
    "breaker close": ["breaker", "close", "openai", "m"],
    "breaker reset": ["breaker", "reset", "openai", "m"],
    "prompt show": ["prompt", "show", "rfq@1"],
    "prompt diff": ["prompt", "diff", "rfq@1", "rfq@2"],
    "prompt add": ["prompt", "add", "{folder}/new"],
    "prompt activate": ["prompt", "activate", "rfq@2"],
    "prompt shadow": ["prompt", "shadow", "rfq@2"],
    "prompt canary": ["prompt", "canary", "rfq@2"],
    "prompt trial": ["prompt", "trial", "1"],
    "prompt stop": ["prompt", "stop", "canary"],
    "docs add": ["docs", "add", "{folder}/notes.md", "--kind", "glossary"],
    "docs search": ["docs", "search", "brackets"],
    "docs remove": ["docs", "remove", "1"],
    "eval sample": ["eval", "sample", "--out", "{folder}/sample.jsonl"],
    "eval import": ["eval", "import", "{folder}/cases.jsonl"],
    "eval export": ["eval", "export"],
    "eval run": ["eval", "run", "--cases", "db", "--model", "rules"],
    "eval show": ["eval", "show", "1"],
    "eval compare": ["eval", "compare", "1", "2"],
    "eval cascade": ["eval", "cascade", "1", "2"],
    "eval gate": ["eval", "gate", "--config", "{folder}/gate.toml"],
}
DRAIN = ["run", "--drain"]
ADD = ["prompt", "add", "{folder}/new"]
IMPORT = ["eval", "import", "{folder}/cases.jsonl"]
RUN = ["eval", "run", "--cases", "db", "--model", "rules"]
# By the owner, so that the command has work to do.
BEFORE = {
    **{f"account {one}": (["account", "add", "ada", "--no-password"],) for one in ("role", "disable", "enable", "password", "revoke", "link")},
    "doctor": (DRAIN,),  # nothing waits
    "override --withdraw": (WORDS["override"],),
    "correct --withdraw": (WORDS["correct"],),
    "draft": (DRAIN,),
    "resume": (WORDS["pause"],), "breaker close": (WORDS["breaker open"],),
    "prompt show": (DRAIN,), "prompt diff": (DRAIN, ADD), "prompt activate": (DRAIN, ADD), "prompt shadow": (DRAIN, ADD), "prompt canary": (DRAIN, ADD),
    "prompt rollback": (DRAIN, ADD, ["prompt", "activate", "rfq@2", "--force"]),
    "prompt trial": (DRAIN, ADD, [*WORDS["prompt canary"], "--force"]),
    "prompt stop": (DRAIN, ADD, [*WORDS["prompt canary"], "--force"]),
    "docs remove": (WORDS["docs add"],),
    "eval import-overrides": (WORDS["override"],),
    "eval export": (IMPORT,), "eval run": (IMPORT,), "eval list": (IMPORT, RUN), "eval show": (IMPORT, RUN),
    "eval compare": (IMPORT, RUN, RUN), "eval cascade": (IMPORT, RUN, RUN), "eval gate": (IMPORT, RUN),
    "eval calibrate": (IMPORT, RUN),
}  # fmt: skip
UNDONE = {"override --withdraw", "correct --withdraw", "breaker close"}  # the second run has nothing to do
TYPED = {"account password": b"several words to log in"}  # on standard input
RFQ = "0198c0de-0000-7000-8000-000000000001"
INSERT = (
    "insert into public.rfq_requests (id, message, email) "
    f"values ('{RFQ}', 'Please quote 250 pcs of housing 7-114.', 'ada@example.com')"
)
MEASURED = (
    "insert into ai.eval_runs (provider, model, prompt_version, prompt_sha256, source, cases, repeats, finished_at, report) "
    "select 'openai', 'm', p.version, '', 'db', 1, 1, now(), '{}' from ai.prompts p"
)
DEAD = (
    "with gone as (delete from ai.outbox returning rfq_id, enqueued_at) "
    "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) select rfq_id, enqueued_at, 5, 'timeout' from gone"
)
A_MODEL = {"RFQFLOW_PROVIDER": "openai", "OPENAI_API_KEY": "none"}


def rows() -> list[tuple[str, list[str], list[str]]]:
    """Command, roles and additional grants, as the page has them."""
    table = PAGE.split("## The application")[0]
    return [
        (command, re.findall(r"`([^`]+)`", role), re.findall(r"`([^`]+)`", granted))
        for commands, role, granted in ROW.findall(table)
        for command in re.findall(r"`([^`]+)`", commands)
        if command not in LEFT_OUT
    ]


ROWS = rows()


def each_object(granted: list[str]) -> list[str]:
    """Splits `select, update on ai.a, ai.b` into one grant for each right and object."""
    single: list[str] = []
    for one in granted:
        what, _, names = one.partition(" on ")
        function = "function " if names.startswith("function ") else ""
        single += [
            f"{right} on {function}{name}"
            for right in what.split(", ")
            for name in names.removeprefix("function ").split(", ")
        ]
    return single


async def statement_of(db: asyncpg.Connection, grant: str) -> str:
    """A function is granted by its name, since it has one signature."""
    if " on function " in grant:
        name = grant.rpartition(" ")[2]
        grant = f"execute on function {await db.fetchval('select oid::regprocedure::text from pg_proc where oid = $1::regproc', name)}"
    return grant


def test_every_command_that_queries_a_database_is_on_the_page():
    import click

    def leaves(group: click.Group, before: str = "") -> list[str]:
        context, names = click.Context(group), []
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            whole = f"{before}{name}"
            if isinstance(command, click.Group):
                names += ([whole] if command.invoke_without_command else []) + leaves(command, f"{whole} ")
            else:
                names.append(whole)
        return names

    named = {command for command, _, _ in ROWS} | LEFT_OUT
    assert [command for command in leaves(main) if command not in named] == []


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with files to name."""
    tmp_path = tmp_path_factory.mktemp("prepared")
    (tmp_path / "new").mkdir()
    for path in (ROOT / "rfqflow" / "prompts" / "rfq").iterdir():
        (tmp_path / "new" / path.name).write_text(
            path.read_text() + ("\n" if path.suffix == ".toml" else " Be brief.\n")
        )
    (tmp_path / "notes.md").write_text("# Glossary\nA bracket is a bent sheet.\n")
    cases = (ROOT / "tests" / "corpus" / "rfqs_dev.jsonl").read_text().splitlines()[:60]
    (tmp_path / "cases.jsonl").write_text("\n".join(cases))
    (tmp_path / "gate.toml").write_text("[minimum]\nroute_accuracy = 0.0\n")
    return tmp_path


def done_by_owner(dsn: str, words: list[str], folder: Path) -> None:
    done = rfqflow(*[word.format(rfq=RFQ, folder=folder) for word in words], dsn=dsn)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def begun(server_databases, template, prepared):
    """Names of databases with an RFQ, in which the owner has run these commands.

    Tests with the same commands share one.
    """
    made: dict[str, str] = {}

    def make(commands: tuple[list[str], ...]) -> str:
        key = json.dumps(commands)
        if key not in made:
            name = f"rfqflow_begun_{uuid.uuid4().hex[:12]}"
            dsn = server_databases.create(name, make(commands[:-1]) if commands else template)
            made[key] = name
            if commands:
                done_by_owner(dsn, commands[-1], prepared)
            else:
                with psycopg.connect(dsn) as conn:
                    conn.execute(INSERT)
        return made[key]

    yield make
    for name in made.values():
        server_databases.drop(name)


@pytest.fixture
def ready(make_role, begun, server_databases, command, same_window):
    """DSN of a database in which the command has work to do; it is dropped before the role with rights in it."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name, begun(BEFORE.get(command, ())))
    server_databases.drop(name)


def as_role(dsn: str, role: str) -> str:
    parts = urlsplit(dsn)
    return parts._replace(netloc=f"{role}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}").geturl()


@pytest.mark.parametrize(("command", "members", "granted"), ROWS, ids=[row[0] for row in ROWS])
async def test_a_command_works_with_the_rights_on_the_page_and_names_the_right_it_lacks(
    make_role, prepared, ready, open_plain, command, members, granted
):
    role = await make_role(f"login password '{PASSWORD}'")
    db = await open_plain(ready)
    words = [word.format(rfq=RFQ, folder=prepared) for word in WORDS.get(command, command.split())]
    if command in ("prompt activate", "prompt rollback", "prompt shadow", "prompt canary"):
        await db.execute(MEASURED)
    if command.startswith("dead "):
        await db.execute(DEAD)
    whole = ["usage on schema ai", *[await statement_of(db, one) for one in each_object(granted)]]
    rights = [*members, *whole]
    dsn = as_role(ready, role)

    for missing in [*(right for right in rights if right != "usage on schema ai"), None]:
        for right in rights:
            if right != missing:
                await db.execute(f"grant {right} to {role}")
        if command in UNDONE:
            for preparing in BEFORE[command]:
                done_by_owner(ready, preparing, prepared)
        given = A_MODEL if command == "price explain" else {}
        done = rfqflow(*words, dsn=dsn, stdin=TYPED.get(command, b""), HOME=str(prepared), **given)
        if missing is None:
            assert done.returncode == 0, done.stderr + done.stdout
        else:
            reported = f"{missing} is missing: {done.stdout}{done.stderr}"
            assert done.returncode in (1, 2), reported
            assert "Traceback" not in done.stdout + done.stderr, reported
            assert re.search("permission denied|may not|lacks|has no right", done.stdout + done.stderr), reported
        for right in rights:
            await db.execute(f"revoke {right} from {role}")
    await db.execute(f"drop owned by {role}")
