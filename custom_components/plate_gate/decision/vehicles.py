"""The allowlist as the decision looks it up: by text, and by what a text is made of."""

from collections.abc import Iterable, Mapping
from typing import Final, override

import numpy as np
from numpy.typing import NDArray

from ..models import ALPHABET, Plate, Vehicle
from .likelihood import Bounds, columns_of

_FOLD: Final = str.maketrans("OI", "01")

PLAUSIBLE_MAX: Final = 500
"""How many plates a read is compared with at most; about 10 ms.

Only a list of numbers that are all alike and a bad read come to more.
"""


def folded(plate: Plate) -> str:
    """Return the text with look-alikes made the same: O is 0, I is 1."""
    return plate.reveal().translate(_FOLD)


class VehicleIndex:
    """The vehicles of a list at one moment. It does not change: make a new one."""

    __slots__ = (
        "_by_text",
        "_columns",
        "_counts",
        "_lengths",
        "_masks",
        "_vehicles",
        "by_id",
    )

    by_id: Mapping[str, Vehicle]

    def __init__(self, vehicles: Iterable[Vehicle]) -> None:
        """Index the vehicles; 0.2 s for 100,000."""
        self._vehicles = tuple(vehicles)
        self.by_id = {vehicle.vehicle_id: vehicle for vehicle in self._vehicles}
        self._by_text: dict[str, list[Vehicle]] = {}
        for vehicle in self._vehicles:
            self._by_text.setdefault(folded(vehicle.plate), []).append(vehicle)
        self._columns = columns_of([vehicle.plate for vehicle in self._vehicles])
        self._counts = _counts(self._columns)
        self._lengths = self._counts.sum(axis=0, dtype=np.int8)
        self._masks = _masks(self._counts)

    def __len__(self) -> int:
        """Return how many vehicles there are."""
        return len(self._vehicles)

    @override
    def __repr__(self) -> str:
        """Show how many vehicles there are, and nothing of them."""
        return f"VehicleIndex({len(self)} vehicles)"

    def exact(self, plate: Plate) -> list[Vehicle]:
        """Return the vehicles with this plate."""
        return [v for v in self._by_text.get(folded(plate), ()) if v.plate == plate]

    def look_alikes(self, plate: Plate) -> list[Vehicle]:
        """Return the vehicles with this plate if O is 0 and I is 1, not the exact."""
        return [v for v in self._by_text.get(folded(plate), ()) if v.plate != plate]

    def plausible(
        self, plate: Plate, *, bounds: Bounds, shortest: int, distance: int
    ) -> tuple[list[Vehicle], NDArray[np.int8]]:
        """Return the vehicles whose likelihood is worth computing.

        Args:
            plate: The text that was read.
            bounds: What the plate has to be made of; this alone leaves out nothing
                that could fit.
            shortest: The fewest characters of the plate.
            distance: How many characters it may have more and fewer than the text,
                together; their order does not matter.

        Returns:
            The vehicles, at most 500 of them and the nearest if there are more, and
            their plates as columns in the shape (vehicles, 12).

        """
        rows = np.flatnonzero(
            ((self._masks & np.uint64(bounds.allowed)) == self._masks)
            & ((self._masks & np.uint64(bounds.required)) == bounds.required)
            & (self._lengths >= shortest)
        )
        text = columns_of([plate])
        counts = _counts(text)[:, 0]
        shared = np.zeros(len(rows), dtype=np.int8)
        for character in np.flatnonzero(counts):
            shared += np.minimum(self._counts[character][rows], counts[character])
        length = counts.sum(dtype=np.int8)
        rows = rows[self._lengths[rows] + length - 2 * shared <= distance]
        if len(rows) > PLAUSIBLE_MAX:
            # Numbers that are all alike are mostly anagrams of one another.
            in_place = (self._columns[rows] == text).sum(axis=1)
            rows = rows[np.argsort(-in_place, kind="stable")[:PLAUSIBLE_MAX]]
        return [self._vehicles[row] for row in rows.tolist()], self._columns[rows]


def _counts(columns: NDArray[np.int8]) -> NDArray[np.int8]:
    """Count how often each plate holds each character: shape (36, plates)."""
    counts = np.zeros((len(ALPHABET) + 1, len(columns)), dtype=np.int8)
    each = np.arange(len(columns))
    for place in columns.T:
        counts[np.maximum(place, 0), each] += 1
    return counts[1:]


def _masks(counts: NDArray[np.int8]) -> NDArray[np.uint64]:
    """Write the characters of each plate as bits, in the order of the columns."""
    masks = np.zeros(counts.shape[1], dtype=np.uint64)
    for column, count in enumerate(counts, start=1):
        masks |= (count > 0).astype(np.uint64) << np.uint64(column)
    return masks
