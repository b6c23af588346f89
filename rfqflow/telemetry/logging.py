"""Logging: one line per finished RFQ, events named `noun.verb_past`, JSON unless the output is a terminal.

The log holds only fields of this project: ids, codes, sizes, durations. A message of a library may hold a customer's
text or a key. So the log has only the logger and the level of such a message, and only from WARNING on.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

_RICH = "rich"
# structlog imports rich for tracebacks that rfqflow never prints. Without rich, a worker needs 3 MiB less memory.
if _RICH in sys.modules:
    import structlog
else:
    sys.modules[_RICH] = None  # type: ignore[assignment]  # Python then says that it is not installed
    try:
        import structlog
    finally:
        del sys.modules[_RICH]

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _LibraryHandler(logging.Handler):
    """Records that a library logged a warning or an error, but leaves out the library's message."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(record.levelno, "library.warning", logger=record.name)


def configure(level: str, log_format: str, *, process: int | None = None) -> None:
    """Configures the process to log to standard error; standard output stays free for data.

    `process`: the number of this process, which each line shows. None if no other process shares the log.
    """
    console = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            *([_numbered(process)] if process else []),
            _drop_none,
            *([_in_lines] if console else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler(logging.WARNING)]
    root.setLevel(logging.WARNING)
    # asyncpg logs failures with tracebacks. rfqflow reports a lost database itself.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.ERROR)


def _in_lines(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Formats the event `daemon.started` for people, with one line per field."""
    if event["event"] != "daemon.started":
        return event
    lines = [f"{event.pop('event')}  {event.pop('ts', '')}"]
    kept = {"level": event.pop("level", None)}
    lines += [f"  {name.replace('_', ' '):<22} {_as_words(value)}" for name, value in event.items()]
    return {**kept, "event": "\n".join(lines)}


def _as_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _numbered(process: int) -> Processor:
    def number(_logger: Any, _method: str, event: EventDict) -> EventDict:
        event.setdefault("process", process)
        return event

    return number


def _drop_none(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if value is not None}
