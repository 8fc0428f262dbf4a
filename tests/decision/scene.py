"""What a camera and a reader see, made up: plates, probabilities, places."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Final

import numpy as np

from custom_components.plate_gate.models import (
    ALPHABET,
    BLANK,
    Box,
    Characters,
    Decision,
    Plate,
    PlateRead,
    Vehicle,
)

NOON: Final = datetime(2026, 7, 1, 12, tzinfo=UTC)

type Doubts = Mapping[int, Mapping[str, float]]
"""For a place in the text, what the reader thinks of it instead of being sharp."""


def vehicle(
    text: str,
    label: str = "",
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Vehicle:
    """Return a listed vehicle; its id and label follow from its plate."""
    return Vehicle(
        vehicle_id=f"id of {text}",
        label=label or f"Vehicle {len(text)}",
        plate=Plate(text),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def probabilities(
    text: str, *, sharp: float = 0.99, doubts: Doubts | None = None
) -> Characters:
    """Return what a reader gives for a text: a spike per character, blanks between.

    Args:
        text: What is on the plate.
        sharp: The probability of each character in its step.
        doubts: Other probabilities for some places. What is left of 1 is the blank's.

    """
    steps = np.full((3 * len(text) + 2, len(ALPHABET) + 1), 1e-5)
    steps[:, BLANK] = 1
    for place, character in enumerate(text):
        step = steps[3 * place + 2]
        step[BLANK] = 0
        for one, probability in (doubts or {}).get(place, {character: sharp}).items():
            step[ALPHABET.index(one) + 1] = probability
        step[BLANK] = max(1 - step.sum(), 1e-5)
    characters: Characters = (steps / steps.sum(axis=1, keepdims=True)).astype(
        np.float32
    )
    return characters


def read(
    text: str,
    *,
    sharp: float = 0.99,
    doubts: Doubts | None = None,
    box: Box | None = None,
) -> PlateRead:
    """Return a read with probabilities: the likeliest text, and how sure it is."""
    likeliest = {
        place: max(d, key=d.__getitem__) for place, d in (doubts or {}).items()
    }
    seen = [likeliest.get(place, one) for place, one in enumerate(text)]
    sure = [max(d.values()) for d in (doubts or {}).values()]
    sure += [sharp] * (len(text) - len(sure))
    return PlateRead(
        plate=Plate("".join(seen)),
        confidence=sum(sure) / len(sure),
        box=box,
        characters=probabilities(text, sharp=sharp, doubts=doubts),
    )


def plain_read(
    text: str, *, confidence: float = 0.95, box: Box | None = None
) -> PlateRead:
    """Return a read as a backend gives it that knows no probabilities."""
    return PlateRead(plate=Plate(text), confidence=confidence, box=box)


def place(x: float, y: float = 500, width: float = 100) -> Box:
    """Return the box of a plate whose center is at (x, y)."""
    height = width / 4
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def random_text(random: Random, length: int = 7) -> str:
    """Return a plate's text."""
    return "".join(random.choices(ALPHABET, k=length))


def one_off(random: Random, text: str, place: int | None = None) -> str:
    """Return a text that differs by one character."""
    if place is None:
        place = random.randrange(len(text))
    other = random.choice(ALPHABET.replace(text[place], ""))
    return text[:place] + other + text[place + 1 :]


def outcomes(decisions: list[Decision]) -> list[tuple[str, str]]:
    """Return of each decision its outcome and its vehicle's plate."""
    return [
        (d.outcome.value, d.vehicle.plate.reveal() if d.vehicle else "")
        for d in decisions
    ]
