"""What the simulated cameras send: clips from files, and the packets of pictures."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image
import pytest

from demo.cameras import Clip, ClipError
from demo.cameras.auth import Guard
from demo.cameras.clip import nal_units, parameter_sets
from demo.cameras.rtp import MAX_PAYLOAD, payloads
from tests.capture.conftest import write_film
from tests.capture.pictures import jpeg_of, number_of, numbered


def pictures_of(clip: Clip) -> list[int]:
    """Decode a clip from its packets alone, and return the numbers of its pictures."""
    decoder = av.CodecContext.create("hevc" if clip.codec == "h265" else "h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    frames = []
    for packet in clip.packets:
        out = av.Packet(packet.data)
        out.pts = round(packet.pts * 1000)
        frames.extend(decoder.decode(out))
    frames.extend(decoder.decode(None))
    return [number_of(jpeg_of(pixels_of(frame))) for frame in frames]


def pixels_of(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """Return a picture as RGB, shape (height, width, 3)."""
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_from_frames(codec: str) -> None:
    """Pictures are encoded as a camera does it: one after another, keys in between."""
    clip = Clip.from_frames(numbered(20), 10, codec, gop_seconds=0.5)  # type: ignore[arg-type]
    assert [packet.is_key for packet in clip.packets] == [True, *[False] * 4] * 4
    assert [packet.pts for packet in clip.packets] == pytest.approx(
        [number / 10 for number in range(20)]
    )
    assert (clip.width, clip.height, clip.fps, clip.codec) == (320, 180, 10, codec)
    assert clip.duration == pytest.approx(2.0)
    assert pictures_of(clip) == list(range(20))


def test_no_frames() -> None:
    """A clip without pictures is none."""
    with pytest.raises(ClipError):
        Clip.from_frames([], 10)


def test_odd_size() -> None:
    """An odd row and column are left out."""
    clip = Clip.from_frames([np.zeros((181, 321, 3), np.uint8)], 10)
    assert (clip.width, clip.height) == (320, 180)


def test_still() -> None:
    """The first picture can be held before the clip begins anew."""
    clip = Clip.from_frames(numbered(5), 10).with_still(1.0)
    assert clip.duration == pytest.approx(1.5)
    assert len(clip.packets) == 15
    assert clip.packets[-1].pts == pytest.approx(1.4)
    assert pictures_of(clip) == [0, 1, 2, 3, 4, *[0] * 10]


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("index", [0, 3])
def test_held(codec: str, index: int) -> None:
    """One picture can be encoded again and again; no two packets are the same."""
    clip = Clip.from_frames(numbered(5), 10, codec)  # type: ignore[arg-type]
    held = clip.held(index, 1.2, gop_seconds=0.6)
    assert [packet.is_key for packet in held.packets] == [True, *[False] * 5] * 2
    assert len({packet.data for packet in held.packets}) == 12
    assert held.duration == pytest.approx(1.2)
    assert pictures_of(held) == [index] * 12


def test_file_as_it_is(tmp_path: Path) -> None:
    """H.264 is taken from a file without being encoded again, B-pictures and all."""
    write_film(tmp_path / "film.mp4")
    clip = Clip.from_file(tmp_path / "film.mp4")
    times = [packet.pts for packet in clip.packets]
    assert times != sorted(times)
    assert sorted(times) == pytest.approx([number / 10 for number in range(20)])
    assert clip.packets[0].is_key
    assert set(parameter_sets(clip.packets[0].data, "h264")) == {7, 8}
    assert clip.duration == pytest.approx(2.0)
    with av.open(str(tmp_path / "film.mp4")) as container:
        stored = sum(packet.size for packet in container.demux(video=0))
    sent = sum(len(packet.data) for packet in clip.packets)
    assert stored < sent < stored + 2000
    assert pictures_of(clip) == list(range(20))


def test_file_on_its_side(tmp_path: Path) -> None:
    """A film from a telephone held upright is turned, since no camera can say so."""
    write_film(tmp_path / "film.mp4", rotation=90)
    clip = Clip.from_file(tmp_path / "film.mp4")
    assert (clip.width, clip.height) == (180, 320)
    assert len(clip.packets) == 20
    with av.open(str(tmp_path / "film.mp4")) as container:
        stored = pixels_of(next(container.decode(video=0)))
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    (shown,) = decoder.decode(av.Packet(clip.packets[0].data))
    turned = np.rot90(stored).astype(np.int16)
    assert np.abs(pixels_of(shown) - turned).mean() < 8


def test_other_codec(tmp_path: Path) -> None:
    """What no camera sends is encoded anew."""
    path = tmp_path / "film.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for picture in numbered(20):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    clip = Clip.from_file(path)
    assert clip.codec == "h264"
    assert clip.fps == 10
    assert pictures_of(clip) == list(range(20))


def test_photograph(tmp_path: Path) -> None:
    """A photograph is a very short film."""
    path = tmp_path / "photograph.jpg"
    Image.fromarray(next(numbered(1))).save(path)
    clip = Clip.from_file(path)
    assert pictures_of(clip) == [0]
    assert clip.duration > 0


@pytest.mark.parametrize(
    "content",
    [None, b"", b"This is no film.", bytes(5000)],
    ids=["missing", "empty", "text", "zeros"],
)
def test_no_video(content: bytes | None, tmp_path: Path) -> None:
    """A file that is no video is refused in words that name it."""
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ClipError, match=r"film\.mp4 cannot be played"):
        Clip.from_file(path)


def test_sound_only(tmp_path: Path) -> None:
    """A file with sound and no picture is refused."""
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(ClipError, match="no video"):
        Clip.from_file(path)


def test_payloads() -> None:
    """No packet is too large for the network, and nothing is lost in the pieces."""
    noise = np.random.default_rng(1).integers(0, 255, (180, 320, 3), dtype=np.uint8)
    clip = Clip.from_frames([noise], 10)
    pieces = list(payloads(clip.packets[0].data, "h264"))
    assert all(len(piece) <= MAX_PAYLOAD + 2 for piece in pieces)
    fragments = [piece for piece in pieces if piece[0] & 0x1F == 28]
    large = [u for u in nal_units(clip.packets[0].data) if len(u) > MAX_PAYLOAD]
    assert large
    assert sum(piece[1] & 0x80 > 0 for piece in fragments) == len(large)
    assert sum(piece[1] & 0x40 > 0 for piece in fragments) == len(large)
    bodies = b"".join(unit[1:] for unit in large)
    assert b"".join(piece[2:] for piece in fragments) == bodies
    assert {piece[0] & 0xE0 | piece[1] & 0x1F for piece in fragments} == {large[0][0]}


def test_guard_needs_a_password() -> None:
    """A scheme without a password makes no sense."""
    with pytest.raises(ValueError, match="password"):
        Guard("basic", "me")
