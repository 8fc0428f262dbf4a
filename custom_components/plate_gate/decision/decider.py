"""The memory of a lane: open arrivals, and what was decided about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, override

from ..models import Decision, Outcome, PlateRead, Reason
from .arrival import Arrival
from .association import area, associate, distinct
from .decide import decide
from .evidence import Evidence
from .policy import Policy
from .rules import Rules
from .told import Told
from .vehicles import VehicleIndex

_ARRIVALS_MAX: Final = 64
"""A frame full of texts must not fill the memory."""

_READS_MAX: Final = 8
"""How many plates of one frame are weighed: a wall of them must not hold up the house.

With 100,000 vehicles, each costs a millisecond or two.
"""


class Decider:
    """Turns the reads of one camera into decisions, each of them told once."""

    __slots__ = (
        "_arrivals",
        "_newest",
        "_number",
        "_policy",
        "_told",
        "_unknown",
        "_vehicles",
    )

    def __init__(self, policy: Policy | None = None) -> None:
        """Begin with nobody in front of the camera.

        Args:
            policy: How much evidence is enough; the default policy if it is None.

        """
        self._policy = policy or Policy()
        self._arrivals: list[Arrival] = []
        self._told = Told()
        self._newest = float("-inf")
        self._number = 0
        self._unknown = 0
        self._vehicles: VehicleIndex | None = None

    @override
    def __repr__(self) -> str:
        """Show how many vehicles are there, and nothing of them."""
        return f"Decider({self.open_arrivals} open arrivals)"

    @property
    def policy(self) -> Policy:
        """How much evidence is enough.

        Another one forgets the reads, which were weighed by the old one, and nothing of
        what was told: who was let in is not let in again.
        """
        return self._policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        if policy != self._policy:
            self._policy = policy
            self.forget_reads()

    @property
    def open_arrivals(self) -> int:
        """How many vehicles are in front of the camera."""
        return len(self._arrivals)

    def is_here(self, arrival: int) -> bool:
        """Tell whether an arrival, by its number, is still in front of the camera.

        One that was granted is there for as long as it is read as the vehicle that it
        was granted to. Whoever else drives up to its place has no part in that.
        """
        return any(here.number == arrival and here.stands for here in self._arrivals)

    def unknown_waiting(self, since: float) -> list[int]:
        """Return the arrivals that seem to be unknown vehicles which wait.

        Args:
            since: Those that were first seen at this time or before, in monotonic
                seconds.

        Returns:
            Their numbers, the oldest first.

        """
        return [
            arrival.number
            for arrival in self._arrivals
            if arrival.first_taken <= since and arrival.unknown_vehicle
        ]

    def listed_waiting(self, since: float) -> list[int]:
        """Return the arrivals that fit the list somehow, and were not granted.

        Args:
            since: Those that were first seen at this time or before, in monotonic
                seconds.

        Returns:
            Their numbers, the oldest first.

        """
        return [
            arrival.number
            for arrival in self._arrivals
            if arrival.first_taken <= since
            and arrival.matched
            and arrival.granted is None
        ]

    def observe(
        self,
        reads: Sequence[PlateRead],
        *,
        taken: float,
        now: datetime,
        vehicles: VehicleIndex,
        quiet_since: float | None = None,
        rules: Rules | None = None,
    ) -> list[Decision]:
        """Take the reads of a frame and decide.

        Args:
            reads: What was read in the frame; may be empty.
            taken: When the frame was taken, in monotonic seconds. A frame that is not
                newer than the last one says nothing new, and is left out.
            now: The time, with a time zone.
            vehicles: The list. Another index than the last time means that the list
                has changed: what speaks for a vehicle that was removed is forgotten.
            quiet_since: Since when nothing has moved that the camera sees, which was
                watched all that time; None if something has, or nobody knows. Who was
                seen since then is still there, read or not; who was not, is absent.
            rules: What listed vehicles may do at this lane; None for anything within
                their validity.

        Returns:
            New final decisions: of an arrival at most one that is granted, and none
            after it, and at most one that is denied for each vehicle, and one because
            two vehicles fit. A vehicle that
            was granted is not granted again until it has been gone for
            `Policy.absence`, whether or not the gate did open. Time in which there
            were no frames does not count as absence, up to `Policy.unobserved_max`.

        """
        if not taken > self._newest:
            return []
        self._told.pass_time(self._newest, taken, quiet_since, self._policy)
        self._newest = taken
        self._forget(taken)
        if vehicles is not self._vehicles:
            self._relist(vehicles)
        frame = self._weigh(reads, taken, vehicles)
        seen: list[Arrival] = []
        for evidence, found in zip(
            frame, associate(self._arrivals, frame), strict=True
        ):
            if found is None:
                self._number += 1
                found = Arrival(evidence, self._policy, self._number)
                self._arrivals.append(found)
            else:
                found.add(evidence)
            seen.append(found)
        self._make_room()
        self._told.see(_shown(seen), taken)
        self._told.see(self._left_out(reads, vehicles), taken)
        # All of it before any of it is noted as told: rules that fail for one vehicle
        # must not swallow what is granted to another.
        judged = [
            (arrival, decide(arrival, self._policy, now, rules))
            for arrival in seen
            if arrival.granted is None
        ]
        return [
            decision for arrival, decision in judged if self._is_news(arrival, decision)
        ]

    def take_back(self, decision: Decision) -> None:
        """Let a vehicle that was granted count as refused: nothing was opened for it.

        It is decided on anew while it waits, for no longer than any other that was
        refused (`Policy.patience`). This is for a gate that was not told to open, and
        never for one that failed to: that one may have moved.

        Args:
            decision: What was granted, as `observe` returned it.

        """
        vehicle = decision.vehicle
        if vehicle is None or not self._told.take_back(
            vehicle.vehicle_id, decision.arrival
        ):
            return
        for arrival in self._arrivals:
            if arrival.granted == vehicle.vehicle_id:
                arrival.granted = None

    def still_there(
        self, reads: Sequence[PlateRead], *, taken: float, vehicles: VehicleIndex
    ) -> None:
        """Note that vehicles which something was told of seem to be there still.

        This is for frames that are not to be decided on. It can only keep a vehicle from
        being let in twice.

        Args:
            reads: What was read in the frame.
            taken: When the frame was taken, in monotonic seconds.
            vehicles: The list.

        """
        frame = self._weigh(reads, taken, vehicles)
        self._told.see(
            {c.vehicle.vehicle_id for e in frame for c in e.candidates}, taken
        )
        self._told.see(self._left_out(reads, vehicles), taken)

    def end_quiet(self, clock: float) -> int:
        """Forget the vehicles that have gone.

        The lane calls this every few seconds, also while no frames come, so that no
        read is kept for longer than `Policy.absence` after it. What was told of listed
        vehicles stays while nobody sees them leave; see `Policy.unobserved_max`.

        Args:
            clock: The time, in monotonic seconds.

        Returns:
            How many of those that have gone since the last call were vehicles that are
            not on the list, as far as that can be told; see `Arrival.unknown_vehicle`.

        """
        self._forget(clock)
        unknown, self._unknown = self._unknown, 0
        return unknown

    def forget_reads(self) -> None:
        """Forget every read, and keep what was told.

        This is for a lane that stops and may go on: no read outlives its vehicle,
        though nobody calls `end_quiet` meanwhile, and who was let in before is not let
        in again. Strangers that are there are not counted. The list is let go, too.
        """
        self._arrivals.clear()
        self._vehicles = None

    def reset(self) -> None:
        """Forget everything, as if no vehicle had ever been there.

        This is for a lane that stops for good. After it, a vehicle that still waits may
        be granted again, so neither a camera that reconnects nor a reload is a reason
        to call it.
        """
        self.forget_reads()
        self._told.clear()
        self._newest = float("-inf")
        self._unknown = 0

    def _weigh(
        self, reads: Sequence[PlateRead], taken: float, vehicles: VehicleIndex
    ) -> list[Evidence]:
        """Weigh the reads of a frame against the list."""
        return [
            Evidence.of(read, taken, vehicles, self._policy)
            for read in self._legible(reads, vehicles)[:_READS_MAX]
        ]

    def _legible(
        self, reads: Sequence[PlateRead], vehicles: VehicleIndex
    ) -> list[PlateRead]:
        """Return the reads of a frame that count, those that matter most first.

        That is what is on the list to the character; then the largest plates, since who
        stands at the gate is nearest to the camera; then the surest.
        """
        return sorted(
            (
                read
                for read in distinct(reads)
                if read.confidence >= self._policy.minimum_confidence
            ),
            key=lambda read: (
                bool(vehicles.exact(read.plate)),
                0.0 if read.box is None else area(read.box),
            ),
            reverse=True,
        )

    def _left_out(self, reads: Sequence[PlateRead], vehicles: VehicleIndex) -> set[str]:
        """Return the vehicles that stand, by text, in reads that are not weighed.

        They are there, and must not count as gone because there are too many others.
        """
        if len(reads) <= _READS_MAX:
            return set()
        return {
            vehicle.vehicle_id
            for read in self._legible(reads, vehicles)[_READS_MAX:]
            for vehicle in vehicles.exact(read.plate)
        }

    def _is_news(self, arrival: Arrival, decision: Decision) -> bool:
        """Note what was decided about an arrival; tell whether that is final and new."""
        if decision.outcome is Outcome.UNDECIDED:
            return False
        if decision.vehicle is None:
            told, arrival.denied_unnamed = arrival.denied_unnamed, True
            return not told
        vehicle_id = decision.vehicle.vehicle_id
        granted = decision.outcome is Outcome.GRANTED
        if granted and self._has_parked(vehicle_id):
            return False
        if granted:
            arrival.granted = vehicle_id
        # Who was let in and is taken for a second arrival is not refused either.
        if self._told.knows(vehicle_id, Outcome.GRANTED) or (
            self._told.knows(vehicle_id, decision.outcome)
        ):
            return False
        self._told.add(vehicle_id, decision.outcome, self._newest, arrival.number)
        return True

    def _has_parked(self, vehicle_id: str) -> bool:
        """Tell whether a vehicle was refused so long ago that it wants in no more."""
        refused = self._told.since(vehicle_id, Outcome.DENIED)
        return refused is not None and self._newest - refused > self._policy.patience

    def _relist(self, vehicles: VehicleIndex) -> None:
        """Judge what is remembered against a changed list."""
        self._vehicles = vehicles
        for arrival in self._arrivals:
            arrival.relist(vehicles.by_id)

    def _forget(self, clock: float) -> None:
        """End the arrivals not seen for too long, and what was told of who has gone."""
        absence = self._policy.absence
        here: list[Arrival] = []
        for arrival in self._arrivals:
            if clock - arrival.newest.taken <= absence:
                here.append(arrival)
            else:
                self._unknown += arrival.unknown_vehicle
        self._arrivals = here
        self._told.forget(clock, max(clock - self._newest, 0.0), self._policy)

    def _make_room(self) -> None:
        """End the arrivals unseen for longest, if there are too many.

        Those of vehicles that were granted are the last: somebody may be asked about
        them, and a gate is held open for them.
        """
        if len(self._arrivals) > _ARRIVALS_MAX:
            self._arrivals.sort(
                key=lambda arrival: (arrival.granted is not None, arrival.newest.taken)
            )
            self._arrivals = self._arrivals[-_ARRIVALS_MAX:]


def _shown(arrivals: Sequence[Arrival]) -> set[str]:
    """Return the vehicles that are there, as the newest reads of arrivals show.

    A text that is another vehicle's to the character shows that one, and beside it only
    the one that the arrival was granted to: a parked vehicle must not keep another one
    outside whose plate is like its own.
    """
    return {
        candidate.vehicle.vehicle_id
        for arrival in arrivals
        for candidate in arrival.newest.candidates
        if candidate.how is Reason.EXACT_TEXT
        or not arrival.newest.exact
        or candidate.vehicle.vehicle_id == arrival.granted
    }
