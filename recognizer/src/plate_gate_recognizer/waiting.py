"""The few pictures that wait for their turn.

A picture at a gate is worth something while it is new. So each camera has one place
only, in which a newer picture takes that of the older one, and whose camera was served
longest ago comes next.
"""

from collections import OrderedDict
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

_CAMERAS_MAX: Final = 256
"""Cameras whose last turn is remembered; names could be made up without end."""


class Waits(Protocol):
    """What can wait."""

    @property
    def camera(self) -> str | None:
        """Where it comes from; nobody knows for sure if it is None."""


@dataclass(frozen=True, slots=True)
class Admission[W: Waits]:
    """What became of something that came to wait."""

    admitted: bool
    replaced: W | None = None
    """What was older and from the same camera, and has left the line."""
    displaced: W | None = None
    """What came from a camera that had its turn later, and has left the line."""


class Line[W: Waits]:
    """What waits, at most one of each camera, and fair to all of them.

    Everything without a camera waits independently, but all of it together has the
    turns of one camera.
    """

    def __init__(self, most: int) -> None:
        """Begin empty.

        Args:
            most: How many may wait.

        """
        self._most = most
        self._waiting: list[W] = []
        self._numbers = count()
        # The number of each camera's last turn, or of when it was first seen: who comes
        # with a new name each time gets no advantage from it.
        self._turns: OrderedDict[str | None, int] = OrderedDict()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def add(self, one: W) -> Admission[W]:
        """Let something wait, if there is a place for it.

        When all places are taken, a camera that had its turn longer ago takes the place
        of the one that had it last. So none can keep another one out.
        """
        turn = self._turn(one.camera)
        if one.camera is not None:
            for place, other in enumerate(self._waiting):
                if other.camera == one.camera:
                    self._waiting[place] = one
                    return Admission(True, replaced=other)
        if len(self._waiting) < self._most:
            self._waiting.append(one)
            return Admission(True)
        # Of several without a camera this is the oldest, which is worth the least.
        latest = max(self._waiting, key=self._turn_of, default=None)
        if latest is None or self._turn_of(latest) <= turn:
            return Admission(False)
        self._waiting.remove(latest)
        self._waiting.append(one)
        return Admission(True, displaced=latest)

    def pop(self) -> W | None:
        """Return whose turn it is, which then waits no more."""
        if not self._waiting:
            return None
        next_one = min(self._waiting, key=self._turn_of)
        self._waiting.remove(next_one)
        self.serve(next_one.camera)
        return next_one

    def remove(self, one: W) -> None:
        """Let something leave, if it still waits."""
        if one in self._waiting:
            self._waiting.remove(one)

    def clear(self) -> list[W]:
        """Return all that wait, none of which waits any more."""
        gone, self._waiting = self._waiting, []
        return gone

    def serve(self, camera: str | None) -> None:
        """Note that a camera has its turn now."""
        self._turns[camera] = next(self._numbers)
        self._turns.move_to_end(camera)
        self._forget()

    def _turn(self, camera: str | None) -> int:
        if camera not in self._turns:
            self._turns[camera] = next(self._numbers)
        self._turns.move_to_end(camera)
        self._forget()
        return self._turns[camera]

    def _turn_of(self, one: W) -> int:
        # One that waits may have been forgotten since.
        return self._turns.get(one.camera, -1)

    def _forget(self) -> None:
        while len(self._turns) > _CAMERAS_MAX:
            self._turns.popitem(last=False)
