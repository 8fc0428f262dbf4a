"""Which pictures of a stream without time stamps may have been held back on their way."""

from typing import Final

SILENCE: Final = 1.0
"""Seconds without a picture after which the next ones may be old."""

_LONGER: Final = 3.0
"""Times the usual wait that are a silence; some cameras take their time."""

_PROMPT: Final = 0.5
"""Share of the usual wait that tells a picture which was just taken from one that was
waiting: what has piled up comes as fast as the network can carry it."""

_SMOOTHING: Final = 0.1

_ALIKE: Final = 3
"""Silences, one after another, that are none: the camera takes fewer pictures now."""


class Backlog:
    """Tells, from how long each picture was waited for, which may be old.

    When a radio link comes back after five seconds, it delivers five seconds at once.
    The first picture after a silence may be old, and so may those that follow faster
    than the camera takes them.
    """

    def __init__(self) -> None:
        """Begin with a connection."""
        self._begun = False
        self._usual: float | None = None
        self._behind = 0.0
        self._silences = 0

    def holds(self, waited: float) -> bool:
        """Tell whether a picture may be old.

        Args:
            waited: Seconds that it was waited for, until all of it was there.

        """
        if self._usual is None:
            # What the first one took says nothing: the camera had to be started.
            self._usual, self._begun = waited if self._begun else None, True
            return False
        if waited > max(SILENCE, _LONGER * self._usual):
            self._behind = waited
            self._silences += 1
            if self._silences >= _ALIKE:
                # It only takes fewer pictures from now on.
                self._usual, self._behind, self._silences = waited, 0.0, 0
            return True
        self._silences = 0
        if waited >= _PROMPT * self._usual:
            self._behind = 0.0
        else:
            # It was taken some time after the one before, but arrived soon after it.
            self._behind += waited - self._usual
        if self._behind > 0:
            return True
        self._behind = 0.0
        self._usual += _SMOOTHING * (waited - self._usual)
        return False
