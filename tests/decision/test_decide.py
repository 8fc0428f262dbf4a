"""From the evidence of an arrival to a decision."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from custom_components.plate_gate.decision import Policy, VehicleIndex, decide
from custom_components.plate_gate.decision.arrival import Arrival, Evidence
from custom_components.plate_gate.models import (
    Decision,
    Outcome,
    PlateRead,
    Reason,
    Vehicle,
)

from .scene import NOON, plain_read, read, vehicle

OURS = vehicle("AB12CDE")
OTHER = vehicle("AB12GDE")


def decided(
    reads: Sequence[PlateRead],
    listed: Sequence[Vehicle] = (OURS,),
    policy: Policy | None = None,
    every: float = 0.3,
) -> Decision:
    """Decide about a vehicle with one read per frame, the first taken at 1."""
    policy = policy or Policy()
    index = VehicleIndex(listed)
    evidence = [
        Evidence.of(r, 1 + i * every, index, policy) for i, r in enumerate(reads)
    ]
    arrival = Arrival(evidence[0], policy)
    for one in evidence[1:]:
        arrival.add(one)
    return decide(arrival, policy, NOON)


def undecided(*reasons: Reason) -> Decision:
    """Return the decision that nobody has been recognized yet."""
    return Decision(outcome=Outcome.UNDECIDED, reasons=reasons)


def test_a_stranger() -> None:
    """Nobody on the list fits."""
    assert decided([plain_read("KN18RTX")] * 5) == undecided(Reason.NOT_LISTED)


def test_two_frames_agree() -> None:
    """A listed vehicle that is read twice is let in; the first frame counts."""
    assert decided([plain_read("KN18RTX"), *[plain_read("AB12CDE")] * 2]) == Decision(
        outcome=Outcome.GRANTED,
        reasons=(Reason.EXACT_TEXT, Reason.AGREEING_FRAMES),
        vehicle=OURS,
        first_read=1.3,
    )


def test_one_frame_is_not_enough() -> None:
    """A single plain frame leaves it open."""
    waiting = undecided(Reason.EXACT_TEXT, Reason.MORE_FRAMES_NEEDED)
    assert decided([plain_read("AB12CDE", confidence=1.0)]) == waiting


def test_one_sharp_frame_is_enough() -> None:
    """Nothing in doubt, and the probabilities say so: no second frame is needed."""
    granted = decided([read("AB12CDE")])
    assert granted.outcome is Outcome.GRANTED
    assert granted.reasons == (Reason.EXACT_TEXT, Reason.SINGLE_FRAME)


def test_one_sharp_frame_after_another_plate() -> None:
    """Where something sure was read before, a sharp frame has to be confirmed."""
    reads = [read("AB12CDF"), read("AB12CDE")]
    assert decided(reads).outcome is Outcome.UNDECIDED
    assert decided([*reads, read("AB12CDE")]).outcome is Outcome.GRANTED


def test_likelihood_over_frames() -> None:
    """A plate that is never read right is let in by likelihood, on two frames."""
    doubtful = read("AB12CDE", doubts={4: {"G": 0.6, "C": 0.4}})
    assert doubtful.plate != OURS.plate
    waiting = undecided(Reason.LIKELIHOOD, Reason.MORE_FRAMES_NEEDED)
    assert decided([doubtful]) == waiting
    granted = decided([doubtful, doubtful])
    assert granted.reasons == (Reason.LIKELIHOOD, Reason.AGREEING_FRAMES)
    assert granted.vehicle == OURS


def test_look_alike_text() -> None:
    """Where the user allows it, O and 0 are the same to a text-only backend."""
    reads = [plain_read("AB12COE")] * 2
    listed = [vehicle("AB12C0E")]
    assert decided(reads, listed).reasons == (Reason.NOT_LISTED,)
    granted = decided(reads, listed, Policy(look_alikes=True))
    assert granted.reasons == (Reason.LOOK_ALIKE_TEXT, Reason.AGREEING_FRAMES)


def test_frames_must_agree_on_the_same_vehicle() -> None:
    """Two listed vehicles, each read once, do not add up to one."""
    reads = [plain_read("AB12CDE"), plain_read("KN18RTX")]
    decision = decided(reads, [OURS, vehicle("KN18RTX")])
    assert decision == undecided(Reason.AMBIGUOUS)


def test_the_same_frame_does_not_agree_with_itself() -> None:
    """Evidence of one moment is one frame, however often it is handed in."""
    assert decided([plain_read("AB12CDE")] * 3, every=0.0).outcome is Outcome.UNDECIDED


def test_evidence_gets_old() -> None:
    """A frame of long ago does not agree with one of now."""
    reads = [plain_read("AB12CDE")] * 2
    assert decided(reads, every=9.0).outcome is Outcome.GRANTED
    assert decided(reads, every=11.0).outcome is Outcome.UNDECIDED


def test_the_newest_frame_must_agree() -> None:
    """What was granted by older frames alone is not granted by a contradiction."""
    reads = [*[plain_read("AB12CDE")] * 2, plain_read("QRS456", confidence=0.6)]
    assert decided(reads).reasons == (Reason.EXACT_TEXT, Reason.MORE_FRAMES_NEEDED)


@pytest.mark.parametrize(
    ("against", "for_it", "opens"),
    [(0, 2, True), (1, 2, True), (2, 2, False), (2, 3, False), (2, 4, True)],
)
def test_another_plate_speaks_against(against: int, for_it: int, opens: bool) -> None:
    """A stranger one character off, misread now and then, stays outside."""
    reads = [plain_read("AB12CDF")] * against + [plain_read("AB12CDE")] * for_it
    assert (decided(reads).outcome is Outcome.GRANTED) is opens


def test_unsure_and_varying_texts_do_not_speak_against() -> None:
    """What was read badly from afar does not keep a listed vehicle waiting."""
    reads = [plain_read("AB12CDF", confidence=0.7)] * 5
    reads += [plain_read(text) for text in ("4B12CDE", "AB1ZCDE", "AB12CD")]
    reads += [plain_read("AB12CDE")] * 2
    assert decided(reads).outcome is Outcome.GRANTED


def test_two_that_fit_equally() -> None:
    """Between two listed vehicles, a doubt is not decided by chance."""
    doubtful = read("AB12CDE", doubts={4: {"6": 0.4, "C": 0.3, "G": 0.3}})
    assert decided([doubtful] * 3, [OURS, OTHER]) == undecided(Reason.AMBIGUOUS)
    assert decided([doubtful] * 3, [OURS]).outcome is Outcome.GRANTED


def test_the_exact_one_of_two() -> None:
    """The one whose text was read is meant."""
    leaning = read("AB12CDE", doubts={4: {"C": 0.55, "G": 0.45}})
    granted = decided([leaning] * 2, [OURS, OTHER])
    assert granted.outcome is Outcome.GRANTED
    assert granted.vehicle == OURS


def test_the_likelier_of_two() -> None:
    """Frames add up: a lead that is small on each becomes clear over some."""
    leaning = read("AB12CDE", doubts={4: {"6": 0.5, "C": 0.35, "G": 0.15}})
    assert decided([leaning], [OURS, OTHER]) == undecided(Reason.AMBIGUOUS)
    granted = decided([leaning] * 3, [OURS, OTHER])
    assert granted.outcome is Outcome.GRANTED
    assert granted.vehicle == OURS


def test_both_read_exactly() -> None:
    """Where each was read as often, neither is let in."""
    one = read("AB12CDE", doubts={4: {"C": 0.55, "G": 0.45}})
    other = read("AB12CDE", doubts={4: {"G": 0.55, "C": 0.45}})
    decision = decided([one, other, one, other], [OURS, OTHER])
    assert decision == undecided(Reason.AMBIGUOUS)


def test_a_plate_listed_twice_opens_for_neither() -> None:
    """Two entries with one plate might have different rights."""
    twin = Vehicle(vehicle_id="twin", label="Twin", plate=OURS.plate)
    decision = decided([plain_read("AB12CDE")] * 3, [OURS, twin])
    assert decision == undecided(Reason.AMBIGUOUS)


def test_validity() -> None:
    """Too early and too late are denied with the vehicle; the end is exclusive."""
    second = timedelta(seconds=1)
    reads = [plain_read("AB12CDE")] * 2
    early = vehicle("AB12CDE", valid_from=NOON + second)
    assert decided(reads, [early]) == Decision(
        outcome=Outcome.DENIED,
        reasons=(Reason.EXACT_TEXT, Reason.AGREEING_FRAMES, Reason.NOT_YET_VALID),
        vehicle=early,
        first_read=1.0,
    )
    late = decided(reads, [vehicle("AB12CDE", valid_until=NOON)])
    assert late.outcome is Outcome.DENIED
    assert late.reasons[-1] is Reason.EXPIRED
    valid = vehicle("AB12CDE", valid_from=NOON, valid_until=NOON + second)
    assert decided(reads, [valid]).outcome is Outcome.GRANTED


def test_nobody_is_denied_on_a_guess() -> None:
    """A denial takes as much evidence as an opening."""
    late = vehicle("AB12CDE", valid_until=NOON)
    assert decided([plain_read("AB12CDE")], [late]).outcome is Outcome.UNDECIDED


def test_one_agreeing_frame_by_policy() -> None:
    """Who asks for one frame gets one, and the reasons say so."""
    granted = decided([plain_read("AB12CDE")], policy=Policy(agreeing_frames=1))
    assert granted.reasons == (Reason.EXACT_TEXT, Reason.SINGLE_FRAME)
