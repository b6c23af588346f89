"""`rfqflow eval`: the group and helpers that its commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.groups import LazyGroup
from rfqflow.cli.options import example
from rfqflow.cli.sessions import dsn_of, with_reconnecting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rfqflow.core.evaluation.metrics import Result
    from rfqflow.database.reconnecting import ReconnectingConnection
    from rfqflow.store.evaluation import EvaluationStore

ACTOR = click.option("--actor", help="Record this name in the audit. Default: the database role.")
SEED = click.option("--seed", type=int, default=1, show_default=True, help="Random seed of the bootstrap.")
_COMMANDS = {
    "calibrate": "rfqflow.cli.eval_compare:calibrate",
    "cascade": "rfqflow.cli.eval_compare:cascade",
    "compare": "rfqflow.cli.eval_compare:compare",
    "drift": "rfqflow.cli.eval_compare:drift",
    "export": "rfqflow.cli.eval_cases:export",
    "gate": "rfqflow.cli.eval_compare:gate",
    "import": "rfqflow.cli.eval_cases:import_",
    "import-overrides": "rfqflow.cli.eval_cases:import_overrides",
    "list": "rfqflow.cli.eval_run:list_",
    "run": "rfqflow.cli.eval_run:run",
    "sample": "rfqflow.cli.eval_cases:sample",
    "show": "rfqflow.cli.eval_run:show",
}


@example("rfqflow eval run --cases db --model rules")
@click.group("eval", cls=LazyGroup, lazy=_COMMANDS)
def evaluation() -> None:
    """Evaluate prompts and models on labelled cases.

    Run an evaluation before you activate a prompt or a model.
    """


def with_evaluation_store(database_url: str | None, work: Callable[[EvaluationStore], Awaitable[Any]]) -> Any:
    """Runs `work` with an evaluation store on a new connection, then closes the connection."""
    from rfqflow.store.evaluation import EvaluationStore

    async def opened(line: ReconnectingConnection) -> Any:
        await line.open()
        return await work(EvaluationStore(line))

    return with_reconnecting(dsn_of(database_url), opened, application_name="rfqflow eval")


async def find_run(store: EvaluationStore, run: str | None) -> tuple[dict[str, Any], list[Result]]:
    """The evaluation `run`, and its results. `run` is a number or a prompt version; None: the latest evaluation."""
    about = await store.run(int(run)) if run and run.isdecimal() else await store.run(None, run)
    return about, await store.results(about["eval_run"])


def warn_of(unknown: list[str]) -> None:
    """Warns on standard error about labels that no answer can have."""
    if unknown:
        click.echo(f"unknown routes: {', '.join(unknown)}. Cases with an unknown route as label always fail", err=True)
