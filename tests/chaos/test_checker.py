"""The checker finds each defect that a test plants into a history without defects."""

import copy
from typing import Any

import pytest

from .checker import CLASSES, History, check
from .load import digest

A, B, C = (f"00000000-0000-4000-8000-00000000000{letter}" for letter in "abc")


def rfq(rfq_id: str, number: int) -> dict:
    return {
        "id": rfq_id, "request_id": f"r-{number}", "name": "Ada", "email": "a@example.org", "company": "Works", "phone": "1",
        "message": f"We need {number} pumps",
    }  # fmt: skip


def move(
    at: float, op: str, rfq_id: str, claim: int | None = None, old: int | None = None, lease: float | None = None
) -> dict:
    return {
        "at": at, "place": "outbox", "op": op, "rfq_id": rfq_id, "claim_id": claim, "old_claim_id": old, "worker": 1,
        "old_worker": 1 if old else None, "attempt": 1, "old_lease": lease,
    }  # fmt: skip


def run(rfq_id: str, claim: int, status: str = "succeeded", text: str = "", **more: object) -> dict:
    return {
        "rfq_id": rfq_id, "claim_id": claim, "status": status, "reason": None, "error_class": None, "prompt_version": "p@1",
        "content_sha256": digest(text), "worker": 1, "attempt": 1, "at": 3.0, "booked_usd": 0.001, **more,
    }  # fmt: skip


def call(number: int, claim: int, at: float = 2.0, text: str = "") -> dict:
    return {
        "at": at,
        "request_id": f"r-{number}",
        "claim_id": claim,
        "behaviour": "ok",
        "customer_sha256": digest(text),
    }


def sound() -> History:
    """Two RFQs, each with one claim, one call and one answer; the first was overridden."""
    rfqs = [rfq(A, 1), rfq(B, 2)]
    return History(
        ops=[
            {"op": "insert", "rfqs": [rfqs[0]], "outcome": "ok", "sqlstate": None, "seconds": 0.002, "began": 0.9},
            {"op": "insert", "rfqs": [rfqs[1]], "outcome": "unknown", "sqlstate": "57P01", "seconds": 0.002, "began": 0.9},
            {"op": "override", "id": A, "route": "electrical", "outcome": "ok", "sqlstate": None, "seconds": 0.002, "began": 4.0},
        ],
        rfqs=[
            {**one, "ai_status": "done", "ai_content_sha256": digest(one["message"]), "route": "electrical"} for one in rfqs
        ],
        runs=[run(A, 11, text=rfqs[0]["message"]), run(B, 12, text=rfqs[1]["message"])],
        movements=[
            move(1.0, "INSERT", A), move(1.0, "INSERT", B),
            move(1.5, "UPDATE", A, claim=11), move(1.5, "UPDATE", B, claim=12),
            move(3.0, "DELETE", A, old=11, lease=9.0), move(3.0, "DELETE", B, old=12, lease=9.0),
        ],
        calls=[call(1, 11), call(2, 12)],
        holds=[{"claim_id": 11, "usd": 0.002}, {"claim_id": 12, "usd": 0.002}],
        calm=(0.5, 1.0),
        exits=[{"worker": "w1", "code": 0}],
    )  # fmt: skip


def harmful(history: History, kind: str = "refuse_now") -> dict:
    """A harmful RFQ, inserted and not yet ended."""
    one = {**rfq(C, 3), "poison": kind}
    history.ops.append(
        {"op": "insert", "rfqs": [one], "outcome": "ok", "sqlstate": None, "seconds": 0.002, "began": 0.9}
    )
    return {**rfq(C, 3), "ai_status": "failed", "ai_content_sha256": None, "route": None, "ai_reason": "write_refused"}


def attached() -> History:
    """The first RFQ has a file from its own transaction, a broken file, and a file that was replaced before the call."""
    history = sound()
    files = [{"name": name, "body": f"{name} 1", "mark": f"m{name}"} for name in ("x", "y")]
    files.append({"name": "z", "body": "z 1", "mark": None})
    new = {"name": "y", "body": "y 2", "mark": "m2"}
    history.ops[0]["files"] = files
    history.ops.append({**history.ops[2], "op": "replace", "id": A, "files": [new]})
    history.files = [{**file, "rfq_id": A, "sha256": file["body"]} for file in (files[0], new, files[2])]
    sha256 = digest(history.rfqs[0]["message"], -7)
    history.rfqs[0].update(attached=-7, ai_content_sha256=sha256)
    history.runs[0].update(
        content_sha256=sha256, marks=[],
        files=[{"name": "x", "state": "read"}, {"name": "y", "state": "read"}, {"name": "z", "state": "failed", "reason": "broken"}],
    )  # fmt: skip
    history.calls[0]["marks"] = ["mx", "m2"]
    return history


def found(history: History) -> set[str]:
    return {name for name, lines in check(history).found.items() if lines}


def test_a_sound_history_holds():
    verdict = check(sound())

    assert verdict.holds
    assert (verdict.counts["attempted"], verdict.counts["acknowledged"], verdict.counts["unknown"]) == (2, 1, 1)


def edit(message: str, *, began: float, seconds: float) -> dict[str, Any]:
    return {
        "op": "edit",
        "id": A,
        "message": message,
        "outcome": "ok",
        "sqlstate": None,
        "seconds": seconds,
        "began": began,
    }


def wait(locktype: str) -> dict[str, Any]:
    return {"seconds": 0.4, "at": 5.0, "locktype": locktype, "what": f"a lock: {locktype}"}


PLANTED = {
    "lost: committed and not there": ("lost", lambda h: h.rfqs.pop(0)),
    "lost: pending and in no queue": ("lost", lambda h: h.rfqs[0].update(ai_status="pending")),
    "lost: done without an answer": ("lost", lambda h: h.rfqs[0].update(ai_content_sha256=None)),
    "unexpected: no insert made it": ("unexpected", lambda h: h.ops.pop(0)),
    "unexpected: its insert failed": ("unexpected", lambda h: h.ops[1].update(outcome="fail", sqlstate="53300")),
    "duplicated: two answers accepted": ("duplicated", lambda h: h.runs.append({**h.runs[0], "claim_id": 12})),
    "duplicated: two runs of one claim": ("duplicated", lambda h: h.runs.append({**h.runs[0], "status": "superseded"})),
    "duplicated: claimed while held": ("duplicated", lambda h: h.movements.append(move(2.0, "UPDATE", A, claim=13, old=11, lease=9.0))),
    "stale: the answer to another text": ("stale_accepted", lambda h: h.rfqs[0].update(message="other")),
    "stale: a claim that was not in force": ("stale_accepted", lambda h: h.runs[0].update(claim_id=99)),
    "stuck: still queued": ("stuck", lambda h: h.queued.append({"place": "outbox", "rfq_id": A})),
    "stuck: a worker that did not stop": ("stuck", lambda h: h.exits[0].update(code=None)),
    "stuck: found by SQL": ("stuck", lambda h: h.sql.update({"live:C1 a lease": ["x"]})),
    "double billed": ("double_billed", lambda h: h.calls.append(call(1, 11, at=2.5))),
    "a call without a claim": ("unclaimed_call", lambda h: h.calls.append(call(1, 77))),
    "a call before its claim": ("unclaimed_call", lambda h: h.calls[0].update(at=1.2)),
    "a call after its claim": ("unclaimed_call", lambda h: h.calls[0].update(at=8.0)),
    "a call under another's claim": ("unclaimed_call", lambda h: h.calls[0].update(claim_id=12)),
    "overspent": ("overspent", lambda h: h.sql.update({"budget:S9 cap": ["x"]})),
    "overwritten: a business column": ("overwritten", lambda h: h.rfqs[0].update(email="b@example.org")),
    "overwritten: by a worker": ("overwritten", lambda h: h.writes.append({"rfq_id": A, "by_role": "chaos_worker", "business": True})),
    "overwritten: an override": ("overwritten", lambda h: h.rfqs[0].update(route="general")),
    "leaked": ("leaked", lambda h: h.leaks.update({"w1.log": 1})),
    "hindered: an insert failed": ("hindered", lambda h: h.ops.append({**h.ops[0], "rfqs": [], "outcome": "fail", "sqlstate": "54000"})),
    "hindered: slow in our trigger": ("hindered", lambda h: h.trigger_waits.append({"ms": 130.0, "at": 5.0})),
    "hindered: it waited for us": ("hindered", lambda h: h.blocked.append(wait("relation"))),
    "hindered: it waited for our bell": ("hindered", lambda h: h.blocked.append(wait("object"))),
    "overspent: an unknown outcome for nothing": ("overspent", lambda h: (h.calls[0].update(behaviour="cut"), h.runs[0].update(booked_usd=0.0))),
    "collateral: failed, and never by the model": ("collateral", lambda h: h.rfqs[0].update(ai_status="failed", ai_reason="claim")),
    "collateral: late with no fault active": ("collateral", lambda h: h.runs[0].update(at=19.0)),
    "collateral: never answered with no fault active": ("collateral", lambda h: h.runs.pop(0)),
    "fallen: a worker ended by itself": ("fallen", lambda h: h.fallen.append({"worker": "w1", "code": 1, "asked_to_stop": False})),
    "fallen: a worker ended as if it had been asked to": ("fallen", lambda h: h.fallen.append({"worker": "w1", "code": 0, "asked_to_stop": False})),
    "lost: a harmful RFQ without an end": ("lost", lambda h: h.rfqs.append({**harmful(h), "ai_status": "pending"})),
    "stuck: a harmful RFQ without an end": ("stuck", lambda h: h.queued.append({"place": "outbox", "rfq_id": harmful(h)["id"]})),
    "unsound: found by SQL": ("unsound", lambda h: h.sql.update({"sound:S2 one row": ["x"]})),
}  # fmt: skip


PLANTED_FILES = {
    "a file was committed and is not there": ("lost", lambda h: h.files.pop(0)),
    "a content that no statement wrote": ("lost", lambda h: h.files[0].update(body="other")),
    "the answer to other files": ("stale_accepted", lambda h: h.rfqs[0].update(attached=8)),
    "the answer to a message without its files": ("stale_accepted", lambda h: h.rfqs[0].update(attached=None)),
    "answered without a file": ("stale_accepted", lambda h: h.runs[0]["files"].pop(0)),
    "a file that the model was not shown": ("stale_accepted", lambda h: h.calls[0].update(marks=["m2"])),
    "by a content that was replaced": ("stale_accepted", lambda h: h.calls[0].update(marks=["mx", "my", "m2"])),
    "a sound file is unread": ("stale_accepted", lambda h: h.runs[0]["files"][0].update(state="failed", reason="broken")),
    "a broken file is read": ("stale_accepted", lambda h: h.runs[0]["files"][2].update(state="read")),
    "one part of a text was asked about twice": (
        "double_billed", lambda h: (h.ops.pop(), h.runs.append({**h.runs[0], "claim_id": 14, "status": "superseded", "reason": "part"}),
                                    h.calls.append({**h.calls[0], "claim_id": 14}))),
    "an attach failed": ("hindered", lambda h: h.ops[3].update(outcome="fail", sqlstate="54000")),
}  # fmt: skip


def test_the_halves_of_a_text_after_an_answer_that_was_cut_off_are_no_repeated_call():
    history = attached()
    history.ops.pop()  # a late file would allow a second call by itself
    history.runs += [
        {**history.runs[0], "claim_id": 13, "status": "failed", "reason": "truncated", "error_class": "truncated"},
        {**history.runs[0], "claim_id": 14, "status": "superseded", "reason": "part"},
    ]
    history.calls.append({**history.calls[0], "claim_id": 14})
    assert "double_billed" not in found(history)

    history.runs.append({**history.runs[0], "claim_id": 15, "status": "superseded", "reason": "part"})
    history.calls.append({**history.calls[0], "claim_id": 15})
    assert "double_billed" in found(history)


def test_a_sound_history_with_files_holds():
    verdict = check(attached())

    assert verdict.holds
    assert (verdict.counts["files"], verdict.counts["files_read"], verdict.counts["late_files"]) == (3, 2, 1)


@pytest.mark.parametrize("name", PLANTED_FILES)
def test_the_checker_finds_each_defect_of_a_file(name):
    history = attached()
    kind, plant = PLANTED_FILES[name]
    plant(history)

    assert kind in found(history)


def test_a_file_may_be_given_up_after_its_readers_died():
    history = attached()
    history.runs[0]["files"][0].update(state="failed", reason="broken")
    history.readings.append({"sha256": "x 1", "attempt": 3})

    assert check(history).holds


@pytest.mark.parametrize(
    ("status", "error_class"),
    [("failed", "call_refused"), ("pending", "write_refused"), ("done", None), ("skipped", None)],
)
def test_a_corrupt_rfq_may_end_in_any_reported_way(status, error_class):
    history = sound()
    row = {**harmful(history), "ai_status": status}
    row["ai_content_sha256"] = digest(row["message"]) if status == "done" else None
    history.rfqs.append(row)
    if error_class:
        history.dead.append({"rfq_id": C, "reason": "x", "error_class": error_class})

    assert check(history).holds


@pytest.mark.parametrize(("created_at", "holds"), [("-infinity", True), ("infinity", False)])
def test_an_rfq_that_was_not_enqueued_is_left_to_backfill_if_older_than_the_installation(created_at, holds):
    history = sound()
    history.rfqs.append({**harmful(history, "created_infinity"), "ai_status": "pending"})
    history.ops[-1]["rfqs"][0]["created_at"] = created_at

    assert ("lost" not in found(history)) is holds


def test_an_ordinary_rfq_may_fail_if_the_model_refused_it():
    history = sound()
    history.calm = (0.0, 0.0)
    history.rfqs[0].update(ai_status="failed", ai_reason="refusal")
    history.runs[0].update(status="failed", error_class="refusal")
    history.calls[0].update(behaviour="refusal")

    assert check(history).holds


@pytest.mark.parametrize(("code", "asked_to_stop"), [(3, False), (0, True)])
def test_a_worker_that_found_no_database_or_was_asked_to_stop_counts_as_no_crash(code, asked_to_stop):
    history = sound()
    history.fallen.append({"worker": "w1", "code": code, "asked_to_stop": asked_to_stop})

    assert check(history).holds


@pytest.mark.parametrize(("ambient", "holds"), [(0.01, False), (0.2, True)])
def test_a_statement_timeout_counts_against_rfqflow_unless_a_bare_insert_took_as_long(ambient, holds):
    history = sound()
    history.control.append((4.9, ambient))
    history.ops.append(
        {**history.ops[0], "rfqs": [], "outcome": "fail", "sqlstate": "57014", "began": 5.0, "timeout_seconds": 0.1}
    )

    assert check(history).holds is holds


def test_a_notifier_that_waits_for_a_slow_disk_is_excused_but_not_one_that_waits_for_our_lock():
    history = sound()
    history.control.append((4.8, 0.35))  # a bare insert at that time
    history.blocked.append(wait("object"))
    assert check(history).holds

    history.blocked.append(wait("relation"))
    assert found(history) == {"hindered"}


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_defect_is_found_as_its_own_class_only(name):
    kind, plant = PLANTED[name]
    history = copy.deepcopy(sound())

    plant(history)

    assert kind in found(history)
    # One defect may show twice, but never as a defect of another class.
    assert found(history) <= {kind, "lost", "stale_accepted", "unclaimed_call", "overwritten", "double_billed"}


def test_every_class_has_a_planted_defect():
    assert {kind for kind, _ in PLANTED.values()} == set(CLASSES)


@pytest.mark.parametrize(
    "excuse",
    [
        {"status": "lost", "reason": "worker_died"},
        {"status": "superseded", "reason": "claim_lost"},
        {"status": "failed", "error_class": "timeout"},
    ],
    ids=lambda excuse: excuse["status"],
)
def test_a_repeated_call_is_explained_by_the_fate_of_the_first(excuse):
    history = sound()
    text = history.rfqs[0]["message"]
    history.movements[4:4] = [move(2.2, "UPDATE", A, claim=13, old=11, lease=2.1)]
    history.movements[5]["old_claim_id"] = 13
    history.runs[0] = run(A, 11, text=text, **excuse)
    history.runs.append(run(A, 13, text=text))
    history.calls = [call(1, 11, text=text), call(1, 13, at=2.5, text=text), call(2, 12)]

    verdict = check(history)

    assert verdict.holds
    assert sum(verdict.explained.values()) == 1


def test_a_text_that_is_edited_back_may_be_answered_twice():
    history = sound()
    first, text = history.rfqs[0]["message"], "We need 7 valves"
    for message in (text, first):
        history.ops.append(edit(message, began=5.0, seconds=0.01))
    history.runs += [run(A, 14, text=text), run(A, 15, text=first)]
    history.movements += [move(6.0, "DELETE", A, old=14, lease=9.0), move(7.0, "DELETE", A, old=15, lease=9.0)]

    assert check(history).holds


@pytest.mark.parametrize(("second_began", "stands", "holds"), [
    (5.01, "We need 8 valves", True), (5.01, "We need 7 valves", True),  # they overlap: either may be the later one
    (5.11, "We need 8 valves", True), (5.11, "We need 7 valves", False),
])  # fmt: skip
def test_the_last_edit_remains_or_either_of_two_that_overlap(second_began, stands, holds):
    history = sound()
    for message, began in (("We need 7 valves", 5.0), ("We need 8 valves", second_began)):
        history.ops.append(edit(message, began=began, seconds=0.1))
    history.rfqs[0].update(message=stands, ai_content_sha256=digest(stands))
    history.runs.append(run(A, 14, text=stands))
    history.movements.append(move(6.0, "DELETE", A, old=14, lease=9.0))

    assert ("overwritten" not in found(history)) is holds


def test_a_wait_that_a_bare_insert_had_too_is_not_counted():
    history = sound()
    history.trigger_waits.append({"ms": 130.0, "at": 5.0})
    history.control.append((4.9, 0.05))

    assert check(history).holds


@pytest.mark.parametrize(("kind", "holds"), [("giant", True), ("characters", False)])
def test_a_wait_within_a_statement_of_a_megabyte_is_not_counted(kind, holds):
    history = sound()
    history.rfqs.append({**harmful(history, kind), "ai_status": "skipped"})
    history.ops[-1].update(began=4.5, seconds=1.0)
    history.trigger_waits.append({"ms": 500.0, "at": 5.0})

    assert check(history).holds is holds


def test_a_deleted_rfq_is_not_lost():
    history = sound()
    history.ops.append({"op": "delete", "id": A, "outcome": "unknown", "sqlstate": None, "seconds": 0.1, "began": 5.0})
    history.rfqs.pop(0)

    assert check(history).holds
