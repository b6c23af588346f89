"""Turns a mail from a mail server into rows: one RFQ and its attachments.

Mail from outside is often broken, and rfqflow must not lose any. A mail that cannot be parsed becomes an RFQ with the
whole mail as an attachment `message.eml`.
"""

from __future__ import annotations

import codecs
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rfqflow.core.attachments.kinds import NO_CHARSETS
from rfqflow.core.attachments.names import file_name
from rfqflow.core.text.sanitize import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

_DEPTH = 30  # most levels of parts in parts
_PARTS = 500  # most parts within one part
_ALL_PARTS = 2_000
_HEADER = 2_000  # characters
# Characters of a header: the time of the library's parser grows with their square.
_PARSED, _PARSED_OF_PART = 8_000, 4_000
_REFERENCES = 20
_UNREAD_CHARACTERS = 20_000  # characters of a mail that cannot be parsed
_DECORATION_BYTES = 40_000  # a smaller picture in the text is taken for a logo
_CID = re.compile(r"cid:([^\s\"'<>()]{1,900})")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_HALF = re.compile("[\ud800-\udfff\0]")


class _Policy(email.policy.EmailPolicy):
    """The default policy, but only the first part of a long header is parsed."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        if name.lower() == "references":  # the latest references are at the end
            return str(super().header_fetch_parse(name, value[-_PARSED:]))
        return str(
            super().header_fetch_parse(
                name, value[: _PARSED_OF_PART if name.lower().startswith("content-") else _PARSED]
            )
        )


_POLICY = _Policy()


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that came with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail. The same mail always gets the same `rfq_id`, so a second delivery finds the row of the first."""

    rfq_id: UUID
    message: str
    email: str | None
    name: str | None
    metadata: dict[str, Any] = field(default_factory=dict)
    files: tuple[MailFile, ...] = ()


def received_mail(raw: bytes) -> ReceivedMail:
    """Parses a mail. Never fails."""
    try:
        return _taken_apart(raw)
    except Exception:  # noqa: BLE001 - the library's parser raises errors of many classes
        return _whole(raw)


def _whole(raw: bytes) -> ReceivedMail:
    """Keeps a mail that cannot be parsed, with its sender's address, so that `ai.erase_person` can find it."""
    text = raw[: _UNREAD_CHARACTERS * 4].decode("utf-8", "replace")[:_UNREAD_CHARACTERS]
    head = BytesHeaderParser(policy=_POLICY).parsebytes(raw)
    (name, address), message_id = _sender(head), _first_id(_header(head, "message-id"))
    metadata = {"source": "mail", "message_id": message_id, "subject": _header(head, "subject")}
    return ReceivedMail(
        _rfq_id(message_id, address, raw), _storable(text), _storable(address) or None, _storable(name) or None,
        {key: _storable(value) for key, value in metadata.items() if value},
        (MailFile("message.eml", "message/rfc822", raw),),
    )  # fmt: skip


def _taken_apart(raw: bytes) -> ReceivedMail:
    mail = _parsed(raw)
    message_id = _first_id(_header(mail, "message-id"))
    name, address = _sender(mail)
    subject = _header(mail, "subject")
    plain: list[str] = []
    files: list[MailFile] = []
    left_out: list[str] = []
    shown = {cid for part in mail.walk() if part.get_content_type() == "text/html" for cid in _CID.findall(_text(part))}
    for part in _leaves(mail):
        if _is_text(part):
            plain.append(_text(part))
        elif _is_decoration(part, shown):
            left_out.append(_name(part, len(files) + 1))
        else:
            files.append(MailFile(_name(part, len(files) + 1), _storable(part.get_content_type()), _content(part)))
    body = "\n\n".join(text for text in plain if text.strip())
    metadata = {
        "source": "mail",
        "message_id": message_id,
        "in_reply_to": _first_id(_header(mail, "in-reply-to")),
        "references": _MESSAGE_ID.findall(_header(mail, "references"))[-_REFERENCES:],
        "subject": subject,
        "sent_at": _header(mail, "date"),
        "auto_submitted": _header(mail, "auto-submitted"),
        "left_out": left_out,
    }
    return ReceivedMail(
        _rfq_id(message_id, address, raw),
        _storable(_with_subject(subject, body)), _storable(address) or None, _storable(name) or None,
        {key: _storable(value) if isinstance(value, str) else value for key, value in metadata.items() if value},
        tuple(files),
    )  # fmt: skip


def _parsed(raw: bytes) -> Message:
    # Not the default policy: it would parse the headers of all parts before the parts can be counted.
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    for number, part in enumerate(mail.walk()):
        if number > _ALL_PARTS:
            raise ValueError("too many parts")
        part.policy = _POLICY
    return mail


def _with_subject(subject: str, body: str) -> str:
    """Puts the subject above the text. Above an HTML text, the subject becomes HTML, so that both are one document."""
    if body.lstrip()[:1] == "<" and subject:
        escaped = subject.replace("&", "&amp;").replace("<", "&lt;")
        return f"<p>{escaped}</p>\n{body}"
    return f"{subject}\n\n{body}".strip()


def _rfq_id(message_id: str, address: str, raw: bytes) -> UUID:
    what = f"{message_id}\n{address}".encode("utf-8", "replace") if message_id else raw
    return UUID(bytes=hashlib.sha256(b"rfqflow intake\n" + what).digest()[:16], version=5)


def _sender(mail: Message) -> tuple[str, str]:
    """Name and address of the person to answer. A mail from a web form names the customer in Reply-To."""
    for header in ("reply-to", "from"):
        name, address = parseaddr(_header(mail, header))
        if "@" in address:
            return one_line(name), one_line(address)
    return "", ""


def _header(mail: Message, name: str) -> str:
    try:
        value = mail.get(name)
        return one_line(str(value))[:_HEADER] if value is not None else ""
    except Exception:  # noqa: BLE001 - as above: a broken header counts as missing
        return ""


def _first_id(header: str) -> str:
    found = _MESSAGE_ID.search(header)
    return found[0] if found else ""


def _leaves(part: Message, depth: int = 0) -> Iterator[Message]:
    """Yields the parts with content. Of alternatives, it takes the plain text unless that is empty.

    A mail within the mail is one part.
    """
    if not part.is_multipart() or part.get_content_type() == "message/rfc822":
        yield part
        return
    if depth > _DEPTH:
        raise ValueError("parts in parts without an end")
    children = [child for child in part.get_payload() if not isinstance(child, str)]
    if len(children) > _PARTS:
        raise ValueError("too many parts")
    if part.get_content_type() == "multipart/alternative":
        children = _chosen(children)
    for child in children:
        yield from _leaves(child, depth + 1)


def _chosen(alternatives: list[Any]) -> list[Any]:
    """The text of one alternative, and the parts that are not text."""
    plain = [part for part in alternatives if part.get_content_type() == "text/plain" and _text(part).strip()]
    if not plain:
        return alternatives
    ways = ("text/plain", "text/html", "text/enriched", "multipart/related")
    rest = [part for part in alternatives if part.get_content_type() not in ways]
    shown = [
        leaf
        for part in alternatives
        if part.get_content_type() == "multipart/related"
        for leaf in _leaves(part)
        if not leaf.get_content_type().startswith("text/")
    ]
    return [plain[0], *rest, *shown]


def _is_text(part: Message) -> bool:
    is_file = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    return part.get_content_type() in {"text/plain", "text/html"} and not is_file


def _is_decoration(part: Message, shown: set[str]) -> bool:
    """Whether the part is a small picture that the mail's HTML shows."""
    cid = _header(part, "content-id").strip("<> ")
    is_shown = bool(cid) and part.get_content_maintype() == "image" and cid in shown
    return is_shown and len(_content(part)) < _DECORATION_BYTES


def _text(part: Message) -> str:
    """The text of a part, in its declared charset or else in a charset that can decode it."""
    content = _content(part)
    named = str(part.get_content_charset() or "")
    for charset in (named, "utf-8", "cp1252"):
        try:
            if codecs.lookup(charset).name not in NO_CHARSETS:
                return content.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("latin-1")


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = _inner(part)
        return inner.as_bytes(policy=email.policy.compat32) if inner else b""
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _inner(part: Message) -> Message | None:
    """The mail that is in a part. None if the part contains no mail."""
    payload: Any = part.get_payload()
    return payload[0] if isinstance(payload, list) and payload else None


def _name(part: Message, number: int) -> str:
    try:
        given = part.get_filename()
    except Exception:  # noqa: BLE001 - as above
        given = None
    if given:
        return file_name(given)
    if part.get_content_type() == "message/rfc822":
        inner = _inner(part)
        subject = _header(inner, "subject") if inner else ""
        return file_name(f"{subject or 'message'}.eml")
    return f"part-{number}.{_SUFFIXES.get(part.get_content_type(), 'bin')}"


_SUFFIXES = {
    "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tiff", "text/csv": "csv",
    "text/html": "html", "text/plain": "txt", "text/calendar": "ics",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls", "application/ms-tnef": "dat", "application/zip": "zip",
}  # fmt: skip


def _storable(text: str) -> str:
    """Removes what PostgreSQL cannot store in a text: NUL, and single halves of surrogate pairs."""
    return _HALF.sub("\ufffd", text)
