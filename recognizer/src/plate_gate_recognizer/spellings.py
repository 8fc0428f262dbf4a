"""The likeliest ways to read a line, from its character likelihoods.

A beam search over all ways to spell, as connectionist temporal classification adds them
up (Graves and Jaitly, 2014): what begins alike is followed together, and only the most
promising beginnings are followed on.
"""

from collections import defaultdict
from typing import Final

from .ctc import ALPHABET
from .sessions import Floats

_UNLIKELY: Final = 1e-4
"""A character less likely than this at a step is not followed: calibration does not
reach that far down."""


def likeliest(characters: Floats, most: int) -> list[tuple[str, float]]:
    """Return the likeliest texts, the likeliest first.

    Args:
        characters: Likelihoods of shape (steps, 37), see `ctc`.
        most: How many texts to return at most; as many beginnings are followed.

    Returns:
        Texts, the empty one too, each with its likelihood from 0 to 1.

    """
    # Of each beginning: how likely it is with a blank last, and with its own last
    # character last. After a blank, the same character again is a second one.
    beam: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for row in characters.tolist():
        found: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        likely = [
            (ALPHABET[column - 1], likelihood)
            for column, likelihood in enumerate(row)
            if column and likelihood > _UNLIKELY
        ]
        for text, (blank, same) in beam.items():
            found[text][0] += (blank + same) * row[0]
            for character, likelihood in likely:
                if text.endswith(character):
                    found[text][1] += same * likelihood
                    found[text + character][1] += blank * likelihood
                else:
                    found[text + character][1] += (blank + same) * likelihood
        possible = [item for item in found.items() if any(item[1])]
        best = sorted(possible, key=lambda item: sum(item[1]), reverse=True)
        beam = {text: (blank, same) for text, (blank, same) in best[:most]}
    return [(text, blank + same) for text, (blank, same) in beam.items()]
