"""A picture as the camera delivered it, before it is worth the effort to make a frame."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..models import Frame
from .jpeg import Size, decode, encode
from .view.gray import GRAY_HEIGHT, GRAY_WIDTH, Gray
from .view.region import Region


class Picture(Protocol):
    """A picture of a stream, or a file.

    Raises:
        CameraPictureError: From any method, if the picture turns out to be damaged.

    """

    @property
    def file(self) -> bytes | None:
        """The JPEG file that the camera made, if it made one."""

    @property
    def size(self) -> Size:
        """Its size in pixels."""

    @property
    def is_key(self) -> bool:
        """Whether it was encoded without regard to those before it."""

    def gray(self) -> Gray:
        """Return it small and without colors, for what watches every picture."""

    def luma(self) -> NDArray[np.uint8]:
        """Return its brightness in full size, shape (height, width)."""

    def pixels(self) -> NDArray[np.uint8]:
        """Return it in RGB, shape (height, width, 3)."""


class JpegPicture:
    """A file that the camera made."""

    def __init__(self, file: bytes, size: Size) -> None:
        """Take a file that was measured."""
        self.file: bytes | None = file
        self.size = size
        self.is_key = True
        self._file = file

    def gray(self) -> Gray:
        """Return it small and without colors."""
        return decode(self._file, "L", Size(GRAY_WIDTH, GRAY_HEIGHT))

    def luma(self) -> NDArray[np.uint8]:
        """Return its brightness in full size, shape (height, width)."""
        return decode(self._file, "L")

    def pixels(self) -> NDArray[np.uint8]:
        """Return it in RGB, shape (height, width, 3)."""
        return decode(self._file, "RGB")


class Shot(NamedTuple):
    """A picture that is worth looking at, and what becomes part of its frame."""

    picture: Picture
    taken: float
    """When it was taken, in the clock of `Frame.taken`."""
    offered: float = 0.0
    """When it was handed on, in the same clock."""
    live: bool = True
    quiet_since: float | None = None

    def develop(self, region: Region) -> Frame:
        """Make a frame of the region; what lies outside of it does not leave.

        This takes some milliseconds, and is left out for pictures that nobody takes.

        Raises:
            CameraPictureError: The picture is damaged.

        """
        file, size = self.picture.file, self.picture.size
        if file is None or not region.is_whole:
            pixels = region.cut(self.picture.pixels())
            file, size = encode(pixels), Size(pixels.shape[1], pixels.shape[0])
        return Frame(
            jpeg=file,
            width=size.width,
            height=size.height,
            taken=self.taken,
            live=self.live,
            quiet_since=self.quiet_since,
        )
