"""The id from which a claim scans the queue. Pure: the caller passes the time, in seconds.

While a session holds an old snapshot, the index keeps entries of deleted rows. Scanning them makes each claim slower
than the last. So a scan starts at the low-water mark, above these entries. But a row that commits late has a low id,
and a released row keeps its id. So a full scan runs regularly.
"""

from collections import deque
from dataclasses import dataclass, field

FULL_LOOK_SECONDS = 10.0
LAG_SECONDS = 1.0
_SHARE = 10
_MOST = 2_000


@dataclass(slots=True)
class Watermark:
    """Where the next scan starts. `from_id`: its lowest id. `full_at`: the time when a full scan is due."""

    from_id: int = 0
    full_at: float = 0.0
    _wanted: bool = True
    _began: float | None = None  # when the full scan in progress began
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def request_full_scan(self) -> None:
        """Makes the next scan a full scan. Call it after an error, or if rows wait that a scan has not found."""
        self._wanted = True

    def begin(self, now: float) -> bool:
        """Begins a scan. Returns whether it must be a full scan, which ignores `from_id`."""
        full = self._wanted or now >= self.full_at
        self._wanted = False
        self._began = now if full else None
        return full

    def heartbeat_scan_start(self, now: float) -> int:
        """The id from which a heartbeat scans. 0, for a full scan, if one is due."""
        return 0 if self._wanted or now >= self.full_at else self.from_id

    def looked(self, began: float, now: float) -> None:
        """Records the end of a full scan by a claim or a heartbeat."""
        self.full_at = now + min(FULL_LOOK_SECONDS, _SHARE * (now - began))

    def claimed(self, now: float, last_id: int | None, *, more: bool) -> None:
        """Records the end of a scan.

        `more`: the batch was full, so the mark moves at once. Otherwise it moves a second later, since rows may commit
        late.
        """
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
