"""Any input to any command ends with one plain message and an exit code that says what is at fault.

The tests find the commands and options by themselves, so that a new one is covered at once.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import click
import pytest
from click.testing import CliRunner

from rfqflow.cli import main
from rfqflow.cli.options import OUTPUT
from tests.support import command_server

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_UTF8 = os.fsdecode(b"\xff\xfe\xfd")
TEXTS = ("", NOT_UTF8, "two\nlines", "-1", "NaN", "9" * 400, "x" * 50_000, "2026-13-45", '"\\u0000"')
NUMBERS = ("", "x", "-1", "1.5", "NaN", "inf", "1e999", "9" * 30, "0x10")
EVERYWHERE = {"database_url", "actor", "reason"}  # these values are handled alike: each command gets two of them
# Commands that start servers, or serve until they are stopped, are tried only with input that they refuse before that.
STARTS = {"bench", "demo"}
# Commands that set up logging or take signals for their whole process get their own process; the others share that of
# the test.
ALONE = {"run", "console", "maintain", "erase", "doctor"}
ENDS = {"run": ["--drain"], "status": [], "console": ["--http", "127.0.0.1:99999"]}
SANE = {
    "email": "ada@example.com", "policy set key": "max_attempts", "policy set value": "5", "budget set usd": "5",
    "budget set scope": "global", "rfq": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "cases": "db", "route": "general",
}  # fmt: skip
# Beside 0. Mail servers follow those of sysexits.h: 65 returns a mail to its sender, and after 75 they try again later.
CODES, OF_COMMANDS = {1, 2, 3}, {"intake": {2, 65, 75}}
SECONDS = 60


@dataclass(frozen=True)
class Try:
    """A command line, and the fault in it."""

    words: tuple[str, ...]
    about: str


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    def walk(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
        if not isinstance(command, click.Group):
            yield path, command
            return
        if command.invoke_without_command:
            yield path, command
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found
            yield from walk((*path, name), found)

    return walk((), main)


def sane(path: tuple[str, ...], param: click.Parameter, files: Path) -> str:
    kind, name = param.type, str(param.name)
    if isinstance(kind, click.Choice):
        return str(kind.choices[0])
    if isinstance(kind, click.IntRange | click.FloatRange):
        return str(int(kind.min or 0) + 1)
    if isinstance(kind, click.Path | click.File):
        if isinstance(kind, click.Path) and not kind.file_okay:
            return str(files)
        if name == "files":
            return str(files / "mail.eml")
        return str(files / ("cases.jsonl" if getattr(kind, "mode", "r") == "r" else "out"))
    return SANE.get(" ".join((*path, name)), SANE.get(name, "x"))


def malformed(param: click.Parameter, files: Path) -> tuple[str, ...]:
    if isinstance(param.type, click.Choice):
        return ("", "nonsense", NOT_UTF8)
    if isinstance(param.type, click.Path | click.File):
        places = (str(files), str(files / "absent" / "x"), str(files / "not_utf8"), str(files / "out" / "x"))
        return ("", NOT_UTF8, "x" * 5_000, *places, *(("/dev/full",) if param.type is OUTPUT else ()))
    if isinstance(param.type, click.types.IntParamType | click.types.FloatParamType):
        return NUMBERS
    return (*TEXTS, str(files / "not_utf8"), str(files))


def needed(path: tuple[str, ...], command: click.Command, files: Path) -> dict[str, list[str]]:
    """Values that a command line needs, by parameter."""
    words: dict[str, list[str]] = {}
    for param in command.params:
        if isinstance(param, click.Argument) and (
            param.required or param.name == "rfqs" or isinstance(param.type, click.Path)
        ):
            words[str(param.name)] = [sane(path, param, files)]
        elif isinstance(param, click.Option) and (param.required or param.name in ("kind", "route")):
            words[str(param.name)] = [max(param.opts, key=len), sane(path, param, files)]
        elif isinstance(param, click.Option) and param.name == "yes":
            words["yes"] = ["--yes"]
    return words


def tries(files: Path) -> Iterator[Try]:
    turn = 0
    for path, command in commands():
        words = needed(path, command, files)
        more = ENDS.get(" ".join(path), [])
        for param in command.params:
            if isinstance(param, click.Option) and (param.is_flag or param.is_eager):
                continue
            values = malformed(param, files)
            if param.name in EVERYWHERE:
                values = tuple(values[(turn + step) % len(values)] for step in (0, len(values) // 2))
                turn += 1
            for value in values:
                given = [max(param.opts, key=len), value] if isinstance(param, click.Option) else [value]
                line = {**words, str(param.name): given}
                base = [word for word in more if not (param.name == "http" and more is ENDS["console"])]
                flat = [word for part in line.values() for word in part]
                yield Try((*path, *base, *flat), f"{' '.join(path)} {param.name}={value[:30]!r}")


def refused_at_once(one: Try) -> bool:
    """Whether click itself refuses it: that needs no separate process."""
    command: click.Command = main
    context = click.Context(main, info_name="rfqflow")
    rest = list(one.words)
    refused = None
    try:
        while isinstance(command, click.Group) and rest:
            found = command.get_command(context, rest[0])
            if found is None:
                break
            command, context, rest = found, click.Context(found, info_name=rest[0], parent=context), rest[1:]
        with command.make_context(context.info_name, rest, parent=context.parent):
            return False
    except click.UsageError as error:
        refused = error.format_message()
    assert refused, one.about
    return True


def wrong_with(one: Try, code: int, out: str, said: str, *, may_be_well: bool) -> str | None:
    if code not in OF_COMMANDS.get(one.words[0], CODES) | ({0} if may_be_well else set()):
        return f"exit code {code}: {said[-300:]}"
    for word in ("Traceback", "internal error"):
        if word in said:
            return said[-600:]
    return "no message" if code and not (out + said).strip() else None


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "not_utf8").write_bytes(b"\xff\xfe\x00" * 9)
    (tmp_path / "cases.jsonl").write_text("")
    (tmp_path / "out").write_text("")
    (tmp_path / "mail.eml").write_text("From: ada@example.com\n\nPlease quote 250 pcs of 7-114\n")
    return tmp_path


def environment(dsn: str, files: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_", "DATABASE_"))}
    own = {"RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_DATA_DIR": str(files / "data")}
    return {**kept, **own}


def alone(one: Try, dsn: str, files: Path, *, may_be_well: bool) -> str | None:
    """Runs the command in its own process."""
    try:
        done = command_server.run(*one.words, env=environment(dsn, files), cwd=files, seconds=SECONDS)
    except Exception as error:  # noqa: BLE001 - reported with its command line
        return f"{one.about}: {type(error).__name__} {error}"
    found = wrong_with(one, done.returncode, done.stdout, done.stderr, may_be_well=may_be_well)
    return f"{one.about}: {found}" if found else None


def beside(one: Try, dsn: str, files: Path) -> str | None:
    """Runs the command in this process."""
    done = CliRunner().invoke(main, one.words, env=environment(dsn, files), prog_name="rfqflow")
    broke = done.exception if not isinstance(done.exception, SystemExit) else None
    found = repr(broke) if broke else wrong_with(one, done.exit_code, done.stdout, done.stderr, may_be_well=True)
    return f"{one.about}: {found}" if found else None


def run_all(lines: list[Try], dsn: str, files: Path, *, may_be_well: bool) -> list[str]:
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda one: alone(one, dsn, files, may_be_well=may_be_well), lines)
        return [wrong for wrong in found if wrong]


async def test_malformed_input_gets_a_plain_message_for_any_command_and_option(database, files, monkeypatch):
    monkeypatch.chdir(files)
    every = list(tries(files))
    assert len({one.words[0] for one in every}) > 20
    asked = [one for one in every if not refused_at_once(one) and one.words[0] not in STARTS]

    def run() -> list[str]:
        found = [beside(one, database, files) for one in asked if one.words[0] not in ALONE]
        apart = [one for one in asked if one.words[0] in ALONE]
        return [wrong for wrong in found if wrong] + run_all(apart, database, files, may_be_well=True)

    wrong = await asyncio.to_thread(run)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("rights", ["none", "rfqflow_reader", "rfqflow_worker"])
async def test_every_command_reports_missing_rights_of_the_role(database, db, files, rights):
    role = f"rfqflow_{uuid.uuid4().hex[:8]}"
    await db.execute(f"create role {role} login password 'pw'")
    try:
        if rights != "none":
            await db.execute(f"grant {rights} to {role}")
        parts = urlsplit(database)
        dsn = urlunsplit(parts._replace(netloc=f"{role}:pw@{parts.hostname}:{parts.port}"))
        lines = []
        for path, command in commands():
            if path[0] in STARTS or all(param.name != "database_url" for param in command.params):
                continue
            words = [word for part in needed(path, command, files).values() for word in part]
            more = ["--http", "127.0.0.1:0"] if path[0] == "console" else ENDS.get(path[0], [])
            # With some rights, the console serves, and a daemon keeps trying until it gets the rest.
            if rights == "none" or path[0] not in ("console", "run"):
                lines.append(Try((*path, *more, *words), " ".join(path)))
        wrong = await asyncio.to_thread(run_all, lines, dsn, files, may_be_well=rights != "none")
        assert not wrong, "\n".join(wrong)
    finally:
        await db.execute(f"drop owned by {role}; drop role {role}")
