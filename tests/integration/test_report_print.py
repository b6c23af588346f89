"""`rfqflow report` in a real Chromium: two printed pages on A4 and on Letter, and a page that fits every screen."""

import re

import pytest

from rfqflow.reporting.report_page import as_html
from tests.support.browser import STILL, browsing
from tests.support.furnished_console import LONG_WORD
from tests.support.page_checks import CONTRAST, HOSTILE
from tests.support.report_data import report_data

PAGES = re.compile(rb"/Type\s*/Page\b")
FULL = {
    "few": report_data(),
    "many": report_data(names=40, long=f" {LONG_WORD}"),
    "hostile": report_data(names=40, long=HOSTILE),
    "trouble": report_data(
        names=40, long="-a-model-with-quite-a-long-name-2026-01-01", waiting=9,
        now={"failed": 300, "enriched": 610, "edited_answers": 190, "p95_ms": 9e7, "cost_usd": 900_000.0,
             "calls_of_unknown_cost": 12},
        findings=[("warning", code) for code in ("unknown_price", "dead_letters", "webhooks_failing", "budget_spent")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FULL)
async def test_the_report_prints_on_two_pages_and_runs_nothing(name):
    async with browsing() as browser:
        page = await (await browser.new_context(**STILL, viewport={"width": 1280, "height": 900})).new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.set_content(as_html(FULL[name]))
        for paper in ("A4", "Letter"):
            printed = await page.pdf(format=paper, prefer_css_page_size=False)
            assert 1 <= len(PAGES.findall(printed)) <= 2, paper
        for scheme in ("light", "dark"):
            await page.emulate_media(media="screen", color_scheme=scheme)
            assert await page.evaluate(CONTRAST) == [], scheme
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for width in (1440, 375):
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert [url for url in asked if url != "about:blank"] == []
        assert await page.title() == "rfqflow: 2026-03-09 to 2026-03-15 (UTC)"
