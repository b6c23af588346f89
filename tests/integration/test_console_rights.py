"""Which roles may do what in the console. The tests try every address that takes a form, new ones included."""

from __future__ import annotations

import contextlib
import re
from urllib.parse import urlencode

import pytest

from rfqflow.core.roles import Role
from tests.support.browser import serving_console
from tests.support.console_accounts import FORM, session_of
from tests.support.console_routes import addresses
from tests.support.http_client import ask
from tests.support.worker_harness import Scripted, ended, insert, until, working

OPEN = {
    ("/login", "POST"),
    ("/link", "POST"),
    ("/login", "GET"),
    ("/link", "GET"),
    ("/healthz", "GET"),
    ("/static/{name}", "GET"),
}
ALL = addresses()
POSTS = [one for one in ALL if one.method == "POST" and one.needs is not None]
# Rows as text, of every table that could change. Tables that a login writes are excluded.
TABLES = """
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('ai', 'public') and c.relkind = 'r' and c.relname not in
      ('console_sessions', 'console_logins', 'console_guesses', 'accounts', 'workers', 'maintenance', 'desk_progress')
    order by 1
"""


async def contents(db) -> dict[str, str]:
    """A fingerprint of each table. It leaves out the people's own accounts, since logins make them."""
    found = {
        name: await db.fetchval(f"select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from {name} t")
        for (name,) in await db.fetch(TABLES)
    }
    found["accounts"] = await db.fetchval(
        "select string_agg(name || role || coalesce(disabled_at::text, ''), ',' order by key) from ai.accounts"
    )
    return found


@pytest.fixture
async def served(database, db):
    """A console, and values for the parts of its addresses: an RFQ with an answer, a trial, an evaluation."""
    await insert(db, "Please quote 4 pumps")
    async with working(database, Scripted()):
        await until(ended(db, 1))
    rfq_id = await db.fetchval("select id from public.rfq_requests")
    values = {
        "rfq_id": rfq_id,
        "version": "rfq@1",
        "trial": 1,
        "run": 1,
        "account_id": 1,
        "session_id": 1,
        "name": "global",
        "id": 1,
        "action": 1,
        "operation": "pause",
        "section": "limits",
        "key": "max_attempts",
    }
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving_console(database))
        yield url, values


async def form_token(url: str, given: dict[str, str]) -> str:
    return re.search(r'name="form_token" value="(\w+)"', (await ask(url + "/me", headers=given)).text)[1]


def test_every_address_declares_its_role_and_only_the_login_needs_none():
    assert {(one.path, one.method) for one in ALL if one.needs is None} == OPEN
    assert {one.method for one in ALL} == {"GET", "POST"}
    assert len(POSTS) > 20
    assert {one.path for one in POSTS if one.needs == Role.VIEWER} <= {"/logout", "/me/password"}
    assert all(one.needs == Role.DESK for one in POSTS if one.path.startswith("/desk/"))


async def test_no_form_works_without_a_session_from_another_session_or_another_site(served, db):
    url, values = served
    ada, eve = await session_of(url), await session_of(url, "Eve")
    own, foreign = await form_token(url, ada), await form_token(url, eve)
    before = await contents(db)
    for one in POSTS:
        path = url + one.filled(values)
        for given, token, more in (
            ({}, own, {}),
            ({"Cookie": "rfqflow_console=made-up"}, own, {}),
            (ada, "", {}),
            (ada, foreign, {}),
            (ada, own, {"Sec-Fetch-Site": "cross-site"}),
            (ada, own, {"Sec-Fetch-Site": "same-site"}),
            (ada, own, {"Content-Type": "text/plain"}),
        ):
            reply = await ask(path, "POST", {**FORM, **given, **more}, f"form_token={token}".encode())
            assert reply.status == 403, (one.path, given and "session", more)
    assert await contents(db) == before
    assert (await ask(url + "/me", headers=ada)).status == 200  # no address was a logout


async def test_a_role_can_do_nothing_by_address_that_needs_another_role(served, db):
    url, values = served
    await session_of(url)
    sessions = {role: await session_of(url, f"Eve {role.word}", role.word) for role in Role if role != Role.ADMIN}
    before = await contents(db)
    for role, given in sessions.items():
        token = await form_token(url, given)
        tried = [one for one in POSTS if one.needs > role]
        for one in tried:
            body = f"form_token={token}&mode=paused&reason=x&route=civil&value=x&usd=1&scope=global&period=day&force=1"
            reply = await ask(url + one.filled(values), "POST", {**FORM, **given}, body.encode())
            assert (reply.status, "Not for this account" in reply.text) == (403, True), (one.path, role)
        assert tried or role == Role.OPERATOR
    assert await contents(db) == before


async def test_no_page_offers_a_viewer_an_action(served, db):
    url, values = served
    await db.execute("select ai.override_rfq($1, 'civil', 'ada', 'why not')", values["rfq_id"])
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason) values (gen_random_uuid(), now(), 5, 'timeout')"
    )
    given = await session_of(url, "Eve", "viewer")
    seen = 0
    for one in ALL:
        if one.method != "GET" or "live" in one.path:
            continue
        reply = await ask(url + one.filled(values), headers=given)
        if one.needs is None:
            continue
        if one.needs != Role.VIEWER:  # the audit has addresses of logins
            assert (reply.status, "Not for this account" in reply.text) == (403, True), one.path
            continue
        assert 'href="/audit"' not in reply.text, one.path
        posts = [
            (re.search(r'action="([^"]*)"', form) or [None, one.path])[1]
            for form in re.findall(r'<form\b[^>]*method="post"[^>]*>', reply.text)
        ]
        assert set(posts) <= {"/logout", "/me/password"}, one.path
        if reply.status == 200 and not one.path.endswith(("/export", ".csv")):
            # Each page has the element that says whether it follows live.
            is_live = re.search(r"<body[^>]* data-stream=", reply.text) is not None
            assert ("This page keeps itself up to date" in reply.text) == is_live, one.path
            assert ("This page shows the state when you opened it" in reply.text) == (not is_live), one.path
        seen += reply.status == 200
    assert seen >= 10
    async with contextlib.aclosing(_streamed(url, given)) as parts:
        assert 'method="post"' not in await anext(parts)


async def test_an_operator_has_no_way_to_the_actions_of_admins(served, db):
    url, _ = served
    ada, eve = await session_of(url), await session_of(url, "Olga", "operator")
    await db.execute("insert into ai.webhooks (name) values ('erp') on conflict do nothing")
    before = await contents(db)

    async def sent(given, path, **fields):
        page = await ask(url + "/settings", headers=given)
        token = re.search(r'name="form_token" value="(\w+)"', page.text)[1]
        body = urlencode({"form_token": token, **fields}).encode()
        return (await ask(url + path, "POST", {**FORM, **given}, body)).status

    assert await sent(eve, "/settings/policies/draft_days", value="1") == 403
    assert await sent(eve, "/control/webhooks/erp", what="off", why="x") == 403
    assert await sent(eve, "/control/price", provider="openai", model="m", input="0", output="0") == 403
    assert await sent(ada, "/settings/policies/mode", value="paused") == 400  # its field for a reason is elsewhere
    assert await contents(db) == before


async def _streamed(url: str, given: dict[str, str]):
    from tests.support.http_client import opened

    async with opened(url + "/live", headers=given) as (status, _, reader):
        assert status == 200
        text = ""
        while "tiles" not in text:
            text += (await reader.read(65536)).decode()
        yield text.replace('\\"', '"')


async def test_a_banner_appears_once_after_an_action_of_the_console_and_never_by_a_link(served, db):
    url, values = served
    ada, eve = await session_of(url), await session_of(url, "Eve")
    for path in (
        "/failures?said=redriven&n=57",
        "/budgets?said=cap_set&mark=" + "0" * 32,
        "/desk?said=handled&sort=due",
    ):
        reply = await ask(url + path, headers=ada)
        assert reply.status == 303
        assert "said" not in reply.header("location")
    assert (await ask(url + "/desk?said=handled&sort=due", headers=ada)).header("location") == "/desk?sort=due"

    token = await form_token(url, ada)
    where = f"{url}/rfqs/{values['rfq_id']}"
    reply = await ask(f"{where}/rerun", "POST", {**FORM, **ada}, f"form_token={token}".encode())
    led = reply.header("location")
    assert "This page shows its progress" in (await ask(url + led, headers=ada)).text
    assert (await ask(url + led, headers=eve)).status == 303  # it belongs to Ada's session alone
    assert (await ask(url + led.replace("said=rerun", "said=withdrawn"), headers=ada)).status == 303
