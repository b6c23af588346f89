"""Names, passwords and addresses of people who use the console: what is taken, and how it is compared. Pure."""

import ipaddress
import unicodedata
from collections.abc import Sequence

NAME_MOST = 80
PASSWORD_LEAST, PASSWORD_MOST = 12, 256

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def account_name(text: str) -> str:
    """A name as it is kept: what is done bears it, in pages, logs and tables.

    Raises:
        ValueError: it is none; the message says why and does not repeat it.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    if not name:
        raise ValueError("a name is missing")
    if len(name) > NAME_MOST:
        raise ValueError(f"a name has at most {NAME_MOST} characters")
    if not name.isprintable():
        raise ValueError("a name holds letters, digits, signs and blanks only: no line break, no invisible character")
    return " ".join(name.split())


def account_key(name: str) -> str:
    """The name as it is compared: `ADA` is `ada`."""
    return unicodedata.normalize("NFKC", name.casefold())


def composed(text: str) -> str:
    """A password in one way of writing, whatever keyboard wrote it."""
    return unicodedata.normalize("NFC", text)


def password(text: str, name: str = "") -> str:
    """A password that may be set.

    Raises:
        ValueError: it may not; the message says why.
    """
    found = composed(text)
    if not PASSWORD_LEAST <= len(found) <= PASSWORD_MOST:
        raise ValueError(f"a password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters")
    if len(set(found)) < 5 or (name and account_key(found) in (account_key(name), account_key(name) * 2)):  # noqa: PLR2004 - a few
        raise ValueError("that password is guessed at once: take several words")
    return found


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, comma separated: `10.0.0.5, 192.168.0.0/24`.

    Raises:
        ValueError: one of them is none, or is every address there is.
    """
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        try:
            network = ipaddress.ip_network(part)
        except ValueError:
            raise ValueError(f"{part[:60]} is no address or network, such as 10.0.0.5 or 10.0.0.0/24") from None
        if network.prefixlen == 0:
            raise ValueError(f"{part} is every address: name the proxy's")
        found.append(network)
    return tuple(found)


def plain_address(text: str) -> str:
    """An address in one way of writing: without a port, a zone, or IPv6 around IPv4; `unknown` for what is none."""
    try:
        found = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return "unknown"
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def network_of(address: str) -> str:
    """What is counted together: an address, of IPv6 its /64, since one household has all of it."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def is_among(address: str, trusted: Sequence[Network]) -> bool:
    """Whether an address is of one of these networks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted if network.version == found.version)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Who asks: of what trusted proxies added to X-Forwarded-For, the last that is none of them.

    Each proxy adds to the end whom it was asked by; what stands before that, anybody may have written.
    """
    address = plain_address(peer)
    for one in reversed([each for line in forwarded for each in line.split(",")]):
        if not is_among(address, trusted):
            break
        address = plain_address(one)
    return address
