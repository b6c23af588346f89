"""The chain: which model is called next for an RFQ."""

import pytest

from rfqflow.core.decisions.fallback import ANOTHER_MODEL, candidates, following
from rfqflow.core.errors import ErrorClass

CHAIN = ("m1", "m2", "m3")


@pytest.mark.parametrize("error", sorted(ANOTHER_MODEL))
def test_a_model_that_could_not_do_it_is_skipped(error):
    assert candidates(CHAIN, "m1", error) == ("m2", "m3")
    assert candidates(CHAIN, "m2", str(error)) == ("m3",)


@pytest.mark.parametrize("error", [*sorted(set(ErrorClass) - ANOTHER_MODEL), "of_a_later_release", None])
def test_a_failure_that_is_not_the_models_begins_with_the_preferred_model(error):
    assert candidates(CHAIN, "m1", error) == CHAIN


def test_after_the_last_model_the_chain_begins_anew():
    assert candidates(CHAIN, "m3", ErrorClass.REFUSAL) == CHAIN
    assert candidates(("m1",), "m1", ErrorClass.INVALID_OUTPUT) == ("m1",)


def test_a_model_that_has_left_the_chain_is_ignored():
    assert candidates(CHAIN, "gone", ErrorClass.REFUSAL) == CHAIN
    assert candidates(CHAIN, None, ErrorClass.REFUSAL) == CHAIN


def test_no_model_follows_the_last_one_or_an_unknown_one():
    assert (following(CHAIN, "m2"), following(CHAIN, "m3"), following(CHAIN, "x")) == (("m3",), (), ())
