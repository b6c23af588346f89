"""Console accounts, their sessions and one-time links. Passwords and tokens arrive here only as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import ConfigError
from rfqflow.core.roles import Role
from rfqflow.store.errors import fetched

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from rfqflow.database.reconnecting import QueryExecutor


@dataclass(frozen=True, slots=True)
class Attempt:
    """A login attempt that the database has counted. If `wait_seconds` is set, do not check the password."""

    login_id: int
    account_id: int | None
    password: str | None
    wait_seconds: float | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A valid session."""

    session_id: int
    name: str
    role: Role
    via: str
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link. `name`: the account whose password the link sets.

    None: the link creates the first administrator.
    """

    name: str | None
    is_open: bool


class AccountChanged(ConfigError):
    """Another change of the account came first, so the caller's decision is out of date."""


class AccountStore:
    """Console accounts in the database. Each change raises ConfigError if it is not possible."""

    def __init__(self, conn: asyncpg.Connection | QueryExecutor) -> None:
        self._conn = conn

    async def _rows(self, statement: str, *args: Any) -> list[dict[str, Any]]:
        try:
            return [dict(row) for row in await fetched(self._conn, statement, *args)]
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF011":
                raise AccountChanged(error.message + (f". {error.hint}" if error.hint else "")) from None
            if error.sqlstate in ("RF004", "RF005"):
                raise ConfigError(error.message + (f". {error.hint}" if error.hint else "")) from None
            raise

    async def _one(self, statement: str, *args: Any) -> Any:
        return (await self._rows(statement, *args))[0]["found"]

    # -- accounts ------------------------------------------------------------------------------------------------------

    async def has_admin(self) -> bool:
        return bool(await self._one("select ai.has_admin() as found"))

    async def add(self, name: str, key: str, role: Role, password: str | None, actor: str | None) -> int:
        statement = "select ai.add_account($1, $2, $3, $4, $5) as found"
        return int(await self._one(statement, name, key, role.word, password, actor))

    async def change(
        self,
        key: str,
        actor: str | None,
        *,
        role: Role | None = None,
        password: str | None = None,
        disabled: bool | None = None,
        expected: str | None = None,
    ) -> int:
        """Changes an account.

        Returns the number of sessions that the change ended. `expected`: the account's mark that the caller has seen.

        Raises:
            AccountChanged: the account has another mark now. The call changed nothing.
        """
        word = role.word if role is not None else None
        statement = "select ai.change_account($1, $2, $3, $4, $5, $6) as found"
        return int(await self._one(statement, key, word, password, disabled, actor, expected))

    async def revoke(self, key: str, actor: str | None) -> int:
        return int(await self._one("select ai.end_console_sessions($1, null, $2) as found", key, actor))

    async def all(self) -> list[dict[str, Any]]:
        return await self._rows("select * from ai.list_accounts()")

    async def sessions(self) -> list[dict[str, Any]]:
        """All valid sessions."""
        return await self._rows("select * from ai.open_console_sessions()")

    # -- logging in ----------------------------------------------------------------------------------------------------

    async def try_login(self, key: str, address: str, network: str, *, in_clear: bool = False) -> Attempt:
        """Counts a login attempt. `in_clear`: the password was sent without encryption, which `ai.health` reports."""
        rows = await self._rows("select * from ai.try_console_login($1, $2, $3, $4)", key, address, network, in_clear)
        return Attempt(**rows[0])

    async def settle_login(self, attempt: Attempt, network: str, token_sha256: bytes | None) -> int | None:
        """Records the result of a login attempt. `token_sha256` is set if the password was right.

        Returns the new session. None: the password was wrong, or the account has changed meanwhile.
        """
        found = await self._one(
            "select ai.settle_console_login($1, $2, $3, $4, $5) as found",
            attempt.login_id, attempt.account_id, attempt.password, network, token_sha256,
        )  # fmt: skip
        return None if found is None else int(found)

    async def set_password(self, attempt: Attempt, password: str, network: str, token_sha256: bytes) -> int | None:
        """Sets a new password and returns the new session.

        None: the account's old password is no longer the one that was checked.
        """
        found = await self._one(
            "select ai.set_compared_password($1, $2, $3, $4, $5, $6) as found",
            attempt.login_id, attempt.account_id, attempt.password, password, network, token_sha256,
        )  # fmt: skip
        return None if found is None else int(found)

    async def enter_by_proxy(
        self, name: str, key: str, address: str, token_sha256: bytes, *, in_clear: bool = False
    ) -> int | None:
        statement = "select ai.enter_by_proxy($1, $2, $3, $4, $5) as found"
        found = await self._one(statement, name, key, address, token_sha256, in_clear)
        return None if found is None else int(found)

    async def session(self, token_sha256: bytes, *, is_seen: bool) -> OpenSession | None:
        rows = await self._rows("select * from ai.console_session($1, $2)", token_sha256, is_seen)
        return OpenSession(**{**rows[0], "role": Role.of(rows[0]["role"])}) if rows else None

    async def ended(self, session_ids: Iterable[int]) -> set[int]:
        """The ids among these whose sessions are no longer valid."""
        rows = await self._rows("select ai.ended_console_sessions($1) as session_id", list(session_ids))
        return {row["session_id"] for row in rows}

    async def end_session(self, session_id: int, actor: str) -> None:
        await self._rows("select ai.end_console_sessions(null, $1, $2) as found", session_id, actor)

    # -- one-time links ------------------------------------------------------------------------------------------------

    async def make_link(self, token_sha256: bytes, key: str | None, minutes: float, actor: str | None) -> dt.datetime:
        """Creates a link for an account, or without `key` for the first administrator.

        Returns when the link expires.
        """
        found: dt.datetime = await self._one(
            "select ai.make_console_link($1, $2, $3, $4) as found", token_sha256, key, minutes, actor
        )
        return found

    async def link(self, token_sha256: bytes) -> Link | None:
        rows = await self._rows("select * from ai.console_link($1)", token_sha256)
        return Link(**rows[0]) if rows and rows[0]["is_open"] is not None else None

    async def use_link(
        self,
        token_sha256: bytes,
        name: str,
        key: str,
        password: str,
        address: str,
        session_sha256: bytes,
        *,
        in_clear: bool = False,
    ) -> int | None:
        """Uses the link and returns a new session. None: the link was used before, has expired, or is unknown."""
        found = await self._one(
            "select ai.use_console_link($1, $2, $3, $4, $5, $6, $7) as found",
            token_sha256, name, key, password, address, session_sha256, in_clear,
        )  # fmt: skip
        return None if found is None else int(found)
