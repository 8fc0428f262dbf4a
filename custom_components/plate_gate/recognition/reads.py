"""Make reads of what a server says, whichever system it is.

An answer is taken as a whole or not at all: a field of a wrong type means that something
else is talking, and is better shown to the user than half understood. Only what is an
extra, such as the box, is left out if it makes no sense.
"""

from collections.abc import Iterable, Mapping
import json
import re
from typing import Any, Final

from ..errors import BackendProtocolError, PlateInvalidError
from ..models import Box, Characters, Frame, Plate, PlateRead

RESULTS_MAX: Final = 64
"""More plates are in no picture, so an answer that tells of more is not one."""

_TEXT_MAX: Final = 64
"""Longer texts are no plates, and not worth the time to look into them."""
_UNREAD: Final = frozenset("?*#")
"""What programs write for a character that they could not read."""
_NUMBER_MAX: Final = 1e6
_ROUNDING: Final = 0.001
"""How far rounding may carry a confidence from 0 to 1 beyond either."""
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")

type Json = Mapping[str, Any]


def load_object(body: bytes, *, fold: bool = False) -> Json:
    """Take an answer apart.

    Args:
        body: What the server sent, in UTF-8. A byte order mark does no harm, and a name
            may be there twice if both say the same.
        fold: Whether to write all names in small letters, where case does not matter.

    Returns:
        The JSON object.

    Raises:
        BackendProtocolError: It is not one.

    """
    try:
        answer = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_folded if fold else _object
        )
    except ValueError, RecursionError:
        # What the parser complains of quotes the answer, and with it the plate.
        raise BackendProtocolError("The answer is not JSON") from None
    return check_object(answer)


def check_object(value: object) -> Json:
    """Return the value if it is a JSON object.

    Raises:
        BackendProtocolError: It is not.

    """
    if not isinstance(value, dict):
        raise BackendProtocolError("Something else is where a JSON object is due")
    return value


def check_list(value: object, length_max: int = RESULTS_MAX) -> list[Any]:
    """Return the value if it is a list that is not too long.

    A list that is missing is not an empty one: only the latter says "no plate".

    Raises:
        BackendProtocolError: It is not.

    """
    if not isinstance(value, list):
        raise BackendProtocolError("The answer has no list of results")
    if len(value) > length_max:
        raise BackendProtocolError("The answer has too many results")
    return value


def check_text(value: object) -> str:
    """Return the value if it is a text.

    Raises:
        BackendProtocolError: It is not.

    """
    if not isinstance(value, str):
        raise BackendProtocolError("The text of a plate is no text")
    return value


def check_confidence(value: object, certain: float = 1.0) -> float:
    """Return a confidence.

    A number far outside, such as a percentage where 1 means certain, is refused: cut
    down to 1 it would turn any doubt into certainty.

    Args:
        value: What was sent.
        certain: The number that means certain; 0 means the opposite.

    Returns:
        From 0 to 1.

    Raises:
        BackendProtocolError: It is not from 0 to `certain`.

    """
    number = to_number(value)
    if number is None or not -_ROUNDING <= number / certain <= 1 + _ROUNDING:
        raise BackendProtocolError("A confidence is out of its range")
    return min(max(number / certain, 0.0), 1.0)


def make_read(
    text: str,
    confidence: float,
    box: Box | None,
    characters: Characters | None = None,
) -> PlateRead | None:
    """Make a read, or nothing of a text that cannot be a plate.

    Args:
        text: As it was sent: case, spaces and dashes do not matter. With a mark for a
            character that could not be read it is no plate: less it would be another.
        confidence: From 0 to 1.
        box: Inside the frame.
        characters: If the recognizer sends them.

    """
    if len(text) > _TEXT_MAX or not _UNREAD.isdisjoint(text):
        return None
    try:
        plate = Plate(text)
    except PlateInvalidError:
        return None
    return PlateRead(plate=plate, confidence=confidence, box=box, characters=characters)


def one_for_each_place(reads: Iterable[PlateRead | None]) -> list[PlateRead]:
    """Return the reads, and of those that stand nobody knows where the surest one.

    Two texts without a place may be two vehicles, or two guesses at one plate. A guess
    that comes second must not open a gate beside the first, so it is dropped.

    Args:
        reads: In the order of the answer; None of what cannot be a plate.

    """
    found = [read for read in reads if read is not None]
    unplaced = [read for read in found if read.box is None]
    surest = max(unplaced, key=lambda read: read.confidence, default=None)
    return [read for read in found if read.box is not None or read is surest]


def make_box(
    x_min: object, y_min: object, x_max: object, y_max: object, frame: Frame
) -> Box | None:
    """Return the part of a box that is inside the frame; None if there is none.

    The box is an extra, so that one which makes no sense counts as absent.

    Args:
        x_min: Pixels from the left of the picture that was sent; others likewise.
        y_min: From its top.
        x_max: From its left.
        y_max: From its top.
        frame: What was sent.

    """
    left, top = to_number(x_min), to_number(y_min)
    right, bottom = to_number(x_max), to_number(y_max)
    if left is None or top is None or right is None or bottom is None:
        return None
    box = Box(
        max(left, 0.0),
        max(top, 0.0),
        min(right, float(frame.width)),
        min(bottom, float(frame.height)),
    )
    return box if box.x_min < box.x_max and box.y_min < box.y_max else None


def to_number(value: object) -> float | None:
    """Return the value if it is a number of a sensible size, and None otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # False for NaN, too.
    return float(value) if abs(value) <= _NUMBER_MAX else None


def to_version(value: object) -> str | None:
    """Return a version such as `2.9.6`: at most 32 characters, harmless anywhere."""
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return value
    return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object that does not contradict itself.

    Some programs write a name twice, with the same value. If the values differ, there
    is no telling which of them is meant.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise ValueError
    return found


def _folded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object with names in small letters."""
    return _object([(name.lower(), value) for name, value in pairs])
