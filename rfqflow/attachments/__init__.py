"""Reads the files that come with an RFQ, each in a child process with limits.

Nothing of the libraries that read them is loaded into the process that asks.
"""

from rfqflow.attachments.libraries import available

__all__ = ["READER_VERSION", "available", "isolation"]

READER_VERSION = "1"  # another one reads again what this one has read


def isolation() -> str:
    """What the kernel keeps readers from, in words: `no network, no files, no processes`; `nothing` where it cannot."""
    from rfqflow.attachments.reader import isolation as found

    return found()
