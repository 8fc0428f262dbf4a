"""Measures how the service bears several cameras, beside rapidocr behind a plain queue.

With lanes, as the integration has them, and with clients that do not wait. What is checked
are facts: every picture has its answer or is known to have been dropped or refused, and no
more than the service says it lets wait are waiting. How long anything takes is told, and
fails nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
import resource
import time
from typing import Any, Final

from aiohttp import ClientSession, TCPConnector

from demo.bench.process import cpu_seconds, peak
from demo.bench.report import Report, machine
from plate_gate_recognizer.limits import WAITING_MAX

from . import lanes
from .flood import Flood
from .gauges import watched
from .machine import versions
from .pictures import Picture
from .services import Service, ours, plain_queue, running
from .tally import Fate, Tally

FPS: Final = 10.0
"""Pictures that each camera takes per second; more than a lane can have answered."""

_PATIENCE: Final = 30.0
"""Seconds that our service has for its answers after the last picture of a flood; it
needs one or two."""
_PATIENCE_PEER: Final = 3.0
"""A queue without an end would need many times as long as the flood took."""

_WARM_UP: Final = 2
"""Pictures that are read before measuring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing to measure."""

    lanes: int
    workers: int = 1
    """How many pictures our service reads at a time."""
    flood: bool = False
    """Whether its clients send without waiting for answers."""
    peer: bool = False
    """Whether rapidocr answers."""

    @property
    def name(self) -> str:
        """What it is, for people."""
        who = "rapidocr" if self.peer else f"Plate Gate, workers: {self.workers}"
        what = "clients that do not wait" if self.flood else "lanes"
        return f"{who}, {what}: {self.lanes}"


ALL: Final = (
    *(Row(lanes=lanes, workers=workers) for workers in (1, 2) for lanes in (1, 2, 4)),
    Row(lanes=4, peer=True),
    *(Row(lanes=4, workers=workers, flood=True) for workers in (1, 2)),
    Row(lanes=4, flood=True, peer=True),
)

QUICK: Final = (
    Row(lanes=1),
    Row(lanes=4),
    Row(lanes=4, peer=True),
    Row(lanes=4, flood=True),
    Row(lanes=4, flood=True, peer=True),
)


async def measure(
    rows: Sequence[Row],
    pictures: Sequence[Picture],
    *,
    seconds: float,
    threads: int,
    peer: Path | None,
    say: Callable[[str], None],
) -> Report:
    """Measure one row after the other, each with a service of its own.

    Args:
        rows: What to measure.
        pictures: What the cameras show.
        seconds: How long the cameras of each row take pictures.
        threads: How many threads a service may use in all to read.
        peer: The interpreter that has rapidocr installed; None leaves its rows out.
        say: Is told what is measured.

    Returns:
        `rows`, `seconds`, `fps`, `threads`, `machine`, and `failures` in words.

    Raises:
        BenchError: Something cannot be measured.

    """
    facts = machine()
    who = {"Plate Gate": versions()["versions"]}
    _allow_many_files()
    done = []
    for row in rows:
        if row.peer and peer is None:
            continue
        say(row.name)
        measured = await _measure(row, pictures, seconds, threads, peer)
        if told := measured.pop("versions"):
            who["rapidocr"] = told
        done.append(measured)
    return {
        "rows": done,
        "seconds": seconds,
        "fps": FPS,
        "threads": threads,
        "pictures": len(pictures),
        "machine": facts | {"versions": who},
        "failures": [f"{row['name']}: {what}" for row in done for what in wrong(row)],
    }


async def _measure(
    row: Row,
    pictures: Sequence[Picture],
    seconds: float,
    threads: int,
    peer: Path | None,
) -> Report:
    each = max(1, threads // row.workers)
    if row.peer and peer is not None:
        command = plain_queue(peer, threads)
    else:
        command = ours(row.workers, each)
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(running(command))
        session = await stack.enter_async_context(
            ClientSession(connector=TCPConnector(limit=0))
        )
        await lanes.drive(
            session,
            service.url,
            pictures[:_WARM_UP],
            lanes=1,
            fps=1000,
            seconds=_WARM_UP / 1000,
        )
        watching = AsyncExitStack()
        most: Any = {}
        if not row.peer:
            most = await watching.enter_async_context(watched(session, service.url))
        used, begin = cpu_seconds(service.pid), time.monotonic()
        async with watching:
            tally, others = await _send(row, session, service, pictures, seconds)
        wall = time.monotonic() - begin
        used = cpu_seconds(service.pid) - used
        memory = peak(service.pid)
    return _figures(row, tally, seconds, wall, used) | {
        **others,
        "threads": threads if row.peer else each,
        "rss_mb": round(memory, 1),
        "waiting_max": most.get("waiting"),
        "reading_max": most.get("reading"),
        "exit_status": service.status,
        "versions": service.versions,
    }


async def _send(
    row: Row,
    session: ClientSession,
    service: Service,
    pictures: Sequence[Picture],
    seconds: float,
) -> tuple[Tally, dict[str, int]]:
    """Send pictures; return what became of them, and what else was counted."""
    if not row.flood:
        tally = await lanes.drive(
            session,
            service.url,
            pictures,
            lanes=row.lanes,
            fps=FPS,
            seconds=seconds,
        )
        return tally, {}
    flood = Flood(session, service.url)
    await flood.send(
        pictures,
        per_second=row.lanes * FPS,
        seconds=seconds,
        patience=_PATIENCE_PEER if row.peer else _PATIENCE,
    )
    return flood.tally, {"in_flight_max": flood.in_flight_max, "rude": flood.rude}


def _figures(
    row: Row, tally: Tally, seconds: float, wall: float, used: float
) -> Report:
    figures = tally.figures(seconds)
    answered = figures[Fate.ANSWERED]
    return {
        "name": row.name,
        "peer": row.peer,
        "flood": row.flood,
        "lanes": row.lanes,
        "workers": row.workers,
        **figures,
        "missing": tally.missing,
        "answered_per_s": round(answered / wall, 2),
        "cpu_ms_per_answer": round(1000 * used / answered, 1) if answered else None,
    }


def wrong(row: Report) -> list[str]:
    """Return what is wrong with a row of ours, in words; with a peer's nothing is."""
    if row["peer"]:
        return []
    found = []
    for key, what in (
        ("missing", "pictures are unaccounted for"),
        ("lost", "pictures have no answer"),
        ("failed", "pictures have an answer that is none"),
        ("rude", "refusals do not tell when to come again"),
        ("exit_status", "was the exit status of the service"),
    ):
        if count := row.get(key):
            found.append(f"{count} {what}")
    if not row["answered"]:
        found.append("not one answer")
    if row["waiting_max"] is None or row["reading_max"] is None:
        found.append("it does not tell how many pictures wait")
    else:
        if row["waiting_max"] > WAITING_MAX:
            found.append(f"{row['waiting_max']:.0f} pictures waited at a time")
        if row["reading_max"] > row["workers"]:
            found.append(f"{row['reading_max']:.0f} pictures were read at a time")
    return found


def _allow_many_files() -> None:
    """Let this process, and those it starts, have as many files open as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
