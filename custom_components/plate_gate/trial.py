"""What a lane would have done while it is on trial: it decides, and opens nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

WAIT_LONG: Final = 5.0
"""Seconds that a listed vehicle waits in vain before it is told of."""

_REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of a trial so far. Replaced as a whole."""

    since: datetime
    would_have_opened: int = 0
    waited: int = 0
    """Listed vehicles that were not recognized within `WAIT_LONG`, or never."""


class TrialTally:
    """Keeps the count of a trial, each arrival at most once."""

    def __init__(self, since: datetime) -> None:
        """Begin a trial."""
        self.result = Trial(since=since)
        self._counted: list[int] = []

    def opened(self, arrival: int, waited: float) -> None:
        """Count a vehicle that would have been let in.

        Args:
            arrival: The number of its arrival.
            waited: Seconds from its first frame to the decision.

        """
        self.result = replace(
            self.result, would_have_opened=self.result.would_have_opened + 1
        )
        if waited > WAIT_LONG:
            self.waited([arrival])

    def waited(self, arrivals: Iterable[int]) -> None:
        """Count listed vehicles that have waited for long, unless they are counted."""
        for arrival in arrivals:
            if arrival not in self._counted:
                self._counted = [*self._counted[-_REMEMBERED:], arrival]
                self.result = replace(self.result, waited=self.result.waited + 1)

    def restore(self, before: Trial) -> None:
        """Go on with what was counted before a restart."""
        self.result = replace(
            self.result,
            since=min(self.result.since, before.since),
            would_have_opened=self.result.would_have_opened + before.would_have_opened,
            waited=self.result.waited + before.waited,
        )
