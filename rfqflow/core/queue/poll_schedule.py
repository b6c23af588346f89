"""When a worker looks for work, and whether it holds the doorbell. Pure: the time is told, in seconds.

Like an adaptive mutex, a worker that finds nothing probes a few times (2 -> 64 ms) before it sleeps, so that a burst
rings once. Asleep means: the doorbell is held, and every insert rings. It stays asleep over single rings (each RFQ is
picked up at once) and gives the doorbell up when it is busy: slots full, a full batch, or rings in rapid succession,
where the NOTIFYs would serialize the inserters' commits.
"""

from dataclasses import dataclass
from math import inf

_FIRST_PROBE = 0.002
_LAST_PROBE = 0.064
_BURST = 16  # rows in one claim: many inserters at once
_RUSH_SECONDS = 0.004  # between rings, in the mean: above this rate they hold the inserters up
_CALM_SECONDS = 1.0
_IDLE_RINGS = 8  # rings in a row for which a look found nothing; any role may send them
_IDLE_PAUSE = 0.064
_BEATS = 1.5  # of a poll: the next beat comes before, and if it does not, the poll


@dataclass(slots=True)
class Attention:
    """`look_at`: when to look next. `wants_doorbell`: whether to try to take it, or go on holding it."""

    poll_seconds: float
    can_sleep: bool
    look_at: float = 0.0
    wants_doorbell: bool = False
    holds_doorbell: bool = False
    _probe: float = _FIRST_PROBE
    _gap: float = _CALM_SECONDS  # between rings, an exponential mean over about ten
    _rung_at: float = -inf
    _again: bool = False
    _was_rung: bool = False  # the look that goes on is about a ring
    _idle_rings: int = 0
    _looked_at: float = -inf

    def looking(self) -> None:
        """A look begins: what happens until it ends was not seen by it."""
        self._again, self._was_rung = False, self._again

    def woken(self, now: float) -> None:
        """A ring, a slot that freed while work waited, or news that something is due."""
        # The mean of gaps and not of rates: two rings that happen to fall together must not look like thousands.
        gap = now - self._rung_at
        self._gap = _CALM_SECONDS if gap >= _CALM_SECONDS else self._gap + 0.1 * (gap - self._gap)
        self._rung_at = now
        self._again = True
        self.look_at = min(self.look_at, self._heeded_at(now))

    def _heeded_at(self, now: float) -> float:
        """When to look for a ring: at once, or a little later where rings have long been about nothing."""
        return max(now, self._looked_at + _IDLE_PAUSE) if self._idle_rings >= _IDLE_RINGS else now

    def full(self) -> None:
        """No slot is free: nothing to look for, nothing to hold the doorbell for."""
        self.look_at = inf
        self.wants_doorbell = False

    def slot_freed(self, now: float) -> None:
        """After `full`: look at once."""
        if self.look_at == inf:
            self.look_at = now

    def claimed(self, now: float, *, got: int, asked: int) -> None:
        """A look has ended: `got` rows of `asked`."""
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
            # Until the doorbell is ours somebody may insert without ringing: poll fast meanwhile.
            self.wants_doorbell = True
            self.look_at = now + _LAST_PROBE
        self._looked_at = now
        self._idle_rings = 0 if got else self._idle_rings + self._was_rung
        if self._again:
            self.look_at = min(self.look_at, self._heeded_at(now))

    def nothing_waits(self, now: float) -> None:
        """A beat saw nothing that waits: as good as a look, which then need not come as well."""
        if self.holds_doorbell and self.can_sleep and self.look_at > now:
            self.look_at = max(self.look_at, now + _BEATS * self.poll_seconds)

    def _busy(self, look_at: float) -> None:
        self._probe = _FIRST_PROBE
        self.wants_doorbell = False
        self.look_at = look_at

    def doorbell_taken(self, now: float) -> None:
        """Whoever inserted without ringing has committed by now: one more look sees it, then sleep."""
        self.holds_doorbell = True
        self._again = True
        self.look_at = now

    def doorbell_left(self, now: float) -> None:
        """Given up, or lost with its session."""
        self.holds_doorbell = False
        self._probe = _FIRST_PROBE
        self._gap = _CALM_SECONDS
        self.look_at = min(self.look_at, now + _FIRST_PROBE)
