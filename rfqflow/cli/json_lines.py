"""Reads JSON Lines files for `rfqflow eval`."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

from rfqflow.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_json_lines(file: IO[str]) -> Iterator[tuple[int, Any]]:
    """Yields the number and the JSON value of each non-empty line.

    Raises:
        ConfigError: a line is not JSON, or not UTF-8.
    """
    number = 0
    try:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, json.loads(line)
    except UnicodeDecodeError:
        raise ConfigError(
            f"{file.name} is not a JSON Lines file: line {number + 1} or a later one is not UTF-8"
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file.name} is not a JSON Lines file: line {number}: {error}") from None
