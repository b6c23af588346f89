"""How long to wait. Full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015): the mean is half the bound."""


def backoff_seconds(attempt: int, *, base: float, cap: float, draw: float) -> float:
    """Wait after failed attempt number `attempt` (from 1); `draw` is a random number in [0, 1)."""
    # 2 ** 60 seconds is beyond any cap, and a larger power would leave the floats.
    return min(cap, base * 2.0 ** min(attempt - 1, 60)) * draw


def jittered(seconds: float, *, draw: float, share: float = 0.2) -> float:
    """`seconds` give or take `share` of it, so that a fleet does not move in step."""
    return seconds * (1 + share * (2 * draw - 1))
