"""Cameras whose newest frame a lane sends when it has the answer to the one before.

So does a lane of the integration, and its own client of CodeProject.AI sends them.
"""

import asyncio
from collections.abc import Sequence
import time
from typing import Final

from aiohttp import ClientSession

from custom_components.plate_gate.errors import (
    BackendError,
    BackendRateLimitedError,
    BackendTimeoutError,
)
from custom_components.plate_gate.models import Frame
from custom_components.plate_gate.recognition import (
    CodeProjectBackend,
    RecognitionBackend,
)

from .pictures import Picture
from .tally import Fate, Tally

_ANSWER: Final = 30.0
"""Seconds after which an answer counts as lost; more than a busy machine needs."""


async def drive(
    session: ClientSession,
    url: str,
    pictures: Sequence[Picture],
    *,
    lanes: int,
    fps: float,
    seconds: float,
) -> Tally:
    """Let lanes send frames for a while.

    Args:
        session: What they are sent with.
        url: Of the service.
        pictures: What the cameras show, over and over.
        lanes: How many there are.
        fps: Pictures that each camera takes per second.
        seconds: How long they take some.

    Returns:
        What became of them, when everything that was sent is done.

    """
    tally = Tally()
    begin = time.monotonic()
    backend = CodeProjectBackend(session, url, timeout=_ANSWER)
    await asyncio.gather(
        *(
            # Not all at the same moment, and not all the same picture.
            _Lane(backend, tally, begin).run(
                [*pictures[start:], *pictures[:start]],
                begin + number / (fps * lanes),
                1 / fps,
                begin + seconds,
            )
            for number in range(lanes)
            for start in (number * len(pictures) // lanes,)
        )
    )
    return tally


class _Lane:
    """A camera, and whoever sends what it shows."""

    def __init__(self, backend: RecognitionBackend, tally: Tally, begin: float) -> None:
        self._backend = backend
        self._tally = tally
        self._begin = begin
        self._newest: Frame | None = None
        self._changed = asyncio.Event()
        self._is_over = False

    async def run(
        self, pictures: Sequence[Picture], start: float, interval: float, end: float
    ) -> None:
        """Take pictures from start to end, and send what there is time for."""
        sending = asyncio.create_task(self._send())
        due, number = start, 0
        while due < end:
            await asyncio.sleep(due - time.monotonic())
            self._take(pictures[number % len(pictures)])
            number += 1
            # A camera does not make up for pictures that it could not take.
            due = max(due + interval, time.monotonic())
        self._is_over = True
        self._changed.set()
        await sending

    def _take(self, picture: Picture) -> None:
        self._tally.take()
        self._drop()
        self._newest = Frame(
            jpeg=picture.jpeg,
            width=picture.width,
            height=picture.height,
            taken=time.monotonic(),
        )
        self._changed.set()

    async def _send(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            frame, self._newest = self._newest, None
            if frame is not None:
                await self._rest(await self._read(frame))
            elif self._is_over:
                return
            if self._is_over or self._newest is not None:
                self._changed.set()

    async def _read(self, frame: Frame) -> float:
        """Send a frame; return for how many seconds the service wants to be left alone."""
        pause, fate = 0.0, Fate.ANSWERED
        try:
            await self._backend.read(frame)
        except BackendRateLimitedError as err:
            pause, fate = err.retry_after or 0.0, Fate.REFUSED
        except BackendTimeoutError:
            fate = Fate.LOST
        except BackendError:
            fate = Fate.FAILED
        took = time.monotonic() - frame.taken
        self._tally.end(fate, frame.taken - self._begin, took)
        return pause

    async def _rest(self, seconds: float) -> None:
        """Leave the service alone, for as long as there are pictures."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._is_over:
                self._drop()
                return
            await asyncio.sleep(min(left, 0.05))

    def _drop(self) -> None:
        """Forget a picture that was not sent."""
        if self._newest is not None:
            self._newest = None
            self._tally.end(Fate.DROPPED)
