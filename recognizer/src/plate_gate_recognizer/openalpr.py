"""The shape of the answers of OpenALPR's web service, version 2, with one addition.

The addition is `characters` in each result, see docs/recognizer-service.md.
"""

from collections.abc import Iterator
from time import time
from typing import Any, Final

from .reader import Read
from .spellings import likeliest
from .wire import Json, pack_characters
from .worker import Result

TOPN: Final = 10
"""How many candidates there are unless the request says otherwise."""
TOPN_MAX: Final = 1000
"""The most that a request may say."""

_CANDIDATES_MAX: Final = 50
"""The most that are given: those further down are less likely than any misreading."""
_LENGTHS: Final = range(2, 13)
"""Of plates."""


def answer(result: Result, topn: int, total_ms: float) -> Json:
    """Return the answer to a picture that was read.

    Args:
        result: What came of it.
        topn: How many candidates each plate may have.
        total_ms: From the request's arrival to now, waiting included.

    """
    plates_ms = round(result.took * 1000, 3)
    return {
        "version": 2,
        "data_type": "alpr_results",
        "epoch_time": round(time() * 1000),
        "img_width": result.width,
        "img_height": result.height,
        "processing_time_ms": plates_ms,
        "regions_of_interest": [],
        "processing_time": {
            "total": round(total_ms, 3),
            "plates": plates_ms,
            "vehicles": 0.0,
        },
        # Nothing is charged, but some clients show it.
        "credit_cost": 0,
        "credits_monthly_used": 0,
        "credits_monthly_total": 0,
        "results": [
            _plate(number, read, topn, plates_ms)
            for number, read in enumerate(result.reads)
        ],
    }


def refusal(error: str) -> Json:
    """Return the answer to a request that came to nothing."""
    return {"error": error}


def _plate(number: int, read: Read, topn: int, plates_ms: float) -> dict[str, Any]:
    return {
        "plate": read.text,
        "confidence": _percent(read.confidence),
        "matches_template": 0,
        "plate_index": number,
        "region": "",
        "region_confidence": 0,
        "processing_time_ms": plates_ms,
        "requested_topn": topn,
        "coordinates": [{"x": round(x), "y": round(y)} for x, y in read.quad.tolist()],
        "candidates": [
            {"plate": text, "confidence": _percent(confidence), "matches_template": 0}
            for text, confidence in candidates(read, topn)
        ],
        "characters": pack_characters(read.characters),
    }


def candidates(read: Read, most: int) -> Iterator[tuple[str, float]]:
    """Return a read and the next likeliest ones, with confidences from 0 to 1.

    A candidate is as much less confident than the read as each of its characters is
    less likely on average. The likelihoods themselves would fall with a plate's length.

    Args:
        read: What was read.
        most: How many to return at most, itself included.

    """
    yield read.text, read.confidence
    # One more, because the read itself is among them.
    texts = dict(likeliest(read.characters, min(most, _CANDIDATES_MAX) + 1))
    own = texts.pop(read.text, 0.0) or max(texts.values(), default=1.0)
    plates = [(text, chance) for text, chance in texts.items() if len(text) in _LENGTHS]
    for text, chance in plates[: min(most, _CANDIDATES_MAX) - 1]:
        ratio = min(chance / own, 1.0) ** (1 / len(text))
        yield text, read.confidence * ratio


def _percent(share: float) -> float:
    return round(share * 100, 4)
