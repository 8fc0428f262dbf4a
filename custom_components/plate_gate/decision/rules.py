"""What a listed vehicle may do, and when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from ..models import Access, Direction, Movement, Reason, Vehicle
from .schedule import within


class Usage(Protocol):
    """What has been counted of listed vehicles. The ledger of `records` is one."""

    @property
    def known(self) -> bool:
        """Whether what was counted could be read. If not, nobody with a limit passes."""

    @property
    def inside(self) -> int:
        """How many listed vehicles are inside, as far as lanes have seen."""

    def uses(self, vehicle_id: str) -> int:
        """Return how often a vehicle was let in since it is on the list."""

    def uses_on(self, vehicle_id: str, day: date) -> int:
        """Return how often it was let in on one day."""

    def is_inside(self, vehicle_id: str) -> bool:
        """Tell whether it came in and has not gone out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What holds for all lanes of a site."""

    occupancy: int | None = None
    """How many listed vehicles may be inside; None for any number."""
    anti_passback: bool = False
    """Whether a vehicle that came in has to go out before it comes in again."""

    @property
    def counts_inside(self) -> bool:
        """Whether it has to be known who is inside."""
        return self.anti_passback or self.occupancy is not None


class NoUsage:
    """Counts nothing: for lanes without limits."""

    known = True
    inside = 0

    def uses(self, vehicle_id: str) -> int:
        """Return 0."""
        return 0

    def uses_on(self, vehicle_id: str, day: date) -> int:
        """Return 0."""
        return 0

    def is_inside(self, vehicle_id: str) -> bool:
        """Return False."""
        return False


def _stands(vehicle: Vehicle) -> tuple[Reason, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one lane."""

    lane: str = ""
    """The id by which `Vehicle.lanes` names it."""
    direction: Direction = Direction.ENTRY
    movement: Movement | None = None
    """How a vehicle has to move to be let in; None for anyhow."""
    site: SiteRules = SiteRules()
    usage: Usage = field(default_factory=NoUsage)
    standing: Callable[[Vehicle], tuple[Reason, ...]] = _stands
    """What the gate has to say now: why it would not open for this vehicle."""

    @property
    def asks_for_movement(self) -> bool:
        """Whether it matters how a vehicle moves.

        If so, a decision about one that seems to move is better made once that is
        known: here, a movement that is not known is let pass.
        """
        return self.movement is not None or (
            self.direction is Direction.BOTH and self.site.counts_inside
        )

    def way(self, movement: Movement = Movement.UNKNOWN) -> Direction:
        """Return which way a vehicle passes.

        Args:
            movement: How it moves, as far as it is known. The camera of a lane for
                both directions looks out: who comes nearer comes in.

        Returns:
            `BOTH` at a lane for both directions if the movement is not known.

        """
        if self.direction is not Direction.BOTH:
            return self.direction
        if movement is Movement.APPROACHING:
            return Direction.ENTRY
        return Direction.EXIT if movement is Movement.RECEDING else Direction.BOTH

    def refusals(
        self, vehicle: Vehicle, now: datetime, movement: Movement = Movement.UNKNOWN
    ) -> tuple[Reason, ...]:
        """Return every reason why a vehicle is not let in now; none if it is.

        - What is written about the vehicle alone holds for each way: the block list,
          its validity, its schedule and its lanes.
        - A lane that asks for a movement refuses the other one. A vehicle that stands,
          or whose movement nobody can tell, passes, since most of those that wait at a
          gate stand.
        - Counts are for those who come in. Nobody is kept from going out because the
          uses are up, the site is full, or it is not known who is inside.
        - Where nobody can tell whether a vehicle comes or goes, the passage counts as
          a use, or a pass for one visit would be one for many. It is let pass though
          the site is full or the vehicle counted as inside: refusing could lock it in.

        Args:
            vehicle: The vehicle, its times with a time zone.
            now: The time, in the time zone of the site: schedules are by its clock.
            movement: How the vehicle moves, as far as it is known.

        Raises:
            TypeError: The time has no time zone, so that there is no telling what day
                it is.

        """
        if now.tzinfo is None:
            raise TypeError("A time without a zone")
        way = self.way(movement)
        return (
            *self.written(vehicle, now),
            *self._refused_here(movement),
            *self._used_up(vehicle, now, way),
            *self._inside(vehicle, way),
            *self._uncounted(vehicle, way),
            *self.standing(vehicle),
        )

    def written(self, vehicle: Vehicle, now: datetime) -> tuple[Reason, ...]:
        """Return what is written about a vehicle that keeps it from passing here now.

        That is what can be asked again once its use has been counted.

        Args:
            vehicle: The vehicle, its times with a time zone.
            now: The time, in the time zone of the site.

        """
        here = vehicle.lanes is None or self.lane in vehicle.lanes
        return (*_written(vehicle, now), *(() if here else (Reason.WRONG_LANE,)))

    def _refused_here(self, movement: Movement) -> Iterator[Reason]:
        """Tell whether a vehicle moves as this lane does not want it."""
        if self.movement is not None and movement not in {
            self.movement,
            Movement.UNKNOWN,
        }:
            yield Reason.WRONG_DIRECTION

    def _used_up(
        self, vehicle: Vehicle, now: datetime, way: Direction
    ) -> Iterator[Reason]:
        """Tell which limits of a vehicle are reached."""
        if way is Direction.EXIT or not self.usage.known:
            return
        vehicle_id = vehicle.vehicle_id
        if vehicle.uses is not None and self.usage.uses(vehicle_id) >= vehicle.uses:
            yield Reason.USES_UP
        if (
            vehicle.per_day is not None
            and self.usage.uses_on(vehicle_id, now.date()) >= vehicle.per_day
        ):
            yield Reason.DAY_QUOTA_UP

    def _inside(self, vehicle: Vehicle, way: Direction) -> Iterator[Reason]:
        """Tell what keeps a vehicle out because of who is inside."""
        if way is not Direction.ENTRY or not self.usage.known:
            return
        inside = self.usage.is_inside(vehicle.vehicle_id)
        if self.site.anti_passback and inside:
            yield Reason.ALREADY_INSIDE
        if (
            self.site.occupancy is not None
            # One that is counted already takes up no further place.
            and not inside
            and self.usage.inside >= self.site.occupancy
        ):
            yield Reason.SITE_FULL

    def _uncounted(self, vehicle: Vehicle, way: Direction) -> Iterator[Reason]:
        """Tell whether a limit would hold, and what it counts is not known."""
        limited = vehicle.uses is not None or vehicle.per_day is not None
        if not self.usage.known and (
            (limited and way is not Direction.EXIT)
            or (self.site.counts_inside and way is Direction.ENTRY)
        ):
            yield Reason.COUNTS_UNKNOWN


def _written(vehicle: Vehicle, now: datetime) -> Iterator[Reason]:
    """Tell what is written about a vehicle that keeps it out now."""
    if vehicle.access is not Access.ALLOW:
        yield Reason.BLOCKED
    # Times of one zone are compared by its clock, which shows an hour twice each fall.
    moment = now.astimezone(UTC)
    if vehicle.valid_from is not None and moment < vehicle.valid_from:
        yield Reason.NOT_YET_VALID
    if vehicle.valid_until is not None and moment >= vehicle.valid_until:
        yield Reason.EXPIRED
    if not within(vehicle.schedule, now):
        yield Reason.OUTSIDE_SCHEDULE
