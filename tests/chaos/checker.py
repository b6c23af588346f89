"""Judges a run by its histories, and by nothing else. It is pure: no clock, no I/O.

The histories are: the replies to the application, the records of the database, the requests to the model's server, and
the rows that SQL found and that must not exist.

The counts follow Jepsen's total-queue: attempted, acknowledged, lost, unexpected, duplicated. The other counts are
rfqflow's.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .file_checks import GIVING, changes, lost_files, read_files, stale_files
from .load import ENVIRONMENT, digest
from .poison import HEAVY, LONG_AGO
from .provider import BILLED, UNKNOWN

Row = dict[str, Any]
FINAL = frozenset({"done", "skipped", "failed"})
CLASSES = (
    "lost", "unexpected", "duplicated", "stale_accepted", "stuck", "double_billed", "unclaimed_call", "overspent",
    "overwritten", "leaked", "hindered", "unsound", "collateral", "fallen",
)  # fmt: skip
SLOW_SECONDS = 0.1
CALM_SECONDS = 10.0  # an ordinary RFQ that takes longer, with no fault active, waits for the harmful RFQs beside it
NO_DATABASE = 3  # the exit code of a worker that found no database at its start
SLACK_SECONDS = 0.25  # may pass between the timestamp of a movement and the next step of another process


@dataclass
class History:
    """All that a run leaves behind. Times are seconds of the machine's wall clock, which all processes share."""

    ops: list[Row] = field(default_factory=list)  # the application's, in the order of their start
    rfqs: list[Row] = field(default_factory=list)  # at the end
    runs: list[Row] = field(default_factory=list)
    movements: list[Row] = field(default_factory=list)
    writes: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)  # the provider's journal
    files: list[Row] = field(default_factory=list)  # at the end: rfq_id, name, body, sha256
    readings: list[Row] = field(default_factory=list)  # of file contents: sha256, attempt
    queued: list[Row] = field(default_factory=list)  # rows that remain in a queue: place, rfq_id, row
    dead: list[Row] = field(default_factory=list)  # dead letters: rfq_id, reason, error_class
    holds: list[Row] = field(default_factory=list)  # every hold that existed: claim_id, usd
    sql: dict[str, list[str]] = field(default_factory=dict)  # invariants that returned rows
    leaks: dict[str, int] = field(default_factory=dict)  # the place where a secret was found, and how often
    trigger_waits: list[Row] = field(default_factory=list)  # the ms that our trigger took, where it was slow
    control: list[tuple[float, float]] = field(default_factory=list)  # bare inserts: start and duration
    blocked: list[Row] = field(default_factory=list)  # sessions of the application that waited for ours: seconds, what
    hurt: list[tuple[float, float]] = field(default_factory=list)  # times of faults of the model or its connection
    exits: list[Row] = field(default_factory=list)  # of workers that were asked to stop
    # Workers that ended without a fault: worker, exit code, and whether they were asked to stop.
    fallen: list[Row] = field(default_factory=list)
    calm: tuple[float, float] = (0.0, 0.0)  # the time in which harmful RFQs came with no fault active


@dataclass
class Verdict:
    """`found`: one line per anomaly, by class; `explained`: repeated calls, by cause; `counts`: the arithmetic."""

    found: dict[str, list[str]]
    explained: dict[str, int]
    counts: dict[str, int]

    @property
    def holds(self) -> bool:
        return not any(self.found.values())


def check(history: History) -> Verdict:
    explained: Counter[str] = Counter()
    judges: dict[str, Callable[[], Iterator[str]]] = {
        "lost": lambda: _lost(history),
        "unexpected": lambda: _unexpected(history),
        "duplicated": lambda: _duplicated(history),
        "stale_accepted": lambda: _stale(history),
        "stuck": lambda: _stuck(history),
        "double_billed": lambda: _double_billed(history, explained),
        "unclaimed_call": lambda: _unclaimed(history),
        "overspent": lambda: _overspent(history),
        "overwritten": lambda: _overwritten(history),
        "leaked": lambda: (f"{place}: {count} secrets" for place, count in history.leaks.items() if count),
        "hindered": lambda: _hindered(history),
        "unsound": lambda: _from_sql(history, "sound"),
        "collateral": lambda: _collateral(history),
        "fallen": lambda: (
            f"{one['worker']}: ended by itself with {one['code']}: {one.get('said', '')}"
            for one in history.fallen
            if one["code"] != NO_DATABASE and not one["asked_to_stop"]
        ),
    }
    found = {name: list(judges[name]()) for name in CLASSES}
    return Verdict(found, dict(explained), _counts(history))


def _inserted(history: History) -> dict[str, tuple[Row, Row]]:
    return {rfq["id"]: (rfq, op) for op in history.ops if op["op"] == "insert" for rfq in op["rfqs"]}


def _removed(history: History) -> set[str]:
    """RFQs that may be missing: a delete of them did not fail."""
    return {op["id"] for op in history.ops if op["op"] == "delete" and op["outcome"] != "fail"}


def _lost(history: History) -> Iterator[str]:
    there = {row["id"]: row for row in history.rfqs}
    removed = _removed(history)
    queued = {row["rfq_id"] for row in history.queued}
    # Where the application refuses the write to its RFQ, a dead letter has the result.
    refused = {one["rfq_id"] for one in history.dead if one["error_class"] == "write_refused"}
    seen = {one["rfq_id"] for one in history.movements}
    for rfq_id, (rfq, op) in _inserted(history).items():
        if rfq.get("created_at") in LONG_AGO and rfq_id not in seen:
            continue  # not enqueued, and by its created_at older than the installation: `backfill` takes it
        row = there.get(rfq_id)
        if row is None:
            if op["outcome"] == "ok" and rfq_id not in removed:
                yield f"{rfq_id}: committed and not there"
        elif row["ai_status"] not in FINAL and rfq_id not in queued and rfq_id not in refused:
            yield f"{rfq_id}: {row['ai_status']} and in no queue"
        elif row["ai_status"] == "done" and row["ai_content_sha256"] is None:
            yield f"{rfq_id}: done without an answer"
    yield from lost_files(history)


def _unexpected(history: History) -> Iterator[str]:
    """RFQs that no insert made, or whose insert failed."""
    inserted = _inserted(history)
    for row in history.rfqs:
        if row["id"] not in inserted:
            yield f"{row['id']}: no insert made it"
        elif inserted[row["id"]][1]["outcome"] == "fail":
            yield f"{row['id']}: its insert failed and it is there"


def _forced(history: History) -> Counter[str]:
    return Counter(op["id"] for op in history.ops if op["op"] == "rerun" and op["outcome"] != "fail")


def _duplicated(history: History) -> Iterator[str]:
    accepted = Counter(
        (run["rfq_id"], run["content_sha256"], run["prompt_version"])
        for run in history.runs
        if run["status"] == "succeeded"
    )
    forced, edits = _forced(history), _edits_back(history)
    for (rfq_id, sha256, version), times in accepted.items():
        if times > 1 + forced[rfq_id] + edits[rfq_id, sha256]:
            yield f"{rfq_id}: {times} accepted answers for {sha256[:8]} by {version}"
    for claim_id, times in Counter(
        run["claim_id"] for run in history.runs if run["status"] != "lost" and run["claim_id"] is not None
    ).items():
        if times > 1:
            yield f"claim {claim_id}: {times} runs"
    for one in history.movements:
        taken = one["op"] == "UPDATE" and one["claim_id"] and one["old_claim_id"] not in (None, one["claim_id"])
        if taken and one["old_lease"] > one["at"]:
            yield f"{one['rfq_id']}: claimed while claim {one['old_claim_id']} was held"


def _edits_back(history: History) -> Counter[tuple[str, str]]:
    """An RFQ whose text was A, then B, then A again may have two answers for A."""
    texts: dict[str, list[str]] = {rfq_id: [digest(rfq["message"])] for rfq_id, (rfq, _) in _inserted(history).items()}
    back: Counter[tuple[str, str]] = Counter()
    for op in history.ops:
        if op["op"] == "edit" and op["outcome"] != "fail":
            sha256, earlier = digest(op["message"]), texts.setdefault(op["id"], [])
            back[op["id"], sha256] += sha256 in earlier
            earlier.append(sha256)
    return back


def _stale(history: History) -> Iterator[str]:
    for row in history.rfqs:
        if row["ai_status"] == "done" and row["ai_content_sha256"] != digest(row["message"], row.get("attached")):
            yield f"{row['id']}: done with the answer to another text, or to other files"
    yield from stale_files(history)
    # The claim of an accepted run must be that of the RFQ's row in the queue when the row left.
    left_with = {one["old_claim_id"] for one in history.movements if one["place"] == "outbox" and one["op"] == "DELETE"}
    for run in history.runs:
        if run["status"] == "succeeded" and run["claim_id"] not in left_with:
            yield f"{run['rfq_id']}: accepted from claim {run['claim_id']}, which was not in force"


def _stuck(history: History) -> Iterator[str]:
    for row in history.queued:
        yield f"{row['rfq_id']}: still in {row['place']} {row.get('row', '')}".rstrip()
    for one in history.exits:
        if one["code"] != 0:
            yield f"{one['worker']}: asked to stop, ended with {one['code']}"
    yield from _from_sql(history, "live")


def _claims(history: History) -> dict[str, list[tuple[float, float, int]]]:
    """The claims of each RFQ, in order: start, end and id."""
    claims: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    for one in history.movements:
        if one["place"] != "outbox":
            continue
        mine = claims[one["rfq_id"]]
        if mine and one["old_claim_id"] == mine[-1][2] and one["claim_id"] != one["old_claim_id"]:
            mine[-1] = (mine[-1][0], one["at"], mine[-1][2])
        if one["op"] == "UPDATE" and one["claim_id"] and one["claim_id"] != one["old_claim_id"]:
            mine.append((one["at"], float("inf"), one["claim_id"]))
    return claims


def _request_ids(history: History) -> dict[str, str]:
    return {_header(rfq["request_id"]): rfq_id for rfq_id, (rfq, _) in _inserted(history).items()}


def _header(request_id: str) -> str:
    """A request id without the characters that a header cannot carry."""
    return re.sub(r"[^A-Za-z0-9._:-]", "", request_id)[:128]


def _unclaimed(history: History) -> Iterator[str]:
    """Calls without a claim: the claim that a call names must be committed before the call is sent."""
    ends = {claim[2]: (rfq_id, *claim) for rfq_id, claims in _claims(history).items() for claim in claims}
    rfq_ids = _request_ids(history)
    reported = {run["claim_id"] for run in history.runs if run["status"] != "succeeded"}
    for call in history.calls:
        rfq_id = rfq_ids.get(call["request_id"], "")
        claim = ends.get(call["claim_id"])
        if claim is None or claim[0] != rfq_id:
            yield f"{call['request_id']}: a call for {rfq_id or 'no RFQ'} without a claim of its own"
        elif call["at"] < claim[1]:
            yield f"{rfq_id}: a call {claim[1] - call['at']:.2f} s before its claim was made"
        # On a stalled connection a request arrives late, and a stopped worker may send a request that it had begun.
        # Such a claim has ended as lost, failed or deferred, not with the answer to another call.
        elif call["at"] > claim[2] + SLACK_SECONDS and call["claim_id"] not in reported:
            yield f"{rfq_id}: a call {call['at'] - claim[2]:.2f} s after its claim ended"


def _double_billed(history: History, explained: Counter[str]) -> Iterator[str]:
    """More paid answers for one text than expected.

    Each additional one must come from a claim that ended before it was recorded. After an answer that was cut off, each
    half of the items has a call of its own, and both calls show the whole text.
    """
    by_claim: dict[int, list[Row]] = defaultdict(list)
    for run in history.runs:
        by_claim[run["claim_id"]].append(run)
    forced, rfq_ids, late = _forced(history), _request_ids(history), changes(history)
    parts = Counter(run["rfq_id"] for run in history.runs if run["reason"] == "part")
    halvings = Counter(run["rfq_id"] for run in history.runs if run["error_class"] == "truncated")
    paid: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for call in history.calls:
        if call["behaviour"] in BILLED:
            paid[rfq_ids.get(call["request_id"], ""), call["customer_sha256"]].append(call)
    for (rfq_id, _), calls in paid.items():
        wanted = 1 + forced[rfq_id] + len(late[rfq_id])  # another content of a file may leave the text the same
        wanted += min(parts[rfq_id], 2 ** halvings[rfq_id] - 1)
        if len(calls) <= wanted:
            continue
        causes = [_cause(history, call, by_claim.get(call["claim_id"], [])) for call in calls]
        explained.update(cause for cause in causes if cause)
        if causes.count(None) > wanted:
            yield f"{rfq_id}: {len(calls)} paid answers, {causes.count(None)} of them recorded"


def _cause(history: History, call: Row, runs: list[Row]) -> str | None:
    """Why a paid answer was not recorded; None if it was."""
    for run in runs:
        if run["status"] == "lost":
            return {"worker_died": "killed_between_send_and_record"}.get(run["reason"], run["reason"])
        if run["status"] == "superseded" and run["reason"] != "part":
            return "lease_lost_before_record"
        if run["status"] in ("failed", "deferred") and run["error_class"] in ("timeout", "connection", "cancelled"):
            return "reply_lost_on_the_way"
    # Data that the connection held when it was cut arrives a moment later.
    if any(began - 5 <= call["at"] <= ended + 1 for began, ended in history.hurt):
        return "reply_lost_on_the_way"
    return None


def _overspent(history: History) -> Iterator[str]:
    """Budgets that the database's own sums exceed, and calls of unknown outcome that were booked below their hold."""
    yield from _from_sql(history, "budget")
    booked: dict[int, float] = defaultdict(float)
    for run in history.runs:
        booked[run["claim_id"]] += run.get("booked_usd") or 0.0
    held = {hold["claim_id"]: hold["usd"] for hold in history.holds}
    calls: dict[int, list[str]] = defaultdict(list)
    for call in history.calls:
        calls[call["claim_id"]].append(call["behaviour"])
    for claim_id, behaviours in calls.items():
        if UNKNOWN.issuperset(behaviours) and claim_id in held and booked[claim_id] < held[claim_id] * 0.999:
            yield f"claim {claim_id}: {behaviours[0]}, booked {booked[claim_id]:.9f} of {held[claim_id]:.9f} held"


def _collateral(history: History) -> Iterator[str]:
    """Ordinary RFQs that fail or wait because of a harmful one."""
    inserted, removed, rfq_ids = _inserted(history), _removed(history), _request_ids(history)
    asked = {rfq_ids.get(call["request_id"]) for call in history.calls if call["behaviour"] not in BILLED}
    for row in history.rfqs:
        rfq = inserted.get(row["id"], ({"poison": "no insert"},))[0]
        if row["ai_status"] == "failed" and "poison" not in rfq and row["id"] not in asked:
            yield f"{row['id']}: failed ({row.get('ai_reason')}), and the model has never failed it"
    answered: dict[str, float] = {}
    for run in history.runs:
        if run["status"] == "succeeded":
            answered[run["rfq_id"]] = min(run["at"], answered.get(run["rfq_id"], run["at"]))
    began, ended = history.calm
    for rfq_id, (rfq, op) in inserted.items():
        if "poison" in rfq or op["outcome"] != "ok" or rfq_id in removed or not began <= op["began"] <= ended:
            continue
        took = answered.get(rfq_id, float("inf")) - op["began"] - op["seconds"]
        if took > CALM_SECONDS:
            yield f"{rfq_id}: took {took:.1f} s with no fault active"


def _overwritten(history: History) -> Iterator[str]:
    yield from _business(history)
    yield from _overridden(history)


Write = tuple[Any, float, float, bool]  # value, start, end, and whether the write is known to be committed


def _last(writes: Sequence[Write]) -> set[Any]:
    """The values that may remain after these writes: of two that overlap, either may be the later one."""
    return {value for value, _, ended, _ in writes if not any(known and began > ended for _, began, _, known in writes)}


def _written(op: Row, value: Any) -> Write:
    return value, op["began"], op["began"] + op["seconds"], op["outcome"] == "ok"


def _business(history: History) -> Iterator[str]:
    removed = _removed(history)
    inserted = _inserted(history)
    texts = {rfq_id: [_written(op, rfq["message"])] for rfq_id, (rfq, op) in inserted.items()}
    names = {rfq_id: [_written(op, rfq["name"])] for rfq_id, (rfq, op) in inserted.items()}
    for op in history.ops:
        if op["op"] in ("edit", "rename") and op["outcome"] != "fail":
            known, value = (texts, op["message"]) if op["op"] == "edit" else (names, op["name"])
            known.setdefault(op["id"], []).append(_written(op, value))
    for row in history.rfqs:
        if row["id"] not in inserted or row["id"] in removed:
            continue
        rfq = inserted[row["id"]][0]
        same = all(row[name] == rfq[name] for name in ("request_id", "email", "company", "phone"))
        if not same or row["message"] not in _last(texts[row["id"]]) or row["name"] not in _last(names[row["id"]]):
            yield f"{row['id']}: a business column is not what the application wrote"
    for write in history.writes:
        if write["business"] and write["by_role"] == "chaos_worker":
            yield f"{write['rfq_id']}: a worker wrote a business column"


def _overridden(history: History) -> Iterator[str]:
    routes = {row["id"]: row.get("route") for row in history.rfqs}
    said: dict[str, list[Write]] = {}
    for op in history.ops:
        if op["op"] == "override" and op["outcome"] != "fail":
            said.setdefault(op["id"], []).append(_written(op, op["route"]))
    for rfq_id, writes in said.items():
        maybe = _last(writes)
        # If no write is known to be committed, perhaps none was.
        if any(known for *_, known in writes) and rfq_id in routes and routes[rfq_id] not in maybe:
            yield f"{rfq_id}: overridden to {maybe}, shown as {routes[rfq_id]}"


def _hindered(history: History) -> Iterator[str]:
    for op in history.ops:
        if op["op"] in GIVING and op["outcome"] == "fail" and not str(op["sqlstate"]).startswith(ENVIRONMENT):
            # A busy machine may need all of a short statement_timeout for itself.
            if op["sqlstate"] == "57014" and _ambient(history, op["began"]) > op.get("timeout_seconds", 0.0) / 3:
                continue
            yield f"an {op['op']} failed with {op['sqlstate']}"
    # A statement of a megabyte writes much WAL, and may wait for that at our row of a few bytes.
    heavy = [op for op in history.ops if op["op"] == "insert" and any(rfq.get("poison") in HEAVY for rfq in op["rfqs"])]
    for one in history.trigger_waits:
        if any(op["began"] <= one["at"] <= op["began"] + op["seconds"] for op in heavy):
            continue
        # On a busy machine every session waits for a processor. The time that a bare insert took meanwhile is not due
        # to rfqflow.
        if one["ms"] / 1000 - _ambient(history, one["at"]) > SLOW_SECONDS:
            yield f"an insert waited {one['ms']:.0f} ms in our trigger"
    for one in history.blocked:
        # Sessions that notify commit one after the other. Where the disk is slow, each waits for its flush and for
        # those before it.
        ours = one["seconds"] - (_ambient(history, one["at"]) if one["locktype"] == "object" else 0.0)
        if ours > SLOW_SECONDS:
            yield f"the application waited {one['seconds']:.2f} s for {one['what']}"


def _ambient(history: History, at: float) -> float:
    """The longest time that a bare insert took within a second of that moment."""
    return max(
        (seconds for began, seconds in history.control if at - 1 <= began + seconds and began <= at + 1), default=0.0
    )


def _from_sql(history: History, kind: str) -> Iterator[str]:
    for name, rows in history.sql.items():
        if name.startswith(f"{kind}:"):
            yield from (f"{name}: {row}" for row in rows)


def _counts(history: History) -> dict[str, int]:
    inserts = [op for op in history.ops if op["op"] == "insert"]
    statuses = Counter(row["ai_status"] for row in history.rfqs)
    outcomes = Counter(run["status"] for run in history.runs)
    slow = [op for op in inserts if op["outcome"] == "ok" and op["seconds"] > SLOW_SECONDS]
    return {
        "attempted": sum(len(op["rfqs"]) for op in inserts),
        "acknowledged": sum(len(op["rfqs"]) for op in inserts if op["outcome"] == "ok"),
        "unknown": sum(len(op["rfqs"]) for op in inserts if op["outcome"] == "unknown"),
        "refused_by_environment": sum(len(op["rfqs"]) for op in inserts if op["outcome"] == "fail"),
        "rfqs": len(history.rfqs),
        **{str(name): count for name, count in sorted(statuses.items(), key=str)},
        **{f"runs_{name}": count for name, count in sorted(outcomes.items())},
        "calls": len(history.calls),
        "superseded_answers": outcomes["superseded"],
        "overrides": sum(op["op"] == "override" and op["outcome"] == "ok" for op in history.ops),
        "edits": sum(op["op"] == "edit" for op in history.ops),
        "files": len(history.files),
        "files_read": read_files(history),
        "late_files": sum(len(ops) for ops in changes(history).values()),
        "deletes": sum(op["op"] == "delete" for op in history.ops),
        "poison": sum("poison" in rfq for rfq, op in _inserted(history).values() if op["outcome"] != "fail"),
        "dead_letters": len(history.dead),
        "inserts_over_100_ms": len(slow),
        "trigger_over_100_ms": sum(one["ms"] > SLOW_SECONDS * 1000 for one in history.trigger_waits),
    }
