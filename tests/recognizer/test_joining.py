"""Plates of two lines, and plates that were found in two boxes."""

import numpy as np
import pytest

from plate_gate_recognizer.cascade import Cascade
from plate_gate_recognizer.ctc import ALPHABET, decode, log_likelihood
from plate_gate_recognizer.joining import joined
from plate_gate_recognizer.reader import Read

from .scene import SIZE, pixels, two_lines, yard


def read(
    text: str, box: tuple[float, float, float, float], confidence: float = 0.95
) -> Read:
    """Return a read as the reader gives it; the box is left, top, width and height."""
    x, y, width, height = box
    characters = np.full((2 * len(text), 37), (1 - confidence) / 36, np.float32)
    characters[1::2, 0] = confidence
    columns = [1 + ALPHABET.index(character) for character in text]
    characters[np.arange(0, 2 * len(text), 2), columns] = confidence
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Read(
        text=text,
        confidence=confidence,
        quad=np.array(corners, np.float32),
        characters=characters,
    )


UPPER = read("AB12", (100, 100, 120, 40))
LOWER = read("CDE", (110, 140, 100, 40))


def texts(*reads: Read) -> list[str]:
    """Return what reads make together."""
    return [read.text for read in joined(list(reads))]


@pytest.mark.parametrize("height", [60, 90, 150])
@pytest.mark.parametrize(
    ("upper", "lower"), [("AB12", "CDE"), ("KN18", "RTX"), ("ABC", "1D23")]
)
def test_drawn(cascade: Cascade, upper: str, lower: str, height: int) -> None:
    """A square plate is one read, the upper line first, and lies where it is."""
    plate = two_lines(upper, lower, height)
    scene = yard()
    scene.paste(plate, (400, 300))
    (found,) = cascade.read(pixels(scene))
    assert found.text == upper + lower
    x, y = found.box.center
    assert x == pytest.approx(400 + plate.width / 2, abs=height / 4)
    assert y == pytest.approx(300 + height / 2, abs=height / 4)


def test_likelihoods_tell_the_same(cascade: Cascade) -> None:
    """The likelihoods of both lines are one matrix that spells the whole plate."""
    scene = yard()
    scene.paste(two_lines("AB12", "CDE", 100), (400, 300))
    (found,) = cascade.read(pixels(scene))
    assert decode(found.characters) == (found.text, found.confidence)
    np.testing.assert_allclose(found.characters.sum(axis=1), 1, atol=1e-4)
    likely = log_likelihood(found.characters, "AB12CDE")
    assert likely > -1
    assert log_likelihood(found.characters, "AB12CDF") < likely - 2


def test_two_vehicles(cascade: Cascade) -> None:
    """A car that stands behind another makes no plate of two lines with it."""
    scene = yard(("AB12CDE", 40, (300, 280)), ("KN18RTX", 40, (310, 400)))
    assert scene.size == SIZE
    assert {found.text for found in cascade.read(pixels(scene))} == {
        "AB12CDE",
        "KN18RTX",
    }


def test_stacked() -> None:
    """The order in which they were found makes no difference."""
    assert texts(UPPER, LOWER) == texts(LOWER, UPPER) == ["AB12CDE"]
    (found,) = joined([LOWER, UPPER])
    assert found.box == (100, 100, 220, 180)
    assert not found.whole


def test_same_character_twice() -> None:
    """A line that ends as the next one begins loses none of the two."""
    assert texts(
        read("ABC", (100, 100, 120, 40)), read("C123", (100, 140, 120, 40))
    ) == ["ABCC123"]


def test_side_by_side() -> None:
    """A plate that was parted at its seal is one again."""
    parts = [read("AB", (100, 100, 60, 40)), read("123CD", (175, 102, 150, 40))]
    assert texts(*parts) == ["AB123CD"]


@pytest.mark.parametrize(
    "other",
    [
        read("CDE", (110, 190, 100, 40)),
        read("CDE", (300, 140, 100, 40)),
        read("CDE", (110, 140, 100, 20)),
        read("CDE", (110, 140, 30, 40)),
        read("CDE", (110, 140, 100, 40), 0.7),
        read("C1D", (110, 140, 100, 40)),
        read("CDEFGH", (110, 140, 100, 40)),
        read("E", (110, 140, 40, 40)),
    ],
    ids=["far", "beside", "flat", "narrow", "unsure", "no series", "long", "short"],
)
def test_not_joined(other: Read) -> None:
    """What does not stand or read like the other line of a plate is not joined."""
    assert texts(UPPER, other) == []


def test_not_beside_a_certain_plate() -> None:
    """If there is a plate beyond doubt, what else is there makes no more of them."""
    certain = read("KN18RTX", (500, 300, 160, 40), 0.99)
    assert texts(UPPER, LOWER, certain) == []


def test_a_part_may_be_certain() -> None:
    """The longer line of a plate may look like a plate by itself."""
    parts = [
        read("AB", (100, 100, 80, 40), 0.99),
        read("C1234", (100, 140, 120, 40), 0.99),
    ]
    assert texts(*parts) == ["ABC1234"]
