"""The word lists that ship with the package: text files in `rfqflow/core/words`, which are easy to review.

A line `[name]` begins a list, and a line that begins with `#` is a comment. A file is read once, when the module that
needs it is imported.
"""

from importlib.resources import files

_FOLDER = files("rfqflow.core") / "words"


def word_lists(name: str) -> dict[str, str]:
    """By name, in the order of the file: its lists. Line ends are kept, since they separate phrases, as commas do."""
    lists: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = lists.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return {section: "\n".join(kept) for section, kept in lists.items()}
