"""Whatever happens at a lane: no pulse without a granted decision, and never two.

Lane, decider, gate and Home Assistant with its entities are real. Hypothesis makes up
who comes, what people and other integrations do meanwhile, and when the lane is stopped
and run again. The gate itself takes down under which circumstances it gets each pulse.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, override

from homeassistant.components.cover import DOMAIN as COVER_DOMAIN
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from hypothesis import HealthCheck, example, given, settings, strategies as st
import pytest

from custom_components.plate_gate import lane as lane_module
from custom_components.plate_gate.admission import Terms
from custom_components.plate_gate.decision import Decider, Rules, VehicleIndex
from custom_components.plate_gate.errors import GateError
from custom_components.plate_gate.gate import Gate, GateSettings
from custom_components.plate_gate.lane import Lane
from custom_components.plate_gate.models import (
    Decision,
    Outcome,
    Plate,
    Reason,
    Vehicle,
)

from .common import FakeBackend, FakeSource, GateCover, add_entity, eventually
from .lane_rig import NOON, settle

GUARD: Final = "input_boolean.guard"
"""While it is on, or says nothing, no plate opens the gate."""

VEHICLES: Final = tuple(
    Vehicle(vehicle_id=text, label=f"Vehicle {number}", plate=Plate(text))
    for number, text in enumerate(("AB12CDE", "KN18RTX", "LO47GAT"))
)
PLATES: Final = (*(v.vehicle_id for v in VEHICLES), "WX73QZV")
_GATES: Final = count()

BOUNDED: Final = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=50,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Come:
    """Vehicles stand in front of the camera for some frames, while something happens."""

    plates: tuple[str, ...]
    frames: int
    meanwhile: Happening | None = None
    late: bool = False
    """Whether that happens between the decision and the gate, not before both."""


@dataclass(frozen=True)
class Leave:
    """Nobody is in the picture, for so many frames of 1.5 s."""

    frames: int


@dataclass(frozen=True)
class Arm:
    """Somebody arms or disarms the lane."""

    on: bool


@dataclass(frozen=True)
class Guard:
    """Another entity changes, on which it depends whether a plate opens the gate."""

    state: str | None
    """None: it does not exist."""


@dataclass(frozen=True)
class Door:
    """Something happens to the gate: closed, open, available, away, broken, sound."""

    how: str


@dataclass(frozen=True)
class List:
    """Somebody takes a vehicle off the list, or puts it back."""

    which: int


@dataclass(frozen=True)
class Hand:
    """A person opens the gate."""


@dataclass(frozen=True)
class Rerun:
    """The site is reloaded; or Home Assistant is started anew, and nothing remembered."""

    forgets: bool


type Happening = Arm | Guard | Door | List
type Step = Come | Leave | Hand | Rerun | Happening

HAPPENINGS: Final = st.one_of(
    st.builds(Arm, on=st.booleans()),
    st.builds(
        Guard,
        state=st.sampled_from(
            [STATE_OFF, STATE_OFF, STATE_ON, STATE_UNAVAILABLE, "unknown", None]
        ),
    ),
    st.builds(
        Door,
        how=st.sampled_from(
            ["closed", "closed", "open", "away", "back", "broken", "sound"]
        ),
    ),
    st.builds(List, which=st.integers(0, len(VEHICLES) - 1)),
)
COMING: Final = st.builds(
    Come,
    plates=st.lists(st.sampled_from(PLATES), min_size=1, max_size=2, unique=True).map(
        tuple
    ),
    frames=st.integers(1, 4),
    meanwhile=st.none() | HAPPENINGS,
    late=st.booleans(),
)
STEPS: Final = st.lists(
    st.one_of(
        COMING,
        COMING,
        st.builds(Leave, frames=st.sampled_from([1, 9])),
        HAPPENINGS,
        st.builds(Door, how=st.just("closed")),
        st.builds(Hand),
        st.builds(Rerun, forgets=st.booleans()),
    ),
    min_size=3,
    max_size=20,
)


@dataclass(frozen=True)
class Setting:
    """How a lane is set up."""

    trial: bool = False
    cool_down: float = 0.0
    per_minute: int = 1000


class WitnessedDecider(Decider):
    """A decider whose grants are taken down."""

    __slots__ = ("grants", "taken_back", "then")

    def __init__(self) -> None:
        """Begin without grants."""
        super().__init__()
        self.grants: list[Decision] = []
        self.taken_back: list[int] = []
        self.then: Callable[[], None] = lambda: None

    @override
    def observe(self, *args: Any, **kwargs: Any) -> list[Decision]:
        """Decide, take down, and let happen what is to happen then."""
        decisions = super().observe(*args, **kwargs)
        granted = [d for d in decisions if d.outcome is Outcome.GRANTED]
        self.grants += granted
        if granted:
            self.then()
        return decisions

    @override
    def take_back(self, decision: Decision) -> None:
        """Take down that the gate was not told to open for a grant."""
        super().take_back(decision)
        self.taken_back.append(decision.arrival)

    @property
    def standing(self) -> list[int]:
        """The arrivals of the grants that were not taken back."""
        arrivals = [decision.arrival for decision in self.grants]
        for arrival in self.taken_back:
            arrivals.remove(arrival)
        return arrivals


class WitnessedGate(GateCover):
    """A gate that asks at each pulse whether it may be."""

    def __init__(self, asks: Callable[[], None]) -> None:
        """Begin closed.

        Args:
            asks: Called at each pulse, before the gate moves.

        """
        super().__init__()
        self.entity_id = f"cover.gate_{next(_GATES)}"
        self._attr_unique_id = self.entity_id
        self._asks = asks

    @override
    async def async_open_cover(self, **kwargs: Any) -> None:
        """Open, and ask."""
        self._asks()
        await super().async_open_cover(**kwargs)


@dataclass
class Story:
    """A lane that lives through steps, and what is to be objected to."""

    hass: HomeAssistant
    setting: Setting
    source: FakeSource = field(default_factory=FakeSource)
    backend: FakeBackend = field(default_factory=FakeBackend)
    decider: WitnessedDecider = field(default_factory=WitnessedDecider)
    listed: list[Vehicle] = field(default_factory=lambda: list(VEHICLES))
    clock: float = 100.0
    armed: bool = True
    by_hand: bool = False
    pulses: int = 0
    """Those that no person gave."""
    pulses_before: int = 0
    """Those of them that were given before the decider began."""
    objections: list[str] = field(default_factory=list)

    async def live(self, steps: Sequence[Step]) -> None:
        """Live through steps."""
        self.hass.states.async_set(GUARD, STATE_OFF)
        self.cover = WitnessedGate(self._pulse)
        await add_entity(self.hass, COVER_DOMAIN, self.cover)
        self._index()
        self._start()
        try:
            for step in steps:
                await self._live_through(step)
        finally:
            await self._stop()
            await self.cover.async_remove(force_remove=True)

    async def _live_through(self, step: Step) -> None:
        pulses, grants = self.pulses, len(self.decider.grants)
        match step:
            case Come():
                await self._come(step)
            case Leave():
                self.backend.plates = ()
                for _ in range(step.frames):
                    await self._show(1.5)
            case Hand():
                await self._open_by_hand()
            case Rerun():
                await self._stop()
                if step.forgets:
                    self.decider = WitnessedDecider()
                    self.pulses_before = self.pulses
                    grants = 0
                self._start()
            case _:
                self._happen(step)
                await settle()
        granted = len(self.decider.grants) - grants
        if self.pulses - pulses > granted:
            self.objections.append("more pulses than granted decisions")
        arrivals = self.decider.standing
        if len(set(arrivals)) < len(arrivals):
            self.objections.append("two grants for one arrival")
        if self.pulses - self.pulses_before > len(arrivals):
            self.objections.append("a grant that opened was taken back")

    async def _come(self, step: Come) -> None:
        def happen() -> None:
            if step.meanwhile is not None:
                self._happen(step.meanwhile)

        if step.late:
            self.decider.then = happen
        else:
            self.backend.while_reading = happen
        self.backend.plates = step.plates
        for _ in range(step.frames):
            await self._show(0.3)
        self.decider.then = self.backend.while_reading = lambda: None

    def _happen(self, what: Happening) -> None:
        match what:
            case Arm():
                self.armed = what.on
                self.lane.set_automatic_opening(what.on)
            case Guard(state=None):
                self.hass.states.async_remove(GUARD)
            case Guard():
                self.hass.states.async_set(GUARD, str(what.state))
            case Door():
                self._move(what.how)
            case List():
                vehicle = VEHICLES[what.which]
                if vehicle in self.listed:
                    self.listed.remove(vehicle)
                else:
                    self.listed.append(vehicle)
                self._index()

    def _move(self, how: str) -> None:
        if how in {"away", "back"}:
            self.cover.set_available(how == "back")
        elif how in {"broken", "sound"}:
            broken = HomeAssistantError("The motor is stuck")
            self.cover.failure = broken if how == "broken" else None
        else:
            self.cover._attr_is_closed = how == "closed"
            self.cover.async_write_ha_state()

    def _index(self) -> None:
        self.index = VehicleIndex(self.listed)

    def _pulse(self) -> None:
        """Take a pulse down, and object to it if there is reason to."""
        if self.by_hand:
            return
        self.pulses += 1
        guard = self.hass.states.get(GUARD)
        for is_wrong, objection in (
            (guard is None or guard.state != STATE_OFF, "an interlock held"),
            (not self.armed, "the lane was disarmed"),
            (not self.lane.state.automatic_opening, "it had disarmed itself"),
            (self.setting.trial, "the lane is on trial"),
            (not self.decider.grants, "nothing was granted"),
            (
                self.pulses > 1 and self.setting.cool_down > 0,
                "the gate was cooling down",
            ),
            (self.pulses > self.setting.per_minute, "too many in a minute"),
        ):
            if is_wrong:
                self.objections.append(f"A pulse, and {objection}")

    async def _open_by_hand(self) -> None:
        self.by_hand = True
        with suppress(GateError):
            await self.lane.open_by_hand()
        await settle()
        self.by_hand = False

    async def _show(self, after: float) -> None:
        self.clock += after
        asked = self.backend.asked
        self.source.show(self.clock)
        await eventually(lambda: self.backend.asked > asked)
        await settle()

    def _start(self) -> None:
        gate = Gate(
            self.hass,
            GateSettings(
                entity_id=self.cover.entity_id,
                cool_down=self.setting.cool_down,
                vehicle_cool_down=0.0,
                per_minute=self.setting.per_minute,
                stays_closed=(GUARD,),
                confirm_seconds=0.05,
            ),
            on_late_failure=lambda error: self.lane.gate_failed_late(error),
        )

        def standing(vehicle: Vehicle) -> tuple[Reason, ...]:
            return gate.refusals(vehicle.vehicle_id)

        self.lane = Lane(
            name="Lane",
            source=self.source,
            backend=self.backend,
            decider=self.decider,
            gate=gate,
            vehicles=lambda: self.index,
            automatic_opening=self.armed,
            terms=Terms(rules=Rules(standing=standing), trial=self.setting.trial),
            clock=lambda: self.clock,
            now=lambda: NOON,
        )
        self._task = asyncio.create_task(self.lane.run())

    async def _stop(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        # A lane that has disarmed itself is disarmed after a reload, too.
        self.armed = self.armed and self.lane.state.automatic_opening


@pytest.mark.parametrize(
    "setting",
    [
        Setting(),
        Setting(trial=True),
        Setting(cool_down=3600.0),
        Setting(per_minute=2),
    ],
    ids=["armed", "trial", "cooling down", "capped"],
)
async def test_no_pulse_without_reason(
    hass: HomeAssistant, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pulse has its own grant, and comes while nothing keeps the gate shut."""
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 0.0)
    pulses: list[int] = []

    async def live(steps: Sequence[Step]) -> None:
        story = Story(hass, setting)
        await story.live(steps)
        assert story.objections == []
        pulses.append(story.pulses)

    # The narrowest moments are always tried: between the decision and the gate.
    @example([Come(PLATES[:1], 3, Arm(on=False), late=True), Come(PLATES[:1], 3)])
    @example([Come(PLATES[:1], 3, Guard(STATE_ON), late=True), Come(PLATES[:1], 3)])
    @BOUNDED
    @given(STEPS)
    def lives(steps: list[Step]) -> None:
        asyncio.run_coroutine_threadsafe(live(steps), hass.loop).result()

    # Hypothesis does not wait for coroutines, so it has a thread of its own.
    await hass.async_add_executor_job(lives)

    # Where a gate may open, it did: or nothing would have been shown.
    assert bool(sum(pulses)) is not setting.trial
