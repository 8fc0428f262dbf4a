"""From the bytes that were sent to pixels, without falling for a bomb.

Only JPEG and PNG are taken: cameras send nothing else, and each further format is one
more decoder that strangers could feed.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import PictureError

type Picture = NDArray[np.uint8]
"""Pixels of shape (height, width, 3) in the order blue, green, red."""

PIXELS_MAX: Final = 36_000_000
"""A camera of 8 megapixels is common, one of 24 exists; decoded, 36 take 108 MB."""

SIDE_MIN: Final = 16
"""No plate is legible in fewer pixels, and the detector needs some to stand on."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_JPEG_END: Final = b"\xff\xd9"
_START_OF_SCAN: Final = 0xDA
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length after them."""
_PNG_HEADER_END: Final = 33
_STEPS_MAX: Final = 65536
"""A file of more pieces than that was made to waste time."""
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers of the segment that tells the size; the three others mean tables."""


def decode(content: bytes) -> Picture:
    """Turn a JPEG or PNG file into pixels, the way up that its metadata says.

    Raises:
        PictureError: It is no such file, is cut off, too large or too small.

    """
    if content.startswith(_JPEG):
        width, height, complete = _look_at_jpeg(content)
    elif content.startswith(_PNG):
        width, height, complete = _look_at_png(content)
    else:
        raise PictureError("The picture is neither JPEG nor PNG")
    # Refused by its header, before anything of that size is reserved.
    if width * height > PIXELS_MAX:
        raise PictureError(
            f"The picture has more than {PIXELS_MAX // 1_000_000} megapixels"
        )
    if min(width, height) < SIDE_MIN:
        raise PictureError(f"The picture is smaller than {SIDE_MIN} pixels")
    if not complete:
        # OpenCV would fill the rest with gray and say nothing.
        raise PictureError("The picture is cut off")
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as err:
        raise PictureError("The picture is damaged") from err
    if picture is None:
        raise PictureError("The picture is damaged")
    return np.asarray(picture, np.uint8)


def _look_at_png(content: bytes) -> tuple[int, int, bool]:
    """Return width, height and whether the file has its end.

    Each chunk is looked at, because OpenCV believes any length that a chunk claims to
    have: 125 bytes made it take 4 GB of memory, and 13 seconds.
    """
    if len(content) < _PNG_HEADER_END:
        raise PictureError("The picture is cut off")
    if content[8:16] != b"\0\0\0\x0dIHDR":
        raise PictureError("The picture is damaged")
    width = int.from_bytes(content[16:20])
    height = int.from_bytes(content[20:24])
    at = _PNG_HEADER_END
    for _ in range(_STEPS_MAX):
        name = content[at + 4 : at + 8]
        if name == b"acTL":
            raise PictureError("The picture is animated")
        # Four bytes of length, four of name, then the content and four to check it.
        at += 12 + int.from_bytes(content[at : at + 4])
        if at > len(content):
            break
        if name == b"IEND":
            return width, height, True
    return width, height, False


def _look_at_jpeg(content: bytes) -> tuple[int, int, bool]:
    """Return width, height and whether the file has its end."""
    size: tuple[int, int] | None = None
    at = 2
    for _ in range(_STEPS_MAX):
        if at + 4 > len(content):
            break
        if content[at] != 0xFF:
            raise PictureError("The picture is damaged")
        marker = content[at + 1]
        if marker == 0xFF:  # Fill bytes may stand before a marker.
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker == _START_OF_SCAN and size is not None:
            # In what follows 0xFF is escaped, so this can only be the real end.
            return *size, content.find(_JPEG_END, at) != -1
        else:
            if marker in _FRAME_HEADERS and size is None and at + 9 <= len(content):
                size = (
                    int.from_bytes(content[at + 7 : at + 9]),
                    int.from_bytes(content[at + 5 : at + 7]),
                )
            at += 2 + int.from_bytes(content[at + 2 : at + 4])
    raise PictureError("The picture is cut off")
