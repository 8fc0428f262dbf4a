"""Which listed vehicles a single read fits."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import PlateInvalidError
from ..models import Plate, PlateRead, Reason, Vehicle
from .likelihood import Likelihood
from .policy import Policy
from .series import is_issued
from .vehicles import VehicleIndex

_AGREEMENT: Final = 0.1
"""How far a text may be below the best one and still be what was read.

This is for rounding. A text further below has been chosen by other means, and counts for
what its probabilities say.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A listed vehicle that a read fits."""

    vehicle: Vehicle
    how: Reason
    """`EXACT_TEXT`, `LOOK_ALIKE_TEXT` or `LIKELIHOOD`."""
    relative: float = field(repr=False)
    """How likely the plate is beside the best text, in natural logarithm; about 0 for
    an exact text, and 0 for a look-alike one."""
    speaks: bool = True
    """Whether the profile lets this read speak for the vehicle. One that does not still
    shows that the vehicle is there."""
    enough: bool = False
    """Whether this read opens without a second frame."""


class Sight:
    """What a read with character probabilities shows, ready to be compared."""

    __slots__ = ("_series", "best", "best_seen", "likelihood", "texts")

    likelihood: Likelihood

    texts: tuple[Plate, ...]
    """What may stand there beside the listed plates: the text of the read, and what the
    best path spells, if that is another one."""

    best: float
    """The best of these, with `Policy.series`: what a listed plate is compared with."""

    best_seen: float
    """The best of them, whatever its form."""

    def __init__(self, read: PlateRead, policy: Policy) -> None:
        """Take the probabilities of a read.

        Raises:
            ValueError: It has none, or none that can be used.

        """
        if read.characters is None:
            raise ValueError("The read has no probabilities")
        self.likelihood = Likelihood(read.characters)
        self._series = policy.series
        self.texts = (read.plate,)
        if self.likelihood.text != read.plate.reveal():
            with suppress(PlateInvalidError):  # too short or too long
                self.texts += (Plate(self.likelihood.text),)
        seen = self.likelihood.of_plates(self.texts)
        # Where the best path spells no plate, it is at least as good as any.
        self.best_seen = max(self.likelihood.best, float(seen.max()))
        self.best = max(
            self.likelihood.best - self._series,
            float((seen + self.handicaps(self.texts)).max()),
        )

    def scores(self, plates: Sequence[Plate]) -> NDArray[np.float64]:
        """Return how likely each plate is, its form counted in; shape (plates,)."""
        return self.likelihood.of_plates(plates) + self.handicaps(plates)

    def handicaps(self, plates: Sequence[Plate]) -> NDArray[np.float64]:
        """Return what plates lose that no series has; 0 or less, shape (plates,)."""
        return np.array(
            [
                0.0 if is_issued(plate.readable() or "") else -self._series
                for plate in plates
            ]
        )


def sight_of(read: PlateRead, policy: Policy) -> Sight | None:
    """Return what a read shows, None if it has no probabilities that can be used."""
    if read.characters is None:
        return None
    try:
        return Sight(read, policy)
    except ValueError:
        return None


def candidates(
    read: PlateRead, vehicles: VehicleIndex, policy: Policy
) -> tuple[Candidate, ...]:
    """Return the listed vehicles that a read fits, the best first.

    A read with character probabilities fits by exact text and by likelihood. One
    without fits by exact text and, if the policy says so, by look-alike text.
    Probabilities that are none count as absent: the text has to do.
    """
    return candidates_in(sight_of(read, policy), read, vehicles, policy)


def candidates_in(
    sight: Sight | None, read: PlateRead, vehicles: VehicleIndex, policy: Policy
) -> tuple[Candidate, ...]:
    """Return what `candidates` does, where it is known already what a read shows."""
    if not read.confidence >= policy.minimum_confidence:  # not a number is no evidence
        return ()
    if sight is None:
        found = _by_text(read, vehicles, policy)
    else:
        found = _by_likelihood(read, sight, vehicles, policy)
    found.sort(key=lambda c: (c.how is Reason.EXACT_TEXT, c.relative), reverse=True)
    return tuple(found)


def _by_text(
    read: PlateRead, vehicles: VehicleIndex, policy: Policy
) -> list[Candidate]:
    """Match the text and, where allowed, its look-alikes."""
    speaks = read.confidence >= max(policy.sure, policy.character_floor)
    found = [
        Candidate(vehicle=v, how=Reason.EXACT_TEXT, relative=0.0, speaks=speaks)
        for v in vehicles.exact(read.plate)
    ]
    if policy.look_alikes:
        found += [
            Candidate(
                vehicle=v,
                how=Reason.LOOK_ALIKE_TEXT,
                relative=0.0,
                speaks=speaks and not policy.exact_only,
            )
            for v in vehicles.look_alikes(read.plate)
        ]
    return found


def _by_likelihood(
    read: PlateRead, sight: Sight, vehicles: VehicleIndex, policy: Policy
) -> list[Candidate]:
    """Match the exact text, and every plate that the probabilities allow for."""
    likelihood = sight.likelihood
    text = float(likelihood.of_plates([read.plate])[0])
    relative = float(sight.scores([read.plate])[0]) - sight.best
    speaks = (
        read.confidence >= policy.sure and likelihood.weakest >= policy.character_floor
    )
    found = [
        Candidate(
            vehicle=vehicle,
            how=Reason.EXACT_TEXT,
            relative=relative,
            speaks=speaks,
            enough=(
                policy.single_frame_confidence is not None
                and speaks
                and read.confidence >= policy.single_frame_confidence
                and text >= policy.single_frame_likelihood
            ),
        )
        for vehicle in (vehicles.exact(read.plate) if relative >= -_AGREEMENT else ())
    ]
    exact = {candidate.vehicle.vehicle_id for candidate in found}
    # No plate gains by its form, so that none is left out here which could fit.
    floor = max(
        policy.likelihood,
        sight.best + policy.relative,
        sight.best_seen + policy.reach,
    )
    plausible, columns = vehicles.plausible(
        read.plate,
        bounds=likelihood.bounds(floor),
        shortest=policy.likelihood_length,
        distance=policy.distance,
    )
    scores = likelihood.of(columns)
    likely = np.flatnonzero(scores > floor)
    relatives = scores[likely] - sight.best
    relatives += sight.handicaps([plausible[row].plate for row in likely.tolist()])
    found += [
        Candidate(
            vehicle=plausible[row],
            how=Reason.LIKELIHOOD,
            relative=relative,
            speaks=speaks and not policy.exact_only,
        )
        for row, relative in zip(likely.tolist(), relatives.tolist(), strict=True)
        if relative > policy.relative and plausible[row].vehicle_id not in exact
    ]
    return found
