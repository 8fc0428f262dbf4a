"""What of the files that a camera sends is worth looking at."""

import asyncio
from hashlib import blake2b
from typing import Final

from ..errors import CameraFrozenError, CameraLateError, CameraPictureError
from .jpeg import measure
from .outlet import Outlet
from .pace import Pace
from .picture import JpegPicture

MAX_REFUSED: Final = 3
"""Unfit pictures in a row until the camera counts as one that gives none."""

FROZEN: Final = 30.0
"""Seconds of one and the same file until the camera counts as one that hangs."""

PATIENCE: Final = 5.0
"""Seconds of nothing but late pictures until the camera is given up."""

LOOKS: Final = 10.0
"""Files per second that are decoded to see whether something moves, at most."""


class Sieve:
    """Hands on the JPEG files of a camera that are whole and new.

    The same bytes twice are the same picture twice: the noise of a sensor never
    repeats. A camera that hangs goes on showing its last picture, also to whoever
    connects anew. So what is new is told by the outlet, which outlives the connection.
    """

    def __init__(self, outlet: Outlet, frozen: float = FROZEN) -> None:
        """Begin with a connection.

        Args:
            outlet: Where pictures go.
            frozen: Seconds of one and the same picture until the camera is given up.

        """
        self._outlet = outlet
        self._pace = Pace(LOOKS)
        self._frozen = frozen
        self._changed: float | None = None
        self._refused = 0
        self._late_since: float | None = None
        outlet.begin(keeps_coming=False)

    async def offer(self, jpeg: bytes, taken: float) -> None:
        """Hand a picture on, unless there is a reason not to.

        Args:
            jpeg: What the camera sent.
            taken: When it began to send it.

        Raises:
            CameraFrozenError: It has been the same picture for too long.
            CameraLateError: Pictures have been too old for too long.
            CameraPictureError: Several pictures in a row were unfit.

        """
        digest = blake2b(jpeg).digest()
        if digest == self._outlet.last_digest:
            self._repeat(taken)
            return
        self._changed = taken
        if not self._pace.allows(taken):
            self._outlet.skipped()
            return
        late = self._outlet.late
        try:
            picture = JpegPicture(jpeg, measure(jpeg))
            # Decoding takes milliseconds, which the event loop does not have.
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, self._outlet.offer, picture, taken)
        except CameraFrozenError:
            raise
        except CameraPictureError:
            self._refuse()
            return
        self._outlet.last_digest = digest
        self._refused = 0
        self._judge(taken, is_late=self._outlet.late > late)

    def miss(self, taken: float) -> None:
        """Leave a picture out that may be old.

        Args:
            taken: When the camera began to send it.

        Raises:
            CameraLateError: Pictures have been too old for too long.

        """
        self._outlet.missed()
        self._judge(taken, is_late=True)

    def _repeat(self, taken: float) -> None:
        """Leave out a picture that was handed on already, and give up after a while.

        That is told once. A connection that begins with the same picture as the last
        one is kept, so that it is noticed at once when the picture changes.
        """
        if self._changed is not None and taken - self._changed >= self._frozen:
            raise CameraFrozenError

    def _judge(self, taken: float, *, is_late: bool) -> None:
        """Give a camera up whose pictures are all too old."""
        if not is_late:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = taken
        elif taken - self._late_since >= PATIENCE:
            raise CameraLateError

    def _refuse(self) -> None:
        """Count a picture that is unfit, and give up after several in a row."""
        self._outlet.damaged()
        self._refused += 1
        if self._refused >= MAX_REFUSED:
            raise CameraPictureError
