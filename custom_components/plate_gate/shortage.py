"""Whether lanes go unread because those that could read take no pictures."""

from collections.abc import Callable
import time
from typing import Final

from .errors import BackendError, BackendRateLimitedError
from .recognition import PoolHealth

LATELY: Final = 8.0
"""Seconds after a reading in which lanes count as read; longer than any reading takes."""


class Shortage:
    """Knows whether backends that are well, but busy, leave a site blind.

    A pool takes who is busy for well, as it should: the next picture may be read. But
    one whose quota is used up says the same for hours. So once a lane has complained
    and nobody was read lately, that is believed until somebody is.

    Attributes:
        error: What backends say; None while lanes are read, as far as is known, or
            while there is another reason why they are not.

    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without a shortage.

        Args:
            clock: Seconds that never jump.

        """
        self.error: BackendRateLimitedError | None = None
        self._clock = clock
        self._reads = 0
        self._read_at = clock()

    def look(self, health: PoolHealth) -> None:
        """Take note of how the backends are doing now."""
        reads = sum(backend.reads for backend in health.backends)
        if reads != self._reads:
            self._reads = reads
            self._read_at = self._clock()
            self.error = None
        if not health.available:
            self.error = None

    def complain(self, error: BackendError) -> None:
        """Take note of why a lane is not read, after a `look`.

        Args:
            error: What the lane was told.

        """
        if not isinstance(error, BackendRateLimitedError):
            self.error = None
        elif self._clock() - self._read_at >= LATELY:
            # Where others are read, there is too much to do, but a site is not blind.
            self.error = error
