"""Files as customers send them, built byte by byte: PDF, workbooks, DOCX, old containers. Only the standard library."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

# -- PDF ---------------------------------------------------------------------------------------------------------------


def pdf_text(
    x: float, y: float, text: str, size: float = 10, *, grey: float = 0, turned: bool = False, mode: int = 0
) -> str:
    """An operator that draws text; `y` counts upwards."""
    written = (
        text.encode("cp1252", "replace").decode("latin-1").replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    )
    matrix = f"0 1 -1 0 {x} {y}" if turned else f"1 0 0 1 {x} {y}"
    return f"BT {mode} Tr /F1 {size} Tf {grey} g {matrix} Tm ({written}) Tj ET"


def pdf_table(
    x: float, y: float, rows: Sequence[Sequence[str]], widths: Sequence[float], *, leading: float = 14
) -> list[str]:
    """Rows from the top down, with columns of the given widths."""
    made = []
    for index, row in enumerate(rows):
        left = x
        for cell, width in zip(row, widths, strict=False):
            if cell:
                made.append(pdf_text(left, y - index * leading, cell))
            left += width
    return made


def pdf(
    pages: Sequence[Sequence[str]],
    *,
    picture: bytes | None = None,
    trailer: str = "",
    size: tuple[int, int] = (595, 842),
) -> bytes:
    """A PDF of pages; each page is a list of operators. `jpeg` becomes `/Im0` (400 x 200) where it is given."""
    objects: list[bytes] = [
        b"",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    resources = "/Font << /F1 3 0 R >>"
    if picture is not None:
        objects.append(
            b"<< /Type /XObject /Subtype /Image /Width 400 /Height 200 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
            b"/Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream" % (len(picture), picture)
        )
        resources += " /XObject << /Im0 4 0 R >>"
    kids = []
    for operators in pages:
        packed = zlib.compress("\n".join(operators).encode("latin-1", "replace"))
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed))
        kids.append(len(objects) + 1)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Contents {len(objects)} 0 R "
            f"/Resources << {resources} >> >>".encode()
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    made = io.BytesIO()
    made.write(b"%PDF-1.4\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(made.tell())
        made.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    table = made.tell()
    made.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    made.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    made.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode())
    return made.getvalue()


# -- workbooks and documents -------------------------------------------------------------------------------------------


def zipped(parts: Mapping[str, str | bytes], *, level: int = 6) -> bytes:
    """A zip file of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{}</Types>'
)


def column_name(index: int) -> str:
    name = ""
    while index >= 0:
        name = chr(65 + index % 26) + name
        index = index // 26 - 1
    return name


def _cell(row: int, column: int, value: object) -> str:
    place = f'r="{column_name(column)}{row}"'
    if isinstance(value, int | float):
        return f"<c {place}><v>{value}</v></c>"
    if isinstance(value, tuple):  # a formula with its last value
        return f'<c {place} t="str"><f>{escape(value[0])}</f><v>{escape(str(value[1]))}</v></c>'
    return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def sheet_xml(
    rows: Sequence[Sequence[object]],
    *,
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
    start: int = 1,
) -> str:
    """A worksheet; rows and columns count from 1."""
    columns = "".join(f'<col min="{each}" max="{each}" width="9" hidden="1"/>' for each in hidden_columns)
    made = []
    for number, row in enumerate(rows, start):
        hidden = ' hidden="1"' if number in hidden_rows else ""
        cells = "".join(_cell(number, column, value) for column, value in enumerate(row) if value != "")
        made.append(f'<row r="{number}"{hidden}>{cells}</row>')
    return f'<worksheet xmlns="{_SHEET}">{f"<cols>{columns}</cols>" if columns else ""}<sheetData>{"".join(made)}</sheetData></worksheet>'


def workbook(
    sheets: Mapping[str, Sequence[Sequence[object]] | str],
    *,
    hidden: Sequence[str] = (),
    parts: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """An XLSX file of sheets by name, each as rows or as the sheet's XML."""
    overrides = '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    listed = related = ""
    made: dict[str, str | bytes] = {}
    for number, (name, rows) in enumerate(sheets.items(), 1):
        overrides += f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name={quoteattr(name)} sheetId="{number}"{state} r:id="rId{number}"/>'
        related += f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        made[f"xl/worksheets/sheet{number}.xml"] = rows if isinstance(rows, str) else sheet_xml(rows)
    return zipped({
        "[Content_Types].xml": _TYPES.format(overrides),
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{related}</Relationships>',
        **made,
        **(parts or {}),
    })  # fmt: skip


def paragraph(text: str, *, hidden: bool = False) -> str:
    """A paragraph of a DOCX file."""
    return f'<w:p><w:r><w:rPr>{"<w:vanish/>" if hidden else ""}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def word_table(rows: Sequence[Sequence[str]]) -> str:
    """A table of a DOCX file."""
    return f"<w:tbl>{''.join('<w:tr>' + ''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in row) + '</w:tr>' for row in rows)}</w:tbl>"


def document(body: str, *, header: str = "", before: str = "", parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A DOCX file of paragraphs and tables; `before` comes before the document's first element."""
    overrides = '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    section, made = "", {}
    related = ""
    if header:
        overrides += '<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>'
        related = f'<Relationship Id="rId9" Type="{_OFFICE}/header" Target="header1.xml"/>'
        section = '<w:sectPr><w:headerReference w:type="default" r:id="rId9"/></w:sectPr>'
        made["word/header1.xml"] = f'<w:hdr xmlns:w="{_WORD}">{paragraph(header)}</w:hdr>'
    return zipped({
        "[Content_Types].xml": _TYPES.format(overrides),
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{before}<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:body>{body}{section}</w:body></w:document>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{related}</Relationships>',
        **made,
        **(parts or {}),
    })  # fmt: skip


# -- containers of Microsoft's old formats
# ---------------------------------------------------------------------------------

_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(streams: Mapping[str, bytes]) -> bytes:  # noqa: PLR0915 - one format, from head to end
    """A compound file: contents by path (`storage/stream`)."""
    entries: list[tuple[str, int, bytes]] = [("Root Entry", 5, b"")]
    children: dict[int, list[int]] = {0: []}
    known = {"": 0}
    for path, content in streams.items():
        above = ""
        *storages, name = path.split("/")
        for storage in storages:
            here = f"{above}/{storage}".strip("/")
            if here not in known:
                known[here] = len(entries)
                children[known[above]].append(known[here])
                children[known[here]] = []
                entries.append((storage, 1, b""))
            above = here
        children[known[above]].append(len(entries))
        entries.append((name, 2, content))
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(content: bytes) -> int:
        if not content:
            return _END
        first = len(sectors)
        pieces = [content[at : at + _SECTOR].ljust(_SECTOR, b"\x00") for at in range(0, len(content), _SECTOR)]
        sectors.extend(pieces)
        fat.extend([first + index + 1 for index in range(len(pieces) - 1)] + [_END])
        return first

    mini, mini_fat = b"", []
    placed: list[tuple[int, int]] = []
    for _, kind, content in entries:
        if kind != 2 or len(content) >= 4096:
            placed.append((put(content), len(content)))
            continue
        count = -(-len(content) // 64)
        placed.append((len(mini_fat) if count else _END, len(content)))
        mini_fat += [len(mini_fat) + index + 1 for index in range(count - 1)] + [_END] * bool(count)
        mini += content.ljust(count * 64, b"\x00")
    placed[0] = (put(mini), len(mini))
    mini_tables = -(-len(mini_fat) // 128)
    mini_at = put(struct.pack(f"<{mini_tables * 128}I", *mini_fat, *[_FREE] * (mini_tables * 128 - len(mini_fat))))
    right = {}
    for listed in children.values():
        listed.sort(key=lambda each: (len(entries[each][0]), entries[each][0].upper()))
        right.update(dict(pairwise(listed)))
    folder = b""
    for index, (name, kind, _) in enumerate(entries):
        wide = name.encode("utf-16-le")
        child = children.get(index) or [_FREE]
        folder += struct.pack(
            "<64sHBBIII16sIQQIQ",
            wide,
            len(wide) + 2,
            kind,
            1,
            _FREE,
            right.get(index, _FREE),
            child[0],
            b"",
            0,
            0,
            0,
            *placed[index],
        )
    folder_at = put(folder.ljust(-(-len(folder) // _SECTOR) * _SECTOR, b"\x00"))
    tables = 1
    while tables * 128 < len(fat) + tables:
        tables += 1
    first_table = len(sectors)
    fat += [_FAT] * tables
    packed = struct.pack(f"<{tables * 128}I", *fat, *[_FREE] * (tables * 128 - len(fat)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, folder_at, 0, 4096, mini_at, mini_tables, _END, 0
    )  # fmt: skip
    places = [first_table + index for index in range(tables)]
    head += struct.pack("<109I", *places, *[_FREE] * (109 - tables))
    return head + b"".join(sectors) + packed


def msg(
    texts: Mapping[int, str],
    *,
    html: str = "",
    files: Mapping[str, bytes] | None = None,
    inner: Mapping[int, str] | None = None,
) -> bytes:
    """A message of Outlook: texts by the numbers of their properties, files by name, and optionally a message inside."""
    streams: dict[str, bytes] = {
        "__properties_version1.0": bytes(32) + struct.pack("<IIQ", 0x00390040, 6, 134_000_000_000_000_000)
    }
    streams |= {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in texts.items()}
    if html:
        streams["__substg1.0_10130102"] = html.encode()
    for number, (name, content) in enumerate((files or {}).items()):
        folder = f"__attach_version1.0_#{number:08X}"
        streams[f"{folder}/__substg1.0_3707001F"] = name.encode("utf-16-le")
        streams[f"{folder}/__substg1.0_37010102"] = content
    if inner:
        folder = f"__attach_version1.0_#{len(files or {}):08X}/__substg1.0_3701000D"
        streams[f"{folder}/__properties_version1.0"] = bytes(24)
        streams |= {
            f"{folder}/__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in inner.items()
        }
    return compound(streams)


def xls(name: str, rows: Sequence[Sequence[str | float]]) -> bytes:
    """A workbook of the old format (BIFF8) with one sheet."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    sheet = begin(0x10)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, str):
                wide = value.encode("utf-16-le")
                sheet += record(0x0204, struct.pack("<HHHHB", row, column, 15, len(value), 1) + wide)
            else:
                sheet += record(0x0203, struct.pack("<HHHd", row, column, 15, value))
    sheet += record(0x000A, b"")
    shown = name.encode("utf-16-le")

    def head(place: int) -> bytes:
        return (
            begin(0x05) + record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name), 1) + shown) + record(0x000A, b"")
        )

    return compound({"Workbook": head(len(head(0))) + sheet})


def tnef(subject: str, files: Mapping[str, bytes], rtf: bytes = b"") -> bytes:
    """A `winmail.dat`."""

    def attribute(level: int, number: int, data: bytes) -> bytes:
        return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    made = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00018004, subject.encode() + b"\x00")
    if rtf:
        packed = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
        padding = bytes(-len(packed) % 4)
        made += attribute(1, 0x00069003, struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + packed + padding)
    for name, content in files.items():
        made += (
            attribute(2, 0x00069002, bytes(14))
            + attribute(2, 0x00018010, b"SHORT~1.PDF\x00")
            + attribute(2, 0x0006800F, content)
        )
        wide = name.encode("utf-16-le") + b"\x00\x00"
        made += attribute(
            2, 0x00069005, struct.pack("<IHHII", 1, 0x001F, 0x3707, 1, len(wide)) + wide + bytes(-len(wide) % 4)
        )
    return made
