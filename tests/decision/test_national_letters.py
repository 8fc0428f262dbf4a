"""Plates with letters that readers of A to Z write as others: GÖ becomes GO."""

import pytest

from custom_components.plate_gate.decision.likelihood import Likelihood, columns_of
from custom_components.plate_gate.decision.match import candidates
from custom_components.plate_gate.decision.policy import Policy
from custom_components.plate_gate.decision.vehicles import VehicleIndex
from custom_components.plate_gate.models import Plate, PlateRead, Reason

from .scene import probabilities, vehicle

OURS = vehicle("GÖAB123")
TWIN = vehicle("GOAB123")


def read(text: str, *, ours: bool = True) -> PlateRead:
    """Return what our recognizer reads, or another one that gives the text only."""
    characters = probabilities(text) if ours else None
    return PlateRead(plate=Plate(text), confidence=0.97, characters=characters)


def test_is_read_as_the_bare_letter() -> None:
    """A listed Ö is found where our recognizer says O, as exactly as it can say."""
    (found,) = candidates(read("GOAB123"), VehicleIndex([OURS]), Policy())
    assert found.vehicle == OURS
    assert found.how is Reason.EXACT_TEXT


def test_is_likely_where_the_bare_letter_is() -> None:
    """A plate with an Ö is as likely as the one with an O, and Б is never likely."""
    likelihood = Likelihood(probabilities("GOAB123"))
    ours, twin, never = likelihood.of_plates(
        [OURS.plate, TWIN.plate, Plate("Б123CD99")]
    )
    assert ours == twin > -1
    assert never == float("-inf")
    assert columns_of([Plate("Б123CD99")])[0, 0] == -1


@pytest.mark.parametrize("ours", [True, False])
def test_twins_are_both_found_and_once(ours: bool) -> None:
    """Where the reader cannot tell two listed plates apart, both fit exactly."""
    index = VehicleIndex([OURS, TWIN, vehicle("GUAB123")])
    found = candidates(read("GOAB123", ours=ours), index, Policy())
    exact = [c.vehicle for c in found if c.how is Reason.EXACT_TEXT]
    assert sorted(v.label for v in exact) == sorted([OURS.label, TWIN.label])
    assert len({c.vehicle.vehicle_id for c in found}) == len(found)
    assert len({c.relative for c in found if c.how is Reason.EXACT_TEXT}) == 1


def test_a_reader_that_knows_the_letter_is_believed() -> None:
    """Of a reader that says GÖ a GO is not accepted, look-alikes allowed or not."""
    for policy in (Policy(), Policy(look_alikes=True)):
        for listed, found in (([OURS, TWIN], [OURS]), ([TWIN], [])):
            index = VehicleIndex(listed)
            fits = candidates(read("GÖAB123", ours=False), index, policy)
            assert [c.vehicle for c in fits] == found


def test_look_alikes_of_a_national_letter() -> None:
    """A Ø without its stroke is an O, and where the user allows so, a 0."""
    ours = vehicle("BØ12345")
    index = VehicleIndex([ours])
    assert index.exact(Plate("BO12345")) == [ours]
    assert index.exact(Plate("B012345")) == []
    assert index.look_alikes(Plate("B012345")) == [ours]
