"""Keeps several lanes and vehicles from pulsing one gate at the same time.

This is about the drive, which has one button or behaves as if it had: what somebody
wishes beyond that is in `interlocks`.
"""

import asyncio
from collections.abc import Callable
from typing import Final

HOLD_OFF: Final = 20.0
"""Seconds after an action in which there is no second one. A drive with one button
takes a pulse while it opens for stop, and most open within this time."""


class Latch:
    """What is known of the actions on one gate, whoever asked for them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin with a gate that was not acted upon.

        Args:
            clock: Seconds that are never set back.

        """
        self.lock = asyncio.Lock()
        """Held while the gate is told to open, and until it has moved."""
        self.has_moved = False
        """Whether it has opened since it was told to."""
        self.is_stuck = False
        """Whether it was told as often as it is to be, and did not move so far."""
        self._clock = clock
        self._acted: float | None = None
        self._closed: tuple[float, object] | None = None

    def acted(self) -> float:
        """Note that the gate is told to open now, and return when that is."""
        self._acted = self._clock()
        self._closed = None
        self.has_moved = self.is_stuck = False
        return self._acted

    def failed(self, acted: float) -> None:
        """Note that this came to nothing, so that it may be tried again at once.

        Args:
            acted: What `acted` returned. A newer action than that still holds.

        """
        if self._acted == acted:
            self._acted = None

    def moved(self) -> None:
        """Note that the gate has begun to open."""
        self.has_moved = True
        self.is_stuck = False

    def stuck(self) -> None:
        """Note that the gate has not moved, and gets no further pulse for now."""
        self.is_stuck = True

    def closed(self, looks: object) -> None:
        """Note that the gate is told to close now.

        Args:
            looks: What is seen of it now, to be compared later.

        """
        self._closed = (self._clock(), looks)
        self._acted = None

    def is_closing(self, looks: object) -> bool:
        """Tell whether it was told to close a moment ago, and has yet to show it.

        Args:
            looks: What is seen of it now.

        """
        if self._closed is None:
            return False
        since, before = self._closed
        return looks == before and self._clock() - since < HOLD_OFF

    def holds(self, *, is_shut: bool) -> bool:
        """Tell whether the gate is on its way because of an action a moment ago.

        Args:
            is_shut: Whether something that can tell says that the gate is shut, or on
                its way there. That is believed if the gate has moved since: not of a
                gate that has yet to begin.

        """
        if self._acted is None or (self.has_moved and is_shut):
            return False
        return self._clock() - self._acted < HOLD_OFF
