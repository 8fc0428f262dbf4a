"""Tests of what opens a gate whatever else holds, such as a fire alarm."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.plate_gate.errors import (
    GateError,
    GateInterlockedError,
    GateMissingError,
    GateNotMovingError,
    GateUnavailableError,
)
from custom_components.plate_gate.gate import Gate
from custom_components.plate_gate.gate.emergency import RETRY
from custom_components.plate_gate.gate.interlocks import MINUTE
from custom_components.plate_gate.models import Reason
from tests.common import GATE, GateCover, add_entity, state_of

from .gates import CONFIRM_SECONDS, gate_of, pass_time, settle, template_gate

FIRE = "binary_sensor.fire"
SMOKE = "binary_sensor.smoke"

type Starter = Callable[..., Gate]


@pytest.fixture
async def start(hass: HomeAssistant) -> AsyncIterator[Starter]:
    """Return what starts a gate that a fire alarm opens; all are stopped in the end."""
    gates: list[Gate] = []

    def start(**settings: Any) -> Gate:
        gate = gate_of(hass, **{"opens_when": (FIRE,), **settings})
        gates.append(gate)
        gate.start()
        return gate

    yield start
    for gate in gates:
        await gate.stop()


@pytest.mark.parametrize("before", ["off", "unavailable", "unknown", None])
async def test_alarm_opens_at_once(
    hass: HomeAssistant, cover: GateCover, start: Starter, before: str | None
) -> None:
    """From whatever it was before: after a restart an entity comes from nowhere."""
    if before is not None:
        hass.states.async_set(FIRE, before)
    start(
        cool_down=600.0,
        per_minute=0,
        stays_closed=("binary_sensor.gone",),
    )
    await settle()
    assert cover.opened == 0

    hass.states.async_set(FIRE, "on")
    await settle()

    assert cover.opened == 1
    assert state_of(hass, GATE) == "open"


@pytest.mark.parametrize("state", ["unavailable", "unknown", "off", "armed_away"])
async def test_what_says_nothing_opens_nothing(
    hass: HomeAssistant, cover: GateCover, start: Starter, state: str
) -> None:
    """A fire alarm that fails, or an alarm that is armed, opens no gate."""
    start(opens_when=(FIRE, "alarm_control_panel.house"))

    hass.states.async_set(FIRE, state)
    hass.states.async_set("alarm_control_panel.house", state)
    await settle()

    assert cover.opened == 0


async def test_alarm_that_is_on_at_the_start_opens_once(
    hass: HomeAssistant, cover: GateCover, start: Starter
) -> None:
    """Being let out is the safe side; but a reload of the lane repeats nothing."""
    hass.states.async_set(FIRE, "on")
    gate = start()
    await settle()
    assert cover.opened == 1

    await cover.async_close_cover()
    await gate.stop()
    start()
    await settle()
    assert cover.opened == 1

    hass.states.async_set(FIRE, "off")
    hass.states.async_set(FIRE, "on")
    await settle()
    assert cover.opened == 2


async def test_alarm_goes_on_and_on(
    hass: HomeAssistant, cover: GateCover, start: Starter
) -> None:
    """An alarm that says more of itself while it is on does not repeat the opening."""
    start()
    hass.states.async_set(FIRE, "on")
    await settle()
    await cover.async_close_cover()

    hass.states.async_set(FIRE, "on", {"battery": 12})
    await settle()

    assert cover.opened == 1


async def test_alarm_leaves_an_open_gate_alone(
    hass: HomeAssistant, cover: GateCover, start: Starter
) -> None:
    """A second pulse would shut it."""
    await cover.async_open_cover()
    start()

    hass.states.async_set(FIRE, "on")
    await settle()

    assert cover.opened == 1


async def test_two_lanes_and_two_alarms_give_one_pulse(
    hass: HomeAssistant, start: Starter
) -> None:
    """However many ask for it, the gate is told once."""
    door = await template_gate(hass, "cover")
    for _ in range(2):
        start(opens_when=(FIRE, "binary_sensor.smoke"))

    hass.states.async_set(FIRE, "on")
    hass.states.async_set("binary_sensor.smoke", "on")
    await settle()
    assert door.pulses == 1

    door.stands("opening")
    await settle()
    assert door.pulses == 1


@pytest.mark.parametrize(
    ("state", "error"),
    [(None, GateMissingError), ("unavailable", GateUnavailableError)],
)
async def test_gate_that_cannot_be_told_is_told_when_it_is_back(
    hass: HomeAssistant, start: Starter, state: str | None, error: type[GateError]
) -> None:
    """After a restart the alarm may be there before the gate."""
    failures: list[GateError] = []
    successes: list[None] = []
    cover = GateCover()
    if state is not None:
        await add_entity(hass, "cover", cover)
        cover.set_available(False)
    hass.states.async_set(FIRE, "on")
    start(
        on_late_failure=failures.append, on_late_success=lambda: successes.append(None)
    )
    await settle()
    assert [type(failure) for failure in failures] == [error]
    assert cover.opened == 0

    if state is None:
        await add_entity(hass, "cover", cover)
    else:
        cover.set_available(True)
    await settle()

    assert cover.opened == 1
    assert successes == [None]
    assert len(failures) == 1


async def test_alarm_that_has_ended_opens_nothing_any_more(
    hass: HomeAssistant, cover: GateCover, start: Starter
) -> None:
    """A gate that comes back after the alarm stays shut."""
    cover.set_available(False)
    start(on_late_failure=lambda _: None)
    hass.states.async_set(FIRE, "on")
    await settle()
    hass.states.async_set(FIRE, "off")

    cover.set_available(True)
    await settle()
    assert cover.opened == 0

    hass.states.async_set(FIRE, "on")
    await settle()
    assert cover.opened == 1


async def test_alarm_that_comes_again_while_the_gate_fails(
    hass: HomeAssistant, cover: GateCover, start: Starter
) -> None:
    """The next alarm tries again, though the gate has said nothing new."""
    failures: list[GateError] = []
    cover.failure = HomeAssistantError("secret")
    start(on_late_failure=failures.append)
    hass.states.async_set(FIRE, "on")
    await settle()
    assert [type(failure) for failure in failures] == [GateUnavailableError]
    assert cover.opened == 1

    hass.states.async_set(FIRE, "off")
    cover.failure = None
    hass.states.async_set(FIRE, "on")
    await settle()

    assert cover.opened == 2
    assert state_of(hass, GATE) == "open"


async def test_gate_that_does_not_move_for_an_alarm(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, start: Starter
) -> None:
    """It gets its two pulses, and somebody is told; if it moves late, too."""
    failures: list[GateError] = []
    successes: list[None] = []
    door = await template_gate(hass, "cover")
    start(
        on_late_failure=failures.append, on_late_success=lambda: successes.append(None)
    )
    hass.states.async_set(FIRE, "on")
    await settle()
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    assert [type(failure) for failure in failures] == [GateNotMovingError]
    assert door.pulses == 2
    door.stands("opening")
    await settle()
    assert successes == [None]


async def test_stop_ends_it(
    hass: HomeAssistant, cover: GateCover, start: Starter
) -> None:
    """A lane that is gone opens nothing, and leaves nothing behind."""
    gate = start()
    await gate.stop()

    hass.states.async_set(FIRE, "on")
    await settle()
    assert cover.opened == 0
    await gate.stop()


async def test_stop_ends_the_waiting_for_a_gate(
    hass: HomeAssistant, cover: GateCover, start: Starter
) -> None:
    """A lane that is gone does not open a gate that comes back; the next one does."""
    cover.set_available(False)
    gate = start(on_late_failure=lambda _: None)
    hass.states.async_set(FIRE, "on")
    await settle()
    await gate.stop()

    cover.set_available(True)
    await settle()
    assert cover.opened == 0

    start()
    await settle()
    assert cover.opened == 1


async def test_action_that_fails_once_is_tried_again(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    start: Starter,
) -> None:
    """During a fire nobody waits for the gate to say something new; once it is told."""
    failures: list[GateError] = []
    cover.failure = HomeAssistantError("secret")
    start(on_late_failure=failures.append)
    hass.states.async_set(FIRE, "on")
    await settle()
    await pass_time(hass, freezer, RETRY)
    assert cover.opened == 2

    cover.failure = None
    await pass_time(hass, freezer, RETRY)
    assert cover.opened == 3
    assert state_of(hass, GATE) == "open"
    assert len(failures) == 1

    await pass_time(hass, freezer, RETRY)
    assert cover.opened == 3


@pytest.mark.parametrize("between", ["unavailable", "unknown", None])
async def test_blind_gate_gets_one_pulse_for_an_alarm(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    start: Starter,
    between: str | None,
) -> None:
    """Nobody knows whether a second one would shut it on those who leave."""
    door = await template_gate(hass, "switch")
    gate = start(entity_id="switch.gate", opens_when=(FIRE, SMOKE))
    hass.states.async_set(FIRE, "on")
    await settle()
    assert door.pulses == 1

    # Another detector joins, the radio of the first one fails, the lane is reloaded.
    await pass_time(hass, freezer, MINUTE)
    hass.states.async_set(SMOKE, "on")
    await settle()
    if between is None:
        hass.states.async_remove(FIRE)
    else:
        hass.states.async_set(FIRE, between)
    await pass_time(hass, freezer, MINUTE)
    hass.states.async_set(FIRE, "on")
    await settle()
    await gate.stop()
    gate = start(entity_id="switch.gate", opens_when=(FIRE, SMOKE))
    await settle()
    assert door.pulses == 1

    # Nor does a plate: a person may, who sees how it stands.
    assert gate.refusals("a") == (Reason.INTERLOCKED,)
    with pytest.raises(GateInterlockedError):
        await gate.open("a")
    assert door.pulses == 1
    assert (await gate.open(by_hand=True)).acted
    assert door.pulses == 2

    # When all is over, the next alarm opens it anew.
    hass.states.async_set(FIRE, "off")
    hass.states.async_set(SMOKE, "off")
    await pass_time(hass, freezer, MINUTE)
    assert gate.refusals("a") == ()
    hass.states.async_set(FIRE, "on")
    await settle()
    assert door.pulses == 3


async def test_alarm_that_ended_while_the_lane_was_off_is_over(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, start: Starter
) -> None:
    """A lane that was reloaded meanwhile does not wait for it to end once more."""
    door = await template_gate(hass, "switch")
    gate = start(entity_id="switch.gate")
    hass.states.async_set(FIRE, "on")
    await settle()
    await gate.stop()
    hass.states.async_set(FIRE, "off")
    await pass_time(hass, freezer, MINUTE)

    gate = start(entity_id="switch.gate")
    assert gate.refusals("a") == ()
    hass.states.async_set(FIRE, "on")
    await settle()
    assert door.pulses == 2


async def test_gate_that_can_be_seen_is_opened_again_during_an_alarm(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, start: Starter
) -> None:
    """It says that it is shut, so that the next detector opens it."""
    door = await template_gate(hass, "cover")
    door.on_open = lambda: door.stands("open")
    start(opens_when=(FIRE, SMOKE))
    hass.states.async_set(FIRE, "on")
    await settle()
    await pass_time(hass, freezer, MINUTE)
    door.stands("closed")

    hass.states.async_set(SMOKE, "on")
    await settle()

    assert door.pulses == 2
