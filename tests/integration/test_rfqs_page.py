"""The list of RFQs in a real Chromium: chips, new RFQs, and actions on many.

All tests share one console, browser and database.
"""

import asyncio
import contextlib
import re
import uuid

import pytest
import pytest_asyncio

from tests.conftest import connect_patiently
from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.health_states import STATES

pytestmark = pytest.mark.asyncio(loop_scope="module")
DEFERRED = (
    "with gone as (delete from ai.outbox where rfq_id = any ($1) returning *) insert into ai.outbox_deferred "
    "(rfq_id, enqueued_at, due_at, attempt, reason) select rfq_id, enqueued_at, now() + interval '1 day', 0, $2 from gone"
)
DEAD = (
    "with gone as (delete from ai.outbox where rfq_id = any ($1) returning *), recorded as (insert into ai.rag_runs "
    "(rfq_id, attempt, status, error_class, model, prompt_version, cost_usd) "
    "select rfq_id, 5, 'failed', 'invalid_output', 'm9', 'rfq@9', 0.002 from gone) insert into ai.outbox_dead "
    "(rfq_id, enqueued_at, attempt, reason, error_class) select rfq_id, enqueued_at, 5, 'invalid_output', "
    "'invalid_output' from gone"
)


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
        context = await browser.new_context(**STILL, viewport={"width": 1280, "height": 900})
        first = await context.new_page()
        await log_in(first, url)
        yield first, url, db, browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(house):
    first, _, db, _ = house
    page = await first.context.new_page()
    page.set_default_timeout(60_000)
    complaints = []
    # The page shows a refusal; the browser logs its status, too.
    page.on("console", lambda message: "status of 4" in message.text or complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await page.close()
    await db.execute(
        "delete from ai.outbox; delete from ai.outbox_deferred; delete from ai.outbox_dead; delete from ai.overrides; "
        "delete from ai.actions; delete from public.rfq_requests"
    )
    assert complaints == []


async def add(db, *companies: str) -> list[uuid.UUID]:
    return [
        await db.fetchval("insert into public.rfq_requests (company, message) values ($1, 'pipes') returning id", one)
        for one in companies
    ]


async def listed(page) -> list[str]:
    return sorted(await page.locator("tbody .from").all_inner_texts())


async def becomes(page, expression: str) -> None:
    async with asyncio.timeout(60):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)


async def test_chips_narrow_the_list_together_stand_in_the_address_and_can_be_removed_singly(house, page):
    _, url, db, _ = house
    due, poor, waiting, dead = await add(db, "Due", "Poor", "Waiting", "Dead")
    await db.execute(DEFERRED, [poor], "budget")
    await db.execute(DEFERRED, [waiting], "rate_limit")
    await db.execute(DEAD, [dead])
    # Waiting RFQs of any age are listed.
    await db.execute("update public.rfq_requests set created_at = now() - interval '90 days' where id = $1", poor)

    await page.goto(f"{url}/rfqs?status=deferred&reason=budget")
    assert await listed(page) == ["Poor"]
    assert await page.locator(".chip.on").count() == 2
    assert await page.locator("nav.chips .chip", has_text="deferred").text_content() == "deferred 2"
    await page.click("[aria-label='Without reason: budget']")
    await page.wait_for_url("**/rfqs?status=deferred")
    assert await listed(page) == ["Poor", "Waiting"]
    await page.click("nav.chips a:has-text('rate limit')")
    await page.wait_for_url("**reason=rate_limit**")
    assert await listed(page) == ["Waiting"]

    for query in ("status=failed", "error=invalid_output", "model=m9", "prompt=rfq%409&reason=invalid_output"):
        await page.goto(f"{url}/rfqs?{query}")
        assert await listed(page) == ["Dead"], query
    for query in ("error=timeout", "model=m8", "prompt=rfq%408", "status=failed&reason=timeout"):
        await page.goto(f"{url}/rfqs?{query}")
        assert await listed(page) == [], query
    assert due


async def test_new_rfqs_are_counted_and_move_no_row_until_asked_for(house, page):
    _, url, db, _ = house
    await add(db, "One", "Two")
    await page.goto(f"{url}/rfqs")
    await becomes(page, "document.querySelector('[data-pulse]').innerText === 'Live'")
    await page.check("tbody tr:nth-child(2) input")
    await add(db, "Three", "Four")

    await becomes(page, "document.querySelector('[data-news]').innerText === '2 new'")
    assert await listed(page) == ["One", "Two"]
    await page.click("[data-news]")
    assert await listed(page) == ["Four", "One", "Three", "Two"]
    assert await page.locator("tbody input:checked").count() == 1


async def test_selected_rfqs_are_rerun_once_with_count_and_cost_and_a_second_operator_learns_who_was_first(house, page):
    _, url, db, browser = house
    dead = await add(db, "A", "B", "C")
    await db.execute(DEAD, dead)
    await page.goto(f"{url}/rfqs?status=failed")
    await page.check("tbody tr:nth-child(1) input")
    await page.click("button:text('Rerun…')")
    await page.wait_for_selector("h1:text('Rerun 1 RFQ?')")
    assert "cost" in await page.inner_text("section.ask")

    other = await (await browser.new_context(**STILL)).new_page()
    await log_in(other, url, "Grace Hill")
    await other.goto(f"{url}/rfqs?status=failed")
    await other.check("[data-check-all]")
    await other.click("button:text('Rerun…')")
    await other.wait_for_selector("h1:text('Rerun 3 RFQs?')")
    assert await db.fetchval("select count(*) from ai.outbox") == 0

    await page.fill("input[name=reason]", "the schema is mended")
    await page.click("button:text('Rerun 1 RFQ')")
    await page.wait_for_selector("text=Rerun: 1 of 1 RFQs")
    await other.fill("input[name=reason]", "again")
    await other.click("button:text('Rerun 3 RFQs')")
    reported = await other.inner_text("[role=alert]")
    assert re.search(r"You confirmed 3; now there are 2 RFQs.*Ada Okoro: rerun, 1 RFQ", reported), reported
    assert await other.input_value("input[name=reason]") == "again"
    assert await db.fetchval("select count(*) from ai.outbox") == 1
    await other.click("button:text('Rerun 2 RFQs')")
    await other.wait_for_selector("text=Rerun: 2 of 2 RFQs")
    assert await db.fetchval("select count(*) from ai.outbox") == 3
    noted = await db.fetch(
        "select actor, detail ->> 'reason' as why from ai.actions where action = 'rerun' order by id"
    )
    assert [tuple(row) for row in noted] == [("Ada Okoro", "the schema is mended"), *[("Grace Hill", "again")] * 2]
    await other.context.close()


async def test_all_rfqs_of_a_filter_are_discarded_with_a_reason_except_later_ones(house, page):
    _, url, db, _ = house
    ids = await add(db, *(f"Firm {n}" for n in range(60)))
    await db.execute(DEFERRED, ids, "budget")
    await page.goto(f"{url}/rfqs?status=deferred&reason=budget")
    await page.select_option("select[name=scope]", "filter")
    await page.click("button:text('Discard…')")
    await page.wait_for_selector("h1:text('Discard 60 RFQs?')")
    await page.click("button:text('Discard 60 RFQs')")
    await page.wait_for_selector("text=Give a reason")  # and nothing is done
    late = await add(db, "Late")
    await db.execute(DEFERRED, late, "budget")
    await db.execute("select ai.rerun_rfq($1)", ids[0])
    await page.fill("input[name=reason]", "a test of the form")
    await page.click("button:text('Discard 60 RFQs')")
    await page.wait_for_selector("text=You confirmed 60; now there are 59 RFQs")
    assert await page.input_value("input[name=reason]") == "a test of the form"
    await page.click("button:text('Discard 59 RFQs')")
    await page.wait_for_selector("text=Discarded: 59 of 59 RFQs")
    left = await db.fetch("select ai_reason, count(*) from ai.rfq_status group by 1 order by 2 desc")
    assert {row["ai_reason"]: row["count"] for row in left} == {"discarded": 59, "budget": 1, None: 1}
    await page.click("text=Back to the list")
    await page.wait_for_url("**/rfqs?status=deferred&reason=budget")


async def test_selected_rfqs_are_overridden_and_a_missing_route_is_requested_beside_its_field(house, page):
    _, url, db, _ = house
    await add(db, "One", "Two")
    await page.goto(f"{url}/rfqs")
    await page.click("button:text('Override…')")
    await page.wait_for_selector("text=No RFQ is selected")
    await page.click("text=Back to the list")
    await page.check("[data-check-all]")
    await page.click("button:text('Override…')")
    await page.fill("input[name=reason]", "they are freight")
    await page.click("button:text('Override 2 RFQs')")
    await page.wait_for_selector("#problem-route")
    assert await page.input_value("input[name=reason]") == "they are freight"
    await page.select_option("select[name=route]", "logistics")
    await page.click("button:text('Override 2 RFQs')")
    await page.wait_for_selector("text=Overridden: 2 of 2 RFQs")
    rows = await db.fetch("select route, actor, reason from ai.overrides")
    assert {tuple(row) for row in rows} == {("logistics", "Ada Okoro", "they are freight")}


async def test_an_rfq_names_the_cap_that_it_waits_for_with_its_level_and_links_to_where_it_is_raised(house, page):
    _, url, db, _ = house
    await STATES["budget_spent"].bring_about(db)
    rfq_id = await db.fetchval("select rfq_id from ai.outbox_deferred where reason = 'budget' limit 1")
    await page.goto(f"{url}/rfqs/{rfq_id}")
    reported = await page.locator(".cause").inner_text()
    assert "Waits:" in reported
    assert "all calls (global) a day is spent: 4.84 of 5.00 USD" in reported
    await page.click(".cause a:text('Raise the cap')")
    await page.click("main button:text('Set the cap')")
    await page.wait_for_selector("p.said")
    assert await db.fetchval("select due_at <= now() from ai.outbox_deferred where rfq_id = $1", rfq_id) is not False
    await page.goto(f"{url}/budgets")
    assert "Ada Okoro" in await page.locator("main").inner_text()


async def test_a_failed_rfq_shows_the_models_words_and_links_to_similar_failures(house, page):
    _, url, db, _ = house
    one, other = await add(db, "One", "Other")
    await db.execute(DEAD, [one, other])
    detail = "line_items.0.quantity_max: extra inputs are not permitted"
    await db.execute("update ai.rag_runs set error_detail = $2 where rfq_id = $1", one, detail)
    await page.goto(f"{url}/rfqs/{one}")
    assert "Failed:" in await page.locator(".cause").inner_text()
    assert detail in await page.locator(".timeline").inner_text()
    zone = await page.evaluate("new Date().toLocaleTimeString('en', {timeZoneName: 'short'}).split(' ').pop()")
    for when in await page.locator("main time[data-show=full]").all_inner_texts():
        assert when.endswith(f" {zone}"), when
    await page.click(".cause a:text('RFQs that failed for the same cause')")
    await page.wait_for_url("**/failures?cause=invalid_output")
    reported = await page.locator("main").inner_text()
    assert "One" in reported
    assert "Other" in reported


async def test_of_two_people_who_route_one_rfq_the_second_gets_a_conflict_and_keeps_the_input(house, page):
    _, url, db, _ = house
    (rfq_id,) = await add(db, "One")
    await db.execute("select ai.override_rfq($1, 'civil', 'Grace Hill')", rfq_id)
    await db.execute("select ai.withdraw_override($1, 'Grace Hill')", rfq_id)
    await page.goto(f"{url}/rfqs/{rfq_id}")
    await db.execute("select ai.override_rfq($1, 'mechanical', 'Grace Hill')", rfq_id)
    await page.select_option("form[action$=override] select", "logistics")
    await page.fill("form[action$=override] input[name=reason]", "it is freight")
    await page.click("button:text('Override') >> visible=true")
    await page.wait_for_selector("[role=alert]:has-text('Grace Hill set the route to mechanical')")
    assert await page.input_value("form[action$=override] input[name=reason]") == "it is freight"
    assert await page.input_value("form[action$=override] select") == "logistics"
    assert await db.fetchval("select route from ai.rfq_status where rfq_id = $1", rfq_id) == "mechanical"
    await page.click("button:text('Override') >> visible=true")
    await page.wait_for_selector("text=The route is set by hand")
    assert await db.fetchval("select route from ai.rfq_status where rfq_id = $1", rfq_id) == "logistics"

    # At the very same moment, only one of the two succeeds.
    token = await page.locator("input[name=form_token]").first.get_attribute("value")
    seen = await page.locator("form[action$=override] input[name=seen]").get_attribute("value")
    form = {"form_token": token, "seen": seen}
    replies = await asyncio.gather(*(
        page.request.post(f"{url}/rfqs/{rfq_id}/override", form={**form, "route": route}, max_redirects=0)
        for route in ("civil", "general", "process")
    ))  # fmt: skip
    assert sorted(reply.status for reply in replies) == [303, 409, 409]
