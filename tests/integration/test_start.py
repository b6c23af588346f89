"""What a daemon refuses or warns of before it begins: all of it in one message, with the source of each setting."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from tests.support import command_server

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SECRET = "QxZjKvZv"
AWAY = f"postgresql://u:{SECRET}@127.0.0.1:1/none"  # an address without a database
KEEP = ("PATH", "HOME", "LANG")
MODEL = {"RFQFLOW_PROVIDER": "openai", "OPENAI_API_KEY": SECRET}


def ran(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with these variables only, in its own folder."""
    kept = {name: os.environ[name] for name in KEEP if name in os.environ}
    return command_server.run(*arguments, env=kept | {"RFQFLOW_DATABASE_URL": AWAY} | environment, cwd=folder)


def check_refused(done: subprocess.CompletedProcess[str], *says: str) -> None:
    """One line or usage, no traceback, no secret."""
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("rfqflow: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert [word for word in says if word not in done.stderr] == []
    assert SECRET not in done.stdout + done.stderr


REFUSED_START = {
    "openai without a key": ({"RFQFLOW_PROVIDER": "openai"}, ("RFQFLOW_PROVIDER", "OPENAI_API_KEY")),
    "openai itself by its address": (
        {"OPENAI_BASE_URL": "https://api.openai.com/v1"}, ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
    ),
    "azure without a key": (
        {"OPENAI_BASE_URL": "https://ours.openai.azure.com/openai/v1"}, ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
    ),
    "anthropic without a key": ({"RFQFLOW_PROVIDER": "anthropic"}, ("RFQFLOW_PROVIDER", "ANTHROPIC_API_KEY")),
    "a fallback without a key": (
        {**MODEL, "RFQFLOW_FALLBACK_MODELS": "anthropic:claude-x"}, ("RFQFLOW_FALLBACK_MODELS", "ANTHROPIC_API_KEY"),
    ),
    "a fallback of openai without a key": (
        {"RFQFLOW_PROVIDER": "ollama", "RFQFLOW_MODEL": "m1", "RFQFLOW_FALLBACK_MODELS": "openai:gpt-5"},
        ("RFQFLOW_FALLBACK_MODELS", "OPENAI_API_KEY"),
    ),
    "rules where a model is required": ({"RFQFLOW_REQUIRE_MODEL": "true"}, ("RFQFLOW_REQUIRE_MODEL", "OPENAI_API_KEY")),
    "rules on purpose where a model is required": (
        {"RFQFLOW_REQUIRE_MODEL": "1", "RFQFLOW_PROVIDER": "rules"}, ("RFQFLOW_PROVIDER is rules",),
    ),
    "an open address without a secret": ({"RFQFLOW_HTTP": "0.0.0.0:0"}, ("RFQFLOW_HTTP: ", "RFQFLOW_HTTP_SECRET")),
    "a header that none can be": ({**MODEL, "OPENAI_ORG_ID": "a\nb"}, ("OPENAI_ORG_ID",)),
    "a misspelt address of the database": (
        {"RFQFLOW_DATABASE_URL": "", "RFQFLOW_DATABSE_URL": AWAY}, ("RFQFLOW_DATABSE_URL", "did you mean RFQFLOW_DATA"),
    ),
    "an address of another machine": (
        {"RFQFLOW_HTTP": "192.0.2.1:0", "RFQFLOW_HTTP_SECRET": "0123456789abcdef"}, ("RFQFLOW_HTTP: cannot listen",),
    ),
}  # fmt: skip


@pytest.mark.fault("W14")
@pytest.mark.parametrize(("environment", "says"), REFUSED_START.values(), ids=REFUSED_START)
def test_a_daemon_that_could_not_work_is_refused_before_it_connects_to_the_database(tmp_path, environment, says):
    check_refused(ran(tmp_path, "run", "--drain", **environment), *says)


@pytest.mark.parametrize(
    ("environment", "says"),
    [one for name, one in REFUSED_START.items() if "address of another" not in name],
    ids=[name for name in REFUSED_START if "address of another" not in name],
)
def test_doctor_finds_what_run_refuses(tmp_path, environment, says):
    done = ran(tmp_path, "doctor", **environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [word for word in says if word not in done.stdout] == []
    assert SECRET not in done.stdout + done.stderr


WRONG_VALUES = {
    "no number": ({"RFQFLOW_CONCURRENCY": f"many {SECRET}"}, ("RFQFLOW_CONCURRENCY: ",)),
    "not a number at all": ({"RFQFLOW_POLL_SECONDS": "nan"}, ("RFQFLOW_POLL_SECONDS: ",)),
    "no word of those": ({"RFQFLOW_LOG_LEVEL": "loud"}, ("RFQFLOW_LOG_LEVEL: ", "'debug'")),
    "no provider": ({"RFQFLOW_PROVIDER": "openia"}, ("RFQFLOW_PROVIDER: ", "'anthropic'")),
    "neither true nor false": ({"RFQFLOW_REQUIRE_MODEL": "maybe"}, ("RFQFLOW_REQUIRE_MODEL: ",)),
    "no scheme": ({"OPENAI_BASE_URL": f"u:{SECRET}@localhost:8000"}, ("OPENAI_BASE_URL: ", "http://")),
    "no scheme, for claude": ({"ANTHROPIC_BASE_URL": "gateway.example"}, ("ANTHROPIC_BASE_URL: ", "https://")),
    "blanks": ({"RFQFLOW_OLLAMA_URL": "http://local host:11434"}, ("RFQFLOW_OLLAMA_URL: ", "blank")),
    "a whole path": ({"OPENAI_BASE_URL": "http://h/v1/chat/completions"}, ("OPENAI_BASE_URL: ", "remove /chat")),
    "no address to listen on": ({"RFQFLOW_HTTP": "8640"}, ("RFQFLOW_HTTP: ", "HOST:PORT")),
    "a whole address to listen on": ({"RFQFLOW_HTTP": f"http://u:{SECRET}@h:80"}, ("RFQFLOW_HTTP: ", "HOST:PORT")),
    "a port beyond all": ({"RFQFLOW_HTTP": "127.0.0.1:80800"}, ("RFQFLOW_HTTP: ", "HOST:PORT")),
    "rules after a model": ({**MODEL, "RFQFLOW_FALLBACK_MODELS": "m2,rules"}, ("RFQFLOW_FALLBACK_MODELS: ", "rules")),
    "bytes of another encoding": ({**MODEL, "RFQFLOW_MODEL": "gr\udcfcn"}, ("RFQFLOW_MODEL: must be UTF-8",)),
    "several at once": (
        {"RFQFLOW_CONCURRENCY": "x", "OPENAI_BASE_URL": "h", "RFQFLOW_LEASE_SECONDS": "3", "RFQFLOW_PROVIDER": "gpt"},
        ("RFQFLOW_CONCURRENCY: ", "OPENAI_BASE_URL: ", "RFQFLOW_LEASE_SECONDS (3)", "RFQFLOW_PROVIDER: "),
    ),
}  # fmt: skip


@pytest.mark.fault("W14")
@pytest.mark.parametrize(("environment", "says"), WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_impossible_values_are_refused_all_at_once_with_their_variables(tmp_path, environment, says):
    check_refused(ran(tmp_path, "run", "--drain", **environment), *says)


@pytest.mark.parametrize("command", [("doctor",), ("status",), ("doctor", "--provider"), ("migrate", "--check")])
def test_every_command_refuses_impossible_values(tmp_path, command):
    environment, says = WRONG_VALUES["several at once"]
    check_refused(ran(tmp_path, *command, **environment), *says)


def test_a_command_without_a_database_names_the_misspelt_variable(tmp_path):
    done = ran(tmp_path, "status", RFQFLOW_DATABASE_URL="", RFQFLOW_DB_URL=AWAY)
    check_refused(done, "no database: ", "RFQFLOW_DB_URL: it is not a setting", "did you mean RFQFLOW_DATABASE_URL?")


def test_the_message_names_the_option_if_the_value_came_from_it(tmp_path):
    check_refused(ran(tmp_path, "run", "--http", "nowhere"), "--http: ", "HOST:PORT")
    check_refused(ran(tmp_path, "run", "--database-url", f"postgresql://u:p#{SECRET}@h/d"), "--database-url: ", "%23")
    check_refused(ran(tmp_path, "console", "--http", "nowhere"), "--http ", "HOST:PORT")


@pytest.mark.parametrize("command", [("run",), ("console",)])
def test_an_address_in_use_is_named_with_its_source(tmp_path, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        check_refused(ran(tmp_path, *command, "--http", address), f"--http: cannot listen on {address}", "already")


def test_one_message_has_everything_that_run_refuses(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = ran(
            tmp_path, "run", RFQFLOW_DATABASE_URL=f"postgresql://u:a@{SECRET}@h/d", RFQFLOW_REQUIRE_MODEL="on",
            RFQFLOW_HTTP=f"127.0.0.1:{port}", RFQFLOW_LISTEN_URL=f"postgresql://u:a%{SECRET}@h/d",
        )  # fmt: skip
    names = ("RFQFLOW_DATABASE_URL: ", "RFQFLOW_REQUIRE_MODEL: ", "RFQFLOW_HTTP: cannot listen", "RFQFLOW_LISTEN_URL: ")
    check_refused(done, *names)


VARIABLES = ("RFQFLOW_DATABASE_URL", "DATABASE_URL", "RFQFLOW_LISTEN_URL")
PASSWORDS = [f"{SECRET[:4]}{letter}{SECRET}" for letter in "#@/%?"] + [f"{letter}{SECRET}" for letter in "#@/%?"]


@pytest.mark.parametrize(
    ("password", "variable"),
    [(one, VARIABLES[number % 3]) for number, one in enumerate(PASSWORDS)],
)
def test_a_password_that_splits_the_dsn_is_reported_by_its_variable_without_any_piece_of_it(
    tmp_path, password, variable
):
    dsn = f"postgresql://grace:{password}@db.example:5432/app"
    base = {"RFQFLOW_DATABASE_URL": ""} if variable == "DATABASE_URL" else {}
    done = ran(tmp_path, "run", "--drain", **{**base, variable: dsn})
    check_refused(done, f"{variable}: ", "percent-encode")
    assert SECRET[:4] not in done.stderr
    reported = ran(tmp_path, "doctor", **{**base, variable: dsn}).stdout
    assert f"{variable}: " in reported
    assert SECRET[:4] not in reported


FILES = {
    "a misspelt value": (b'concurrency = "x"', ("concurrency in {path}: ",)),
    "a list where a text belongs": (b"model = [1]", ("model in {path}: ",)),
    "a number where names belong": (b"fallback_models = 5", ("fallback_models in {path}: ",)),
    "a number where pairs belong": (b"deployments = 5", ("deployments in {path}: ",)),
    "a list where pairs belong": (b"webhook_urls = [1]", ("webhook_urls in {path}: ",)),
    "a table with no address": (b'[webhook_urls]\ncrm = "host.example"', ("webhook_urls in {path}: ", "crm")),
    "a capital in its key": (b'Lease_Seconds = "long"', ("lease_seconds in {path}: ",)),
    "values that do not fit": (b"lease_seconds = 3", ("lease_seconds in {path} (3) must be at least 25",)),
    "no TOML": (b"model = gpt-5", ("{path} is not TOML, at line 1",)),
    "no TOML, with a secret": (b'openai_api_key = "QxZjKvZv', ("{path} is not TOML",)),
    "a key twice": (b"model = 'a'\nmodel = 'b'\n", ("{path} is not TOML, at line 2",)),
    "another encoding": ("model = 'gr\u00fcn'".encode("utf-16"), ("{path} is not UTF-8",)),
    "an older encoding": ("model = 'gr\u00fcn'".encode("latin-1"), ("{path} is not UTF-8 (from byte 12",)),
    "nested without end": (b"model = " + b"[" * 9000, ("{path} is not TOML",)),
    "two things": (b'concurrency = "x"\npoll_seconds = "y"', ("concurrency in {path}: ", "poll_seconds in {path}: ")),
}


@pytest.mark.fault("W14")
@pytest.mark.parametrize(("text", "says"), FILES.values(), ids=FILES)
def test_an_error_in_the_file_is_reported_with_its_path(tmp_path, text, says):
    path = tmp_path / "rfqflow.toml"
    path.write_bytes(text)
    done = ran(tmp_path, "run", "--drain")
    check_refused(done, *(word.format(path=path) for word in says))
    assert "RFQFLOW_CONCURRENCY" not in done.stderr


def test_an_invalid_file_is_reported_together_with_other_errors(tmp_path):
    path = tmp_path / "rfqflow.toml"
    for make in (path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to("/no"), lambda: path.symlink_to(path)):
        make()
        check_refused(ran(tmp_path, "run", RFQFLOW_CONCURRENCY="x"), f"{path} ", "RFQFLOW_CONCURRENCY: ")
        path.rmdir() if path.is_dir() else path.unlink()


def test_the_environment_wins_over_the_file_and_is_then_named(tmp_path):
    (tmp_path / "rfqflow.toml").write_text('concurrency = "x"\n')
    assert ran(tmp_path, "run", "--drain", RFQFLOW_CONCURRENCY="4").returncode == 3  # goes on to the database
    check_refused(ran(tmp_path, "run", RFQFLOW_CONCURRENCY="y"), "settings: RFQFLOW_CONCURRENCY: ")


def test_a_byte_order_mark_is_accepted(tmp_path):
    (tmp_path / "rfqflow.toml").write_bytes("\ufeffrequire_model = true\n".encode())
    check_refused(ran(tmp_path, "run"), f"require_model in {tmp_path / 'rfqflow.toml'}: a model is required")


DOUBTFUL = {
    "a misspelt variable": ({"RFQFLOW_CONCURENCY": "5"}, "", "RFQFLOW_CONCURENCY", "did you mean RFQFLOW_CONCURRENCY?"),
    "a misspelt key": ({}, "concurency = 5", "concurency in {path}", "did you mean concurrency?"),
    "a folder that is not there": (
        {"RFQFLOW_ARCHIVE_DIR": "/nowhere/archive"}, "", "RFQFLOW_ARCHIVE_DIR", "does not exist",
    ),
    "a folder that is a file": ({"RFQFLOW_ARCHIVE_DIR": "/etc/passwd"}, "", "RFQFLOW_ARCHIVE_DIR", "is not a folder"),
    "a folder that cannot be written": ({"RFQFLOW_ARCHIVE_DIR": "/proc"}, "", "RFQFLOW_ARCHIVE_DIR", "cannot be written"),
    "a folder of the file": ({}, "archive_dir = '/nowhere/archive'", "archive_dir in {path}", "does not exist"),
    "a model and no provider": ({"RFQFLOW_MODEL": "gpt-5"}, "", "RFQFLOW_MODEL", "no provider is chosen"),
    "a key that is not the default provider's": (
        {"ANTHROPIC_API_KEY": SECRET}, "", "ANTHROPIC_API_KEY", "RFQFLOW_PROVIDER",
    ),
    "an address by its older name": ({"OPENAI_API_BASE": "http://h/v1"}, "", "OPENAI_API_BASE", "OPENAI_BASE_URL"),
}  # fmt: skip


@pytest.mark.parametrize(("environment", "text", "source", "says"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_doctor_reports_settings_that_are_probably_mistakes(tmp_path, environment, text, source, says):
    path = tmp_path / "rfqflow.toml"
    if text:
        path.write_text(text)
    reported = [line for line in ran(tmp_path, "doctor", **environment).stdout.splitlines() if says in line]
    assert len(reported) == 1
    assert reported[0].startswith((f"warn  {source.format(path=path)}: ", f"fail  {source.format(path=path)}: "))
    assert SECRET not in reported[0]


def test_doctor_reports_nothing_about_correct_settings(tmp_path):
    reported = ran(tmp_path, "doctor", RFQFLOW_PROVIDER="rules", RFQFLOW_ARCHIVE_DIR=str(tmp_path)).stdout
    assert "ok    all settings are known and valid\n" in reported
    assert list(tmp_path.iterdir()) == []
