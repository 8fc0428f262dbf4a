"""Brings the backends of a pool back when they failed."""

import asyncio
from contextlib import suppress
from typing import Final

from ..errors import BackendError, BackendRateLimitedError, BackendTimeoutError
from .health import BackendState
from .seat import Seat

SILENCES: Final = 3
"""Probes without an answer, one after another, after which a start anew may help."""


class Tending:
    """Looks after one backend for as long as the pool runs."""

    def __init__(self, seat: Seat, *, check_limit: float) -> None:
        """Take the backend.

        Args:
            seat: Which one.
            check_limit: Seconds that the reading of a probe may take.

        """
        self.tried: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done after the first attempt to get it ready."""
        self._seat = seat
        self._check_limit = check_limit
        self._trouble = asyncio.Event()
        self._started = False
        self._silences = 0

    def look(self) -> None:
        """Take note that something has changed, or may have."""
        self._trouble.set()

    async def run(self) -> None:
        """Get the backend ready, and again whenever it failed, until cancelled."""
        await self._probe()
        self.tried.set_result(None)
        while True:
            self._trouble.clear()
            if self._seat.state is BackendState.FAILED:
                await self._bring_back()
            elif self._seat.doubtful:
                await self._verify()
            else:
                await self._wait(self._seat.busy_for())

    async def _bring_back(self) -> None:
        """Probe until that succeeds, after a rest each."""
        tries = 0
        while self._seat.state is BackendState.FAILED:
            await asyncio.sleep(self._seat.until_probe(tries))
            await self._probe()
            tries += 1

    async def _probe(self) -> None:
        """Find out whether the backend reads, and note it.

        A ping goes first: it costs nothing, and a server that hangs is found out sooner
        by it. But it proves nothing, since one whose reader hangs goes on to answer it.
        """
        seat = self._seat
        if seat.stuck:
            # What was given up still keeps it busy; more of that would pile up.
            await self._count(BackendTimeoutError())
            return
        try:
            await self._reach()
            if not seat.member.metered:
                await seat.check(self._check_limit)
        except BackendRateLimitedError as err:
            seat.recover()
            seat.busy(err)
        except BackendError as err:
            seat.fail(err)
            await self._count(err)
            return
        else:
            seat.recover()
        self._silences = 0

    async def _reach(self) -> None:
        """Ask whether the backend is there, and start it if that has not been done."""
        try:
            await self._seat.ping()
        except BackendTimeoutError, BackendRateLimitedError:
            # Only the first is a failure, and starting it would take as long again.
            raise
        except BackendError:
            if self._started:
                raise
            await self._seat.start()
            self._started = True
            await self._seat.ping()
        else:
            if not self._started:
                await self._seat.start()
                self._started = True

    async def _count(self, error: BackendError) -> None:
        """Stop what keeps being silent; the next probe starts it anew.

        A server elsewhere is not touched by that, but a child process that hangs is.
        """
        self._silences = (
            self._silences + 1 if isinstance(error, BackendTimeoutError) else 0
        )
        if self._silences >= SILENCES and self._started:
            self._silences = 0
            self._started = False
            await self._seat.stop()

    async def _verify(self) -> None:
        """Find out whether the backend reads, or the pictures are to blame."""
        try:
            await self._seat.check(self._check_limit)
        except BackendRateLimitedError as err:
            self._seat.busy(err)
        except BackendError as err:
            self._seat.fail(err)
            return
        self._seat.cleared()

    async def _wait(self, busy: float) -> None:
        """Wait for trouble, and for the end of being busy.

        Args:
            busy: Seconds until that; 0 if it is not.

        """
        with suppress(TimeoutError):
            async with asyncio.timeout(busy or None):
                await self._trouble.wait()
