"""The part of a picture that is looked at; the rest never leaves the process."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
import math
import re
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import RegionError
from .gray import GRAY_HEIGHT, GRAY_WIDTH

MIN_SHARE: Final = 0.01
"""Of the picture. What is smaller shows no vehicle, and was typed by mistake."""

HIDDEN: Final = 114
"""The gray that is put over what is not looked at: that in which recognizers pad."""

_BETWEEN = re.compile(r"[\s,;%]+")
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


class Point(NamedTuple):
    """A place in a picture, from its top left (0, 0) to its bottom right (1, 1)."""

    x: float
    y: float


type Polygon = tuple[Point, ...]
"""At least three corners; the last is joined to the first.

Where its sides cross, a place is inside if a line from it leaves the polygon an odd
number of times (the even-odd rule).
"""


class Bounds(NamedTuple):
    """A rectangle in pixels; the right and the bottom are those after the last ones."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a picture that is looked at: a polygon, less the exclusions."""

    polygon: Polygon = ()
    """Empty for the whole picture."""
    exclusions: tuple[Polygon, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all of the picture is looked at."""
        return not self.polygon and not self.exclusions

    @classmethod
    def from_text(cls, region: str, exclusions: Sequence[str]) -> Self:
        """Take a region as it was typed.

        Args:
            region: Points in percent of the width and the height, such as
                "10,40 90,40 90,100 10,100". Two are opposite corners of a rectangle.
                Empty for the whole picture. Spaces, line breaks, commas, semicolons
                and percent signs separate numbers, as people like.
            exclusions: The same for what is left out; empty ones are ignored.

        Raises:
            RegionError: A text is no polygon, an exclusion hides nothing, or less than
                1 % of the picture is left.

        """
        typed = cls(
            _polygon(region) if region.strip() else (),
            tuple(_polygon(text) for text in exclusions if text.strip()),
        )
        if typed.mask().mean() < MIN_SHARE or not all(
            _inside(polygon, GRAY_WIDTH, GRAY_HEIGHT).any()
            for polygon in typed.exclusions
        ):
            raise RegionError
        return typed

    def as_text(self) -> tuple[str, list[str]]:
        """Return the region and the exclusions as `from_text` takes them."""
        return _text(self.polygon), [_text(polygon) for polygon in self.exclusions]

    def mask(
        self, width: int = GRAY_WIDTH, height: int = GRAY_HEIGHT
    ) -> NDArray[np.bool_]:
        """Return which pixels are looked at: those whose centers are in the region.

        Args:
            width: Of the picture in pixels.
            height: Likewise.

        Returns:
            True where the picture is looked at, shape (height, width).

        """
        if self.polygon:
            mask = _inside(self.polygon, width, height)
        else:
            mask = np.ones((height, width), np.bool_)
        for polygon in self.exclusions:
            mask &= ~_inside(polygon, width, height)
        return mask

    def bounds(self, width: int, height: int) -> Bounds:
        """Return the rectangle around the polygon, rounded outward to whole pixels.

        Args:
            width: Of the picture in pixels.
            height: Likewise.

        Returns:
            A rectangle within the picture, of at least one pixel.

        """
        if not self.polygon:
            return Bounds(0, 0, width, height)
        left, right = _span([point.x for point in self.polygon], width)
        top, bottom = _span([point.y for point in self.polygon], height)
        return Bounds(left, top, right, bottom)

    def cut(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return what may be shown to others: the region, all else painted gray.

        Args:
            pixels: RGB, shape (height, width, 3).

        Returns:
            A contiguous copy of the pixels within the bounds; those that are not looked
            at are gray. The pixels themselves, if all are looked at.

        """
        if self.is_whole:
            return pixels
        height, width, _ = pixels.shape
        left, top, right, bottom = self.bounds(width, height)
        part = pixels[top:bottom, left:right]
        if (kept := _kept(self, width, height)) is None:
            return part.copy()
        # Painting by a boolean index takes ten times as long as these three passes:
        # where `kept` has no bits, nothing but the gray is left.
        cut = part ^ np.uint8(HIDDEN)
        cut &= kept
        cut ^= np.uint8(HIDDEN)
        return cut


def _polygon(text: str) -> Polygon:
    """Take a polygon as it was typed."""
    words = [word for word in _BETWEEN.split(text) if word]
    if len(words) < 4 or len(words) % 2 or not all(map(_NUMBER.fullmatch, words)):
        raise RegionError
    numbers = [float(word) / 100 for word in words]
    if max(numbers) > 1:
        raise RegionError
    points = tuple(map(Point, numbers[::2], numbers[1::2], strict=True))
    return _rectangle(*points) if len(points) == 2 else points


def _rectangle(one: Point, other: Point) -> Polygon:
    """Return the rectangle between two corners that lie opposite each other."""
    (left, right), (top, bottom) = map(sorted, zip(one, other, strict=True))
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return tuple(Point(x, y) for x, y in corners)


def _text(polygon: Polygon) -> str:
    """Return a polygon as people type it, a rectangle by two of its corners."""
    if len(polygon) == 4 and polygon == _rectangle(polygon[0], polygon[2]):
        polygon = polygon[::2]
    return " ".join(f"{100 * point.x:.10g},{100 * point.y:.10g}" for point in polygon)


def _inside(polygon: Polygon, width: int, height: int) -> NDArray[np.bool_]:
    """Return which pixels have their centers in a polygon, shape (height, width)."""
    inside = np.zeros((height, width), np.bool_)
    across = (np.arange(width) + 0.5) / width
    down = (np.arange(height) + 0.5) / height
    for begin, end in pairwise((*polygon, polygon[0])):
        # Whatever lies left of a side, in the rows that it passes, changes sides.
        passed = (begin.y <= down) != (end.y <= down)
        slope = (end.x - begin.x) / (end.y - begin.y) if passed.any() else 0.0
        crossing = begin.x + (down[passed] - begin.y) * slope
        inside[passed] ^= across < crossing[:, np.newaxis]
    return inside


def _span(places: Sequence[float], size: int) -> tuple[int, int]:
    """Return the first pixel and the one after the last that cover some places."""
    # 0.07 of 100 pixels is a little more than 7, by the nature of binary fractions.
    low, high = (round(place(places) * size, 6) for place in (min, max))
    first = min(max(math.floor(low), 0), size - 1)
    return first, min(max(math.ceil(high), first + 1), size)


@lru_cache(maxsize=4)
def _kept(region: Region, width: int, height: int) -> NDArray[np.uint8] | None:
    """Return the bits to keep of each pixel within the bounds of a region.

    Returns:
        255 where it is looked at, else 0, shape (rows, columns, 3), so that no pass
        over a picture has to be broadcast; None if there is nothing to hide.

    """
    left, top, right, bottom = region.bounds(width, height)
    mask = region.mask(width, height)[top:bottom, left:right]
    if mask.all():
        return None
    return np.repeat(np.where(mask, np.uint8(255), np.uint8(0))[..., np.newaxis], 3, 2)
