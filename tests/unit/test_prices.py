"""The source of a price: the operator, else the public list for a vendor's own host, else none."""

import sys
from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from rfqflow.core.errors import Usage
from rfqflow.llm import response
from rfqflow.llm.openai import OpenAIProvider
from rfqflow.llm.prices import PriceBook, vendor_of
from tests.support.model_server import ModelServer

USAGE = Usage(input_tokens=1_000_000, cached_input_tokens=400_000, output_tokens=100_000)
OPENAI = {"openai": "https://api.openai.com/v1"}
UNKNOWN = (None, "unknown")


def row(model: str, given: Any, cached: Any, made: Any, provider: str = "openai") -> dict[str, Any]:
    return {
        "provider": provider,
        "model": model,
        "input_usd_per_million": given,
        "cached_input_usd_per_million": cached,
        "output_usd_per_million": made,
    }


@pytest.fixture
def book() -> PriceBook:
    return PriceBook(OPENAI)


def test_the_operators_table_wins(book: PriceBook) -> None:
    pytest.importorskip("genai_prices")
    listed = book.price("openai", "gpt-5-mini", USAGE)
    book.set_table([row("gpt-5-mini", Decimal(1), Decimal("0.5"), Decimal(10))])

    assert listed[1] == "genai-prices"
    assert book.price("openai", "gpt-5-mini", USAGE) == (Decimal("1.8"), "table")


def test_a_new_table_replaces_the_one_before(book: PriceBook) -> None:
    book.set_table([row("ours", Decimal(1), None, Decimal(1))])
    book.set_table([row("theirs", Decimal(1), None, Decimal(1))])

    assert book.price("openai", "ours", USAGE) == UNKNOWN
    assert book.price("openai", "theirs", USAGE)[1] == "table"


def test_a_row_applies_to_its_own_provider_and_exact_model(book: PriceBook) -> None:
    book.set_table([row("llama3.1", Decimal(0), None, Decimal(0), provider="ollama")])

    assert book.price("ollama", "llama3.1", USAGE) == (Decimal(0), "free")
    assert book.price("openai", "llama3.1", USAGE) == UNKNOWN
    assert book.price("ollama", "llama3.1:70b", USAGE) == UNKNOWN


@pytest.mark.parametrize(
    ("given", "cached", "made", "source"),
    [
        (0, None, 0, "free"),
        (0, 0, 0, "free"),
        (0, None, "0.1", "table"),
        ("0.1", 0, 0, "table"),
        (0, "0.1", 0, "table"),
    ],
)
def test_only_a_row_of_zeros_is_free(book: PriceBook, given: Any, cached: Any, made: Any, source: str) -> None:
    book.set_table([row("m", given, cached, made)])
    assert book.price("openai", "m", USAGE)[1] == source


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), Decimal(-1), "a lot", None])
def test_an_unusable_row_makes_the_price_unknown_and_hides_the_list(book: PriceBook, amount: Any) -> None:
    book.set_table([row("gpt-5-mini", amount, None, Decimal(1))])
    assert book.price("openai", "gpt-5-mini", USAGE) == UNKNOWN


def test_the_list_prices_cached_input_as_the_vendor_does(book: PriceBook) -> None:
    pytest.importorskip("genai_prices")
    cached = book.price("openai", "gpt-5-mini", USAGE)[0]
    plain = book.price("openai", "gpt-5-mini", Usage(USAGE.input_tokens, 0, USAGE.output_tokens))[0]
    absurd = book.price("openai", "gpt-5-mini", Usage(10, cached_input_tokens=20))[0]

    assert cached is not None
    assert plain is not None
    assert 0 < cached < plain
    assert absurd is not None


@pytest.mark.parametrize(
    ("base_url", "vendor"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://API.OpenAI.com:443/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://key@api.mistral.ai/v1", "mistral"),
        ("http://api.openai.com/v1", None),
        ("https://api.openai.com:8443/v1", None),
        ("https://api.openai.com.evil.example/v1", None),
        ("https://proxy.example/api.openai.com/v1", None),
        ("https://eu.api.openai.com/v1", None),
        ("https://ours.openai.azure.com/openai/v1", None),
        ("http://127.0.0.1:11434/v1", None),
        ("http://localhost:8000/v1", None),
        ("https://[bad", None),
        ("https://api.openai.com:port", None),
        ("", None),
        (None, None),
    ],
)
def test_a_vendor_is_recognised_by_its_own_host_alone(base_url: str | None, vendor: str | None) -> None:
    assert vendor_of(base_url) == vendor


@pytest.mark.parametrize("base_url", [None, "http://127.0.0.1:8000/v1", "https://gateway.example/v1"])
def test_a_local_model_with_a_well_known_name_is_not_billed_by_the_list(base_url: str | None) -> None:
    assert PriceBook({"openai": base_url}).price("openai", "gpt-5-mini", USAGE) == UNKNOWN


def test_a_vendor_is_looked_up_under_its_own_name() -> None:
    pytest.importorskip("genai_prices")
    book = PriceBook({"openai": "https://openrouter.ai/api/v1"})

    assert book.price("openai", "openai/gpt-5-mini", USAGE)[1] == "genai-prices"
    assert book.price("openai", "gpt-6-nonesuch", USAGE) == UNKNOWN


@pytest.mark.parametrize(
    "model",
    [
        "whisper-1",  # priced by the hour: its tokens would cost nothing
        "text-embedding-3-small",  # no price for output
        "ft:gpt-4o-mini:ours::id",
        "gpt-5-mini-ours",
        "no-such-model",
        "",
    ],
)
def test_an_incomplete_price_of_the_list_is_unknown(book: PriceBook, model: str) -> None:
    pytest.importorskip("genai_prices")
    assert book.price("openai", model, USAGE) == UNKNOWN


def test_a_zero_price_of_the_list_is_unknown_until_the_operator_confirms_it() -> None:
    pytest.importorskip("genai_prices")
    book = PriceBook({"openai": "https://openrouter.ai/api/v1"})
    model = "meta-llama/llama-3.3-70b-instruct:free"
    assert book.price("openai", model, USAGE) == UNKNOWN

    book.set_table([row(model, 0, None, 0)])
    assert book.price("openai", model, USAGE) == (Decimal(0), "free")


def fake(calc_price: Any) -> ModuleType:
    module = ModuleType("genai_prices")
    module.calc_price = calc_price  # type: ignore[attr-defined]
    module.Usage = SimpleNamespace  # type: ignore[attr-defined]
    return module


def raising(*_: Any, **__: Any) -> None:
    raise RuntimeError("the list is broken")


def found(total: Any, given: Any = Decimal(1), made: Any = Decimal(1)) -> Any:
    price = SimpleNamespace(input_mtok=given, output_mtok=made)
    return lambda *_, **__: SimpleNamespace(total_price=total, model_price=price)


@pytest.mark.parametrize(
    "module",
    [
        None,  # not installed
        ModuleType("genai_prices"),  # another release, with other names
        fake(raising),
        fake(lambda *_, **__: None),
        fake(found(Decimal("NaN"))),
        fake(found(Decimal(-1))),
        fake(found("a lot")),
        fake(found(Decimal(0), given=None)),
        fake(found(Decimal(0), made=Decimal(0))),
    ],
)
def test_any_error_in_the_price_list_makes_the_price_unknown(book: PriceBook, monkeypatch: Any, module: Any) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", module)
    assert book.price("openai", "gpt-5-mini", USAGE) == UNKNOWN


def test_the_list_gets_the_vendor_and_no_more_cached_tokens_than_input(book: PriceBook, monkeypatch: Any) -> None:
    asked: list[Any] = []

    def note(usage: Any, model: str, **options: Any) -> Any:
        asked.append((usage.input_tokens, usage.cache_read_tokens, usage.output_tokens, model, options))
        return found(Decimal("0.5"))()

    monkeypatch.setitem(sys.modules, "genai_prices", fake(note))
    assert book.price("openai", "m", Usage(10, 20, 3)) == (Decimal("0.5"), "genai-prices")
    assert asked == [(10, 10, 3, "m", {"provider_id": "openai"})]


def test_the_list_is_loaded_ahead_only_where_it_will_be_used(monkeypatch: Any) -> None:
    pytest.importorskip("genai_prices")
    assert PriceBook(OPENAI).warm()
    assert not PriceBook({"openai": "http://127.0.0.1:1/v1"}).warm()
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert not PriceBook(OPENAI).warm()


async def test_a_provider_accepts_the_price_book() -> None:
    book = PriceBook()
    async with ModelServer() as server:
        provider = OpenAIProvider(model="ours", base_url=server.url, price=partial(book.price, "openai"))
        book.set_table([row("ours", 1, None, 1)])
        from tests.support.provider_requests import request

        completion = await provider.complete(request(model="ours"))
        await provider.aclose()

    expected = Decimal(completion.usage.input_tokens + completion.usage.output_tokens) / 1_000_000
    assert (completion.cost_usd, completion.cost_source) == (expected, "table")


def tiered(tier: str | None) -> Usage:
    return replace(USAGE, service_tier=tier)


def test_a_call_costs_what_the_tier_that_answered_costs(book: PriceBook) -> None:
    book.set_table([
        row("ours", Decimal(1), Decimal("0.5"), Decimal(10)),
        {**row("ours", Decimal("0.5"), Decimal("0.25"), Decimal(5)), "service_tier": "flex"},
    ])  # fmt: skip
    assert book.price("openai", "ours", tiered("flex")) == (Decimal("0.9"), "table")
    for tier in (None, "default", "scale", "on_demand", "of_next_year", "batch"):  # never lower than the normal price
        assert book.price("openai", "ours", tiered(tier)) == (Decimal("1.8"), "table"), tier
    assert book.price("openai", "ours", tiered("priority")) == (Decimal("3.6"), "assumed")


def test_an_operators_own_server_is_free_in_each_tier(book: PriceBook) -> None:
    book.set_table([row("ours", Decimal(0), None, Decimal(0))])
    assert book.price("openai", "ours", tiered("priority")) == (Decimal(0), "free")


def test_if_the_operator_priced_another_tier_only_the_list_has_the_normal_price(book: PriceBook) -> None:
    pytest.importorskip("genai_prices")
    listed = book.price("openai", "gpt-5-mini", USAGE)
    book.set_table([{**row("gpt-5-mini", Decimal(1), None, Decimal(1)), "service_tier": "priority"}])
    assert book.price("openai", "gpt-5-mini", USAGE) == listed
    assert book.price("openai", "gpt-5-mini", tiered("priority"))[1] == "table"


def test_the_list_has_tiers(book: PriceBook) -> None:
    pytest.importorskip("genai_prices")
    normal, flex, priority, unheard = (
        book.price("openai", "gpt-5-mini", tiered(tier))[0] for tier in ("default", "flex", "priority", "of_next_year")
    )
    assert normal is not None
    assert priority is not None
    assert (flex, unheard) == (normal / 2, normal)
    assert priority > normal


@pytest.mark.parametrize(
    ("one", "other", "dear"),
    [
        ("flex", "default", "default"),
        ("flex", None, None),
        ("default", "priority", "priority"),
        ("flex", "flex", "flex"),
    ],
)
def test_an_attempt_whose_calls_used_two_tiers_is_billed_by_the_more_expensive(one, other, dear):
    both = response.added(response.added(Usage(), tiered(one)), tiered(other))
    assert (both.service_tier, both.input_tokens) == (dear, 2_000_000)
    assert response.added(tiered(one), Usage()).service_tier == one  # a call without a bill does not count
