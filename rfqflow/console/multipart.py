"""Forms with a file in them (`multipart/form-data`), as browsers send them. Pure."""

from __future__ import annotations

import re

_PARTS_MOST = 50
_BOUNDARY = re.compile(
    r'^multipart/form-data\s*;.*?\bboundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70}?)"?\s*(?:;|$)', re.IGNORECASE
)
_NAME = re.compile(rb'(?:^|[;\s])name="([^"\r\n]*)"')
_FILE = re.compile(rb"(?:^|[;\s])filename\*?=")


def boundary_of(content_type: str) -> bytes | None:
    """Of a header; None where the body is no such form."""
    found = _BOUNDARY.match(content_type)
    return found[1].encode() if found else None


def parts_of(body: bytes, boundary: bytes) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    """Fields as `parse_qs` gives them, and files by their field's name; an empty file is none.

    Raises:
        ValueError: it is cut off, has a part without a name, or too many parts.
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
