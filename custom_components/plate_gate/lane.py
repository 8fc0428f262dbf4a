"""One lane: a camera, the recognizer, the decision and the gate, wired together.

This is where strangers are forgotten: a read that leads to no decision is dropped at
the end of `Lane._look`, having been nowhere but in this process's memory.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from datetime import datetime
import logging
import time
from typing import Final

from homeassistant.util import dt as dt_util

from .admission import UNKNOWN_WAIT, Admission, Terms
from .capture import CameraStatus, FrameSource
from .decision import Decider, Policy, Rules, VehicleIndex
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
from .lane_state import LaneMetrics, LaneState
from .listeners import Listeners
from .models import Frame, Passage, PlateRead
from .news import RequestNews
from .plate_width import PlateWidth
from .recognition import RecognitionBackend
from .records import DayCount
from .trial import WAIT_LONG, Trial

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
        terms: Terms | None = None,
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
            terms: What holds for those who are recognized; the plate and its validity
                are enough if None.
            clock: Seconds that never jump; the clock of `Frame.taken`.
            now: The time of day, with the site's time zone.

        """
        self.name = name
        self.metrics = LaneMetrics()
        self._source = source
        self._backend = backend
        self._decider = decider
        self._terms = terms or Terms()
        self._vehicles = vehicles
        self._clock = clock
        self._now = now
        today = now().date()
        self._state = LaneState(
            camera=source.status,
            automatic_opening=automatic_opening,
            entries=DayCount(today),
            unknown=DayCount(today),
            trial=Trial(since=now()) if self._terms.trial else None,
        )
        self._admission = Admission(
            name=name,
            gate=gate,
            terms=self._terms,
            metrics=self.metrics,
            vehicles=vehicles,
            is_here=decider.is_here,
            take_back=decider.take_back,
            clock=clock,
            now=now,
        )
        self._admission.armed = automatic_opening
        self._admission.opened.subscribe(self._opened)
        self._admission.overrun.subscribe(self._overrun)
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
        self._changes: Listeners[None] = Listeners()
        self._disarmed: Listeners[None] = Listeners()
        self._backend_reports: Listeners[BackendError | None] = Listeners()
        self._waiting: list[asyncio.Future[int]] = []
        self._hurry = asyncio.Event()

    @property
    def state(self) -> LaneState:
        """What is shown of the lane now."""
        return self._state

    @property
    def ending(self) -> bool:
        """Whether it has been told to stop and is about to."""
        return self._ending

    @property
    def backend(self) -> RecognitionBackend:
        """What reads its frames."""
        return self._backend

    @property
    def policy(self) -> Policy:
        """How much evidence it asks for."""
        return self._decider.policy

    @property
    def rules(self) -> Rules:
        """What vehicles may do at it now, with all that stands in their way."""
        return self._admission.rules

    @property
    def terms(self) -> Terms:
        """What holds at it for those who are recognized."""
        return self._terms

    @property
    def camera(self) -> CameraStatus:
        """How the camera is doing now, with its counters."""
        return self._source.status

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener whenever `state` was replaced."""
        return self._changes.subscribe(lambda _: listener())

    def subscribe_passages(
        self, listener: Callable[[Passage], None]
    ) -> Callable[[], None]:
        """Call the listener for each listed vehicle that came, let in or not."""
        return self._admission.passages.subscribe(listener)

    def subscribe_requests(
        self, listener: Callable[[RequestNews], None]
    ) -> Callable[[], None]:
        """Call the listener with each vehicle that waits for a person's word."""
        return self._admission.requests.news.subscribe(listener)

    def subscribe_gate(
        self, listener: Callable[[GateError | None], None]
    ) -> Callable[[], None]:
        """Call the listener with each failure of the gate, and None when it opened."""
        return self._admission.gate_reports.subscribe(listener)

    def subscribe_disarmed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener when the lane has disarmed itself."""
        return self._disarmed.subscribe(lambda _: listener())

    def subscribe_backend(
        self, listener: Callable[[BackendError | None], None]
    ) -> Callable[[], None]:
        """Call the listener each time the recognizer fails, and when it ends to."""
        return self._backend_reports.subscribe(listener)

    def set_automatic_opening(self, on: bool) -> None:
        """Arm or disarm the lane."""
        self._admission.armed = on
        self._replace(automatic_opening=on)

    def restore(
        self,
        *,
        entries: DayCount | None = None,
        unknown: DayCount | None = None,
        last_opening: datetime | None = None,
        trial: Trial | None = None,
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
        tally = self._admission.trial
        if trial is not None and tally is not None and "trial" not in self._restored:
            self._restored.add("trial")
            tally.restore(trial)
            self._replace(trial=tally.result)

    def accept_view(self) -> None:
        """Take what the camera sees now for what it should see."""
        self._source.accept_view()

    def gate_failed_late(self, error: GateError) -> None:
        """Take note that the gate's action failed after it had been accepted."""
        self._admission.failed_late(error)

    def gate_opened_late(self) -> None:
        """Take note that the gate has moved after it was given up."""
        self._admission.opened_late()

    def has_request(self, request_id: str) -> bool:
        """Tell whether this lane waits for an answer to a request."""
        return request_id in self._admission.requests

    async def confirm(self, request_id: str) -> None:
        """Open for a vehicle that waits, because a person has said yes.

        Raises:
            ConfirmationGoneError: Nothing waits for this any more.
            GateError: The gate did not open.

        """
        await self._admission.confirm(request_id)

    async def confirm_by_pin(self, pin: str) -> None:
        """Open for the vehicle that waits for this PIN.

        Raises:
            ConfirmationGoneError: No vehicle with a PIN waits here.
            PinWrongError: It is not the PIN of the one that does.
            PinLockedError: There were too many wrong ones.
            GateError: The gate did not open.

        """
        await self._admission.confirm_by_pin(pin)

    def ignore(self, request_id: str) -> None:
        """Leave the gate shut for a vehicle that waits.

        Raises:
            ConfirmationGoneError: Nothing waits for this any more.

        """
        self._admission.ignore(request_id)

    async def open_by_hand(self) -> None:
        """Open, because a person wants it.

        Raises:
            GateError: The gate did not open.

        """
        await self._admission.open_by_hand()

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
        self._admission.start()
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
            await self._admission.stop()

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
            self._mind_those_who_wait()
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
            rules=self._admission.rules,
        ):
            try:
                self._admission.decided(decision)
            except Exception as err:  # noqa: BLE001
                # It is told once, and whoever comes after it must not pay for it.
                self._unexpected(err)

    def _measure(self, reads: Sequence[PlateRead]) -> None:
        """Note how wide plates are: a number that tells whether they can be read."""
        for read in reads:
            if read.box is not None:
                self._plate_width.add(read.box.x_max - read.box.x_min)
        if self._plate_width.value != self._state.plate_width:
            self._replace(plate_width=self._plate_width.value)

    def _opened(self, listed: bool) -> None:
        now = self._now()
        changes: dict[str, object] = {"last_opening": now}
        if listed:
            changes["entries"] = self._state.entries.plus(now.date())
        self._replace(**changes)

    def _overrun(self, _: None) -> None:
        """Disarm: whatever opens a gate that often is no vehicle."""
        if self._state.automatic_opening:
            _LOGGER.warning("%s: opened too often, switched off", self.name)
            self.set_automatic_opening(False)
            self._disarmed.tell(None)

    def _mind_those_who_wait(self) -> None:
        clock = self._clock()
        self._admission.mind(
            self._decider.unknown_waiting(clock - UNKNOWN_WAIT),
            self._decider.listed_waiting(clock - WAIT_LONG),
        )
        trial = self._admission.trial
        if trial is not None and trial.result != self._state.trial:
            self._replace(trial=trial.result)

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
        self._backend_reports.tell(copy(error))

    def _backend_answered(self) -> None:
        self._refusals = 0
        self._busy_since = None
        if self._backend_error is not None:
            refused = issubclass(self._backend_error, BackendRejectedError)
            self._backend_error = None
            level = logging.INFO if refused else logging.DEBUG
            _LOGGER.log(level, "%s: recognizer answers again", self.name)
            self._backend_reports.tell(None)

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
        self._changes.tell(None)


def _name(error: PlateGateError) -> str:
    return type(error).__name__
