"""A backend that behaves as a test tells it to, for the tests of the pool."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import override

from custom_components.plate_gate.models import Frame, Plate, PlateRead
from custom_components.plate_gate.recognition import (
    BackendInfo,
    BackendPool,
    Member,
    RecognitionBackend,
    Strategy,
)
from custom_components.plate_gate.recognition.pace import Pace

HASTE = Pace(
    blink=0.0,
    rest=0.0,
    relapse=0.0,
    lockout=0.0,
    slow_start=0.01,
    ping=10.0,
    chance=lambda: 0.0,
)
"""No rests, so that no test waits."""

NO_PROBES = Pace(
    blink=3600.0, rest=3600.0, relapse=3600.0, lockout=3600.0, chance=lambda: 0.0
)
"""Rests without an end, so that what failed stays failed."""


class PlayedBackend(RecognitionBackend):
    """Says what it is told to, and keeps count.

    Attributes:
        start_error: Raised by `start` if set; the same for the others.
        reads: What is seen in each frame.
        hold: While it is cleared, readings do not end.
        deaf: Whether readings ignore that they are canceled.
        frames: What it was given to read.
        open: Readings that have begun and not ended.
        calls: Names of what it was asked, checks and readings apart.

    """

    def __init__(self, plate: str = "AB12CDE") -> None:
        """Begin well."""
        self.start_error: Exception | None = None
        self.ping_error: Exception | None = None
        self.check_error: Exception | None = None
        self.read_error: BaseException | None = None
        self.reads = [PlateRead(plate=Plate(plate), confidence=0.9)]
        self.version = "1"
        self.hold = asyncio.Event()
        self.hold.set()
        self.start_hold = asyncio.Event()
        self.start_hold.set()
        self.ping_hold = asyncio.Event()
        self.ping_hold.set()
        self.deaf = False
        self.frames: list[Frame] = []
        self.open = 0
        self.calls: list[str] = []

    @override
    async def start(self) -> None:
        """Get ready."""
        self.calls.append("start")
        await self.start_hold.wait()
        if self.start_error is not None:
            raise self.start_error

    @override
    async def stop(self) -> None:
        """End."""
        self.calls.append("stop")

    @override
    async def ping(self) -> BackendInfo:
        """Be there."""
        self.calls.append("ping")
        await self.ping_hold.wait()
        if self.ping_error is not None:
            raise self.ping_error
        return BackendInfo(version=self.version)

    @override
    async def check(self) -> BackendInfo:
        """Be able to read."""
        self.calls.append("check")
        if self.check_error is not None:
            raise self.check_error
        return BackendInfo(version=self.version)

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Read."""
        self.calls.append("read")
        self.frames.append(frame)
        self.open += 1
        try:
            while not self.hold.is_set():
                try:
                    await self.hold.wait()
                except asyncio.CancelledError:
                    if not self.deaf:
                        raise
            if self.read_error is not None:
                raise self.read_error
            return list(self.reads)
        finally:
            self.open -= 1

    def fall(self, error: Exception) -> None:
        """Answer nothing but an error from now on."""
        self.ping_error = self.check_error = self.read_error = error

    def rise(self) -> None:
        """Be well again."""
        self.ping_error = self.check_error = self.read_error = None


@dataclass
class Clock:
    """Seconds that pass when they are told to."""

    now: float = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@dataclass
class Played:
    """A pool of played backends, the clock, and what was heard of it."""

    backends: Sequence[PlayedBackend]
    pool: BackendPool
    clock: Clock
    heard: list[tuple[str, ...]] = field(default_factory=list)
    """The states of all, each time that a listener was called."""

    def __post_init__(self) -> None:
        """Listen."""
        self.pool.subscribe(lambda: self.heard.append(self.states))

    @property
    def states(self) -> tuple[str, ...]:
        """How the backends are doing."""
        return tuple(backend.state.value for backend in self.pool.health.backends)


def play_pool(
    count: int = 2,
    *,
    strategy: Strategy = Strategy.IN_ORDER,
    deadline: float = 10.0,
    pace: Pace = NO_PROBES,
    metered: bool = False,
) -> Played:
    """Return a pool of played backends that are well."""
    backends = [PlayedBackend() for _ in range(count)]
    clock = Clock()
    pool = BackendPool(
        members(backends, metered=metered),
        strategy=strategy,
        deadline=deadline,
        clock=clock,
        pace=pace,
    )
    return Played(backends, pool, clock)


def members(
    backends: Sequence[RecognitionBackend], *, metered: bool = False
) -> list[Member]:
    """Return members named A, B, C and so on."""
    return [
        Member(key=f"key{number}", name=chr(65 + number), backend=b, metered=metered)
        for number, b in enumerate(backends)
    ]


def picture(taken: float = 1.0) -> Frame:
    """Return a frame that nobody looks into."""
    return Frame(jpeg=b"picture", width=640, height=360, taken=taken)


def our_tasks() -> set[asyncio.Task[object]]:
    """Return the tasks of pools."""
    return {t for t in asyncio.all_tasks() if t.get_name().startswith("plate_gate")}


async def settle() -> None:
    """Let everything go on that has something to do now."""
    for _ in range(50):
        await asyncio.sleep(0)
