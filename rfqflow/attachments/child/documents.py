"""DOCX: paragraphs, tables, headers and footers, as they are printed. Deleted and hidden text makes no lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from rfqflow.attachments.child.archives import Archive
from rfqflow.attachments.child.book import Unreadable
from rfqflow.core.attachments.model import UnreadReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rfqflow.attachments.child.book import Book
    from rfqflow.core.attachments.model import FileReading

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNPRINTED = {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}rPr", _FALLBACK}
_FEWEST_SIGNS = 200  # characters; a document with fewer characters probably consists of pictures
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif")
_LARGE_PICTURE = 15_000  # bytes
_MOST_SPAN = 60


def read_document(content: bytes, book: Book) -> tuple[FileReading, Iterator[tuple[str, bytes]]]:
    """The reading and, if there is little text, the pictures."""
    archive = Archive(content, book.budget)
    root = _parsed(archive.part("word/document.xml"))
    writer = _Writer(book)
    names = sorted(info.filename for info in archive.parts)
    for name in names:
        if name.startswith(("word/header", "word/footer")) and name.endswith(".xml"):
            writer.put_all(_parsed(archive.part(name)))
    body = root.find(f"{_W}body")
    if body is not None:
        writer.put_all(body)
    book.pages = writer.page
    pictures = [
        info for info in archive.parts
        if info.filename.startswith("word/media/") and info.filename.lower().endswith(_PICTURES)
    ]  # fmt: skip
    if pictures and writer.signs >= _FEWEST_SIGNS:
        book.note("pictures are left out")
        pictures = []
    return book.reading(), (
        (info.filename, archive.content(info)) for info in pictures if info.file_size >= _LARGE_PICTURE
    )


def _parsed(content: bytes | None) -> etree._Element:
    if content is None:
        raise Unreadable(UnreadReason.BROKEN)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content.replace(_STRICT[1:-1].encode(), _W[1:-1].encode()), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(UnreadReason.BROKEN) from error
    if root.getroottree().docinfo.doctype:
        raise Unreadable(UnreadReason.BROKEN)  # no office program declares entities, so the file is hostile
    return root


class _Writer:
    """Turns blocks into lines."""

    def __init__(self, book: Book) -> None:
        self.page = 1
        self.signs = 0
        self._book = book

    def put_all(self, parent: etree._Element) -> None:
        """Adds the blocks of a body, a header, a cell or a text box."""
        for block in parent:
            if self._book.budget.is_spent:
                self._book.cut = True
                return
            if block.tag == f"{_W}p":
                self._put_paragraph(block)
            elif block.tag == f"{_W}tbl":
                self._put_table(block)
            elif block.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}moveTo"}:
                self.put_all(block)

    def _put_paragraph(self, paragraph: etree._Element) -> None:
        text = self._text(paragraph)
        bullet = "- " if paragraph.find(f"{_W}pPr/{_W}numPr") is not None and text.strip() else ""
        for line in f"{bullet}{text}".split("\n"):
            self.signs += len(line)
            if "\t" in line:
                self._book.row(self.page, line.split("\t"))
            else:
                self._book.line(self.page, line)

    def _put_table(self, table: etree._Element) -> None:
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue  # a row of a table in a cell is part of the cell's text
            cells: list[str] = []
            for cell in row.iterchildren(f"{_W}tc", f"{_W}sdt"):
                cells.append(" ".join(self._text(each).replace("\t", " ") for each in cell.iter(f"{_W}p")))
                span = cell.find(f"{_W}tcPr/{_W}gridSpan")
                count = span.get(f"{_W}val", "1") if span is not None else "1"
                cells += [""] * (min(int(count), _MOST_SPAN) - 1 if count.isdigit() else 0)
            self.signs += sum(map(len, cells))
            self._book.row(self.page, cells)

    def _text(self, paragraph: etree._Element) -> str:
        made: list[str] = []
        boxes: list[etree._Element] = []
        for element in _printed(paragraph, boxes):
            match element.tag.removeprefix(_W):
                case "t":
                    self._take(element, made)
                case "tab":
                    made.append("\t")
                case "noBreakHyphen":
                    made.append("-")
                case "br" | "cr":
                    is_page = element.get(f"{_W}type") == "page"
                    self.page += is_page
                    made.append("\n")
                case "lastRenderedPageBreak":
                    self.page += 1
        for box in boxes:
            made.append("\n")
            made.extend(
                "\n" + self._text(each) for each in box.iter(f"{_W}p") if not list(each.iter(f"{_W}txbxContent"))
            )
        return "".join(made)

    def _take(self, element: etree._Element, made: list[str]) -> None:
        run = element.getparent()
        look = run.find(f"{_W}rPr") if run is not None else None
        text = element.text or ""
        if look is not None and (_is_on(look, "vanish") or _is_on(look, "webHidden") or _is_white(run, look)):
            self._book.conceal(text)
        else:
            made.append(text)


def _printed(element: etree._Element, boxes: list[etree._Element]) -> Iterator[etree._Element]:
    """Yields the printed content of a paragraph. Puts its text boxes into `boxes`."""
    waiting = [element]
    while waiting:
        current = waiting.pop()
        if current.tag == f"{_W}txbxContent":
            boxes.append(current)
            continue
        if current is not element:
            yield current
        waiting.extend(
            child for child in reversed(current) if isinstance(child.tag, str) and child.tag not in _UNPRINTED
        )


def _is_on(look: etree._Element, name: str) -> bool:
    found = look.find(f"{_W}{name}")
    return found is not None and found.get(f"{_W}val", "true") not in {"0", "false", "off"}


def _is_white(run: etree._Element, look: etree._Element) -> bool:
    colour = look.find(f"{_W}color")
    if colour is None or colour.get(f"{_W}val", "").upper() != "FFFFFF":
        return False
    shaded = (each.get(f"{_W}fill", "auto").upper() not in {"AUTO", "FFFFFF"} for each in look.iter(f"{_W}shd"))
    return not any(shaded) and not any(
        above.tag == f"{_W}tbl" or above.find(f"{_W}pPr/{_W}shd") is not None or above.tag.endswith("}wsp")
        for above in run.iterancestors()
    )
