"""Decoding the video of a stream into pictures, with PyAV."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from numpy.typing import NDArray

from .jpeg import Size
from .outlet import Outlet
from .view.gray import GRAY_HEIGHT, GRAY_WIDTH, Gray

if TYPE_CHECKING:
    from av import VideoFrame
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream

THREADS: Final = 1
"""For converting a picture. By default FFmpeg starts one for each core, and PyAV keeps
them for each thread that ever converted one: Home Assistant has 64 of those."""

_LUMA_FIRST: Final = ("yuv", "nv12", "nv21", "gray")
"""How the formats are called whose first plane is the brightness."""


class VideoDecoder:
    """Turns packets into pictures, leaving out the damaged ones.

    It decodes with a context of its own: those that belong to the stream keep memory
    and threads until the garbage collector finds them, after each reconnect.
    """

    def __init__(self, stream: VideoStream, outlet: Outlet) -> None:
        """Decode what a stream carries.

        Args:
            stream: Where packets come from.
            outlet: Where damaged pictures are counted.

        Raises:
            ValueError: Nobody knows how to.

        """
        import av  # noqa: PLC0415
        from av.codec.context import Flags  # noqa: PLC0415
        from av.video.reformatter import VideoReformatter  # noqa: PLC0415

        self._failure = av.FFmpegError
        self._context = cast(
            "VideoCodecContext",
            av.CodecContext.create(stream.codec_context.name, "r"),
        )
        self._context.extradata = stream.codec_context.extradata
        self._context.thread_count = 1
        if self._context.name == "hevc":
            # Of H.264, damaged pictures are marked. Of H.265 they are not, so it has to
            # complain: that finds more than half of them.
            self._context.options = {"err_detect": "explode"}
        # Lets a picture carry the time of its packet, which with B-pictures is not
        # the packet that completes it.
        self._context.flags |= Flags.copy_opaque
        self._shrinker = VideoReformatter()
        self._outlet = outlet
        self._keyed = False

    def skip(self) -> None:
        """Leave packets out until the next key picture, without decoding them."""
        if self._keyed:
            self._context.flush_buffers()
            self._keyed = False

    def decode(
        self, packet: Packet[VideoStream], taken: float
    ) -> Iterator[tuple[VideoPicture, float]]:
        """Yield the whole pictures that a packet completes, none before a key picture.

        Args:
            packet: What the camera sent.
            taken: When it was taken.

        Yields:
            A picture, and when it was taken.

        """
        if not packet.size or not (self._keyed or packet.is_keyframe):
            return
        self._keyed = True
        packet.opaque = taken
        try:
            frames = self._context.decode(packet)
        except self._failure:
            self._outlet.damaged()
            self.skip()
            return
        for frame in frames:
            if frame.is_corrupt:
                self._outlet.damaged()
            else:
                yield VideoPicture(frame, self._shrinker), cast(float, frame.opaque)


class VideoPicture:
    """A picture of a stream. Only what is asked for is converted."""

    file: bytes | None = None

    def __init__(self, frame: VideoFrame, shrinker: VideoReformatter) -> None:
        """Take a decoded picture.

        Args:
            frame: The picture.
            shrinker: What makes the small one; it is slow to set up, so it is shared by
                the pictures of a connection.

        """
        self._frame = frame
        self._shrinker = shrinker
        self.size = Size(frame.width, frame.height)
        self.is_key = bool(frame.key_frame)

    def gray(self) -> Gray:
        """Return it small and without colors; in the thread of the camera only."""
        small = self._shrinker.reformat(
            self._frame,
            GRAY_WIDTH,
            GRAY_HEIGHT,
            "gray",
            interpolation="AREA",
            threads=THREADS,
        )
        return _plane(small)

    def luma(self) -> NDArray[np.uint8]:
        """Return its brightness in full size, shape (height, width)."""
        if self._frame.format.name.startswith(_LUMA_FIRST) and (
            self._frame.format.components[0].bits == 8
        ):
            return _plane(self._frame)
        return _plane(self._frame.reformat(format="gray", threads=THREADS))

    def pixels(self) -> NDArray[np.uint8]:
        """Return it in RGB, shape (height, width, 3)."""
        return np.asarray(
            self._frame.to_ndarray(format="rgb24", threads=THREADS), np.uint8
        )


def _plane(frame: VideoFrame) -> NDArray[np.uint8]:
    """Return the first plane of a picture, without copying it."""
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]
