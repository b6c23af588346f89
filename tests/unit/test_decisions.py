"""The decisions of the core: poll schedule, gates, verdicts, backoff.

Tables of cases, with both sides of each boundary.
"""

import random
from dataclasses import replace
from math import inf
from uuid import UUID

import pytest

from rfqflow.core.answer import Answer
from rfqflow.core.decisions import gates, verdict
from rfqflow.core.decisions.fallback import ANOTHER_MODEL
from rfqflow.core.errors import CallError, ErrorClass
from rfqflow.core.policy import Policy
from rfqflow.core.queue.backoff import backoff_seconds, jittered
from rfqflow.core.queue.low_water_mark import Watermark
from rfqflow.core.queue.poll_schedule import Attention
from rfqflow.core.records import Claim, Completion, DuplicateOf, GateFacts, Rfq, StoredAnswer

POLICY = Policy()
ID = UUID(int=1)
SHA = b"c" * 32


def claim(message: str | None = "We need 5 pumps", *, attempt: int = 1, forced: bool = False, **metadata) -> Claim:
    rfq = None if message is None else Rfq(ID, "r", message, metadata=metadata)
    return Claim(1, 2, ID, attempt, forced, 0.0, rfq, SHA)


def paid(sha: bytes = SHA, version: str = "p@1") -> StoredAnswer:
    return StoredAnswer(9, sha, version, b"", "openai", "m", "{}")


def through_the_gates(a_claim: Claim, facts: GateFacts, policy: Policy = POLICY) -> gates.Decision:
    screened = gates.screen(a_claim, policy)
    return gates.decide(a_claim, facts, "p@1", policy, screened) if isinstance(screened, gates.Pass) else screened


SPAM = (
    "Dear website owner, our SEO experts bring your site to page one of Google: guest posts, quality backlinks, "
    "500 backlinks for 99 USD, results guaranteed in 30 days. Visit https://bit.ly/offer1. Reply STOP to unsubscribe."
)
MASHED = "asdfghjkl qwertyuiop zxcvbnm asdfghjkl qwertyuiop zxcvbnm asdfghjkl"


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("free", [True, False])
@pytest.mark.parametrize("hours", [0.0, 1.0])
def test_gate_facts_are_read_unless_the_rfq_is_new_and_free_and_cannot_be_a_duplicate(new, free, hours):
    wanted = gates.wants_facts(replace(claim(), is_new=new), Policy(duplicate_hours=hours), free=free)

    assert wanted == (not new or not free or hours > 0)


@pytest.mark.parametrize(("message", "gate"), [(SPAM, "spam"), (MASHED, "gibberish")])
@pytest.mark.parametrize("senders", [0, 9])
def test_each_screening_can_be_turned_off_and_only_by_its_own_policy(message, gate, senders):
    facts = GateFacts(same_text_senders=senders)
    found = through_the_gates(claim(message), facts)
    assert isinstance(found, gates.GateSkip)
    assert found.reason == gate

    other = {"spam": "gibberish", "gibberish": "spam"}[gate]
    assert isinstance(through_the_gates(claim(message), facts, Policy(**{other: "pass"})), gates.GateSkip)
    assert through_the_gates(claim(message), facts, Policy(**{gate: "pass", other: "pass"})) == gates.Pass()


@pytest.mark.parametrize(
    ("a_claim", "facts", "expected"),
    [
        (claim(), GateFacts(), gates.Pass()),
        (claim(None), GateFacts(), gates.GateSkip("rfq_deleted")),
        (claim(attempt=5), GateFacts(), gates.Pass()),
        (claim(attempt=6), GateFacts(), gates.Exhausted("attempts_exhausted")),
        (claim(ai_opt_out=True), GateFacts(), gates.GateSkip("opted_out")),
        (claim(ai_opt_out="yes"), GateFacts(), gates.Pass()),
        (claim(ai_opt_out=True, forced=True), GateFacts(), gates.GateSkip("opted_out")),
        (claim(""), GateFacts(), gates.GateSkip("empty")),
        (claim(" .,-! \n"), GateFacts(), gates.GateSkip("empty")),
        (claim("泵"), GateFacts(), gates.GateSkip("too_short")),
        (claim("泵", forced=True), GateFacts(), gates.Pass()),
        (claim("需要三台离心泵"), GateFacts(), gates.Pass()),
        (claim("asdf asdf jkl"), GateFacts(), gates.GateSkip("too_short")),
        (
            claim(),
            GateFacts(original=DuplicateOf(ID)),
            gates.WaitForOriginal(5.0, "duplicate_running", ID),
        ),
        (claim(), GateFacts(original=DuplicateOf(ID, paid())), gates.Reuse(paid(), duplicate=True)),
        (claim(), GateFacts(original=DuplicateOf(ID, paid(version="p@0"))), gates.Pass()),
        (claim(forced=True), GateFacts(original=DuplicateOf(ID, paid())), gates.Pass()),
        (claim(), GateFacts(sender_over=True), gates.GateSkip("sender_rate")),
        (claim(), GateFacts(ip_over=True), gates.GateSkip("ip_rate")),
        (claim(forced=True), GateFacts(sender_over=True, ip_over=True), gates.Pass()),
        (claim(), GateFacts(SHA, "p@1", sender_over=True), gates.Unchanged()),
        (claim(), GateFacts(SHA, "p@1"), gates.Unchanged()),
        (claim(forced=True), GateFacts(SHA, "p@1"), gates.Pass()),
        (claim(), GateFacts(SHA, "p@0"), gates.Pass()),
        (claim(), GateFacts(b"x", "p@1"), gates.Pass()),
        (claim(), GateFacts(paid=paid()), gates.Reuse(paid())),
        (claim(), GateFacts(paid=paid(sha=b"x")), gates.Pass()),
        (claim(), GateFacts(paid=paid(version="p@0")), gates.Pass()),
        (claim(forced=True), GateFacts(paid=paid()), gates.Pass()),
    ],
)
def test_the_first_gate_that_decides_wins(a_claim, facts, expected):
    assert through_the_gates(a_claim, facts) == expected


def completion(**fields) -> Completion:
    return Completion(Answer(**{"summary": "s", "route": "general", "confidence": 0.9, **fields}), "p", "m", "p@1", b"")


@pytest.mark.parametrize(
    ("fields", "review"),
    [
        ({}, None),
        ({"confidence": 0.35}, None),
        ({"confidence": 0.34}, "low_confidence"),
        ({"intent": "spam"}, "looks_like_spam"),
        ({"intent": "spam", "injection_suspected": True, "confidence": 0.0}, "injection_suspected"),
    ],
)
def test_an_answer_is_marked_for_review_by_its_most_serious_reason(fields, review):
    assert verdict.after(completion(**fields), 1, POLICY, 0.5) == verdict.Complete(review)


@pytest.mark.parametrize("error", list(ErrorClass))
def test_only_an_rfq_that_another_model_may_do_better_goes_to_it_and_at_once(error):
    outcome = CallError(error, "")
    given = verdict.after(outcome, 1, POLICY, 0.5, further=True)
    if error is ErrorClass.MODEL_NOT_FOUND:
        assert given == verdict.Defer(0.1, "model_not_found")  # not the RFQ's fault: it is not charged
    elif error in ANOTHER_MODEL:
        assert given == verdict.Retry(0.1)
        assert verdict.after(outcome, 5, POLICY, 0.5, further=True) == verdict.Discard(str(error))
    else:
        assert given == verdict.after(outcome, 1, POLICY, 0.5)


CHARGED = {
    ErrorClass.TIMEOUT, ErrorClass.TRUNCATED, ErrorClass.INVALID_OUTPUT, ErrorClass.INTERNAL, ErrorClass.CANCELLED,
    ErrorClass.WRITE_REFUSED, ErrorClass.LEASE_LOST, ErrorClass.PROVIDER_5XX, ErrorClass.UNREADABLE,
    ErrorClass.TOO_LARGE,
}  # fmt: skip
DEFERRED = {
    ErrorClass.CONNECTION, ErrorClass.RATE_LIMIT, ErrorClass.QUOTA, ErrorClass.AUTH, ErrorClass.MODEL_NOT_FOUND,
    ErrorClass.NOT_SENT,
}  # fmt: skip
DISCARDED = {ErrorClass.BAD_REQUEST, ErrorClass.CONTENT_FILTER, ErrorClass.REFUSAL}


def test_every_error_class_has_a_verdict():
    assert set(ErrorClass) == CHARGED | DEFERRED | DISCARDED


@pytest.mark.parametrize("error", sorted(CHARGED))
def test_a_failure_of_the_rfq_itself_is_retried_until_its_attempts_are_used_up(error):
    assert isinstance(verdict.after(CallError(error, ""), 4, POLICY, 0.5), verdict.Retry)
    assert verdict.after(CallError(error, ""), 5, POLICY, 0.5) == verdict.Discard(str(error))


@pytest.mark.parametrize("error", sorted(DEFERRED))
def test_an_outage_or_a_wrong_key_never_discards_however_often(error):
    decided = verdict.after(CallError(error, ""), 99, POLICY, 0.5)

    assert decided == verdict.Defer(900.0 if error is ErrorClass.QUOTA else 30.0, str(error))


@pytest.mark.parametrize("error", sorted(DISCARDED))
def test_a_hopeless_rfq_is_discarded_at_once(error):
    assert verdict.after(CallError(error, ""), 1, POLICY, 0.5) == verdict.Discard(str(error))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, verdict.Retry),
        (502, verdict.Defer),
        (503, verdict.Defer),
        (504, verdict.Defer),
        (529, verdict.Defer),
        (501, verdict.Retry),
    ],
)
def test_a_status_of_an_absent_provider_defers_and_one_that_the_rfq_may_cause_is_charged(status, kind):
    error = CallError(ErrorClass.PROVIDER_5XX, "", http_status=status)

    assert isinstance(verdict.after(error, 1, POLICY, 0.5), kind)


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.999])
def test_no_retry_comes_earlier_than_the_provider_asked(draw):
    error = CallError(ErrorClass.RATE_LIMIT, "", retry_after_seconds=17)

    decided = verdict.after(error, 1, POLICY, draw)
    assert isinstance(decided, verdict.Defer)
    assert 17 <= decided.delay_seconds <= 17 * 1.5


@pytest.mark.parametrize(("attempt", "bound"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 900), (8, 900), (5000, 900)])
def test_backoff_doubles_up_to_its_cap_with_full_jitter(attempt, bound):
    assert backoff_seconds(attempt, base=15, cap=900, draw=0.0) == 0
    assert backoff_seconds(attempt, base=15, cap=900, draw=1.0) == bound


def test_jitter_stays_within_its_share():
    assert (jittered(10, draw=0.0), jittered(10, draw=0.5), jittered(10, draw=1.0)) == (8, 10, 12)


def attention(**fields) -> Attention:
    return Attention(**{"poll_seconds": 1.0, "can_sleep": True, **fields})


def test_a_worker_polls_less_and_less_often_and_then_takes_the_doorbell():
    one = attention()
    now, waits = 0.0, []
    while not one.wants_doorbell:
        one.looking()
        one.claimed(now, got=0, asked=8)
        waits.append(round(one.look_at - now, 3))
        now = one.look_at

    assert waits == [0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.064]


def asleep(now: float = 0.0) -> Attention:
    one = attention()
    while not one.wants_doorbell:
        one.looking()
        one.claimed(now, got=0, asked=8)
    one.doorbell_taken(now)
    one.looking()
    one.claimed(now, got=0, asked=8)
    return one


def test_with_the_doorbell_it_scans_once_more_and_then_sleeps_until_the_poll():
    one = attention()
    one.wants_doorbell = True
    one.doorbell_taken(5.0)
    assert one.look_at == 5.0

    one.looking()
    one.claimed(5.0, got=0, asked=8)
    assert one.look_at == 6.0


def test_a_heartbeat_that_saw_no_work_replaces_the_poll_but_not_a_due_scan():
    one = asleep(5.0)
    for beat in (5.9, 7.1, 8.0):
        one.nothing_waits(beat)
        assert one.look_at == pytest.approx(beat + 1.5)
    one.woken(8.5)
    one.nothing_waits(8.5)
    assert one.look_at == 8.5

    awake = attention()
    awake.looking()
    awake.claimed(5.0, got=0, asked=8)
    awake.nothing_waits(5.0)
    assert awake.look_at == 5.002
    deaf = asleep(5.0)
    deaf.can_sleep = False
    deaf.nothing_waits(5.5)
    assert deaf.look_at == 6.0


def test_a_single_notification_wakes_it_and_leaves_it_the_doorbell():
    one = asleep(9.5)
    one.woken(10.0)
    assert one.look_at == 10.0

    one.looking()
    one.claimed(10.001, got=1, asked=8)
    assert (one.look_at, one.wants_doorbell) == (11.001, True)


def test_a_notification_during_a_scan_causes_another_scan():
    one = asleep()
    one.woken(10.0)
    one.looking()
    one.woken(10.0005)
    one.claimed(10.001, got=1, asked=8)
    assert one.look_at <= 10.001

    one.looking()
    one.doorbell_taken(20.0)
    one.claimed(20.001, got=0, asked=8)
    assert one.look_at <= 20.001


@pytest.mark.parametrize(("got", "asked"), [(8, 8), (16, 100)])
def test_a_full_batch_or_a_burst_releases_the_doorbell(got, asked):
    one = asleep()
    one.woken(10.0)
    one.looking()
    one.claimed(10.001, got=got, asked=asked)

    assert not one.wants_doorbell
    assert one.look_at <= 10.001 + 0.002


def test_notifications_in_rapid_succession_release_the_doorbell_and_a_trickle_does_not():
    for per_second, kept in ((50, True), (1000, False)):
        one = asleep()
        for n in range(100):
            now = 10 + n / per_second
            one.woken(now)
            one.looking()
            one.claimed(now, got=1, asked=8)
        assert one.wants_doorbell is kept, per_second


@pytest.mark.parametrize("per_second", [5, 20, 50])
def test_a_trickle_at_random_times_does_not_end_its_sleep_phase(per_second):
    draw = random.Random(per_second)
    one, now = asleep(), 10.0
    for _ in range(2000):
        now += draw.expovariate(per_second)
        one.woken(now)
        one.looking()
        one.claimed(now + 0.001, got=1, asked=8)
        assert one.wants_doorbell


def test_two_notifications_at_once_are_not_a_burst():
    one = asleep()
    one.woken(10.0)
    one.woken(10.0)
    one.looking()
    one.claimed(10.001, got=2, asked=8)

    assert one.wants_doorbell


def watermark(**fields) -> Watermark:
    return Watermark(**{"_wanted": False, **fields})


def test_a_partial_scan_is_followed_by_a_full_one_when_that_is_due():
    mark = watermark(full_at=5.0)
    assert not mark.begin(4.9)
    mark.claimed(4.95, 7, more=False)
    assert mark.full_at == 5.0

    assert mark.begin(5.0)


@pytest.mark.parametrize(("took", "rests"), [(0.002, 0.02), (0.8, 8.0), (3.0, 10.0)])
def test_full_scans_take_a_tenth_of_the_time_and_come_at_least_every_ten_seconds(took, rests):
    mark = Watermark()
    assert mark.begin(10.0)
    mark.claimed(10.0 + took, None, more=False)

    assert mark.full_at == pytest.approx(10.0 + took + rests)


def test_a_heartbeat_makes_the_full_scan_that_is_due_and_is_cheap_otherwise():
    mark = watermark(full_at=5.0, from_id=700)
    assert mark.heartbeat_scan_start(4.9) == 700
    assert mark.heartbeat_scan_start(5.0) == 0
    mark.looked(5.0, 5.4)
    assert (mark.full_at, mark.heartbeat_scan_start(9.3), mark.heartbeat_scan_start(9.5)) == (
        pytest.approx(9.4),
        700,
        0,
    )

    mark.request_full_scan()
    assert mark.heartbeat_scan_start(5.5) == 0
    assert mark.begin(5.5)


def test_in_a_backlog_the_mark_follows_closely_and_otherwise_it_lags_by_a_second():
    mark = Watermark()
    mark.begin(1.0)
    mark.claimed(1.01, 500, more=True)
    assert mark.from_id == 500

    mark.begin(1.02)
    mark.claimed(1.03, 600, more=False)
    assert mark.from_id == 500
    mark.claimed(2.02, None, more=False)
    assert mark.from_id == 500
    mark.claimed(2.04, None, more=False)
    assert mark.from_id == 600


def test_known_waiting_work_makes_the_next_scan_a_full_one():
    mark = watermark(full_at=5.0)
    mark.request_full_scan()

    assert mark.begin(1.0)
    mark.claimed(1.001, None, more=False)
    assert not mark.begin(1.002)


def test_without_a_free_slot_it_does_not_scan():
    one = asleep()
    one.full()
    assert (one.look_at, one.wants_doorbell) == (inf, False)

    one.slot_freed(3.0)
    assert one.look_at == 3.0


def test_without_a_listener_it_polls_and_never_takes_the_doorbell():
    one = attention(can_sleep=False)
    for _ in range(20):
        one.looking()
        one.claimed(0.0, got=0, asked=8)

    assert (one.look_at, one.wants_doorbell) == (1.0, False)


def test_after_a_lost_doorbell_it_scans_soon():
    one = asleep()
    one.doorbell_left(4.0)

    assert not one.holds_doorbell
    assert one.look_at <= 4.002


def test_policies_of_a_later_release_are_ignored():
    assert Policy.from_values({"max_attempts": 3, "from_the_future": 1}) == Policy(max_attempts=3)
