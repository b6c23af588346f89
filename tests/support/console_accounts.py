"""People who use the console in tests: makes an account for a name, and logs in as a browser does."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import asyncpg

from rfqflow.core.accounts import account_key
from tests.support.http_client import ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

ADA = "Ada Okoro"
PASSWORD = "correct horse battery staple"
HASH = "$argon2id$v=19$m=1024,t=3,p=4$7qJ5Hd2EdeAxMR+Gbd4a2A$LNFwWfibOIqidSG++7OC2QpRerTHUXAgp2CBVWDrPV8"
# A hash of a password takes 1 MiB instead of 64. It is a documented setting, and the only security setting that tests
# lower.
CHEAP = {"RFQFLOW_CONSOLE_HASH_MIB": "1"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_databases: dict[str, str] = {}  # of running consoles, by address


async def ensure_account(dsn: str, name: str = ADA, role: str = "admin") -> None:
    """Adds the account as if long ago: the audit has no entry of it."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(
            "insert into ai.accounts (name, key, role, password, password_at, created_by) values ($1, $2, $3, $4, now(), 'test') "
            "on conflict (key) do update set role = excluded.role, password = excluded.password", name, account_key(name), role, HASH,
        )  # fmt: skip
    finally:
        await conn.close()


@contextlib.asynccontextmanager
async def serves(url: str, dsn: str) -> AsyncIterator[None]:
    """Notes the console's DSN, so that a test can log in with the address alone."""
    _databases[url] = dsn
    try:
        yield
    finally:
        del _databases[url]


async def log_in(page: Page, url: str, actor: str = ADA, role: str = "admin") -> None:
    await ensure_account(_databases[url], actor, role)
    await page.goto(url + "/login")
    await page.fill("input[name=name]", actor)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_selector("nav[aria-label=Main]")


async def session_of(url: str, actor: str = ADA, role: str = "admin") -> dict[str, str]:
    """The header of a person who is logged in."""
    await ensure_account(_databases[url], actor, role)
    body = f"name={actor.replace(' ', '+')}&password={PASSWORD.replace(' ', '+')}"
    reply = await ask(url + "/login", "POST", FORM, body.encode())
    assert reply.status == 303, reply.text[-400:]
    return {"Cookie": reply.header("set-cookie").partition(";")[0]}
