"""Whether a backend that is said to be well again is believed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
import time
from typing import Final

from .errors import BackendError
from .recognition import BackendHealth, BackendState, PoolHealth

DOUBT: Final = 60.0
"""Seconds without a failure after which a backend is believed in any case."""


@dataclass(slots=True)
class _Record:
    """What is remembered of a backend that failed."""

    at: float
    """When it did, the last time."""
    error: BackendError | None
    reads: int | None = None
    """How many frames it had answered when it came back; None while it has not."""
    doubted: bool = False


class Doubts:
    """Shows a backend as failed that passes each probe and then reads nothing.

    A pool asks it again and again, as it should. But a site that is blind must not seem
    to see now and then. So a backend that comes back is believed the first time; if it
    then fails before it has read anything, it is not before it has.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without doubts.

        Args:
            clock: Seconds that never jump.

        """
        self._clock = clock
        self._records: dict[str, _Record] = {}

    def weigh(self, health: PoolHealth) -> PoolHealth:
        """Return how backends are doing, as far as that is believed."""
        return PoolHealth(backends=tuple(map(self._weigh, health.backends)))

    def _weigh(self, health: BackendHealth) -> BackendHealth:
        now = self._clock()
        record = self._records.get(health.key)
        if health.state is BackendState.FAILED:
            relapsed = record is not None and record.reads == health.reads
            self._records[health.key] = _Record(
                at=now,
                error=health.error,
                doubted=relapsed or (record is not None and record.doubted),
            )
            return health
        if record is None:
            return health
        if record.reads is None:
            record.reads = health.reads
        if health.reads > record.reads or now - record.at >= DOUBT:
            del self._records[health.key]
            return health
        if record.doubted:
            return replace(health, state=BackendState.FAILED, error=record.error)
        return health
