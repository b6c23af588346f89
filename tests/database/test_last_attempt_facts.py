"""What ai.gate_facts returns about an RFQ's last attempt: model and error class, if it failed for the present text."""

import pytest

OLDER = b"o" * 32


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], (None, None)),
        ([("failed", "m1", "refusal")], ("m1", "refusal")),
        ([("failed", "m1", "refusal"), ("failed", "m2", "timeout")], ("m2", "timeout")),
        ([("failed", "m1", "refusal"), ("succeeded", "m2", None)], (None, None)),
        # An outage says nothing about the text. A missing model says that it must not be called again.
        ([("failed", "m1", "refusal"), ("deferred", "m2", "connection")], ("m1", "refusal")),
        ([("failed", "m1", "refusal"), ("lost", "m2", "cancelled")], ("m1", "refusal")),
        ([("deferred", "m1", "model_not_found")], ("m1", "model_not_found")),
        ([("failed older", "m1", "refusal")], (None, None)),
        ([("failed", "m1", "refusal"), ("succeeded older", "m2", None)], ("m1", "refusal")),
    ],
)
async def test_the_facts_hold_the_last_attempt_at_this_text(db, runs, expected):
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ('m') returning id")
    for status, model, error in runs:
        words = status.split()
        await db.execute(
            "insert into ai.rag_runs (rfq_id, attempt, status, model, error_class, content_sha256) "
            "select rfq_id, 1, $2, $3, $4, coalesce($5, content_sha256) from ai.rfqs where rfq_id = $1",
            rfq_id, words[0], model, error, OLDER if "older" in words else None,
        )  # fmt: skip

    facts = await db.fetchrow("select * from ai.gate_facts(array[$1::uuid])", rfq_id)
    assert (facts["last_model"], facts["last_error_class"]) == expected
