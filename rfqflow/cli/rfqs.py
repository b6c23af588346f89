"""`rfqflow rerun`, `backfill` and `override`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli import references
from rfqflow.cli.asking import on_terminal
from rfqflow.cli.groups import NumbersCommand
from rfqflow.cli.options import RFQ_ID, actor, database, example, json_, moment, since
from rfqflow.cli.output import print_json
from rfqflow.cli.sessions import with_operator_store
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from uuid import UUID

    from rfqflow.store.operator import OperatorStore

_RERUN_BATCH = 1000
_BACKFILL_BATCH = 1000


@example("rfqflow rerun RFQ-2026-0017 --force", "rfqflow rerun --skipped sender_rate --since 7d --dry-run")
@click.command("rerun", cls=NumbersCommand)
@click.argument("rfqs", nargs=-1, metavar="[RFQ]...")
@database
@click.option("--failed", is_flag=True, help="Only dead letters.")
@click.option("--skipped", metavar="REASON", help="Only RFQs skipped for this reason.")
@since
@click.option("--prompt-version", metavar="NAME@N", help="Only RFQs answered with this prompt version.")
@click.option(
    "--force", is_flag=True, help="Call the model even if an accepted answer for the same text and prompt exists."
)
@click.option("--dry-run", is_flag=True, help="Print how many RFQ(s) match, and exit.")
@click.option("--yes", is_flag=True, help="Skip the confirmation. Without a terminal, the command does not ask either.")
@json_
def rerun(
    rfqs: tuple[str, ...],
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
    """Enrich finished, failed or skipped RFQs again.

    RFQ is an id or the application's own reference. --failed and --skipped select RFQs. Each other option narrows the
    selection.
    """
    from rfqflow import settings

    if not (rfqs or failed or skipped is not None or since is not None or prompt_version is not None):
        raise ConfigError("name RFQs, or give --failed, --skipped REASON, --since TIME or --prompt-version NAME@N")
    submitted = moment(since)
    provider = settings.load(database_url=database_url).provider_name
    asking = not (yes or dry_run or as_json) and on_terminal() and not (rfqs and not failed and skipped is None)

    async def ask(store: OperatorStore) -> _Choice:
        among = await _known(store, rfqs, skipped, prompt_version)
        wanted = await store.ended(
            among=among or None, failed=failed, skipped=skipped, since=submitted, prompt_version=prompt_version
        )
        choice = _Choice(len(wanted), set() if force else await _unchanged(store, wanted, provider))
        if not as_json:
            click.echo(choice.summary(force=force))
        wanted = [rfq_id for rfq_id in wanted if rfq_id not in choice.kept and not dry_run]
        if asking and wanted:
            click.confirm("enqueue them now?", abort=True)
        for start in range(0, len(wanted), _RERUN_BATCH):
            choice.enqueued += await store.rerun(wanted[start : start + _RERUN_BATCH], force=force)
        return choice

    choice = with_operator_store(database_url, ask)
    if as_json:
        print_json(
            {"asked": choice.wanted, "enqueued": choice.enqueued, "unchanged": len(choice.kept), "dry_run": dry_run}
        )
    elif not dry_run:
        click.echo(f"{choice.enqueued} of {choice.wanted} enqueued" + choice.stays)
    if rfqs and not choice.enqueued and not choice.kept and not dry_run:
        raise RfqflowError("no matching RFQ that is not already queued")


@dataclass(slots=True)
class _Choice:
    """The RFQs that a rerun selects: how many, which ones keep their answer, and how many it enqueued."""

    wanted: int
    kept: set[UUID]
    enqueued: int = 0

    @property
    def stays(self) -> str:
        if not self.kept:
            return ""
        have = "has" if len(self.kept) == 1 else "have"
        return f"; {len(self.kept)} {have} an accepted answer for this content and prompt: add --force"

    def summary(self, *, force: bool) -> str:
        return (
            f"{self.wanted} RFQ(s) match"
            + (", and each needs another paid call" if force and self.wanted else "")
            + self.stays
        )


async def _unchanged(store: OperatorStore, rfq_ids: list[UUID], provider: str) -> set[UUID]:
    """The RFQs with an accepted answer for the same content and prompt: a worker would leave them unchanged."""
    versions = await store.versions_ahead(provider)
    found: set[UUID] = set()
    for start in range(0, len(rfq_ids) if versions else 0, _RERUN_BATCH):
        found |= set(await store.unchanged(rfq_ids[start : start + _RERUN_BATCH], versions))
    return found


async def _known(
    store: OperatorStore, rfqs: tuple[str, ...], skipped: str | None, prompt_version: str | None
) -> list[UUID]:
    """The ids of the named RFQs.

    Raises:
        ConfigError: an RFQ, a reason or a prompt version does not exist. The command then enqueues nothing.
    """
    among, unknown = await references.found_all(store, rfqs)
    wrong = [f"RFQ not found: {', '.join(unknown)}"] if unknown else []
    if skipped is not None and skipped not in (reasons := await store.skip_reasons()):
        wrong.append(f"unknown reason {skipped!r}: choose one of {', '.join(reasons)}")
    if prompt_version is not None and not await store.knows_prompt(prompt_version):
        wrong.append(f"prompt version {prompt_version!r} not found: see `rfqflow prompt list`")
    if wrong:
        raise (RfqflowError if unknown else ConfigError)("; ".join(wrong) + ". Nothing was enqueued")
    return among


@example("rfqflow backfill --since 2026-01-01 --limit 500 --per-minute 30")
@click.command("backfill")
@database
@since
@click.option("--limit", type=click.IntRange(1), help="Maximum number of RFQs.")
@click.option(
    "--per-minute",
    type=click.IntRange(1, 100_000),
    default=60,
    show_default=True,
    help="Maximum number of RFQs to release per minute. A new RFQ may wait for RFQs that are already released.",
)
@click.option("--after", type=RFQ_ID, metavar="RFQ_ID", help="Resume after this RFQ id.")
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
    """Enqueue RFQs that are older than the installation.

    The command limits how many RFQs become due per minute. You can stop and repeat it: it enqueues no RFQ twice.
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
        click.echo(f"stopped; resume with --after {last}" if last else "stopped; nothing was enqueued", err=True)
        raise
    result = {"looked_at": looked_at, "enqueued": enqueued, "ended": ended, "last_id": last}
    if as_json:
        print_json(result)
        return
    text = f"{enqueued} enqueued, {per_minute} a minute"
    click.echo(text if ended else f"{text}; there may be more RFQs: resume with --after {last}")


@example('rfqflow override RFQ-2026-0017 --route mechanical --actor ada --reason "pumps are theirs"')
@click.command("override", cls=NumbersCommand)
@click.argument("rfq", metavar="RFQ")
@click.option("--route", help="Slug of a route in ai.routes.")
@click.option("--withdraw", is_flag=True, help="Remove the override, so that the model's route applies again.")
@actor
@database
@json_
def override(
    rfq: str,
    *,
    route: str | None,
    withdraw: bool,
    actor: str | None,
    reason: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Set the route of an RFQ, in place of the model's route.

    RFQ is an id or the application's own reference. The override stays through later runs until you withdraw it.
    """
    if bool(route) == withdraw:
        raise ConfigError("give either --route ROUTE or --withdraw")

    async def decide(store: OperatorStore) -> Any:
        rfq_id = await references.found(store, rfq)
        await store.rfq(rfq_id)  # fail before any change if the role may not read the result
        if route:
            await store.override(rfq_id, route, actor, reason)
        elif not await store.withdraw_override(rfq_id, actor, reason):
            raise RfqflowError(f"RFQ {rfq_id} has no override")
        return await store.rfq(rfq_id)

    found = with_operator_store(database_url, decide)
    rfq_id = found["rfq_id"]
    result = {"rfq_id": str(rfq_id), "route": found["route"], "route_source": found["route_source"]}
    if as_json:
        print_json(result)
    else:
        click.echo(f"{rfq_id}: {result['route'] or 'no route'} ({result['route_source'] or 'not routed'})")
