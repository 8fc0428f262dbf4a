"""From a decision to an open gate: what else it takes, and what is told of it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime
import logging
from typing import Final

from .decision import Rules, VehicleIndex
from .errors import (
    AllowlistNotSavedError,
    ConfirmationGoneError,
    GateError,
    GateInterlockedError,
    GateNotMovingError,
    GateUnavailableError,
)
from .faults import where
from .gate import Gate
from .lane_state import LaneMetrics
from .listeners import Listeners
from .models import Assurance, Decision, Outcome, Passage, Reason, Vehicle
from .news import RequestKind
from .records import Ledger, Use
from .requests import Pins, Requests, Waiting
from .trial import TrialTally

_LOGGER = logging.getLogger(__name__)

UNKNOWN_WAIT: Final = 3.0
"""Seconds after which a vehicle that is not recognized counts as waiting."""

OPENING_TIMEOUT: Final = 5.0
"""Seconds that a lane which stops gives an opening to end."""


def _ask_for_nothing(vehicle: Vehicle) -> Assurance:
    return Assurance.PLATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds at a lane for those who are recognized."""

    rules: Rules = field(default_factory=Rules)
    assurance: Callable[[Vehicle], Assurance] = _ask_for_nothing
    """What it takes besides the plate of a vehicle."""
    ledger: Ledger | None = None
    """Counts what the rules limit; None where nothing does."""
    pins: Pins = field(default_factory=Pins)
    trial: bool = False
    """Whether everything is decided and nothing opened."""


class Admission:
    """Lets vehicles in that were recognized, or tells why not.

    Every opening that this lane makes by itself goes through `decided` with a granted
    decision, or through `confirm` with a person's yes. All of both end in `_open`.
    """

    def __init__(
        self,
        *,
        name: str,
        gate: Gate,
        terms: Terms,
        metrics: LaneMetrics,
        vehicles: Callable[[], VehicleIndex],
        is_here: Callable[[int], bool],
        take_back: Callable[[Decision], None],
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """Take what it works with.

        Args:
            name: The lane's name, for the log.
            gate: What is opened.
            terms: What holds for those who are recognized.
            metrics: What is counted.
            vehicles: Gives the list as it is now.
            is_here: Tells whether an arrival, by its number, is still there.
            take_back: Told of what was granted if the gate was not told to open for it:
                it is decided on anew while the vehicle waits.
            clock: Seconds that never jump.
            now: The time of day, in the site's time zone.

        """
        self.armed = False
        """Whether the lane opens by itself."""
        self.passages: Listeners[Passage] = Listeners()
        self.requests = Requests(pins=terms.pins, is_here=is_here, clock=clock, now=now)
        self.gate_reports: Listeners[GateError | None] = Listeners()
        self.opened: Listeners[bool] = Listeners()
        """Told after each opening: whether a listed vehicle came in by it."""
        self.overrun: Listeners[None] = Listeners()
        """Told when the gate was opened too often: the lane has to be disarmed."""
        self.trial = TrialTally(now()) if terms.trial else None
        self._name = name
        self._gate = gate
        self._terms = terms
        self.rules = replace(terms.rules, standing=self._standing)
        """The rules of the lane, and that it has to be armed."""
        self._metrics = metrics
        self._vehicles = vehicles
        self._is_here = is_here
        self._take_back = take_back
        self._clock = clock
        self._now = now
        self._openings: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to listen for what concerns the gate."""
        self._gate.start()

    def decided(self, decision: Decision) -> None:
        """Act upon a final decision; does not wait for the gate."""
        vehicle = decision.vehicle
        if decision.outcome is not Outcome.GRANTED or vehicle is None:
            self._deny(decision)
            if Reason.TOO_MANY_OPENINGS in decision.reasons:
                self.overrun.tell(None)
            return
        level = self._terms.assurance(vehicle)
        if self.trial is not None:
            if level.rank <= Assurance.PRESENCE.rank:
                waited = self._clock() - decision.first_read
                self.trial.opened(decision.arrival, waited)
            self._tell(decision, Reason.TRIAL)
        elif level is Assurance.ANNOUNCE:
            self._deny(decision, Reason.ANNOUNCE_ONLY)
            self.requests.announce(vehicle, decision.reasons)
        elif level is Assurance.CONFIRMATION:
            self.requests.ask(decision, vehicle)
        else:
            try:
                use = self._take(decision, vehicle)
            except GateInterlockedError as err:
                self._refuse(decision, _reasons(err))
                return
            # The lane keeps looking while the gate moves: a vehicle that was not seen
            # for so long would count as a new one.
            self._run(self._open(decision, vehicle, use))

    def mind(self, unknown: list[int], listed: list[int]) -> None:
        """Look after those who wait.

        Args:
            unknown: The arrivals that seem to be unknown vehicles which wait.
            listed: The arrivals that fit the list, wait for long and were not granted.

        """
        for decision in self.requests.lapse():
            self._deny(decision, Reason.CONFIRMATION_EXPIRED)
            if not self._is_here(decision.arrival):
                # It is out of sight. Once it is back, somebody has to be asked again.
                self._take_back(decision)
        if self.trial is not None:
            self.trial.waited(listed)
        else:
            self.requests.ask_about_unknown(unknown)

    async def confirm(self, request_id: str) -> None:
        """Open, because a person has said yes.

        Raises:
            ConfirmationGoneError: Nothing waits for this any more.
            GateError: The gate did not open.

        """
        await self._confirmed(self.requests.take(request_id))

    async def confirm_by_pin(self, pin: str) -> None:
        """Open for the vehicle that waits for this PIN.

        Raises:
            ConfirmationGoneError: No vehicle with a PIN waits here.
            PinWrongError: It is not the PIN of any that does.
            PinLockedError: There were too many wrong ones.
            GateError: The gate did not open.

        """
        await self._confirmed(await self.requests.take_by_pin(pin))

    def ignore(self, request_id: str) -> None:
        """Leave the gate shut, because a person has said no.

        Raises:
            ConfirmationGoneError: Nothing waits for this any more.

        """
        self.requests.tell(RequestKind.IGNORED, self.requests.take(request_id))

    async def open_by_hand(self) -> None:
        """Open, because a person wants it: without a plate, and without its limits.

        Raises:
            GateError: The gate did not open.

        """
        try:
            await self._gate.open(by_hand=True)
        except GateError as err:
            self._gate_report(err)
            raise
        self._metrics.by_hand += 1
        self._gate_report(None)
        self.opened.tell(False)

    def failed_late(self, error: GateError) -> None:
        """Take note that the gate's action failed after it had been accepted."""
        self._gate_report(error)

    def opened_late(self) -> None:
        """Take note that the gate has moved after it was given up, or by an alarm."""
        self._gate_report(None)
        self.opened.tell(False)

    async def stop(self) -> None:
        """Drop what waits for a person, and wait for the gate to be told and watched."""
        for decision in self.requests.clear():
            # After a reload, somebody has to be asked again.
            self._take_back(decision)
        await self._gate.stop()
        # What has been told to the gate is told to people, too.
        await self._wait_for_openings()
        for opening in tuple(self._openings):
            opening.cancel()
        await self._wait_for_openings()
        # Those have given back what they had taken, which is to be saved.
        await self._wait_for_openings()

    async def _wait_for_openings(self) -> None:
        if self._openings:
            await asyncio.wait(self._openings, timeout=OPENING_TIMEOUT)

    def _standing(self, vehicle: Vehicle) -> tuple[Reason, ...]:
        """Say what speaks against a vehicle just now, however much it may do."""
        found = self._terms.rules.standing(vehicle)
        if self.armed or self.trial is not None:
            return found
        return (*found, Reason.AUTOMATIC_OPENING_OFF)

    def _take(self, decision: Decision, vehicle: Vehicle) -> Use | None:
        """Count the vehicle, before anybody else can use up what is left.

        Raises:
            GateInterlockedError: Somebody has, who was recognized in the same frame.

        """
        refused = self.rules.refusals(vehicle, self._now(), decision.movement)
        if refused:
            raise GateInterlockedError(refused)
        ledger = self._terms.ledger
        if ledger is None:
            return None
        use = ledger.take(vehicle, self.rules.way(decision.movement), self._now())
        # While the gate opens, not after: whoever pulls the plug gains no use by it.
        self._run(self._settle(ledger))
        return use

    async def _open(
        self, decision: Decision, vehicle: Vehicle, use: Use | None
    ) -> None:
        """Open for a vehicle, and tell what became of it."""
        milliseconds = round((self._clock() - decision.first_read) * 1000)
        arrival = decision.arrival
        if not self.armed:
            # Somebody has switched it off since this was decided.
            self._give_back(use)
            self._refuse(decision, (Reason.AUTOMATIC_OPENING_OFF,))
            raise GateInterlockedError((Reason.AUTOMATIC_OPENING_OFF,))
        its_turn = False

        def withdrawn() -> tuple[Reason, ...]:
            nonlocal its_turn
            its_turn = True
            return self._withdrawn(decision, vehicle)

        try:
            await self._gate.open(
                vehicle.vehicle_id,
                here=lambda: self._is_here(arrival),
                refused=withdrawn,
            )
        except GateInterlockedError as err:
            self._give_back(use)
            self._refuse(decision, _reasons(err))
            raise
        except asyncio.CancelledError:
            # The lane has ended while another one had the gate.
            if not its_turn:
                self._give_back(use)
                self._take_back(decision)
            raise
        except GateError as err:
            # A gate that did not move in time may still do, with the vehicle before it.
            if not isinstance(err, GateNotMovingError):
                self._give_back(use)
            if not its_turn:
                self._take_back(decision)
            self._metrics.failed += 1
            self._gate_report(err)
            self._tell(decision, Reason.GATE_FAILED)
            raise
        self._metrics.granted += 1
        self._metrics.time_to_open_ms = milliseconds
        self._gate_report(None)
        self.opened.tell(True)
        self._tell(decision, opened=True, time_to_open_ms=milliseconds)

    def _withdrawn(self, decision: Decision, vehicle: Vehicle) -> tuple[Reason, ...]:
        """Say what has changed while another lane had the gate.

        Limits are not asked again: this very use is counted already.
        """
        listed = self._vehicles().by_id.get(vehicle.vehicle_id)
        if listed is None or listed.plate != vehicle.plate:
            return (Reason.NOT_LISTED,)
        found = self.rules.written(listed, self._now())
        level = self._terms.assurance(listed)
        if level is Assurance.ANNOUNCE:
            found = (*found, Reason.ANNOUNCE_ONLY)
        elif (
            level is Assurance.CONFIRMATION and Reason.CONFIRMED not in decision.reasons
        ):
            found = (*found, Reason.CONFIRMATION_NEEDED)
        return found if self.armed else (*found, Reason.AUTOMATIC_OPENING_OFF)

    def _give_back(self, use: Use | None) -> None:
        if use is not None and self._terms.ledger is not None:
            self._terms.ledger.give_back(use)
            self._run(self._settle(self._terms.ledger))

    async def _settle(self, ledger: Ledger) -> None:
        try:
            await ledger.settle()
        except AllowlistNotSavedError:
            _LOGGER.warning("%s: what was counted could not be saved", self._name)

    async def _confirmed(self, waiting: Waiting) -> None:
        """Open for a vehicle that a person said yes to.

        Raises:
            ConfirmationGoneError: It is off the list.
            GateError: The gate did not open, or must not.

        """
        try:
            opening = self._begin_confirmed(waiting)
        except ConfirmationGoneError, GateInterlockedError:
            # Whoever else was asked need not answer any more.
            self.requests.tell(RequestKind.EXPIRED, waiting)
            raise
        self.requests.tell(RequestKind.CONFIRMED, waiting)
        # Whoever answered may go away; the opening goes on and is told of all the same.
        await asyncio.wait([opening])
        if opening.cancelled():
            raise GateUnavailableError
        opening.result()

    def _begin_confirmed(self, waiting: Waiting) -> asyncio.Task[None]:
        decision = waiting.decision
        if decision is None or decision.vehicle is None:
            return self._run(self.open_by_hand())
        # Meanwhile it may have been taken off the list, or its time may be over.
        vehicle = self._vehicles().by_id.get(decision.vehicle.vehicle_id)
        if (
            vehicle is None
            or (vehicle.plate, vehicle.pin)
            != (decision.vehicle.plate, decision.vehicle.pin)
            or self._terms.assurance(vehicle) is Assurance.ANNOUNCE
        ):
            self._take_back(decision)
            raise ConfirmationGoneError
        try:
            use = self._take(decision, vehicle)
        except GateInterlockedError as err:
            self._refuse(decision, _reasons(err))
            raise
        confirmed = replace(
            decision, vehicle=vehicle, reasons=(*decision.reasons, Reason.CONFIRMED)
        )
        return self._run(self._open(confirmed, vehicle, use))

    def _run(self, opening: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(
            opening, name="plate_gate lane opening"
        )
        self._openings.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, opening: asyncio.Task[None]) -> None:
        self._openings.discard(opening)
        if opening.cancelled():
            return
        err = opening.exception()
        if err is not None and not isinstance(err, GateError):
            # Without its text: nobody knows what is in it.
            _LOGGER.error("%s: unexpected %s", self._name, where(err))

    def _refuse(self, decision: Decision, reasons: tuple[Reason, ...]) -> None:
        """Deny what was granted, as the gate was not told to open for it.

        The vehicle waits for the reason to end, like any that was denied at once. Not
        one that has just been let in: another camera sees it now.
        """
        self._deny(decision, *reasons)
        if Reason.VEHICLE_COOLING_DOWN not in reasons:
            self._take_back(decision)
        if Reason.TOO_MANY_OPENINGS in reasons:
            self.overrun.tell(None)

    def _deny(self, decision: Decision, *reasons: Reason) -> None:
        self._metrics.denied += 1
        self._tell(replace(decision, outcome=Outcome.DENIED), *reasons)

    def _tell(
        self,
        decision: Decision,
        *reasons: Reason,
        opened: bool = False,
        time_to_open_ms: int | None = None,
    ) -> None:
        vehicle = decision.vehicle
        told = (*decision.reasons, *reasons)
        self._metrics.reasons.update(reason.value for reason in told)
        self.passages.tell(
            Passage(
                time=self._now(),
                vehicle_id=vehicle.vehicle_id if vehicle else None,
                label=vehicle.label if vehicle else None,
                outcome=decision.outcome,
                reasons=told,
                opened=opened,
                time_to_open_ms=time_to_open_ms,
            )
        )

    def _gate_report(self, error: GateError | None) -> None:
        if error is not None:
            name = type(error).__name__
            _LOGGER.warning("%s: the gate did not open (%s)", self._name, name)
        self.gate_reports.tell(error)


def _reasons(error: GateInterlockedError) -> tuple[Reason, ...]:
    return tuple(Reason(reason) for reason in error.reasons)
