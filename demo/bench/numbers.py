"""Pictures that carry a number, so that whoever gets one knows which it is."""

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

type Picture = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""

BITS: Final = 24
"""How large numbers can be."""

_BLOCK: Final = 16
"""Pixels; what an encoder works on, so that each bit survives it."""

_COLUMNS: Final = 12
_DARK, _LIGHT = 20, 235

WIDTH: Final = _COLUMNS * _BLOCK
HEIGHT: Final = BITS // _COLUMNS * _BLOCK
"""What a number takes at the top left of a picture, in pixels."""


def write(picture: Picture, number: int) -> None:
    """Write a number into a picture.

    Args:
        picture: At least as large as the number.
        number: From 0 to 2 ** BITS - 1.

    """
    for bit in range(BITS):
        row, column = divmod(bit, _COLUMNS)
        picture[
            row * _BLOCK : (row + 1) * _BLOCK,
            column * _BLOCK : (column + 1) * _BLOCK,
        ] = _LIGHT if number >> bit & 1 else _DARK


def read(gray: NDArray[np.uint8]) -> int:
    """Return the number of a picture.

    Args:
        gray: Its brightness, shape (height, width); the top left is enough.

    """
    rim = _BLOCK // 4
    blocks = gray[:HEIGHT, :WIDTH].reshape(-1, _BLOCK, _COLUMNS, _BLOCK)
    bright = blocks[:, rim:-rim, :, rim:-rim].mean((1, 3)).ravel() > 128
    return sum(1 << bit for bit, is_set in enumerate(bright) if is_set)


def read_jpeg(jpeg: bytes) -> int:
    """Return the number of a picture in a JPEG file."""
    with Image.open(io.BytesIO(jpeg)) as image:
        image.draft("L", image.size)
        part = image.crop((0, 0, WIDTH, HEIGHT)).convert("L")
        return read(np.asarray(part, np.uint8))
