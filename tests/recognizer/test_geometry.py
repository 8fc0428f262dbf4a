"""Quadrilaterals: order, size, stretching and cutting out."""

import numpy as np
import pytest

from plate_gate_recognizer.geometry import (
    Box,
    Quad,
    box_around,
    cut_out,
    in_order,
    same_place,
    size_of,
    stretch_upright,
)

UPRIGHT: Quad = np.array([[10, 20], [50, 20], [50, 30], [10, 30]], np.float32)


@pytest.mark.parametrize("turn", range(4))
def test_in_order(turn: int) -> None:
    """Whichever corner comes first, the top left one is first in the end."""
    np.testing.assert_array_equal(in_order(np.roll(UPRIGHT, turn, axis=0)), UPRIGHT)


def test_in_order_tilted() -> None:
    """A line that climbs keeps its left and right."""
    tilted = np.array([[10, 30], [50, 10], [55, 20], [15, 40]], np.float32)
    np.testing.assert_array_equal(in_order(tilted[::-1]), tilted)


def test_size_and_box() -> None:
    """Width and height are those of the edges, the box is the one around them."""
    assert size_of(UPRIGHT) == (40, 10)
    box = box_around(UPRIGHT)
    assert box == Box(10, 20, 50, 30)
    assert (box.width, box.height, box.center) == (40, 10, (30, 25))


def test_box_holds() -> None:
    """A point on the edge is inside, one beyond it is not."""
    box = Box(10, 20, 50, 30)
    assert box.holds((10, 30))
    assert not box.holds((9.9, 25))
    assert not box.holds((30, 30.1))


def test_same_place() -> None:
    """More than half of the smaller box has to lie within the larger one."""
    box = Box(0, 0, 100, 20)
    assert same_place(box, box)
    assert same_place(box, Box(40, 5, 60, 15))
    assert same_place(Box(49, 0, 149, 20), box)
    assert not same_place(Box(51, 0, 151, 20), box)
    assert not same_place(box, Box(0, 30, 100, 50))
    # Far apart in both directions, where the product of two negatives is positive.
    assert not same_place(box, Box(500, 500, 600, 520))


def test_stretch_upright() -> None:
    """Height changes around the middle, width does not."""
    taller = stretch_upright(UPRIGHT, 1.2)
    assert box_around(taller) == pytest.approx((10, 19, 50, 31))
    np.testing.assert_allclose(stretch_upright(UPRIGHT, 1), UPRIGHT, atol=1e-5)


def test_cut_out_puts_upright() -> None:
    """A tilted field comes out as a rectangle of its own color."""
    picture = np.zeros((100, 100, 3), np.uint8)
    rows, columns = np.mgrid[0:100, 0:100]
    # A band that climbs: 20 tall, its upper edge from (10, 60) to (90, 20).
    upper = 60 - (columns - 10) / 2
    picture[(rows >= upper) & (rows < upper + 20)] = (10, 200, 90)
    quad: Quad = np.array([[10, 66], [90, 26], [90, 34], [10, 74]], np.float32)
    line = cut_out(picture, quad)
    assert line.shape == (8, 89, 3)
    assert (line == (10, 200, 90)).all()


def test_cut_out_beyond_the_edge() -> None:
    """What lies outside of the picture continues its edge."""
    picture = np.full((20, 20, 3), 77, np.uint8)
    quad: Quad = np.array([[-5, -5], [30, -5], [30, 10], [-5, 10]], np.float32)
    assert (cut_out(picture, quad) == 77).all()


def test_cut_out_nothing() -> None:
    """A quadrilateral without an area gives one pixel, not an exception."""
    quad: Quad = np.full((4, 2), 5, np.float32)
    assert cut_out(np.zeros((20, 20, 3), np.uint8), quad).shape == (1, 1, 3)
