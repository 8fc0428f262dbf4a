"""Answers of CodeProject.AI Server to try things on, and what must not leak."""

from base64 import b64encode
import json
from pathlib import Path
import traceback
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.plate_gate.errors import BackendError
from custom_components.plate_gate.models import ALPHABET

_FIXTURES = Path(__file__).parent / "fixtures"


def fixture_bytes(name: str) -> bytes:
    """Return an answer as it comes over the wire."""
    return (_FIXTURES / f"{name}.json").read_bytes()


def fixture(name: str) -> dict[str, Any]:
    """Return an answer taken apart, to be changed at will."""
    answer: dict[str, Any] = json.loads(fixture_bytes(name))
    return answer


def spell(text: str) -> NDArray[np.float32]:
    """Return character probabilities that spell a text, a blank after each character.

    Returns:
        Shape (2 * characters, 37); each row has 0.9 in one place and adds up to 1.

    """
    rows = np.full((2 * len(text), len(ALPHABET) + 1), 0.1 / 36, np.float32)
    for place, character in enumerate(text):
        rows[2 * place, 1 + ALPHABET.index(character)] = 0.9
        rows[2 * place + 1, 0] = 0.9
    return rows


def pack(characters: NDArray[np.float32], **changes: object) -> dict[str, Any]:
    """Return character probabilities as our recognizer sends them."""
    return {
        "version": 1,
        "alphabet": ALPHABET,
        "steps": len(characters),
        "probabilities": b64encode(characters.astype("<f2").tobytes()).decode(),
    } | changes


def assert_silent(error: BackendError, *secrets: str) -> None:
    """Assert that nothing of an error, as it may be logged, tells a secret."""
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)
    assert str(error), "an error has words"
    for secret in secrets:
        assert secret not in told
