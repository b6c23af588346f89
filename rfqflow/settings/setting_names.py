"""Finds misspelt settings. A misspelt setting has no effect, and no library reports it."""

from __future__ import annotations

import dataclasses
import difflib
import re
from typing import TYPE_CHECKING, Any

from rfqflow.core.policy import Policy
from rfqflow.settings.model import Settings, variable_of
from rfqflow.settings.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.settings.settings_file import SettingsFile

_PREFIX = "RFQFLOW_"
# Variables that are no settings: the search for PostgreSQL programs, tests or benchmarks read them.
_ELSEWHERE = {
    f"{_PREFIX}{name}"
    for name in ("PG_BIN", "PG_USER", "FAILPOINTS", "LONG", "CHAOS", "CHAOS_SEED", "PROPERTY_EXAMPLES", "BENCH_PEERS",
                 "STORM_RFQS")
}  # fmt: skip
_OF_TESTS = f"{_PREFIX}TEST_"
# Kubernetes sets these variables in each pod if the namespace has a service named rfqflow. Older container engines set
# them for linked containers.
_OF_SERVICES = re.compile(
    r"RFQFLOW(_\w+)?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_ADDRESS = re.compile(r"(tcp|udp|sctp)://")  # the value of such a variable whose name ends in _PORT
_POLICIES = {one.name for one in dataclasses.fields(Policy)} | {
    "active_prompt", "budget_time_zone", "console_idle_minutes", "console_proxy_accounts", "console_session_hours",
    "defer_limit_hours", "desk_days", "event_days", "failed_retention_days", "ip_per_hour", "login_days",
    "related_days", "restored_retention_days", "retention_days", "scorecard_days", "sender_per_hour", "unknown_price",
}  # fmt: skip
_NEAR = 0.6
_TIE = 0.06  # two names with a similar distance are both listed
_MOST = 20  # most warnings; a file with more unknown names probably belongs to another program
_LONGEST = 60


def unknown(environment: Mapping[str, str], file: SettingsFile) -> list[Problem]:
    """Unknown `RFQFLOW_...` variables and unknown keys of the file, each with the most similar setting."""
    known = {variable_of(field) for field in Settings.model_fields}
    keys = {_key_of(variable) for variable in known}
    problems = [
        _problem(_shown(name), name.upper(), known)
        for name in sorted(environment)
        if environment[name] and _is_ours(name.upper(), environment[name]) and name.upper() not in known
    ]
    problems += [
        _problem(f"{_shown(key)} in {file.path}", f"{_PREFIX}{key.upper().removeprefix(_PREFIX)}", known, value)
        for key, value in file.values.items()
        if key.lower() not in keys
    ]
    return problems[:_MOST]


def _is_ours(name: str, value: str) -> bool:
    if not name.startswith(_PREFIX):
        return bool(re.match(r"RFQ_?FLOW", name)) and _corrected(name) in _variables()
    is_services = _OF_SERVICES.fullmatch(name) or (name.endswith("_PORT") and _ADDRESS.match(value))
    return name not in _ELSEWHERE and not name.startswith(_OF_TESTS) and not is_services


def _corrected(name: str) -> str:
    return _PREFIX + re.sub(r"^RFQ_?FLOW_*", "", name)


def _variables() -> set[str]:
    return {variable_of(field) for field in Settings.model_fields}


def _key_of(variable: str) -> str:
    return variable.removeprefix(_PREFIX).lower()


def _problem(source: str, name: str, known: set[str], in_file: Any = None) -> Problem:
    policy = name.removeprefix(_PREFIX).lower()
    near = _nearest(_corrected(name) if name.startswith("RFQ") else name, known)
    if isinstance(in_file, dict):
        remedy = "put settings at the top of the file, outside any [table]"
    elif policy in _POLICIES:
        remedy = f"this is a policy of the whole fleet: run rfqflow policy set {policy} VALUE"
    elif near:
        remedy = f"did you mean {' or '.join(near if in_file is None else map(_key_of, near))}?"
    else:
        remedy = "unset it; docs/reference/settings.md lists all settings"
    return Problem("unknown_setting", source, "it is not a setting, so it has no effect", remedy)


def _nearest(name: str, known: set[str]) -> list[str]:
    """The most similar settings. Compares without the prefix RFQFLOW_, which the variables of SDKs lack."""
    asked = name.removeprefix(_PREFIX)
    rated = sorted(((_likeness(asked, one.removeprefix(_PREFIX)), one) for one in known), reverse=True)[:2]
    return [one for likeness, one in rated if likeness >= _NEAR and likeness > rated[0][0] - _TIE]


def _likeness(one: str, other: str) -> float:
    """Similarity by letters, which finds typos, plus similarity by words, which finds names that lack a word."""
    words, others = set(one.split("_")), set(other.split("_"))
    return difflib.SequenceMatcher(None, one, other).ratio() + 0.3 * len(words & others) / len(words | others)


def _shown(name: Any) -> str:
    """The name with unprintable characters replaced. A name is no secret, but may hold any character."""
    text = str(name).encode("ascii", "backslashreplace").decode()
    text = re.sub(r"[\x00-\x1f\x7f]", "?", text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
