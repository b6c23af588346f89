"""Reads the files that come with an RFQ, each in a child process with limits.

Nothing of the libraries that read them is loaded into the process that asks.
"""

from importlib.util import find_spec

_LIBRARIES = ("charset_normalizer", "lxml", "olefile", "PIL", "pypdfium2", "python_calamine")


def available() -> bool:
    """Whether the extra `attachments` is installed."""
    return all(find_spec(name) is not None for name in _LIBRARIES)


def isolation() -> str:
    """What the kernel keeps readers from, in words: `no network, no files, no processes`; `nothing` where it cannot."""
    from rfqflow.attachments.reader import isolation as found

    return found()
