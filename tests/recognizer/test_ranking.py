"""Which texts look like plates, and in which order they are given."""

import numpy as np
import pytest

from plate_gate_recognizer.ranking import (
    hope,
    is_certain,
    is_possible,
    is_usual,
    ranked,
    weight,
)
from plate_gate_recognizer.reader import Read


def read(
    text: str, confidence: float = 0.95, height: float = 30, *, caption: bool = False
) -> Read:
    """Return a read as the reader gives it."""
    return Read(
        text=text,
        confidence=confidence,
        quad=np.array([[0, 0], [90, 0], [90, height], [0, height]], np.float32),
        characters=np.zeros((1, 37), np.float32),
        caption=caption,
    )


def texts(*reads: Read) -> list[str]:
    """Return what is left of reads, in the order in which it is given."""
    return [read.text for read in ranked(list(reads))]


@pytest.mark.parametrize(
    ("text", "possible", "usual"),
    [
        ("", False, False),
        ("A", False, False),
        ("A1", True, False),
        ("AB12CDE", True, True),
        ("1234", True, True),
        ("WORDS", True, False),
        ("ABCD12345", True, True),
        ("ABCD123456", True, False),
        ("ABCDEF123456", True, False),
        ("ABCDEF1234567", False, False),
        ("123456789", False, False),
        ("20260131", False, False),
        ("31012026", False, False),
        ("20261331", True, True),
        ("AB20260131", True, False),
    ],
)
def test_rules(text: str, possible: bool, usual: bool) -> None:
    """2 to 12 characters can be a plate, 4 to 9 with a digit are usual, clocks not."""
    assert is_possible(text) is possible
    assert is_usual(text) is usual


def test_certain() -> None:
    """Only a usual plate with a letter, read very well, ends the search."""
    assert is_certain(read("AB12CDE", 0.97))
    assert not is_certain(read("AB12CDE", 0.96))
    assert not is_certain(read("AB12", 0.99))
    assert not is_certain(read("123456", 0.99))
    assert not is_certain(read("WORDS", 0.99))


def test_weight() -> None:
    """Confidence, size and the look of a text all count."""
    plate = weight(read("AB12CDE"))
    assert plate > weight(read("AB12CDE", 0.9))
    assert plate > weight(read("AB12CDE", height=20))
    assert plate > weight(read("123456")) > weight(read("1234"))
    assert plate > weight(read("WORDS")) > weight(read("WORDS", 0.8)) > 0
    assert weight(read("A1")) > 0
    assert weight(read("20260131")) == 0


def test_hope() -> None:
    """A second look goes to what may be a plate, plates first."""
    assert hope(read("AB12CDE")) > hope(read("123456")) > hope(read("WORDS")) > 0
    assert hope(read("WORDS", 0.5)) == hope(read("AB")) == 0


def test_best_first() -> None:
    """The likeliest plate comes first; a short one is not lost."""
    assert texts(
        read("A1", 0.99), read("KN18RTX", 0.8), read("AB12CDE", 0.9), read("X")
    ) == ["AB12CDE", "KN18RTX", "A1"]


def test_words_beside_a_plate() -> None:
    """What is written on a car is not a plate if there is one."""
    assert texts(read("TOWING", 0.99), read("AB12CDE", 0.7)) == ["AB12CDE"]


def test_word_alone() -> None:
    """Letters only may be the plate if nothing else is."""
    assert texts(read("TOWING", 0.99), read("AT", 0.6)) == ["TOWING", "AT"]


def test_beside_a_certain_plate() -> None:
    """Beside a certain plate only other good plates count: another car, no scraps."""
    assert texts(
        read("AB12CDE", 0.99), read("KN18RTX", 0.92), read("1I7L", 0.7), read("A1", 1.0)
    ) == ["AB12CDE", "KN18RTX"]


def test_no_plate_in_repr() -> None:
    """A read that ends up in a log line or a traceback tells nothing."""
    assert "AB12CDE" not in repr(read("AB12CDE"))


def test_caption() -> None:
    """A clock is no plate, ends no search and gets no second look."""
    clock = read("AB12CDE", 0.99, caption=True)
    assert weight(clock) == hope(clock) == 0
    assert not is_certain(clock)
    assert texts(clock, read("KN18RTX")) == ["KN18RTX"]


def test_numbers_beside_a_plate() -> None:
    """Beside a well read plate a year or a house number is none; alone it may be."""
    assert texts(read("AB12CDE"), read("2026"), read("333")) == ["AB12CDE"]
    assert texts(read("AB12CDE", 0.8), read("2026")) == ["AB12CDE", "2026"]
    assert texts(read("AB12CDE"), read("123456")) == ["AB12CDE", "123456"]
    assert texts(read("2026"), read("333")) == ["2026", "333"]
