"""How long a test that polls waits between two checks."""

QUICKLY, AT_MOST = 0.004, 0.01  # seconds


def between_looks(waited: float) -> float:
    """A fiftieth of what it has waited: a look costs CPU here and on the server, which others wait for meanwhile."""
    return min(AT_MOST, max(QUICKLY, waited / 50))
