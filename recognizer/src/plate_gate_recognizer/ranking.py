"""Which of the texts in a picture look like plates, and which one most of all.

A camera sees shop signs, telephone numbers and its own clock, too. The rules are loose:
a gate compares what is left with a list anyway, and must not lose a plate here.
"""

import re
from typing import Final

from .reader import Read

TEXT_MIN: Final = 2
TEXT_MAX: Final = 12

CERTAIN: Final = 0.97
"""From this confidence on a read is not worth a second look."""

_BESIDE_CERTAIN: Final = 0.9
"""What another plate in the same picture needs when one read is certain, and a plate
for short numbers beside it to count for nothing."""

_USUAL: Final = re.compile(r"(?=.*\d).{4,9}", re.ASCII)
_LETTERS: Final = re.compile(r"[A-Z]{5,8}")
_CLOCK: Final = re.compile(
    # Nine digits and more, or a date: year, month, day, either way around.
    r"\d{9,}"
    r"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d",
    re.ASCII,
)


def is_possible(text: str) -> bool:
    """Tell whether a text can be a plate at all: 2 to 12 characters, no clock."""
    return TEXT_MIN <= len(text) <= TEXT_MAX and not _CLOCK.fullmatch(text)


def is_usual(text: str) -> bool:
    """Tell whether a text looks like most plates: 4 to 9 characters with a digit."""
    return bool(_USUAL.fullmatch(text)) and not _CLOCK.fullmatch(text)


def is_certain(read: Read) -> bool:
    """Tell whether a read is a plate so surely that no more need be looked for.

    Digits alone never are: cameras write date and time into the picture, very legibly.
    """
    return (
        len(read.text) >= 5
        and is_usual(read.text)
        and not read.text.isdigit()
        and not read.caption
        and read.confidence >= CERTAIN
    )


def weight(read: Read) -> float:
    """Return how much a read is the plate of the picture; 0 if it cannot be one.

    Confidence counts most, then how large it stands in the picture. Texts of digits
    only, and of less than five characters, are seldom plates; words of letters only
    are plates now and then; anything else almost never is one.
    """
    text = read.text
    if read.caption or not is_possible(text):
        return 0.0
    weight: float = read.confidence**3 * read.height**0.5
    if is_usual(text):
        if text.isdigit():
            weight *= 0.6
        if len(text) < 5:
            weight *= 0.6
        return weight
    if _LETTERS.fullmatch(text) and read.confidence >= 0.9:
        return weight * 0.3
    return weight * 0.05


def hope(read: Read) -> float:
    """Return how much a read deserves a second look; 0 if it does not."""
    if read.caption:
        return 0.0
    hope: float = read.confidence * read.height**0.5
    if is_usual(read.text):
        return hope * 0.6 if read.text.isdigit() else hope
    if _LETTERS.fullmatch(read.text) and read.confidence >= 0.6:
        return hope * 0.5
    return 0.0


def ranked(reads: list[Read]) -> list[Read]:
    """Return the reads that can be plates, the best first."""
    possible = [read for read in reads if not read.caption and is_possible(read.text)]
    if any(is_certain(read) for read in possible):
        possible = [
            read
            for read in possible
            if is_usual(read.text) and read.confidence >= _BESIDE_CERTAIN
        ]
    elif any(is_usual(read.text) for read in possible):
        # Beside a plate, words are what is written on the car or its plate's frame.
        possible = [read for read in possible if not read.text.isalpha()]
    if any(_is_good(read) for read in possible):
        # And a few digits are a year on a sticker, a house or a fleet's number.
        possible = [read for read in possible if not _is_number(read.text)]
    return sorted(possible, key=weight, reverse=True)


def _is_good(read: Read) -> bool:
    """Tell whether a read is well read and has letters and digits, as most plates."""
    return (
        is_usual(read.text)
        and not read.text.isdigit()
        and read.confidence >= _BESIDE_CERTAIN
    )


def _is_number(text: str) -> bool:
    """Tell whether a text is a short number."""
    return text.isdigit() and len(text) < 5
