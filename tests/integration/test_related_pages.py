"""Related RFQs where people read them: on the desk, on the page of an RFQ, and in `rfqflow show`.

A worker finds them after plain INSERTs.
"""

import contextlib
import json
import uuid

import pytest
import pytest_asyncio

from rfqflow.database.connection import connect
from tests.support.answered_rfqs import answered, item
from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.mapped_tables import rfqflow
from tests.support.page_checks import CONTRAST, NAMELESS

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINE = ".related >> text=quantity 250 → 400"


@pytest.fixture(scope="module")
def database(server_databases, template):
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name, template)
    server_databases.drop(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def db(database):
    db = await connect(database)
    yield db
    db.terminate()


async def versions(db, email):
    """Two versions of an RFQ."""
    ids = []
    for days, quantity in ((3, "250"), (0, "400")):
        rfq = await answered(db, f"{quantity} impellers", company=f"Version {quantity}")
        await db.execute(
            "update public.rfq_requests set email = $2, created_at = now() - make_interval(days => $3) where id = $1",
            rfq,
            email,
            days,
        )
        await db.execute(
            "update ai.rfqs set ai_extracted = $2 where rfq_id = $1", rfq,
            json.dumps({"line_items": [item("Impeller <b>", quantity, part_number="AX-1002")]}),
        )  # fmt: skip
        ids.append(rfq)
    return ids


async def test_the_desk_and_the_page_of_an_rfq_link_to_the_other_version_and_back(db, database):
    first, second = await versions(db, "eva@acme-pumps.example")
    async with contextlib.AsyncExitStack() as stack:
        browser = await stack.enter_async_context(browsing())
        url = await stack.enter_async_context(serving_console(database))
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "base_url": url, **STILL})
        page = await context.new_page()
        page.set_default_timeout(40_000)
        await log_in(page, url, "Ada Okoro")
        await page.goto(f"/desk/{first}?state=all")
        await page.goto(f"/desk/{second}?state=all")
        assert "Revision of Version 250" in await page.inner_text(".desk-rfq .related")
        assert await page.evaluate(CONTRAST) == []
        assert await page.evaluate(NAMELESS) == []
        await page.click(".desk-rfq .related a")
        await page.wait_for_selector(".desk-rfq .related >> text=Revised by")
        assert "state=all" in page.url
        await page.wait_for_selector(LINE)
        await page.goto(f"/rfqs/{first}")
        await page.click("[data-part=rfq_related] a")
        await page.wait_for_url(f"**/rfqs/{second}")
        await page.wait_for_selector("[data-part=rfq_related] >> text=Revision of")
        await page.wait_for_selector(LINE)


async def test_a_worker_finds_the_replies_and_versions_of_mails_and_show_names_them(db, database):
    texts = ("Please quote 250 pcs impeller BX-2002, stainless steel 1.4404, delivery to Graz.",
             "Please quote 400 pcs impeller BX-2002, stainless steel 1.4404, delivery to Graz.")  # fmt: skip
    ids = [
        await db.fetchval(
            "insert into public.rfq_requests (email, message, metadata) values ('bo@nordwind.example', $1, $2) returning id",
            text, json.dumps({"message_id": f"<{number}@nordwind>", "in_reply_to": f"<{number - 1}@nordwind>"}),
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    for command in ("run", "--drain"), ("maintain",):
        done = rfqflow(*command, dsn=database, RFQFLOW_PROVIDER="rules")
        assert done.returncode == 0, done.stderr
    related = json.loads(rfqflow("show", str(ids[1]), "--json", dsn=database).stdout)["related"]

    assert {(one["rfq_id"], one["kind"], one["is_later"]) for one in related} == {
        (str(ids[0]), "thread", False), (str(ids[0]), "revision", False),
    }  # fmt: skip
    shown = rfqflow("show", str(ids[0]), dsn=database, COLUMNS="300").stdout
    assert "Revised by" in shown
    assert "quantity 250 → 400" in shown
