"""Plates and reads, made up: what a list holds and what a reader says of it."""

from collections.abc import Sequence
from random import Random
from string import ascii_uppercase, digits
from typing import Final

import numpy as np

from custom_components.plate_gate.models import (
    ALPHABET,
    BLANK,
    Box,
    Characters,
    Plate,
    PlateRead,
    Vehicle,
)

STEPS: Final = 40
"""In a read of the recognizer: as many as its network has for a plate."""

_PATTERNS: Final = ("AA00AAA", "AAA0000", "AA000AA", "0000AAA", "AAAA0000", "A000AAA")
"""How plates of some countries are made: letters for A, digits for 0."""

_DOUBTFUL: Final = 0.4
"""Share of the reads in which one character or two are not sure."""

_LIKE: Final = {"0": "OQD8", "1": "I7L", "8": "B03", "5": "S6", "2": "Z7"}
"""What such a character is taken for."""

_NOISE: Final = 1e-5
_SHARP: Final = 0.995


def plate_text(random: Random) -> str:
    """Return the text of a plate of one of several countries."""
    pattern = random.choice(_PATTERNS)
    return "".join(
        random.choice(ascii_uppercase if c == "A" else digits) for c in pattern
    )


def plate_texts(random: Random, count: int) -> list[str]:
    """Return that many different ones."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[plate_text(random)] = None
    return list(found)


def numbered_texts(count: int) -> list[str]:
    """Return plates that differ by their number only, as a fleet's might."""
    return [f"AB{number:06}" for number in range(count)]


def vehicles(texts: Sequence[str]) -> list[Vehicle]:
    """Put plates on a list."""
    return [
        Vehicle(vehicle_id=f"vehicle {number}", label=f"No {number}", plate=Plate(text))
        for number, text in enumerate(texts)
    ]


def read(random: Random, text: str, box: Box | None = None) -> PlateRead:
    """Return what a reader says of a plate: mostly sure, sometimes of two minds."""
    doubts = random.choice((1, 1, 2)) if random.random() < _DOUBTFUL else 0
    places = set(random.sample(range(len(text)), doubts))
    steps = _empty()
    sure = []
    for place, character in enumerate(text):
        step = steps[_step_of(place, text)]
        share = random.uniform(0.4, 0.95) if place in places else _SHARP
        other = random.choice(_LIKE.get(character, ALPHABET))
        step[:] = _NOISE
        step[ALPHABET.index(other) + 1] += (1 - share) * 0.9
        step[ALPHABET.index(character) + 1] += share
        sure.append(share)
    return _read(text, steps, sum(sure) / len(sure), box)


def clear_read(text: str, box: Box | None = None) -> PlateRead:
    """Return what a reader says of a plate that it is sure of."""
    steps = _empty()
    for place, character in enumerate(text):
        step = steps[_step_of(place, text)]
        step[:] = _NOISE
        step[ALPHABET.index(character) + 1] = 1
    return _read(text, steps, _SHARP, box)


def poor_read(random: Random, text: str) -> PlateRead:
    """Return what a reader says of a plate of which it can hardly tell anything."""
    steps = _empty()
    for place, character in enumerate(text):
        step = steps[_step_of(place, text)]
        step[:] = 1e-3
        step[ALPHABET.index(character) + 1] += 0.5
        for other in random.sample(range(1, len(ALPHABET) + 1), 6):
            step[other] += 0.1
    return _read(text, steps, 0.6, None)


def _empty() -> Characters:
    steps = np.full((STEPS, len(ALPHABET) + 1), _NOISE, np.float32)
    steps[:, BLANK] = 1
    return steps


def _step_of(place: int, text: str) -> int:
    """Return in which step a character is shown: they are spread over the width."""
    return 2 + place * (STEPS - 4) // len(text)


def _read(
    text: str, steps: Characters, confidence: float, box: Box | None
) -> PlateRead:
    steps /= steps.sum(axis=1, keepdims=True)
    return PlateRead(
        plate=Plate(text), confidence=confidence, box=box, characters=steps
    )
