"""`rfqflow draft`: writes a reply that asks the customer for missing data. rfqflow prints it and never sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfqflow.cli import references
from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import print_json
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from uuid import UUID

    from asyncpg import Connection

    from rfqflow.core.drafting.asks import RfqFacts
    from rfqflow.store.drafts import DraftRequest, DraftStore, StoredDraft

_LOOK_SECONDS = 0.25
_WAIT_MOST = 3600


@example(
    "rfqflow draft RFQ-2026-0017",
    "rfqflow draft RFQ-2026-0017 --language de --mailto",
    "rfqflow draft RFQ-2026-0017 --by-model",
)
@click.command("draft")
@click.argument("rfq", metavar="RFQ")
@click.option("--language", metavar="CODE", help="Language of the draft, such as de. Default: the customer's.")
@click.option(
    "--by-model",
    is_flag=True,
    help="Let a model write the draft. A daemon makes the call, within the budget of scope draft.",
)
@click.option("--wait", type=click.FloatRange(1, _WAIT_MOST), default=120.0, show_default=True, metavar="SECONDS",
              help="Seconds to wait for the model.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Replace an existing draft.")
@click.option("--asked", is_flag=True, help="Record that you have sent the draft. The command sends nothing.")
@click.option("--mailto", is_flag=True, help="Print a mailto: link instead of the text.")
@click.option("--actor", help="Record this name in the audit. Default: the database role.")
@database
@json_
def draft(
    rfq: str,
    *,
    language: str | None,
    by_model: bool,
    wait: float,
    replace: bool,
    asked: bool,
    mailto: bool,
    actor: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Draft a reply that asks for missing facts.

    RFQ is an id or the application's own reference. The command prints the existing draft, or writes one from a
    template and keeps it for the desk. It sends nothing: copy the text, or open it in your mail program.
    """
    if not 1 <= wait <= _WAIT_MOST:  # click accepts nan in every range
        raise ConfigError(f"--wait takes 1 to {_WAIT_MOST} seconds")

    async def decide(conn: Connection) -> tuple[UUID, StoredDraft, str | None, str]:
        from rfqflow.core.drafting.letters import code_of
        from rfqflow.core.drafting.reason_texts import reason_text
        from rfqflow.core.drafting.reply import language_for
        from rfqflow.store.desk import DeskStore
        from rfqflow.store.drafts import DraftStore, facts_of
        from rfqflow.store.operator import OperatorStore

        rfq_id = await references.found(OperatorStore(conn), rfq)
        store = DraftStore(conn)
        answer, row = await DeskStore(conn).answer(rfq_id), await store.rfq(rfq_id)
        if answer is None:
            raise ConfigError(f"RFQ {rfq_id} not found")
        facts, kept, reason = facts_of(answer, row), await store.draft(rfq_id), ""
        if kept is None or replace or by_model:
            if kept is not None and kept.source == "person" and not replace:
                raise RfqflowError("the draft was edited by hand: --replace overwrites it")
            if by_model:
                reason = reason_text((await _by_model(store, rfq_id, language, actor, wait)).outcome)
            else:
                await _by_template(store, rfq_id, facts, language, actor)
            kept = await store.draft(rfq_id)
        elif language is not None and code_of(language) != kept.language:
            raise RfqflowError(f"a draft in {kept.language} exists: --replace overwrites it")
        if kept is None:
            raise RfqflowError(reason or "no draft exists")
        if asked:
            await store.ask_back(rfq_id, actor)
            kept = await store.draft(rfq_id) or kept
        why = reason or (reason_text(kept.why, language_for(facts, language)) if kept.source != "model" else "")
        return rfq_id, kept, row["email"], why

    _tell(*connected(database_url, decide), as_json=as_json, mailto=mailto)


async def _by_template(
    store: DraftStore, rfq_id: UUID, facts: RfqFacts, language: str | None, actor: str | None
) -> None:
    from rfqflow.core.drafting.letters import LANGUAGES, code_of
    from rfqflow.core.drafting.reason_texts import NOTHING_MISSING
    from rfqflow.core.drafting.reply import draft as by_template

    if language is not None and code_of(language) is None:
        raise ConfigError(f"{language}: --language takes a code such as {', '.join(LANGUAGES)}")
    made = by_template(facts, language)
    if not made.asks:
        raise RfqflowError(NOTHING_MISSING)
    await store.save_template(rfq_id, made, actor)


async def _by_model(
    store: DraftStore, rfq_id: UUID, language: str | None, actor: str | None, wait: float
) -> DraftRequest:
    """The request for a draft, finished. Raises an error if no daemon finishes it within `wait` seconds."""
    import asyncio
    import time

    from rfqflow.core.drafting.letters import code_of

    code = code_of(language)
    if language is not None and code is None:
        raise ConfigError(f"{language}: --language takes a code such as de")
    if not await store.models_at_work():
        raise RfqflowError("no running daemon has a model: start a daemon with `rfqflow run`")
    number = await store.ask_model(rfq_id, actor, language=code)
    until = time.monotonic() + wait
    while True:
        found = await store.request(rfq_id)
        if found is None or found.request != number:
            raise RfqflowError("the request no longer exists: the RFQ was erased, or a newer request replaced it")
        if found.outcome is not None:
            return found
        if time.monotonic() > until:
            raise RfqflowError(
                f"no draft within {wait:g} s. The daemon still works on it: run `rfqflow draft` again later"
            )
        await asyncio.sleep(_LOOK_SECONDS)


def _tell(rfq_id: UUID, kept: StoredDraft, email: str | None, why: str, *, as_json: bool, mailto: bool) -> None:
    from rfqflow.core.drafting.mail import mailto as link_of

    link, is_whole = link_of(email, kept.subject, kept.body)
    if as_json:
        print_json({
            "rfq_id": str(rfq_id), "language": kept.language, "subject": kept.subject, "body": kept.body,
            "source": kept.source, "asks": list(kept.asks), "model": kept.model, "why": kept.why,
            "asked_by": kept.asked_by, "asked_at": kept.asked_at, "mailto": link,
        })  # fmt: skip
        return
    if mailto:
        if not is_whole:
            click.echo("The text is too long for a link: copy it into the mail.", err=True)
        click.echo(link)
    else:
        click.echo(f"Subject: {kept.subject}\n\n{kept.body}")
    if why:
        click.echo(why, err=True)
