"""JPEG files: made, measured and decoded."""

import numpy as np
import pytest

from custom_components.plate_gate.capture.jpeg import Size, decode, encode, measure
from custom_components.plate_gate.errors import CameraPictureError
from demo.cameras.http import giant_jpeg

from .pictures import jpeg_of, numbered, without_tables


def test_encode() -> None:
    """A picture that is made can be measured."""
    jpeg = encode(np.zeros((48, 64, 3), dtype=np.uint8))
    assert measure(jpeg) == (64, 48)
    assert measure(jpeg + b"\x00\x00\r\n") == (64, 48)


@pytest.mark.parametrize("cut", [0, 2, 100, -2])
def test_measure_refuses_parts(cut: int) -> None:
    """A file that lacks its end is refused."""
    jpeg = encode(np.zeros((48, 64, 3), dtype=np.uint8))
    with pytest.raises(CameraPictureError):
        measure(jpeg[:cut])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + bytes(1000) + b"\xff\xd9",
        b"\xff\xd8" + bytes(17 * 1024 * 1024) + b"\xff\xd9",
        b"GIF89a" + bytes(100) + b"\xff\xd9",
    ],
    ids=["empty", "zeros", "too much", "gif"],
)
def test_measure_refuses_garbage(data: bytes) -> None:
    """What only begins and ends like a picture is refused, as is too much of it."""
    with pytest.raises(CameraPictureError):
        measure(data)


def test_measure_refuses_giants() -> None:
    """Forty megapixels are refused without being decoded."""
    with pytest.raises(CameraPictureError):
        measure(giant_jpeg())


@pytest.mark.parametrize(("mode", "shape"), [("RGB", (180, 320, 3)), ("L", (180, 320))])
def test_decode(mode: str, shape: tuple[int, ...]) -> None:
    """A file is decoded in color or without."""
    (picture,) = numbered(1)
    pixels = decode(jpeg_of(picture), mode)
    assert pixels.shape == shape
    brightness = picture @ np.array([0.299, 0.587, 0.114])
    expected = picture if mode == "RGB" else brightness
    assert np.abs(pixels - expected.astype(float)).mean() < 10


def test_decode_shrinks_by_averaging() -> None:
    """A small picture shows what the large one does."""
    (picture,) = numbered(1, 1280, 720)
    small = decode(jpeg_of(picture), "L", Size(320, 180))
    assert small.shape == (180, 320)
    brightness = picture @ np.array([0.299, 0.587, 0.114])
    averaged = brightness.reshape(180, 4, 320, 4).mean(axis=(1, 3))
    assert np.abs(small - averaged).max() < 5


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_decode_refuses_what_is_damaged_within(mode: str) -> None:
    """A file may have a beginning and an end, and lack what is needed in between."""
    with pytest.raises(CameraPictureError):
        decode(without_tables(jpeg_of(next(numbered(1)))), mode)
