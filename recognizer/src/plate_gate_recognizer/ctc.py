"""From the reader's classes to the 36 characters of plates, and on to text.

The reader gives one row of likelihoods for each step from left to right, one column
for each of 18,710 characters and the blank before them (connectionist temporal
classification, Graves et al., 2006). Plates need 36 of these.
"""

from typing import Final

import numpy as np

from .sessions import Floats

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The characters of columns 1 to 36; column 0 is the blank."""

_DIGITS: Final = 10


class Fold:
    """Folds the reader's classes: blank and `ALPHABET` stay, the rest becomes blank."""

    def __init__(self, classes: list[str]) -> None:
        """Find the columns that matter.

        Args:
            classes: The character of each column, the blank in column 0.

        """
        column = {character: number for number, character in enumerate(classes)}
        self._upper = [column[c] for c in ALPHABET]
        self._lower = [column[c.lower()] for c in ALPHABET[_DIGITS:]]

    def __call__(self, likelihood: Floats) -> Floats:
        """Fold, and count small letters as capital ones.

        Args:
            likelihood: Of shape (..., steps, classes); the last axis adds up to 1.

        Returns:
            Of shape (..., steps, 37); the last axis adds up to 1 again.

        """
        folded = np.empty((*likelihood.shape[:-1], len(ALPHABET) + 1), np.float32)
        folded[..., 1:] = likelihood[..., self._upper]
        folded[..., 1 + _DIGITS :] += likelihood[..., self._lower]
        folded[..., 0] = np.clip(1 - folded[..., 1:].sum(axis=-1), 0, 1)
        return folded


def decode(characters: Floats) -> tuple[str, float]:
    """Read the likeliest text, taking the likeliest column at each step.

    Args:
        characters: Likelihoods of shape (steps, 37).

    Returns:
        The text, and as confidence from 0 to 1 the mean likelihood of its characters;
        0 if there are none.

    """
    best = characters.argmax(axis=1)
    # A character stretches over several steps; only a blank between makes it two.
    begins = (best > 0) & np.concatenate([[True], best[1:] != best[:-1]])
    if not begins.any():
        return "", 0.0
    text = "".join(ALPHABET[column - 1] for column in best[begins])
    return text, float(characters.max(axis=1)[begins].mean())
