"""PDF: text by its position, page by page. Invisible text is kept as evidence, and scans become pictures."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
from pypdfium2 import raw

from rfqflow.attachments.child.book import Book, Unreadable
from rfqflow.attachments.child.layout import Rule, Word, rows_of_page, words_of
from rfqflow.attachments.child.pictures import picture_of
from rfqflow.core.attachments.model import FileReading, UnreadReason

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CHARACTERS = 60_000  # maximum characters of one page
_FEWEST_SIGNS = 12  # letters and digits; a page with fewer is a scan
_SHADE_PIXELS = 1_100  # pixels of the longer side of the page, where it is rendered to check what is visible
_CONTRAST = 14  # of 255; text with less contrast is invisible
_TINY = 1.1  # points; smaller text is invisible
_ROTATED = 0.35  # radians
_QUARTER = 1.5708
_MOST_FILES_INSIDE = 10
_MOST_PATHS, _MOST_SEGMENTS = 4_000, 500
_LEVEL, _SHORTEST_RULE = 0.5, 8.0  # points


def read_pdf(content: bytes, book: Book) -> tuple[FileReading, list[tuple[str, bytes]]]:
    """The reading, and the files that are embedded in the PDF."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        raise Unreadable(UnreadReason.ENCRYPTED if encrypted else UnreadReason.BROKEN) from error
    book.pages = len(document)
    if not book.pages:
        raise Unreadable(UnreadReason.BROKEN)
    broken = 0
    for index in range(book.pages):
        if index >= book.budget.limits.pages or book.budget.is_spent:
            book.cut = True
            break
        try:
            book.pictures += _read_page(document, index, book)
        except pdfium.PdfiumError:
            broken += 1
            book.cut = True
    if broken == book.pages:
        raise Unreadable(UnreadReason.BROKEN)
    if broken:
        book.note("broken pages are left out")
    if book.pictures:
        book.note(f"pages without text: {book.pictures}")
    image_only = book.is_empty and book.pictures > 0
    return book.reading(UnreadReason.IMAGE_ONLY if image_only else None), list(_inside(document, book))


def _inside(document: pdfium.PdfDocument, book: Book) -> Iterator[tuple[str, bytes]]:
    count = document.count_attachments()
    for index in range(min(count, _MOST_FILES_INSIDE)):
        try:
            attachment = document.get_attachment(index)
            data = bytes(attachment.get_data())
            book.budget.expand(len(data))
            yield attachment.get_name(), data
        except pdfium.PdfiumError:
            book.note("a file inside is broken")
    if count > _MOST_FILES_INSIDE:
        book.cut = True


def _read_page(document: pdfium.PdfDocument, index: int, book: Book) -> bool:
    """Adds the lines of a page. Returns whether it is a scan."""
    page = document[index]
    if raw.FPDFPage_GetAnnotCount(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[index]  # load it after flattening, which turns the values of form fields into text
    textpage = page.get_textpage()
    try:
        shade = _Shade(page)
        seen: dict[int, list[Word]] = {}
        concealed: list[Word] = []
        for turn, words in _words(page, textpage).items():
            for word in words:
                (seen.setdefault(turn, []) if shade.shows(word, turn) else concealed).append(word)
        rules = _rules(page) if seen.get(0) else []
        for turn in sorted(seen, key=lambda each: -len(seen[each])):
            for cells in rows_of_page(seen[turn], () if turn else rules):
                book.row(index + 1, cells)
        if concealed:
            book.conceal(" ".join(word.text for word in concealed))
        signs = sum(sum(map(str.isalnum, word.text)) for words in seen.values() for word in words)
        is_scan = signs < _FEWEST_SIGNS and shade.has_ink
        if is_scan:
            _picture(page, index, book)
        return is_scan
    finally:
        textpage.close()
        page.close()


def _picture(page: pdfium.PdfPage, index: int, book: Book) -> None:
    limits = book.budget.limits
    if book.budget.images >= limits.images:
        return  # the count of `pictures` includes this page
    book.budget.images += 1
    scale = limits.image_pixels / max(page.get_width(), page.get_height(), 1.0)
    bitmap = page.render(scale=min(scale, 4.0), may_draw_forms=False)
    made = picture_of(bitmap.to_pil(), index + 1, limits)
    if made is None:
        book.cut = True
    else:
        book.images.append(made)


def _words(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage) -> dict[int, list[Word]]:
    """The words by the rotation of their text, in quarter turns. Their coordinates are those of the upright text."""
    height = page.get_mediabox()[3]
    found: dict[int, list[Word]] = {}
    box = raw.FS_RECTF()
    place = ctypes.byref(box)
    for index in range(min(raw.FPDFText_CountChars(textpage), _MOST_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(textpage, index)
        text = chr(code) if 0 < code < 0x110000 else ""  # noqa: PLR2004 - the last code point
        if not raw.FPDFText_GetLooseCharBox(textpage, index, place):
            continue
        angle = raw.FPDFText_GetCharAngle(textpage, index)
        turn = round(-angle / _QUARTER) % 4 if angle > _ROTATED else 0
        found.setdefault(turn, []).append(
            _turned(text, turn, box.left, height - box.top, box.right, height - box.bottom)
        )
    return {turn: words_of(characters) for turn, characters in found.items()}


def _rules(page: pdfium.PdfPage) -> list[Rule]:
    """The horizontal lines that paths of the page draw."""
    height = page.get_mediabox()[3]
    found: list[Rule] = []
    matrix = raw.FS_MATRIX()
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(raw.FPDFPage_CountObjects(page), _MOST_PATHS)):
        path = raw.FPDFPage_GetObject(page, index)
        if raw.FPDFPageObj_GetType(path) != raw.FPDF_PAGEOBJ_PATH:
            continue
        if not raw.FPDFPageObj_GetMatrix(path, ctypes.byref(matrix)) or matrix.b or matrix.c:
            continue
        last: tuple[float, float] | None = None
        for number in range(min(raw.FPDFPath_CountSegments(path), _MOST_SEGMENTS)):
            segment = raw.FPDFPath_GetPathSegment(path, number)
            raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            point = (matrix.a * x.value + matrix.e, height - (matrix.d * y.value + matrix.f))
            is_line = raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_LINETO
            if is_line and last and abs(last[1] - point[1]) < _LEVEL and abs(last[0] - point[0]) > _SHORTEST_RULE:
                found.append(Rule(min(last[0], point[0]), max(last[0], point[0]), point[1]))
            last = point
    return found


def _turned(text: str, turn: int, left: float, top: float, right: float, bottom: float) -> Word:
    match turn:
        case 1:
            return Word(text, -bottom, left, -top, right)
        case 2:
            return Word(text, -right, -bottom, -left, -top)
        case 3:
            return Word(text, top, -right, bottom, -left)
        case _:
            return Word(text, left, top, right, bottom)


def _unturned(word: Word, turn: int) -> tuple[float, float, float, float]:
    match turn:
        case 1:
            return word.top, -word.right, word.bottom, -word.left
        case 2:
            return -word.right, -word.bottom, -word.left, -word.top
        case 3:
            return -word.bottom, word.left, -word.top, word.right
        case _:
            return word.left, word.top, word.right, word.bottom


class _Shade:
    """The page rendered in greys. A person cannot see text that has no contrast in it."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        """Renders the page."""
        left, bottom, right, top = page.get_cropbox()
        media_top = page.get_mediabox()[3]
        self._left, self._top = left, media_top - top
        self._width, self._height = max(right - left, 1.0), max(top - bottom, 1.0)
        self._scale = min(1.5, _SHADE_PIXELS / max(self._width, self._height))
        rotation = page.get_rotation()
        if rotation:
            page.set_rotation(0)
        bitmap = page.render(scale=self._scale, grayscale=True, may_draw_forms=False)
        if rotation:
            page.set_rotation(rotation)
        self._stride, self._rows, self._columns = bitmap.stride, bitmap.height, bitmap.width
        self._pixels = bytes(bitmap.buffer)
        bitmap.close()

    @property
    def has_ink(self) -> bool:
        """Whether anything is visible on the page."""
        return bool(self._pixels) and self._pixels.count(self._pixels[0]) < len(self._pixels) * 0.9995

    def shows(self, word: Word, turn: int) -> bool:
        """Whether a person can see the word."""
        if word.height < _TINY:
            return False
        left, top, right, bottom = _unturned(word, turn)
        first = max(0, int((left - self._left) * self._scale))
        last = min(self._columns, int((right - self._left) * self._scale) + 1)
        above = max(0, int((top - self._top) * self._scale))
        below = min(self._rows, int((bottom - self._top) * self._scale) + 1)
        if first >= last or above >= below:
            return False  # the word is outside the page
        darkest, lightest = 255, 0
        for row in range(above, below):
            part = self._pixels[row * self._stride + first : row * self._stride + last]
            darkest, lightest = min(darkest, *part), max(lightest, *part)
            if lightest - darkest > _CONTRAST:
                return True
        return False
