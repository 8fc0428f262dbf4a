"""Whom the list holds: the car in front of the camera, others, or a near miss."""

from collections.abc import Sequence
from random import Random
from typing import Final

from custom_components.plate_gate.models import ALPHABET, Plate, Vehicle

LISTED: Final = 100
"""How many vehicles a list holds, the one in front of the camera among them."""

_LOOK_ALIKES: Final = ("0ODQ", "1IL", "8B", "5S", "2Z", "6G", "VY", "MNHW")
"""Those of the reference measurements, see docs/decision.md."""
_DIGITS: Final = ALPHABET[:10]
_LETTERS: Final = ALPHABET[10:]


def vehicle(text: str) -> Vehicle:
    """Return a vehicle that may pass at any time."""
    return Vehicle(vehicle_id=text, label="", plate=Plate(text))


def household(own: str, labels: Sequence[str], random: Random) -> list[Vehicle]:
    """Return a list that holds a plate and 99 others.

    Args:
        own: The plate.
        labels: The plates of all photographs. Where there are too few others, more of
            the same form are made up.
        random: Draws them.

    """
    others = sorted(set(labels) - {own})
    texts = random.sample(others, min(LISTED - 1, len(others)))
    known = {own, *texts}
    while len(known) < LISTED:
        text = _like(random.choice([own, *others]), random)
        if text not in known:
            known.add(text)
            texts.append(text)
    return [vehicle(text) for text in (own, *texts)]


def one_off(text: str) -> list[str]:
    """Return all texts that differ from a text by one character."""
    return [
        text[:place] + other + text[place + 1 :]
        for place, character in enumerate(text)
        for other in ALPHABET
        if other != character
    ]


def look_alikes(text: str) -> list[str]:
    """Return those in which that character looks like the one that it replaces."""
    return [
        text[:place] + other + text[place + 1 :]
        for place, character in enumerate(text)
        for group in _LOOK_ALIKES
        if character in group
        for other in group
        if other != character
    ]


def _like(text: str, random: Random) -> str:
    """Make up a plate with letters and digits where another one has them."""
    return "".join(random.choice(_DIGITS if c.isdigit() else _LETTERS) for c in text)
