"""Questions back to a customer from the desk, in a real Chromium.

The tests use the keyboard alone, two people at once, and scripts of each direction.
"""
# ruff: noqa: RUF001 - messages of many scripts

import asyncio
import contextlib
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from rfqflow.database.connection import connect
from rfqflow.store.drafts import DraftStore
from tests.support.answered_rfqs import answered, item
from tests.support.browser import browsing, people, serving_console
from tests.support.page_checks import CONTRAST, NAMELESS

pytestmark = pytest.mark.asyncio(loop_scope="module")
MESSAGE = "Please quote gaskets and 40 m hose, thanks with kind regards"
TEXT = "form[data-desk-form=draft] textarea"
# On the window, so after the page's own listener: a live update may put the link with the stored text back at once.
KEEP_THE_LINK = """() => addEventListener("click", (event) => {
  const link = event.target.closest("[data-mailto]");
  if (link) { event.preventDefault(); window.opened = link.href; }
})"""
LIVE_UPDATE = """() => {
  const part = document.querySelector("[data-desk-live]").closest("[data-part]");
  morph(part, part.innerHTML.replace("Copied.", ""));
}"""
FOCUSED = "() => document.activeElement.textContent.trim()"


@pytest.fixture(scope="module")
def database(server_databases, template):
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    yield server_databases.create(name, template)
    server_databases.drop(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(database):
    """A connection, a browser, and the console's address."""
    async with contextlib.AsyncExitStack() as stack:
        db = await connect(database)
        stack.callback(db.terminate)
        browser = await stack.enter_async_context(browsing())
        yield db, browser, await stack.enter_async_context(serving_console(database))


@pytest_asyncio.fixture(loop_scope="module")
async def desk(house):
    """A connection, and a function that opens pages as a person."""
    db, browser, url = house
    async with people(browser, url) as open_as:
        yield db, open_as


async def bare(db, message=MESSAGE, language="en", **more):
    """An RFQ that lacks a quantity and a date."""
    about = {"line_items": [item("Gasket"), item("Hose", "40", "m")], "missing": ["due_date"], "language": language, **more}  # fmt: skip
    return await answered(db, message, **about)


async def tab_to(page, label):
    for _ in range(12):
        if await page.evaluate(FOCUSED) == label:
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"no Tab leads to {label}")


async def test_a_sales_engineer_asks_back_by_keyboard_alone(desk):
    db, open_as = desk
    rfq = await bare(db)
    page = await open_as("Ada Okoro")
    keys = page.keyboard
    await page.goto(f"/desk/{rfq}")
    await page.wait_for_selector("text=The draft will ask for: quantity of item 1, delivery date.")
    await page.wait_for_load_state()
    await keys.press("b")
    await page.wait_for_selector(TEXT)
    await page.wait_for_selector("[aria-busy]", state="detached")
    await keys.press("b")
    await page.wait_for_selector(f"{TEXT}:focus")
    assert "1. What quantity do you need?\n   - Item 1: Gasket" in await page.input_value(TEXT)
    await keys.press("Control+End")
    await keys.type("\nAda & co: 100 %")
    await page.evaluate("document.querySelector('[data-copy]').hidden = true")  # as a live update's HTML has it
    await page.wait_for_selector("[data-copy]:not([hidden])")
    await tab_to(page, "Copy")
    await keys.press("Enter")
    await page.wait_for_selector("[data-desk-live]:has-text('Copied.')", state="attached")
    # A live update does not remove text that a screen reader still has to speak.
    await page.evaluate(LIVE_UPDATE)
    assert await page.text_content("[data-desk-live]") == "Copied."
    # The mail has the typed text, saved or not.
    await page.evaluate(KEEP_THE_LINK)
    await tab_to(page, "Open in mail")
    await keys.press("Enter")
    mail = urlsplit(await page.evaluate("window.opened"))
    assert (mail.scheme, mail.path) == ("mailto", "ada@customer.example")
    assert parse_qs(mail.query)["body"][0].endswith("Kind regards\r\nAda & co: 100 %")
    await tab_to(page, "Mark as asked")
    await keys.press("Enter")
    await page.wait_for_selector(".desk-draft >> text=Asked by Ada Okoro")
    draft = await DraftStore(db).draft(rfq)
    assert (draft.source, draft.asked_by, draft.body.splitlines()[-1]) == ("person", "Ada Okoro", "Ada & co: 100 %")
    rows = await db.fetch("select action, what from ai.desk_history where rfq_id = $1 order by entry_id", rfq)
    assert [tuple(row) for row in rows] == [
        ("draft", "by template"), ("draft", "changed"), ("ask", "quantity, due_date"),
    ]  # fmt: skip
    assert await db.fetchval("select state from ai.desk where rfq_id = $1", rfq) == "open"
    assert await db.fetchval("select state from ai.desk_entries where rfq_id = $1", rfq) == "open"
    assert not await page.evaluate(NAMELESS)
    assert not await page.evaluate(CONTRAST)


async def test_two_people_at_one_draft_see_each_others_text_and_lose_none(desk):
    db, open_as = desk
    rfq = await bare(db)
    await DraftStore(db).save(rfq, "Questions", "How many?", "Bo Lund", language="en")
    page = await open_as("Ada Okoro")
    await page.goto(f"/desk/{rfq}")
    await page.fill(TEXT, "Ada's words")
    await DraftStore(db).save(rfq, "Questions", "Bo's words", "Bo Lund", language="en", revision=1)
    await page.click("text=Save the draft")
    await page.wait_for_selector(".desk-draft [role=alert] >> text=Bo Lund changed the draft")
    assert await page.text_content(".desk-draft-theirs") == "Bo's words"
    assert (await page.input_value(TEXT), (await DraftStore(db).draft(rfq)).body) == ("Ada's words", "Bo's words")
    await page.click("text=Save the draft")
    await page.wait_for_selector(".desk-said >> text=The draft is saved.")
    assert (await DraftStore(db).draft(rfq)).body == "Ada's words"


async def test_a_models_draft_appears_by_itself_and_replaces_no_typed_text(desk):
    db, open_as = desk
    rfq = await bare(db)
    page = await open_as("Ada Okoro")
    await page.goto(f"/desk/{rfq}")
    await page.click("text=Ask a model")
    await page.wait_for_selector(".desk-draft [role=alert] >> text=No running daemon has a model")
    await db.execute("select ai.register_worker('h', 1, '1', 'openai', 'm1', 4, false)")
    await page.click("text=Ask a model")
    await page.wait_for_selector(".desk-draft >> text=A model is asked for")
    await page.wait_for_load_state()
    await page.fill("form[data-desk-form=note] textarea", "half a note")
    task = await DraftStore(db).take(7, 60)
    kept = '{"language": "en", "subject": "S", "body": "How many gaskets?", "source": "model", "asks": ["quantity:1"]}'
    await db.execute("select ai.finish_draft($1, 7, 'written', $2::text::jsonb, 'm1', 0.001, 5)", task.request, kept)
    await page.wait_for_selector(".desk-draft >> text=By a model: read it before you send it")
    await page.wait_for_function(f"document.querySelector('{TEXT}').value === 'How many gaskets?'")
    assert await page.input_value("form[data-desk-form=note] textarea") == "half a note"


@pytest.mark.parametrize(
    ("message", "code", "inside"),
    [("נא להציע מחיר לאטמים, תודה רבה לכם", "he", "מהי הכמות הדרושה?"), ("请报价密封垫，谢谢。", "zh", "请问您需要多少数量？")],
    ids=["right-to-left", "CJK"],
)  # fmt: skip
async def test_a_draft_in_any_script_fits_a_phone(desk, message, code, inside):
    db, open_as = desk
    rfq = await bare(db, message, None)
    page = await open_as("Ada Okoro", viewport={"width": 320, "height": 700})
    await page.goto(f"/desk/{rfq}")
    await page.click("text=Draft a reply")
    await page.wait_for_selector(TEXT)
    assert inside in await page.input_value(TEXT)
    assert await page.get_attribute(TEXT, "lang") == code
    direction = await page.evaluate(f"getComputedStyle(document.querySelector('{TEXT}')).direction")
    assert direction == ("rtl" if code == "he" else "ltr")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_text_that_cannot_be_saved_stays_in_the_form_with_the_reason(desk):
    db, open_as = desk
    rfq = await bare(db)
    await DraftStore(db).save(rfq, "Questions", "How many?", "Bo Lund", language="en")
    page = await open_as("Ada Okoro", java_script_enabled=False)
    await page.goto(f"/desk/{rfq}")
    await page.fill(TEXT, " ")
    await page.click("text=Save the draft")
    await page.wait_for_selector(".desk-draft [role=alert] >> text=a draft must not be empty")
    async with asyncio.timeout(40):
        assert (await DraftStore(db).draft(rfq)).body == "How many?"
