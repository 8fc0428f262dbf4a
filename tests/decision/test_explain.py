"""Why a picture would open, or would not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.decision import (
    Decider,
    Policy,
    Profile,
    Rules,
    VehicleIndex,
)
from custom_components.plate_gate.decision.explain import (
    FRAMES_MAX,
    NEAR_MAX,
    Explanation,
    ReadExplained,
    explain,
)
from custom_components.plate_gate.models import (
    Access,
    Outcome,
    PlateRead,
    Reason,
    Vehicle,
)

from .scene import NOON, place, plain_read, read, vehicle

OURS = vehicle("AB12CDE")
OTHER = vehicle("KN18RTX")


def explained(
    reads: Sequence[PlateRead],
    listed: Sequence[Vehicle] = (OURS, OTHER),
    *,
    policy: Policy | None = None,
    rules: Rules | None = None,
    now: datetime = NOON,
) -> Explanation:
    """Explain a picture, with a clock that strikes once each time it is looked at."""
    ticks: Iterator[int] = iter(range(100))
    return explain(
        reads,
        vehicles=VehicleIndex(listed),
        policy=policy or Policy(),
        now=now,
        clock=lambda: float(next(ticks)),
        rules=rules,
    )


def one(
    what: PlateRead,
    listed: Sequence[Vehicle] = (OURS, OTHER),
    *,
    policy: Policy | None = None,
    rules: Rules | None = None,
) -> ReadExplained:
    """Explain a picture with one plate."""
    (found,) = explained([what], listed, policy=policy, rules=rules).reads
    return found


def test_an_empty_picture() -> None:
    """Nothing was read, so nothing is decided; the limits are told all the same."""
    found = explained([])

    assert found.reads == ()
    assert found.outcome is Outcome.UNDECIDED
    assert found.policy == Policy()
    assert found.vehicles == 2
    assert (found.decision_ms, found.rules_ms) == (1000, 1000)


def test_one_picture_that_is_enough() -> None:
    """A listed plate that leaves no doubt opens by itself."""
    found = one(read("AB12CDE", sharp=0.999))

    assert found.decision.outcome is Outcome.GRANTED
    assert found.decision.vehicle == OURS
    assert found.decision.reasons == (Reason.EXACT_TEXT, Reason.SINGLE_FRAME)
    assert (found.frames, found.then) == (1, found.decision)
    assert found.best is not None
    assert found.best.vehicle == OURS
    assert found.best.alone
    assert found.best.relative == pytest.approx(0, abs=0.1)
    assert found.counts
    assert found.characters
    assert not found.again


def test_a_picture_that_needs_another() -> None:
    """Without probabilities it takes as many pictures as the policy says."""
    found = one(plain_read("AB12CDE"))

    assert found.decision.outcome is Outcome.UNDECIDED
    assert found.decision.reasons == (Reason.EXACT_TEXT, Reason.MORE_FRAMES_NEEDED)
    assert found.frames == 2
    assert found.then.outcome is Outcome.GRANTED
    assert found.then.vehicle == OURS
    assert found.best is not None
    assert not found.best.alone
    assert not found.characters


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
def test_as_many_as_the_policy_says(frames: int) -> None:
    """The number of frames follows the lane's own."""
    policy = Policy.of(Profile.CUSTOM, agreeing_frames=frames, single_frame=False)
    found = one(plain_read("AB12CDE"), policy=policy)

    assert found.frames == frames


def test_a_stranger() -> None:
    """Nobody fits, nobody nearly, and no number of pictures changes that."""
    found = one(read("ZZ99ZZZ"))

    assert found.fits == ()
    assert found.best is None
    assert found.decision.reasons == (Reason.NOT_LISTED,)
    assert found.frames is None
    assert found.then.outcome is Outcome.UNDECIDED


def test_a_vehicle_that_nearly_fits() -> None:
    """One that is a doubt too far away is told of, with how far."""
    # The reader is sure that it is an F: about 1 in 50 for the E of the list.
    found = one(read("AB12CDF", doubts={6: {"F": 0.97, "E": 0.02}}))

    assert found.best is None
    (near,) = found.fits
    assert near.vehicle == OURS
    assert not near.fits
    assert not near.alone
    assert near.how is Reason.LIKELIHOOD
    assert near.relative == pytest.approx(-3.9, abs=0.2)
    assert found.decision.outcome is Outcome.UNDECIDED


def test_a_doubt_that_is_bridged() -> None:
    """One that is likely enough fits, by what the probabilities say."""
    found = one(read("AB12CDE", doubts={6: {"F": 0.55, "E": 0.44}}))

    assert found.best is not None
    assert found.best.vehicle == OURS
    assert found.best.how is Reason.LIKELIHOOD
    assert found.best.relative == pytest.approx(-0.22, abs=0.1)


def test_a_look_alike_that_is_not_allowed() -> None:
    """That O is not 0 here is told, as it is where it is."""
    listed = [vehicle("AB10CDE")]
    near = one(plain_read("AB1OCDE"), listed)
    (fit,) = near.fits
    assert (fit.fits, fit.how) == (False, Reason.LOOK_ALIKE_TEXT)
    assert near.frames is None

    allowed = one(plain_read("AB1OCDE"), listed, policy=Policy(look_alikes=True))
    assert allowed.best is not None
    assert allowed.best.how is Reason.LOOK_ALIKE_TEXT
    assert allowed.frames == 2


def test_a_read_that_does_not_count() -> None:
    """Below the least confidence nothing is decided; who it would be is told."""
    found = one(plain_read("AB12CDE", confidence=0.3))

    assert not found.counts
    assert found.frames is None
    assert found.decision.outcome is Outcome.UNDECIDED
    (fit,) = found.fits
    assert (fit.vehicle, fit.fits) == (OURS, False)


@pytest.mark.parametrize("confidence", [float("nan"), 0.0])
def test_a_confidence_that_is_none(confidence: float) -> None:
    """What no backend should say leads to nothing."""
    found = one(plain_read("AB12CDE", confidence=confidence))

    assert not found.counts
    assert found.fits == ()


def test_a_profile_that_asks_for_the_text() -> None:
    """Where only the text counts, a likelihood is told of and speaks for nobody."""
    what = read("AB12CDE", doubts={6: {"F": 0.55, "E": 0.44}})
    found = one(what, policy=Policy.of(Profile.STRICT))

    assert found.best is None
    assert [fit.vehicle for fit in found.fits] == [OURS]
    assert found.frames is None


def test_the_rules() -> None:
    """A refusal is told of whether or not there is evidence enough."""
    late = replace(OURS, valid_until=NOON - timedelta(days=1))
    found = one(plain_read("AB12CDE"), [late])

    assert found.best is not None
    assert found.best.refusals == (Reason.EXPIRED,)
    assert found.decision.outcome is Outcome.UNDECIDED
    assert found.then.outcome is Outcome.DENIED
    assert Reason.EXPIRED in found.then.reasons
    assert found.frames == 2


def test_the_gate() -> None:
    """What the gate has to say is among the refusals."""
    rules = Rules(standing=lambda _: (Reason.GATE_COOLING_DOWN,))
    found = one(read("AB12CDE", sharp=0.999), rules=rules)

    assert found.best is not None
    assert found.best.refusals == (Reason.GATE_COOLING_DOWN,)
    assert found.decision.outcome is Outcome.DENIED


def test_a_blocked_vehicle() -> None:
    """A plate of the block list is denied, and it is told why."""
    found = one(read("AB12CDE", sharp=0.999), [replace(OURS, access=Access.BLOCK)])

    assert found.decision.outcome is Outcome.DENIED
    assert Reason.BLOCKED in found.decision.reasons


def test_what_it_takes_besides() -> None:
    """What the lane adds is told of each vehicle, and decides nothing."""
    found = explain(
        [read("AB12CDE", sharp=0.999)],
        vehicles=VehicleIndex([OURS]),
        policy=Policy(),
        now=NOON,
        clock=lambda: 0.0,
        besides=lambda v: (Reason.CONFIRMATION_NEEDED,) if v == OURS else (),
    )

    (what,) = found.reads
    assert what.best is not None
    assert what.best.besides == (Reason.CONFIRMATION_NEEDED,)
    assert what.decision.outcome is Outcome.GRANTED


def test_two_vehicles() -> None:
    """Each plate of the picture is a vehicle of its own; the most counts for all."""
    found = explained(
        [
            plain_read("ZZ99ZZZ", box=place(100)),
            read("AB12CDE", sharp=0.999, box=place(600)),
        ]
    )

    assert [what.plate.reveal() for what in found.reads] == ["ZZ99ZZZ", "AB12CDE"]
    outcomes = [what.decision.outcome for what in found.reads]
    assert outcomes == [Outcome.UNDECIDED, Outcome.GRANTED]
    assert found.outcome is Outcome.GRANTED
    assert [what.box for what in found.reads] == [place(100), place(600)]


def test_a_plate_that_is_read_twice() -> None:
    """What a surer read of the same place says counts; the other decides nothing."""
    found = explained(
        [
            plain_read("AB12CDF", confidence=0.7, box=place(600)),
            read("AB12CDE", sharp=0.999, box=place(602)),
        ]
    )

    assert [what.again for what in found.reads] == [True, False]
    again, _ = found.reads
    assert again.decision.outcome is Outcome.UNDECIDED
    assert again.frames is None


def test_many_that_nearly_fit() -> None:
    """Only the nearest of them are told of."""
    listed = [vehicle(f"AB1{n}CDE") for n in range(9)]
    what = read("AB19CDE", doubts={3: {str(n): 0.1 for n in range(10)}})
    policy = Policy.of(Profile.STRICT)
    found = one(what, listed, policy=policy)

    assert 0 < len(found.fits) <= NEAR_MAX


def test_nothing_shows_a_plate() -> None:
    """What is printed of it says nothing of a plate."""
    found = explained([read("AB12CDE", sharp=0.999), plain_read("ZZ99ZZZ")])

    for text in ("AB12CDE", "ZZ99ZZZ"):
        assert text not in repr(replace_ids(found))


def replace_ids(found: Explanation) -> Explanation:
    """Take out the ids, which the tests make from the plates."""
    return replace(
        found,
        reads=tuple(
            replace(
                what,
                fits=tuple(
                    replace(fit, vehicle=replace(fit.vehicle, vehicle_id="1"))
                    for fit in what.fits
                ),
                decision=replace(what.decision, vehicle=None),
                then=replace(what.then, vehicle=None),
            )
            for what in found.reads
        ),
    )


@settings(max_examples=150, deadline=None)
@given(
    texts=st.lists(
        st.sampled_from(["AB12CDE", "AB12CDF", "AB1ZCDE", "KN18RTX", "ZZ99ZZZ"]),
        min_size=1,
        max_size=1,
    ),
    sharp=st.sampled_from([None, 0.6, 0.9, 0.97, 0.99, 0.9995]),
    profile=st.sampled_from([Profile.FAST, Profile.BALANCED, Profile.STRICT]),
    expired=st.booleans(),
)
def test_it_says_what_a_lane_does(
    texts: list[str], sharp: float | None, profile: Profile, expired: bool
) -> None:
    """A lane that sees such pictures decides just so, after just as many."""
    ours = replace(OURS, valid_until=NOON) if expired else OURS
    index = VehicleIndex([ours, OTHER])
    policy = Policy.of(profile)
    (text,) = texts
    what = plain_read(text) if sharp is None else read(text, sharp=sharp)
    found = one(what, [ours, OTHER], policy=policy)

    decider = Decider(policy)
    decisions = [
        decider.observe([what], taken=1 + n * 0.3, now=NOON, vehicles=index)
        for n in range(FRAMES_MAX)
    ]
    first = next((n for n, made in enumerate(decisions, 1) if made), None)
    assert found.frames == first
    if first is not None:
        (decision,) = decisions[first - 1]
        assert decision.outcome is found.then.outcome
        assert decision.reasons == found.then.reasons
        assert decision.vehicle == found.then.vehicle
