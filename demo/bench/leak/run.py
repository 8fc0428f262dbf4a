"""Lets many vehicles pass a real Home Assistant, and looks what is left of them."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
import io
import logging
from pathlib import Path
from random import Random
from string import ascii_uppercase, digits
from tempfile import TemporaryDirectory
from typing import Any, Final

from custom_components.plate_gate.models import Box, Plate
from custom_components.plate_gate.records.scan import Hit, Scanner
from demo.bench.overhead.house import House, house
from demo.bench.overhead.plates import clear_read
from demo.bench.report import Report, machine

from .home import back_up, log_of_everything, prepare

LISTED: Final = 100
_LENGTH: Final = 9
"""Characters of a canary: what is found of one is no accident."""

_UNKNOWN: Final = "sensor.bench_lane_unknown_vehicles_today"

_FRAMES: Final = 3
_AWAY: Final = 15.0
"""Seconds until the next vehicle comes, on the lane's clock."""

_CONTROL: Final = 50
"""Vehicles that come to the house that leaks on purpose."""

_WITNESSES: Final = (
    "home-assistant_v2.db",
    "home-assistant.log",
    ".storage/trace.saved_traces",
    ".storage/core.restore_state",
    "backups/*.tar",
)
"""What has to be there to be searched: a search of nothing finds nothing."""

_VAULT: Final = ("vehicles.sealed", "ledger.sealed")

_LEAK = logging.getLogger("leak")


def measure(reads: int, seed: int, say: Callable[[str], None]) -> Report:
    """Let vehicles come, and look for their plates in all that was written.

    Args:
        reads: How many plates are read; 100 of them are on the list, too.
        seed: Other plates.
        say: Told what is being done.

    Returns:
        What `scripts/bench leak` writes, with `failures`, a text for each goal that was
        missed.

    """
    plates = canaries(Random(seed), reads)
    listed, strangers = plates[:LISTED], plates[LISTED:]
    report: Report = {"machine": machine(), "seed": seed}
    with TemporaryDirectory() as folder:
        found = asyncio.run(_live(Path(folder), listed, strangers, say, leaks=False))
        say("looking for what is left")
        missing = [name for name in _WITNESSES if not [*Path(folder).glob(name)]]
        scanned = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
        hits = _look(Path(folder), strangers, found.pop("printed"))
        listed_hits = _look(Path(folder), listed, "")
    with TemporaryDirectory() as folder:
        some = strangers[:_CONTROL]
        control = asyncio.run(_live(Path(folder), listed, some, say, leaks=True))
        control_hits = _look(Path(folder), some, control.pop("printed"))
    report |= {
        "reads": reads,
        "listed": len(listed),
        "strangers": len(strangers),
        "stranger_hits": sum(hit.times for hit in hits),
        "listed_hits_outside_vault": sum(
            hit.times for hit in listed_hits if not hit.place.endswith(_VAULT)
        ),
        "control_hits": sum(hit.times for hit in control_hits),
        "control_places": sorted(
            {Path(hit.place.partition("!")[0]).name for hit in control_hits}
        ),
        "scanned_mb": round(scanned / 1e6, 1),
        "not_searched": missing,
        **found,
    }
    report["failures"] = failures(report)
    return report


def canaries(random: Random, count: int) -> list[str]:
    """Return plates that are nobody's, all of them different."""
    texts: dict[str, None] = {}
    while len(texts) < count:
        text = "".join(random.choices(ascii_uppercase + digits, k=_LENGTH))
        # What has no digit is taken for a word, and not for a vehicle.
        if not text.isalpha() and not text.isdigit():
            texts[text] = None
    return list(texts)


def failures(report: Report) -> list[str]:
    """Return a text for each goal that a report misses."""
    wrong = [
        f"{name} is {report[name]}"
        for name in ("stranger_hits", "listed_hits_outside_vault", "bytes_per_stranger")
        if report[name]
    ]
    wrong += [f"{name} was not there to be searched" for name in report["not_searched"]]
    if report["counted"] != report["strangers"]:
        wrong.append(f"{report['counted']} strangers were noticed")
    if report["wrong_openings"]:
        wrong.append(f"{report['wrong_openings']} openings for strangers")
    if not report["control_hits"]:
        wrong.append("the search is blind: it finds no leak that was made on purpose")
    if report["opened"] != report["listed"]:
        wrong.append(f"{report['opened']} of {report['listed']} listed vehicles got in")
    return wrong


async def _live(
    folder: Path,
    listed: Sequence[str],
    strangers: Sequence[str],
    say: Callable[[str], None],
    *,
    leaks: bool,
) -> dict[str, Any]:
    """Run a house while vehicles come, make a backup, and stop it."""
    printed = io.StringIO()
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        log_of_everything(folder),
    ):
        async with house(listed, folder, prepare) as made:
            if leaks:
                _leak(made)
            for text in listed:
                await _pass(made, text)
            opened = len(made.gate.told)
            before = _kept(folder)
            for number, text in enumerate(strangers):
                if number % 1000 == 0:
                    say(f"{number} of {len(strangers)} strangers")
                await _pass(made, text)
            grown = _kept(folder) - before
            await made.hass.async_block_till_done()
            counted = made.hass.states.get(_UNKNOWN)
            await back_up(made.hass)
    return {
        "opened": opened,
        "wrong_openings": len(made.gate.told) - opened,
        "counted": int(counted.state) if counted else 0,
        "bytes_per_stranger": grown / len(strangers),
        "printed": printed.getvalue(),
    }


async def _pass(made: House, text: str) -> None:
    """Let one vehicle come and go."""
    for number in range(_FRAMES):
        box = Box(400 + 60 * number, 300, 540 + 60 * number, 335)
        made.reader.sees = [clear_read(text, box)]
        await _show(made)
    if made.gate.is_closed is False:
        await made.gate.async_close_cover()
    made.reader.sees = ()
    for _ in range(2):
        made.skip(_AWAY / 2)
        await _show(made)


async def _show(made: House) -> None:
    """Show the lane a frame, and wait until it has looked at it."""
    before = made.reader.answered
    made.camera.take(made.clock())
    while made.reader.answered == before:
        await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)


def _leak(made: House) -> None:
    """Let the house do what Plate Gate must not: log, and set a state."""
    read = made.reader.read

    async def tell(frame: object) -> list[object]:
        reads = await read(frame)  # type: ignore[arg-type]
        for one in reads:
            text = one.plate.reveal()
            _LEAK.debug("read %s", text.lower())
            made.hass.states.async_set("sensor.leak", f"{text[:4]} {text[4:]}")
        return list(reads)

    made.reader.read = tell  # type: ignore[assignment,method-assign]


def _kept(folder: Path) -> int:
    """Return how many bytes are in what Plate Gate writes."""
    files = (folder / ".storage").rglob("*")
    return sum(
        path.stat().st_size
        for path in files
        if path.is_file() and "plate_gate" in str(path.relative_to(folder))
    )


def _look(folder: Path, texts: Sequence[str], printed: str) -> list[Hit]:
    scanner = Scanner(map(Plate, texts))
    return [
        *scanner.scan([folder]),
        *scanner.scan_bytes(printed.encode(), "what was printed"),
    ]


def leak_text(report: Report) -> str:
    """Return the report for people."""
    places = ", ".join(report["control_places"])
    lines = [
        (
            f"{report['strangers']:,} strangers and {report['listed']} listed vehicles"
            f" were read; {report['scanned_mb']} MB were searched."
        ),
        f"plates of strangers found: {report['stranger_hits']}",
        f"bytes that Plate Gate kept of each: {report['bytes_per_stranger']:g}",
        f"plates of listed ones found: {report['listed_hits_outside_vault']}",
        f"found in a house that leaks: {report['control_hits']}, in {places}",
    ]
    return "\n".join([*lines, *(f"FAILED: {one}" for one in report["failures"])])
