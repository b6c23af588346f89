"""The recorded answers of tests/corpus/answers.jsonl: as a server sends them, and with planted mistakes."""

import copy
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from rfqflow.core.prompting import answer_schema
from rfqflow.core.records import Rfq, Route
from rfqflow.core.text.sanitize import fold

CORPUS = Path(__file__).parents[1] / "corpus"
_HELD_OUT = "89abcdef"  # first hexadecimal digits of the new RFQs that no developer looks at while tuning
_LEAST = 6  # letters of a quotation that spans two lines


@dataclass(frozen=True)
class Recorded:
    """An RFQ with its recorded answer; `mistake` names the mistake in it, and `wrong` the fields with mistakes."""

    case_id: str
    kind: str
    rfq: Rfq
    said: dict[str, Any]
    mistake: str | None = None
    wrong: tuple[str, ...] = ()
    held_out: bool = False

    @property
    def name(self) -> str:
        """Unique among all, and short enough for request_id."""
        return f"{self.case_id}.{self.mistake}" if self.mistake else self.case_id

    @cached_property
    def wire(self) -> dict[str, Any]:
        """The answer as a model sends it: quotations as numbers of lines."""
        answer = copy.deepcopy(self.said)
        lines = [(line.number, _squashed(line.text)) for line in self.rfq.reading.lines]
        for entry in (*answer["line_items"], *answer["cites"]):
            entry["lines"] = sorted(
                {number for quote in entry["lines"] for number in _numbers(_squashed(quote), lines)}
            )
        return answer


def written(wire: dict[str, Any], order: str | None = None) -> str:
    """The answer as a model that must follow the schema of this order writes it; None: the order as recorded."""
    if order is None:
        return json.dumps(wire, ensure_ascii=False)
    fields = answer_schema.schema((Route("any", ""),), order)["properties"]
    return json.dumps({name: wire[name] for name in fields if name in wire}, ensure_ascii=False)


def recorded() -> Iterator[Recorded]:
    """Every recorded answer, each followed by its mistakes."""
    rfqs = {row["id"]: row for row in _rows("rfqs_dev.jsonl")}
    for case in _rows("answers.jsonl"):
        row = rfqs[case["rfq"]] if "rfq" in case else case
        rfq = Rfq(
            UUID(int=0), case["id"], row["message"], name=row.get("name"), email=row.get("email"),
            company=row.get("company"), phone=row.get("phone"), received=dt.date.fromisoformat(case["received"]),
        )  # fmt: skip
        held_out = "rfq" not in case and hashlib.sha256(case["id"].encode()).hexdigest()[0] in _HELD_OUT
        yield Recorded(case["id"], case["kind"], rfq, case["answer"], held_out=held_out)
        for mistake in case.get("mistakes", ()):
            said = _patched(case["answer"], mistake["patch"])
            yield Recorded(
                case["id"], case["kind"], rfq, said, mistake["name"], tuple(mistake["wrong"]), held_out=held_out
            )


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / name).read_text("utf-8").splitlines()]


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))


def _numbers(quote: str, lines: list[tuple[int, str]]) -> list[int]:
    """The numbers of the lines that hold a quotation."""
    for number, text in lines:
        if quote and quote in text:
            return [number]
    found: list[int] = []
    for number, text in lines:
        shared = next((n for n in range(min(len(text), len(quote)), _LEAST - 1, -1)
                       if quote.startswith(text[-n:]) or (found and text.startswith(quote[:n]))), 0)  # fmt: skip
        if shared:
            found.append(number)
            quote = quote[shared:]
        if not quote:
            break
    return found


def _patched(answer: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(answer)
    for path, value in patch.items():
        *way, last = re.findall(r"[^.\[\]]+", path)
        place: Any = changed
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        if not last.isdigit():
            place[last] = value
        elif int(last) < len(place):
            place[int(last)] = value
        else:
            place.append(value)
    return changed
