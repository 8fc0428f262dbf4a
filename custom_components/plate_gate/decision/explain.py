"""Why a picture would open the gate, or would not: the whole chain as data.

It asks the same functions that decide for a lane, and adds what those leave out: the
vehicles that nearly fit, and what more of the same picture would lead to. Nothing of
it is remembered, and no arrival of the lane is touched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from ..models import Box, Decision, Outcome, Plate, PlateRead, Reason, Vehicle
from .arrival import Arrival
from .association import distinct
from .decide import decide
from .evidence import Evidence
from .match import Candidate, candidates
from .policy import RELATIVE_MIN, Policy
from .rules import Rules
from .vehicles import VehicleIndex

FRAMES_MAX: Final = 10
"""How many pictures like this one are tried, at most."""

FRAME_INTERVAL: Final = 0.3
"""Seconds between them, as of a camera that makes three a second."""

NEAR_MAX: Final = 5
"""How many of those are told of, for each read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How one listed vehicle fits one read, and what it may do here now."""

    vehicle: Vehicle
    how: Reason
    """`EXACT_TEXT`, `LOOK_ALIKE_TEXT` or `LIKELIHOOD`."""
    relative: float
    """How likely its plate is beside the best text, in natural logarithm: 0 or so for an
    exact text, and for others to be compared with `Policy.relative`."""
    fits: bool
    """Whether this read speaks for it, or only nearly does."""
    alone: bool
    """Whether this picture is enough without a second one."""
    refusals: tuple[Reason, ...]
    """Why it is not let in here now, whether or not there is evidence enough."""
    besides: tuple[Reason, ...] = ()
    """What it takes, or what becomes of it, once it is let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadExplained:
    """One plate text in the picture, and what follows from it."""

    plate: Plate
    confidence: float
    box: Box | None
    characters: bool
    """Whether the backend gave the probability of each character."""
    counts: bool
    """Whether its confidence is enough for it to count at all."""
    again: bool
    """Whether it is the same plate as that of a surer read of this picture."""
    fits: tuple[Fit, ...] = ()
    """The listed vehicles that it fits, the best first, then those that nearly do."""
    decision: Decision
    """What is decided if this is the only picture of the vehicle."""
    frames: int | None = None
    """How many pictures like this one it takes to decide; None if ten are too few."""
    then: Decision
    """What is decided after those; the same as `decision` if it takes one."""

    @property
    def best(self) -> Fit | None:
        """The listed vehicle that fits best, if one does."""
        return self.fits[0] if self.fits and self.fits[0].fits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that was read in a picture, and what follows from it."""

    reads: tuple[ReadExplained, ...]
    """In the order of the backend."""
    policy: Policy
    """The limits that all of it is judged by."""
    vehicles: int
    """How many are on the list."""
    decision_ms: float = field(compare=False)
    """How long it took to compare the reads with the list."""
    rules_ms: float = field(compare=False)
    """How long it took to decide, and to ask the rules."""

    @property
    def outcome(self) -> Outcome:
        """What is decided if this is the only picture; the most that a read leads to."""
        outcomes = {read.decision.outcome for read in self.reads}
        for one in (Outcome.GRANTED, Outcome.DENIED):
            if one in outcomes:
                return one
        return Outcome.UNDECIDED


def _nothing(vehicle: Vehicle) -> tuple[Reason, ...]:
    return ()


def explain(
    reads: Sequence[PlateRead],
    *,
    vehicles: VehicleIndex,
    policy: Policy,
    now: datetime,
    clock: Callable[[], float],
    rules: Rules | None = None,
    besides: Callable[[Vehicle], tuple[Reason, ...]] = _nothing,
) -> Explanation:
    """Explain what would become of the reads of one picture.

    Args:
        reads: What a backend saw in it.
        vehicles: The list.
        policy: How much evidence is enough.
        now: The time, in the site's time zone.
        clock: Seconds, for the times that it takes.
        rules: What listed vehicles may do at this lane; None for without limits.
        besides: Tells what it takes besides the plate, or what keeps the lane from
            opening for a vehicle that is let in.

    """
    rules = rules or Rules()
    began = clock()
    kept = {id(read) for read in distinct(reads)}
    found = [_fits(read, vehicles, policy) for read in reads]
    arrivals = [_arrivals(read, vehicles, policy) for read in reads]
    weighed = clock()
    explained = tuple(
        _explain(read, fits, steps, policy, now, rules, besides, id(read) not in kept)
        for read, fits, steps in zip(reads, found, arrivals, strict=True)
    )
    return Explanation(
        reads=explained,
        policy=policy,
        vehicles=len(vehicles),
        decision_ms=(weighed - began) * 1000,
        rules_ms=(clock() - weighed) * 1000,
    )


def _fits(
    read: PlateRead, vehicles: VehicleIndex, policy: Policy
) -> list[tuple[Candidate, bool]]:
    """Return the vehicles that a read speaks for, and then some that it nearly does."""
    fitting = [one for one in candidates(read, vehicles, policy) if one.speaks]
    known = {candidate.vehicle.vehicle_id for candidate in fitting}
    looser = replace(
        policy,
        minimum_confidence=min(policy.minimum_confidence, 0.01),
        relative=RELATIVE_MIN,
        reach=2 * RELATIVE_MIN,
        likelihood=2 * policy.likelihood,
        look_alikes=True,
    )
    near = [
        candidate
        for candidate in candidates(read, vehicles, looser)
        if candidate.vehicle.vehicle_id not in known
    ]
    return [
        *((candidate, True) for candidate in fitting),
        *((candidate, False) for candidate in near[:NEAR_MAX]),
    ]


def _arrivals(
    read: PlateRead, vehicles: VehicleIndex, policy: Policy
) -> list[Evidence]:
    """Return the evidence of as many such pictures as are tried."""
    if not read.confidence >= policy.minimum_confidence:  # not a number counts neither
        return []
    first = Evidence.of(read, 0.0, vehicles, policy)
    return [replace(first, taken=n * FRAME_INTERVAL) for n in range(FRAMES_MAX)]


def _explain(
    read: PlateRead,
    fits: Sequence[tuple[Candidate, bool]],
    steps: Sequence[Evidence],
    policy: Policy,
    now: datetime,
    rules: Rules,
    besides: Callable[[Vehicle], tuple[Reason, ...]],
    again: bool,
) -> ReadExplained:
    decisions: list[Decision] = []
    if steps and not again:
        arrival = Arrival(steps[0], policy)
        decisions.append(decide(arrival, policy, now, rules))
        for evidence in steps[1:]:
            if decisions[-1].outcome is not Outcome.UNDECIDED:
                break
            arrival.add(evidence)
            decisions.append(decide(arrival, policy, now, rules))
    nothing = Decision(outcome=Outcome.UNDECIDED, reasons=(Reason.NOT_LISTED,))
    first, last = (decisions[0], decisions[-1]) if decisions else (nothing, nothing)
    return ReadExplained(
        plate=read.plate,
        confidence=read.confidence,
        box=read.box,
        characters=read.characters is not None,
        counts=bool(steps),
        again=again,
        fits=tuple(
            Fit(
                vehicle=candidate.vehicle,
                how=candidate.how,
                relative=candidate.relative,
                fits=fitting,
                alone=fitting and candidate.enough,
                refusals=rules.refusals(candidate.vehicle, now),
                besides=besides(candidate.vehicle),
            )
            for candidate, fitting in fits
        ),
        decision=first,
        frames=None if last.outcome is Outcome.UNDECIDED else len(decisions),
        then=last,
    )
