"""The allowlist as the decision looks it up: by text, and by what a text is made of."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import compress
from typing import Final, NamedTuple, Self, override

import numpy as np
from numpy.typing import NDArray

from ..models import ALPHABET, Plate, Vehicle
from .likelihood import Bounds, columns_of

_FOLD: Final = str.maketrans("OI", "01")

PLAUSIBLE_MAX: Final = 500
"""How many plates a read is compared with at most; about 10 ms.

Only a list of numbers that are all alike and a bad read come to more.
"""


def folded(text: str) -> str:
    """Return a text with look-alikes made the same: O is 0, I is 1."""
    return text.translate(_FOLD)


def texts_of(plate: Plate) -> set[str]:
    """Return what an exact read of a plate may say: its text, and GO for GÖ.

    Many readers, ours among them, know no letters but A to Z. One that says GÖ does,
    so that its GÖ is no GO.
    """
    text = plate.reveal()
    return {text} if text.isascii() else {text, plate.readable() or text}


class _Table(NamedTuple):
    """What plates are made of, each with its own row or, in `counts`, its column."""

    columns: NDArray[np.int8]
    """As `columns_of` writes them: shape (plates, 12)."""
    counts: NDArray[np.int8]
    """How often each plate holds each character: shape (36, plates)."""
    lengths: NDArray[np.int8]
    """How many characters each has: shape (plates,)."""
    masks: NDArray[np.uint64]
    """Which characters each holds, as bits in the order of the columns."""

    @classmethod
    def of(cls, plates: Sequence[Plate]) -> Self:
        """Take plates apart."""
        columns = columns_of(plates)
        counts = _counts(columns)
        return cls(columns, counts, counts.sum(axis=0, dtype=np.int8), _masks(counts))

    def changed(self, stays: NDArray[np.bool_], new: Sequence[Plate]) -> Self:
        """Return it with some of the plates only, and with others at the end."""
        added = self.of(new)
        return type(self)(
            np.concatenate((self.columns[stays], added.columns)),
            np.concatenate((self.counts[:, stays], added.counts), axis=1),
            np.concatenate((self.lengths[stays], added.lengths)),
            np.concatenate((self.masks[stays], added.masks)),
        )


class VehicleIndex:
    """The vehicles of a list at one moment. It does not change: make a new one."""

    __slots__ = ("_by_text", "_table", "_vehicles", "by_id")

    by_id: Mapping[str, Vehicle]

    def __init__(self, vehicles: Iterable[Vehicle]) -> None:
        """Index the vehicles.

        100,000 take 0.2 s, which is better spent in another thread.
        """
        self._vehicles = tuple(vehicles)
        self._by_text: dict[str, tuple[Vehicle, ...]] = {}
        self._enter(self._vehicles)
        self._table = _Table.of([vehicle.plate for vehicle in self._vehicles])
        self.by_id = {vehicle.vehicle_id: vehicle for vehicle in self._vehicles}

    def changed(self, vehicles: Iterable[Vehicle]) -> VehicleIndex:
        """Return the index of a list that differs in little.

        For 100,000 that takes 0.03 s.

        Args:
            vehicles: The whole list, in any order, no vehicle twice. Whoever is the
                same object as before has not changed; any other is new, or has changed.

        """
        listed = tuple(vehicles)
        before, now = _identities(self._vehicles), _identities(listed)
        is_new = np.isin(now, before, assume_unique=True, invert=True)
        new = tuple(compress(listed, is_new.tolist()))
        if len(new) > len(listed) // 2:
            return VehicleIndex(listed)
        stays = np.isin(before, now, assume_unique=True)
        gone = [self._vehicles[row] for row in np.flatnonzero(~stays).tolist()]
        index: VehicleIndex = copy(self)
        index._by_text = self._by_text.copy()
        index._leave(gone)
        index._enter(new)
        index._vehicles = (*compress(self._vehicles, stays.tolist()), *new)
        index._table = self._table.changed(stays, [vehicle.plate for vehicle in new])
        by_id = dict(self.by_id)
        for vehicle in gone:
            del by_id[vehicle.vehicle_id]
        by_id.update((vehicle.vehicle_id, vehicle) for vehicle in new)
        index.by_id = by_id
        return index

    def _enter(self, vehicles: Iterable[Vehicle]) -> None:
        """Let vehicles be found by their texts."""
        for vehicle in vehicles:
            for text in map(folded, texts_of(vehicle.plate)):
                self._by_text[text] = (*self._by_text.get(text, ()), vehicle)

    def _leave(self, vehicles: Iterable[Vehicle]) -> None:
        """Let vehicles not be found any more."""
        for vehicle in vehicles:
            for text in map(folded, texts_of(vehicle.plate)):
                left = tuple(v for v in self._by_text.pop(text, ()) if v is not vehicle)
                if left:
                    self._by_text[text] = left

    def __len__(self) -> int:
        """Return how many vehicles there are."""
        return len(self._vehicles)

    @override
    def __repr__(self) -> str:
        """Show how many vehicles there are, and nothing of them."""
        return f"VehicleIndex({len(self)} vehicles)"

    def exact(self, plate: Plate) -> list[Vehicle]:
        """Return the vehicles of which an exact read may say this.

        These are two where the list holds GÖ and GO: a reader that writes both as GO
        cannot tell them apart, so nobody may choose between them.
        """
        text = plate.reveal()
        near = self._by_text.get(folded(text), ())
        return [v for v in near if text in texts_of(v.plate)]

    def look_alikes(self, plate: Plate) -> list[Vehicle]:
        """Return the vehicles with this plate if O is 0 and I is 1, not the exact."""
        text = plate.reveal()
        near = self._by_text.get(folded(text), ())
        return [v for v in near if text not in texts_of(v.plate)]

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
        columns, held, lengths, masks = self._table
        rows = np.flatnonzero(
            ((masks & np.uint64(bounds.allowed)) == masks)
            & ((masks & np.uint64(bounds.required)) == bounds.required)
            & (lengths >= shortest)
        )
        text = columns_of([plate])
        counts = _counts(text)[:, 0]
        shared = np.zeros(len(rows), dtype=np.int8)
        for character in np.flatnonzero(counts):
            shared += np.minimum(held[character][rows], counts[character])
        length = counts.sum(dtype=np.int8)
        rows = rows[lengths[rows] + length - 2 * shared <= distance]
        if len(rows) > PLAUSIBLE_MAX:
            # Numbers that are all alike are mostly anagrams of one another.
            in_place = (columns[rows] == text).sum(axis=1)
            rows = rows[np.argsort(-in_place, kind="stable")[:PLAUSIBLE_MAX]]
        return [self._vehicles[row] for row in rows.tolist()], columns[rows]


def _identities(vehicles: tuple[Vehicle, ...]) -> NDArray[np.int64]:
    """Return numbers by which objects are told apart for as long as they exist."""
    return np.fromiter(map(id, vehicles), np.int64, len(vehicles))


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
