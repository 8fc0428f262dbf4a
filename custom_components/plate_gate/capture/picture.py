"""JPEG files: making them, and telling whether one is fit to be looked at."""

from hashlib import blake2b
import io
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import CameraPictureError
from ..models import Frame
from .pace import Pace
from .reader import Outlet

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_PIXELS: Final = 36_000_000
"""More than any camera has that watches a gate; a decoder would take 100 MB for it."""

QUALITY: Final = 90

MAX_REFUSED: Final = 3
"""Unfit pictures in a row until the camera counts as one that gives none."""

FROZEN: Final = 30.0
"""Seconds of one and the same picture until the camera counts as one that hangs."""

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


class Sieve:
    """Hands on the JPEG files of a camera that are whole, new and due.

    The same bytes twice are the same picture twice: the noise of a sensor never
    repeats. A camera that hangs goes on showing its last picture, also to whoever
    connects anew. So what is new is told by the outlet, which outlives the connection.
    """

    def __init__(self, outlet: Outlet, fps: float, frozen: float = FROZEN) -> None:
        """Begin with a connection.

        Args:
            outlet: Where pictures go.
            fps: How many per second, at most.
            frozen: Seconds of one and the same picture until the camera is given up.

        """
        self._outlet = outlet
        self._pace = Pace(fps)
        self._frozen = frozen
        self._changed: float | None = None
        self._refused = 0

    def offer(self, jpeg: bytes, taken: float) -> None:
        """Hand a picture on, unless there is a reason not to.

        Args:
            jpeg: What the camera sent.
            taken: When it began to send it.

        Raises:
            CameraPictureError: Several pictures in a row were unfit, or it has been
                the same one for too long.

        """
        digest = blake2b(jpeg).digest()
        if digest == self._outlet.last_digest:
            self._repeat(taken)
            return
        self._changed = taken
        if not self._pace.allows(taken):
            self._outlet.picture()
            return
        try:
            size = measure(jpeg)
        except CameraPictureError:
            self._refuse()
            return
        self._outlet.last_digest = digest
        self._refused = 0
        self._outlet.picture()
        self._outlet.publish(
            Frame(jpeg=jpeg, width=size.width, height=size.height, taken=taken)
        )

    def _repeat(self, taken: float) -> None:
        """Leave out a picture that was handed on already, and give up after a while.

        That is told once. A connection that begins with the same picture as the last
        one is kept, so that it is noticed at once when the picture changes.
        """
        if self._changed is not None and taken - self._changed >= self._frozen:
            raise CameraPictureError

    def _refuse(self) -> None:
        """Count a picture that is unfit, and give up after several in a row."""
        self._outlet.damaged()
        self._refused += 1
        if self._refused >= MAX_REFUSED:
            raise CameraPictureError
