"""Tunes Python's garbage collection for a daemon, which creates nearly no reference cycles."""

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 100  # Python's default (700, 10, 10) collects a hundred times per batch of results


def tune_garbage_collection() -> None:
    """Excludes loaded modules from garbage collection, and makes collections rarer.

    All results of a batch are in use at once, so a collection finds nothing to free among them. With Python's defaults,
    collections took a sixth of the CPU time per RFQ when no limits were set.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
