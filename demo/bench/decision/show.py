"""The report as Markdown, to be pasted into docs/ as it is."""

from collections.abc import Mapping
from typing import Any, Final

from demo.bench.recognition.show import markdown
from demo.bench.report import Report

_HEAD: Final = [
    "",
    "n",
    "correct",
    "missed",
    "wrong",
    "random stranger",
    "look-alike stranger",
]
_KEYS: Final = ("correct", "missed", "wrong", "stranger_random", "stranger_lookalike")
_NAMES: Final = {
    "exact": "exact text",
    "o0i1": "O=0, I=1",
    "edit1": "one character wrong",
    "likelihood": "likelihood",
    "fast": "Fast",
    "balanced": "Balanced",
    "strict": "Strict",
}


def decision_text(report: Report) -> str:
    """Return the report of `measure` as a text."""
    halves: dict[str, Any] = report["halves"]
    by_frames: dict[str, Any] = report["arrival_by_frames"]
    facts = report["machine"]
    return "\n\n".join(
        [
            "On the photograph alone:",
            _table({_NAMES[name]: one for name, one in report["single"].items()}),
            f"On arrivals of up to {report['frames']} frames:",
            _table({_NAMES[name]: one for name, one in report["arrival"].items()}),
            "On arrivals of fewer frames:",
            _table(
                {
                    f"{_NAMES[name]}, {frames} frames": one
                    for name in report["arrival"]
                    for frames, found in by_frames.items()
                    if 1 < int(frames) < report["frames"]
                    for one in (found[name],)
                }
            ),
            "The half that the numbers were chosen on (even), and the other one (odd):",
            _table(
                {
                    f"{_NAMES[name]}, {half}": one
                    for part, names in (
                        ("single", ("likelihood",)),
                        ("arrival", tuple(report["arrival"])),
                    )
                    for name in names
                    for half, found in halves.items()
                    for one in (found[part][name],)
                }
            ),
            (
                f"Seed {report['seed']}. {facts['cpu']}, {facts['cores']} cores, load"
                f" {facts['load']} at the start; Python {facts['python']}."
            ),
        ]
    )


def _table(rows: Mapping[str, Mapping[str, float]]) -> str:
    return markdown(
        [
            _HEAD,
            *(
                [name, f"{one['n']}", *(f"{100 * one[key]:.2f} %" for key in _KEYS)]
                for name, one in rows.items()
            ),
        ]
    )
