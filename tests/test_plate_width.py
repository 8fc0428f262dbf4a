"""Tests of how wide plates usually are in the pictures of a camera."""

import pytest

from custom_components.plate_gate.plate_width import LEAST, REMEMBERED, PlateWidth


def width_of(*widths: float) -> int | None:
    """Return what is usual after some reads."""
    width = PlateWidth()
    for one in widths:
        width.add(one)
    return width.value


@pytest.mark.parametrize("reads", range(LEAST))
def test_few_reads_say_nothing(reads: int) -> None:
    """A few reads may be of one vehicle that is still far away."""
    assert width_of(*[54.0] * reads) is None


def test_enough_reads() -> None:
    """From then on there is a value, in whole pixels."""
    assert width_of(*[53.7] * LEAST) == 54


def test_outliers_do_not_count() -> None:
    """One sign that was taken for a plate does not spoil it."""
    assert width_of(60, 61, 62, 63, 900) == 63


def test_vehicles_come_nearer() -> None:
    """Each vehicle is small at first; how large it gets is what counts."""
    assert width_of(*range(30, 130, 5)) == pytest.approx(101, abs=5)


def test_it_does_not_waver() -> None:
    """What changes by a pixel or two is the same."""
    width = PlateWidth()
    seen = set()
    for one in (100, 101, 99, 102, 98) * 10:
        width.add(one)
        seen.add(width.value)
    assert len(seen - {None}) == 1


def test_what_was_long_ago_is_forgotten() -> None:
    """A camera that was moved closer is judged by what it shows since."""
    before, since = [150.0] * 100, [70.0] * REMEMBERED
    assert width_of(*before, *since[: REMEMBERED // 2]) == 150
    assert width_of(*before, *since) == 70
