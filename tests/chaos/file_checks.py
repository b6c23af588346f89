"""What must hold for the files of RFQs, from the history alone.

Each file exists, and each final answer is about its last content.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checker import History

Row = dict[str, Any]
GIVING = ("insert", "attach", "replace")
_MOST_TRIES = 3  # of a content: after so many readers or workers died, it is given up
# A busy machine may keep a reader from its time. A reader that was killed from outside looks as if it had run out of
# memory.
_EXCUSES = frozenset({"timeout", "memory"})


def changes(history: "History") -> dict[str, list[Row]]:
    """The changes to each RFQ's files after its own transaction."""
    found: dict[str, list[Row]] = defaultdict(list)
    for op in history.ops:
        if op["op"] in ("attach", "replace") and op["outcome"] != "fail":
            found[op["id"]].append(op)
    return found


def _given(history: "History") -> Iterator[tuple[str, Row, Row]]:
    """RFQ, operation and file."""
    for op in history.ops:
        if op["op"] in GIVING:
            for file in op.get("files", ()):
                yield op.get("id") or op["rfqs"][0]["id"], op, file


def lost_files(history: "History") -> Iterator[str]:
    there = {file["name"]: file for file in history.files}
    known: dict[str, set[str]] = defaultdict(set)
    for _, op, file in _given(history):
        if op["outcome"] != "fail":
            known[file["name"]].add(file["body"])
    for rfq_id, op, file in _given(history):
        if op["outcome"] == "ok" and file["name"] not in there:
            yield f"{rfq_id}: a file was committed and is not there"
    for name, file in there.items():
        if file["body"] not in known[name]:
            yield f"{file['rfq_id']}: no insert made this file"


def stale_files(history: "History") -> Iterator[str]:
    """Final answers that lack a file, or use a content that was replaced."""
    last: dict[str, list[Row]] = defaultdict(list)
    marks = {(file["name"], file["body"]): file["mark"] for _, _, file in _given(history)}
    of_rfq: dict[str, set[str]] = defaultdict(set)
    for rfq_id, _, file in _given(history):
        of_rfq[rfq_id].add(file["mark"])
    for file in history.files:
        last[file["rfq_id"]].append({**file, "mark": marks.get((file["name"], file["body"]))})
    contents = {run["claim_id"]: (run["rfq_id"], run["content_sha256"]) for run in history.runs}
    shown: dict[tuple[str, str], set[str]] = defaultdict(set)  # a long text takes several claims, one for each part
    for call in history.calls:
        if call["claim_id"] in contents:
            shown[contents[call["claim_id"]]].update(call.get("marks", ()))
    accepted = {
        (run["rfq_id"], run["content_sha256"]): run
        for run in sorted(history.runs, key=lambda run: run["at"])
        if run["status"] == "succeeded"
    }
    for row in history.rfqs:
        run = accepted.get((row["id"], row["ai_content_sha256"]))
        if row["ai_status"] != "done" or run is None or row["id"] not in last:
            continue
        seen = shown[row["id"], row["ai_content_sha256"]] | set(run.get("marks") or ())
        yield from _about(
            row["id"], last[row["id"]], {file["name"]: file for file in run.get("files") or ()}, seen, history
        )
        current = {file["mark"] for file in last[row["id"]]}
        if gone := (of_rfq[row["id"]] & seen) - current:
            yield f"{row['id']}: answered by {len(gone)} contents that were replaced"


def _about(
    rfq_id: str, files: list[Row], reported: dict[str, Row], seen: set[str], history: "History"
) -> Iterator[str]:
    given_up = {one["sha256"] for one in history.readings if one["attempt"] >= _MOST_TRIES}
    for file in files:
        said = reported.get(file["name"])
        if said is None:
            yield f"{rfq_id}: answered without a file that it has"
        elif file["mark"] is None:
            if said["state"] == "read":
                yield f"{rfq_id}: a broken file was read"
        elif said["state"] == "read":
            if file["mark"] not in seen:
                yield f"{rfq_id}: a file was read, and the model was not asked about its last content"
        elif said.get("reason") not in _EXCUSES and file["sha256"] not in given_up:
            yield f"{rfq_id}: a sound file is unread: {said.get('reason')}"


def read_files(history: "History") -> int:
    """How many files the final answers have read."""
    done = {(row["id"], row["ai_content_sha256"]) for row in history.rfqs if row["ai_status"] == "done"}
    return sum(
        file["state"] == "read"
        for run in history.runs
        if run["status"] == "succeeded" and (run["rfq_id"], run["content_sha256"]) in done
        for file in run.get("files") or ()
    )
