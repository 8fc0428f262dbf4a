"""Threads that read pictures, with a short line before them."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
import math
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import Final

from .errors import BusyError, ReplacedError, StoppingError, StuckError
from .limits import WAITING_MAX
from .picture import PIXELS_MAX, Picture, decode
from .reader import Read
from .waiting import Line

WAIT_SECONDS: Final = 10.0
"""How long one may wait, whatever happens."""
STUCK_SECONDS: Final = 30.0
"""A picture that takes longer than this will never be read."""

_RETRY_MOST: Final = 30
_RETRY_STOPPING: Final = 5
"""About how long it takes to start again, in seconds."""

type ReadPicture = Callable[[Picture], Sequence[Read]]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one picture."""

    reads: Sequence[Read] = field(repr=False)
    width: int
    height: int
    inference_ms: int
    """From pixels to reads."""
    process_ms: int
    """From the content of the file to reads."""
    waited: float
    """Seconds in the line."""
    took: float
    """Seconds from the content of the file to reads."""


@dataclass(eq=False, slots=True)
class _Job:
    """A picture on its way through."""

    content: bytes = field(repr=False)
    camera: str | None = field(repr=False)
    answer: asyncio.Future[Result]
    came: float
    began: float = 0.0
    too_long: asyncio.TimerHandle | None = None


class Workers:
    """Reads pictures off the event loop, several at a time if it is to.

    To be used from one event loop.
    """

    def __init__(
        self,
        read: ReadPicture,
        count: int = 1,
        *,
        waiting_max: int = WAITING_MAX,
        wait_seconds: float = WAIT_SECONDS,
        stuck_seconds: float = STUCK_SECONDS,
        pixels_max: int = PIXELS_MAX,
    ) -> None:
        """Begin to wait for pictures.

        Args:
            read: Finds the plates; called in several threads at a time if `count` says
                so.
            count: How many pictures are read at a time, at least 1.
            waiting_max: How many more may wait.
            wait_seconds: How long each of these may.
            stuck_seconds: After how long a picture counts as one that never ends.
            pixels_max: The largest picture that is decoded.

        """
        self.count: Final = count
        self._read = read
        self._wait_seconds = wait_seconds
        self._stuck_seconds = stuck_seconds
        self._pixels_max = pixels_max
        self._line: Line[_Job] = Line(waiting_max)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._reading: set[_Job] = set()
        self._pace = 0.0
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        # Not of a pool: the interpreter would wait for these at its end, however long.
        self._threads = [
            Thread(target=self._work, name=f"recognizer {number}", daemon=True)
            for number in range(1, count + 1)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def reading(self) -> int:
        """How many pictures are being read."""
        return len(self._reading)

    @property
    def waiting(self) -> int:
        """How many pictures wait."""
        return len(self._line)

    @property
    def stopping(self) -> bool:
        """Whether no more pictures are taken."""
        return self._stopping

    @property
    def able(self) -> bool:
        """Whether pictures get read: no thread is dead, and one does not hang."""
        latest = perf_counter() - self._stuck_seconds
        stuck = sum(job.began < latest for job in self._reading)
        return stuck < self.count and all(thread.is_alive() for thread in self._threads)

    async def read(self, content: bytes, camera: str | None = None) -> Result:
        """Read a picture. If this is cancelled while it waits, it is not read at all.

        Args:
            content: A JPEG or PNG file.
            camera: A name for where it comes from. Of each name only one picture waits.

        Raises:
            PictureError: It is no picture that can be read.
            BusyError: It is not read, because others come first.
            StuckError: Nothing is read any more.

        """
        if self._stopping:
            raise self.stopped()
        loop = asyncio.get_running_loop()
        job = _Job(content, camera, loop.create_future(), perf_counter())
        if len(self._reading) < self.count:
            self._line.serve(camera)
            self._begin(job)
        else:
            self._wait(job, loop)
        try:
            return await job.answer
        finally:
            self._line.remove(job)
            if job.too_long is not None:
                job.too_long.cancel()

    async def stop(self, seconds: float) -> bool:
        """Send away what waits, and wait for what is being read.

        Args:
            seconds: How long to wait at most.

        Returns:
            Whether all threads have come to an end; else one hangs.

        """
        self._stopping = True
        for job in self._line.clear():
            _refuse(job, self.stopped())
        for _ in self._threads:
            self._jobs.put(None)
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        # Nothing is being read, so they end at once.
        for thread in self._threads:
            thread.join()
        return True

    def retry_after(self) -> int:
        """Return after how many whole seconds there should be a place."""
        ahead = len(self._reading) + len(self._line)
        seconds = math.ceil(self._pace * ahead / self.count)
        return min(max(seconds, 1), _RETRY_MOST)

    def _wait(self, job: _Job, loop: asyncio.AbstractEventLoop) -> None:
        """Let a picture wait, and tell others whose place it has taken.

        Raises:
            BusyError: There is no place for it.
            StuckError: Nothing is read any more.

        """
        if not self.able:
            raise StuckError("The recognizer hangs")
        admission = self._line.add(job)
        if not admission.admitted:
            raise BusyError("The queue is full", self.retry_after())
        if admission.replaced is not None:
            _refuse(
                admission.replaced,
                ReplacedError("A newer picture of this camera has come"),
            )
        if admission.displaced is not None:
            _refuse(
                admission.displaced,
                BusyError("It is another camera's turn", self.retry_after()),
            )
        job.too_long = loop.call_later(self._wait_seconds, self._give_up, job)

    def _give_up(self, job: _Job) -> None:
        self._line.remove(job)
        _refuse(job, BusyError("The picture has waited too long", self.retry_after()))

    def _begin(self, job: _Job) -> None:
        if job.too_long is not None:
            job.too_long.cancel()
        job.began = perf_counter()
        self._reading.add(job)
        self._idle.clear()
        self._jobs.put(job)

    def _end(
        self, job: _Job, result: Result | None, error: BaseException | None
    ) -> None:
        """Hand out what came of a picture, and begin with the next one."""
        self._reading.discard(job)
        if result is not None:
            share = 0.2 if self._pace else 1.0
            self._pace += share * (result.took - self._pace)
        if not job.answer.done():
            if result is not None:
                job.answer.set_result(result)
            elif error is not None:
                job.answer.set_exception(error)
        if (next_job := self._line.pop()) is not None:
            self._begin(next_job)
        elif not self._reading:
            self._idle.set()

    def _work(self) -> None:
        """Read one picture after the other; this is what each thread does."""
        while (job := self._jobs.get()) is not None:
            result: Result | None = None
            error: BaseException | None = None
            try:
                result = self._result(job)
            except BaseException as err:  # noqa: BLE001
                # Whoever waits for the answer gets it; the thread has to go on.
                error = err
            with suppress(RuntimeError):  # The loop has ended before.
                job.answer.get_loop().call_soon_threadsafe(
                    self._end, job, result, error
                )
            # Until the next picture comes nothing of this one is kept.
            del job, result, error

    def _result(self, job: _Job) -> Result:
        began = perf_counter()
        picture = decode(job.content, self._pixels_max)
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
            waited=job.began - job.came,
            took=done - began,
        )

    @staticmethod
    def stopped() -> StoppingError:
        """Return what to say to who comes too late."""
        return StoppingError("The recognizer is stopping", _RETRY_STOPPING)


def _refuse(job: _Job, error: BusyError) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)
