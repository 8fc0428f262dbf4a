"""From the evidence of an arrival to a decision."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from custom_components.plate_gate.decision import Policy, VehicleIndex, decide
from custom_components.plate_gate.decision.arrival import Arrival
from custom_components.plate_gate.decision.evidence import Evidence
from custom_components.plate_gate.decision.policy import Profile
from custom_components.plate_gate.models import (
    Access,
    Assurance,
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
    again = [*reads, read("AB12CDE")]
    assert decided(again).outcome is Outcome.UNDECIDED  # the same look once more
    other_look = read("AB12CDE", doubts={0: {"A": 0.7}})
    assert decided([*reads, other_look]).outcome is Outcome.GRANTED


def test_one_that_stands_still_does_not_wait_for_ever() -> None:
    """A misread of its first look is outvoted by the same look in time."""
    reads = [read("AB12CDF"), *[read("AB12CDE")] * 8]
    assert decided(reads).outcome is Outcome.GRANTED


def test_frames_that_repeat_one_another() -> None:
    """One look, however often: what needs a second look gets none by standing there."""
    one_in_five = read("AB12CDE", doubts={4: {"G": 0.8, "C": 0.2}})
    assert decided([one_in_five] * 8).outcome is Outcome.UNDECIDED
    look = read("AB12CDE", doubts={4: {"G": 0.75, "C": 0.24}, 1: {"B": 0.7}})
    assert decided([one_in_five, look]).outcome is Outcome.GRANTED


def test_a_stranger_read_right_once() -> None:
    """Who fits two looks half-heartedly is outweighed by one that shows who it is."""
    half = [
        read("AB12CDE", doubts={4: {"G": 0.7, "C": 0.29}}),
        read("AB12CDE", doubts={4: {"G": 0.7, "C": 0.29}, 1: {"B": 0.7}}),
    ]
    assert decided(half).outcome is Outcome.GRANTED
    assert decided([read("AB12GDE"), *half]).outcome is Outcome.UNDECIDED


def test_the_form_of_a_plate_decides_a_doubt() -> None:
    """Where the reader cannot tell, the plate that is issued is likelier; not farther."""
    ours, odd = vehicle("RK857AI"), vehicle("RK857A1")
    doubt = read("RK857AI", doubts={6: {"1": 0.8, "I": 0.19}})
    assert decided([doubt] * 2, [ours]).outcome is Outcome.GRANTED
    other = read("RK857AI", doubts={6: {"I": 0.6, "1": 0.39}})
    assert decided([other] * 2, [odd]).reasons == (Reason.NOT_LISTED,)
    clear = read("RK857AI", doubts={6: {"1": 0.97, "I": 0.02}})
    assert decided([clear] * 2, [ours]).reasons == (Reason.NOT_LISTED,)


@pytest.mark.parametrize(
    ("profile", "reads", "opens"),
    [
        (Profile.FAST, [plain_read("AB12CDE", confidence=0.91)], True),
        (Profile.FAST, [plain_read("AB12CDE", confidence=0.89)], False),
        (Profile.FAST, [read("AB12CDE", sharp=0.93)], True),
        (Profile.FAST, [read("AB12CDE", doubts={4: {"G": 0.5, "C": 0.4}})] * 5, False),
        (Profile.BALANCED, [plain_read("AB12CDE", confidence=0.6)] * 2, True),
        (Profile.STRICT, [read("AB12CDE")] * 2, False),
        (Profile.STRICT, [read("AB12CDE")] * 3, True),
        (Profile.STRICT, [plain_read("AB12CDE")] * 3, True),
        (Profile.STRICT, [read("AB12CDE", doubts={4: {"C": 0.6}})] * 5, False),
        (
            Profile.STRICT,
            [read("AB12CDE", doubts={4: {"G": 0.5, "C": 0.4}})] * 5,
            False,
        ),
    ],
)
def test_profiles(profile: Profile, reads: Sequence[PlateRead], opens: bool) -> None:
    """Fast takes one sure text, Strict three without a doubtful character."""
    decision = decided(reads, policy=Policy.of(profile))
    assert (decision.outcome is Outcome.GRANTED) is opens


def test_a_blocked_vehicle_in_a_strict_lane() -> None:
    """Who is blocked is looked for by likelihood, though nobody is let in by it."""
    seen = read("AB12CDE", sharp=0.98, doubts={4: {"C": 0.72, "G": 0.26}})
    policy = Policy.of(Profile.STRICT)
    assert decided([seen] * 3, policy=policy).outcome is Outcome.GRANTED
    decision = decided([seen] * 3, [OURS, blocked("AB12GDE")], policy)
    assert decision.outcome is Outcome.DENIED


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
    assert decision == undecided(Reason.EXACT_TEXT, Reason.MORE_FRAMES_NEEDED)


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


def blocked(text: str) -> Vehicle:
    """Return a vehicle that is never let in."""
    return replace(vehicle(text), access=Access.BLOCK)


def expired(text: str) -> Vehicle:
    """Return a vehicle whose time is over."""
    return vehicle(text, valid_until=NOON)


DOUBTFUL: Final = read("AB12CDE", doubts={4: {"6": 0.4, "C": 0.3, "G": 0.3}})
"""Neither of two listed plates, and both about as likely."""
LEANING: Final = read("AB12CDE", doubts={4: {"C": 0.55, "G": 0.45}})
"""The text of ours, and the other one nearly as likely."""


@pytest.mark.parametrize("seen", [DOUBTFUL, LEANING], ids=["doubtful", "leaning"])
@pytest.mark.parametrize("other", [expired, blocked], ids=["expired", "blocked"])
def test_two_that_fit_equally_with_different_rights(
    seen: PlateRead, other: Callable[[str], Vehicle]
) -> None:
    """A doubt between one that may pass and one that may not is a denial."""
    decision = decided([seen] * 3, [OURS, other("AB12GDE")])
    assert decision.outcome is Outcome.DENIED
    assert decided([seen] * 3, [OURS]).outcome is Outcome.GRANTED


def test_nobody_can_tell_who_it_is() -> None:
    """Then the denial names nobody, and says why."""
    decision = decided([LEANING] * 2, [OURS, expired("AB12GDE")])
    assert decision.vehicle is None
    assert decision.reasons[-1] is Reason.AMBIGUOUS


def test_a_blocked_vehicle_that_fits_as_well() -> None:
    """It is the one that is named."""
    banned = blocked("AB12GDE")
    decision = decided([LEANING] * 2, [OURS, banned])
    assert decision.vehicle == banned
    assert decision.reasons[-1] is Reason.BLOCKED


def test_a_blocked_vehicle_that_fits_worse() -> None:
    """As long as it fits at all, nobody is let in whom it might be."""
    seen = read("AB12CDE", doubts={4: {"C": 0.75, "G": 0.24}})
    decision = decided([seen] * 2, [OURS, blocked("AB12GDE")])
    assert decision.outcome is Outcome.DENIED
    assert decision.vehicle is None
    assert decision.reasons[-1] is Reason.AMBIGUOUS


def test_a_blocked_vehicle_that_does_not_fit() -> None:
    """A neighbor of a blocked plate that is read clearly is let in."""
    decision = decided([read("AB12CDE")] * 2, [OURS, blocked("AB12GDE")])
    assert decision.outcome is Outcome.GRANTED


@pytest.mark.parametrize("seen", [plain_read("AB12GDE"), read("AB12GDE")])
def test_a_blocked_vehicle_alone(seen: PlateRead) -> None:
    """It is denied by name, with as much evidence as an opening takes."""
    decision = decided([seen] * 2, [blocked("AB12GDE")])
    assert decision.outcome is Outcome.DENIED
    assert decision.reasons[-1] is Reason.BLOCKED


@pytest.mark.parametrize("seen", [DOUBTFUL, LEANING], ids=["doubtful", "leaning"])
def test_two_that_fit_equally_with_the_same_rights(seen: PlateRead) -> None:
    """Whichever of two it is may pass, so it passes."""
    granted = decided([seen] * 2, [OURS, OTHER])
    assert granted.outcome is Outcome.GRANTED
    assert granted.vehicle in {OURS, OTHER}


def test_both_are_refused() -> None:
    """Where neither may pass, the likelier one is told why."""
    decision = decided([LEANING] * 2, [expired("AB12CDE"), expired("AB12GDE")])
    assert decision.vehicle is not None
    assert decision.vehicle.plate == OURS.plate
    assert decision.reasons[-1] is Reason.EXPIRED


def test_the_one_that_has_to_show_more() -> None:
    """A doubt does not spare anyone what the other one has to show."""
    guarded = replace(OTHER, assurance=Assurance.CONFIRMATION)
    assert decided([LEANING] * 2, [OURS, guarded]).vehicle == guarded
    assert decided([read("AB12CDE")] * 2, [OURS, guarded]).vehicle == OURS


def test_the_likelier_of_two() -> None:
    """Looks that differ add up: a lead that is small on each becomes clear."""
    first = read("AB12CDE", doubts={4: {"C": 0.6, "G": 0.3}})
    second = read("AB12CDE", doubts={4: {"C": 0.6, "G": 0.3}, 0: {"A": 0.7}})
    late = expired("AB12GDE")
    assert decided([first] * 2, [OURS, late]).outcome is Outcome.DENIED
    granted = decided([first, second, replace(first)], [OURS, late])
    assert granted.outcome is Outcome.DENIED  # one of them was seen before
    third = read("AB12CDE", doubts={4: {"C": 0.7, "G": 0.15}, 2: {"1": 0.6}})
    granted = decided([first, second, third], [OURS, late])
    assert granted.outcome is Outcome.GRANTED
    assert granted.vehicle == OURS


@pytest.mark.parametrize("until", [None, NOON], ids=["valid", "expired"])
def test_a_plate_listed_twice(until: datetime | None) -> None:
    """Two entries with one plate open only if both of them would."""
    twin = Vehicle(vehicle_id="twin", label="Twin", plate=OURS.plate, valid_until=until)
    decision = decided([plain_read("AB12CDE")] * 3, [OURS, twin])
    if until is None:
        assert decision.outcome is Outcome.GRANTED
    else:
        assert decision.vehicle is None
        assert decision.reasons[-1] is Reason.AMBIGUOUS


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
