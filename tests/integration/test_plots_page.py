"""The charts of the console: by quarter of an hour, hour and day, under the pointer, and without scripts."""

from __future__ import annotations

import asyncio
import re

from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.figures import rewind, settle

RUNS = (
    "insert into ai.rag_runs (created_at, rfq_id, attempt, status, reason, error_class, provider, model, cost_usd, submitted_at, submit_ms, end_status) "
    "select now() - h * interval '1 hour', gen_random_uuid(), 1, s.status, s.reason, s.error_class, s.provider, s.provider, s.cost, "
    "now() - h * interval '1 hour' - interval '90 s', 1, s.ended from generate_series(1, $1::integer, $2::integer) h "
    "cross join (values ('succeeded', null, null, 'openai', 0.02, 'done'), ('failed', 'timeout', 'timeout', 'openai', null, null), "
    "('skipped', 'spam', null, null, null, 'skipped')) s (status, reason, error_class, provider, cost, ended)"
)
FIGURE = "document.querySelector('.u-legend .u-series:nth-child(2) .u-value')?.innerText"


async def test_charts_follow_the_pointer_name_the_time_zone_and_work_without_scripts(database, db):
    await rewind(db)
    await db.execute(RUNS, 80 * 24, 7)
    await settle(db)
    for text in ("one", "two"):
        version = await db.fetchval("select ai.add_prompt('rfq', $1, 't', '{}', 'ada', null)", text)
    await db.execute("select ai.activate_prompt($1, 'ada', null, true)", version)
    async with browsing() as browser, serving_console(database) as url:
        page = await (await browser.new_context(**STILL, viewport={"width": 1280, "height": 900})).new_page()
        page.set_default_timeout(60_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await log_in(page, url)
        for name, most in (("24h", 96), ("7d", 168), ("30d", 30), ("90d", 90)):
            await page.goto(f"{url}/plots?range={name}")
            await page.wait_for_selector(".u-wrap canvas")
            assert await page.locator("canvas").count() == 5, name
            assert not await page.locator("[data-drawn]").first.is_visible()
            assert (
                await page.evaluate("JSON.parse(document.querySelector('[data-chart]').dataset.chart).x.length") == most
            )
            assert version in await page.inner_text("main")
        zone = await page.evaluate("new Date().toLocaleTimeString('en', {timeZoneName: 'short'}).split(' ').pop()")
        assert zone in await page.inner_text(".u-legend >> nth=0")

        area = await page.locator(".u-over").first.bounding_box()
        async with asyncio.timeout(60):
            while await page.evaluate(FIGURE) in (None, "--", "\u2013"):
                for part in range(1, 20):
                    await page.mouse.move(area["x"] + area["width"] * part / 20, area["y"] + 50)
                    if await page.evaluate(FIGURE) not in (None, "--", "\u2013"):
                        break
        assert re.fullmatch(r"1\.(4[5-9]|5\d?) min", await page.evaluate(FIGURE))
        assert complaints == []

        # The report is a file, since its styles are in it.
        link = page.locator("a", has_text="Report, two pages")
        async with page.expect_download() as download:
            await link.click()
        file = (await (await download.value).path()).read_text("utf-8")
        assert '<section class="verdict' in file
        assert "Saved: about $0.4" in file  # a skip every seven hours, at the 0.02 of a call

        plain = await browser.new_context(
            **STILL, java_script_enabled=False, storage_state=await page.context.storage_state()
        )
        page = await plain.new_page()
        await page.goto(f"{url}/plots?range=7d")
        assert await page.locator("svg.plot").first.is_visible()
        assert await page.locator("text=Times are in UTC").first.is_visible()
