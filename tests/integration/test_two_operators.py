"""Two operators at the same finding, dead letters or budget: no action runs twice, and no note is lost."""

from __future__ import annotations

import contextlib

from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.health_states import STATES


@contextlib.asynccontextmanager
async def two(database):
    async with browsing() as browser, serving_console(database) as url:
        pages = []
        for name, role in (("Ada Okoro", "admin"), ("Eve", "admin")):
            page = await (await browser.new_context(**STILL, base_url=url)).new_page()
            page.set_default_timeout(60_000)
            await log_in(page, url, name, role)
            pages.append(page)
        yield pages


async def done(db, action: str) -> list[str]:
    return [
        row["actor"] for row in await db.fetch("select actor from ai.actions where action = $1 order by id", action)
    ]


async def test_of_two_operators_the_second_gets_a_conflict_and_keeps_the_input(database, db):
    await STATES["dead_letters"].bring_about(db)
    await db.execute("select ai.pause('tom', 'a look at it')")
    acts = [
        ("/control/resume", {"why": "it is mended"}),
        ("/control/redrive?reason=content_filter", {"why": "the filter is off"}),
        ("/control/cap?scope=global&period=day&usd=7", {"why": "fair week", "usd": "8"}),
        ("/control/pause", {"why": "stock-taking"}),
    ]
    async with two(database) as (ada, eve):
        for path, typed in acts:
            for page in (ada, eve):
                await page.goto(path)
                for name, text in typed.items():
                    await page.fill(
                        f"input[name={name}]", text + (" says Eve" if name == "why" and page is eve else "")
                    )
            await ada.click("section.confirm button.primary")
            await ada.wait_for_selector("p.said")
            await eve.click("section.confirm button.primary")
            await eve.wait_for_selector("[role=alert]")
            reported = await eve.inner_text("[role=alert]")
            assert "another person changed this first" in reported or "from 3 to 0" in reported, (path, reported)
            assert await eve.input_value("input[name=why]") == typed["why"] + " says Eve", path
    assert await done(db, "redrive_group") == ["Ada Okoro"]
    changes = await db.fetch("select key, actor from ai.policy_history where actor is not null order by id")
    assert [tuple(row) for row in changes if row["key"] in ("mode", "budget.global.day")] == [
        ("mode", "tom"), ("mode", "Ada Okoro"), ("budget.global.day", "Ada Okoro"), ("mode", "Ada Okoro"),
    ]  # fmt: skip
