"""Measures the recognizer on labeled photographs."""

from contextlib import suppress
import logging
from pathlib import Path
import resource
import sys
from time import perf_counter
from typing import Final

from .cascade import Cascade
from .errors import BenchError, PictureError
from .labels import Example, groups_of
from .picture import decode
from .scoring import Figures, Outcome, figures, judge, unread

_LOGGER = logging.getLogger(__name__)

ALL: Final = "all"

_TAKEN: Final = frozenset({ALL, "load_s", "rss_mb"})

type Report = dict[str, float | Figures]
"""`load_s`, `rss_mb`, and figures under `all` and under each folder's name."""


def measure(folder: Path, threads: int = 2, *, formats: bool = True) -> Report:
    """Read all photographs of a folder and of the folders in it.

    A photograph that cannot be decoded counts as one in which nothing was read, and the
    log names it.

    Args:
        folder: What holds the photographs.
        threads: How many threads a picture may use.
        formats: As for `Cascade`.

    Returns:
        The report; each folder in `folder` that holds photographs has its own figures,
        under its path.

    Raises:
        BenchError: There is nothing to measure, or a label makes no sense.
        WeightsError: The weights are absent or other ones.

    """
    groups = named_groups(folder)
    began = perf_counter()
    cascade = Cascade.load(threads, formats=formats)
    load_s = round(perf_counter() - began, 3)
    outcomes = {
        name: [_read(cascade, example) for example in examples]
        for name, examples in groups.items()
    }
    return report_of(outcomes, load_s, peak_memory())


def named_groups(folder: Path) -> dict[str, list[Example]]:
    """Return the examples of a folder as `groups_of` does, fit for a report.

    Raises:
        BenchError: There are none, a label makes no sense, or a folder has the name of
            something else in the report.

    """
    groups = groups_of(folder)
    if taken := groups.keys() & _TAKEN:
        raise BenchError(f"A folder cannot be named {min(taken)}")
    return groups


def report_of(
    outcomes: dict[str, list[Outcome]], load_s: float, rss_mb: float
) -> Report:
    """Return the report of what became of all pictures.

    Args:
        outcomes: Those of each folder, by its name; those under "" count in all only.
        load_s: Seconds until it could read.
        rss_mb: The most memory that it held, in MB.

    Raises:
        BenchError: None of the pictures can be decoded, so there is nothing to report.

    """
    everything = [outcome for group in outcomes.values() for outcome in group]
    if all(outcome.ms is None for outcome in everything):
        raise BenchError("None of the pictures can be decoded")
    report: Report = {
        "load_s": round(load_s, 3),
        "rss_mb": round(rss_mb, 1),
        ALL: figures(everything),
    }
    return report | {name: figures(group) for name, group in outcomes.items() if name}


def peak_memory() -> float:
    """Return the most memory that this process ever held, in MB."""
    # What `getrusage` tells is at least what the process held that started this one, so
    # it is asked only where the system tells nothing better.
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    # macOS counts in bytes, others in KiB.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def table(report: Report) -> str:
    """Return a report as a table for people."""
    columns = list(Figures.__annotations__)
    rows = [["", *columns]]
    for name, one in report.items():
        if isinstance(one, dict):
            rows.append([name, *(_cell(one[c]) for c in columns)])  # type: ignore[literal-required]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [
                cell.rjust(width)
                for cell, width in zip(row[1:], widths[1:], strict=True)
            ]
        )
        for row in rows
    ]
    lines.append(f"loaded in {report['load_s']} s, at most {report['rss_mb']} MB")
    return "\n".join(lines)


def _read(cascade: Cascade, example: Example) -> Outcome:
    content = example.picture.read_bytes()
    began = perf_counter()
    try:
        reads = cascade.read(decode(content))
    except PictureError as err:
        _LOGGER.warning("%s: %s", example.picture.name, err)
        return unread(example.plates)
    ms = (perf_counter() - began) * 1000
    return judge(example.plates, [(read.text, read.box) for read in reads], ms)


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"
