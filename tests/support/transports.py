"""Reaches the socket below a connection of asyncpg, for which the driver has no public way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

    import asyncpg


def is_encrypted(conn: asyncpg.Connection) -> bool:
    return conn._transport.get_extra_info("cipher") is not None  # noqa: SLF001 - as above


def socket_of(conn: asyncpg.Connection) -> socket.socket:
    found: socket.socket = conn._transport.get_extra_info("socket")  # noqa: SLF001 - as above
    return found
