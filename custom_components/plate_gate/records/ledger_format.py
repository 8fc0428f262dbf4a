"""How the ledger is written down: ids, numbers and days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..errors import LedgerDamagedError


@dataclass(slots=True, eq=False)
class Count:
    """How often one vehicle was let in."""

    uses: int = 0
    """At all, while its uses were limited."""
    days: dict[date, int] = field(default_factory=dict)
    """On each of the last days, while its uses on a day were limited."""

    def drop_days(self, *, before: date) -> None:
        """Forget the days before one."""
        self.days = {day: n for day, n in self.days.items() if day >= before}


def to_data(counts: Mapping[str, Count], inside: Iterable[str]) -> dict[str, Any]:
    """Write a ledger as JSON can hold it; days in ISO 8601."""
    return {
        "counts": {
            vehicle_id: {
                "uses": count.uses,
                "days": {day.isoformat(): n for day, n in count.days.items()},
            }
            for vehicle_id, count in counts.items()
        },
        "inside": sorted(inside),
    }


def from_data(data: object) -> tuple[dict[str, Count], set[str]]:
    """Read a ledger from what `to_data` wrote.

    Returns:
        The counts by vehicle id, and the ids of those inside.

    Raises:
        LedgerDamagedError: This is something else. Nothing of it is in the error.

    """
    match data:
        case {"counts": dict(counts), "inside": list(inside)} if all(
            isinstance(vehicle_id, str) for vehicle_id in (*counts, *inside)
        ):
            return {i: _read(count) for i, count in counts.items()}, set(inside)
        case _:
            raise LedgerDamagedError


def _read(data: object) -> Count:
    """Read the count of one vehicle."""
    match data:
        case {"uses": uses, "days": dict(days)} if all(
            # True is an int to Python, and no number of times.
            type(number) is int and number >= 0
            for number in (uses, *days.values())
        ):
            try:
                return Count(uses, {date.fromisoformat(d): n for d, n in days.items()})
            except TypeError, ValueError:
                # Their own words may quote what they could not read.
                raise LedgerDamagedError from None
        case _:
            raise LedgerDamagedError
