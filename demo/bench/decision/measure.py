"""Counts, over all photographs, for whom each rule opens.

What was read is in memory only, and goes with the process; what comes out are shares.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from custom_components.plate_gate.models import PLATE_MAX, PLATE_MIN
from demo.bench.process import BenchError
from demo.bench.report import Report, machine
from plate_gate_recognizer.cascade import Cascade
from plate_gate_recognizer.errors import RecognizerError
from plate_gate_recognizer.labels import groups_of

from .frames import arrival
from .lists import household, look_alikes, one_off, vehicle
from .reading import read_frame
from .rules import ARRIVAL, SINGLE, Frames, Rule

FRAMES: Final = 5
_SHARES: Final = ("correct", "missed", "wrong", "stranger_random", "stranger_lookalike")

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """A photograph, as an arrival of up to five frames."""

    plate: str = field(repr=False)
    frames: Frames = field(repr=False)


@dataclass(slots=True)
class Tally:
    """How often a rule opened for whom, by the number of frames it had."""

    visits: int = 0
    correct: Counter[int] = field(default_factory=Counter)
    wrong: Counter[int] = field(default_factory=Counter)
    random: Counter[int] = field(default_factory=Counter)
    randoms: int = 0
    lookalike: Counter[int] = field(default_factory=Counter)
    lookalikes: int = 0

    def add(self, other: Tally) -> None:
        """Count what another one counted, too."""
        for name in ("visits", "randoms", "lookalikes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("correct", "wrong", "random", "lookalike"):
            getattr(self, name).update(getattr(other, name))

    def shares(self, frames: int) -> Report:
        """Return the shares, from 0 to 1, of what opened within so many frames."""

        def share(opened: Counter[int], of: int) -> float:
            within = sum(n for frame, n in opened.items() if frame <= frames)
            return round(within / of, 5) if of else 0.0

        correct = share(self.correct, self.visits)
        return {
            "n": self.visits,
            "correct": correct,
            "missed": round(1 - correct, 5),
            "wrong": share(self.wrong, self.visits),
            "stranger_random": share(self.random, self.randoms),
            "stranger_lookalike": share(self.lookalike, self.lookalikes),
        }


def measure(folder: Path, seed: int, threads: int, say: Say) -> Report:
    """Read all photographs of a folder, and weigh every rule on what was read.

    Args:
        folder: What holds the photographs with their labels.
        seed: Another one makes other frames and other lists.
        threads: How many threads a picture may use.
        say: Is told how far it has come.

    Raises:
        BenchError: There is nothing to measure, or the recognizer does not run.

    """
    began = machine()
    visits = visits_of(folder, seed, threads, say)
    say("weighing the rules")
    return {
        "seed": seed,
        "frames": FRAMES,
        "machine": began,
        **weigh(visits, seed),
    }


def visits_of(folder: Path, seed: int, threads: int, say: Say) -> list[Visit]:
    """Make an arrival of each photograph, and read its frames.

    Raises:
        BenchError: There is nothing to measure, or the recognizer does not run.

    """
    try:
        groups = groups_of(folder)
        cascade = Cascade.load(threads)
    except RecognizerError as err:
        raise BenchError(str(err)) from None
    examples = [
        example
        for group in groups.values()
        for example in group
        if PLATE_MIN <= len(example.plates[0].text) <= PLATE_MAX
    ]
    visits = []
    for number, example in enumerate(examples):
        if number % 20 == 0:
            say(f"{number} of {len(examples)} photographs read")
        jpegs = arrival(example.picture.read_bytes(), FRAMES, seed * 100_003 + number)
        frames = [read_frame(cascade, jpeg) for jpeg in jpegs]
        visits.append(Visit(example.plates[0].text, frames))
    return visits


def weigh(visits: Sequence[Visit], seed: int) -> Report:
    """Weigh every rule on the same reads.

    Returns:
        `single` and `arrival` of all photographs; `halves`, the same of those that the
        numbers of the policy were chosen on (`even`) and of the others (`odd`); and
        `arrival_by_frames`.

    """
    labels = [visit.plate for visit in visits]
    tallies = [
        _tallies(visit, labels, Random(f"{seed} {number}"))
        for number, visit in enumerate(visits)
    ]
    everything = _report(tallies)
    return {
        **everything,
        "halves": {"even": _report(tallies[::2]), "odd": _report(tallies[1::2])},
        "arrival_by_frames": {
            str(frames): _shares(tallies, ARRIVAL, frames)
            for frames in range(1, FRAMES + 1)
        },
    }


def _report(tallies: Sequence[Mapping[str, Tally]]) -> Report:
    return {
        "single": _shares(tallies, SINGLE, 1),
        "arrival": _shares(tallies, ARRIVAL, FRAMES),
    }


def _shares(
    tallies: Iterable[Mapping[str, Tally]], rules: Mapping[str, Rule], frames: int
) -> dict[str, Any]:
    sums = {name: Tally() for name in rules}
    for tally in tallies:
        for name, total in sums.items():
            total.add(tally[name])
    return {name: total.shares(frames) for name, total in sums.items()}


def _tallies(visit: Visit, labels: Sequence[str], random: Random) -> dict[str, Tally]:
    """Weigh every rule on one arrival."""
    listed = household(visit.plate, labels, random)
    return {
        name: _tally(rule, visit.plate, frames, listed)
        for rules, frames in ((SINGLE, visit.frames[:1]), (ARRIVAL, visit.frames))
        for name, rule in rules.items()
    }


def _tally(rule: Rule, own: str, frames: Frames, listed: Sequence[Any]) -> Tally:
    tally = Tally(visits=1)
    opened = rule.openings(frames, listed)
    if own in opened:
        tally.correct[opened[own]] += 1
    others = [frame for text, frame in opened.items() if text != own]
    if others:
        tally.wrong[min(others)] += 1
    strangers = one_off(own)
    twins = set(look_alikes(own))
    tally.randoms, tally.lookalikes = len(strangers), len(twins)
    for text, frame in rule.strangers(frames, list(map(vehicle, strangers))).items():
        tally.random[frame] += 1
        if text in twins:
            tally.lookalike[frame] += 1
    return tally
