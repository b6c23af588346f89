"""The control room in a real Chromium: what is wrong, since when, and the remedy, within three clicks."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.support.browser import STILL, browsing, log_in, serving_console
from tests.support.health_states import STATES

# A person's clicks or, where no page has the remedy, the texts to read. A field to fill in is (name, value).
MENDED_BY = {
    "paused": ["Resume", "Resume all workers"],
    "breaker_open": ["Close the breaker", "Close the breaker"],
    "breaker_open/auth": ["Close the breaker", "Close the breaker"],
    "dead_letters": ["Redrive or discard", "Discard 3", "Discard 3"],
    "enqueue_missed": ["Enqueue them now", "Enqueue them"],
    "older_rfqs": ["Backfill", "Enqueue them"],
    "waits_for_person": ["Try them now", "Try them now"],
    "oldest_waiting/away": ["Try them now", "Try them now"],
    "unknown_price": ["Set the price", ("provider", "openai"), ("input", "0.25"), ("output", "2"), "Set the price"],
    "budget_spent": ["Raise the cap", "Set the cap"],
    "call_exceeds_budget": ["Raise the cap", "Set the cap"],
    "call_exceeds_budget/model": ["Raise the cap", "Set the cap"],
    "webhooks_failing": ["Webhook desk", "Turn off"],
    "maintenance_late": ["Run it now", "Run it"],
    "maintenance_late/idle": ["Run it now", "Run it"],
}
TYPED = {
    "no_live_worker": ("rfqflow run", "select ai.register_worker('h', 1, '0', 'rules', 'rules', 4, false)"),
    "claims_fail": ("rfqflow migrate", "select ai.note_claims(1, null)"),
    "trigger_missing": (
        "alter table public.rfq_requests enable trigger rfqflow_enqueue",
        "alter table public.rfq_requests enable trigger rfqflow_enqueue",
    ),
    "file_trigger_missing": (
        "alter table public.rfq_attachments enable trigger rfqflow_file_came",
        "alter table public.rfq_attachments enable trigger rfqflow_file_came",
    ),
    "oldest_waiting/busy": ("rfqflow run", "delete from ai.outbox"),
    "rules_instead_of_model": (
        "rfqflow rerun --prompt-version rules@1",
        "truncate ai.rag_runs; delete from ai.workers",
    ),
    "provider_misconfigured": ("rfqflow doctor", "update ai.workers set problems = '[]'"),
    "console_plain_http": ("rfqflow console --http 127.0.0.1:8642", "delete from ai.console_logins"),
    "drafts_waiting": ("rfqflow run", "delete from ai.draft_requests"),
    "archive_folder/full": ("rfqflow maintain --archive --archive-dir FOLDER", "delete from ai.maintenance"),
}
# Woken RFQs are gone from the finding as soon as a worker claims them.
WOKEN = ("waits_for_person", "oldest_waiting/away", "unknown_price")
CLEAN = """
truncate ai.outbox, ai.outbox_deferred, ai.outbox_dead, ai.outbox_missed, ai.rag_runs, ai.run_days, ai.holds, ai.model_states,
  ai.breaker_windows, ai.workers, ai.maintenance, ai.budget_windows, ai.model_prices, ai.wake_requests, public.rfq_requests;
delete from ai.webhooks; delete from ai.draft_requests; delete from ai.console_logins;
update ai.sweep_progress set older = 0, older_so_far = 0, pass = 1, next_block = 0;
update ai.policy set value = default_value where value <> default_value and key in ('mode', 'unknown_price', 'budget.global.day');
delete from ai.policy where key like 'budget.%' and key <> 'budget.global.day';
alter table public.rfq_requests enable trigger user;
alter table public.rfq_attachments enable trigger user;
alter sequence ai.workers_worker_seq restart;
"""


@contextlib.asynccontextmanager
async def control_room(database):
    async with browsing() as browser, serving_console(database) as url:
        page = await (await browser.new_context(**STILL, viewport={"width": 1280, "height": 900})).new_page()
        page.set_default_timeout(60_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await log_in(page, url)
        yield page, url
        assert complaints == []


async def becomes(page, expression: str) -> None:
    async with asyncio.timeout(60):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.05)


async def clear(db) -> None:
    await db.execute(CLEAN)


def found(page, state: str):
    return page.locator(f"#findings li[data-code={state.partition('/')[0]}]").first


async def is_mended(db, state: str) -> None:
    if state in WOKEN:
        left = "select count(*) from ai.outbox_deferred where due_at > now() + interval '5 minutes'"
    else:
        left = f"select count(*) from ai.health where code = '{state.partition('/')[0]}'"
    assert await db.fetchval(left) == 0, state


async def test_each_state_of_ai_health_is_found_and_mended_in_three_clicks_from_the_first_page(database, db):
    assert {name.partition("/")[0] for name in (*MENDED_BY, *TYPED)} == {name.partition("/")[0] for name in STATES}
    async with control_room(database) as (page, url):
        for state, steps in MENDED_BY.items():
            await clear(db)
            await STATES[state].bring_about(db)
            code = state.partition("/")[0]
            await page.goto(url)
            # The data of a moment ago may still be shown: the page notices changes by itself.
            await page.wait_for_selector(f"#findings li[data-code={code}] >> text={STATES[state].sentence[0]}")
            taking = await page.locator(".control h2", has_text="Working").all_inner_texts()
            assert (
                not taking or (STATES[state].severity != "critical" and "warning" in taking[0]) or state == "older_rfqs"
            ), state
            place, clicks = found(page, state), 0
            for step in steps:
                if isinstance(step, tuple):
                    await page.fill(f"input[name={step[0]}]", step[1])
                    continue
                clicks += 1
                await place.locator("a, button", has_text=step).first.click()
                place = page.locator("main")
                await page.wait_for_load_state()
            await page.wait_for_selector("p.said")
            assert clicks <= 3, state
            await is_mended(db, state)

        # A remedy that no page has is run as it is typed. The page notices the result by itself.
        for state, (command, does) in TYPED.items():
            await clear(db)
            await STATES[state].bring_about(db)
            code = state.partition("/")[0]
            await page.goto(url)
            await page.wait_for_selector(f"#findings li[data-code={code}] >> text={STATES[state].sentence[0]}")
            reported = await found(page, state).locator("code.command").all_inner_texts()
            assert command in reported, (state, reported)
            await db.execute(does)
            await becomes(page, f"!document.querySelector('#findings li[data-code={code}]')")
    who = {row["actor"] for row in await db.fetch("select actor from ai.actions where action <> 'assumed_corrected'")}
    assert who == {"Ada Okoro"}


async def test_stopping_all_workers_asks_first_and_focus_and_figures_stay_where_they_are(database, db):
    async with control_room(database) as (page, url):
        # The focus stays while the page updates itself.
        pause = page.locator("[data-part=control] a", has_text="Pause")
        await pause.focus()
        await db.execute("insert into public.rfq_requests (message) values ('one'), ('two')")
        await becomes(page, "document.querySelector('.tile dd').innerText === '2'")
        assert await page.evaluate("document.activeElement.innerText") == "Pause…"
        assert await page.locator("#queue a", has_text="due").get_attribute("href") == "/rfqs?status=pending&within=all"

        await pause.click()
        assert "2 RFQs due" in await page.inner_text(".confirm .effects")
        await page.locator("input[name=why]").evaluate("field => field.required = false")
        await page.click("text=Pause all workers")
        await page.wait_for_selector("#error-why >> text=Give a reason")
        assert await db.fetchval("select mode from ai.queue_status") == "on"
        await page.fill("input[name=why]", "stock-taking")
        await page.click("text=Pause all workers")
        await page.wait_for_selector("p.said >> text=All workers are paused")
        assert await db.fetchval("select mode from ai.queue_status") == "paused"
        # A link from elsewhere cannot make the page claim that an action was done.
        await page.goto(f"{url}/?notice=57+RFQs+are+gone&mark=0&said=redriven&n=57")
        assert await page.locator("p.said").count() == 0

        # Open and close are side by side, and neither changes into the other.
        await db.execute("insert into ai.model_states (provider, model) values ('openai', 'm1')")
        for state in ("closed", "open"):
            await page.goto(url)
            row = page.locator("#breakers li", has_text="m1")
            await row.locator("text=Open…").wait_for()
            assert await row.locator("a").all_inner_texts() == ["Open…", "Close…"]
            if state == "closed":
                await row.locator("text=Open…").click()
                await page.fill("input[name=why]", "too dear")
                await page.click("text=Block all calls")
                await page.wait_for_selector("p.said >> text=blocks all calls")
            assert await db.fetchval("select state from ai.breaker_status where model = 'm1'") == "open"

        # An invalid number stays in its field, with the error beside it.
        await page.goto(f"{url}/control/cap?scope=global&period=day&usd=5")
        await page.fill("input[name=usd]", "five")
        await page.fill("input[name=why]", "fair week")
        await page.click("text=Set the cap")
        await page.wait_for_selector("#error-usd >> text=a cap is an amount")
        assert await page.input_value("input[name=usd]") == "five"
        assert await page.input_value("input[name=why]") == "fair week"
        # A setting that stops work shows its effect before it is set.
        await page.fill("input[name=usd]", "0")
        await page.click("text=Set the cap")
        await page.wait_for_selector("text=leaves no room for a call")
        assert await db.fetchval("select value from ai.policy where key = 'budget.global.day'") == "5"
        await page.click("text=Set the cap")
        await page.wait_for_selector("p.said >> text=$5.00 → $0")


async def failed(db, number: int, reason: str, model: str, detail: str) -> None:
    await db.execute(
        "with made as (insert into public.rfq_requests (message) select 'm' from generate_series(1, $1::integer) returning id), "
        "gone as (insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class) "
        "select id, now(), 5, $2, $2 from made) "
        "insert into ai.rag_runs (rfq_id, attempt, status, reason, error_class, error_detail, provider, model, prompt_version, cost_usd, end_status) "
        "select id, 5, 'failed', $2, $2, $4, 'openai', $3, 'rfq@1', 0.01, 'failed' from made",
        number, reason, model, detail,
    )  # fmt: skip
    await db.execute("delete from ai.outbox o using ai.outbox_dead x where x.rfq_id = o.rfq_id")


async def is_exported(page) -> None:
    async with page.expect_download() as download:
        await page.click("text=Export as CSV")
    path = await (await download.value).path()
    lines = path.read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("rfq_id,request_id,reason,error_class")
    assert len(lines) == 3
    assert "I cannot help with that" in lines[1]


async def test_failures_are_grouped_redriven_and_discarded_as_confirmed(database, db):
    await failed(db, 5, "invalid_output", "m1", "items.0.colour: Extra inputs are not permitted")
    await failed(db, 3, "timeout", "m2", "no answer within 20 s")
    async with control_room(database) as (page, url):
        await page.goto(url + "/dead")
        await page.wait_for_url(url + "/failures")
        groups = page.locator("[data-part=failed_groups] li")
        assert await groups.count() == 2
        first = await groups.first.inner_text()
        assert "invalid output: 5" in first
        assert "openai m1, rfq@1" in first
        assert "items.0.colour: Extra inputs are not permitted" in first

        # The count is checked again at the action.
        await groups.first.locator("text=Redrive 5").click()
        reported = await page.inner_text(".confirm .effects")
        assert "5 dead letters: invalid output, of m1, with rfq@1" in reported
        assert "costs about $0.05" in reported
        await failed(db, 2, "invalid_output", "m1", "items.0.colour: Extra inputs are not permitted")
        await page.click("button:text('Redrive 5')")
        await page.wait_for_selector("[role=alert] >> text=The count changed from 5 to 7")
        assert await db.fetchval("select count(*) from ai.outbox") == 0
        await page.click("button:text('Redrive 7')")
        await page.wait_for_selector("p.said >> text=7 dead letters are due again")
        assert await db.fetchval("select count(*) from ai.outbox") == 7
        assert await groups.count() == 1

        # Another group appears while the page is open; no row ever moves under the pointer.
        await failed(db, 6, "refusal", "m1", "I cannot help with that")
        await page.wait_for_selector("[data-part=failed_groups] >> text=refusal: 6")
        await page.click("text=refusal: 6")
        await page.wait_for_url("**reason=refusal**")
        boxes = page.locator("tbody input[name=rfq_id]")
        assert await boxes.count() == 6
        await boxes.nth(1).click()
        await boxes.nth(4).click(modifiers=["Shift"])
        assert [await boxes.nth(at).is_checked() for at in range(6)] == [False, True, True, True, True, False]
        await page.click("text=Discard selected")
        await page.wait_for_selector(".effects >> text=4 dead letters")
        await page.fill("input[name=why]", "all from one test")
        await page.click("button:text('Discard 4')")
        await page.wait_for_selector("p.said >> text=4 dead letters are discarded")
        assert await db.fetchval("select count(*) from ai.dead_letters where reason = 'refusal'") == 2
        assert await db.fetchval("select count(*) from public.rfq_requests where ai_status = 'skipped'") == 4

        await is_exported(page)
        await page.goto(url + "/failures")
        await page.click("text=Redrive selected")
        await page.wait_for_selector("text=choose at least one dead letter")
    noted = await db.fetch("select actor, action, count(*) from ai.actions group by 1, 2 order by 2")
    assert [tuple(row) for row in noted] == [
        ("Ada Okoro", "discard", 4), ("Ada Okoro", "discard_group", 1), ("Ada Okoro", "export", 1), ("Ada Okoro", "redrive", 7), ("Ada Okoro", "redrive_group", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("state", sorted(STATES))
async def test_every_finding_has_a_remedy_that_leads_to_a_page_or_command(db, state):
    from rfqflow.console.control_pages import OPERATIONS
    from rfqflow.console.remedies import BY_CODE, remedies

    await STATES[state].bring_about(db)
    rows = await db.fetch("select * from ai.health where code = $1", state.partition("/")[0])
    assert rows
    for row in rows:
        assert row["code"] in BY_CODE
        reported = remedies(dict(row))
        assert reported
        for one in reported:
            path = (one.href or "").partition("?")[0]
            assert not path.startswith("/control/") or path.split("/")[2] in {*OPERATIONS, "webhooks"}, one
            assert "NAME" not in (one.href or "")


def test_this_test_finds_a_code_without_a_remedy():
    import re
    from pathlib import Path

    from rfqflow.console.remedies import BY_CODE

    text = "\n".join(path.read_text() for path in Path("sql/functions").glob("9[2345]_health*.sql"))
    assert set(re.findall(r"'(?:critical|warning|info)'(?: end)?,\s+'([a-z_]+)'", text)) == set(BY_CODE)
