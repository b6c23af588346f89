"""Unknown names of settings are reported with the nearest known name. Names of other tools are not reported."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from rfqflow import settings
from rfqflow.settings.checks import warnings
from rfqflow.settings.setting_names import unknown
from rfqflow.settings.settings_file import SettingsFile

ROOT = Path(__file__).resolve().parents[2]
FILE = SettingsFile("/srv/rfqflow.toml")


def reported(environment: dict[str, str], **values: object) -> list[tuple[str, str]]:
    return [(one.source, one.remedy) for one in unknown(environment, SettingsFile(FILE.path, dict(values)))]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RFQFLOW_CONCURENCY", "RFQFLOW_CONCURRENCY"),
        ("RFQFLOW_CONCURRENT", "RFQFLOW_CONCURRENCY"),
        ("rfqflow_modell", "RFQFLOW_MODEL"),
        ("RFQFLOW_DB_URL", "RFQFLOW_DATABASE_URL"),
        ("RFQFLOW_DATABASE", "RFQFLOW_DATABASE_URL"),
        ("RFQFLOW_OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("RFQFLOW_API_KEY", "OPENAI_API_KEY"),
        ("RFQFLOW_BASE_URL", "OPENAI_BASE_URL"),
        ("RFQFLOW_ARCHIVE_FOLDER", "RFQFLOW_ARCHIVE_DIR"),
        ("RFQFLOW_LEASE_SECOND", "RFQFLOW_LEASE_SECONDS"),
        ("RFQFLOW_HTTP_PORT", "RFQFLOW_HTTP"),
        ("RFQFLOW_REQUIRE_MODELS", "RFQFLOW_REQUIRE_MODEL"),
        ("RFQFLOW_LOGLEVEL", "RFQFLOW_LOG_LEVEL"),
        ("RFQ_FLOW_MODEL", "RFQFLOW_MODEL"),
        ("RFQFLOWMODEL", "RFQFLOW_MODEL"),
    ],
)
def test_an_unknown_variable_is_reported_with_the_nearest_known_one(name, meant):
    ((source, remedy),) = reported({name: "s3cret", "PATH": "/bin"})
    assert source == name
    assert re.fullmatch(rf"did you mean (.* or )?{meant}( or .*)?\?", remedy)


@pytest.mark.parametrize(
    ("more", "warned"),
    [({}, True), ({"OPENAI_BASE_URL": "http://h/v1"}, False), ({"RFQFLOW_PROVIDER": "rules"}, False)],
)
def test_an_address_under_its_older_name_never_sends_texts_to_openai_silently(monkeypatch, more, warned):
    for name, value in {"OPENAI_API_KEY": "sk-1", "OPENAI_API_BASE": "http://h/v1", **more}.items():
        monkeypatch.setenv(name, value)
    reported = [(one.source, one.remedy) for one in warnings(settings.load()) if one.source == "OPENAI_API_BASE"]
    assert reported == [("OPENAI_API_BASE", "did you mean OPENAI_BASE_URL? If not, unset it")] * warned


def test_a_name_without_a_near_one_gets_the_list_of_all():
    ((_, remedy),) = reported({"RFQFLOW_ZZZ": "1"})
    assert "docs/reference/settings.md" in remedy


def test_an_empty_variable_counts_as_unset():
    assert reported({"RFQFLOW_CONCURENCY": ""}) == []


def test_a_policy_among_the_variables_is_answered_with_its_command():
    ((_, remedy), (_, other)) = reported({"RFQFLOW_MAX_ATTEMPTS": "3"}, retention_days=40)
    assert "rfqflow policy set max_attempts" in remedy
    assert "rfqflow policy set retention_days" in other


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("concurency", 5, "did you mean concurrency?"),
        ("RFQFLOW_MODEL", "x", "did you mean model?"),
        ("rfqflow", {"model": "x"}, "at the top of the file"),
        ("tool", {"rfqflow": {}}, "at the top of the file"),
        ("openai_key", "x", "openai_api_key"),
    ],
)
def test_an_unknown_key_of_the_file_is_reported_with_the_file(key, value, says):
    ((source, remedy),) = reported({}, **{key: value})
    assert source == f"{key} in {FILE.path}"
    assert says in remedy


def test_variables_that_a_cluster_sets_in_each_pod_are_not_reported():
    given = {
        "RFQFLOW_SERVICE_HOST": "10.0.0.1", "RFQFLOW_SERVICE_PORT": "80", "RFQFLOW_SERVICE_PORT_HTTP": "80",
        "RFQFLOW_PORT": "tcp://10.0.0.1:80", "RFQFLOW_PORT_80_TCP": "tcp://10.0.0.1:80",
        "RFQFLOW_PORT_80_TCP_ADDR": "10.0.0.1", "RFQFLOW_CONSOLE_SERVICE_HOST": "10.0.0.2",
        "RFQFLOW_CONSOLE_PORT": "tcp://10.0.0.2:80", "RFQFLOW_CONSOLE_PORT_80_TCP_PROTO": "tcp",
    }  # fmt: skip
    assert reported(given) == []


def test_names_with_any_characters_are_shown_and_values_never():
    found = unknown({"RFQFLOW_\udcff\n" + "X" * 90: "s3cret", **{f"RFQFLOW_Z{n}": "s3cret" for n in range(50)}}, FILE)
    assert len(found) == 20
    assert all(str(one).isascii() and str(one).isprintable() and "s3cret" not in str(one) for one in found)


def test_each_variable_that_the_project_itself_uses_is_known():
    """The variables in its code, tests, docs and CI, except deliberate mistakes of this file."""
    mistakes = {
        "tests/unit/test_setting_names.py",
        "tests/integration/test_start.py",
        "tests/integration/test_start_line.py",
    }
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    used: set[str] = set()
    for name in tracked:
        path = ROOT / name
        if name and name not in mistakes and path.is_file() and path.suffix not in {".jsonl", ".png"}:
            used |= set(re.findall(r"\bRFQFLOW_[A-Z0-9_]*[A-Z0-9]\b(?!_)", path.read_text(errors="replace")))
    if not used:
        pytest.skip("this is no checkout")
    assert [one.source for one in unknown(dict.fromkeys(used, "1"), FILE)] == []


def test_no_variable_of_these_tests_is_unknown():
    assert [one.source for one in unknown(os.environ, FILE)] == []


def test_each_setting_is_known_in_the_environment_and_in_the_file():
    variables = {settings.Settings.model_fields[name].validation_alias or f"RFQFLOW_{name.upper()}" for name in
                 settings.Settings.model_fields}  # fmt: skip
    keys = {str(one).removeprefix("RFQFLOW_").lower() for one in variables}
    assert reported(dict.fromkeys(map(str, variables), "1"), **dict.fromkeys(keys, "1")) == []
