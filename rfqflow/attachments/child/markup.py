"""HTML as a person sees it. Hidden text is kept as evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfqflow.attachments.child.plain_text import decoded
from rfqflow.core.text.readable import LIMIT, readable

if TYPE_CHECKING:
    from rfqflow.attachments.child.book import Book
    from rfqflow.core.attachments.model import FileReading

_HEAD = 4_096
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_MARK = "<html>\n"  # marks a text as markup even if it has no other tag


def read_html(content: bytes, book: Book) -> FileReading:
    """Reads the visible lines."""
    declared = _CHARSET.search(content[:_HEAD])
    most = book.budget.limits.characters
    put_html(decoded(content, declared[1].decode() if declared else None, most * 2), 1, book, shows=True)
    return book.reading()


def put_html(text: str, page: int, book: Book, *, shows: bool) -> None:
    """Keeps the hidden text of markup as evidence. With `shows`, also adds the visible text as lines."""
    found = readable(text if "<html" in text[:_HEAD].lower() else _MARK + text)
    if len(text) > LIMIT:
        book.cut = True
    if found.conceals or found.buries:
        book.conceal(found.hidden, speaks=True)
    if shows:
        book.text(page, found.text)
