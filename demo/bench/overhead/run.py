"""Measures what Plate Gate adds between the recognizer's answer and the gate."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo.bench.process import Worker
from demo.bench.report import Goal, Report, machine

from . import arrivals, scoring

P50_GOAL: Final = 3.0
P99_GOAL: Final = 20.0
SCORE_GOALS: Final = {"100": 1.0, "10000": 5.0, "100000": 30.0}
GROWTH_GOAL: Final = 5.0
"""MB: what an interpreter's memory goes up and down by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured."""

    arrivals: int = 500
    """At rest, and as many beside other work."""
    scored: int = 500
    """Reads against each list."""
    observed: int = 1_000_000
    """Reads after which memory is looked at."""


QUICK: Final = Effort(arrivals=100, scored=100, observed=100_000)


def measure(effort: Effort, say: Callable[[str], None]) -> Report:
    """Measure, and report.

    Args:
        effort: How much.
        say: Is told what is being done.

    Returns:
        `machine`; what `arrivals.measure`, `scoring.measure` and `growth.growth` tell,
        the latter as `rss_growth_mb`, `rss_mb`, `reads_observed` and `observed`; and
        `failures`, a text for each opening that is missing or one too many.

    """
    facts = machine()
    came = asyncio.run(arrivals.measure(effort.arrivals, say))
    failures = came.pop("wrong")
    scored = scoring.measure(effort.scored, say)
    say(f"{effort.observed} reads")
    left = Worker("overhead.growth", "growth", reads=effort.observed).result()
    if left["granted"] != left["visits"]:
        failures.append(f"{left['visits']} visits led to {left['granted']} grants")
    if left["here"]:
        failures.append(f"{left['here']} arrivals outlived their vehicles")
    return {
        "machine": facts,
        **came,
        **scored,
        "rss_growth_mb": round(left["after"] - left["before"], 1),
        "rss_mb": round(left["after"], 1),
        "reads_observed": left["reads"],
        "observed": {
            key: left[key] for key in ("visits", "granted", "strangers", "counted")
        },
        "failures": failures,
    }


def goals(report: Report) -> list[Goal]:
    """Return what is to be reached; missing one is no failure, machines differ."""
    found = [
        Goal(f"{name}, ms", report[key], limit)
        for name, key, limit in (
            ("answer to gate, p50", "overhead_ms_p50", P50_GOAL),
            ("answer to gate, p99", "overhead_ms_p99", P99_GOAL),
        )
        if report[key] is not None
    ]
    found += [
        Goal(f"scoring {int(size):,} vehicles, ms", report["score_ms"][size], limit)
        for size, limit in SCORE_GOALS.items()
    ]
    return [*found, Goal("memory growth, MB", report["rss_growth_mb"], GROWTH_GOAL)]
