"""Rules for names, passwords and addresses of console accounts, and how they are compared. Pure."""

import ipaddress
import unicodedata
from collections.abc import Sequence

NAME_MOST = 80
PASSWORD_LEAST, PASSWORD_MOST = 12, 256

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def account_name(text: str) -> str:
    """The name of an account in the form that pages, logs and tables show.

    Raises:
        ValueError: the name is invalid. The message says why, and does not repeat the name.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    if not name:
        raise ValueError("a name is missing")
    if len(name) > NAME_MOST:
        raise ValueError(f"a name has at most {NAME_MOST} characters")
    if not name.isprintable():
        raise ValueError("a name may contain only visible letters, digits, signs and blanks, and no line break")
    return " ".join(name.split())


def account_key(name: str) -> str:
    """The name in the form in which names are compared: `ADA` becomes `ada`."""
    return unicodedata.normalize("NFKC", name.casefold())


def vouched_name(text: str) -> str:
    """A name from a trusted proxy.

    Raises:
        ValueError: the name is invalid, or a look-alike letter would open another person's account.
    """
    plain = unicodedata.normalize("NFKC", text)
    if text not in (plain, unicodedata.normalize("NFD", plain)):
        raise ValueError("the name has a letter that only looks like another one")
    return account_name(text)


def is_spelt_alike(name: str, other: str) -> bool:
    """Whether two names differ at most in case. Through a proxy, `strauss` must not open the account `Strauß`."""
    return name.lower() == other.lower()


def composed(text: str) -> str:
    """The password in one Unicode form, which does not depend on the keyboard."""
    return unicodedata.normalize("NFC", text)


def password(text: str, name: str = "") -> str:
    """The password in one Unicode form.

    Raises:
        ValueError: the password is not acceptable. The message says why.
    """
    found = composed(text)
    if not PASSWORD_LEAST <= len(found) <= PASSWORD_MOST:
        raise ValueError(f"a password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters")
    if len(set(found)) < 5 or (name and account_key(found) in (account_key(name), account_key(name) * 2)):  # noqa: PLR2004 - a password with fewer different characters is easy to guess
        raise ValueError("this password is easy to guess: choose several words")
    return found


def networks(text: str) -> tuple[Network, ...]:
    """Parses addresses and networks that are separated by commas, such as `10.0.0.5, 192.168.0.0/24`.

    Raises:
        ValueError: an entry is invalid, or covers all addresses.
    """
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        try:
            network = ipaddress.ip_network(part)
        except ValueError:
            raise ValueError(f"{part[:60]} is not an address or network such as 10.0.0.5 or 10.0.0.0/24") from None
        if network.prefixlen == 0:
            raise ValueError(f"{part} covers all addresses: name only the proxy's addresses")
        found.append(network)
    return tuple(found)


def plain_address(text: str) -> str:
    """The address without port and zone, and as IPv4 if it is IPv4 within IPv6. `unknown` if it is invalid."""
    try:
        found = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return "unknown"
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def network_of(address: str) -> str:
    """The network for which limits count: an IPv4 address, or the /64 of an IPv6 address (one household)."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def is_among(address: str, trusted: Sequence[Network]) -> bool:
    """Whether the address is in one of these networks."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted if network.version == found.version)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The client's address: the last entry of X-Forwarded-For that is not a trusted proxy.

    Each proxy appends the address from which it was called. Any client may have written the entries before that.
    """
    address = plain_address(peer)
    for one in reversed([each for line in forwarded for each in line.split(",")]):
        if not is_among(address, trusted):
            break
        address = plain_address(one)
    return address
