"""The likeliest ways to read a line."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from plate_gate_recognizer.ctc import ALPHABET
from plate_gate_recognizer.sessions import Floats
from plate_gate_recognizer.spellings import likeliest


def line(*steps: dict[str, float]) -> Floats:
    """Return likelihoods in which the blank has what the characters leave."""
    characters = np.zeros((len(steps), 37), np.float32)
    for row, step in zip(characters, steps, strict=True):
        for character, likelihood in step.items():
            row[1 + ALPHABET.index(character)] = likelihood
        row[0] = 1 - sum(step.values())
    return characters


def every_way(characters: Floats) -> Counter[str]:
    """Add up the likelihoods of all ways to spell each text, one by one."""
    texts: Counter[str] = Counter()
    columns = [np.flatnonzero(row > 0) for row in characters]
    for path in product(*columns):
        chance = float(
            np.prod([row[c] for row, c in zip(characters, path, strict=True)])
        )
        text, last = "", 0
        for column in path:
            if column and column != last:
                text += ALPHABET[column - 1]
            last = column
        texts[text] += chance  # type: ignore[assignment]
    return texts


@pytest.mark.parametrize("seed", range(20))
def test_all_ways(seed: int) -> None:
    """With a beam as wide as there are texts it finds each one's exact likelihood."""
    random = np.random.default_rng(seed)
    steps = [
        dict(zip("A0B", random.dirichlet([1, 1, 1, 1])[:3], strict=True))
        for _ in range(5)
    ]
    characters = line(*steps)
    expected = every_way(characters).most_common()
    found = likeliest(characters, 5000)
    assert found[0][0] == expected[0][0]
    assert dict(found) == pytest.approx(dict(expected), abs=1e-3)


def test_double_letter() -> None:
    """The same character twice needs a blank between."""
    once = likeliest(line({"A": 0.9}, {"A": 0.9}), 3)
    twice = likeliest(line({"A": 0.9}, {}, {"A": 0.9}), 3)
    assert once[0][0] == "A"
    assert twice[0][0] == "AA"


def test_beam() -> None:
    """No more are returned than were asked for, the likeliest first."""
    found = likeliest(line({"O": 0.6, "0": 0.3}, {}, {"1": 0.5, "I": 0.4}), 3)
    assert [text for text, _ in found] == ["O1", "OI", "01"]
    assert [chance for _, chance in found] == pytest.approx([0.3, 0.24, 0.15])


def test_nothing() -> None:
    """Where there is only blank, the empty text is certain."""
    assert likeliest(line({}, {}), 5) == [("", 1.0)]
