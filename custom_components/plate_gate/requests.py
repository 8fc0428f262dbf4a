"""Those who wait for a person's word at a lane, and what is told of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .gate import Confirmations, PinCheck, PinThrottle, Request
from .listeners import Listeners
from .models import Decision, Reason, Vehicle
from .news import RequestKind, RequestNews

_ASKED_MAX: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request, and what was decided about the vehicle that waits."""

    request: Request
    decision: Decision | None
    """None for a vehicle that seems not to be on the list."""


async def _no_pin(pin: str, digest: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """How the PINs of a lane are looked at."""

    check: PinCheck = _no_pin
    """Compares a PIN with a digest, away from the event loop; by default, none fits."""
    throttle: PinThrottle | None = None
    """Counts wrong ones, also across reloads; None for as long as the lane runs."""


class Requests:
    """The requests of one lane."""

    def __init__(
        self,
        *,
        pins: Pins,
        is_here: Callable[[int], bool],
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """Begin with nobody.

        Args:
            pins: How PINs are looked at.
            is_here: Tells whether an arrival, by its number, is still there.
            clock: Seconds that never jump.
            now: The time of day, with a time zone.

        """
        self.news: Listeners[RequestNews] = Listeners()
        self._clock = clock
        self._now = now
        self._pins = pins
        self._is_here = is_here
        self._confirmations = Confirmations(clock, pins.throttle)
        self._waiting: dict[str, Waiting] = {}
        """By request id, until it is told what became of it."""
        self._asked: list[int] = []

    def __contains__(self, request_id: object) -> bool:
        """Tell whether somebody waits for an answer to this."""
        return any(r.request_id == request_id for r in self._confirmations.waiting)

    def ask(self, decision: Decision, vehicle: Vehicle) -> None:
        """Ask whether a listed vehicle may come in."""
        request = self._confirmations.ask(
            decision.arrival, vehicle, decision.first_read
        )
        waiting = Waiting(request=request, decision=decision)
        self._waiting[request.request_id] = waiting
        self.tell(RequestKind.CONFIRMATION_NEEDED, waiting)

    def ask_about_unknown(self, arrivals: list[int]) -> None:
        """Ask about vehicles that seem not to be on the list, once about each."""
        for arrival in arrivals:
            if arrival not in self._asked:
                self._asked = [*self._asked[-_ASKED_MAX:], arrival]
                request = self._confirmations.ask(arrival, None, self._clock())
                if request.request_id in self._waiting:
                    continue  # somebody is asked already
                waiting = Waiting(request=request, decision=None)
                self._waiting[request.request_id] = waiting
                self.tell(RequestKind.UNKNOWN_WAITING, waiting)

    def announce(self, vehicle: Vehicle, reasons: tuple[Reason, ...]) -> None:
        """Tell that a listed vehicle is there, which people may open for."""
        self.news.tell(
            RequestNews(
                kind=RequestKind.ANNOUNCED,
                vehicle_id=vehicle.vehicle_id,
                label=vehicle.label,
                reasons=reasons,
            )
        )

    def take(self, request_id: str) -> Waiting:
        """Return what waits for an answer, which has come. There is no second one.

        Raises:
            ConfirmationGoneError: Nothing waits for this any more.

        """
        return self._taken(self._confirmations.take(request_id, self._is_here))

    async def take_by_pin(self, pin: str) -> Waiting:
        """Return what waits for this PIN.

        Raises:
            ConfirmationGoneError: No vehicle with a PIN waits here.
            PinWrongError: It is not the PIN of any that does.
            PinLockedError: There were too many wrong ones.

        """
        return self._taken(
            await self._confirmations.take_by_pin(pin, self._pins.check, self._is_here)
        )

    def lapse(self) -> list[Decision]:
        """End the requests that nobody answered, or whose vehicle has left.

        Returns:
            What had been decided about the listed vehicles among them.

        """
        self._confirmations.expire(self._is_here)
        # Also those that had to make room, of which there may have been too many.
        open_still = {request.request_id for request in self._confirmations.waiting}
        lapsed = [w for id_, w in self._waiting.items() if id_ not in open_still]
        for waiting in lapsed:
            self._taken(waiting.request)
            self.tell(RequestKind.EXPIRED, waiting)
        return [w.decision for w in lapsed if w.decision is not None]

    def clear(self) -> list[Decision]:
        """Drop all requests, of which nothing is told.

        Returns:
            What had been decided about the listed vehicles among them.

        """
        dropped = [w.decision for w in self._waiting.values() if w.decision is not None]
        self._confirmations.clear()
        self._waiting.clear()
        return dropped

    def tell(self, kind: RequestKind, waiting: Waiting) -> None:
        """Tell what became of a request."""
        request, decision = waiting.request, waiting.decision
        left = request.expires - self._clock()
        self.news.tell(
            RequestNews(
                kind=kind,
                request_id=request.request_id,
                unknown=request.vehicle is None,
                vehicle_id=request.vehicle.vehicle_id if request.vehicle else None,
                label=request.vehicle.label if request.vehicle else None,
                expires=self._now() + timedelta(seconds=left) if left > 0 else None,
                reasons=decision.reasons if decision else (),
            )
        )

    def _taken(self, request: Request) -> Waiting:
        return self._waiting.pop(request.request_id)
