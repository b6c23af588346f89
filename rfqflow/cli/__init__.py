"""The `rfqflow` command.

This module imports click and nothing else of weight, so that --help answers at once; each command imports what it
needs when it runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from rfqflow import __version__
from rfqflow.cli import edges
from rfqflow.cli.evaluating import eval_
from rfqflow.cli.guarding import COMMANDS as GUARDING
from rfqflow.cli.leaving import COMMANDS as LEAVING
from rfqflow.cli.options import RFQ_ID
from rfqflow.cli.options import actor as _actor
from rfqflow.cli.options import database as _database
from rfqflow.cli.options import json_ as _json
from rfqflow.cli.steering import COMMANDS as STEERING
from rfqflow.cli.trying import COMMANDS as TRYING
from rfqflow.cli.upkeep import COMMANDS as UPKEEP


class _Group(click.Group):
    """Turns whatever a command raises into one clear line and the exit code that belongs to it."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise edges.without_secrets(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise edges.without_secrets(error) from None
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - this is the edge
            ctx.exit(edges.tell(error))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="rfqflow")
def main() -> None:
    """Enriches requests for quotation with AI; PostgreSQL is the only coordination point.

    Try `rfqflow demo` first: it needs no server, no key and no Docker.
    """
    for stream in (sys.stdout, sys.stderr):
        # An ASCII terminal must not bring a command down.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")


@main.command("demo")
@click.option("--keep", is_flag=True, help="Leave the server up until Ctrl-C, to look around.")
@click.option("--llm", is_flag=True, help="Ask the real model (needs OPENAI_API_KEY or OPENAI_BASE_URL).")
@_json
def demo_(*, keep: bool, llm: bool, as_json: bool) -> None:
    """The main job, on a PostgreSQL of its own: insert sample RFQs by plain SQL, enrich them, show them."""
    from rfqflow.cli import demo as it

    it.demo(keep=keep, llm=llm, as_json=as_json)


@main.command()
@_database
@click.option("--check", is_flag=True, help="Only tell what is missing; exit 1 when the database is behind.")
@click.option("--sql", "print_sql", is_flag=True, help="Print the SQL for psql, run nothing.")
@click.option(
    "--map",
    "map_",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file that names another table, key or columns; remembered. An empty one: public.rfq_requests.",
)
@_json
def migrate(*, database_url: str | None, check: bool, print_sql: bool, map_: Path | None, as_json: bool) -> None:
    """Create or upgrade everything in the database; safe to repeat, and with live traffic.

    Attaches to an existing public.rfq_requests by adding what is missing, or to a table of yours by --map.
    """
    from rfqflow.cli import schema as it

    it.migrate(database_url, map_=map_, check=check, print_sql=print_sql, as_json=as_json)


@main.command("run")
@_database
@click.option("--embedded", is_flag=True, help="Bring up an own PostgreSQL in the data directory, and migrate it.")
@click.option("--drain", is_flag=True, help="Work until nothing is due, then exit.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 10_000),
    help="Calls in flight; default: RFQFLOW_CONCURRENCY or 32.",
)
@click.option(
    "--http",
    metavar="HOST:PORT",
    help="Answer /healthz, /readyz, /metrics and /rfqs/ID there; default: RFQFLOW_HTTP, else nowhere.",
)
def run_(*, database_url: str | None, embedded: bool, drain: bool, concurrency: int | None, http: str | None) -> None:
    """The daemon: claims RFQs as they come in and enriches them.

    SIGTERM or Ctrl-C: claim no more, finish what is in flight, exit 0; a second one cuts calls off.
    """
    from rfqflow.cli import run as it

    it.run(database_url, embedded=embedded, drain=drain, concurrency=concurrency, http=http)


@main.command()
@_database
@click.option("--watch", is_flag=True, help="Go on showing it, until Ctrl-C.")
@_json
def status(*, database_url: str | None, watch: bool, as_json: bool) -> None:
    """Queue and workers at a glance."""
    from rfqflow.cli import operate as it

    it.status(database_url, watch=watch, as_json=as_json)


@main.command()
@click.argument("rfq_id", type=RFQ_ID)
@_database
@_json
def show(*, rfq_id: Any, database_url: str | None, as_json: bool) -> None:
    """One RFQ's story: where it stands, every gate decision and run, cost, answer."""
    from rfqflow.cli import operate as it

    it.show(database_url, rfq_id, as_json=as_json)


for _command in (*STEERING, *GUARDING, *UPKEEP, *LEAVING):
    main.add_command(_command)


@main.command()
@_database
@_actor
@_json
def pause(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Workers claim nothing more; RFQs are taken in and wait."""
    from rfqflow.cli import operate as it

    it.pause(database_url, actor, reason, as_json=as_json)


@main.command()
@_database
@_actor
@_json
def resume(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """End a pause."""
    from rfqflow.cli import operate as it

    it.resume(database_url, actor, reason, as_json=as_json)


@main.group(invoke_without_command=True)
@_database
@_json
@click.pass_context
def policy(ctx: click.Context, *, database_url: str | None, as_json: bool) -> None:
    """What all workers agree on; without a subcommand: show it."""
    if ctx.invoked_subcommand is None:
        from rfqflow.cli import operate as it

        it.show_policy(database_url, as_json=as_json)


@policy.command("set")
@click.argument("key")
@click.argument("value")
@_database
@_actor
@_json
def policy_set(
    *, key: str, value: str, database_url: str | None, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Set KEY to VALUE; validated and audited by the database, followed by all workers within a second."""
    from rfqflow.cli import operate as it

    it.set_policy(database_url, key, value, actor, reason, as_json=as_json)


@main.group()
def prompt() -> None:
    """Prompt versions: what models are asked with; a switch or rollback counts from the next claim on."""


@prompt.command("list")
@_database
@_json
def prompt_list(*, database_url: str | None, as_json: bool) -> None:
    """All versions, and which is active."""
    from rfqflow.cli import prompts as it

    it.list_(database_url, as_json=as_json)


@prompt.command("show")
@click.argument("version", required=False)
@_database
@_json
def prompt_show(*, version: str | None, database_url: str | None, as_json: bool) -> None:
    """One version's words; without a version, the active one's."""
    from rfqflow.cli import prompts as it

    it.show(database_url, version, as_json=as_json)


@prompt.command("add")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", default="rfq", show_default=True, help="Name the version belongs to.")
@click.option("--note", help="What is new in it.")
@_database
@_actor
@_json
def prompt_add(
    *,
    folder: Path,
    name: str,
    note: str | None,
    database_url: str | None,
    actor: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Add the prompt in FOLDER (system.md, user.md, meta.toml) as a new version; nothing is activated."""
    from rfqflow.cli import prompts as it

    it.add(database_url, folder, name, actor, note or reason, as_json=as_json)


@prompt.command("diff")
@click.argument("before")
@click.argument("after", required=False)
@_database
def prompt_diff(*, before: str, after: str | None, database_url: str | None) -> None:
    """What changed between two versions; without AFTER, against the active one."""
    from rfqflow.cli import prompts as it

    it.diff(database_url, before, after)


@prompt.command("activate")
@click.argument("version")
@click.option("--force", is_flag=True, help="Though it was never measured by `eval run`.")
@_database
@_actor
@_json
def prompt_activate(
    *, version: str, force: bool, database_url: str | None, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Ask with VERSION from the next claim on; what is done is not asked again. It must have been measured."""
    from rfqflow.cli import prompts as it

    it.activate(database_url, version, actor, reason, force=force, as_json=as_json)


@prompt.command("rollback")
@_database
@_actor
@_json
def prompt_rollback(*, database_url: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Go back to the version that was active before the last switch."""
    from rfqflow.cli import prompts as it

    it.rollback(database_url, actor, reason, as_json=as_json)


for _command in TRYING:
    prompt.add_command(_command)


@main.group()
def docs() -> None:
    """Documents that go into prompts while the policy rag is on: glossary, catalogue, rules, examples."""


@docs.command("add")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--kind", type=click.Choice(["glossary", "catalogue", "rule", "example"]), help="What they are.")
@click.option("--title", help="What it is about; default: the Markdown heading it begins with, else the file's name.")
@click.option("--route", help="Route they speak for.")
@click.option("--language", metavar="CODE", help="Language they are in, such as de.")
@click.option("--split", is_flag=True, help="A document per section: at headings, else every 1,500 characters.")
@click.option("--jsonl", metavar="FILE", help="Many, a JSON object a line: kind, title, body, route, language, keys.")
@click.option("--actor", help="Who does it, for the audit; default: the database role.")
@_database
@_json
def docs_add(
    *,
    files: tuple[str, ...],
    kind: str | None,
    title: str | None,
    route: str | None,
    language: str | None,
    split: bool,
    jsonl: str | None,
    actor: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Add text or Markdown FILEs (- is standard input); the same title and text is never added twice."""
    from rfqflow.cli import documents as it

    labels = {"kind": kind, "route": route, "language": language}
    it.add(database_url, files, jsonl, labels=labels, title=title, split=split, actor=actor, as_json=as_json)


@docs.command("list")
@click.option("--kind", type=click.Choice(["glossary", "catalogue", "rule", "example"]), help="Only these.")
@click.option("--all", "removed", is_flag=True, help="Removed ones too.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many.")
@_database
@_json
def docs_list(*, kind: str | None, removed: bool, limit: int, database_url: str | None, as_json: bool) -> None:
    """Documents, the newest first."""
    from rfqflow.cli import documents as it

    it.list_(database_url, kind, removed=removed, limit=limit, as_json=as_json)


@docs.command("remove")
@click.argument("document_ids", type=click.IntRange(1), nargs=-1, required=True, metavar="ID...")
@click.option("--erase", is_flag=True, help="For good: runs that used it can no longer be retraced to its text.")
@_database
@_json
def docs_remove(*, document_ids: tuple[int, ...], erase: bool, database_url: str | None, as_json: bool) -> None:
    """Take documents out of every search; adding the same text again brings them back."""
    from rfqflow.cli import documents as it

    it.remove(database_url, document_ids, erase=erase, as_json=as_json)


@docs.command("search")
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many.")
@_database
@_json
def docs_search(*, text: str, limit: int, database_url: str | None, as_json: bool) -> None:
    """What would be found for a message with this TEXT (- is standard input), and by which leg."""
    from rfqflow.cli import documents as it

    it.search(database_url, text, limit, as_json=as_json)


@main.command("doctor")
@click.option(
    "--provider",
    type=click.Choice(["openai", "ollama", "rules", "configured"]),
    is_flag=False,
    flag_value="configured",
    help="Try only the provider: this one, or without a name the configured one. Makes a few small calls.",
)
@_database
@_json
def doctor_(*, provider: str | None, database_url: str | None, as_json: bool) -> None:
    """Check what a broken installation has wrong, each thing with its remedy; exit 1 when something fails."""
    from rfqflow.cli import doctor as it

    it.doctor(database_url, provider, as_json=as_json)


@main.command("console")
@_database
@click.option("--http", metavar="HOST:PORT", help="Where it is served; default: 127.0.0.1:8642.")
def console_(*, database_url: str | None, http: str | None) -> None:
    """The web page for operators: queue, RFQs, dead letters, plots; override, rerun, redrive, pause.

    Prints the address to open, with a token that lets in, unless RFQFLOW_CONSOLE_TOKEN is set.
    """
    from rfqflow.cli import console as it

    it.console(database_url, http)


@main.command("bench")
@click.option("--database-url", metavar="DSN", help="Measure on this server, in a scratch database.")
@click.option("--embedded", is_flag=True, help="Measure on an own PostgreSQL in a temporary folder: the default.")
@click.option("--quick", is_flag=True, help="Some minutes less: fewer and shorter rounds.")
@click.option("--rounds", type=click.IntRange(1, 200), help="Rounds of interleaved pairs; default: 7, with --quick 3.")
@click.option(
    "--only", multiple=True, type=click.Choice(["insert", "drain", "pickup", "wal"]), help="Only this; may be repeated."
)
@_json
def bench_(
    *, database_url: str | None, embedded: bool, quick: bool, rounds: int | None, only: tuple[str, ...], as_json: bool
) -> None:
    """Measure insert overhead, drain rate, pickup latency and WAL, beside what the database alone can do.

    Loads the server for some minutes; tables of other databases are not touched.
    """
    from rfqflow.cli import bench as it

    it.bench(database_url, embedded=embedded, quick=quick, rounds=rounds, only=only, as_json=as_json)


main.add_command(eval_)
