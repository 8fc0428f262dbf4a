"""From the reader's classes to the 36 characters, and on to text."""

from itertools import product

import numpy as np
import pytest

from plate_gate_recognizer.ctc import (
    ALPHABET,
    Fold,
    characters_in,
    decode,
    log_likelihood,
)
from plate_gate_recognizer.sessions import Floats

CLASSES = ["", *"京-·", *ALPHABET, *ALPHABET[10:].lower(), *"ÖößØÉ", " "]


def steps(text: str, likelihood: float = 0.9) -> Floats:
    """Return folded likelihoods in which each step has one favorite; `_` is blank."""
    rows = np.full((len(text), 37), (1 - likelihood) / 36, np.float32)
    for row, character in zip(rows, text, strict=True):
        row[0 if character == "_" else 1 + ALPHABET.index(character)] = likelihood
    return rows


@pytest.fixture
def likelihood() -> Floats:
    """Return what a reader might give: any likelihoods, each step adding up to 1."""
    numbers = np.random.default_rng(5).random((2, 7, len(CLASSES)), np.float32)
    numbers /= numbers.sum(axis=-1, keepdims=True)
    return numbers


def test_fold_adds_up(likelihood: Floats) -> None:
    """No likelihood is lost, and none is less than nothing."""
    folded = Fold(CLASSES)(likelihood)
    assert folded.shape == (2, 7, 37)
    assert folded.dtype == np.float32
    assert folded.min() >= 0
    np.testing.assert_allclose(folded.sum(axis=-1), 1, atol=1e-5)


def test_fold_columns(likelihood: Floats) -> None:
    """Small letters count as capital ones and marks as nothing; the rest is blank."""
    folded = Fold(CLASSES)(likelihood)

    def of(*characters: str) -> Floats:
        return sum(
            (likelihood[..., CLASSES.index(c)] for c in characters),
            start=np.zeros((2, 7), np.float32),
        )

    np.testing.assert_allclose(folded[..., 8], of("7"), atol=1e-6)
    np.testing.assert_allclose(folded[..., 11], of("A", "a"), atol=1e-6)
    np.testing.assert_allclose(folded[..., 36], of("Z", "z"), atol=1e-6)
    o_column = 1 + ALPHABET.index("O")
    expected = of("O", "o", "Ö", "ö", "Ø")
    np.testing.assert_allclose(folded[..., o_column], expected, atol=1e-6)
    e_column = 1 + ALPHABET.index("E")
    np.testing.assert_allclose(folded[..., e_column], of("E", "e", "É"), atol=1e-6)
    blank = of("", "京", "-", "·", "ß", " ")
    np.testing.assert_allclose(folded[..., 0], blank, atol=1e-5)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ("A_B__1", "AB1"),
        ("AAAB11", "AB1"),
        ("A_AB1_1", "AAB11"),
        ("__0Z__", "0Z"),
    ],
)
def test_decode(columns: str, text: str) -> None:
    """A character may last; only a blank between two makes them two."""
    assert decode(steps(columns)) == (text, pytest.approx(0.9))


def test_decode_nothing() -> None:
    """Blanks only are no text, and nothing to be confident of."""
    assert decode(steps("____")) == ("", 0.0)


def test_confidence_is_of_the_characters() -> None:
    """The mean of the characters counts; blanks and lasting steps do not."""
    rows = np.concatenate([steps("A", 0.8), steps("A_", 0.99), steps("7", 0.6)])
    text, confidence = decode(rows)
    assert text == "A7"
    assert confidence == pytest.approx(0.7)


def test_characters() -> None:
    """Each character comes with its likelihood and the steps that it covers."""
    assert characters_in(steps("_AA_B")) == [
        ("A", pytest.approx(0.9), 1, 3),
        ("B", pytest.approx(0.9), 4, 5),
    ]
    assert characters_in(steps("__")) == []


@pytest.mark.parametrize("text", ["A", "AB", "AA", "BAB"])
def test_log_likelihood(text: str) -> None:
    """It is the sum over all ways to spell a text, here all of them one by one."""
    rows = np.random.default_rng(2).random((5, 37), np.float32)
    rows[:, 13:] = 0
    rows /= rows.sum(axis=1, keepdims=True)
    total = 0.0
    for path in product(range(13), repeat=5):
        kept = [
            column
            for column, before in zip(path, (0, *path[:-1]), strict=True)
            if column and column != before
        ]
        if "".join(ALPHABET[column - 1] for column in kept) == text:
            total += float(np.prod([rows[n, column] for n, column in enumerate(path)]))
    assert log_likelihood(rows, text) == pytest.approx(np.log(total), abs=1e-3)


def test_log_likelihood_impossible() -> None:
    """A text that needs more steps than there are cannot be."""
    assert log_likelihood(steps("A"), "AB") == -np.inf
    assert log_likelihood(steps("AB"), "AA") == -np.inf
