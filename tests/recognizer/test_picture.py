"""From bytes to pixels: what is taken, and what is refused before it does harm."""

from collections.abc import Callable
from io import BytesIO
import struct
import time
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


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt"])
def test_packed_texts(image: Image.Image, name: bytes) -> None:
    """Texts that would be unpacked, 8 MB each, are left out; the pixels are not."""
    head = b"k\0\0" if name == b"zTXt" else b"k\0\1\0\0\0"
    content = head + zlib.compress(bytes(7_900_000), 9)
    piece = struct.pack(">I", len(content)) + name + content
    piece += struct.pack(">I", zlib.crc32(name + content))
    file = png(image)
    began = time.process_time()
    picture = decode(file[:33] + 1500 * piece + file[33:])
    # Unpacked it would be 12 GB, in 14 seconds.
    assert time.process_time() - began < 3
    assert picture.tobytes() == decode(file).tobytes()


def test_png_keeps_what_matters() -> None:
    """Palette, transparency and the way up survive."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = BytesIO()
    colored = Image.new("RGB", (64, 32), (255, 0, 0)).quantize(4)
    colored.save(file, "PNG", exif=exif, transparency=0)
    picture = decode(file.getvalue())
    assert picture.shape == (64, 32, 3)
    assert picture[32, 16].tolist() == pytest.approx([0, 0, 255], abs=4)


def test_progressive() -> None:
    """A progressive picture is read, unless it goes over its pixels again and again."""
    file = BytesIO()
    Image.new("RGB", (640, 480), (0, 0, 255)).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    assert decode(content).shape == (480, 640, 3)
    last = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(PictureError, match="scans"):
        decode(content[:-2] + 100 * last + content[-2:])


def test_scans_behind_a_false_end() -> None:
    """What looks like the end of the file, in a comment, hides no scans."""
    file = BytesIO()
    Image.new("RGB", (640, 480), (0, 0, 255)).save(file, "JPEG", progressive=True)
    content = file.getvalue()
    second = content.index(b"\xff\xc4", content.index(b"\xff\xda"))
    last = content[content.rindex(b"\xff\xda") : -2]
    hiding = content[:second] + b"\xff\xfe\x00\x06AB\xff\xd9" + content[second:]
    assert decode(hiding).shape == (480, 640, 3)
    with pytest.raises(PictureError, match="scans"):
        decode(hiding[:-2] + 100 * last + hiding[-2:])


def test_what_looks_like_scans_after_the_end(image: Image.Image) -> None:
    """A film after the picture, as telephones add it, may hold anything."""
    assert decode(jpeg(image) + 100 * b"\xff\xda").shape == (32, 64, 3)


@pytest.mark.parametrize("kind", [0xC3, 0xC9, 0xCA])
def test_unusual_jpeg(image: Image.Image, kind: int) -> None:
    """Lossless and arithmetic ones, which cost far more time, reach no decoder."""
    content = jpeg(image).replace(b"\xff\xc0", bytes((0xFF, kind)), 1)
    with pytest.raises(PictureError, match="unusual"):
        decode(content)


def test_limit_of_pixels(image: Image.Image) -> None:
    """The limit can be set lower."""
    with pytest.raises(PictureError, match="megapixels"):
        decode(png(image), 64 * 32 - 1)
    assert decode(png(image), 64 * 32).shape == (32, 64, 3)
