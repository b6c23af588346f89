"""Turns a draft into a `mailto:` address (RFC 6068) for a person's mail program."""

from __future__ import annotations

import re
from urllib.parse import quote

_MOST = 2000  # characters of an address that browsers and mail programs accept
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def is_address(text: str | None) -> bool:
    """Whether the text is exactly one address, with characters that every mail program accepts."""
    return bool(text) and len(str(text)) <= 254 and _ADDRESS.fullmatch(str(text)) is not None  # noqa: PLR2004 - RFC 5321


def mailto(to: str | None, subject: str, body: str) -> tuple[str, bool]:
    """The address, and whether it includes the body.

    A body that is too long is left out, since a part of a letter is useless. An invalid recipient is left out, so that
    nobody can inject headers or other recipients.
    """
    named = quote(str(to), safe="@") if is_address(to) else ""
    head = f"mailto:{named}?subject={_encoded(' '.join(subject.split()))}"
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole = f"{head}&body={'%0D%0A'.join(map(_encoded, lines))}"
    return (whole, True) if len(whole) <= _MOST else (head, False)


def _encoded(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="")
