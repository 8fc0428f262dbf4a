"""What holds for a gate whatever happens, in whatever order.

Hypothesis makes up what becomes of the gate, its interlocks and the time, who asks for
it to be opened, and when lanes are reloaded. Each pulse that the gate gets is judged in
the very moment in which it comes.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.plate_gate.errors import GateError
from custom_components.plate_gate.gate import Gate
from custom_components.plate_gate.gate.latch import HOLD_OFF

from .gates import CONFIRM_SECONDS, gate_of, pass_time, settle

COOL_DOWN: Final = 25.0
PER_MINUTE: Final = 3

LAG: Final = 4.0
"""Seconds by which Home Assistant may be late to do what is due."""

MOVED: Final = ("opening", "open")
STATES: Final = ("closed", "closing", *MOVED, "unavailable", "unknown", None)
SWITCH: Final = ("on", "off", "unavailable", None)

NUMBERS: Final[Iterator[int]] = count()
"""Each example has a gate of its own, as nobody has opened it before."""

Step = tuple[str, Any]

TIME = st.tuples(
    st.just("pass"),
    st.sampled_from((0.1, 1.0, 4.9, CONFIRM_SECONDS, HOLD_OFF, COOL_DOWN, 60.0)),
)
BY_PLATE = st.tuples(st.just("open"), st.sampled_from(("anna", "ben", None)))
ANYTHING = st.one_of(
    TIME,
    TIME,
    BY_PLATE,
    BY_PLATE,
    st.tuples(st.just("gate"), st.sampled_from(STATES)),
    st.tuples(st.just("stalls"), st.sampled_from(STATES)),
    st.tuples(st.just("away"), st.sampled_from(SWITCH)),
    st.tuples(st.just("fails"), st.booleans()),
    st.tuples(st.just("jump"), st.sampled_from((-0.5, -10.0, -86_400.0))),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("reload"), st.integers(0, 1)),
    st.tuples(st.just("is_here"), st.booleans()),
)
BY_WHOMEVER = st.one_of(
    ANYTHING,
    st.tuples(st.just("by_hand"), st.none()),
    st.tuples(st.just("fire"), st.sampled_from(SWITCH)),
)


@dataclass
class Site:
    """A gate with two lanes, and everything that can happen to them."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    by_plate_only: bool
    number: int = field(default_factory=lambda: next(NUMBERS))
    now: float = 0.0
    """Seconds that have passed; a clock that is set back takes none away."""
    pulses: list[float] = field(default_factory=list)
    """When the gate was told, as far as it has not moved since."""
    openings: list[float] = field(default_factory=list)
    """When it was told, second pulses apart."""
    fails: bool = False
    is_here: bool = True
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)
    lanes: list[Gate] = field(default_factory=list)
    violations: list[AssertionError] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with a gate that is shut, and two lanes."""
        self.gate = f"cover.gate_{self.number}"
        self.away = f"binary_sensor.away_{self.number}"
        self.fire = f"binary_sensor.fire_{self.number}"
        self.hass.services.async_register("cover", "open_cover", self.told)
        self.become(self.gate, "closed")
        self.become(self.away, "off")
        self.become(self.fire, "off")
        self.lanes = [self.lane(), self.lane()]

    def lane(self) -> Gate:
        """Start a lane."""
        gate = gate_of(
            self.hass,
            self.gate,
            on_late_failure=lambda _: None,
            cool_down=COOL_DOWN,
            vehicle_cool_down=10.0,
            per_minute=PER_MINUTE,
            stays_closed=(self.away,),
            opens_when=() if self.by_plate_only else (self.fire,),
            hold_open=not self.by_plate_only,
        )
        gate.start()
        return gate

    def become(self, entity_id: str, state: str | None) -> None:
        """Let an entity say something."""
        if state is None:
            self.hass.states.async_remove(entity_id)
        else:
            self.hass.states.async_set(entity_id, state)
        if entity_id == self.gate and state in MOVED:
            self.pulses.clear()

    async def told(self, call: ServiceCall) -> None:
        """Take a pulse."""
        try:
            self.judge()
        except AssertionError as err:
            # It would count as an action that failed.
            self.violations.append(err)
        if self.fails:
            self.openings.clear()
            self.pulses.clear()
            raise HomeAssistantError("secret")
        self.pulses.append(self.now)

    def judge(self) -> None:
        """Judge a pulse in the moment in which it comes."""
        assert (state := self.hass.states.get(self.gate)) is not None
        assert state.state not in {*MOVED, "unavailable"}

        repeated = False
        if self.pulses:
            # It has not moved since. A second pulse is one that comes when it had the
            # time to; a third one has to wait until nothing can be under way.
            passed = self.now - self.pulses[-1]
            assert passed >= min(CONFIRM_SECONDS, HOLD_OFF) - 1e-6
            repeated = passed < HOLD_OFF - 1e-6
            if repeated:
                assert state.state == "closed"
                assert len(self.pulses) < 2 or (
                    self.pulses[-1] - self.pulses[-2] >= HOLD_OFF - 1e-6
                )
        if self.by_plate_only:
            away = self.hass.states.get(self.away)
            assert away is not None
            assert away.state == "off"
            if not repeated:
                assert (
                    not self.openings
                    or self.now - self.openings[-1] >= COOL_DOWN - 1e-6
                )
        if not repeated:
            lately = [when for when in self.openings if self.now - when < 60.0 - 1e-6]
            assert not self.by_plate_only or len(lately) < PER_MINUTE
            self.openings.append(self.now)

    async def do(self, step: Step) -> None:
        """Let something happen."""
        what, how = step
        match what:
            case "pass":
                while how > 0:
                    # Small enough that what is due comes before the next is.
                    how -= (seconds := min(how, LAG))
                    self.now += seconds
                    await pass_time(self.hass, self.freezer, seconds)
            case "jump":
                self.freezer.tick(how)
            case "stalls":
                # So it stands when there would be a second pulse.
                await self.do(("gate", how))
                await self.do(("pass", CONFIRM_SECONDS))
            case "gate" | "away" | "fire":
                self.become(getattr(self, what), how)
            case "fails" | "is_here":
                setattr(self, what, how)
            case "open" | "by_hand":
                self.open(how, by_hand=what == "by_hand")
            case "cancel":
                for task in self.tasks:
                    task.cancel()
            case "reload":
                await self.lanes[how].stop()
                self.lanes[how] = self.lane()
        await settle()
        if self.violations:
            raise self.violations[0]

    def open(self, vehicle_id: str | None, *, by_hand: bool) -> None:
        """Let somebody ask for the gate to be opened, at one lane after the other."""
        gate = self.lanes[len(self.tasks) % 2]
        self.tasks.append(
            self.hass.loop.create_task(
                gate.open(vehicle_id, by_hand=by_hand, here=lambda: self.is_here)
            )
        )

    async def end(self) -> None:
        """Stop, and see that nobody's task ended in anything unforeseen."""
        for gate in self.lanes:
            await gate.stop()
        for task in self.tasks:
            task.cancel()
        for result in await asyncio.gather(*self.tasks, return_exceptions=True):
            if isinstance(result, BaseException) and not isinstance(
                result, GateError | asyncio.CancelledError
            ):
                raise result


async def happens(site: Site, steps: list[Step]) -> None:
    """Let it all happen."""
    try:
        for step in steps:
            await site.do(step)
    finally:
        await site.end()


EXAMPLES = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@EXAMPLES
@given(steps=st.lists(ANYTHING, max_size=40))
async def test_no_plate_opens_against_an_interlock(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, steps: list[Step]
) -> None:
    """Nor while the gate pauses, opens or is open, nor too often, nor a third time."""
    await happens(Site(hass, freezer, by_plate_only=True), steps)


@EXAMPLES
@given(steps=st.lists(BY_WHOMEVER, max_size=40))
async def test_nobody_stops_a_gate_that_opens(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, steps: list[Step]
) -> None:
    """Neither a person nor a fire alarm gives a pulse that would stop or shut it."""
    await happens(Site(hass, freezer, by_plate_only=False), steps)
