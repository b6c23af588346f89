"""The limits for one file. They include expanded and nested content."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """The limits for one file and all files nested in it. A reading that reaches a limit is marked as cut."""

    file_bytes: int = 25 * _MIB
    memory_bytes: int = 768 * _MIB  # address space, of which libraries take about 150 MiB
    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    pages: int = 150
    lines: int = 20_000
    characters: int = 600_000
    line_characters: int = 2_000
    expanded_bytes: int = 200 * _MIB  # bytes, counted while the reader inflates them
    nesting: int = 4  # levels of files in files; a mail's attachment is at level 1
    files: int = 60
    images: int = 8
    image_pixels: int = 1_568  # pixels of the longer side
    image_bytes: int = 700_000  # bytes of one picture
    output_bytes: int = 12 * _MIB  # bytes of the child process's reply

    @property
    def reading_seconds(self) -> float:
        """CPU seconds after which a reader stops reading, and returns the lines that it has."""
        return self.cpu_seconds * 0.75
