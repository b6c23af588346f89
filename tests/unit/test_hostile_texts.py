"""The time for a hostile text of any kind grows with its length only, in every step from claim to end."""

import asyncio
import random
import re
import sys
import threading
import tracemalloc
from functools import partial
from uuid import UUID

import pytest

from rfqflow.core.records import Rfq
from rfqflow.llm.reading_thread import LONG_CHARACTERS, is_long, read_apart
from tests.support.hostile_texts import (
    KINDS,
    OPENS,
    almost,
    patterns,
    repeated,
    run,
    seconds,
    steps,
    superlinear,
    various,
)

GROUPS = 15
STEPS = 9


@pytest.mark.parametrize("first", range(GROUPS))
def test_twice_the_text_takes_no_more_than_twice_the_time(first):
    traps = {name: superlinear(partial(repeated, KINDS[name])) for name in [*KINDS][first::GROUPS]}
    assert not {name: found for name, found in traps.items() if found}


@pytest.mark.parametrize("seed", range(4))
def test_near_matches_of_patterns_are_read_in_linear_time(seed):
    assert not list(run(8, seed, allowed=0.4))  # the patterns determine the texts: only far too slow ones count


@pytest.mark.parametrize("first", range(4))
def test_near_matches_of_patterns_are_read_to_the_end(first):
    draw = random.Random(first)
    for pattern in patterns()[first::4]:
        text = f"{almost(pattern, draw, 60)}{draw.choice((' ', chr(10), ''))}{almost(draw.choice(patterns()), draw, 60)}{OPENS}"
        assert len(seconds(text)) == STEPS, text


def test_texts_of_all_sorts_are_read_to_the_end():
    draw = random.Random(7)
    for _ in range(20):
        assert len(seconds(various(draw, 2_000))) == STEPS


def test_almost_matches_are_made_of_every_pattern():
    draw = random.Random(3)
    for pattern in patterns():
        assert len(almost(pattern, draw, 500)) >= 200
    assert sum(bool(p.search(almost(p, draw, 600))) for p in patterns()) > len(patterns()) // 3


def test_a_slow_pattern_would_be_found():
    trap = re.compile(r"\w+!")
    texts = [almost(trap, random.Random(seed), 400) for seed in range(20)]
    assert any(re.fullmatch(r"(\w)\1{200,}.*", text, re.DOTALL) for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        repeated("We need forty valves for the plant in Leeds. ", 10_000_000),
        "<div>" * 100_000 + "40 pcs",
        "<table><tr>" + "<td>1" * 100_000,
    ],
    ids=["ten megabytes", "elements in elements", "a hundred thousand cells"],
)
def test_a_hostile_text_is_read_in_bounded_memory(text):
    for step in steps("40 pcs by 15 March 2027, 三千 <b>valves</b>").values():
        step()  # data that is loaded once does not count for a text

    used = {name: _most_memory(step) for name, step in steps(text).items()}

    allowed = 6 * sys.getsizeof(text) + 40 * 2**20  # some copies, and the memory for the part that is read
    assert {name: peak for name, peak in used.items() if peak > allowed} == {}


def _most_memory(step):
    tracemalloc.start()
    try:
        step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_long_messages_are_read_in_a_separate_thread():
    rfq = Rfq(UUID(int=1), "r", "a" * (LONG_CHARACTERS + 1))
    assert is_long(rfq)
    assert not is_long(Rfq(UUID(int=1), "r", "a" * LONG_CHARACTERS))
    assert asyncio.run(read_apart(threading.get_ident)) != threading.get_ident()
