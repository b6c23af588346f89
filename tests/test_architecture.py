"""The rules of the project that a machine can check: layers, sizes, vocabulary, purity."""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "rfqflow"
ROOT = PACKAGE.parent
MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = sorted((PACKAGE / "core").rglob("*.py"))
SQL_FILES = sorted((ROOT / "sql").rglob("*.sql"))
# From the top down: a folder imports only folders further down.
LAYERS = (
    {"__main__"},
    {"cli"},
    {"bench"},
    {"worker", "console"},
    {"http"},
    {"telemetry", "evaluation"},
    {"enrichment", "maintenance"},
    {"store", "llm", "attachments"},
    {"settings"},
    {"database", "prompts", "failpoints"},
    {"reporting"},
    {"core", "sockets"},
)
RANK = {folder: rank for rank, folders in enumerate(LAYERS) for folder in folders}
MAX_FOLDERS = 20
MAX_LINES = 400
MAX_PYTHON_FUNCTION_LINES = 60
MAX_SQL_FUNCTION_LINES = 150
MAX_TEST_LINES = 500

ONLY_IN = {
    "anthropic": {"llm"},
    "argon2": {"console"},
    "asyncpg": {"bench", "cli", "console", "database", "http", "maintenance", "store", "worker"},
    "openai": {"llm"},
    "httpx": {"attachments", "llm", "worker"},
    "httpx2": {"llm"},
    "click": {"cli"},
    "rich": {"cli"},
    "structlog": {"cli", "console", "http", "llm", "maintenance", "telemetry", "worker", "database", "enrichment"},
    "pydantic_settings": {"settings"},
    "starlette": {"console", "http"},
    "uvicorn": {"http"},
    "prometheus_client": {"http", "telemetry"},
    "jinja2": {"console"},
    "opentelemetry": {"telemetry"},
    "pyarrow": {"maintenance"},
    **{
        key: {"attachments"} for key in ("PIL", "charset_normalizer", "lxml", "olefile", "pypdfium2", "python_calamine")
    },
}

# Files that are generated from others.
DATA = {"sql/install.sql"}
# Files longer than the limit, each with its own limit: entries may only shrink and disappear.
LONGER: dict[str, int] = {}
# DESIGN 2.4: former words, which mean nothing to an engineer who is new here.
RETIRED = re.compile(
    r"(?:^|_)(?:ear|deeds?|postman|minder|keeper|unheard|hurr(?:y|ied|ying)|baton)(?:_|$)", re.IGNORECASE
)

READS_PACKAGE_DATA = "text/word_lists.py"  # once, at import: the word lists that ship with the package
CORE_MAY_IMPORT = {"pydantic", "selectolax", "rfqflow", *sys.stdlib_module_names} - {
    "asyncio", "os", "time", "random", "secrets", "logging", "socket", "subprocess", "threading", "pathlib",
}  # fmt: skip
STATEMENT = re.compile(
    r"^\s*(select\s.+\sfrom\s|select ai\.|insert into |update [a-z_.]+ set |delete from |create |drop |alter )",
    re.IGNORECASE | re.DOTALL,
)


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@dataclass
class Contents:
    """What the rules read of a module; each module is read once."""

    modules: set[str] = field(default_factory=set)  # that it imports, or imports from
    whole: set[str] = field(default_factory=set)  # those that it imports whole
    members: set[tuple[str, str]] = field(default_factory=set)  # the names that it imports from them
    waits: bool = False  # it has something asynchronous
    attributes: set[str] = field(default_factory=set)
    functions: list[tuple[str, int]] = field(default_factory=list)  # with their lengths in lines
    texts: list[tuple[int, str]] = field(default_factory=list)  # line and string, without docstrings


@cache
def contents(path: Path) -> Contents:
    found, docstrings = Contents(), set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import():
                found.whole |= {alias.name for alias in node.names}
                found.modules |= found.whole
            case ast.ImportFrom() if node.module:
                found.modules.add(node.module)
                found.members |= {(node.module, alias.name) for alias in node.names}
            case ast.Attribute():
                found.attributes.add(node.attr)
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                found.texts.append((node.lineno, text))
        found.waits |= isinstance(node, ast.AsyncFunctionDef | ast.Await)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.functions.append((node.name, (node.end_lineno or 0) - node.lineno + 1))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # ast.walk visits the nodes inside later.
            docstrings |= {id(node.body[0].value)} if node.body and isinstance(node.body[0], ast.Expr) else set()
    return found


def part(path: Path) -> str:
    """The module or folder right under rfqflow/."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def test_each_library_is_imported_only_where_it_belongs():
    strays = [
        f"{name_of(path)}: {top} is not for {part(path)}"
        for path in MODULES
        for top in sorted({module.split(".")[0] for module in contents(path).modules} & set(ONLY_IN))
        if part(path) not in ONLY_IN[top]
    ]

    assert strays == []


def _impure(path: Path) -> list[str]:
    of = contents(path)
    return [
        *sorted(f"imports {module}" for module in of.modules if not _core_may_import(module, path)),
        *(["waits"] if of.waits else []),
        *sorted(of.attributes & {"now", "today", "utcnow"}),
    ]


def _core_may_import(module: str, path: Path) -> bool:
    return (
        module.split(".", maxsplit=1)[0] in CORE_MAY_IMPORT
        and (not module.startswith("rfqflow.") or module.startswith("rfqflow.core"))
        and (not module.startswith("importlib") or name_of(path) == f"core/{READS_PACKAGE_DATA}")
    )


def test_the_core_is_pure():
    assert CORE
    assert {name_of(path): impure for path in CORE if (impure := _impure(path))} == {}


def test_sql_text_is_in_the_store_and_the_schema_only():
    strays = [
        f"{name_of(path)}, line {line}: {text[:60]}"
        for path in MODULES
        if part(path) not in {"store", "database", "bench"}
        for line, text in contents(path).texts
        if text not in {"select 1", "select pg_backend_pid()"} and STATEMENT.match(text)
    ]

    assert strays == []


def imported(path: Path) -> set[str]:
    """The modules of rfqflow that a file imports, by their full names."""
    of = contents(path)
    parts = {full if (full := f"{module}.{name}") in NAMES else module for module, name in of.members}
    return {module for module in of.whole | parts if module.startswith("rfqflow.")}


def module_of(path: Path) -> str:
    return "rfqflow." + name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")


NAMES = {module_of(path) for path in MODULES}


def test_each_folder_imports_only_folders_further_down():
    upward = [
        f"{name_of(path)} imports {module}"
        for path in MODULES
        if (folder := part(path)) != "__init__"
        for module in sorted(imported(path))
        if (other := module.split(".")[1]) != folder and RANK[other] <= RANK[folder]
    ]

    assert upward == []


def test_no_module_imports_itself_through_others():
    edges = {module_of(path): imported(path) for path in MODULES}  # imports for types count, too
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " > ".join((*way[way.index(module) :], module))
        if module not in done:
            for other in sorted(edges.get(module, ())):
                visit(other, (*way, module))
            done.add(module)

    for module in sorted(edges):
        visit(module, ())


def test_the_package_has_few_top_level_folders_and_each_has_a_layer():
    folders = {part(path) for path in MODULES} - {"__init__"}

    assert len(folders) <= MAX_FOLDERS
    assert folders == set(RANK)


def test_names_of_modules_say_what_is_in_them():
    empty = {"utils.py", "common.py", "helpers.py", "base.py", "types.py"}

    assert MODULES
    assert [name_of(path) for path in MODULES if path.name in empty] == []
    assert [name_of(path) for path in MODULES if len(path.relative_to(PACKAGE).parts) > 3] == []


def test_ten_files_show_the_path_of_a_claim_and_contain_the_names_in_the_docs():
    section = (ROOT / "docs/develop.md").read_text().split("## Follow one claim")[1].split("\n## ")[0]
    steps = re.findall(r"^\d+\. `([^`]+\.py)`: (.*)$", section, re.MULTILINE)

    assert 5 < len(steps) <= 10
    for name, said in steps:
        text = (PACKAGE / name).read_text()
        for word in re.findall(r"`(\w+)`", said):
            assert re.search(rf"\b{word}\b", text), f"{name} holds no {word}"


def test_the_files_on_the_path_of_a_claim_pass_on_no_untyped_dict():
    section = (ROOT / "docs/develop.md").read_text().split("## Follow one claim")[1].split("\n## ")[0]
    for name in re.findall(r"`([^`]+\.py)`", section):
        for node in ast.walk(ast.parse((PACKAGE / name).read_text())):
            if isinstance(node, ast.Subscript):
                assert ast.unparse(node) not in {"dict[str, Any]", "Mapping[str, Any]"}, f"{name}, line {node.lineno}"


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_files_have_at_most_400_lines():
    sizes = {str(path.relative_to(ROOT)): lines(path) for path in [*MODULES, *SQL_FILES]}

    assert SQL_FILES
    assert {name: size for name, size in sizes.items() if name not in DATA and size > LONGER.get(name, MAX_LINES)} == {}
    assert [name for name in LONGER if sizes.get(name, MAX_LINES + 1) <= MAX_LINES] == []  # remove them from LONGER


def test_functions_in_python_have_at_most_60_lines():
    long = {
        f"{name_of(path)}:{name}": length
        for path in MODULES
        for name, length in contents(path).functions
        if length > LONGER.get(f"{name_of(path)}:{name}", MAX_PYTHON_FUNCTION_LINES)
    }

    assert long == {}


def test_functions_in_sql_have_at_most_150_lines():
    long = {}
    for path in SQL_FILES:
        for found in re.finditer(
            r"create or replace function (ai\.\w+|public\.\w+).*?\n\s*as (\$\w*\$)\n(.*?)\2",
            path.read_text(),
            re.DOTALL,
        ):
            length = found.group(3).count("\n")
            if length > LONGER.get(found.group(1), MAX_SQL_FUNCTION_LINES):
                long[found.group(1)] = length

    assert long == {}


def test_test_files_have_at_most_500_lines():
    long = {
        str(path.relative_to(ROOT)): lines(path)
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if lines(path) > MAX_TEST_LINES
    }

    assert long == {}


def _asserts(test: ast.AST) -> bool:
    names = [getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(test)]
    return any(isinstance(node, ast.Assert) for node in ast.walk(test)) or any(
        re.match(r"_?(assert|check)_|raises$|run_state_machine_as_test$", name) for name in names
    )


def test_each_test_asserts_something():
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not _asserts(node)
    ]

    assert silent == []


def test_no_two_files_of_tests_have_the_same_name():
    """Files in packages may: pytest imports the others by their bare names, and refuses a second one of the same name."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if not (path.parent / "__init__.py").exists()]
    names = Counter(path.name for path in files)

    assert [name for name, number in names.items() if number > 1] == []


def test_tests_share_code_through_tests_support_only():
    borrowed = [
        f"{path.relative_to(ROOT)}: {found.group(1)}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for found in re.finditer(r"^ *(?:from|import) ((?:[\w.]+\.)?test_\w+)", path.read_text(), re.MULTILINE)
    ]

    assert borrowed == []


def test_retired_names_stay_retired():
    found = []
    for path in [*MODULES, *SQL_FILES]:
        text = path.read_text()
        if path.suffix == ".py":
            names = {
                token.string
                for token in tokenize.generate_tokens(io.StringIO(text).readline)
                if token.type == tokenize.NAME
            }
        else:
            names = set(re.findall(r"\w+", re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", text)))
        found += [f"{path.relative_to(ROOT)}: {name}" for name in sorted(names) if RETIRED.search(name)]

    assert found == []


def test_each_function_in_sql_is_defined_in_one_file():
    homes: dict[str, str] = {}
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        for name in set(re.findall(r"create (?:or replace )?function (ai\.\w+)", path.read_text())):
            assert name not in homes, f"{name} is in {homes.get(name)} and {path.name}"
            homes[name] = path.name
    assert homes


def test_help_loads_no_large_library():
    code = (
        "import sys, json, click.testing, rfqflow.cli as c;"
        "runs = [click.testing.CliRunner().invoke(c.main, [*group, '--help']) for group in ([], ['eval'], ['prompt'])];"
        "assert not any(run.exit_code for run in runs);"
        "print(json.dumps(sorted(set(sys.modules) & {'openai','asyncio','asyncpg','pydantic','pydantic_settings','structlog','rich'})))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert json.loads(loaded) == []


def test_commands_that_only_query_the_database_do_not_load_the_rules():
    code = "import sys, rfqflow.store.operator, rfqflow.store.reporting; print('rfqflow.core.rules' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert loaded.strip() == "False"


def test_every_command_and_option_has_help():
    import click

    from rfqflow.cli import main

    def walk(command: click.Command):
        assert command.help, command.name
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{command.name} {option.name}"
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                walk(command.get_command(context, name))

    walk(main)


def test_no_file_names_a_machine_or_has_a_mark_of_unfinished_work():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing is tracked")
    marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".sql", ".md", ".toml", ""} and path.is_file() and name != "LICENSE":
            assert not marks.search(path.read_text(errors="replace")), name
