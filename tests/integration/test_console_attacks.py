"""Attacks on the console, by a person with an account or without: by addresses, methods, headers and fields."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from urllib.parse import quote, urlencode

from rfqflow.core.roles import Role
from tests.support.console_accounts import ADA, FORM, PASSWORD, ensure_account, session_of
from tests.support.console_process import console
from tests.support.console_routes import addresses
from tests.support.http_client import ask

ALL = addresses()
# One value of each kind of hostile field: the console may only refuse it.
HOSTILE = {
    "zero byte": "a%00b",
    "no UTF-8": "%ff%fe%c0%80",
    "half a character": "%ed%a0%80",
    "long": "x" * 6000,
    "many digits": "9" * 400,
    "a negative one": "-9223372036854775809",
    "markup": quote("<script>alert(1)</script>{{ 7 * 7 }}"),
    "line breaks": "a%0d%0aSet-Cookie:%20x=y",
    "a time": "99999-12-31T00:00:00",
}
FIELDS = (
    "q", "status", "reason", "route", "error", "model", "prompt", "state", "owner", "sort", "after", "before", "cause",
    "error_class", "provider", "prompt_version", "rfq_id", "kind", "actor", "object", "from", "to", "separator", "lines",
    "range", "span", "days", "since", "until", "scope", "period", "usd", "name", "role", "what", "why", "value", "key",
    "expected_count", "expected", "limit", "per_minute", "version", "field", "language", "subject", "revision", "next", "token",
    "cases", "text", "unit", "n", "page", "a", "b", "chosen", "asked_of", "input", "output", "cached", "url", "mark",
)  # fmt: skip
VALUES = {
    "rfq_id": "01890a5d-ac96-774b-bcce-b302099a8057", "version": "rfq@1", "trial": 1, "run": 1, "account_id": 1,
    "session_id": 1, "name": "global", "id": 1, "action": 1, "operation": "cap", "section": "limits",
    "key": "max_attempts",
}  # fmt: skip
EVIL = '=HYPERLINK("http://evil.example","x")'


async def form_token(url: str, given: dict[str, str]) -> str:
    return re.search(r'name="form_token" value="(\w+)"', (await ask(url + "/me", headers=given)).text)[1]


def part(one, hostile: str) -> str:
    """The address with this value in the place of each part that is a text."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: str(VALUES[found[1]]) if found[2] else hostile[:200], one.path)


async def test_a_hostile_value_in_any_field_of_any_address_is_refused_and_breaks_nothing(database, db):
    """By an administrator, so that no check of roles comes first."""
    ways = [one for one in ALL if one.path not in ("/logout", "/me/password") and "live" not in one.path]
    async with console(database) as (url, process):
        given = await session_of(url)
        token = await form_token(url, given)

        async def tried(one, name: str, value: str) -> str | None:
            fields = "&".join(f"{field}={value}" for field in (FIELDS if len(value) < 1000 else FIELDS[:9]))
            path = part(one, quote(value) if name == "long" else value) if name != "line breaks" else part(one, "x")
            if one.method == "GET":
                reply = await ask(f"{url}{path}?{fields}", headers=given, seconds=120)
            else:
                body = f"form_token={token}&{fields}".encode()
                reply = await ask(url + path, "POST", {**FORM, **given}, body, seconds=120)
            broken = reply.status >= 500 or "<script>alert(1)" in reply.body.decode(errors="replace")
            return f"{one.method} {one.path} {name}: {reply.status}" if broken or reply.header("x") else None

        wrong: list[str | None] = []
        for name, value in HOSTILE.items():
            for start in range(0, len(ways), 8):
                wrong += await asyncio.gather(*(tried(one, name, value) for one in ways[start : start + 8]))
        assert [one for one in wrong if one] == []
        assert (await ask(url + "/me", headers=given)).status == 200
    assert not process.events("console.internal_error")


async def test_no_spelling_of_an_address_no_method_and_no_header_bypasses_a_role(database, db):
    await ensure_account(database)
    async with console(database) as (url, _):
        sessions = {role: await session_of(url, f"Eve {role.word}", role.word) for role in Role if role != Role.ADMIN}
        for role, given in sessions.items():
            for one in ALL:
                if one.method == "GET" and one.needs is not None and one.needs > role:
                    reply = await ask(url + one.filled(VALUES), headers=given)
                    assert (reply.status, "Not for this account" in reply.text) == (403, True), (one.path, role)
        viewer = sessions[Role.VIEWER]
        token = await form_token(url, viewer)
        body = urlencode({"form_token": token, "name": "mallory", "role": "admin", "_method": "POST"}).encode()
        spellings = (
            "/accounts/", "//accounts", "/./accounts", "/desk/../accounts", "/%61ccounts", "/accounts%2f", "/accounts;a=b",
            "/ACCOUNTS", "/accounts%00", "/accounts?x=/static/console.js", "/static/../accounts", "/static/..%2faccounts",
        )  # fmt: skip
        more = (
            {"X-HTTP-Method-Override": "POST"}, {"X-Original-URL": "/accounts"}, {"X-Rewrite-URL": "/accounts"},
            {"X-Remote-User": ADA}, {"X-Forwarded-User": ADA}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Role": "admin"},
        )  # fmt: skip
        for path in spellings:
            for method in ("GET", "POST"):
                reply = await ask(url + path, method, {**FORM, **viewer}, body if method == "POST" else b"")
                assert reply.status in (303, 307, 400, 403, 404, 405), (path, method, reply.status)
        for headers in more:
            for method, path in (("GET", "/accounts"), ("POST", "/accounts"), ("GET", "/")):
                reply = await ask(url + path, method, {**FORM, **viewer, **headers}, body if method == "POST" else b"")
                assert reply.status == (403 if path == "/accounts" else 200), (headers, method)
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
            assert (await ask(url + "/accounts", method, {**FORM, **viewer}, body)).status in (400, 404, 405), method
        assert await db.fetchval("select count(*) from ai.accounts where name = 'mallory'") == 0
        for name in ("..%2f..%2fcontext.py", "%2e%2e/app.py", "console.js%00", "idiomorph.txt"):
            assert (await ask(f"{url}/static/{name}")).status == 404, name


async def test_no_cache_keeps_pages_of_an_account_and_no_login_redirects_elsewhere(database, db):
    async with console(database) as (url, _):
        given = await session_of(url)
        for one in ALL:
            if one.method == "GET" and "live" not in one.path:
                for headers in (given, {}):
                    reply = await ask(url + one.filled(VALUES), headers=headers)
                    kept = reply.header("cache-control")
                    assert kept == (
                        "private, max-age=86400" if reply.status == 200 and "static" in one.path else "no-store"
                    ), one.path
                    assert "default-src 'none'" in reply.header("content-security-policy")
        away = (
            "//evil.example", "/\\evil.example", "https://evil.example", "/%0d%0aX: y", "javascript:alert(1)", "/\t/evil.example",
            "\\\\evil.example", "///evil.example", " //evil.example", "/login?next=/", "/link?token=x", "evil.example",
        )  # fmt: skip
        for there in away:
            body = urlencode({"name": ADA, "password": PASSWORD, "next": there}).encode()
            reply = await ask(url + "/login", "POST", FORM, body)
            assert (reply.status, reply.header("location")) in ((303, "/"), (303, "/%0d%0aX:")), there
            reply = await ask(f"{url}/login?next={quote(there)}", headers=given)
            assert reply.header("location") == "/", there


async def test_a_form_of_an_ended_session_does_nothing_when_it_is_sent_again(database, db):
    async with console(database) as (url, _):
        given = await session_of(url)
        token = await form_token(url, given)
        again = urlencode({"form_token": token, "name": "mallory", "role": "admin"}).encode()
        assert (await ask(url + "/logout", "POST", {**FORM, **given}, f"form_token={token}".encode())).status == 303
        fresh = await session_of(url)
        for headers in (given, fresh, {"Cookie": f"{fresh['Cookie']}; {given['Cookie']}"}):
            assert (await ask(url + "/accounts", "POST", {**FORM, **headers}, again)).status == 403
        twice = f"form_token=x&form_token={await form_token(url, fresh)}&name=mallory&role=admin".encode()
        assert (await ask(url + "/accounts", "POST", {**FORM, **fresh}, twice)).status == 403
        assert await db.fetchval("select count(*) from ai.accounts where name = 'mallory'") == 0


async def test_no_export_has_a_formula_that_a_spreadsheet_runs(database, db):
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, discarded_at, attempt, reason, error_class) "
        "values ($1, now(), now(), 3, 'attempts_exhausted', 'internal')", VALUES["rfq_id"],
    )  # fmt: skip
    await db.execute(
        "insert into ai.rag_runs (rfq_id, attempt, status, reason, model, provider, error_detail) "
        "values ($1, 1, 'failed', 'internal', $2, 'p', $2)", VALUES["rfq_id"], EVIL,
    )  # fmt: skip
    await db.execute("select ai.pause($1, $1)", EVIL)
    async with console(database) as (url, _):
        given = await session_of(url)
        for path in ("/failures.csv", "/audit/export.csv", "/audit/export.csv?separator=semicolon"):
            text = (await ask(url + path, headers=given)).body.decode("utf-8-sig")
            assert "HYPERLINK" in text, path
            rows = csv.reader(io.StringIO(text), delimiter=";" if "semicolon" in path else ",")
            assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell], path


async def test_an_action_that_is_done_already_is_refused_and_leaves_no_trace(database, db):
    async with console(database) as (url, _):
        given = await session_of(url)
        token = await form_token(url, given)
        for operation in ("resume", "enqueue", "try"):
            body = urlencode({"form_token": token, "why": "once more", "code": "budget"}).encode()
            reply = await ask(f"{url}/control/{operation}", "POST", {**FORM, **given}, body)

            assert (reply.status, "once more" in reply.text) == (409, True), operation
        assert await db.fetchval("select count(*) from ai.policy_history where key = 'mode'") == 0
        done = await db.fetch("select action from ai.actions")
        assert not {"enqueue_missed", "try_deferred"} & {row["action"] for row in done}
