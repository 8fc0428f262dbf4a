"""The whole way from a picture to its plates, with the real networks."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageDraw, ImageFont
import pytest

from demo.plate_drawing import YELLOW, draw_plate
from plate_gate_recognizer.cascade import Cascade
from plate_gate_recognizer.ctc import decode

from .scene import pixels, yard


@pytest.mark.parametrize(
    ("text", "height"),
    [
        ("AB12CDE", 40),
        ("KN18RTX", 24),
        ("7XYZ419", 60),
        ("W843PQF", 18),
        ("B0OK8S5", 48),
    ],
)
def test_plate(cascade: Cascade, text: str, height: int) -> None:
    """A drawn plate is read right, where it is, whatever its size."""
    place = (380, 300)
    read = cascade.read(pixels(yard((text, height, place))))[0]
    assert read.text == text
    assert read.confidence > 0.8
    plate = draw_plate(text, height)
    x, y = read.box.center
    assert x == pytest.approx(place[0] + plate.width / 2, abs=height / 2)
    assert y == pytest.approx(place[1] + height / 2, abs=height / 4)
    assert read.box.width == pytest.approx(plate.width, rel=0.3)


def test_likelihoods_go_with_the_text(cascade: Cascade) -> None:
    """The likelihoods that are handed on are those that the text was read from."""
    read = cascade.read(pixels(yard(("AB12CDE", 40, (380, 300)))))[0]
    assert read.characters.shape[1] == 37
    np.testing.assert_allclose(read.characters.sum(axis=1), 1, atol=1e-4)
    assert decode(read.characters) == (read.text, read.confidence)


def test_two_plates(cascade: Cascade) -> None:
    """Two cars are two reads, also if the first one is certain."""
    picture = pixels(yard(("AB12CDE", 40, (150, 380)), ("KN18RTX", 30, (620, 330))))
    assert {read.text for read in cascade.read(picture)} == {"AB12CDE", "KN18RTX"}


def test_no_plate(cascade: Cascade) -> None:
    """An empty yard has no plates."""
    assert cascade.read(pixels(yard())) == []


def test_noise_is_no_plate(cascade: Cascade) -> None:
    """What a camera sees at night, with no light at all, is not read as a plate."""
    noise = np.random.default_rng(1).integers(0, 40, (270, 480, 3), np.uint8)
    assert cascade.read(noise) == []


def test_words_beside_a_plate(cascade: Cascade) -> None:
    """Of a plate and the name of a firm, the plate is the answer."""
    picture = pixels(yard(("AB12CDE", 40, (380, 330)), ("TOWING", 40, (380, 150))))
    assert [read.text for read in cascade.read(picture)] == ["AB12CDE"]


@pytest.mark.parametrize("clock", ["15:13:09", "2026-01-31", "31.01.2026 15:13"])
def test_clock_beside_a_plate(cascade: Cascade, clock: str) -> None:
    """The clock that a camera writes into its picture is no plate."""
    picture = yard(("AB12CDE", 24, (380, 330)))
    font = ImageFont.load_default(size=26)
    ImageDraw.Draw(picture).text((20, 20), clock, (255, 255, 255), font)
    assert [read.text for read in cascade.read(pixels(picture))] == ["AB12CDE"]


def test_clock_alone(cascade: Cascade) -> None:
    """Also if there is nothing else."""
    picture = yard()
    font = ImageFont.load_default(size=26)
    ImageDraw.Draw(picture).text((20, 20), "15:13:09", (255, 255, 255), font)
    assert cascade.read(pixels(picture)) == []


def test_small_print_beside_a_plate(cascade: Cascade) -> None:
    """Beside a certain plate, what is less than half as tall is not read."""
    near = ("AB12CDE", 60, (380, 330))
    assert [
        read.text
        for read in cascade.read(pixels(yard(near, ("KN18RTX", 20, (60, 330)))))
    ] == ["AB12CDE"]
    assert len(cascade.read(pixels(yard(near, ("KN18RTX", 40, (60, 330)))))) == 2


def test_formats(cascade: Cascade) -> None:
    """Where series of plates decide, the text changes, and nothing else does."""
    picture = yard(("AB1C0D", 16, (380, 300))).resize((480, 270)).resize((960, 540))
    (plain,) = Cascade.load(formats=False).read(pixels(picture))
    assert plain.text == "AB1COD"
    assert decode(plain.characters) == (plain.text, plain.confidence)
    (read,) = cascade.read(pixels(picture))
    assert read.text == "AB1C0D"
    assert read.confidence < plain.confidence
    np.testing.assert_array_equal(read.characters, plain.characters)
    np.testing.assert_array_equal(read.quad, plain.quad)


def test_several_threads(cascade: Cascade) -> None:
    """Several threads use one cascade at a time, and each gets its own answer."""
    names = ["AB12CDE", "KN18RTX", "7XYZ419", "W843PQF"] * 3
    pictures = [pixels(yard((text, 40, (300, 300)))) for text in names]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(cascade.read, pictures))
    assert [[read.text for read in reads] for reads in found] == [[n] for n in names]


def test_seen_from_the_side(cascade: Cascade) -> None:
    """A plate that is turned and tilted is put upright before it is read."""
    picture = yard().rotate(0)
    plate = draw_plate("KN18RTX", 60, YELLOW).convert("RGBA")
    turned = plate.rotate(8, Image.Resampling.BICUBIC, expand=True)
    picture.paste(turned, (350, 250), turned)
    assert cascade.read(pixels(picture))[0].text == "KN18RTX"


def test_hard_to_see(cascade: Cascade) -> None:
    """A blurred plate in the dark takes further looks, and is read."""
    picture = yard(("AB12CDE", 22, (380, 300))).resize((480, 270)).resize((960, 540))
    dark = Image.eval(picture, lambda value: value // 5)
    assert cascade.read(pixels(dark))[0].text == "AB12CDE"


@pytest.mark.parametrize("size", [(16, 16), (4000, 16), (16, 4000)])
def test_odd_pictures(cascade: Cascade, size: tuple[int, int]) -> None:
    """The smallest and the narrowest pictures are looked at without a fault."""
    assert cascade.read(pixels(Image.new("RGB", size, (90, 90, 90)))) == []


def test_plate_fills_the_picture(cascade: Cascade) -> None:
    """A picture of nothing but a plate, as some cameras cut it out, is read."""
    assert cascade.read(pixels(draw_plate("AB12CDE", 120)))[0].text == "AB12CDE"
