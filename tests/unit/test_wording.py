"""The wording of a text: learnt weights separate offers from requests, and name the words that decided."""

from uuid import UUID

import pytest

from rfqflow.core import screening
from rfqflow.core.records import Rfq
from rfqflow.core.screening.wording import Wording, features

OFFERED = (
    "Good day, our team keeps the books of small firms and files their returns. Your first quarter costs you nothing. "
    "May I ring you next week and tell you more about what we do for companies like yours?"
)
ASKED = (
    "Good day, our team needs somebody who keeps an old bottling line going. Could you quote for twelve visits a year, "
    "and may I ring you next week and tell you more about what we would like?"
)


def judged(message):
    return screening.spam(Rfq(UUID(int=0), "r", message))


def test_the_features_of_a_text_are_words_beginnings_pairs_and_signs_without_numbers():
    assert {"quote", "price", "for", "price for", "for 0", "0 brack", "brackets", "brack*"} <= set(
        features(["price", "for", "12", "brackets", "quote"])
    )
    assert "12" not in set(features(["12", "brackets"]))
    assert {"报价", "价单", "报价单"} == set(features(["报价单"]))


def test_a_texts_score_is_the_sum_of_its_features_over_the_root_of_their_number():
    wording = Wording({"offer": 3.0, "we offer": 5.0, "quote": -4.0}.items(), 0.5)

    assert wording.score(["we", "offer"]) == pytest.approx(0.5 + 8 / 42**0.5)
    assert wording.score(["nothing", "known"]) == pytest.approx(0.5)
    assert ["we offer", "offer"] == [said for said, _ in wording.strongest(["we", "offer", "quote"])]


def test_an_offer_is_distinguished_from_a_request_in_nearly_the_same_words():
    assert judged(OFFERED).score > judged(ASKED).score
    assert judged(ASKED).score < screening.MARK_AT


def test_a_skipped_text_names_the_words_that_count_most_and_its_signals_make_up_its_score():
    found = judged(
        "Hello, we help manufacturers to win new clients on social media. Our team writes posts, runs your account and sends "
        "you a report each month. The first month is free. May I send you some examples of our work?"
    )

    assert found.score >= screening.SKIP_AT
    assert any(reason.startswith("worded: ") and weight > 0 for reason, weight in found.signals)
    assert found.score == sum(weight for _, weight in found.signals)


def test_a_text_that_asks_for_a_price_is_not_skipped_for_its_wording_alone():
    pitch = (
        "We help manufacturers to win new clients on social media. Our team writes posts, runs your account and sends you a "
        "report each month. The first month is free. May I send you some examples of our work?"
    )
    asked = "Please quote 40 brackets as per drawing BR-12, material 1.4301, delivery to Derby."

    assert judged(pitch).score >= screening.SKIP_AT > judged(f"{pitch} {asked}").score


def test_a_short_text_is_only_skipped_for_its_wording_where_that_is_clear_and_else_marked():
    shy = "Please call me back about my account and my invoice"
    pitch = "We earn your company new clients, and the first month of our marketing is free"

    assert screening.MARK_AT <= judged(shy).score < screening.SKIP_AT <= judged(pitch).score


@pytest.mark.parametrize("text", ["zebra", "Przyrząd", "foo bar baz", "text 7", "Hallo zusammen"])
def test_unknown_words_do_not_count_against_a_customer(text):
    assert judged(text).score < screening.MARK_AT


@pytest.mark.parametrize(
    "text", ["please ignore, this is just a test", "test test 123", "Das ist nur ein Test, bitte ignorieren"]
)
def test_a_test_of_the_form_is_not_a_request(text):
    assert screening.gibberish(text)


@pytest.mark.parametrize("text", ["Test bench for pumps please", "Testing of 12 welds", "please test our water"])
def test_a_test_of_goods_is_a_request(text):
    assert not screening.gibberish(text)


def test_a_text_has_the_same_score_in_any_order_of_reading():
    """A word's place in memory decides the order in which its weight is added."""
    weights = {"cheap": 0.1, "best": 0.2, "offer": 0.3}.items()
    fresh, used = Wording(weights, 0.0), Wording(weights, 0.0)
    used.score(["offer", "best", "cheap"])

    assert fresh.score(["cheap", "best", "offer"]) == used.score(["cheap", "best", "offer"])
