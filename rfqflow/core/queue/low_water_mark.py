"""Where a claim begins to look. Pure: the time is told, in seconds.

Below the mark lie entries of rows long gone, which a pinned snapshot keeps from being removed; walking over them would
make every claim dearer than the last. But ids become visible out of order (a transaction that commits late has a low
one) and released rows keep theirs. So a look that is not full is always followed by a full one, which starts at nought:
as soon as full looks take a tenth of the time, at the latest after ten seconds.
"""

from collections import deque
from dataclasses import dataclass, field

FULL_LOOK_SECONDS = 10.0
LAG_SECONDS = 1.0
_SHARE = 10
_MOST = 2_000


@dataclass(slots=True)
class Watermark:
    """`from_id`: the lowest id the next look begins at; `full_at`: when a full one is due."""

    from_id: int = 0
    full_at: float = 0.0
    _wanted: bool = True
    _began: float | None = None  # when the full look began that is under way
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def request_full_scan(self) -> None:
        """The next look must see everything: before sleeping, after an error, when something is known to wait."""
        self._wanted = True

    def begin(self, now: float) -> bool:
        """Whether the look that begins now is a full one; then `from_id` does not count for it."""
        full = self._wanted or now >= self.full_at
        self._wanted = False
        self._began = now if full else None
        return full

    def heartbeat_scan_start(self, now: float) -> int:
        """Where a beat begins to look for what waits: it makes a full look where one is due."""
        return 0 if self._wanted or now >= self.full_at else self.from_id

    def looked(self, began: float, now: float) -> None:
        """A full look has ended, of a claim or of a beat."""
        self.full_at = now + min(FULL_LOOK_SECONDS, _SHARE * (now - began))

    def claimed(self, now: float, last_id: int | None, *, more: bool) -> None:
        """A look has ended; `more`: the batch was full, so the mark may follow closely. Else it lags by a second."""
        if self._began is not None:
            self.looked(self._began, now)
        if last_id is not None:
            self._seen.append((now, last_id))
            if more:
                self.from_id = last_id
        if not more:
            while self._seen and self._seen[0][0] < now - LAG_SECONDS:
                self.from_id = self._seen.popleft()[1]
        if len(self._seen) > _MOST:
            self._seen.popleft()
