"""The console in a real Chromium."""

import asyncio
import re
import time
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.conftest import connect_patiently
from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.http_client import ask
from tests.support.page_checks import HOSTILE
from tests.support.published_schemas import unknown_in_answers
from tests.support.worker_harness import Scripted, ended, heartbeats, insert, until, working

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    async with browsing() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def db(database):
    """A session of the loop in which the browser runs."""
    conn = await connect_patiently(database)
    yield conn
    assert await unknown_in_answers(conn) == []
    conn.terminate()


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser, database, db):
    """A page that is logged in, its address, and the complaints of the browser."""
    async with serving_console(database) as url:
        context = await browser.new_context(**STILL, viewport={"width": 1280, "height": 900})
        page = await context.new_page()
        page.set_default_timeout(60_000)
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await log_in(page, url)
        yield page, url
        await context.close()
        assert complaints == []


async def becomes(page, expression: str) -> None:
    """Polls from here until it is true: the page's own policy forbids the browser to evaluate expressions."""
    async with asyncio.timeout(40):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)


async def said(page, text: str) -> None:
    await page.wait_for_selector(f"text={text}")


async def test_the_overview_follows_the_queue_without_a_reload(database, db, opened):
    page, _ = opened
    loads = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    waiting = page.locator(".tile", has_text="Due").locator("dd").first
    assert await waiting.inner_text() == "0"
    await said(page, "No worker is running")

    await insert(db, "one", "two", "three")
    began = time.monotonic()
    await becomes(page, "document.querySelector('.tile dd').innerText === '3'")
    assert time.monotonic() - began < 7  # notified, not polled: a page without notifications reads after 10 s
    await page.wait_for_selector("[data-part=latest] li")
    async with working(database, Scripted()):
        await becomes(page, "document.querySelector('.tile dd').innerText === '0'")
        await page.wait_for_selector("[data-part=workers] >> text=scripted")
        await becomes(page, "document.querySelectorAll('[data-part=latest] .status-done').length === 3")
    assert loads == []


async def test_a_page_that_waits_for_an_rfq_shows_its_end_without_a_reload(database, db, opened):
    page, url = opened
    provider = Scripted()
    provider.default = gate = asyncio.Event()
    await insert(db, "slow one")
    rfq_id = await db.fetchval("select id from public.rfq_requests")
    async with working(database, provider):
        await page.goto(f"{url}/rfqs/{rfq_id}")
        await page.wait_for_selector(".status-pending")
        loads = []
        page.on("framenavigated", lambda frame: loads.append(frame.url))
        await until(lambda: db.fetchval("select ai.watched()"))
        await heartbeats(db)  # the page's watch has reached the worker
        gate.set()
        await page.wait_for_selector(".rfq-head .status-done")
        await said(page, "about slow one")
        await page.wait_for_selector(".timeline >> text=succeeded")
    assert loads == []


async def test_override_withdraw_and_rerun_by_hand_work_and_are_audited_with_the_actor(database, db, opened):
    page, url = opened
    async with working(database, Scripted()):
        await insert(db, "one")
        await until(ended(db, 1))
        rfq_id = await db.fetchval("select id from public.rfq_requests")
        await page.goto(f"{url}/rfqs/{rfq_id}")
        await page.select_option("select[name=route]", "logistics")
        await page.fill("form[action$=override] input[name=reason]", "it is freight <b>")
        await page.click("text=Override >> visible=true")
        await said(page, "The route is set by hand")
        assert await db.fetchval("select route from ai.rfq_status") == "logistics"
        await page.wait_for_selector(".timeline >> text=routed to logistics")
        await page.wait_for_selector(".by-hand >> text=it is freight <b>")

        await page.click("button:text('Withdraw')")
        await said(page, "The override is withdrawn")
        assert await db.fetchval("select route from ai.rfq_status") == "general"

        await page.check("input[name=force]")
        await page.click("button:text('Rerun')")
        await said(page, "The RFQ is due now")
        await becomes(page, "document.querySelectorAll('.event-succeeded').length === 2")

    assert [tuple(row) for row in await db.fetch("select actor, withdrawn_by from ai.overrides")] == [
        ("Ada Okoro",) * 2
    ]
    noted = await db.fetchrow("select actor, action, rfq_id, detail->>'enqueued' as enqueued from ai.actions")
    assert tuple(noted) == ("Ada Okoro", "rerun", rfq_id, "true")
    await page.goto(url)
    await page.wait_for_selector("[data-part=activity] >> text=Ada Okoro")


async def test_breakers_and_budgets_are_shown_and_a_breaker_is_closed_by_hand(database, db, opened):
    page, _ = opened
    await page.wait_for_selector("[data-part=budget] >> text=global")
    assert not await page.locator("[data-part=breaker] section").is_visible()  # no call to a model was ever admitted
    await db.execute("select ai.open_breaker('openai', 'm1', 'Jonas Weber', 'not today')")
    await page.wait_for_selector("[data-part=breaker] >> text=openai · m1")
    await page.wait_for_selector("[data-part=breaker] >> text=open, manual")
    await page.click("[data-part=breaker] a:text('Close')")
    await page.click("button:text('Close the breaker')")
    await said(page, "is closed: calls increase gradually")
    assert await db.fetchval("select state from ai.breaker_status") == "closed"
    assert await db.fetchval("select actor from ai.events where kind = 'breaker_closed'") == "Ada Okoro"
    await page.wait_for_selector("[data-part=activity] >> text=breaker closed")


async def test_caps_are_set_raised_and_removed_and_waiting_rfqs_wake(database, db, opened):
    page, url = opened
    await insert(db, "one", "two")
    await db.execute(
        "with gone as (delete from ai.outbox returning rfq_id, enqueued_at) "
        "insert into ai.outbox_deferred (rfq_id, due_at, reason, enqueued_at, attempt) "
        "select rfq_id, now() + interval '9 hours', 'budget', enqueued_at, 0 from gone"
    )
    await page.click("[data-part=budget] >> text=Change caps")
    await page.wait_for_url(url + "/budgets")
    await said(page, "2 RFQs wait for a budget")
    card = page.locator(".budget-card", has_text="global")
    assert await card.locator("input[name=usd]").input_value() == "5"

    async def soon() -> int:
        return await db.fetchval("select count(*) from ai.outbox_deferred where due_at < now() + interval '1 minute'")

    await card.locator("input[name=usd]").fill("2.50")
    await card.locator("button:text('Change it')").click()
    await page.click("button:text('Set the cap')")
    await said(page, "global per day: $5.00 → $2.50")
    assert await soon() == 0  # it was lowered
    await card.locator("input[name=usd]").fill("7.25")
    await card.locator("button:text('Change it')").click()
    await said(page, "the new cap wakes 2 RFQs that wait for a budget")
    await page.fill("input[name=why]", "fair <b>week</b>")
    await page.click("button:text('Set the cap')")
    await said(page, "fair <b>week</b>")
    assert await soon() == 2
    await page.wait_for_selector(".acts >> text=global per day: $2.50 → $7.25")

    await page.goto(url + "/budgets")
    await page.select_option("select[name=scope]", "model")
    await page.fill("input[name=model]", "gpt-5-mini")
    await page.select_option("select[name=period]", "month")
    await page.fill(".fields input[name=usd]", "40")
    await page.click("button:text('Preview the effects')")
    await page.click("button:text('Set the cap')")
    model = page.locator(".budget-card", has_text="model:gpt-5-mini")
    await model.locator("a:text('Remove')").click()
    await page.click("button:text('Set the cap')")
    await said(page, "model:gpt-5-mini per month: $40.00 → no cap")
    assert await page.locator(".budget-card").count() == await db.fetchval("select count(*) from ai.budget_status")
    noted = await db.fetch(
        "select key, old_value #>> '{}', new_value #>> '{}', actor, reason from ai.policy_history where key like 'budget%' order by id"
    )
    assert [tuple(row) for row in noted] == [
        ("budget.global.day", "5", "2.50", "Ada Okoro", None),
        ("budget.global.day", "2.50", "7.25", "Ada Okoro", "fair <b>week</b>"),
        ("budget.model:gpt-5-mini.month", None, "40", "Ada Okoro", None),
        ("budget.model:gpt-5-mini.month", "40", None, "Ada Okoro", None),
    ]  # fmt: skip
    await page.goto(url)
    await page.wait_for_selector("[data-part=activity] >> text=no cap")


async def test_a_search_that_runs_out_of_time_says_how_far_it_went_and_can_continue(database, db, opened):
    page, url = opened
    await db.execute("set session_replication_role = replica")  # the old rows were never in the queue
    add = (
        "insert into public.rfq_requests (company, message, created_at) select 'Firm ' || g, "
        "$1 || repeat('We need pumps in Hamburg. ', 4000), now() - g * interval '1 minute' "
        "from generate_series($2::integer, $3::integer) g"
    )
    await db.execute(add, "needle ", 500_000, 500_000)
    for begin in range(1, 24_000, 3000):  # until there are too many for this machine in one search
        await db.execute(add, "", begin, begin + 2999, timeout=120)
        await page.goto(f"{url}/rfqs?within=all&q=needle")
        if await page.locator("text=Older RFQs may match").count():
            break
    await said(page, "Older RFQs may match")
    reported = await page.inner_text("p.found")
    assert re.match(r"Searched [\d,]+ RFQs, back to \w", reported), reported
    for _ in range(40):
        if await page.locator("tbody tr").count():
            break
        await page.click("a:text('Search further')")
    assert await page.locator("tbody .from").all_inner_texts() == ["Firm 500000"]
    rfq_id = await db.fetchval("select id from public.rfq_requests where company = 'Firm 2000'")
    await page.goto(f"{url}/rfqs?within=1d&status=failed&q={rfq_id}")
    await said(page, "Found by id")
    assert await page.locator("tbody .from").all_inner_texts() == ["Firm 2000"]
    await page.click("text=Search the text instead")
    await page.wait_for_url("**in=text**")
    assert await page.locator("tbody tr").count() == 0


async def test_a_hostile_rfq_is_shown_and_runs_nothing(database, db, opened):
    page, url = opened
    text = HOSTILE + "We need 5 pumps DN100 for cold water. " * 2_700 + " the end"
    rfq_id = await db.fetchval(
        "insert into public.rfq_requests (name, email, company, phone, message) values ($1, $1, $1, $1, $2) returning id",
        HOSTILE, text,
    )  # fmt: skip
    provider = Scripted()
    async with working(database, provider):
        await until(ended(db, 1))
    await db.execute("select ai.override_rfq($1, 'civil', $2, $2)", rfq_id, HOSTILE)
    for path in ("/", "/rfqs?within=all", f"/rfqs?q={'<script>'}", f"/rfqs/{rfq_id}", f"/rfqs/{rfq_id}?whole=1"):
        await page.goto(url + path)
        await page.wait_for_selector("text=document.title")
        await page.wait_for_timeout(300)  # time enough for a script to run
        assert "rfqflow" in await page.title()
        assert await page.title() != "owned"
        assert await page.locator("main script, main img, a[href^=javascript]").count() == 0
        assert await page.locator("text=injected").count() == 0
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    query = '"><script>document.title=1</script>'
    await page.goto(f"{url}/rfqs?q={quote(query)}")
    assert await page.input_value("[data-search]") == query
    assert await page.locator("main script").count() == 0
    await page.goto(f"{url}/rfqs/{rfq_id}?whole=1")
    shown = await page.inner_text(".message")
    assert shown.startswith("<script>document.title='owned'</script><img")
    assert "RLOabcPDF" in shown  # characters that reverse text are shown by name
    assert "\u202e" not in await page.content()
    assert shown.endswith("the end")
    await page.goto(f"{url}/rfqs/{rfq_id}")
    await said(page, "Show all")
    assert len(await page.inner_text(".message")) < 13_000


async def test_the_console_can_be_used_by_keyboard_alone(database, db, opened):
    page, url = opened
    for words in ("first words", "second words", "third words"):
        await insert(db, words)
    await page.goto(url + "/rfqs")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"

    await page.keyboard.press("/")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=second**")
    assert await page.locator("tbody tr").count() == 1
    await page.keyboard.press("j")
    outline = await page.evaluate("getComputedStyle(document.querySelector('tbody tr')).outlineStyle")
    assert outline == "solid"  # the row with the focus is visible
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".message >> text=second words")

    await page.keyboard.press("g")
    await page.keyboard.press("d")
    await page.wait_for_url(url + "/failures")
    await page.keyboard.press("?")
    assert await page.locator("dialog[open]").count() == 1
    await page.keyboard.press("Escape")
    assert await page.locator("dialog[open]").count() == 0
    await page.keyboard.press("g")
    await page.keyboard.press("r")
    await page.wait_for_url(url + "/rfqs")
    for expected in ("third words", "second words", "first words"):
        await page.keyboard.press("j")
        row = await page.evaluate("document.activeElement.closest('tr').innerText")
        assert expected in row
    await page.keyboard.press("k")
    assert "second words" in await page.evaluate("document.activeElement.closest('tr').innerText")


async def test_search_and_filters_find_the_matching_rfqs(database, db, opened):
    page, url = opened
    await db.execute(
        "insert into public.rfq_requests (company, message) values ('100% Steel_Co', 'Please quote 20 beams'), ('Other', 'slabs 100 Steel Co')"
    )
    async with working(database, Scripted()):
        await until(ended(db, 2))
    await db.execute("update public.rfq_requests set ai_review = 'low_confidence' where company = 'Other'")
    rfq_id = await db.fetchval("select id from public.rfq_requests where company = 'Other'")

    async def found(query: str) -> list[str]:
        await page.goto(f"{url}/rfqs?{query}")
        return sorted(await page.locator("tbody .from").all_inner_texts())

    assert await found("q=100%25+Steel_") == ["100% Steel_Co"]
    assert await found(f"q={rfq_id}") == ["Other"]
    assert await found("q=SLABS") == ["Other"]
    assert await found("status=done") == ["100% Steel_Co", "Other"]
    assert await found("status=failed") == []
    assert await found("review=1") == ["Other"]
    assert await found("route=civil") == []
    await db.execute("select ai.override_rfq($1, 'civil', 'ada')", rfq_id)
    assert await found("route=civil") == ["Other"]
    await insert(db, *(f"n{n}" for n in range(60)))
    assert len(await found("within=all")) == 50
    await page.click("text=Older")
    await page.wait_for_url("**before=**")
    assert await page.locator("tbody tr").count() == 12


# -- without a browser: access --------------------------------------------------------------------------------------


async def test_no_page_opens_without_an_account_and_no_form_works_from_elsewhere(database, db):
    from tests.support.console_accounts import PASSWORD

    await insert(db, "secret words")
    rfq_id = await db.fetchval("select id from public.rfq_requests")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with serving_console(database) as url:
        for path in (
            "/",
            "/rfqs",
            f"/rfqs/{rfq_id}",
            "/failures",
            "/control/pause",
            "/live",
            f"/rfqs/{rfq_id}/live",
            "/plots",
            "/settings/routes",
            "/budgets",
        ):
            reply = await ask(url + path)
            assert (reply.status, reply.header("location").split("?")[0]) == (303, "/login"), path
            assert "secret words" not in reply.text
        assert (await ask(url + "/login", "POST", form, b"password=wrong-wrong-wrong-wrong&name=eve")).status == 403
        assert (await ask(url + "/login", "POST", form, f"password={PASSWORD}&name=+".encode())).status == 400
        for path in (f"/rfqs/{rfq_id}/rerun", "/control/cap"):
            assert (await ask(url + path, "POST", form, b"scope=global&period=day&usd=9")).status == 403

        reply = await ask(
            url + "/login", "POST", form, f"password={PASSWORD}&name=ada+okoro&next=//evil.example/".encode()
        )
        assert (reply.status, reply.header("location")) == (303, "/")
        cookie = reply.header("set-cookie")
        assert re.search("httponly", cookie, re.IGNORECASE)
        assert re.search("samesite=strict", cookie, re.IGNORECASE)
        given = {"Cookie": cookie.split(";")[0]}
        page = await ask(f"{url}/rfqs/{rfq_id}", headers=given)
        assert page.status == 200
        policy = page.header("content-security-policy")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert (page.header("cache-control"), page.header("x-frame-options")) == ("no-store", "DENY")
        token = re.search(r'name="form_token" value="(\w+)"', page.text)[1]

        async def rerun(body: bytes, **headers: str) -> int:
            return (await ask(f"{url}/rfqs/{rfq_id}/rerun", "POST", {**form, **given, **headers}, body)).status

        assert await rerun(b"") == 403
        assert await rerun(b"form_token=" + b"0" * 64) == 403
        assert await rerun(f"form_token={token}".encode(), **{"Sec-Fetch-Site": "cross-site"}) == 403
        assert await rerun(f"form_token={token}".encode(), **{"Content-Type": "text/plain"}) == 403
        assert await rerun(f"form_token={token}&x={'y' * 140_000}".encode()) == 413
        assert await db.fetchval("select count(*) from ai.actions") == 0
        cap = b"scope=global&period=day&usd=9"
        assert (await ask(url + "/control/cap", "POST", {**form, **given}, cap)).status == 403
        assert (
            await ask(url + "/control/cap", "POST", {**form, **given}, cap + b"&form_token=" + b"0" * 64)
        ).status == 403
        for amount in (b"five", b"-1", b"1e30", b"1e999999", b"0.0000000001", b"NaN", b"sNaN", b"", b"%00", b"%ff"):
            wrong = b"scope=global&period=day&form_token=" + token.encode() + b"&usd=" + amount
            refused = await ask(url + "/control/cap", "POST", {**form, **given}, wrong)
            assert (refused.status, "a cap is an amount in US dollars" in refused.text) == (400, True), amount
        for scope in (b"model&model=m+1", b"model&model=", b"sender:x", b"<b>", b""):
            wrong = b"period=day&usd=9&form_token=" + token.encode() + b"&scope=" + scope
            refused = await ask(url + "/control/cap", "POST", {**form, **given}, wrong)
            assert (refused.status, "no budget" in refused.text) == (400, True), scope
            assert "<b>" not in refused.text
        assert await db.fetchval("select count(*) from ai.policy_history where key like 'budget.%'") == 0
        assert await db.fetchval("select cap_usd from ai.budget_status where scope = 'global'") == 5
        assert await rerun(f"form_token={token}".encode()) == 303
        forged = given["Cookie"][:-1] + ("0" if given["Cookie"][-1] != "0" else "1")
        assert (await ask(url + "/", headers={"Cookie": forged})).status == 303
        assert (await ask(url + "/", headers={"Cookie": "rfqflow_console=rubbish"})).status == 303


async def test_pages_say_what_is_wrong_while_the_database_is_unreachable(database):
    from tests.support.console_accounts import session_of
    from tests.support.proxy import Proxy

    async with Proxy.before(database) as link, serving_console(link.dsn) as url:
        given = await session_of(url)
        assert (await ask(url + "/rfqs", headers=given)).status == 200
        link.refusing = True
        link.cut()
        away = await ask(url + "/rfqs", headers=given, seconds=40)
        assert (away.status, "did not answer" in away.text) == (503, True)
        link.refusing = False
        assert (await ask(url + "/rfqs", headers=given)).status == 200
