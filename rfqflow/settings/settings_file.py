"""Reads `rfqflow.toml` in the working directory, or explains why it is unusable."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = "rfqflow.toml"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """`values`: the file's values by the file's own keys. `fault`: why the file is unusable, without its content."""

    path: str = NAME
    values: dict[str, Any] = field(default_factory=dict)
    fault: str | None = None


def read() -> SettingsFile:
    """Reads the file. A missing file sets nothing; a file that exists and is unreadable is a fault."""
    file = Path(NAME)
    try:
        path = str(file.absolute())
    except OSError:  # the working directory no longer exists
        path = NAME
    try:
        if not file.exists() and not file.is_symlink():
            return SettingsFile(path)
        if file.is_dir():
            return SettingsFile(path, fault="is a directory: replace it with a file, or remove it")
        if file.exists() and not file.is_file():
            return SettingsFile(path, fault="is not a regular file: replace it with a regular file, or remove it")
        text = file.read_bytes().decode("utf-8-sig")
        return SettingsFile(path, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return SettingsFile(path, fault=f"is not TOML, {_place(error)}; put texts in quotes, as in model = 'gpt-5'")
    except UnicodeDecodeError as error:
        return SettingsFile(path, fault=f"is not UTF-8 (from byte {error.start + 1} on): save it as UTF-8")
    except RecursionError:
        return SettingsFile(path, fault="is not TOML that rfqflow can read: its lists are nested too deep")
    except OSError as error:
        return SettingsFile(path, fault=f"cannot be read: {error.strerror or type(error).__name__}")


def _place(error: tomllib.TOMLDecodeError) -> str:
    """The position of the error, without the text at this position: the text may be a secret value."""
    found = re.search(r"\((at [^()]*)\)$", str(error))
    return found[1] if found else "somewhere"
