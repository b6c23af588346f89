"""`rfqflow price`: prices of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli import references
from rfqflow.cli.groups import NumbersCommand
from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.cli.sessions import connected
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    import asyncpg

    from rfqflow.settings import Settings

_PROVIDERS = ("openai", "anthropic", "ollama")
_USD = "USD"


@example("rfqflow price list")
@click.group("price")
def price() -> None:
    """Show or set the prices of models."""


@example("rfqflow price set openai qwen3-32b 0 0", "rfqflow price set openai gpt-5-mini 0.25 2")
@price.command("set", cls=NumbersCommand)
@click.argument("provider", type=click.Choice(_PROVIDERS))
@click.argument("model")
@click.argument("input_usd", metavar="INPUT")
@click.argument("output_usd", metavar="OUTPUT")
@click.option("--cached-input", metavar=_USD, help="Price of cached input. Default: the price of other input.")
@click.option("--tier", default="default", metavar="NAME", show_default=True, help="Service tier of this price.")
@click.option(
    "--from",
    "since",
    metavar="TIME",
    help="Time from which the price applies, such as 2026-12-01. Default: now. Without a zone: UTC.",
)
@click.option("--note", help="Source of the price, such as a URL.")
@click.option("--actor", help="Record this name in the audit. Default: the database role.")
@database
@json_
def price_set(
    *, provider: str, model: str, input_usd: str, output_usd: str, cached_input: str | None, tier: str,
    since: str | None, note: str | None, actor: str | None, database_url: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Set the token prices of MODEL.

    INPUT and OUTPUT are USD per million tokens; set 0 0 for your own server. The command corrects calls that rfqflow
    booked at an assumed price. It wakes RFQs that wait for the price or for a budget. Write MODEL as in `rfqflow price
    list`.
    """
    from rfqflow.core.decisions.pricing import NORMAL_TIER, Price, usd_per_million
    from rfqflow.store.prices import Prices

    _checked_names(model, tier)
    new = Price(
        usd_per_million(input_usd, "INPUT"), usd_per_million(output_usd, "OUTPUT"),
        None if cached_input is None else usd_per_million(cached_input, "--cached-input"),
    )  # fmt: skip
    begins = _begins(since)

    async def work(conn: asyncpg.Connection) -> dict[str, Any]:
        store = Prices(conn)
        known = await store.was_asked(provider, model)
        return {"known": known, **await store.set_price(provider, model, new, tier, begins, actor, note)}

    found = connected(database_url, work)
    if not found["known"] and model not in _configured(database_url):
        click.echo(f"no daemon has asked {model} yet: check the name with `rfqflow price list`", err=True)
    if as_json:
        print_json({
            "provider": provider, "model": model, "service_tier": tier, **_prices(new), "valid_from": begins,
            "replaced": found["replaced"], "corrected_calls": found["corrected"]["calls"],
            "assumed_usd": found["corrected"]["assumed_usd"], "priced_usd": found["corrected"]["priced_usd"],
            "woken": found["woken"],
        })  # fmt: skip
        return
    name = f"{provider} {model}" + ("" if tier == NORMAL_TIER else f" ({tier})")
    was = found["replaced"]
    old = "not set" if was is None else _price_text(was)
    click.echo(f"{name}: {old} -> {_price_text(_prices(new))}, USD per million tokens"
               + (f", from {begins:%Y-%m-%d %H:%M %Z} on" if begins else ""))  # fmt: skip
    for line in _effects(found):
        click.echo(line)


def _effects(found: dict[str, Any]) -> list[str]:
    corrected = found["corrected"]
    calls, woken = corrected["calls"], found["woken"]
    return [
        f"corrected: {calls} call(s) booked at an assumed price, {amount(corrected['assumed_usd'])} -> "
        f"{amount(corrected['priced_usd'])} USD" if calls else "corrected: no call was booked at an assumed price",
        f"woken: {woken} RFQ(s) that waited for a price or a budget" if woken
        else "woken: no RFQ waited for a price or a budget",
    ]  # fmt: skip


def _checked_names(model: str, tier: str) -> None:
    import re

    if not model.strip() or model == "*" or not model.isprintable():
        raise ConfigError("a price belongs to one model: name it as `rfqflow price list` does")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", tier):
        raise ConfigError(f"a service tier is a word such as flex or priority, not {tier[:40]!r}")


def _begins(since: str | None) -> datetime | None:
    from datetime import UTC, datetime

    if since is None:
        return None
    try:
        found = datetime.fromisoformat(since.strip())
    except ValueError:
        raise ConfigError(
            f"--from takes a time such as 2026-12-01 or 2026-12-01T08:30+01:00, not {since[:40]!r}"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _configured(database_url: str | None) -> set[str]:
    """The models that this environment configures."""
    from rfqflow import settings

    try:
        return {model for _, model in settings.load(database_url=database_url).chain}
    except ConfigError:
        return set()


def _prices(price: Any) -> dict[str, Any]:
    return {
        "input_usd_per_million": price.input,
        "cached_input_usd_per_million": price.cached_input,
        "output_usd_per_million": price.output,
    }


def _price_text(row: Mapping[str, Any]) -> str:
    cached = row["cached_input_usd_per_million"]
    return (
        f"{amount(row['input_usd_per_million'])} input, "
        + ("" if cached is None else f"{amount(cached)} cached input, ")
        + f"{amount(row['output_usd_per_million'])} output"
    )


def amount(value: Decimal | float) -> str:
    """An amount without an exponent and without trailing zeros."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return text or "0"


@example("rfqflow price list")
@price.command("list")
@database
@json_
def price_list(*, database_url: str | None, as_json: bool) -> None:
    """List prices, and models without a price.

    The list shows who set each price, and when. For a model at its vendor's own server, rfqflow uses a list of public
    prices if you set no price.
    """
    from rfqflow import settings

    loaded = settings.load(database_url=database_url)
    rows, policy = connected(database_url, lambda conn: _listed(loaded, conn))
    if as_json:
        print_json(rows)
        return
    columns = ("model", "tier", "input", "cached", "output", "source", "since")
    console().print(table(None, columns, [_row(row) for row in rows]))
    if not rows:
        click.echo("no calls recorded and no price set: rfqflow price set PROVIDER MODEL INPUT OUTPUT")
        return
    click.echo("USD per million tokens")
    for row in rows:
        if row["source"] == "unknown":
            click.echo(
                f"{row['provider']} {row['model']}: unknown, assumed at {amount(policy['assumed_input_usd'])} input, "
                f"{amount(policy['assumed_output_usd'])} output; {row['assumed_calls']} call(s) booked at this price "
                f"this month, {amount(row['assumed_usd'])} USD. To set the price: {row['remedy']}"
            )


def _row(row: dict[str, Any]) -> list[Any]:
    prices = [row[f"{name}_usd_per_million"] for name in ("input", "cached_input", "output")]
    return [f"{row['provider']} {row['model']}", row["service_tier"], *prices, row["source"], row["since"]]


async def _listed(loaded: Settings, conn: asyncpg.Connection) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    from rfqflow.core.decisions.pricing import NORMAL_TIER
    from rfqflow.core.errors import Usage
    from rfqflow.llm.factory import price_book
    from rfqflow.llm.unpriced import unpriced
    from rfqflow.store.prices import Prices

    store = Prices(conn)
    rows = await store.price_status()
    book = price_book(loaded, await store.model_prices())
    seen = {(row["provider"], row["model"]) for row in rows}
    empty = dict.fromkeys(
        ("input_usd_per_million", "cached_input_usd_per_million", "output_usd_per_million", "since", "set_by", "note")
    )
    rows += [
        {"provider": name, "model": model, "service_tier": NORMAL_TIER, "source": "unknown", **empty,
         "assumed_calls": 0, "assumed_usd": 0}
        for name, model in dict.fromkeys(loaded.chain) if name != "rules" and (name, model) not in seen
    ]  # fmt: skip
    for row in rows:
        if row["source"] in {"list", "unknown"}:
            per_million = [
                book.price(row["provider"], row["model"], usage)[0]
                for usage in (Usage(input_tokens=1_000_000), Usage(output_tokens=1_000_000))
            ]
            if None not in per_million:
                row["source"] = "list"
                row["input_usd_per_million"], row["output_usd_per_million"] = per_million
    unknown = [(row["provider"], row["model"]) for row in rows if row["source"] == "unknown"]
    commands = {(one.provider, one.model): one.command for one in unpriced(loaded, book, unknown)}
    for row in rows:
        row["remedy"] = commands.get((row["provider"], row["model"])) if row["source"] == "unknown" else None
    return rows, await store.settings_by_key()


@example("rfqflow price explain RFQ-2026-0017")
@price.command("explain", cls=NumbersCommand)
@click.argument("rfq", metavar="RFQ")
@database
@json_
def explain(*, rfq: str, database_url: str | None, as_json: bool) -> None:
    """Estimate tokens, time and cost of a call for an RFQ.

    The command shows the hold, and whether rfqflow would admit the call now. It uses the provider, the model and the
    deadlines of this environment: set the same variables as for the daemon. The command calls no model.
    """
    from rfqflow import settings
    from rfqflow.store.operator import OperatorStore

    loaded = settings.load(database_url=database_url)
    if loaded.provider_name == "rules":
        raise ConfigError(
            "the provider `rules` costs nothing. To estimate calls to a model, set OPENAI_API_KEY, or RFQFLOW_PROVIDER "
            "and RFQFLOW_MODEL, to the daemon's values"
        )

    async def work(conn: asyncpg.Connection) -> dict[str, Any]:
        return await explained_call(loaded, conn, await references.found(OperatorStore(conn), rfq))

    found = connected(database_url, work)
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
    click.echo("admitted now" if found["let_through"] else f"waits now: {', '.join(found['refusals'])}")


async def explained_call(loaded: Settings, conn: asyncpg.Connection, rfq_id: UUID) -> dict[str, Any]:
    """The estimate of a call for the RFQ, with its hold. Raises RfqflowError if the RFQ does not exist."""
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
        raise RfqflowError(f"RFQ {rfq_id} not found")
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
                    + (", split into parts; these are the figures of the first" if found["is_part"] else "")),
        ("model", f"{found['provider']} {found['model']}, prompt {found['prompt_version']}"),
        ("input", f"at most {found['input_tokens']:,} tokens: {found['sent_bytes']:,} bytes with prompt and schema"),
        ("output", f"at most {found['max_output_tokens']:,} tokens, by {found['limit_source']}; "
                   f"likely {found['likely_output_tokens']:,}, including up to {found['reasoning_tokens']:,} "
                   "of reasoning"),
        ("if the answer is cut off",
         f"the worker asks once more, with {more:,} tokens" if more else "the worker does not ask again"),
        ("deadline", f"{found['deadline_seconds']:g} s; the longest is {found['deadline_ceiling_seconds']:g} s"),
        ("USD per million", f"{found['input_usd_per_million']:g} input, {found['output_usd_per_million']:g} output "
                            f"({found['price_source']})"),
        ("held", f"{found['hold_usd']:f} USD, or {found['least_hold_usd']:f} USD near a cap"),
    ]  # fmt: skip
