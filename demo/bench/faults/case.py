"""Lets one fault happen to one camera, and says what came of it."""

import asyncio
from dataclasses import dataclass
import threading
import time
from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.plate_gate.camera_state import CameraState

from .ears import Ears
from .rig import SECRETS, Patience, Rig
from .rows import Case, Row

_FLOW: Final = 2
"""Frames after which a camera is fine, and may break."""

_FINE: Final = CameraState.STREAMING

_POOLS: Final = ("asyncio_", "SyncWorker_")
"""How the threads are called that an event loop keeps for its errands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a fault."""

    shown: tuple[str, ...]
    """What the camera's sensor showed meanwhile, one after another."""
    noticed: float | None
    """Seconds until it could be seen that something is wrong; None if it never could."""
    back: float | None
    """Seconds from the end of the fault until a frame taken since then was there; None
    if none ever was."""
    handed_on: int
    """How many pictures were handed on in all."""
    old: int
    """How many of them were older than the limit, then or when they were taken out."""
    old_unnoticed: int
    """How many of these were, before it was noticed that something is wrong, the same
    as what a camera sends in whose view nothing happens."""
    threads: int
    """How many threads were left in the end."""
    secrets: int
    """How often a secret was found in what was logged."""
    heard: int
    """How many things were logged."""

    @property
    def is_good(self) -> bool:
        """Whether all is as it should be."""
        faults = self.old - self.old_unnoticed + self.threads + self.secrets
        return self.noticed is not None and self.back is not None and not faults


async def run(
    case: Case, patience: Patience, hass: HomeAssistant | None = None
) -> Outcome:
    """Let a fault happen, wait until it was noticed, and until frames flow again.

    Args:
        case: Which fault, of which kind of camera.
        patience: Of the capture.
        hass: Needed for the entity.

    """
    ears = Ears()
    before = set(threading.enumerate())
    with ears.listening():
        rig = Rig(case.kind, patience, ears, trust_stamps=case.row.trust_stamps)
        async with rig.running(hass):
            began, noticed, ended = await _break(rig, case.row)
            back = await _frames_since(rig, ended)
            await rig.until(lambda: rig.shown[-1].state is _FINE)
        threads = await left_over(before)
    old = rig.judge.old()
    unnoticed = 0
    if case.row.looks_quiet and noticed is not None:
        unnoticed = old - rig.judge.old(since=noticed)
    return Outcome(
        shown=_shown_since(rig, began, ended if back is None else back),
        noticed=None if noticed is None else noticed - began,
        back=None if back is None else back - ended,
        handed_on=len(rig.judge.put),
        old=old,
        old_unnoticed=unnoticed,
        threads=threads,
        secrets=ears.count(SECRETS),
        heard=ears.lines,
    )


async def _break(rig: Rig, row: Row) -> tuple[float, float | None, float]:
    """Let the fault happen; return when it began, was noticed and ended."""
    if not row.from_start:
        rig.start()
        await rig.until(lambda: len(rig.judge.got) >= _FLOW)
    began = time.monotonic()
    async with row.fault(rig):
        if row.from_start:
            began = time.monotonic()
            rig.start()
        noticed = await _noticed(rig, row, began)
        if row.reconnects:
            reconnects = rig.status.reconnects + row.reconnects
            await rig.until(lambda: rig.status.reconnects >= reconnects)
        lasts = max(row.seconds, rig.patience.gone if row.reconnects else 0.0)
        await asyncio.sleep(began + lasts - time.monotonic())
        ended = time.monotonic()
    return began, noticed, ended


async def _noticed(rig: Rig, row: Row, began: float) -> float | None:
    """Return when it could be seen that something is wrong."""
    if row.shows is None:
        sign = row.sign or (lambda _: True)
        return await rig.until(lambda: rig.shown != [] and sign(rig))
    shown = await rig.until(lambda: _first(rig, row.shows, began) is not None)
    return None if shown is None else _first(rig, row.shows, began)


def _first(rig: Rig, state: CameraState | None, began: float) -> float | None:
    """Return when a state was shown for the first time since the fault began."""
    times = (one.at for one in rig.shown if one.at >= began and one.state is state)
    return next(times, None)


async def _frames_since(rig: Rig, ended: float) -> float | None:
    """Return when the first frame was there that was taken after the fault had ended.

    If something is shown after it, it was not the first of many, and does not count.
    """

    def first() -> float | None:
        troubles = (one.at for one in rig.shown if one.state is not _FINE)
        last = max(troubles, default=0.0)
        good = (
            one.at
            for one in rig.judge.put
            if one.taken is not None and one.taken > ended and one.at > last
        )
        return next(good, None)

    return first() if await rig.until(lambda: first() is not None) else None


def _shown_since(rig: Rig, began: float, back: float) -> tuple[str, ...]:
    """Return the names of what was shown during the fault, each once."""
    shown = [one.state for one in rig.shown if began <= one.at <= back]
    troubles = [str(state) for state in shown if state is not _FINE]
    return tuple(dict.fromkeys(troubles)) or (str(_FINE),)


async def left_over(before: set[threading.Thread], patience: float = 1.0) -> int:
    """Return how many threads there are that were not there before.

    Args:
        before: Those that were.
        patience: Seconds in which one may end whose work is done.

    """

    def new() -> list[threading.Thread]:
        return [
            thread
            for thread in threading.enumerate()
            if thread not in before and not thread.name.startswith(_POOLS)
        ]

    deadline = time.monotonic() + patience
    while new() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    return len(new())
