"""Part `guards`: what each guard costs by itself, on a fresh database and on one that has grown.

Each guard has a reference, which differs in that guard alone: both drain the same RFQs in the same round. The cost is
the additional time per RFQ: of the whole machine (by the rate), and of the worker's processor.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rfqflow.bench import drain
from rfqflow.bench.scratch_database import clear
from rfqflow.bench.statistics import Figure, ratio

from .grounds import Grounds, connected
from .growth import grow_to, make_samples

CORPUS = Path(__file__).parents[1] / "corpus" / "rfqs_dev.jsonl"
FILL_SECONDS = 600
OFF = {"spam": "pass", "gibberish": "pass", "duplicate_hours": 0, "sender_per_hour": 0, "ip_per_hour": 0}
ALL = {"spam": "skip", "gibberish": "skip", "duplicate_hours": 720, "sender_per_hour": 60, "ip_per_hour": 120}
BUDGETS = ("hour", "day", "month")


@dataclass(frozen=True, slots=True)
class Cell:
    """A drain: the guards that are on, and the drain that it is compared with."""

    name: str
    reference: str
    policies: dict[str, Any] = field(default_factory=dict)
    paid: bool = False
    budgets: int = 0
    limited: bool = False
    facts: bool = False
    corpus: bool = False


CELLS = (
    Cell("no guard", ""),
    Cell("spam and gibberish", "no guard", {"spam": "skip", "gibberish": "skip"}),
    Cell("duplicates", "no guard", {"duplicate_hours": 720}),
    Cell("rates of senders", "no guard", {"sender_per_hour": 60, "ip_per_hour": 120}),
    Cell("a paid call: breaker, steering", "no guard", paid=True),
    Cell("one budget", "a paid call: breaker, steering", paid=True, budgets=1),
    Cell("three budgets", "a paid call: breaker, steering", paid=True, budgets=3),
    Cell("requests and tokens a minute", "a paid call: breaker, steering", paid=True, limited=True),
    Cell("checks of an answer", "a paid call: breaker, steering", paid=True, facts=True),
    Cell("all guards", "no guard", ALL, paid=True, budgets=3, limited=True, facts=True),
    Cell("all guards, texts of the corpus", "no guard", ALL, paid=True, budgets=3, limited=True, facts=True, corpus=True),
)  # fmt: skip


async def measure(server_dsn: str, *, rounds: int, rows: int, grown: int, say: Any) -> dict[str, Any]:
    """`rows` of one drain; `grown`: the number of RFQs in the database that has grown, or 0 for none."""
    async with Grounds(server_dsn) as grounds:
        template = await grounds.ours()
        await make_samples(template)
        async with connected(template) as conn:
            await _store_corpus(conn)
        await grounds.left(template)
        found = {"rows": rows, "fresh": await _table(grounds, template, 0, rounds, rows, say)}
        if grown:
            found |= {"rfqs": grown, "grown": await _table(grounds, template, grown, rounds, rows, say)}
    return found


async def _table(grounds: Grounds, template: str, grown: int, rounds: int, rows: int, say: Any) -> list[dict[str, Any]]:
    dsn = await grounds.make(template)
    runs: dict[str, list[dict[str, Any]]] = {cell.name: [] for cell in CELLS}
    async with connected(dsn) as conn:
        if grown:
            await grow_to(conn, grown, say)
        for number in range(rounds):
            for cell in CELLS if number % 2 == 0 else reversed(CELLS):
                say(f"guards: {grown:,} RFQs, round {number + 1} of {rounds}, {cell.name}")
                if not grown:
                    await clear(conn)
                runs[cell.name].append(await _drain(dsn, conn, cell, rows))
    await grounds.drop(dsn)
    return [_figures(cell, runs[cell.name], runs.get(cell.reference), rows) for cell in CELLS]


async def _drain(dsn: str, conn: Any, cell: Cell, rows: int) -> dict[str, Any]:
    for key, value in {**OFF, **cell.policies}.items():
        await conn.execute("select ai.set_policy($1, $2::text::jsonb)", key, json.dumps(value))
    for number, window in enumerate(BUDGETS):
        await conn.execute(
            "select ai.set_budget('global', $1, $2)", window, 1_000_000 if number < cell.budgets else None
        )
    await conn.execute("delete from ai.model_limits")
    if cell.limited:
        await conn.execute(
            "insert into ai.model_limits (provider, model, requests_per_minute, tokens_per_minute) "
            "values ('noop', 'noop-1', 100000000, 2000000000)"
        )
    fill = "select bench.fill_corpus($1)" if cell.corpus else "select bench.fill($1)"
    await conn.execute(fill, rows, timeout=FILL_SECONDS)
    await conn.execute("analyze ai.outbox")
    await conn.execute("checkpoint", timeout=FILL_SECONDS)
    return await drain.by_worker(dsn, rows, drain.CONCURRENCY, guarded=cell.paid, facts=cell.facts)


def _figures(
    cell: Cell, runs: list[dict[str, Any]], reference: list[dict[str, Any]] | None, rows: int
) -> dict[str, Any]:
    """The figures of one guard; only its own rate if it has no reference."""
    rates, cpu = [run["per_second"] for run in runs], [run["cpu_seconds"] / rows * 1e6 for run in runs]
    reported = {"name": cell.name, "reference": cell.reference, "per_second": Figure.of(rates).plain(),
            "cpu_us": Figure.of(cpu).plain()}  # fmt: skip
    if reference is None:
        return reported
    before = [run["per_second"] for run in reference]
    return {
        **reported,
        "of_reference": ratio(rates, before).plain(),
        "more_us": Figure.of([1e6 / new - 1e6 / old for new, old in zip(rates, before, strict=True)]).plain(),
        "more_cpu_us": Figure.of(
            [new - run["cpu_seconds"] / rows * 1e6 for new, run in zip(cpu, reference, strict=True)]
        ).plain(),
    }


async def _store_corpus(conn: Any) -> None:
    """Stores texts as customers write them: the texts of `rfqflow bench` have only one value of each kind."""
    messages = [json.loads(line)["message"] for line in CORPUS.read_text("utf-8").splitlines()]
    await conn.execute("create table bench.corpus (number integer primary key, message text not null)")
    await conn.executemany("insert into bench.corpus values ($1, $2)", list(enumerate(messages)))
    await conn.execute(Path(__file__).with_name("guards.sql").read_text("utf-8"))
