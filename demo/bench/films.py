"""The films that the simulated cameras play; encoding takes a while, so they are kept."""

from dataclasses import dataclass
from hashlib import blake2b
import os
from pathlib import Path
import tempfile
from typing import Final, Literal

import av
from av.video.stream import VideoStream

from demo.cameras.clip import Codec

from .yard import Yard

_VERSION: Final = 1
"""Of what is drawn and how it is encoded; another one makes the films anew."""

_ENCODERS: Final[dict[Codec, Literal["libx264", "libx265"]]] = {
    "h264": "libx264",
    "h265": "libx265",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What a camera shows, in a loop."""

    name: str
    width: int
    height: int
    fps: int
    codec: Codec
    seconds: float
    mbit: float
    """Megabits per second, as set in the camera; the noise fills them up."""
    moves: bool = True
    """Whether a car drives through, and each picture carries a number."""
    number: int = 0
    """That of the first picture; they count from there."""

    @property
    def pictures(self) -> int:
        """How many pictures one loop has."""
        return round(self.seconds * self.fps)


def path_of(film: Film) -> Path:
    """Return the file of a film; it is made if it is not there.

    It is encoded as a camera does it: a constant bit rate, key pictures two seconds
    apart, no B-pictures, and with the tools of the codec that cost a decoder its time.
    """
    digest = blake2b(f"{_VERSION} {film!r}".encode(), digest_size=8).hexdigest()
    path = _folder() / f"{digest}.mkv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Under its name once it is whole, also if two make it at the same time.
        part = path.with_suffix(f".{os.getpid()}.mkv")
        try:
            _encode(film, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path


def _folder() -> Path:
    """Return where films are kept; the scripts say where their cache is."""
    cache = os.environ.get("PLATE_GATE_CACHE")
    return (
        Path(cache) if cache else Path(tempfile.gettempdir(), "plate-gate")
    ) / "films"


def _encode(film: Film, path: Path) -> None:
    yard = Yard(film.width, film.height)
    gop = round(2 * film.fps)
    rate = round(film.mbit * 1000)
    settings = (
        f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0"
        f":vbv-maxrate={rate}:vbv-bufsize={rate}"
    )
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream(_ENCODERS[film.codec], rate=film.fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, "yuv420p"
        stream.bit_rate = rate * 1000
        if film.codec == "h265":
            settings += ":log-level=none"
        stream.options = {
            "preset": "superfast",
            f"x{film.codec[1:]}-params": settings,
        }
        for index in range(film.pictures):
            picture = (
                yard.picture(index / film.pictures, film.number + index)
                if film.moves
                else yard.picture()
            )
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
