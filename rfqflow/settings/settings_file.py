"""`rfqflow.toml` in the working directory: what it says, or why nothing can be taken from it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = "rfqflow.toml"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """`values` by the names that the file has; `fault`: why it cannot be used, without a piece of its text."""

    path: str = NAME
    values: dict[str, Any] = field(default_factory=dict)
    fault: str | None = None


def read() -> SettingsFile:
    """An absent file is one that sets nothing; all else that cannot be read is a fault, for it was meant."""
    file = Path(NAME)
    try:
        path = str(file.absolute())
    except OSError:  # the working directory is gone
        path = NAME
    try:
        if not file.exists() and not file.is_symlink():
            return SettingsFile(path)
        if file.is_dir():
            return SettingsFile(path, fault="is a directory: put a file of that name there, or none")
        if file.exists() and not file.is_file():
            return SettingsFile(path, fault="is no ordinary file: put one there, or none")
        text = file.read_bytes().decode("utf-8-sig")
        return SettingsFile(path, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return SettingsFile(path, fault=f"is not TOML, {_place(error)}; a text stands in quotes, as in model = 'gpt-5'")
    except UnicodeDecodeError as error:
        return SettingsFile(path, fault=f"is not UTF-8 (from byte {error.start + 1} on): save it in that encoding")
    except RecursionError:
        return SettingsFile(path, fault="is not TOML that can be read: its lists are nested too deep")
    except OSError as error:
        return SettingsFile(path, fault=f"cannot be read: {error.strerror or type(error).__name__}")


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Where it is wrong. What is wrong is not repeated: a value may stand where a key belongs."""
    found = re.search(r"\((at [^()]*)\)$", str(error))
    return found[1] if found else "somewhere"
