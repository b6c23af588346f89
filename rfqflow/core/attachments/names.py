"""Safe names of files. A sender's name can contain paths, control characters, and characters that reverse text."""

import re

from rfqflow.core.text.sanitize import one_line

LONGEST_NAME = 150
_SEPARATORS = re.compile(r"[/\\]")


def file_name(given: object) -> str:
    """The last part of the name, in one line of visible characters. `unnamed` if nothing is left."""
    text = given[:4_000] if isinstance(given, str) else ""
    name = one_line(_SEPARATORS.split(one_line(text))[-1]).strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, end = name.rpartition(".")
        end = f"{dot}{end}" if dot and len(end) <= 10 else ""  # noqa: PLR2004 - an extension
        name = f"{(stem if end else name)[: LONGEST_NAME - len(end) - 1]}…{end}"
    return name or "unnamed"
