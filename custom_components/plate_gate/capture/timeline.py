"""How late the pictures of a stream are, told by the camera's own time stamps.

A picture that arrives now was not always taken now: a radio link that stood still for
five seconds delivers five seconds at once, and each picture looks new. The stamps tell,
because the camera sets them when it takes the pictures. Its clock shows another time
than ours, so what counts is by how much a picture is later than the promptest one.
"""

from typing import Final

DRIFT: Final = 0.01
"""Seconds per second by which the clocks may diverge. Good ones do by a ten thousandth,
but some cameras stamp by counting pictures, and count a little wrong."""

STEP_BACK: Final = 1.0
"""Seconds. Stamps that go back further are those of a clock that was set."""

PATIENCE: Final = 5.0
"""Seconds of nothing but late pictures until the connection is given up: a new one
begins with what is there now."""

LONG_PATIENCE: Final = 60.0
"""The same once a new connection did not help."""

IMPLAUSIBLE: Final = 20.0
"""Seconds that no camera and no network holds pictures back for; the stamps are wrong,
for example those of a camera that sends 12 pictures per second and stamps 25."""


class Timeline:
    """Compares when pictures arrive with when they were taken.

    It outlives the connections of a camera, as does what it learns of the stamps.
    """

    def __init__(self, max_age: float) -> None:
        """Begin with stamps that are to be trusted.

        Args:
            max_age: Seconds from which on a picture is late.

        """
        self._max_age = max_age
        self._floor: float | None = None
        self._stamp = self._arrived = self._taken = 0.0
        self._late_since: float | None = None
        self._gave_up = False
        self.trusted = True
        """Whether the stamps make sense. If not, pictures count as prompt."""

    def begin(self) -> None:
        """Begin with a connection; its stamps have nothing to do with those before."""
        self._floor = self._late_since = None

    def lateness(self, stamp: float | None, arrived: float) -> float:
        """Return by how many seconds a picture is later than the promptest one.

        Args:
            stamp: When it was taken, in seconds of the camera's clock; None if that is
                not known.
            arrived: When it arrived, in seconds that never jump.

        """
        if not self.trusted or (stamp is None and self._floor is None):
            return 0.0
        if stamp is None:
            # FFmpeg loses the stamp of the first packet after two seconds of silence,
            # and just that one may be old. It was taken after the one before.
            return arrived - self._taken
        offset = arrived - stamp
        if self._floor is None or stamp < self._stamp - STEP_BACK:
            self._floor = offset
        else:
            drifted = self._floor + DRIFT * (arrived - self._arrived)
            self._floor = min(offset, drifted)
        self._stamp, self._arrived = stamp, arrived
        late = offset - self._floor
        self._taken = arrived - late
        if late <= self._max_age:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = arrived
        elif self._gave_up and late > IMPLAUSIBLE:
            self.trusted = False
            return 0.0
        return late

    def gives_up(self) -> bool:
        """Tell whether pictures have been late for too long; a new connection helps."""
        if self._late_since is None or not self.trusted:
            return False
        patience = LONG_PATIENCE if self._gave_up else PATIENCE
        if self._arrived - self._late_since < patience:
            return False
        self._gave_up = True
        return True
