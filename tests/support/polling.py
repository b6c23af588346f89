"""How long a test that polls waits between two checks."""

QUICKLY, AT_MOST = 0.004, 0.01  # seconds


def between_looks(waited: float) -> float:
    """A fiftieth of the time waited so far: a check costs CPU here and on the server, which other tests need."""
    return min(AT_MOST, max(QUICKLY, waited / 50))
