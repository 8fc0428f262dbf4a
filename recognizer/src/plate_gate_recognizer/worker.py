"""One thread that reads pictures, one after the other, with a short queue before it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from time import perf_counter
from typing import Final

from .errors import BusyError
from .picture import Picture, decode
from .reader import Read

WAITING_MAX: Final = 4
"""Pictures that may wait. A lane sends its next one when it has the last answer, so
this suffices for five lanes; older pictures than that are worth nothing at a gate."""

type ReadPicture = Callable[[Picture], Sequence[Read]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one picture."""

    reads: Sequence[Read]
    width: int
    height: int
    inference_ms: int
    """From pixels to reads."""
    process_ms: int
    """From the content of the file to reads."""


class Worker:
    """Reads pictures off the event loop."""

    def __init__(self, read: ReadPicture, waiting_max: int = WAITING_MAX) -> None:
        """Begin to wait for pictures.

        Args:
            read: Finds the plates; it is called in one thread only.
            waiting_max: How many pictures may wait while one is read.

        """
        self._read = read
        self._executor = ThreadPoolExecutor(1, "recognizer")
        self._places = BoundedSemaphore(1 + waiting_max)

    async def read(self, content: bytes) -> Result:
        """Read a picture. If this is cancelled while it waits, it is not read at all.

        Args:
            content: A JPEG or PNG file.

        Raises:
            PictureError: It is no picture that can be read.
            BusyError: Too many pictures wait already.

        """
        if not self._places.acquire(blocking=False):
            raise BusyError("The queue is full")
        try:
            job = self._executor.submit(self._work, content)
        except RuntimeError:
            self._places.release()
            raise BusyError("The recognizer is stopping") from None
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)

    def close(self) -> None:
        """Drop what waits, and wait for the picture that is being read."""
        self._executor.shutdown(cancel_futures=True)

    def _work(self, content: bytes) -> Result:
        began = perf_counter()
        picture = decode(content)
        decoded = perf_counter()
        reads = self._read(picture)
        done = perf_counter()
        height, width = picture.shape[:2]
        return Result(
            reads,
            width,
            height,
            inference_ms=round((done - decoded) * 1000),
            process_ms=round((done - began) * 1000),
        )
