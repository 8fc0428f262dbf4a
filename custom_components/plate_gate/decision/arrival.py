"""What is known of one vehicle in front of one camera, while it is there."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
import math
from statistics import median
from typing import Final, override

from ..models import Box, Movement, Vehicle
from .evidence import Evidence
from .match import Candidate
from .policy import Policy

_MOVED: Final = 0.15

_KEPT_SIGHTS: Final = 8
"""Of how many frames the probabilities are kept: of as many as are weighed together."""

MOVEMENT_BOXES: Final = 4
"""From how many places of a plate on its movement can be told."""

_BOXES_MAX: Final = 12
_FEW: Final = 4
_GREW: Final = 1.12
"""How much larger a plate has to become until it clearly comes nearer.

Boxes jitter by a few percent, and medians of two frames and more by less. A vehicle that
drives a meter at eight meters grows by this much.
"""


class Arrival:
    """One vehicle in front of one camera, from its first read until it has gone.

    It keeps the evidence of the last seconds (`Policy.memory`), and for longer only
    what says nothing of a stranger: counts, times and ids of listed vehicles.
    """

    __slots__ = (
        "_boxes",
        "_first_box",
        "_first_reads",
        "_matched",
        "_memory",
        "_moved",
        "_movement",
        "_plausible_frames",
        "denied_unnamed",
        "evidence",
        "first_taken",
        "granted",
        "number",
    )

    evidence: deque[Evidence]
    """At least the newest, and what is young enough; the oldest first."""

    granted: str | None
    """The id of the vehicle that this arrival was granted to: at most one, ever."""

    denied_unnamed: bool
    """Whether it was denied because two vehicles fit, which is told once."""

    number: int
    """By which it is told from all others of its lane."""

    first_taken: float
    """When the first frame with it was taken, in monotonic seconds."""

    def __init__(self, first: Evidence, policy: Policy, number: int = 0) -> None:
        """Begin with the first evidence of a vehicle."""
        self.number = number
        self.first_taken = first.taken
        self.evidence = deque()
        self.granted = None
        self.denied_unnamed = False
        self._boxes: deque[Box] = deque(maxlen=_BOXES_MAX)
        self._movement = Movement.UNKNOWN
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
    def movement(self) -> Movement:
        """How the vehicle moves, or moved last, as far as its plate shows clearly."""
        return self._movement

    @property
    def boxes(self) -> int:
        """In how many frames it is known where its plate was, as far as that matters."""
        return len(self._boxes)

    @property
    def stands(self) -> bool:
        """Whether a recent read shows the vehicle that it was granted to, if any was."""
        return self.granted is None or any(
            evidence.supports(self.granted) for evidence in self.evidence
        )

    @property
    def matched(self) -> bool:
        """Whether a read of it fitted a vehicle of the list, if only once."""
        return self._matched

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
        if len(self.evidence) > _KEPT_SIGHTS:
            # Nobody needs the probabilities any more, and they are the most of it.
            old = self.evidence[-1 - _KEPT_SIGHTS]
            self.evidence[-1 - _KEPT_SIGHTS] = replace(old, sight=None, known={})
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
            self._boxes.append(evidence.box)
            movement = _movement(self._boxes)
            if movement is not Movement.UNKNOWN:
                self._movement = movement

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


def _movement(boxes: Sequence[Box]) -> Movement:
    """Tell by its size whether a plate comes nearer or goes away; the oldest first.

    The earlier half is compared with the later one, by medians: a plate that was found
    in part once is no vehicle that backs off. Of few, every one has to agree.
    """
    if len(boxes) < MOVEMENT_BOXES:
        return Movement.UNKNOWN
    half = len(boxes) // 2
    sizes = [math.sqrt(max(_area(box), 1.0)) for box in boxes]
    early, late = sizes[:half], sizes[-half:]
    growth = median(late) / median(early)
    few = half < _FEW
    if growth >= _GREW and not (few and min(late) <= max(early)):
        return Movement.APPROACHING
    if growth <= 1 / _GREW and not (few and max(late) >= min(early)):
        return Movement.RECEDING
    return Movement.UNKNOWN


def _area(box: Box) -> float:
    """Return the area of a box in square pixels."""
    return (box.x_max - box.x_min) * (box.y_max - box.y_min)


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
