"""Judges how old the pictures are that a source hands on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time
from typing import Final, NamedTuple
from unittest.mock import patch

from custom_components.plate_gate.capture import Region
from custom_components.plate_gate.capture.picture import Shot
from custom_components.plate_gate.capture.slot import Slot
from custom_components.plate_gate.models import Frame
from demo.bench import numbers

LIMIT: Final = 2.0
"""Seconds. An older picture may show a vehicle that has gone."""

TOLERANCE: Final = 0.25
"""Seconds. A picture is taken when the sensor sees it, but for its reader when it has
arrived; and it is looked at before it is handed on."""


class Handed(NamedTuple):
    """A picture that was handed on."""

    at: float
    """When, of `time.monotonic`."""
    taken: float | None
    """When the camera took it, as the camera says; None if it never took such a one."""
    width: int
    known_by: float
    """When its reader says that it was taken; no two pictures have the same."""

    @property
    def is_old(self) -> bool:
        """Whether it should not have been handed on."""
        return self.taken is None or self.at - self.taken > LIMIT + TOLERANCE


class Judge:
    """Sees every picture that goes into the slot, and every one that comes out."""

    def __init__(self, taken: Callable[[int], float | None]) -> None:
        """Prepare.

        Args:
            taken: Tells when the camera last took the picture with a number.

        """
        self._taken = taken
        self.put: list[Handed] = []
        """What a lane could have got. Filled in the threads of the readers."""
        self.got: list[Handed] = []
        """What it got."""

    def old(self, since: float = 0.0) -> int:
        """Return how many pictures were handed on that should not have been.

        Args:
            since: Those before do not count.

        """
        both = (*self.put, *self.got)
        return len({one.known_by for one in both if one.is_old and one.at >= since})

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See what goes into any slot."""
        put = Slot.put

        def seen(slot: Slot, shot: Shot) -> None:
            self.put.append(self._judged(shot.develop(Region())))
            put(slot, shot)

        with patch.object(Slot, "put", seen):
            yield

    def look(self, frame: Frame) -> None:
        """See what has come out."""
        self.got.append(self._judged(frame))

    def _judged(self, frame: Frame) -> Handed:
        at = time.monotonic()
        number = numbers.read_jpeg(frame.jpeg)
        return Handed(at, self._taken(number), frame.width, frame.taken)
