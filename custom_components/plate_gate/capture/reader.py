"""What a way of reading a camera has to do."""

from typing import Protocol

from .outlet import Outlet


class Reader(Protocol):
    """Reads a camera once: connects, delivers pictures, and ends with the connection."""

    async def run(self, outlet: Outlet) -> None:
        """Deliver pictures until the camera is lost.

        Returning is the same as raising `CameraUnreachableError`.

        Raises:
            CameraError: It could not be reached, or was lost.

        """
