"""TCP keepalives.

They detect a peer that has disappeared silently, and keep idle connections alive in firewalls and NAT.
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
    """The options for setsockopt that this system has. All arguments but `count` are in seconds."""
    named = (
        ("TCP_KEEPIDLE", idle),
        ("TCP_KEEPALIVE", idle),  # the name on macOS
        ("TCP_KEEPINTVL", interval),
        ("TCP_KEEPCNT", count),
        ("TCP_USER_TIMEOUT", round(unanswered * 1000)),
    )
    return [
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        *((socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in named if hasattr(socket, name)),
    ]
