"""What Plate Gate would know of a frame: the recognizer's answer, taken apart again."""

import json
from time import perf_counter

import numpy as np

from custom_components.plate_gate.models import Frame, PlateRead
from custom_components.plate_gate.recognition.codeproject import (
    load_answer,
    parse_reads,
)
from plate_gate_recognizer.cascade import Cascade
from plate_gate_recognizer.errors import PictureError
from plate_gate_recognizer.picture import decode
from plate_gate_recognizer.wire import answer
from plate_gate_recognizer.worker import Result


def read_frame(cascade: Cascade, jpeg: bytes) -> list[PlateRead]:
    """Read a frame as a lane does, but for the network between the two.

    The answer goes through the wire's format, because it rounds: probabilities to 16
    bits, places to pixels.

    Args:
        cascade: The recognizer.
        jpeg: The frame.

    Returns:
        What was read; nothing if it is no picture.

    """
    try:
        picture = decode(jpeg)
    except PictureError:
        return []
    height, width = np.shape(picture)[:2]
    began = perf_counter()
    reads = cascade.read(picture)
    took = perf_counter() - began
    result = Result(
        reads=reads,
        width=width,
        height=height,
        inference_ms=round(1000 * took),
        process_ms=round(1000 * took),
        waited=0.0,
        took=took,
    )
    body = json.dumps(answer(result, "", 0)).encode()
    frame = Frame(jpeg=jpeg, width=width, height=height, taken=0.0)
    return parse_reads(load_answer(body), frame)
