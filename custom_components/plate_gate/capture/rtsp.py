"""Reading a camera by RTSP, in a thread of its own.

The options are measured ones, with PyAV 19 (FFmpeg 9). Errors of PyAV have the address
with its password in their text, so they end here.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
import threading
import time
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

import numpy as np

from ..errors import (
    CameraAuthError,
    CameraError,
    CameraPictureError,
    CameraUnreachableError,
)
from ..models import Frame
from .pace import Pace
from .picture import encode
from .reader import Outlet
from .settings import CameraSettings

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

OPEN_TIMEOUT: Final = 5.0
READ_TIMEOUT: Final = 4.0
"""Seconds without a byte. A camera that freezes is noticed after twice as long: when
the time is up first, FFmpeg only gives out the picture that it still holds."""

PATIENCE: Final = 30.0
"""Seconds of packets without a single whole picture, until the camera counts as one that
sends none. Some cameras send a key picture only every ten seconds."""

GRACE: Final = 1.5
"""Seconds that stopping waits for the thread. It looks for the wish to stop between two
packets, so only a camera that is silent at this moment can take longer."""


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
        """Deliver frames until the camera is lost.

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
                return self._deliver(container, outlet, stop)
        except av.HTTPUnauthorizedError, av.HTTPForbiddenError:
            return CameraAuthError
        except av.FFmpegError, OSError:
            return CameraUnreachableError

    def _deliver(
        self, container: InputContainer, outlet: Outlet, stop: threading.Event
    ) -> type[CameraError]:
        """Hand on what is due until the stream ends or someone stops it."""
        if not container.streams.video:
            return CameraPictureError
        stream = container.streams.video[0]
        try:
            pictures = _Pictures(stream, outlet)
        except ValueError:
            return CameraPictureError
        pace = Pace(self._settings.fps)
        # FFmpeg gives a packet out when the next one begins to arrive. So a packet
        # arrived when the one before it was given out; this matters when a stream
        # freezes, and its last picture appears seconds later.
        arrived = good = self._clock()
        for packet in container.demux(stream):
            taken, arrived = arrived, self._clock()
            if stop.is_set():
                return CameraUnreachableError
            for picture, its_taken in pictures.of(packet, taken):
                good = arrived
                if pace.allows(its_taken):
                    outlet.publish(_frame(picture, its_taken))
            if arrived - good > self._patience:
                return CameraPictureError
        return CameraUnreachableError


class _Pictures:
    """Turns packets into pictures, leaving out the damaged ones.

    It decodes with a context of its own: those that belong to the stream keep memory
    and threads until the garbage collector finds them, after each reconnect.
    """

    def __init__(self, stream: VideoStream, outlet: Outlet) -> None:
        """Decode what a stream carries.

        Raises:
            ValueError: Nobody knows how to.

        """
        import av  # noqa: PLC0415
        from av.codec.context import Flags  # noqa: PLC0415

        self._failure = av.FFmpegError
        self._context = cast(
            "VideoCodecContext",
            av.CodecContext.create(stream.codec_context.name, "r"),
        )
        self._context.extradata = stream.codec_context.extradata
        self._context.thread_count = 1
        # Lets a picture carry the time of its packet, which with B-pictures is not
        # the packet that completes it.
        self._context.flags |= Flags.copy_opaque
        self._outlet = outlet
        self._keyed = False

    def of(
        self, packet: Packet[VideoStream], taken: float
    ) -> Iterator[tuple[VideoFrame, float]]:
        """Yield the whole pictures that a packet completes, none before a key picture.

        Args:
            packet: What the camera sent.
            taken: When it arrived.

        Yields:
            A picture, and when its own packet arrived.

        """
        if not packet.size or not (self._keyed or packet.is_keyframe):
            return
        self._keyed = True
        packet.opaque = taken
        try:
            frames = self._context.decode(packet)
        except self._failure:
            self._outlet.damaged()
            self._context.flush_buffers()
            self._keyed = False
            return
        for frame in frames:
            if frame.is_corrupt:
                self._outlet.damaged()
            else:
                self._outlet.picture()
                yield frame, cast(float, frame.opaque)


def _frame(picture: VideoFrame, taken: float) -> Frame:
    """Turn a picture into a frame."""
    pixels = np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)
    return Frame(
        jpeg=encode(pixels), width=picture.width, height=picture.height, taken=taken
    )


def _address(settings: CameraSettings) -> str:
    """Return the address with the user name and the password in it, for FFmpeg."""
    scheme, _, rest = (settings.url or "").partition("://")
    if settings.username is None:
        return f"{scheme}://{rest}"
    password = f":{quote(settings.password, safe='')}" if settings.password else ""
    return f"{scheme}://{quote(settings.username, safe='')}{password}@{rest}"
