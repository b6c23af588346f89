"""Changes of an account that need confirmation: a new role, disabling, the end of its sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.console.operations import CHANGED, Form, Operation, Refused, rfqs
from rfqflow.core import accounts
from rfqflow.core.errors import ConfigError
from rfqflow.core.roles import Role
from rfqflow.store.accounts import AccountChanged

if TYPE_CHECKING:
    from rfqflow.console.context import Console
    from rfqflow.console.operations import Asked

CONFIRMED = ("role", "disable", "revoke")
_MAY = {
    Role.VIEWER: "read everything, but change nothing", Role.DESK: "work on answers",
    Role.OPERATOR: "operate the fleet", Role.ADMIN: "set caps and prices, and manage accounts",
}  # fmt: skip


async def account(console: Console, asked: Asked) -> dict[str, Any]:
    """The account that a request names.

    Raises:
        ConfigError: the account or the change does not exist.
    """
    found = [row for row in await console.accounts.all() if str(row["account_id"]) == asked("account_id")]
    if not found or asked("what") not in (*CONFIRMED, "enable", "link"):
        raise ConfigError("the account or the change does not exist")
    return found[0]


def _role(asked: Asked) -> Role:
    try:
        return Role.of(asked("role"))
    except ValueError as error:
        raise ConfigError(str(error)) from None


async def _form(console: Console, asked: Asked) -> Form:
    row, what = await account(console, asked), asked("what")
    name = row["name"]
    hidden = [("what", what), ("role", asked("role")), ("expected", row["mark"])]
    sessions = f"{rfqs(row['sessions'], 'open sessions end', 'open session ends')} within seconds, in all browsers."
    facts, nothing = [sessions], False
    if what == "role":
        role = _role(asked)
        title, submit = f"Another role for {name}", f"Make {role.word}"
        nothing = role.word == row["role"]
        facts = [f"{name} already has the role {role.word}."] if nothing else [
            f"Role: {row['role']} \N{RIGHTWARDS ARROW} {role.word}, who may {_MAY[role]}.", *facts
        ]  # fmt: skip
    elif what == "disable":
        title, submit = f"Disable {name}", "Disable"
        nothing = row["disabled_at"] is not None
        facts = [f"{name} is already disabled."] if nothing else [
            f"{name}, {row['role']}, can no longer log in by a password, a link or a proxy.", *facts,
            "The audit keeps the actions of this account. An administrator can enable the account again.",
        ]  # fmt: skip
    else:
        title, submit = f"Log {name} out", "Log out everywhere"
        facts = [*facts, "Unused links to set the password no longer work."]
    warnings = [] if nothing else await _warnings(console, row, asked)
    return Form(title, submit, facts, warnings, hidden=hidden, back="/accounts", page="accounts", nothing=nothing)


async def _warnings(console: Console, row: dict[str, Any], asked: Asked) -> list[str]:
    consequences = []
    if accounts.account_key(asked("actor")) == accounts.account_key(row["name"]):
        consequences += ["This is your own account: the change logs you out."]
    ends_admin = asked("what") == "disable" or (asked("what") == "role" and asked("role") != Role.ADMIN.word)
    if row["role"] == Role.ADMIN.word and row["disabled_at"] is None and ends_admin:
        left = [
            one for one in await console.accounts.all()
            if one["role"] == row["role"] and one["disabled_at"] is None and one["account_id"] != row["account_id"]
        ]  # fmt: skip
        if not left:
            consequences += [
                f"{row['name']} is the only administrator: rfqflow refuses this change until there is another one."
            ]
        elif not any(one["has_password"] for one in left):
            consequences += [
                "No other administrator has a password: they can then log in only through a proxy or by a link."
            ]
    return consequences


async def _act(console: Console, asked: Asked, actor: str) -> str:
    row, what = await account(console, asked), asked("what")
    key = accounts.account_key(row["name"])
    if what == "revoke":
        ended = await console.accounts.revoke(key, actor)
        return f"{row['name']} is logged out: {rfqs(ended, 'sessions have', 'session has')} ended."
    role = _role(asked) if what == "role" else None
    disabled = True if what == "disable" else None
    try:
        await console.accounts.change(key, actor, role=role, disabled=disabled, expected=asked("expected"))
    except AccountChanged as error:
        raise Refused("", str(error), CHANGED) from None
    return f"{row['name']} now has the role {role.word}." if role else f"{row['name']} is disabled."


CHANGE = Operation(_form, _act)
