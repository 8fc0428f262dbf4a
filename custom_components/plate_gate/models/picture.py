"""A picture, and what a backend saw in it."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .plate import Plate

BLANK: Final = 0
"""The column of `Characters` that means "no character here"."""

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The characters of `Characters`, in the order of its columns 1 to 36."""

type Characters = NDArray[np.float32]
"""Character probabilities of one read, shape (steps, 37), each row adding up to 1.

Column 0 is the blank, columns 1 to 36 are `ALPHABET`; the steps run from left to right.
This is the output of a reader that was trained with connectionist temporal
classification (Graves et al., 2006), folded to the characters that plates have.
"""


class Box(NamedTuple):
    """A rectangle in pixels of the frame, the origin at the top left."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture with the time at which it was taken."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int
    taken: float
    """Seconds of `time.monotonic`."""
    live: bool = True
    """Whether the camera has shown anything else since it is read.

    If not, this may be a picture of yesterday, from a camera that hangs."""
    quiet_since: float | None = None
    """Since when nothing had moved that the camera sees; None if something just did.

    All that time was watched, so whoever was there then has not left, and nobody has
    come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateRead:
    """One plate text that a backend saw in one frame."""

    plate: Plate
    confidence: float
    """From 0 to 1; how a backend counts it is its own business."""
    box: Box | None = None
    characters: Characters | None = field(default=None, repr=False, compare=False)
