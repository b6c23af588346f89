"""The page of states and reasons, and the runbook: from `ai.reasons` and the table of alerts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from generate_markdown import MADE, table

if TYPE_CHECKING:
    import asyncpg

_ALERTS = Path(__file__).resolve().parent / "how-to" / "alerts.md"
_FINDING = re.compile(r'^\| <a id="(\w+)"></a>`(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$', re.MULTILINE)
REASONS = "select code, kind, status, meaning, remedy, needs from ai.reasons"
# What to look at first, by chapter of the runbook.
_LOOK = {
    "pending": ("`rfqflow show RFQ_ID` and `rfqflow status`", "select * from ai.queue_status"),
    "deferred": (
        "`rfqflow show RFQ_ID` for numbers and the next attempt, `rfqflow breaker` and `rfqflow budget`",
        "select ai_reason, count(*), min(next_attempt_at) from ai.rfq_status where ai_status = 'deferred' group by 1",
    ),
    "failed": (
        "the error's detail in `rfqflow show RFQ_ID`, and the most frequent causes",
        "select * from ai.failure_causes order by day desc limit 20",
    ),
    "skipped": (
        "the facts of the gate in `rfqflow show RFQ_ID`, and the calls that gates avoided",
        "select * from ai.calls_avoided",
    ),
    "run": ("the timeline in `rfqflow show RFQ_ID`", "select status, reason, count(*) from ai.rag_runs group by 1, 2"),
    "error_class": (
        "the run's detail in `rfqflow show RFQ_ID`, and [what happens when a call fails](../reference/errors.md)",
        "select error_class, count(*) from ai.rag_runs where created_at > now() - interval '1 day' group by 1",
    ),
    "health": ("`rfqflow status` and `rfqflow doctor`", "select code, severity, sentence, remedy from ai.health"),
}
_CHAPTERS = (
    ("Pending: the RFQ is due, or a worker holds it", "reason", "pending"),
    ("Deferred: the RFQ waits, and rfqflow charges no attempt", "reason", "deferred"),
    ("Failed: dead letters", "reason", "failed"),
    ("Skipped: the RFQ ended without an answer", "reason", "skipped"),
    ("Done: the RFQ has an answer", "reason", "done"),
    ("No status: the RFQ is older than the installation", "reason", None),
    ("Reasons of runs", "run", None),
    ("Error classes", "error_class", None),
)

_STATES = """
| `ai_status` | meaning | what ends it |
|---|---|---|
| `pending` | the RFQ is due, a worker holds it, or it waits between two attempts | a worker |
| `deferred` | the RFQ waits for something else; rfqflow charges no attempt | the reason, or the time in `ai.rfq_status` |
| `done` | the RFQ has an answer | an edit of the message, a rerun |
| `skipped` | a gate, a policy or a person ended it without an answer | an edit of the message, a rerun |
| `failed` | a dead letter: no attempt succeeded | an edit of the message, a rerun, a repaired row |
| null | the RFQ is older than the installation | `rfqflow backfill`, `rfqflow rerun` |
"""


def states(rows: list[asyncpg.Record]) -> str:
    """All states, reasons and error classes in one table each; the runbook has the remedies."""
    parts = [
        "# States and reasons\n\n", MADE, "`ai_status` and `ai_reason` are columns of your table. The view `ai.rfq_status` shows the current "
        "state from the queue. [Architecture](../architecture.md#states-of-an-rfq) has the transitions. Each code links to its entry in the "
        "[runbook](../how-to/runbook.md), with the remedy. `select * from ai.reasons` returns the same list.\n", _STATES,
    ]  # fmt: skip
    for title, kind, status in _CHAPTERS:
        found = [row for row in rows if (row["kind"], row["status"]) == (kind, status)]
        parts.append(f"\n## {title}\n\n")
        parts.append(
            table(
                ("code", "meaning", "who must act"),
                (
                    (f"[`{one['code']}`](../how-to/runbook.md#{_anchor(one)})", one["meaning"], _actor(one))
                    for one in found
                ),
            )
        )
    return "".join(parts)


def _anchor(row: asyncpg.Record) -> str:
    return f"{row['status'] or row['kind']}-{row['code']}"


def _actor(row: asyncpg.Record) -> str:
    return "no one" if row["needs"] == "nothing" else f"the {row['needs']}"


def _remedy(row: asyncpg.Record) -> str:
    if row["needs"] != "nothing":
        return f"What the {row['needs']} does: {row['remedy']}"
    return f"What to do: {row['remedy']}".replace("What to do: Nothing: ", "Nothing to do: ")


def _look(chapter: str) -> str:
    if chapter not in _LOOK:
        return ""
    place, statement = _LOOK[chapter]
    return f"\nLook at {place}:\n\n```sql\n{statement};\n```\n"


def runbook(rows: list[asyncpg.Record]) -> str:
    """What each code means and what to do, with an anchor per code; from `ai.reasons`."""
    parts = [
        "# Runbook\n\n", MADE, "This page explains each reason for which an RFQ waits or ended, and what to do. `rfqflow show RFQ_ID` "
        "explains the state of one RFQ, with its numbers. `select * from ai.reasons` returns this page as a table.\n\n"
        "Each remedy says who must act, unless rfqflow continues by itself: the operator, the desk (handles the RFQ by "
        "hand), or the application (repairs its table or row). The last chapter explains findings about the whole "
        "installation; [alerts](alerts.md) send them to you.\n",
    ]  # fmt: skip
    for title, kind, status in _CHAPTERS:
        parts.append(f"\n## {title}\n{_look(status or kind)}")
        parts += [
            f'\n<a id="{_anchor(row)}"></a>\n\n### {row["code"]}\n\n{row["meaning"]}\n\n{_remedy(row)}\n'
            for row in rows
            if (row["kind"], row["status"]) == (kind, status)
        ]
    parts.append(
        "\n## Findings about the installation\n\nThese are the codes of `ai.health`, and alerts for faults that the database cannot report.\n"
    )
    parts += [
        f'\n<a id="health-{anchor}"></a>\n\n### {name}\n\n{meaning}\n\nSeverity: {severity}.\n\nDo first: {first}.\n'
        for anchor, name, severity, meaning, first in _FINDING.findall(_ALERTS.read_text())
    ]
    return "".join(parts)
