"""Series of plates decide where the reader cannot, and nowhere else."""

import math

import numpy as np
import pytest

from plate_gate_recognizer.ctc import (
    ALPHABET,
    characters_in,
    decode,
    log_likelihood,
    text_of,
)
from plate_gate_recognizer.respell import REACH, respell
from plate_gate_recognizer.sessions import Floats

type Step = dict[str, float]
"""What a character is, or `_` for the blank, and how likely."""


def line(*steps: str | Step) -> Floats:
    """Return likelihoods: a character that is sure, or several; a blank after each."""
    rows = []
    for step in steps:
        for likely in ({step: 0.999} if isinstance(step, str) else step, {"_": 0.999}):
            rest = (1 - sum(likely.values())) / (37 - len(likely))
            row = np.full(37, rest, np.float32)
            for character, likelihood in likely.items():
                row[("_" + ALPHABET).index(character)] = likelihood
            rows.append(row)
    return np.array(rows)


def respelled(characters: Floats) -> str:
    """Return the text that is chosen."""
    return text_of(respell(characters, characters_in(characters)))[0]


def test_letter_in_a_place_of_letters() -> None:
    """Of 0 and O, about equally likely, the one that a series has there is taken."""
    characters = line(*"AB123C", {"0": 0.6, "O": 0.39})
    assert decode(characters)[0] == "AB123C0"
    assert respelled(characters) == "AB123CO"


def test_digits_in_places_of_digits() -> None:
    """Several characters may change at a time, as long as all are in reach."""
    characters = line(*"AB", {"I": 0.55, "1": 0.4}, "C", {"Z": 0.6, "2": 0.35}, "D")
    assert decode(characters)[0] == "ABICZD"
    assert respelled(characters) == "AB1C2D"


def test_confidence_is_of_what_is_returned() -> None:
    """A changed character counts with its own, lower likelihood."""
    characters = line(*"AB123C", {"0": 0.6, "O": 0.39})
    confidence = text_of(respell(characters, characters_in(characters)))[1]
    assert confidence == pytest.approx((6 * 0.999 + 0.39) / 7, abs=1e-3)


def test_crest() -> None:
    """What the reader doubted to be a character at all is dropped if it does not fit."""
    characters = line({"4": 0.6, "_": 0.38}, *"ABC1234")
    assert decode(characters)[0] == "4ABC1234"
    assert respelled(characters) == "ABC1234"


def test_text_that_fits_stays() -> None:
    """A text of some series is never touched, however likely another is."""
    characters = line(*"AB12CD", {"O": 0.5, "0": 0.49})
    assert respelled(characters) == "AB12CDO"


def test_sure_text_stays() -> None:
    """What the reader can tell is not changed to please a series."""
    assert respelled(line(*"AB123C0")) == "AB123C0"
    assert respelled(line(*"AB123C", {"0": 0.88, "O": 0.1})) == "AB123C0"


def test_other_forms_stay() -> None:
    """Only characters of the same form are taken for each other."""
    assert respelled(line(*"AB123C", {"7": 0.5, "K": 0.49})) == "AB123C7"


@pytest.mark.parametrize("text", ["UNIQUE", "GO4IT2X", "123O", "O"])
def test_personal_plates_stay(text: str) -> None:
    """Plates that fit no series, and that the reader is sure of, are not broken."""
    assert respelled(line(*text)) == text


def test_numbers_stay() -> None:
    """A number does not become a plate."""
    characters = line(*"12345", {"0": 0.5, "O": 0.49}, *"78")
    assert respelled(characters) == "12345078"


def test_never_out_of_reach() -> None:
    """Whatever the likelihoods, no text is further behind the best path than `REACH`.

    It is what keeps a changed text from opening a gate that the probabilities do not.
    """
    random = np.random.default_rng(11)
    pairs = ["0O", "1I", "8B", "5S", "2Z", "6G", "0D", "1L"]
    changed = 0
    for _ in range(300):
        steps: list[str | Step] = []
        for _ in range(random.integers(4, 9)):
            if random.random() < 0.5:
                steps.append(random.choice(list(ALPHABET)))
                continue
            one, other = random.permutation(list(random.choice(pairs)))
            likely = random.uniform(0.5, 0.99)
            steps.append({one: likely, other: (1 - likely) * 0.9})
        characters = line(*steps)
        before, after = decode(characters)[0], respelled(characters)
        if before == after:
            continue
        changed += 1
        best = float(np.log(characters.max(axis=1)).sum())
        assert log_likelihood(characters, after) > best - REACH
        assert abs(len(before) - len(after)) <= 1
    assert changed > 10
    assert math.isclose(REACH, 2.0)
