"""What every way of getting pictures from a camera has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..errors import CameraError
from ..models import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraStatus:
    """How a camera is doing."""

    connected: bool = False
    """Whether frames are coming."""
    error: CameraError | None = None
    """Why not, once it is known."""
    decoded: int = 0
    """Pictures that the camera delivered, since the start."""
    published: int = 0
    """Frames that were handed on."""
    dropped: int = 0
    """Frames that a newer one replaced before anyone took them."""
    corrupt: int = 0
    """Pictures that were damaged and left out."""
    reconnects: int = 0
    """How often the connection was made anew."""


class FrameSource(Protocol):
    """A camera that keeps delivering frames until it is stopped.

    It reconnects by itself, for as long as it takes.
    """

    @property
    def status(self) -> CameraStatus:
        """How the camera is doing now."""

    def start(self) -> None:
        """Begin to connect and to take pictures."""

    async def stop(self) -> None:
        """Stop within a second or two, and leave no thread or task behind."""

    async def newest(self) -> Frame:
        """Wait for a frame that has not been handed out yet; only the newest is kept."""

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener, in the event loop, when `connected` or `error` changes.

        Returns:
            A function that ends the subscription.

        """
