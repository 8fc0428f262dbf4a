"""Reads labeled photographs with the recognizer and with rapidocr, in turn.

Each reads in a process of its own, picture by picture, now one first and now the other,
so that what else the machine does slows both alike. One scale judges both: that of
``python -m plate_gate_recognizer bench``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
import time
from typing import Any, Final

from demo.bench.process import BenchError, Server
from demo.bench.report import Report, machine
from plate_gate_recognizer.bench import named_groups, report_of
from plate_gate_recognizer.errors import RecognizerError
from plate_gate_recognizer.geometry import Box
from plate_gate_recognizer.labels import Example
from plate_gate_recognizer.scoring import Outcome, judge, unread

from .rule import Rule, as_ours, simple

OURS: Final = "Plate Gate"

_BREATH: Final = 0.02
"""Seconds between two readings: threads of ONNX Runtime look out for more work for a
moment, and would take the time of the other one."""

_PEERS: Final[Mapping[str, Rule]] = {
    "rapidocr": simple,
    "rapidocr, ranked as ours": as_ours,
}


@dataclass(slots=True)
class _Reader:
    """One of both, and what came of the pictures so far."""

    server: Server
    rules: Mapping[str, Rule | None]
    """How its answers are understood, by the name under which that is reported."""
    loaded: dict[str, Any]
    outcomes: dict[str, dict[str, list[Outcome]]] = field(default_factory=dict)
    """By that name and by the folder."""

    def read(self, folder: str, example: Example) -> None:
        """Let it read a picture."""
        answer = self.server.ask(do="read", file=str(example.picture.resolve()))
        lines = [(text, sure, Box(*box)) for text, sure, box in answer["lines"]]
        for name, rule in self.rules.items():
            outcome = _outcome(example, lines, answer.get("ms"), rule)
            self.outcomes.setdefault(name, {}).setdefault(folder, []).append(outcome)

    def reports(self) -> dict[str, Any]:
        """Return the reports, by their names."""
        memory = self.server.ask(do="memory")["rss_mb"]
        return {
            name: report_of(outcomes, self.loaded["load_s"], memory)
            for name, outcomes in self.outcomes.items()
        }


def measure(
    folder: Path,
    threads: int,
    peer: Path,
    say: Callable[[str], None],
    *,
    every: int = 1,
) -> Report:
    """Measure both.

    Args:
        folder: What holds the photographs.
        threads: How many threads a picture may use.
        peer: The interpreter that has rapidocr installed.
        say: Is told how far it is.
        every: Of each folder the first picture is read, and so many later the next.

    Returns:
        `readers`: what ``plate_gate_recognizer bench`` reports, of each; `threads`;
        `machine`.

    Raises:
        BenchError: Something cannot be measured.

    """
    try:
        groups = {
            name: examples[::every] for name, examples in named_groups(folder).items()
        }
        with (
            Server("recognition.ours") as ours,
            Server("recognition.theirs", python=peer) as theirs,
        ):
            facts = machine()
            say("loading")
            readers = [
                _Reader(ours, {OURS: None}, ours.ask(do="load", threads=threads)),
                _Reader(theirs, _PEERS, theirs.ask(do="load", threads=threads)),
            ]
            _read_all(readers, groups, say)
            reports = readers[0].reports() | readers[1].reports()
    except RecognizerError as err:
        raise BenchError(str(err)) from err
    versions = {
        name: reader.loaded["versions"]
        for name, reader in zip((OURS, "rapidocr"), readers, strict=True)
    }
    return {
        "readers": reports,
        "threads": threads,
        "machine": facts | {"versions": versions},
    }


def _read_all(
    readers: list[_Reader],
    groups: Mapping[str, list[Example]],
    say: Callable[[str], None],
) -> None:
    numbers = count()
    for folder, examples in groups.items():
        say(f"{len(examples)} pictures {folder}".rstrip())
        for example in examples:
            for reader in readers if next(numbers) % 2 else reversed(readers):
                reader.read(folder, example)
                time.sleep(_BREATH)


def _outcome(
    example: Example,
    lines: list[tuple[str, float, Box]],
    ms: float | None,
    rule: Rule | None,
) -> Outcome:
    """Judge an answer.

    For a peer any line on the plate counts as a detection, also one that its rule takes
    for no plate: the recognizer does not give what it takes for none.
    """
    if ms is None:
        return unread(example.plates)
    if rule is None:
        return judge(example.plates, [(text, box) for text, _, box in lines], ms)
    found = [box for _, _, box in lines]
    return judge(example.plates, rule(lines), ms, found)
