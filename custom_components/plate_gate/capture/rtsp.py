"""Reading a camera by RTSP, in a thread of its own.

The options are measured ones, with PyAV 19 (FFmpeg 9). Errors of PyAV have the address
with its password in their text, so they end here.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
import threading
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ..errors import (
    CameraAuthError,
    CameraError,
    CameraLateError,
    CameraPictureError,
    CameraUnreachableError,
)
from .outlet import MAX_AGE, Outlet
from .progress import CATCH_UP, Progress
from .settings import CameraSettings
from .sweep import sweep
from .video import VideoDecoder

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

OPEN_TIMEOUT: Final = 5.0
READ_TIMEOUT: Final = 2.0
"""Seconds without a byte. A camera that freezes is given up after twice as long: when
the time is up first, FFmpeg only gives out the picture that it still holds."""

PATIENCE: Final = 30.0
"""Seconds of packets without a single whole picture, until the camera counts as one that
sends none. Some cameras send a key picture only every ten seconds."""

GRACE: Final = 1.5
"""Seconds that stopping waits for the thread. It looks for the wish to stop between two
packets, so only a camera that is silent at this moment can take longer."""

BEHIND: Final = 1.0
"""Seconds of lateness from which on such a reader leaves pictures out."""


class RtspReader:
    """Reads a camera by RTSP: one connection, one thread, for each `run`."""

    def __init__(
        self,
        settings: CameraSettings,
        *,
        open_timeout: float = OPEN_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to read.

        Args:
            settings: With an address of the scheme rtsp or rtsps.
            open_timeout: Seconds until a camera that does not answer is given up.
            read_timeout: Half the seconds until one that falls silent is.
            patience: Seconds until one that sends nothing usable is.
            clock: The clock of `Frame.taken`.

        """
        self._settings = settings
        self._timeouts = (open_timeout, read_timeout)
        self._patience = patience
        self._clock = clock

    async def run(self, outlet: Outlet) -> None:
        """Deliver pictures until the camera is lost.

        Raises:
            CameraError: It could not be reached, or was lost.

        """
        stop = threading.Event()
        outcome: Future[type[CameraError]] = Future()
        thread = threading.Thread(
            target=self._work,
            args=(outlet, stop, outcome),
            name="plate_gate camera",
            # It may hang in a silent connection for seconds, which must not hold up
            # Home Assistant's own end.
            daemon=True,
        )
        thread.start()
        ended = asyncio.wrap_future(outcome)
        try:
            kind = await asyncio.shield(ended)
        finally:
            stop.set()
            await asyncio.wait([ended], timeout=GRACE)
            if ended.done():
                thread.join()
        raise kind

    def _work(
        self,
        outlet: Outlet,
        stop: threading.Event,
        outcome: Future[type[CameraError]],
    ) -> None:
        """Read in the thread, and report how it ended."""
        try:
            outcome.set_result(self._read(outlet, stop))
        except CameraError as err:
            outcome.set_result(type(err))
        except Exception as err:  # noqa: BLE001
            # Raised again where `run` waits; a thread has nobody to tell.
            outcome.set_exception(err)

    def _read(self, outlet: Outlet, stop: threading.Event) -> type[CameraError]:
        """Connect and read; return what ended it."""
        # Loading FFmpeg takes a while, and so it is done in this thread.
        import av  # noqa: PLC0415

        options = {
            "rtsp_transport": self._settings.transport,
            # Otherwise FFmpeg watches the stream for 2 s to find out its rate.
            "fpsprobesize": "0",
            "analyzeduration": "100000",
            "allowed_media_types": "video",
            "tls_verify": "1" if self._settings.verify_ssl else "0",
        }
        try:
            with av.open(
                _address(self._settings), options=options, timeout=self._timeouts
            ) as container:
                if stop.is_set():
                    return CameraUnreachableError
                try:
                    return self._deliver(container, outlet, stop)
                finally:
                    sweep()
        except av.HTTPUnauthorizedError, av.HTTPForbiddenError:
            return CameraAuthError
        except av.FFmpegError, OSError:
            return CameraUnreachableError

    def _deliver(
        self, container: InputContainer, outlet: Outlet, stop: threading.Event
    ) -> type[CameraError]:
        """Hand pictures on until the stream ends or someone stops it."""
        if not container.streams.video:
            return CameraPictureError
        stream = container.streams.video[0]
        try:
            decoder = VideoDecoder(stream, outlet)
        except ValueError:
            return CameraPictureError
        outlet.begin(keeps_coming=True)
        progress = Progress(self._clock(), trust_stamps=self._settings.trust_stamps)
        # FFmpeg gives a packet out when the next one begins to arrive. So a packet
        # arrived when the one before it was given out; this matters when a stream
        # freezes, and its last picture appears seconds later.
        good = asked = arrived = self._clock()
        ended: type[CameraError] = CameraPictureError
        for packet in container.demux(stream):
            taken, arrived = arrived, self._clock()
            if stop.is_set():
                return CameraUnreachableError
            late = progress.note(_stamp(packet), taken, arrived, arrived - asked)
            if progress.timeline.gives_up():
                return CameraLateError
            if late > BEHIND and arrived - progress.waited_at > CATCH_UP:
                # Leaving out what cannot be decoded in time is how to catch up.
                decoder.skip()
                if not packet.is_keyframe:
                    outlet.missed()
            for picture, its_taken in decoder.decode(packet, taken - late):
                ended = CameraLateError
                if not progress.is_live:
                    # A backlog: how old it is, is known when it has been read.
                    outlet.missed()
                    continue
                if self._clock() - its_taken <= MAX_AGE:
                    good = arrived
                outlet.offer(picture, its_taken)
            if arrived - good > self._patience:
                return ended
            asked = self._clock()
        return CameraUnreachableError


def _stamp(packet: Packet[VideoStream]) -> float | None:
    """Return when the camera says that it took a picture, in seconds of its clock."""
    if packet.pts is None or packet.time_base is None:
        return None
    return float(packet.pts * packet.time_base)


def _address(settings: CameraSettings) -> str:
    """Return the address with the user name and the password in it, for FFmpeg."""
    scheme, _, rest = (settings.url or "").partition("://")
    if settings.username is None:
        return f"{scheme}://{rest}"
    password = f":{quote(settings.password, safe='')}" if settings.password else ""
    return f"{scheme}://{quote(settings.username, safe='')}{password}@{rest}"
