"""Tracks repeated failures: when they began, the error, when to try again, and when to log again. Pure."""

from dataclasses import dataclass, field

_WAIT_SECONDS = (0.1, 5.0)
_TELL_SECONDS = 30.0


@dataclass(slots=True)
class Claims:
    """The failures of a worker's claims. All times are seconds of the same clock."""

    code: str | None = None  # the SQLSTATE, or else the error's class; None: the last claim succeeded
    again_at: float = 0.0
    noted: bool = True  # whether the worker has reported the current state to the database
    _since: float = 0.0
    _wait: float = _WAIT_SECONDS[0]
    _logged_at: float = float("-inf")

    @property
    def failing(self) -> bool:
        return self.code is not None

    def seconds(self, now: float) -> float:
        """For how many seconds claims have failed."""
        return 0.0 if self.code is None else round(now - self._since, 1)

    def health(self, now: float) -> dict[str, object]:
        """The state in the form of the health page."""
        if self.code is None:
            return {"ok": True}
        return {"ok": False, "failing_seconds": self.seconds(now), "sqlstate": self.code}

    def failed(self, code: str, now: float, draw: float) -> bool:
        """Records a failed claim. Returns whether to log it. `draw` in [0, 1) spreads the workers' next claims."""
        if self.code is None:
            self._since = now
        tell = code != self.code or now - self._logged_at >= _TELL_SECONDS
        if tell:
            self._logged_at = now
        self.noted = self.noted and code == self.code
        self.code = code
        self.again_at = now + self._wait * (0.5 + 0.5 * draw)
        self._wait = min(self._wait * 2, _WAIT_SECONDS[1])
        return tell

    def succeeded(self) -> None:
        if self.code is not None:
            self.code, self.noted = None, False
            self.again_at, self._wait = 0.0, _WAIT_SECONDS[0]


@dataclass(slots=True)
class Steps:
    """The steps of a heartbeat that fail, each with its SQLSTATE."""

    _logged: dict[str, tuple[str, float]] = field(default_factory=dict)

    def news(self, failed: list[str], now: float) -> list[tuple[str, str | None]]:
        """What to log now: steps with their SQLSTATE, or None if a step works again.

        `failed`: texts of the form "step SQLSTATE".
        """
        found = dict(entry.rsplit(" ", 1) for entry in failed)
        news: list[tuple[str, str | None]] = []
        for step, code in found.items():
            known = self._logged.get(step)
            if known is None or known[0] != code or now - known[1] >= _TELL_SECONDS:
                self._logged[step] = (code, now)
                news.append((step, code))
        for step in self._logged.keys() - found.keys():
            del self._logged[step]
            news.append((step, None))
        return news
