"""No test uses private names: what a test needs is public behaviour, or has a public name.

A private name begins with an underscore. A test may use private names on `self` and in its own module.
"""

import ast
import re
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PRIVATE = re.compile(r"_(?!_)")
# Names of the standard library that are public in spite of the underscore.
PUBLIC = {"_replace", "_asdict", "_fields", "_exit"}
# By file: the private name that it may use, how often, and why.
EXCEPTIONS = {
    "support/transports.py": ({"_transport": 2}, "asyncpg has no public way to a connection's socket"),
    "support/command_server.py": (
        {"_run_exitfuncs": 1},
        "atexit has no public way to run what is registered, short of an exit",
    ),
    "support/hostile_texts.py": (
        {"re._constants": 1, "re._parser": 1},
        "the library has no public way to the parts of a pattern",
    ),
}
OWN = {"self", "cls", "super()"}
DEFINED = re.compile(
    r"\b(?:def|class) (_\w+)|\b(?:self|cls)\.(_\w+)(?=[^()\n]*=[^=])|^[ ]*(_\w+)\b(?=[^=(\n]*=[^=])", re.MULTILINE
)
# Only files that match are parsed.
CANDIDATE = re.compile(r"[\"'.]_[a-zA-Z]|import .*\b_[a-zA-Z]")
BY_NAME = {"getattr", "setattr", "delattr", "hasattr", "attrgetter", "methodcaller", "patch", "object"}


def is_private(name: str) -> bool:
    return any(PRIVATE.match(part) and part not in PUBLIC for part in name.split("."))


def own_names(text: str) -> set[str]:
    """The names that a file defines: functions, fields, and attributes of `self`."""
    return {name for found in DEFINED.findall(text) for name in found if name}


def reached(text: str, known: set[str]) -> list[str]:
    """Private names of other modules: attributes, imports, and names in strings that are looked up."""
    if not CANDIDATE.search(text):
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            if is_private(node.attr) and not (ast.unparse(node.value) in OWN and node.attr in known):
                found.append(node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            names = [f"{module}.{alias.name}" if module else alias.name for alias in node.names]
            found += [name for name in names if is_private(name)]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in BY_NAME:
            texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            found += [each for each in texts if re.fullmatch(r"[\w.]+", each) and is_private(each)]
    return found


def test_no_test_uses_private_names():
    texts = {str(path.relative_to(TESTS)): path.read_text() for path in sorted(TESTS.rglob("*.py"))}
    known = set().union(*map(own_names, texts.values()))  # a subclass may use what tests/support gives it
    found = {name: dict(Counter(reached(text, known))) for name, text in texts.items()}

    assert {name: names for name, names in found.items() if names} == {
        name: names for name, (names, _) in EXCEPTIONS.items()
    }


def test_each_way_to_use_a_private_name_is_found():
    ways = """
import rfqflow._hidden
from rfqflow.worker import _secret
from rfqflow._worker import Worker

class Mine(Worker):
    _own = 1

    def run(self):
        return self._theirs + self._own + super()._above()

worker._state.turning
_module._line
getattr(worker, "_lines")
monkeypatch.setattr("rfqflow.worker.heartbeat._BEAT_SECONDS", 1)
monkeypatch.setattr(module, "_groups", None)
parts._replace(netloc="")
worker.__class__
mine._own
"""
    assert sorted(reached(ways, own_names(ways))) == sorted(
        [
            "rfqflow._hidden", "rfqflow.worker._secret", "rfqflow._worker.Worker", "_theirs", "_above", "_state", "_line",
            "_lines", "rfqflow.worker.heartbeat._BEAT_SECONDS", "_groups", "_own",
        ]
    )  # fmt: skip
