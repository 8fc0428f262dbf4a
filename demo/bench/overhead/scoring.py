"""How long it takes to weigh one read against lists, and to make their index."""

from collections.abc import Callable, Sequence
from random import Random
import time
from typing import Any, Final

from custom_components.plate_gate.decision import Policy, VehicleIndex
from custom_components.plate_gate.decision.match import candidates
from custom_components.plate_gate.models import Plate, PlateRead, Vehicle
from demo.bench.process import BenchError
from demo.bench.report import Report, quantile

from .plates import numbered_texts, plate_text, plate_texts, poor_read, read, vehicles

SIZES: Final = (100, 10_000, 100_000)
"""How many vehicles the lists hold."""

_WARM: Final = 20
_POOR: Final = 100
_INDEXED: Final = 5
"""How often an index is made; the fastest counts, since others are at work here."""

_SCANS: Final = 3_000_000
"""Comparisons that the scan may make in all: it would take minutes."""


def measure(reads: int, say: Callable[[str], None]) -> Report:
    """Weigh reads against lists of several sizes.

    Args:
        reads: How many against each; half of them are of vehicles on the list.
        say: Is told what is being done.

    Returns:
        By size of the list, as a text, in milliseconds: `score_ms` (the median),
        `score_ms_p99`, `score_worst_ms` (the median of poor reads against a list
        of plates that are all alike), `index_ms`, `index_change_ms` (one vehicle more, one
        less, one other); and of the peers, `exact_ms` and `edit1_ms`.

    Raises:
        BenchError: A vehicle whose plate was read clearly was not found.

    """
    report: dict[str, dict[str, float]] = {}
    for size in SIZES:
        say(f"scoring {size} vehicles")
        for key, value in _sized(size, reads).items():
            report.setdefault(key, {})[str(size)] = value
    return {"reads_scored": reads, **report}


def _sized(size: int, reads: int) -> dict[str, float]:
    random = Random(size)
    texts = plate_texts(random, size)
    listed = vehicles(texts)
    index = VehicleIndex(listed)
    shown = [
        read(random, random.choice(texts) if at % 2 else plate_text(random))
        for at in range(reads)
    ]
    policy = Policy()
    _check(index, texts, shown, policy)
    scored = _times(shown, lambda one: candidates(one, index, policy))

    alike = numbered_texts(size)
    fleet = VehicleIndex(vehicles(alike))
    poor = [poor_read(random, random.choice(alike)) for _ in range(_POOR)]
    worst = _times(poor, lambda one: candidates(one, fleet, policy))

    exact = {vehicle.plate: vehicle for vehicle in listed}
    few = shown[: max(_SCANS // size // 10, 3)]
    return {
        "score_ms": _rounded(quantile(scored, 0.5)),
        "score_ms_p99": _rounded(quantile(scored, 0.99)),
        "score_worst_ms": _rounded(quantile(worst, 0.5)),
        "index_ms": _rounded(_fastest(lambda: VehicleIndex(listed))),
        "index_change_ms": _rounded(_fastest(lambda: index.changed(_edited(listed)))),
        "exact_ms": _rounded(
            quantile(_times(shown, lambda one: exact.get(one.plate)), 0.5)
        ),
        "edit1_ms": _rounded(
            quantile(_times(few, lambda one: within_one(one.plate, texts)), 0.5)
        ),
    }


def within_one(plate: Plate, texts: Sequence[str]) -> list[str]:
    """Return the plates within edit distance 1, as people write it: one by one."""
    text = plate.reveal()
    return [one for one in texts if _is_within_one(text, one)]


def _is_within_one(one: str, other: str) -> bool:
    """Tell whether one insertion, deletion or replacement makes two texts the same."""
    if abs(len(one) - len(other)) > 1:
        return False
    row = list(range(len(other) + 1))
    for i, x in enumerate(one, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(other, start=1):
            diagonal, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y)),
            )
        if min(row) > 1:
            return False
    return row[-1] <= 1


def _edited(listed: Sequence[Vehicle]) -> list[Vehicle]:
    """Return a list with a vehicle more, one less, and one whose plate is another."""
    other = Vehicle(
        vehicle_id=listed[0].vehicle_id, label="Changed", plate=Plate("ZZ99ZZZ")
    )
    more = Vehicle(vehicle_id="more", label="More", plate=Plate("YY99YYY"))
    return [other, more, *listed[1:-1]]


def _check(
    index: VehicleIndex,
    texts: Sequence[str],
    shown: Sequence[PlateRead],
    policy: Policy,
) -> None:
    """See to it that what is timed is right: a time of a wrong answer is worthless."""
    listed = set(texts)
    for one in shown:
        text = one.plate.reveal()
        found = {c.vehicle.plate.reveal() for c in candidates(one, index, policy)}
        if one.confidence > 0.99 and (text in listed) != (text in found):
            raise BenchError("a vehicle that was read clearly was not found")


def _times(
    shown: Sequence[PlateRead], weigh: Callable[[PlateRead], Any]
) -> list[float]:
    """Return how many milliseconds each read takes."""
    for one in shown[:_WARM]:
        weigh(one)
    times = []
    for one in shown:
        begin = time.perf_counter()
        weigh(one)
        times.append(1000 * (time.perf_counter() - begin))
    return times


def _fastest(make: Callable[[], object]) -> float:
    """Return the milliseconds of the fastest of some runs."""
    times = []
    for _ in range(_INDEXED):
        begin = time.perf_counter()
        make()
        times.append(1000 * (time.perf_counter() - begin))
    return min(times)


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 4 if milliseconds < 0.1 else 2)
