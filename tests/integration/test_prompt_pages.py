"""The quality loop by clicks, in a real Chromium: override, case, evaluation, activation, rollback, trials."""

import contextlib
import os
import re
import signal
from pathlib import Path

from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.console_accounts import session_of
from tests.support.daemon import ForkedProcess
from tests.support.http_client import ask
from tests.support.model_server import ModelServer
from tests.support.page_checks import HOSTILE
from tests.support.worker_harness import Scripted, ended, insert, until, working

PUMPS = "Please quote 12 centrifugal pumps for our works in Cork, by the end of May. Call +353 21 555 0100."
STEEL = "We need prices for 40 steel brackets, laser cut, galvanised, by the end of May."


async def add_second(db, note="shorter"):
    return await db.fetchval(
        "select ai.add_prompt('rfq', system || ' Be brief.', template, parameters, 'ada', $1) from ai.prompts "
        "where version = 'rfq@1'", note,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def daemon(database, server):
    environment = {
        "RFQFLOW_DATABASE_URL": database, "RFQFLOW_PROVIDER": "openai", "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": "sk-test", "RFQFLOW_MODEL": "fake-1",
    }  # fmt: skip
    async with ForkedProcess("run", **environment) as process:
        await process.until_event("worker.registered")
        yield process
        process.send(signal.SIGTERM)
        assert await process.exit_code(30) == 0


@contextlib.asynccontextmanager
async def opened(database, **viewport):
    async with browsing() as browser, serving_console(database) as url:
        context = await browser.new_context(**STILL, viewport={"width": 1280, "height": 900, **viewport})
        page = await context.new_page()
        page.set_default_timeout(60_000)
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await log_in(page, url)
        yield page, url
        assert [one for one in complaints if "409" not in one and "400" not in one] == []


async def picture(page, name):
    """A screenshot for a person to look at, in the folder that RFQFLOW_TEST_PICTURES names."""
    if folder := os.environ.get("RFQFLOW_TEST_PICTURES"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


async def refused_unmeasured(page, url, db):
    """A version without evaluation is not activated."""
    await page.goto(url)
    await page.click("nav >> text=Quality")
    await page.click("a:text('rfq@2')")
    await page.wait_for_selector(".diff .add >> text=Be brief.")
    await picture(page, "version-unmeasured")
    await page.click("a:text('Activate')")
    await page.fill("input[name=why]", "I am in a hurry")
    await page.click("button:text('Activate rfq@2')")
    await page.wait_for_selector("#error-force >> text=has no evaluation")
    assert await page.input_value("input[name=why]") == "I am in a hurry"
    await page.click("text=Cancel")
    await page.click("a:text('rfq@2')")
    assert await db.fetchval("select value from ai.policy where key = 'active_prompt'") == '"rfq@1"'


async def put_in_force_and_taken_back(page, url, db):
    """It is activated, used, and rolled back."""
    await page.goto(f"{url}/prompts/rfq@2")
    await page.click("a:text('Activate')")
    await page.fill("input[name=why]", "shorter <b>")
    await page.click("button:text('Activate rfq@2')")
    await page.wait_for_selector("text=active from the next claim")
    await page.wait_for_selector("tr:has(a:text('rfq@2')) >> text=active")
    await insert(db, "Please quote 7 gate valves DN80, delivered to Bremen in June.")
    await until(ended(db, 3), 30)
    assert 1 == await db.fetchval("select count(*) from public.rfq_requests where ai_prompt_version = 'rfq@2'")
    await page.click("a:text('Back to the previous version')")
    await page.fill("input[name=why]", "people complain")
    await page.click("button:text('Back to the previous version')")
    await page.wait_for_selector("text=The previous version is active again")
    await page.wait_for_selector("tr:has(a:text('rfq@1')) >> text=active")
    noted = await db.fetch(
        "select actor, reason, new_value from ai.policy_history where key = 'active_prompt' "
        "and old_value <> '\"\"' order by id"
    )
    assert [tuple(row) for row in noted] == [
        ("Ada Okoro", "shorter <b>", '"rfq@2"'), ("Ada Okoro", "people complain", '"rfq@1"'),
    ]  # fmt: skip


async def test_override_case_evaluation_activation_and_rollback_by_clicks(database, db):
    async with ModelServer() as server, daemon(database, server), opened(database) as (page, url):
        await insert(db, PUMPS, STEEL)
        await until(ended(db, 2), 30)
        assert await add_second(db) == "rfq@2"
        rfq_id = await db.fetchval("select id from public.rfq_requests where message = $1", PUMPS)

        # A person corrects the route, and the correction becomes a case.
        await page.goto(f"{url}/rfqs/{rfq_id}")
        await page.select_option("select[name=route]", "logistics")
        await page.click("button:text('Override') >> visible=true")
        await page.click("button:text('Create a case')")
        await page.wait_for_selector("text=The case is created")
        await page.wait_for_selector(".by-hand >> text=a case")
        kept = await db.fetchrow("select message, labels ->> 'route', created_by, provenance from ai.eval_cases")
        assert ("logistics", "Ada Okoro", "override") == tuple(kept)[1:]
        assert "555 0100" not in kept["message"]
        assert "make_cases" == await db.fetchval("select action from ai.actions where rfq_id = $1", rfq_id)

        await refused_unmeasured(page, url, db)

        # A worker evaluates it; the page follows without a reload.
        asked = len(server.journal)
        await page.click("button:text('Evaluate')")
        await page.wait_for_selector("text=A worker will run the evaluation")
        loads = []
        page.on("framenavigated", lambda frame: loads.append(frame.url))
        await page.wait_for_selector(".evaluating >> text=finished")
        await page.wait_for_selector("tr:has(a:text('rfq@2')) >> text=0 %")  # the model has another route
        assert (loads, len(server.journal)) == ([], asked + 1)
        assert "Be brief." in str(server.journal[-1]["body"])
        await picture(page, "prompts")
        await page.click("a:text('Show the report')")
        await page.wait_for_selector("text=route accuracy")
        assert await page.locator(".figure svg").count() == 4
        await picture(page, "report")

        # Both are compared.
        await page.goto(f"{url}/prompts/rfq@1")
        await page.click("button:text('Evaluate')")
        await page.wait_for_selector(".evaluating >> text=finished")
        await page.click("a:text('Show the report')")
        await page.click("button:text('Compare')")
        await page.wait_for_selector("text=can't tell with 1 case")
        await picture(page, "comparison")

        await put_in_force_and_taken_back(page, url, db)
        assert await db.fetchval("select count(*) from ai.eval_requests where requested_by = 'Ada Okoro'") == 2
        assert await db.fetchval("select bool_and(started_by = 'Ada Okoro') from ai.eval_runs")
        await page.goto(url)
        await page.wait_for_selector("[data-part=activity] >> text=evaluate")


async def test_an_unmeasured_prompt_is_forced_only_with_a_reason(database, db):
    async with working(database, Scripted()):
        await insert(db, PUMPS)
        await until(ended(db, 1))
    await add_second(db)
    async with opened(database) as (page, url):
        await page.goto(f"{url}/prompts/rfq@2")
        await page.click("a:text('Activate')")
        await page.check("input[name=force]")
        await page.fill("input[name=why]", " ")
        await page.click("button:text('Activate rfq@2')")
        await page.wait_for_selector("#error-why >> text=give a reason")
        assert await page.is_checked("input[name=force]")
        await page.fill("input[name=why]", "the old one is broken")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=active from the next claim")
    assert await db.fetchval("select value from ai.policy where key = 'active_prompt'") == '"rfq@2"'


async def test_trials_are_started_shown_and_stopped_and_their_rfqs_rerun(database, db):
    async with ModelServer() as server, daemon(database, server), opened(database) as (page, url):
        await insert(db, PUMPS)
        await until(ended(db, 1), 30)
        await add_second(db)
        await page.goto(f"{url}/prompts/rfq@2")
        await page.click("a:text('Start a trial')")
        await page.select_option("select[name=kind]", index=1)
        await page.fill("input[name=percent]", "100")
        await page.click("button:text('Start the trial')")
        await page.wait_for_selector("#error-force >> text=has no evaluation")
        assert await db.fetchval("select count(*) from ai.trials") == 0
        assert await page.input_value("input[name=percent]") == "100"
        await page.fill("input[name=why]", "see what it does")
        await page.check("input[name=force]")
        await page.click("button:text('Start the trial')")
        await page.wait_for_selector("tr:has(a:text('rfq@2')) >> text=canary 100 %")
        await insert(db, STEEL)
        await until(ended(db, 2), 30)
        await page.click("a:text('Canary of rfq@2')")
        await page.wait_for_selector("text=RFQs of this trial")
        await picture(page, "trial")
        await page.click("a:text('Stop')")
        await page.click("button:text('Stop it')")
        await page.wait_for_selector("text=The trial is stopped")
        await page.click("a:text('Rerun all with')")
        await page.click("button:text('Rerun 1 RFQ')")
        await page.wait_for_selector("text=1 RFQ is due again")
        back = "select count(*) = 2 from public.rfq_requests where ai_prompt_version = 'rfq@1' and ai_status = 'done'"
        await until(lambda: db.fetchval(back), 30)

        await page.goto(f"{url}/control/trial?version=rfq@2")
        await page.fill("input[name=percent]", "20,5")
        await page.click("button:text('Start the trial')")
        await page.wait_for_selector("tr:has(a:text('rfq@2')) >> text=shadow 20.5 %")
        await page.click("[aria-label='Stop the shadow']")
        await page.click("button:text('Stop it')")
        await page.wait_for_selector("text=The trial is stopped")
    found = await db.fetch("select kind, started_by, ended_by, end_reason from ai.trials order by trial")
    assert [tuple(row) for row in found] == [
        ("canary", "Ada Okoro", "Ada Okoro", "stopped by hand"), ("shadow", "Ada Okoro", "Ada Okoro", "stopped by hand")
    ]  # fmt: skip
    detail = await db.fetchval("select detail ->> 'trial' from ai.actions where action = 'rerun'")
    assert detail == "1"


async def test_overrides_become_cases_singly_or_all_unless_the_text_has_changed(database, db):
    async with working(database, Scripted()):
        await insert(db, PUMPS, STEEL, "Gate valves DN80, twelve of them, please quote.")
        await until(ended(db, 3))
    await db.execute("select ai.override_rfq(id, 'civil', 'ada', $1) from public.rfq_requests", HOSTILE)
    await db.execute("update public.rfq_requests set company = $1", HOSTILE)
    await db.execute("update public.rfq_requests set message = message || ' Soon.' where message = $1", STEEL)
    async with opened(database) as (page, url):
        await page.goto(url + "/prompts")
        await page.wait_for_selector("text=2 have no case yet")
        await page.click("main .hint >> a:text('Overrides')")
        assert await page.locator("text=text has changed since").count() == 1
        await page.click("button:text('Create a case') >> nth=0")
        await page.wait_for_selector("text=1 cases are new or changed")
        await page.click("a:text('Create cases from all')")
        await page.click("button:text('Make 1 case')")
        await page.wait_for_selector("text=1 case is new or changed")
        assert await page.locator("tbody .status-done").count() == 2
        assert await page.locator("main script, main img").count() == 0
        await picture(page, "overrides")
        token = await page.get_attribute("input[name=form_token] >> nth=0", "value")
        for given, words in (("x", "invalid override"), ("99", "withdrawn")):
            reply = await page.request.post(
                f"{url}/overrides/cases", form={"form_token": token, "override_id": given},
                headers={"Sec-Fetch-Site": "same-origin"},
            )  # fmt: skip
            assert (409, True) == (reply.status, words in await reply.text())
    assert await db.fetchval("select count(*) from ai.eval_cases where is_active") == 2


async def test_an_evaluation_that_no_worker_runs_says_so_and_can_be_cancelled(database, db):
    async with working(database, Scripted()):
        await insert(db, PUMPS)
        await until(ended(db, 1))
    await db.execute(
        "insert into ai.eval_cases (case_id, family, provenance, message, labels) "
        "values ('c1', 'f', 'file', $1, '{\"route\": \"process\"}')", PUMPS,
    )  # fmt: skip
    await db.execute("select ai.request_evaluation('rfq@1', null, 1, $1)", HOSTILE[:80])
    async with opened(database) as (page, url):
        await page.goto(url + "/prompts")
        await page.wait_for_selector("text=No worker with a model runs")
        await page.click("button:text('Cancel')")
        await page.wait_for_selector("text=is cancelled")
        assert await db.fetchval("select ended_by from ai.eval_requests") == "Ada Okoro"
        await page.keyboard.press("Escape")
        for key in ("g", "v"):
            await page.keyboard.press(key)
        await page.wait_for_url(url + "/prompts")


async def test_no_action_works_without_a_session_and_its_token(database, db):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    gets = (
        "/prompts",
        "/prompts/live",
        "/prompts/rfq@1",
        "/evaluations/1",
        "/compare?a=1&b=2",
        "/overrides",
        "/trials/1",
    )
    posts = (
        "/control/evaluate", "/evaluations/cancel", "/control/rollback", "/control/activate", "/control/trial",
        "/overrides/cases", "/control/stop-trial", "/control/rerun-trial", "/control/cases", "/quality/upload",
        "/rfqs/00000000-0000-0000-0000-000000000000/case",
    )  # fmt: skip
    async with serving_console(database) as url:
        for path in gets:
            reply = await ask(url + path)
            assert (reply.status, reply.header("location").split("?")[0]) == (303, "/login"), path
        for path in posts:
            assert (await ask(url + path, "POST", form, b"")).status == 403, path
        given = await session_of(url)
        for path in posts:
            assert (await ask(url + path, "POST", {**form, **given}, b"form_token=0")).status == 403, path
        assert (await ask(url + "/prompts", headers=given)).status == 200
        token = re.search(r'name="form_token" value="(\w+)"', (await ask(url + "/rfqs", headers=given)).text)[1]
        for path, status in (
            ("/prompts/none@1", 404),
            ("/evaluations/7", 409),
            ("/trials/7", 409),
            ("/compare?a=1", 409),
        ):
            assert (await ask(url + path, headers=given)).status == status, path
        for path, fields, status, words in (
            ("/control/evaluate", "version=none@1&most_usd=1", 409, "prompt none@1"),
            ("/control/evaluate", "version=rfq@1&most_usd=much", 400, "not much"),
            ("/control/evaluate", "version=rfq@1&most_usd=-1", 400, "from 0 to"),
            ("/control/evaluate", "version=rfq@1&most_usd=nan", 400, "from 0 to"),
            ("/control/rollback", "", 409, "no prompt is active yet"),
            ("/control/activate", "version=none@1&force=1&why=x", 409, "prompt none@1 not found"),
            ("/control/trial", "version=none@1&kind=shadow&percent=5", 409, "prompt none@1 not found"),
            ("/control/stop-trial", "trial=7", 409, "has already ended"),
            ("/control/cases", "expected_count=0", 400, "Open the preview first"),
        ):  # fmt: skip
            reply = await ask(url + path, "POST", {**form, **given}, f"form_token={token}&{fields}".encode())
            assert (reply.status, words in reply.text) == (status, True), (path, reply.text[-400:])
