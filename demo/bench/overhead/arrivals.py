"""How long it takes from the recognizer's answer to the gate, in a running house."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Final

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import (
    TrackTemplate,
    async_track_state_change_event,
    async_track_template_result,
)
from homeassistant.helpers.template import Template

from custom_components.plate_gate.models import Box
from demo.bench.report import Report, quantile

from .house import House, house
from .plates import clear_read, plate_texts, read

LOAD: Final = 200.0
"""State changes per second of a busy house."""

_SENSORS: Final = 50
_LISTENERS: Final = 4
_TEMPLATES: Final = 10

_FRAMES: Final = 6
"""Frames of each vehicle: it comes nearer, the gate opens, it stands there."""
_PAUSE: Final = 0.01
"""Seconds between frames: no camera is as fast, but nobody wants to wait."""
_PATIENCE: Final = 2.0
_AWAY: Final = 15.0
"""Seconds until the next vehicle comes, on the lane's clock."""


async def measure(count: int, say: Callable[[str], None]) -> Report:
    """Let vehicles come, one after another, to a house at rest and to a busy one.

    Args:
        count: How many, to each.
        say: Is told what is being done.

    Returns:
        `overhead_ms_p50`, `overhead_ms_p99` and `overhead_ms_max` at rest, the same as
        `overhead_loaded_ms_…` beside other work, `arrivals`, and what went `wrong`.

    """
    random = Random(1)
    texts = plate_texts(random, 2 * count)
    async with house(texts) as made:
        say(f"{count} arrivals at a house at rest")
        quiet, wrong = await _arrivals(made, random, texts[:count])
        say(f"{count} arrivals beside {LOAD:.0f} state changes per second")
        async with _busy(made.hass) as changes:
            loaded, also_wrong = await _arrivals(made, random, texts[count:])
    return {
        "arrivals": count,
        "listed": len(texts),
        "state_changes": changes[0],
        **_figures("overhead_ms", quiet),
        **_figures("overhead_loaded_ms", loaded),
        "wrong": wrong + also_wrong,
    }


async def _arrivals(
    made: House, random: Random, texts: list[str]
) -> tuple[list[float], list[str]]:
    """Let a vehicle come for each plate; return milliseconds, and what went wrong."""
    times, wrong = [], []
    for number, text in enumerate(texts):
        before = len(made.gate.told)
        spent = await _arrival(made, random, text)
        openings = len(made.gate.told) - before
        if spent is not None:
            times.append(1000 * spent)
        if openings != 1:
            # No plate is said, though it is a made up one.
            wrong.append(f"arrival {number} led to {openings} openings")
    return times, wrong


async def _arrival(made: House, random: Random, text: str) -> float | None:
    """Let one vehicle come and go; return seconds from the answer to the gate."""
    spent = None
    for frame in range(_FRAMES):
        box = Box(400 + 10 * frame, 300, 540 + 12 * frame, 335)
        # The last ones are clear: it stands at the gate.
        clear = frame >= _FRAMES // 2
        made.reader.sees = [clear_read(text, box) if clear else read(random, text, box)]
        told = len(made.gate.told)
        answered = await _show(made)
        if len(made.gate.told) > told and spent is None:
            spent = made.gate.told[told] - answered
    await made.gate.async_close_cover()
    made.reader.sees = ()
    for _ in range(2):
        made.skip(_AWAY / 2)
        await _show(made)
    return spent


async def _show(made: House) -> float:
    """Show the lane a frame; return when the recognizer had answered."""
    before = made.reader.answered
    made.camera.take(made.clock())
    async with asyncio.timeout(_PATIENCE):
        while made.reader.answered == before:
            await asyncio.sleep(0)
    await asyncio.sleep(_PAUSE)
    return made.reader.answered


@asynccontextmanager
async def _busy(hass: HomeAssistant) -> AsyncIterator[list[int]]:
    """Let sensors change, with listeners and templates that follow them.

    Returns:
        How often they have changed, as the only item of a list.

    """
    changes, seen = [0], [0]
    sensors = [f"sensor.bench_{number}" for number in range(_SENSORS)]

    @callback
    def follow(_: Event[EventStateChangedData]) -> None:
        seen[0] += 1

    unsubscribes = [
        async_track_state_change_event(hass, sensors, follow) for _ in range(_LISTENERS)
    ]
    for sensor in sensors[:_TEMPLATES]:
        template = Template(f"{{{{ states('{sensor}') | float(0) * 2 }}}}", hass)
        tracked = async_track_template_result(
            hass, [TrackTemplate(template, None)], lambda *_: None
        )
        unsubscribes.append(tracked.async_remove)

    async def change() -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while True:
            due = int((loop.time() - begin) * LOAD)
            while changes[0] < due:
                sensor = sensors[changes[0] % _SENSORS]
                hass.states.async_set(sensor, str(changes[0]), {"unit": "W"})
                changes[0] += 1
            await asyncio.sleep(1 / LOAD)

    work = asyncio.create_task(change())
    try:
        yield changes
    finally:
        work.cancel()
        await asyncio.wait([work])
        for unsubscribe in unsubscribes:
            unsubscribe()


def _figures(name: str, times: list[float]) -> Report:
    if not times:
        return {f"{name}_{part}": None for part in ("p50", "p99", "max")}
    return {
        f"{name}_p50": round(quantile(times, 0.5), 2),
        f"{name}_p99": round(quantile(times, 0.99), 2),
        f"{name}_max": round(max(times), 2),
    }
