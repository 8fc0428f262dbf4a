"""A pause between two rounds of a clip, in which nothing can be read."""

from dataclasses import replace
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
import numpy as np
from PIL import Image, ImageFilter

from .cameras import Clip
from .errors import DemoError

_BLUR: Final = 0.03  # of the picture's width, which leaves no character legible
_DECODERS: Final = {"h264": "h264", "h265": "hevc"}


def decoder_for(clip: Clip) -> VideoCodecContext:
    """Return a decoder of the clip's packets."""
    decoder = av.CodecContext.create(_DECODERS[clip.codec], "r")
    assert isinstance(decoder, VideoCodecContext)
    return decoder


def with_pause(clip: Clip, seconds: float) -> Clip:
    """Let a clip rest before it begins anew, on its first picture, out of focus.

    In focus it might show a plate, and an arrival lasts as long as a plate is read.

    Args:
        clip: any clip.
        seconds: how long, rounded to whole pictures.

    Raises:
        DemoError: the clip's first picture cannot be decoded.
    """
    still = _first_picture(clip).filter(ImageFilter.GaussianBlur(clip.width * _BLUR))
    frame = np.asarray(still, np.uint8)
    pause = Clip.from_frames(
        [frame] * max(1, round(seconds * clip.fps)), clip.fps, clip.codec
    )
    later = tuple(p._replace(pts=p.pts + clip.duration) for p in pause.packets)
    return replace(
        clip, packets=clip.packets + later, duration=clip.duration + pause.duration
    )


def _first_picture(clip: Clip) -> Image.Image:
    decoder = decoder_for(clip)
    try:
        for packet in (av.Packet(clip.packets[0].data), None):
            for frame in decoder.decode(packet):
                return Image.fromarray(frame.to_ndarray(format="rgb24"))
    except av.FFmpegError:
        pass
    raise DemoError("The first picture of the clip is damaged.")
