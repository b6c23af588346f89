"""The RFQ that is open on the desk, worked on in a real Chromium by people who never lose each other's work."""

import asyncio
import contextlib
import uuid

import pytest
import pytest_asyncio

from rfqflow.database.connection import connect
from tests.support.browser import browsing, log_in, serving_console
from tests.support.desk_answers import answer_again, answered, item
from tests.support.page_checks import HOSTILE

pytestmark = pytest.mark.asyncio(loop_scope="module")
# What makes a page scroll sideways.
BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('*')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll'))
  .map((one) => `${one.tagName}.${one.className}`).slice(0, 9)"""
MESSAGE = "Dear Sirs,\nplease quote 25 pcs seal kit SK-1\nand 40 m hose\nto Aarhus\nRegards"


@pytest.fixture(scope="module")
def database(server_databases, template):
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name, template)
    server_databases.drop(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(database):
    """A connection, and a way to open pages as somebody: `(name, **context) -> page`."""
    async with contextlib.AsyncExitStack() as stack:
        db = await connect(database)
        stack.callback(db.terminate)
        browser = await stack.enter_async_context(browsing())
        url = await stack.enter_async_context(serving_console(database))

        async def open_as(name, **options):
            context = await browser.new_context(
                **{"viewport": {"width": 1440, "height": 900}, "base_url": url, **options}
            )
            page = await context.new_page()
            page.set_default_timeout(40_000)
            page.complaints = []
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            await log_in(page, url, name)
            return page

        yield db, open_as


async def becomes(look, wanted) -> None:
    async with asyncio.timeout(40):
        while (found := await look()) != wanted:
            await asyncio.sleep(0.02)
    assert found == wanted


async def kit(db, **more):
    """An RFQ with two lines, the first read wrongly."""
    about = {"line_items": [item("seal kit SK-1", "25", lines=[2]), item("hose", "40", "m", lines=[3])],
             "checks": {"line_items[0].quantity": {"verdict": "verified", "lines": [2]}}, **more}  # fmt: skip
    return await answered(db, MESSAGE, **about)


def quantity(db, rfq_id, line=0):
    async def look():
        return await db.fetchval(
            "select items -> $2::int ->> 'quantity' from ai.rfq_answer where rfq_id = $1", rfq_id, line
        )

    return look


def value(page, path):
    return page.locator(f'[data-path="{path}"] [data-edit]')


def editor(page, path):
    return page.locator(f'[data-path="{path}"] [data-input]')


async def test_without_scripts_the_same_forms_work_and_keep_what_was_typed(desk):
    db, open_as = desk
    rfq_id = await kit(db, review="low_confidence")
    page = await open_as("Cy Park", java_script_enabled=False)
    await page.goto(f"/desk/{rfq_id}?route=process")
    await value(page, "line_items[0].quantity").click()
    await editor(page, "line_items[0].quantity").fill("1.200")
    await page.click(".desk-editor >> text=Save")
    await page.wait_for_selector("[role=alert] >> text=Does 1.200 mean 1200?")
    assert await editor(page, "line_items[0].quantity").input_value() == "1.200"
    await editor(page, "line_items[0].quantity").fill("1200")
    await page.click(".desk-editor >> text=Save")
    await page.wait_for_selector("text=Saved: quantity of line 1")
    assert "route=process" in page.url
    assert await quantity(db, rfq_id)() == "1200"
    await page.wait_for_selector('[data-path="line_items[0].quantity"] >> text=the model: 25')
    await page.click('[data-path="line_items[0].quantity"] >> text=Withdraw')
    await becomes(quantity(db, rfq_id), "25")

    await page.fill("input[form=desk-add][name=description]", "O-ring")
    await page.fill("input[form=desk-add][name=quantity]", "many")
    await page.click(".desk-new >> text=Add")
    await page.wait_for_selector("[role=alert] >> text=Quantity: Write a number")
    assert await page.input_value("input[form=desk-add][name=description]") == "O-ring"
    await page.fill("input[form=desk-add][name=quantity]", "12")
    await page.click(".desk-new >> text=Add")
    await becomes(quantity(db, rfq_id, 2), "12")
    await page.click("[aria-label='Remove line 2']")
    await page.wait_for_selector("text=removed by Cy Park")
    assert await db.fetchval("select jsonb_array_length(items) from ai.rfq_answer where rfq_id = $1", rfq_id) == 2

    # Another answer came since the page was read: nothing is confirmed unseen.
    await answer_again(db, rfq_id, route="logistics", summary="They ask for hoses.", review="low_confidence")
    await page.click("text=Confirm >> visible=true")
    await page.wait_for_selector("[role=alert] >> text=m1 did this")
    assert not await db.fetchval("select confirmed from ai.rfq_answer where rfq_id = $1", rfq_id)
    await page.click("text=Clear the mark")
    await page.wait_for_selector("text=The mark is cleared")
    await page.select_option("select[name=value]", "process")
    await page.click("text=Reassign")
    await page.wait_for_selector("text=by Cy Park")
    assert await db.fetchval("select route from ai.rfq_answer where rfq_id = $1", rfq_id) == "process"
    await page.click("text=Back to the model")
    await page.wait_for_selector("text=The route of the model counts again")
    await page.click("text=Mark handled")
    await page.goto(f"/desk/{rfq_id}?state=all")
    await page.click("text=Reopen")
    await page.wait_for_selector("text=It is open again")


async def test_texts_of_customers_models_and_colleagues_do_nothing_in_the_pane(desk):
    db, open_as = desk
    hostile = HOSTILE[:110]
    rfq_id = await answered(
        db, HOSTILE, company=HOSTILE[:200], summary=HOSTILE[:500], review="low_confidence",
        line_items=[item(hostile, "5", hostile[:24], part_number=hostile, material=hostile, revision=hostile[:24], standards=[hostile], lines=[1])],
        checks={"line_items[0].quantity": {"verdict": "contradicted", "why": "not_stated", "lines": [1]},
                "line_items[0].material": {"verdict": "unverified", "why": "elsewhere", "lines": [1]}},
        taken_out={"line_items[0].quantity": hostile}, delivery_place=hostile, certificates=[hostile], due_date_text=hostile,
    )  # fmt: skip
    page = await open_as(f"Eve {HOSTILE[:60]}")
    await page.goto(f"/desk/{rfq_id}")
    before = await page.title()
    await page.wait_for_selector("text=contradicted: the model said")
    await page.fill("form[data-desk-form=note] textarea", HOSTILE)
    await page.click("text=Save the note")
    await page.wait_for_selector(".desk-said >> text=The note is saved")
    for path, text in (("summary", HOSTILE[:500]), ("line_items[0].description", hostile), ("delivery_place", hostile)):
        await value(page, path).click()
        await editor(page, path).fill(text + "x")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(f'[data-path="{path}"] .desk-corrected')
    await page.fill("form[data-desk-form=assign] input[name=value]", hostile[:70])
    await page.click("text=Hand over")
    await becomes(lambda: db.fetchval("select owner is not null from ai.desk where rfq_id = $1", rfq_id), True)
    await page.reload()
    assert await page.title() == before
    assert await page.locator(".desk-rfq :is(script, img, a[href^='javascript'])").count() == 0
    assert await page.locator(".desk-rfq .unseen").count() > 5
    assert await page.input_value("form[data-desk-form=note] textarea") == HOSTILE.strip()
    assert page.complaints == []
