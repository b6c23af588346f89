"""When a worker scans the queue, and whether it holds the doorbell. Pure: the caller passes the time, in seconds.

A worker without work first scans a few times, 2 to 64 ms apart. Only then it acquires the doorbell and sleeps, so that
a burst of inserts sends few notifications. While a worker holds the doorbell, every insert notifies. The worker keeps
the doorbell if only single notifications arrive.
"""

from dataclasses import dataclass
from math import inf

_FIRST_PROBE = 0.002
_LAST_PROBE = 0.064
_BURST = 16  # so many rows in one claim show that many sessions insert
_RUSH_SECONDS = 0.004  # mean gap between notifications; with smaller gaps, notifications delay the inserts
_CALM_SECONDS = 1.0
# After so many notifications in sequence without work, scans are delayed; any role may send notifications.
_IDLE_RINGS = 8
_IDLE_PAUSE = 0.064
_BEATS = 1.5  # times the poll interval; the next heartbeat usually comes earlier


@dataclass(slots=True)
class Attention:
    """The schedule of scans. `look_at`: the time of the next scan.

    `wants_doorbell`: whether to acquire or keep the doorbell.
    """

    poll_seconds: float
    can_sleep: bool
    look_at: float = 0.0
    wants_doorbell: bool = False
    holds_doorbell: bool = False
    _probe: float = _FIRST_PROBE
    _gap: float = _CALM_SECONDS  # mean gap between about the last ten notifications, with exponential weights
    _rung_at: float = -inf
    _again: bool = False
    _was_rung: bool = False  # whether a notification caused the current scan
    _idle_rings: int = 0
    _looked_at: float = -inf

    def looking(self) -> None:
        """A scan begins. A notification during the scan needs another scan."""
        self._again, self._was_rung = False, self._again

    def woken(self, now: float) -> None:
        """Work may exist: after a notification, with a free slot, or for a due row."""
        # Take the mean of gaps, not of rates: two notifications at the same moment must not look like thousands per
        # second.
        gap = now - self._rung_at
        self._gap = _CALM_SECONDS if gap >= _CALM_SECONDS else self._gap + 0.1 * (gap - self._gap)
        self._rung_at = now
        self._again = True
        self.look_at = min(self.look_at, self._heeded_at(now))

    def _heeded_at(self, now: float) -> float:
        """When to scan after a notification: at once, or a little later if recent notifications brought no work."""
        return max(now, self._looked_at + _IDLE_PAUSE) if self._idle_rings >= _IDLE_RINGS else now

    def full(self) -> None:
        """No slot is free, so the worker must neither scan nor hold the doorbell."""
        self.look_at = inf
        self.wants_doorbell = False

    def slot_freed(self, now: float) -> None:
        """A slot is free. If none was free before, scan at once."""
        if self.look_at == inf:
            self.look_at = now

    def claimed(self, now: float, *, got: int, asked: int) -> None:
        """A scan has ended: `got` rows of `asked`."""
        if got == asked:
            self._busy(now)
        elif got and self.holds_doorbell and got < _BURST and self._gap > _RUSH_SECONDS:
            self.look_at = now + self.poll_seconds
        elif got:
            self._busy(now + _FIRST_PROBE)
        elif self.holds_doorbell or not self.can_sleep:
            self.look_at = now + self.poll_seconds
        elif self._probe <= _LAST_PROBE:
            self.look_at = now + self._probe
            self._probe *= 2
        else:
            # Until this worker holds the doorbell, inserts need not notify. Scan often meanwhile.
            self.wants_doorbell = True
            self.look_at = now + _LAST_PROBE
        self._looked_at = now
        self._idle_rings = 0 if got else self._idle_rings + self._was_rung
        if self._again:
            self.look_at = min(self.look_at, self._heeded_at(now))

    def nothing_waits(self, now: float) -> None:
        """A heartbeat found no work that waits, so the next scan can come later."""
        if self.holds_doorbell and self.can_sleep and self.look_at > now:
            self.look_at = max(self.look_at, now + _BEATS * self.poll_seconds)

    def _busy(self, look_at: float) -> None:
        self._probe = _FIRST_PROBE
        self.wants_doorbell = False
        self.look_at = look_at

    def doorbell_taken(self, now: float) -> None:
        """All inserts that sent no notification have committed by now.

        Scan once more to see their rows, and then sleep.
        """
        self.holds_doorbell = True
        self._again = True
        self.look_at = now

    def doorbell_left(self, now: float) -> None:
        """The worker has released the doorbell, or lost it with its session."""
        self.holds_doorbell = False
        self._probe = _FIRST_PROBE
        self._gap = _CALM_SECONDS
        self.look_at = min(self.look_at, now + _FIRST_PROBE)
