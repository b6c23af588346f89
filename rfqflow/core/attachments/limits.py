"""The limits of one file. Expanded and nested content counts too."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits of one file with all that is nested in it. A reading that hits a limit is marked as cut."""

    file_bytes: int = 25 * _MIB
    memory_bytes: int = 768 * _MIB  # address space, of which libraries take some 150 MiB
    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    pages: int = 150
    lines: int = 20_000
    characters: int = 600_000
    line_characters: int = 2_000
    expanded_bytes: int = 200 * _MIB  # counted while inflating
    nesting: int = 4  # files in files: a mail's attachment is at 1
    files: int = 60
    images: int = 8
    image_pixels: int = 1_568  # of the longer side
    image_bytes: int = 700_000  # of one picture
    output_bytes: int = 12 * _MIB  # of the child process's reply

    @property
    def reading_seconds(self) -> float:
        """CPU seconds after which a reader stops and keeps its lines."""
        return self.cpu_seconds * 0.75
