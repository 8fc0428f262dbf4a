"""What waits for a person's yes, or for a PIN.

A request belongs to one arrival and ends with it: a yes that comes too late, or for
somebody who has left, opens nothing.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import secrets
from typing import Final, override

from ..errors import ConfirmationGoneError, PinLockedError, PinWrongError
from ..models import Vehicle

LIFETIME: Final = 60.0
"""Seconds in which somebody has to answer."""

REQUESTS_MAX: Final = 16
"""How many can wait at one lane: a wall of plates must not fill the memory."""

PIN_TRIES: Final = 5
PIN_WINDOW: Final = 900.0
"""So many wrong PINs in so many seconds, and no further one is looked at."""

type Here = Callable[[int], bool]
"""Tells whether an arrival, by its number, is still in front of the camera."""

type PinCheck = Callable[[str, str], Awaitable[bool]]
"""Compares a PIN with a digest, as `pin.check_pin` does, away from the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody waits in front of the camera for a person's yes."""

    request_id: str = field(repr=False)
    """Cannot be guessed, and is good for one answer."""
    arrival: int
    vehicle: Vehicle | None
    """As it was on the list when it was asked for; None for an unknown vehicle."""
    first_read: float
    """When the first frame was taken in which it was read (monotonic)."""
    expires: float
    """Until when it can be answered (monotonic), exclusive."""


class PinThrottle:
    """Counts wrong PINs, so that nobody can try them all.

    Five wrong ones in 15 minutes, and none is looked at until the first of those is 15
    minutes old. A right one takes none of them back: who has a PIN could otherwise try
    those of others for as long as they like, with their own in between. What is tried
    while it is locked is not counted, or somebody at the keypad could keep it locked.
    """

    __slots__ = ("_clock", "_tries")

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin without a wrong PIN.

        Args:
            clock: Seconds that never jump.

        """
        self._clock = clock
        self._tries: deque[float] = deque(maxlen=PIN_TRIES)

    @override
    def __repr__(self) -> str:
        """Show nothing: how many are left is nobody's business."""
        return "PinThrottle()"

    @property
    def locked(self) -> bool:
        """Whether no PIN is looked at now."""
        now = self._clock()
        while self._tries and now - self._tries[0] >= PIN_WINDOW:
            self._tries.popleft()
        return len(self._tries) >= PIN_TRIES

    @contextmanager
    def attempt(self) -> Iterator[Callable[[], None]]:
        """Count a PIN as wrong, from before it is looked at until it turns out right.

        So many who try at the same time have no more tries than one after another.

        Yields:
            What is to be called if the PIN was right.

        Raises:
            PinLockedError: There were too many wrong ones.

        """
        if self.locked:
            raise PinLockedError
        attempt = self._clock()
        self._tries.append(attempt)
        right = False

        def was_right() -> None:
            nonlocal right
            right = True

        try:
            yield was_right
        finally:
            if right and attempt in self._tries:
                self._tries.remove(attempt)


class Confirmations:
    """What waits for an answer at one lane."""

    def __init__(
        self, clock: Callable[[], float], throttle: PinThrottle | None = None
    ) -> None:
        """Begin with nobody waiting.

        Args:
            clock: Seconds that never jump; the clock of `Frame.taken`.
            throttle: Counts wrong PINs; one of its own if None. A reload that keeps it
                gives nobody new tries.

        """
        self._clock = clock
        self._throttle = throttle or PinThrottle(clock)
        self._requests: dict[str, Request] = {}
        self._ended: list[Request] = []

    @override
    def __repr__(self) -> str:
        """Show how many wait, and nothing of them."""
        return f"Confirmations({len(self._requests)} waiting)"

    @property
    def waiting(self) -> tuple[Request, ...]:
        """What waits for an answer now, the oldest first."""
        now = self._clock()
        return tuple(r for r in self._requests.values() if now < r.expires)

    @property
    def pins_locked(self) -> bool:
        """Whether no PIN is looked at now."""
        return self._throttle.locked

    def ask(self, arrival: int, vehicle: Vehicle | None, first_read: float) -> Request:
        """Let an arrival wait for an answer.

        An arrival has one request at most. To ask again changes nothing, and gives no
        more time, unless it is for another vehicle: then the old request ends. That the
        vehicle is unknown is no news about one that was recognized.

        Args:
            arrival: Its number.
            vehicle: Who it is; None for an unknown vehicle.
            first_read: When it was first read (monotonic).

        Returns:
            What waits now. To make room, an older request may have ended, first one for
            an unknown vehicle; `expire` tells of it.

        """
        for known in self.waiting:
            if known.arrival != arrival:
                continue
            if vehicle is None or (
                known.vehicle is not None
                and known.vehicle.vehicle_id == vehicle.vehicle_id
            ):
                return known
            self._end(known)
        while len(self._requests) >= REQUESTS_MAX:
            self._end(min(self._requests.values(), key=_worth))
        request = Request(
            request_id=secrets.token_urlsafe(16),
            arrival=arrival,
            vehicle=vehicle,
            first_read=first_read,
            expires=self._clock() + LIFETIME,
        )
        self._requests[request.request_id] = request
        return request

    def take(self, request_id: str, is_here: Here | None = None) -> Request:
        """Take what somebody has said yes to. It cannot be taken twice.

        Args:
            request_id: Which request is meant.
            is_here: Tells which arrivals are still there; all are if it is None.

        Raises:
            ConfirmationGoneError: It is too late, was answered, or the vehicle has left.

        """
        request = self._requests.get(request_id)
        if request is None or not self._stands(request, is_here):
            raise ConfirmationGoneError
        del self._requests[request_id]
        return request

    async def take_by_pin(
        self, pin: str, check: PinCheck, is_here: Here | None = None
    ) -> Request:
        """Take what a vehicle's PIN says yes to. It cannot be taken twice.

        Whom the PIN is for was recognized by its plate: it is compared with those of
        the vehicles that wait. While it is compared, time passes and vehicles leave, so
        a request has to stand after that, too.

        Args:
            pin: What somebody typed.
            check: Compares it with a digest.
            is_here: Tells which arrivals are still there; all are if it is None.

        Raises:
            PinLockedError: There were too many wrong PINs; this one was not looked at.
            PinWrongError: It is the PIN of nobody who waits.
            ConfirmationGoneError: Nobody who waits has a PIN, which is no wrong PIN, or
                the one whose PIN it is has left meanwhile.

        """
        digests = {
            request.request_id: request.vehicle.pin
            for request in self.waiting
            if request.vehicle is not None
            and request.vehicle.pin is not None
            and self._stands(request, is_here)
        }
        if self._throttle.locked:
            raise PinLockedError
        if not digests:
            raise ConfirmationGoneError
        with self._throttle.attempt() as was_right:
            for request_id, digest in digests.items():
                if await check(pin, digest):
                    was_right()
                    return self.take(request_id, is_here)
        raise PinWrongError

    def drop(self, request_id: str) -> None:
        """End a request that somebody has said no to; one that is gone stays gone."""
        self._requests.pop(request_id, None)

    def clear(self) -> None:
        """End all requests, and tell of none: for a lane that stops."""
        self._requests.clear()
        self._ended.clear()

    def expire(self, is_here: Here) -> list[Request]:
        """End what is too old, and what is for somebody who has left.

        Args:
            is_here: Tells which arrivals are still there.

        Returns:
            The requests that have ended unanswered since the last call, also those that
            had to make room.

        """
        for request in tuple(self._requests.values()):
            if not self._stands(request, is_here):
                self._end(request)
        ended, self._ended = self._ended, []
        return ended

    def _stands(self, request: Request, is_here: Here | None) -> bool:
        """Tell whether a request can still be answered."""
        return self._clock() < request.expires and (
            is_here is None or is_here(request.arrival)
        )

    def _end(self, request: Request) -> None:
        del self._requests[request.request_id]
        self._ended.append(request)
        # Nobody may ask for them.
        del self._ended[:-REQUESTS_MAX]


def _worth(request: Request) -> tuple[bool, float]:
    """Say how little it matters that a request ends: the least is ended first."""
    return request.vehicle is not None, request.expires
