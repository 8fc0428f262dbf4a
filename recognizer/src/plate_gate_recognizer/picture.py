"""From the bytes that were sent to pixels, without falling for a bomb.

Only JPEG and PNG are taken: cameras send nothing else, and each further format is one
more decoder that strangers could feed.
"""

import re
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
_JPEG_END: Final = 0xD9
_START_OF_SCAN: Final = 0xDA
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length after them."""
_PNG_HEADER_END: Final = 33
_PNG_NEEDED: Final = frozenset({b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"})
"""PNG chunks that the pixels need, and the one that tells which way is up."""
_SCANS_MAX: Final = 32
"""A JPEG file is painted in one scan, a progressive one in about ten."""
_STEPS_MAX: Final = 65536
"""A file of more pieces than that was made to waste time."""
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers of the segment that tells the size; the three others mean tables."""
_FRAMES_TAKEN: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive, each with Huffman's codes."""
_MARKER: Final = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
"""What ends the pixels of a scan, in which 0xFF is escaped by 0, or restarts them."""


def decode(content: bytes, pixels_max: int = PIXELS_MAX) -> Picture:
    """Turn a JPEG or PNG file into pixels, the way up that its metadata says.

    Args:
        content: The file.
        pixels_max: How many pixels it may have.

    Raises:
        PictureError: It is no such file, is cut off, too large or too small.

    """
    if content.startswith(_JPEG):
        width, height, complete = _look_at_jpeg(content)
    elif content.startswith(_PNG):
        width, height, complete, content = _look_at_png(content)
    else:
        raise PictureError("The picture is neither JPEG nor PNG")
    # Refused by its header, before anything of that size is reserved.
    if width * height > pixels_max:
        raise PictureError(
            f"The picture has more than {pixels_max / 1_000_000:g} megapixels"
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


def _look_at_png(content: bytes) -> tuple[int, int, bool, bytes]:
    """Return width, height, whether the file has its end, and what of it is needed.

    Each chunk is looked at, because OpenCV believes any length that a chunk claims to
    have: 125 bytes made it take 4 GB of memory, and 13 seconds. Texts and color
    profiles are left out, because they are packed: 12 MB of them took 14 seconds.
    """
    if len(content) < _PNG_HEADER_END:
        raise PictureError("The picture is cut off")
    if content[8:16] != b"\0\0\0\x0dIHDR":
        raise PictureError("The picture is damaged")
    width = int.from_bytes(content[16:20])
    height = int.from_bytes(content[20:24])
    needed = [content[:_PNG_HEADER_END]]
    at = _PNG_HEADER_END
    for _ in range(_STEPS_MAX):
        name = content[at + 4 : at + 8]
        if name == b"acTL":
            raise PictureError("The picture is animated")
        # Four bytes of length, four of name, then the content and four to check it.
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if end > len(content):
            break
        if name in _PNG_NEEDED:
            needed.append(content[at:end])
        if name == b"IEND":
            return width, height, True, b"".join(needed)
        at = end
    return width, height, False, content


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
            return *size, _has_end(content, at)
        else:
            if marker in _FRAME_HEADERS and marker not in _FRAMES_TAKEN:
                # Each scan of an arithmetic one takes seconds, and no camera makes any.
                raise PictureError("The picture is an unusual kind of JPEG")
            if marker in _FRAME_HEADERS and size is None and at + 9 <= len(content):
                size = (
                    int.from_bytes(content[at + 7 : at + 9]),
                    int.from_bytes(content[at + 5 : at + 7]),
                )
            at += 2 + int.from_bytes(content[at + 2 : at + 4])
    raise PictureError("The picture is cut off")


def _has_end(content: bytes, scan: int) -> bool:
    """Tell whether a JPEG file has its end, going from scan to scan.

    What lies between two scans is passed over by its length, as decoders do: in a
    comment, what looks like the end is none.

    Raises:
        PictureError: It has so many scans that it was made to waste time. Each goes
            through all pixels: a file of 16 MB could take an hour.

    """
    at, scans = scan, 0
    for _ in range(_STEPS_MAX):
        found = _MARKER.search(content, at)
        if found is None:
            return False
        (marker,) = found[1]
        if marker == _JPEG_END:
            return True
        at = found.end()
        if marker in _STANDALONE:
            continue
        if marker == _START_OF_SCAN:
            scans += 1
            if scans > _SCANS_MAX:
                raise PictureError("The picture has too many scans")
        at += int.from_bytes(content[at : at + 2])
    return False
