"""Vehicles beside and behind one another: each is let in, and none for another."""

from custom_components.plate_gate.decision import Decider, Policy, VehicleIndex
from custom_components.plate_gate.models import Plate, PlateRead

from .lane import GRANTED, OURS as LISTED, Lane
from .scene import NOON, outcomes, place, plain_read, probabilities, read, vehicle

OURS = plain_read("AB12CDE", box=place(500))


def unsure(text: str, seen: str) -> PlateRead:
    """Return a read that says one thing, and by its probabilities nearly another."""
    doubts = {
        n: {a: 0.45, b: 0.5}
        for n, (a, b) in enumerate(zip(text, seen, strict=True))
        if a != b
    }
    return PlateRead(
        plate=Plate(seen),
        confidence=0.7,
        box=place(500),
        characters=probabilities(text, doubts=doubts),
    )


def test_the_next_one_is_read_unsurely() -> None:
    """Right behind a vehicle that was let in comes another listed one."""
    lane = Lane()
    assert outcomes(lane.see(read("AB12CDE", box=place(500)), frames=3)) == GRANTED
    behind = unsure("KN18RTX", "KN18RTY")
    assert outcomes(lane.see(behind, frames=5)) == [("granted", "KN18RTX")]


def test_a_misread_of_one_that_was_let_in_opens_for_nobody_else() -> None:
    """The plates of a fleet are one character apart."""
    fleet = VehicleIndex([vehicle("AB12CDE"), vehicle("AB12CDF")])
    lane = Lane(fleet)
    assert outcomes(lane.see(read("AB12CDE", box=place(500)), frames=3)) == GRANTED
    # It fits the other one of the fleet, and not the one that it is.
    misread = unsure("AB12CDF", "AB12CDP")
    assert lane.see(misread, frames=10) == []


def test_a_parked_look_alike_keeps_nobody_outside() -> None:
    """A vehicle that stands in view all day is not the one whose plate is like it."""
    decider = Decider(Policy(look_alikes=True))
    vehicles = VehicleIndex([vehicle("AB10CDE"), vehicle("ABI0CDE")])
    parked, ours = plain_read("AB10CDE", box=place(200)), plain_read("ABI0CDE")
    told: list[tuple[str, str]] = []
    clock = 100.0
    for n in range(120):
        clock += 0.3
        comes = n in range(10, 14) or n in range(80, 84)
        reads = [
            parked,
            *([PlateRead(plate=ours.plate, confidence=0.95, box=place(900))] * comes),
        ]
        told += outcomes(
            decider.observe(reads, taken=clock, now=NOON, vehicles=vehicles)
        )
    assert told == [
        ("granted", "AB10CDE"),
        ("granted", "ABI0CDE"),
        ("granted", "ABI0CDE"),
    ]


def test_whoever_takes_its_place_is_not_the_vehicle() -> None:
    """A yes for a vehicle that has driven off must not open for the next in line."""
    lane = Lane()
    assert outcomes(lane.see(OURS, frames=3)) == GRANTED
    number = 1
    assert lane.decider.is_here(number)
    stranger = plain_read("QRS456", confidence=0.6, box=place(500))
    lane.see(stranger, frames=20)
    assert lane.decider.is_here(number)
    lane.see(stranger, frames=20)
    assert not lane.decider.is_here(number)
    lane.see(OURS)
    assert lane.decider.is_here(number)


def test_a_vehicle_taken_off_the_list_is_not_here() -> None:
    """Nobody is asked about it any more, nor is a gate held open for it."""
    lane = Lane()
    lane.see(OURS, frames=3)
    lane.vehicles = VehicleIndex([vehicle("KN18RTX")])
    lane.see(OURS)
    assert not lane.decider.is_here(1)
    lane.vehicles = VehicleIndex([LISTED])
    assert lane.see(OURS, frames=5) == []
