"""Every page of the console says what is wrong. Without the database, it says how old its data is."""

import asyncio

from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.proxy import Proxy

PAGES = ("/", "/desk", "/rfqs", "/failures", "/budgets", "/prompts", "/settings/routes", "/plots", "/overrides")
COLOUR = "getComputedStyle(document.querySelector('.tile dd')).color"


async def becomes(page, expression: str) -> None:
    async with asyncio.timeout(60):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.05)


async def test_each_page_names_the_gravest_finding_and_since_when_the_database_is_silent(database, db):
    """One browser and one console for all: every start takes seconds."""
    await db.execute(
        "insert into public.rfq_requests (message) select 'We need ' || g || ' bearings' from generate_series(1, 3) g"
    )
    async with Proxy.before(database) as link, serving_console(link.dsn) as url, browsing() as browser:
        context = await browser.new_context(**STILL)
        page = await context.new_page()
        page.set_default_timeout(60_000)
        await log_in(page, url)
        worst = await db.fetchrow("select severity, sentence from ai.health limit 1")
        assert worst["severity"] == "critical"
        for path in PAGES:
            await page.goto(url + path)
            line = page.locator("[data-part=health_bar] .bar-bad")
            assert worst["sentence"].split(" ")[0] in await line.inner_text(), path
            assert await line.locator("a", has_text="What to do").get_attribute("href") == "/#findings", path
            assert await page.evaluate(
                "(document.body.dataset.stream ?? document.body.dataset.health).startsWith('/')"
            ), path

        # A page without a stream of its own notices that a finding ends or begins, without a reload.
        await page.goto(url + "/plots")
        await db.execute("select ai.pause('ada', 'stocktaking')")
        findings = await db.fetchval("select count(*) from ai.health")
        await page.wait_for_selector(f"[data-part=health_bar] >> text={findings - 1} more")
        await db.execute("select ai.resume('ada')")

        await page.goto(url + "/")
        await page.wait_for_selector(".pulse[data-state=live]")
        before = await page.evaluate(COLOUR)
        link.refusing = True
        link.cut()
        await page.wait_for_selector("[data-gone] >> text=No data since")
        await becomes(page, "document.querySelector('.pulse').dataset.state === 'lost'")
        assert await page.locator(".pulse").inner_text() == "No data"
        at = await page.evaluate("new Date(document.querySelector('[data-gone] time').dateTime).getTime()")
        assert at <= await page.evaluate("Date.now()")
        assert await page.evaluate(COLOUR) != before  # an old figure does not look like a current one

        away = await context.new_page()
        await away.goto(url + "/budgets")  # no page can be loaded, and the message says since when
        await away.wait_for_selector("[data-gone] >> text=No data since")
        await away.close()

        link.refusing = False
        await page.wait_for_selector("[data-gone]", state="detached")
        await page.wait_for_selector(".pulse[data-state=live]")
        assert await page.evaluate(COLOUR) == before


async def test_a_page_whose_console_is_gone_says_so(database):
    async with browsing() as browser:
        async with serving_console(database) as url:
            page = await browser.new_page()
            page.set_default_timeout(60_000)
            await log_in(page, url)
            await page.wait_for_selector(".pulse[data-state=live]")
        await becomes(page, "document.querySelector('.pulse').dataset.state === 'lost'")
        await page.wait_for_selector("[data-lost] >> text=No connection to the console since")
        assert await page.locator(".pulse").inner_text() == "Connecting"


async def test_ai_health_is_read_at_most_once_a_second_for_any_number_of_readers(database, db):
    """Ten simultaneous pages for three seconds; a sequence in the view counts the reads."""
    from tests.support.console_accounts import session_of
    from tests.support.http_client import ask

    await db.execute(
        "create sequence public.looks; alter view ai.health rename to health_of_all; "
        "create view ai.health as select * from (select nextval('public.looks')) n, lateral (select * from ai.health_of_all offset 0) h"
    )
    async with serving_console(database) as url:
        given = await session_of(url)
        loop = asyncio.get_running_loop()
        began = loop.time()
        while loop.time() - began < 3:
            pages = await asyncio.gather(*(ask(url + "/settings/routes", headers=given) for _ in range(10)))
            assert {page.status for page in pages} == {200}
        took = loop.time() - began
    looks = await db.fetchval("select last_value from public.looks")
    assert 1 <= looks <= took + 2
