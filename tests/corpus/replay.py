"""python -m tests.corpus.replay: recorded answers through the whole daemon, and what its checks make of them.

An HTTP server gives each RFQ its recorded answer, either correct or with a planted mistake. A worker with its own
database takes the RFQs from the insert to the final status. The command prints, by kind, how many RFQs lost a correct
value, need review, or have a value that is marked as not verified. It also prints how many of the mistakes were found.
`held out` are new RFQs that no developer looked at while the checks were tuned. `--order facts_first` or
`judgement_first` writes the fields of each answer in that order; without it, the order is as recorded.
"""

import argparse
import asyncio
import json
import logging
import tempfile
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.llm.openai import OpenAIProvider
from tests.support.model_behaviours import BEHAVIOURS, says
from tests.support.model_server import ModelServer
from tests.support.recorded_answers import Recorded, recorded, written
from tests.support.worker_harness import until, working

BEHAVIOUR = "recorded"
_SEEN_IN_REVIEW = frozenset({"contradicted_fact", "items_incomplete", "injection_suspected"})


async def replay(
    dsn: str, cases: list[Recorded], journal: list[dict[str, Any]] | None = None, order: str | None = None
) -> dict[str, dict[str, Any]]:
    """The result of each case, by name: the RFQ's row, and what the checks took out of its answer.

    `journal` gets the requests to the server.
    """
    by_name = {case.name: case for case in cases}
    if BEHAVIOUR not in BEHAVIOURS:
        says(BEHAVIOUR, lambda exchange: _answer(exchange.headers, by_name, order))
    conn = await connect(dsn)
    async with ModelServer(default=BEHAVIOUR, journal=[] if journal is None else journal) as server:
        provider = OpenAIProvider(
            model="recorded", base_url=server.url, price=lambda _model, _usage: (Decimal(0), "free")
        )
        await conn.execute(
            "select ai.set_policy('duplicate_hours', '0'), ai.set_policy('spam', '\"pass\"'), "
            "ai.set_policy('gibberish', '\"pass\"')"
        )
        async with working(dsn, provider, concurrency=64, poll_seconds=0.2):
            await conn.executemany(
                "insert into public.rfq_requests (request_id, created_at, message, name, email, company, phone) "
                "values ($1, $2::date + interval '9 hours', $3, $4, $5, $6, $7)",
                [_row(case) for case in cases],
            )
            await until(
                lambda: conn.fetchval(
                    "select not exists (select from public.rfq_requests where ai_status in ('pending', 'deferred'))"
                ),
                600,
            )
        await provider.aclose()
    rows = await conn.fetch(
        "select r.request_id, r.ai_status, r.ai_reason, r.ai_review, r.ai_extracted::text as extracted, "
        "(select u.output -> 'taken_out' from ai.rag_runs u where u.rfq_id = r.id and u.status = 'succeeded')::text as out "
        "from public.rfq_requests r"
    )
    await conn.close()
    return {row["request_id"]: dict(row) for row in rows}


def _row(case: Recorded) -> tuple[Any, ...]:
    rfq = case.rfq
    return case.name, rfq.received, rfq.message, rfq.name, rfq.email, rfq.company, rfq.phone


def _answer(headers: Any, by_name: dict[str, Recorded], order: str | None) -> str:
    sent = {name.lower(): value for name, value in headers.items()}
    name = sent["x-client-request-id"].rpartition(".")[0]
    return written(by_name[name].wire, order)


def doubts(row: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The facts of an RFQ that are not verified, each with the verdict and its reason."""
    checks = json.loads(row["extracted"] or "{}").get("checks", {})
    return {
        fact: (found["verdict"], found.get("why", ""))
        for fact, found in checks.items()
        if found["verdict"] != "verified"
    }


def is_seen(case: Recorded, row: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether the mistake left a mark that the correct answer to the same RFQ lacks."""
    before = doubts(right)
    new = [fact for fact, found in doubts(row).items() if before.get(fact) != found]
    review = row["ai_review"] if row["ai_review"] != right["ai_review"] else None
    if row["ai_review"] == "injection_suspected":  # the RFQ needs review, whether or not the model obeyed
        return True
    return review in _SEEN_IN_REVIEW or row["ai_status"] != "done" or any(
        fact == wrong or fact.startswith((f"{wrong}.", f"{wrong}[")) or (wrong.startswith(fact) and fact != "summary")
        for fact in new
        for wrong in case.wrong
    )  # fmt: skip


def report(cases: list[Recorded], rows: dict[str, dict[str, Any]], *, details: bool) -> str:
    """The figures as text."""
    lines = []
    honest: defaultdict[str, Counter[str]] = defaultdict(Counter)
    planted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        row = rows[case.name]
        groups = (case.kind, "all", "held out" if case.held_out else "looked at")
        if case.mistake is None:
            marks = {"RFQs": True, "lost": bool(row["out"]), "review": row["ai_review"] in _SEEN_IN_REVIEW,
                     "marked": bool(doubts(row)), "not done": row["ai_status"] != "done"}  # fmt: skip
            for group in groups:
                honest[group].update(name for name, is_so in marks.items() if is_so)
            if details and row["out"] and not case.held_out:
                lines.append(f"lost {case.name}: {row['out']} {doubts(row)}")
        else:
            seen = is_seen(case, row, rows[case.case_id])
            for group in (case.mistake, *groups[1:]):
                planted[group].update(["planted", *(["seen"] if seen else [])])
            if details and not seen and not case.held_out:
                lines.append(f"unseen {case.name}")
    lines.append(f"{'honest answers':24}{'RFQs':>6}{'lost':>6}{'review':>8}{'marked':>8}{'not done':>10}")
    for group, counts in sorted(honest.items(), key=lambda entry: entry[1]["RFQs"]):
        lines.append(f"{group:24}" + "".join(f"{counts[name]:>{width}}" for name, width in
                     (("RFQs", 6), ("lost", 6), ("review", 8), ("marked", 8), ("not done", 10))))  # fmt: skip
    lines.append(f"\n{'mistakes':40}{'planted':>8}{'seen':>6}{'share':>7}")
    for group, counts in sorted(planted.items(), key=lambda entry: entry[1]["planted"]):
        share = counts["seen"] / counts["planted"]
        lines.append(f"{group:40}{counts['planted']:>8}{counts['seen']:>6}{share:>7.0%}")
    return "\n".join(lines)


async def main(*, details: bool, order: str | None) -> None:
    """Replays everything in a database that is dropped afterwards."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    cases = list(recorded())
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder), settings={"fsync": "off"}) as server,
    ):
        conn = await connect(server.dsn)
        await migrate.migrate(conn)
        await conn.close()
        print(report(cases, await replay(server.dsn, cases, order=order), details=details))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--details", action="store_true")
    options.add_argument("--order", choices=("facts_first", "judgement_first"))
    asyncio.run(main(**vars(options.parse_args())))
