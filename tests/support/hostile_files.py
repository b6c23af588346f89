"""Files that are made to harm their reader, each with the results that are correct for it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from email.message import EmailMessage
from typing import TYPE_CHECKING

from tests.support.made_files import (
    compound,
    document,
    paragraph,
    pdf,
    pdf_text,
    sheet_xml,
    tnef,
    word_table,
    workbook,
    xls,
    zipped,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
BOMB = b"\x00" * (40 * MIB)
LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)
FILE_ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def lying_zip() -> bytes:
    """A zip file with a part whose header states a small size."""
    made = bytearray(zipped({"xl/workbook.xml": BOMB}))
    at = made.rindex(b"PK\x01\x02")
    made[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(made)


def overlapping_zip() -> bytes:
    """Many parts that share one body."""
    one = zipped({"a": b"\x00" * (4 * MIB)})
    at = one.rindex(b"PK\x01\x02")
    end = one.rindex(b"PK\x05\x06")
    entry = one[at:end]
    count = 1_000
    listed = b"".join(entry[:46] + b"a" + b"" for _ in range(count))
    return one[:at] + listed + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(listed), at, 0)


def nested_zips(depth: int = 30) -> bytes:
    made = b"the end"
    for _ in range(depth):
        made = zipped({"again.zip": made})
    return made


def many_zips() -> bytes:
    """Nested zip files, each with ten of the next level: 10^6 files."""
    made = zipped({f"{n}.txt": b"x" * 1000 for n in range(10)})
    for _ in range(5):
        made = zipped({f"{n}.zip": made for n in range(10)})
    return made


def encrypted_zip() -> bytes:
    made = bytearray(zipped({"a.txt": b"secret"}))
    made[6] |= 1
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def nested_mails(depth: int = 40) -> bytes:
    made = "Subject: in\nFrom: a@b.example\nTo: a@b.example\n\nThe innermost"
    for _ in range(depth):
        made = f"Subject: out\nFrom: a@b.example\nTo: a@b.example\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n{made}"
    return made.encode()


def many_parts() -> bytes:
    part = "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nhello\n"
    return (
        "Subject: s\nFrom: a@b.example\nTo: x@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        + part * 20_000
        + "--b--\n"
    ).encode()


def bad_mail() -> bytes:
    return (
        b'From: =?utf-8?B?////?= <"@\x00>,;<<\nSubject: =?x-unknown?Q?=E9=?=\nTo: a@b.example\nDate: 99 Foo\nMIME-Version: 1.0\n'
        b'Content-Type: text/plain; charset="no\\x00such"\nContent-Transfer-Encoding: base64\n\n!!!!===='
        + b"\xff"
        * 1000
    )


def mail_with(name: str, content: bytes) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@b.example", "c@b.example", "files"
    made.set_content("See the file")
    made.add_attachment(content, "application", "octet-stream", filename=name)
    return made.as_bytes()


def pdf_bomb() -> bytes:
    """A page whose content expands to 400 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"q Q\n" * 250_000) for _ in range(400)) + packer.flush()
    whole = pdf([["q"]])
    old = zlib.compress(b"q")
    length = b"<< /Length %d /Filter" % len(old)
    return whole.replace(length, b"<< /Length %d /Filter" % len(packed)).replace(old, packed)


def pdf_of_itself() -> bytes:
    """A form that draws itself."""
    form = b"/Im0 Do /Im0 Do"
    made = pdf([["/Im0 Do", pdf_text(50, 700, "Around and around it goes")]], picture=b"x")
    return made.replace(
        b"<< /Type /XObject /Subtype /Image /Width 400 /Height 200 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length 1 >>\nstream\nx",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /Im0 4 0 R >> >> /Length %d >>\nstream\n%s" % (len(form), form),
    )  # fmt: skip


def png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def looped_compound() -> bytes:
    made = bytearray(xls("L", [["a", 1.0]] * 400))
    table = struct.unpack_from("<I", made, 76)[0]
    at = 512 + table * 512
    made[at : at + 8] = struct.pack("<II", 1, 0)  # the first two sectors point to each other for ever
    return bytes(made)


def encrypted_pdf() -> bytes:
    owner = "A" * 64
    return pdf(
        [[pdf_text(50, 700, "secret")]],
        trailer=f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner}> /U <{owner}> /P -4 >> /ID [<00> <00>]",
    )


def cyclic_pages() -> bytes:
    made = pdf([[pdf_text(50, 700, "x")]])
    return made.replace(b"/Count 1 /Kids [5 0 R]", b"/Count 9 /Kids [2 0 R]")


def tiff_of_many(frames: int = 300) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    page = Image.new("L", (8, 8), 255)
    page.save(made, "TIFF", save_all=True, append_images=[page] * (frames - 1))
    return made.getvalue()


def stored_twice() -> bytes:
    """A PDF before a zip file: both can be read."""
    made = io.BytesIO(pdf([[pdf_text(50, 700, "I am a PDF document")]]))
    made.seek(0, io.SEEK_END)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return made.getvalue()


SCRIPT = "x" * 50 + "<script>alert(1)</script>"
READ, UNREAD, FAILED = "read", "unread", "failed"
# By name: the function that makes the file, and each result that is correct.
HOSTILE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "bomb.xlsx": (lambda: workbook({"A": [["a"]]}, parts={"xl/media/x.bin": BOMB}), {"too_large"}),
    "bomb.docx": (lambda: document(paragraph("a"), parts={"word/media/x.png": BOMB}), {"too_large"}),
    "bomb.zip": (lambda: zipped({"a.txt": BOMB}), {"too_large"}),
    "lying.xlsx": (lying_zip, {"too_large", "broken"}),
    "overlapping.zip": (overlapping_zip, {"too_large", "broken", READ}),
    "again.zip": (nested_zips, {READ}),
    "million.zip": (many_zips, {READ}),
    "locked.zip": (encrypted_zip, {"encrypted"}),
    "mails.eml": (nested_mails, {READ}),
    "parts.eml": (many_parts, {READ}),
    "bad.eml": (bad_mail, {READ}),
    "with bomb.eml": (lambda: mail_with("b.zip", zipped({"a.txt": BOMB})), {READ}),
    "locked.pdf": (encrypted_pdf, {"encrypted"}),
    "locked.xlsx": (lambda: compound({"EncryptionInfo": b"x" * 100, "EncryptedPackage": b"x" * 5000}), {"encrypted"}),
    "pages.pdf": (lambda: pdf([[pdf_text(50, 700, f"Page {n}")] for n in range(10_000)]), {READ}),
    "bomb.pdf": (pdf_bomb, {"memory", "timeout", "broken", READ}),
    "itself.pdf": (pdf_of_itself, {READ, "broken", "memory"}),
    "cyclic.pdf": (cyclic_pages, {"broken", READ, "memory"}),
    "huge page.pdf": (lambda: pdf([[pdf_text(50, 700, "A very large sheet of paper")]], size=(2_000_000_000, 2_000_000_000)), {READ, "broken", "image_only"}),
    "cut.pdf": (lambda: pdf([[pdf_text(50, 700, "Half of it is here")]])[:-300], {READ, "broken"}),
    "mark.pdf": (lambda: b"%PDF-1.7\n", {"broken"}),
    "both.pdf": (stored_twice, {READ}),
    "formulas.csv": (lambda: b"Part;Qty\n=cmd|' /C calc'!A0;1\n@SUM(1+1);-2\n\"=HYPERLINK(\"\"http://x.example\"\")\";3\n", {READ}),
    "formulas.xlsx": (lambda: workbook({"A": [[('WEBSERVICE("http://127.0.0.1/")', "12"), ("cmd|'/C calc'!A0", "")]]}), {READ}),
    "laughs.xlsx": (lambda: workbook({"A": LAUGHS + sheet_xml([["&a9;"]]).replace("&amp;", "&")}), {READ, "broken", "memory"}),
    "laughs.docx": (lambda: document(paragraph("x").replace("x</w:t>", "&a9;</w:t>"), before=LAUGHS), {"broken"}),
    "entity.docx": (lambda: document(paragraph("x").replace(">x<", ">&a;<"), before=FILE_ENTITY), {"broken"}),
    "template.docx": (lambda: document(paragraph("Hello"), parts={"word/_rels/settings.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="t" Target="http://127.0.0.1:9/x.dotm" TargetMode="External"/></Relationships>'}), {READ}),
    "deep.docx": (lambda: document("<w:tbl><w:tr><w:tc>" * 3000 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 3000), {"broken", READ}),
    "many cells.docx": (lambda: document(word_table([["x" * 20] * 100] * 300)), {READ}),
    "far.xlsx": (lambda: workbook({"A": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>'}), {READ, "memory", "broken"}),
    "cut.xlsx": (lambda: workbook({"A": [["a"] * 50] * 50})[:-200], {"broken", "unknown_type"}),
    "cut.docx": (lambda: document(paragraph("a"))[:300], {"broken", "unknown_type"}),
    "program.pdf": (lambda: b"MZ" + bytes(range(256)) * 40, {"unknown_type"}),
    "page.pdf": (lambda: b"<!DOCTYPE html><html><body>" + SCRIPT.encode(), {READ}),
    "giant.png": (lambda: png(60_000, 60_000, b"\x00" * 1000), {"too_large"}),
    "wide.png": (lambda: png(20_000, 2_900, (b"\x00" + b"\xff" * 20_000) * 2_900), {"image_only", "memory"}),
    "cut.png": (lambda: png(900, 900, (b"\x00" + b"\x80" * 900) * 900)[:-20], {"image_only", "broken"}),
    "frames.tiff": (tiff_of_many, {"image_only"}),
    "cut.jpg": (lambda: b"\xff\xd8\xff\xe0" + b"\x00" * 40, {"broken"}),
    "line.csv": (lambda: b"a," * 3 * MIB, {READ}),
    "quote.csv": (lambda: b'Part;Qty\n"' + b"x" * 4 * MIB, {READ}),
    "line.txt": (lambda: b"x" * 6 * MIB, {READ}),
    "lines.txt": (lambda: b"x\n" * 2 * MIB, {READ}),
    "zeros.txt": (lambda: b"quote \x00 five\x00 pumps " * 40, {READ, "unknown_type"}),
    "surrogates.txt": (lambda: b"\xff\xfe" + "quote 5".encode("utf-16-le") + b"\x00\xd8\x00\xd8" + " pumps".encode("utf-16-le"), {READ}),
    "deep.html": (lambda: b"<html>" + b"<div>" * 60_000 + b"please quote", {READ}),
    "fonts.html": (lambda: b"<html>" + b"<b><font>x<p>" * 20_000, {READ}),
    "mess.html": (lambda: b"<html>" + b"<!--<" * 200_000, {READ}),
    "loop.xls": (looped_compound, {"broken", "memory", "timeout", READ}),
    "empty.msg": (lambda: compound({"__properties_version1.0": b""}), {READ}),
    "cut.msg": (lambda: compound({"__properties_version1.0": b"x" * 5000})[:700], {"broken"}),
    "lengths.dat": (lambda: struct.pack("<IH", 0x223E9F78, 1) + struct.pack("<BII", 1, 0x00069003, 0xFFFFFFF0) + b"x" * 100, {READ}),
    "props.dat": (lambda: tnef("s", {"a.txt": b"hello"})[:-8] + b"\xff" * 64, {READ}),
    "empty": (lambda: b"", {READ}),
    "gnp.\u202efdp.exe": (lambda: b"please quote", {READ}),
}  # fmt: skip
