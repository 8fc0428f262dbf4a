"""A frame source that reads a camera again and again, for as long as it takes."""

import asyncio
from collections.abc import Callable
import logging
import time
from typing import Final

from ..errors import CameraAuthError, CameraError, CameraUnreachableError
from ..models import Frame
from .backoff import Backoff
from .reader import Outlet, Reader
from .slot import Slot
from .source import CameraStatus

_LOGGER = logging.getLogger(__name__)

STOP_TIMEOUT: Final = 10.0
"""Seconds that stopping waits for a camera that does not let go."""

STEADY: Final = 30.0
"""Seconds of pictures after which a loss is a new one, and the pauses begin anew."""


class SteadySource:
    """Keeps a reader running: connects anew when it ends, and knows how it is doing.

    Nothing of what a reader raises is kept but its class, because the chain behind an
    error often holds the address.
    """

    def __init__(
        self,
        reader: Reader,
        loop: asyncio.AbstractEventLoop,
        *,
        backoff: Backoff | None = None,
        max_age: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            reader: What reads the camera.
            loop: The event loop that everything but the reader's own thread runs in.
            backoff: The pauses between two attempts.
            max_age: Seconds. An older frame is not handed out.
            clock: The clock of `Frame.taken`.

        """
        self._reader = reader
        self._loop = loop
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._slot = Slot(loop, max_age=max_age, clock=clock)
        self._outlet = Outlet(self._slot, self._delivered)
        self._listeners: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._connected_at: float | None = None
        self._error: CameraError | None = None
        self._reconnects = 0

    @property
    def status(self) -> CameraStatus:
        """How the camera is doing now."""
        return CameraStatus(
            connected=self._connected_at is not None,
            error=self._error,
            decoded=self._outlet.decoded,
            published=self._outlet.published,
            dropped=self._slot.dropped,
            corrupt=self._outlet.corrupt,
            reconnects=self._reconnects,
        )

    def start(self) -> None:
        """Begin to connect and to take pictures."""
        if self._task is None:
            self._task = self._loop.create_task(self._run(), name="plate_gate camera")

    async def stop(self) -> None:
        """Stop, and leave nothing behind."""
        if (task := self._task) is None:
            return
        self._task = None
        task.cancel()
        # Within limits: what runs in it may be somebody else's code.
        await asyncio.wait([task], timeout=STOP_TIMEOUT)
        self._slot.clear()
        self._change(connected_at=None, error=None)

    async def newest(self) -> Frame:
        """Wait for a frame that has not been handed out yet; only the newest is kept."""
        return await self._slot.take()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener, in the event loop, when `connected` or `error` changes."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def _run(self) -> None:
        """Read the camera until canceled."""
        while True:
            kind = await self._read()
            if kind is CameraAuthError:
                pause = self._backoff.longest()
            else:
                if self._was_steady():
                    self._backoff.reset()
                pause = self._backoff.next()
            self._change(connected_at=None, error=kind())
            await asyncio.sleep(pause)
            self._reconnects += 1

    async def _read(self) -> type[CameraError]:
        """Read the camera once; return why it ended."""
        kind: type[CameraError] = CameraUnreachableError
        try:
            await self._reader.run(self._outlet)
        except CameraError as err:
            kind = type(err)
        except Exception as err:  # noqa: BLE001
            # A fault of ours must not blind the lane for good. Its text stays out of
            # the log, because it may hold the address.
            _LOGGER.error("Unexpected %s while reading a camera", type(err).__name__)
        if (task := asyncio.current_task()) is not None and task.cancelling():
            # Home Assistant's cameras swallow a cancellation and call it a failure.
            raise asyncio.CancelledError
        return kind

    def _was_steady(self) -> bool:
        """Tell whether the last connection was a good one."""
        began = self._connected_at
        return began is not None and self._clock() - began >= STEADY

    def _delivered(self) -> None:
        """Note, from the reader's thread, that frames are coming."""
        if self._connected_at is None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._connected)

    def _connected(self) -> None:
        # A frame may still arrive while the source is being stopped.
        if self._task is not None and self._connected_at is None:
            self._change(connected_at=self._clock(), error=None)

    def _change(self, connected_at: float | None, error: CameraError | None) -> None:
        """Take over a new state, and tell of it if it differs."""
        before = self._connected_at is not None, type(self._error)
        self._connected_at, self._error = connected_at, error
        if before != (connected_at is not None, type(error)):
            for listener in tuple(self._listeners):
                # Not called at once, so that its faults do not end the camera's task.
                self._loop.call_soon(self._tell, listener)

    def _tell(self, listener: Callable[[], None]) -> None:
        if listener in self._listeners:
            listener()
