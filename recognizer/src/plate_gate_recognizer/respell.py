"""Chooses the text of a plate where the reader cannot tell O from 0 or I from 1.

The reader knows no plates, and on most of them these characters have the same form. Of
the spellings that it holds for about equally likely, one that fits a series that is
issued (see `formats`) is taken. It also sees through a crest or a sticker that the
reader itself doubted to be a character.

This never goes further than `REACH`, for all changes to a text together, and never
touches a text that fits a series already. The character probabilities stay as they are:
whoever decides by them decides the same with and without.
"""

from collections.abc import Iterator
from itertools import product
import math
from typing import Final

import numpy as np

from .ctc import ALPHABET, FLOOR, Character, log_likelihood
from .formats import is_issued
from .sessions import Floats

REACH: Final = 2.0
"""How much less likely than the best path a spelling may be, in natural logarithm.

Plate Gate's decision accepts a listed plate within 2 (its `Policy.relative`), so no
plate can open a gate through its text that could not through its probabilities.
"""
_NOISE: Final = -12.0
"""Nor less likely than this, as for the decision (`Policy.likelihood`)."""
_CHANGES_MAX: Final = 3
_ALIKE: Final = ("0ODQ", "1IL", "8B", "5S", "2Z", "6G")
"""Characters that have the same form on some plates."""
_LOOK_ALIKES: Final = {
    character: group.replace(character, "") for group in _ALIKE for character in group
}
_LENGTH: Final = range(4, 10)


def respell(characters: Floats, found: list[Character]) -> list[Character]:
    """Return the spelling of a plate that fits a series, if there is one in reach.

    Args:
        characters: Likelihoods of shape (steps, 37).
        found: What `ctc.characters_in` found in them.

    Returns:
        The same characters, or others of the same form, or one less; with the
        likelihoods of those that are returned.

    """
    text = "".join(character.text for character in found)
    # Numbers are captions rather than plates with their letters misread.
    if len(text) not in _LENGTH or text.isdigit() or is_issued(text):
        return found
    candidates = [
        candidate
        for candidate in _alternatives(characters, found)
        if is_issued("".join(character.text for character in candidate))
    ]
    if not candidates:
        return found
    floor = max(_best_path(characters) - REACH, _NOISE)
    scores = [
        log_likelihood(characters, "".join(character.text for character in candidate))
        for candidate in candidates
    ]
    score, best = max(zip(scores, candidates, strict=True), key=lambda pair: pair[0])
    return best if score > floor else found


def _alternatives(
    characters: Floats, found: list[Character]
) -> Iterator[list[Character]]:
    """Vary up to three characters; at most one of them is dropped."""
    options = [list(_options(characters, character)) for character in found]
    for chosen in product(*options):
        kept = [character for character in chosen if character is not None]
        changes = sum(
            one is not other for one, other in zip(chosen, found, strict=True)
        )
        if 1 <= changes <= _CHANGES_MAX and len(kept) >= len(found) - 1:
            yield kept


def _options(characters: Floats, character: Character) -> Iterator[Character | None]:
    """Return a character, those that it may be instead, and None if it may be none."""
    yield character
    steps = characters[character.begin : character.end]
    for other in _LOOK_ALIKES.get(character.text, ""):
        likelihood = float(steps[:, 1 + ALPHABET.index(other)].max())
        if likelihood > _LEAST:
            yield character._replace(text=other, likelihood=likelihood)
    if float(steps[:, 0].min()) > _LEAST:
        yield None


_LEAST: Final = 0.5 * math.exp(-REACH)
"""What is less likely in each of its steps cannot be in reach; a first, quick sieve."""


def _best_path(characters: Floats) -> float:
    """Return the log likelihood of the best path."""
    return float(np.log(np.maximum(characters.max(axis=1), FLOOR)).sum())
