"""What the dashboard shows of the camera: small pictures, in step with its stream.

Home Assistant's own camera entity wants JPEG; making these in it would need FFmpeg. So
the clip is made into small pictures once, and whoever asks gets the one that the camera
is sending just then.
"""

from bisect import bisect_right
from collections.abc import Sequence
import io
from typing import Final, overload, override

import av
from PIL import Image

from .cameras import Clip, RtspCamera
from .pause import decoder_for

FPS: Final = 8.0
_WIDTH: Final = 800
_MOST: Final = 600
"""Pictures at most, about 30 MB; a long clip is shown in longer steps."""

type Step = tuple[int, bytes]
"""The index of a packet and the picture that is shown from there on."""


def small_pictures(clip: Clip) -> list[Step]:
    """Make a clip into small JPEG pictures. Takes a few seconds.

    Args:
        clip: what the camera plays.

    Returns:
        At least one picture, in the order of the clip.
    """
    step = max(clip.fps / FPS, len(clip.packets) / _MOST, 1.0)
    decoder = decoder_for(clip)
    pictures: list[Step] = []
    due = 0.0
    for index, data in enumerate([*(p.data for p in clip.packets), None]):
        packet = None
        if data is not None:
            packet = av.Packet(data)
            packet.pts = packet.dts = index
        for frame in decoder.decode(packet):
            shown = index if frame.pts is None else frame.pts
            if shown >= due:
                pictures.append((shown, _jpeg(frame)))
                due = shown + step
    return pictures


class Monitor(Sequence[bytes]):
    """The picture that a camera is sending now, whichever is asked for.

    It takes the place of a list of pictures in an ``HttpCamera``, so that all who look
    at it see the same, and the same as the lane.
    """

    def __init__(self, camera: RtspCamera, pictures: Sequence[Step]) -> None:
        """Follow ``camera``, which plays the clip of the ``pictures``."""
        self._camera = camera
        self._starts = [index for index, _ in pictures]
        self._pictures = [picture for _, picture in pictures]

    @override
    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    @override
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        """Return the picture of this moment."""
        sent = self._camera.sent.copy()  # the camera's thread goes on writing
        now = max(sent, key=sent.__getitem__, default=0)
        picture = self._pictures[max(0, bisect_right(self._starts, now) - 1)]
        return [picture] if isinstance(index, slice) else picture


def _jpeg(frame: av.VideoFrame) -> bytes:
    height = round(frame.height * _WIDTH / frame.width)
    small = frame.reformat(width=_WIDTH, height=height, format="rgb24")
    buffer = io.BytesIO()
    Image.fromarray(small.to_ndarray()).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
