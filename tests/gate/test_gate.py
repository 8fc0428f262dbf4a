"""Tests of opening a gate, with real entities of each kind."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import gc
import traceback
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.button import ButtonEntity
from homeassistant.components.lock import LockEntity, LockEntityFeature, LockState
from homeassistant.components.switch import SwitchEntity
from homeassistant.const import (
    ATTR_ENTITY_ID,
    EVENT_CALL_SERVICE,
    STATE_CLOSED,
    STATE_OFF,
    STATE_ON,
    STATE_OPEN,
    STATE_OPENING,
    STATE_UNKNOWN,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.plate_gate.errors import (
    GateError,
    GateMissingError,
    GateUnavailableError,
)
from custom_components.plate_gate.gate import GATE_DOMAINS, Gate
from custom_components.plate_gate.gate.latch import HOLD_OFF, Latch
from tests.common import GATE, GateCover, add_entity, eventually, state_of


class GateLock(LockEntity):
    """A lock, with or without a latch to open."""

    _attr_should_poll = False
    _attr_name = "Gate"
    _attr_is_locked = True

    def __init__(self, features: LockEntityFeature) -> None:
        """Say what it can do."""
        self._attr_supported_features = features
        self.actions: list[str] = []

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        """Unlock."""
        self.actions.append("unlock")
        self._attr_is_locked = False
        self.async_write_ha_state()

    @override
    async def async_open(self, **kwargs: Any) -> None:
        """Open the latch."""
        self.actions.append("open")

    def become(self, *, locked: bool = False, open: bool = False) -> None:
        """Say that it has moved."""
        self._attr_is_locked = locked
        self._attr_is_open = open
        self.async_write_ha_state()


class GateSwitch(SwitchEntity):
    """A relay."""

    _attr_should_poll = False
    _attr_name = "Gate"
    _attr_is_on = False
    turned_on = 0

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on."""
        self.turned_on += 1
        self._attr_is_on = True
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off, as a relay does by itself after a pulse."""
        self._attr_is_on = False
        self.async_write_ha_state()


class GateButton(ButtonEntity):
    """A pulse."""

    _attr_should_poll = False
    _attr_name = "Gate"
    pressed = 0

    @override
    async def async_press(self) -> None:
        """Count."""
        self.pressed += 1


def no_late_failure(error: GateError) -> None:
    """Fail: nothing was to fail late."""
    raise AssertionError("A late failure was reported")


def gate_of(hass: HomeAssistant, entity_id: str = GATE) -> Gate:
    """Return a gate."""
    return Gate(hass, entity_id, on_late_failure=no_late_failure)


async def test_cover_is_opened(hass: HomeAssistant, cover: GateCover) -> None:
    """A closed cover opens."""
    await gate_of(hass).open()

    assert cover.opened == 1
    assert state_of(hass, GATE) == STATE_OPEN


@pytest.mark.parametrize("state", [STATE_OPEN, STATE_OPENING])
async def test_open_cover_gets_no_second_pulse(
    hass: HomeAssistant, cover: GateCover, state: str
) -> None:
    """A gate that is open, or on its way, is left alone."""
    cover._attr_is_opening = state == STATE_OPENING
    cover._attr_is_closed = state == STATE_OPENING
    cover.async_write_ha_state()
    assert state_of(hass, GATE) == state

    await gate_of(hass).open()

    assert cover.opened == 0


async def test_closing_cover_is_opened(hass: HomeAssistant, cover: GateCover) -> None:
    """A gate that closes before the vehicle opens again."""
    cover._attr_is_closing = True
    cover.async_write_ha_state()

    await gate_of(hass).open()

    assert cover.opened == 1


@pytest.mark.parametrize(
    ("features", "action"),
    [(LockEntityFeature(0), "unlock"), (LockEntityFeature.OPEN, "open")],
)
async def test_lock_is_opened_where_it_can(
    hass: HomeAssistant, features: LockEntityFeature, action: str
) -> None:
    """A lock with a latch opens it and stays locked; one without is unlocked."""
    lock = GateLock(features)
    await add_entity(hass, "lock", lock)

    await gate_of(hass, "lock.gate").open()

    assert lock.actions == [action]
    locked = state_of(hass, "lock.gate") == LockState.LOCKED
    assert locked is (action == "open")


async def test_switch_is_turned_on(hass: HomeAssistant) -> None:
    """A relay is switched on."""
    await add_entity(hass, "switch", GateSwitch())
    assert state_of(hass, "switch.gate") == STATE_OFF

    await gate_of(hass, "switch.gate").open()

    assert state_of(hass, "switch.gate") == STATE_ON


async def test_button_is_pressed(hass: HomeAssistant) -> None:
    """A button is pressed, although its state is unknown until the first time."""
    button = GateButton()
    await add_entity(hass, "button", button)
    assert state_of(hass, "button.gate") == STATE_UNKNOWN

    await gate_of(hass, "button.gate").open()

    assert button.pressed == 1


async def test_helpers_scripts_and_scenes(hass: HomeAssistant) -> None:
    """What a person made in Home Assistant can open a gate, too."""
    events = async_capture_events(hass, "gate_script_ran")
    for domain, config in (
        ("input_boolean", {"gate": {}, "scenic": {}}),
        ("input_button", {"gate": {}}),
        ("script", {"gate": {"sequence": [{"event": "gate_script_ran"}]}}),
        ("scene", [{"name": "gate", "entities": {"input_boolean.scenic": "on"}}]),
    ):
        assert await async_setup_component(hass, domain, {domain: config})
    await hass.async_block_till_done()

    for domain in ("input_boolean", "input_button", "script", "scene"):
        assert domain in GATE_DOMAINS
        await gate_of(hass, f"{domain}.gate").open()
    await hass.async_block_till_done()

    assert state_of(hass, "input_boolean.gate") == STATE_ON
    assert state_of(hass, "input_button.gate") != STATE_UNKNOWN
    assert len(events) == 1
    assert state_of(hass, "input_boolean.scenic") == STATE_ON


async def test_missing_gate(hass: HomeAssistant) -> None:
    """An entity that does not exist is named as such."""
    with pytest.raises(GateMissingError):
        await gate_of(hass, "cover.gone").open()


async def test_unavailable_gate(hass: HomeAssistant, cover: GateCover) -> None:
    """An entity that cannot be used is not asked to."""
    cover.set_available(False)

    with pytest.raises(GateUnavailableError):
        await gate_of(hass).open()

    assert cover.opened == 0


@pytest.mark.parametrize("kind", [HomeAssistantError, ValueError, TimeoutError])
async def test_failing_action(
    hass: HomeAssistant, cover: GateCover, kind: Callable[[str], Exception]
) -> None:
    """Whatever an action raises means that the gate is shut, and is not passed on."""
    cover.failure = kind("http://admin:secret@gate")

    with pytest.raises(GateUnavailableError) as raised:
        await gate_of(hass).open()

    assert "secret" not in "".join(traceback.format_exception(raised.value))


async def test_slow_action_does_not_hold_up(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """An action that goes on for long is left to itself, and may yet succeed."""
    cover.hold.clear()
    gate = Gate(hass, GATE, on_late_failure=no_late_failure, patience=0.01)

    await gate.open()
    assert cover.opened == 1
    assert state_of(hass, GATE) == STATE_CLOSED

    cover.hold.set()
    await eventually(lambda: state_of(hass, GATE) == STATE_OPEN)


async def test_late_failure_is_reported(hass: HomeAssistant, cover: GateCover) -> None:
    """An action that fails after all is reported once, without its own words."""
    failures: list[GateError] = []
    cover.hold.clear()
    cover.failure = HomeAssistantError("secret")
    await Gate(hass, GATE, on_late_failure=failures.append, patience=0.01).open()
    assert failures == []

    cover.hold.set()
    await eventually(lambda: failures)

    assert [type(failure) for failure in failures] == [GateUnavailableError]
    assert str(failures[0]) == ""


async def test_canceled_opening_lets_the_gate_go_on(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """Whoever stops waiting does not stop the gate half way."""
    cover.hold.clear()
    opening = hass.async_create_task(gate_of(hass).open())
    await eventually(lambda: cover.opened)

    opening.cancel()
    await asyncio.wait([opening])
    cover.hold.set()

    await eventually(lambda: state_of(hass, GATE) == STATE_OPEN)


async def test_each_opening_has_its_own_context(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """An opening is nobody's doing: it has no user, and is linked with nothing else."""
    calls = async_capture_events(hass, EVENT_CALL_SERVICE)

    await gate_of(hass).open()
    await cover.async_close_cover()
    await gate_of(hass).open()

    first, second = (call.context for call in calls)
    assert first.user_id is None and first.parent_id is None
    assert first.id != second.id
    assert calls[0].data["service_data"] == {ATTR_ENTITY_ID: GATE}


async def test_two_lanes_with_one_gate_give_one_pulse(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """Whoever asks while the gate is told to open does not stop it again."""
    cover.hold.clear()
    lanes = [
        Gate(hass, GATE, on_late_failure=no_late_failure, patience=0.01)
        for _ in range(3)
    ]

    await asyncio.gather(*(gate.open() for gate in lanes))

    assert cover.opened == 1
    cover.hold.set()
    await eventually(lambda: state_of(hass, GATE) == STATE_OPEN)


async def test_gates_do_not_hold_each_other_up(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """What was done to one gate is no reason to keep another shut."""
    button = GateButton()
    await add_entity(hass, "button", button)

    await gate_of(hass).open()
    await gate_of(hass, "button.gate").open()

    assert (cover.opened, button.pressed) == (1, 1)


async def test_button_gets_no_second_press_for_a_while(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A drive with one button would stop, and a button cannot say that it moves."""
    button = GateButton()
    await add_entity(hass, "button", button)

    await gate_of(hass, "button.gate").open()
    freezer.tick(HOLD_OFF - 0.1)
    await gate_of(hass, "button.gate").open()
    assert button.pressed == 1

    freezer.tick(0.2)
    await gate_of(hass, "button.gate").open()
    assert button.pressed == 2


async def test_clock_that_is_set_back_keeps_nobody_out(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """An action that seems to lie ahead was not a moment ago."""
    button = GateButton()
    await add_entity(hass, "button", button)
    await gate_of(hass, "button.gate").open()

    freezer.tick(timedelta(hours=-1))
    await gate_of(hass, "button.gate").open()

    assert button.pressed == 2


async def test_relay_that_is_off_again_is_not_believed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A relay goes off after its pulse, while the gate still opens."""
    relay = GateSwitch()
    await add_entity(hass, "switch", relay)

    await gate_of(hass, "switch.gate").open()
    freezer.tick(1)
    await relay.async_turn_off()
    freezer.tick(1)
    await gate_of(hass, "switch.gate").open()
    assert relay.turned_on == 1

    freezer.tick(HOLD_OFF)
    await gate_of(hass, "switch.gate").open()
    assert relay.turned_on == 2


async def test_cover_that_has_shut_again_is_believed(
    hass: HomeAssistant, cover: GateCover, freezer: FrozenDateTimeFactory
) -> None:
    """A gate that someone shut a moment after it opened is opened for the next one."""
    await gate_of(hass).open()
    freezer.tick(1)
    await cover.async_close_cover()
    freezer.tick(1)
    await gate_of(hass).open()

    assert cover.opened == 2


@pytest.mark.parametrize(
    ("features", "moved"),
    [(LockEntityFeature(0), {}), (LockEntityFeature.OPEN, {"open": True})],
)
async def test_lock_that_has_moved_is_left_alone_until_it_is_locked(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    features: LockEntityFeature,
    moved: dict[str, bool],
) -> None:
    """That a lock says something new does not mean that it is locked again."""
    lock = GateLock(features)
    await add_entity(hass, "lock", lock)

    await gate_of(hass, "lock.gate").open()
    freezer.tick(1)
    lock.become(**moved)
    await gate_of(hass, "lock.gate").open()
    assert len(lock.actions) == 1

    freezer.tick(1)
    lock.become(locked=True)
    await gate_of(hass, "lock.gate").open()
    assert len(lock.actions) == 2


async def test_failed_action_may_be_tried_again_at_once(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """A gate that did not open is not on its way."""
    cover.failure = HomeAssistantError("stuck")
    with pytest.raises(GateUnavailableError):
        await gate_of(hass).open()

    cover.failure = None
    await gate_of(hass).open()

    assert cover.opened == 2
    assert state_of(hass, GATE) == STATE_OPEN


async def test_action_that_failed_late_may_be_tried_again_at_once(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """The same goes for one that fails when nobody waits for it; it is told once."""
    failures: list[GateError] = []
    gate = Gate(hass, GATE, on_late_failure=failures.append, patience=0.01)
    cover.hold.clear()
    cover.failure = HomeAssistantError("stuck")
    await gate.open()
    await gate.open()
    assert cover.opened == 1

    cover.hold.set()
    await eventually(lambda: failures)
    cover.failure = None
    await gate.open()

    assert cover.opened == 2
    assert len(failures) == 1


async def test_canceled_action_is_a_failed_one(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """An integration that is unloaded in the middle did not open the gate."""
    cover.failure = asyncio.CancelledError()
    with pytest.raises(GateUnavailableError):
        await gate_of(hass).open()

    cover.failure = None
    await gate_of(hass).open()
    assert cover.opened == 2


@pytest.mark.parametrize(
    "failure", [HomeAssistantError("secret"), asyncio.CancelledError()]
)
async def test_failure_after_whoever_waited_has_left(
    hass: HomeAssistant, cover: GateCover, failure: BaseException
) -> None:
    """It is told all the same, and no exception is left that nobody has seen."""
    failures: list[GateError] = []
    cover.hold.clear()
    cover.failure = failure
    gate = Gate(hass, GATE, on_late_failure=failures.append)
    opening = hass.async_create_task(gate.open())
    await eventually(lambda: cover.opened)

    opening.cancel()
    await asyncio.wait([opening])
    cover.hold.set()

    await eventually(lambda: failures)
    assert [type(failure) for failure in failures] == [GateUnavailableError]
    # What nobody has seen is told to the loop, which fails the test.
    gc.collect()
    await hass.async_block_till_done()


async def test_old_failure_leaves_a_newer_action_alone(
    freezer: FrozenDateTimeFactory,
) -> None:
    """An action that fails long after its time does not undo what came later."""
    latch = Latch()
    old = latch.acted()
    freezer.tick(HOLD_OFF + 1)
    latch.acted()

    latch.failed(old)

    assert latch.holds(State("button.gate", "unknown"))
