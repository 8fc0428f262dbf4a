"""From the reader's classes to the 36 characters of plates, and on to text.

The reader gives one row of likelihoods for each step from left to right, one column
for each of 18,710 characters and the blank before them (connectionist temporal
classification, Graves et al., 2006). Plates need 36 of these.
"""

from itertools import accumulate, pairwise
from typing import Final, NamedTuple
import unicodedata

import numpy as np

from .sessions import Floats

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The characters of columns 1 to 36; column 0 is the blank."""

FLOOR: Final = 1e-6
"""No character is impossible: a reader that says 0 means "less than I can tell"."""

_STROKES: Final = {"Đ": "D", "Ð": "D", "Ø": "O", "Ł": "L"}
"""Letters with a mark that Unicode holds for a part of the letter."""

BLANK_STEP: Final[Floats] = np.eye(1, len(ALPHABET) + 1, dtype=np.float32)
"""A step, of shape (1, 37), that surely shows no character."""


class Fold:
    """Folds the reader's classes: blank and `ALPHABET` stay, the rest becomes blank.

    Small letters count as capital ones, and letters with a mark as those without: an Ö
    that became blank would make GÖ AB 123 the plate of G AB 123, who may be listed.
    """

    def __init__(self, classes: list[str]) -> None:
        """Find the columns that matter.

        Args:
            classes: The character of each column, the blank in column 0.

        """
        columns: dict[str, list[int]] = {}
        for number, character in enumerate(classes):
            columns.setdefault(_bare(character), []).append(number)
        groups = [columns[character] for character in ALPHABET]
        self._columns = [number for group in groups for number in group]
        self._first = [0, *accumulate(len(group) for group in groups[:-1])]

    def __call__(self, likelihood: Floats) -> Floats:
        """Fold, and add up what counts as the same character.

        Args:
            likelihood: Of shape (..., steps, classes); the last axis adds up to 1.

        Returns:
            Of shape (..., steps, 37); the last axis adds up to 1 again.

        """
        folded = np.empty((*likelihood.shape[:-1], len(ALPHABET) + 1), np.float32)
        folded[..., 1:] = np.add.reduceat(
            likelihood[..., self._columns], self._first, axis=-1
        )
        folded[..., 0] = np.clip(1 - folded[..., 1:].sum(axis=-1), 0, 1)
        return folded


def _bare(character: str) -> str:
    """Return a letter as a capital without its mark; anything else as it is."""
    capital = character.upper()
    if len(capital) != 1:  # ß, and what else is more than one letter in capitals
        return character
    return _STROKES.get(capital) or unicodedata.normalize("NFD", capital)[0]


class Character(NamedTuple):
    """A character that was found, and the steps over which it stretches."""

    text: str
    likelihood: float
    """In the step where it begins."""
    begin: int
    end: int
    """The first step that does not belong to it any more."""


def characters_in(characters: Floats) -> list[Character]:
    """Find the characters by taking the likeliest column at each step.

    Args:
        characters: Likelihoods of shape (steps, 37).

    """
    best = characters.argmax(axis=1)
    # A character stretches over several steps; only a blank between makes it two.
    changes = np.flatnonzero(np.diff(best, prepend=-1, append=-1))
    return [
        Character(
            ALPHABET[best[begin] - 1],
            float(characters[begin, best[begin]]),
            int(begin),
            int(end),
        )
        for begin, end in pairwise(changes)
        if best[begin] > 0
    ]


def text_of(found: list[Character]) -> tuple[str, float]:
    """Put characters together.

    Returns:
        The text, and as confidence from 0 to 1 the mean likelihood of its characters;
        0 if there are none.

    """
    if not found:
        return "", 0.0
    text = "".join(character.text for character in found)
    return text, sum(character.likelihood for character in found) / len(found)


def decode(characters: Floats) -> tuple[str, float]:
    """Read the likeliest text, taking the likeliest column at each step.

    Args:
        characters: Likelihoods of shape (steps, 37).

    Returns:
        What `text_of` returns.

    """
    return text_of(characters_in(characters))


def log_likelihood(characters: Floats, text: str) -> float:
    """Return how likely a text is, summed over all paths that leave it.

    Args:
        characters: Likelihoods of shape (steps, 37).
        text: One character of `ALPHABET` and more.

    Returns:
        The natural logarithm; -inf if there are too few steps to show it.

    """
    # Its characters with a blank before, between and after them; `reached` holds the
    # likelihood of all paths that have come to each by the current step (the forward
    # algorithm, section 4.1 of the paper).
    states = np.zeros(2 * len(text) + 1, np.intp)
    states[1::2] = [1 + ALPHABET.index(character) for character in text]
    # Two of the same character need the blank between them to stay two.
    skips = np.where(states[3::2] != states[1:-2:2], 0.0, -np.inf)
    rows = np.log(np.maximum(characters.astype(np.float64), FLOOR))[:, states]
    reached = np.full(len(states), -np.inf)
    reached[:2] = rows[0, :2]
    for row in rows[1:]:
        before = reached
        reached = before.copy()
        reached[1:] = np.logaddexp(reached[1:], before[:-1])
        reached[3::2] = np.logaddexp(reached[3::2], before[1:-2:2] + skips)
        reached += row
    return float(np.logaddexp(reached[-1], reached[-2]))
