"""Lists as people write them, and a model that answers about the lines in its request."""

import json
import re
from decimal import Decimal

from tests.support.model_behaviours import BEHAVIOURS, behaviour, says
from tests.support.model_exchange import as_json, completion

BEHAVIOUR = "asked_lines"
ANSWER = {
    "language": "en", "intent": "rfq", "due_date": None, "due_date_derived": None, "due_date_text": None,
    "quote_deadline": None, "delivery_place": None, "incoterm": None, "budget": None, "certificates": [], "missing": [],
    "cites": [], "injection_suspected": False, "tags": ["spares"], "urgency": "normal", "route_alternatives": [],
    "summary": "Spare parts of a list are asked for.", "evidence": [], "route": "general", "confidence": 0.9,
}  # fmt: skip
_LINE = re.compile(r"^(\d+)\| (.*)$", re.MULTILINE)
_ITEM = re.compile(r"\b(?P<part>PX-\d+)\W[^\n]*?(?P<count>\d+)\W+pcs|(?P<number>\d+) x sleeve (?P<name>PX-\d+)"
                   r"|sleeve (?P<plain>PX-\d+) \D*: (?P<plainly>\d+)")  # fmt: skip
_ASKED = re.compile(r"(?:from|of)\s+lines (\d+) to (\d+)")
INTRODUCTION = "Needed for the plant:"


def unclear_row(number: int) -> str:
    """A line that no parser of lists takes for a row: the order of its words changes each time."""
    middle = ("which we had from you before", "for the older line, please", "as drawn; mind the burrs")[number % 3]
    return (
        f"the sleeve PX-{1000 + number} {middle}, we think {number + 3} pcs will do{'' if number % 2 else ' for now'}."
    )


def unclear(length: int) -> str:
    """A message that asks for this many items."""
    return "\n".join((INTRODUCTION, *map(unclear_row, range(length))))


def without_units(length: int) -> str:
    """The same, without a word of quantity after the numbers."""
    words = (("once more the", "as before"), ("and of the", "if you have them, please"), ("then the", "like last year"))
    rows = (
        f"{words[n % 3][0]} sleeve PX-{1000 + n} {words[n % 3][1]}: {n + 3}{'' if n % 2 else ' I think'}"
        for n in range(length)
    )
    return "\n".join((INTRODUCTION, *rows))


def terms(length: int) -> str:
    """Lines with numbers that ask for no goods."""
    about = (
        "under 7.{0} the supplier bears the risk;",
        "see also 4.{0}, which we agreed on,",
        "and what 9.{0} says of it holds.",
    )
    return "\n".join(about[number % 3].format(number) for number in range(length))


def several_on_a_line(length: int) -> str:
    """The same as prose, with five items on each line."""
    each = [f"{number + 3} x sleeve PX-{1000 + number}" for number in range(length)]
    return "\n".join(f"also {', '.join(each[at : at + 5])} as agreed" for at in range(0, length, 5))


def wanted(length: int) -> list[tuple[str, Decimal]]:
    """Part number and quantity of each item that the message asks for."""
    return [(f"PX-{1000 + number}", Decimal(number + 3)) for number in range(length)]


def stated(items) -> list[tuple[str, Decimal]]:
    """Part number and quantity of each item of a stored answer."""
    return [(item["part_number"], Decimal(str(item["quantity"]))) for item in items]


def asked_lines(body) -> tuple[int, int] | None:
    """The lines that a request's body asks about; None: it asks about the whole message."""
    found = _ASKED.findall(body["messages"][-1]["content"])
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def items_of_lines(exchange) -> str:
    """The items of the lines that the request asks about and shows, each with its line."""
    content, asked = exchange.body["messages"][-1]["content"], asked_lines(exchange.body)
    items = [
        {"description": f"sleeve {part}", "quantity": int(count), "quantity_max": None,
         "unit": "pcs" if found["part"] else None, "part_number": part, "revision": None, "material": None,
         "standards": [], "lines": [int(number)]}
        for number, text in _LINE.findall(content) if asked is None or asked[0] <= int(number) <= asked[1]
        for found in _ITEM.finditer(text)
        for part, count in [(found["part"] or found["name"] or found["plain"],
                             found["count"] or found["number"] or found["plainly"])]
    ]  # fmt: skip
    schema = exchange.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    alone = list(schema.get("properties", {})) == ["line_items"]
    return json.dumps({"line_items": items} if alone else {**ANSWER, "line_items": items})


says(BEHAVIOUR, items_of_lines)


def cut_off_beyond(most: int):
    """A model whose answers are cut off at its output limit after this many items."""

    async def reply(exchange) -> None:
        said = items_of_lines(exchange)
        finish = "length" if said.count('"part_number"') > most else "stop"
        content = said if finish == "stop" else said[: len(said) // 2]
        await exchange.send(200, as_json(completion(exchange, content, finish=finish)))

    return reply


BEHAVIOURS["cut_off_beyond_12"] = cut_off_beyond(12)
says("price_list", lambda exchange: json.dumps({**json.loads(items_of_lines(exchange)), "intent": "supplier_offer"}))


def lazily(exchange) -> str:
    """Answers the first half of what the request asks for."""
    said = json.loads(items_of_lines(exchange))
    return json.dumps({**said, "line_items": said["line_items"][:20]})


says("lazy", lazily)


@behaviour("held_lines")
async def held(exchange) -> None:
    await exchange.let_go.wait()
    await BEHAVIOURS[BEHAVIOUR](exchange)
