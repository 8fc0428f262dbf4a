"""The allowlist as the decision looks it up."""

from random import Random
from typing import Final

import numpy as np

from custom_components.plate_gate.decision.likelihood import Bounds, Likelihood
from custom_components.plate_gate.decision.vehicles import PLAUSIBLE_MAX, VehicleIndex
from custom_components.plate_gate.models import Plate

from .scene import one_off, probabilities, random_text, vehicle

ANYTHING: Final = Bounds(allowed=2**37 - 2, required=0)


def plausible(index: VehicleIndex, text: str, bounds: Bounds = ANYTHING) -> set[str]:
    """Return the plates that a text is worth comparing with."""
    found, _ = index.plausible(Plate(text), bounds=bounds, shortest=4, distance=4)
    return {v.plate.reveal() for v in found}


def test_exact() -> None:
    """A plate is found as it is, and not by another that looks like it."""
    ours = vehicle("AB10CDE")
    index = VehicleIndex([ours, vehicle("KN18RTX")])
    assert index.exact(Plate("ab10 cde")) == [ours]
    assert index.exact(Plate("ABIOCDE")) == []
    assert index.exact(Plate("AB10CDF")) == []


def test_look_alikes() -> None:
    """O and 0 are the same, I and 1 are; other pairs are not."""
    ours = vehicle("AB10CDE")
    index = VehicleIndex([ours, vehicle("KN18RTX")])
    assert index.look_alikes(Plate("ABIOCDE")) == [ours]
    assert index.look_alikes(Plate("AB1OCDE")) == [ours]
    assert index.look_alikes(Plate("AB10CDE")) == []
    assert index.look_alikes(Plate("KN1BRTX")) == []


def test_plausible_is_near_in_characters() -> None:
    """What differs by up to two characters, or lacks some, is worth comparing."""
    index = VehicleIndex(
        vehicle(text)
        for text in (
            "AB12CDE",
            "AB12CDF",
            "AB12CXY",
            "XYZ9CDE",
            "12CDE",
            "AB1",
            "KN18R",
        )
    )
    assert plausible(index, "AB12CDE") == {"AB12CDE", "AB12CDF", "AB12CXY", "12CDE"}


def test_plausible_holds_to_the_bounds() -> None:
    """Characters that were not seen, and ones that were and are missing, rule out."""
    index = VehicleIndex(
        vehicle(t) for t in ("AB12CDE", "AB12CDF", "AB12CD", "AB12CDEE")
    )
    likelihood = Likelihood(probabilities("AB12CDE"))
    bounds = likelihood.bounds(likelihood.best - 2)
    assert plausible(index, "AB12CDE", bounds) == {"AB12CDE", "AB12CDEE"}


def test_plausible_returns_plates_beside_vehicles() -> None:
    """Each row of columns is the plate of the vehicle in the same place."""
    random = Random(5)
    index = VehicleIndex(vehicle(random_text(random)) for _ in range(500))
    ours = vehicle("AB12CDE")
    index = VehicleIndex([*(vehicle(random_text(random)) for _ in range(500)), ours])
    found, columns = index.plausible(
        ours.plate, bounds=ANYTHING, shortest=4, distance=4
    )
    likelihood = Likelihood(probabilities("AB12CDE"))
    expected = likelihood.of_plates([v.plate for v in found])
    assert ours in found
    assert np.array_equal(likelihood.of(columns), expected)


def test_plausible_leaves_out_nothing_that_fits() -> None:
    """Among many plates, each one that is one character off is worth comparing."""
    random = Random(11)
    texts = {random_text(random) for _ in range(2000)}
    near = {one_off(random, "KN18RTX", place) for place in range(7)}
    index = VehicleIndex(vehicle(text) for text in texts | near)
    assert near <= plausible(index, "KN18RTX")


def test_numbers_that_are_all_alike() -> None:
    """Of too many, those with the most characters in place are compared."""
    index = VehicleIndex(vehicle(f"AB{number:04}") for number in range(10_000))
    found = plausible(index, "AB1234")
    assert len(found) == PLAUSIBLE_MAX
    assert {"AB1234", "AB1235", "AB9234", "AB1934", "AB1294"} <= found


def test_letters_that_no_reader_knows() -> None:
    """A plate with a letter like no other is found by its text, never by likelihood."""
    ours = vehicle("БB12CDE")
    index = VehicleIndex([ours])
    assert index.exact(Plate("бb12cde")) == [ours]
    assert plausible(index, "БB12CDE") == set()
    assert plausible(index, "BB12CDE") == set()


def test_the_same_plate_twice() -> None:
    """Should a list hold a plate twice, both are returned, so that neither wins."""
    index = VehicleIndex([vehicle("AB12CDE"), vehicle("AB12CDE", "Another")])
    assert len(index.exact(Plate("AB12CDE"))) == 2


def test_empty() -> None:
    """A list of nobody is a list too."""
    index = VehicleIndex(())
    assert len(index) == 0
    assert index.exact(Plate("AB12CDE")) == []
    assert plausible(index, "AB12CDE") == set()


def test_repr_shows_no_plate() -> None:
    """What is printed says how many, and nothing else."""
    assert repr(VehicleIndex([vehicle("AB12CDE")])) == "VehicleIndex(1 vehicles)"


def test_a_hundred_thousand() -> None:
    """A very long list is looked up like a short one."""
    random = Random(1)
    texts = {random_text(random) for _ in range(100_000)}
    index = VehicleIndex(vehicle(text) for text in texts)
    assert len(index) == len(texts)
    for text in random.sample(sorted(texts), 20):
        assert [v.plate.reveal() for v in index.exact(Plate(text))] == [text]
        assert text in plausible(index, text)
