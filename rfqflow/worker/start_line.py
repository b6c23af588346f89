"""The first log event of a daemon: provider, model, database, table, limits and problems.

The event shows hosts, but no credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from rfqflow import __version__
from rfqflow.database.dsn import parse
from rfqflow.llm.factory import server_of
from rfqflow.settings.checks import SET_A_MODEL
from rfqflow.settings.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rfqflow.settings import ProviderName, Settings
    from rfqflow.store.start_facts import StartFacts

_log = structlog.get_logger()
_COUNTED = 1000  # counts up to this number, as ai.rules_instead_of_model does
_EVENTS = {"unknown_setting": "setting.unknown", "archive_folder": "archive_folder.unusable"}


def answers_with(loaded: Settings) -> list[dict[str, str]]:
    """The chain of providers and models, in the form of `ai.workers.answers_with`."""
    return [
        {"provider": name, "model": model, **({"host": host} if (host := _host(loaded, name)) else {})}
        for name, model in _chain(loaded)
    ]


def _chain(loaded: Settings) -> tuple[tuple[ProviderName, str], ...]:
    return (("rules", "rules"),) if loaded.provider_name == "rules" else loaded.chain


def _host(loaded: Settings, name: ProviderName) -> str | None:
    """Host and port of the provider's server only: a path or a user name may contain a secret."""
    url = loaded.ollama_url if name == "ollama" else server_of(loaded, name)
    parts = urlsplit(url or "")
    if not parts.hostname:
        return None
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname


def start_line(
    loaded: Settings, dsn: str, facts: StartFacts, *, direct: bool, http: str | None, drain: bool, processes: int = 1
) -> dict[str, Any]:
    """The fields of the event."""
    target = parse(dsn)
    shared, policy = facts.shared, facts.shared.get("policy", {})
    hosts = [target.where(host).removesuffix(f"/{target.database}") for host in target.hosts]
    return {
        "version": __version__,
        "answers_with": [" ".join((one["provider"], one["model"], *_at(one))) for one in answers_with(loaded)],
        "cascade": _cascade(policy, loaded),
        "database": f"{shared.get('database')} at {', '.join(dict.fromkeys(hosts))}",
        "schema": str(shared.get("schema")).removesuffix(".sql"),
        "table": shared.get("table"),
        "mapped": bool(shared.get("is_mapped")),
        "answers_in": shared.get("answers_in"),
        "mode": policy.get("mode"),
        "listen": _listens(loaded, policy, direct=direct),
        "http": http,
        "concurrency": loaded.concurrency,
        "call_deadline_seconds": loaded.call_deadline_seconds,
        "lease_seconds": loaded.lease_seconds,
        "budgets_usd": {
            key.removeprefix("budget."): value for key, value in sorted(policy.items()) if key.startswith("budget.")
        },
        "rates": _rates(policy, shared.get("model_limits", []), {name for name, _ in _chain(loaded)}),
        "archive": bool(loaded.archive_dir),
        "drain": drain or None,
        "processes": processes,
    }


def _at(one: Mapping[str, str]) -> tuple[str, ...]:
    return ("at", one["host"]) if "host" in one else ()


def _cascade(policy: Mapping[str, Any], loaded: Settings) -> str | None:
    """The model that the cascade asks first, if there is a cascade."""
    if loaded.provider_name == "rules" or policy.get("cascade", "off") == "off":
        return None
    return "rules" if policy["cascade"] == "rules" else str(policy.get("cascade_model"))


def _listens(loaded: Settings, policy: Mapping[str, Any], *, direct: bool) -> str:
    poll = f"poll every {loaded.poll_seconds:g} s"
    if loaded.listen == "off":
        return f"{poll}: {loaded.origin('listen')} is off"
    if not direct:
        return f"{poll}: the DSN leads to a pooler; set RFQFLOW_LISTEN_URL to a direct DSN"
    if policy.get("notify") == "off":
        return f"{poll}: the policy notify is off"
    return f"doorbell, with a {poll}"


def _rates(policy: Mapping[str, Any], limits: Iterable[Mapping[str, Any]], providers: set[ProviderName]) -> list[str]:
    """Rate limits of senders, and limits of this daemon's models."""
    rates = [
        f"{policy[key]:g} an hour per {who}"
        for key, who in (("sender_per_hour", "sender"), ("ip_per_hour", "IP address"))
        if policy.get(key)
    ]
    units = {
        "most_in_flight": "at once",
        "requests_per_minute": "calls a minute",
        "tokens_per_minute": "tokens a minute",
    }
    for limit in limits:
        if limit["provider"] in providers:
            of = limit["provider"] if limit["model"] == "*" else limit["model"]
            rates += [f"{limit[key]} {unit} of {of}" for key, unit in units.items() if key in limit]
    return rates


def problems_of_answers(loaded: Settings, facts: StartFacts) -> list[Problem]:
    """Warns that the rules answer although a model answered before. The queue would not show it, since RFQs finish."""
    if facts.before is None:
        return []
    before = facts.before
    rfqs = "more than 1,000" if before.rfqs > _COUNTED else str(before.rfqs)
    so_far = f", and have answered {rfqs} RFQ(s) since" if before.rfqs else ""
    return [
        Problem(
            "rules_instead_of_model", loaded.origin("provider"),
            f"the built-in rules answer{so_far}; {before.model} ({before.provider}) answered until "
            f"{before.at:%Y-%m-%d %H:%M} UTC",
            f"{SET_A_MODEL}. RFQFLOW_REQUIRE_MODEL=true refuses such a start",
        )
    ]  # fmt: skip


def tell(line: Mapping[str, Any], problems: Iterable[Problem]) -> None:
    """Logs one event for the daemon, and one event per problem."""
    _log.info("daemon.started", **line)
    for problem in problems:
        _log.warning(
            _EVENTS.get(problem.code, f"{problem.code}.found"), source=problem.source, what=problem.what,
            remedy=problem.remedy,
        )  # fmt: skip
