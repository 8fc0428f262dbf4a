"""What every way of getting pictures from a camera has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..errors import CameraError
from ..models import Frame
from .view.scene import SceneProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraStatus:
    """How a camera is doing."""

    connected: bool = False
    """Whether pictures are coming."""
    error: CameraError | None = None
    """Why not, once it is known."""
    waiting: bool = False
    """Whether nothing is decoded, because the trigger of the lane has not gone off."""
    problem: SceneProblem | None = None
    """What is wrong with what the camera shows, although pictures come."""

    decoded: int = 0
    """Whole pictures that the camera delivered, since the start; so are all counts."""
    moving: int = 0
    """Those of them that the motion gate let through."""
    published: int = 0
    """Frames that were handed on."""
    dropped: int = 0
    """Frames that nobody took in time."""
    late: int = 0
    """Pictures that were too old when they arrived, and were left out."""
    corrupt: int = 0
    """Pictures that were damaged and left out."""
    reconnects: int = 0
    """How often the connection was made anew."""

    reconnects_hour: int = 0
    """The same within the last hour."""
    fps: float | None = None
    """Whole pictures per second lately; None while there are none."""
    newest: float | None = None
    """When the newest whole picture was taken (monotonic); None before the first."""


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

    def want(self) -> None:
        """Let the next picture through, even if nothing moves in it."""

    def wake(self) -> None:
        """Do the same, and if the trigger is waited for, begin as if it had gone off."""

    def accept_view(self) -> None:
        """Take what the camera sees now for what it should see."""

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener, in the event loop, when the state changes.

        That is `connected`, `error`, `waiting` or `problem`, and no count.

        Returns:
            A function that ends the subscription.

        """
