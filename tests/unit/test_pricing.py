"""Costs are exact: tokens times a price per million, each case worked out by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfqflow.core.decisions.pricing import Price, cost
from rfqflow.core.errors import Usage

MINI = Price(input=Decimal("0.25"), cached_input=Decimal("0.025"), output=Decimal(2))
UNDISCOUNTED = Price(input=Decimal("0.25"), output=Decimal(2))

CASES = {
    "nothing": (Usage(), MINI, "0"),
    "input": (Usage(input_tokens=1_000_000), MINI, "0.25"),
    "output": (Usage(output_tokens=1_000_000), MINI, "2"),
    "one token is not lost": (Usage(input_tokens=1), MINI, "0.00000025"),
    "cached tokens are part of the input": (Usage(1_000_000, cached_input_tokens=400_000), MINI, "0.16"),
    "all cached": (Usage(1_000_000, cached_input_tokens=1_000_000), MINI, "0.025"),
    "more cached than there is": (Usage(1_000_000, cached_input_tokens=9_000_000), MINI, "0.025"),
    "no price for cached input": (Usage(1_000_000, cached_input_tokens=400_000), UNDISCOUNTED, "0.25"),
    "reasoning is part of the output": (Usage(output_tokens=1000, reasoning_tokens=900), MINI, "0.002"),
    "cached input for nothing": (Usage(10, 10), Price(Decimal(5), Decimal(5), cached_input=Decimal(0)), "0"),
    "half a nano goes to the even one": (Usage(input_tokens=1), Price(Decimal("0.0025"), Decimal(0)), "0.000000002"),
}


@pytest.mark.parametrize(("usage", "price", "expected"), CASES.values(), ids=CASES)
def test_a_call_costs_what_its_tokens_cost(usage: Usage, price: Price, expected: str) -> None:
    assert cost(usage, price) == Decimal(expected)


tokens = st.integers(0, 100_000_000)
prices = st.decimals(0, 10_000, places=6)


@given(tokens, tokens, tokens, st.builds(Price, prices, prices, st.none() | prices))
def test_a_cost_is_never_negative_fits_its_column_and_grows_with_tokens(
    given_tokens: int, cached: int, made: int, price: Price
) -> None:
    usage = Usage(input_tokens=given_tokens, cached_input_tokens=min(cached, given_tokens), output_tokens=made)
    amount = cost(usage, price)
    assert amount >= 0
    assert -9 <= int(amount.as_tuple().exponent)
    assert cost(Usage(given_tokens, usage.cached_input_tokens, made + 1_000_000), price) >= amount
