"""python -m tests.corpus.estimate: what a thousand RFQs of the corpus cost at list prices, and where the tokens go.

The corpus goes through the whole daemon. The command counts what the daemon sends, and the recorded answers, by
OpenAI's vocabulary (o200k). Only the model can count its reasoning tokens: `--reasoning` assumes them, and the output
says so.

    python -m pip install bpe-openai      # the vocabulary: needed for this command only
    python -m tests.corpus.estimate --model gpt-5-mini
"""

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog

from rfqflow.core.errors import Usage
from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.llm.prices import PriceBook
from tests.corpus.replay import replay
from tests.support.recorded_answers import recorded

RFQS = 1_000  # a day
# Tokens per RFQ. A strong model used 1,500 at the default effort. The others are in proportion, as the vendor
# describes.
REASONING = {"none": 0, "low": 400, "default": 1_500}
# https://platform.openai.com/docs/pricing, checked 2026-11-29: flex costs half, for cached input too.
TIERS = {"normal": Decimal(1), "flex": Decimal("0.5")}
# https://platform.openai.com/docs/guides/prompt-caching, checked 2026-11-29: the cache holds the common beginning of
# calls, from 1,024 tokens, in steps of 128.
LEAST_CACHED, CACHED_STEP = 1_024, 128
FRAME = 12  # tokens that a chat adds around two messages

Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Counted:
    """Tokens of one call. Every call begins with the same `shared` tokens: schema and system message."""

    schema: int
    system: int
    user: int
    answer: int
    shared: int

    @property
    def input(self) -> int:
        return self.schema + self.system + self.user + FRAME

    @property
    def cached(self) -> int:
        """The tokens that the provider can take from its cache."""
        return 0 if self.shared < LEAST_CACHED else self.shared // CACHED_STEP * CACHED_STEP


def count(bodies: Iterable[Mapping[str, Any]], answers: Iterable[str], encode: Encode) -> list[Counted]:
    """Tokens of each call, from the body that was sent (a chat completion) and from its answer."""
    parts = []
    for body, answer in zip(bodies, answers, strict=True):
        schema = json.dumps(body["response_format"]["json_schema"]["schema"], separators=(",", ":"))
        system, user = (
            "".join(message["content"] for message in body["messages"] if (message["role"] == "system") is is_system)
            for is_system in (True, False)
        )
        parts.append((schema, system, user, answer))
    alike = [encode(text) for text in {schema + system for schema, system, _, _ in parts}]
    shared = min(_common(alike[0], each) for each in alike) if alike else 0
    counts = {text: len(encode(text)) for schema, system, _, _ in parts for text in (schema, system)}
    return [
        Counted(counts[schema], counts[system], len(encode(user)), len(encode(answer)), shared)
        for schema, system, user, answer in parts
    ]


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def table(
    counted: Sequence[Counted], price: Callable[[Usage], Decimal | None], reasoning: Mapping[str, int]
) -> list[str]:
    """US dollars for a thousand RFQs by effort, tier and cache.

    Raises: SystemExit: the price is unknown.
    """
    lines = [f"{'USD per 1,000 RFQs':32}{'not cached':>14}{'cached':>14}"]
    for effort, thought in reasoning.items():
        sums = [_sum(counted, price, thought, is_cached=is_cached) for is_cached in (False, True)]
        for tier, factor in TIERS.items():
            name = f"effort {effort} ({thought:,}), {tier}"
            lines.append(f"{name:32}" + "".join(f"{total * factor:>14.2f}" for total in sums))
    return lines


def _sum(
    counted: Sequence[Counted], price: Callable[[Usage], Decimal | None], thought: int, *, is_cached: bool
) -> Decimal:
    total = Decimal(0)
    for call in counted:
        cost = price(
            Usage(
                input_tokens=call.input,
                cached_input_tokens=call.cached if is_cached else 0,
                output_tokens=call.answer + thought,
                reasoning_tokens=thought,
            )
        )
        if cost is None:
            raise SystemExit("no price is known for this model: name one of OpenAI's list, such as gpt-5-mini")
        total += cost
    return total * RFQS / len(counted)


def shares(counted: Sequence[Counted]) -> list[str]:
    """The shares of each kind of token."""
    lines = [f"{'tokens per RFQ':32}{'median':>10}{'mean':>10}{'most':>10}"]
    for name in ("schema", "system", "user", "answer", "input", "cached"):
        values = [getattr(call, name) for call in counted]
        lines.append(f"{name:32}{statistics.median(values):>10,.0f}{statistics.mean(values):>10,.0f}{max(values):>10,}")
    share = sum(call.cached for call in counted) / sum(call.input for call in counted)
    lines.append(f"of the input {share:.0%} begin every call alike and can be cached")
    return lines


async def estimate(model: str, reasoning: Mapping[str, int], encode: Encode) -> list[str]:
    """The whole report, from a database that is dropped afterwards."""
    cases = [case for case in recorded() if case.mistake is None]
    journal: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder), settings={"fsync": "off"}) as server,
    ):
        conn = await connect(server.dsn)
        await migrate.migrate(conn)
        await conn.close()
        await replay(server.dsn, cases, journal)
    by_name = {case.name: case for case in cases}
    named = [entry["headers"]["x-client-request-id"].rpartition(".")[0] for entry in journal]
    answers = [json.dumps(by_name[name].wire, ensure_ascii=False, separators=(",", ":")) for name in named]
    counted = count([entry["body"] for entry in journal], answers, encode)
    items = sum(len(by_name[name].wire["line_items"]) for name in named)
    book = PriceBook({"openai": "https://api.openai.com/v1"})
    return [
        f"{model}, list price of genai-prices {version('genai-prices')}, tokens by bpe-openai {version('bpe-openai')}; "
        f"{len(counted)} calls for {len(cases)} RFQs, {items} line items; reasoning is assumed",
        *shares(counted),
        *table(counted, lambda usage: book.price("openai", model, usage)[0], reasoning),
    ]


def main() -> None:
    """Reads the options and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.estimate")
    parser.add_argument("--model", default="gpt-5-mini", help="of OpenAI's list; default: %(default)s")
    parser.add_argument(
        "--reasoning", action="append", default=[], metavar="EFFORT=TOKENS",
        help="reasoning tokens per RFQ to assume; default: " + " ".join(f"{k}={v}" for k, v in REASONING.items()),
    )  # fmt: skip
    options = parser.parse_args()
    try:
        given = {name: int(tokens) for name, tokens in (each.split("=") for each in options.reasoning)}
    except ValueError:
        parser.error("--reasoning takes EFFORT=TOKENS, such as low=400")
    try:
        import bpe_openai
    except ImportError:
        raise SystemExit("the tokenizer is not installed: python -m pip install bpe-openai") from None
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    encode = bpe_openai.get_encoding("o200k_base").encode
    print("\n".join(asyncio.run(estimate(options.model, given or REASONING, encode))))


if __name__ == "__main__":
    main()
