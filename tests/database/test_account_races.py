"""Two changes of accounts at the same moment: the later one does not undo the earlier one, and they never deadlock."""

from __future__ import annotations

import asyncio
import hashlib

import asyncpg
import pytest

from rfqflow.core.roles import Role
from rfqflow.store.accounts import AccountChanged, AccountStore
from tests.support.console_accounts import ADA, HASH, ensure_account

WHERE = ("203.0.113.5", "203.0.113.5")


def other(sign: str) -> str:
    return HASH[:-1] + sign


def token(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def waits(db: asyncpg.Connection, pid: int) -> None:
    async with asyncio.timeout(60):
        while not await db.fetchval("select cardinality(pg_blocking_pids($1)) > 0", pid):
            await asyncio.sleep(0.02)


async def password_of(db: asyncpg.Connection, name: str) -> str:
    found: str = await db.fetchval("select password from ai.accounts where name = $1", name)
    return found


async def test_the_first_of_two_simultaneous_password_changes_wins(database, db):
    """Both requests have the old password. The second gets an error; the first one's password and session remain."""
    await ensure_account(database, "Eve", "viewer")
    store = AccountStore(db)
    one, two = [await store.try_login("eve", *WHERE) for _ in range(2)]

    assert await store.set_password(one, other("1"), WHERE[1], token("one")) is not None
    assert await store.set_password(two, other("2"), WHERE[1], token("two")) is None

    assert await password_of(db, "Eve") == other("1")
    assert await store.session(token("one"), is_seen=False) is not None
    assert await store.session(token("two"), is_seen=False) is None
    outcomes = await db.fetch("select outcome from ai.console_logins order by login_id")
    assert [row["outcome"] for row in outcomes] == ["ok", "refused"]


@pytest.mark.parametrize("change", [{"password": other("3")}, {"disabled": True}])
async def test_a_password_change_does_not_undo_an_earlier_change_by_an_administrator(
    database, db, open_connection, change
):
    """Also while it runs: the person's change waits for the administrator's, and compares again."""
    await ensure_account(database)
    await ensure_account(database, "Eve", "viewer")
    attempt = await AccountStore(db).try_login("eve", *WHERE)
    admin, person = await open_connection(), await open_connection()
    async with admin.transaction():
        await AccountStore(admin).change("eve", ADA, **change)
        asking = asyncio.create_task(AccountStore(person).set_password(attempt, other("1"), WHERE[1], token("eve")))
        await waits(db, person.get_server_pid())
    assert await asking is None
    assert await password_of(db, "Eve") == change.get("password", HASH)
    assert await db.fetchval("select count(*) from ai.console_sessions where ended_at is null") == 0


async def test_a_confirmed_change_is_refused_if_the_account_has_been_replaced(database, db):
    await ensure_account(database)
    await ensure_account(database, "Eve", "viewer")
    store = AccountStore(db)
    mark = next(row["mark"] for row in await store.all() if row["name"] == "Eve")
    for change in ({"role": Role.DESK}, {"password": other("1")}, {"disabled": True}):
        await store.change("eve", ADA, **change)
        with pytest.raises(AccountChanged, match="changed meanwhile"):
            await store.change("eve", ADA, role=Role.OPERATOR, expected=mark)
        mark = next(row["mark"] for row in await store.all() if row["name"] == "Eve")
    assert await store.change("eve", ADA, role=Role.OPERATOR, expected=mark) == 0


@pytest.mark.parametrize("key", ["eve", None])
async def test_a_link_and_a_change_of_the_same_account_do_not_deadlock(database, db, open_connection, key):
    """All take accounts before links. In another order, the server would end one of them as a deadlock's victim."""
    if key:
        await ensure_account(database)
        await ensure_account(database, "Eve", "viewer")
    await AccountStore(db).make_link(token("link"), key, 30, "test")
    first, second = await open_connection(), await open_connection()
    use = ("eve", "eve", other("1"), WHERE[0], token("session"))
    async with first.transaction():
        if key:
            await AccountStore(first).change("eve", ADA, disabled=False)
        else:
            await first.execute("lock table ai.accounts in share row exclusive mode")
        using = asyncio.create_task(AccountStore(second).use_link(token("link"), *use))
        await waits(db, second.get_server_pid())
        if key:
            await AccountStore(first).change("eve", ADA, password=other("2"))
        else:
            await AccountStore(first).make_link(token("newer"), None, 30, "test")
    assert await using is None  # the other session was first, and made this link invalid
    if key:
        assert await password_of(db, "Eve") == other("2")
    else:
        assert await db.fetchval("select count(*) from ai.accounts") == 0
        assert await db.fetchval("select count(*) from ai.console_links where used_at is null") == 1
