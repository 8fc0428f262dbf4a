"""Counts what the service does, and tells it in Prometheus' text format.

Nothing here tells one picture from another, except by how long it took.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
import os
from pathlib import Path
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_PREFIX: Final = "plate_gate_recognizer_"
_SECONDS: Final = (0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10)
"""Upper ends of the classes of a histogram."""


class Counter:
    """Something that is counted, by one label."""

    def __init__(
        self, name: str, about: str, label: str, values: Sequence[str] = ()
    ) -> None:
        """Begin with 0.

        Args:
            name: Without prefix; it ends in `_total`.
            about: What is counted, in one line.
            label: The name of the label.
            values: Values of the label that are told even if nothing was counted.

        """
        self._name, self._about, self._label = name, about, label
        self._counts: Tally[str] = Tally(dict.fromkeys(values, 0))

    def add(self, value: str) -> None:
        """Count one with this value of the label."""
        self._counts[value] += 1

    def __getitem__(self, value: str) -> int:
        """Return how many were counted with this value of the label."""
        return self._counts[value]

    def lines(self) -> Iterator[str]:
        """Return the text."""
        yield from _head(self._name, "counter", self._about)
        for value, count in self._counts.items():
            yield _line(self._name, count, {self._label: value})


class Histogram:
    """How long something took, in seconds."""

    def __init__(self, name: str, about: str) -> None:
        """Begin empty; `name` is without prefix and ends in `_seconds`."""
        self._name, self._about = name, about
        self._counts = [0] * (len(_SECONDS) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        """Take one in."""
        self._counts[bisect_left(_SECONDS, seconds)] += 1
        self._sum += seconds

    def lines(self) -> Iterator[str]:
        """Return the text."""
        yield from _head(self._name, "histogram", self._about)
        ends = [*map(str, _SECONDS), "+Inf"]
        for end, count in zip(ends, accumulate(self._counts), strict=True):
            yield _line(f"{self._name}_bucket", count, {"le": end})
        yield _line(f"{self._name}_sum", round(self._sum, 6))
        yield _line(f"{self._name}_count", sum(self._counts))


class Metrics:
    """All that is counted."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.requests: Final = Counter(
            "requests_total", "Requests by the status of the answer.", "code"
        )
        self.pictures: Final = Counter(
            "pictures_total",
            "Pictures by what became of them.",
            "result",
            ("read", "refused", "busy", "replaced", "left", "failed"),
        )
        self.reading: Final = Histogram(
            "read_seconds", "From a picture's file to its reads, without waiting."
        )
        self.waiting: Final = Histogram(
            "wait_seconds", "What a picture that was read had waited before."
        )
        self.plates = 0

    def text(
        self, gauges: Mapping[str, tuple[str, float]], info: Mapping[str, str]
    ) -> str:
        """Return everything.

        Args:
            gauges: What is known elsewhere: name, and in a line what it is, and value.
            info: What tells this service from others.

        """
        lines = [*_head("info", "gauge", "What this is."), _line("info", 1, info)]
        for one in (self.requests, self.pictures):
            lines += one.lines()
        lines += _head("plates_total", "counter", "Plates in all pictures.")
        lines.append(_line("plates_total", self.plates))
        for histogram in (self.reading, self.waiting):
            lines += histogram.lines()
        for name, (about, value) in gauges.items():
            lines += [*_head(name, "gauge", about), _line(name, value)]
        return "\n".join(lines) + "\n"


def resident_memory() -> int | None:
    """Return how many bytes of memory this process holds; None if it cannot be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _head(name: str, kind: str, about: str) -> list[str]:
    return [f"# HELP {_PREFIX}{name} {about}", f"# TYPE {_PREFIX}{name} {kind}"]


def _line(name: str, value: float, labels: Mapping[str, str] | None = None) -> str:
    said = ",".join(
        f'{label}="{_escape(text)}"' for label, text in (labels or {}).items()
    )
    return f"{_PREFIX}{name}{'{' + said + '}' if said else ''} {value}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
