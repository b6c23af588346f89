"""Mails, read by Python's own parser. Header and text become lines, and attachments become nested files."""

from __future__ import annotations

import re
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import TYPE_CHECKING

from rfqflow.attachments.child.markup import put_html
from rfqflow.attachments.child.plain_text import decoded
from rfqflow.core.text.sanitize import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfqflow.attachments.child.book import Book
    from rfqflow.core.attachments.model import FileReading

HEADS = ("From", "To", "Cc", "Date", "Subject")
_LONGEST_HEAD = 500
_MOST_PARTS = 500
_SMALL_PICTURE = 40_000  # bytes; a smaller picture in a mail's text is a logo
_TABLE = re.compile(r"<td\b", re.IGNORECASE)
_ENDINGS = {"message/rfc822": ".eml", "text/html": ".html", "text/plain": ".txt", "text/calendar": ".ics"}


def read_mail(content: bytes, book: Book) -> tuple[FileReading, Iterator[tuple[str, bytes]]]:
    """The reading and the attachments."""
    if content.startswith(b"From "):  # the separator line of a mailbox
        content = content.partition(b"\n")[2]
    mail = BytesParser(policy=policy.default).parsebytes(content)
    for name in HEADS:
        if said := _head(mail, name):
            book.line(1, f"{name}: {said}")
    shown: list[tuple[str, str]] = []
    attached: list[Message] = []
    for part in _parts(mail, book):
        text_type = part.get_content_type() if _is_shown(part) else ""
        if text_type in {"text/plain", "text/html"}:
            shown.append((text_type, _text(part)))
        else:
            attached.append(part)
    put_bodies(shown, book)
    return book.reading(), _files(attached, book)


def put_bodies(shown: list[tuple[str, str]], book: Book) -> None:
    """Adds the plain text. Adds the text of the HTML part instead, if that has tables or is the only part."""
    plain = [text for kind, text in shown if kind == "text/plain" and text.strip()]
    marked = [text for kind, text in shown if kind == "text/html"]
    takes_markup = bool(marked) and (not plain or any(_TABLE.search(text) for text in marked))
    for text in marked:
        put_html(text, 1, book, shows=takes_markup)
    if not takes_markup:
        for text in plain:
            book.text(1, text)


def _head(mail: Message, name: str) -> str:
    try:
        return one_line(str(mail.get(name, "")))[:_LONGEST_HEAD]
    except Exception:  # noqa: BLE001 - the parser of addresses raises errors of many classes
        raw = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
        return one_line(str(raw))[:_LONGEST_HEAD]


def _parts(mail: Message, book: Book) -> Iterator[Message]:
    """Yields all parts except containers, in order. A mail within the mail is one part."""
    waiting, seen = [mail], 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen > _MOST_PARTS:
            book.cut = True
            return
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting.extend(each for each in reversed(inner) if isinstance(each, Message))
        else:
            yield part


def _is_shown(part: Message) -> bool:
    return part.get_content_disposition() != "attachment" and not part.get_filename()


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return decoded(payload if isinstance(payload, bytes) else b"", part.get_content_charset())


def _files(parts: list[Message], book: Book) -> Iterator[tuple[str, bytes]]:
    for number, part in enumerate(parts, 1):
        kind = part.get_content_type()
        payload = part.get_payload(decode=True)
        if kind == "message/rfc822" and (inner := _mail_in(part)):
            payload = inner.as_bytes(policy=policy.compat32)
        if not isinstance(payload, bytes) or not payload:
            continue
        is_inline = part.get("Content-ID") or part.get_content_disposition() == "inline"
        if kind.startswith("image/") and is_inline and len(payload) < _SMALL_PICTURE:
            book.note("small pictures in the text are left out")
            continue
        book.budget.expand(len(payload))
        yield _name(part) or f"part {number}{_ENDINGS.get(kind, '')}", payload


def _mail_in(part: Message) -> Message | None:
    inner = part.get_payload()
    return inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None


def _name(part: Message) -> str:
    try:
        if name := part.get_filename():
            return name
        if inner := _mail_in(part):
            return f"{_head(inner, 'Subject')}.eml"
    except Exception:  # noqa: BLE001 - as above
        return ""
    return ""
