"""Pages that show and change the settings of the fleet. A refused form keeps its input and shows the error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from dataclasses import field as fresh
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse
from starlette.routing import Route

from rfqflow.console.actions import field, reason
from rfqflow.console.settings_fields import FIELDS, KEYS, shown, typed, values
from rfqflow.core.errors import ConfigError
from rfqflow.core.roles import Role
from rfqflow.store.settings import SettingChanged, SettingRefused, allowed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session
    from rfqflow.store.fleet_queries import Row

    class _Tried(Protocol):
        async def __call__(self) -> object: ...


SECTIONS = (
    ("policies", "Policies"), ("routes", "Routes"), ("prices", "Prices"), ("limits", "Limits"),
    ("parameters", "Model parameters"), ("webhooks", "Webhooks"), ("documents", "Documents"),
)  # fmt: skip
DOCUMENT_KINDS = ("glossary", "catalogue", "rule", "example")
_DOCUMENTS_MOST = 200
_GROUPS = (
    ("Queue and attempts", ("notify", "max_attempts", "retry_", "defer_", "recovery_", "sweep_", "partitions_")),
    ("Gates", ("min_characters", "gibberish", "spam", "duplicate_", "sender_per", "ip_per")),
    ("Answers and prompts", ("min_confidence", "rag", "cascade", "cheap_tier", "active_prompt", "canary")),
    ("Money", ("budget", "unknown_price", "assumed_")),
    ("Breakers", ("breaker_",)),
    (
        "Figures and retention",
        ("retention_", "desk_days", "related_", "failed_", "restored_", "event_days", "scorecard_", "login"),
    ),
)
_OTHER = "Other"
# The pages on which people set these policies, since they also show the effects.
ELSEWHERE = {"mode": "/", "active_prompt": "/prompts", "canary_prompt": "/prompts", "canary_percent": "/prompts"}
_OF_ADMINS = (
    "budget",
    "unknown_price",
    "assumed_",
    "retention_",
    "failed_",
    "restored_",
    "event_days",
    "desk_days",
    "draft_days",
    "related_days",
    "console_",
    "login",
)
_BAD, _CHANGED = 400, 409


@dataclass(frozen=True, slots=True)
class _Refused:
    """A refused form: its name, its input, and the error of each wrong field."""

    form: str = ""
    given: dict[str, Any] = fresh(default_factory=dict)
    problems: dict[str, str] = fresh(default_factory=dict)
    status: int = 200


_NOTHING = _Refused()


def routes(guarded: Callable[..., Any]) -> list[Route]:
    def post(path: str, handler: object, needs: Role = Role.OPERATOR) -> Route:
        return Route(path, guarded(handler, needs=needs), methods=["POST"])

    return [
        Route("/settings", guarded(settings)),
        Route("/settings/{section}", guarded(settings), methods=["GET"]),
        post("/settings/policies/{key}", set_policy),
        post("/settings/prices", set_price, Role.ADMIN),
        post("/settings/documents", add_document),
        post("/settings/documents/remove", remove_document),
        post("/settings/webhooks", set_webhook, Role.ADMIN),
        post("/settings/webhooks/test", try_webhook, Role.ADMIN),
        post("/settings/{section}", set_row),
        Route("/routes", guarded(_teams)),
    ]


async def settings(console: Console, request: Request, session: Session) -> Response:
    section = request.path_params.get("section", "policies")
    if section not in dict(SECTIONS):
        return console.problem(session, 404, "Nothing here", "This page or RFQ does not exist.")
    return await _page(console, session, section)


async def _teams(console: Console, _request: Request, session: Session) -> Response:
    return await _page(console, session, "routes")


async def set_policy(console: Console, request: Request, session: Session) -> Response:
    key = request.path_params["key"]
    if needs_admin(key) and session.role < Role.ADMIN:
        return console.problem(
            session,
            403,
            "Not for this account",
            "To change policies of money, retention and accounts, you need the role admin. Nothing was changed.",
        )
    if key in ELSEWHERE:
        return console.problem(
            session, 400, "Set on another page", f"Set {key} on {ELSEWHERE[key]}, which shows the effects."
        )
    given = {"value": field(request, "value"), "reason": field(request, "reason")}
    return await _tried(
        console, session, "policies", f"policy-{key}", given,
        lambda: console.pages.change_policy(
            key, given["value"], field(request, "seen") or None, session.actor, reason(request)
        ),
    )  # fmt: skip


async def set_row(console: Console, request: Request, session: Session) -> Response:
    """Adds, changes or removes a row of routes, limits or parameters."""
    section = request.path_params["section"]
    if section not in FIELDS:
        raise ConfigError("unknown setting")
    return await _row(console, request, session, section)


async def set_webhook(console: Console, request: Request, session: Session) -> Response:
    return await _row(console, request, session, "webhooks")


async def _row(console: Console, request: Request, session: Session, section: str) -> Response:
    pages, fields, keys = console.pages, FIELDS[section], [field(request, one.name) for one in KEYS[section]]
    seen = field(request, "seen") or None
    given = {**typed((*KEYS[section], *fields), request.state.form), "reason": field(request, "reason")}
    form = f"{section}-{'-'.join(keys)}" if seen else f"{section}-new"
    if seen is not None and field(request, "remove") == "1":
        return await _tried(
            console, session, section, form, given,
            lambda: pages.remove_setting(section, keys, seen, session.actor, reason(request)),
        )  # fmt: skip
    new, problems = values(fields, given)
    if seen is None:
        problems |= {
            one.name: "This field is required." for one, key in zip(KEYS[section], keys, strict=True) if not key
        }
    if problems:
        return await _page(console, session, section, _Refused(form, given, problems, _BAD))
    if section == "routes":
        new["description"] = new["description"] or ""
    return await _tried(
        console, session, section, form, given,
        lambda: pages.change_setting(section, keys, new, seen, session.actor, reason(request)),
    )  # fmt: skip


async def set_price(console: Console, request: Request, session: Session) -> Response:
    names = ("provider", "model", "tier", "input", "cached", "output", "reason")
    given = {name: field(request, name) for name in names}
    amounts = {name: given[name] for name in ("input", "cached", "output")}
    return await _tried(
        console, session, "prices", "prices-new", given,
        lambda: console.pages.change_price(
            given["provider"], given["model"], given["tier"], amounts, session.actor, reason(request)
        ),
    )  # fmt: skip


async def try_webhook(console: Console, request: Request, session: Session) -> Response:
    name = field(request, "name")
    return await _tried(
        console, session, "webhooks", f"webhooks-{name}", {}, lambda: console.pages.try_webhook(name, session.actor)
    )


async def add_document(console: Console, request: Request, session: Session) -> Response:
    given = {name: field(request, name) for name in ("kind", "title", "body", "language", "route", "reason")}
    document = {name: value for name, value in given.items() if name != "reason" and value}

    async def put() -> None:
        if await console.pages.put_document(document, session.actor, reason(request)) == "known":
            raise SettingRefused("A document with this title and text already exists.", "title")

    return await _tried(console, session, "documents", "documents-new", given, put)


async def remove_document(console: Console, request: Request, session: Session) -> Response:
    number = field(request, "id")
    if not number.isdecimal():
        raise ConfigError("invalid document number")
    return await _tried(
        console, session, "documents", f"documents-{number}", {},
        lambda: console.pages.take_document(int(number), session.actor, reason(request)),
    )  # fmt: skip


async def _tried(
    console: Console, session: Session, section: str, form: str, given: dict[str, Any], act: _Tried
) -> Response:
    try:
        await act()
    except SettingRefused as error:
        status = _CHANGED if isinstance(error, SettingChanged) else _BAD
        return await _page(console, session, section, _Refused(form, given, {error.field: str(error)}, status))
    return RedirectResponse(f"/settings/{section}#{form}", 303)


async def _page(console: Console, session: Session, section: str, refused: _Refused = _NOTHING) -> Response:
    about = await _about(console, section)
    return console.page(
        session, "settings.html", status=refused.status, page="settings", said=None, sections=SECTIONS, section=section,
        refused=refused, **about,
    )  # fmt: skip


async def _about(console: Console, section: str) -> dict[str, Any]:
    pages = console.pages
    if section == "policies":
        return {"groups": _grouped(await pages.policies()), "elsewhere": ELSEWHERE, "allowed": allowed}
    if section == "prices":
        return {"rows": await pages.priced_models(), "models": await pages.models()}
    if section == "documents":
        rows = await pages.listed_documents(_DOCUMENTS_MOST)
        return {"rows": rows, "kinds": DOCUMENT_KINDS, "slugs": await pages.slugs(), "most": _DOCUMENTS_MOST}
    rows = [
        {"keys": [row[one.name] for one in KEYS[section]], "seen": row["seen"], "given": shown(FIELDS[section], row)}
        for row in await pages.settings(section)
    ]
    about = {"rows": rows, "fields": FIELDS[section], "key_fields": KEYS[section]}
    if section == "routes":
        return {**about, "figures": {row["slug"]: row for row in await pages.routes()}}
    if section == "webhooks":
        return {**about, "states": await pages.webhook_states()}
    return about


def needs_admin(key: str) -> bool:
    return key.startswith(_OF_ADMINS)


def _grouped(rows: list[Row]) -> list[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in _GROUPS}
    for row in rows:
        group = next((name for name, begins in _GROUPS if row["key"].startswith(begins)), _OTHER)
        found.setdefault(group, []).append({
            **row, "shown": _plain(row["value"]), "usual": _plain(row["default_value"]),
            "was": _plain(row["old_value"]), "of_admins": needs_admin(row["key"]),
        })  # fmt: skip
    return [(name, policies) for name, policies in found.items() if policies]


def _plain(value: str | None) -> str | None:
    """A JSON value in the form in which people type it."""
    if value is None:
        return None
    read = json.loads(value) if value.startswith('"') else value
    return str(read)
