"""Unpack the character probabilities that our own recognizer sends beside the text.

They are an extension of CodeProject.AI's answer: a prediction may carry

    "characters": {
        "version": 1,
        "alphabet": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "steps": 24,
        "probabilities": "…"
    }

where the probabilities are Base64 of little-endian float16 numbers, `steps` rows of 37,
column 0 being the blank.
"""

from base64 import b64decode
from typing import Final

import numpy as np

from ..models import ALPHABET, Characters

VERSION: Final = 1
STEPS_MAX: Final = 512

_COLUMNS: Final = len(ALPHABET) + 1
_NUMBER: Final = np.dtype("<f2")
_TOLERANCE: Final = 0.02
"""How far a row may be from adding up to 1; float16 alone is good to 0.002."""


def unpack_characters(packed: object) -> Characters | None:
    """Unpack the character probabilities of one read.

    They are an extra: whatever is missing, damaged or of another version counts as
    absent, so that the text is used all the same.

    Args:
        packed: The value of `characters`, as it came out of the JSON.

    Returns:
        Probabilities from 0 to 1 of shape (steps, 37), or None.

    """
    match packed:
        case {
            "version": int(version),
            "alphabet": str(alphabet),
            "steps": int(steps),
            "probabilities": str(probabilities),
        }:
            pass
        case _:
            return None
    if version != VERSION or alphabet != ALPHABET or not 1 <= steps <= STEPS_MAX:
        return None
    try:
        raw = b64decode(probabilities, validate=True)
    except ValueError:
        return None
    if len(raw) != steps * _COLUMNS * _NUMBER.itemsize:
        return None
    characters: Characters = (
        np.frombuffer(raw, _NUMBER).reshape(steps, _COLUMNS).astype(np.float32)
    )
    # A comparison with NaN is false, so this refuses it too.
    if not np.all((characters >= 0) & (characters <= 1)):
        return None
    sums = characters.sum(axis=1, keepdims=True)
    if not np.all(np.abs(sums - 1) <= _TOLERANCE):
        return None
    characters /= sums
    characters.flags.writeable = False
    return characters
