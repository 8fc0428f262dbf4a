"""Whether the camera sees what it should: a dark, covered, blurred or moved picture."""

from enum import StrEnum
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .gray import GRAY_HEIGHT, GRAY_WIDTH, Gray
from .shift import Place, ViewMemory

INTERVAL: Final = 10.0
"""Seconds between two looks."""

SETTLE: Final = 60.0
"""Seconds that a fault is seen before it is one: a truck or a cloud passes by then."""

LOST_SETTLE: Final = 300.0
"""Likewise where nothing of the old view is left: a truck may stop before the lens."""

RECOVER: Final = 30.0
"""Seconds without a fault after which it is gone."""

LONGEST_STEP: Final = 2 * INTERVAL
"""Seconds that one look counts for at most: nobody knows what was between captures."""

MARGIN: Final = 0.1
"""Of the height, at the top and at the bottom, that is not looked at.

There cameras write the time and their name, sharp and bright whatever the lens shows.
"""

SMALL: Final = 0.15
"""Share of the picture below which a region is too small to tell anything from.

A lens is dirty or covered for what is beside the region, too. Measured: of regions of
15 x 15 %, laid over photographs at random, 10 % were blurred and 4 % covered, because
there was nothing but sky or road in them; of 40 x 40 %, 2 % were blurred.
"""

_CELL: Final = 4
"""Pixels of the gray picture averaged for brightness and contrast, to remove noise."""

DARK_MEAN: Final = 26.0
DARK_HIGHEST: Final = 34.0
"""Mean and 99th percentile of the brightness below which there is nothing but black.

Video has its black at 16 as often as at 0. Measured: photographs have a mean of 51 to
160 and a 99th percentile of 134 to 255. Darkened to 6 %, 100 % of 64 are dark whatever
their black; to 10 %, 100 % with black at 0, 41 % with black at 16; to 25 %, none.
"""

DARK_UNIFORM: Final = 32.0
"""Mean below which what is uniform is a night without light, not a covered lens."""

COVERED: Final = 5.0
"""Levels between places near one another, at their 95th percentile, that are too few.

Measured: photographs have 30 to 159, defocused by 60 pixels of 1080p still 12 to 65; a
covered lens with noise of 10 has up to 2.4, with light leaking in, so that the corners
differ by 50 levels, up to 3.7.
"""

_NEAR: Final = 3
"""Places of `_CELL` pixels, 4 % of the width, between which contrast is taken."""

_WIDTH: Final = 640
"""Pixels, about, that a picture is averaged to before its edges are measured.

So the same defocus looks the same whatever the camera's own size is, and the noise of
the sensor is averaged down, at 1080p by three each way.
"""

_ALONG: Final = 8
"""Pixels that are averaged along an edge, against noise.

Measured: blurred by 5 pixels of 1080p, noise of 10 makes a picture look 0.03 sharper;
with 4 instead of 8 pixels, 0.06.
"""

_ACROSS: Final = 16
"""Pixels across an edge within which its steepness and its contrast are taken."""

_LEAST_CONTRAST: Final = 12.0
"""Levels that an edge must have."""

_OVER_NOISE: Final = 3.0
"""Times the contrast of the flattest places, which is noise, that it must have, too."""

_FEWEST: Final = 40
_FEWEST_SHARE: Final = 0.01
"""Strong edges, and their share of all places, without which there is no sharpness.

Measured: with 8, 7 % of the regions of 30 x 25 % of a photograph, laid at random, were
blurred, because there was nothing but sky or road in them.
"""

_MOST_NOISE: Final = 30.0
"""Levels of contrast from which on it is texture, such as gravel, and no noise.

Noise of 10 at 640x360, the worst that was measured, makes 27 of them.
"""

_STRONG: Final = 90
"""Percentile of the contrast from which on an edge is a strong one.

Measured: of 44 photographs blurred by 4 pixels of 1080p, all are less sharp than all
but one that are not; with 75, 93 %.
"""

_BEST: Final = 85
"""Percentile of the steepness of the strong edges that counts."""

_DAYLIGHT: Final = 50.0
"""Median brightness above which it is not just a lamp that glows in the night."""

_WIDE_RANGE: Final = 40.0
"""Levels between bright and dark parts of a picture that should have edges, too.

Measured: photographs defocused by 60 pixels of 1080p still have 44 to 195.
"""

BLURRED: Final = 0.41
"""Sharpness below which no plate is read, whatever the camera.

Measured, with blur as the sigma of a Gaussian in pixels of 1080p: of 30 plates 130
pixels wide, our recognizer reads 97 % untouched, 93 % at 1.5, 83 % at 2, 47 % at 2.5,
20 % at 3 and none at 4. Of 127 untouched photographs, 1 is blurred (0.8 %; their
median is 0.74). Of 88 blurred by 3, 59 % are; by 3.5, 92 %; by 4, 99 %; by 5 and more,
all. With noise of 10, at 640x360 or 4K, as JPEG of quality 30 or in H.264 at 0.3 to 2
Mbit/s, it is at least 97 % at 4, and no more of the untouched. At an eighth of the
light with noise of 8 it is 91 %.
"""

BLURRED_SHARE: Final = 0.6
"""Share of a camera's own usual sharpness, likewise.

Measured: with noise of 10, at 640x360 or in a fifth of the light, a view keeps at least
83 % of its sharpness, as JPEG of quality 30 still 76 %. All 88 blurred by 3 are found,
instead of 59 %; of those blurred by 2, 15 % instead of 5 %.
"""

_USUAL: Final = 30
"""Looks (5 minutes) after which the usual sharpness is known."""

_SLOWLY: Final = 1 / 1000
"""Share of a look in the usual sharpness: about three hours."""


class SceneProblem(StrEnum):
    """What is wrong with what a camera shows. The values are translation keys."""

    DARK = "dark"
    COVERED = "covered"
    BLURRED = "blurred"
    MOVED = "moved"


class SceneWatch:
    """Looks every few seconds whether a camera shows what it should.

    Used from one thread. Keeps no picture but the edges of the view, in memory.
    """

    def __init__(self, mask: NDArray[np.bool_] | None = None) -> None:
        """Begin without a verdict.

        Args:
            mask: What is looked at, shape (GRAY_HEIGHT, GRAY_WIDTH); None for all, as
                is what is smaller than `SMALL`. That the camera was moved is told from
                the whole picture all the same: what stands beside the region moves
                with it, and the more edges there are, the surer it is.

        """
        self._mask = _looked_at(mask)
        self._places = _averaged(self._mask.astype(np.uint8)) > 0.5
        self._looked: float | None = None
        self._dark = _Steady(SETTLE)
        self._covered = _Steady(SETTLE)
        self._forget()

    @property
    def problem(self) -> SceneProblem | None:
        """What is wrong for a while now; the most severe, if it is more than one."""
        if self._dark.holds:
            return SceneProblem.DARK
        if self._covered.holds:
            return SceneProblem.COVERED
        if self._blurred.holds:
            return SceneProblem.BLURRED
        if self._elsewhere.holds or self._lost.holds:
            return SceneProblem.MOVED
        return None

    def reset(self) -> None:
        """Take what the camera shows from now on for what it should show."""
        self._forget()

    def due(self, now: float) -> bool:
        """Tell whether it is time for a look.

        Args:
            now: Seconds that never jump.

        """
        return self._looked is None or not 0 <= now - self._looked < INTERVAL

    def look(self, gray: Gray, luma: NDArray[np.uint8], now: float) -> None:
        """Look at a picture.

        Args:
            gray: The whole picture, averaged to shape (GRAY_HEIGHT, GRAY_WIDTH).
            luma: Its brightness in full size, shape (height, width); any strides.
            now: Seconds that never jump.

        """
        passed = 0.0 if self._looked is None else now - self._looked
        passed = min(max(passed, 0.0), LONGEST_STEP)
        self._looked = now
        bright = _averaged(gray)
        shown = bright[self._places]
        mean, highest = float(shown.mean()), float(np.percentile(shown, 99))
        uniform = _contrast(bright, self._places) < COVERED
        dark = mean < DARK_MEAN and highest < DARK_HIGHEST
        dark |= mean < DARK_UNIFORM and uniform
        # What is worse hides the rest, and of that nothing changes meanwhile.
        self._dark.see(dark, passed)
        if dark:
            return
        self._covered.see(uniform, passed)
        if uniform:
            return
        height, width = luma.shape
        place = self._view.look(gray, width / height)
        if place is not Place.UNCLEAR:
            if place is not Place.LOST:
                self._elsewhere.see(place is Place.ELSEWHERE, passed)
            self._lost.see(place is not Place.SAME, passed)
        # Another view may be less sharp by nature.
        in_place = place in (Place.SAME, Place.UNCLEAR)
        self._blurred.see(self._is_blurred(luma, in_place=in_place), passed)

    def _forget(self) -> None:
        """Know nothing of the view."""
        self._view = ViewMemory()
        self._usual = 0.0
        self._usual_looks = 0
        self._blurred = _Steady(SETTLE)
        self._elsewhere = _Steady(SETTLE)
        self._lost = _Steady(LOST_SETTLE)

    def _is_blurred(self, luma: NDArray[np.uint8], *, in_place: bool) -> bool | None:
        """Tell whether fine detail is missing, None if it cannot be told."""
        if (sharp := sharpness(luma, self._mask)) is None:
            return None
        known = in_place and self._usual_looks >= _USUAL
        if sharp < max(BLURRED, BLURRED_SHARE * self._usual if known else 0.0):
            return True
        if in_place:
            # Never what is blurred, or dirt would become usual overnight.
            self._usual_looks += 1
            rate = max(1 / self._usual_looks, _SLOWLY)
            self._usual += (sharp - self._usual) * rate
        return False


class _Steady:
    """A fault that has to be seen for a while, and to be gone for a while."""

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._fault = False
        self._since = 0.0
        self.holds = False

    def see(self, fault: bool | None, passed: float) -> None:
        """Take one look into account.

        Args:
            fault: Whether it shows the fault; None if that cannot be told.
            passed: Seconds since the look before.

        """
        if fault is None:
            return
        self._since = self._since + passed if fault is self._fault else 0.0
        self._fault = fault
        if self._since >= (self._settle if fault else RECOVER):
            self.holds = fault


def sharpness(luma: NDArray[np.uint8], mask: NDArray[np.bool_]) -> float | None:
    """Return how steep the edges of a picture are.

    An edge of full contrast from one pixel to the next is 1; defocus makes it wider,
    and a wide one is not steep whatever its contrast is. The best of the strong edges
    count, because skies and walls have none and moving cars have smeared ones.

    Args:
        luma: Brightness, shape (height, width).
        mask: What is looked at, any shape; it is stretched over the picture.

    Returns:
        0 to 1; 0 if there is contrast but no edge at all; None if there is too little
        contrast to tell.

    """
    picture = _reduced(luma)
    sides = _Cells(picture, mask), _Cells(picture.T, mask.T)
    contrast = np.concatenate([cells.contrast for cells in sides])
    if contrast.size * (100 - _STRONG) < 100 * _FEWEST:
        return None
    flattest, strong = map(float, np.percentile(contrast, (10, _STRONG)))
    least = min(max(_LEAST_CONTRAST, _OVER_NOISE * flattest), _MOST_NOISE)
    edges = contrast >= max(least, strong)
    if edges.sum() < max(_FEWEST, _FEWEST_SHARE * contrast.size):
        low, middle, high = np.percentile(sides[0].bright, (5, 50, 95))
        smooth = high - low >= _WIDE_RANGE and middle >= _DAYLIGHT
        return 0.0 if smooth else None
    # What the flattest places have is noise, and it is in every edge, too.
    noise = flattest / 2
    steps = np.concatenate([cells.step for cells in sides])[edges] - noise
    return max(0.0, float(np.percentile(steps / (contrast[edges] - noise), _BEST)))


class _Cells:
    """Short lines across a picture, `_ALONG` pixels wide and `_ACROSS` pixels long."""

    def __init__(self, picture: NDArray[np.float32], mask: NDArray[np.bool_]) -> None:
        """Take those of a picture that are looked at.

        Args:
            picture: Any shape; lines run along its rows.
            mask: What is looked at, any shape; it is stretched over the picture.

        """
        rows, columns = picture.shape[0] // _ALONG, picture.shape[1] // _ACROSS
        lines = picture[: rows * _ALONG, : columns * _ACROSS]
        lines = lines.reshape(rows, _ALONG, columns * _ACROSS).mean(1)
        lines = lines.reshape(rows, columns, _ACROSS)[_stretched(mask, rows, columns)]
        self.bright: NDArray[np.float32] = lines.mean(1)
        """Mean of each, one dimension, like the others."""
        self.contrast: NDArray[np.float32] = np.ptp(lines, axis=1)
        self.step: NDArray[np.float32] = np.abs(np.diff(lines, axis=1)).max(
            1, initial=0
        )
        """The largest difference between two neighbors."""


def _reduced(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a picture averaged to a width of about `_WIDTH` pixels."""
    height, width = luma.shape
    by = max(1, round(width / _WIDTH))
    luma = luma[: height // by * by, : width // by * by]
    # Whole rows first, in small numbers: ten times as fast as averaging a reshaped one.
    rows = luma[::by].astype(np.uint16)
    for row in range(1, by):
        rows += luma[row::by]
    columns = rows[:, ::by].astype(np.float32)
    for column in range(1, by):
        columns += rows[:, column::by]
    columns /= by * by
    return columns


def _stretched(mask: NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.bool_]:
    """Return the mask at the centers of evenly spaced rows and columns."""
    down = (2 * np.arange(rows) + 1) * mask.shape[0] // (2 * rows)
    across = (2 * np.arange(columns) + 1) * mask.shape[1] // (2 * columns)
    return mask[np.ix_(down, across)]


def _looked_at(mask: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return the mask less the margins, or all but the margins if little is left."""
    inner = np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
    margin = int(GRAY_HEIGHT * MARGIN)
    inner[margin:-margin] = True
    if mask is None or (inner & mask).mean() < SMALL:
        return inner
    return inner & mask


def _averaged(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a gray picture averaged to a quarter of its size each way."""
    cells = gray.reshape(GRAY_HEIGHT // _CELL, _CELL, GRAY_WIDTH // _CELL, _CELL)
    return np.asarray(cells.mean((1, 3)), np.float32)


def _contrast(bright: NDArray[np.float32], places: NDArray[np.bool_]) -> float:
    """Return the contrast between places near one another, where there is most of it.

    Slow changes hardly count: light leaks in beside a hand, and through a cloth.
    """
    across = np.abs(bright[:, _NEAR:] - bright[:, :-_NEAR])
    down = np.abs(bright[_NEAR:] - bright[:-_NEAR])
    pairs = np.concatenate(
        [
            across[places[:, _NEAR:] & places[:, :-_NEAR]],
            down[places[_NEAR:] & places[:-_NEAR]],
        ]
    )
    return float(np.percentile(pairs, 95)) if pairs.size else math.inf
