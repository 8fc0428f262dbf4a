"""A short video, ready to be sent again and again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from os import PathLike
from typing import Final, Literal, NamedTuple, Self

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream
import numpy as np
from numpy.typing import NDArray

type Codec = Literal["h264", "h265"]

CLOCK: Final = 90_000
"""Ticks per second of the encoder's time stamps, the usual rate of video."""

USUAL_FPS: Final = 25.0
MAX_FPS: Final = 60.0

_CODECS: Final[dict[str, Codec]] = {"h264": "h264", "hevc": "h265"}
_DECODERS: Final[dict[Codec, Literal["h264", "hevc"]]] = {
    "h264": "h264",
    "h265": "hevc",
}
_ANNEX_B: Final[dict[Codec, str]] = {
    "h264": "h264_mp4toannexb",
    "h265": "hevc_mp4toannexb",
}
_ENCODERS: Final[dict[Codec, Literal["libx264", "libx265"]]] = {
    "h264": "libx264",
    "h265": "libx265",
}
_CAMERA_FORMATS: Final = ("yuv420p", "yuvj420p")
"""What cameras send; whatever else a file holds is encoded anew."""


class ClipError(ValueError):
    """The file is no video that can be played."""


class Packet(NamedTuple):
    """One encoded picture."""

    data: bytes
    """The NAL units with their start codes (Annex B)."""
    is_key: bool
    pts: float
    """When it is shown: seconds since the clip began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Encoded pictures in the order in which a decoder wants them.

    The first one is a key picture that carries its parameter sets, so that a player can
    begin there, also after the clip has ended.
    """

    packets: tuple[Packet, ...]
    fps: float
    codec: Codec
    width: int
    height: int
    duration: float
    """Seconds until the clip begins anew."""

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self:
        """Read a video.

        H.264 and H.265 are taken as they are; everything else, and what a camera would
        not send (10 bits per color, a picture that lies on its side), is encoded anew.

        Args:
            path: Any file that FFmpeg reads.

        Raises:
            ClipError: It does not exist, is no video, or holds no picture.

        """
        failure = f"{path} cannot be played"
        try:
            with av.open(str(path)) as container:
                if not container.streams.video:
                    raise ClipError(f"{failure}: there is no video in it")
                upright = _lies_upright(container)
            with av.open(str(path)) as container:
                clip = cls._as_it_is(container) if upright else None
            if clip is None:
                with av.open(str(path)) as container:
                    clip = cls._encoded_anew(container)
        except (av.FFmpegError, OSError) as err:
            raise ClipError(f"{failure}: {type(err).__name__}") from err
        return clip

    @classmethod
    def from_frames(
        cls,
        frames: Iterable[NDArray[np.uint8]],
        fps: float,
        codec: Codec = "h264",
        gop_seconds: float = 1.0,
    ) -> Self:
        """Encode pictures.

        Args:
            frames: RGB, shape (height, width, 3), all of one size, at least one. An odd
                row or column at the edge is left out, since video has even sizes.
            fps: Pictures per second.
            codec: How they are encoded.
            gop_seconds: From one key picture to the next.

        Raises:
            ClipError: There are no frames.

        """
        pictures = (
            (av.VideoFrame.from_ndarray(_even(frame), format="rgb24"), index / fps)
            for index, frame in enumerate(frames)
        )
        return cls._encode(pictures, fps, codec, gop_seconds)

    def with_still(self, seconds: float) -> Self:
        """Return a clip that shows its first picture for a while before it begins anew.

        Args:
            seconds: How long, rounded to whole pictures.

        """
        first = self.packets[0]
        still = tuple(
            first._replace(pts=self.duration + index / self.fps)
            for index in range(round(seconds * self.fps))
        )
        return replace(
            self,
            packets=self.packets + still,
            duration=self.duration + len(still) / self.fps,
        )

    def held(self, index: int, seconds: float, gop_seconds: float = 1.0) -> Self:
        """Return a clip of one of its pictures, encoded again and again.

        This is what an encoder makes of a sensor that hangs: always the same picture,
        but not the same bytes.

        Args:
            index: Which picture.
            seconds: How long the clip is to be.
            gop_seconds: From one key picture to the next.

        """
        decoder = VideoCodecContext.create(_DECODERS[self.codec], "r")
        shown: list[av.VideoFrame] = []
        for packet in self.packets:
            shown += decoder.decode(av.Packet(packet.data))
        shown += decoder.decode(None)
        pictures = (
            (shown[index], number / self.fps)
            for number in range(round(seconds * self.fps))
        )
        return self._encode(pictures, self.fps, self.codec, gop_seconds)

    @classmethod
    def _as_it_is(cls, container: InputContainer) -> Self | None:
        """Take the packets of a file, or return None if they do not suit a camera."""
        stream = container.streams.video[0]
        context = stream.codec_context
        codec = _CODECS.get(context.name)
        if codec is None or context.pix_fmt not in _CAMERA_FORMATS:
            return None
        packets = list(_annex_b(container, stream, _ANNEX_B[codec]))
        while packets and not packets[0].is_key:
            del packets[0]
        if not packets or not has_parameter_sets(packets[0].data, codec):
            return None
        return cls._of(packets, _fps(stream), codec, context.width, context.height)

    @classmethod
    def _encoded_anew(cls, container: InputContainer) -> Self:
        """Decode a file and encode it as a camera would."""
        fps = _fps(container.streams.video[0])
        return cls._encode(_upright(container, fps), fps, "h264", 1.0)

    @classmethod
    def _encode(
        cls,
        pictures: Iterable[tuple[av.VideoFrame, float]],
        fps: float,
        codec: Codec,
        gop_seconds: float,
    ) -> Self:
        """Encode pictures, each with its time in seconds."""
        encoder: VideoCodecContext | None = None
        packets: list[Packet] = []
        last = -1
        for picture, seconds in pictures:
            if encoder is None:
                encoder = _encoder(picture, fps, codec, gop_seconds)
            frame = picture.reformat(encoder.width, encoder.height, "yuv420p")
            # Otherwise what was a key picture becomes one again.
            frame.pict_type = PictureType.NONE
            # An encoder refuses two pictures of the same time.
            frame.pts = last = max(round(seconds * CLOCK), last + 1)
            frame.time_base = Fraction(1, CLOCK)
            packets.extend(_ticked(encoder.encode(frame)))
        if encoder is None:
            raise ClipError("There is no picture in it")
        packets.extend(_ticked(encoder.encode(None)))
        return cls._of(packets, fps, codec, encoder.width, encoder.height)

    @classmethod
    def _of(
        cls, packets: list[Packet], fps: float, codec: Codec, width: int, height: int
    ) -> Self:
        """Let the clip begin at zero and last until after its last picture."""
        begin = min(packet.pts for packet in packets)
        end = max(packet.pts for packet in packets)
        return cls(
            packets=tuple(p._replace(pts=p.pts - begin) for p in packets),
            fps=fps,
            codec=codec,
            width=width,
            height=height,
            duration=end - begin + 1 / fps,
        )


def nal_units(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units of an Annex B packet, without start codes.

    A NAL unit never ends in a zero byte, so those before a start code belong to it.
    """
    for unit in data.split(b"\x00\x00\x01"):
        if stripped := unit.rstrip(b"\x00"):
            yield stripped


def nal_type(unit: bytes, codec: Codec) -> int:
    """Return what kind of NAL unit it is (tables 7-1 of H.264 and H.265)."""
    return unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F


def parameter_sets(data: bytes, codec: Codec) -> dict[int, bytes]:
    """Return the parameter sets of a packet by NAL unit type.

    H.264 has 7 (sequence) and 8 (picture); H.265 has 32 (video) besides, as 33 and 34.
    """
    wanted = (7, 8) if codec == "h264" else (32, 33, 34)
    found: dict[int, bytes] = {}
    for unit in nal_units(data):
        kind = nal_type(unit, codec)
        if kind in wanted:
            found.setdefault(kind, unit)
    return found


def has_parameter_sets(data: bytes, codec: Codec) -> bool:
    """Tell whether a decoder can begin with this packet."""
    return len(parameter_sets(data, codec)) == (2 if codec == "h264" else 3)


def _annex_b(
    container: InputContainer, stream: VideoStream, bitstream_filter: str
) -> Iterator[Packet]:
    """Yield the packets of a file with start codes instead of lengths."""
    start_codes = BitStreamFilterContext(bitstream_filter, stream)
    base = stream.time_base
    for packet in container.demux(stream):
        # The last, empty packet asks the filter for what it still holds.
        for out in start_codes.filter(packet if packet.size else None):
            if out.pts is None or base is None:
                return
            yield Packet(bytes(out), out.is_keyframe, float(out.pts * base))


def _fps(stream: VideoStream) -> float:
    """Return how many pictures per second a file has, kept to what cameras do."""
    rate = stream.average_rate or stream.guessed_rate
    return min(float(rate), MAX_FPS) if rate else USUAL_FPS


def _lies_upright(container: InputContainer) -> bool:
    """Tell whether the pictures of a file are to be shown as they are stored.

    A telephone held upright stores pictures on their side and says so beside them; a
    camera has no way to say it.
    """
    for frame in container.decode(video=0):
        return frame.rotation == 0
    raise ClipError("There is no picture in it")


def _upright(
    container: InputContainer, fps: float
) -> Iterator[tuple[av.VideoFrame, float]]:
    """Yield the pictures of a file as they are to be shown, with their seconds."""
    for index, frame in enumerate(container.decode(video=0)):
        seconds = index / fps if frame.time is None else frame.time
        turns = round(frame.rotation / 90) % 4
        if turns:
            pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            turned = _even(np.rot90(pixels, turns))
            yield av.VideoFrame.from_ndarray(turned, format="rgb24"), seconds
        else:
            yield frame, seconds


def _even(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Leave out an odd row or column, and lay the rest out as FFmpeg wants it."""
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(pixels[: height // 2 * 2, : width // 2 * 2])


def _encoder(
    picture: av.VideoFrame, fps: float, codec: Codec, gop_seconds: float
) -> VideoCodecContext:
    """Return an encoder that works as a camera's does: at once, without B-pictures."""
    encoder = VideoCodecContext.create(_ENCODERS[codec], "w")
    encoder.width = picture.width // 2 * 2
    encoder.height = picture.height // 2 * 2
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, CLOCK)
    encoder.framerate = Fraction(fps).limit_denominator(1001)
    gop = max(1, round(gop_seconds * fps))
    encoder.gop_size = gop
    keys = f"keyint={gop}:min-keyint={gop}:scenecut=0"
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"} | (
        {"x264-params": keys}
        if codec == "h264"
        else {"x265-params": f"{keys}:repeat-headers=1:log-level=none"}
    )
    return encoder


def _ticked(packets: Iterable[av.Packet[av.stream.Stream]]) -> Iterator[Packet]:
    """Yield what an encoder made, in seconds."""
    for packet in packets:
        yield Packet(bytes(packet), packet.is_keyframe, (packet.pts or 0) / CLOCK)
