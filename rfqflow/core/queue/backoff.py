"""How long to wait.

With full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015), the mean is half the bound.
"""


def backoff_seconds(attempt: int, *, base: float, cap: float, draw: float) -> float:
    """The wait after failed attempt number `attempt`, from 1. `draw`: a random number in [0, 1)."""
    # 2 ** 60 seconds is above any cap, and a much larger power would be too large for a float.
    return min(cap, base * 2.0 ** min(attempt - 1, 60)) * draw


def jittered(seconds: float, *, draw: float, share: float = 0.2) -> float:
    """`seconds`, plus or minus up to `share` of it, so that workers do not act at the same moment."""
    return seconds * (1 + share * (2 * draw - 1))
