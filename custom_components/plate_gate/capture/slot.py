"""A queue of one place, between whatever takes pictures and whoever looks at them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import threading
import time

from .picture import Shot


class Slot:
    """Holds the newest shot until it is taken; one that comes later replaces it.

    Shots are put in from any thread and taken out in the event loop.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        max_age: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin empty.

        Args:
            loop: Where shots are taken out.
            max_age: Seconds. A shot that was taken longer ago is thrown away instead
                of being handed out.
            clock: The clock of `Frame.taken`.

        """
        self._loop = loop
        self._max_age = max_age
        self._clock = clock
        self._lock = threading.Lock()
        self._filled = asyncio.Event()
        self._shot: Shot | None = None
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many shots nobody took in time."""
        return self._dropped

    def put(self, shot: Shot) -> None:
        """Put a shot in, in place of the one that is there."""
        with self._lock:
            self._dropped += self._shot is not None
            self._shot = shot
        # A closed loop has nobody who waits.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._filled.set)

    async def take(self) -> Shot:
        """Wait for a shot and take it out."""
        while True:
            await self._filled.wait()
            # Whatever is put in from here on sets the event again, but not before
            # this task waits.
            self._filled.clear()
            with self._lock:
                shot, self._shot = self._shot, None
            if shot is None:
                continue
            if self._clock() - shot.taken <= self._max_age:
                return shot
            self._dropped += 1

    def forget_before(self, taken: float) -> None:
        """Throw away what is there, if it was taken before a time."""
        with self._lock:
            if self._shot is not None and self._shot.taken < taken:
                self._shot = None
                self._dropped += 1

    def clear(self) -> None:
        """Throw away what is there."""
        with self._lock:
            self._shot = None
