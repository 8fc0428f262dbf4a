"""What was told of the vehicles that are still there, so that it is told once."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import override

from ..models import Outcome
from .policy import Policy


@dataclass(slots=True)
class _Sight:
    """When a vehicle was seen last, and what nobody saw since."""

    arrival: int
    """The number of the arrival of which it was told."""
    since: float
    """When it was told, in monotonic seconds."""
    last: float
    """When the frame was taken in which it was seen last, in monotonic seconds."""
    unobserved: float = 0.0
    """Seconds since then that lie in gaps between two frames."""


class Told:
    """Remembers which outcome was told of which vehicle, until the vehicle has gone.

    It outlives the arrival, because one that is taken for two must not open twice, and
    because a camera that comes back has not seen the vehicle leave. It holds ids of
    listed vehicles, outcomes and times, and nothing of a stranger.

    Only observed time makes a vehicle absent. Where two frames are further apart than
    `Policy.observed_gap`, the rest of the gap counts for nothing, unless nothing moved
    from the one to the other. Nor does time in which nothing moved since the vehicle
    was seen. Both hold up to `Policy.unobserved_max` in all since then.
    """

    __slots__ = ("_sights",)

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._sights: dict[tuple[str, Outcome], _Sight] = {}

    @override
    def __repr__(self) -> str:
        """Show how much there is, and nothing of the vehicles."""
        return f"Told({len(self._sights)} outcomes)"

    def __len__(self) -> int:
        """Return how many outcomes are remembered."""
        return len(self._sights)

    def knows(self, vehicle_id: str, outcome: Outcome) -> bool:
        """Tell whether this was told already."""
        return (vehicle_id, outcome) in self._sights

    def since(self, vehicle_id: str, outcome: Outcome) -> float | None:
        """Return when this was told, in monotonic seconds; None if it was not."""
        sight = self._sights.get((vehicle_id, outcome))
        return None if sight is None else sight.since

    def add(
        self, vehicle_id: str, outcome: Outcome, taken: float, arrival: int
    ) -> None:
        """Remember what is told of a vehicle, on a frame that was taken then."""
        self._sights[vehicle_id, outcome] = _Sight(arrival, taken, taken)

    def take_back(self, vehicle_id: str, arrival: int) -> bool:
        """Let a vehicle that was granted count as refused since then.

        Args:
            vehicle_id: Which one.
            arrival: The number of the arrival that was granted. If the vehicle has gone
                and was granted anew since, that stays.

        Returns:
            Whether there was something to take back.

        """
        sight = self._sights.get((vehicle_id, Outcome.GRANTED))
        if sight is None or sight.arrival != arrival:
            return False
        del self._sights[vehicle_id, Outcome.GRANTED]
        self._sights.setdefault((vehicle_id, Outcome.DENIED), sight)
        return True

    def see(self, vehicle_ids: Collection[str], taken: float) -> None:
        """Note which vehicles are in a frame: they have not been absent."""
        for (vehicle_id, _), sight in self._sights.items():
            if vehicle_id in vehicle_ids:
                sight.last, sight.unobserved = taken, 0.0

    def pass_time(
        self, before: float, taken: float, quiet_since: float | None, policy: Policy
    ) -> None:
        """Note the time that passed from one frame to the next.

        Args:
            before: When the frame before was taken, in monotonic seconds.
            taken: When this one was.
            quiet_since: Since when nothing has moved, if that was watched.
            policy: How long a gap may be in which nothing escapes.

        """
        for sight in self._sights.values():
            if quiet_since is not None and sight.last >= quiet_since:
                # It has not moved since it was seen; that it is not read is no absence.
                sight.unobserved += taken - before
                continue
            if quiet_since is not None and before >= quiet_since:
                # Nothing came or went between the two frames, and it is in neither.
                continue
            sight.unobserved += max(taken - before - policy.observed_gap, 0.0)

    def forget(self, clock: float, gap: float, policy: Policy) -> None:
        """Forget the vehicles that have gone.

        Args:
            clock: The time, in monotonic seconds.
            gap: Seconds since the newest frame. All of it is unobserved: a frame that
                is being read while the clock goes on may still show the vehicle.
            policy: How long is too long.

        """
        self._sights = {
            told: sight
            for told, sight in self._sights.items()
            if clock - sight.last - min(sight.unobserved + gap, policy.unobserved_max)
            <= policy.absence
        }

    def clear(self) -> None:
        """Forget everything."""
        self._sights.clear()
