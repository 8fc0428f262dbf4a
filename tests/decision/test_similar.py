"""Plates of a list that are so like another that people should be warned."""

from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.decision.association import edit_distance
from custom_components.plate_gate.decision.similar import similar_plates
from custom_components.plate_gate.models import ALPHABET, Plate

from .scene import vehicle


def similar(text: str, *listed: str) -> list[str]:
    """Return which listed plates are similar to a text."""
    found = similar_plates(Plate(text), [vehicle(one) for one in listed])
    return [v.plate.reveal() for v in found]


@pytest.mark.parametrize(
    "other",
    [
        "AB12CDF",  # another character
        "XB12CDE",
        "AB12CD",  # one less
        "B12CDE",
        "AB12CDEE",  # one more
        "8AB12CDE",
        "AB72CDE",
        "ÄB12CDE",  # no other to our recognizer
        "АВ12CDЖ",  # a letter that no reader of ours knows
    ],
)
def test_one_character_apart(other: str) -> None:
    """One character changed, added or left out is too little to be sure."""
    assert similar("AB12CDE", other, "KN18RTX") == [Plate(other).reveal()]
    assert similar(other, "AB12CDE", "KN18RTX") == ["AB12CDE"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("OO11", "0OI1"), ("B0I2OO", "BO120O"), ("GÖÄ12", "GOA12"), ("BØ10", "B0IO")],
)
def test_look_alikes_in_many_places(one: str, other: str) -> None:
    """O and 0, I and 1, Ö and O are next to no difference, however many there are."""
    assert similar(one, other) == [Plate(other).reveal()]
    assert similar(other, one) == [Plate(one).reveal()]


@pytest.mark.parametrize(
    "other", ["AB12CDE", "ab-12 cde", "AB12CXY", "BA12CDE", "AB12C", "AB12CDEFG"]
)
def test_others_are_not_similar(other: str) -> None:
    """Two characters tell plates apart, and a plate is not similar to itself."""
    assert similar("AB12CDE", other) == []


def test_in_the_order_of_the_list() -> None:
    """All of them are named, as they are listed."""
    listed = ["AB12CDZ", "KN18RTX", "AB12CDE", "AB12CD", "AB12CDA"]
    assert similar("AB12CDE", *listed) == ["AB12CDZ", "AB12CD", "AB12CDA"]


TEXTS = st.text("ABOI01", min_size=2, max_size=5)


@settings(deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=8))
def test_is_what_comparing_each_would_find(text: str, listed: list[str]) -> None:
    """The quick way finds what the slow one does."""
    fold = str.maketrans("OI", "01")
    slow = [
        other
        for other in listed
        if other != text
        and (
            edit_distance(Plate(text), Plate(other)) <= 1
            or other.translate(fold) == text.translate(fold)
        )
    ]
    assert similar(text, *listed) == slow


@pytest.mark.parametrize("alphabet", [ALPHABET, "กขคงจฉชซ0123456789"])
def test_a_hundred_thousand(alphabet: str) -> None:
    """In a very long list each similar plate is found, and nothing else.

    It takes about 0.04 s; comparing the plates one by one would take seconds.
    """
    random = Random(1)
    far = {"".join(random.choices(alphabet, k=9)) for _ in range(100_000)}
    near = {"0IOO1IO", "OI0O1I", "OI0O1I00", "OIXO1I0", "ОI0О1ІÖ", "กI0O1I0"}
    plates = {Plate(text) for text in far | near}
    found = similar_plates(
        Plate("OI0O1I0"), [vehicle(plate.reveal()) for plate in plates]
    )
    assert {v.plate for v in found} == {Plate(text) for text in near}
