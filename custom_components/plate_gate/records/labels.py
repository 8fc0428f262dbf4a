"""The labels of a list: each names one vehicle, and shows nobody's plate."""

from collections.abc import Iterable
from typing import Final

from ..errors import (
    LabelInvalidError,
    LabelListedError,
    LabelShowsPlateError,
    PlateListedError,
)
from ..models import PLATE_MAX, Vehicle
from ..models.plate_text import plate_text

SHORT: Final = 4
"""Plates with fewer characters are found in many a word."""

LABEL_MAX: Final = 64


def clean(label: str) -> str:
    """Return a label without needless spaces.

    Raises:
        LabelInvalidError: Nothing is left, or too much.

    """
    label = " ".join(label.split())
    if not 1 <= len(label) <= LABEL_MAX or not label.isprintable():
        raise LabelInvalidError
    return label


def label_key(label: str) -> str:
    """Return what makes two labels the same."""
    return " ".join(label.split()).casefold()


def check_among(vehicle: Vehicle, others: Iterable[Vehicle]) -> None:
    """Refuse a vehicle that the list cannot take beside the others.

    A plate is shown by a label that holds it in any way of writing, also as a reader
    would write it. There may be very many others, so that little is done for each.

    Raises:
        PlateListedError: Another one has its plate.
        LabelListedError: Another one has its label.
        LabelShowsPlateError: A plate can be read in its label, or its own in another.

    """
    key = label_key(vehicle.label)
    shown = _shown_by(vehicle.label)
    texts = {vehicle.plate.reveal(), vehicle.plate.readable()}
    if not shown.isdisjoint(texts):
        raise LabelShowsPlateError
    plain = vehicle.plate.readable() or vehicle.plate.reveal()
    for other in others:
        plate, label = other.plate, other.label
        if plate == vehicle.plate:
            raise PlateListedError
        if label.casefold() == key:
            raise LabelListedError
        if plate.reveal() in shown or plate.readable() in shown:
            raise LabelShowsPlateError
        if _may_show(label, plain) and not _shown_by(label).isdisjoint(texts):
            raise LabelShowsPlateError


def _shown_by(label: str) -> set[str | None]:
    """Return every text of a plate's length that can be read in a label.

    A short one counts only as a word of its own: "AB" is no part of "Abby's car".
    """
    whole = plate_text(label)
    shown: set[str | None] = {plate_text(word) for word in label.split()}
    for length in range(SHORT, PLATE_MAX + 1):
        shown.update(whole[n : n + length] for n in range(len(whole) - length + 1))
    return shown


def _may_show(label: str, plain: str) -> bool:
    """Tell whether a label has what it takes to show a plate: the cheap question."""
    if not label.isascii():
        return True
    capitals = label.upper()
    return all(character in capitals for character in plain)
