"""Puts together what stands in two lines, or in two boxes, but is one plate.

Motorcycles and the square plates of many countries have two lines of characters; and a
detector sometimes parts a plate at its seal. Two short texts become one only where they
stand as they would on a plate, have the same height, and make a text that fits a series
(see `formats`): signs and stickers are everywhere.
"""

from collections.abc import Iterator
from itertools import permutations
from typing import Final

import numpy as np

from .ctc import BLANK_STEP, decode
from .formats import is_issued
from .geometry import box_around, size_of
from .ranking import is_certain
from .reader import Read

_PART_LENGTHS: Final = range(2, 6)
_WHOLE_LENGTHS: Final = range(5, 9)
_PART_FROM: Final = 0.8
"""A part that is less confident is rather no text at all."""


def joined(reads: list[Read]) -> list[Read]:
    """Return the plates that two reads of a picture make together.

    There are none beside a certain plate, unless that is a part itself.
    """
    return list(_joined(reads))


def _joined(reads: list[Read]) -> Iterator[Read]:
    """Try all pairs, both ways around."""
    parts = [read for read in reads if _may_be_part(read)]
    certain = [read for read in reads if is_certain(read)]
    for first, second in permutations(parts, 2):
        if any(read is not first and read is not second for read in certain):
            continue
        if _stacked(first, second):
            corners = [*first.quad[:2], *second.quad[2:]]
        elif _side_by_side(first, second):
            corners = [first.quad[0], *second.quad[1:3], first.quad[3]]
        else:
            continue
        # The blank keeps two of the same character apart.
        characters = np.concatenate(
            [first.characters, BLANK_STEP, second.characters], dtype=np.float32
        )
        text, confidence = decode(characters)
        if len(text) in _WHOLE_LENGTHS and is_issued(text) and not text.isdigit():
            yield Read(
                text=text,
                confidence=confidence,
                quad=np.array(corners, np.float32),
                characters=characters,
                whole=False,
            )


def _may_be_part(read: Read) -> bool:
    """Tell whether a read is short and good enough."""
    return (
        read.whole
        and not read.caption
        and len(read.text) in _PART_LENGTHS
        and read.confidence >= _PART_FROM
    )


def _stacked(upper: Read, lower: Read) -> bool:
    """Tell whether two reads stand as the two lines of a plate do."""
    (wide, tall), (wide_too, tall_too) = size_of(upper.quad), size_of(lower.quad)
    above, below = box_around(upper.quad), box_around(lower.quad)
    gap = below.center[1] - above.center[1] - (tall + tall_too) / 2
    return (
        _alike(tall, tall_too, 1.5)
        and _alike(wide, wide_too, 2.5)
        # A detector's boxes have margins, which may overlap.
        and -0.5 < gap / max(tall, tall_too) < 0.5
        and below.center[1] > above.center[1] + 0.5 * max(tall, tall_too)
        # Centered, or flush left.
        and min(abs(above.center[0] - below.center[0]), abs(above.x_min - below.x_min))
        < 0.25 * max(wide, wide_too)
    )


def _side_by_side(left: Read, right: Read) -> bool:
    """Tell whether two reads stand as the two halves of a plate do."""
    (wide, tall), (wide_too, tall_too) = size_of(left.quad), size_of(right.quad)
    here, there = box_around(left.quad), box_around(right.quad)
    gap = there.center[0] - here.center[0] - (wide + wide_too) / 2
    return (
        _alike(tall, tall_too, 1.3)
        and -0.3 < gap / max(tall, tall_too) < 0.8
        and abs(here.center[1] - there.center[1]) < 0.25 * max(tall, tall_too)
    )


def _alike(one: float, other: float, factor: float) -> bool:
    """Tell whether neither length is more than so many times the other."""
    return max(one, other) <= factor * min(one, other)
