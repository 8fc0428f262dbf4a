"""Finds where text may stand in a picture.

The networks are PP-OCR's text detectors: they paint a map of how likely each pixel
belongs to the core of a line of text ("differentiable binarization", Liao et al.,
2020). The numbers below are those that were measured, see docs/recognizer.md.
"""

import math
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np

from .devices import CPU, Device
from .geometry import Quad, in_order
from .picture import Picture
from .sessions import Floats, Network

_GRID: Final = 32
"""The networks halve a picture five times, so its sides must be multiples of this."""
_SHORT_TO_LONG: Final = 3 / 4
"""Time and memory grow with the area: a square would take a third more than 4:3."""
_ENLARGE: Final = 1.5
"""A small picture shows no more if it is made larger than that."""
_TEXT_FROM: Final = 0.3
"""A pixel is text from this likelihood on."""
_LINE_FROM: Final = 0.5
"""A line is one if its pixels are this likely on average."""
_SHORT_SIDE_MIN: Final = 3
"""In pixels of the map; what is thinner is noise."""
_GROW: Final = 1.6
"""How much of area to circumference the core is grown by to hold the whole line."""
_CONTOURS_MAX: Final = 1000
"""Gravel and leaves can give thousands; text does not."""


class Line(NamedTuple):
    """A place where a line of text may stand."""

    quad: Quad
    score: float
    """How likely it is text, from 0.5 to 1."""


class Detector:
    """Finds lines of text."""

    def __init__(self, weights: Path, threads: int, device: Device = CPU) -> None:
        """Load the network; the arguments are those of `Network`."""
        self._network = Network(weights, threads, device)

    def find(
        self, picture: Picture, long_side: int, *, sparing: bool = False
    ) -> list[Line]:
        """Find lines of text.

        Args:
            picture: Where to look.
            long_side: Pixels that the longer side is brought to before looking, about:
                both sides become multiples of 32.
            sparing: Whether to save time and memory: pictures that are closer to a
                square than 4:3 become smaller than that, so as to have no more pixels
                than those of 4:3, and small ones are enlarged by half at most.

        Returns:
            The lines in no particular order, their corners in pixels of the picture.

        """
        return lines_in(
            self._network(_prepare(picture, long_side, sparing=sparing))[0, 0], picture
        )


def _prepare(picture: Picture, long_side: int, *, sparing: bool) -> Floats:
    """Return a batch of one picture, channels first, from -1 to 1."""
    height, width = picture.shape[:2]
    ratio = long_side / max(height, width)
    if sparing:
        square = long_side * math.sqrt(_SHORT_TO_LONG / (height * width))
        ratio = min(ratio, square, _ENLARGE)
    size = [max(_GRID, round(side * ratio / _GRID) * _GRID) for side in (width, height)]
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    half = 127.5
    blob = cv2.dnn.blobFromImage(scaled, 1 / half, mean=(half, half, half))
    return np.asarray(blob, np.float32)


def lines_in(likelihood: Floats, picture: Picture) -> list[Line]:
    """Find the lines in a map of likelihoods.

    Args:
        likelihood: From 0 to 1, of any shape (rows, columns).
        picture: What the map was made from, for its size.

    Returns:
        The lines, their corners in pixels of the picture.

    """
    rows, columns = likelihood.shape
    height, width = picture.shape[:2]
    scale = np.array([width / columns, height / rows], np.float32)
    text = cv2.dilate(
        (likelihood > _TEXT_FROM).astype(np.uint8), np.ones((2, 2), np.uint8)
    )
    contours, _ = cv2.findContours(text, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    lines = []
    for contour in contours[:_CONTOURS_MAX]:
        middle, (across, down), angle = cv2.minAreaRect(contour)
        if min(across, down) < _SHORT_SIDE_MIN:
            continue
        x, y, wide, tall = cv2.boundingRect(contour)
        mask = np.zeros((tall, wide), np.uint8)
        cv2.fillPoly(mask, [contour.reshape(-1, 2) - [x, y]], 1)
        score = cv2.mean(likelihood[y : y + tall, x : x + wide], mask)[0]
        if score < _LINE_FROM:
            continue
        # On a rectangle this equals growing the outline, as PP-OCR does with pyclipper.
        grow = across * down * _GROW / (across + down)
        corners = cv2.boxPoints((middle, (across + grow, down + grow), angle))
        lines.append(Line(in_order(corners * scale), float(score)))
    return lines
