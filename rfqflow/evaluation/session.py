"""Runs one evaluation from the request to the report: finds prompt, provider and cases, asks, and scores."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rfqflow import settings
from rfqflow.core.errors import ConfigError
from rfqflow.core.evaluation.metrics import measure
from rfqflow.core.policy import Policy
from rfqflow.core.prompting.model_parameters import ModelParameters
from rfqflow.core.prompting.prompt import Prompt, canonical
from rfqflow.database import migrate
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.budgeted_calls import BudgetedCaller
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.evaluation.report import as_json
from rfqflow.evaluation.runner import EvaluationTarget, ask_all, strangers
from rfqflow.llm.factory import price_book, prompt_version, provider_for
from rfqflow.prompts import shipped
from rfqflow.store.evaluation import EvaluationStore
from rfqflow.store.operator import OperatorStore
from rfqflow.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from decimal import Decimal

    from rfqflow.core.evaluation.cases import Case
    from rfqflow.core.evaluation.metrics import Report
    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.core.records import Route
    from rfqflow.evaluation.runner import EvaluationOutcome
    from rfqflow.llm import Provider
    from rfqflow.settings import Settings


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """What to evaluate, how often, and the spending limit."""

    source: str  # name of the file of cases
    version: str | None  # of the prompt; None: the active prompt
    repeats: int
    most_usd: Decimal
    concurrency: int
    actor: str | None
    # Gets the number of answers that the run needs, and returns a context whose function shows the progress.
    progress: Callable[[int], AbstractContextManager[Callable[[EvaluationOutcome, BudgetedCaller], None]]]
    on_unknown_routes: Callable[[list[str]], None]


async def evaluate(
    loaded: Settings, labelled: list[Case] | None, request: EvaluationRequest
) -> tuple[EvaluationOutcome, Report]:
    """Runs an evaluation on the `labelled` cases, or on the cases of the database if None, and scores the answers.

    Raises:
        ConfigError: there is no case, the prompt does not exist, or there is no database to store a model's answers.
    """
    if not loaded.database_url:
        if loaded.provider_name != "rules":
            settings.need_database(loaded)
        provider = provider_for(loaded, price_book(loaded, []))
        routes = migrate.shipped_routes()
        prompt = Prompt.of(shipped(), routes)
        return await _asked(loaded, provider, labelled or [], request, None, Policy(), routes, prompt)
    line = ReconnectingConnection(settings.need_database(loaded), "rfqflow eval", pooled=True)
    try:
        operator = OperatorStore(await line.open())
        store = EvaluationStore(line)
        policy = await store.policy()
        routes = await store.routes()
        cases = await store.cases() if labelled is None else labelled
        request.on_unknown_routes(strangers(cases, routes))
        if not cases:
            raise ConfigError("ai.eval_cases is empty: see `rfqflow eval import`, `sample` and `import-overrides`")
        provider = provider_for(loaded, price_book(loaded, await operator.model_prices()))
        parameters = ModelParameters(await operator.model_parameters())
        text = await _prompt(line, request.version or policy["active_prompt"])
        prompt = replace(Prompt.of(text, routes), version=text.version)
        named = replace(request, source=Path(request.source).name)
        try:
            return await _asked(
                loaded, provider, cases, named, store, Policy.from_values(policy), routes, prompt, parameters
            )
        finally:
            await provider.aclose()
    finally:
        await line.close()


async def _prompt(line: ReconnectingConnection, version: str) -> PromptText:
    """The prompt from the database, or the shipped prompt if no worker has registered it yet."""
    text = shipped()
    if any(prompt["version"] == version for prompt in await OperatorStore(await line.open()).prompts()):
        return await QueueStore(line).prompt(version)
    if version not in ("", text.version):
        raise ConfigError(f"prompt {version} not found: see `rfqflow prompt list`")
    return text


async def _asked(
    loaded: Settings,
    provider: Provider,
    cases: list[Case],
    request: EvaluationRequest,
    store: EvaluationStore | None,
    policy: Policy,
    routes: tuple[Route, ...],
    prompt: Prompt,
    parameters: ModelParameters | None = None,
) -> tuple[EvaluationOutcome, Report]:
    filed_under = prompt_version(provider)
    pipeline = Pipeline(
        provider, prompt_version=filed_under, deadline_seconds=loaded.call_deadline_seconds, pepper=None,
        mask_contact=loaded.mask == "contact", parameters=parameters, deployments=loaded.deployments,
    )  # fmt: skip
    if filed_under is not None:  # the rules use the keywords of the routes, not a prompt
        prompt = replace(prompt, version=filed_under, sha256=_rules_sha256(filed_under, routes))
    prompt = pipeline.measured(prompt, provider.model)
    subject = EvaluationTarget(provider.name, provider.model, prompt.version, prompt, routes)
    calls = BudgetedCaller(
        pipeline, store, policy, deadline_seconds=loaded.call_deadline_seconds, most_usd=request.most_usd
    )
    with request.progress(len(cases) * request.repeats) as advance:
        outcome = await ask_all(
            cases, subject, calls, store, source=request.source, repeats=request.repeats,
            concurrency=request.concurrency, actor=request.actor, keeps=not provider.free,
            on_progress=lambda so_far: advance(so_far, calls),
        )  # fmt: skip
    report = measure(
        outcome.results, subject.version, provider=subject.provider, model=subject.model, source=request.source
    )
    if store is not None and outcome.eval_run is not None and outcome.stopped is None:
        await store.finish(outcome.eval_run, as_json(report))
    return outcome, report


def _rules_sha256(version: str, routes: Sequence[Route]) -> bytes:
    return hashlib.sha256(canonical([version, [asdict(route) for route in routes]])).digest()
