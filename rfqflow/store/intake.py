"""Stores a mail as an RFQ and its attachments, by plain INSERTs in one transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncpg import Connection

    from rfqflow.core.received_mail import ReceivedMail

# ON CONFLICT without a target needs no right to read, and the role has only the right to INSERT.
_RFQ = """
    insert into public.rfq_requests (id, name, email, message, metadata) values ($1, $2, $3, $4, $5::jsonb)
    on conflict do nothing
"""
_FILE = """
    insert into public.rfq_attachments (rfq_id, file_name, content_type, content) values ($1, $2, $3, $4)
"""


async def take_in(conn: Connection, mail: ReceivedMail) -> bool:
    """Stores a mail. Returns False if a mail with the same Message-ID is already stored.

    Raises:
        asyncpg.PostgresError: the tables are not of the form that rfqflow creates, or the role may not insert.
    """
    async with conn.transaction():
        metadata = json.dumps(mail.metadata, ensure_ascii=False)
        status = await conn.execute(_RFQ, mail.rfq_id, mail.name, mail.email, mail.message, metadata)
        if status != "INSERT 0 1":
            return False
        for file in mail.files:
            await conn.execute(_FILE, mail.rfq_id, file.name, file.content_type, file.content)
    return True
