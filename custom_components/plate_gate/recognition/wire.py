"""Understand the answers of CodeProject.AI Server and of what speaks like it.

Shapes were taken from CodeProject.AI Server 2.9 and its license plate reader 3.4. An
answer is taken as a whole or not at all: a field of a wrong type means that something
else is talking, and is better shown to the user than half understood.
"""

from collections.abc import Mapping
import json
import re
from typing import Any, Final

from ..errors import BackendProtocolError, BackendRejectedError, PlateInvalidError
from ..models import Box, Frame, Plate, PlateRead
from .characters import unpack_characters

_LABEL_PREFIX: Final = "Plate:"
_ROUNDING: Final = 0.001
"""How far rounding may carry a confidence beyond 0 or 1."""
_NUMBER_MAX: Final = 1e6
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")


def load_answer(body: bytes) -> Mapping[str, Any]:
    """Take an answer apart that says it succeeded.

    Args:
        body: What the server sent.

    Returns:
        The JSON object.

    Raises:
        BackendProtocolError: It is not a JSON object that tells of success or failure.
        BackendRejectedError: It tells of a failure, which CodeProject.AI Server does
            with HTTP status 200.

    """
    try:
        answer = json.loads(body)
    except ValueError, RecursionError:
        # What the parser complains of quotes the answer, and with it the plate.
        raise BackendProtocolError("The answer is not JSON") from None
    if not isinstance(answer, dict):
        raise BackendProtocolError("The answer is not a JSON object")
    # A server that could not reach a peer of its mesh says so with capital letters.
    success = answer.get("success", answer.get("Success"))
    if not isinstance(success, bool):
        raise BackendProtocolError("The answer does not tell whether it succeeded")
    if not success:
        raise BackendRejectedError("The recognizer could not do what it was asked")
    return answer


def parse_reads(answer: Mapping[str, Any], frame: Frame) -> list[PlateRead]:
    """Find the reads in an answer to a recognition.

    Args:
        answer: What `load_answer` returned.
        frame: What was sent, for the size of the picture.

    Returns:
        The reads in the order of the answer; texts that cannot be plates are left out.

    Raises:
        BackendProtocolError: It is not an answer to a recognition.

    """
    predictions = answer.get("predictions")
    if not isinstance(predictions, list):
        raise BackendProtocolError("The answer has no list of predictions")
    reads = (_read(prediction, frame) for prediction in predictions)
    return [read for read in reads if read is not None]


def parse_version(answer: Mapping[str, Any]) -> str | None:
    """Find the server's version in an answer to a ping, if it is there.

    Args:
        answer: What `load_answer` returned.

    Returns:
        For example `2.9.6`; at most 32 characters that are harmless anywhere.

    """
    version = answer.get("version")
    if isinstance(version, dict):
        version = version.get("version", version.get("versionNumber"))
    if version is None:
        version = answer.get("message")
    if isinstance(version, str) and _VERSION.fullmatch(version):
        return version
    return None


def _read(prediction: object, frame: Frame) -> PlateRead | None:
    """Understand one prediction; None if its text cannot be a plate."""
    if not isinstance(prediction, dict):
        raise BackendProtocolError("A prediction is not a JSON object")
    confidence = _confidence(prediction)
    try:
        plate = Plate(_text(prediction))
    except PlateInvalidError:
        return None
    return PlateRead(
        plate=plate,
        confidence=confidence,
        box=_box(prediction, frame),
        characters=unpack_characters(prediction.get("characters")),
    )


def _text(prediction: Mapping[str, Any]) -> str:
    """Return the text of a plate, or nothing if there is none.

    Old versions send the label only. Without the prefix a label is the name of a class
    of objects, such as `DayPlate` or `car`, and no plate.
    """
    text = prediction.get("plate")
    if text is None:
        label = prediction.get("label", "")
        if isinstance(label, str):
            _, prefix, rest = label.partition(_LABEL_PREFIX)
            return rest if prefix and label.startswith(prefix) else ""
        text = label
    if not isinstance(text, str):
        raise BackendProtocolError("The text of a plate is no text")
    return text


def _confidence(prediction: Mapping[str, Any]) -> float:
    """Return the confidence, from 0 to 1.

    A number far outside, such as a percentage, is refused: cut down to 1 it would turn
    any doubt into certainty.
    """
    confidence = _number(prediction.get("confidence"))
    if confidence is None or not -_ROUNDING <= confidence <= 1 + _ROUNDING:
        raise BackendProtocolError("A confidence is no number from 0 to 1")
    return min(max(confidence, 0.0), 1.0)


def _box(prediction: Mapping[str, Any], frame: Frame) -> Box | None:
    """Return the part of the box inside the frame; None if there is none.

    The box is an extra, so that one which makes no sense counts as absent.
    """
    x_min = _number(prediction.get("x_min"))
    y_min = _number(prediction.get("y_min"))
    x_max = _number(prediction.get("x_max"))
    y_max = _number(prediction.get("y_max"))
    if x_min is None or y_min is None or x_max is None or y_max is None:
        return None
    box = Box(
        max(x_min, 0.0),
        max(y_min, 0.0),
        min(x_max, float(frame.width)),
        min(y_max, float(frame.height)),
    )
    return box if box.x_min < box.x_max and box.y_min < box.y_max else None


def _number(value: object) -> float | None:
    """Return the value if it is a number of a sensible size, and None otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # False for NaN, too.
    return float(value) if abs(value) <= _NUMBER_MAX else None
