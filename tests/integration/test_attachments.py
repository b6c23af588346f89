"""RFQs with attached files, through a worker: the content of the files is read, cited, checked and marked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from rfqflow import attachments
from rfqflow.core.prompting.prompt import build
from tests.support.made_files import pdf, pdf_text, workbook
from tests.support.worker_harness import Scripted, ended, until, working

pytestmark = pytest.mark.skipif(not attachments.available(), reason="the extra `attachments` is not installed")

SHEET = [["Pos", "Part number", "Description", "Quantity", "Unit"]] + [
    [n, f"BR-{4470 + n}", f"Bracket type {n}", n * 10, "pcs"] for n in range(1, 6)
]


async def insert(db, message: str, *files: tuple[str, bytes]) -> Any:
    async with db.transaction():
        rfq_id = await db.fetchval("insert into public.rfq_requests (message) values ($1) returning id", message)
        for name, content in files:
            await attach(db, rfq_id, name, content)
    return rfq_id


async def attach(db, rfq_id: Any, name: str, content: bytes) -> None:
    await db.execute(
        "insert into public.rfq_attachments (rfq_id, file_name, content) values ($1, $2, $3)", rfq_id, name, content
    )


async def row(db, rfq_id: Any) -> dict[str, Any]:
    found = await db.fetchrow(
        "select ai_status, ai_reason, ai_review, ai_extracted::text as extracted from public.rfq_requests where id = $1",
        rfq_id,
    )
    return {**found, "extracted": json.loads(found["extracted"] or "{}")}


async def test_the_rules_read_items_of_a_sheet_and_cite_their_rows(database, db):
    rfq_id = await insert(
        db, "Please quote the parts in the attached list, DAP Rotterdam.", ("items.xlsx", workbook({"Parts": SHEET}))
    )
    async with asyncio.timeout(60), working(database, Scripted()):
        await until(ended(db, 1))

    found = await row(db, rfq_id)
    items = [item for item in found["extracted"]["line_items"] if "part_number" in item]
    (file,) = found["extracted"]["attachments"]

    assert [(item["part_number"], float(item["quantity"])) for item in items] == [
        (f"BR-{4470 + n}", n * 10.0) for n in range(1, 6)
    ]
    assert (file["name"], file["kind"], file["state"]) == ("items.xlsx", "xlsx", "read")
    (place,) = file["places"]
    cited = [item["lines"][0] for item in items]
    assert [place[2] + number - place[0] for number in cited] == [2, 3, 4, 5, 6]  # rows of the sheet
    assert found["ai_review"] is None


async def test_a_model_gets_the_lines_of_files_after_the_message_and_its_answer_is_checked_against_them(database, db):
    provider = Scripted()
    rfq_id = await insert(
        db, "Please quote as per drawing.", ("drawing.pdf", pdf([[pdf_text(50, 700, "Bracket BR-4471 rev C"), pdf_text(50, 680, "Quantity 250 pcs")]])),
    )  # fmt: skip
    async with asyncio.timeout(60), working(database, provider):
        await until(ended(db, 1))
    (request,) = provider.requests
    asked = build(request.prompt, request.rfq, nonce="0" * 16, canary="c")[1]["content"]

    assert (
        asked.index("as per drawing") < asked.index("attached file 1: drawing.pdf (pdf)") < asked.index("BR-4471 rev C")
    )
    assert (await row(db, rfq_id))["extracted"]["attachments"][0]["state"] == "read"


async def test_a_file_that_no_reader_takes_is_marked_and_named_and_delays_no_other(database, db):
    provider = Scripted()
    broken = await insert(
        db, "We need 40 flanges, see file", ("drawing.dwg", b"AC1032" + bytes(200)), ("broken.pdf", b"%PDF-1.7 nothing")
    )
    plain = await insert(db, "We need 50 pumps")
    async with asyncio.timeout(60), working(database, provider):
        await until(ended(db, 2))

    found = await row(db, broken)
    assert found["ai_review"] == "attachment_unread"
    assert [(file["name"], file["reason"]) for file in found["extracted"]["attachments"]] == [
        ("drawing.dwg", "unknown_type"), ("broken.pdf", "broken"),
    ]  # fmt: skip
    assert "attachments" not in (await row(db, plain))["extracted"]


async def test_the_same_file_is_read_once_for_all_rfqs(database, db):
    sheet = workbook({"Parts": SHEET})
    for number in range(3):
        await insert(db, f"Please quote list {number}", (f"list-{number}.xlsx", sheet))
    async with asyncio.timeout(60), working(database, Scripted()):
        await until(ended(db, 3))

    assert await db.fetchval("select count(*) from ai.attachment_readings") == 1
    assert "list-" not in await db.fetchval("select lines::text from ai.attachment_readings")


async def test_a_file_that_is_named_by_its_address_is_read_from_the_folder_only(database, db, tmp_path):
    root = tmp_path / "files"
    root.mkdir()
    (root / "items.csv").write_bytes(b"Part number;Quantity\nBR-4471;250\nBR-4472;80\n")
    (tmp_path / "secret.csv").write_bytes(b"Part number;Quantity\nSECRET-1;1\n")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    await db.execute("select ai.set_policy('attachment_retry_seconds', '0')")
    async with db.transaction():
        rfq_id = await db.fetchval(
            "insert into public.rfq_requests (message) values ('Please quote the lists') returning id"
        )
        for uri in ("items.csv", "link.csv", "http://127.0.0.1:9/a.csv", "absent.csv"):
            await db.execute(
                "insert into public.rfq_attachments (rfq_id, file_name, uri) values ($1, $2, $2)", rfq_id, uri
            )
    async with asyncio.timeout(60), working(database, Scripted(), attachment_root=root):
        await until(ended(db, 1))

    found = (await row(db, rfq_id))["extracted"]["attachments"]
    assert {file["name"]: file.get("reason") for file in found} == {
        "items.csv": None, "link.csv": "uri_refused", "a.csv": "uri_refused", "absent.csv": "uri_unreachable",
    }  # fmt: skip
    assert "SECRET" not in json.dumps(await row(db, rfq_id), default=str)


async def test_files_are_read_within_the_shortest_possible_lease(database, db):
    rfq_id = await insert(db, "Please quote as per list", ("items.csv", b"Part number;Quantity\nBR-4471;250\n"))
    async with asyncio.timeout(60), working(database, Scripted(), lease_seconds=7, call_deadline_seconds=2):
        await until(ended(db, 1))

    assert (await row(db, rfq_id))["extracted"]["attachments"][0]["state"] == "read"


async def test_the_policy_bounds_the_text_of_files_in_a_prompt(database, db):
    await db.execute("select ai.set_policy('attachment_tokens', '500')")
    rfq_id = await insert(
        db, "Please quote as per text", ("text.txt", b"A bracket as in the drawing, galvanised\n" * 100)
    )
    async with asyncio.timeout(60), working(database, Scripted()):
        await until(ended(db, 1))

    found = await row(db, rfq_id)
    assert found["ai_review"] == "attachment_cut"
    assert found["extracted"]["attachments"][0]["left_out"] == 50


async def test_a_file_that_does_not_exist_yet_is_waited_for_without_a_charged_attempt(database, db, tmp_path):
    provider = Scripted()
    async with db.transaction():
        rfq_id = await db.fetchval(
            "insert into public.rfq_requests (message) values ('Please quote as per list') returning id"
        )
        await db.execute(
            "insert into public.rfq_attachments (rfq_id, file_name, uri) values ($1, 'a.csv', 'a.csv')", rfq_id
        )
    deferred = "select exists (select from public.rfq_requests where ai_reason = 'attachment_unreachable')"
    async with asyncio.timeout(60), working(database, provider, attachment_root=tmp_path):
        await until(lambda: db.fetchval(deferred))
        assert provider.requests == []
        (tmp_path / "a.csv").write_bytes(b"Part number;Quantity\nBR-4471;250\n")
        await until(ended(db, 1))

    found = await row(db, rfq_id)
    assert found["extracted"]["attachments"][0]["state"] == "read"
    assert len(provider.requests) == 1
