"""The estimate of a day's cost counts each token once, and counts cache savings only where calls begin alike."""

from decimal import Decimal

import pytest

from tests.corpus.estimate import CACHED_STEP, FRAME, Counted, count, shares, table


def _body(system, user):
    schema = {"json_schema": {"schema": {"type": "object"}}}
    return {
        "response_format": schema,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
    }


def _letters(text):
    return [ord(letter) for letter in text]


def test_the_parts_of_a_call_are_counted_by_the_tokenizer():
    (call,) = count([_body("s" * 2_000, "abc")], ["{}"], _letters)

    assert (call.schema, call.system, call.user, call.answer) == (len('{"type":"object"}'), 2_000, 3, 2)
    assert call.input == call.schema + call.system + call.user + FRAME


def test_only_the_common_beginning_of_all_calls_is_cached_in_whole_steps():
    alike, other = "s" * 1_500, "s" * 1_300 + "t"

    same = count([_body(alike, "a"), _body(alike, "b")], ["", ""], _letters)
    differ = count([_body(alike, "a"), _body(other, "b")], ["", ""], _letters)

    assert {call.cached for call in same} == {1_517 // CACHED_STEP * CACHED_STEP}
    assert {call.cached for call in differ} == {1_317 // CACHED_STEP * CACHED_STEP}


def test_a_short_beginning_is_not_cached():
    (call,) = count([_body("s" * 900, "a")], [""], _letters)

    assert call.cached == 0


def test_reasoning_is_billed_as_output_and_the_cheap_tier_costs_half():
    counted = [Counted(schema=0, system=0, user=988, answer=100, shared=0)]

    def price(usage):
        return (Decimal(usage.input_tokens) + 8 * usage.output_tokens) / 1_000_000

    lines = table(counted, price, {"none": 0, "low": 400})

    assert [line.split()[-1] for line in lines[1:]] == ["1.80", "0.90", "5.00", "2.50"]


def test_a_model_without_a_price_is_refused_with_the_remedy():
    with pytest.raises(SystemExit, match="name one of OpenAI's list"):
        table([Counted(1, 1, 1, 1, 0)], lambda _usage: None, {"none": 0})


def test_the_cacheable_share_is_reported():
    assert "of the input 90%" in shares([Counted(0, 1_280, 130, 1, 1_280)])[-1]
