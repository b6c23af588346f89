"""Cells of CSV files: a spreadsheet evaluates no text of a customer, and loses none."""

import csv
import io

import pytest

from rfqflow.console.desk_export import dialect_of
from rfqflow.core.text.csv_cells import CELL_MOST, COMMA, SEMICOLON, line, number_cell, text_cell

FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "=cmd|'/C calc'!A0", "  =1+1", "\u200f=1+1",
    "\ufeff@x", "\x00=1", "\u202e=1", "\uff1d1+1", "\uff0b1", "\u22121", "\u00a0-2+3", "\u200b \u2060=1", "\x0b=1",
    "-", "=", "+49 40 123", "-5", "- drilled", '="x"', "\u2028=1",
)  # fmt: skip


def read(text, separator=","):
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))


@pytest.mark.parametrize("hostile", FORMULAS, ids=ascii)
def test_a_text_that_begins_like_a_formula_begins_with_an_apostrophe(hostile):
    (cell,) = read(line([text_cell(hostile)]))

    assert cell.startswith("'")
    assert cell.count("'") == hostile.count("'") + 1


@pytest.mark.parametrize(
    "kept", ["5-10 mm", "a=b", "Ø 5", '3/4"', "M8;x", "a,b", "'tis", "请報價", "صمام \u200f5", "a\nb"]
)
def test_any_other_text_is_written_unchanged(kept):
    assert read(line([text_cell(kept)])) == [kept]
    assert read(line([text_cell(kept), "1"], SEMICOLON), ";") == [kept, "1"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [("-5", "-5"), ("+5", "+5"), ("2.5", "2.5"), (7, "7"), (None, ""), ("", ""), ("0.000000001", "0.000000001"),
     ("-5+3", '"\'-5+3"'), ("=5", '"\'=5"'), ("5 pcs", '"5 pcs"'), ("1e5", '"1e5"'), ("\u0665", '"\u0665"'), ("-", '"\'-"'),
     ("1\n", '"1\n"'), ("NaN", '"NaN"')],
)  # fmt: skip
def test_a_number_keeps_its_sign_and_other_values_are_texts(value, cell):
    assert number_cell(value) == cell


def test_a_decimal_is_written_as_in_the_country():
    assert number_cell("1234.5", SEMICOLON) == "1234,5"
    assert line([number_cell("1234.5", SEMICOLON), text_cell("a;b")], SEMICOLON) == '1234,5;"a;b"\r\n'


def test_line_breaks_stay_in_their_cell_and_marks_that_reverse_text_are_left_out():
    text = 'a\r\nb\rc\u2028d "quoted", \u202eevil\u202c \u2066x\u2069\x07'

    assert read(line([text_cell(text), text_cell("next")])) == ['a\nb\nc\nd "quoted", evil x', "next"]


def test_a_cell_is_never_longer_than_excels_limit():
    (cell,) = read(line([text_cell("x" * 100_000)]))

    assert len(cell) == CELL_MOST + 1
    assert cell.endswith("\u2026")


@pytest.mark.parametrize(
    ("languages", "dialect"),
    [("de-DE,de;q=0.9,en;q=0.5", SEMICOLON), ("da", SEMICOLON), ("sr-Latn-RS", SEMICOLON), ("de-CH, de", COMMA),
     ("en-GB,de;q=0.5", COMMA), ("", COMMA), ("*", COMMA), ("zh-TW", COMMA), ("=x" * 999, COMMA), ("pt-BR", SEMICOLON)],
)  # fmt: skip
def test_the_separator_is_that_of_the_readers_first_language(languages, dialect):
    assert dialect_of(languages) == dialect
