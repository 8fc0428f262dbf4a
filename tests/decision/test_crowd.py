"""Frames full of plates: they cost little, and take nobody's place."""

from random import Random

import pytest

from custom_components.plate_gate.decision import VehicleIndex
from custom_components.plate_gate.decision.evidence import Evidence
from custom_components.plate_gate.models import PlateRead

from .lane import GRANTED, Lane
from .scene import outcomes, place, plain_read, random_text, vehicle

OURS = plain_read("AB12CDE", box=place(1500, 900))


def wall(random: Random, plates: int, width: float = 100) -> list[PlateRead]:
    """Return reads of a wall of plates that nobody knows."""
    return [
        plain_read(
            random_text(random),
            confidence=0.99,
            box=place(300 * (n % 8), 200 * (n // 8), width),
        )
        for n in range(plates)
    ]


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> list[PlateRead]:
    """Return the reads that were weighed against the list."""
    found: list[PlateRead] = []
    weigh = Evidence.of.__func__  # type: ignore[attr-defined]

    def note(cls: type[Evidence], read: PlateRead, *arguments: object) -> Evidence:
        found.append(read)
        weighed: Evidence = weigh(cls, read, *arguments)
        return weighed

    monkeypatch.setattr(Evidence, "of", classmethod(note))
    return found


def test_few_are_weighed(weighed: list[PlateRead]) -> None:
    """What a frame costs does not grow with what somebody holds before the camera."""
    lane = Lane()
    lane.see(*wall(Random(1), 64))
    assert len(weighed) == 8


def test_the_nearest_is(weighed: list[PlateRead]) -> None:
    """The largest plate is weighed, though all others are surer."""
    near = plain_read("AB12CDF", confidence=0.6, box=place(1500, 900, 250))
    Lane().see(*wall(Random(2), 64), near)
    assert near in weighed


def test_a_wall_keeps_nobody_outside() -> None:
    """A listed vehicle is let in though larger plates stand all around it."""
    lane = Lane()
    random = Random(3)
    told = [d for _ in range(5) for d in lane.see(*wall(random, 30, 200), OURS)]
    assert outcomes(told) == GRANTED


def test_a_crowd_of_listed_ones_hides_nobody() -> None:
    """Who is not weighed, as too many others are, has not gone."""
    random = Random(4)
    others = [random_text(random) for _ in range(12)]
    lane = Lane(VehicleIndex([vehicle("AB12CDE"), *map(vehicle, others)]))
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    crowd = [
        plain_read(text, confidence=0.99, box=place(300 * (n % 8), 200 * (n // 8), 200))
        for n, text in enumerate(others)
    ]
    for _ in range(60):
        lane.see(*crowd, OURS)
    assert lane.see(OURS, frames=10) == []


def test_a_crowd_ends_no_wait() -> None:
    """Somebody may be asked about a vehicle that was granted: it stays known."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    random = Random(5)
    for _ in range(10):
        lane.see(*wall(random, 64))
    assert lane.decider.open_arrivals == 64
    assert lane.decider.is_here(1)
