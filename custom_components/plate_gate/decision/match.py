"""Which listed vehicles a single read fits."""

from dataclasses import dataclass, field
from typing import Final

from ..models import PlateRead, Reason, Vehicle
from .likelihood import Likelihood
from .policy import Policy
from .vehicles import VehicleIndex

_SMEAR: Final = 3.0
"""How far the likelihood of a text may be above that of its best path.

A reader that spreads a character over several steps has many paths for one text, each
of them bad: next to the best of those, any plate would look likely. The recognizer's
characters are sharp: half of its texts are within 0.02 of their best path, and 97 % of
them within 3.
"""

_AGREEMENT: Final = 0.1
"""How far the likelihood of a text may be below that of the best path.

What the best path spells is at least as likely as the path; this is for rounding. A
text below has been chosen by other means, as our recognizer does where O and 0 have the
same form, and counts for what its probabilities say.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A listed vehicle that a read fits."""

    vehicle: Vehicle
    how: Reason
    """`EXACT_TEXT`, `LOOK_ALIKE_TEXT` or `LIKELIHOOD`."""
    relative: float = field(repr=False)
    """The log likelihood of the plate less that of the best path.

    At least 0 for an exact text, and 0 for a look-alike one.
    """
    enough: bool = False
    """Whether this read opens without a second frame."""


def candidates(
    read: PlateRead, vehicles: VehicleIndex, policy: Policy
) -> tuple[Candidate, ...]:
    """Return the listed vehicles that a read fits, the best first.

    A read with character probabilities fits by exact text and by likelihood. One
    without fits by exact text and, if the policy says so, by look-alike text.
    Probabilities that are none count as absent: the text has to do.
    """
    if not read.confidence >= policy.minimum_confidence:  # not a number is no evidence
        return ()
    likelihood = _likelihood(read)
    if likelihood is None:
        found = _by_text(read, vehicles, policy)
    else:
        found = _by_likelihood(read, likelihood, vehicles, policy)
    found.sort(key=lambda c: (c.how is Reason.EXACT_TEXT, c.relative), reverse=True)
    return tuple(found)


def _likelihood(read: PlateRead) -> Likelihood | None:
    """Return the likelihood of a read, None if it has none that can be used."""
    if read.characters is None:
        return None
    try:
        return Likelihood(read.characters)
    except ValueError:
        return None


def _by_text(
    read: PlateRead, vehicles: VehicleIndex, policy: Policy
) -> list[Candidate]:
    """Match the text and, where allowed, its look-alikes."""
    found = [
        Candidate(vehicle=vehicle, how=Reason.EXACT_TEXT, relative=0.0)
        for vehicle in vehicles.exact(read.plate)
    ]
    if policy.look_alikes:
        found += [
            Candidate(vehicle=vehicle, how=Reason.LOOK_ALIKE_TEXT, relative=0.0)
            for vehicle in vehicles.look_alikes(read.plate)
        ]
    return found


def _by_likelihood(
    read: PlateRead, likelihood: Likelihood, vehicles: VehicleIndex, policy: Policy
) -> list[Candidate]:
    """Match the exact text, and every plate that the probabilities allow for.

    The measure is the best path, unless that makes the text itself far too likely.
    """
    text = float(likelihood.of_plates([read.plate])[0])
    best = max(likelihood.best, text - _SMEAR)
    agree = text >= likelihood.best - _AGREEMENT
    found = [
        Candidate(
            vehicle=vehicle,
            how=Reason.EXACT_TEXT,
            # An exact text is the best there is, but for rounding.
            relative=max(text - best, 0.0),
            enough=(
                policy.single_frame_confidence is not None
                and read.confidence >= policy.single_frame_confidence
                and text >= policy.single_frame_likelihood
            ),
        )
        for vehicle in (vehicles.exact(read.plate) if agree else ())
    ]
    floor = max(policy.likelihood, best + policy.relative)
    plausible, columns = vehicles.plausible(
        read.plate,
        bounds=likelihood.bounds(floor),
        shortest=policy.likelihood_length,
        distance=policy.distance,
    )
    found += [
        Candidate(vehicle=vehicle, how=Reason.LIKELIHOOD, relative=float(score) - best)
        for vehicle, score in zip(plausible, likelihood.of(columns), strict=True)
        if score > floor and not (agree and vehicle.plate == read.plate)
    ]
    return found
