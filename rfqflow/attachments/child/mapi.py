"""The formats of Outlook: MSG files and `winmail.dat` (TNEF)."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import olefile

from rfqflow.attachments.child.book import Unreadable
from rfqflow.attachments.child.mails import put_bodies
from rfqflow.attachments.child.plain_text import decoded
from rfqflow.attachments.child.rtf import unpacked_rtf
from rfqflow.core.attachments.model import FileKind, UnreadReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfqflow.attachments.child.book import Book
    from rfqflow.core.attachments.model import FileReading

_SUBJECT, _BODY, _RTF, _HTML = 0x0037, 0x1000, 0x1009, 0x1013
_FROM_NAME, _FROM_ADDRESS, _FROM_SMTP, _TO, _CC = 0x0C1A, 0x0C1F, 0x5D01, 0x0E04, 0x0E03
_DATA, _SHORT_NAME, _LONG_NAME = 0x3701, 0x3704, 0x3707
_SENT = (0x0039_0040, 0x0E06_0040)
_STREAM, _ATTACHED = "__substg1.0_", "__attach_version1.0_"
_MOST_ATTACHMENTS = 100
_MOST_STREAM = 64 << 20
_LONGEST_HEAD = 500
_DEEPEST = 8  # nested messages; more than any limit allows


def kind_of_compound(content: bytes) -> FileKind:
    """The kind of a compound file.

    Raises:
        Unreadable: it is an office file with a password.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            streams = {path[0].lower() for path in ole.listdir(streams=True, storages=True)}
    except Exception as error:
        raise Unreadable(UnreadReason.BROKEN) from error
    if "encryptedpackage" in streams:
        raise Unreadable(UnreadReason.ENCRYPTED)
    if streams & {"workbook", "book"}:
        return FileKind.XLS
    if "__properties_version1.0" in streams or any(each.startswith(_STREAM) for each in streams):
        return FileKind.MSG
    return FileKind.UNKNOWN


# -- MSG ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Message:
    """The parts of a message in either format."""

    texts: dict[int, str] = field(default_factory=dict)
    html: bytes = b""
    rtf: bytes = b""
    sent: str = ""


def read_msg(content: bytes, book: Book) -> tuple[FileReading, Iterator[tuple[str, bytes]]]:
    """The reading and the attachments. A nested message becomes a mail."""
    ole = olefile.OleFileIO(io.BytesIO(content))
    store = _Store(ole, ())
    _put(store.message(), book)
    return book.reading(), _attached(store, book)


class _Store:
    """The properties of a message or an attachment in a compound file."""

    def __init__(self, ole: olefile.OleFileIO, folder: tuple[str, ...]) -> None:
        self._ole = ole
        self.folder = folder

    def raw(self, number: int, kind: int) -> bytes:
        path = [*self.folder, f"{_STREAM}{number:04X}{kind:04X}"]
        if not self._ole.exists(path) or self._ole.get_type(path) != olefile.STGTY_STREAM:
            return b""
        return bytes(self._ole.openstream(path).read(_MOST_STREAM))

    def text(self, number: int) -> str:
        if wide := self.raw(number, 0x1F):
            return wide.decode("utf-16-le", "replace").rstrip("\x00")
        return decoded(self.raw(number, 0x1E)).rstrip("\x00")

    def message(self) -> _Message:
        made = _Message({
            number: self.text(number)
            for number in (_SUBJECT, _BODY, _FROM_NAME, _FROM_ADDRESS, _FROM_SMTP, _TO, _CC)
        })  # fmt: skip
        made.html = self.raw(_HTML, 0x102) or self.text(_HTML).encode()
        made.rtf = self.raw(_RTF, 0x102)
        made.sent = self._sent()
        return made

    def _sent(self) -> str:
        path = [*self.folder, "__properties_version1.0"]
        if not self._ole.exists(path):
            return ""
        fixed = bytes(self._ole.openstream(path).read(1 << 20))
        for at in range(24 if self.folder else 32, len(fixed) - 15, 16):
            tag, _, value = struct.unpack_from("<IIQ", fixed, at)
            if tag in _SENT:
                return _moment(value)
        return ""

    def attachments(self) -> list[_Store]:
        depth = len(self.folder)
        found = {
            path[depth]
            for path in self._ole.listdir()
            if tuple(path[:depth]) == self.folder and len(path) > depth and path[depth].startswith(_ATTACHED)
        }  # fmt: skip
        return [_Store(self._ole, (*self.folder, name)) for name in sorted(found)]

    def message_inside(self) -> _Store | None:
        inner = (*self.folder, f"{_STREAM}{_DATA:04X}000D")
        return _Store(self._ole, inner) if self._ole.exists([*inner, "__properties_version1.0"]) else None


def _attached(store: _Store, book: Book) -> Iterator[tuple[str, bytes]]:
    attachments = store.attachments()
    book.cut = book.cut or len(attachments) > _MOST_ATTACHMENTS
    for number, each in enumerate(attachments[:_MOST_ATTACHMENTS], 1):
        name = each.text(_LONG_NAME) or each.text(_SHORT_NAME) or f"part {number}"
        content = each.raw(_DATA, 0x102)
        if inner := each.message_inside():
            content, name = _as_mail(inner, 0), f"{inner.text(_SUBJECT) or name}.eml"
        if content:
            book.budget.expand(len(content))
            yield name, content


def _as_mail(store: _Store, depth: int) -> bytes:
    """Turns an embedded message into a mail, so that the reader of mails can read the message and its attachments."""
    from email.message import EmailMessage  # noqa: PLC0415 - few messages contain a message

    message = store.message()
    mail = EmailMessage()
    for name, said in _heads(message):
        mail[name] = re.sub(r"[\r\n\x00]+", " ", said)[:_LONGEST_HEAD]
    mail["MIME-Version"] = "1.0"
    body = message.texts[_BODY] or (unpacked_rtf(message.rtf) if message.rtf and not message.html else "")
    mail.set_content(body.encode("utf-8", "replace").decode(), cte="base64")
    if message.html:
        mail.add_alternative(decoded(message.html).encode("utf-8", "replace").decode(), subtype="html", cte="base64")
    for each in store.attachments()[:_MOST_ATTACHMENTS]:
        content = each.raw(_DATA, 0x102)
        name = each.text(_LONG_NAME) or each.text(_SHORT_NAME) or "part"
        if depth < _DEEPEST and (inner := each.message_inside()):
            content, name = _as_mail(inner, depth + 1), f"{inner.text(_SUBJECT) or name}.eml"
        mail.add_attachment(content, "application", "octet-stream", filename=re.sub(r"[\r\n\x00]+", " ", name)[:150])
    return mail.as_bytes()


def _heads(message: _Message) -> Iterator[tuple[str, str]]:
    texts = message.texts
    address = texts.get(_FROM_SMTP) or texts.get(_FROM_ADDRESS, "")
    sender = texts.get(_FROM_NAME, "")
    yield "From", f"{sender} <{address}>" if "@" in address and address != sender else sender
    for name, said in (
        ("To", texts.get(_TO)),
        ("Cc", texts.get(_CC)),
        ("Date", message.sent),
        ("Subject", texts.get(_SUBJECT)),
    ):
        if said:
            yield name, said


def _put(message: _Message, book: Book) -> None:
    for name, said in _heads(message):
        if said.strip():
            book.line(1, f"{name}: {said[:_LONGEST_HEAD]}")
    shown = [("text/plain", message.texts.get(_BODY, ""))]
    if message.html:
        shown.append(("text/html", decoded(message.html)))
    if message.rtf and not any(text.strip() for _, text in shown):
        shown.append(("text/plain", unpacked_rtf(message.rtf)))
    put_bodies(shown, book)


def _moment(ticks: int) -> str:
    try:
        at = dt.datetime(1601, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=ticks // 10)
    except OverflowError:
        return ""
    return at.isoformat(" ", "minutes")


# -- TNEF --------------------------------------------------------------------------------------------------------------

_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x1E, 0x1F, 0x102, 0xD}
_TNEF_SUBJECT, _TNEF_BODY, _BEGINS, _TITLE, _BYTES, _OF_MESSAGE, _OF_FILE = (
    0x8004, 0x800C, 0x9002, 0x8010, 0x800F, 0x9003, 0x9005,
)  # fmt: skip


def read_tnef(content: bytes, book: Book) -> tuple[FileReading, Iterator[tuple[str, bytes]]]:
    """The reading of a `winmail.dat`, and the files that it contains."""
    message = _Message()
    files: list[tuple[str, bytes]] = []
    for number, data in _attributes(content, book):
        if number == _BEGINS and len(files) < _MOST_ATTACHMENTS:
            files.append(("", b""))
        elif files and number in {_TITLE, _BYTES, _OF_FILE}:
            files[-1] = _with(files[-1], number, data)
        else:
            _take(message, number, data)
    _put(message, book)
    return book.reading(), ((name or "part", data) for name, data in files if data)


def _take(message: _Message, number: int, data: bytes) -> None:
    if number in {_TNEF_BODY, _TNEF_SUBJECT}:
        message.texts.setdefault(_BODY if number == _TNEF_BODY else _SUBJECT, decoded(data.rstrip(b"\x00")))
    elif number == _OF_MESSAGE:
        for key, value in _properties(data):
            if key in {_BODY, _SUBJECT}:
                message.texts[key] = decoded(value).rstrip("\x00")
            elif key == _HTML:
                message.html = value
            elif key == _RTF:
                message.rtf = value


def _with(file: tuple[str, bytes], number: int, data: bytes) -> tuple[str, bytes]:
    name, content = file
    if number == _TITLE:
        return decoded(data.rstrip(b"\x00")), content
    return (name, data) if number == _BYTES else _named(file, data)


def _named(file: tuple[str, bytes], data: bytes) -> tuple[str, bytes]:
    name, content = file
    for key, value in _properties(data):
        if key == _LONG_NAME:
            name = decoded(value).rstrip("\x00")
        elif key == _DATA and not content:
            content = value[16:]  # the content follows the name of an interface
    return name, content


def _attributes(content: bytes, book: Book) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(content):
        _, number, length = struct.unpack_from("<BII", content, at)
        end = at + 9 + length
        if end > len(content):
            book.cut = True
            return
        yield number & 0xFFFF, content[at + 9 : end]
        at = end + 2


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the numbers and values of properties. Stops at a value that is longer than the data."""
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, 1_000)):
            kind, number = struct.unpack_from("<HH", data, at)
            at += 4
            if number >= 0x8000:  # noqa: PLR2004 - it has a name
                (is_text,) = struct.unpack_from("<I", data, at + 16)
                at += 24 + (_padded(struct.unpack_from("<I", data, at + 20)[0]) if is_text else 0)
            values = 1
            if kind & 0x1000 or kind & 0xFFF in _VARIABLE:
                (values,) = struct.unpack_from("<I", data, at)
                at += 4
            for _ in range(min(values, 1_000)):
                length = _FIXED.get(kind & 0xFFF)
                if length is None:
                    (length,) = struct.unpack_from("<I", data, at)
                    at += 4
                value = data[at : at + length]
                at += _padded(length)
                yield number, value.decode("utf-16-le", "replace").encode() if kind & 0xFFF == 0x1F else value  # noqa: PLR2004 - wide text
    except struct.error:
        return


def _padded(length: int) -> int:
    return length + -length % 4
