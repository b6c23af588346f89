"""Sends the labelled RFQs and the hostile files through a daemon of its own process, and scores what it wrote."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rfqflow.database.connection import connect
from tests.corpus.attached.honest_model import wire
from tests.corpus.attached.model import AttachedRfq, Score, score
from tests.support.daemon import Process, eventually
from tests.support.hostile_files import HOSTILE, MIB
from tests.support.made_files import document, paragraph, workbook, zipped
from tests.support.model_behaviours import BEHAVIOURS, says
from tests.support.model_exchange import Exchange
from tests.support.model_server import ModelServer

MODEL = "attached"
MOST_MEBIBYTES = 150.0  # the limit of the daemon's memory, with any files
_SECONDS = 900.0
_BEYOND = 210 * MIB  # more than the limit to which a daemon expands a file
_MAKE = {name: make for name, (make, _) in HOSTILE.items()} | {
    "bomb.xlsx": lambda: workbook({"A": [["a"]]}, parts={"xl/media/x.bin": bytes(_BEYOND)}),
    "bomb.docx": lambda: document(paragraph("a"), parts={"word/media/x.png": bytes(_BEYOND)}),
    "bomb.zip": lambda: zipped({"a.txt": bytes(_BEYOND)}),
}


@dataclass(frozen=True)
class HostileEnd:
    """How an RFQ with a hostile file ended. `is_right`: for a correct reason, and within its limits."""

    name: str
    status: str
    end: str
    is_right: bool


@dataclass(frozen=True)
class Measured:
    """The results of all RFQs that were sent."""

    scores: Mapping[str, Score]
    hostile: tuple[HostileEnd, ...] = ()
    peak_mebibytes: float = 0.0
    seconds: float = 0.0


async def measure(
    dsn: str,
    cases: Sequence[AttachedRfq],
    *,
    model: bool = False,
    pictures: int = 0,
    hostile: bool = False,
    start: type[Process] = Process,
) -> Measured:
    """The figures by case.

    `model`: a scripted model answers in place of the rules. `pictures`: how many pictures it may get. `start`: how the
    daemon is started.
    """
    began = time.monotonic()
    conn = await connect(dsn)
    await conn.execute(
        "select ai.set_policy('duplicate_hours', '0'), ai.set_policy('spam', '\"pass\"'), "
        "ai.set_policy('gibberish', '\"pass\"'), ai.set_policy('min_characters', '0')"
    )
    await conn.execute("select ai.set_policy('attachment_pictures', $1)", str(pictures))
    async with (
        _provider(conn, cases, model=model) as environment,
        start("run", RFQFLOW_DATABASE_URL=dsn, RFQFLOW_CONCURRENCY="8", **environment) as daemon,
    ):
        await _insert(conn, cases)
        if hostile:
            await _insert_hostile(conn)
        await eventually(lambda: _is_done(conn), seconds=_SECONDS)
        peak = _peak(daemon.process.pid)
        daemon.send(signal.SIGTERM)
        await daemon.exit_code(60)
    rows = {
        row["request_id"]: {**row, "extracted": json.loads(row["extracted"] or "{}")}
        for row in await conn.fetch(
            "select request_id, ai_status, ai_reason, ai_review, ai_extracted::text as extracted from public.rfq_requests"
        )
    }
    await conn.close()
    ends = tuple(_ended(name, rows[f"hostile {name}"]) for name in HOSTILE) if hostile else ()
    scores = {case.case_id: score(case, rows[case.case_id], sees_pictures=bool(pictures)) for case in cases}
    return Measured(scores, ends, peak, time.monotonic() - began)


@contextlib.asynccontextmanager
async def _provider(conn: Any, cases: Sequence[AttachedRfq], *, model: bool) -> AsyncIterator[dict[str, str]]:
    if not model:
        yield {"RFQFLOW_PROVIDER": "rules"}
        return
    by_name = {case.case_id: case for case in cases}
    if MODEL not in BEHAVIOURS:
        says(MODEL, lambda exchange: _answer(exchange, by_name))
    await conn.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) "
        "values ('openai', $1, 0, 0)",
        MODEL,
    )
    async with ModelServer(default=MODEL) as server:
        yield {
            "RFQFLOW_PROVIDER": "openai", "RFQFLOW_MODEL": MODEL, "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": server.url,
        }  # fmt: skip


def _answer(exchange: Exchange, by_name: Mapping[str, AttachedRfq]) -> str:
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    case = by_name[headers["x-request-id"]]
    content = next(each["content"] for each in exchange.body["messages"] if each["role"] == "user")
    texts = [content] if isinstance(content, str) else [part["text"] for part in content if "text" in part]
    pictures = [int(number) for text in texts[1:] for number in re.findall(r"cite line (\d+)", text)]
    return json.dumps(wire(case, texts[0], pictures))


async def _insert(conn: Any, cases: Sequence[AttachedRfq]) -> None:
    for case in cases:
        async with conn.transaction():
            rfq_id = await conn.fetchval(
                "insert into public.rfq_requests (request_id, created_at, message) "
                "values ($1, '2026-11-23 09:30:00+00', $2) returning id",
                case.case_id, case.message,
            )  # fmt: skip
            for file in case.files:
                await _attach(conn, rfq_id, file.name, file.make(), file.content_type)


async def _insert_hostile(conn: Any) -> None:
    for name, make in _MAKE.items():
        async with conn.transaction():
            rfq_id = await conn.fetchval(
                "insert into public.rfq_requests (request_id, message) values ($1, $2) returning id",
                f"hostile {name}", "Please quote 40 pumps as per the attached file.",
            )  # fmt: skip
            await _attach(conn, rfq_id, name, make(), "")


async def _attach(conn: Any, rfq_id: Any, name: str, content: bytes, content_type: str) -> None:
    await conn.execute(
        "insert into public.rfq_attachments (rfq_id, file_name, content_type, content) values ($1, $2, $3, $4)",
        rfq_id, name, content_type or None, content,
    )  # fmt: skip


async def _is_done(conn: Any) -> bool:
    return bool(
        await conn.fetchval(
            "select not exists (select from public.rfq_requests where ai_status in ('pending', 'deferred'))"
        )
    )


def _ended(name: str, row: Mapping[str, Any]) -> HostileEnd:
    files = row["extracted"].get("attachments", [])
    end = str(files[0].get("reason") or files[0]["state"]) if files else "no file"
    return HostileEnd(name, row["ai_status"], end, row["ai_status"] == "done" and end in HOSTILE[name][1])


def _peak(pid: int) -> float:
    """The peak memory of the daemon, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def by_group(cases: Sequence[AttachedRfq], scores: Mapping[str, Score]) -> dict[str, Score]:
    """Sums by kind, by half, and of all."""
    sums: defaultdict[str, Score] = defaultdict(Score)
    for case in cases:
        for group in (case.kind, "held out" if case.held_out else "looked at", "all"):
            sums[group].add(scores[case.case_id])
    return dict(sums)
