"""Which pictures are worth looking at: something moves in them, or it is about time."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .gray import GRAY_HEIGHT, GRAY_WIDTH, Gray

HOLD: Final = 2.5
"""Seconds after a movement in which every picture passes: a car that has just stopped
shows its plate best."""

FORCED: Final = 5.0
"""Seconds between two pictures that pass in any case, soon after a movement: a car may
wait in front of the gate, and the background swallows what stands still."""

FORCED_IDLE: Final = 30.0
"""The same, long after a movement. It bounds for how long the gate can be blind."""

ATTENTIVE: Final = 120.0
"""Seconds after a movement that count as soon."""

REST: Final = 10.0
"""Time constant of the background in seconds, while nothing moves."""

BUSY: Final = 25.0
"""The same while something moves. A car that stops differs by 60 to 100 levels, and is
swallowed when 16 of them are left: after 30 to 50 seconds."""

LONGEST_STEP: Final = 2.0
"""Seconds of adapting for one picture, at most. Whatever arrived in a long pause would
else be taken for background at once."""

BLOCK: Final = 10
"""Pixels; edge of the squares in which changed pixels are counted. A car whose plate can
be read (80 of 1920 pixels) is some 64 pixels wide here and covers about 30 of them."""

ACTIVE: Final = 0.3
"""Share of the pixels of a block that have to change. Noise hits single pixels, and the
edge of a key picture or a shaking camera hits lines; neither fills a third."""

WHOLE: Final = 0.8
"""Share of the picture above which the light has changed, and not the scene."""

EXPOSURE: Final = (0.8, 1.25)
"""Factors of brightness between which a change is that of the automatic exposure."""

_FOOT: Final = 16.0
"""Levels added to both sides before their ratio is taken. In the dark a step of the
exposure is a sum rather than a factor, and the ratio of two blacks is nothing but noise."""


class _Level(NamedTuple):
    """What a sensitivity means."""

    difference: float
    """Levels of gray by which a pixel has to differ from the background."""
    blocks: int
    """Active blocks that make a movement."""


_LEVELS: Final = {
    "low": _Level(28, 8),
    "medium": _Level(16, 4),
    "high": _Level(9, 2),
}


class MotionGate:
    """Compares pictures with a running background.

    The background follows the light: slowly by itself, at once when the exposure of the
    whole picture steps, and by starting anew when most of the picture changes together,
    as it does when the infrared lamps switch.

    It looks at the whole picture to judge the light, but only inside the mask for
    movement: a car that fills a small region must not be taken for a change of the light.
    """

    def __init__(self, sensitivity: str, mask: NDArray[np.bool_] | None = None) -> None:
        """Begin without a background.

        Args:
            sensitivity: One of `SENSITIVITIES`; "off" lets every picture pass.
            mask: True where to look, shape (GRAY_HEIGHT, GRAY_WIDTH). None, and a mask
                that is True nowhere, look everywhere.

        """
        self._level = _LEVELS.get(sensitivity)
        if mask is None or not mask.any():
            mask = np.ones((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
        self._mask = mask.astype(np.bool_)
        self._needed, usable = _needed(self._mask)
        # A region that is smaller than the blocks asked for has to be able to move, too.
        self._blocks = (
            min(self._level.blocks, max(1, usable // 4)) if self._level else 0
        )

        # Both with the foot added, and float32, shape (GRAY_HEIGHT, GRAY_WIDTH).
        self._background = np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.float32)
        self._picture = np.zeros_like(self._background)
        self._difference = np.zeros_like(self._background)
        self._scratch = np.zeros_like(self._background)
        self._changed = np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)

        self._compared: float | None = None
        self._moved: float | None = None
        self._passed: float | None = None

    @property
    def moved_at(self) -> float | None:
        """When something moved last; None before the first picture."""
        return self._moved

    def reset(self) -> None:
        """Forget everything: the next picture is the first."""
        self._compared = self._moved = self._passed = None

    def passes(self, gray: Gray, now: float) -> bool:
        """Tell whether a picture is worth looking at.

        Args:
            gray: The picture.
            now: When it was taken: seconds that never jump.

        """
        if self._level is None:
            return True
        self.moved(gray, now)
        if not self._due(now):
            return False
        self._passed = now
        return True

    def moved(self, gray: Gray, now: float) -> bool:
        """Tell whether something moves in a picture, and learn the background from it.

        The first picture counts as moving, because nobody knows what it shows.

        Args:
            gray: The picture.
            now: When it was taken: seconds that never jump.

        """
        if self._level is None:
            return True
        np.add(gray, np.float32(_FOOT), out=self._picture)
        if self._compared is None:
            moves = self._begin()
        else:
            moves = self._compare(self._level, now - self._compared)
        self._compared = now
        if moves:
            self._moved = now
        return moves

    def _due(self, now: float) -> bool:
        """Tell whether a picture passes, now that its movement is known."""
        if self._passed is None or self._moved is None:
            return True
        rest = now - self._moved
        pause = FORCED if rest <= ATTENTIVE else FORCED_IDLE
        return rest <= HOLD or now - self._passed >= pause

    def _begin(self) -> bool:
        """Take the picture as the background. That counts as a movement."""
        np.copyto(self._background, self._picture)
        return True

    def _compare(self, level: _Level, elapsed: float) -> bool:
        """Look for a movement, and adapt the background.

        Args:
            level: What counts as one.
            elapsed: Seconds since the last picture.

        """
        self._follow_exposure()
        np.subtract(self._picture, self._background, out=self._difference)
        np.abs(self._difference, out=self._scratch)
        np.greater(self._scratch, np.float32(level.difference), out=self._changed)
        if np.count_nonzero(self._changed) > WHOLE * self._changed.size:
            return self._begin()
        self._changed &= self._mask
        active = np.count_nonzero(_per_block(self._changed) >= self._needed)
        moves = bool(active >= self._blocks)

        step = min(max(elapsed, 0.0), LONGEST_STEP)
        share = -math.expm1(-step / (BUSY if moves else REST))
        np.multiply(self._difference, np.float32(share), out=self._scratch)
        self._background += self._scratch
        return moves

    def _follow_exposure(self) -> None:
        """Give the background the brightness of the picture.

        The median, of one pixel in each block, does not see a car that covers less than
        half of the picture.
        """
        sample = slice(BLOCK // 2, None, BLOCK)
        ratios = self._picture[sample, sample] / self._background[sample, sample]
        middle = ratios.size // 2
        factor = np.partition(ratios, middle, axis=None)[middle]
        if EXPOSURE[0] <= factor <= EXPOSURE[1]:
            self._background *= factor
            # What was near white stays there when the rest gets brighter.
            np.minimum(self._background, 255 + _FOOT, out=self._background)


def _per_block(pixels: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return how many pixels of each block are set.

    Returns:
        Counts from 0 to BLOCK * BLOCK, shape (rows, columns) of blocks.

    """
    rows, columns = GRAY_HEIGHT // BLOCK, GRAY_WIDTH // BLOCK
    # Rows first, and in bytes: adding whole rows of bytes takes a tenth of the time.
    bands = np.add.reduce(
        pixels.view(np.uint8).reshape(rows, BLOCK, GRAY_WIDTH), axis=1, dtype=np.uint8
    )
    counts: NDArray[np.uint8] = np.add.reduce(
        bands.reshape(rows, columns, BLOCK), axis=2, dtype=np.uint8
    )
    return counts


def _needed(mask: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], int]:
    """Work out what makes a block active.

    A block of which the mask shows only a sliver is left out, unless the mask has
    nothing but slivers.

    Returns:
        For each block the changed pixels that are needed, and the blocks that count.

    """
    seen = _per_block(mask)
    least = BLOCK * BLOCK // 5 if seen.max() >= BLOCK * BLOCK // 5 else 1
    counts = seen >= least
    needed = np.where(counts, np.ceil(seen * ACTIVE), np.iinfo(np.uint8).max)
    return needed.astype(np.uint8), int(np.count_nonzero(counts))
