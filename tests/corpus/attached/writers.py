"""Writes files as other programs do, with the libraries that they use. The same call gives the same bytes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Cell = str | int | float | None
WIDTH, HEIGHT = 595.0, 842.0


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    *,
    formats: Mapping[str, str] | None = None,
    hidden: Sequence[str] = (),
    merged: Sequence[str] = (),
) -> bytes:
    """A workbook as a spreadsheet program writes it: shared strings, styles; `formats`: number formats by column."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column, number_format in (formats or {}).items():
            for cell in sheet[column]:
                cell.number_format = number_format
        for area in merged:
            sheet.merge_cells(area)
        if name in hidden:
            sheet.sheet_state = "hidden"
    made = io.BytesIO()
    book.save(made)
    return _without_times(made.getvalue())


def separated(
    rows: Sequence[Sequence[Any]], *, separator: str = ";", charset: str = "utf-8", ends: str = "\r\n"
) -> bytes:
    """A CSV file of a locale."""
    made = io.StringIO()
    csv.writer(made, delimiter=separator, lineterminator=ends).writerows(rows)
    return made.getvalue().encode(charset)


def docx(*parts: str | Sequence[Sequence[str]], header: str = "") -> bytes:
    """A document of paragraphs (texts) and tables (rows), as a word processor writes it."""
    from docx import Document

    made = Document()
    if header:
        made.sections[0].header.paragraphs[0].text = header
    for part in parts:
        if isinstance(part, str):
            made.add_paragraph(part)
            continue
        table = made.add_table(rows=0, cols=len(part[0]), style="Table Grid")
        for row in part:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    written = io.BytesIO()
    made.save(written)
    return _without_times(written.getvalue())


def pdf_flow(*parts: Any, grid: bool = True, head_rows: int = 1, widths: Sequence[float] | None = None) -> bytes:
    """A PDF of paragraphs and tables that break over pages, as reporting tools write it."""
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    plain = getSampleStyleSheet()["BodyText"]
    made = io.BytesIO()
    story: list[Any] = []
    for part in parts:
        if part == "":
            story.append(PageBreak())
        elif isinstance(part, str):
            story += [Paragraph(part, plain), Spacer(1, 4)]
        else:
            rows = [[Paragraph(cell, plain) if len(cell) > 30 else cell for cell in row] for row in part]
            table = Table(rows, repeatRows=head_rows, colWidths=widths)
            style: list[Any] = [("FONTSIZE", (0, 0), (-1, -1), 9)]
            if grid:
                style.append(("GRID", (0, 0), (-1, -1), 0.5, colors.black))
            table.setStyle(TableStyle(style))
            story.append(table)
    SimpleDocTemplate(made, invariant=1).build(story)
    return made.getvalue()


Box = tuple[float, float, float, float, str, str]  # left, bottom, width, height, label, value


def drawing(boxes: Sequence[Box], *, notes: Sequence[tuple[float, float, str]] = (), above: bool = True) -> bytes:
    """A drawing: lines, dimensions, and a title block of boxes. `above`: small labels above their values."""
    from reportlab.pdfgen.canvas import Canvas

    made = io.BytesIO()
    page = Canvas(made, pagesize=(HEIGHT, WIDTH), invariant=1)
    page.rect(20, 20, HEIGHT - 40, WIDTH - 40)
    page.circle(300, 330, 90)
    page.circle(300, 330, 40)
    page.line(180, 330, 420, 330)
    page.line(300, 210, 300, 450)
    for x, y, text in ((292, 455, "Ø180"), (340, 336, "Ø80 H7"), (430, 326, "12.5"), (200, 470, "4x M8")):
        page.setFont("Helvetica", 8)
        page.drawString(x, y, text)
    for x, y, text in notes:
        page.setFont("Helvetica", 8)
        page.drawString(x, y, text)
    for left, bottom, width, height, label, value in boxes:
        page.rect(left, bottom, width, height)
        if above:
            page.setFont("Helvetica", 5)
            page.drawString(left + 3, bottom + height - 7, label)
            page.setFont("Helvetica", 10)
            page.drawString(left + 3, bottom + 5, value)
        else:
            page.setFont("Helvetica", 9)
            page.drawString(left + 3, bottom + 5, f"{label}  {value}")
    page.save()
    return made.getvalue()


def title_block(fields: Sequence[tuple[str, str]], *, columns: int = 3) -> list[Box]:
    """Boxes in the lower right corner, row by row."""
    width, height = 390 / columns, 28.0
    return [
        (
            412 + width * (at % columns),
            24 + height * ((len(fields) - 1) // columns - at // columns),
            width,
            height,
            *field,
        )
        for at, field in enumerate(fields)
    ]


def picture(
    rows: Sequence[str], *, size: tuple[int, int] = (1240, 900), kind: str = "PNG", noise: bool = False
) -> bytes:
    """A picture of written lines, as a scanner or a camera makes it."""
    image = Image.new("L", size, 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(26)
    for number, row in enumerate(rows):
        draw.text((90, 80 + 48 * number), row, fill=25, font=font)
    if noise:
        image = image.rotate(0.6, fillcolor=250)
        for at in range(0, size[0] * size[1], 9_973):
            image.putpixel((at % size[0], at // size[0]), 120)
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()


def scan(*pages: Sequence[str]) -> bytes:
    """A PDF of pictures without text."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(WIDTH, HEIGHT), invariant=1)
    for rows in pages:
        image = ImageReader(io.BytesIO(picture(rows, size=(1240, 1754), kind="JPEG", noise=True)))
        canvas.drawImage(image, 0, 0, WIDTH, HEIGHT)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def eml(
    text: str,
    *,
    subject: str,
    files: Mapping[str, bytes] | None = None,
    html: str = "",
    inner: bytes | None = None,
    charset: str = "utf-8",
) -> bytes:
    """A mail with its attachments, optionally with a mail inside."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Buyer <buyer@customer.example>", "sales@maker.example", subject
    made["Date"], made["Message-ID"] = "Mon, 23 Nov 2026 09:12:00 +0100", "<one@customer.example>"
    made.set_content(text, charset=charset)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in (files or {}).items():
        made.add_attachment(content, "application", "octet-stream", filename=name)
    if inner is not None:
        from email import message_from_bytes, policy

        made.add_attachment(message_from_bytes(inner, policy=policy.default))
    written = made.as_bytes()
    for at, boundary in enumerate(sorted(set(re.findall(rb'boundary="([^"]+)"', written)), key=written.index)):
        written = written.replace(boundary, b"===part%d==" % at)
    return written


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip file with the same time in each entry."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 23, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _without_times(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    core = parts.get("docProps/core.xml")
    if core is not None:
        parts["docProps/core.xml"] = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z?", b"2026-11-23T09:00:00Z", core)
    return zipped(parts)
