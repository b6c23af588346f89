"""Which numbers of a message the rules take for quantities of the present request."""
# ruff: noqa: RUF001 - letters of many languages are what is tested

from uuid import UUID

import pytest

from rfqflow.core.records import Rfq
from rfqflow.core.rules import answer
from tests.support.default_routes import default_routes

ROUTES = default_routes()


def counted(message: str) -> list[str | None]:
    items = answer(Rfq(UUID(int=1), "req-1", message), ROUTES).line_items
    return [None if item.quantity is None else f"{item.quantity:f}" for item in items]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Zamiast 200 sztuk prosimy wycenić 260 sztuk obejm.", ["260"]),
        ("Leider verschoben, und es werden 16 statt 22 Fensterbänke. Bitte Preis anpassen.", ["16"]),
        ("Please quote 40 brackets instead of 25 brackets.", ["40"]),
        (
            "Please quote:\n1. 26 angle cocks\n2. 9 sight glasses\n3. 18 check valves\nPlease leave out item 2.",
            ["26", "18"],
        ),
        ("Necesitamos 40 sillas, 15 mesas y 12 archivadores. Anulad por favor las mesas.", ["40", "12"]),
        ("Please quote 4 tanks.\nNot required any more: level transmitters (3 off), bought already.", ["4"]),
        ("Please quote 2 pumps. Our old pump no longer works.", ["2"]),
        ("Please quote 6 pumps and 14 m of pipe; order 7712 was cancelled last week.", ["6", "14"]),
    ],
)
def test_replaced_or_withdrawn_quantities_are_left_out(message: str, expected: list[str]) -> None:
    assert expected == counted(message)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Please make it 40 of the clevis brackets, price please.", ["40"]),
        ("Please offer: Two (2) transfer pumps 20 m3/h", ["2"]),
        ("Could you price a pair of chain hoists and a score of shackles?", ["2", "20"]),
        ("Please quote 4 height-adjustable desks.", ["4"]),
        ("Please quote 12 actuated three-way valves DN25.", ["12"]),
        ("need price on 2 heat exchangers 350kw", ["2"]),
        ("Poproszę ofertę: falownik 11 kW szt. 6, enkoder szt. 4.", ["6", "4"]),
        ("Ofertă pentru 14 electropompe și 70 m furtun", ["14", "70"]),
        ("נבקש הצעת מחיר ל-32 שסתומים ו-4 משאבות", ["32", "4"]),
        ("Please price 12 chain hoists, 1 t, 6 m lift.", ["12"]),
        ("Please quote 2 tanks of 3,000 litres.", ["2"]),
        ("Просим цену на 20 листов стали толщиной 4 мм.", ["20"]),
        ("Please quote a pinion, 17 teeth, module 6, from our sample.", []),
    ],
)
def test_counts_are_distinguished_from_descriptions(message: str, expected: list[str]) -> None:
    assert expected == [number for number in counted(message) if number]


def test_a_signature_has_no_quantities() -> None:
    message = (
        "Bitte um Angebot für 85 Stk. Wellen.\n\nMit freundlichen Grüßen\nLena Ober, Industriestraße 140, 99510 Apolda"
    )
    assert ["85"] == counted(message)
