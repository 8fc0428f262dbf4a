"""The small gray picture that tells whether a camera shows something new."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

GRAY_WIDTH: Final = 320
GRAY_HEIGHT: Final = 180

type Gray = NDArray[np.uint8]
"""Luma of a whole picture, uint8, shape (GRAY_HEIGHT, GRAY_WIDTH), whatever the shape of
the picture was. It is shrunk by averaging areas, which removes most of the noise: what
is left of a sensor's is 2 levels at the 99.9th percentile, where every sixth pixel taken
as it is would leave 13 (measured at 1920x1080)."""
