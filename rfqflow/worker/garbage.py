"""How often a daemon looks for cycles of objects, which it makes next to none of."""

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 100  # Python's 700, 10, 10 look a hundred times in a batch of results


def tune_garbage_collection() -> None:
    """Takes what is loaded out of every later look for cycles, and looks less often.

    A batch of results is alive all at once: by default each look goes through it, and through all modules, in vain.
    A sixth of the CPU that an RFQ takes without guards went there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
