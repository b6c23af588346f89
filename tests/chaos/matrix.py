"""The fault matrix, and the tests that cover each row: python -m tests.chaos.matrix

A test names its row by a marker, `@pytest.mark.fault("D16")`. A fault of a chaos run names its row in the catalogue. A
row without either must have a reason in UNTESTED.
"""

import ast
import sys
from collections import defaultdict
from functools import cache

from . import faults, faults_database, faults_files, faults_model, hostile  # noqa: F401 - the catalogue is filled by importing them
from .catalogue import FAULTS
from .fleet import ROOT
from .poison import KINDS

ROWS = {
    "W1": "SIGKILL after the claim, before anything else",
    "W2": "SIGKILL before the request is sent",
    "W3": "SIGKILL after sending, or in the middle of the reply",
    "W4": "SIGKILL between the checked reply and its record",
    "W5": "the connection is lost during the commit of a finish",
    "W6": "SIGTERM idle, in the middle of calls, during a reconnect, twice",
    "W7": "SIGSTOP longer than the lease, then SIGCONT",
    "W8": "a reclaim and a finish race",
    "W9": "the same host and name again after a restart",
    "W10": "the event loop is blocked",
    "W11": "one RFQ ends its worker, or fails at every attempt",
    "W12": "the wall clock is hours off",
    "W13": "old and new releases work at the same time, with a migration between them",
    "W14": "a start with settings that cannot work, are misspelt, or lack the model that answered before",
    "D1": "immediate restarts of the server under load",
    "D2": "failover; the old primary stays up as a standby",
    "D3": "an asynchronous failover loses the last commits",
    "D4": "backends are terminated",
    "D5": "a connection loses all packets, both ways or one way, or is reset",
    "D6": "the first host of the DSN does not answer, or refuses",
    "D7": "a slow database, stalls of seconds",
    "D8": "locks on the queue or on RFQs that the application holds",
    "D9": "deadlocks and serialization failures",
    "D10": "the notification queue is full",
    "D11": "a storm of forged notifications",
    "D12": "the disk is full",
    "D13": "no connection is left",
    "D14": "a long reader pins the oldest snapshot",
    "D15": "the trigger did not fire",
    "D16": "a claim takes more rows than requested",
    "D17": "a transaction pooler between worker and server",
    "D18": "a middlebox drops idle connections silently",
    "D19": "a DSN of any form, with a password that its form cannot hold",
    "D20": "any error of the database under a page or a command",
    "H1": "HTTP clients that are silent, slow, do not read, or come by the hundred",
    "L1": "the model's server refuses, resets, cannot be resolved, has a bad certificate",
    "L2": "it hangs, goes silent, drips, never ends",
    "L3": "it answers 5xx",
    "L4": "it answers 429, with any kind of Retry-After",
    "L5": "it rejects key, model or request",
    "L6": "its reply is cut, empty, null, no JSON, another encoding",
    "L7": "its reply breaks the schema",
    "L8": "it refuses, filters, truncates, calls a tool",
    "L9": "its reply is a bomb",
    "L10": "it redirects",
    "L11": "its reply holds NUL, surrogates, escapes",
    "L12": "its bill is missing, negative or absurd",
    "L13": "all calls fail for a while, then they succeed",
    "L14": "its success comes after the deadline or the lease",
    "L15": "a pooled connection to it is dead, and no packet has reported it",
    "L16": "one text is refused, by a firewall or with an unknown status",
    "L17": "key, address or text allow no request, or the request is not sent",
    "L18": "its connection ends after the request was read: before, within, after the head of the reply",
    "L19": "a part of a long list fails, is refused or cut off, or its worker dies midway",
    "L20": "it lacks the API of the call, at all, for this model, or in parts",
    "L21": "its cheap service tier is full, slower than the deadline, or answers in place of another",
    "L22": "its errors and replies are hostile: megabytes, NUL, no UTF-8, control characters, escape sequences, markup",
    "R1": "a row that cannot be read or screened: metadata, times, ids, characters, sizes",
    "R2": "a row whose answer cannot be recorded: a trigger, a check, a deferred constraint of the application",
    "R3": "an inserter writes into the columns of answers",
    "R5": "a role with INSERT holds our advisory locks, sets our settings",
    "R6": "statements with a short timeout",
    "R7": "silent connections to the probes",
    "R8": "a role puts types, relations, operators and functions of its own in the way",
    "R9": "a trigger of the application names objects without their schema",
    "R10": "a trigger of the application hangs, or waits for a lock, while an answer is written",
    "R11": "a trigger of the application refuses at COMMIT, after our exception blocks",
    "R12": "a flood by one inserter, of any size, in front of the others",
    "R13": "a row with the id of another RFQ",
    "R14": "deferred constraints and triggers of the application",
    "R15": "a publication of all tables, with tables without a key",
    "R16": "a row moves between partitions, or comes back from a dump",
    "R17": "the application migrates its own table: types, columns, another table under its name",
    "A1": "a file that came with an RFQ is made to harm its reader",
    "A2": "the process that reads a file dies, hangs, floods or lies",
    "A3": "an attachment names a forbidden address",
    "A4": "a worker or its reader dies, or the database stops, while it reads a file",
    "A5": "the trigger cannot record a late file",
    "O1": "nothing is processed: no daemon, a pause, a breaker, a budget, a price, a key. Each view must name the cause",
    "O2": "a cap is smaller than one call, even in a new window",
    "R18": "schema ai has objects of another tool, a database has odd settings, a migration stops half-way",
}
# Rows that come from the kinds of poison.py, by the beginnings of the kinds' names.
_SOWN = {
    "R1": ("metadata", "created", "request", "giant", "characters", "key"),
    "R2": ("refuse",),
    "R3": ("answered",),
    "L16": ("wall", "odd"),
}
UNTESTED = {
    "D3": "an RFQ and its row in the queue are one commit, so a loss of acknowledged commits loses both; chaos runs fail over "
    "synchronously, since the checker could not distinguish such a loss from a defect of rfqflow",
    "W13": "there is no release before this one; that a worker stops at a later release's breaking migration is tested "
    "(tests/integration/test_lifecycle.py::test_a_later_releases_breaking_migration_ends_the_worker)",
}


@cache
def marked() -> dict[str, list[str]]:
    """Test ids by row, from their markers."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for row in _rows(node):
                found[row].append(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def _rows(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [
        ast.literal_eval(argument)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault"
        for argument in decorator.args
    ]


def table() -> list[tuple[str, str, list[str], str]]:
    """A line for each row: its text, its tests, and the reason if it has none."""
    by_row = defaultdict(list, {row: list(tests) for row, tests in marked().items()})
    for name, fault in FAULTS.items():
        for row in fault.rows:
            by_row[row].append(f"chaos:{name}")
    for row, words in _SOWN.items():
        by_row[row] += [f"chaos:poison {name}" for name in KINDS if name.startswith(words)]
    return [(row, what, by_row.get(row, []), UNTESTED.get(row, "")) for row, what in ROWS.items()]


def main() -> int:
    print("| row | fault | tests |\n|---|---|---|")
    for row, what, tests, reason in table():
        ids = ", ".join(f"`{one}`" for one in tests)
        print(f"| {row} | {what} | {'; '.join(filter(None, (ids, reason and f'not tested: {reason}')))} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
