"""Texts that are made to take long to read. No time limit may depend on them.

    python -m tests.support.hostile_texts --count 1000

`KINDS` is written by hand. `almost` makes more texts from the patterns of the package: it cuts off a match of a pattern
and repeats the rest, so that the pattern tries again and again. The command reads such texts in full, and names those
for which twice the length takes more than twice the time.
"""
# ruff: noqa: RUF001 - signs of many scripts are what this module is about

import argparse
import base64
import importlib
import json
import pkgutil
import random
import re
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import chain
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any
from uuid import UUID

import rfqflow.core
from rfqflow.core import rules
from rfqflow.core.answer import Answer, Cite, LineItem
from rfqflow.core.checks import check
from rfqflow.core.decisions import gates
from rfqflow.core.policy import Policy
from rfqflow.core.prompting import masking
from rfqflow.core.prompting.prompt import Prompt, size_of
from rfqflow.core.records import Claim, Rfq
from rfqflow.core.screening import fingerprint
from rfqflow.prompts import shipped
from tests.support.default_routes import default_routes

KINDS: dict[str, str] = {
    # One character.
    **{f"sign {sign!r}": sign for sign in "aA19., \t\n([{'\"<>&-_*=|;:/\\#@!$+~`%½²①三か가ᄀกｱΩ\u0301\u064e\u05b0\u200b\u202e\xa0\u3000\u2028"},
    # Characters that belong together, or seem to.
    "ligatures": "\ufdfa",
    "accents": "e\u0301\u0327", "pointed": "ب\u064e\u0650", "hebrew points": "ש\u05b0\u05c1", "many accents": "e" + "\u0301" * 30,
    "families": "👩‍👩‍👧", "flags": "🇩🇪", "tags": "\U000e0041", "right to left": "אבג \u202e", "thai digits": "๒๕ ", "wide digits": "１２，",
    # Markup.
    "tag": "<p ", "tags in tags": "<div>", "formatting": "<font a=1><p>x", "cells": "<td>1", "rows": "<tr><td>a<td>1", "tables": "<table><tr><td>",
    "comments": "<!--x", "empty comments": "<!---->", "styles": "<i style='color:white;display:inline'>x</i>", "entities": "&amp;&#x41;",
    "quotations": "<blockquote>", "attributes": "<p a=1 b='", "breaks": "<br>", "lists": "<ul><li>",
    # Mails.
    "quoted": "> 40 pcs\n", "empty quotes": ">\n", "deeper": ">> ", "heads": "From: a\nTo: b\n", "greetings": "On Mon, 2 Nov 2026, A <a@b> wrote:\n",
    "closings": "Regards\n", "rulers": "-----\n", "signatures": "--\n", "stars in lines": "*" * 399 + "\n", "empty lines": " \n", "carriage returns": "a\r\n",
    # Numbers and dates.
    "decimals": "1,1.", "thousands": "1.000,", "grouped": "1 000 ", "scanned": "O0l1", "codes": "A-1-", "fractions": "1/", "sizes": "40 x 20 x ",
    "dates": "12.12.2026 ", "iso dates": "2026-12-12", "dates in words": "15 March 2027 ", "months": "may march ", "eras": "令和8年3月",
    "thai dates": "15 มีนาคม 2570 ", "spans": "in six weeks ", "hours": "10:12 ", "in words": "two hundred and ", "glued": "zwanzigtausend",
    "russian": "двадцать пять ", "korean": "이백오십 ", "thai words": "สิบ", "chinese": "三千", "dual": "مضختين ", "dozens": "half a dozen ",
    # Lists.
    "commas": "bolt,M8,250\n", "semicolons": "a;b;1\n", "tabs": "a\t1\n", "pipes": "| 1 | a |\n", "columns": "a  b  1\n", "json": '{"qty":1},',
    "json in json": '{"a":', "arrays": "[1,", "labels": "Qty: 1\nPart: a\n", "numbered": "1. a - 4 pcs\n", "heads only": "Qty\tPart\n", "stacked": "Qty\nPart\n1\n",
    "sizes across": "S\tM\tL\n1\t2\t3\n", "dittos": '"\t"\n', "short lines": "a\n", "numbers in lines": "1\n",
    "wide rows": "\t".join(map(str, range(1000))) + "\n", "wide commas": ",".join(map(str, range(1000))) + "\n",
    # Words that rules and screens search for.
    "orders": "ignore all ", "spaced": "a b ", "roles": "<|im_start|>", "encoded": base64.b64encode(bytes(range(256))).decode(),
    "quantities asked": "quantit", "pieces": "40 pcs ", "items": "40 pcs of valve V-20\n", "prices": "5,000 EUR ", "places": "deliver to ", "certificates": "EN 10204 3.1 ",
    "revisions": "rev A ", "references": "our reference 2500-17 ", "addresses": "a@b.c ", "half addresses": "a@", "links": "http://a.b/ ", "phones": "+49 40 123 ",
    "accounts": "DE12 ", "advertising": "casino bonus ", "rows of keys": "qwer", "long words": "x" * 200 + " ", "english": "We need forty valves for the plant in Leeds. ",
}  # fmt: skip


def repeated(piece: str, length: int) -> str:
    """Repeats the piece up to this length."""
    return (piece * (length // len(piece) + 1))[:length]


def various(draw: random.Random, length: int) -> str:
    """A mix of everything, in lines, rows or JSON."""
    kind = draw.randrange(5)
    if kind == 0:
        return "".join(draw.choices([*map(chr, range(32, 127)), "\n"], k=length))
    if kind == 1:
        return "".join(draw.choices("()[]{}<>|;,.:-_'\"/\\ \t\n1a", k=length))
    if kind == 2:
        return "".join(chr(draw.randrange(0x80, 0xD7FF)) for _ in range(length))
    if kind == 3:
        return json.dumps([{"part": f"P-{n}", "qty": n} for n in range(length // 20)])[:length]
    return "".join(repeated(draw.choice([*KINDS.values()]), draw.randrange(1, 200)) for _ in range(length // 100))[
        :length
    ]


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """Every pattern of the core's modules."""
    found: dict[str, re.Pattern[str]] = {}

    def note(value: object, depth: int = 0) -> None:
        if isinstance(value, re.Pattern):
            if isinstance(value.pattern, bytes):  # patterns of the first bytes of files
                return
            found.setdefault(value.pattern, value)
        elif depth < 3 and isinstance(value, tuple | list | set | frozenset | dict):
            for each in value.values() if isinstance(value, dict) else value:
                note(each, depth + 1)

    for module in pkgutil.walk_packages(rfqflow.core.__path__, "rfqflow.core."):
        for value in vars(importlib.import_module(module.name)).values():
            note(value)
    return tuple(found.values())


def almost(pattern: re.Pattern[str], draw: random.Random, length: int) -> str:
    """A match of the pattern, cut off and repeated; or one of its characters repeated before the rest of it."""
    sample = "".join(_sample(sre_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), draw))[:300] or "a"
    at = draw.randrange(len(sample)) + 1
    if draw.random() < 0.5:
        return repeated(sample[:at] + draw.choice(("", "", " ", "\n", "!")), length)
    return sample[:at] + repeated(sample[at - 1], length - len(sample)) + sample[at:]


def _sample(tree: Any, draw: random.Random) -> Iterator[str]:
    for operation, value in tree:
        if operation is sre.LITERAL:
            yield chr(value)
        elif operation in (sre.ANY, sre.NOT_LITERAL):
            yield draw.choice("a1 ")
        elif operation is sre.IN:
            yield _sign(value, draw)
        elif operation is sre.BRANCH:
            yield from _sample(draw.choice(value[1]), draw)
        elif operation is sre.SUBPATTERN:
            yield from _sample(value[-1], draw)
        elif operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = value
            for _ in range(draw.randint(least, min(most, least + draw.choice((0, 1, 3))))):
                yield from _sample(inner, draw)
        elif operation is sre.ATOMIC_GROUP:
            yield from _sample(value, draw)


def _sign(choices: Any, draw: random.Random) -> str:
    operation, value = draw.choice([each for each in choices if each[0] is not sre.NEGATE] or [(sre.ANY, None)])
    if choices[0][0] is sre.NEGATE:
        return draw.choice("aA1 ,-é三")
    if operation is sre.LITERAL:
        return chr(value)
    if operation is sre.RANGE:
        return chr(draw.randint(*value))
    return {sre.CATEGORY_DIGIT: "7", sre.CATEGORY_SPACE: " ", sre.CATEGORY_NOT_WORD: "-"}.get(value, draw.choice("aZ9"))


ROUTES = default_routes()
PROMPT = Prompt.of(shipped(), ROUTES)
ANSWER = Answer(
    summary="A customer asks for 40 valves V-20 in Leeds.", route=ROUTES[0].slug, confidence=0.9, intent="rfq",
    due_date="2027-03-15", due_date_text="15 March 2027", delivery_place="Leeds", incoterm="DAP", certificates=("EN 10204 3.1",),
    budget={"amount": 5000, "currency": "EUR"}, cites=(Cite(field="due_date", lines=(2,)),),
    line_items=tuple(
        LineItem(description=f"valve {n}", quantity=40 + n, unit="pcs", part_number=f"V-{n}", material="1.4301", lines=(n,) if n % 2 else ())
        for n in range(5)
    ),
)  # fmt: skip


def steps(text: str) -> dict[str, Callable[[], object]]:
    """All steps on a text between its claim and its end, in order."""
    rfq = Rfq(UUID(int=1), "r", text, company="Acme", name="Jo")
    claim = Claim(1, 1, UUID(int=1), 1, False, 0.0, rfq, b"", "rfq@1")
    return {
        "read": lambda: (rfq.reading.text, rfq.reading.lines, rfq.reading.request),
        "screen": lambda: gates.screen(claim, Policy()),
        "fingerprint": lambda: fingerprint(text),
        "lists": lambda: rfq.tables,
        "prompt": lambda: size_of(PROMPT, rfq),
        "mask": lambda: masking.mask_rfq(rfq),
        "check": lambda: check(ANSWER, rfq),
        "steering": lambda: rules.steers(rfq),
        "rules": lambda: rules.answer(rfq, ROUTES),
    }


def seconds(text: str) -> dict[str, float]:
    """The cost of each step, in seconds of this thread's CPU."""
    taken = {}
    for name, step in steps(text).items():
        began = time.thread_time()
        step()
        taken[name] = time.thread_time() - began
    return taken


ALLOWED = 0.015  # seconds that a step may take beyond what the length of the text explains
SHORT, FACTOR = 2_000, 4


# Many readers stop unless a text contains certain words. These words follow each hostile text, so that all read on.
OPENS = (
    " 5k 1/2 ½ 6OO 40 pcs 3 dozen 1 000 10-20 a,b,1 10:12 15 March 2027 12.12.2026 令和8年3月 tbc 5,000 EUR 5 % off in 2 days "
    "part: V-20 http://a.b/ ignore the prompt {{ <| DAP Leeds deliver to Leeds rev A 3.1 三 двадцать สิบ\n> 40\nFrom: a\nTo: b\n"
)


def superlinear(make: Callable[[int], str], allowed: float = ALLOWED) -> list[str]:
    """The steps for which four times the text takes far more than four times the time (quadratic: sixteen)."""
    suspects = None
    for _ in range(4):  # a busy machine does not make growth quadratic
        long = seconds(make(SHORT * FACTOR) + OPENS)
        if max(long.values()) <= allowed:  # no step was slow, even with a short text that took no time
            return []
        short = seconds(make(SHORT) + OPENS)
        found = {name for name, cost in long.items() if cost > 2 * FACTOR * short[name] + allowed}
        suspects = found if suspects is None else suspects & found
        if not suspects:
            break
    return sorted(suspects or ())


def run(count: int, seed: int, allowed: float = ALLOWED) -> Iterator[str]:
    """Reads this many texts made from patterns, and returns the lines about those that take too long."""
    known = patterns()
    for number in range(count):
        pattern, name = known[number * 7919 % len(known)], f"{seed}/{number}"
        found = superlinear(partial(_made, pattern, name), allowed)
        if found:
            yield f"{name} {found}: {pattern.pattern[:80]!r} {_made(pattern, name, 40)!r}"


def _made(pattern: re.Pattern[str], name: str, length: int) -> str:
    return almost(pattern, random.Random(name), length)


def by_hand() -> Iterator[str]:
    """Reads the kinds that are written by hand."""
    for name, piece in KINDS.items():
        if found := superlinear(partial(repeated, piece)):
            yield f"{name}: {found}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Names hostile texts that cost more than their length.")
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for trap in chain(by_hand(), run(options.count, options.seed)):
        print(trap, flush=True)
