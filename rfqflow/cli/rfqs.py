"""`rfqflow rerun`, `backfill` and `override`: RFQs that are enriched again, later, or routed by hand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import RFQ_ID, actor, database, json_, moment, since
from rfqflow.cli.output import print_json
from rfqflow.cli.sessions import with_operator_store
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from uuid import UUID

    from rfqflow.store.operator import OperatorStore

_RERUN_BATCH = 1000
_BACKFILL_BATCH = 1000


@click.command("rerun")
@click.argument("rfq_ids", type=RFQ_ID, nargs=-1, metavar="[RFQ_ID]...")
@database
@click.option("--failed", is_flag=True, help="All dead letters.")
@click.option("--skipped", metavar="REASON", help="All that were skipped for this reason.")
@since
@click.option("--prompt-version", metavar="NAME@N", help="Only those whose accepted answer is of this one.")
@click.option("--force", is_flag=True, help="Even where text and prompt version have an accepted answer: costs a call.")
@click.option("--dry-run", is_flag=True, help="Only tell how many it would be.")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal nobody is asked anyway.")
@json_
def rerun(
    rfq_ids: tuple[UUID, ...],
    *,
    database_url: str | None,
    failed: bool,
    skipped: str | None,
    since: str | None,
    prompt_version: str | None,
    force: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Enqueue RFQs again that are done, failed or skipped.

    --failed and --skipped add RFQs, every other option narrows the choice.
    """
    if not (rfq_ids or failed or skipped or since or prompt_version):
        raise ConfigError("name RFQ ids, or give --failed, --skipped REASON, --since TIME or --prompt-version NAME@N")
    submitted = moment(since)
    asking = not (yes or dry_run or as_json) and sys.stdin.isatty() and not (rfq_ids and not failed and not skipped)

    async def ask(store: OperatorStore) -> tuple[int, int]:
        wanted = await store.ended(
            among=list(rfq_ids) or None, failed=failed, skipped=skipped, since=submitted, prompt_version=prompt_version
        )
        if not as_json:
            click.echo(f"{len(wanted)} RFQ(s) fit" + (", each asked again at a cost" if force and wanted else ""))
        if dry_run or not wanted:
            return len(wanted), 0
        if asking:
            click.confirm("make them due now?", abort=True)
        done = 0
        for start in range(0, len(wanted), _RERUN_BATCH):
            done += await store.rerun(wanted[start : start + _RERUN_BATCH], force=force)
        return len(wanted), done

    wanted, done = with_operator_store(database_url, ask)
    if as_json:
        print_json({"asked": wanted, "enqueued": done, "dry_run": dry_run})
    elif not dry_run:
        click.echo(f"{done} of {wanted} enqueued")
    if rfq_ids and not done and not dry_run:
        raise RfqflowError("none of them is there, fits, and is not queued already")


@click.command("backfill")
@database
@since
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option(
    "--per-minute",
    type=click.IntRange(1, 100_000),
    default=60,
    show_default=True,
    help="How many become due each minute; RFQs that come in meanwhile wait no longer than these take.",
)
@click.option("--after", type=RFQ_ID, metavar="RFQ_ID", help="Go on after this id, where an earlier one stopped.")
@json_
def backfill(
    *,
    database_url: str | None,
    since: str | None,
    limit: int | None,
    per_minute: int,
    after: UUID | None,
    as_json: bool,
) -> None:
    """Enqueue RFQs that are older than the installation, to be enriched one by one at a pace.

    Safe to stop and to repeat: nothing is enqueued twice.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    submitted = moment(since)
    last, looked_at, enqueued, ended = after, 0, 0, False

    async def walk(store: OperatorStore) -> None:
        nonlocal last, looked_at, enqueued, ended
        total = await store.rfqs_estimated()
        found = TextColumn("{task.fields[found]} enqueued")
        columns = (TextColumn("backfill"), BarColumn(), MofNCompleteColumn(), found, TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), disable=as_json) as progress:
            task = progress.add_task("", total=max(total, 1), found=0)
            while limit is None or enqueued < limit:
                batch = _BACKFILL_BATCH if limit is None else min(_BACKFILL_BATCH, limit - enqueued)
                last_looked_at, looked, put = await store.backfill(batch, last, submitted, per_minute)
                looked_at, enqueued = looked_at + looked, enqueued + put
                progress.update(task, completed=looked_at, total=max(total, looked_at), found=enqueued)
                if last_looked_at is None:
                    ended = True
                    return
                last = last_looked_at

    try:
        with_operator_store(database_url, walk)
    except KeyboardInterrupt:
        click.echo(f"stopped; go on with --after {last}" if last else "stopped before anything was done", err=True)
        raise
    result = {"looked_at": looked_at, "enqueued": enqueued, "ended": ended, "last_id": last}
    if as_json:
        print_json(result)
        return
    text = f"{enqueued} enqueued, {per_minute} a minute"
    click.echo(text if ended else f"{text}; more may be left: go on with --after {last}")


@click.command("override")
@click.argument("rfq_id", type=RFQ_ID)
@click.option("--route", help="Where it goes: a slug of ai.routes.")
@click.option("--withdraw", is_flag=True, help="Take the override back: the model's route counts again.")
@actor
@database
@json_
def override(
    rfq_id: UUID,
    *,
    route: str | None,
    withdraw: bool,
    actor: str | None,
    reason: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Route an RFQ by hand: wins over the model's route, now and after every later run."""
    if bool(route) == withdraw:
        raise ConfigError("give either --route ROUTE or --withdraw")

    async def decide(store: OperatorStore) -> Any:
        if route:
            await store.override(rfq_id, route, actor, reason)
        elif not await store.withdraw_override(rfq_id, actor, reason):
            raise RfqflowError(f"no override stands for {rfq_id}")
        return await store.rfq(rfq_id)

    found = with_operator_store(database_url, decide)
    result = {"rfq_id": str(rfq_id), "route": found["route"], "route_source": found["route_source"]}
    if as_json:
        print_json(result)
    else:
        click.echo(f"{rfq_id}: {result['route'] or 'no route'} ({result['route_source'] or 'nobody has routed it'})")
