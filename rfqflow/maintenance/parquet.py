"""Writes runs as Parquet with pyarrow, with typed columns that a warehouse can read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from rfqflow.core.text.exact_json import as_text, parsed
from rfqflow.core.text.times import text_of_unix, unix_of

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator
    from pathlib import Path

_TIMES = ("created_at", "submitted_at", "admitted_at")
_MONEY = ("cost_usd", "booked_usd")
_INTEGERS = (
    "run_id", "claim_id", "worker", "attempt", "input_tokens", "cached_input_tokens", "output_tokens",
    "reasoning_tokens", "reused_from",
)  # fmt: skip
_REALS = ("confidence", "queue_ms", "latency_ms", "submit_ms")
_NESTED = ("context_refs", "output", "parameters", "signals")
_MONEY_TYPE = pa.decimal128(14, 9)


def _type(name: str) -> Any:
    if name in _TIMES:
        return pa.timestamp("us", tz="UTC")
    if name in _MONEY:
        return _MONEY_TYPE
    if name in _INTEGERS:
        return pa.int64()
    return pa.float64() if name in _REALS else pa.string()


class ParquetSink:
    """Writes pages of runs; the first page defines the columns."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file = file
        self._writer: Any = None

    def write(self, rows: list[dict[str, Any]]) -> None:
        if self._writer is None:
            self._schema = pa.schema([(name, _type(name)) for name in rows[0]])
            self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
        self._writer.write_table(pa.Table.from_pylist([_packed(row) for row in rows], schema=self._schema))

    def close(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, pa.schema([("run_id", pa.int64())]))
        self._writer.close()


def pages(path: Path, rows: int) -> Iterator[list[dict[str, Any]]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(rows):
            yield [_unpacked(row) for row in _with_numbers(batch).to_pylist()]


def _with_numbers(batch: Any) -> Any:
    """Converts times to numbers, since some times are outside the range of Python's datetime."""
    fields = [
        pa.field(column.name, pa.int64()) if pa.types.is_timestamp(column.type) else column for column in batch.schema
    ]
    return batch.cast(pa.schema(fields))


def _packed(row: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            out[name] = None
        elif name in _TIMES:
            out[name] = unix_of(value)
        elif name in _REALS:
            out[name] = float(value)
        elif name in _MONEY:
            out[name] = Decimal(value).quantize(Decimal("1e-9"))
        elif name in _NESTED:
            out[name] = as_text(value)
        else:
            out[name] = value
    return out


def _unpacked(row: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in row.items():
        if value is None:
            out[name] = None
        elif name in _TIMES:
            out[name] = text_of_unix(value)
        elif name in _NESTED:
            out[name] = parsed(value)
        else:
            out[name] = value
    return out
