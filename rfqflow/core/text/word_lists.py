"""Word lists that ship with the package: text files in `rfqflow/core/words` that a reviewer can read as prose.

A line `[name]` begins a list, a line that begins with `#` is a comment. Each file is read once, on the import of the
module that needs it.
"""

from importlib.resources import files

_FOLDER = files("rfqflow.core") / "words"


def word_lists(name: str) -> dict[str, str]:
    """The lists of a file by name, in its order. Line ends are kept, since they separate phrases like commas."""
    lists: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = lists.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return {section: "\n".join(kept) for section, kept in lists.items()}
