"""Parses forms with a file (`multipart/form-data`), as browsers send them. Without I/O."""

from __future__ import annotations

import re

_PARTS_MOST = 50
_BOUNDARY = re.compile(
    r'^multipart/form-data\s*;.*?\bboundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70}?)"?\s*(?:;|$)', re.IGNORECASE
)
_NAME = re.compile(rb'(?:^|[;\s])name="([^"\r\n]*)"')
_FILE = re.compile(rb"(?:^|[;\s])filename\*?=")


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a Content-Type header names. None if the body is not such a form."""
    found = _BOUNDARY.match(content_type)
    return found[1].encode() if found else None


def parts_of(body: bytes, boundary: bytes) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    """The fields, in the form that `parse_qs` returns, and the files by the names of their fields. Omits empty files.

    Raises:
        ValueError: the form is cut off, has a part without a name, or has too many parts.
    """
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, _PARTS_MOST)
    if len(pieces) <= 1 or not pieces[-1].startswith(b"--"):
        raise ValueError("the form is cut off, or has too many parts")
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for piece in pieces[1:-1]:
        head, found, content = piece.partition(b"\r\n\r\n")
        about = next((line for line in head.split(b"\r\n") if line.lower().startswith(b"content-disposition:")), b"")
        name = _NAME.search(about)
        if not found or name is None:
            raise ValueError("a part of the form has no name")
        key = name[1].decode("utf-8", "replace")
        if _FILE.search(about):
            if content:
                files[key] = content
        else:
            fields.setdefault(key, []).append(content.decode("utf-8", "replace"))
    return fields, files
