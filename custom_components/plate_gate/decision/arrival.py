"""What is known of one vehicle in front of one camera, while it is there."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self, override

from ..models import Box, Plate, PlateRead, Reason, Vehicle
from .match import Candidate, candidates
from .policy import Policy
from .vehicles import VehicleIndex

_TEXT_SURE: Final = 0.9
_TEXT_LENGTHS: Final = range(4, 10)
_MOVED: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the decision keeps of a read, for seconds."""

    taken: float
    """When its frame was taken, in monotonic seconds."""
    plate: Plate
    confident: bool
    """Whether the text speaks against vehicles that it does not fit."""
    plausible: bool = field(repr=False)
    """Whether the text looks like a plate."""
    box: Box | None
    candidates: tuple[Candidate, ...]
    """The listed vehicles that the read fits, the best first."""

    @classmethod
    def of(
        cls, read: PlateRead, taken: float, vehicles: VehicleIndex, policy: Policy
    ) -> Self:
        """Weigh a read against the list."""
        found = candidates(read, vehicles, policy)
        return cls(
            taken=taken,
            plate=read.plate,
            # That a text is on the list to the character makes it credible.
            confident=read.confidence >= policy.confident
            or any(c.how is Reason.EXACT_TEXT for c in found),
            plausible=_looks_like_a_plate(read),
            box=read.box,
            candidates=found,
        )

    @property
    def exact(self) -> frozenset[str]:
        """The ids of the vehicles whose plate this is to the character."""
        return frozenset(
            c.vehicle.vehicle_id for c in self.candidates if c.how is Reason.EXACT_TEXT
        )

    def supports(self, vehicle_id: str) -> bool:
        """Tell whether the read fits this vehicle."""
        return any(c.vehicle.vehicle_id == vehicle_id for c in self.candidates)


class Arrival:
    """One vehicle in front of one camera, from its first read until it has gone.

    It keeps the evidence of the last seconds (`Policy.memory`), and for longer only
    what says nothing of a stranger: counts, times and ids of listed vehicles.
    """

    __slots__ = (
        "_first_box",
        "_first_reads",
        "_matched",
        "_memory",
        "_moved",
        "_plausible_frames",
        "evidence",
        "granted",
    )

    evidence: deque[Evidence]
    """At least the newest, and what is young enough; the oldest first."""

    granted: str | None
    """The id of the vehicle that this arrival was granted to: at most one, ever."""

    def __init__(self, first: Evidence, policy: Policy) -> None:
        """Begin with the first evidence of a vehicle."""
        self.evidence = deque()
        self.granted = None
        self._memory = policy.memory
        self._first_box: Box | None = None
        self._moved: bool | None = None
        self._first_reads: dict[str, float] = {}
        self._matched = False
        self._plausible_frames = 0
        self.add(first)

    @override
    def __repr__(self) -> str:
        """Show how much there is, and nothing of the plate."""
        return f"Arrival({len(self.evidence)} recent reads)"

    @property
    def newest(self) -> Evidence:
        """The newest evidence."""
        return self.evidence[-1]

    @property
    def unknown_vehicle(self) -> bool:
        """Whether this seems to be a vehicle, and none of the list.

        That is a text of letters and digits like a plate's on at least two frames, and
        where the backend says where it is, one that moves: a shop sign, a number on a
        wall or the camera's own clock are no vehicles. A stranger that is first read
        when it stands still already is missed, as is a plate without any digit: this
        is for a count, and too few are better than a sign that counts all day.
        """
        return (
            not self._matched
            and self._plausible_frames >= 2
            and self._moved is not False
        )

    def add(self, evidence: Evidence) -> None:
        """Take evidence of another frame, and forget what is too old."""
        self.evidence.append(evidence)
        while evidence.taken - self.evidence[0].taken > self._memory:
            self.evidence.popleft()
        self._plausible_frames += evidence.plausible
        for candidate in evidence.candidates:
            self._matched = True
            self._first_reads.setdefault(candidate.vehicle.vehicle_id, evidence.taken)
        if evidence.box is not None:
            if self._first_box is None:
                self._first_box = evidence.box
            self._moved = bool(self._moved) or _moved(self._first_box, evidence.box)

    def relist(self, listed: Mapping[str, Vehicle]) -> None:
        """Judge the evidence against a changed list.

        What speaks for a vehicle that was removed, or whose plate is another now, is
        gone. What speaks for a vehicle with a new label or validity stays.

        Args:
            listed: The vehicles of the new list by their ids.

        """
        gone: set[str] = set()
        for place, evidence in enumerate(self.evidence):
            kept: list[Candidate] = []
            for candidate in evidence.candidates:
                old = candidate.vehicle
                new = listed.get(old.vehicle_id)
                if new is not None and new.plate == old.plate:
                    kept.append(replace(candidate, vehicle=new))
                else:
                    gone.add(old.vehicle_id)
            self.evidence[place] = replace(evidence, candidates=tuple(kept))
        for vehicle_id in list(self._first_reads):
            if vehicle_id in gone or vehicle_id not in listed:
                del self._first_reads[vehicle_id]

    def first_read(self, vehicle_id: str) -> float:
        """Return when the first frame was taken in which the vehicle was read.

        Raises:
            KeyError: It was not read in this arrival.

        """
        return self._first_reads[vehicle_id]


def _looks_like_a_plate(read: PlateRead) -> bool:
    """Tell whether a text is one that a plate might have, and not a word or a time."""
    text = read.plate.reveal()
    return (
        read.confidence >= _TEXT_SURE
        and len(text) in _TEXT_LENGTHS
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
    )


def _moved(first: Box, now: Box) -> bool:
    """Tell whether a plate has moved, come nearer or gone away.

    A detector's boxes jitter by a few percent of their width on a picture that stands
    still.
    """
    width = max(first.x_max - first.x_min, 1.0)
    by = max(
        abs(now.x_min + now.x_max - first.x_min - first.x_max) / 2,
        abs(now.y_min + now.y_max - first.y_min - first.y_max) / 2,
        abs((now.x_max - now.x_min) - (first.x_max - first.x_min)),
    )
    return by > _MOVED * width
