"""Times without frames: nobody is taken to have left in them, nor remembered longer."""

from collections.abc import Callable
import gc
from types import FunctionType, ModuleType

import pytest

from custom_components.plate_gate.decision import Policy, VehicleIndex
from custom_components.plate_gate.decision.told import Told
from custom_components.plate_gate.models import Outcome, Plate, Reason

from .lane import GRANTED, LIST, Lane
from .scene import NOON, outcomes, place, plain_read, vehicle

OURS = plain_read("AB12CDE")
STRANGER = plain_read("QRS456", box=place(500))

ABSENCE = int(Policy().absence)
LONGEST = int(Policy().unobserved_max) + ABSENCE
"""Seconds after which a vehicle that was not seen has gone, whatever was observed."""

type Gap = Callable[[Lane, int], object]
BOTH = pytest.mark.parametrize("gap", [Lane.wait, Lane.pause], ids=["lane", "reload"])
"""The lane forgets who has gone once a second; while it is reloaded, nobody does."""


def plates_within(root: object) -> set[Plate]:
    """Return every plate that can be reached from an object."""
    found: set[Plate] = set()
    known: set[int] = set()
    waiting = [root]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, type | ModuleType | FunctionType) or id(thing) in known:
            continue
        known.add(id(thing))
        if isinstance(thing, Plate):
            found.add(thing)
        waiting += gc.get_referents(thing)
    return found


@BOTH
@pytest.mark.parametrize("seconds", [3, 12, 30, LONGEST - 1])
def test_a_gap_is_no_absence(gap: Gap, seconds: int) -> None:
    """A vehicle that stood there before the camera was lost is not let in again."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    gap(lane, seconds)
    assert lane.see(OURS, frames=20) == []


@BOTH
def test_a_long_gap_is(gap: Gap) -> None:
    """After a minute without frames and ten seconds more, it counts as gone."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    gap(lane, LONGEST + 1)
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED


@BOTH
def test_gaps_add_up(gap: Gap) -> None:
    """Many gaps are no longer than one, as long as the vehicle is not seen."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    for _ in range(3):
        gap(lane, (LONGEST + 3) // 3)
        lane.see()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED


@BOTH
def test_seen_between_gaps(gap: Gap) -> None:
    """A vehicle that is seen again and again is there, however often frames fail."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    for _ in range(5):
        gap(lane, LONGEST - 10)
        assert lane.see(OURS) == []


@BOTH
def test_it_leaves_after_a_gap(gap: Gap) -> None:
    """Ten observed seconds of absence count, before and after a gap together."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    lane.see(frames=15)
    gap(lane, 20)
    lane.see(frames=10)
    assert lane.see(OURS) == []
    lane.see(frames=15)
    gap(lane, 20)
    lane.see(frames=15)
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED


def test_slow_camera() -> None:
    """Of three seconds from frame to frame, two are observed."""
    lane = Lane(every=3.0)
    assert outcomes(lane.see(OURS, frames=2)) == GRANTED
    lane.see(frames=4)
    assert lane.see(OURS) == []
    lane.see(frames=5)
    assert outcomes(lane.see(OURS, frames=2)) == GRANTED


@BOTH
def test_who_was_denied_is_not_denied_again(gap: Gap) -> None:
    """A refusal is told once, too."""
    lane = Lane(VehicleIndex([vehicle("AB12CDE", valid_until=NOON)]))
    assert outcomes(lane.see(OURS, frames=3)) == [("denied", "AB12CDE")]
    gap(lane, 30)
    assert lane.see(OURS, frames=3) == []


@BOTH
def test_another_vehicle_after_a_gap(gap: Gap) -> None:
    """A gap keeps nobody out who was not let in before it."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    gap(lane, 12)
    decisions = lane.see(plain_read("KN18RTX"), frames=3)
    assert outcomes(decisions) == [("granted", "KN18RTX")]


def test_evidence_does_not_outlive_a_gap() -> None:
    """A single read before a long gap does not agree with one after it."""
    lane = Lane()
    assert lane.see(OURS) == []
    lane.pause(ABSENCE + 1.0)
    assert lane.see(OURS) == []
    (granted,) = lane.see(OURS)
    assert granted.reasons == (Reason.EXACT_TEXT, Reason.AGREEING_FRAMES)
    assert granted.first_read == lane.clock - lane.every


def test_no_read_outlives_its_vehicle() -> None:
    """Reads are forgotten on time without any frame; what was told is not."""
    lane = Lane()
    lane.see(STRANGER, plain_read("AB12CDE", box=place(900)), frames=3)
    assert Plate("QRS456") in plates_within(lane.decider)
    lane.wait(ABSENCE + 1)
    assert lane.decider.open_arrivals == 0
    listed = plates_within(LIST)
    assert listed == {Plate("AB12CDE"), Plate("KN18RTX")}
    assert plates_within(lane.decider) == listed
    assert lane.see(OURS, frames=3) == []


def test_a_stranger_that_stands_there_counts_once() -> None:
    """One that came before a gap and stands there after it is one vehicle."""
    lane = Lane()
    for step in range(4):
        lane.see(plain_read("QRS456", box=place(300 + 60 * step)))
    counted = lane.wait(20)
    lane.see(plain_read("QRS456", box=place(480)), frames=10)
    assert counted + lane.wait(ABSENCE + 1) == 1


def test_forget_reads() -> None:
    """A lane that stops keeps no plate at all, and opens nothing twice."""
    lane = Lane()
    for step in range(3):
        lane.see(OURS, plain_read("QRS456", box=place(200 + 60 * step)))
    lane.decider.forget_reads()
    assert plates_within(lane.decider) == set()
    assert lane.wait(ABSENCE + 1) == 0
    assert lane.see(OURS, frames=3) == []


def test_another_policy() -> None:
    """Reads count for the policy that weighed them; what was told stays told."""
    index = VehicleIndex([vehicle("AB12CDE"), vehicle("KO18RTX")])
    lane = Lane(index)
    lane.decider.policy = Policy(look_alikes=True)
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    look_alike = plain_read("K018RTX")
    assert lane.see(look_alike) == []
    lane.decider.policy = Policy()
    assert lane.decider.policy == Policy()
    assert lane.decider.open_arrivals == 0
    assert lane.see(look_alike, OURS, frames=3) == []
    lane.decider.policy = Policy(look_alikes=True)
    decisions = lane.see(look_alike, OURS, frames=3)
    assert outcomes(decisions) == [("granted", "KO18RTX")]


def test_the_same_policy() -> None:
    """A reload that changes nothing forgets nothing."""
    lane = Lane()
    assert lane.see(OURS) == []
    lane.decider.policy = Policy()
    assert outcomes(lane.see(OURS)) == GRANTED


@pytest.mark.parametrize("numbers", [{"observed_gap": 0.0}, {"unobserved_max": -1.0}])
def test_policy_refuses_gaps_that_make_no_sense(numbers: dict[str, float]) -> None:
    """A gap has a length."""
    with pytest.raises(ValueError, match="out of its range"):
        Policy(**numbers)  # type: ignore[arg-type]


def test_told_says_how_much_and_not_of_whom() -> None:
    """What is remembered can be counted; it names nobody."""
    told = Told()
    told.add("a-vehicle", Outcome.GRANTED, taken=1.0, arrival=1)

    assert len(told) == 1
    assert repr(told) == "Told(1 outcomes)"


@pytest.mark.parametrize("seconds", [12, 30])
def test_quiet_time_that_nobody_looked_at_is_no_absence(seconds: int) -> None:
    """While the recognizer is away, that nothing moves says nothing of who is there."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    lane.pause(1.0)
    stood = lane.clock
    lane.pause(seconds)
    assert lane.see(quiet_since=stood) == []
    assert lane.see(OURS, frames=3, quiet_since=stood) == []


def test_who_stands_is_there_though_not_read() -> None:
    """Nothing has moved since it was seen, so it has not left; for up to a minute."""
    lane = Lane(every=5.0)
    assert outcomes(lane.see(OURS, frames=2)) == GRANTED
    stood = lane.clock - 1.0
    lane.see(frames=LONGEST // 5 - 1, quiet_since=stood)
    assert lane.see(OURS, quiet_since=stood) == []
    lane.see(frames=LONGEST // 5 + 1, quiet_since=stood)
    assert outcomes(lane.see(OURS, frames=2, quiet_since=stood)) == GRANTED


def test_who_left_before_it_was_quiet_is_gone() -> None:
    """Frames far apart show its absence all the same, since nothing moved between."""
    lane = Lane(every=5.0)
    assert outcomes(lane.see(OURS, frames=2)) == GRANTED
    lane.pause(1.0)
    left = lane.clock
    lane.see(frames=4, quiet_since=left)
    assert outcomes(lane.see(OURS, frames=2)) == GRANTED
