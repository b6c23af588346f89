"""Word lists ship with the package as text, and are read once."""

from importlib.resources import files

import pytest

from rfqflow.core.rules.phrases import Phrases
from rfqflow.core.text.word_lists import word_lists

NAMES = sorted(
    entry.name.removesuffix(".txt") for entry in (files("rfqflow.core") / "words").iterdir() if entry.is_file()
)


@pytest.mark.parametrize("name", NAMES)
def test_each_list_of_a_file_has_words_and_no_comment_among_them(name):
    lists = word_lists(name)

    assert lists
    for section, text in lists.items():
        assert text.strip(), section
        assert "#" not in {line[0] for line in text.splitlines()}, section


def test_phrases_are_separated_by_commas_and_by_ends_of_lines():
    phrases = Phrases({"asks": "please quote, price for\nneed a price,\nlead time"})

    assert phrases.found(["need", "a", "price", "and", "the", "lead", "time"], "") == {"asks": 2}
