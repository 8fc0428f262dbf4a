"""Turns what was measured into a report: numbers, goals, a table for people."""

from collections.abc import Iterable, Sequence
import os
from pathlib import Path
import platform
from statistics import fmean
from typing import Any, Final, NamedTuple

type Report = dict[str, Any]
"""What goes into the JSON file."""

DELAY_GOAL: Final = 150.0
FIRST_FRAME_GOAL: Final = 0.6
GROWTH_GOAL: Final = 5.0
GATE_GOAL: Final = 0.02


_KEPT_UP: Final = 0.9
"""Share of a camera's pictures from which on a reader has kept up with it."""


class Goal(NamedTuple):
    """What a number should not exceed."""

    name: str
    value: float
    limit: float

    @property
    def is_met(self) -> bool:
        """Whether it does not."""
        return self.value <= self.limit


def quantile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that at least a share of them does not exceed.

    Args:
        values: At least one.
        share: From 0 to 1.

    """
    ordered = sorted(values)
    rank = -(-len(ordered) * round(share * 1000) // 1000)
    return ordered[max(rank, 1) - 1]


def delays(
    seen: Sequence[tuple[int, float]],
    taken: Sequence[tuple[int, float]],
    loop: int,
    settle: float = 0.0,
) -> list[float]:
    """Return by how many seconds each picture was behind what the camera saw.

    Args:
        seen: The number of each picture in the loop, and when it was looked at. Less
            than a loop lies between two of them.
        taken: What the camera took while this was its only reader, from the first
            picture on. When it was due counts, also if it could not be sent then,
            because the reader did not take what was there already.
        loop: How many pictures the loop has.
        settle: Seconds from the first picture on that do not count.

    """
    found, (count, begin) = [], seen[0]
    for number, got in seen:
        count += (number - count) % loop
        if got - begin >= settle:
            found.append(got - taken[count][1])
    return found


def delay_figures(found: Sequence[float]) -> Report:
    """Return the keys of a peer that tell how far behind it was."""
    in_ms = [1000 * seconds for seconds in found]
    return {
        "delay_ms_p50": round(quantile(in_ms, 0.5), 1),
        "delay_ms_p95": round(quantile(in_ms, 0.95), 1),
        "delay_ms_max": round(max(in_ms), 1),
        "frames": len(in_ms),
    }


def first_frame_figures(seconds: Sequence[float]) -> Report:
    """Return the keys of a peer that tell how fast it connects."""
    return {
        "first_frame_s": round(fmean(seconds), 3),
        "first_frame_worst_s": round(max(seconds), 3),
    }


def growth_figures(measured: Report, reconnects: int) -> Report:
    """Return the keys of a peer that tell what reconnects leave behind."""
    return {
        "rss_growth_mb": round(measured["after"] - measured["before"], 1),
        "rss_mb": round(measured["after"], 1),
        "reconnects": reconnects,
        "frames_between": measured["frames"],
    }


def machine() -> Report:
    """Tell what was measured on; the load tells who else was at work."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.process_cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def goals(report: Report) -> list[Goal]:
    """Return what the capture has to reach."""
    rtsp = report["rtsp"]
    return [
        Goal("delay p95, ms", rtsp["delay_ms_p95"], DELAY_GOAL),
        Goal("first frame, s", rtsp["first_frame_s"], FIRST_FRAME_GOAL),
        Goal("memory growth, MB", rtsp["rss_growth_mb"], GROWTH_GOAL),
        Goal("cost beyond decoding, core", report["gate_share"], GATE_GOAL),
    ]


def text(report: Report) -> str:
    """Return a report for people."""
    peers = {"rtsp": "Plate Gate", "cv2": "cv2", "cv2_thread": "cv2 in a thread"}
    rows = [["", *peers.values()]]
    for key, name in (
        ("delay_ms_p50", "delay behind live p50, ms"),
        ("delay_ms_p95", "delay behind live p95, ms"),
        ("first_frame_s", "first frame, mean, s"),
        ("first_frame_worst_s", "first frame, worst, s"),
        (
            "rss_growth_mb",
            f"memory growth, {report['rtsp']['reconnects']} reconnects, MB",
        ),
    ):
        rows.append([name, *(_cell(report[peer].get(key)) for peer in peers)])

    clips = [["share of one core", "at rest", "moving", "decoding alone", "cv2"]]
    for name, share in report["cpu_share"].items():
        others = ("cpu_share_moving", "cpu_share_decode", "cpu_share_cv2")
        shares = [share, *(report[other][name] for other in others)]
        clips.append([name, *(f"{100 * value:.1f} %" for value in shares)])

    slow = [
        f"{name}: this machine decoded only {fps:.0f} pictures per second"
        for name, clip in report["clips"].items()
        if (fps := min(clip["fps"].values())) < _KEPT_UP * clip["camera_fps"]
    ]

    aims = [["goal", "measured", "at most", ""]]
    for goal in goals(report):
        verdict = "met" if goal.is_met else "MISSED"
        aims.append([goal.name, _cell(goal.value), _cell(goal.limit), verdict])

    facts = report["machine"]
    end = (
        f"motion gate: {report['gate_ms']:.2f} ms per picture; "
        f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']} at the start"
    )
    shares_table = "\n".join([table(clips), *slow])
    return "\n\n".join([table(rows), shares_table, table(aims), end])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned columns, the first one to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0])]
            + [
                cell.rjust(width)
                for cell, width in zip(row[1:], widths[1:], strict=True)
            ]
        ).rstrip()
        for row in rows
    )


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
