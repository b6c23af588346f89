"""`rfqflow doctor`: finds problems of an installation, each with its remedy.

A group of checks is a function that gets the settings and yields findings. To add a group, add a line to `_GROUPS`.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import print_json
from rfqflow.core.finding import Finding, fail, ok, warn
from rfqflow.core.text.sanitize import one_line

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from pydantic import SecretStr

    from rfqflow.settings import ProviderName, Settings

    Group = Callable[[Settings], AsyncGenerator[Finding, None]]

CONFIGURED = "configured"  # the value of --provider without a name
_COLOURS = {"ok": "green", "info": "cyan", "warn": "yellow", "fail": "red"}
_PRICES_SECONDS = 3.0
_OF_OTHER_GROUPS = ("database", "provider_misconfigured", "extra_missing")


@example("rfqflow doctor")
@click.command("doctor")
@click.option(
    "--provider",
    type=click.Choice(["openai", "anthropic", "ollama", "rules", "configured"]),
    is_flag=False,
    flag_value="configured",
    help="Test only PROVIDER, with a few small calls. Without a name: test the configured provider.",
)
@database
@json_
def doctor(*, provider: str | None, database_url: str | None, as_json: bool) -> None:
    """Diagnose the installation, with remedies.

    The command exits with 1 if a check fails.
    """
    import asyncio

    from rfqflow import settings
    from rfqflow.telemetry import logging

    loaded = settings.load(database_url=database_url, provider=None if provider == CONFIGURED else provider)
    logging.configure("error", "auto")
    groups = {"provider": _provider} if provider else _GROUPS
    found = asyncio.run(_examined(loaded, groups, aloud=not as_json))
    failed = sum(finding["level"] == "fail" for finding in found)
    if as_json:
        print_json({"findings": found, "failed": failed})
    if failed:
        click.get_current_context().exit(1)


async def _examined(loaded: Settings, groups: Mapping[str, Group], *, aloud: bool) -> list[dict[str, Any]]:
    secrets = _secrets(loaded)
    found = []
    for name, group in groups.items():
        async for finding in _safely(group(loaded)):
            shown = Finding(finding.level, one_line(finding.what), one_line(finding.remedy)).without(secrets)
            found.append({"group": name, **asdict(shown)})
            if aloud:
                _print(shown)
    return found


async def _safely(findings: AsyncGenerator[Finding, None]) -> AsyncGenerator[Finding, None]:
    """Yields the findings of a group. If the group raises, yields that as a finding, so that other groups still run."""
    try:
        async with aclosing(findings):
            async for finding in findings:
                yield finding
    except Exception as error:  # noqa: BLE001 - shows the class only, since the message could hold a secret
        yield fail(
            f"this check failed with an internal error: {type(error).__name__}", "report it with the lines above it"
        )


def _print(finding: Finding) -> None:
    remedy = f"  -> {finding.remedy}" if finding.remedy else ""
    click.echo(f"{click.style(f'{finding.level:<4}', fg=_COLOURS[finding.level])}  {finding.what}{remedy}")


def _secrets(loaded: Settings) -> tuple[str, ...]:
    held = (loaded.openai_api_key, loaded.anthropic_api_key, loaded.pii_pepper)
    return tuple(secret.get_secret_value() for secret in held if secret)


async def _settings(loaded: Settings) -> AsyncGenerator[Finding, None]:
    """Settings that `run` refuses or warns about at its start. Other groups check the database and the provider."""
    from rfqflow.settings.checks import refusals, warnings

    refused = [problem for problem in refusals(loaded) if problem.code not in _OF_OTHER_GROUPS]
    for problem in refused:
        yield fail(f"{problem.source}: {problem.what}", problem.remedy)
    warned = warnings(loaded)
    for problem in warned:
        make = fail if problem.code == "archive_folder" else warn
        yield make(f"{problem.source}: {problem.what}", problem.remedy)
    if not refused and not warned:
        yield ok("all settings are known and valid")


async def _attachments(loaded: Settings) -> AsyncGenerator[Finding, None]:
    """Whether rfqflow reads attached files, and what the kernel denies the child processes that read them."""
    import asyncio

    from rfqflow import attachments

    if not attachments.available():
        yield Finding("info", "rfqflow marks attached files as unread", "pip install 'rfqflow[attachments]'")
    else:
        from rfqflow.attachments.reader import isolation

        held = await asyncio.to_thread(isolation)
        if "no network" in held:
            yield ok(f"child processes with limits read attached files; the kernel gives these processes {held}")
        else:
            yield warn(
                f"child processes with limits read attached files; the kernel gives these processes only {held}",
                "allow user namespaces or seccomp on the daemon's host, or separate this host from the network",
            )
    if loaded.attachment_root and not loaded.attachment_root.is_dir():
        yield fail(f"{loaded.origin('attachment_root')}: the folder does not exist", "make the folder, or mount it")


async def _provider(loaded: Settings) -> AsyncGenerator[Finding, None]:
    from rfqflow.core.decisions.call_limits import SHORTEST_DEADLINE_SECONDS
    from rfqflow.llm.messages_probe import probe_anthropic
    from rfqflow.llm.probe import PROBES, Target
    from rfqflow.settings.checks import provider_problem

    probes = {**PROBES, "anthropic": probe_anthropic}
    prices, first = await _shared(loaded)
    result: set[Finding] = set()  # findings about a server, so that each appears once for all its models
    others = [(loaded.provider_name, model) for model in first if loaded.provider_name != "rules"]
    for name, model in dict.fromkeys((*loaded.chain, *others)):
        if problem := provider_problem(loaded, name):
            if (missing := fail(f"{problem.source}: {problem.what}", problem.remedy)) not in result:
                yield missing
            result.add(missing)
            continue
        base_url, key = _place(loaded, name)
        target = Target(
            base_url=base_url,
            model=model,
            api_key=key.get_secret_value() if key else None,
            deadline_seconds=min(loaded.call_deadline_seconds, SHORTEST_DEADLINE_SECONDS),
            prices=tuple(prices),
            api=loaded.openai_api,
            deployments=loaded.deployments,
            key_variable={"ollama": "", "anthropic": "ANTHROPIC_API_KEY"}.get(name, "OPENAI_API_KEY"),
        )
        async for finding in probes[name](target):
            if finding not in result:
                yield finding
            result.add(finding)


def _place(loaded: Settings, name: ProviderName) -> tuple[str | None, SecretStr | None]:
    """The provider's address and its key."""
    match name:
        case "ollama":
            return loaded.ollama_url, None
        case "anthropic":
            return loaded.anthropic_base_url, loaded.anthropic_api_key
        case _:
            return loaded.openai_base_url, loaded.openai_api_key


async def _shared(loaded: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """The operator's prices and the cascade's first model, from the database.

    Both are empty without a usable database, so that the test of the provider still runs.
    """
    from rfqflow.database.connection import connect
    from rfqflow.store.operator import OperatorStore

    if not loaded.database_url:
        return [], []
    try:
        conn = await connect(
            loaded.database_url, application_name="rfqflow doctor", pooled=True, seconds=_PRICES_SECONDS
        )
        try:
            store = OperatorStore(conn)
            policy = {setting["key"]: setting["value"] for setting in await store.policy()}
            first = [policy["cascade_model"]] if policy.get("cascade") == "model" else []
            return await store.model_prices(), first
        finally:
            await conn.close(timeout=2)
    except Exception:  # noqa: BLE001 - another group reports an unreachable or empty database
        return [], []


async def _database(loaded: Settings) -> AsyncGenerator[Finding, None]:
    from rfqflow.settings.checks import dsn_problems
    from rfqflow.store.diagnostics import DiagnosticTarget, examine

    if not loaded.database_url:
        yield fail(
            "no database is set",
            "give --database-url, or set RFQFLOW_DATABASE_URL or DATABASE_URL; `rfqflow demo` needs none",
        )
        return
    if problems := dsn_problems(loaded):
        for problem in problems:
            yield fail(f"{problem.source}: {problem.what}", problem.remedy)
        return
    place = DiagnosticTarget(loaded.database_url, loaded.listen_url, listens=loaded.listen != "off")
    async with aclosing(examine(place)) as findings:
        async for finding in findings:
            yield finding


_GROUPS: Mapping[str, Group] = {
    "settings": _settings,
    "database": _database,
    "attachments": _attachments,
    "provider": _provider,
}
