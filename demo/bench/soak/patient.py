"""One camera of the soak, with the source that reads it and what befalls both."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
import random
import time
from typing import Any, Final

from custom_components.plate_gate.capture import CameraStatus, FrameSource
from demo.bench import numbers

from .faults import Fault
from .ledger import Handed, Ledger

NOTICE: Final = 10.0
"""Seconds within which a fault has to be noticed that nobody waits for: a camera that
falls silent is given up after four, and one that sends by HTTP after five."""

_FIRST: Final = 20.0
"""Seconds until the first frame of all."""

_LOOK: Final = 0.02
CALM: Final = (1.0, 3.0)
"""Seconds between two faults, at least and at most."""

type Tell = Callable[[dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class Episode:
    """A fault that came and went."""

    fault: str
    noticed: float | None = None
    """Seconds until it was noticed."""
    back: float | None = None
    """Seconds from its end until a frame was handed on that was taken after it."""
    shown: set[str] = field(default_factory=set)
    """As what it was noticed."""


class Patient:
    """Takes frames from a source, and breaks the camera again and again."""

    def __init__(
        self,
        name: str,
        source: FrameSource,
        faults: Sequence[Fault],
        tell: Tell,
        *,
        chance: random.Random,
        bound: float,
        calm: tuple[float, float] = CALM,
    ) -> None:
        """Prepare.

        Args:
            name: Of the camera.
            source: What reads it.
            faults: What may happen.
            tell: Gives an order to the camera.
            chance: Decides what happens, and when.
            bound: Seconds after the end of a fault within which frames have to come.
            calm: Seconds between two faults, at least and at most.

        """
        self.name = name
        self.source = source
        self.ledger = Ledger()
        self.episodes: list[Episode] = []
        self.failures: list[str] = []
        self._faults = faults
        self._tell = tell
        self._chance = chance
        self._bound = bound
        self._calm = calm
        self._bag: list[Fault] = []
        self._newest = 0.0
        self._during = "before any fault"

    async def take(self) -> None:
        """Take frames until canceled."""
        while True:
            frame = await self.source.newest()
            got = time.monotonic()
            number = await asyncio.to_thread(numbers.read_jpeg, frame.jpeg)
            self.ledger.hand(Handed(number, got, frame.taken, self._during))
            self._newest = frame.taken

    async def suffer(self, end: float) -> None:
        """Let faults happen, one after another, until it is time to end.

        Args:
            end: When no fault begins any more, of `time.monotonic`.

        """
        begun = time.monotonic()
        if not await self._until(lambda: self._newest > begun, _FIRST):
            self.failures.append(f"{self.name}: no frame at all")
            return
        while True:
            await asyncio.sleep(self._chance.uniform(*self._calm))
            fault = self._draw(end - time.monotonic())
            if fault is None:
                return
            await self._befall(fault)

    def _draw(self, left: float) -> Fault | None:
        """Return what happens next; each before any happens again."""
        if not self._bag:
            self._bag = self._chance.sample(self._faults, len(self._faults))
        for fault in self._bag:
            if left > fault.patience:
                self._bag.remove(fault)
                return fault
        return None

    async def _befall(self, fault: Fault) -> None:
        """Let a fault happen and pass, and see what comes of it."""
        episode = Episode(fault.name)
        self.episodes.append(episode)
        self._during = fault.name
        before, begun = self.source.status, time.monotonic()

        def look() -> bool:
            sign = _sign(fault, before, self.source.status)
            if sign is not None:
                if episode.noticed is None:
                    episode.noticed = time.monotonic() - begun
                episode.shown.add(sign)
            return episode.noticed is not None

        for order in fault.begin:
            await self._do(order)
        lasts = self._chance.uniform(*fault.seconds)
        if fault.patience:
            await self._until(look, fault.patience)
        await self._until(_never(look), lasts)
        for order in fault.end:
            await self._do(order)
        ended = time.monotonic()
        self._during = f"after {fault.name}"
        if fault.sign != "perhaps" and not await self._until(look, NOTICE):
            self._fail(f"{fault.name} was not noticed")
        # A fault of one moment is noticed after it has ended.
        late = max(ended, begun + (episode.noticed or 0.0))
        is_back = await self._until(lambda: self._newest > late, self._bound)
        if not is_back:
            self._fail(f"no frame within {self._bound:g} s after {fault.name}")
            await self._until(lambda: self._newest > late, 5 * self._bound)
        episode.back = time.monotonic() - ended

    async def _do(self, order: dict[str, Any]) -> None:
        await self._tell(order | {"name": self.name})

    async def _until(self, condition: Callable[[], bool], patience: float) -> bool:
        """Wait for a condition; tell whether it came true in time."""
        end = time.monotonic() + patience
        while not condition():
            if time.monotonic() >= end:
                return False
            await asyncio.sleep(_LOOK)
        return True

    def _fail(self, what: str) -> None:
        self.failures.append(f"{self.name}: {what}")


def _never(look: Callable[[], object]) -> Callable[[], bool]:
    """Return a condition that looks, and does not come true."""

    def condition() -> bool:
        look()
        return False

    return condition


def _sign(fault: Fault, before: CameraStatus, now: CameraStatus) -> str | None:
    """Return as what a fault shows, or None while it does not."""
    if now.error is not None and not now.connected:
        return type(now.error).__name__.removeprefix("Camera").removesuffix("Error")
    if fault.sign == "corrupt" and now.corrupt > before.corrupt:
        return "counted as damaged"
    if fault.sign == "late" and now.late > before.late:
        return "counted as late"
    return None
