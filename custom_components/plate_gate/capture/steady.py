"""A frame source that reads a camera again and again, for as long as it takes."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
import logging
import time
from typing import Final

from ..errors import (
    CameraAuthError,
    CameraError,
    CameraFrozenError,
    CameraLateError,
    CameraPictureError,
    CameraUnreachableError,
)
from ..models import Frame
from .backoff import Backoff
from .outlet import MAX_AGE, Outlet
from .picture import Shot
from .reader import Reader
from .settings import DEFAULT_FPS
from .slot import Slot
from .source import CameraStatus
from .view.scene import SceneProblem
from .watch import WatchSettings

_LOGGER = logging.getLogger(__name__)

STOP_TIMEOUT: Final = 10.0
"""Seconds that stopping waits for a camera that does not let go."""

STEADY: Final = 30.0
"""Seconds of pictures after which a loss is a new one, and the pauses begin anew."""

WATCH: Final = 0.5
"""Seconds between two looks at how a camera is doing."""

SILENT: Final = 3.0
"""Seconds without a picture after which a camera counts as lost, although its reader
still hopes; and how many usual intervals, for cameras that take their time."""

_HOUR: Final = 3600.0


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
        watch: WatchSettings | None = None,
        fps: float = DEFAULT_FPS,
        backoff: Backoff | None = None,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            reader: What reads the camera.
            loop: The event loop that everything but the reader's own thread runs in.
            watch: What is looked at; everything if it is None.
            fps: Frames per second that are handed on, at most.
            backoff: The pauses between two attempts.
            max_age: Seconds. An older frame is not handed out.
            clock: The clock of `Frame.taken`.

        """
        watch = watch or WatchSettings()
        self._reader = reader
        self._loop = loop
        self._region = watch.region
        self._interval = 1 / fps
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._slot = Slot(loop, max_age=max_age, clock=clock)
        self._outlet = Outlet(
            self._slot, self._delivered, watch, max_age=max_age, clock=clock
        )
        self._listeners: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._is_connected = False
        self._error: CameraError | None = None
        self._good_since: float | None = None
        self._problem: SceneProblem | None = None
        self._max_age = max_age
        self._shot: Shot | None = None
        self._frame: asyncio.Future[Frame] | None = None
        self._published = 0
        self._passed_over = 0
        self._due = 0.0
        self._reconnects = 0
        self._reconnected: deque[float] = deque(maxlen=int(_HOUR))

    @property
    def status(self) -> CameraStatus:
        """How the camera is doing now."""
        outlet = self._outlet
        connected = self._is_connected
        return CameraStatus(
            connected=connected,
            error=self._error,
            problem=self._problem if connected else None,
            decoded=outlet.decoded,
            moving=outlet.moving,
            published=self._published,
            dropped=self._slot.dropped + self._passed_over,
            late=outlet.late,
            corrupt=outlet.corrupt,
            reconnects=self._reconnects,
            reconnects_hour=self._reconnects_since(self._clock() - _HOUR),
            fps=outlet.rate.value if connected else None,
            newest=outlet.newest,
        )

    def start(self) -> None:
        """Begin to connect and to take pictures."""
        if self._task is None:
            self._task = self._loop.create_task(self._run(), name="plate_gate camera")
            self._watcher = self._loop.create_task(
                self._watch(), name="plate_gate camera watch"
            )

    async def stop(self) -> None:
        """Stop, and leave nothing behind."""
        if (task := self._task) is None:
            return
        self._task = None
        if self._watcher is not None:
            self._watcher.cancel()
        task.cancel()
        # Within limits: what runs in it may be somebody else's code.
        await asyncio.wait([task], timeout=STOP_TIMEOUT)
        await self._loop.run_in_executor(None, self._outlet.close)
        self._let_go()
        self._good_since = None
        self._change(connected=False, error=None)

    async def newest(self) -> Frame:
        """Wait for a frame that has not been handed out yet; only the newest is kept.

        Whoever gives up waiting loses nothing: the next call goes on from there.
        """
        while True:
            if self._frame is None:
                await asyncio.sleep(self._due - self._clock())
                shot = await self._take()
                # It takes milliseconds that the event loop does not have.
                self._frame = self._loop.run_in_executor(
                    None, shot.develop, self._region
                )
            developing = self._frame
            # Not shielded: that complains of a failure which the next call deals with.
            await asyncio.wait([developing])
            if self._frame is not developing:
                continue
            self._frame = None
            try:
                frame = developing.result()
            except CameraPictureError:
                self._outlet.damaged()
                continue
            if self._clock() - frame.taken > self._max_age:
                self._passed_over += 1
                continue
            self._due = self._clock() + self._interval
            self._published += 1
            return frame

    async def _take(self) -> Shot:
        """Take the newest picture, or the next one if that is about to come.

        Of a camera that takes fifteen per second, this is one of the last 33 ms instead
        of the last 67 ms, and so is the vehicle in it.
        """
        if self._shot is None:
            self._shot = await self._slot.take()
        shot = self._shot
        rate = self._outlet.rate.value
        if rate is not None and self._outlet.keeps_coming:
            until_next = shot.offered + 1 / rate - self._clock()
            if 0 < until_next < 0.5 / rate:
                with suppress(TimeoutError):
                    async with asyncio.timeout(1.25 * until_next):
                        shot = self._shot = await self._slot.take()
                        self._passed_over += 1
        self._shot = None
        return shot

    def want(self) -> None:
        """Let the next picture through, even if nothing moves in it."""
        self._outlet.want()

    def wake(self) -> None:
        """Do the same."""
        self._outlet.want()

    def accept_view(self) -> None:
        """Take what the camera sees now for what it should see."""
        self._outlet.accept_view()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener, in the event loop, when the state changes."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    async def _run(self) -> None:
        """Read the camera until canceled."""
        while True:
            kind = await self._read()
            was_steady = self._was_steady()
            if kind is CameraFrozenError:
                # What waits to be taken is no younger than the rest.
                self._slot.clear()
                self._let_go()
            if kind is CameraAuthError:
                pause = self._backoff.longest()
            else:
                if was_steady:
                    self._backoff.reset()
                pause = self._backoff.next()
            self._change(connected=False, error=kind())
            await asyncio.sleep(pause)
            self._reconnects += 1
            self._reconnected.append(self._clock())

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

    async def _watch(self) -> None:
        """Notice what no reader says: that pictures stay away, or are of no use."""
        late = self._outlet.late
        while True:
            await asyncio.sleep(WATCH)
            self._forget_old()
            if self._is_connected and self._is_silent():
                is_late = self._outlet.late > late
                kind = CameraLateError if is_late else CameraUnreachableError
                self._change(connected=False, error=kind())
            late = self._outlet.late
            if self._problem is not self._outlet.problem:
                self._problem = self._outlet.problem
                self._tell_all()

    def _forget_old(self) -> None:
        """Forget a picture that nobody took in time: it is of no use, but of someone."""
        oldest = self._clock() - self._max_age
        self._slot.forget_before(oldest)
        if self._shot is not None and self._shot.taken < oldest:
            self._shot = None
            self._passed_over += 1

    def _let_go(self) -> None:
        """Let go of what was taken out and not handed on."""
        self._shot = None
        if (developing := self._frame) is not None:
            self._frame = None
            # Whatever becomes of it, somebody has to have looked.
            developing.add_done_callback(lambda f: f.cancelled() or f.exception())

    def _is_silent(self) -> bool:
        """Tell whether the next picture should have been here long ago."""
        newest = self._outlet.newest
        if newest is None or not self._outlet.keeps_coming:
            return False
        rate = self._outlet.rate.value
        usual = 1 / rate if rate else 0.0
        return self._clock() - newest > SILENT * max(1.0, usual)

    def _reconnects_since(self, begin: float) -> int:
        return sum(at > begin for at in self._reconnected)

    def _was_steady(self) -> bool:
        """Tell whether the last connection was a good one."""
        began, self._good_since = self._good_since, None
        newest = self._outlet.newest
        return began is not None and newest is not None and newest - began >= STEADY

    def _delivered(self) -> None:
        """Note, from the reader's thread, that pictures are coming."""
        if not self._is_connected and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._connected)

    def _connected(self) -> None:
        # A picture may still arrive while the source is being stopped.
        if self._task is not None and not self._is_connected:
            if self._good_since is None:
                self._good_since = self._clock()
            self._change(connected=True, error=None)

    def _change(self, *, connected: bool, error: CameraError | None) -> None:
        """Take over a new state, and tell of it if it differs."""
        before = self._is_connected, type(self._error)
        self._is_connected, self._error = connected, error
        if before != (connected, type(error)):
            self._tell_all()

    def _tell_all(self) -> None:
        for listener in tuple(self._listeners):
            # Not called at once, so that its faults do not end the camera's task.
            self._loop.call_soon(self._tell, listener)

    def _tell(self, listener: Callable[[], None]) -> None:
        if listener in self._listeners:
            listener()
