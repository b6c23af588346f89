"""Each page of the console for people who do not see it, see it badly, enlarge it, or print it.

All tests share one console and one browser.
"""

import asyncio
import contextlib
import re
import uuid
from typing import Any, cast

import pytest
import pytest_asyncio
from starlette.routing import Route

from rfqflow.console.app import build_app
from tests.conftest import connect_patiently
from tests.support.accessibility import (
    ACTED,
    BEYOND,
    COLOUR_RULES,
    FAINT_COLOURS,
    FAINT_FIELDS,
    LAYOUT_RULES,
    LINK_RULE,
    LOST_FOCUS,
    ONLY_COLOUR,
    PRESSED_OR_CUT,
    bring_axe,
    violations,
)  # fmt: skip
from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.furnished_console import furnish
from tests.support.page_checks import CONTRAST
from tests.support.worker_harness import insert

pytest.importorskip("axe_playwright_python", reason="part of rfqflow[dev]")
pytestmark = pytest.mark.asyncio(loop_scope="module")
WIDTHS = (320, 375, 480, 600, 681, 768, 859, 1024, 1440)
AXE_WIDTHS = (320, 768, 1440)
# Addresses with a query, and states of a page that no route has an address for.
STATES = (
    "/desk/{rfq_id}?edit=line_items[0].quantity", "/desk?route=mechanical&state=all", "/rfqs?within=all&q=pumps+-nothing",
    "/control/redrive?cause=timeout", "/control/pause", "/compare?a=1&b=2", "/rfqs/{rfq_id}?said=overridden", "/nothing", "/compare",
    "/quality/case?id=c1", "/evaluations/2/cases?show=all", "/compare?a=1&b=2&show=same", "/control/activate?version=rfq@2",
    "/settings/prices", "/settings/limits", "/settings/documents", "/rfqs?status=failed&reason=invalid_output",
)  # fmt: skip
ANSWERS = {"/nothing": 404, "/compare": 409, "/link": 410, "/quality/case": 404}
NO_PAGES = re.compile(r"^/(healthz|static|live)\b|/live$|\.csv$|/export$")


def pages(found: dict[str, Any]) -> list[str]:
    """Each address that the application answers with a page: a new route is checked from its first day."""
    app = build_app(cast("Any", None))
    paths = [
        route.path for route in app.routes
        if isinstance(route, Route) and "GET" in (route.methods or ()) and not NO_PAGES.search(route.path)
    ]  # fmt: skip
    missing = {name for path in paths for name in re.findall(r"{(\w+)", path)} - set(found)
    assert not missing, f"tests/support/furnished_console.py says nothing of {missing}"
    return [re.sub(r"{(\w+)(?::\w+)?}", lambda name: str(found[name[1]]), path) for path in (*paths, *STATES)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server_databases, template):
    """A browser's context with axe, the console's address, the database, and the values in the addresses."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    database = server_databases.create(name, template)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(server_databases.drop, name)
        browser = await stack.enter_async_context(browsing())
        db = await connect_patiently(database)
        stack.push_async_callback(db.close)
        found = await furnish(db, database)
        url = await stack.enter_async_context(serving_console(database))
        context = await browser.new_context(**STILL, base_url=url, viewport={"width": 1440, "height": 900})
        await bring_axe(context)
        page = await context.new_page()
        page.set_default_timeout(60_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await log_in(page, url)
        await asked_about_many(page, "rerun")
        await page.fill("input[name=reason]", "they were wrong")
        await page.click("button.primary")
        await page.wait_for_url("**/rfqs/bulk/*")
        yield page, url, db, {**found, "action": page.url.rpartition("/")[2]}
        assert complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(house):
    page = house[0]
    await page.emulate_media(media="screen", color_scheme="light", forced_colors="none", **STILL)
    await page.set_viewport_size({"width": 1440, "height": 900})
    return page


async def becomes(page, expression: str) -> None:
    """Polls from here until it is true: the page's own policy forbids the browser to evaluate expressions."""
    async with asyncio.timeout(60):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.05)


async def opened(page, path: str) -> list[str]:
    """Opens the page, and returns all that is wrong with it."""
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1440, "height": 900})
    reply = await page.goto(path)
    expected = ANSWERS.get(path, 200)
    return [
        *([] if reply.status == expected else [f"{path} answers {reply.status}"]),
        *await looked_at(page, path),
    ]


async def looked_at(page, path: str) -> list[str]:
    """All that is wrong with a page, by width and colour scheme."""
    found: dict[str, str] = {}

    def note(where: str, wrong: list[str]) -> None:
        found.update({one: f"{path} {where}: {one}" for one in wrong if one not in found})

    note("as a whole", await page.evaluate(ACTED))
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        note(f"at {width}", await page.evaluate(BEYOND))
        if width not in AXE_WIDTHS:
            continue
        note(f"at {width}, light", await page.evaluate(FAINT_FIELDS))
        note(f"at {width}, light", await page.evaluate(CONTRAST))
        if width != 768:  # a width between the smallest and the largest has its own layouts, and no texts of its own
            note(f"at {width}, light", await violations(page, without=() if width == 1440 else COLOUR_RULES))
        await page.emulate_media(color_scheme="dark")
        note(f"at {width}, dark", await page.evaluate(FAINT_FIELDS))
        note(f"at {width}, dark", await page.evaluate(CONTRAST))
        if width == 768:  # of its rules, only that of links depends on colours
            note(f"at {width}, dark", await violations(page, (*LAYOUT_RULES, LINK_RULE)))
        await page.emulate_media(color_scheme="light")
    return list(found.values())


async def asked_about_many(page, act: str) -> None:
    """Opens the question before an action on many RFQs."""
    await page.goto("/rfqs")
    await page.check("tbody tr:nth-child(1) input[name=rfq_id]")
    await page.check("tbody tr:nth-child(2) input[name=rfq_id]")
    await page.click(f"button[name=act][value={act}]")
    await page.wait_for_selector("input[name=confirmed]", state="attached")


@pytest.mark.timeout(600)
async def test_axe_finds_nothing_and_no_page_scrolls_sideways_in_light_and_dark(house, page):
    wrong = [one for path in pages(house[3]) for one in await opened(page, path)]
    await asked_about_many(page, "override")
    wrong += await looked_at(page, "before an override of many")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        wrong += await page.evaluate(FAINT_COLOURS)
    assert wrong == [], "\n".join(wrong)


async def test_the_pages_before_a_login_are_accessible_too(house, page):
    _, url, db, _ = house
    context = await page.context.browser.new_context(**STILL, base_url=url)
    await bring_axe(context)
    outside = await context.new_page()
    wrong = await opened(outside, "/login")
    await outside.fill("input[name=name]", "Eve")
    await outside.fill("input[name=password]", "wrong-wrong-wrong")
    await outside.click("button[type=submit]")
    await outside.wait_for_selector("[role=alert]")
    wrong += await violations(outside)
    await db.execute("select ai.make_console_link(sha256('once'), 'ada okoro', 5, 'test')")
    wrong += await opened(outside, "/link?token=once")
    for name in ("password", "again"):
        await outside.fill(f"input[name={name}]", f"{name} of twelve or more")
    await outside.click("button[type=submit]")
    await outside.wait_for_selector("[role=alert]")
    wrong += await violations(outside)
    await context.close()
    assert wrong == [], "\n".join(wrong)


async def test_when_the_element_with_the_focus_is_removed_the_focus_stays_on_the_page(house, page):
    _, _, _, found = house
    lost = {}
    for path in [path for path in pages(found) if not path.startswith("/login")]:
        await page.goto(path)
        assert await page.evaluate("typeof morph") == "function", path
        if gone := await page.evaluate(LOST_FOCUS):
            lost[path] = gone
    assert lost == {}


async def test_the_focus_stays_while_the_overview_changes_around_it_and_changes_are_announced(house, page):
    _, _, db, _ = house
    await page.goto("/")
    await page.wait_for_selector("[data-pulse][data-state=live]")
    held = await page.evaluate_handle("document.querySelectorAll('main [data-part] :is(a[href], button)')[2]")
    await held.focus()
    before = await page.inner_text("[data-say=Due]")
    await insert(db, "seven", "more")
    await becomes(page, f"document.querySelector('[data-say=Due]').innerText !== '{before}'")
    assert await held.evaluate("one => one === document.activeElement")
    await becomes(page, "/Due: \\d/.test(document.querySelector('[data-announcer]').textContent)")
    assert await page.get_attribute("[data-announcer]", "role") == "status"


async def test_forced_colours_still_show_the_selection_and_reduced_motion_stops_all_motion(house, page):
    _, _, _, found = house
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for path in ("/", "/desk", f"/desk/{found['rfq_id']}", "/rfqs"):
        await page.goto(path)
        await page.wait_for_selector("[aria-current]")
        assert await page.evaluate(ONLY_COLOUR) == [], path
        assert await page.evaluate("document.getAnimations().length") == 0, path
    await page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    await page.goto("/desk")
    await page.wait_for_selector("[data-pulse][data-state=live]")
    assert await page.evaluate("document.getAnimations().length") == 1  # so that the count above can fail


async def test_the_print_sheet_has_the_whole_rfq_and_no_controls(house, page):
    _, _, _, found = house
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 718, "height": 1000})  # the width of A4 between its margins
    for path, words in (
        (f"/desk/{found['rfq_id']}", ("seal kit SK-1", "contradicted", "to Aarhus by 3 March", "Bo Lund")),
        (f"/desk/{found['all'][1]}", ("position 120", "500 brackets")),
        (f"/rfqs/{found['rfq_id']}", ("seal kit SK-1", "Timeline", "to Aarhus by 3 March")),
        ("/", ("Dead letters", "Breaker")),
    ):
        await page.goto(path)
        shown = await page.inner_text("main")
        assert [word for word in words if word.casefold() not in shown.casefold()] == [], path
        assert await page.evaluate(PRESSED_OR_CUT) == [], path
        assert await page.evaluate(BEYOND) == [], path
        assert await page.locator("nav[aria-label=Main]").is_hidden()
    sheet = await page.pdf(format="A4")
    assert sheet.count(b"/Type /Page\n") <= 4, "the overview is a few pages"
