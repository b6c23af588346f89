"""docs/architecture.md and the contributors' files are true: the files exist, and the diagram of states matches SQL."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
SQL = "\n".join(path.read_text() for path in sorted((ROOT / "sql").rglob("*.sql")) if path.name != "install.sql")
MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md", "docs/develop.md"])
def test_each_file_that_a_page_for_contributors_names_exists(page):
    named = set(re.findall(r"`((?:rfqflow|sql|tests|docs|\.ci|\.github)/[\w./-]*)`", (ROOT / page).read_text())) - {
        "sql/migrations/NNNN_what_it_does.sql"
    }

    assert len(named) > 3
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_diagram_has_the_twelve_steps_and_each_names_an_existing_file():
    rows = re.findall(r"^\| (\d+) \| (\w+) \| .* \| (.*) \|$", ARCHITECTURE, re.MULTILINE)

    assert [number for number, _, _ in rows] == [str(number) for number in range(1, 13)]
    assert all("`" in files for _, _, files in rows)
    journey = (ROOT / "sql/README.md").read_text()
    for number, who, _ in rows:
        assert re.search(rf"^\| {number} \| {who} \|", journey, re.MULTILINE), "sql/README.md counts otherwise"


def arrows() -> dict[tuple[str, str], set[str]]:
    diagram = ARCHITECTURE.split("```mermaid\n")[1].split("```")[0]
    found = re.findall(r"^  (\S+) --> (\S+) : (.+)$", diagram, re.MULTILINE)
    assert len(found) == len(diagram.strip().splitlines()) - 1, "a line that is no arrow"
    return {(start, end): set(words.split(", ")) for start, end, words in found}


def test_the_diagram_of_states_has_exactly_the_states_and_outcomes_of_sql():
    quoted = r"'?(\w+)'?"
    outcomes = re.findall(
        rf"^    \({quoted}, +{quoted}, +{quoted}, +{quoted}, +{quoted}, +{quoted}\)",
        (ROOT / "sql/functions/48_outcomes.sql").read_text(),
        re.MULTILINE,
    )
    expected: dict[tuple[str, str], set[str]] = {}
    for outcome, status, end, _, _, queue in outcomes:
        if queue == "null":
            continue  # by then another worker has the claim
        after = end if end != "null" else status if status != "null" else {"due": "pending", "gone": "[*]"}[queue]
        expected.setdefault(("pending", after), set()).add(outcome)
    drawn = {pair: words for pair, words in arrows().items() if not any(word.startswith("ai.") for word in words)}

    assert len(outcomes) > 12
    assert drawn == expected


def test_each_function_that_moves_an_rfq_in_the_diagram_exists():
    moving = {word for words in arrows().values() for word in words if word.startswith("ai.")}

    assert len(moving) > 4
    for function in moving:
        assert re.search(rf"create or replace function {re.escape(function)}\(", SQL), function


def test_the_catalogue_of_reasons_has_the_states_of_the_diagram():
    states = {state for pair in arrows() for state in pair} - {"[*]", "older"}

    assert states == set(re.findall(r"\('\w+', 'reason', '(\w+)',", (ROOT / "sql/views/causes.sql").read_text()))


def test_the_makefile_has_exactly_the_targets_that_contributing_names():
    targets = set(re.findall(r"^(\w+):", MAKEFILE, re.MULTILINE)) - {"help"}

    assert targets == set(re.findall(r"`make (\w+)`", (ROOT / "CONTRIBUTING.md").read_text()))


def test_the_workflow_tests_every_version_that_the_package_allows():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    matrix = jobs["versions"]["strategy"]["matrix"]
    least = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")

    assert matrix["python"][0] == least
    assert matrix["python"] == [f"3.{minor}" for minor in range(11, 15)]
    assert matrix["postgres"] == [str(release) for release in range(14, 19)]
    assert jobs["run"]["steps"][-1]["run"] == ".ci/run"


@pytest.mark.parametrize("file", [*sorted((ROOT / ".github").rglob("*.yml")), ROOT / ".pre-commit-config.yaml"])
def test_each_file_for_github_and_for_hooks_is_valid(file):
    assert yaml.safe_load(file.read_text())


def test_contributors_files_have_no_made_up_address():
    for name in ("CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "docs/architecture.md", "README.md"):
        text = (ROOT / name).read_text()
        assert set(re.findall(r"https?://([^/)\s]+)", text)) <= {"developers.google.com"}, name
        assert set(re.findall(r"[\w.]+@[\w.]+\.\w+", text)) <= {"ada@example.com", "40t@db.example.com"}, name
