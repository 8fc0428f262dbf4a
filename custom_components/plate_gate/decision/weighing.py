"""What the frames of an arrival say together.

An arrival is one vehicle with one plate. So each plate that may be its own is asked how
well it explains *all* recent frames, and a listed one is compared with the best of the
texts that were read in any of them. A stranger whose plate was read right once is its own
best explanation from then on.

Frames that repeat one another share one look's weight: what misled the reader misleads it
again. And looks at one plate are never quite independent, so that their sum counts less
than in full, by the root of their number. See docs/decision.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
import math
from typing import Final

from ..models import Access, Plate, Reason, Vehicle
from .arrival import Arrival
from .evidence import Evidence
from .policy import Policy

LOOKS_MAX: Final = 8
"""How many of the newest frames are weighed together: what is decided stays fast,
however long a vehicle stands there."""

_CLEAR: Final = 0.5
"""How much better a vehicle has to fit than a text that was read for sure and does not
fit it, in natural logarithm; more than rounding, less than what a further look brings."""


@dataclass(slots=True)
class Standing:
    """How one listed vehicle stands after the frames of an arrival."""

    vehicle: Vehicle
    frames: set[float] = field(default_factory=set)
    """When the frames were taken that speak for it."""
    how: set[Reason] = field(default_factory=set)
    enough: bool = False
    """Whether the newest of them would do alone."""
    score: float = -math.inf
    """How well it explains the frames beside the best text, in natural logarithm."""
    disputed: bool = False
    """Whether a text that was read for sure, and is not its own, fits as well."""
    looks: int = 0
    """How many of the frames that speak for it are no repetition of one another."""

    @property
    def reason(self) -> Reason:
        """The best way in which it fits."""
        for how in (Reason.EXACT_TEXT, Reason.LIKELIHOOD):
            if how in self.how:
                return how
        return Reason.LOOK_ALIKE_TEXT

    def fits(self, policy: Policy) -> bool:
        """Tell whether it explains the frames well enough."""
        if self.looks < policy.agreeing_frames:
            return self.score > policy.relative_still
        return self.score > policy.relative


def standings(arrival: Arrival, policy: Policy) -> list[Standing]:
    """Return how each listed vehicle stands that a recent frame speaks for.

    Returns:
        The best first.

    """
    found: dict[str, Standing] = {}
    for evidence in arrival.evidence:
        for candidate in evidence.candidates:
            vehicle = candidate.vehicle
            # Whoever is blocked is looked for in frames that let nobody in.
            if candidate.speaks or vehicle.access is Access.BLOCK:
                one = found.setdefault(vehicle.vehicle_id, Standing(vehicle))
                one.frames.add(evidence.taken)
                one.how.add(candidate.how)
                one.enough = candidate.enough
    if not found:
        return []
    recent = list(islice(reversed(arrival.evidence), LOOKS_MAX))[::-1]
    looks = _looks(recent)
    texts = list(dict.fromkeys(text for one in recent for text in one.texts))
    plates = [one.vehicle.plate for one in found.values()]
    sums = _sums(looks, [*plates, *texts])
    by_text = dict(zip(texts, sums[len(plates) :], strict=True))
    best = max(by_text.values())
    for one, total in zip(found.values(), sums, strict=False):
        one.score = total - best
        one.disputed = any(
            evidence.confident
            and evidence.plate != one.vehicle.plate
            and not evidence.supports(one.vehicle.vehicle_id)
            and total - by_text[evidence.plate] <= _CLEAR
            for evidence in recent
        )
        one.looks = sum(
            any(evidence.taken in one.frames for evidence in look) for look in looks
        )
    return sorted(
        found.values(),
        key=lambda one: (one.score, Reason.EXACT_TEXT in one.how, len(one.frames)),
        reverse=True,
    )


def _looks(recent: Sequence[Evidence]) -> list[list[Evidence]]:
    """Put frames that repeat one another together."""
    looks: list[list[Evidence]] = []
    for evidence in recent:
        for look in looks:
            if evidence.repeats(look[0]):
                look.append(evidence)
                break
        else:
            looks.append([evidence])
    return looks


def _sums(looks: Sequence[Sequence[Evidence]], plates: Sequence[Plate]) -> list[float]:
    """Add up how well plates explain the looks, each by the mean of its frames."""
    sums = [0.0] * len(plates)
    for look in looks:
        for evidence in look:
            for place, relative in enumerate(evidence.relatives(plates)):
                sums[place] += relative / len(look)
    return [total / math.sqrt(len(looks)) for total in sums]
