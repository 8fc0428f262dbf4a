"""The shape of the answers: that of CodeProject.AI Server, with one addition.

Shapes follow CodeProject.AI Server 2.9 and its license plate reader 3.4. The addition
is `characters` in each prediction, see docs/recognizer-service.md.
"""

from base64 import b64encode
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

import numpy as np

from . import __version__
from .ctc import ALPHABET
from .reader import Read
from .sessions import Floats
from .worker import Result

MODULE_ID: Final = "ALPR"
MODULE_NAME: Final = "Plate Gate Recognizer"
CHARACTERS_VERSION: Final = 1

type Json = dict[str, Any]


def answer(
    result: Result, request_id: str, round_trip_ms: int, device: str = "CPU"
) -> Json:
    """Return the answer to a picture that was read.

    Args:
        result: What came of it.
        request_id: Tells one answer from another; it means nothing.
        round_trip_ms: From the request's arrival to now, waiting included.
        device: What the networks run on.

    """
    predictions = [_prediction(read, result) for read in result.reads]
    labels = ", ".join(prediction["label"] for prediction in predictions)
    return {
        "success": True,
        "processMs": result.process_ms,
        "inferenceMs": result.inference_ms,
        "predictions": predictions,
        "message": f"Found {labels}" if labels else "No plates found",
        "code": 200,
        **_module(request_id, round_trip_ms, device),
    }


def failure(
    error: str, request_id: str, round_trip_ms: int, device: str = "CPU"
) -> Json:
    """Return the answer to a picture that was not read.

    CodeProject.AI sends it with HTTP status 200; `success` is the only truth.
    """
    return {
        "success": False,
        "error": error,
        "code": 500,
        **_module(request_id, round_trip_ms, device),
    }


def refusal(error: str, code: int) -> Json:
    """Return the answer to a request that was not even looked into."""
    return {"success": False, "error": error, "code": code}


def ping() -> Json:
    """Return the answer to whether anybody is there."""
    major, minor, patch = (int(part) for part in __version__.split("."))
    return {
        "success": True,
        "message": __version__,
        "version": {
            "major": major,
            "minor": minor,
            "patch": patch,
            "preRelease": "",
            "securityUpdate": False,
            "build": 0,
            "file": "",
            "releaseNotes": "",
            "versionNumber": __version__,
            "version": __version__,
        },
        "code": 200,
    }


def models() -> Json:
    """Return the list of models that can be asked for by name: there is none."""
    return {"success": True, "models": [], "code": 200}


def module_status(
    started: datetime, *, read: int, failed: int, found: int, device: str, well: bool
) -> Json:
    """Return the list of modules, of which there is one.

    Args:
        started: Since when it runs.
        read: Pictures that were read since then.
        failed: Pictures that could not be.
        found: Reads in all of them.
        device: What the networks run on.
        well: Whether pictures get read.

    """
    status = {
        "moduleId": MODULE_ID,
        "queue": "alpr_queue",
        "name": MODULE_NAME,
        "version": __version__,
        "started": _iso(started),
        "lastSeen": _iso(datetime.now(UTC)),
        "status": "Started" if well else "Crashed",
        "statusData": {
            "inferenceDevice": device,
            "successfulInferences": read,
            "failedInferences": failed,
            "numInferences": read + failed,
            "numItemsFound": found,
        },
        "requestCount": read + failed,
    }
    return {"success": True, "code": 200, "statuses": [status]}


def pack_characters(characters: Floats) -> Json:
    """Return character likelihoods of shape (steps, 37) as JSON holds them."""
    return {
        "version": CHARACTERS_VERSION,
        "alphabet": ALPHABET,
        "steps": len(characters),
        "probabilities": b64encode(
            np.ascontiguousarray(characters, "<f2").tobytes()
        ).decode(),
    }


def _prediction(read: Read, result: Result) -> Json:
    box = read.box
    return {
        "confidence": round(read.confidence, 4),
        "label": f"Plate: {read.text}",
        "plate": read.text,
        "x_min": _within(box.x_min, result.width),
        "y_min": _within(box.y_min, result.height),
        "x_max": _within(box.x_max, result.width),
        "y_max": _within(box.y_max, result.height),
        "characters": pack_characters(read.characters),
    }


def _within(coordinate: float, size: int) -> int:
    return min(max(round(coordinate), 0), size)


def _module(request_id: str, round_trip_ms: int, device: str) -> Json:
    return {
        "moduleId": MODULE_ID,
        "moduleName": MODULE_NAME,
        "command": "alpr",
        "requestId": request_id,
        "inferenceDevice": device,
        "analysisRoundTripMs": round_trip_ms,
        "processedBy": "localhost",
        "timestampUTC": format_datetime(datetime.now(UTC), usegmt=True),
    }


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
