"""A lane with its camera and its recognizer played, and a real gate."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from homeassistant.core import HomeAssistant

from custom_components.plate_gate.admission import Terms
from custom_components.plate_gate.decision import Decider, VehicleIndex
from custom_components.plate_gate.errors import BackendError, GateError
from custom_components.plate_gate.gate import Gate, GateSettings
from custom_components.plate_gate.lane import Lane
from custom_components.plate_gate.models import Passage, Plate, Vehicle
from custom_components.plate_gate.news import RequestNews

from .common import GATE, LABEL, LANE, PLATE, FakeBackend, FakeSource, eventually

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LISTED = VehicleIndex([Vehicle(vehicle_id="1", label=LABEL, plate=Plate(PLATE))])


@dataclass
class Rig:
    """A lane with everything around it under control."""

    hass: HomeAssistant
    gate_entity: str = GATE
    confirm_seconds: float = 15.0
    source: FakeSource = field(default_factory=FakeSource)
    backend: FakeBackend = field(default_factory=FakeBackend)
    vehicles: VehicleIndex = LISTED
    clock: float = 100.0
    now: datetime = NOON
    passages: list[Passage] = field(default_factory=list)
    gate_reports: list[GateError | None] = field(default_factory=list)
    backend_reports: list[BackendError | None] = field(default_factory=list)
    terms: Callable[[Gate], Terms] | None = None
    news: list[RequestNews] = field(default_factory=list)
    disarmed: list[bool] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put the lane together, armed."""
        gate = Gate(
            self.hass,
            GateSettings(
                entity_id=self.gate_entity,
                confirm_seconds=self.confirm_seconds,
                # The gate has a clock of its own, which the lane's does not move.
                cool_down=0.0,
                vehicle_cool_down=0.0,
            ),
            on_late_failure=lambda error: self.lane.gate_failed_late(error),
        )
        self.lane = Lane(
            name=LANE,
            source=self.source,
            backend=self.backend,
            decider=Decider(),
            gate=gate,
            vehicles=lambda: self.vehicles,
            clock=lambda: self.clock,
            now=lambda: self.now,
            terms=self.terms and self.terms(gate),
        )
        self.lane.set_automatic_opening(True)
        self.lane.subscribe_passages(self.passages.append)
        self.lane.subscribe_requests(self.news.append)
        self.lane.subscribe_disarmed(lambda: self.disarmed.append(True))
        self.lane.subscribe_gate(self.gate_reports.append)
        self.lane.subscribe_backend(self.backend_reports.append)

    def run(self) -> None:
        """Let the lane run until the test ends."""
        self.tasks.append(asyncio.create_task(self.lane.run()))

    async def stop(self) -> None:
        """Cancel the lane as an unloading entry does."""
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        self.tasks.clear()

    async def show(
        self,
        *,
        age: float = 0.0,
        after: float = 0.2,
        live: bool = True,
        quiet_since: float | None = None,
    ) -> None:
        """Show a frame, and wait until the lane has dealt with it.

        Args:
            age: Seconds since it was taken.
            after: Seconds since the last one.
            live: Whether the camera has shown that its pictures change.
            quiet_since: Since when nothing has moved.

        """
        self.clock += after
        metrics = self.lane.metrics
        before = (self.backend.asked, metrics.stale)
        self.source.show(self.clock - age, live=live, quiet_since=quiet_since)
        await eventually(lambda: (self.backend.asked, metrics.stale) != before)
        await settle()


async def settle() -> None:
    """Let everything go on that has something to do now."""
    for _ in range(20):
        await asyncio.sleep(0)
