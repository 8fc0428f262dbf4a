"""Which of the lines in a picture is the plate, for a reader that does not say so itself.

rapidocr reads all text and says nothing of plates, so whoever takes it for plates writes
such a rule. This one, of the study that the recognizer came from, is simple and was made
for that pipeline: four to nine capital letters and digits with a digit among them, no date,
ordered by confidence times the square root of the height.

The other way is to put its lines in the order in which the recognizer puts its own reads.
"""

from collections.abc import Callable, Sequence
import re
from typing import Final

import numpy as np

from plate_gate_recognizer.geometry import Box
from plate_gate_recognizer.ranking import ranked
from plate_gate_recognizer.reader import Read

type Found = tuple[str, float, Box]
"""Text as it was read, confidence from 0 to 1, place."""
type Rule = Callable[[Sequence[Found]], list[tuple[str, Box]]]
"""From lines to plates, the likeliest first."""

_SHAPE: Final = re.compile(r"(?=.*\d)[A-Z0-9]{4,9}")
_DATE: Final = re.compile(
    r"\d{9}"
    r"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d"
)
_OTHERS: Final = re.compile(r"[^A-Z0-9]")


def simple(lines: Sequence[Found]) -> list[tuple[str, Box]]:
    """Return the lines that look like plates, the clearest and largest first."""
    plates = [
        (confidence * box.height**0.5, text, box)
        for line, confidence, box in lines
        if _SHAPE.fullmatch(text := _normal(line)) and not _DATE.fullmatch(text)
    ]
    plates.sort(key=lambda plate: plate[0], reverse=True)
    return [(text, box) for _, text, box in plates]


def as_ours(lines: Sequence[Found]) -> list[tuple[str, Box]]:
    """Return the lines in the order that the recognizer would put them in."""
    reads = [
        Read(
            text=_normal(line),
            confidence=confidence,
            quad=np.array(
                [
                    (box.x_min, box.y_min),
                    (box.x_max, box.y_min),
                    (box.x_max, box.y_max),
                    (box.x_min, box.y_max),
                ],
                np.float32,
            ),
            characters=np.empty((0, 37), np.float32),
        )
        for line, confidence, box in lines
    ]
    return [(read.text, read.box) for read in ranked(reads)]


def _normal(line: str) -> str:
    """Return the capital letters and digits of a line, small letters made capital."""
    return _OTHERS.sub("", line.upper())
