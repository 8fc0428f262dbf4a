"""Several backends behind one: who is well is asked, and who is not is left alone."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from enum import StrEnum
import logging
import time
from typing import Final, override

from ..errors import (
    BackendError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)
from ..faults import where
from ..models import Frame, PlateRead
from .backend import BackendInfo, RecognitionBackend
from .health import BackendState, PoolHealth
from .member import Member
from .pace import Pace
from .seat import Seat
from .tending import Tending

_LOGGER = logging.getLogger(__name__)

DEADLINE: Final = 5.0
"""Seconds after which an answer is of no more use at a gate."""


class Strategy(StrEnum):
    """Which of several healthy backends is asked first."""

    IN_ORDER = "in_order"
    """The first one; the others stand by."""
    LEAST_BUSY = "least_busy"
    """The one that is reading the fewest frames at the moment."""


class BackendPool(RecognitionBackend):
    """Backends that stand in for each other."""

    def __init__(
        self,
        members: Sequence[Member],
        *,
        strategy: Strategy = Strategy.IN_ORDER,
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.monotonic,
        pace: Pace | None = None,
    ) -> None:
        """Take the backends; `start` gets them ready.

        Args:
            members: At least one, in the order in which they are asked.
            strategy: Which of the healthy ones is asked first.
            deadline: Seconds that `read` takes at most, failover included.
            clock: Seconds that never jump.
            pace: How long to wait for what else.

        """
        self._strategy = strategy
        self._deadline = deadline
        self._clock = clock
        self._pace = pace or Pace()
        self._seats = [
            Seat(member, pace=self._pace, clock=clock, changed=self._tell)
            for member in members
        ]
        self._tending: dict[Seat, Tending] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[], None]] = []

    @property
    def health(self) -> PoolHealth:
        """How the backends are doing now."""
        return PoolHealth(backends=tuple(seat.health for seat in self._seats))

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener whenever a backend became ready, busy or failed.

        Also when one that failed goes on to fail for another reason. Not with each
        reading: counts and latencies are there to be looked at.

        Returns:
            What ends it.

        """
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    @override
    async def start(self) -> None:
        """Get all backends ready at the same time, and look after them from then on.

        Once one is ready, the others have a few seconds more; who is not ready by then
        is waited for by nobody, and joins when it is.

        Raises:
            BackendError: None is ready; that of the first one. Nothing is left running.

        """
        if self._tasks:
            return
        self._tending = {
            seat: Tending(seat, check_limit=self._deadline) for seat in self._seats
        }
        self._tasks = {
            asyncio.create_task(tending.run(), name="plate_gate pool")
            for tending in self._tending.values()
        }
        try:
            await self._first_attempts()
        except BaseException:
            await self.stop()
            raise
        if (error := self.health.error) is not None:
            await self.stop()
            raise copy(error)
        for seat in self._seats:
            seat.announce()

    @override
    async def stop(self) -> None:
        """Let go of all backends."""
        tasks, self._tasks = self._tasks, set()
        self._tending = {}
        for seat in self._seats:
            seat.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await asyncio.gather(*(seat.stop() for seat in self._seats))

    async def probe(self) -> None:
        """Ask each backend whether it is there, so that an idle site notices, too.

        Those that failed are asked every few seconds anyway, and those that are busy
        want to be left alone.
        """
        await asyncio.gather(
            *(
                self._probe(seat)
                for seat in self._seats
                if seat.state is BackendState.READY
            )
        )

    @override
    async def ping(self) -> BackendInfo:
        """Ask whether there is one.

        Returns:
            The version of the first one that is there.

        Raises:
            BackendError: There is none.

        """
        await self.probe()
        return self._info()

    @override
    async def check(self) -> BackendInfo:
        """Ask whether there is one that reads.

        All that are not known to have failed read a small picture, at the same time;
        who is paid for that is only asked whether it is there.

        Returns:
            The version of the first one that reads.

        Raises:
            BackendError: There is none.

        """
        await asyncio.gather(
            *(
                self._check(seat)
                for seat in self._seats
                if seat.state is BackendState.READY
            )
        )
        return self._info()

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Let the first backend read that does so within the deadline.

        While there is another one to turn to, each has only its share of the time: a
        few times as long as it usually takes, and at most an equal part of what is left.

        Returns:
            The reads; an empty list if there are none in the frame.

        Raises:
            BackendRateLimitedError: There are some that are well, but all are busy.
            BackendRejectedError: None could read this picture, but one had tried to.
            BackendError: None gave a usable answer.

        """
        ends = self._clock() + self._deadline
        asked: set[Seat] = set()
        refused: list[Seat] = []
        errors: list[BackendError] = []
        while (candidates := self._candidates(asked)) and (
            left := ends - self._clock()
        ) > 0:
            seat = candidates[0]
            asked.add(seat)
            limit = left / len(candidates)
            if len(candidates) > 1 and seat.share is not None:
                limit = min(limit, seat.share)
            try:
                reads = await seat.read(frame, limit)
            except BackendError as err:
                # A copy is without the traceback, which would keep the picture.
                errors.append(copy(err))
                if isinstance(err, BackendRejectedError):
                    refused.append(seat)
                continue
            for other in refused:
                other.outdone()
            return reads
        for seat in refused:
            self._look_after(seat)
        raise self._trouble(errors)

    def _candidates(self, asked: set[Seat]) -> list[Seat]:
        """Return who may be asked now, the best one first."""
        candidates = [
            seat
            for seat in self._seats
            if seat not in asked and seat.state is BackendState.READY
        ]
        if self._strategy is Strategy.LEAST_BUSY:
            candidates.sort(key=lambda seat: seat.in_flight)
        return candidates

    def _trouble(self, errors: Sequence[BackendError]) -> BackendError:
        """Return what tells best why a frame was not read.

        That somebody is well and just busy comes first, since the next frame may be
        read; then what has to do with this frame; then what has to do with backends.

        Args:
            errors: Of those that were asked.

        """
        waits = [
            seat.busy_for() for seat in self._seats if seat.state is BackendState.BUSY
        ]
        if waits:
            return BackendRateLimitedError("All are busy", retry_after=min(waits))
        for kind in (BackendRateLimitedError, BackendRejectedError, BackendError):
            for error in errors:
                if isinstance(error, kind):
                    return error
        return self._unavailable()

    def _unavailable(self) -> BackendError:
        """Return why there is nobody to ask."""
        return copy(self.health.error) or BackendUnavailableError("No time was left")

    def _info(self) -> BackendInfo:
        for seat in self._seats:
            if seat.state is not BackendState.FAILED:
                return BackendInfo(version=seat.version)
        raise self._unavailable()

    async def _probe(self, seat: Seat) -> None:
        reads = seat.reads
        try:
            await seat.ping()
        except BackendRateLimitedError as err:
            seat.busy(err)
        except BackendError as err:
            # A server with all hands full may be slow to answer a ping, and yet read:
            # it has read meanwhile, or the reading that it is at will tell.
            late = isinstance(err, BackendTimeoutError) and seat.in_flight > 0
            if seat.reads == reads and not late:
                seat.fail(err)

    async def _check(self, seat: Seat) -> None:
        try:
            await seat.check(self._deadline)
        except BackendRateLimitedError as err:
            seat.busy(err)
        except BackendError as err:
            seat.fail(err)

    async def _first_attempts(self) -> None:
        """Wait until each backend was tried, or for some time after one is ready."""
        waiting = {tending.tried for tending in self._tending.values()}
        while waiting:
            grace = self._pace.slow_start if self.health.available else None
            done, waiting = await asyncio.wait(
                waiting, timeout=grace, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                break

    def _look_after(self, seat: Seat) -> None:
        if (tending := self._tending.get(seat)) is not None:
            tending.look()

    def _tell(self) -> None:
        """Tell those who look after the backends, and those who listen."""
        for tending in self._tending.values():
            tending.look()
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception as err:  # noqa: BLE001
                # Who listens must not be able to keep a frame from being read.
                _LOGGER.error("Unexpected %s", where(err))
