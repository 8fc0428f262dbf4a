"""Whatever happens, in whatever order: nobody is let in without reason, or twice.

Hypothesis makes up what a camera sees, how clocks and lists change, and when a lane
stops. Next to the decider keeps a witness its own notes, by rules that fit on a page,
and objects to each grant that it cannot explain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from math import exp
from typing import Final

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.plate_gate.decision import Decider, Policy, VehicleIndex
from custom_components.plate_gate.decision.policy import Profile
from custom_components.plate_gate.models import (
    Access,
    Decision,
    Outcome,
    Plate,
    PlateRead,
    Vehicle,
)

from .scene import NOON, place, plain_read, read, vehicle
from .test_gaps import plates_within

BOUNDED: Final = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)

LISTED: Final = ("AB12CDE", "KN18RTX", "KN18RTY", "LO10OIL")
"""Plates that are mostly on the list; two of them look alike."""
STRANGERS: Final = ("AB12CDF", "WX73QZV", "L0100IL")
"""Plates that never are: one character off, a random one, one of look-alikes."""
PLATES: Final = LISTED + STRANGERS

POLICIES: Final = (
    Policy(),
    Policy(look_alikes=True),
    Policy.of(Profile.FAST),
    Policy.of(Profile.STRICT),
    Policy.of(Profile.CUSTOM, agreeing_frames=4, single_frame=False),
    Policy.of(Profile.CUSTOM, agreeing_frames=1, relative=-6.0),
)
_ROUNDING: Final = 0.2
_LOOK_ALIKES: Final = str.maketrans("OI", "01")


@dataclass(frozen=True)
class Seen:
    """A read as it is made up: the witness knows what there is to it."""

    text: str
    kind: str
    """"clear" and "doubt" have probabilities; "text" and "modest" are texts only."""
    x: float | None
    at: int = 0
    other: str = ""
    share: float = 0.0
    """In doubt is the character at a place: it has this share, and another the rest."""

    @cached_property
    def read(self) -> PlateRead:
        """What the decider is given."""
        box = None if self.x is None else place(self.x)
        if self.kind == "clear":
            return read(self.text, box=box)
        if self.kind == "doubt":
            return read(self.text, doubts={self.at: self.doubt}, box=box)
        sure = 0.97 if self.kind == "text" else 0.6
        return plain_read(self.text, confidence=sure, box=box)

    @property
    def doubt(self) -> dict[str, float]:
        """The chances of two characters at the place of doubt."""
        return {self.other: 0.97 - self.share, self.text[self.at]: self.share}

    def supports(self, plate: Plate, policy: Policy) -> bool:
        """Tell whether somebody could take this for a plate, at the very most."""
        if self.read.confidence < policy.minimum_confidence:
            return False
        text, seen = plate.reveal(), self.read.plate.reveal()
        if text == seen:
            return True
        if self.kind in {"text", "modest"}:
            same = text.translate(_LOOK_ALIKES) == seen.translate(_LOOK_ALIKES)
            return policy.look_alikes and same
        if self.kind == "clear":
            return False
        rest = [one for at, one in enumerate(self.text) if at != self.at]
        if rest != [one for at, one in enumerate(text) if at != self.at]:
            return False
        chance = self.doubt.get(text[self.at], 0.0) / max(self.doubt.values())
        return chance >= exp(min(policy.relative, policy.reach) - _ROUNDING)


READS: Final = st.builds(
    Seen,
    text=st.sampled_from(PLATES),
    kind=st.sampled_from(["clear", "text", "modest", "doubt", "doubt"]),
    x=st.sampled_from([None, 300.0, 420.0, 1800.0]),
    at=st.integers(0, 6),
    other=st.sampled_from("EFXYOI8B"),
    share=st.floats(0.02, 0.95),
)


@dataclass(frozen=True)
class Frame:
    """The camera takes a frame."""

    after: float
    """Seconds; not more than nothing: a frame that is not new."""
    seen: tuple[Seen, ...]
    quiet_for: float | None = None
    live: bool = True


@dataclass(frozen=True)
class Look:
    """Time passes, and the lane forgets who has gone."""

    after: float


@dataclass(frozen=True)
class Jump:
    """The clock on the wall is set, by seconds forth or back."""

    by: float


@dataclass(frozen=True)
class Relist:
    """Somebody changes the list."""

    of: int
    how: str


@dataclass(frozen=True)
class Stop:
    """The lane stops and goes on; or Home Assistant does, and all is forgotten."""

    for_good: bool
    after: float


@dataclass(frozen=True)
class Repolicy:
    """Somebody chooses another profile."""

    policy: Policy


type Step = Frame | Look | Jump | Relist | Stop | Repolicy

_FRAMES: Final = st.builds(
    Frame,
    after=st.sampled_from([0.2, 0.2, 0.2, 0.3, 1.0, 2.5, 6.0, 11.0, 0.0, -1.0]),
    seen=st.lists(READS, max_size=3).map(tuple),
    quiet_for=st.sampled_from([None, None, None, 0.5, 20.0]),
    live=st.sampled_from([True, True, True, False]),
)


_OTHER_STEPS: Final = st.one_of(
    st.builds(Look, after=st.sampled_from([0.5, 4.0, 12.0, 75.0])),
    st.builds(Jump, by=st.sampled_from([-7200.0, -90.0, 90.0, 7200.0, 90000.0])),
    st.builds(
        Relist,
        of=st.integers(0, len(LISTED) - 1),
        how=st.sampled_from(["remove", "block", "allow", "expire", "label", "swap"]),
    ),
    st.builds(Stop, for_good=st.booleans(), after=st.sampled_from([0.1, 5.0, 80.0])),
    st.builds(Repolicy, policy=st.sampled_from(POLICIES)),
)


@st.composite
def stays(draw: st.DrawFn) -> list[Step]:
    """Return frames of the same vehicle, and what may happen while it is there."""
    one = draw(READS)
    others = draw(st.lists(READS, max_size=1))
    frame = Frame(draw(st.sampled_from([0.2, 0.4, 1.5])), (one, *others))
    between = draw(st.lists(_OTHER_STEPS, max_size=1))
    again = draw(st.integers(1, 4)) if between else 0
    return [*[frame] * draw(st.integers(1, 4)), *between, *[frame] * again]


STEPS: Final = st.lists(
    st.one_of(stays(), stays(), st.one_of(_FRAMES, _OTHER_STEPS).map(lambda s: [s])),
    min_size=2,
    max_size=14,
).map(lambda parts: [step for part in parts for step in part])


@dataclass
class Witness:
    """Keeps notes of what was to be seen, and objects to what does not follow."""

    frames: list[tuple[float, tuple[Seen, ...]]] = field(default_factory=list)
    """Those that were decided on since the lane was started, with their times."""
    shown: list[float] = field(default_factory=list)
    """When frames were decided on, since the process was started."""
    sightings: dict[str, list[float]] = field(default_factory=dict)
    """By vehicle: when it may have been seen since it was let in."""
    arrivals: set[int] = field(default_factory=set)

    def sees(
        self,
        taken: float,
        seen: Sequence[Seen],
        index: VehicleIndex,
        policy: Policy,
    ) -> None:
        """Note who of those that were let in is still there."""
        for vehicle_id, times in self.sightings.items():
            listed = index.by_id.get(vehicle_id)
            if listed and any(one.supports(listed.plate, policy) for one in seen):
                times.append(taken)

    def judge(
        self,
        decision: Decision,
        taken: float,
        now: datetime,
        index: VehicleIndex,
        policy: Policy,
    ) -> None:
        """Object to a grant that the notes do not explain."""
        granted = decision.vehicle
        assert granted is not None
        assert index.by_id.get(granted.vehicle_id) is granted, "not on the list"
        assert granted.access is Access.ALLOW, "on the block list"
        assert granted.valid_until is None or now < granted.valid_until, "expired"
        assert decision.arrival not in self.arrivals, "two grants for one arrival"
        self.arrivals.add(decision.arrival)
        self._judge_evidence(granted.plate, taken, policy)
        self._judge_absence(granted.vehicle_id, taken, policy)

    def _judge_evidence(self, plate: Plate, taken: float, policy: Policy) -> None:
        """Object if too few frames showed this plate lately, or the newest did not."""
        recent = [
            [one for one in seen if one.supports(plate, policy)]
            for at, seen in self.frames
            if taken - at <= policy.memory
        ]
        assert recent[-1], "the newest frame does not show it"
        alone = policy.single_frame_confidence
        if alone is not None and any(
            one.read.plate == plate and one.read.confidence >= alone
            for frame in recent
            for one in frame
        ):
            return
        assert sum(map(bool, recent)) >= policy.agreeing_frames, "too few frames"

    def _judge_absence(self, vehicle_id: str, taken: float, policy: Policy) -> None:
        """Object if a vehicle is let in again that was never away for long enough."""
        times = self.sightings.get(vehicle_id)
        if times is not None:
            times = sorted({*times, taken})
            assert any(self._was_away(a, b, policy) for a, b in pairwise(times)), (
                "two grants for one stay"
            )
        self.sightings[vehicle_id] = [taken]

    def _was_away(self, last: float, again: float, policy: Policy) -> bool:
        """Tell whether a vehicle can have gone between two times when it was seen."""
        if again - last <= policy.absence:
            return False
        watched = any(last < at < again for at in self.shown)
        return watched or again - last > policy.unobserved_max


@dataclass
class Story:
    """A lane that lives through steps, with a witness beside it."""

    decider: Decider = field(default_factory=Decider)
    witness: Witness = field(default_factory=Witness)
    vehicles: dict[str, Vehicle] = field(
        default_factory=lambda: {text: vehicle(text) for text in LISTED}
    )
    clock: float = 1000.0
    now: datetime = NOON
    grants: int = 0

    def __post_init__(self) -> None:
        """Index the list."""
        self.index = VehicleIndex(self.vehicles.values())

    def live(self, steps: Sequence[Step]) -> int:
        """Live through steps; return how often somebody was let in."""
        for step in steps:
            match step:
                case Frame():
                    self._frame(step)
                case Look():
                    self._pass(step.after)
                    self.decider.end_quiet(self.clock)
                case Jump():
                    self.now += timedelta(seconds=step.by)
                case Relist():
                    self._relist(LISTED[step.of], step.how)
                case Stop():
                    self._stop(step)
                case Repolicy():
                    if step.policy != self.decider.policy:
                        self.decider.policy = step.policy
                        self.witness.frames.clear()
        return self.grants

    def _pass(self, seconds: float) -> None:
        self.clock += max(seconds, 0.0)
        self.now += timedelta(seconds=max(seconds, 0.0))

    def _frame(self, step: Frame) -> None:
        self._pass(step.after)
        taken = self.clock + min(step.after, 0.0)
        policy, witness = self.decider.policy, self.witness
        shown = [one.read for one in step.seen]
        if not step.live:
            self.decider.still_there(shown, taken=taken, vehicles=self.index)
            witness.sees(taken, step.seen, self.index, policy)
            return
        is_new = not witness.shown or taken > witness.shown[-1]
        if is_new:
            witness.frames.append((taken, step.seen))
            witness.shown.append(taken)
        decisions = self.decider.observe(
            shown,
            taken=taken,
            now=self.now,
            vehicles=self.index,
            quiet_since=None if step.quiet_for is None else taken - step.quiet_for,
        )
        assert is_new or not decisions, "an old frame has nothing to say"
        for decision in decisions:
            if decision.outcome is Outcome.GRANTED:
                self.grants += 1
                witness.judge(decision, taken, self.now, self.index, policy)
        witness.sees(taken, step.seen, self.index, policy)

    def _relist(self, text: str, how: str) -> None:
        listed = self.vehicles.pop(text, None) or vehicle(text)
        if how == "block":
            listed = replace(listed, access=Access.BLOCK)
        elif how == "expire":
            listed = replace(listed, valid_until=self.now)
        elif how == "label":
            listed = replace(listed, label="Another label")
        elif how == "swap":
            # Its owner has another plate now, and somebody else of the list has its.
            listed = replace(listed, plate=Plate(f"QQ{len(self.vehicles)}7QQQ"))
        elif how == "allow":
            listed = vehicle(text)
        if how != "remove":
            self.vehicles[text] = listed
        self.index = self.index.changed(self.vehicles.values())

    def _stop(self, step: Stop) -> None:
        if step.for_good:
            self.decider = Decider(self.decider.policy)
            self.witness = Witness()
        else:
            self.decider.forget_reads()
            self.witness.frames.clear()
        self._pass(step.after)


def test_no_grant_without_reason() -> None:
    """Each grant has its evidence and its right, and nobody is let in twice."""
    grants: list[int] = []

    @BOUNDED
    @given(STEPS)
    def lives(steps: list[Step]) -> None:
        grants.append(Story().live(steps))

    lives()
    # A witness that never has to speak proves nothing.
    assert sum(grants) > len(grants) / 10


@BOUNDED
@given(
    frames=st.integers(2, 4),
    before=st.data(),
    for_good=st.booleans(),
    pause=st.floats(0.05, 9.0),
    seen=READS,
)
def test_a_restart_divides_an_arrival(
    frames: int, before: st.DataObject, for_good: bool, pause: float, seen: Seen
) -> None:
    """What was seen before a lane stopped does not add up with what comes after."""
    first = before.draw(st.integers(1, frames - 1), label="frames before")
    policy = Policy.of(Profile.CUSTOM, agreeing_frames=frames, single_frame=False)
    story = Story(Decider(policy))
    steps: list[Step] = [Frame(0.3, (seen,))] * first
    steps.append(Stop(for_good, pause))
    steps += [Frame(0.3, (seen,))] * (frames - 1)
    assert story.live(steps) == 0


@pytest.mark.parametrize("for_good", [True, False], ids=["restart", "reload"])
def test_without_a_restart_it_adds_up(for_good: bool) -> None:
    """The same frames in a row are enough, so it is the restart that divides them."""
    seen = Seen("AB12CDE", "text", None)
    steps: list[Step] = [Frame(0.3, (seen,))] * 3
    policy = Policy.of(Profile.CUSTOM, agreeing_frames=3, single_frame=False)
    assert Story(Decider(policy)).live(steps) == 1
    assert (
        Story(Decider(policy)).live([*steps[:2], Stop(for_good, 0.1), *steps[:2]]) == 0
    )


@BOUNDED
@given(STEPS)
def test_reads_are_gone(steps: list[Step]) -> None:
    """Once a vehicle has been absent, there is nothing left of what was read of it."""
    story = Story()
    story.live(steps)
    story.decider.end_quiet(story.clock + story.decider.policy.absence + 0.001)
    assert story.decider.open_arrivals == 0
    # It knows a list as well, but no list has these.
    strangers = {Plate(text) for text in STRANGERS}
    assert not plates_within(story.decider) & strangers
    story.decider.forget_reads()
    assert plates_within(story.decider) == set()
