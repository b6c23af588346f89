"""How the console shows values: hostile text, amounts, times, plots."""

import html
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfqflow.console import text

UNSEEN = re.compile(r'<span class="unseen" title="An invisible character">([A-Z0-9+]+)</span>')


@given(st.text())
def test_whatever_the_text_no_markup_of_its_own_comes_through_and_nothing_is_lost(value):
    shown = str(text.visible(value))
    bare = UNSEEN.sub("", shown)

    assert "<" not in bare
    assert ">" not in bare
    assert '"' not in bare
    kept = text._CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    assert html.unescape(bare) == kept


@given(st.text(), st.lists(st.text(max_size=8), max_size=5))
def test_marking_words_changes_nothing_but_the_marks(value, words):
    shown = str(text.marked(value, words))

    assert re.sub("</?mark>", "", shown) == str(text.visible(value[: text.SHOWN_CHARACTERS]))


def test_what_would_be_unseen_or_turn_the_text_is_shown_by_name():
    assert UNSEEN.findall(str(text.visible("a\u202eb\u2066c\u200b\x1b\x00\ufeff"))) == [
        "RLO", "LRI", "ZWSP", "U+001B", "U+0000", "BOM",
    ]  # fmt: skip
    assert str(text.visible("two\nlines\tand a tab, العربية")) == "two\nlines\tand a tab, العربية"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (text.money(None), text.NONE), (text.money(0), "$0"), (text.money(Decimal("0.000042")), "$0.000042"),
        (text.money(0.0123), "$0.0123"), (text.money(0.1), "$0.10"), (text.money(1234.5), "$1,234.50"),
        (text.seconds(None), text.NONE), (text.seconds(0), "0 ms"), (text.seconds(0.0994), "99 ms"),
        (text.seconds(0.1), "0.1 s"), (text.seconds(9.96), "10 s"), (text.seconds(75), "75 s"),
        (text.seconds(150), "2.5 min"), (text.seconds(7200), "2 h"), (text.seconds(86400 * 3), "3 d"),
        (text.percent(None), text.NONE), (text.percent(1), "100 %"), (text.percent(0.8333), "83.3 %"),
        (text.number(1234), "1,234"), (text.number(2.5), "2.5"), (text.number(None), text.NONE),
        (text.words("rate_limit"), "rate limit"),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_write_them(shown, expected):
    assert shown == expected
