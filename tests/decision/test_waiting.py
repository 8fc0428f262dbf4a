"""Tests of vehicles that are refused and wait, and of those that have parked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.plate_gate.decision import Policy, Rules
from custom_components.plate_gate.models import (
    Box,
    Decision,
    Direction,
    Movement,
    Outcome,
    PlateRead,
    Reason,
    Vehicle,
)

from .lane import LIST, OURS, Lane
from .scene import read


class WaitingLane(Lane):
    """A lane with rules, and a gate that stays shut for a while."""

    shut = True

    def __init__(self, rules: Rules | None = None) -> None:
        """Begin with a gate that opens for nobody."""
        super().__init__()
        self.rules = rules or Rules(standing=self.standing)

    def standing(self, vehicle: Vehicle) -> tuple[Reason, ...]:
        """Say what the gate says."""
        return (Reason.INTERLOCKED,) if self.shut else ()

    def show(self, *reads: PlateRead, after: float = 0.3) -> list[Decision]:
        """Show the reads on a frame."""
        self.clock += after
        self.now += timedelta(seconds=after)
        return self.decider.observe(
            reads,
            taken=self.clock,
            now=self.now,
            vehicles=LIST,
            rules=self.rules,
        )


def outcomes(decisions: list[Decision]) -> list[Outcome]:
    """Return what was decided."""
    return [decision.outcome for decision in decisions]


def test_who_waits_is_let_in() -> None:
    """A refusal is told once, and ends with its reason."""
    lane = WaitingLane()
    told = [d for _ in range(10) for d in lane.show(read("AB12CDE"))]
    assert outcomes(told) == [Outcome.DENIED]
    assert told[0].reasons[-1] is Reason.INTERLOCKED
    lane.shut = False
    told = [d for _ in range(10) for d in lane.show(read("AB12CDE"))]
    assert outcomes(told) == [Outcome.GRANTED]
    assert told[0].vehicle == OURS


def test_who_was_let_in_is_not_refused() -> None:
    """While it drives through, a pause of the gate is no news about it."""
    lane = WaitingLane()
    lane.shut = False
    told = [d for _ in range(3) for d in lane.show(read("AB12CDE"))]
    lane.shut = True
    lane.decider.forget_reads()  # as a reload does: this is another arrival
    told += [d for _ in range(10) for d in lane.show(read("AB12CDE"))]
    assert outcomes(told) == [Outcome.GRANTED]


@pytest.mark.parametrize(("minutes", "granted"), [(2, True), (4, False)])
def test_who_has_parked(minutes: int, granted: bool) -> None:
    """Who stands there for long does not open the gate when its schedule begins."""
    lane = WaitingLane()
    for _ in range(minutes * 60):
        lane.show(read("AB12CDE"), after=1.0)
    lane.shut = False
    told = [d for _ in range(10) for d in lane.show(read("AB12CDE"))]
    assert outcomes(told) == ([Outcome.GRANTED] if granted else [])

    # Once it has left and come back, it is a new arrival.
    for _ in range(15):
        lane.show(after=1.0)
    told = [d for _ in range(10) for d in lane.show(read("AB12CDE"))]
    assert outcomes(told) == [Outcome.GRANTED]


def moving(growth: float) -> list[PlateRead]:
    """Return what is read of a vehicle whose plate grows with each frame."""
    return [
        read("AB12CDE", box=Box(300 - w / 2, 200 - w / 10, 300 + w / 2, 200 + w / 10))
        for w in (100 * growth**n for n in range(8))
    ]


@pytest.mark.parametrize(
    ("growth", "outcome"), [(1.15, Outcome.GRANTED), (0.87, Outcome.DENIED)]
)
def test_direction_is_waited_for(growth: float, outcome: Outcome) -> None:
    """Where the movement matters, nobody gets in before it is known."""
    lane = WaitingLane(Rules(movement=Movement.APPROACHING))
    told = [d for one in moving(growth) for d in lane.show(one)]
    assert outcomes(told) == [outcome]
    if outcome is Outcome.DENIED:
        assert told[0].reasons[-1] is Reason.WRONG_DIRECTION


def test_who_stands_gets_in() -> None:
    """A vehicle that does not move is let in after a second."""
    lane = WaitingLane(Rules(movement=Movement.APPROACHING))
    begun = lane.clock
    standing = read("AB12CDE", box=Box(300, 200, 400, 220))
    while not (told := lane.show(standing)):
        assert lane.clock - begun < 5
    assert outcomes(told) == [Outcome.GRANTED]
    assert lane.clock - begun > Policy().movement_wait


def test_direction_that_does_not_matter_is_not_waited_for() -> None:
    """On a driveway, nobody waits for it."""
    lane = WaitingLane(Rules(direction=Direction.BOTH))
    told = [d for one in moving(1.15)[:2] for d in lane.show(one)]
    assert outcomes(told) == [Outcome.GRANTED]


def test_two_frames_a_second_tell_who_leaves() -> None:
    """A slow camera sees too little of a vehicle in a second to say that it stands."""
    lane = WaitingLane(Rules(movement=Movement.APPROACHING))
    told = [d for one in moving(0.93) for d in lane.show(one, after=0.5)]
    assert outcomes(told) == [Outcome.DENIED]
    assert told[0].reasons[-1] is Reason.WRONG_DIRECTION


def test_a_very_slow_camera_keeps_nobody_waiting_for_ever() -> None:
    """Where no movement can be told, who is there for three seconds stands."""
    lane = WaitingLane(Rules(movement=Movement.APPROACHING))
    standing = read("AB12CDE", box=Box(300, 200, 400, 220))
    told = [d for _ in range(3) for d in lane.show(standing, after=1.6)]
    assert outcomes(told) == [Outcome.GRANTED]


def test_a_frame_without_a_place_is_no_standing() -> None:
    """A vehicle that leaves does not stand because one read says nothing of where."""
    lane = WaitingLane(Rules(movement=Movement.APPROACHING))
    leaving = [
        replace(one, box=None) if n == 2 else one for n, one in enumerate(moving(0.87))
    ]
    told = [d for one in leaving for d in lane.show(one)]
    assert outcomes(told) == [Outcome.DENIED]
