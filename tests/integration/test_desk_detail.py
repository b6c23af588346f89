"""The RFQ that is open on the desk, in a real Chromium: several people edit it, and no edit is lost."""

import asyncio
import contextlib
import uuid

import pytest
import pytest_asyncio

from rfqflow.database.connection import connect
from tests.support.answered_rfqs import answer_again, answered, item
from tests.support.browser import browsing, log_in, people, serving_console
from tests.support.desk_pages import becomes, editor, exported, kit, quantity, value, worked_on
from tests.support.page_checks import CONTRAST, HOSTILE, NAMELESS

pytestmark = pytest.mark.asyncio(loop_scope="module")
# The elements that make a page scroll sideways.
BEYOND = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('*')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll'))
  .map((one) => `${one.tagName}.${one.className}`).slice(0, 9)"""


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
    """A connection, and a function that opens pages as a person: `(name, **context) -> page`."""
    db, browser, url = house
    async with people(browser, url) as open_as:
        yield db, open_as


@pytest.mark.timeout(360)
async def test_a_sales_engineer_clears_ten_rfqs_by_keyboard_alone(desk):
    db, open_as = desk
    wanted = [
        await kit(db, company=f"Customer {number}", route="electrical", missing=["material"]) for number in range(10)
    ]
    await kit(db, company="=cmd|'/C calc'!A0", route="general")
    page = await open_as("Ada Okoro")
    keys = page.keyboard
    await page.goto("/desk?route=electrical")
    await page.wait_for_selector(".desk-list tr:nth-child(10)")
    assert {row["rfq_id"] for row in await exported(page)} == {str(rfq_id) for rfq_id in wanted}
    await keys.press("j")
    await keys.press("Enter")
    await page.wait_for_selector(".desk-rfq")
    done = []
    for _ in range(10):
        await page.wait_for_load_state()  # its scripts have run: they listen for keys
        rfq_id = await page.get_attribute(".desk-rfq", "data-rfq")
        done.append(uuid.UUID(rfq_id))
        await worked_on(page, ask=len(done) == 2, reroute=len(done) == 3)
        await keys.press("h")
        if len(done) < 10:
            await page.wait_for_selector(f'.desk-rfq:not([data-rfq="{rfq_id}"])')
            await page.wait_for_selector(".desk-detail:focus, #desk-rfq-title:focus")
        else:
            await page.wait_for_selector(".desk-chips >> text=handled")
    assert set(done) == set(wanted)
    # The filter stays, although no RFQ of it is open any more.
    assert not {row["rfq_id"] for row in await exported(page)} & {str(rfq_id) for rfq_id in wanted}
    await page.goto("/desk?state=handled")
    taken = [row for row in await exported(page) if uuid.UUID(row["rfq_id"]) in wanted]
    assert {(row["owner"], row["confirmed_by"], row["state"]) for row in taken} == {("Bo Lund", "Ada Okoro", "handled")}
    assert {row["rfq_id"]: row["route"] for row in taken if row["route"] != "electrical"} == {
        str(done[2]): "mechanical"
    }
    await page.goto("/desk")
    assert "'=cmd|'/C calc'!A0" in {row["company"] for row in await exported(page)}
    rows = await db.fetch(
        "select items -> 0 ->> 'quantity' as quantity, state, owner, confirmed, confirmed_by from ai.rfq_answer"
    )
    assert {tuple(row) for row in rows if row["state"] == "handled"} >= {
        ("250", "handled", "Bo Lund", True, "Ada Okoro")
    }
    draft = "select right(body, 14) from ai.drafts where rfq_id = $1 and asked_by = 'Ada Okoro'"
    assert await db.fetchval(draft, done[1]) == "PS: by Friday."
    assert page.complaints == []


async def test_two_people_on_one_rfq_never_lose_each_others_work(desk):
    db, open_as = desk
    rfq_id = await kit(db)
    ada, bo = await open_as("Ada Okoro"), await open_as("Bo Lund")
    for page in (ada, bo):
        await page.goto(f"/desk/{rfq_id}")

    # The same field: the typed text stays, and both values are shown. Nothing is set until a person decides.
    await value(ada, "line_items[0].quantity").click()
    await ada.keyboard.type("250")
    await value(bo, "line_items[0].quantity").click()
    await bo.keyboard.type("300")
    await bo.keyboard.press("Enter")
    await becomes(quantity(db, rfq_id), "300")
    await bo.fill("form[data-desk-form=assign] input[name=value]", "Bo Lund")
    await bo.click("text=Hand over")
    await ada.wait_for_selector(".desk-chips >> text=Bo Lund")  # her page is up to date, and her field keeps her text
    assert await ada.evaluate("document.activeElement.value") == "250"
    await ada.keyboard.press("Enter")
    await ada.wait_for_selector("[role=alert] >> text=Set to 300 by Bo Lund")
    assert await editor(ada, "line_items[0].quantity").input_value() == "250"
    assert await quantity(db, rfq_id)() == "300"
    await ada.click("text=Replace")
    await becomes(quantity(db, rfq_id), "250")

    # Different fields: both values stand, and no question is shown.
    await value(ada, "line_items[1].description").click()
    await ada.keyboard.type("hose, reinforced")
    await value(bo, "line_items[1].quantity").click()
    await bo.keyboard.type("44")
    await bo.keyboard.press("Enter")
    await becomes(quantity(db, rfq_id, 1), "44")
    await ada.keyboard.press("Enter")
    await becomes(
        lambda: db.fetchval("select items -> 1 ->> 'description' from ai.rfq_answer where rfq_id = $1", rfq_id),
        "hose, reinforced",
    )
    assert await quantity(db, rfq_id, 1)() == "44"

    # A note that was typed while another was saved.
    await ada.fill("form[data-desk-form=note] textarea", "they want it blue")
    await bo.fill("form[data-desk-form=note] textarea", "called them")
    await bo.click("text=Save the note")
    await becomes(lambda: db.fetchval("select note from ai.desk where rfq_id = $1", rfq_id), "called them")
    await ada.click("text=Save the note")
    await ada.wait_for_selector("[role=alert] >> text=called them")
    assert await ada.input_value("form[data-desk-form=note] textarea") == "they want it blue"
    assert await db.fetchval("select note from ai.desk where rfq_id = $1", rfq_id) == "called them"
    # Another field is saved meanwhile: the unsaved note stays.
    await value(ada, "delivery_place").click()
    await ada.keyboard.type("Aarhus")
    await ada.keyboard.press("Enter")
    await becomes(lambda: db.fetchval("select delivery_place from ai.rfq_answer where rfq_id = $1", rfq_id), "Aarhus")
    await ada.wait_for_selector('[data-path="delivery_place"] [data-edit]:focus')
    assert await ada.input_value("form[data-desk-form=note] textarea") == "they want it blue"
    assert ada.complaints == bo.complaints == []


async def test_without_scripts_the_same_forms_work_and_keep_typed_text(desk):
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
    await page.wait_for_selector("[role=alert] >> text=m1 changed this RFQ")
    assert not await db.fetchval("select confirmed from ai.rfq_answer where rfq_id = $1", rfq_id)
    await page.click("text=Clear the review mark")
    await page.wait_for_selector("text=The review mark is cleared")
    await page.select_option("select[name=value]", "process")
    await page.click("text=Reassign")
    await page.wait_for_selector("text=by Cy Park")
    assert await db.fetchval("select route from ai.rfq_answer where rfq_id = $1", rfq_id) == "process"
    await page.click("text=Restore the model")
    await page.wait_for_selector("text=The model's route applies again")
    await page.click("text=Mark handled")
    await page.goto(f"/desk/{rfq_id}?state=all")
    await page.click("text=Reopen")
    await page.wait_for_selector("text=The RFQ is open again")


async def test_a_form_that_is_sent_twice_acts_once(desk):
    db, open_as = desk
    rfq_id = await kit(db, review="low_confidence")
    page = await open_as("Ada Okoro")
    await page.goto(f"/desk/{rfq_id}?state=all")
    token = await page.locator("input[name=form_token]").first.get_attribute("value")
    line = {"path": "line_items[+]", "description": "O-ring", "quantity": "3"}
    acts = [
        ("correct", {"path": "line_items[0].quantity", "value": "250", "old": "25"}), ("correct", line),
        ("correct", {"remove": "line_items[1]"}), ("correct", {"withdraw": "line_items[1]"}), ("clear-review", {}),
        ("note", {"value": "called"}), ("assign", {"mine": "1"}), ("route", {"value": "logistics", "old": "process"}),
        ("confirm", {}), ("handle", {}), ("reopen", {}),
    ]  # fmt: skip
    for name, form in acts:
        version = await db.fetchval("select version from ai.rfq_answer where rfq_id = $1", rfq_id)
        for _ in range(2):
            reply = await page.request.post(
                f"/desk/{rfq_id}/{name}?state=all",
                form={"form_token": token, "version": version, **form},
                max_redirects=0,
            )
            assert (name, form, reply.status) == (name, form, 303)
    assert await db.fetchval("select jsonb_array_length(items) from ai.rfq_answer where rfq_id = $1", rfq_id) == 3


async def test_a_correction_that_another_person_replaced_is_not_withdrawn(desk):
    db, open_as = desk
    rfq_id = await kit(db)
    page = await open_as("Ada Okoro", java_script_enabled=False)
    correct = "select ai.correct_rfq($1, $2::text::jsonb, $3)"
    await db.execute(correct, rfq_id, '{"line_items[0].quantity": 250}', "Ada Okoro")
    await page.goto(f"/desk/{rfq_id}")
    await db.execute(correct, rfq_id, '{"line_items[0].quantity": 300}', "Bo Lund")
    await page.click('[data-path="line_items[0].quantity"] >> text=Withdraw')
    await page.wait_for_selector("[role=alert] >> text=Bo Lund changed the RFQ meanwhile")
    assert await page.locator("[data-editor]").count() == 0  # no editor opens
    assert await quantity(db, rfq_id)() == "300"
    await page.click('[data-path="line_items[0].quantity"] >> text=Withdraw')
    await becomes(quantity(db, rfq_id), "25")


async def test_a_second_field_keeps_its_text_when_the_first_one_is_refused(desk):
    db, open_as = desk
    rfq_id = await kit(db)
    page = await open_as("Ada Okoro")
    await page.goto(f"/desk/{rfq_id}")
    answered = asyncio.Event()

    async def slowly(route):
        await answered.wait()
        await route.continue_()

    for ending in ("Save", "Cancel"):
        answered.clear()
        await page.route("**/correct*", slowly)
        await value(page, "line_items[0].quantity").click()
        await page.keyboard.type("two dozen")
        await page.keyboard.press("Enter")
        await value(page, "line_items[1].description").click()
        await page.keyboard.type(f"hose, armoured ({ending})")
        answered.set()
        await page.wait_for_selector("[role=alert] >> text=Write a number")
        await page.unroute("**/correct*")
        assert await editor(page, "line_items[0].quantity").input_value() == "two dozen"
        if ending == "Save":
            await editor(page, "line_items[0].quantity").fill("24")
        await page.click(f"[data-editor] >> text={ending}")
        await page.wait_for_selector('[data-path="line_items[1].description"] [data-input]:focus')
        assert await editor(page, "line_items[1].description").input_value() == f"hose, armoured ({ending})"
        await page.keyboard.press("Enter")
        await page.wait_for_selector(f'[data-path="line_items[1].description"] [data-edit]:has-text("({ending})")')
    assert await quantity(db, rfq_id)() == "24"
    assert page.complaints == []


async def test_text_typed_for_a_removed_line_is_shown_with_the_reason(desk):
    db, open_as = desk
    rfq_id = await kit(db)
    page = await open_as("Ada Okoro")
    await page.goto(f"/desk/{rfq_id}")
    await value(page, "line_items[1].quantity").click()
    await page.keyboard.type("77")
    await db.execute("select ai.correct_rfq($1, '{\"line_items[1]\": null}', 'Bo Lund')", rfq_id)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[role=alert] >> text=/no longer in the list|a line that is gone/")
    assert "77" in await page.locator("[role=alert]").inner_text()
    assert page.complaints == []


async def test_a_correction_of_a_removed_line_is_named_and_only_its_own_button_withdraws_it(desk):
    db, open_as = desk
    rfq_id = await kit(db)
    await db.execute("select ai.correct_rfq($1, '{\"line_items[0].quantity\": 50}', 'Bo Lund', 'by phone')", rfq_id)
    await answer_again(db, rfq_id, line_items=[item("gland packing", "3")])
    await db.execute("select ai.correct_rfq($1, '{\"line_items[0].quantity\": 4}', 'Bo Lund')", rfq_id)
    page = await open_as("Ada Okoro", java_script_enabled=False)
    await page.goto(f"/desk/{rfq_id}")
    lost = page.locator(".desk-lost li")
    assert "quantity of line 1: 25 50 by Bo Lund" in " ".join((await lost.inner_text()).split())
    await page.click('[data-path="line_items[0].quantity"] >> text=Withdraw')
    await page.wait_for_url("**said=correction_withdrawn**")
    assert await quantity(db, rfq_id)() == "3"
    assert await lost.count() == 1
    await lost.locator("text=Withdraw").click()
    await page.wait_for_selector(".desk-lost", state="detached")
    await answer_again(db, rfq_id, line_items=[item("seal kit SK-1", "25")])
    assert await quantity(db, rfq_id)() == "25"


async def test_typed_text_survives_leaving_the_page_and_the_end_of_the_session(desk):
    db, open_as = desk
    await kit(db, company="Second")
    rfq_id = await kit(db, company="First")  # the newest comes first: after it there is one to go on to
    page = await open_as("Ada Okoro")
    asked = asyncio.Event()

    async def stay(dialog):
        await dialog.dismiss()
        asked.set()

    page.on("dialog", stay)
    await page.goto(f"/desk/{rfq_id}?state=all")
    await page.click("form[data-desk-form=note] textarea")
    await page.keyboard.type("they want it blue")
    await page.click("text=Mark handled")  # would go on to the next
    await asyncio.wait_for(asked.wait(), 40)
    await becomes(lambda: db.fetchval("select state from ai.desk where rfq_id = $1", rfq_id), "handled")
    assert await page.input_value("form[data-desk-form=note] textarea") == "they want it blue"

    await page.context.clear_cookies()
    await page.click("text=Save the note")
    await page.wait_for_selector("[role=alert] >> text=Not logged in")
    again = await page.context.new_page()
    await log_in(again, page.url.partition("/desk")[0], "Ada Okoro")
    await page.click("text=Save the note")
    await becomes(lambda: db.fetchval("select note from ai.desk where rfq_id = $1", rfq_id), "they want it blue")
    assert page.complaints == []


async def test_an_unknown_place_in_the_list_gets_a_page_with_a_message(desk):
    _, open_as = desk
    page = await open_as("Ada Okoro")
    some = "711ae639-ebe0-4db6-a4fa-000000000000"
    places = ("zzz", "[" * 5000, '["a", "b", "c"]', '["\\u0000", "b", "c"]', '["\\ud800", "b", "c"]',
              f'["1", "2026-02-31", "{some}"]', f'["99999", "2026-01-01", "{some}"]', '["1", "2026-01-01", "7"]')  # fmt: skip
    for place in places:
        reply = await page.request.get("/desk", params={"after": place})
        assert reply.status == 409
        assert "start again" in await reply.text()


async def test_texts_of_customers_models_and_colleagues_run_nothing_in_the_pane(desk):
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
    kept = await db.fetchval("select ai.without_controls($1)", HOSTILE)
    assert await page.input_value("form[data-desk-form=note] textarea") == kept
    assert page.complaints == []


async def test_hundreds_of_lines_are_reachable_by_keyboard_and_point_at_the_message(desk):
    db, open_as = desk
    texts = [
        "Kreiselpumpe DN50",
        "\u6cf5 \u30dd\u30f3\u30d7 \ud38c\ud504",
        "\u0645\u0636\u062e\u0629 \u0637\u0631\u062f",
        "flange" + "x" * 200,
    ]
    lines = [item(f"{texts[n % 4]} {n}", str(n + 1), part_number=f"CPV-{n:03d}", lines=[n + 2]) for n in range(500)]
    checks = {
        f"line_items[{n}].quantity": {"verdict": ("verified", "unverified")[n % 2], "lines": [n + 2]}
        for n in range(500)
    }
    message = "Please quote\n" + "\n".join(f"{n + 1} pcs {texts[n % 4]} CPV-{n:03d}" for n in range(500))
    rfq_id = await answered(db, message, company="Long Lists", line_items=lines, checks=checks)
    page = await open_as("Ada Okoro")
    await page.goto(f"/desk/{rfq_id}")
    assert await page.locator("[data-grid] tbody tr").count() == 500
    assert await page.locator("[data-grid] [data-edit][tabindex='0']").count() == 1  # Tab passes 500 lines in one step
    await value(page, "line_items[0].quantity").focus()
    assert await page.locator(".desk-lines li.pointed").get_attribute("id") == "line-2"
    for _ in range(40):
        await page.keyboard.press("ArrowDown")
    assert await page.locator(".desk-lines li.pointed").get_attribute("id") == "line-42"
    await page.keyboard.press("Enter")
    await page.keyboard.type("9999")
    await page.keyboard.press("Escape")  # cancelled: the field has its old value and the focus
    assert await page.evaluate("document.activeElement.value") == "line_items[40].quantity"
    await page.keyboard.press("Enter")
    await page.keyboard.type("4100")
    await page.keyboard.press("Enter")
    await page.wait_for_selector('[data-path="line_items[40].quantity"] [data-edit]:focus:has-text("4100")')
    await becomes(quantity(db, rfq_id, 40), "4100")
    await page.locator("#line-100 a").hover()
    assert await page.locator("[data-grid] tr.pointed").get_attribute("id") == "item-99"
    await page.locator("#line-100 a").focus()
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.closest('tr').id") == "item-99"
    for width in (320, 768, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate(BEYOND) == []
    assert await page.evaluate(NAMELESS) == []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await page.evaluate(CONTRAST) == []
    assert page.complaints == []
