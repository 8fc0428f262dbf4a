"""How good reads are, given what the labels say: the one scale for whatever reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypedDict

from .geometry import Box
from .labels import Plate

_LOOK_ALIKES: Final = str.maketrans("OI", "01")


class Figures(TypedDict):
    """What was measured on some pictures; shares are from 0 to 1."""

    n: int
    """Pictures, the damaged ones included."""
    exact: float
    """The first read equals the label, or one of them."""
    exact_o0i1: float
    """So it does with the letters O and I taken for 0 and 1."""
    ed1: float
    """It is at most one insertion, deletion or replacement away."""
    detected: float
    """Some read stands where a labeled plate is."""
    false_per_picture: float
    """Reads that stand elsewhere. Mostly only one plate is labeled in each picture, so
    real plates of other vehicles count, too."""
    ms_p50: float
    """Milliseconds from file content to reads: half of the pictures took less."""
    ms_p95: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photograph.

    The reads themselves are not kept: they would lie between the large pieces of memory
    that come and go, and keep these from being given back.
    """

    labels: tuple[str, ...] = field(repr=False)
    first: str = field(default="", repr=False)
    """The text that was taken for the likeliest; empty if there was none."""
    detected: bool = False
    false_reads: int = 0
    ms: float | None = None
    """None if the picture cannot be decoded: that takes no time worth counting."""


def unread(plates: Sequence[Plate]) -> Outcome:
    """Return what becomes of a photograph that cannot be decoded."""
    return Outcome(tuple(plate.text for plate in plates))


def judge(
    plates: Sequence[Plate],
    reads: Sequence[tuple[str, Box]],
    ms: float,
    found: Iterable[Box] | None = None,
) -> Outcome:
    """Compare what was read with what the label says.

    Args:
        plates: What the label says; at least one.
        reads: Text and place of each read, the likeliest first.
        ms: Milliseconds from the content of the file to the reads.
        found: Where anything was found, if that is more than what counts as a read.

    """
    places = [box for _, box in reads]
    return Outcome(
        labels=tuple(plate.text for plate in plates),
        first=reads[0][0] if reads else "",
        detected=any(
            _on_a_plate(box, plates) for box in (places if found is None else found)
        ),
        false_reads=sum(not _on_a_plate(box, plates) for box in places),
        ms=ms,
    )


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of at least one outcome."""
    count = len(outcomes)

    def share(flags: Iterable[bool]) -> float:
        return round(sum(flags) / count, 4)

    times = sorted(one.ms for one in outcomes if one.ms is not None)
    return Figures(
        n=count,
        exact=share(one.first in one.labels for one in outcomes),
        exact_o0i1=share(
            _alike(one.first) in map(_alike, one.labels) for one in outcomes
        ),
        ed1=share(
            one.first != ""
            and any(distance(one.first, label) <= 1 for label in one.labels)
            for one in outcomes
        ),
        detected=share(one.detected for one in outcomes),
        false_per_picture=round(sum(one.false_reads for one in outcomes) / count, 4),
        ms_p50=percentile(times, 50),
        ms_p95=percentile(times, 95),
    )


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


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest value that at least so many percent do not exceed.

    Args:
        ordered: Values in ascending order; 0 is returned if there are none.
        percent: From 0 to 100.

    """
    if not ordered:
        return 0.0
    rank = -(-len(ordered) * percent // 100)
    return round(ordered[max(rank, 1) - 1], 1)


def _on_a_plate(box: Box, plates: Sequence[Plate]) -> bool:
    """Tell whether something stands where a label is; both may be somewhat off."""
    return any(
        plate.box.holds(box.center) or box.holds(plate.box.center) for plate in plates
    )


def _alike(text: str) -> str:
    return text.translate(_LOOK_ALIKES)
