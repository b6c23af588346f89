"""What a person does to an RFQ on the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.routing import Route


def routes(_guarded: Callable[..., Any]) -> list[Route]:
    """The actions of the desk, each a form of one RFQ."""
    return []
