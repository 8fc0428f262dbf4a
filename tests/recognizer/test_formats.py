"""The series of plates that are issued."""

import pytest

from plate_gate_recognizer.formats import is_issued


@pytest.mark.parametrize(
    "text",
    [
        "AB12CDE",  # United Kingdom
        "AB123CD",  # Slovakia, Italy, France
        "1A23456",  # Czechia
        "1234BCD",  # Spain
        "ABC1234",  # Brazil, many of the United States
        "ABC1D23",  # Brazil since 2018
        "1ABC234",  # California, Belgium
        "AB1C2D",  # Missouri
        "12AB34",  # Portugal
        "ABC12D",  # Sweden, New South Wales
    ],
)
def test_issued(text: str) -> None:
    """Series that many vehicles bear are known."""
    assert is_issued(text)


@pytest.mark.parametrize(
    "text", ["", "A", "12", "UNIQUE", "AB12CDO34", "A1B2C3D4", "AB123C4", "ABCDEFGH"]
)
def test_not_issued(text: str) -> None:
    """Words, and letters and digits as nobody hands them out, are not."""
    assert not is_issued(text)


def test_only_the_places_count() -> None:
    """Which letters and digits they are makes no difference."""
    assert is_issued("ZZ99ZZZ")
    assert is_issued("OO00OOO")
