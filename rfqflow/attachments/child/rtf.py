"""Compressed RTF, as Outlook stores it. Only its text is read."""

from __future__ import annotations

import re
import struct

_PRESET = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_MOST_RTF = 2_000_000
_RTF_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.IGNORECASE
)
_SKIPPED = {
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "generator",
    "htmltag",
    "mhtmltag",
    "themedata",
}
_BREAKS = {"par": "\n", "line": "\n", "row": "\n", "tab": "\t", "cell": "\t"}


def unpacked_rtf(packed: bytes) -> str:
    """The text of compressed RTF."""
    if len(packed) < 16:  # noqa: PLR2004 - its head
        return ""
    _, size, kind, _ = struct.unpack_from("<IIII", packed)
    rtf = packed[16:] if kind == 0x414C454D else _inflated(packed[16:], min(size, _MOST_RTF))  # noqa: PLR2004 - `MELA`: as it is
    return text_of_rtf(rtf)


def _inflated(packed: bytes, most: int) -> bytes:
    window = bytearray(_PRESET.ljust(4096, b"\x00"))
    write, at, made = len(_PRESET), 0, bytearray()
    while at < len(packed) and len(made) < most:
        control = packed[at]
        at += 1
        for bit in range(8):
            if at >= len(packed):
                break
            if not control >> bit & 1:
                piece = packed[at : at + 1]
                at += 1
                window[write] = piece[0]
                write = (write + 1) % 4096
                made += piece
                continue
            reference = int.from_bytes(packed[at : at + 2], "big")
            at += 2
            start, length = reference >> 4, (reference & 15) + 2
            if start == write:
                return bytes(made)
            for index in range(length):
                byte = window[(start + index) % 4096]
                window[write] = byte
                write = (write + 1) % 4096
                made.append(byte)
    return bytes(made)


def text_of_rtf(content: bytes) -> str:
    """The text of RTF, with tabs between the cells of a table."""
    rtf = content[:_MOST_RTF].decode("cp1252", "replace")
    made: list[str] = []
    skipping: list[bool] = [False]
    replaces = False  # old readers show the character after this code instead, so drop that character
    for word, number, code, sign, brace, text in _RTF_TOKEN.findall(rtf):
        if brace == "{":
            skipping.append(skipping[-1])
        elif brace == "}":
            skipping = skipping[:-1] or [False]
        elif sign == "*" or word in _SKIPPED:
            skipping[-1] = True
        elif word == "htmlrtf":
            skipping[-1] = number != "0"
        elif not skipping[-1]:
            shown = _shown(word, number, code, sign) or text
            made.append(shown[1:] if replaces and (text or code) else shown)
            replaces = word == "u"
    return "".join(made)


def _shown(word: str, number: str, code: str, sign: str) -> str:
    if word == "u" and number:
        return chr(int(number) % 0x10000)
    if code:
        return bytes.fromhex(code).decode("cp1252", "replace")
    return _BREAKS.get(word) or (sign if sign in {"\\", "{", "}"} else "")
