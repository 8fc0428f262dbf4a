"""The fault table: every fault of every kind of camera, with the real patience."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict

from demo.bench.report import Report, machine, table

from .case import Outcome, run
from .entity import home_assistant
from .rig import Patience
from .rows import Case, cases

_HEAD = (
    "fault",
    "camera",
    "shown",
    "noticed, s",
    "frames again, s",
    "frames",
    "too old",
    "threads",
    "secrets",
)


def measure(part: str, say: Callable[[str], None]) -> Report:
    """Let one fault after another happen, and report.

    Args:
        part: Only those are tried in whose names this is.
        say: Is told what is being done.

    """
    chosen = [case for case in cases() if part in str(case)]
    return report_of(asyncio.run(_outcomes(chosen, say)))


def report_of(outcomes: Sequence[tuple[Case, Outcome]]) -> Report:
    """Return what came of faults.

    Returns:
        `machine`; `rows`, each with `fault`, `camera` and what came of it; and
        `failures`, how many of them did not come out as they should.

    """
    return {
        "machine": machine(),
        "rows": [_facts(case, outcome) for case, outcome in outcomes],
        "failures": sum(not outcome.is_good for _, outcome in outcomes),
    }


def text(report: Report) -> str:
    """Return the table for people."""
    rows = [_HEAD, *(_row(row) for row in report["rows"])]
    facts, failures = report["machine"], report["failures"]
    end = (
        f"{len(report['rows'])} faults, {failures} of them not as it should be; "
        f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']}"
    )
    return f"{table(rows)}\n\n{end}"


async def _outcomes(
    chosen: Sequence[Case], say: Callable[[str], None]
) -> list[tuple[Case, Outcome]]:
    outcomes = []
    async with home_assistant() as hass:
        for case in chosen:
            say(str(case))
            outcomes.append((case, await run(case, Patience(), hass)))
    return outcomes


def _facts(case: Case, outcome: Outcome) -> Report:
    """Return what came of a fault; where nothing is to be shown, nothing was noticed."""
    facts = {"fault": case.row.name, "camera": case.kind} | asdict(outcome)
    if case.row.shows is None:
        facts["noticed"] = None
    return facts | {"good": outcome.is_good}


def _row(row: Report) -> tuple[str, ...]:
    old = str(row["old"])
    if row["old_unnoticed"]:
        old = f"{old} *"
    return (
        row["fault"],
        row["camera"],
        ", ".join(row["shown"]),
        _seconds(row["noticed"]),
        _seconds(row["back"]),
        str(row["handed_on"]),
        old,
        str(row["threads"]),
        str(row["secrets"]),
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
