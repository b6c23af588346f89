"""Archive files of old runs: JSON Lines in gzip or, with the extra `archive`, Parquet, each with a manifest.

A file has a temporary name until it is complete and on disk, so that nobody reads an incomplete file.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from rfqflow.core.text.exact_json import as_text, parsed

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

PAGE = 2000
_ERASED = ("output", "error_detail", "email_hash", "content_sha256")  # the columns that ai.erase_runs erases


def best_format() -> str:
    """Parquet if pyarrow is installed, else JSON Lines."""
    return "parquet" if find_spec("pyarrow") else "jsonl.gz"


def file_name(week: str, form: str) -> str:
    return f"{week}.{form}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def discard(path: Path) -> None:
    """Deletes a file and its manifest."""
    path.with_name(f"{path.name}.json").unlink(missing_ok=True)
    path.unlink(missing_ok=True)


class Writer:
    """Writes pages of JSON lines to a temporary file at `path`.

    `keep` renames the file. Without a call of `keep`, the writer deletes the file at the end of the block.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._final = folder / name
        self.path = folder / f".{name}.writing"
        self._parquet = name.endswith(".parquet")
        self._sink: Any = None
        self._raw: io.BufferedWriter | None = None

    def __enter__(self) -> Self:
        self._raw = self.path.open("wb")
        self.path.chmod(0o600)  # runs hold models' answers about customers' requests
        if self._parquet:
            from rfqflow.maintenance.parquet import ParquetSink  # noqa: PLC0415 - pyarrow is an extra, and heavy

            self._sink = ParquetSink(self._raw)
        else:
            # The gzip header holds no name and no time, so the same runs give the same bytes.
            self._sink = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, mtime=0, compresslevel=6)
        return self

    def write(self, lines: Sequence[str]) -> None:
        if self._parquet:
            self._sink.write([parsed(line) for line in lines])
        else:
            self._sink.write("".join(f"{line}\n" for line in lines).encode())

    def finish(self) -> None:
        """Flushes everything to disk."""
        if self._raw is None:
            return
        self._sink.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        self._raw = None

    def keep(self, manifest: dict[str, Any]) -> None:
        """Renames the file, then its manifest, so that each manifest has a complete file."""
        self.path.replace(self._final)
        beside = self._final.with_name(f"{self._final.name}.json")
        draft = beside.with_name(f".{beside.name}.writing")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(beside)
        folder = os.open(self._final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._raw is not None:
            # An open sink would write its buffer into a closed file on garbage collection.
            with contextlib.suppress(OSError, ValueError):
                self._sink.close()
            self._raw.close()
        self.path.unlink(missing_ok=True)


def read(path: Path, *, parquet: bool) -> Iterator[list[str]]:
    """The pages of JSON lines that `Writer.write` wrote."""
    if parquet:
        from rfqflow.maintenance.parquet import pages  # noqa: PLC0415 - as above

        for rows in pages(path, PAGE):
            yield [as_text(row) for row in rows]
        return
    page: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            page.append(line.rstrip("\n"))
            if len(page) == PAGE:
                yield page
                page = []
    if page:
        yield page


def eraser(rfq_ids: Sequence[Any]) -> Callable[[str], str]:
    """A function that removes personal data of these RFQs from a line."""
    gone = {str(rfq_id) for rfq_id in rfq_ids}

    def erased(line: str) -> str:
        run = parsed(line)
        if run["rfq_id"] not in gone:
            return line
        return as_text({**run, **dict.fromkeys(_ERASED)})

    return erased
