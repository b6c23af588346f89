"""Zip containers. The reader counts the bytes as it inflates them, since the declared sizes may be wrong."""

from __future__ import annotations

import io
import zipfile
import zlib

from rfqflow.attachments.child.book import Budget, Unreadable
from rfqflow.core.attachments.model import UnreadReason

_CHUNK = 65_536
_MOST_PARTS = 5_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    OSError,
    RuntimeError,
)


class Archive:
    """A zip file. The bytes of each part count when the part is inflated for the first time."""

    def __init__(self, content: bytes, budget: Budget, *, counts_all: bool = True) -> None:
        """`counts_all`: inflate and count all parts now, because a library will inflate them later without counting.

        Raises:
            Unreadable: the file is broken, encrypted, or expands to too many bytes.
        """
        self._budget = budget
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN as error:
            raise Unreadable(UnreadReason.BROKEN) from error
        self.parts = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(self.parts) > _MOST_PARTS:
            raise Unreadable(UnreadReason.TOO_LARGE)
        if any(info.flag_bits & 1 for info in self.parts):
            raise Unreadable(UnreadReason.ENCRYPTED)
        if counts_all:
            for info in self.parts:
                self._inflate(info, None)

    def part(self, name: str) -> bytes | None:
        """The content of a part. None: there is no such part."""
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            return None
        return self.content(info)

    def content(self, info: zipfile.ZipInfo) -> bytes:
        """The content of a part from the list `parts`."""
        kept: list[bytes] = []
        self._inflate(info, kept)
        return b"".join(kept)

    def _inflate(self, info: zipfile.ZipInfo, keep: list[bytes] | None) -> None:
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    self._budget.expand(len(chunk))
                    if keep is not None:
                        keep.append(chunk)
        except _BROKEN as error:
            raise Unreadable(UnreadReason.BROKEN) from error
