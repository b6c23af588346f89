"""Stores mails as rows: an RFQ and its attachments, in one transaction of plain INSERTs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncpg import Connection

    from rfqflow.core.received_mail import ReceivedMail

# Without a target, ON CONFLICT needs no right to read: the role has INSERT and nothing else.
_RFQ = """
    insert into public.rfq_requests (id, name, email, message, metadata) values ($1, $2, $3, $4, $5::jsonb)
    on conflict do nothing
"""
_FILE = """
    insert into public.rfq_attachments (rfq_id, file_name, content_type, content) values ($1, $2, $3, $4)
"""


async def take_in(conn: Connection, mail: ReceivedMail) -> bool:
    """Stores a mail; False if a mail with its Message-ID is already stored.

    Raises:
        asyncpg.PostgresError: the tables are not those that rfqflow creates, or the role may not insert.
    """
    async with conn.transaction():
        metadata = json.dumps(mail.metadata, ensure_ascii=False)
        status = await conn.execute(_RFQ, mail.rfq_id, mail.name, mail.email, mail.message, metadata)
        if status != "INSERT 0 1":
            return False
        for file in mail.files:
            await conn.execute(_FILE, mail.rfq_id, file.name, file.content_type, file.content)
    return True
