"""Tests the connection to a model's server step by step: the name, the connection, the certificate."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

from rfqflow.core.finding import Finding, fail, ok, warn

STEP_SECONDS = 5.0
_NAMED = 3
_PORTS = {"http": 80, "https": 443}


async def reach(base_url: str, *, variable: str) -> AsyncGenerator[Finding, None]:
    """Findings about the connection to `base_url`, up to the first failure.

    `variable`: the setting that holds the address.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port = "", 0
    if not host or not port:
        yield fail("the server's address is invalid", f"set {variable} to an address such as https://host/v1")
        return
    place = f"{host}:{port}"
    try:
        addresses = await _resolved(host, port)
    except (OSError, TimeoutError, UnicodeError):
        yield fail(f"the name {host} does not resolve", f"check {variable}, and DNS: getent hosts {host}")
        return
    if addresses != [host]:
        yield ok(f"{host} is {', '.join(addresses[:_NAMED])}")
    try:
        await _connected(host, port, None)
    except ConnectionRefusedError:
        yield fail(f"{place} refuses connections", f"start the server there, or check the port in {variable}")
        return
    except (OSError, TimeoutError):
        yield fail(f"{place} cannot be reached", "check routes and firewalls; proxies of the environment are not used")
        return
    yield ok(f"{place} accepts connections")
    if parts.scheme == "https":
        yield await _trusted(host, port, variable)
    elif not _is_own(addresses):
        yield warn("customers' texts go over the network unencrypted", f"use https in {variable}")


async def _trusted(host: str, port: int, variable: str) -> Finding:
    place = f"{host}:{port}"
    try:
        await _connected(host, port, ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        return fail(
            f"the certificate of {place} is not trusted: {error.verify_message}",
            "install ca-certificates, set SSL_CERT_FILE to your own authority, or check the clock",
        )
    except (OSError, TimeoutError):
        return fail(f"{place} does not speak TLS", f"check scheme and port in {variable}")
    return ok(f"{place} has a trusted certificate")


async def _resolved(host: str, port: int) -> list[str]:
    async with asyncio.timeout(STEP_SECONDS):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


async def _connected(host: str, port: int, context: ssl.SSLContext | None) -> None:
    async with asyncio.timeout(STEP_SECONDS):
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host if context else None)
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(STEP_SECONDS):
            await writer.wait_closed()


def _is_own(addresses: list[str]) -> bool:
    """Whether traffic to this address stays on this machine or in a private network."""
    return all(ipaddress.ip_address(address.partition("%")[0]).is_private for address in addresses)
