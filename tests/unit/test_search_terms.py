"""A search text becomes words, phrases and excluded words. No text is an error."""

import pytest

from rfqflow.core.text.search_terms import SearchTerms


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted"),
    [
        ("", (), ()),
        ("   \t\n", (), ()),
        ("bearing", ("bearing",), ()),
        ("steel  pumps", ("steel", "pumps"), ()),
        ("pumps pumps", ("pumps",), ()),
        ('"spare parts" 6205', ("spare parts", "6205"), ()),
        ("-used", (), ("used",)),
        ('bearing -used -"spare parts"', ("bearing",), ("used", "spare parts")),
        ("M8-40 stainless-steel", ("M8-40", "stainless-steel"), ()),
        ('"never closed at', ("never closed at",), ()),
        ('-"never closed', (), ("never closed",)),
        ('""', (), ()),
        ('-""', (), ()),
        ('"', (), ()),
        ("-", ("-",), ()),
        ("--", (), ("-",)),
        ('3/4" pipe', ('3/4"', "pipe"), ()),
        ('24"x36" plate', ('24"x36"', "plate"), ()),
        ("100% a_b c\\d", ("100%", "a_b", "c\\d"), ()),
        ("轴承 不锈钢", ("轴承", "不锈钢"), ()),
        ("轴承\u3000不锈钢 \uff0d旧", ("轴承", "不锈钢"), ("旧",)),
        ("„zwei Wörter“ «deux mots» “two words”", ("zwei Wörter", "deux mots", "two words"), ()),
        ('"a   b\n c"', ("a b c",), ()),
        ("a\x00b", ("a", "b"), ()),
    ],
)
def test_words_phrases_and_excluded_words_are_read(typed, wanted, unwanted):
    found = SearchTerms.of(typed)
    assert (found.wanted, found.unwanted) == (wanted, unwanted)
    assert bool(found) == bool(wanted or unwanted)


def test_pattern_characters_are_literal():
    assert SearchTerms.of(r"100% a_b c\d -x%").patterns == (["%100\\%%", "%a\\_b%", "%c\\\\d%"], ["%x\\%%"])


def test_very_long_texts_and_many_terms_are_bounded():
    assert sum(map(len, SearchTerms.of("x" * 1_000_000).wanted)) <= 200
    assert len(SearchTerms.of(" ".join(map(str, range(100_000)))).wanted) <= 20
    assert len(SearchTerms.of('" ' * 100_000 + "-" * 100_000).wanted) <= 20
