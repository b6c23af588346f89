"""Where a claim begins to look. Pure: the time is told, in seconds.

Below the mark lie entries of rows long gone, which a pinned snapshot keeps from being removed; walking over them would
make every claim dearer than the last. But ids become visible out of order (a transaction that commits late has a low
one) and released rows keep theirs, so each second a look is full and starts at nought.
"""

from collections import deque
from dataclasses import dataclass, field

FULL_LOOK_SECONDS = 1.0
_MOST = 2_000


@dataclass(slots=True)
class Watermark:
    """`from_id`: the lowest id the next look begins at."""

    from_id: int = 0
    _full_at: float = 0.0
    _wanted: bool = True
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def want_full(self) -> None:
        """The next look must see everything: before sleeping, after an error, when something is known to wait."""
        self._wanted = True

    def begin(self, now: float) -> bool:
        """Whether the look that begins now is a full one; then `from_id` does not count for it."""
        full = self._wanted or now >= self._full_at
        self._wanted = False
        if full:
            self._full_at = now + FULL_LOOK_SECONDS
        return full

    def claimed(self, now: float, last_id: int | None, *, more: bool) -> None:
        """A look has ended; `more`: the batch was full, so the mark may follow closely. Else it lags by a second."""
        if last_id is not None:
            self._seen.append((now, last_id))
            if more:
                self.from_id = last_id
        if not more:
            while self._seen and self._seen[0][0] < now - FULL_LOOK_SECONDS:
                self.from_id = self._seen.popleft()[1]
        if len(self._seen) > _MOST:
            self._seen.popleft()
