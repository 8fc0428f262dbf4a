"""One lane: a camera, the recognizer, the decision and the gate, wired together.

This is where strangers are forgotten: a read that leads to no decision is dropped at
the end of `Lane._look`, having been nowhere but in this process's memory.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
import logging
import time
from typing import Final

from homeassistant.util import dt as dt_util

from .capture import CameraStatus, FrameSource
from .decision import Decider, VehicleIndex
from .errors import (
    BackendError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
    CameraError,
    CameraUnreachableError,
    GateError,
    PlateGateError,
)
from .faults import where
from .gate import Gate
from .models import Decision, Frame, Outcome, Passage, PlateRead, Reason
from .plate_width import PlateWidth
from .recognition import RecognitionBackend
from .records import DayCount

_LOGGER = logging.getLogger(__name__)

MAX_FRAME_AGE: Final = 2.0
"""Seconds. An older frame is not worth reading: the vehicle may have gone."""

MAX_READ_AGE: Final = 5.0
"""Seconds from taking a frame to its answer, after which nothing is decided on it."""

IDLE_INTERVAL: Final = 0.3
"""Seconds between frames while something moves for long that has no plate."""

IDLE_AFTER: Final = 25
"""Frames without a plate, one after another, from which on that is so."""

ATTENTION: Final = 5.0
"""Seconds after a vehicle has come in which it is read though it stands still."""

PRESENCE: Final = 3.0
"""Seconds between two frames that tell whether a vehicle which stands is still there."""

QUIET_CHECK: Final = 1.0
"""Seconds after which departed vehicles are forgotten even if no frame comes."""

BACKEND_PAUSE: Final = (0.5, 2.0)
"""Seconds to wait after the first, and at most, when the recognizer fails.

Short, since it is the pool of backends that spares one which is down, and who waits at
the gate shall not wait for us as well when one is back."""

FAULT_PAUSE_MAX: Final = 10.0
"""Seconds to wait at most after a fault of ours, which is logged each time."""

BUSY_REST: Final = 0.25
"""Seconds to wait while the recognizer is busy; then the newest frame has its turn."""

BUSY_PATIENCE: Final = 10.0
"""Seconds without an answer from a busy recognizer that are worth telling."""

REFUSALS: Final = 3
"""Refused pictures in a row that are worth telling: one may be damaged."""

READ_NOW_TIMEOUT: Final = 10.0

OPENING_TIMEOUT: Final = 5.0
"""Seconds that a lane which stops gives an opening to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """What is shown of a lane. Replaced as a whole."""

    camera: CameraStatus
    automatic_opening: bool
    entries: DayCount
    unknown: DayCount
    last_opening: datetime | None = None
    plate_width: int | None = None
    """Pixels that plates are wide here; None until some were read."""


@dataclass(slots=True)
class LaneMetrics:
    """What a lane has done since it was started. Counts only."""

    frames: int = 0
    """Frames that the recognizer answered."""
    stale: int = 0
    """Frames or answers that came too late to decide on."""
    reads: int = 0
    granted: int = 0
    denied: int = 0
    failed: int = 0
    """Granted, but the gate did not open."""
    unknown: int = 0
    busy: int = 0
    """Frames that were dropped because the recognizer had its hands full."""
    backend_errors: int = 0
    recognition_ms: int | None = None
    """How long the last answer took."""
    time_to_open_ms: int | None = None
    """From the first frame with the plate to the gate's action, the last time."""


class Lane:
    """One camera looking one way, and the gate that it opens."""

    def __init__(
        self,
        *,
        name: str,
        source: FrameSource,
        backend: RecognitionBackend,
        decider: Decider,
        gate: Gate,
        vehicles: Callable[[], VehicleIndex],
        automatic_opening: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = dt_util.now,
    ) -> None:
        """Put the stages together.

        Args:
            name: The lane's name, for the log.
            source: Where frames come from.
            backend: What reads them.
            decider: What weighs the reads.
            gate: What is opened.
            vehicles: Gives the allowlist as it is now.
            automatic_opening: Whether the lane is armed.
            clock: Seconds that never jump; the clock of `Frame.taken`.
            now: The time of day, with the site's time zone.

        """
        self.name = name
        self.metrics = LaneMetrics()
        self._source = source
        self._backend = backend
        self._decider = decider
        self._gate = gate
        self._vehicles = vehicles
        self._clock = clock
        self._now = now
        today = now().date()
        self._state = LaneState(
            camera=source.status,
            automatic_opening=automatic_opening,
            entries=DayCount(today),
            unknown=DayCount(today),
        )
        self._plate_width = PlateWidth()
        self._empty = 0
        self._arrivals = 0
        self._attentive_until = self._looked = clock()
        self._backend_error: type[BackendError] | None = None
        self._busy_since: float | None = None
        self._refusals = 0
        self._asking = False
        self._ending = False
        self._restored: set[str] = set()
        self._camera_error: CameraError | None = None
        self._listeners: list[Callable[[], None]] = []
        self._passage_listeners: list[Callable[[Passage], None]] = []
        self._gate_listeners: list[Callable[[GateError | None], None]] = []
        self._backend_listeners: list[Callable[[BackendError | None], None]] = []
        self._waiting: list[asyncio.Future[int]] = []
        self._hurry = asyncio.Event()
        self._openings: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> LaneState:
        """What is shown of the lane now."""
        return self._state

    @property
    def ending(self) -> bool:
        """Whether it has been told to stop and is about to."""
        return self._ending

    @property
    def camera(self) -> CameraStatus:
        """How the camera is doing now, with its counters."""
        return self._source.status

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener whenever `state` was replaced."""
        return _subscribe(self._listeners, listener)

    def subscribe_passages(
        self, listener: Callable[[Passage], None]
    ) -> Callable[[], None]:
        """Call the listener for each listed vehicle that came, let in or not."""
        return _subscribe(self._passage_listeners, listener)

    def subscribe_gate(
        self, listener: Callable[[GateError | None], None]
    ) -> Callable[[], None]:
        """Call the listener with each failure of the gate, and None when it opened."""
        return _subscribe(self._gate_listeners, listener)

    def subscribe_backend(
        self, listener: Callable[[BackendError | None], None]
    ) -> Callable[[], None]:
        """Call the listener each time the recognizer fails, and when it ends to."""
        return _subscribe(self._backend_listeners, listener)

    def set_automatic_opening(self, on: bool) -> None:
        """Arm or disarm the lane."""
        self._replace(automatic_opening=on)

    def restore(
        self,
        *,
        entries: DayCount | None = None,
        unknown: DayCount | None = None,
        last_opening: datetime | None = None,
    ) -> None:
        """Take up what was before a restart; of each, only the first one counts."""
        today = self._now().date()
        if entries is not None and "entries" not in self._restored:
            self._restored.add("entries")
            self._replace(entries=self._state.entries.plus(today, entries.on(today)))
        if unknown is not None and "unknown" not in self._restored:
            self._restored.add("unknown")
            self._replace(unknown=self._state.unknown.plus(today, unknown.on(today)))
        if last_opening is not None and self._state.last_opening is None:
            self._replace(last_opening=last_opening)

    def accept_view(self) -> None:
        """Take what the camera sees now for what it should see."""
        self._source.accept_view()

    def gate_failed_late(self, error: GateError) -> None:
        """Take note that the gate's action failed after it had been accepted."""
        self._report_gate(error)

    async def read_now(self) -> int:
        """Read the next frame without delay.

        Returns:
            How many plates were in it.

        Raises:
            CameraError: No frame came.
            BackendError: The recognizer gave no usable answer.

        """
        waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._hurry.set()
        self._source.wake()
        try:
            async with asyncio.timeout(READ_NOW_TIMEOUT):
                return await waiter
        except TimeoutError:
            if self._asking:
                raise BackendTimeoutError from None
            if self._busy_since is not None:
                raise BackendRateLimitedError from None
            raise self._source.status.error or CameraUnreachableError from None
        finally:
            with suppress(ValueError):
                self._waiting.remove(waiter)

    async def run(self) -> None:
        """Look at frames until cancelled."""
        unsubscribe = self._source.subscribe(self._camera_changed)
        self._source.start()
        pause = BACKEND_PAUSE[0]
        try:
            while True:
                try:
                    arrived = await self._step()
                except BackendRateLimitedError as err:
                    self._backend_busy(err)
                    await self._rest(BUSY_REST)
                    continue
                except BackendError as err:
                    self._backend_failed(err)
                    pause_max = BACKEND_PAUSE[1]
                except Exception as err:  # noqa: BLE001
                    # A fault of ours must not end the lane, nor fill the log.
                    self._unexpected(err)
                    pause_max = FAULT_PAUSE_MAX
                else:
                    pause = BACKEND_PAUSE[0]
                    if not arrived:
                        await self._rest(IDLE_INTERVAL)
                    continue
                await self._rest(min(pause, pause_max))
                pause *= 2
        finally:
            self._ending = True
            unsubscribe()
            # It may be long until somebody looks again.
            self._decider.forget_reads()
            await self._source.stop()
            if self._openings:
                # What has been told to the gate is told to people, too.
                await asyncio.wait(self._openings, timeout=OPENING_TIMEOUT)

    async def _step(self) -> bool:
        """Look at one frame, if one comes; tell whether there is reason to go on."""
        self._attend()
        frame: Frame | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET_CHECK):
                frame = await self._source.newest()
        try:
            if frame is not None:
                await self._look(frame)
        finally:
            # Also while the recognizer fails: no read outlives its vehicle.
            self._forget_departed()
        return frame is None or self._empty < IDLE_AFTER

    def _attend(self) -> None:
        """Ask for frames in which nothing moves, where they are of use."""
        clock = self._clock()
        arrivals, self._arrivals = self._arrivals, self._decider.open_arrivals
        if self._arrivals > arrivals:
            self._attentive_until = clock + ATTENTION
        still_there = self._arrivals and clock - self._looked >= PRESENCE
        if self._waiting or clock < self._attentive_until or still_there:
            self._source.want()

    async def _look(self, frame: Frame) -> None:
        asked = self._clock()
        if asked - frame.taken > MAX_FRAME_AGE:
            self.metrics.stale += 1
            return
        self._asking = True
        try:
            reads = await self._backend.read(frame)
        finally:
            self._asking = False
        answered = self._clock()
        self._backend_answered()
        self._looked = answered
        self._empty = 0 if reads else self._empty + 1
        self.metrics.frames += 1
        self.metrics.reads += len(reads)
        self.metrics.recognition_ms = round((answered - asked) * 1000)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(len(reads))
        if answered - frame.taken > MAX_READ_AGE:
            self.metrics.stale += 1
            return
        if not frame.live:
            self._decider.still_there(
                reads, taken=frame.taken, vehicles=self._vehicles()
            )
            return
        self._measure(reads)
        for decision in self._decider.observe(
            reads,
            taken=frame.taken,
            quiet_since=frame.quiet_since,
            now=self._now(),
            vehicles=self._vehicles(),
        ):
            self._act(decision)

    def _measure(self, reads: Sequence[PlateRead]) -> None:
        """Note how wide plates are: a number that tells whether they can be read."""
        for read in reads:
            if read.box is not None:
                self._plate_width.add(read.box.x_max - read.box.x_min)
        if self._plate_width.value != self._state.plate_width:
            self._replace(plate_width=self._plate_width.value)

    def _act(self, decision: Decision) -> None:
        if decision.vehicle is None:
            return
        if decision.outcome is Outcome.GRANTED and not self._state.automatic_opening:
            decision = replace(
                decision,
                outcome=Outcome.DENIED,
                reasons=(*decision.reasons, Reason.AUTOMATIC_OPENING_OFF),
            )
        if decision.outcome is not Outcome.GRANTED:
            self._denied(decision)
            return
        # The lane keeps looking while the gate moves: a vehicle that was not seen for
        # so long would count as a new one.
        opening = asyncio.get_running_loop().create_task(
            self._open(decision), name="plate_gate lane opening"
        )
        self._openings.add(opening)
        opening.add_done_callback(self._opening_ended)

    def _opening_ended(self, opening: asyncio.Task[None]) -> None:
        self._openings.discard(opening)
        if not opening.cancelled() and (err := opening.exception()) is not None:
            self._unexpected(err)

    def _denied(self, decision: Decision) -> None:
        self.metrics.denied += 1
        self._report_passage(decision, decision.reasons, opened=False)

    async def _open(self, decision: Decision) -> None:
        acted = self._clock()
        milliseconds = round((acted - decision.first_read) * 1000)
        try:
            await self._gate.open()
        except GateError as err:
            self.metrics.failed += 1
            self._report_gate(err)
            reasons = (*decision.reasons, Reason.GATE_FAILED)
            self._report_passage(decision, reasons, opened=False)
            return
        self.metrics.granted += 1
        self.metrics.time_to_open_ms = milliseconds
        now = self._now()
        self._replace(
            entries=self._state.entries.plus(now.date()),
            last_opening=now,
        )
        self._report_gate(None)
        self._report_passage(
            decision, decision.reasons, opened=True, time_to_open_ms=milliseconds
        )

    def _report_passage(
        self,
        decision: Decision,
        reasons: tuple[Reason, ...],
        *,
        opened: bool,
        time_to_open_ms: int | None = None,
    ) -> None:
        if (vehicle := decision.vehicle) is None:
            return
        passage = Passage(
            time=self._now(),
            vehicle_id=vehicle.vehicle_id,
            label=vehicle.label,
            outcome=decision.outcome,
            reasons=reasons,
            opened=opened,
            time_to_open_ms=time_to_open_ms,
        )
        _tell(self._passage_listeners, passage)

    def _report_gate(self, error: GateError | None) -> None:
        if error is not None:
            _LOGGER.warning("%s: the gate did not open (%s)", self.name, _name(error))
        _tell(self._gate_listeners, error)

    def _forget_departed(self) -> None:
        if unknown := self._decider.end_quiet(self._clock()):
            self.metrics.unknown += unknown
            self._replace(unknown=self._state.unknown.plus(self._now().date(), unknown))

    def _camera_changed(self) -> None:
        status = self._source.status
        if status.connected:
            if self._camera_error is not None:
                _LOGGER.info("%s: camera is back", self.name)
            self._camera_error = None
        elif status.error is not None:
            if type(status.error) is not type(self._camera_error):
                _LOGGER.warning("%s: camera lost (%s)", self.name, _name(status.error))
            self._camera_error = status.error
        self._replace(camera=status)

    def _backend_busy(self, error: BackendRateLimitedError) -> None:
        """Drop a frame: who is busy is well, and reads the next one or the one after.

        Whoever has asked for a reading goes on waiting for that. Only if it takes long
        is it told of, because then there are too many pictures for the recognizer.
        """
        self.metrics.busy += 1
        now = self._clock()
        if self._busy_since is None:
            self._busy_since = now
        if now - self._busy_since >= BUSY_PATIENCE:
            self._report_backend(error)

    def _backend_failed(self, error: BackendError) -> None:
        self.metrics.backend_errors += 1
        self._busy_since = None
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(copy(error))
        refused = isinstance(error, BackendRejectedError)
        self._refusals = self._refusals + 1 if refused else 0
        if self._refusals == 0 or self._refusals >= REFUSALS:
            self._report_backend(error)

    def _report_backend(self, error: BackendError) -> None:
        if self._backend_error is not type(error):
            self._backend_error = type(error)
            # A refused picture is this lane's business. What concerns the recognizer as
            # a whole is logged once for all lanes, by those who listen.
            refused = isinstance(error, BackendRejectedError)
            level = logging.WARNING if refused else logging.DEBUG
            _LOGGER.log(level, "%s: recognizer failed (%s)", self.name, _name(error))
        # A copy is without the traceback, which would keep the picture for as long as
        # somebody remembers the error.
        _tell(self._backend_listeners, copy(error))

    def _backend_answered(self) -> None:
        self._refusals = 0
        self._busy_since = None
        if self._backend_error is not None:
            refused = issubclass(self._backend_error, BackendRejectedError)
            self._backend_error = None
            level = logging.INFO if refused else logging.DEBUG
            _LOGGER.log(level, "%s: recognizer answers again", self.name)
            _tell(self._backend_listeners, None)

    def _unexpected(self, error: BaseException) -> None:
        """Log a fault of ours, without its text: nobody knows what is in it."""
        _LOGGER.error("%s: unexpected %s", self.name, where(error))

    async def _rest(self, seconds: float) -> None:
        """Wait, unless someone wants a frame to be read now."""
        self._hurry.clear()
        if any(not waiter.done() for waiter in self._waiting):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    def _replace(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]
        for listener in tuple(self._listeners):
            listener()


def _subscribe[ListenerT](
    listeners: list[ListenerT], listener: ListenerT
) -> Callable[[], None]:
    listeners.append(listener)

    def unsubscribe() -> None:
        with suppress(ValueError):
            listeners.remove(listener)

    return unsubscribe


def _tell[ValueT](listeners: Sequence[Callable[[ValueT], None]], value: ValueT) -> None:
    for listener in tuple(listeners):
        listener(value)


def _name(error: PlateGateError) -> str:
    return type(error).__name__
