"""The files of an RFQ as lines of its text: which lines of each file are shown, their numbers, and what is left out.

The lines of the files follow the lines of the message, and their numbers continue. So a fact can cite a line of a file,
and checks and masks work for files as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rfqflow.core.attachments.model import FileKind, FileReading, PageImage, ReadingState, UnreadReason
from rfqflow.core.attachments.names import file_name
from rfqflow.core.text.sanitize import visible

UNREAD = "attachment_unread"
CUT = "attachment_cut"
ATTACHMENTS = "attachments"  # the key of a run's output and of ai_extracted for the files that came with the RFQ
MOST_FILES = 50  # per RFQ; if there are more files, a mark says so
_CHARACTERS_PER_TOKEN = 4
_MOST_ROWS = 3_000
_ROW_CHARACTERS = 2_000
_MAILS = frozenset({FileKind.EML, FileKind.MSG, FileKind.TNEF})
# The header fields that the readers of mails write before the text.
_FIELDS = ("From: ", "To: ", "Cc: ", "Date: ", "Subject: ")
_LISTS = frozenset({FileKind.XLSX, FileKind.XLS, FileKind.ODS, FileKind.CSV})


@dataclass(frozen=True, slots=True)
class FileText:
    """A file within the text of its RFQ.

    The first of `rows` names the file. `runs` says where the other rows are in the file. Each run has its first row,
    that row's page and line, and the number of rows.
    """

    name: str
    kind: str
    state: str
    reason: str | None = None
    pages: int = 0
    rows: tuple[str, ...] = ()
    runs: tuple[tuple[int, int, int, int], ...] = ()
    left_out: int = 0  # number of lines for which there was no room
    is_cut: bool = False  # whether the file has more text than was read
    hidden: str = ""  # text of the file that a person does not see
    conceals: bool = False
    pictures: int = 0  # number of pages and pictures without text
    images: tuple[tuple[int, PageImage], ...] = ()  # pictures that a model may be shown, each with the row to cite


@dataclass(frozen=True, slots=True)
class Room:
    """The tokens for the text of all files of an RFQ.

    Clear lists have their own room: the rules read most of their rows, which are not sent.
    """

    tokens: float = 12_000
    list_tokens: float = 37_500


def file_texts(readings: Sequence[FileReading], pictures: int = 0, room: Room = Room()) -> tuple[FileText, ...]:
    """The files in their order, each followed by its nested files, shortened so that all fit into the room.

    `pictures`: how many pictures a model may be shown. `room`: the room for text.
    """
    flat = [reading for top in readings for reading in _with_nested(top, "")][:MOST_FILES]
    needs = [sum(len(line.text[:_ROW_CHARACTERS]) + 1 for line in reading.lines if not line.hidden) for reading in flat]
    rooms = [0] * len(flat)
    for of_lists, tokens in ((True, room.list_tokens), (False, room.tokens)):
        mine = [at for at, reading in enumerate(flat) if (reading.kind in _LISTS) is of_lists]
        for at, share in zip(
            mine, _shares([needs[at] for at in mine], int(tokens) * _CHARACTERS_PER_TOKEN), strict=True
        ):
            rooms[at] = share
    texts = []
    for number, (reading, characters) in enumerate(zip(flat, rooms, strict=True), 1):
        texts.append(_with_images(_text(number, reading, characters), reading.images[:pictures]))
        pictures -= len(texts[-1].images)
    return tuple(texts)


def mail_texts(files: Sequence[FileText]) -> tuple[tuple[int, int], ...]:
    """Where the texts of mails are among the rows of all files.

    Each range has its first row, and the row after its last row.
    """
    found = []
    first = 0
    for file in files:
        if file.kind in _MAILS and file.rows:
            begin = 1
            while begin < len(file.rows) and file.rows[begin].startswith(_FIELDS):
                begin += 1
            found.append((first + begin, first + len(file.rows)))
        first += len(file.rows)
    return tuple(found)


def attachment_entries(files: Sequence[FileText], first: int, *, is_seen: bool = False) -> list[dict[str, object]]:
    """The entries of `ai_extracted.attachments`. `first`: the number of the first line after the message.

    `is_seen`: whether the model that answered was shown the pictures.
    """
    found: list[dict[str, object]] = []
    for file in files:
        seen = [image.page for _, image in file.images] if is_seen else []
        is_read = file.state == ReadingState.READ or bool(seen)
        entry: dict[str, object] = {"name": file.name, "kind": file.kind}
        entry["state"] = ReadingState.READ.value if is_read else file.state
        entry |= {"pages": file.pages} if file.pages else {}
        entry |= {"reason": file.reason} if file.reason and not is_read else {}
        entry |= {"pictures": seen} if seen else {}
        if is_read:
            entry |= {"lines": sum(run[3] for run in file.runs), "first_line": first}
            entry["places"] = [[first + row, page, line, count] for row, page, line, count in file.runs]
        entry |= {"left_out": file.left_out} if file.left_out else {}
        entry |= {"unread_pictures": file.pictures - len(seen)} if is_read and file.pictures > len(seen) else {}
        entry |= {"cut": True} if file.is_cut else {}
        first += len(file.rows)
        found.append(entry)
    return found


def review(found: str | None, files: Sequence[Mapping[str, object]]) -> str | None:
    """Why a person must review the RFQ, given `attachment_entries`.

    A file that was not read takes the place of low confidence.
    """
    if found not in (None, "low_confidence"):
        return found
    if any(file.get("state") != ReadingState.READ or file.get("unread_pictures") for file in files):
        return UNREAD
    return CUT if any(file.get("cut") or file.get("left_out") for file in files) else found


def _with_nested(reading: FileReading, within: str) -> Iterator[FileReading]:
    name = f"{within} > {file_name(reading.name)}" if within else file_name(reading.name)
    yield replace(reading, name=name, nested=())
    for nested in reading.nested:
        yield from _with_nested(nested, name)


def _shares(needs: Sequence[int], room: int) -> list[int]:
    """Divides the room. Small files get what they need, and the others share the rest equally."""
    shares = [0] * len(needs)
    waiting = sorted(range(len(needs)), key=needs.__getitem__)
    for place, at in enumerate(waiting):
        shares[at] = min(needs[at], room // (len(waiting) - place))
        room -= shares[at]
    return shares


def _text(number: int, reading: FileReading, room: int) -> FileText:
    base = FileText(
        reading.name, reading.kind.value, reading.state.value, reading.reason.value if reading.reason else None,
        reading.pages, is_cut=reading.cut, hidden=reading.hidden, conceals=reading.conceals, pictures=reading.pictures,
    )  # fmt: skip
    head = f"attached file {number}: {reading.name} ({_about(reading)})"
    if reading.state is not ReadingState.READ:
        return replace(base, rows=(head,))
    lines = [line for line in reading.lines if not line.hidden and line.text.strip()]
    rows, page = [head], 0
    runs: list[tuple[int, int, int, int]] = []
    left_out = 0
    for at, line in enumerate(lines):
        text = " ".join(visible(line.text)[:_ROW_CHARACTERS].split("\n")).rstrip()
        room -= len(text) + 1
        if room < 0 or len(rows) >= _MOST_ROWS:
            left_out = len(lines) - at
            rows.append(f"({left_out} more lines of this file are not shown)")
            break
        if not text.strip():
            continue
        if line.page != page and (reading.pages > 1 or reading.page_names):
            rows.append(_page(reading, line.page))
        follows = runs and line.page == page and runs[-1][2] + runs[-1][3] == line.line
        follows = follows and runs[-1][0] + runs[-1][3] == len(rows)
        if follows:
            runs[-1] = (*runs[-1][:3], runs[-1][3] + 1)
        else:
            runs.append((len(rows), line.page, line.line, 1))
        rows.append(text)
        page = line.page
    return replace(base, rows=tuple(rows), runs=tuple(runs), left_out=left_out)


def _with_images(file: FileText, images: Sequence[PageImage]) -> FileText:
    """Adds a row for each picture, so that a fact can cite the picture."""
    first = len(file.rows)
    rows = tuple(f"(page {image.page} of this file is a picture)" for image in images)
    runs = tuple((first + at, image.page, 1, 1) for at, image in enumerate(images))
    return replace(
        file, rows=(*file.rows, *rows), runs=(*file.runs, *runs),
        images=tuple((first + at, image) for at, image in enumerate(images)),
    )  # fmt: skip


def _about(reading: FileReading) -> str:
    if reading.state is ReadingState.READ:
        return f"{reading.kind}, {reading.pages} pages" if reading.pages > 1 else reading.kind.value
    if reading.reason is UnreadReason.IMAGE_ONLY:
        return f"{reading.kind}: pictures without text"
    why = (reading.reason or UnreadReason.BROKEN).value.replace("_", " ")
    return f"it could not be read: {why}"


def _page(reading: FileReading, page: int) -> str:
    if 0 < page <= len(reading.page_names):
        return f"sheet {reading.page_names[page - 1]}"
    return f"page {page}"
