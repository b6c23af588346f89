"""TCP's own keepalives.

A peer that is gone without a word is noticed, and what lies between does not forget a quiet link.
"""

from __future__ import annotations

import socket

IDLE_SECONDS, INTERVAL_SECONDS, COUNT = 10, 5, 3
UNANSWERED_SECONDS = 20.0

Options = list[tuple[int, int, int]]


def keepalive(
    idle: int = IDLE_SECONDS,
    interval: int = INTERVAL_SECONDS,
    count: int = COUNT,
    unanswered: float = UNANSWERED_SECONDS,
) -> Options:
    """For setsockopt, as far as this system has them; seconds. `unanswered`: for bytes without a receipt."""
    named = (
        ("TCP_KEEPIDLE", idle),
        ("TCP_KEEPALIVE", idle),  # as macOS calls it
        ("TCP_KEEPINTVL", interval),
        ("TCP_KEEPCNT", count),
        ("TCP_USER_TIMEOUT", round(unanswered * 1000)),
    )
    return [
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        *((socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in named if hasattr(socket, name)),
    ]
