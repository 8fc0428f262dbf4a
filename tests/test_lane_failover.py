"""A lane with several real servers that read, a real decision and a real gate."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
import time

import aiohttp
from homeassistant.core import HomeAssistant
import pytest

from custom_components.plate_gate import lane as lane_module
from custom_components.plate_gate.decision import Decider, VehicleIndex
from custom_components.plate_gate.errors import BackendError
from custom_components.plate_gate.gate import Gate, GateSettings
from custom_components.plate_gate.lane import Lane
from custom_components.plate_gate.models import Plate, Vehicle
from custom_components.plate_gate.recognition import (
    BackendPool,
    BackendState,
    CodeProjectBackend,
    Member,
)
from custom_components.plate_gate.recognition.pace import Pace

from .common import (
    GATE,
    LABEL,
    LANE,
    PLATE,
    FakeSource,
    GateCover,
    Recognizer,
    eventually,
)
from .recognition.faults import silence

LISTED = VehicleIndex([Vehicle(vehicle_id="1", label=LABEL, plate=Plate(PLATE))])
PACE = Pace(ping=0.5, slow_start=5.0, share=0.2, blink=0.02, rest=0.05, relapse=0.05)


@dataclass
class Yard:
    """A lane, what it looks with, and what reads for it."""

    lane: Lane
    source: FakeSource
    servers: list[Recognizer]
    pool: BackendPool
    reports: list[BackendError | None]

    @property
    def states(self) -> list[BackendState]:
        """How the pool takes the servers to be."""
        return [backend.state for backend in self.pool.health.backends]

    def sees(self, *plates: str) -> None:
        """Put vehicles in front of the camera."""
        for server in self.servers:
            server.plates = plates

    async def show(self) -> None:
        """Show a frame, and wait until it was read, or nobody could."""
        metrics = self.lane.metrics
        before = metrics.frames + metrics.backend_errors
        self.source.show(time.monotonic())
        await eventually(lambda: metrics.frames + metrics.backend_errors > before)


@pytest.fixture
async def yard(
    hass: HomeAssistant, cover: GateCover, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Yard]:
    """Return a running, armed lane with three servers."""
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 0.0)
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (0.01, 0.01))
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        servers = [await stack.enter_async_context(Recognizer()) for number in range(3)]
        pool = BackendPool(
            [
                Member(
                    key=server.address,
                    name=f"Server {number}",
                    backend=CodeProjectBackend(session, server.url),
                )
                for number, server in enumerate(servers)
            ],
            pace=PACE,
        )
        await pool.start()
        stack.push_async_callback(pool.stop)
        source = FakeSource()
        lane = Lane(
            name=LANE,
            source=source,
            backend=pool,
            decider=Decider(),
            gate=Gate(
                hass, GateSettings(entity_id=GATE), on_late_failure=lambda error: None
            ),
            vehicles=lambda: LISTED,
            automatic_opening=True,
        )
        reports: list[BackendError | None] = []
        lane.subscribe_backend(reports.append)
        running = asyncio.create_task(lane.run())
        yield Yard(lane, source, servers, pool, reports)
        running.cancel()
        await asyncio.wait([running])


async def test_two_of_three_die_while_a_vehicle_waits(
    yard: Yard, cover: GateCover
) -> None:
    """One hangs and one is gone between two frames, and the gate opens all the same."""
    first, second, third = yard.servers
    await yard.show()
    yard.sees(PLATE)
    await yard.show()
    assert first.reads == 3, "a check and two frames"

    first.alpr = silence
    await second.stop()
    await yard.show()
    await eventually(lambda: cover.opened == 1)
    assert third.reads == 2, "a check and a frame"
    assert yard.states == [BackendState.FAILED, BackendState.FAILED, BackendState.READY]
    assert yard.reports == [], "the lane has lost nothing"
    assert yard.lane.metrics.backend_errors == 0
    await second.start()


async def test_one_is_back_while_a_vehicle_waits(yard: Yard, cover: GateCover) -> None:
    """Nobody reads when the vehicle comes; the gate opens as soon as one is back."""
    await yard.show()
    for server in yard.servers:
        await server.stop()
    yard.sees(PLATE)
    for _ in range(3):
        await yard.show()
    assert cover.opened == 0
    assert not yard.pool.health.available
    assert yard.reports

    await yard.servers[2].start()
    await eventually(lambda: yard.pool.health.available)
    for _ in range(2):
        await yard.show()
    await eventually(lambda: cover.opened == 1)
    assert yard.reports[-1] is None
    for server in yard.servers[:2]:
        await server.start()
