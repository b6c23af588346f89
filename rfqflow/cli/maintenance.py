"""`rfqflow maintain` and `rfqflow erase`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.asking import confirm
from rfqflow.cli.options import actor, database, example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import with_reconnecting
from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from rfqflow.database.reconnecting import ReconnectingConnection
    from rfqflow.settings import Settings

_ROLL_UPS = 1_000


@example("rfqflow maintain --archive --archive-dir /var/lib/rfqflow/archive")
@click.command("maintain")
@database
@click.option("--archive", "everything", is_flag=True, help="Archive all weeks that are due, not only the next four.")
@click.option(
    "--archive-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory for archives. Default: RFQFLOW_ARCHIVE_DIR. Without a directory, the command archives nothing.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl.gz", "parquet"]),
    help="Archive format. Default: parquet if pyarrow is installed.",
)
@click.option("--restore", metavar="FILE", help="Restore the runs of an archive and exit.")
@click.option("--drop-without-archive", is_flag=True, help="Delete due weeks for good, without an archive.")
@actor
@json_
def maintain(
    *,
    database_url: str | None,
    everything: bool,
    archive_dir: Path | None,
    form: str | None,
    restore: str | None,
    drop_without_archive: bool,
    actor: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Run all maintenance steps once.

    The steps are partitions, claims, holds, pruning, roll-up, sweep, vacuum and archive. Daemons run these steps too:
    ai.maintenance_status shows when each step last ran.
    """
    from rfqflow import settings
    from rfqflow.maintenance import archive_files
    from rfqflow.telemetry import logging

    del reason  # the shared decorator adds --reason too; maintenance records no reason
    loaded = settings.load(database_url=database_url, archive_dir=archive_dir)
    logging.configure(loaded.log_level, loaded.log_format)
    if restore:
        _restore(loaded, restore, as_json=as_json)
        return
    if everything and loaded.archive_dir is None:
        raise ConfigError("--archive needs a directory: set RFQFLOW_ARCHIVE_DIR, or give --archive-dir")
    if form == "parquet" and archive_files.best_format() != "parquet":
        raise ConfigError("--format parquet needs pyarrow: pip install 'rfqflow[archive]'")

    async def work(line: ReconnectingConnection) -> dict[str, Any]:
        return await _steps(
            line, loaded.archive_dir, form, everything=everything, dropping=drop_without_archive, actor=actor
        )

    result = with_reconnecting(settings.need_database(loaded), work)
    failed = [name for name, rows in result["steps"].items() if rows < 0]
    if as_json:
        print_json(result)
    else:
        console().print(table(None, ("step", "did"), [(name, _result_text(name, result)) for name in result["steps"]]))
    if failed:
        click.get_current_context().exit(1)


async def _steps(
    line: ReconnectingConnection,
    folder: Path | None,
    form: str | None,
    *,
    everything: bool,
    dropping: bool,
    actor: str | None,
) -> dict[str, Any]:
    from rfqflow.maintenance import archiving, scheduler
    from rfqflow.store.queue import QueueStore
    from rfqflow.store.retention import Retention

    notes = Retention(line)
    runner = scheduler.MaintenanceRunner(QueueStore(line), notes, lambda: 10.0)
    result: dict[str, Any] = {"steps": {}, "archived": [], "rewritten": [], "kept": 0, "due": 0}
    for name in runner.steps:
        _, result["steps"][name] = await runner.do(name)
    result["steps"]["vacuum"] = await scheduler.noted(notes, "vacuum", notes.vacuum, scheduler.VACUUM_SECONDS)

    async def to_files() -> int:
        done = (
            await archiving.step(notes, folder, form, _ROLL_UPS if everything else archiving.WEEKS) if folder else None
        )
        if done is None:
            return 0
        result.update(archived=done.archived, rewritten=done.rewritten, kept=done.kept)
        return done.dropped

    async def drop() -> int:
        return sum([await notes.drop_without_archive(week, actor) for week in await notes.archivable()])

    if folder or dropping:
        aside = to_files if folder else drop
        result["steps"]["archive"] = await scheduler.noted(notes, "archive", aside, scheduler.ARCHIVE_SECONDS)
    result["due"] = len(await notes.archivable())
    if not folder and not dropping:
        result["steps"]["archive"] = 0
    return result


def _result_text(name: str, result: dict[str, Any]) -> str:
    rows = result["steps"][name]
    if rows < 0:
        return "failed: see the log above and ai.maintenance_status"
    if name != "archive":
        return str(rows)
    parts = [f"{rows} runs dropped"]
    if result["archived"]:
        parts.append(f"{', '.join(result['archived'])} written and verified")
    if result["kept"]:
        parts.append(f"{result['kept']} failures kept")
    if result["rewritten"]:
        parts.append(f"erased in {', '.join(result['rewritten'])}")
    if result["due"]:
        parts.append(f"{result['due']} week(s) are due: set RFQFLOW_ARCHIVE_DIR, or repeat with --archive")
    return ", ".join(parts)


def _restore(loaded: Settings, file: str, *, as_json: bool) -> None:
    from rfqflow import settings
    from rfqflow.maintenance import archiving
    from rfqflow.store.retention import Retention

    path = Path(file)
    if not path.is_file() and loaded.archive_dir is not None and path.name == file:
        path = loaded.archive_dir / file

    async def work(line: ReconnectingConnection) -> tuple[int, int]:
        return await archiving.restore(Retention(line), path)

    runs, restored = with_reconnecting(settings.need_database(loaded), work)
    if as_json:
        print_json({"file": path.name, "runs": runs, "restored": restored})
    else:
        click.echo(f"{path.name}: {runs} runs, {restored} restored, {runs - restored} already existed")


@example('rfqflow erase ada@nowhere.example --actor grace --reason "asked for it"')
@click.command("erase")
@click.argument("email")
@database
@click.option(
    "--archive-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of the archives. Default: RFQFLOW_ARCHIVE_DIR.",
)
@click.option("--yes", is_flag=True, help="Skip the confirmation; required without a terminal.")
@actor
@json_
def erase(
    *,
    email: str,
    database_url: str | None,
    archive_dir: Path | None,
    yes: bool,
    actor: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Erase all personal data of EMAIL.

    The command erases text, contact data, answers, output of runs and evaluation cases, also in archives. It keeps
    route, cost and counts of the RFQs. ai.actions records the erasure.
    """
    from rfqflow import settings
    from rfqflow.maintenance import archiving
    from rfqflow.store.retention import Retention
    from rfqflow.telemetry import logging

    loaded = settings.load(database_url=database_url, archive_dir=archive_dir)
    logging.configure(loaded.log_level, loaded.log_format)
    folder = loaded.archive_dir

    async def work(line: ReconnectingConnection) -> tuple[dict[str, Any], list[str]]:
        store = Retention(line)
        if not yes:
            what = _what_goes(email, await store.person_found(email))
            confirm(what, yes=yes, question="This cannot be undone. Erase?")
        result = await store.erase(email, actor, reason)
        return result, await archiving.erase_from_files(store, folder) if folder else []

    result, rewritten = with_reconnecting(settings.need_database(loaded), work)
    result["rewritten"] = rewritten
    pending = sorted(set(result["archives"]) - set(rewritten))
    result["pending"] = pending
    if as_json:
        print_json(result)
        return
    refused = f"{result['refused_rows']} rejected rows, " if result["refused_rows"] else ""
    click.echo(
        f"erased: {result['rfqs']} RFQs, {refused}{result['runs']} runs, {result['cases']} cases, "
        f"{len(rewritten)} archives"
    )
    if not any(result[what] for what in ("rfqs", "refused_rows", "runs", "cases", "archives")):
        click.echo(
            f"no data of {email} found: check the spelling. The search does not find RFQs that were already erased, or "
            "deleted from your table"
        )
    if pending:
        click.echo(
            f"these archives still hold the data: {', '.join(pending)}. "
            "A worker with RFQFLOW_ARCHIVE_DIR rewrites them",
            err=True,
        )


def _what_goes(email: str, found: dict[str, Any]) -> str:
    counted = (
        (found["rfqs"], "RFQs"),
        (found["refused_rows"], "rows refused for their ids"),
        (found["runs"], "runs"),
        (found["cases"], "evaluation cases"),
        (found["archives"], "archives"),
    )
    shown = ", ".join(f"{count} {name}" for count, name in counted if count or name == "RFQs")
    return f"To be erased for {email}: {shown}."
