"""Measures the recognizer on labeled photographs.

The layout is that of OpenALPR's benchmark: beside `X.jpg` stands `X.txt` with one line,
tab-separated: file name, x, y, width and height of the plate in pixels, and its text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
import resource
import sys
from time import perf_counter
from typing import Final, TypedDict

from .cascade import Cascade
from .errors import BenchError, PictureError
from .geometry import Box
from .picture import decode

ALL: Final = "all"

_PICTURES: Final = (".jpg", ".jpeg", ".png")
_LOOK_ALIKES: Final = str.maketrans("OI", "01")

type Report = dict[str, float | Figures]
"""`load_s`, `rss_mb`, and figures under `all` and under each folder's name."""


class Figures(TypedDict):
    """What was measured on some pictures; shares are from 0 to 1."""

    n: int
    exact: float
    """The first read equals the label."""
    exact_o0i1: float
    """So it does with the letters O and I taken for 0 and 1."""
    ed1: float
    """It is at most one insertion, deletion or replacement away."""
    detected: float
    """Some read stands where the labeled plate is."""
    false_per_picture: float
    """Reads that stand elsewhere. Only one plate is labeled in each picture, so real
    plates of other vehicles count, too."""
    ms_p50: float
    """Milliseconds from file content to reads: half of the pictures took less."""
    ms_p95: float


@dataclass(frozen=True, slots=True)
class Example:
    """One labeled photograph."""

    picture: Path
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one photograph.

    The reads themselves are not kept: they would lie between the large pieces of memory
    that come and go, and keep these from being given back.
    """

    label: str
    first: str
    """The text that the recognizer holds for the likeliest; empty if it read none."""
    detected: bool
    false_reads: int
    ms: float


def measure(folder: Path, threads: int = 2) -> Report:
    """Read all photographs of a folder, or of the folders in it.

    Args:
        folder: What holds the photographs.
        threads: How many threads a picture may use.

    Returns:
        The report; each folder in `folder` that holds photographs has its own figures.

    Raises:
        BenchError: There is nothing to measure, or a label makes no sense.
        PictureError: A photograph cannot be decoded.
        WeightsError: The weights are absent or other ones.

    """
    groups = _groups(folder)
    began = perf_counter()
    cascade = Cascade.load(threads)
    report: Report = {"load_s": round(perf_counter() - began, 3), "rss_mb": 0.0}
    outcomes = {
        name: [_read(cascade, example) for example in examples]
        for name, examples in groups.items()
    }
    report[ALL] = _figures(
        [outcome for group in outcomes.values() for outcome in group]
    )
    report |= {name: _figures(group) for name, group in outcomes.items() if name}
    report["rss_mb"] = round(peak_memory(), 1)
    return report


def peak_memory() -> float:
    """Return the most memory that this process ever held, in MB."""
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def table(report: Report) -> str:
    """Return a report as a table for people."""
    columns = list(Figures.__annotations__)
    rows = [["", *columns]]
    for name, figures in report.items():
        if isinstance(figures, dict):
            rows.append([name, *(_cell(figures[c]) for c in columns)])  # type: ignore[literal-required]
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


def distance(one: str, other: str) -> int:
    """Return how many insertions, deletions and replacements lie between two texts."""
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, 1):
        before, row = row, [number]
        for column, another in enumerate(other, 1):
            row.append(
                min(
                    before[column] + 1,
                    row[-1] + 1,
                    before[column - 1] + (character != another),
                )
            )
    return row[-1]


def _groups(folder: Path) -> dict[str, list[Example]]:
    """Return the examples of the folder itself under "", and those of each folder."""
    if not folder.is_dir():
        raise BenchError("This is no folder")
    groups = {"": list(_examples(folder))}
    for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
        groups[inner.name] = list(_examples(inner))
    groups = {name: examples for name, examples in groups.items() if examples}
    if not groups:
        raise BenchError("The folder holds no pictures with labels")
    if taken := groups.keys() & {ALL, "load_s", "rss_mb"}:
        raise BenchError(f"A folder cannot be named {min(taken)}")
    return groups


def _examples(folder: Path) -> Iterator[Example]:
    for label in sorted(folder.glob("*.txt")):
        for suffix in _PICTURES:
            picture = label.with_suffix(suffix)
            if picture.is_file():
                yield _example(picture, label)
                break


def _example(picture: Path, label: Path) -> Example:
    try:
        fields = label.read_text("utf-8").strip().split("\t")
        x, y, width, height = map(float, fields[1:5])
        text = fields[5].upper()
    except _NO_LABEL:
        raise BenchError(f"The label {label.name} cannot be understood") from None
    return Example(picture, text, Box(x, y, x + width, y + height))


_NO_LABEL: Final = (ValueError, IndexError)


def _read(cascade: Cascade, example: Example) -> _Outcome:
    content = example.picture.read_bytes()
    began = perf_counter()
    try:
        reads = cascade.read(decode(content))
    except PictureError as err:
        raise PictureError(f"{example.picture.name}: {err}") from err
    ms = (perf_counter() - began) * 1000
    in_place = [_in_place(read.box, example.box) for read in reads]
    return _Outcome(
        label=example.text,
        first=reads[0].text if reads else "",
        detected=any(in_place),
        false_reads=in_place.count(False),
        ms=ms,
    )


def _in_place(box: Box, labeled: Box) -> bool:
    """Tell whether a read stands where the label is; both may be somewhat off."""
    return labeled.holds(box.center) or box.holds(labeled.center)


def _figures(outcomes: Sequence[_Outcome]) -> Figures:
    def share(flags: Iterator[bool]) -> float:
        return round(sum(flags) / len(outcomes), 4)

    pairs = [(outcome.first, outcome.label) for outcome in outcomes]
    alike = [(a.translate(_LOOK_ALIKES), b.translate(_LOOK_ALIKES)) for a, b in pairs]
    times = sorted(outcome.ms for outcome in outcomes)
    return Figures(
        n=len(outcomes),
        exact=share(a == b for a, b in pairs),
        exact_o0i1=share(a == b for a, b in alike),
        ed1=share(distance(a, b) <= 1 for a, b in pairs),
        detected=share(outcome.detected for outcome in outcomes),
        false_per_picture=round(
            sum(outcome.false_reads for outcome in outcomes) / len(outcomes), 4
        ),
        ms_p50=_percentile(times, 50),
        ms_p95=_percentile(times, 95),
    )


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest value that at least so many percent do not exceed."""
    rank = -(-len(ordered) * percent // 100)
    return round(ordered[max(rank, 1) - 1], 1)


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"
