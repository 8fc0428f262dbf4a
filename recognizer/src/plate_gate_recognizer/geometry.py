"""Quadrilaterals in a picture: measure them, stretch them, cut them out upright."""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .picture import Picture

type Quad = NDArray[np.float32]
"""Four corners, shape (4, 2), x before y, in pixels of the picture.

They run clockwise from the top left.
"""

OVERLAP_SAME: Final = 0.5


class Box(NamedTuple):
    """An upright rectangle in pixels, the origin at the top left."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def width(self) -> float:
        """How wide it is, in pixels."""
        return self.x_max - self.x_min

    @property
    def height(self) -> float:
        """How tall it is, in pixels."""
        return self.y_max - self.y_min

    @property
    def center(self) -> tuple[float, float]:
        """Its middle: x and y."""
        return (self.x_min + self.x_max) / 2, (self.y_min + self.y_max) / 2

    def holds(self, point: tuple[float, float]) -> bool:
        """Tell whether a point is inside or on the edge."""
        x, y = point
        return self.x_min <= x <= self.x_max and self.y_min <= y <= self.y_max


def in_order(corners: NDArray[np.float32]) -> Quad:
    """Return four corners clockwise from the top left, for a text that runs across."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def size_of(quad: Quad) -> tuple[float, float]:
    """Return the width of the upper edge and the height of the left one, in pixels."""
    width = float(np.linalg.norm(quad[0] - quad[1]))
    height = float(np.linalg.norm(quad[0] - quad[3]))
    return width, height


def box_around(quad: Quad) -> Box:
    """Return the smallest upright rectangle around a quadrilateral."""
    x_min, y_min = quad.min(axis=0).tolist()
    x_max, y_max = quad.max(axis=0).tolist()
    return Box(x_min, y_min, x_max, y_max)


def same_place(one: Box, other: Box) -> bool:
    """Tell whether more than half of the smaller box lies within the larger one."""
    across = min(one.x_max, other.x_max) - max(one.x_min, other.x_min)
    down = min(one.y_max, other.y_max) - max(one.y_min, other.y_min)
    shared = max(0.0, across) * max(0.0, down)
    smaller = min(one.width * one.height, other.width * other.height)
    return shared > OVERLAP_SAME * max(smaller, 1e-6)


def stretch_upright(quad: Quad, factor: float) -> Quad:
    """Make a quadrilateral taller or flatter around its middle."""
    middle = quad.mean(axis=0)
    across = (quad[1] + quad[2] - quad[0] - quad[3]) / 4
    down = (quad[3] + quad[2] - quad[0] - quad[1]) / 4 * factor
    corners = [
        middle - across - down,
        middle + across - down,
        middle + across + down,
        middle - across + down,
    ]
    return np.array(corners, np.float32)


def cut_out(picture: Picture, quad: Quad) -> Picture:
    """Cut a quadrilateral out, seen from the front, as large as its longer edges."""
    edges = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1).tolist()
    width = int(max(edges[0], edges[2], 1))
    height = int(max(edges[1], edges[3], 1))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    upright = cv2.warpPerspective(
        picture,
        cv2.getPerspectiveTransform(quad, target),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(upright, np.uint8)
