"""Tables at every width: no value that people copy is cut, texts wrap in their cells, and a pipe has no width."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from decimal import Decimal

import pytest
from rich.cells import cell_len
from rich.console import Console

from rfqflow.cli.output import number, print_json, table

ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
TEXT = "A text that is far longer than any terminal is wide, " * 5
COLUMNS = ("rfq_id", "at", "what", "why", "by", "queue_ms", "latency_ms", "cost_usd")
ROWS = [
    (ID, dt.datetime(2026, 11, 30, tzinfo=dt.UTC), "succeeded, attempt 1", TEXT, "openai gpt-4.1-mini rfq@1", 1.5, 900, 0.01)
] * 3  # fmt: skip


def printed(width: int, *arguments: object, **more: object) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(table(*arguments, **more))  # type: ignore[arg-type]
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_a_table_fits_the_terminal_keeps_ids_whole_and_names_what_it_leaves_out(width):
    lines = printed(width, None, COLUMNS, ROWS, least=("queue_ms", "latency_ms"))
    assert max(map(cell_len, lines)) <= width
    text = "\n".join(lines)
    assert text.count(ID) == 3
    gone = [name for name in COLUMNS if not re.search(rf"\b{name}\b", lines[0])]
    assert ("rfq_id" not in gone, "why" not in gone) == (True, True)
    if gone:
        assert f"(not shown at this width: {', '.join(gone)}; --json has all)" in lines
    assert "".join(text.split()).count("terminal") >= 1


def test_in_a_pipe_each_row_is_one_line_with_all_columns_and_no_trailing_blanks():
    lines = printed(1 << 20, None, COLUMNS, ROWS)
    assert len(lines) == 1 + len(ROWS)
    assert all(name in lines[0] for name in COLUMNS)
    assert all(TEXT.strip() in line and line == line.rstrip() for line in lines[1:])


def test_a_value_beside_its_name_is_wrapped_below_itself():
    lines = printed(80, None, ("", ""), [("summary", TEXT), ("RFQ", ID)])
    assert max(map(cell_len, lines)) <= 80
    assert all(line.startswith(" " * 9) for line in lines[1:-1])
    assert lines[-1] == f"RFQ      {ID}"


def test_short_columns_are_cut_and_wide_characters_counted():
    lines = printed(40, None, ("company", "summary"), [("株式会社ポンプ", TEXT)], short=("summary",))
    assert len(lines) == 2
    assert cell_len(lines[1]) <= 40
    assert lines[1].endswith("…")


@pytest.mark.parametrize("text", ["[bold]x[/]", ":smile:", "a\x1b[31mb", "two\nlines", "\\[x", "[/]", "x" * 300])
def test_customers_text_cannot_contain_markup(text):
    lines = printed(80, None, ("", ""), [("said", text)])
    assert "\x1b" not in "".join(lines)
    kept = "".join(text.replace("\x1b", " ").split())
    assert kept in "".join("".join(lines).split())


def test_numbers_are_written_without_an_exponent():
    assert number(Decimal("1.0E+5")) == "100000"
    assert number(1e-7) == "0.0000001"
    assert (number(5), number(2.5), number(100000.0), number("on"), number(Decimal("0.10"))) == (
        "5", "2.5", "100000", "on", "0.1"
    )  # fmt: skip


def test_numbers_in_json_are_numbers_and_invalid_ones_are_null(capsys):
    print_json({"a": Decimal("0.5"), "b": float("nan"), "c": [float("inf"), Decimal("NaN")], "d": 1e5})
    assert json.loads(capsys.readouterr().out) == {"a": 0.5, "b": None, "c": [None, None], "d": 100000.0}
