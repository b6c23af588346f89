"""Model servers that get pictures: a server that reads them, and servers that refuse them as real ones do."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.model_behaviours import BEHAVIOURS, says
from tests.support.model_exchange import Exchange, answer_for

REFUSALS = {
    "pictures_not_for_model": (400, "Invalid content type. image_url is only supported by certain models."),
    "pictures_too_large": (413, "Request entity too large"),
    "pictures_unclear": (400, "The request could not be processed"),
}
LEARNT = "pictures_not_for_model"  # the model takes no pictures; the other messages refuse this call alone


def _refusing(name: str, status: int, words: str) -> None:
    async def reply(exchange: Exchange) -> None:
        if exchange.pictures:
            await exchange.error(status, None, words)
        else:
            await BEHAVIOURS["ok"](exchange)

    BEHAVIOURS[name] = reply


for _name, (_status, _words) in REFUSALS.items():
    _refusing(_name, _status, _words)


def _reading(exchange: Exchange) -> str:
    answer: dict[str, Any] = answer_for(exchange)
    if exchange.pictures:
        asked = next(each["content"] for each in exchange.body["messages"] if isinstance(each["content"], list))
        labels = " ".join(part["text"] for part in asked[1:] if part["type"] != "image" and "text" in part)
        lines = [int(number) for number in re.findall(r"cite line (\d+)", labels)]
        answer["line_items"] = [
            {
                "description": "Gasket", "quantity": 30, "quantity_max": None, "unit": "pcs", "part_number": "SC-10",
                "revision": None, "material": None, "standards": [], "lines": lines[:1],
            }
        ]  # fmt: skip
    return json.dumps(answer)


says("reads_pictures", _reading)
