"""Pictures that carry a number, so that a test can tell which one it got."""

from collections.abc import Iterator
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from custom_components.plate_gate.capture.jpeg import measure
from custom_components.plate_gate.capture.picture import JpegPicture

BITS = 8
BLOCK = 16
"""Pixels; blocks of this size survive any encoder."""


def numbered(
    count: int, width: int = 320, height: int = 180
) -> Iterator[NDArray[np.uint8]]:
    """Yield pictures with the numbers from 0, RGB, shape (height, width, 3)."""
    scene = np.random.default_rng(1).integers(
        40, 200, (height // 10, width // 10, 3), dtype=np.uint8
    )
    scene = np.kron(scene, np.ones((10, 10, 1), dtype=np.uint8))
    for number in range(count):
        picture = scene.copy()
        # Something moves, so that every picture has a slice worth cutting.
        picture[BLOCK * 2 :, number * 4 : number * 4 + 40] = 255
        for bit in range(BITS):
            value = 235 if number >> bit & 1 else 20
            picture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = value
        yield picture


def number_of(jpeg: bytes) -> int:
    """Read the number of a picture."""
    with Image.open(io.BytesIO(jpeg)) as image:
        gray = np.asarray(image.convert("L"))
    return sum(
        1 << bit
        for bit in range(BITS)
        if gray[4:12, bit * BLOCK + 4 : bit * BLOCK + 12].mean() > 128
    )


def jpeg_of(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG")
    return buffer.getvalue()


def a_picture(number: int = 0) -> JpegPicture:
    """Return one of the pictures as stage 1 has it."""
    *_, picture = numbered(number + 1)
    file = jpeg_of(picture)
    return JpegPicture(file, measure(file))


def without_tables(jpeg: bytes) -> bytes:
    """Return a file that seems whole and cannot be decoded: it lacks what scales it."""
    tables, frame = jpeg.index(b"\xff\xdb"), jpeg.index(b"\xff\xc0")
    return jpeg[:tables] + jpeg[frame:]
