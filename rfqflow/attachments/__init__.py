"""Reads the files that come with an RFQ. Each file is read in a child process with limits.

Only the child process loads the libraries that parse files.
"""

from rfqflow.attachments.libraries import available

__all__ = ["READER_VERSION", "available", "isolation"]

READER_VERSION = "2"  # with a new version, workers read each content again


def isolation() -> str:
    """What the kernel denies to readers, in words: `no network, no files, no processes`, or `nothing`."""
    from rfqflow.attachments.reader import isolation as found

    return found()
