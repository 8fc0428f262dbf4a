"""How long the sealed list takes to load, look up and change, beside plain JSON."""

import asyncio
from collections.abc import Awaitable, Callable
import json
import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
import time
from typing import Any, Final

from custom_components.plate_gate.models import Plate, Vehicle
from custom_components.plate_gate.records import Allowlist, SealedAllowlist, VaultKeeper
from custom_components.plate_gate.records.allowlist_format import from_data, to_data
from custom_components.plate_gate.records.vault import PlateIndex

from .overhead.plates import plate_text
from .report import Report, machine

SIZES: Final = (100, 10_000, 100_000)
LOAD_GOAL: Final = 2.0
"""Seconds in which the longest list is to be loaded."""

_ROUNDS: Final = 3
_LOOK_UPS: Final = 20_000


def measure(seed: int, say: Callable[[str], None]) -> Report:
    """Measure lists of every size.

    Args:
        seed: Other plates.
        say: Told what is being done.

    """
    report: Report = {"machine": machine(), "seed": seed, "sizes": {}}
    for size in SIZES:
        say(f"{size} vehicles")
        with TemporaryDirectory() as folder:
            report["sizes"][str(size)] = asyncio.run(
                _measure(vehicles(size, seed), Path(folder))
            )
    return report


def vehicles(size: int, seed: int) -> tuple[Vehicle, ...]:
    """Return a list of made-up vehicles, no two with the same plate."""
    random = Random(seed)
    texts: dict[str, None] = {}
    while len(texts) < size:
        texts[plate_text(random)] = None
    return tuple(
        Vehicle(vehicle_id=f"{n:016x}", label=f"Flat {n:06}", plate=Plate(text))
        for n, text in enumerate(texts)
    )


def records_text(report: Report) -> str:
    """Return the report as a table for people."""
    rows = {
        "load_s": "load, s",
        "first_save_s": "save all, s",
        "add_s": "add one, s",
        "change_s": "change one, s",
        "remove_s": "remove one, s",
        "look_up_us": "look up by plate, µs",
        "file_mb": "file, MB",
        "plain_load_s": "  beside, plain JSON: load, s",
        "plain_save_s": "  save, s",
        "plain_mb": "  file, MB",
    }
    sizes = report["sizes"]
    wide = max(map(len, rows.values()))
    lines = [" ".join([" " * wide, *(f"{int(size):>10,}" for size in sizes)])]
    for key, name in rows.items():
        cells = (f"{found[key]:>10.3g}" for found in sizes.values())
        lines.append(" ".join([name.ljust(wide), *cells]))
    longest = list(sizes.values())[-1]["load_s"]
    met = "met" if longest <= LOAD_GOAL else "missed"
    lines += ["", f"goal: the longest list loads in {LOAD_GOAL:.0f} s: {met}"]
    facts = report["machine"]
    lines.append(f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']}")
    return "\n".join(lines)


async def _measure(listed: tuple[Vehicle, ...], folder: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    path = folder / "vault"
    keeper = VaultKeeper(path, asyncio.to_thread)
    await keeper.open()
    sealed = SealedAllowlist(keeper)
    await sealed.async_load()
    # Once: a second time, nothing would have changed.
    found["first_save_s"] = await _timed(lambda: sealed.async_save(listed), rounds=1)
    allowlist = Allowlist(sealed)

    async def load() -> None:
        nonlocal allowlist
        keeper = VaultKeeper(path, asyncio.to_thread)
        await keeper.open()
        allowlist = Allowlist(SealedAllowlist(keeper))
        await allowlist.load()

    found["load_s"] = await _timed(load)
    # Of the list as a whole, with its checks for plates and labels that are there.
    plates = iter(["NEW0001", "NEW0002", "NEW0003"])
    added: list[str] = []

    async def add() -> None:
        plate = next(plates)
        vehicle = await allowlist.add(f"Guest {len(added)}", Plate(plate))
        added.append(vehicle.vehicle_id)

    found["add_s"] = await _timed(add)
    found["change_s"] = await _timed(
        lambda: allowlist.change(
            added[0], uses=(allowlist.find(added[0]).uses or 0) + 1
        )
    )

    async def remove() -> None:
        await allowlist.remove(added.pop())

    found["remove_s"] = await _timed(remove)
    assert len(allowlist.vehicles) == len(listed)

    index = PlateIndex(os.urandom(32))
    for vehicle in listed:
        index.add(vehicle.plate, vehicle.vehicle_id)
    wanted = [listed[n % len(listed)] for n in range(_LOOK_UPS)]
    began = time.perf_counter()
    for vehicle in wanted:
        assert index.get(vehicle.plate) == vehicle.vehicle_id
    found["look_up_us"] = (time.perf_counter() - began) / _LOOK_UPS * 1e6
    found["file_mb"] = (path / "vehicles.sealed").stat().st_size / 1e6
    return found | await _plain(listed, folder / "plain.json")


async def _plain(listed: tuple[Vehicle, ...], path: Path) -> dict[str, float]:
    """Measure what Home Assistant's store does: JSON as a whole, beside its old file."""

    def save() -> None:
        new = path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(to_data(listed), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    def load() -> None:
        loaded = from_data(json.loads(path.read_text("utf-8")))
        assert len(loaded) == len(listed)

    return {
        "plain_save_s": await _timed(lambda: asyncio.to_thread(save)),
        "plain_load_s": await _timed(lambda: asyncio.to_thread(load)),
        "plain_mb": path.stat().st_size / 1e6,
    }


async def _timed(what: Callable[[], Awaitable[Any]], *, rounds: int = _ROUNDS) -> float:
    """Return the seconds that the fastest of a few rounds took."""
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        await what()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
