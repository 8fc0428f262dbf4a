"""How long a backend takes."""

from collections import deque
import math
from typing import Final

WINDOW: Final = 100
"""Readings that count; older ones say little of a server as it is now."""


class Latency:
    """How long the last readings took; of those given up, how long was waited."""

    def __init__(self) -> None:
        """Begin with none."""
        self._seconds: deque[float] = deque(maxlen=WINDOW)

    def add(self, seconds: float) -> None:
        """Take note of a reading."""
        self._seconds.append(seconds)

    def percentile(self, percent: int) -> float | None:
        """Return the seconds that so many of the last readings took at most.

        Args:
            percent: From 1 to 100. By nearest rank: always the time of a real reading.

        Returns:
            Seconds; None before the first reading.

        """
        if not self._seconds:
            return None
        rank = math.ceil(len(self._seconds) * percent / 100)
        return sorted(self._seconds)[rank - 1]
