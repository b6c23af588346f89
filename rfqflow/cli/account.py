"""`rfqflow account`: console accounts and their roles."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.asking import on_terminal
from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import connected
from rfqflow.core import accounts
from rfqflow.core.errors import ConfigError
from rfqflow.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rfqflow.store.accounts import AccountStore

_ROLES = click.Choice([role.word for role in Role], case_sensitive=False)
_LINK_HOURS = 24.0


def _with_store(database_url: str | None, work: Callable[[AccountStore], Awaitable[Any]]) -> Any:
    from rfqflow.store.accounts import AccountStore

    return connected(database_url, lambda conn: work(AccountStore(conn)))


def _key(name: str) -> str:
    """The normalized account name. Raises ConfigError for a name that no account can have."""
    return accounts.account_key(_name(name))


def _name(text: str) -> str:
    try:
        return accounts.account_name(text)
    except ValueError as error:
        raise ConfigError(f"{error}") from None


def _hash_of_typed(name: str) -> str:
    """Reads a password from the terminal, or else one line of standard input, and returns its hash.

    The password is not an argument, since other users of the machine can read the arguments of a command.
    """
    from rfqflow import settings
    from rfqflow.console.passwords import Passwords

    if on_terminal():
        typed = click.prompt("Password", hide_input=True, confirmation_prompt="Again", err=True)
    else:
        line = sys.stdin.readline() if sys.stdin is not None else ""
        typed = line.rstrip("\r\n")
        if not typed:
            raise ConfigError(
                "no password: type it on a terminal, or give it as the first line of standard input; "
                "`rfqflow account link NAME` lets the person set it"
            )
    try:
        password = accounts.password(typed, name)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return Passwords(settings.load().console_hash_mib).hash(password)


def _actor(command: Any) -> Any:
    return click.option("--actor", help="Record this name in the audit. Default: the database role.")(command)


@example("rfqflow account add ada --role desk")
@click.group("account")
def account() -> None:
    """Manage who may use the console, and their roles.

    A viewer reads. The desk also corrects and answers RFQs. An operator also reruns, pauses, and sets caps and prompts.
    An admin also manages accounts.
    """


@example("rfqflow account add ada --role desk", "rfqflow account add ada --role desk --no-password")
@account.command("add")
@click.argument("name")
@click.option("--role", type=_ROLES, default="viewer", show_default=True, help="Set the role of the account.")
@click.option(
    "--no-password",
    is_flag=True,
    help="Set no password: the person logs in through a proxy, or follows `rfqflow account link`.",
)
@_actor
@database
@json_
def add(name: str, *, role: str, no_password: bool, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Create an account. The command asks for the password."""
    name = _name(name)
    kept = None if no_password else _hash_of_typed(name)
    number = _with_store(database_url, lambda store: store.add(name, _key(name), Role.of(role), kept, actor))
    _said({"account_id": number, "account": name, "role": role}, f"{name} may log in as {role}", as_json=as_json)


@example("rfqflow account list")
@account.command("list")
@database
@json_
def list_(*, database_url: str | None, as_json: bool) -> None:
    """List accounts and their active sessions."""
    rows = _with_store(database_url, lambda store: store.all())
    if as_json:
        print_json([{name: value for name, value in row.items() if name != "mark"} for row in rows])
        return
    columns = ("account", "role", "password", "sessions", "seen at", "disabled at")
    shown = [
        (row["name"], row["role"], "set" if row["has_password"] else "none", row["sessions"], row["seen_at"],
         row["disabled_at"])
        for row in rows
    ]  # fmt: skip
    console().print(table(None, columns, shown))


@example("rfqflow account role ada operator --actor grace")
@account.command("role")
@click.argument("name")
@click.argument("role", type=_ROLES)
@_actor
@database
@json_
def set_role(name: str, role: str, *, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Change the role of an account, and end its sessions."""
    _change(name, database_url, f"is {role}", as_json=as_json, actor=actor, role=Role.of(role))


@example("rfqflow account disable ada --actor grace")
@account.command("disable")
@click.argument("name")
@_actor
@database
@json_
def disable(name: str, *, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Disable an account, and end its sessions within seconds."""
    _change(name, database_url, "is disabled", as_json=as_json, actor=actor, disabled=True)


@example("rfqflow account enable ada --actor grace")
@account.command("enable")
@click.argument("name")
@_actor
@database
@json_
def enable(name: str, *, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Enable a disabled account."""
    _change(name, database_url, "may log in again", as_json=as_json, actor=actor, disabled=False)


@example("rfqflow account password ada")
@account.command("password")
@click.argument("name")
@_actor
@database
@json_
def set_password(name: str, *, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Set the password of an account, and end its sessions.

    The command asks for the password on a terminal. Without a terminal, it reads the password from standard input.
    """
    kept = _hash_of_typed(name)
    _change(name, database_url, "has a new password", as_json=as_json, actor=actor, password=kept)


def _change(name: str, database_url: str | None, text: str, *, as_json: bool, actor: str | None, **what: Any) -> None:
    key = _key(name)
    ended = _with_store(database_url, lambda store: store.change(key, actor, **what))
    _said({"account": name, "sessions_ended": ended}, f"{name} {text}; {_sessions(ended)}", as_json=as_json)


@example("rfqflow account sessions")
@account.command("sessions")
@database
@json_
def sessions(*, database_url: str | None, as_json: bool) -> None:
    """List who is logged in now."""
    rows = _with_store(database_url, lambda store: store.sessions())
    if as_json:
        print_json([{name: value for name, value in row.items() if name != "mark"} for row in rows])
        return
    columns = ("account", "role", "via", "address", "created_at", "seen_at", "ends_at")
    console().print(table(None, columns, ([row[name] for name in columns] for row in rows)))


@example("rfqflow account revoke ada --actor grace")
@account.command("revoke")
@click.argument("name")
@_actor
@database
@json_
def revoke(name: str, *, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """End all sessions of an account. The account may log in again."""
    key = _key(name)
    ended = _with_store(database_url, lambda store: store.revoke(key, actor))
    _said({"account": name, "sessions_ended": ended}, f"{name}: {_sessions(ended)}", as_json=as_json)


@example("rfqflow account link ada")
@account.command("link")
@click.argument("name")
@click.option("--url", default="http://127.0.0.1:8642", show_default=True, help="Base URL of the console.")
@_actor
@database
@json_
def link(name: str, *, url: str, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Print a link to set the password of an account.

    The link works once, for one day. A new link replaces an earlier one of the account.
    """
    import hashlib
    import secrets

    token, key = secrets.token_urlsafe(24), _key(name)
    digest = hashlib.sha256(token.encode()).digest()
    ends = _with_store(database_url, lambda store: store.make_link(digest, key, 60 * _LINK_HOURS, actor))
    address = f"{url.rstrip('/')}/link?token={token}"
    _said({"account": name, "url": address, "ends_at": ends}, address, as_json=as_json)


def _sessions(number: int) -> str:
    return f"{number} session{'' if number == 1 else 's'} ended"


def _said(value: dict[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        click.echo(text)
