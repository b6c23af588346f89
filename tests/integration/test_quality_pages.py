"""The pages about quality in a real Chromium: cases, changes between evaluations, uploads, a live trial, edit rates."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from urllib.parse import quote

import pytest
import pytest_asyncio

from tests.conftest import connect_patiently
from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.console_accounts import FORM, session_of
from tests.support.http_client import ask
from tests.support.page_checks import HOSTILE
from tests.support.quality_data import EMAIL, PHONE, case, dealt_with, evaluated, save, shadowed, versions

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOST = case("lost 1", f"Please quote 12 pumps. Call {PHONE}.", route="process", urgency="high")
GAINED = case("gained/1", "Twelve brackets, please.", route="civil", language="en")
MOVED = case("moved&1", HOSTILE, route="civil")
FIELDS = case(
    "客户-7", "请报价十二台离心泵。" * 30, route="process", line_items=[{"quantity": 12, "unit": "pcs"}], tags=["pumps"]
)
SAME = case("a-same", "Forty metres of hose.", route="process")
SILENT = case("silent", "No answer came to this one.", route="process")
ALL = (LOST, GAINED, MOVED, FIELDS, SAME, SILENT)
TWELVE = [{"description": "pump", "quantity": "12", "unit": "pcs"}]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server_databases, template):
    """A page that is logged in, the console's address, and the database."""
    name = f"rfqflow_{uuid.uuid4().hex[:12]}"
    database = server_databases.create(name, template)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(server_databases.drop, name)
        browser = await stack.enter_async_context(browsing())
        db = await connect_patiently(database)
        stack.push_async_callback(db.close)
        await versions(db)
        await save(db, *ALL)
        for version, route, items, urgency in (("rfq@1", "process", TWELVE, "high"), ("rfq@2", "civil", [], "low")):
            moved = {"route": "process" if version == "rfq@1" else "logistics"}
            await evaluated(
                db, version, (LOST, {"route": route, "urgency": urgency}), (GAINED, {"route": route, "language": "en"}),
                (MOVED, moved), (FIELDS, {"line_items": items, "tags": ["pumps"]}), (SAME, {}), (SILENT, "timeout"),
            )  # fmt: skip
        url = await stack.enter_async_context(serving_console(database))
        context = await browser.new_context(**STILL, base_url=url, viewport={"width": 1280, "height": 900})
        page = await context.new_page()
        page.set_default_timeout(60_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await log_in(page, url)
        yield page, url, db
        assert complaints == []


async def names(page) -> list[str]:
    return await page.locator(".case-name > :first-child").all_inner_texts()


async def test_cases_are_listed_with_text_expected_and_given_answers_and_without_contact_data(house):
    page, _, db = house
    await page.goto("/")
    await page.click("nav[aria-label=Main] >> text=Quality")
    await page.click("nav[aria-label=Quality] >> text=Cases")
    assert await names(page) == sorted((one.case_id for one in ALL), key=str.encode)
    shown = await page.inner_text("main")
    assert (PHONE in shown, "[masked-phone-1]" in shown) == (False, True)
    one = page.locator("li.case", has_text="lost 1")
    assert " ".join((await one.inner_text()).split()) == (
        "lost 1 wrong Please quote 12 pumps. Call [masked-phone-1]. "
        "✗ wrong route expected process given civil ✗ wrong urgency expected high given low"
    )
    assert await page.locator("main script, main img").count() == 0
    await page.select_option("select[name=route]", "civil")
    await page.click("button:text('Show')")
    assert await names(page) == ["gained/1", "moved&1"]
    await page.fill("input[type=search]", "BRACKETS")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=BRACKETS**")
    assert await names(page) == ["gained/1"]
    await page.click(".case-name a")
    assert await page.locator(".answer").count() == 2
    await page.wait_for_selector("text=Evaluation 2")
    for one in ALL:  # a case of any name has its page
        await page.goto(f"/quality/case?id={quote(one.case_id, safe='')}")
        assert one.case_id in await page.inner_text("h1")
    await page.goto("/evaluations/1/cases")
    assert await names(page) == ["gained/1", "moved&1"]  # only wrong ones, which come first
    await page.click("text=Without an answer")
    assert await names(page) == ["silent"]
    assert "timeout" in await page.inner_text("li.case")
    await db.execute("update ai.eval_cases set message = message || ' more' where case_id = 'silent'")
    await page.reload()
    await page.wait_for_selector("text=The text of this case has changed since this evaluation")
    await db.execute("update ai.eval_cases set message = $1 where case_id = 'silent'", SILENT.message)


async def test_a_comparison_shows_changed_cases_first_and_writes_shares_in_one_way(house):
    page, _, _ = house
    await page.goto("/compare?a=1&b=2")
    assert await names(page) == ["lost 1", "客户-7", "gained/1", "moved&1"]
    kinds = await page.locator("li.case .status").all_inner_texts()
    assert kinds == ["lost", "lost", "gained", "changed"]
    row = await page.locator("li.case", has_text="客户-7").inner_text()
    assert "expected 12 pcs" in " ".join(row.split())
    assert "A said ✓ right 12 pcs pump" in " ".join(row.split())
    assert "B said ✗ wrong none" in " ".join(row.split())
    assert "2 more labelled fields" in row
    assert await page.locator("main script, main img").count() == 0
    figures = await page.inner_text("tr:has-text('route accuracy')")
    assert re.findall(r"\d+(?:\.\d+)? %", figures)[:2] == ["50 %", "50 %"]
    assert "0.5" not in figures
    await page.click("nav[aria-label='Which cases'] >> text=The same")
    assert await names(page) == ["a-same", "silent"]
    await page.click("nav[aria-label='Which cases'] >> text=Lost")
    assert await names(page) == ["lost 1", "客户-7"]


async def test_an_upload_shows_the_fault_beside_each_line_and_saves_all_or_nothing(house):
    page, _, db = house
    before = await db.fetchval("select md5(string_agg(e::text, '' order by case_id)) from ai.eval_cases e")
    good = {"id": "up-1", "message": f"Write to {EMAIL} about 5 pumps.", "email": EMAIL, "labels": {"route": "process"}}
    lines = [
        json.dumps(good), '{"id": "up-2", "message": "m", ', json.dumps({"id": "up-3", "labels": {}}),
        json.dumps({**good, "id": "up-4", "labels": {"line_items": [{"quantity": "a dozen"}]}}), json.dumps({**good, "id": "up-5", "labels": None}),
    ]  # fmt: skip
    await page.goto("/quality/cases")
    await page.click("text=Upload cases")
    await page.set_input_files(
        "input[type=file]", {"name": "c.jsonl", "mimeType": "", "buffer": "\n".join(lines).encode()}
    )
    await page.click("button:text('Check')")
    await page.wait_for_selector(".line-problems")
    assert await page.locator(".line-problems strong").all_inner_texts() == ["Line 2", "Line 3", "Line 4"]
    assert await page.locator(".line-problems code").all_inner_texts() == ["message", "labels.line_items"]
    assert await page.input_value("textarea") == "\n".join(lines)
    assert await page.get_attribute("textarea", "aria-describedby") == "problems"
    # The form keeps the text that was sent, to be corrected there.
    known = json.dumps({"id": "a-same", "message": SAME.message, "labels": {"route": "civil"}})
    await page.fill("textarea", "\n".join([lines[0], known, lines[4]]))
    await page.click("button:text('Check')")
    await page.wait_for_selector("text=Save 2 cases?")
    reported = await page.inner_text("main")
    assert ("1 is new, 1 is changed", "1 without labels is left out") == tuple(
        one for one in ("1 is new, 1 is changed", "1 without labels is left out") if one in reported
    )
    assert "route: process → civil" in reported
    assert before == await db.fetchval("select md5(string_agg(e::text, '' order by case_id)) from ai.eval_cases e")
    # Another person saves one of them meanwhile: the page asks again.
    await save(db, case("up-1", "something else", route="civil"))
    await page.click("button:text('Save 2 cases')")
    await page.wait_for_selector("[role=alert] >> text=changed from 1 new and 1 changed")
    assert await db.fetchval("select labels ->> 'route' from ai.eval_cases where case_id = 'a-same'") == "process"
    await page.click("button:text('Save 2 cases')")
    await page.wait_for_selector("[role=status] >> text=0 cases are new, 2 are changed")
    saved = await db.fetchrow("select message, contact::text, created_by from ai.eval_cases where case_id = 'up-1'")
    assert EMAIL not in str(saved)
    assert json.loads(saved["contact"]) == {"email": "(masked)"}
    assert await db.fetchval("select actor from ai.actions where action = 'make_cases'") == "Ada Okoro"
    await db.execute("delete from ai.eval_cases where case_id = 'up-1'")
    await db.execute("update ai.eval_cases set labels = $1 where case_id = 'a-same'", json.dumps(dict(SAME.labels)))


async def test_a_live_trial_shows_where_the_two_versions_disagree_and_leads_to_the_rfq(house):
    page, _, db = house
    trial = await shadowed(
        db, ("Agreeing Ltd", {"route": "civil"}, {"route": "civil", "summary": "other words"}),
        ("Apart GmbH", {"route": "civil", "line_items": TWELVE}, {"route": "process", "line_items": []}),
    )  # fmt: skip
    await page.goto(f"/trials/{trial}")
    await page.wait_for_selector("[data-pulse][data-state=live]")
    await page.wait_for_selector("text=1 of 2 RFQs")
    rows = await page.locator(".disagreements tbody tr").all_inner_texts()
    assert [row.split("\t")[1:4] for row in rows] == [
        ["route", "civil", "process"],
        ["line items", "12 pcs pump", "none"],
    ]
    await page.evaluate("document.body.dataset.kept = 'yes'")
    rfq = await db.fetchval("select id from public.rfq_requests where company = 'Agreeing Ltd'")
    await db.execute("select ai.override_rfq($1, 'electrical', 'ada', 'by phone')", rfq)
    await page.wait_for_selector("tr:has-text('Agreeing Ltd') >> text=electrical")
    assert await page.evaluate("document.body.dataset.kept") == "yes"  # without a reload
    await page.click(".disagreements a:text('Apart GmbH')")
    await page.wait_for_url("**/rfqs/*")
    await page.goto(f"/trials/{trial}")
    await page.click("text=Stop")
    await page.click("button:text('Stop it')")
    await page.wait_for_selector("[role=status] >> text=The trial is stopped")
    assert await page.get_attribute("body", "data-stream") is None


async def test_a_canary_is_compared_where_both_answered_the_same_text_and_its_rfqs_are_rerun_by_their_number(house):
    page, _, db = house
    trial = await db.fetchval("select ai.start_trial('canary', 'rfq@2', 50, 'ada')")
    ids = [
        row["id"] for row in await db.fetch(
            "insert into public.rfq_requests (company, message) values ('Both', 'm1'), ('Edited', 'm2'), ('Alone', 'm3') returning id"
        )
    ]  # fmt: skip
    for at, (version, sha, route) in enumerate((("rfq@1", "a", "civil"), ("rfq@2", "a", "process"))):
        for rfq_id in ids[at and 0 : 3 if at else 2]:
            await db.execute(
                "insert into ai.rag_runs (rfq_id, attempt, status, prompt_version, content_sha256, output, created_at) "
                "values ($1, 1, 'succeeded', $2, $3, $4, clock_timestamp())",
                rfq_id, version, (sha if rfq_id == ids[0] else version).encode(), json.dumps({"route": route}),
            )  # fmt: skip
    await page.goto(f"/trials/{trial}")
    assert await page.locator(".disagreements .from a").all_inner_texts() == ["Both"]
    await page.wait_for_selector("text=1 of 3 RFQs")
    await page.wait_for_selector("text=1 of these RFQs have answers of both")
    await page.goto(f"/control/stop-trial?trial={trial}")
    await page.wait_for_selector("text=3 RFQs used rfq@2")
    await page.click("button:text('Stop it')")
    await page.click("text=Rerun all with the active prompt")
    await page.wait_for_selector("text=3 RFQs that the canary handled become due again")
    await db.execute("delete from ai.rag_runs where rfq_id = $1", ids[2])
    await page.click("button:text('Rerun 3 RFQs')")
    await page.wait_for_selector("[role=alert] >> text=The count changed from 3 to 2")
    await page.fill("input[name=why]", "the canary was worse")
    await page.click("button:text('Rerun 2 RFQs')")
    await page.wait_for_selector("[role=status] >> text=due again")
    assert (
        await db.fetchval("select detail ->> 'reason' from ai.actions where action = 'rerun'") == "the canary was worse"
    )


async def test_the_edit_rate_by_prompt_and_over_time_equals_that_of_the_database(house):
    page, _, db = house
    await page.goto("/quality/edits")
    await page.wait_for_selector("text=Nothing to show")
    await dealt_with(db, "rfq@1", 4, 1, days_ago=40)
    await dealt_with(db, "rfq@2", 3, 2)
    await page.reload()
    rows = await page.locator("table.rows tbody tr").all_inner_texts()
    assert [re.sub(r"\s+", " ", row).split(" ")[:3] for row in rows] == [["rfq@2", "66.7", "%"], ["rfq@1", "25", "%"]]
    kept = dict(
        await db.fetch("select prompt_version, answer_edit_rate from ai.edit_rates where prompt_version = 'rfq@2'")
    )
    assert kept == {"rfq@2": pytest.approx(2 / 3)}
    await page.wait_for_selector("[data-chart] .u-over")
    table = await page.locator("details table").first.text_content()
    assert ("66.7 %" in table, "25 %" in table) == (True, True)
    await page.click("a:text('30 days')")
    assert await page.locator("table.rows tbody tr").count() == 1
    assert "route" in await page.inner_text("dl.score")


async def test_an_action_on_all_workers_asks_first_and_a_refused_form_keeps_typed_text(house):
    page, _, db = house
    await page.goto("/prompts")
    await page.fill("input[name=most_usd]", "much")
    await page.click("button:text('Evaluate')")
    await page.wait_for_selector("#error-most_usd")
    assert await page.input_value("input[name=most_usd]") == "much"
    await page.goto("/prompts/rfq@2")
    await page.click("a:text('Start a trial')")
    await page.fill("input[name=percent]", "many")
    await page.fill("input[name=why]", "to see")
    await page.click("button:text('Start the trial')")
    await page.wait_for_selector("#error-percent")
    assert (await page.input_value("input[name=percent]"), await page.input_value("input[name=why]")) == (
        "many",
        "to see",
    )
    await page.goto("/control/activate?version=rfq@2")
    assert "all workers use rfq@2" in await page.inner_text("main")
    await db.execute("select ai.set_policy('active_prompt', '\"rfq@2\"', 'Grace')")
    await db.execute("select ai.add_prompt('rfq', 'third', 'user {message}', '{}', 'ada')")
    await page.click("button:text('Activate rfq@2')")
    await page.wait_for_selector("[role=alert] >> text=another person changed this first")
    await page.goto("/control/activate?version=rfq@3")
    await page.fill("input[name=why]", "no time")
    await page.click("button:text('Activate rfq@3')")
    await page.wait_for_selector("#error-force")
    assert await page.input_value("input[name=why]") == "no time"
    await page.check("input[name=force]")
    await page.click("button:text('Activate rfq@3')")
    await page.wait_for_selector("[role=status] >> text=rfq@3 is active")
    await page.click("a:text('Back to the previous version')")
    await page.click("button:text('Back to the previous version')")
    await page.wait_for_selector("[role=status] >> text=active again: rfq@2")
    assert await db.fetchval("select count(*) from ai.trials where ended_at is null") == 0
    await db.execute("select ai.set_policy('active_prompt', '\"rfq@1\"', 'ada')")  # as the other tests expect it


async def test_an_attack_over_http_changes_nothing_and_gets_an_answer(house):
    _, url, db = house
    ada, eve = await session_of(url), await session_of(url, "Eve", "viewer")
    token = re.search(r'name="form_token" value="(\w+)"', (await ask(url + "/me", headers=ada)).text)[1]
    count = await db.fetchval("select count(*) from ai.eval_cases")

    async def sent(given, content, *, form_token=token, kind="multipart/form-data; boundary=b7", **more):
        fields = {"form_token": form_token, **more}
        body = b"".join(
            f'--b7\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()
        )
        body += (
            b'--b7\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + content + b"\r\n--b7--\r\n"
        )
        return await ask(f"{url}/quality/upload", "POST", {"Content-Type": kind, **given}, body)

    line = b'{"id": "x", "message": "m", "labels": {}}'
    assert (await sent(ada, line, form_token="0" * 64)).status == 403
    assert (await sent({}, line)).status == 403
    assert (await sent(eve, line)).status == 403
    assert (await sent({**ada, "Sec-Fetch-Site": "cross-site"}, line)).status == 403
    assert (await sent(ada, line, kind="multipart/form-data")).status == 403
    assert (await sent(ada, b" " * 5_000_000)).status == 413
    for content, words in (
        (b"\xff\xfe{}", "not UTF-8: see line 1"), (b"", "Choose a file"), (b"[" * 100_000, "nested too deeply"),
        (b"\n".join([line] * 10_001), "an upload may have 10,000"), (b'{"id": "x", "message": "m", "labels": {"a": NaN}}', "is not JSON"),
        (b'{"id": "x", "message": "m", "labels": null}', "None of the 1 lines has labels"),
        (b'{"id": "<script>", "message": "m", "labels": 5}', "&lt;script&gt;: labels must be an object"),
        (b'{"id": "x", "message": "m", "labels": {"n": ' + b"9" * 5000 + b"}}", "is not JSON"),
        (b"\n".join(b'{"id": 5}' for _ in range(500)), "shows the first 100"),
    ):  # fmt: skip
        reply = await sent(ada, content, confirmed="1", new="1", changed="0")
        assert (reply.status, words in reply.text) == (400, True), (words, reply.text[-900:])
    assert (await sent(ada, line, confirmed="1", new="2", changed="0")).status == 409
    assert (await sent(ada, line, confirmed="1", new="-1", changed="9" * 40)).status == 200  # asked again
    assert await db.fetchval("select count(*) from ai.eval_cases") == count

    for path, status in (
        ("/quality/case", 404), ("/quality/case?id=%00", 404), ("/quality/case?id=" + "x" * 3000, 404),
        ("/quality/cases?after=%00&q=%25_%00&from=x&route=%27", 200), ("/evaluations/999/cases", 409),
        ("/evaluations/" + "9" * 30 + "/cases", 409), ("/evaluations/1/cases?page=" + "9" * 30 + "&show=x", 200),
        ("/compare?a=1&b=2&show=x&page=-1", 200), ("/compare?a=1&b=%00", 400), ("/trials/" + "9" * 30, 409),
        ("/control/activate?version=%00", 409), ("/control/rerun-trial?trial=x", 409), ("/control/stop-trial?trial=99", 200),
        ("/control/rerun-trial?trial=" + "9" * 30, 409), ("/quality/edits?range=x", 200),
    ):  # fmt: skip
        assert (await ask(url + path, headers=ada)).status == status, path
    for path in ("/quality/upload", "/control/activate?version=rfq@2", "/control/cases"):
        assert (await ask(url + path, headers=eve)).status == 403, path
    body = f"form_token={token}&override_id={'9' * 40}".encode()
    assert (await ask(f"{url}/overrides/cases", "POST", {**FORM, **ada}, body)).status == 409
    assert (await ask(f"{url}/overrides/cases", "POST", {**FORM, **ada}, f"form_token={token}".encode())).status == 409
