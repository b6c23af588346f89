"""Every row of the fault matrix has a test, or a reason why it has none."""

from .matrix import ROWS, UNTESTED, marked, table


def test_every_row_has_a_test_or_a_reason():
    assert [row for row, _, tests, reason in table() if not tests and not reason] == []


def test_no_row_has_both_a_reason_and_a_test():
    assert [row for row in UNTESTED if marked().get(row)] == []


def test_markers_name_existing_rows():
    assert {row for row in marked() if row[0] in "WDLR" and row not in ROWS} == set()
