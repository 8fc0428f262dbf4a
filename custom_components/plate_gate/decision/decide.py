"""From the evidence of an arrival to a decision."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from ..models import Decision, Outcome, Plate, Reason, Vehicle
from .arrival import Arrival
from .policy import Policy
from .rules import refusal


@dataclass(slots=True)
class _Support:
    """What speaks for one vehicle."""

    vehicle: Vehicle
    frames: set[float] = field(default_factory=set)
    weight: float = 0.0
    """How far its likelihood was above the limit, added up over the frames."""
    how: set[Reason] = field(default_factory=set)
    enough: bool = False

    @property
    def exact(self) -> bool:
        """Whether a frame had exactly its plate."""
        return Reason.EXACT_TEXT in self.how

    @property
    def reason(self) -> Reason:
        """The best way in which it fits."""
        if self.exact:
            return Reason.EXACT_TEXT
        if Reason.LIKELIHOOD in self.how:
            return Reason.LIKELIHOOD
        return Reason.LOOK_ALIKE_TEXT


def decide(arrival: Arrival, policy: Policy, now: datetime) -> Decision:
    """Decide about an arrival, from the evidence of the last seconds.

    It is granted if one listed vehicle fits on `Policy.agreeing_frames` frames, the
    newest among them, and is valid now. The frames on which a sure text that does not
    fit was read repeatedly count against it: a stranger whose plate is one character
    off and misread now and then stays outside.

    A single frame is enough if it reads the exact text, with a confidence from which
    on nine in ten reads are right to the character and with probabilities that say the
    same (`Policy.single_frame_confidence` has the figures), and if nothing sure spoke
    against it before. Two frames are the rule since cameras make two to five a second:
    the second costs less time than a gate takes to move.

    Args:
        arrival: The vehicle in front of the camera.
        policy: How much evidence is enough.
        now: The time, with a time zone; validity is judged by it.

    Returns:
        A decision whose vehicle is None unless it is granted or denied. This does not
        know what was decided before: the decider tells each decision once.

    """
    support = _support(arrival, policy)
    if not support:
        return _undecided(Reason.NOT_LISTED)
    leader = _leader(list(support.values()), policy.margin)
    if leader is None:
        return _undecided(Reason.AMBIGUOUS)
    frames = _frames(leader, arrival, policy)
    if frames is None:
        return _undecided(leader.reason, Reason.MORE_FRAMES_NEEDED)
    refused = refusal(leader.vehicle, now)
    return Decision(
        outcome=Outcome.DENIED if refused else Outcome.GRANTED,
        reasons=(leader.reason, frames, *([refused] if refused else [])),
        vehicle=leader.vehicle,
        first_read=arrival.first_read(leader.vehicle.vehicle_id),
    )


def _undecided(*reasons: Reason) -> Decision:
    """Return that nobody has been recognized yet."""
    return Decision(outcome=Outcome.UNDECIDED, reasons=reasons)


def _support(arrival: Arrival, policy: Policy) -> dict[str, _Support]:
    """Add up what speaks for each vehicle."""
    support: dict[str, _Support] = {}
    for evidence in arrival.evidence:
        for candidate in evidence.candidates:
            vehicle = candidate.vehicle
            one = support.setdefault(vehicle.vehicle_id, _Support(vehicle))
            one.frames.add(evidence.taken)
            one.weight += candidate.relative - policy.relative
            one.how.add(candidate.how)
            one.enough |= candidate.enough
    return support


def _leader(support: list[_Support], margin: float) -> _Support | None:
    """Return the vehicle that fits best, None if two fit about equally.

    A vehicle whose exact text was read leads one whose was not.
    """
    most = max(one.weight for one in support)
    near = [one for one in support if most - one.weight < margin or one.weight == most]
    if len(near) > 1:
        near = [one for one in near if one.exact]
    return near[0] if len(near) == 1 else None


def _frames(leader: _Support, arrival: Arrival, policy: Policy) -> Reason | None:
    """Return what makes the frames enough, None if they are not."""
    if not arrival.newest.supports(leader.vehicle.vehicle_id):
        return None
    against = _against(leader.vehicle, arrival)
    # One sure text that does not fit is a misread. The same one again is a plate.
    agreeing = len(leader.frames) - (against if against > 1 else 0)
    if agreeing >= policy.agreeing_frames:
        single = policy.agreeing_frames == 1 and len(leader.frames) == 1
        return Reason.SINGLE_FRAME if single else Reason.AGREEING_FRAMES
    if leader.enough and not against:
        return Reason.SINGLE_FRAME
    return None


def _against(vehicle: Vehicle, arrival: Arrival) -> int:
    """Count the frames of the most frequent sure text that does not fit a vehicle.

    The vehicle's own plate, read before it was on the list, does not speak against it.
    """
    others: Counter[Plate] = Counter(
        evidence.plate
        for evidence in arrival.evidence
        if evidence.confident
        and evidence.plate != vehicle.plate
        and not evidence.supports(vehicle.vehicle_id)
    )
    return max(others.values(), default=0)
