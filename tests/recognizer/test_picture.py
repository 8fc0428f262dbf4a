"""From bytes to pixels: what is taken, and what is refused before it does harm."""

from collections.abc import Callable
from io import BytesIO
import struct
import zlib

from PIL import Image
import pytest

from plate_gate_recognizer.errors import PictureError
from plate_gate_recognizer.picture import PIXELS_MAX, decode

from .scene import jpeg, png

type Encode = Callable[[Image.Image], bytes]


@pytest.fixture
def image() -> Image.Image:
    """Return a picture that is blue on its left and red on its right."""
    image = Image.new("RGB", (64, 32), (0, 0, 255))
    image.paste((255, 0, 0), (32, 0, 64, 32))
    return image


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG file that claims to be large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in pieces
    )


@pytest.mark.parametrize("encode", [jpeg, png])
def test_pixels(image: Image.Image, encode: Encode) -> None:
    """Both formats become blue, green, red, in rows from the top."""
    picture = decode(encode(image))
    assert picture.shape == (32, 64, 3)
    assert picture[16, 8].tolist() == pytest.approx([255, 0, 0], abs=4)
    assert picture[16, 56].tolist() == pytest.approx([0, 0, 255], abs=4)


def test_gray_becomes_colored(image: Image.Image) -> None:
    """A camera at night sends pictures without color; they have three planes, too."""
    assert decode(jpeg(image.convert("L"))).shape == (32, 64, 3)


def test_turned(image: Image.Image) -> None:
    """A picture whose metadata says that it lies on its side is put upright."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: a quarter turn to the right.
    file = BytesIO()
    image.save(file, "JPEG", exif=exif)
    assert decode(file.getvalue()).shape == (64, 32, 3)


def test_bytes_after_the_end(image: Image.Image) -> None:
    """Some cameras fill up what they send; that does no harm."""
    assert decode(jpeg(image) + bytes(100)).shape == (32, 64, 3)


def test_fill_bytes_in_the_header(image: Image.Image) -> None:
    """A JPEG file may have any number of 0xFF before a marker."""
    content = jpeg(image)
    assert decode(content[:2] + b"\xff\xff\xff" + content[2:]).shape == (32, 64, 3)


@pytest.mark.parametrize("encode", [jpeg, png])
def test_cut_off_anywhere(image: Image.Image, encode: Encode) -> None:
    """However much of the end is missing, it is said and nothing else happens."""
    content = encode(image)
    for length in range(len(content) - 8):
        with pytest.raises(PictureError):
            decode(content[:length])


@pytest.mark.parametrize("encode", [jpeg, png])
def test_any_damaged_byte(image: Image.Image, encode: Encode) -> None:
    """Whichever byte is wrong: a picture or a clear word, never another exception.

    Among them are PNG files with a chunk that claims to have 4 GB.
    """
    content = encode(image)
    refused = 0
    for place in range(2, len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        try:
            picture = decode(bytes(damaged))
        except PictureError:
            refused += 1
        else:
            assert picture.ndim == 3
    assert refused > 10


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"\xff\xd8", b"GIF89a" + bytes(50), b"<svg/>", bytes(1000)],
    ids=["empty", "byte", "start", "gif", "svg", "zeros"],
)
def test_other_formats(content: bytes) -> None:
    """What is neither JPEG nor PNG reaches no decoder."""
    with pytest.raises(PictureError):
        decode(content)


def test_png_bomb() -> None:
    """A picture of 40 megapixels in 70 bytes is refused by its header."""
    with pytest.raises(PictureError, match="36 megapixels"):
        decode(bomb(8000, 5000))


def test_jpeg_bomb(image: Image.Image) -> None:
    """So is a JPEG file that claims to be larger than it is."""
    content = bytearray(jpeg(image))
    header = content.index(b"\xff\xc0")
    content[header + 5 : header + 9] = struct.pack(">HH", 60000, 60000)
    with pytest.raises(PictureError, match="36 megapixels"):
        decode(bytes(content))


def test_largest_picture_is_not_a_bomb() -> None:
    """What is just within the limit gets as far as the decoder, which sees no pixels."""
    assert PIXELS_MAX == 6000 * 6000
    with pytest.raises(PictureError, match="damaged"):
        decode(bomb(6000, 6000))


def test_endless_header() -> None:
    """A header that never comes to an end is given up."""
    with pytest.raises(PictureError, match="cut off"):
        decode(b"\xff\xd8" + b"\xff" * 5_000_000)


def test_animated(image: Image.Image) -> None:
    """Pictures that move are not taken; a reader of plates wants one moment."""
    file = BytesIO()
    image.save(file, "PNG", save_all=True, append_images=[image.rotate(180)])
    with pytest.raises(PictureError, match="animated"):
        decode(file.getvalue())


def test_too_small() -> None:
    """No plate is legible in 15 pixels."""
    with pytest.raises(PictureError, match="smaller"):
        decode(png(Image.new("RGB", (400, 15))))
