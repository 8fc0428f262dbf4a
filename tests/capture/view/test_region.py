"""The part of a picture that is looked at."""

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.plate_gate.capture.view.gray import GRAY_HEIGHT, GRAY_WIDTH
from custom_components.plate_gate.capture.view.region import (
    HIDDEN,
    Bounds,
    Point,
    Polygon,
    Region,
)
from custom_components.plate_gate.errors import RegionError

LOWER_HALF = Region.from_text("0,50 100,100", [])
TRIANGLE = "50,0 100,100 0,100"


@pytest.fixture
def view() -> NDArray[np.uint8]:
    """Return a picture in which no pixel has the gray of what is hidden."""
    pixels = np.random.default_rng(1).integers(115, 256, (90, 160, 3), dtype=np.uint8)
    pixels.flags.writeable = False
    return pixels


def area(text: str) -> float:
    """Return how much of the picture a region is."""
    return float(Region.from_text(text, []).mask().mean())


# -- What people type ------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "10,40 90,40 90,100 10,100",
        "  10,40   90,40 90,100 10,100 ",
        "10, 40; 90, 40; 90, 100; 10, 100",
        "10,40\n90,40\r\n90,100\n10,100\n",
        "10%,40% 90%,40% 90%,100% 10%,100%",
        "10 40 90 40 90 100 10 100",
        "10.0,40. 90,40.00 90,100 10,100",
        "10,40 90,100",
        "90,100 10,40",
        "10,100 90,40",
        "90,40 10,100",
    ],
)
def test_ways_to_type_a_rectangle(typed: str) -> None:
    """Separators are a matter of taste, and two opposite corners are enough."""
    corners: Polygon = (
        Point(0.1, 0.4),
        Point(0.9, 0.4),
        Point(0.9, 1.0),
        Point(0.1, 1.0),
    )
    assert Region.from_text(typed, []) == Region(corners)


@pytest.mark.parametrize(
    "typed",
    [
        "gate",
        "10",
        "10,40",
        "10,40 90",
        "10,40 90,40 90",
        "10,40 90,101",
        "10,40 90,-1",
        "10,40 90,1e1",
        "10,40 90,nan",
        "10,40 90,inf",
        "10,40 90,9_0",
        "10,40 90,.",
        "10;40;x;90",
    ],
)
def test_what_is_no_polygon(typed: str) -> None:
    """It is refused, be it the region or an exclusion."""
    with pytest.raises(RegionError):
        Region.from_text(typed, [])
    with pytest.raises(RegionError):
        Region.from_text("", [typed])


@pytest.mark.parametrize(
    ("region", "exclusions"),
    [
        ("10,40 10,40", []),
        ("10,40 90,40", []),
        ("10,10 50,50 90,90", []),
        ("10,10 19,19", []),
        ("", ["0,0 100,100"]),
        ("0,0 50,100", ["0,0 25,100", "25,0 60,100"]),
        ("0,0 50,50", ["0,0 49,50"]),
    ],
)
def test_nothing_is_left(region: str, exclusions: list[str]) -> None:
    """A region of which less than 1 % of the picture is left is a mistake."""
    with pytest.raises(RegionError):
        Region.from_text(region, exclusions)


@pytest.mark.parametrize("exclusion", ["10,40 10,40", "10,10 50,50 90,90"])
def test_exclusion_that_hides_nothing(exclusion: str) -> None:
    """Whoever types one believes that something is hidden which is not."""
    with pytest.raises(RegionError):
        Region.from_text("", [exclusion])


def test_smallest_region() -> None:
    """One percent of the picture is enough."""
    assert area("10,10 20,20") == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("region", "exclusions"),
    [
        ("", []),
        ("10,40 90,100", []),
        ("33.3,0 66.7,12.55", ["40,5 50,6"]),
        (TRIANGLE, ["10,10 20,20", "0,90 30,95 5,100"]),
        ("", ["7,14 28,55.5"]),
    ],
)
def test_text_round_trip(region: str, exclusions: list[str]) -> None:
    """What was typed comes out as it went in."""
    typed = Region.from_text(region, exclusions)
    assert typed.as_text() == (region, exclusions)
    assert Region.from_text(*typed.as_text()) == typed


def test_empty_exclusions_are_ignored() -> None:
    """A form with a row too many means no harm."""
    assert Region.from_text(" ", ["", "  "]) == Region()


# -- Which pixels are looked at --------------------------------------------------------


def test_whole_picture() -> None:
    """Without a region, all is looked at and nothing is copied."""
    assert Region().is_whole
    assert Region().mask().shape == (GRAY_HEIGHT, GRAY_WIDTH) == (180, 320)
    assert Region().mask().all()
    assert not LOWER_HALF.is_whole
    assert not Region.from_text("", ["0,0 10,10"]).is_whole


def test_mask_of_a_rectangle() -> None:
    """Sides that fall between pixels are met exactly."""
    mask = Region.from_text("25,50 75,100", []).mask()
    assert mask[90:, 80:240].all()
    assert mask.sum() == 90 * 160


def test_mask_of_a_triangle() -> None:
    """Slanted sides are followed; in the bottom row all is inside, in the top none."""
    mask = Region.from_text(TRIANGLE, []).mask()
    assert mask.mean() == pytest.approx(0.5, abs=0.005)
    assert not mask[0, :155].any() and not mask[0, 165:].any()
    assert mask[-1, 1:-1].all()
    assert (mask[:, :160] == mask[:, :159:-1]).all()
    assert (np.diff(mask.sum(axis=1)) >= 0).all()


def test_direction_of_a_polygon_does_not_matter() -> None:
    """The corners may go round either way."""
    there = Region.from_text("10,10 90,20 70,90 20,80", [])
    back = Region.from_text("20,80 70,90 90,20 10,10", [])
    assert (there.mask() == back.mask()).all()


def test_polygon_with_a_dent() -> None:
    """The dent is outside."""
    mask = Region.from_text("0,0 50,50 100,0 100,100 0,100", []).mask()
    assert mask.mean() == pytest.approx(0.75, abs=0.005)
    assert not mask[10, 160]
    assert mask[100, 160]


def test_sides_that_cross() -> None:
    """A bow tie is two triangles."""
    mask = Region.from_text("0,0 100,100 100,0 0,100", []).mask()
    assert mask.mean() == pytest.approx(0.5, abs=0.005)
    assert mask[90, 20] and mask[90, 300]
    assert not mask[20, 160] and not mask[160, 160]


def test_exclusions() -> None:
    """They are taken away from the region, together."""
    mask = Region.from_text("0,0 50,100", ["0,0 25,50", "0,25 25,100"]).mask()
    assert mask[:, 80:160].all()
    assert mask.sum() == 180 * 80


# -- What is shown to others -----------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (Region(), (0, 0, 1920, 1080)),
        (Region.from_text("", ["0,0 50,50"]), (0, 0, 1920, 1080)),
        (LOWER_HALF, (0, 540, 1920, 1080)),
        (Region.from_text("10.01,40 89.99,99.99", []), (192, 432, 1728, 1080)),
        (Region.from_text(TRIANGLE, []), (0, 0, 1920, 1080)),
        (Region.from_text("7,7 50,50", []), (134, 75, 960, 540)),
        # Not typed, but no less possible.
        (Region((Point(1, 1),) * 3), (1919, 1079, 1920, 1080)),
        (Region((Point(-1, -1), Point(2, -1), Point(2, 2))), (0, 0, 1920, 1080)),
    ],
)
def test_bounds(region: Region, expected: tuple[int, int, int, int]) -> None:
    """They cover the region, stay within the picture and are never empty."""
    assert region.bounds(1920, 1080) == Bounds(*expected)


def test_bounds_are_exact() -> None:
    """Binary fractions cost no pixel: 7 % of 100 is 7."""
    assert Region.from_text("7,7 57,57", []).bounds(100, 100) == (7, 7, 57, 57)


def test_cut_of_the_whole_picture(view: NDArray[np.uint8]) -> None:
    """It is the picture itself."""
    assert Region().cut(view) is view


def test_cut_of_a_rectangle(view: NDArray[np.uint8]) -> None:
    """It is a copy of that part, without anything painted."""
    cut = Region.from_text("25,50 75,100", []).cut(view)
    assert np.array_equal(cut, view[45:90, 40:120])
    assert cut.flags.c_contiguous and cut.flags.writeable
    assert not np.shares_memory(cut, view)


@pytest.mark.parametrize(
    ("region", "exclusions"),
    [
        (TRIANGLE, []),
        ("50,20 90,90 10,80", []),
        ("", ["40,40 60,60"]),
        ("10,10 90,95", ["0,0 30,30", TRIANGLE]),
    ],
)
def test_cut_hides_what_is_not_looked_at(
    view: NDArray[np.uint8], region: str, exclusions: list[str]
) -> None:
    """Nothing of it is left, and nothing else is touched."""
    looked_at = Region.from_text(region, exclusions)
    left, top, right, bottom = looked_at.bounds(160, 90)
    mask = looked_at.mask(160, 90)[top:bottom, left:right]
    before = view.copy()

    cut = looked_at.cut(view)

    assert cut.shape == (bottom - top, right - left, 3)
    assert cut.flags.c_contiguous
    assert (cut[~mask] == HIDDEN).all() and (~mask).any()
    assert (cut[mask] == view[top:bottom, left:right][mask]).all() and mask.any()
    assert np.array_equal(view, before)


def test_cut_of_pictures_of_several_sizes(view: NDArray[np.uint8]) -> None:
    """A camera may change its resolution, and change it back."""
    region = Region.from_text(TRIANGLE, [])
    first = region.cut(view)
    assert region.cut(view[:45, :80]).shape == (45, 80, 3)
    assert np.array_equal(region.cut(view), first)
