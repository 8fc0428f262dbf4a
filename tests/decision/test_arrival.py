"""What is known of one vehicle in front of a camera, and which reads are its own."""

from collections.abc import Sequence
from typing import Final

import pytest

from custom_components.plate_gate.decision.arrival import Arrival
from custom_components.plate_gate.decision.association import (
    associate,
    distinct,
    edit_distance,
)
from custom_components.plate_gate.decision.evidence import Evidence
from custom_components.plate_gate.decision.policy import Policy
from custom_components.plate_gate.decision.vehicles import VehicleIndex
from custom_components.plate_gate.models import Movement, Plate, PlateRead

from .scene import place, plain_read, read, vehicle

POLICY: Final = Policy()
LIST: Final = VehicleIndex([vehicle("AB12CDE"), vehicle("KN18RTX")])


def evidence(read: PlateRead, taken: float) -> Evidence:
    """Return what is kept of a read."""
    return Evidence.of(read, taken, LIST, POLICY)


def arrival(reads: Sequence[PlateRead], every: float = 0.3) -> Arrival:
    """Return an arrival with one read per frame, the first taken at 0."""
    begun = Arrival(evidence(reads[0], 0.0), POLICY)
    for number, one in enumerate(reads[1:], start=1):
        begun.add(evidence(one, number * every))
    return begun


def joins(known: Arrival, read: PlateRead, after: float = 0.3) -> bool:
    """Tell whether the next read belongs to an arrival."""
    found = associate([known], [evidence(read, known.newest.taken + after)])
    return found == [known]


def test_an_approaching_vehicle_is_one_arrival() -> None:
    """A plate that grows and moves is one vehicle, even while its text varies."""
    far = plain_read("A8IZ", confidence=0.8, box=place(400, 300, 40))
    known = arrival([far])
    for step, text in enumerate(("AB1ZCD", "AB12CDE", "AB12CDE"), start=1):
        box = place(400 + 60 * step, 300 + 40 * step, 40 + 12 * step)
        one = plain_read(text, confidence=0.8, box=box)
        assert joins(known, one)
        known.add(evidence(one, step * 0.3))


def test_a_similar_text_without_a_place() -> None:
    """Where a backend gives no boxes, a text one character off is the same vehicle."""
    known = arrival([plain_read("XYZ987")])
    assert joins(known, plain_read("XYZ987"))
    assert joins(known, plain_read("XYZ98"))
    assert joins(known, plain_read("XY2987"))
    assert not joins(known, plain_read("QRS456"))


def test_the_same_vehicle_by_likelihood() -> None:
    """Two texts that fit the same listed vehicle are of one vehicle."""
    known = arrival([read("AB12CDE", doubts={4: {"G": 0.6, "C": 0.4}})])
    again = read("AB12CDE", doubts={0: {"4": 0.6, "A": 0.4}, 6: {"F": 0.6, "E": 0.4}})
    assert edit_distance(again.plate, known.newest.plate) == 3
    assert joins(known, again)


def test_a_fleet_side_by_side() -> None:
    """Vehicles with consecutive plates are two, each keeps its own reads."""
    left = arrival([plain_read("XY10ABC", box=place(200))])
    right = arrival([plain_read("XY10ABD", box=place(900))])
    frame = [
        evidence(plain_read("XY10ABD", box=place(880)), 0.3),
        evidence(plain_read("XY10ABC", box=place(220)), 0.3),
    ]
    assert associate([left, right], frame) == [right, left]
    assert not joins(left, plain_read("XY10ABD", box=place(900)))


def test_the_next_in_the_queue() -> None:
    """A sure and quite different text in the same place is another vehicle."""
    known = arrival([plain_read("XYZ987", box=place(500))])
    assert not joins(known, plain_read("AB12CDE", box=place(500)), after=3.0)


def test_an_unsure_text_in_the_same_place() -> None:
    """A bad read does not make a vehicle that stands there two."""
    known = arrival([plain_read("XYZ987", box=place(500))])
    assert joins(known, plain_read("LIZARD", confidence=0.6, box=place(505)))


def test_the_next_of_a_fleet_in_the_queue() -> None:
    """Behind a vehicle that was let in, another listed one is an arrival of its own."""
    fleet = VehicleIndex([vehicle("AB12CDE"), vehicle("AB12CDF")])
    first = Evidence.of(plain_read("AB12CDE", box=place(500)), 0.0, fleet, POLICY)
    second = Evidence.of(plain_read("AB12CDF", box=place(500)), 4.0, fleet, POLICY)
    known = Arrival(first, POLICY)
    assert associate([known], [second]) == [known]
    known.granted = "id of AB12CDE"
    assert associate([known], [second]) == [None]


def test_out_of_reach() -> None:
    """A plate does not jump across the picture, nor triple its size at once."""
    known = arrival([plain_read("XYZ987", box=place(200))])
    unsure = plain_read("LIZARD", confidence=0.6, box=place(900))
    grown = plain_read("LIZARD", confidence=0.6, box=place(200, width=320))
    assert not joins(known, unsure, after=0.2)
    assert not joins(known, grown, after=0.2)


def test_two_plates_in_a_frame_are_two_vehicles() -> None:
    """An arrival takes one read of a frame, though both would suit it."""
    known = arrival([plain_read("XYZ987", box=place(500))])
    frame = [
        evidence(plain_read("XYZ98", box=place(380)), 0.3),
        evidence(plain_read("XYZ987", box=place(510)), 0.3),
    ]
    assert associate([known], frame) == [None, known]


def test_the_same_plate_found_twice() -> None:
    """Of reads that overlap strongly, or repeat without a place, the surest counts."""
    twice = [
        plain_read("AB12CD", confidence=0.7, box=place(505, width=90)),
        plain_read("AB12CDE", confidence=0.9, box=place(500)),
        plain_read("XYZ987", box=place(800)),
    ]
    assert distinct(twice) == [twice[2], twice[1]]
    beside = [plain_read("AB12CDE", box=place(500)), plain_read("KN18", box=place(590))]
    assert distinct(beside) == beside
    unplaced = [plain_read("AB12CDE", confidence=c) for c in (0.7, 0.9)]
    assert distinct(unplaced) == [unplaced[1]]


def test_a_line_within_the_plate() -> None:
    """The name of a state, however sure, does not take the place of the plate."""
    plate = plain_read("AB12CDE", box=place(500, 300, 120))
    line = plain_read("KANSAS", confidence=1.0, box=place(500, 292, 50))
    assert distinct([plate, line]) == [line, plate]


def test_evidence_is_kept_for_seconds() -> None:
    """What is older than the memory is gone; the first time of a vehicle stays."""
    parked = arrival([plain_read("AB12CDE")] * 50, every=1.0)
    assert {e.taken for e in parked.evidence} == set(map(float, range(39, 50)))
    assert parked.first_read("id of AB12CDE") == 0.0
    with pytest.raises(KeyError):
        parked.first_read("id of KN18RTX")


def test_a_changed_list() -> None:
    """Evidence for who was removed, or got another plate, is gone; the rest stays."""
    known = arrival([plain_read("AB12CDE"), plain_read("AB12CDE")])
    kept = vehicle("AB12CDE", "A new label")
    known.relist({kept.vehicle_id: kept})
    assert [c.vehicle for e in known.evidence for c in e.candidates] == [kept, kept]
    assert known.first_read(kept.vehicle_id) == 0.0
    replated = vehicle("AB12CDE")
    object.__setattr__(replated, "plate", Plate("QRS456"))
    known.relist({replated.vehicle_id: replated})
    assert not any(e.candidates for e in known.evidence)
    with pytest.raises(KeyError):
        known.first_read(kept.vehicle_id)


def driving(text: str, frames: int = 3, confidence: float = 0.95) -> Arrival:
    """Return an arrival that comes nearer."""
    return arrival(
        [
            plain_read(text, confidence=confidence, box=place(400 + 50 * i))
            for i in range(frames)
        ]
    )


@pytest.mark.parametrize(
    ("seen", "counts"),
    [
        (driving("XY12ABC"), True),
        (driving("XY12ABC", frames=1), False),
        (driving("XY12ABC", confidence=0.7), False),
        (driving("XY1"), False),
        (driving("GARAGE"), False),
        (driving("140755"), False),
        (driving("20261122MON"), False),
        (driving("AB12CDE"), False),
        (arrival([plain_read("XY12ABC")] * 2), True),
        (arrival([plain_read("XY12ABC")]), False),
        (arrival([plain_read("CAMERA01", box=place(100))] * 9), False),
    ],
    ids=[
        "a vehicle",
        "one frame",
        "unsure",
        "short",
        "a word",
        "a clock",
        "a date",
        "listed",
        "no boxes",
        "no boxes, one frame",
        "never moves",
    ],
)
def test_what_counts_as_an_unknown_vehicle(seen: Arrival, counts: bool) -> None:
    """A vehicle has a text like a plate's on two frames, moves, and is not listed."""
    assert seen.unknown_vehicle is counts


@pytest.mark.parametrize(
    ("widths", "movement"),
    [
        ([60, 66, 72, 80, 90], Movement.APPROACHING),
        ([90, 82, 75, 68, 60], Movement.RECEDING),
        ([100, 103, 98, 102, 97, 101], Movement.UNKNOWN),
        ([60, 90], Movement.UNKNOWN),
        ([100, 101, 40, 100, 99], Movement.UNKNOWN),
        ([60, 70, 80, 90, *[100] * 30], Movement.APPROACHING),
    ],
    ids=["comes", "goes", "stands", "two frames", "found in part", "came and stands"],
)
def test_movement(widths: list[float], movement: Movement) -> None:
    """A plate that grows clearly comes nearer; a jitter says nothing."""
    seen = [plain_read("AB12CDE", box=place(500, width=width)) for width in widths]
    assert arrival(seen).movement is movement


def test_movement_without_boxes() -> None:
    """Where the backend does not say where plates are, nobody knows."""
    assert arrival([plain_read("AB12CDE")] * 9).movement is Movement.UNKNOWN


def test_probabilities_are_kept_for_a_few_frames() -> None:
    """They are the most of what is remembered, and old ones are of no use."""
    known = arrival([read("AB12CDE")] * 20)
    kept = [e.sight is not None for e in known.evidence]
    assert kept == [False] * 12 + [True] * 8
    assert "sight" not in repr(known.newest)
    assert "known" not in repr(known.newest)


@pytest.mark.parametrize(
    ("one", "other", "repeats"),
    [
        (read("AB12CDE", box=place(500)), read("AB12CDE", box=place(502)), True),
        (read("AB12CDE", box=place(500)), read("AB12CDE", box=place(520)), False),
        (
            read("AB12CDE", box=place(500)),
            read("AB12CDE", doubts={2: {"1": 0.7}}, box=place(500)),
            False,
        ),
        (read("AB12CDE"), read("AB12CDE"), True),
        (read("AB12CDE"), plain_read("AB12CDE"), False),
        (
            plain_read("AB12CDE", box=place(5)),
            plain_read("AB12CDE", box=place(5)),
            True,
        ),
        (plain_read("AB12CDE"), plain_read("AB12CDE"), False),
        (read("AB12CDE", box=place(500)), read("AB12CDF", box=place(500)), False),
    ],
)
def test_what_repeats(one: PlateRead, other: PlateRead, repeats: bool) -> None:
    """The same place and about the same probabilities are the same look again."""
    assert evidence(one, 0.0).repeats(evidence(other, 0.3)) is repeats


def test_repr_shows_no_plate() -> None:
    """What is printed says how much there is, and nothing of the plate."""
    known = arrival([plain_read("XY12ABC")] * 2)
    assert repr(known) == "Arrival(2 recent reads)"
    assert "XY12ABC" not in repr(known.newest)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("AB12CDE", "AB12CDE", 0),
        ("AB12CDE", "AB12CDF", 1),
        ("AB12CDE", "B12CDE", 1),
        ("AB12CDE", "BA12CDE", 2),
        ("AB12CDE", "XYZ987", 7),
    ],
)
def test_edit_distance(one: str, other: str, distance: int) -> None:
    """It counts characters changed, added and left out, either way round."""
    assert edit_distance(Plate(one), Plate(other)) == distance
    assert edit_distance(Plate(other), Plate(one)) == distance
