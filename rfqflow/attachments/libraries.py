"""The libraries of the extra `attachments`."""

from importlib.util import find_spec

_LIBRARIES = ("charset_normalizer", "lxml", "olefile", "PIL", "pypdfium2", "python_calamine")


def available() -> bool:
    """Whether the extra `attachments` is installed."""
    return all(find_spec(name) is not None for name in _LIBRARIES)
