"""How the console shows values: hostile text, amounts, times, plots."""

import html
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfqflow.console import formatting

UNSEEN = re.compile(r'<span class="unseen" title="An invisible character">([A-Z0-9+]+)</span>')


@given(st.text())
def test_no_text_keeps_its_own_markup_and_none_is_lost(value):
    shown = str(formatting.visible(value))
    bare = UNSEEN.sub("", shown)

    assert "<" not in bare
    assert ">" not in bare
    assert '"' not in bare
    kept = formatting.CONTROL_CHARACTERS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    assert html.unescape(bare) == kept


@given(st.text(), st.lists(st.text(max_size=8), max_size=5))
def test_marking_words_changes_nothing_but_the_marks(value, words):
    shown = str(formatting.marked(value, words))

    assert re.sub("</?mark>", "", shown) == str(formatting.visible(value[: formatting.SHOWN_CHARACTERS]))


def test_invisible_and_reversing_characters_are_shown_by_name():
    assert UNSEEN.findall(str(formatting.visible("a\u202eb\u2066c\u200b\x1b\x00\ufeff"))) == [
        "RLO", "LRI", "ZWSP", "U+001B", "U+0000", "BOM",
    ]  # fmt: skip
    assert str(formatting.visible("two\nlines\tand a tab, العربية")) == "two\nlines\tand a tab, العربية"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (formatting.money(None), formatting.NONE), (formatting.money(0), "$0"), (formatting.money(Decimal("0.000042")), "$0.000042"),
        (formatting.money(0.0123), "$0.0123"), (formatting.money(0.1), "$0.10"), (formatting.money(1234.5), "$1,234.50"),
        (formatting.seconds(None), formatting.NONE), (formatting.seconds(0), "0 ms"), (formatting.seconds(0.0994), "99 ms"),
        (formatting.seconds(0.1), "0.1 s"), (formatting.seconds(9.96), "10 s"), (formatting.seconds(75), "75 s"),
        (formatting.seconds(150), "2.5 min"), (formatting.seconds(7200), "2 h"), (formatting.seconds(86400 * 3), "3 d"),
        (formatting.percent(None), formatting.NONE), (formatting.percent(1), "100 %"), (formatting.percent(0.8333), "83.3 %"),
        (formatting.number(1234), "1,234"), (formatting.number(2.5), "2.5"), (formatting.number(None), formatting.NONE),
        (formatting.words("rate_limit"), "rate limit"),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_write_them(shown, expected):
    assert shown == expected
