"""The desk in a real Chromium: all tests share one console, one browser and one database."""

import asyncio
import contextlib
import datetime as dt
import uuid

import pytest
import pytest_asyncio

from tests.conftest import connect_patiently
from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.desk_rfqs import every_state, routine, write

pytestmark = pytest.mark.asyncio(loop_scope="module")
WIDTHS = (320, 700, 768, 860, 1440)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server_databases, template):
    """A browser, the console's address, a session, and the ids of each state's RFQ."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    database = server_databases.create(name, template)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(server_databases.drop, name)
        browser = await stack.enter_async_context(browsing())
        db = await connect_patiently(database)
        stack.push_async_callback(db.close)
        ids = await write(
            db, [*every_state(dt.datetime.now(dt.UTC).date(), lines=40), *(routine(n) for n in range(60))]
        )
        url = await stack.enter_async_context(serving_console(database))
        yield browser, url, db, ids


@pytest_asyncio.fixture(loop_scope="module")
async def page(house):
    browser, url, *_ = house
    context = await browser.new_context(**STILL, viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(60_000)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await log_in(page, url)
    yield page
    await context.close()
    assert complaints == []


async def becomes(page, expression: str) -> None:
    """Polls from here until it is true: the page's own policy forbids the browser to evaluate expressions."""
    async with asyncio.timeout(60):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)


async def test_a_filter_is_in_the_address_and_stays_when_an_rfq_is_opened_and_closed(house, page):
    _, url, _, ids = house
    await page.goto(url + "/desk")
    await page.click(".tabs a:has-text('mechanical')")
    await page.check("input[name=urgent]")
    await page.select_option("select[name=sort]", "quote_by")
    await page.click("form.desk-filters button:text('Show')")
    await page.wait_for_url("**urgent=1**")
    listed = page.url
    assert "route=mechanical" in listed
    assert "sort=quote_by" in listed
    assert await page.locator(".desk-rows tbody tr").count() == 2

    await page.click(".desk-rows tbody tr:nth-child(1) .from a")
    await page.wait_for_url(f"**/desk/{ids[0]}?**")
    await page.click("[data-next]")
    await page.wait_for_url(f"**/desk/{ids[1]}?**")
    assert await page.locator("[data-next]").count() == 0  # the filter matches two RFQs
    assert await page.locator(f"tr#rfq-{ids[1]}[aria-current]").count() == 1
    await page.go_back()
    await page.go_back()
    assert page.url == listed
    await page.go_forward()
    await page.wait_for_url(f"**/desk/{ids[0]}?**urgent=1**")
    assert await page.is_checked("input[name=urgent]")
    assert await page.input_value("select[name=sort]") == "quote_by"


async def test_the_next_page_stays_when_an_rfq_on_it_is_opened(house, page):
    _, url, _, _ = house
    await page.goto(url + "/desk?route=general")
    await page.click("a:text('Show the next 50')")
    await page.wait_for_url("**after=**")
    listed = page.url
    await page.click(".desk-rows tbody tr:nth-child(2) .from a")
    await page.wait_for_selector(".desk-rows tr[aria-current]:nth-child(2)")
    await page.keyboard.press("k")
    await page.wait_for_selector(".desk-rows tr[aria-current]:nth-child(1)")
    await page.set_viewport_size({"width": 768, "height": 900})
    await page.click("text=Back to the list")
    await page.wait_for_url(listed)
    assert await page.evaluate("document.activeElement.closest('tr').rowIndex") == 1  # the RFQ that was open


async def test_keys_work_the_desk_and_do_nothing_while_a_person_types(house, page):
    _, url, _, ids = house
    await page.goto(url + "/desk")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/desk/{ids[0]}")
    assert await page.evaluate("document.activeElement.dataset.part") == "desk_detail"
    await page.keyboard.press("j")
    await page.wait_for_url(f"**/desk/{ids[1]}")
    await page.keyboard.press("k")
    await page.wait_for_url(f"**/desk/{ids[0]}")

    for key in ("a", "r"):
        await page.keyboard.press(key)
        named = await page.evaluate("document.activeElement.closest('[data-key]')?.dataset.key")
        assert named == key
        await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await becomes(page, "document.activeElement.matches('[data-part=desk_detail] :is(input, textarea, select)')")
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("jkear?")
    assert await page.input_value("input[name=q]") == "jkear?"
    assert page.url.endswith(str(ids[0]))
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    assert await page.locator("dialog[open] >> text=Assign").count() == 1
    await page.keyboard.press("Escape")
    await page.click("[data-help]")
    assert await page.locator("dialog[open]").count() == 1


async def test_an_update_keeps_typed_text_focus_selection_and_scroll(house, page):
    _, url, db, ids = house
    await page.set_viewport_size({"width": 1100, "height": 500})
    await page.goto(f"{url}/desk/{ids[1]}")
    await page.keyboard.press("a")
    version = await page.evaluate("document.activeElement.form.elements.version.value")
    await page.keyboard.type("Ada Okoro")
    await page.evaluate("document.activeElement.setSelectionRange(2, 5)")
    await page.evaluate("window.scrollTo(0, 90); document.querySelector('.desk-list').scrollTop = 130")

    await db.execute("select ai.note_rfq($1, 'called them', 'Bo Lind')", ids[1])
    await db.execute("select ai.assign_rfq($1, 'Bo Lind', 'Bo Lind')", ids[1])
    await page.wait_for_selector(f"tr#rfq-{ids[1]} .owner >> text=Bo Lind")
    await page.wait_for_selector("[data-part=desk_detail] >> text=called them")
    assert (
        await page.evaluate("document.activeElement.form.elements.version.value") == version
    )  # the text was typed on that RFQ
    about = await page.evaluate(
        "[document.activeElement.value, document.activeElement.selectionStart, document.activeElement.selectionEnd, "
        "window.scrollY, document.querySelector('.desk-list').scrollTop]"
    )
    assert about == ["Ada Okoro", 2, 5, 90, 130]


async def test_new_rows_wait_until_the_reader_asks_for_them(house, page):
    _, url, db, _ = house
    await page.goto(url + "/desk?route=general")
    await page.focus(".desk-rows tr:nth-child(3) .from a")
    order = "[...document.querySelectorAll('.desk-rows tbody tr')].map((row) => row.id).join()"
    before = await page.evaluate(order)
    await becomes(page, "document.querySelector('[data-pulse]').dataset.state === 'live'")
    new = {**routine(99), "company": "Brand New Ltd", "ai_urgency": "critical"}
    (rfq_id,) = await write(db, [new])
    await page.wait_for_selector("[data-news] >> text=1 new")
    assert await page.evaluate(order) == before
    assert await page.evaluate("document.activeElement.closest('tr')?.rowIndex") == 3
    await page.click("[data-news]")
    assert await page.evaluate("document.activeElement.closest('tr')?.id") == f"rfq-{rfq_id}"
    assert not await page.is_visible("[data-news]")


async def test_without_scripts_the_desk_is_plain_links(house):
    browser, url, _, ids = house
    context = await browser.new_context(**STILL, java_script_enabled=False)
    page = await context.new_page()
    await log_in(page, url)
    await page.goto(url + "/desk?urgent=1")
    await page.click(f"tr#rfq-{ids[0]} .from a")
    await page.wait_for_url(f"**/desk/{ids[0]}?urgent=1")
    await page.click("[data-next]")
    await page.wait_for_url(f"**/desk/{ids[1]}?urgent=1")
    assert await page.locator("[data-next]").count() == 0
    await context.close()


async def test_no_page_scrolls_sideways_at_any_width(house, page):
    _, url, _, ids = house
    desk = ["/desk", "/desk?q=nothing-fits", *(f"/desk/{one}" for one in ids[:6])]
    others = [
        "/",
        "/rfqs",
        f"/rfqs/{ids[0]}",
        "/failures",
        "/budgets",
        "/settings/routes",
        "/plots",
        "/prompts",
        "/overrides",
    ]
    wide = []
    for path in [*desk, *others]:
        await page.goto(url + path)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            needed = await page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                wide.append((path, width, needed))
    assert wide == []
