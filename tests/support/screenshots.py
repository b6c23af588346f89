"""Writes docs/images/*.png: the desk and the control room, as a browser shows them over a demo database.

`python -m tests.support.screenshots` needs a Chromium and the extra `rfqflow[dev]`. The RFQs, the people and the figures are
made up. Only dates and ages vary from run to run, because they are those of the day.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rfqflow.cli.run import prepare
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from rfqflow.database.scratch_folder import scratch_folder
from tests.support.browser import browsing, log_in, serving_console
from tests.support.figures import rewind

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg
    from playwright.async_api import Page

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZE = {"width": 1360, "height": 820}
MODEL = "gpt-5-mini"

MESSAGE = """Dear sales team,

for the revamp of our condensate line we need a quotation for:
2 pcs centrifugal pump, 40 m3/h at 32 m, casing 1.4408
12 pcs gate valve DN80 PN16, flanged
25 pcs gasket DN80, EPDM
Please quote by Friday, delivery to Rotterdam (DAP) by the end of next month.
Certificate 3.1 for the casings is a must.

Kind regards
Marieke de Vries"""

# Minutes ago, company, summary, route, urgency, days until the quote is due, days until delivery, items, missing, place.
RFQS = (
    (3, "Van Doorn Chemie B.V.", "Two pumps, gate valves and gaskets for a condensate line, certificate 3.1 wanted.", "process", "critical", 1, 33, 3, (), "Rotterdam"),
    (8, "Nordwind Windkraft GmbH", "Slew bearings for twelve turbines, with seals and the first filling of grease.", "mechanical", "high", 2, 61, 24, ("drawing",), "Bremerhaven"),
    (14, "Fjord Seafood AS", "Stainless conveyor belts and spare drive rollers for a filleting line.", "mechanical", "high", 4, 45, 9, (), "Ålesund"),
    (21, "شركة الخليج للصمامات", "Forty stainless ball valves DN50, delivery in Dubai; the date is not stated.", "process", "normal", None, None, 2, ("due_date",), "دبي"),
    (34, "Kowalski & Synowie", "500 laser-cut brackets as in drawing 4711-B, galvanised.", "mechanical", "normal", 6, 40, 1, ("material",), "Poznań"),
    (52, "Kaohsiung Metals Co.", "120 flanges DN50 of stainless steel, material certificate, ex Kaohsiung port.", "materials", "normal", 9, 75, 4, (), "Kaohsiung"),
    (71, "Stadtwerke Ulm", "Replacement of the switchgear in substation 7, with commissioning.", "electrical", "normal", 12, 120, 31, (), "Ulm"),
    (96, "Brown & Rhodes Ltd", "Hire of a 60 t mobile crane for two days in May, with rigging.", "logistics", "normal", 14, 160, 2, ("address",), "Leeds"),
    (130, "Officine Meccaniche Bianchi", "Annual service contract for four screw compressors.", "services", "low", 20, None, 4, (), "Brescia"),
    (180, "Atelier Moreau", "A prototype housing, milled from 6082 aluminium, two pieces.", "mechanical", "low", None, 30, 1, (), "Lyon"),
)  # fmt: skip

_INSERT = """
insert into public.rfq_requests (company, name, email, message, created_at)
values ($1, 'Marieke de Vries', 'purchasing@customer.example', $2, now() - $3::integer * interval '1 minute') returning id
"""
_ANSWER = """
update public.rfq_requests set ai_status = 'done', ai_summary = $2, ai_route = $3, ai_urgency = $4, ai_tags = '{}', ai_confidence = 0.93,
  ai_review = $5, ai_extracted = $6, ai_content_sha256 = sha256(convert_to(message, 'UTF8')), ai_prompt_version = 'rfq@1',
  ai_model = $7, ai_updated_at = now()
where id = $1
"""
# A working day of a fleet: few calls in the night, and most calls succeed.
_RUNS = """
insert into ai.rag_runs (created_at, rfq_id, attempt, status, reason, error_class, provider, model, prompt_version, cost_usd, cost_source,
  input_tokens, output_tokens, queue_ms, latency_ms, submitted_at, submit_ms, end_status)
select at, gen_random_uuid(), 1,
  case when n % 41 = 0 then 'failed' when n % 17 = 0 then 'skipped' else 'succeeded' end,
  case when n % 41 = 0 then 'timeout' when n % 17 = 0 then 'spam' end,
  case when n % 41 = 0 then 'timeout' end,
  case when n % 17 = 0 and n % 41 <> 0 then null else 'openai' end, case when n % 17 = 0 and n % 41 <> 0 then null else $1 end, 'rfq@1',
  case when n % 17 = 0 and n % 41 <> 0 then null else 0.0011 + 0.0019 * abs(sin(n)) end,
  case when n % 17 = 0 and n % 41 <> 0 then null else 'table' end,
  1900 + n % 700, 240 + n % 190, 4 + n % 23, 1500 + 1400 * abs(sin(n * 1.7)), at - interval '2.4 s', 2.1,
  case when n % 41 = 0 then null when n % 17 = 0 then 'skipped' else 'done' end
from (
  select n, now() - n * interval '1 min' * (0.6 + 0.4 * abs(sin(n / 55.0))) as at from generate_series(1, 1400) n
) as runs
"""


def _items(number: int) -> list[dict[str, Any]]:
    known = [
        {"description": "Centrifugal pump, 40 m3/h at 32 m", "quantity": "2", "unit": "pcs", "material": "1.4408", "lines": [3]},
        {"description": "Gate valve DN80 PN16, flanged", "quantity": "12", "unit": "pcs", "material": None, "lines": [4]},
        {"description": "Gasket DN80", "quantity": "25", "unit": "pcs", "material": "EPDM", "lines": [5]},
    ]  # fmt: skip
    return (known * (number // 3 + 1))[:number]


async def demo(db: asyncpg.Connection) -> UUID:
    """Fills the database; returns the RFQ that is open in the picture of the desk."""
    today = dt.datetime.now(dt.UTC).date()
    ids = []
    for ago, company, summary, route, urgency, quote, due, items, missing, place in RFQS:
        rfq_id = await db.fetchval(_INSERT, company, MESSAGE, ago)
        extracted = {
            "schema_version": 1, "intent": "rfq", "line_items": _items(items), "missing": list(missing),
            "delivery_place": place, "language": "en", "certificates": ["3.1"] if not ids else [],
            "quote_deadline": (today + dt.timedelta(days=quote)).isoformat() if quote else None,
            "due_date": (today + dt.timedelta(days=due)).isoformat() if due else None,
            "checks": {f"line_items[{n}].{field}": {"verdict": "verified", "lines": [n + 3]}
                       for n in range(3) for field in ("quantity", "description")} | {
                       "delivery_place": {"verdict": "verified", "lines": [6]}},
        }  # fmt: skip
        review = "low_confidence" if company.startswith("Fjord") else None
        await db.execute(_ANSWER, rfq_id, summary, route, urgency, review, json.dumps(extracted), MODEL)
        ids.append(rfq_id)
    await db.execute("delete from ai.outbox")
    await db.execute("select ai.enter_desk($1::uuid[])", ids)
    await db.execute(
        "select ai.correct_rfq($1, $2, 'Lena Fischer', 'by phone')",
        ids[0],
        json.dumps({"line_items[2].quantity": "30"}),
    )
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) values ('openai', $1, 0.25, 2)",
        MODEL,
    )
    await rewind(db)
    await db.execute(_RUNS, MODEL)
    while await db.fetchval("select ai.roll_up(1000)"):
        pass
    for host in ("rfq-worker-1", "rfq-worker-2"):
        await db.execute("select ai.register_worker($1, 311, '0.1.0', 'openai', $2, 8, false)", host, MODEL)
    await db.execute("update ai.workers set beat_at = now() + interval '1 hour'")
    return ids[0]


# Up to 256 distinct colours of most dots, and for each dot the nearest of these colours.
_REDUCED = """async (data) => {
  const image = new Image(); image.src = 'data:image/png;base64,' + data; await image.decode();
  const { width, height } = image, canvas = new OffscreenCanvas(width, height), pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const dots = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer), seen = new Map();
  for (const dot of dots) seen.set(dot, (seen.get(dot) ?? 0) + 1);
  const parts = (dot) => [dot & 255, dot >> 8 & 255, dot >> 16 & 255];
  const palette = [];
  for (const [dot] of [...seen].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    const [r, g, b] = parts(dot);
    if (palette.length < 256 && !palette.some(([x, y, z]) => (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2 < 100)) palette.push([r, g, b]);
  }
  const nearest = new Map([...seen.keys()].map((dot) => { const [r, g, b] = parts(dot);
    let best = 0, least = Infinity;
    palette.forEach(([x, y, z], at) => { const far = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2; if (far < least) { least = far; best = at; } });
    return [dot, best]; }));
  const out = new Uint8Array(dots.length); dots.forEach((dot, at) => { out[at] = nearest.get(dot); });
  let text = ''; for (let at = 0; at < out.length; at += 32768) text += String.fromCharCode(...out.subarray(at, at + 32768));
  return { width, height, palette: palette.flat(), dots: btoa(text) };
}"""


async def _small(page: Page, shot: bytes) -> bytes:
    """The picture with a palette, which halves its size."""
    found = await page.evaluate(_REDUCED, base64.b64encode(shot).decode())
    await page.close()
    width, height, dots = found["width"], found["height"], base64.b64decode(found["dots"])
    rows = b"".join(b"\0" + dots[at : at + width] for at in range(0, len(dots), width))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", bytes(found["palette"])) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    )  # fmt: skip


async def shoot(dsn: str) -> None:
    db = await connect(dsn)
    opened = await demo(db)
    async with browsing() as browser, serving_console(dsn) as url:
        context = await browser.new_context(viewport=SIZE, color_scheme="light", locale="en-GB", timezone_id="UTC")
        page = await context.new_page()
        await log_in(page, url, "Lena Fischer")
        for name, path in (("desk", f"/desk/{opened}"), ("overview", "/")):
            await page.goto(url + path)
            await page.wait_for_selector("[data-pulse][data-state=live]")
            shot = await page.screenshot(animations="disabled")
            (IMAGES / f"{name}.png").write_bytes(await _small(await context.new_page(), shot))
    await db.close()


def run() -> None:
    IMAGES.mkdir(exist_ok=True)
    with scratch_folder("rfqflow-pictures-") as folder, EmbeddedPostgres(folder / "postgres") as server:
        asyncio.run(_pictures(server.start()))


async def _pictures(server_dsn: str) -> None:
    await shoot(await prepare(server_dsn, fresh=True))


if __name__ == "__main__":
    run()
