"""Lists of any length, from the insert to the stored items: nothing is cut silently, by the rules or by a model."""

import json
import re
from decimal import Decimal

import pytest

from rfqflow.llm.openai import OpenAIProvider
from tests.support.long_lists import ANSWER, asked_lines, unclear
from tests.support.model_behaviours import BEHAVIOURS, says
from tests.support.model_server import ModelServer
from tests.support.worker_harness import until, working

BEHAVIOUR = "some_of_the_rows"
MOST_ANSWERED = 20
CLEAR = "Part\tDescription\tQty\tUnit\n{rows}"


def clear_row(number: int) -> str:
    return f"PX-{1000 + number}\tsleeve of size {number}\t{number + 3}\tpcs"


def some_rows(exchange) -> str:
    """The first rows in the model's request, each with its line."""
    first, last = asked_lines(exchange.body) or (1, 100_000)
    found = re.findall(r"^(\d+)\| .*?(PX-\d+)\W.*?(\d+)\W+pcs", exchange.body["messages"][-1]["content"], re.MULTILINE)
    found = [each for each in found if first <= int(each[0]) <= last][:MOST_ANSWERED]
    items = [
        {"description": f"sleeve {part}", "quantity": int(count), "quantity_max": None, "unit": "pcs", "part_number": part,
         "revision": None, "material": None, "standards": [], "lines": [int(line)]}
        for line, part, count in found
    ]  # fmt: skip
    return json.dumps({**ANSWER, "line_items": items})


@pytest.fixture
async def answered(database, db):
    """Enriches texts with a model that answers some rows; returns the stored answers, in order."""
    if BEHAVIOUR not in BEHAVIOURS:
        says(BEHAVIOUR, some_rows)

    async def enrich(*messages: str) -> list[dict]:
        async with ModelServer(default=BEHAVIOUR) as server:
            provider = OpenAIProvider(model="m", base_url=server.url, price=lambda _model, _usage: (Decimal(0), "free"))
            async with working(database, provider, poll_seconds=0.2):
                for number, message in enumerate(messages):
                    await db.execute(
                        "insert into public.rfq_requests (request_id, message) values ($1, $2)",
                        f"list-{number}",
                        message,
                    )
                await until(
                    lambda: db.fetchval(
                        "select not exists (select from public.rfq_requests where ai_status in ('pending', 'deferred'))"
                    ),
                    180,
                )
            await provider.aclose()
        rows = await db.fetch(
            "select ai_status, ai_review, ai_extracted::text as extracted from public.rfq_requests order by request_id"
        )
        return [{**dict(row), **json.loads(row["extracted"])} for row in rows]

    return enrich


@pytest.mark.timeout(240)
async def test_every_row_of_a_clear_list_is_stored_however_few_the_model_answers(answered):
    lengths = (60, 300, 1_000)
    stored = await answered(*(CLEAR.format(rows="\n".join(map(clear_row, range(length)))) for length in lengths))

    for length, row in zip(lengths, stored, strict=True):
        assert (row["ai_status"], row["ai_review"]) == ("done", None)
        wanted = [(f"PX-{1000 + number}", number + 3) for number in range(length)]
        assert [(item["part_number"], Decimal(str(item["quantity"]))) for item in row["line_items"]] == wanted
        by_rule = [fact for fact, found in row["checks"].items() if found.get("why") == "by_rule"]
        assert length - MOST_ANSWERED <= len(by_rule) < length


@pytest.mark.timeout(240)
async def test_rows_that_neither_rules_nor_model_read_are_counted(answered):
    """The model answers the first half of each part."""
    lengths = (60, 300, 1_000)
    stored = await answered(*map(unclear, lengths))

    for length, row in zip(lengths, stored, strict=True):
        assert (row["ai_status"], row["ai_review"]) == ("done", "items_incomplete")
        read = sum(min(MOST_ANSWERED, length - at) for at in range(0, length, 40))
        assert len(row["line_items"]) == read
        assert row["checks"]["line_items"]["count"] == length - read
