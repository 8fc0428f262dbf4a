"""JPEG files: making them, and telling whether one is fit to be looked at."""

import io
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import CameraPictureError

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_PIXELS: Final = 36_000_000
"""More than any camera has that watches a gate; a decoder would take 100 MB for it."""

QUALITY: Final = 90

_BEGIN: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_PADDING: Final = b"\x00\r\n"
"""What some cameras fill their files up with."""

# Pillow loads its formats when the first file is opened, which is in the event loop;
# this module is imported outside of it.
Image.preinit()


class Size(NamedTuple):
    """The size of a picture in pixels."""

    width: int
    height: int


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture as a JPEG file.

    Args:
        pixels: RGB, shape (height, width, 3).

    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def measure(jpeg: bytes) -> Size:
    """Check a JPEG file from its header and its ends, without decoding it.

    Returns:
        The size of the picture.

    Raises:
        CameraPictureError: It is none, is cut off, or is too large.

    """
    whole = jpeg.startswith(_BEGIN) and jpeg.rstrip(_PADDING).endswith(_END)
    if not whole or len(jpeg) > MAX_BYTES:
        raise CameraPictureError
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            size = Size(*image.size)
    except OSError, SyntaxError, ValueError, Image.DecompressionBombError:
        raise CameraPictureError from None
    if size.width * size.height > MAX_PIXELS:
        raise CameraPictureError
    return size


def decode(jpeg: bytes, mode: str, size: Size | None = None) -> NDArray[np.uint8]:
    """Return the pixels of a JPEG file that `measure` has found fit.

    Args:
        jpeg: The file.
        mode: "RGB", shape (height, width, 3), or "L" for brightness, (height, width).
        size: What to shrink the picture to, by averaging; None leaves it as it is. The
            decoder does most of it, which makes it several times as fast.

    Raises:
        CameraPictureError: Within the file, something is damaged.

    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            image.draft(mode, size or image.size)
            shown = image if image.mode == mode else image.convert(mode)
            if size is not None:
                shown = shown.resize(size, Image.Resampling.BOX)
            return np.array(shown)
    except OSError, SyntaxError, ValueError:
        raise CameraPictureError from None
