"""An index that follows a list is the index of that list."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from hypothesis import given, settings, strategies as st
import numpy as np

from custom_components.plate_gate.decision.likelihood import Bounds, columns_of
from custom_components.plate_gate.decision.vehicles import VehicleIndex
from custom_components.plate_gate.models import Plate, Vehicle

from .scene import random_text, vehicle

ANYTHING: Final = Bounds(allowed=2**37 - 2, required=0)

TEXTS: Final = (
    "AB12CDE",
    "AB12CDF",
    "A8I2CDE",
    "ABI2CDE",
    "GÖ123",
    "GO123",
    "ЛA7",
    "X1",
)
"""Plates of which some are alike, and some have letters that no reader knows."""

LISTS: Final = st.lists(
    st.lists(st.sampled_from(TEXTS), unique=True, max_size=len(TEXTS)), min_size=1
)


def same(one: VehicleIndex, other: VehicleIndex) -> None:
    """Expect that two indexes find the same vehicles, whatever is read."""
    assert len(one) == len(other)
    assert one.by_id == other.by_id
    for plate in map(Plate, TEXTS):
        for found in (
            (one.exact(plate), other.exact(plate)),
            (one.look_alikes(plate), other.look_alikes(plate)),
            (plausible(one, plate), plausible(other, plate)),
        ):
            first, second = (sorted(v.vehicle_id for v in each) for each in found)
            assert first == second


def plausible(index: VehicleIndex, plate: Plate) -> list[Vehicle]:
    """Return what a read is worth comparing with, each beside its own columns."""
    found, columns = index.plausible(plate, bounds=ANYTHING, shortest=2, distance=4)
    assert np.array_equal(columns, columns_of([one.plate for one in found]))
    return found


@settings(deadline=None, derandomize=True, database=None, max_examples=150)
@given(LISTS, st.randoms(use_true_random=False))
def test_changes_in_a_row(lists: Sequence[Sequence[str]], random: Random) -> None:
    """After any changes one after another, it is as if it had been made anew."""
    listed = {text: vehicle(text) for text in TEXTS}
    index = VehicleIndex(listed[text] for text in lists[0])
    for texts in lists[1:]:
        # Some of those that stay have changed: the same id, perhaps another plate.
        for text in random.sample(TEXTS, 2):
            other = Plate(random.choice(TEXTS))
            listed[text] = replace(listed[text], plate=other, label="Another")
        before = index
        known = dict(before.by_id)
        index = before.changed(listed[text] for text in texts)
        same(index, VehicleIndex(listed[text] for text in texts))
        assert dict(before.by_id) == known


def test_a_change_leaves_the_old_index_as_it_is() -> None:
    """A lane that still uses it finds what it found before."""
    ours, other = vehicle("AB12CDE"), vehicle("KN18RTX")
    more = [vehicle(text) for text in ("QR11STU", "VW22XYZ")]
    before = VehicleIndex([ours, other, *more])
    after = before.changed([other, *more, vehicle("LO47GAT")])
    assert before.exact(ours.plate) == [ours]
    assert before.exact(Plate("LO47GAT")) == []
    assert after.exact(ours.plate) == []
    assert after.exact(other.plate) == [other]
    assert [v.plate for v in after.exact(Plate("LO47GAT"))] == [Plate("LO47GAT")]


def test_a_long_list_changes() -> None:
    """Of many vehicles one goes, one comes and one changes; the others stay."""
    random = Random(3)
    texts = sorted({random_text(random) for _ in range(5000)})
    listed = [vehicle(text) for text in texts]
    other = replace(listed[0], plate=Plate("AB12CDE"))
    changed = [vehicle("KN18RTX"), other, *listed[1:-1]]
    index = VehicleIndex(listed).changed(changed)
    assert len(index) == len(changed)
    for one in (*changed[:50], *random.sample(changed, 50)):
        assert index.exact(one.plate) == [one]
        assert one in plausible(index, one.plate)
    assert index.exact(listed[0].plate) == []
    assert index.exact(listed[-1].plate) == []
