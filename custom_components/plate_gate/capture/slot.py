"""A queue of one place, between whatever takes pictures and whoever looks at them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import threading
import time

from ..models import Frame


class Slot:
    """Holds the newest frame until it is taken; one that comes later replaces it.

    Frames are put in from any thread and taken out in the event loop.
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
            loop: Where frames are taken out.
            max_age: Seconds. A frame that was taken longer ago is thrown away instead
                of being handed out.
            clock: The clock of `Frame.taken`.

        """
        self._loop = loop
        self._max_age = max_age
        self._clock = clock
        self._lock = threading.Lock()
        self._filled = asyncio.Event()
        self._frame: Frame | None = None
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many frames nobody took in time."""
        return self._dropped

    def put(self, frame: Frame) -> None:
        """Put a frame in, in place of the one that is there."""
        with self._lock:
            self._dropped += self._frame is not None
            self._frame = frame
        # A closed loop has nobody who waits.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._filled.set)

    async def take(self) -> Frame:
        """Wait for a frame and take it out."""
        while True:
            await self._filled.wait()
            # Whatever is put in from here on sets the event again, but not before
            # this task waits.
            self._filled.clear()
            with self._lock:
                frame, self._frame = self._frame, None
            if frame is None:
                continue
            if self._clock() - frame.taken <= self._max_age:
                return frame
            self._dropped += 1

    def clear(self) -> None:
        """Throw away what is there."""
        with self._lock:
            self._frame = None
