"""Files as lines of an RFQ's text: no line is left out silently, and each line leads back to its place."""

from __future__ import annotations

from rfqflow.core.attached import Room, attachment_entries, file_texts, review
from rfqflow.core.attachments.model import (
    AttachedLine,
    FileKind,
    FileReading,
    PageImage,
    ReadingState,
    UnreadReason,
    unread,
)


def reading(name: str, *texts: str, kind: FileKind = FileKind.PDF, **more: object) -> FileReading:
    lines = tuple(AttachedLine(1, number, text) for number, text in enumerate(texts, 1))
    return FileReading(name, kind, ReadingState.READ, **{"pages": 1, "lines": lines, **more})


def test_text_that_does_not_fit_is_named_and_marked():
    large, small = file_texts([reading("large.pdf", *["x" * 1_500] * 100), reading("small.pdf", "40 pcs")])

    assert small.left_out == 0
    assert large.left_out > 50
    assert large.rows[-1] == f"({large.left_out} more lines of this file are not shown)"
    assert sum(map(len, large.rows)) < 50_000
    assert review(None, attachment_entries([large, small], 2)) == "attachment_cut"


def test_the_policies_limit_the_length_of_texts_and_of_lists():
    files = [reading("text.pdf", *["x" * 99] * 100), reading("list.csv", *["y" * 99] * 100, kind=FileKind.CSV)]

    text, rows = file_texts(files, room=Room(tokens=500, list_tokens=1_000))

    assert (text.left_out, rows.left_out) == (80, 60)


def test_a_list_gets_room_for_its_rows_beside_long_texts():
    text, rows = file_texts([
        reading("text.pdf", *["x" * 1_500] * 100), reading("list.csv", *["BR-1\t40\tpcs\t" + "y" * 50] * 1_000, kind=FileKind.CSV),
    ])  # fmt: skip

    assert text.left_out > 0
    assert rows.left_out == 0


def test_each_line_leads_back_to_its_page_and_line():
    lines = (AttachedLine(1, 1, "a"), AttachedLine(1, 2, "b"), AttachedLine(1, 7, "c"), AttachedLine(2, 1, "d"))
    (file,) = file_texts([reading("two.pdf", lines=lines, pages=2)])

    found = {
        row: (page, line)
        for first, page, start, count in file.runs
        for row, line in zip(range(first, first + count), range(start, start + count), strict=True)
        for page in (page,)
    }

    assert {file.rows[row]: place for row, place in found.items()} == {
        "a": (1, 1),
        "b": (1, 2),
        "c": (1, 7),
        "d": (2, 1),
    }


def test_hidden_lines_are_not_shown_and_nested_files_have_both_names():
    inner = reading("list.csv", "BR-1;40", kind=FileKind.CSV)
    outer = reading(
        "mail.eml", lines=(AttachedLine(1, 1, "see list"), AttachedLine(1, 2, "secret", hidden=True)), nested=(inner,)
    )
    first, second = file_texts([outer])

    assert first.rows[1:] == ("see list",)
    assert first.left_out == 0
    assert second.name == "mail.eml > list.csv"


def test_a_file_that_was_not_read_explains_low_confidence_only():
    files = attachment_entries(file_texts([unread("drawing.dwg", UnreadReason.UNKNOWN_TYPE)]), 2)

    assert [review(None, files), review("low_confidence", files), review("contradicted_fact", files)] == [
        "attachment_unread", "attachment_unread", "contradicted_fact",
    ]  # fmt: skip
    assert files[0]["reason"] == "unknown_type"


def test_a_page_without_text_is_marked_until_a_model_has_seen_it():
    images = tuple(PageImage(page, "image/png", 10, 10, b"png") for page in (2, 3))
    mixed = reading("mixed.pdf", "40 pcs", pages=3, pictures=2, images=images)
    scan = FileReading(
        "scan.pdf", FileKind.PDF, ReadingState.UNREAD, UnreadReason.IMAGE_ONLY, 2, pictures=2, images=images
    )

    hidden = attachment_entries(file_texts([mixed, scan]), 2, is_seen=True)
    files = file_texts([mixed, scan], 3)
    unseen, seen = attachment_entries(files, 2), attachment_entries(files, 2, is_seen=True)

    assert [len(file.images) for file in files] == [2, 1]  # the limit is for all files together
    assert [(file["state"], file.get("unread_pictures")) for file in hidden] == [("read", 2), ("unread", None)]
    assert [(file["state"], file.get("unread_pictures")) for file in unseen] == [("read", 2), ("unread", None)]
    assert [(file["state"], file.get("pictures"), file.get("unread_pictures")) for file in seen] == [
        ("read", [2, 3], None), ("read", [2], 1),
    ]  # fmt: skip
    assert [review(None, entries) for entries in (hidden, unseen, seen, seen[:1])] == [
        "attachment_unread", "attachment_unread", "attachment_unread", None,
    ]  # fmt: skip
