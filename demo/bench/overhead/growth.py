"""What a million reads leave behind in memory; runs in a process of its own."""

from datetime import UTC, datetime, timedelta
import gc
from itertools import cycle
from random import Random
from typing import Any, Final

from custom_components.plate_gate.decision import Decider, VehicleIndex
from custom_components.plate_gate.models import Box, Outcome, Plate, PlateRead
from demo.bench.process import memory, work

from .plates import clear_read, plate_text, plate_texts, read, vehicles

_LISTED: Final = 300
_LISTED_SHARE: Final = 0.3
"""Of the vehicles that come."""
_PROBABILITIES: Final = 0.25
"""Share of the vehicles read with probabilities; with all it would take ten minutes."""
_FRAMES: Final = (4, 20)
"""Frames for which a vehicle is there, at least and at most."""
_LEFT_AND_RIGHT: Final = (200.0, 2000.0)
"""Where two stand, in pixels: too far from each other to be taken for one."""

_EVERY: Final = 0.3
"""Seconds between two frames, on a clock that nobody waits for."""
_REST: Final = 12.0
"""Seconds without anybody between two vehicles at one place."""
_AWAY: Final = 120.0
"""Seconds after the last frame when everybody has gone."""

_WARM: Final = 0.1
"""Share of the reads after which memory should have its size."""


class _Visit:
    """One vehicle in front of the camera."""

    def __init__(self, random: Random, text: str, x: float) -> None:
        self.left = random.randint(*_FRAMES)
        self._random = random
        self._text = text
        self._x = x
        self._plain = random.random() > _PROBABILITIES

    def read(self) -> PlateRead:
        """Return what is read of it in the next frame."""
        self.left -= 1
        self._x += 8
        box = Box(self._x, 300, self._x + 140, 335)
        if self._plain:
            return PlateRead(plate=Plate(self._text), confidence=0.97, box=box)
        # However unsure it was, before it leaves it has been seen clearly.
        if self.left < 2:
            return clear_read(self._text, box)
        return read(self._random, self._text, box)


def growth(reads: int) -> dict[str, Any]:
    """Let vehicles come and go until that many reads were decided on.

    Returns:
        `before` and `after`: memory in MB once it is warm, and at the end; `reads`;
        how many `visits` of listed vehicles there were, and how many were `granted`;
        `strangers` that came, and how many of them were `counted`; `here`: how many
        arrivals are open when all have gone.

    """
    random = Random(7)
    texts = plate_texts(random, _LISTED)
    turns = cycle(texts)
    index = VehicleIndex(vehicles(texts))
    decider = Decider()
    there: dict[float, _Visit] = {}
    free = dict.fromkeys(_LEFT_AND_RIGHT, 0.0)
    now, clock = datetime(2026, 7, 1, tzinfo=UTC), 1000.0
    done = visits = granted = strangers = counted = 0
    before = 0.0
    while done < reads or there:
        for x in _LEFT_AND_RIGHT:
            if x not in there and clock > free[x] and done < reads:
                is_listed = random.random() < _LISTED_SHARE
                text = next(turns) if is_listed else plate_text(random)
                there[x] = _Visit(random, text, x)
                visits += is_listed
                strangers += not is_listed
        clock += _EVERY
        now += timedelta(seconds=_EVERY)
        frame = [visit.read() for visit in there.values()]
        done += len(frame)
        for x, visit in list(there.items()):
            if not visit.left:
                del there[x]
                free[x] = clock + _REST
        decisions = decider.observe(frame, taken=clock, now=now, vehicles=index)
        granted += sum(one.outcome is Outcome.GRANTED for one in decisions)
        counted += decider.end_quiet(clock)
        if not before and done >= _WARM * reads:
            before = _settled()
    after = _settled()
    counted += decider.end_quiet(clock + _AWAY)
    return {
        "before": before,
        "after": after,
        "reads": done,
        "visits": visits,
        "granted": granted,
        "strangers": strangers,
        "counted": counted,
        "here": decider.open_arrivals,
    }


def _settled() -> float:
    """Return the memory in MB without what only waits to be collected."""
    gc.collect()
    return memory()


if __name__ == "__main__":
    work({"growth": growth})
