"""What became of each picture. None may go missing."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from demo.bench.report import quantile


class Fate(StrEnum):
    """What can become of a picture that a camera took."""

    ANSWERED = "answered"
    DROPPED = "dropped"
    """A newer one took its place before it was sent."""
    REFUSED = "refused"
    """The service said when to come again."""
    FAILED = "failed"
    """Any other answer than the reads in it."""
    LOST = "lost"
    """It was sent, and no answer came."""


class Tally:
    """Counts fates, and keeps how long answers took."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.taken = 0
        self.fates: Counter[Fate] = Counter()
        self._answers: list[tuple[float, float]] = []
        self._refusals: list[float] = []

    def take(self) -> None:
        """Count a picture that a camera took."""
        self.taken += 1

    def end(self, fate: Fate, begun: float = 0.0, took: float = 0.0) -> None:
        """Count what became of a picture.

        Args:
            fate: That.
            begun: Seconds from the start of measuring until the picture was taken.
            took: Seconds from then on until the answer.

        """
        self.fates[fate] += 1
        if fate is Fate.ANSWERED:
            self._answers.append((begun, took))
        elif fate is Fate.REFUSED:
            self._refusals.append(took)

    @property
    def missing(self) -> int:
        """How many pictures nothing became of; below 0 if it was more than one thing."""
        return self.taken - self.fates.total()

    def figures(self, seconds: float) -> dict[str, Any]:
        """Return the counts, and milliseconds from taking a picture to its answer.

        Args:
            seconds: How long the cameras took pictures. Of those from the first third
                of it and from the last the times are told, too: what piles up shows
                there.

        """
        answers = self._answers
        first = [took for begun, took in answers if begun < seconds / 3]
        last = [took for begun, took in answers if begun >= seconds * 2 / 3]
        return {
            "taken": self.taken,
            **{str(fate): self.fates[fate] for fate in Fate},
            "ms": in_ms([took for _, took in answers]),
            "first_third_ms": in_ms(first),
            "last_third_ms": in_ms(last),
            "refused_ms": in_ms(self._refusals),
        }


def in_ms(seconds: Sequence[float]) -> dict[str, float] | None:
    """Return median, 95 % and the largest in milliseconds; None if there are none."""
    if not seconds:
        return None
    return {
        "p50": round(1000 * quantile(seconds, 0.5), 1),
        "p95": round(1000 * quantile(seconds, 0.95), 1),
        "max": round(1000 * max(seconds), 1),
    }
