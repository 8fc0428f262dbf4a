"""Which arrival a read belongs to."""

from collections.abc import Sequence
from itertools import product
from math import hypot
from typing import Final

from ..models import Box, Plate, PlateRead
from .arrival import Arrival
from .evidence import Evidence

# How strongly a read belongs to an arrival. Each is more than all below it together
# with the nearness, which is from 0 to 1.
_SAME_TEXT: Final = 6.0
_SAME_VEHICLE: Final = 4.0
_SIMILAR_TEXT: Final = 2.0

_SIMILAR: Final = 1
_DIFFERENT: Final = 3

_OVERLAP: Final = 0.5
_REACH: Final = 1.0
_REACH_PER_SECOND: Final = 5.0
_REACH_MAX: Final = 4.0
_GROWTH: Final = 1.5
_GROWTH_PER_SECOND: Final = 1.0
_GROWTH_MAX: Final = 3.0


def distinct(reads: Sequence[PlateRead]) -> list[PlateRead]:
    """Return the reads of a frame without those that show the same plate again.

    Of two that overlap strongly, or that have the same text and no place, the more
    confident one stays.
    """
    kept: list[PlateRead] = []
    for read in sorted(reads, key=lambda r: r.confidence, reverse=True):
        if not any(_same_place(read, other) for other in kept):
            kept.append(read)
    return kept


def associate(
    arrivals: Sequence[Arrival], frame: Sequence[Evidence]
) -> list[Arrival | None]:
    """Find the arrival that each read of one frame belongs to.

    The strongest bonds are tied first, and no arrival takes two reads of a frame:
    there are two plates, so there are two vehicles.

    Returns:
        For each read its arrival, or None if it is the first of a new one.

    """
    bonds = sorted(
        (
            (strength, one, other)
            for one, other in product(range(len(frame)), range(len(arrivals)))
            if (strength := _bond(arrivals[other], frame[one])) > 0
        ),
        reverse=True,
    )
    result: list[Arrival | None] = [None] * len(frame)
    taken: set[int] = set()
    for _, one, other in bonds:
        if result[one] is None and other not in taken:
            result[one] = arrivals[other]
            taken.add(other)
    return result


def _bond(arrival: Arrival, evidence: Evidence) -> float:
    """Say how strongly a read belongs to an arrival; 0 if it does not.

    The same text belongs to the same vehicle wherever it is. A similar text, or one
    that fits the same listed vehicle, does unless it is out of reach: vehicles of a
    fleet have plates that are one character apart. Any text belongs to the arrival
    that was at its place, unless both texts are sure and clearly different: that is
    the next one in the queue.
    """
    nearness = _nearness(arrival, evidence)
    near = nearness or 0.0
    if any(evidence.plate == known.plate for known in arrival.evidence):
        return _SAME_TEXT + near
    if arrival.granted is not None and _is_another(arrival, evidence, arrival.granted):
        return 0.0  # another listed vehicle, behind one that has been let in
    if nearness == 0.0:
        return 0.0
    if any(
        known.supports(candidate.vehicle.vehicle_id)
        for candidate in evidence.candidates
        for known in arrival.evidence
    ):
        return _SAME_VEHICLE + near
    if edit_distance(evidence.plate, arrival.newest.plate) <= _SIMILAR:
        return _SIMILAR_TEXT + near
    if _clearly_different(arrival, evidence):
        return 0.0
    return near


def _is_another(arrival: Arrival, evidence: Evidence, granted: str) -> bool:
    """Tell whether a read fits listed vehicles, and not the one that was let in.

    If it does not have the text of one of them, their plates have to differ widely from
    that of the one that was let in: its misread must not open for one of its fleet.
    """
    if not evidence.candidates or evidence.supports(granted):
        return False
    if evidence.exact:
        return True
    own = next(
        (
            candidate.vehicle.plate
            for known in reversed(arrival.evidence)
            for candidate in known.candidates
            if candidate.vehicle.vehicle_id == granted
        ),
        None,
    )
    return own is not None and all(
        edit_distance(candidate.vehicle.plate, own) >= _DIFFERENT
        for candidate in evidence.candidates
    )


def _clearly_different(arrival: Arrival, evidence: Evidence) -> bool:
    """Tell whether a sure text differs widely from the last sure text."""
    sure = next((k.plate for k in reversed(arrival.evidence) if k.confident), None)
    return (
        evidence.confident
        and sure is not None
        and edit_distance(evidence.plate, sure) >= _DIFFERENT
    )


def _nearness(arrival: Arrival, evidence: Evidence) -> float | None:
    """Say how near a read is to where the arrival was last, from 0 to 1.

    Distances count in widths of the plate, which is half a meter in most countries: at
    10 km/h a vehicle covers five widths in a second. One that approaches grows.

    Returns:
        0 if it is out of reach, None if the backend does not say where reads are.

    """
    last, box = arrival.newest.box, evidence.box
    if last is None or box is None:
        return None
    widths = [max(b.x_max - b.x_min, 1.0) for b in (last, box)]
    elapsed = max(evidence.taken - arrival.newest.taken, 0.0)
    growth = min(_GROWTH + _GROWTH_PER_SECOND * elapsed, _GROWTH_MAX)
    if max(widths) > growth * min(widths):
        return 0.0
    reach = min(_REACH + _REACH_PER_SECOND * elapsed, _REACH_MAX) * max(widths)
    away = hypot(
        (box.x_min + box.x_max - last.x_min - last.x_max) / 2,
        (box.y_min + box.y_max - last.y_min - last.y_max) / 2,
    )
    return max(1 - away / reach, 0.0)


def _same_place(one: PlateRead, other: PlateRead) -> bool:
    """Tell whether two reads of a frame are of the same plate."""
    if one.box is None or other.box is None:
        return one.plate == other.plate
    width = min(one.box.x_max, other.box.x_max) - max(one.box.x_min, other.box.x_min)
    height = min(one.box.y_max, other.box.y_max) - max(one.box.y_min, other.box.y_min)
    if width <= 0 or height <= 0:
        return False
    # Of both together, not of the smaller one: the line with the state's name lies
    # within the box of many a plate, and must not take its place.
    both = width * height
    return both > _OVERLAP * (area(one.box) + area(other.box) - both)


def area(box: Box) -> float:
    """Return the area of a box in square pixels."""
    return (box.x_max - box.x_min) * (box.y_max - box.y_min)


def edit_distance(one: Plate, other: Plate) -> int:
    """Return how many characters have to be changed, added or left out.

    This tells vehicles apart. It never opens: a stranger may be one character away.
    """
    a, b = one.reveal(), other.reveal()
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y)),
            )
    return row[-1]
