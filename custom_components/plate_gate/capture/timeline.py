"""How late the pictures of a stream are, told by the camera's own time stamps.

A picture that arrives now was not always taken now: a radio link that stood still for
five seconds delivers five seconds at once, and each picture looks new. The stamps tell,
because the camera sets them when it takes the pictures. Its clock shows another time
than ours, so what counts is by how much a picture is later than the promptest one.
"""

from typing import Final

CLOCKS: Final = 0.0002
"""Seconds per second by which good clocks diverge, for as long as a connection lasts."""

DRIFT: Final = 0.001
"""The same for bad ones."""

FORGIVEN: Final = 0.5
"""Seconds that are put down to bad clocks, for each connection. More could as well be a
network that falls behind, very slowly."""

STEP_BACK: Final = 1.0
"""Seconds. Stamps that go back further are those of a clock that was set."""

PATIENCE: Final = 5.0
"""Seconds of nothing but late pictures until the connection is given up: a new one
begins with what is there now."""

SLOW: Final = 1.0
"""Seconds of lateness that are too many in the long run: what comes after capture takes
its time, too, and a new connection costs less."""

SLOW_PATIENCE: Final = 60.0
"""Seconds of such pictures until the connection is given up."""

GAIN: Final = 0.02
"""Seconds by which a picture has to be prompter than all before it to be a sign that
what has piled up is still being read."""


class Timeline:
    """Compares when the pictures of a connection arrive with when they were taken."""

    def __init__(self, max_age: float) -> None:
        """Begin with a connection.

        Args:
            max_age: Seconds from which on a picture is late.

        """
        self._max_age = max_age
        self._promptest: float | None = None
        self._floor = self._gained_at = 0.0
        self._stamp = self._arrived = self._taken = 0.0
        self._is_lost = False
        self._late_since: float | None = None
        self._slow_since: float | None = None

    def lateness(self, stamp: float | None, arrived: float) -> float:
        """Return by how many seconds a picture is later than the promptest one.

        Args:
            stamp: When it was taken, in seconds of the camera's clock; None if that is
                not known.
            arrived: When it arrived, in seconds that never jump.

        """
        if stamp is None:
            return self._lateness_of_unknown(arrived)
        self._is_lost = False
        offset = arrived - stamp
        if self._promptest is None or stamp < self._stamp - STEP_BACK:
            self._promptest = self._floor = offset
            self._gained_at = arrived
        else:
            if offset < self._floor - GAIN:
                self._gained_at = arrived
            passed = arrived - self._arrived
            self._promptest = min(self._promptest + CLOCKS * passed, offset)
            drifted = self._floor + DRIFT * passed
            self._floor = min(offset, drifted, self._promptest + FORGIVEN)
        self._stamp, self._arrived = stamp, arrived
        late = offset - self._floor
        self._taken = arrived - late
        self._late_since = _since(self._late_since, arrived, late > self._max_age)
        self._slow_since = _since(self._slow_since, arrived, late > SLOW)
        return late

    def gained(self, now: float) -> float:
        """Return for how many seconds no picture was prompter than all before it."""
        return now - self._gained_at

    def gives_up(self) -> bool:
        """Tell whether pictures have been late for too long; a new connection helps."""
        return any(
            since is not None and self._arrived - since >= patience
            for since, patience in (
                (self._late_since, PATIENCE),
                (self._slow_since, SLOW_PATIENCE),
            )
        )

    def _lateness_of_unknown(self, arrived: float) -> float:
        """Return the same for a picture without a stamp.

        FFmpeg loses the stamp of the first packet after two seconds of silence, and just
        that one may be old. It was taken after the one before. A camera that has no
        stamps at all is taken at its arrival.
        """
        if self._promptest is None:
            return 0.0
        if self._is_lost:
            self._promptest = self._late_since = self._slow_since = None
            return 0.0
        self._is_lost = True
        return arrived - self._taken


def _since(since: float | None, now: float, lasts: bool) -> float | None:
    """Return since when something lasts; None if it does not."""
    if not lasts:
        return None
    return now if since is None else since
