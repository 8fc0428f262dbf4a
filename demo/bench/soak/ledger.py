"""Compares the frames that were handed on with the pictures that a camera took."""

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from .cameras import FROZEN

MAX_AGE: Final = 2.0
"""Seconds. An older frame is not to be handed on."""

LEEWAY: Final = 0.1
"""Seconds beyond it: a frame is made from its picture, and taken over, after its age was
looked at."""

_REMEMBERED: Final = 3
"""How many pictures with the same number are kept in mind."""


class Handed(NamedTuple):
    """A frame that was handed on."""

    number: int
    got: float
    """When, of `time.monotonic`."""
    claimed: float
    """When it was taken, as the source says."""
    during: str
    """What the camera suffered from, or last did."""


class Ledger:
    """Checks every frame of one camera.

    Attributes:
        frames: How many were checked.
        stuck: How many showed the picture of a camera that hangs, which are not.
        oldest: Seconds between taking and handing on, at most.
        optimism: Seconds by which a frame claimed to be younger than it was, at most.
        faults: What was wrong, in words.

    """

    def __init__(self) -> None:
        """Begin empty."""
        self.frames = 0
        self.stuck = 0
        self.oldest = 0.0
        self.optimism = 0.0
        self.faults: list[str] = []
        self._unchecked: list[Handed] = []
        self._taken: dict[int, deque[float]] = defaultdict(
            lambda: deque(maxlen=_REMEMBERED)
        )

    def hand(self, frame: Handed) -> None:
        """Note a frame."""
        self._unchecked.append(frame)

    def handed(self) -> list[Handed]:
        """Return the frames that are to be checked, once what the camera took is known."""
        frames, self._unchecked = self._unchecked, []
        return frames

    def check(
        self, frames: Iterable[Handed], taken: Iterable[tuple[int, float]]
    ) -> None:
        """Check frames.

        Args:
            frames: What was handed on.
            taken: What the camera took since the last time, and was asked for later.

        """
        for number, at in taken:
            self._taken[number].append(at)
        for frame in frames:
            if frame.number == FROZEN:
                self.stuck += 1
                continue
            self.frames += 1
            truth = [at for at in self._taken.get(frame.number, ()) if at <= frame.got]
            if not truth:
                self.faults.append(
                    f"a frame that the camera never took ({frame.during})"
                )
                continue
            age = frame.got - truth[-1]
            self.oldest = max(self.oldest, age)
            self.optimism = max(self.optimism, frame.claimed - truth[-1])
            if age > MAX_AGE + LEEWAY:
                self.faults.append(
                    f"a frame that was {age:.2f} s old, and claimed to be"
                    f" {frame.got - frame.claimed:.2f} ({frame.during})"
                )
