"""The house rules that a machine can see."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "rfqflow"
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = sorted((PACKAGE / "core").rglob("*.py"))
MOST_LINES = 560

ONLY_IN = {
    "asyncpg": {
        "announcer",
        "connect",
        "console",
        "http",
        "doorbell",
        "schema",
        "slots",
        "store",
        "maintenance",
        "retention",
        "webhooks",
        "worker",
        "trials",
        "evaluator",
        "cli",
        "bench",
    },
    "openai": {"llm"},
    "httpx": {"llm", "webhooks"},
    "httpx2": {"llm"},
    "click": {"cli"},
    "rich": {"cli"},
    "structlog": {
        "announcer",
        "console",
        "http",
        "log",
        "worker",
        "doorbell",
        "slots",
        "results",
        "maintenance",
        "retention",
        "webhooks",
        "cli",
        "llm",
        "dialects",
        "trials",
        "evaluator",
    },
    "pydantic_settings": {"settings"},
    "starlette": {"console", "http"},
    "uvicorn": {"http"},
    "prometheus_client": {"http", "metrics"},
    "jinja2": {"console"},
    "opentelemetry": {"collector", "genai", "tracing"},
    "pyarrow": {"parquet"},
}
CORE_MAY_IMPORT = {"pydantic", "rfqflow", *sys.stdlib_module_names} - {
    "asyncio", "os", "time", "random", "secrets", "logging", "socket", "subprocess", "threading", "pathlib",
}  # fmt: skip
STATEMENT = re.compile(
    r"^\s*(select\s.+\sfrom\s|select ai\.|insert into |update [a-z_.]+ set |delete from |create |drop |alter )",
    re.IGNORECASE | re.DOTALL,
)


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def part(path: Path) -> str:
    """The module or folder right under rfqflow/."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_each_library_is_imported_only_where_it_belongs(path):
    for module in imports(path):
        top = module.split(".")[0]
        if top in ONLY_IN:
            assert part(path) in ONLY_IN[top], f"{top} is not for {part(path)}"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_is_pure(path):
    for module in imports(path):
        assert module.split(".")[0] in CORE_MAY_IMPORT, f"the core imports {module}"
        assert not module.startswith("rfqflow.") or module.startswith("rfqflow.core")
    tree = ast.parse(path.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
    clocks = {"now", "today", "utcnow"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in clocks]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_sql_text_is_in_the_store_and_the_schema_only(path):
    if part(path) in {"store", "schema", "bench"}:
        return
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            liveness = node.value in {"select 1", "select pg_backend_pid()"}
            assert liveness or not STATEMENT.match(node.value), f"line {node.lineno}: {node.value[:60]}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_fit_a_head(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES
    assert path.name not in {"utils.py", "common.py", "helpers.py", "base.py", "types.py"}
    assert len(path.relative_to(PACKAGE).parts) <= 3


def test_functions_in_sql_have_one_home():
    homes: dict[str, str] = {}
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        for name in set(re.findall(r"create (?:or replace )?function (ai\.\w+)", path.read_text())):
            assert name not in homes, f"{name} is in {homes.get(name)} and {path.name}"
            homes[name] = path.name
    assert homes


def test_help_answers_without_loading_anything_heavy():
    code = (
        "import sys, json, click.testing, rfqflow.cli as c;"
        "r = click.testing.CliRunner().invoke(c.main, ['--help']); assert r.exit_code == 0;"
        "print(json.dumps(sorted(set(sys.modules) & {'openai','asyncpg','pydantic','pydantic_settings','structlog','rich'})))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert json.loads(loaded) == []


def test_every_command_explains_itself():
    import click

    from rfqflow.cli import main

    def walk(command: click.Command):
        assert command.help, command.name
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{command.name} {option.name}"
        if isinstance(command, click.Group):
            for one in command.commands.values():
                walk(one)

    walk(main)


def test_readme_names_every_command_and_setting():
    from rfqflow.cli import main
    from rfqflow.settings import Settings

    readme = (ROOT / "README.md").read_text()
    missing = [name for name in main.commands if f"rfqflow {name}" not in readme]
    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"RFQFLOW_{name.upper()}"
        if f"`{variable}`" not in readme:
            missing.append(variable)

    assert missing == []


def test_no_file_names_a_machine_or_an_unfinished_part():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing is tracked")
    marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".sql", ".md", ".toml", ""} and path.is_file() and name != "LICENSE":
            assert not marks.search(path.read_text(errors="replace")), name
