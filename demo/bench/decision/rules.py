"""The rules that are compared, each of which says on which frame it opens for whom.

Ours are `decision.Decider` as a lane has it, and so are the exact text and O for 0, which
it applies to reads without probabilities. One wrong character is what others do, and is
done here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from custom_components.plate_gate.decision import Decider, Policy, VehicleIndex
from custom_components.plate_gate.decision.association import edit_distance
from custom_components.plate_gate.decision.match import candidates
from custom_components.plate_gate.decision.policy import Profile
from custom_components.plate_gate.models import Outcome, PlateRead, Vehicle

_NOON: Final = datetime(2026, 7, 1, 12, tzinfo=UTC)
_EVERY: Final = 0.3
"""Seconds from frame to frame."""

type Frames = Sequence[Sequence[PlateRead]]
"""What was read in each frame of an arrival."""

type Openings = dict[str, int]
"""For whom a gate opened, by the id, and on which frame, from 1."""


class Rule(Protocol):
    """Opens a gate or not."""

    def openings(self, frames: Frames, listed: Sequence[Vehicle]) -> Openings:
        """Return for whom of a list it opens."""

    def strangers(self, frames: Frames, listed: Sequence[Vehicle]) -> Openings:
        """Return for whom it opens of vehicles that are each on a list by themselves."""


class Decided:
    """The rule that a lane follows with a policy."""

    def __init__(self, policy: Policy, *, text_only: bool = False) -> None:
        """Take a policy, and whether probabilities are kept from it."""
        self._policy = policy
        self._text_only = text_only

    def openings(self, frames: Frames, listed: Sequence[Vehicle]) -> Openings:
        """Return for whom of a list it opens."""
        decider = Decider(self._policy)
        index = VehicleIndex(listed)
        opened: Openings = {}
        for number, reads in enumerate(self._seen(frames), start=1):
            for decision in decider.observe(
                reads, taken=number * _EVERY, now=_NOON, vehicles=index
            ):
                if decision.outcome is Outcome.GRANTED and decision.vehicle is not None:
                    opened.setdefault(decision.vehicle.vehicle_id, number)
        return opened

    def strangers(self, frames: Frames, listed: Sequence[Vehicle]) -> Openings:
        """Return for whom it opens of vehicles that are each on a list by themselves.

        A lane opens only for a vehicle that some read fits by itself, so that the
        others need not be tried one by one.
        """
        index = VehicleIndex(listed)
        fitting = {
            candidate.vehicle.vehicle_id
            for reads in self._seen(frames)
            for read in reads
            for candidate in candidates(read, index, self._policy)
        }
        opened: Openings = {}
        for vehicle_id in sorted(fitting):
            opened |= self.openings(frames, [index.by_id[vehicle_id]])
        return opened

    def _seen(self, frames: Frames) -> Frames:
        """Return the reads as the policy sees them."""
        if not self._text_only:
            return frames
        return [[replace(read, characters=None) for read in reads] for reads in frames]


class OneWrong:
    """Opens for whoever has at most one character more, fewer or another."""

    def openings(self, frames: Frames, listed: Sequence[Vehicle]) -> Openings:
        """Return for whom of a list it opens: of each read, the nearest."""
        opened: Openings = {}
        for number, reads in enumerate(frames, start=1):
            for read in reads:
                if read.confidence < Policy().minimum_confidence:
                    continue
                nearest = min(listed, key=lambda v: edit_distance(read.plate, v.plate))
                if edit_distance(read.plate, nearest.plate) <= 1:
                    opened.setdefault(nearest.vehicle_id, number)
        return opened

    def strangers(self, frames: Frames, listed: Sequence[Vehicle]) -> Openings:
        """Return for whom it opens of vehicles that are each on a list by themselves."""
        opened: Openings = {}
        for one in listed:
            opened |= self.openings(frames, [one])
        return opened


SINGLE: Final[dict[str, Rule]] = {
    "exact": Decided(Policy(agreeing_frames=1), text_only=True),
    "o0i1": Decided(Policy(agreeing_frames=1, look_alikes=True), text_only=True),
    "edit1": OneWrong(),
    "likelihood": Decided(Policy(agreeing_frames=1)),
}
"""On the photograph alone."""

ARRIVAL: Final[dict[str, Rule]] = {
    profile.value: Decided(Policy.of(profile))
    for profile in (Profile.FAST, Profile.BALANCED, Profile.STRICT)
}
"""On up to five frames."""
