"""Signing in to the console: by password, by a link, by a proxy's header; and how a session ends everywhere at once."""

from __future__ import annotations

import asyncio
import contextlib
import re
from urllib.parse import quote_plus, urlencode

from tests.support.console_accounts import ADA, FORM, PASSWORD, ensure_account, session_of
from tests.support.console_process import console
from tests.support.daemon import eventually
from tests.support.http_client import ask, opened
from tests.support.mapped_tables import rfqflow

PROXY = {"RFQFLOW_CONSOLE_PROXY_TRUSTED": "127.0.0.1", "RFQFLOW_CONSOLE_PROXY_HEADER": "X-Remote-User"}
EVIL = "<img src=x onerror=alert(1)> 'Eve'"


async def log_in(url: str, name: str, password: str, **headers: str) -> tuple[int, str]:
    body = f"name={name.replace(' ', '+')}&password={password.replace(' ', '+')}".encode()
    reply = await ask(url + "/login", "POST", {**FORM, **headers}, body)
    return reply.status, reply.header("set-cookie").partition(";")[0]


async def account(*words: str, dsn: str, stdin: bytes = b"") -> str:
    done = await asyncio.to_thread(rfqflow, "account", *words, dsn=dsn, stdin=stdin, RFQFLOW_CONSOLE_HASH_MIB="1")
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.asynccontextmanager
async def stream(url: str, given: dict[str, str], path: str = "/live/health"):
    """An open stream: returns when it has ended, with its last data."""
    async with opened(url + path, headers={**given, "Accept": "text/event-stream"}) as (status, _, reader):
        assert status == 200
        assert b"event" in await reader.readuntil(b"event")
        yield asyncio.ensure_future(reader.read(-1))


async def test_every_end_of_a_session_ends_its_streams_on_every_console(database, db):
    async with console(database) as (one, process), console(database) as (other, _):
        ways = {
            "logout": None,
            "disabled": ("disable", "eve"),
            "enabled and another role": ("role", "eve", "desk"),
            "another password": ("password", "eve"),
            "revoked": ("revoke", "eve"),
        }
        for way, words in ways.items():
            if way.startswith("enabled"):
                await account("enable", "Eve", dsn=database)
            given = await session_of(one, "Eve", "viewer" if way != "logout" else "desk")
            async with stream(one, given) as here, stream(other, given, "/live") as there:
                if words:
                    await account(*words, dsn=database, stdin=b"several words to log in\n")
                else:
                    page = (await ask(one + "/me", headers=given)).text
                    token = re.search(r'name="form_token" value="(\w+)"', page)[1]
                    assert (
                        await ask(one + "/logout", "POST", {**FORM, **given}, f"form_token={token}".encode())
                    ).status == 303
                async with asyncio.timeout(40):
                    assert b"event: ended" in await here
                    assert b"event: ended" in await there
            for url in (one, other):
                await eventually(
                    lambda url=url, given=given: ask(url + "/me", headers=given), lambda reply: reply.status == 303
                )
        assert len(await db.fetch("select from ai.console_sessions where ended_by is not null")) == len(ways)
    assert not {"Eve", PASSWORD} & set(process.text.split())


async def test_a_session_ends_by_age_or_when_idle_and_live_updates_do_not_prolong_it(database, db):
    async with console(database) as (url, _):
        given = await session_of(url)
        await db.execute("update ai.console_sessions set seen_at = now() - interval '239 minutes'")
        async with stream(url, given) as over:
            assert await db.fetchval("select seen_at < now() - interval '200 minutes' from ai.console_sessions")
            await db.execute("update ai.console_sessions set seen_at = now() - interval '241 minutes'")
            async with asyncio.timeout(40):
                assert b"event: ended" in await over
        assert (await ask(url + "/", headers=given)).status == 303
        given = await session_of(url)
        await db.execute("update ai.console_sessions set seen_at = now() - interval '200 minutes'")
        await eventually(
            lambda: ask(url + "/me", headers=given),
            lambda reply: reply.status == 200,
        )
        await asyncio.sleep(1.1)  # a page is admitted again without a query for a second
        assert (await ask(url + "/me", headers=given)).status == 200
        assert await db.fetchval("select max(seen_at) > now() - interval '1 minute' from ai.console_sessions")
        await db.execute("update ai.console_sessions set ends_at = now() - interval '1 second'")
        await eventually(lambda: ask(url + "/", headers=given), lambda reply: reply.status == 303)


async def test_a_login_needs_its_own_token_which_no_other_page_can_set(database, db):
    """No attacker can fix a session beforehand, and a form of another site logs nobody in."""
    async with console(database) as (url, _):
        _, first = await log_in(url, ADA, PASSWORD, Cookie="rfqflow_console=chosen-by-somebody-else")
        _, second = await log_in(url, "ada OKORO", PASSWORD, Cookie=first)
        assert len({first, second, "rfqflow_console=chosen-by-somebody-else"}) == 3
        await eventually(lambda: ask(url + "/", headers={"Cookie": first}), lambda reply: reply.status == 303)
        assert (await ask(url + "/", headers={"Cookie": second})).status == 200
        assert (await log_in(url, ADA, PASSWORD, **{"Sec-Fetch-Site": "cross-site"}))[0] == 403
        # Over plain HTTP, a browser sends only Origin: null from a page that hides its own.
        port = url.rpartition(":")[2]
        for origin in ("http://evil.example", "null", "http://127.0.0.1", f"http://127.0.0.1.evil.example:{port}"):
            assert (await log_in(url, ADA, PASSWORD, Origin=origin))[0] == 403, origin
        for origin in (url, url.upper().replace("HTTP", "http")):
            assert (await log_in(url, ADA, PASSWORD, Origin=origin))[0] == 303, origin
        # With this policy, the console's own forms do not send null.
        assert (await ask(url + "/login")).header("referrer-policy") == "same-origin"
        kept = await db.fetch("select token_sha256 from ai.console_sessions")
        assert all(len(row["token_sha256"]) == 32 for row in kept)
        assert second.partition("=")[2] not in str(kept)


async def test_guesses_are_limited_per_address_and_never_lock_the_right_person_out(database, db):
    """Behind a proxy, which reports the addresses; 203.0.113.x are strangers."""
    async with console(database, **PROXY) as (url, process):
        await ensure_account(database, "Eve", "viewer")

        async def guess(address: str, name: str = ADA, password: str = "wrong wrong wrong") -> int:
            return (await log_in(url, name, password, **{"X-Forwarded-For": f"9.9.9.9, {address}"}))[0]

        reported = await asyncio.gather(*(guess("203.0.113.1") for _ in range(30)))
        assert (reported.count(403), reported.count(429)) == (10, 20)
        assert await guess("203.0.113.1", password=PASSWORD) == 429  # nor with the right password
        assert await guess("203.0.113.1", "Eve", PASSWORD) == 303  # another account can
        reported = await asyncio.gather(*(guess("203.0.113.2", f"nobody {n}") for n in range(30)))
        assert (reported.count(403), reported.count(429)) == (20, 10)

        for n in range(10, 30):
            await asyncio.gather(*(guess(f"203.0.113.{n}") for _ in range(4)))
        many = await asyncio.gather(*(guess("203.0.113.99") for _ in range(6)))
        assert (many.count(403), many.count(429)) == (3, 3)
        assert await guess("198.51.100.7", password=PASSWORD) == 303  # from another address, at once
        assert await guess("198.51.100.7") == 403

        rows = await db.fetch("select * from ai.console_logins")
        assert {row["account"] for row in rows} == {ADA, "Eve", None}
        assert {row["outcome"] for row in rows} == {"ok", "failed", "limited"}
        assert (
            sum(row["attempts"] for row in rows if row["outcome"] == "limited" and row["address"] == "203.0.113.1")
            == 21
        )
        assert len([row for row in rows if row["outcome"] == "limited" and row["address"] == "203.0.113.1"]) < 21
        assert await db.fetchval("select count(*) from ai.console_guesses where key like '%nobody%'") == 0
        failed = process.events("console.login_failed")
        assert {row["login_id"] for row in rows if row["outcome"] == "failed"} == {line["login"] for line in failed}
        assert process.events("console.login_limited")
    assert not any(word in process.text for word in ("203.0.113", "nobody", ADA, "wrong"))


async def test_an_unknown_name_gets_the_answer_of_a_wrong_password_and_is_not_stored(database, db):
    async with console(database) as (url, _):
        await ensure_account(database, "Eve", "viewer")
        await db.execute("update ai.accounts set disabled_at = now(), disabled_by = 'x' where name = 'Eve'")
        pages = set()
        for name, password in (
            (ADA, "wrong"),
            ("nobody", "wrong"),
            ("my secret password", "wrong"),
            ("Eve", PASSWORD),
            ("\u202e", "x"),
        ):
            reply = await ask(
                url + "/login", "POST", FORM, f"name={name}&password={password}".replace(" ", "+").encode()
            )
            assert reply.status == 403
            pages.add(reply.text.replace(f'value="{name}"', ""))
        assert len(pages) == 1
        rows = await db.fetch("select account, outcome from ai.console_logins order by login_id")
        assert [tuple(row) for row in rows] == [
            (ADA, "failed"), (None, "failed"), (None, "failed"), ("Eve", "refused"), (None, "failed"),
        ]  # fmt: skip


async def test_a_link_works_once_in_time_and_makes_one_first_administrator(database, db):
    from tests.support.console_accounts import CHEAP
    from tests.support.daemon import ForkedProcess

    given = {"RFQFLOW_DATABASE_URL": database, **CHEAP}
    async with contextlib.AsyncExitStack() as stack:
        urls = []
        for _ in range(2):  # in turn: the newest link counts
            process = await stack.enter_async_context(ForkedProcess("console", "--http", "127.0.0.1:0", **given))
            urls.append((await process.until_noise("console: http")).removeprefix("console: ").strip())
        assert all(re.fullmatch(r"http://127\.0\.0\.1:\d+/link\?token=[\w-]{32}", url) for url in urls)
        (base, token), (other, late) = (url.split("/link?token=") for url in urls)

        async def use(
            url: str, token: str, name: str = "ada", password: str = PASSWORD, again: str | None = None
        ) -> int:
            body = f"token={token}&name={name}&password={password}&again={password if again is None else again}"
            return (await ask(url + "/link", "POST", FORM, body.replace(" ", "+").encode())).status

        assert (await ask(urls[1])).status == 200  # opening the link does not use it up
        assert await use(base, "made-up") == 410
        for wrong in (
            {"password": "short"},
            {"again": "another one of mine"},
            {"name": "a%0ab"},
            {"name": "+"},
            {"password": "ada"},
        ):
            reply = await use(other, late, **wrong)
            assert reply == 400, wrong
        assert await db.fetchval("select count(*) from ai.accounts") == 0
        # The second console's link replaced the first one's. If two people use it at once, one of them wins.
        assert await use(base, token) == 410
        assert sorted(await asyncio.gather(*(use(url, late, f"ada{n}") for n, url in enumerate((base, other))))) == [
            303,
            410,
        ]
        assert await use(base, late, "eve") == 410
        assert await db.fetchval("select count(*) from ai.accounts where role = 'admin'") == 1

        link = (
            await account("add", "bea", "--no-password", dsn=database),
            await account("link", "bea", "--url", base, dsn=database),
        )[1].strip()
        await db.execute("update ai.console_links set ends_at = now() where used_at is null")
        assert (await ask(link)).status == 410
        link = (await account("link", "bea", "--url", base, dsn=database)).strip()
        assert 'value="bea"' in (await ask(link)).text
        assert await use(base, link.split("=")[1], "ada0") == 303  # the link names its account
        assert (await log_in(base, "bea", PASSWORD))[0] == 303
        assert await use(base, link.split("=")[1]) == 410
        outcomes = await db.fetch("select distinct account, outcome from ai.console_logins where via = 'link'")
        assert ("bea", "ok") in {tuple(row) for row in outcomes}
        assert ("bea", "refused") in {tuple(row) for row in outcomes}
    assert late not in process.text.replace(urls[1], "")


async def test_only_a_trusted_proxys_header_logs_a_person_in(database, db):
    async with console(database, **PROXY) as (url, process):
        await ensure_account(database, "Eve", "viewer")

        async def page(**headers: str) -> tuple[int, str]:
            reply = await ask(url + "/me", headers=headers)
            return reply.status, reply.header("set-cookie").partition(";")[0]

        status, cookie = await page(**{"X-Remote-User": "EVE"})
        assert status == 200
        assert (await page(Cookie=cookie))[0] == 303  # the cookie alone, without the proxy's header, is not enough
        assert (await page(Cookie=cookie, **{"X-Remote-User": "Eve"})) == (200, "")
        assert (await page(Cookie=cookie, **{"X-Remote-User": ADA}))[1] not in (
            "",
            cookie,
        )  # another person: another session
        for name in ("nobody", "a\tb", "x" * 81, ""):
            assert (await page(**{"X-Remote-User": name}))[0] == 403, name
        await db.execute("select ai.set_policy('console_proxy_accounts', '\"viewer\"')")
        assert (await page(**{"X-Remote-User": EVIL}))[0] == 200
        assert await db.fetchval("select role from ai.accounts where name = $1", EVIL) == "viewer"
        assert (await page(**{"X-Remote-User": "Eve", "X-Forwarded-For": "203.0.113.5"}))[0] == 200
        assert await db.fetchval("select count(*) from ai.console_sessions where address = '203.0.113.5'") == 1

        # No person gets in by a name that folds into another one.
        for name, alike in (("Strauß", "strauss"), ("Kim", "\u212aim"), ("Fiona", "\ufb01ona")):
            await ensure_account(database, name, "viewer")
            for header, status in ((name.upper() if name != "Strauß" else name, 200), (alike, 403)):
                assert (await page(**{"X-Remote-User": header}))[0] == status, (name, header)
        assert (
            await db.fetchval(
                "select count(*) from ai.console_sessions where ended_at is null and account_id in (select account_id from ai.accounts where name = 'Strauß')"
            )
            == 1
        )

        # A session begins only with a page that a person opens, not with other requests of a browser, a program or
        # another site.
        before = await db.fetchval("select count(*) from ai.console_sessions")
        proxied = {"X-Remote-User": "Eve"}
        assert (await ask(url + "/favicon.ico", headers=proxied)).status == 404
        login = await ask(url + "/login?next=/desk", headers=proxied)
        assert (login.status, login.header("location")) == (303, "/desk")
        assert (await ask(url + "/live", headers={**proxied, "Accept": "text/event-stream"})).status == 401
        assert (await ask(url + "/logout", "POST", {**proxied, **FORM}, b"form_token=x")).status == 403
        assert (await ask(url + "/link?token=x", headers=proxied)).status == 410
        assert await db.fetchval("select count(*) from ai.console_sessions") == before

        shown = (await ask(url + "/me", headers={"X-Remote-User": EVIL})).text
        assert "<img" not in shown.replace('<img src="/static', "")
        assert "&lt;img src=x" in shown
        secure = await ask(url + "/me", headers={"X-Remote-User": "Eve", "X-Forwarded-Proto": "https"})
        assert re.match(r"__Host-rfqflow_console=[\w-]{43}; .*[Ss]ecure", secure.header("set-cookie"))
        assert "omain" not in secure.header("set-cookie")
    strangers = {**PROXY, "RFQFLOW_CONSOLE_PROXY_TRUSTED": "192.0.2.1"}
    async with console(database, **strangers) as (url, process):
        reply = await ask(url + "/me", headers={"X-Remote-User": ADA, "X-Forwarded-Proto": "https"})
        assert reply.status == 303
        await process.until_event("console.untrusted_proxy_header")
        status, cookie = await log_in(
            url, ADA, PASSWORD, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"}
        )
        assert (status, cookie.startswith("rfqflow_console=")) == (303, True)
        assert (
            await db.fetchval(
                "select count(*) from ai.console_logins where address = '203.0.113.5' and via = 'password'"
            )
            == 0
        )


async def test_plain_http_on_a_reachable_address_is_logged_and_shown_on_each_page(database, db):
    from tests.support.console_accounts import CHEAP
    from tests.support.daemon import ForkedProcess

    await ensure_account(database)
    given = {"RFQFLOW_DATABASE_URL": database, "RFQFLOW_CONSOLE_PROXY_TRUSTED": "127.0.0.1", **CHEAP}
    async with ForkedProcess("console", "--http", "0.0.0.0:0", **given) as process:
        port = (await process.until_noise("console: http")).rpartition(":")[2].strip()
        url = f"http://127.0.0.1:{port}/login"
        far = {"X-Forwarded-For": "203.0.113.5"}
        assert "uses plain HTTP" in (await ask(url, headers=far)).text
        assert "uses plain HTTP" not in (await ask(url, headers={**far, "X-Forwarded-Proto": "https"})).text
        assert "uses plain HTTP" not in (await ask(url)).text
    async with ForkedProcess("console", "--http", "0.0.0.0:0", RFQFLOW_DATABASE_URL=database, **CHEAP) as process:
        await process.until_event("console.plain_http")
    async with ForkedProcess(
        "console", RFQFLOW_DATABASE_URL=database, RFQFLOW_CONSOLE_PROXY_HEADER="X-User"
    ) as process:
        assert await process.exit_code(20) == 2
    assert "RFQFLOW_CONSOLE_PROXY_TRUSTED" in process.text


REFUSED = [
    (["add", "eve", "--role", "desk"], b"short\n", "12 to 256"),
    (["add", "eve", "--role", "desk"], b"", "no password"),
    (["add", "eve", "--role", "root"], b"several words to log in", "viewer"),
    (["add", "ada okoro"], b"several words to log in", "already"),
    (["add", "a\nb"], b"several words to log in", "visible letters"),
    (["role", "nobody", "desk"], b"", "account nobody not found"),
    (["disable", "Ada Okoro"], b"", "only administrator"),
    (["role", "ADA okoro", "viewer"], b"", "only administrator"),
    (["password", "nobody"], b"several words to log in", "account nobody not found"),
    (["link", "nobody"], b"", "account nobody not found"),
]


async def test_a_command_that_cannot_be_done_says_why(database):
    await ensure_account(database)
    for words, stdin, said in REFUSED:
        done = await asyncio.to_thread(
            rfqflow, "account", *words, dsn=database, stdin=stdin, RFQFLOW_CONSOLE_HASH_MIB="1"
        )
        assert (done.returncode, said in done.stderr) == (2, True), (words, done.stderr)
        assert "Traceback" not in done.stderr
        assert "several words" not in done.stderr + done.stdout


async def test_changes_of_accounts_are_in_the_audit_and_old_attempts_are_deleted(database, db):
    await ensure_account(database)
    await account("add", "Eve", "--role", "desk", "--actor", "ada", dsn=database, stdin=b"several words to log in\n")
    await account("role", "eve", "operator", "--actor", "ada", dsn=database)
    await account("disable", "eve", "--actor", "ada", dsn=database)
    rows = await db.fetch("select actor, action, detail ->> 'account' as account from ai.actions order by id")
    assert [tuple(row) for row in rows] == [("ada", f"account_{what}", "Eve") for what in ("add", "role", "disable")]
    assert "argon2" not in str(await db.fetch("select detail from ai.actions"))
    assert '"role": "operator"' in await account("list", "--json", dsn=database)

    await db.execute(
        "insert into ai.console_logins (tried_at, address, outcome, via) values (now() - interval '91 days', 'x', 'failed', 'password')"
    )
    await db.execute(
        "insert into ai.console_sessions (account_id, token_sha256, via, ends_at) select account_id, sha256('x'), 'link', now() - interval '91 days' from ai.accounts limit 1"
    )
    await db.fetchval("select ai.prune_guards()")
    assert (
        await db.fetchval("select count(*) from ai.console_logins")
        + await db.fetchval("select count(*) from ai.console_sessions")
        == 0
    )


async def post(url: str, path: str, given: dict[str, str], **fields: str):
    token = re.search(r'name="form_token" value="(\w+)"', (await ask(url + "/me", headers=given)).text)[1]
    return await ask(url + path, "POST", {**FORM, **given}, urlencode({"form_token": token, **fields}).encode())


async def test_an_administrator_makes_accounts_on_a_page_and_people_set_their_own_password(database, db):
    async with console(database) as (url, _):
        ada = await session_of(url)

        page = await post(url, "/accounts", ada, name=EVIL, role="desk")
        assert (page.status, "<img src=x" in page.text) == (200, False)
        link = re.search(r"http://[^<]*/link\?token=[\w-]+", page.text)[0]
        for name, said in ((EVIL.upper(), "already"), ("a\u202eb", "visible letters"), ("", "missing")):
            refused = await post(url, "/accounts", ada, name=name, role="desk")
            assert (refused.status, said in refused.text) == (400, True), name
        body = f"token={link.partition('=')[2]}&password={PASSWORD}&again={PASSWORD}".replace(" ", "+")
        reply = await ask(link.partition("?")[0], "POST", FORM, body.encode())
        eve = {"Cookie": reply.header("set-cookie").partition(";")[0]}
        assert (reply.status, (await ask(url + "/accounts", headers=eve)).status) == (303, 403)

        new = "another one of mine"
        wrong = await post(url, "/me/password", eve, old="not mine at all", password=new, again=new)
        assert (wrong.status, "this is not your current password" in wrong.text) == (400, True)
        assert (await post(url, "/me/password", eve, old=PASSWORD, password="short", again="short")).status == 400
        done = await post(url, "/me/password", eve, old=PASSWORD, password=new, again=new)
        assert (done.status, "Your password is set" in done.text) == (200, True)
        fresh = {"Cookie": done.header("set-cookie").partition(";")[0]}
        await eventually(lambda: ask(url + "/me", headers=eve), lambda reply: reply.status == 303)
        await eventually(lambda: ask(url + "/me", headers=fresh), lambda reply: reply.status == 200)


async def test_a_change_of_an_account_is_confirmed_first_and_applies_to_the_account_that_was_shown(database, db):
    async with console(database) as (url, _):
        ada = await session_of(url)
        await ensure_account(database, EVIL, "desk")
        assert (await log_in(url, quote_plus(EVIL), "wrong"))[0] == 403
        fresh = {"Cookie": (await log_in(url, quote_plus(EVIL), PASSWORD))[1]}
        number = await db.fetchval("select account_id from ai.accounts where name = $1", EVIL)

        async def confirmed(path: str, **fields: str):
            """As a person does it: the page that explains the change, and then its button."""
            reported = (await ask(f"{url}{path}?{urlencode(fields)}", headers=ada)).text
            return reported, await post(
                url, path, ada, **fields, expected=re.search(r'name="expected" value="(\w+)"', reported)[1]
            )

        # The answer to an unconfirmed form is the question. A form of an account that has been replaced is refused.
        assert "Role: desk" in (await post(url, f"/accounts/{number}", ada, what="role", role="operator")).text
        assert await db.fetchval("select role from ai.accounts where account_id = $1", number) == "desk"
        assert (await post(url, f"/accounts/{number}", ada, what="revoke")).status == 200
        assert await db.fetchval("select count(*) from ai.open_console_sessions() where account_id = $1", number) == 1
        late = await post(url, f"/accounts/{number}", ada, what="role", role="admin", expected="0" * 64)
        assert (late.status, "changed meanwhile" in late.text) == (409, True)
        assert await db.fetchval("select role from ai.accounts where account_id = $1", number) == "desk"
        reported, done = await confirmed(f"/accounts/{number}", what="role", role="operator")
        assert (done.status, "1 open session ends" in reported, "<img src=x" in reported) == (303, True, False)
        assert "now has the role operator" in (await ask(url + done.header("location"), headers=ada)).text
        assert (await ask(url + "/me", headers=fresh)).status in (200, 303)
        assert (await confirmed(f"/accounts/{number}", what="revoke"))[1].status == 303
        assert (await confirmed(f"/accounts/{number}", what="disable"))[1].status == 303
        assert (await log_in(url, quote_plus(EVIL), PASSWORD))[0] == 403
        only = await db.fetchval("select account_id from ai.accounts where name = $1", ADA)
        for fields in ({"what": "disable"}, {"what": "role", "role": "viewer"}):
            reported, refused = await confirmed(f"/accounts/{only}", **fields)
            assert ("your own account" in reported, "only administrator" in reported) == (True, True)
            assert (refused.status, "only administrator" in refused.text) == (409, True)
        assert (await post(url, "/accounts", ada, name="bea", role="admin")).status == 200
        reported = (await ask(f"{url}/accounts/{only}?what=disable", headers=ada)).text
        assert "No other administrator has a password" in reported
        bad = [
            ("/accounts/99999999999999999999", "disable"),
            (f"/accounts/{only}", "root"),
            (f"/accounts/{only}", "role"),
        ]
        for path, what in bad:
            assert (await post(url, path, ada, what=what, role="root", expected="x")).status in (400, 404, 409)
            assert (await ask(f"{url}{path}?what={what}&role=root", headers=ada)).status in (400, 404, 409)
        audit = (await ask(url + "/audit?kind=account", headers=ada)).text
        assert "<img src=x" not in audit
        assert all(word in audit for word in ("account add", "account role", "account disable", "account link"))
        logins = (await ask(url + "/audit?kind=login", headers=ada)).text
        assert "failed" in logins
        assert "127.0.0.1" in logins
