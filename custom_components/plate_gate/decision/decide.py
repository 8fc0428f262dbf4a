"""From the evidence of an arrival to a decision."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ..models import Access, Decision, Movement, Outcome, Plate, Reason, Vehicle
from .arrival import MOVEMENT_BOXES, Arrival
from .policy import Policy
from .rules import Rules
from .weighing import Standing, standings


def decide(
    arrival: Arrival, policy: Policy, now: datetime, rules: Rules | None = None
) -> Decision:
    """Decide about an arrival, from the evidence of the last seconds.

    It is granted if one listed vehicle explains the frames about as well as the best
    text that was read in them (`weighing`), if `Policy.agreeing_frames` of them speak
    for it, the newest among them, and if the rules let it in now. The frames on which a
    sure text that does not fit was read repeatedly count against it.

    A single frame is enough if it reads the exact text, with a confidence from which
    on nine in ten reads are right to the character and with probabilities that say the
    same (`Policy.single_frame_confidence` has the figures), and if nothing sure spoke
    against it before. Two frames are the rule since cameras make two to five a second:
    the second costs less time than a gate takes to move.

    Where several vehicles fit about equally, the rules have to say the same of all of
    them: it takes a denial if one would be refused and another not. Nobody is let in
    whom a blocked vehicle might be.

    Args:
        arrival: The vehicle in front of the camera.
        policy: How much evidence is enough.
        now: The time, in the site's time zone; the rules are judged by it.
        rules: What the vehicle may do at this lane; those without limits if None.

    Returns:
        A decision whose vehicle is None if it is undecided, or denied because nobody
        can tell which of two it is. This does not know what was decided before: the
        decider tells each decision once.

    Raises:
        TypeError: The time has no zone, and somebody is about to be judged by it.

    """
    found = standings(arrival, policy)
    if not found:
        return _undecided(Reason.NOT_LISTED)
    fitting = [standing for standing in found if standing.fits(policy)]
    if not fitting:
        return _undecided(found[0].reason, Reason.MORE_FRAMES_NEEDED)
    leader = fitting[0]
    frames = _frames(leader, arrival, policy)
    if frames is None:
        return _undecided(leader.reason, Reason.MORE_FRAMES_NEEDED)
    if now.utcoffset() is None:
        raise TypeError("A time without a zone is nobody's time")
    # Frames that repeat one another let in less, and block no less.
    blocked = any(
        standing.vehicle.access is Access.BLOCK and standing.score > policy.relative
        for standing in found
    )
    rules = rules or Rules()
    if rules.asks_for_movement and _may_yet_move(arrival, policy):
        return _undecided(leader.reason, Reason.MORE_FRAMES_NEEDED)
    meant, refused = _rights(fitting, policy, now, rules, arrival)
    if blocked and not refused:
        meant, refused = None, (Reason.AMBIGUOUS,)
    return Decision(
        outcome=Outcome.DENIED if refused else Outcome.GRANTED,
        reasons=((meant or leader).reason, frames, *refused),
        vehicle=None if meant is None else meant.vehicle,
        first_read=arrival.first_read((meant or leader).vehicle.vehicle_id),
        arrival=arrival.number,
        movement=arrival.movement,
    )


def _undecided(*reasons: Reason) -> Decision:
    """Return that nobody has been recognized yet."""
    return Decision(outcome=Outcome.UNDECIDED, reasons=reasons)


def _rights(
    fitting: Sequence[Standing],
    policy: Policy,
    now: datetime,
    rules: Rules,
    arrival: Arrival,
) -> tuple[Standing | None, tuple[Reason, ...]]:
    """Choose who is meant of those that fit, and tell why that one is refused.

    Args:
        fitting: Those that fit, the best first; at least one.
        policy: What "about equally" means.
        now: The time.
        rules: What vehicles may do.
        arrival: Whose movement counts.

    Returns:
        Who is meant, None if nobody can tell; and the reasons of a refusal, none if it
        is let in.

    """
    near = [s for s in fitting if fitting[0].score - s.score < policy.margin]
    for standing in near:
        if standing.vehicle.access is Access.BLOCK:
            return standing, rules.refusals(standing.vehicle, now, arrival.movement)
    refusals = [rules.refusals(s.vehicle, now, arrival.movement) for s in near]
    if all(refusals):
        return near[0], refusals[0]
    if any(refusals):
        return None, (Reason.AMBIGUOUS,)
    # All may pass. What one of them has to show besides, the other is asked for, too.
    return max(near, key=lambda standing: _asks_for(standing.vehicle)), ()


def _may_yet_move(arrival: Arrival, policy: Policy) -> bool:
    """Tell whether it is too early to say that a vehicle stands."""
    if arrival.movement is not Movement.UNKNOWN or not arrival.boxes:
        return False
    waited = arrival.newest.taken - arrival.first_taken
    return waited < policy.movement_wait or (
        arrival.boxes < MOVEMENT_BOXES and waited < policy.movement_wait_max
    )


def _asks_for(vehicle: Vehicle) -> int:
    """Return how much a vehicle has to show besides its plate."""
    return 0 if vehicle.assurance is None else vehicle.assurance.rank


def _frames(leader: Standing, arrival: Arrival, policy: Policy) -> Reason | None:
    """Return what makes the frames enough, None if they are not."""
    if arrival.newest.taken not in leader.frames:
        return None
    if leader.disputed:
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
