"""Counts of a day, which begin anew at midnight."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often something happened on one day."""

    day: date
    count: int = 0

    def plus(self, day: date, amount: int = 1) -> DayCount:
        """Return the count with more of `day` in it."""
        return DayCount(day, self.on(day) + amount)

    def on(self, day: date) -> int:
        """Return the count of a day: this one's, or 0."""
        return self.count if day == self.day else 0
