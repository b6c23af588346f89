"""Fixtures that several files of the worker's tests use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.support.published_schemas import unknown_in_answers
from tests.support.tls import certificates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["certificates"]
_MOST = 200  # a number of the answers that a test leaves; they are checked against the schema


@pytest.fixture
async def db(db: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """A session on the test's database. At its end, the stored answers are checked against the published schema."""
    yield db
    try:
        unknown = await unknown_in_answers(db, _MOST)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return  # the session was closed, or is left without rights, table or server
    assert unknown == []
