"""The remedies of each finding of `ai.health`: pages of the console, or else commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Finding = Mapping[str, Any]

_TYPED = re.compile(r"`([^`]+)`")
_QUOTED = re.compile(r"'((?:[^']|'\\'')*)'|(\S+)")
_CODE = re.compile(r"\(([a-z][a-z0-9_]*)\)(?=[.,]|$)")
_WEBHOOK = re.compile(r"^Webhook (\S+) has")
_FAILED_STEP = re.compile(r"^The maintenance step (\w+) has failed")
_ALL_OF_PROVIDER = re.compile(r"^No model of (\S+) is called")
_ONE_MODEL = re.compile(r"^(.+) \((\S+)\) is not called")
_STANDS_FOR = re.compile(r"[A-Z]{4,}")  # a placeholder in a remedy, such as NAME
_TILL_COLON = re.compile(r"^[^:]*?, the first since [^,]*: (.*)[.]$")


@dataclass(frozen=True, slots=True)
class Remedy:
    """A link to a page, or a command for a terminal."""

    text: str
    href: str | None = None


def remedies(finding: Finding) -> list[Remedy]:
    """The remedies that a person can apply. The first remedy repairs the finding."""
    found = BY_CODE.get(finding["code"], _typed)(finding)
    return found or [Remedy("rfqflow doctor")]


def _words(command: str) -> list[str]:
    return [(quoted or plain).replace("'\\''", "'") for quoted, plain in _QUOTED.findall(command)]


def _typed(finding: Finding) -> list[Remedy]:
    return [Remedy(command) for command in _TYPED.findall(finding["remedy"])]


def _arguments(finding: Finding, *beginning: str) -> list[str] | None:
    """The arguments of the first command that begins so. Replaces placeholders with empty texts."""
    for command in _TYPED.findall(finding["remedy"]):
        words = _words(command)
        if tuple(words[: len(beginning)]) == beginning:
            return ["" if _STANDS_FOR.fullmatch(word) else word for word in words[len(beginning) :]]
    return None


def _page(text: str, path: str, **asked: Any) -> Remedy:
    given = {name: value for name, value in asked.items() if value}
    return Remedy(text, path + ("?" + urlencode(given, doseq=True) if given else ""))


def _always(*first: Remedy) -> Callable[[Finding], list[Remedy]]:
    return lambda finding: [*first, *(one for one in _typed(finding) if one not in first)]


def _code(finding: Finding) -> str:
    found = _CODE.findall(finding["sentence"])
    return found[-1] if found else ""


def _waiting(finding: Finding) -> list[Remedy]:
    code = _code(finding)
    if not code:  # the RFQs wait for a slot, so they have no reason
        return [*_typed(finding), Remedy("rfqflow run"), _page("Due RFQs", "/rfqs", status="pending", within="all")]
    return [
        _page("Try them now", "/control/try", code=code),
        _page("These RFQs", "/rfqs", status="deferred", reason=code, within="all"),
        *_typed(finding),
    ]


def _breaker(finding: Finding) -> list[Remedy]:
    if found := _ALL_OF_PROVIDER.match(finding["sentence"]):
        provider, model = found[1], "*"
    elif found := _ONE_MODEL.match(finding["sentence"]):
        provider, model = found[2], found[1]
    else:
        provider = model = ""
    if not provider or "[masked]" in provider + model:
        return [_page("Breakers", "/#breakers"), *_typed(finding)]
    close = _page("Close the breaker", "/control/close-breaker", provider=provider, model=model)
    return [close, *(one for one in _typed(finding) if not one.text.startswith("rfqflow breaker close"))]


def _price(finding: Finding) -> list[Remedy]:
    asked = _arguments(finding, "rfqflow", "price", "set")
    if asked is None:
        return []
    provider, model = [*asked, "", ""][:2]
    return [_page("Set the price", "/control/price", provider=provider, model=model)]


def _cap(finding: Finding) -> list[Remedy]:
    scope, period, usd = [*(_arguments(finding, "rfqflow", "budget", "set") or []), "", "", ""][:3]
    return [_page("Raise the cap", "/control/cap", scope=scope, period=period, usd=usd), *_price(finding)]


def _webhook(finding: Finding) -> list[Remedy]:
    found = _WEBHOOK.match(finding["sentence"])
    name = found[1] if found and "[masked]" not in found[1] else ""
    return [_page(f"Webhook {name}" if name else "Webhooks", f"/control/webhooks/{name}" if name else "/#webhooks")]


def _maintenance(finding: Finding) -> list[Remedy]:
    failed, late = _FAILED_STEP.match(finding["sentence"]), _TILL_COLON.match(finding["sentence"])
    steps = [failed[1]] if failed else late[1].split(", ") if late else []
    return [_page("Run it now", "/control/maintain", step=steps), *_typed(finding)]


def _attach(finding: Finding) -> list[Remedy]:
    return _typed(finding) or [Remedy(finding["remedy"])]  # an SQL statement for the table's owner


def _rules(finding: Finding) -> list[Remedy]:
    version = (_arguments(finding, "rfqflow", "rerun", "--prompt-version") or [""])[0]
    return [*_typed(finding), _page("Their answers", "/rfqs", prompt=version, within="all")]


BY_CODE: dict[str, Callable[[Finding], list[Remedy]]] = {
    "no_live_worker": _always(Remedy("rfqflow run")),
    "paused": lambda _: [Remedy("Resume", "/control/resume")],
    "claims_fail": lambda finding: [*_typed(finding), Remedy("rfqflow doctor")],
    "oldest_waiting": _waiting,
    "waits_for_person": _waiting,
    "trigger_missing": _attach,
    "file_trigger_missing": _attach,
    "enqueue_missed": lambda _: [Remedy("Enqueue them now", "/control/enqueue")],
    "dead_letters": lambda finding: [_page("Redrive or discard", "/failures", cause=_code(finding))],
    "older_rfqs": lambda _: [Remedy("Backfill", "/control/backfill")],
    "breaker_open": _breaker,
    "unknown_price": _price,
    "budget_spent": _cap,
    "call_exceeds_budget": _cap,
    "webhooks_failing": _webhook,
    "maintenance_late": _maintenance,
    "rules_instead_of_model": _rules,
    "provider_misconfigured": lambda finding: [*_typed(finding), Remedy("rfqflow doctor")],
    "archive_folder": _typed,
    "console_plain_http": _typed,
    "drafts_waiting": _typed,
}

# The reasons for which RFQs wait, as ai.health names them.
_OF_REASON = {
    "budget": "budget_spent", "sender_budget": "budget_spent", "unknown_price": "unknown_price",
    "breaker_open": "breaker_open", "paused": "paused", "no_live_worker": "no_live_worker",
}  # fmt: skip


def remedies_of_rfq(rfq: Finding) -> list[Remedy]:
    """Links to the pages on which a person can repair what blocks this RFQ."""
    code, remedy = rfq["code"], rfq["remedy"] or ""
    if rfq["ai_status"] == "failed":
        return [_page("RFQs that failed for the same cause", "/failures", cause=rfq["ai_reason"])]
    if code in _OF_REASON:
        finding = {"code": _OF_REASON[code], "sentence": rfq["figures"] or "", "remedy": remedy}
        return [one for one in remedies(finding) if one.href]
    if rfq["ai_status"] == "deferred":
        return [
            _page(
                "RFQs that wait for the same cause", "/rfqs", status="deferred", reason=rfq["ai_reason"], within="all"
            )
        ]
    return []
