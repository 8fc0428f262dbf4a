"""What a way of reading a camera has to do, and where its pictures go."""

from collections.abc import Callable
from typing import Protocol

from ..models import Frame
from .slot import Slot


class Outlet:
    """Where a reader puts what the camera delivers. It may be used from any thread."""

    def __init__(self, slot: Slot, delivered: Callable[[], None]) -> None:
        """Put frames into a slot.

        Args:
            slot: Where they go.
            delivered: Called after each frame, in the thread of the reader.

        """
        self.decoded = 0
        self.published = 0
        self.corrupt = 0
        self.last_digest = b""
        """Tells which file was handed on last, also after the camera was lost."""
        self._slot = slot
        self._delivered = delivered

    def picture(self) -> None:
        """Count a picture that is whole."""
        self.decoded += 1

    def damaged(self) -> None:
        """Count a picture that is not."""
        self.corrupt += 1

    def publish(self, frame: Frame) -> None:
        """Hand a frame on."""
        self.published += 1
        self._slot.put(frame)
        self._delivered()


class Reader(Protocol):
    """Reads a camera once: connects, delivers frames, and ends with the connection."""

    async def run(self, outlet: Outlet) -> None:
        """Deliver frames until the camera is lost.

        Returning is the same as raising `CameraUnreachableError`.

        Raises:
            CameraError: It could not be reached, or was lost.

        """
