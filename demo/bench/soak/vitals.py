"""What a process uses, over time."""

import asyncio
from collections.abc import Callable
import time
from typing import Final, NamedTuple

from demo.bench.process import files, memory, threads

_INTERVAL: Final = 1.0

_ENDS: Final = 0.1
"""Share of the time at its begin and at its end over which memory is averaged."""


class Level(NamedTuple):
    """Which threads there are, and how many files are open."""

    threads: tuple[str, ...]
    """The name of each."""
    files: int

    @classmethod
    def now(cls) -> Level:
        """Return what there is now."""
        return cls(threads(), files())


async def until_back(level: Level, patience: float) -> Level:
    """Wait until no more is in use than before; return what is.

    Args:
        level: What was in use before.
        patience: Seconds.

    """
    end = time.monotonic() + patience
    while True:
        now = Level.now()
        is_back = len(now.threads) <= len(level.threads) and now.files <= level.files
        if is_back or time.monotonic() > end:
            return now
        await asyncio.sleep(0.05)


class MemoryWatch:
    """Samples memory every second."""

    def __init__(
        self, warm: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin.

        Args:
            warm: Seconds that do not count.
            clock: Seconds that never jump.

        """
        self._clock = clock
        self._from = clock() + warm
        self.samples: list[float] = []

    async def run(self) -> None:
        """Sample until canceled."""
        while True:
            self.sample(memory())
            await asyncio.sleep(_INTERVAL)

    def sample(self, megabytes: float) -> None:
        """Take a sample, unless it is too early to count."""
        if self._clock() >= self._from:
            self.samples.append(megabytes)

    @property
    def growth(self) -> float:
        """By how many MB it has grown; 0 as long as that cannot be told."""
        count = max(1, round(len(self.samples) * _ENDS))
        if len(self.samples) < 2:
            return 0.0
        begin, end = self.samples[:count], self.samples[-count:]
        return sum(end) / count - sum(begin) / count
