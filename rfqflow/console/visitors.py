"""The visitor before login: the address, whether the connection is encrypted, and the name from a trusted proxy."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from rfqflow.core.accounts import client_address, is_among, network_of, networks, plain_address, vouched_name

if TYPE_CHECKING:
    from starlette.requests import Request

_log = structlog.get_logger()
_AGAIN_SECONDS = 60.0  # least time between two log lines about ignored headers


class NameRefused(Exception):
    """The header of a trusted proxy has no valid account name."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The sender of a request. `name`: the user whom a trusted proxy names, or None."""

    address: str
    network: str
    is_secure: bool
    is_in_clear: bool  # plain HTTP from another machine: others can read the traffic
    name: str | None


class Visitors:
    """Finds out who sends a request. `exposed`: other machines can reach the console's address."""

    def __init__(self, header: str | None, trusted: str | None, *, exposed: bool) -> None:
        self._header = header
        self._trusted = networks(trusted or "")
        self._exposed = exposed
        self._logged_at = float("-inf")

    def of(self, request: Request) -> Visitor:
        """The sender of a request. Raises NameRefused if a trusted proxy sends an invalid name."""
        peer = plain_address(request.client.host if request.client else "")
        is_trusted = is_among(peer, self._trusted)
        address = client_address(peer, request.headers.getlist("x-forwarded-for"), self._trusted)
        is_secure = is_trusted and request.headers.get("x-forwarded-proto", "").strip().lower() == "https"
        is_local = not self._exposed or address == "::1" or address.startswith("127.")
        return Visitor(
            address, network_of(address), is_secure, not (is_secure or is_local),
            self._name(request, is_trusted=is_trusted),
        )  # fmt: skip

    def _name(self, request: Request, *, is_trusted: bool) -> str | None:
        given = request.headers.getlist(self._header) if self._header else []
        if not given:
            return None
        if not is_trusted:
            if time.monotonic() - self._logged_at > _AGAIN_SECONDS:
                self._logged_at = time.monotonic()
                _log.warning("console.untrusted_proxy_header")  # without the address, which may be a customer's
            return None
        if len(given) > 1:
            raise NameRefused("the header occurs more than once")
        try:
            return vouched_name(given[0].encode("latin-1").decode())
        except (UnicodeError, ValueError) as error:
            raise NameRefused("the header is not UTF-8" if isinstance(error, UnicodeError) else str(error)) from None
