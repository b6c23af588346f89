"""`rfqflow intake`: mails become rows by plain INSERTs, once each, with exit codes that a mail server understands."""

from __future__ import annotations

import os
from email.message import EmailMessage

import pytest

from tests.support import command_server


def mail(number: int = 1, *, files: int = 0) -> bytes:
    message = EmailMessage()
    message["From"], message["Message-ID"], message["Subject"] = (
        "A Buyer <buyer@x.example>",
        f"<{number}@x.example>",
        "RFQ",
    )
    message.set_content(f"We need {number}0 pumps")
    for at in range(files):
        message.add_attachment(b"a;b\n1;2\n", maintype="text", subtype="csv", filename=f"list-{at}.csv")
    return message.as_bytes()


@pytest.fixture
async def dsn(database, db):
    """The DSN of a role with only INSERT."""
    name = await db.fetchval("select 'intake_' || substr(md5(current_database()), 1, 12)")
    await db.execute(f"create role {name} login password 'p'")
    await db.execute(f"grant insert on public.rfq_requests, public.rfq_attachments to {name}")
    head, _, tail = database.partition("://")
    yield f"{head}://{name}:p@{tail.rpartition('@')[2]}"
    await db.execute(f"drop owned by {name}")
    await db.execute(f"drop role {name}")


def intake(dsn: str, *arguments: str, given: bytes = b"") -> tuple[int, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = command_server.run("intake", *arguments, env={**kept, "RFQFLOW_DATABASE_URL": dsn}, stdin=given)
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    return done.returncode, text


async def test_a_piped_mail_is_one_rfq_with_its_files_after_any_number_of_deliveries(dsn, db):
    first, again = intake(dsn, given=mail(files=2)), intake(dsn, given=mail(files=2))

    assert (first[0], again[0]) == (0, 0)
    assert "with 2 attachments" in first[1]
    assert "is already RFQ" in again[1]
    row = await db.fetchrow(
        "select name, email, message, metadata ->> 'message_id' as id, ai_status from public.rfq_requests"
    )
    assert tuple(row) == ("A Buyer", "buyer@x.example", "RFQ\n\nWe need 10 pumps", "<1@x.example>", "pending")
    assert await db.fetchval("select count(*) from public.rfq_attachments") == 2
    assert await db.fetchval("select count(*) from ai.outbox") == 1


async def test_a_maildir_is_processed_and_refused_mails_stay(dsn, db, tmp_path):
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    for number in (1, 2):
        (tmp_path / "new" / f"{number}.host").write_bytes(mail(number))
    (tmp_path / "new" / "3.host").write_bytes(b"\n")

    code, text = intake(dsn, "--maildir", str(tmp_path))

    assert code == 65
    assert "the mail is empty" in text
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == ["1.host:2,S", "2.host:2,S"]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["3.host"]
    assert await db.fetchval("select count(*) from public.rfq_requests") == 2


async def test_a_mail_that_cannot_be_moved_stops_no_other_and_the_next_run_moves_it(dsn, db, tmp_path):
    for number in (1, 2):
        (tmp_path / "new").mkdir(exist_ok=True)
        (tmp_path / "new" / f"{number}.host").write_bytes(mail(number))
    (tmp_path / "cur" / "1.host:2,S").mkdir(parents=True)  # no file can be moved there

    code, text = intake(dsn, "--maildir", str(tmp_path))

    assert code == 75
    assert "the mail stays in new: Is a directory" in text
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["1.host"]
    (tmp_path / "cur" / "1.host:2,S").rmdir()
    assert intake(dsn, "--maildir", str(tmp_path))[0] == 0
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == ["1.host:2,S", "2.host:2,S"]
    assert await db.fetchval("select count(*) from public.rfq_requests") == 2


async def test_a_mail_server_is_asked_to_try_again_if_the_fault_is_not_the_mails(dsn, db, tmp_path):
    away = intake("postgresql://nobody@127.0.0.1:1/nothing", given=mail())
    unset = intake("", given=mail())
    await db.execute(f"revoke insert on public.rfq_attachments from {dsn.split('/')[2].split(':')[0]}")
    forbidden = intake(dsn, given=mail(files=1))

    assert [away[0], unset[0], forbidden[0]] == [75, 75, 75]
    assert "permission denied for table rfq_attachments" in forbidden[1]
    assert await db.fetchval("select count(*) from public.rfq_requests") == 0  # the mail is one transaction


async def test_a_mail_that_is_too_large_is_returned_with_the_name_of_the_option(dsn, db, tmp_path):
    (tmp_path / "large.eml").write_bytes(mail() + b"x" * 1_100_000)

    code, text = intake(dsn, str(tmp_path / "large.eml"), "--most-mib", "1")

    assert code == 65
    assert "--most-mib" in text
    assert await db.fetchval("select count(*) from public.rfq_requests") == 0
