"""`rfqflow price`: what calls cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.options import RFQ_ID, database, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from rfqflow.settings import Settings


@click.group("price")
def price() -> None:
    """What calls cost."""


@price.command("explain")
@click.argument("rfq_id", type=RFQ_ID)
@database
@json_
def explain(*, rfq_id: UUID, database_url: str | None, as_json: bool) -> None:
    """What a call for RFQ_ID may take and cost, what is held for it, and whether it would be let through now.

    Provider, model and deadlines are those of this environment; set them as for the daemon. Nothing is called.
    """
    from rfqflow import settings

    loaded = settings.load(database_url=database_url)
    if loaded.provider_name == "rules":
        raise ConfigError(
            "the provider `rules` costs nothing: set OPENAI_API_KEY, or RFQFLOW_PROVIDER and RFQFLOW_MODEL, "
            "as for the daemon"
        )
    found = connected(database_url, lambda conn: _explained(loaded, conn, rfq_id))
    if as_json:
        print_json(found)
        return
    out = console()
    out.print(table(None, ("", ""), _lines(found)))
    columns = ("scope", "period", "cap_usd", "spent_usd", "held_usd", "left_usd", "fits")
    if found["budgets"]:
        out.print()
        out.print(table("budgets", columns, [[budget[name] for name in columns] for budget in found["budgets"]]))
    click.echo()
    click.echo("let through now" if found["let_through"] else f"waits now: {', '.join(found['refusals'])}")


async def _explained(loaded: Settings, conn: asyncpg.Connection, rfq_id: UUID) -> dict[str, Any]:
    from rfqflow.core.policy import Policy
    from rfqflow.core.prompting.model_parameters import ModelParameters
    from rfqflow.core.prompting.prompt import Prompt
    from rfqflow.core.records import Route
    from rfqflow.enrichment.explaining import Fleet
    from rfqflow.enrichment.explaining import explain as explained
    from rfqflow.llm.factory import price_book
    from rfqflow.prompts import shipped
    from rfqflow.store.limits import Guards

    store = Guards(conn)
    rfq = await store.text_of(rfq_id)
    if rfq is None:
        raise RfqflowError(f"there is no RFQ {rfq_id}")
    values = {row["key"]: row["value"] for row in await store.policy()}
    routes = tuple(
        Route(row["slug"], row["description"], tuple(row["keywords"]), row["is_fallback"])
        for row in await store.routes()
    )
    fleet = Fleet(
        Policy.from_values(values), await store.refuses_unpriced(), await store.budgets(), await store.breakers()
    )
    prompt = Prompt.of(await store.active_prompt() or shipped(), routes)
    book = price_book(loaded, await store.model_prices())
    return explained(loaded, rfq, prompt, routes, book, ModelParameters(await store.model_parameters()), fleet)


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    more = found["max_output_tokens_retry"]
    return [
        ("RFQ", str(found["rfq_id"])),
        ("message", f"{found['message_bytes']:,} bytes, {found['lines']:,} lines with a digit"
                    + (", asked about in parts: this is the first" if found["is_part"] else "")),
        ("model", f"{found['provider']} {found['model']}, prompt {found['prompt_version']}"),
        ("input", f"at most {found['input_tokens']:,} tokens: {found['sent_bytes']:,} bytes with prompt and schema"),
        ("output", f"at most {found['max_output_tokens']:,} tokens, by {found['limit_source']}; "
                   f"likely {found['likely_output_tokens']:,}, of reasoning up to {found['reasoning_tokens']:,}"),
        ("if it is cut off", f"once more, with {more:,} tokens" if more else "not asked again"),
        ("deadline", f"{found['deadline_seconds']:g} s, of {found['deadline_ceiling_seconds']:g} s at most"),
        ("USD per million", f"{found['input_usd_per_million']:g} input, {found['output_usd_per_million']:g} output "
                            f"({found['price_source']})"),
        ("held", f"{found['hold_usd']:f} USD, near a cap {found['least_hold_usd']:f}"),
    ]  # fmt: skip
