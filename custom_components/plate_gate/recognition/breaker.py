"""Whether a backend is asked, or left alone because it would only cost time."""

from copy import copy
from typing import Final

from ..errors import BackendError, BackendRateLimitedError, BackendUnavailableError
from .health import BackendState

REFUSALS: Final = 3
"""Pictures refused in a row that cast doubt on the backend, not on the pictures."""


class Breaker:
    """What is known of a backend's state. The clock is passed in.

    It opens with a failed reading, ping or check, and closes when a probe succeeds. Such
    a success is a promise, which the next real reading keeps or breaks.
    """

    def __init__(self) -> None:
        """Begin open: nothing is known of the backend yet."""
        self._error: BackendError | None = BackendUnavailableError("Not ready yet")
        self._busy: BackendRateLimitedError | None = None
        self._busy_until = 0.0
        self._refused: float | None = None
        self.refusals = 0
        """Different pictures that it refused, one after another."""
        self._new = True
        self._proven = True
        self.relapsed = False
        """Whether it passed a probe after a failure, and then did not read."""

    @property
    def state(self) -> BackendState:
        """How the backend is doing."""
        if self._error is not None:
            return BackendState.FAILED
        return BackendState.READY if self._busy is None else BackendState.BUSY

    @property
    def error(self) -> BackendError | None:
        """Why it is not ready."""
        return self._error or self._busy

    def fail(self, error: BackendError, *, reading: bool) -> None:
        """Open.

        Args:
            error: Why.
            reading: Whether a picture of a lane was not read, and not a probe failed.

        """
        if reading and self._error is None and not self._proven:
            self.relapsed = True
        # A copy is without the traceback, which would keep the picture in memory.
        self._error = copy(error)
        self._busy = None
        self.refusals = 0

    def recover(self) -> None:
        """Close, since it passed a probe."""
        self._proven = self._new
        self._new = False
        self._error = None
        self._busy = None
        self.refusals = 0

    def read(self, *, frees: bool) -> None:
        """Take note that it read a picture.

        A failure stays for a probe to clear: this may be the last answer of a server
        that just went away.

        Args:
            frees: Whether that shows that it is not busy any more.

        """
        self.refusals = 0
        if frees:
            self._busy = None
        if self._error is None:
            self._proven = True
            self.relapsed = False

    def busy(self, error: BackendRateLimitedError, until: float) -> None:
        """Leave it alone for a while, since it asked for that.

        Args:
            error: What it said.
            until: Seconds of the clock.

        """
        if self._error is None:
            self._busy = copy(error)
            self._busy_until = until

    def busy_for(self, now: float) -> float:
        """Return for how many more seconds it is left alone; then it is ready."""
        if self._busy is None:
            return 0.0
        left = self._busy_until - now
        if left <= 0:
            self._busy = None
            return 0.0
        return left

    def refuse(self, taken: float) -> None:
        """Take note that it refused a picture.

        Args:
            taken: When the picture was taken, which tells it from others.

        """
        if taken != self._refused:
            self._refused = taken
            self.refusals += 1

    @property
    def doubtful(self) -> bool:
        """Whether it refuses so many pictures that it may not read at all."""
        return self._error is None and self.refusals >= REFUSALS

    def cleared(self) -> None:
        """Take note that it reads, so that the pictures were to blame."""
        self.refusals = 0
