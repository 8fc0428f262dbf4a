"""A lane as the decider sees it: frames at a steady pace, gaps, and a list."""

from datetime import timedelta
from typing import Final

from custom_components.plate_gate.decision import Decider, VehicleIndex
from custom_components.plate_gate.models import Decision, PlateRead

from .scene import NOON, vehicle

OURS: Final = vehicle("AB12CDE")
LIST: Final = VehicleIndex([OURS, vehicle("KN18RTX")])
GRANTED: Final = [("granted", "AB12CDE")]


class Lane:
    """A lane as the decider sees it: frames at a steady pace, and a list."""

    def __init__(self, vehicles: VehicleIndex = LIST, every: float = 0.3) -> None:
        """Begin at noon with nobody there."""
        self.decider = Decider()
        self.vehicles = vehicles
        self.every = every
        self.clock = 1000.0
        self.now = NOON

    def pause(self, seconds: float) -> None:
        """Let time pass without a frame."""
        self.clock += seconds
        self.now += timedelta(seconds=seconds)

    def wait(self, seconds: int) -> int:
        """Let time pass without a frame, and forget who has gone once a second.

        Returns:
            How many unknown vehicles were counted meanwhile.

        """
        unknown = 0
        for _ in range(seconds):
            self.pause(1.0)
            unknown += self.decider.end_quiet(self.clock)
        return unknown

    def see(
        self, *reads: PlateRead, frames: int = 1, quiet_since: float | None = None
    ) -> list[Decision]:
        """Show the same reads on some frames."""
        decisions: list[Decision] = []
        for _ in range(frames):
            self.pause(self.every)
            decisions += self.decider.observe(
                reads,
                taken=self.clock,
                now=self.now,
                vehicles=self.vehicles,
                quiet_since=quiet_since,
            )
        return decisions
