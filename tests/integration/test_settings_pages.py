"""Audit and settings in a real Chromium: one console, browser and database for all of it."""

import contextlib
import csv
import io
import uuid

import pytest
import pytest_asyncio

from tests.conftest import connect_patiently
from tests.support.browser import browsing, log_in, serving_console

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server_databases, template):
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    database = server_databases.create(name, template)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(server_databases.drop, name)
        browser = await stack.enter_async_context(browsing())
        db = await connect_patiently(database)
        stack.push_async_callback(db.close)
        url = await stack.enter_async_context(serving_console(database))
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        first = await context.new_page()
        await log_in(first, url)
        yield first, url, db


@pytest_asyncio.fixture(loop_scope="module")
async def page(house):
    page = await house[0].context.new_page()
    page.set_default_timeout(60_000)
    complaints = []
    # A refusal is told on the page; the browser notes its status as well.
    page.on("console", lambda message: "status of 4" in message.text or complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await page.close()
    assert complaints == []


async def shown(page) -> list[str]:
    rows = page.locator("tbody tr")
    return [" ".join((await rows.nth(n).inner_text()).split()) for n in range(await rows.count())]


async def test_the_audit_is_filtered_by_kind_actor_object_and_day_and_says_what_was_there_before(house, page):
    _, url, db = house
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ('pipes') returning id")
    await db.execute("select ai.set_policy('max_attempts', '7', 'Grace <b>Hill</b>', 'slow model')")
    await db.execute("select ai.override_rfq($1, 'logistics', 'Ada Okoro', '=1+1')", rfq_id)

    await page.goto(f"{url}/audit?kind=policy")
    (row,) = await shown(page)
    assert "Grace <b>Hill</b> policy set max_attempts 5 → 7 slow model" in row
    await page.goto(f"{url}/audit?actor=Ada+Okoro&kind=override")
    (row,) = await shown(page)
    assert "logistics" in row
    await page.click(f"tbody a[href='/rfqs/{rfq_id}']")
    await page.wait_for_url(f"**/rfqs/{rfq_id}")
    for query, number in (
        (f"object={rfq_id}", 1),
        ("object=MAX_ATT", 1),
        ("object=max%25", 0),
        ("kind=policy&actor=Ada+Okoro", 0),
        ("to=2020-01-01", 0),
        ("from=2020-01-01&kind=policy", 1),
    ):
        await page.goto(f"{url}/audit?{query}")
        assert len(await shown(page)) == number, query
    refused = await page.goto(f"{url}/audit?from=2026-13-01&actor=somebody")
    assert refused.status == 400
    await page.wait_for_selector("text=A day is written like")
    assert await page.input_value("input[name=actor]") == "somebody"


async def test_the_audit_goes_on_by_key_and_is_exported_whole_in_harmless_cells(house, page):
    _, url, db = house
    await db.execute(
        "insert into ai.actions (actor, action, done_at) select 'Many', 'rerun', now() - interval '1 hour' "
        "from generate_series(1, 620)"
    )
    await page.goto(f"{url}/audit?actor=Many")
    seen = []
    while True:
        seen += await page.locator("tbody td.when").evaluate_all("cells => cells.map(cell => cell.title)")
        if not await page.locator("a:text('Older')").count():
            break
        await page.click("a:text('Older')")
        await page.wait_for_selector("a:text('Latest')")
    assert len(seen) == len(set(seen)) == 620

    reply = await page.request.get(f"{url}/audit/export.csv?separator=comma")
    rows = list(csv.DictReader(io.StringIO((await reply.body()).decode("utf-8-sig"))))
    assert {row["entry"] for row in rows} >= set(seen)
    assert next(row for row in rows if row["kind"] == "override")["reason"] == "'=1+1"
    await page.goto(f"{url}/audit?kind=export")
    assert "Ada Okoro export" in (await shown(page))[0]
