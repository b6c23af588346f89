"""The places from which files may be fetched: paths below one folder, and listed hosts. Any other place is refused."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from rfqflow.core.attachments.model import UnreadReason

LONGEST_URI = 2_000
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_ENTRY = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d{1,5}))?")
# Spaces within a URI are allowed, since file names contain them.
_NOT_IN_A_URI = re.compile(r"[\x00-\x1f\x7f-\x9f\\]|\A\s|\s\Z")
# IPv6 addresses that contain an IPv4 address, to which the kernel or a gateway may connect.
_CARRIES = tuple(
    map(ipaddress.IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """rfqflow refuses to fetch a file. It records the reason's code. The text is for people who investigate."""

    def __init__(self, reason: UnreadReason, why: str) -> None:
        """`why`: a text without any part of the address."""
        super().__init__(why)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Host:
    """A listed host. Without a port, the usual ports apply."""

    name: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class FilePlace:
    """The parts of a path below the folder."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """A file on a listed host."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str  # path and query


def listed_hosts(entries: tuple[str, ...]) -> tuple[Host, ...]:
    """The hosts in a setting, such as `files.example.com`, `files.example.com:8443`, `10.0.0.7:8080` and `[fd00::7]`.

    Raises:
        ValueError: an entry is not a host.
    """
    found = []
    for entry in entries:
        match = _ENTRY.fullmatch(entry.strip().lower())
        name = (match["six"] or match["host"]) if match else ""
        port = int(match["port"]) if match and match["port"] else None
        try:
            found.append(Host(_host(name), port))
        except ValueError:
            name = ""
        if not name or not (port is None or 0 < port < 65_536):  # noqa: PLR2004 - ports end there
            raise ValueError(f"{entry[:60]!r} is not a host such as files.example.com or 10.0.0.7:8080")
    return tuple(found)


def _host(name: str) -> str:
    """The host in a form that can be compared: an address in its short form, a name in ASCII."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        name = name.rstrip(".").lower()
    if not name.isascii():
        name = name.encode("idna").decode()
    # Refuse an IPv4 address in unusual notation.
    if not _HOST.fullmatch(name) or re.fullmatch(r"[0-9.]+|0x[0-9a-f.]+", name):
        raise ValueError("no host")
    return name


def place_of(uri: str, root: str | None, hosts: tuple[Host, ...]) -> FilePlace | HttpPlace:
    """The place that a URI names, if files may be fetched from there.

    Raises:
        Refused: files may not be fetched from there.
    """
    if not uri or len(uri) > LONGEST_URI or _NOT_IN_A_URI.search(uri):
        raise _refused("the address is not valid")
    try:
        parts = urlsplit(uri)
        port, name = parts.port, parts.hostname or ""
        path = unquote(parts.path, errors="strict") if parts.scheme else uri
    except ValueError:
        raise _refused("the address is not valid") from None
    if parts.scheme in {"http", "https"}:
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise _refused("the address contains a name or a password")
        try:
            host = _host(name)
        except (ValueError, UnicodeError):
            raise _refused("the host in the address is not valid") from None
        usual = _PORTS[parts.scheme]
        if not any(each.name == host and (port or usual) == (each.port or usual) for each in hosts):
            raise _refused("its host is not listed in RFQFLOW_ATTACHMENT_HOSTS")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return HttpPlace("https" if parts.scheme == "https" else "http", host, port or usual, target)
    if parts.scheme not in {"", "file"} or (parts.scheme == "file" and name not in {"", "localhost"}):
        raise _refused("only files, http and https are fetched")
    return FilePlace(_below(path, root))


def _below(path: str, root: str | None) -> tuple[str, ...]:
    if root is None:
        raise _refused("no folder is set in RFQFLOW_ATTACHMENT_ROOT")
    if path.startswith("/"):
        folder = root.rstrip("/") + "/"
        if not path.startswith(folder):
            raise _refused("it is not below RFQFLOW_ATTACHMENT_ROOT")
        path = path[len(folder) :]
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    if not parts or ".." in parts or any("\x00" in part for part in parts):
        raise _refused("it leads out of RFQFLOW_ATTACHMENT_ROOT, or names no file")
    return parts


def may_connect(found: str, hosts: tuple[Host, ...]) -> bool:
    """Whether rfqflow may connect to an address of a host: it is a public address, or the setting lists it."""
    try:
        address = ipaddress.ip_address(found.partition("%")[0])
    except ValueError:
        return False
    return any(each.name == str(address) for each in hosts) or _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _CARRIES):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _refused(why: str) -> Refused:
    return Refused(UnreadReason.URI_REFUSED, why)
