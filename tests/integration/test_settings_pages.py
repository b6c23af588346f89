"""Audit and settings in a real Chromium: all tests share one console, browser and database."""

import contextlib
import csv
import io
import uuid

import pytest
import pytest_asyncio

from tests.conftest import connect_patiently
from tests.support.browser import STILL, browsing, log_in, serving_console

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
        context = await browser.new_context(**STILL, viewport={"width": 1280, "height": 900})
        first = await context.new_page()
        await log_in(first, url)
        yield first, url, db


@pytest_asyncio.fixture(loop_scope="module")
async def page(house):
    page = await house[0].context.new_page()
    page.set_default_timeout(60_000)
    complaints = []
    # The page shows a refusal; the browser logs its status, too.
    page.on("console", lambda message: "status of 4" in message.text or complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await page.close()
    assert complaints == []


async def shown(page) -> list[str]:
    rows = page.locator("tbody tr")
    return [" ".join((await rows.nth(n).inner_text()).split()) for n in range(await rows.count())]


async def test_the_audit_is_filtered_by_kind_actor_object_and_day_and_shows_old_values(house, page):
    _, url, db = house
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ('pipes') returning id")
    await db.execute("select ai.set_policy('max_attempts', '7', 'Grace <b>Hill</b>', 'slow model')")
    await db.execute("select ai.override_rfq($1, 'logistics', 'Ada Okoro', '=1+1')", rfq_id)

    await page.goto(f"{url}/audit?kind=policy&actor=Grace+%3Cb%3EHill%3C/b%3E")
    (row,) = await shown(page)
    assert "Grace <b>Hill</b> policy set max_attempts" in row
    assert "→ 7 slow model" in row
    await page.goto(f"{url}/audit?actor=Ada+Okoro&kind=override")
    (row,) = await shown(page)
    assert "logistics" in row
    await page.click(f"tbody a[href='/rfqs/{rfq_id}']")
    await page.wait_for_url(f"**/rfqs/{rfq_id}")
    for query, number in (
        (f"object={rfq_id}", 1),
        ("object=MAX_ATT&actor=Grace+%3Cb%3EHill%3C/b%3E", 1),
        ("object=max%25", 0),
        ("kind=policy&actor=Ada+Okoro", 0),
        ("to=2020-01-01", 0),
        ("from=2020-01-01&kind=policy&actor=Grace+%3Cb%3EHill%3C/b%3E", 1),
    ):
        await page.goto(f"{url}/audit?{query}")
        assert len(await shown(page)) == number, query
    refused = await page.goto(f"{url}/audit?from=2026-13-01&actor=somebody")
    assert refused.status == 400
    await page.wait_for_selector("text=Write the day as")
    assert await page.input_value("input[name=actor]") == "somebody"


async def test_the_audit_is_paged_by_key_and_exported_whole_in_harmless_cells(house, page):
    _, url, db = house
    await db.execute(
        "insert into ai.actions (actor, action, done_at) select 'Many', 'rerun', now() - interval '1 hour' "
        "from generate_series(1, 620)"
    )
    rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ('valves') returning id")
    await db.execute("select ai.override_rfq($1, 'logistics', 'Mia', '=2+2')", rfq_id)
    await page.goto(f"{url}/audit?actor=Many")
    seen = []
    while True:
        seen += await page.locator("tbody td.when").evaluate_all("cells => cells.map(cell => cell.title)")
        if not await page.locator("a:text('Older')").count():
            break
        await page.click("a:text('Older')")
        await page.wait_for_selector("a:text('Latest')")
    assert len(seen) == len(set(seen)) == 620

    assert (await page.request.get(f"{url}/audit/export.csv?separator=tab")).status == 400
    reply = await page.request.get(f"{url}/audit/export.csv?separator=comma")
    rows = list(csv.DictReader(io.StringIO((await reply.body()).decode("utf-8-sig"))))
    assert {row["entry"] for row in rows} >= set(seen)
    assert next(row for row in rows if row["rfq_id"] == str(rfq_id))["reason"] == "'=2+2"
    await page.goto(f"{url}/audit?kind=export")
    assert "Ada Okoro export" in (await shown(page))[0]


async def post(page, url: str, path: str, **fields: str):
    """Sends a form as a page does, with its token."""
    token = await page.locator("input[name=form_token]").first.get_attribute("value")
    return await page.request.post(url + path, form={"form_token": token, **fields}, max_redirects=0)


async def test_a_policy_is_set_with_a_reason_and_a_bad_value_keeps_typed_text(house, page):
    _, url, db = house
    await page.goto(f"{url}/settings")
    box = page.locator("#policy-retry_base_seconds")
    for typed, reported in (("abc", "use a number from 0.01 to 3600"), ("-1", "takes a number from 0.01 to 3600")):
        await box.locator("input[name=value]").fill(typed)
        await box.locator("input[name=reason]").fill("the model is slow")
        await box.locator("button").click()
        await page.wait_for_selector(f"#policy-retry_base_seconds .error:has-text('{reported}')")
        assert await box.locator("input[name=value]").input_value() == typed
        assert await box.locator("input[name=value]").get_attribute("aria-invalid") == "true"
        assert await box.locator("input[name=reason]").input_value() == "the model is slow"
    assert await db.fetchval("select value from ai.policy where key = 'retry_base_seconds'") == "15"
    await box.locator("input[name=value]").fill("20.5")
    await box.locator("button").click()
    await page.wait_for_selector("#policy-retry_base_seconds >> text=15 → 20.5, the model is slow")
    assert await db.fetchval("select value from ai.policy where key = 'retry_base_seconds'") == "20.5"

    zone = page.locator("#policy-budget_time_zone")
    await zone.locator("input[name=value]").fill("Mars/Olympus")
    await zone.locator("button").click()
    await page.wait_for_selector("#policy-budget_time_zone .error:has-text('not found')")
    # Without its consequences on the page, it is not set.
    assert await page.locator("#policy-mode form, #policy-active_prompt form").count() == 0


async def test_of_two_concurrent_changes_of_a_setting_the_second_reports_actor_and_value_of_the_first(house, page):
    _, url, db = house
    await page.goto(f"{url}/settings/policies")
    box = page.locator("#policy-max_attempts")
    was = await box.locator("input[name=value]").input_value()
    await db.execute("select ai.set_policy('max_attempts', '9', 'Grace Hill')")
    await box.locator("input[name=value]").fill("3")
    await box.locator("button").click()
    await page.wait_for_selector(f"#policy-max_attempts .error:has-text('Grace Hill set it to 9 (it was {was})')")
    assert await box.locator("input[name=value]").input_value() == "3"
    assert await db.fetchval("select value from ai.policy where key = 'max_attempts'") == "9"
    await box.locator("button").click()  # knowing it now
    await page.wait_for_selector("#policy-max_attempts >> text=9 → 3")

    seen = '{"most_in_flight": 1}'
    await db.execute("insert into ai.model_limits (provider, model, most_in_flight) values ('openai', 'm7', 4)")
    reply = await post(
        page, url, "/settings/limits", provider="openai", model="m7", seen=seen, most_in_flight="2", note="mine"
    )
    assert reply.status == 409
    assert "set it to" in await reply.text()
    assert 'value="mine"' in await reply.text()


async def test_rows_of_settings_are_added_changed_and_removed_and_refused_beside_the_field(house, page):
    _, url, db = house
    await page.goto(f"{url}/settings/limits")
    await page.click("#limits-new summary")
    new = page.locator("#limits-new")
    await new.locator("input[name=provider]").fill("openai")
    await new.locator("input[name=model]").fill("*")
    await new.locator("input[name=requests_per_minute]").fill("many")
    await new.locator("button").click()
    await page.wait_for_selector("#limits-new .error:has-text('Write a whole number')")
    assert await new.locator("input[name=requests_per_minute]").input_value() == "many"
    await new.locator("input[name=requests_per_minute]").fill("60")
    await new.locator("button").click()
    row = page.locator("details", has=page.locator("summary strong:text-is('openai *')"))
    await row.locator("summary").click()
    await row.locator("input[name=requests_per_minute]").fill("0")
    await row.locator("button:text('Set')").click()
    await page.wait_for_selector("text=A limit of zero would stop the model")
    await row.locator("input[name=requests_per_minute]").fill("90")
    await row.locator("input[name=reason]").fill("tier 2")
    await row.locator("button:text('Set')").click()
    await page.wait_for_selector("text=Calls per minute 90")
    await row.locator("summary").click()
    await row.locator("button:text('Remove')").click()
    await row.wait_for(state="detached")
    reported = await db.fetch(
        "select actor, old ->> 'requests_per_minute' as old, new ->> 'requests_per_minute' as new, reason "
        "from ai.setting_history where object = 'openai *' order by entry_id"
    )
    assert [tuple(one) for one in reported] == [
        ("Ada Okoro", None, "60", None),
        ("Ada Okoro", "60", "90", "tier 2"),
        ("Ada Okoro", "90", None, None),
    ]

    await page.goto(f"{url}/settings/routes")
    for form, status, text in (
        ({"slug": "Big Pumps", "description": "x"}, 400, "Lower case letters, digits"),
        ({"slug": "civil", "description": "x", "is_active": "1"}, 400, "This one exists already"),
        ({"slug": "pumps", "description": "Takes pumps.", "is_fallback": "1", "is_active": "1"}, 400, "At most one"),
        (
            {"slug": "pumps", "description": "Takes pumps.", "keywords": "pump^2\r\n\r\npomp*", "is_active": "1"},
            303,
            "",
        ),
    ):
        reply = await post(page, url, "/settings/routes", **form)
        assert (reply.status, text in await reply.text()) == (status, True), form
    assert await db.fetchval("select keywords from ai.routes where slug = 'pumps'") == ["pump^2", "pomp*"]

    reply = await post(page, url, "/settings/parameters", provider="openai", model="m1", temperature="9")
    assert (reply.status, "Temperature must be from 0 to 2" in await reply.text()) == (400, True)
    reply = await post(page, url, "/settings/parameters", provider="openai", model="m1", temperature="0.5")
    assert reply.status == 303
    assert await db.fetchval("select temperature from ai.model_parameters") == 0.5


async def test_prices_documents_and_webhooks_are_set_and_a_webhook_is_tested(house, page):
    _, url, db = house
    await page.goto(f"{url}/settings/prices")
    price = {"provider": "openai", "model": "m1", "input": "0,25", "output": "2"}
    reply = await post(page, url, "/settings/prices", **price)
    assert (reply.status, "0,25 is not an amount" in await reply.text()) == (400, True)
    reply = await post(page, url, "/settings/prices", **{**price, "input": "0.25"})
    assert reply.status == 303
    assert await db.fetchval("select set_by from ai.model_prices where model = 'm1'") == "Ada Okoro"

    document = {"kind": "rule", "title": "Who takes pumps", "body": "Mechanical takes pumps."}
    assert (await post(page, url, "/settings/documents", **document)).status == 303
    reply = await post(page, url, "/settings/documents", **document)
    assert (reply.status, "already exists" in await reply.text()) == (400, True)
    reply = await post(page, url, "/settings/documents", **{**document, "title": "", "body": "Other"})
    assert (reply.status, "This field is required" in await reply.text()) == (400, True)

    reply = await post(page, url, "/settings/webhooks", name="crm", format="json", is_active="1")
    assert (reply.status, "One of the allowed values" in await reply.text()) == (
        400,
        True,
    )  # no kind is chosen
    reply = await post(page, url, "/settings/webhooks", name="crm", format="json", is_active="1", kinds="failed")
    assert reply.status == 303
    await page.goto(f"{url}/settings/webhooks")
    await page.click("summary:has-text('crm')")
    await page.click("text=Send a test message")
    await page.wait_for_selector("text=1 waiting")
    assert await db.fetchval("select kind from ai.webhook_outbox") == "test"
    assert (
        await db.fetchval("select count(*) from ai.audit where kind in ('webhook', 'document') and actor = 'Ada Okoro'")
        == 3
    )
