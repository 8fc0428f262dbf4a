"""Tests of opening a gate, with real entities of each kind."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import gc
import traceback

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.lock import LockEntityFeature, LockState
from homeassistant.const import (
    ATTR_ENTITY_ID,
    EVENT_CALL_SERVICE,
    STATE_OFF,
    STATE_ON,
    STATE_OPEN,
    STATE_OPENING,
    STATE_UNKNOWN,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.plate_gate.errors import (
    GateError,
    GateMissingError,
    GateUnavailableError,
)
from custom_components.plate_gate.gate import GATE_DOMAINS, Opening
from custom_components.plate_gate.gate.latch import HOLD_OFF, Latch
from tests.common import GATE, GateCover, add_entity, eventually, state_of

from .gates import (
    CONFIRM_SECONDS,
    GateButton,
    GateLock,
    GateSwitch,
    begin,
    gate_of,
    pass_time,
)

OPENED = Opening(acted=True, confirmed=True)
BLINDLY_OPENED = Opening(acted=True, confirmed=None)
OPEN_ALREADY = Opening(acted=False, confirmed=True)


@pytest.fixture
async def button(hass: HomeAssistant) -> GateButton:
    """Return a button that opens a gate."""
    button = GateButton()
    await add_entity(hass, "button", button)
    return button


async def test_cover_is_opened(hass: HomeAssistant, cover: GateCover) -> None:
    """A closed cover opens."""
    assert await gate_of(hass).open() == OPENED

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

    assert await gate_of(hass).open() == OPEN_ALREADY

    assert cover.opened == 0


async def test_closing_cover_is_opened(hass: HomeAssistant, cover: GateCover) -> None:
    """A gate that closes before the vehicle opens again."""
    cover._attr_is_closing = True
    cover.async_write_ha_state()

    opening = await begin(hass, gate_of(hass).open())

    assert cover.opened == 1
    cover._attr_is_closing = False
    cover.async_write_ha_state()
    assert await opening == OPENED


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

    opening = await begin(hass, gate_of(hass, "lock.gate").open())

    assert lock.actions == [action]
    locked = state_of(hass, "lock.gate") == LockState.LOCKED
    assert locked is (action == "open")
    lock.become(open=action == "open")
    assert await opening == OPENED


async def test_switch_is_turned_on(hass: HomeAssistant) -> None:
    """A relay is switched on."""
    await add_entity(hass, "switch", GateSwitch())
    assert state_of(hass, "switch.gate") == STATE_OFF

    assert await gate_of(hass, "switch.gate").open() == BLINDLY_OPENED

    assert state_of(hass, "switch.gate") == STATE_ON


async def test_button_is_pressed(hass: HomeAssistant, button: GateButton) -> None:
    """A button is pressed, although its state is unknown until the first time."""
    assert state_of(hass, "button.gate") == STATE_UNKNOWN

    assert await gate_of(hass, "button.gate").open() == BLINDLY_OPENED

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
        assert await gate_of(hass, f"{domain}.gate").open() == BLINDLY_OPENED
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
    hass: HomeAssistant, button: GateButton
) -> None:
    """An action that goes on for long is left to itself, and may yet succeed."""
    button.hold.clear()

    opening = await gate_of(hass, "button.gate", patience=0.01).open()

    assert opening == BLINDLY_OPENED
    assert button.pressed == 1
    button.hold.set()
    await hass.async_block_till_done()


async def test_slow_action_of_a_cover_that_moves_does_not_hold_up(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """A cover may say that it opens long before its action ends."""
    cover.hold.clear()
    opening = await begin(hass, gate_of(hass).open())
    assert cover.opened == 1

    cover._attr_is_opening = True
    cover.async_write_ha_state()

    assert await opening == OPENED
    cover.hold.set()
    await hass.async_block_till_done()


async def test_late_failure_is_reported(
    hass: HomeAssistant, button: GateButton
) -> None:
    """An action that fails after all is reported once, without its own words."""
    failures: list[GateError] = []
    button.hold.clear()
    button.failure = HomeAssistantError("secret")
    await gate_of(
        hass, "button.gate", on_late_failure=failures.append, patience=0.01
    ).open()
    assert failures == []

    button.hold.set()
    await eventually(lambda: failures)

    assert [type(failure) for failure in failures] == [GateUnavailableError]
    assert str(failures[0]) == ""


async def test_late_failure_of_a_gate_that_has_moved_is_none(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """What an action says in the end does not matter if the gate was seen to open."""
    cover.hold.clear()
    cover.failure = TimeoutError()
    opening = await begin(hass, gate_of(hass).open())
    cover._attr_is_opening = True
    cover.async_write_ha_state()
    assert await opening == OPENED

    cover.hold.set()
    await hass.async_block_till_done()

    assert await gate_of(hass).open() == OPEN_ALREADY
    assert cover.opened == 1


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
    openings = [await begin(hass, gate_of(hass).open()) for _ in range(3)]
    assert cover.opened == 1

    cover.hold.set()

    assert await asyncio.gather(*openings) == [OPENED, OPEN_ALREADY, OPEN_ALREADY]
    assert cover.opened == 1


async def test_two_lanes_with_one_button_give_one_pulse(
    hass: HomeAssistant, button: GateButton
) -> None:
    """So it is where nothing tells that the gate moves."""
    button.hold.clear()
    lanes = [gate_of(hass, "button.gate", patience=0.01) for _ in range(3)]

    openings = await asyncio.gather(*(gate.open() for gate in lanes))

    assert [opening.acted for opening in openings] == [True, False, False]
    assert {opening.confirmed for opening in openings} == {None}
    assert button.pressed == 1
    button.hold.set()
    await hass.async_block_till_done()


async def test_gates_do_not_hold_each_other_up(
    hass: HomeAssistant, cover: GateCover, button: GateButton
) -> None:
    """What was done to one gate is no reason to keep another shut."""
    await gate_of(hass).open()
    await gate_of(hass, "button.gate").open()

    assert (cover.opened, button.pressed) == (1, 1)


async def test_button_gets_no_second_press_for_a_while(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, button: GateButton
) -> None:
    """A drive with one button would stop, and a button cannot say that it moves."""
    await gate_of(hass, "button.gate").open()
    freezer.tick(HOLD_OFF - 0.1)
    await gate_of(hass, "button.gate").open()
    assert button.pressed == 1

    freezer.tick(0.2)
    await gate_of(hass, "button.gate").open()
    assert button.pressed == 2


async def test_clock_that_is_set_back_changes_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, button: GateButton
) -> None:
    """A jump leads neither to an early second press nor keeps anybody out for long."""
    await gate_of(hass, "button.gate").open()
    freezer.tick(1)

    freezer.tick(timedelta(hours=-1))
    await gate_of(hass, "button.gate").open()
    assert button.pressed == 1

    freezer.tick(HOLD_OFF)
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

    opening = await begin(hass, gate_of(hass, "lock.gate").open())
    await pass_time(hass, freezer, 1)
    lock.become(**moved)
    assert await opening == OPENED
    freezer.tick(1)
    # The latch has sprung back, and it is still unlocked: nobody knows.
    lock.become()
    assert await gate_of(hass, "lock.gate").open() == OPEN_ALREADY
    assert len(lock.actions) == 1

    freezer.tick(1)
    lock.become(locked=True)
    opening = await begin(hass, gate_of(hass, "lock.gate").open())
    assert len(lock.actions) == 2
    lock.become(**moved)
    assert await opening == OPENED


async def test_unlocked_lock_with_a_latch_is_opened(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Unlocked is not open, as long as there is a latch that can be opened."""
    lock = GateLock(LockEntityFeature.OPEN)
    await add_entity(hass, "lock", lock)
    lock.become()

    opening = await begin(hass, gate_of(hass, "lock.gate").open())
    assert lock.actions == ["open"]
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    # It never said that it opened, nor that it was locked.
    assert await opening == BLINDLY_OPENED
    assert lock.actions == ["open"]


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
    hass: HomeAssistant, button: GateButton
) -> None:
    """The same goes for one that fails when nobody waits for it; it is told once."""
    failures: list[GateError] = []
    gate = gate_of(hass, "button.gate", on_late_failure=failures.append, patience=0.01)
    button.hold.clear()
    button.failure = HomeAssistantError("stuck")
    await gate.open()
    await gate.open()
    assert button.pressed == 1

    button.hold.set()
    await eventually(lambda: failures)
    button.failure = None
    await gate.open()

    assert button.pressed == 2
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
    gate = gate_of(hass, on_late_failure=failures.append)
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


async def test_old_failure_leaves_a_newer_action_alone() -> None:
    """An action that fails long after its time does not undo what came later."""
    now = 0.0
    latch = Latch(lambda: now)
    old = latch.acted()
    now = HOLD_OFF + 1
    latch.acted()

    latch.failed(old)

    assert latch.holds(is_shut=True)
