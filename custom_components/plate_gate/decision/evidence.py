"""What the decision keeps of a read, for seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
import math
from typing import Final, Self

from ..models import Box, Plate, PlateRead, Reason
from .match import Candidate, Sight, candidates_in, sight_of
from .policy import Policy
from .vehicles import VehicleIndex, texts_of

_TEXT_SURE: Final = 0.9
_TEXT_LENGTHS: Final = range(4, 10)

FLOOR: Final = -6.0
"""The least that one frame weighs against a plate, in natural logarithm.

Now and then a frame shows something else altogether: a sticker, half a plate, the car
beside. One in 400 (e to the power of 6) is a guess on the rare side, and keeps such a
frame from deciding for all others.
"""
_UNSURE: Final = -1.0
"""What a text without probabilities that is not sure weighs against other plates."""

_STILL: Final = 0.06
"""Part of a plate's width by which a detector's boxes jitter where nothing moves."""
_SAME_BEST: Final = 0.25
_SAME_WEAKEST: Final = 0.1
"""How much the best path, in natural logarithm, and its least sure character change by
what a sensor's noise does to a picture that stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the decision keeps of a read, for seconds."""

    taken: float
    """When its frame was taken, in monotonic seconds."""
    plate: Plate
    confident: bool
    """Whether the text speaks against vehicles that it does not fit."""
    plausible: bool = field(repr=False)
    """Whether the text looks like a plate."""
    box: Box | None
    candidates: tuple[Candidate, ...]
    """The listed vehicles that the read fits, the best first."""
    sight: Sight | None = field(default=None, repr=False, compare=False)
    """What its probabilities show; None if the backend gives none, or they are old."""
    known: dict[Plate, float] = field(default_factory=dict, repr=False, compare=False)
    """How well plates fit that were asked for before."""

    @classmethod
    def of(
        cls, read: PlateRead, taken: float, vehicles: VehicleIndex, policy: Policy
    ) -> Self:
        """Weigh a read against the list."""
        sight = sight_of(read, policy)
        found = candidates_in(sight, read, vehicles, policy)
        return cls(
            taken=taken,
            plate=read.plate,
            # That a text is on the list to the character makes it credible.
            confident=read.confidence >= policy.confident
            or any(c.how is Reason.EXACT_TEXT for c in found),
            plausible=_looks_like_a_plate(read),
            box=read.box,
            candidates=found,
            sight=sight,
        )

    @property
    def exact(self) -> frozenset[str]:
        """The ids of the vehicles whose plate this is to the character."""
        return frozenset(
            c.vehicle.vehicle_id for c in self.candidates if c.how is Reason.EXACT_TEXT
        )

    @property
    def texts(self) -> tuple[Plate, ...]:
        """What may stand there beside the listed plates."""
        return (self.plate,) if self.sight is None else self.sight.texts

    def supports(self, vehicle_id: str) -> bool:
        """Tell whether the read fits this vehicle."""
        return any(c.vehicle.vehicle_id == vehicle_id for c in self.candidates)

    def relatives(self, plates: Sequence[Plate]) -> list[float]:
        """Return how likely plates are beside the best text of this frame.

        Returns:
            In natural logarithm, about 0 for the best, never below `FLOOR`.

        """
        new = [plate for plate in plates if plate not in self.known]
        if new:
            self.known.update(zip(new, self._weigh(new), strict=True))
        return [self.known[plate] for plate in plates]

    def repeats(self, other: Evidence) -> bool:
        """Tell whether this is the same look as another: it brings nothing new.

        A backend without probabilities that does not say where plates are cannot tell,
        so that each of its frames counts as a look.
        """
        if self.plate != other.plate:
            return False
        if self.box is not None and other.box is not None:
            if not still(other.box, self.box):
                return False
        elif self.sight is None:
            return False
        if self.sight is None or other.sight is None:
            return self.sight is other.sight
        one, two = self.sight.likelihood, other.sight.likelihood
        return (
            one.text == two.text
            and abs(one.best - two.best) <= _SAME_BEST
            and abs(one.weakest - two.weakest) <= _SAME_WEAKEST
        )

    def _weigh(self, plates: Sequence[Plate]) -> list[float]:
        if self.sight is None:
            other = FLOOR if self.confident else _UNSURE
            fitting = {self.plate, *(c.vehicle.plate for c in self.candidates)}
            text = self.plate.reveal()
            return [
                0.0 if plate in fitting or text in texts_of(plate) else other
                for plate in plates
            ]
        scores = self.sight.scores(plates) - self.sight.best
        return [_with_floor(score) for score in scores.tolist()]


def still(one: Box, other: Box) -> bool:
    """Tell whether a plate has neither moved nor changed its size between two frames."""
    width = max(one.x_max - one.x_min, 1.0)
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _STILL * width


def _with_floor(score: float) -> float:
    """Allow for frames that show something else."""
    rare = math.exp(FLOOR)
    return math.log((1 - rare) * math.exp(min(score, 0.0)) + rare)


def _looks_like_a_plate(read: PlateRead) -> bool:
    """Tell whether a text is one that a plate might have, and not a word or a time."""
    text = read.plate.reveal()
    return (
        read.confidence >= _TEXT_SURE
        and len(text) in _TEXT_LENGTHS
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
    )
