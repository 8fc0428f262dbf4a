"""What was granted and came to nothing: the vehicle waits on, and gets in once."""

from contextlib import suppress

from hypothesis import given, strategies as st
import pytest

from custom_components.plate_gate.decision import Policy, Rules, VehicleIndex
from custom_components.plate_gate.models import Decision, PlateRead, Reason, Vehicle

from .lane import GRANTED, Lane
from .scene import outcomes, place, plain_read, vehicle

OURS = plain_read("AB12CDE", box=place(500))
SECOND = plain_read("KN18RTX", box=place(900))


def granted(lane: Lane, read: PlateRead = OURS) -> Decision:
    """Show a vehicle until it is granted."""
    (decision,) = lane.see(read, frames=3)
    return decision


def test_it_is_decided_on_anew() -> None:
    """Who was granted, and for whom nothing was opened, is granted again, once."""
    lane = Lane()
    lane.decider.take_back(granted(lane))
    assert outcomes(lane.see(OURS, frames=10)) == GRANTED


def test_what_keeps_it_out_is_not_told_twice() -> None:
    """The refusal was told by whoever took it back."""
    lane = Lane()
    first = granted(lane)
    lane.decider.take_back(first)
    reasons = [Reason.INTERLOCKED]
    rules = Rules(standing=lambda vehicle: tuple(reasons))

    def see() -> list[Decision]:
        lane.pause(lane.every)
        return lane.decider.observe(
            [OURS], taken=lane.clock, now=lane.now, vehicles=lane.vehicles, rules=rules
        )

    assert [see() for _ in range(5)] == [[]] * 5
    reasons.clear()
    assert outcomes(see()) == GRANTED
    assert see() == []


def test_not_for_ever() -> None:
    """Who has stood there for minutes after it has parked, like any that was refused."""
    lane = Lane(every=1.0)
    lane.decider.take_back(granted(lane))
    # Seen, but not well enough to be decided on.
    faint = plain_read("AB12CDE", confidence=0.4, box=place(500))
    quiet_since = lane.clock
    for _ in range(int(Policy().patience) + 1):
        lane.see(faint, quiet_since=quiet_since)
        lane.decider.still_there([OURS], taken=lane.clock, vehicles=lane.vehicles)
    assert lane.see(OURS, frames=5, quiet_since=quiet_since) == []


def test_after_a_reload() -> None:
    """It does not take the reads: those are forgotten, and what was told is not."""
    lane = Lane()
    first = granted(lane)
    lane.decider.forget_reads()
    lane.decider.take_back(first)
    lane.pause(20)
    assert outcomes(lane.see(OURS, frames=5)) == GRANTED


def test_only_the_arrival_that_is_meant() -> None:
    """A grant of an earlier visit says nothing about the one of now."""
    lane = Lane()
    first = granted(lane)
    lane.see(frames=60)
    assert outcomes([granted(lane)]) == GRANTED
    lane.decider.take_back(first)
    assert lane.see(OURS, frames=10) == []


def test_twice_is_once() -> None:
    """To take it back again changes nothing, and nor does it for somebody else."""
    lane = Lane()
    first = granted(lane)
    granted(lane, SECOND)
    lane.decider.take_back(first)
    lane.decider.take_back(first)
    assert outcomes(lane.see(OURS, SECOND, frames=5)) == GRANTED


@given(
    frames=st.lists(
        st.tuples(st.sampled_from(["ours", "second", "both", "nobody"]), st.booleans()),
        max_size=60,
    )
)
def test_one_grant_stands_for_each_visit(frames: list[tuple[str, bool]]) -> None:
    """Whatever is taken back when, two grants stand for one visit never."""
    shown = {"ours": [OURS], "second": [SECOND], "both": [OURS, SECOND], "nobody": []}
    lane = Lane()
    standing: set[str] = set()
    seen: dict[str, float] = {}
    for what, take_back in frames:
        for vehicle_id in [v for v in standing if lane.clock - seen[v] > 10]:
            standing.discard(vehicle_id)
        for decision in lane.see(*shown[what]):
            assert decision.vehicle is not None
            vehicle_id = decision.vehicle.vehicle_id
            assert vehicle_id not in standing
            if take_back:
                lane.decider.take_back(decision)
            else:
                standing.add(vehicle_id)
        for read in shown[what]:
            seen[f"id of {read.plate.reveal()}"] = lane.clock


@pytest.mark.parametrize("failing", ["AB12CDE", "KN18RTX"])
def test_rules_that_fail_swallow_no_grant(failing: str) -> None:
    """A fault at one of two vehicles in a frame must not note the other as let in."""
    lane = Lane(VehicleIndex([vehicle("AB12CDE"), vehicle("KN18RTX")]))
    broken = [True]

    def standing(one: Vehicle) -> tuple[Reason, ...]:
        if broken[0] and one.plate.reveal() == failing:
            raise RuntimeError
        return ()

    def see() -> list[Decision]:
        lane.pause(lane.every)
        return lane.decider.observe(
            [OURS, SECOND],
            taken=lane.clock,
            now=lane.now,
            vehicles=lane.vehicles,
            rules=Rules(standing=standing),
        )

    assert see() == []
    with pytest.raises(RuntimeError):
        see()
    broken[0] = False
    assert sorted(outcomes(see())) == [("granted", "AB12CDE"), ("granted", "KN18RTX")]


def test_rules_that_fail_make_nobody_leave() -> None:
    """Who was let in and stands there while they fail is not let in again after it."""
    lane = Lane()
    granted(lane)

    def standing(one: Vehicle) -> tuple[Reason, ...]:
        raise RuntimeError

    for _ in range(60):
        lane.pause(lane.every)
        with suppress(RuntimeError):
            lane.decider.observe(
                [OURS, SECOND],
                taken=lane.clock,
                now=lane.now,
                vehicles=lane.vehicles,
                rules=Rules(standing=standing),
            )
    assert outcomes(lane.see(OURS, SECOND, frames=5)) == [("granted", "KN18RTX")]
