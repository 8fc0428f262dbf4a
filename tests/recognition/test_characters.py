"""Tests of unpacking character probabilities."""

from base64 import b64encode

import numpy as np
import pytest

from custom_components.plate_gate.models import ALPHABET, BLANK
from custom_components.plate_gate.recognition.characters import unpack_characters

from .answers import pack, spell


def test_values() -> None:
    """What was packed comes out, as far as float16 goes, each row adding up to 1."""
    sent = spell("KN18RTX")
    taken = unpack_characters(pack(sent))
    assert taken is not None
    assert taken.dtype == np.float32
    np.testing.assert_allclose(taken, sent, atol=1e-3)
    np.testing.assert_allclose(taken.sum(axis=1), 1, atol=1e-6)
    best = taken.argmax(axis=1)
    assert "".join(ALPHABET[c - 1] for c in best if c != BLANK) == "KN18RTX"
    assert not taken.flags.writeable


def test_layout() -> None:
    """The wire is what the recognizer documents: rows of 37 float16, blank first."""
    row = np.zeros(37, "<f2")
    row[1 + ALPHABET.index("A")] = 1
    # 0x3C00 is 1 as float16; little-endian puts 0x00 first.
    assert row.tobytes()[22:24] == b"\x00\x3c"
    taken = unpack_characters(
        {
            "version": 1,
            "alphabet": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "steps": 1,
            "probabilities": b64encode(row.tobytes()).decode(),
        }
    )
    assert taken is not None
    assert taken[0, 11] == 1


@pytest.mark.parametrize("steps", [1, 512])
def test_as_many_steps_as_allowed(steps: int) -> None:
    """From 1 to 512 steps are taken."""
    taken = unpack_characters(pack(np.tile(spell("A")[:1], (steps, 1))))
    assert taken is not None
    assert len(taken) == steps


def _with(value: float) -> np.ndarray:
    characters = spell("AB")
    characters[1, 5] = value
    return characters


@pytest.mark.parametrize(
    "packed",
    [
        None,
        [],
        {},
        "AAAA",
        pack(spell("AB"), version=2),
        pack(spell("AB"), version="1"),
        pack(spell("AB"), alphabet=ALPHABET.lower()),
        pack(spell("AB"), alphabet=None),
        pack(spell("AB"), steps=3),
        pack(spell("AB"), steps=-4),
        pack(spell("AB"), steps=4.0),
        pack(spell("AB"), steps=10**400),
        pack(spell("")),
        pack(np.tile(spell("A")[:1], (513, 1))),
        pack(spell("AB"), probabilities="***"),
        pack(spell("AB"), probabilities="ÄÖÜ="),
        pack(spell("AB"), probabilities=""),
        pack(spell("AB"), probabilities=[0.5]),
        pack(_with(float("nan"))),
        pack(_with(float("inf"))),
        pack(_with(-0.25)),
        pack(_with(1.5)),
        pack(_with(0.5)),
        pack(spell("AB") * 0),
    ],
    ids=lambda packed: str(packed)[:80],
)
def test_what_is_ignored(packed: object) -> None:
    """What is missing, damaged or of another version counts as absent."""
    assert unpack_characters(packed) is None
