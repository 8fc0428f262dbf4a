"""Tests of gates that do not do as they are told.

Most of them are real template covers, locks and switches, whose actions and states are
the test's. Time is passed by hand.
"""

import asyncio
from datetime import timedelta
import traceback
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed_exact

from custom_components.plate_gate.errors import (
    GateError,
    GateMissingError,
    GateNotMovingError,
    GateUnavailableError,
)
from custom_components.plate_gate.gate import Opening
from custom_components.plate_gate.gate.latch import HOLD_OFF
from tests.common import GATE, GateCover, add_entity, state_of

from .gates import CONFIRM_SECONDS, begin, gate_of, pass_time, settle, template_gate

OPENED = Opening(acted=True, confirmed=True)
BLINDLY_OPENED = Opening(acted=True, confirmed=None)
OPEN_ALREADY = Opening(acted=False, confirmed=True)
ON_ITS_WAY = Opening(acted=False, confirmed=None)

KINDS = [
    ("cover", "closed", "opening"),
    ("cover", "closed", "open"),
    ("lock", "locked", "unlocking"),
    ("lock", "locked", "unlocked"),
]


@pytest.mark.parametrize(("domain", "shut", "moving"), KINDS)
async def test_gate_that_moves_is_confirmed(
    hass: HomeAssistant, domain: str, shut: str, moving: str
) -> None:
    """An opening is over as soon as the gate says that it moves."""
    gate = await template_gate(hass, domain)

    opening = await begin(hass, gate_of(hass, f"{domain}.gate").open())
    assert not opening.done()
    gate.stands(moving)

    assert await opening == OPENED
    assert gate.pulses == 1


@pytest.mark.parametrize("domain", ["cover", "lock"])
async def test_gate_that_moves_within_its_action(
    hass: HomeAssistant, domain: str
) -> None:
    """A movement that comes before the action returns is not missed."""
    gate = await template_gate(hass, domain)
    gate.on_open = lambda: gate.stands({"cover": "open", "lock": "unlocked"}[domain])

    assert await gate_of(hass, f"{domain}.gate").open() == OPENED
    assert gate.pulses == 1


@pytest.mark.parametrize(("domain", "shut", "moving"), KINDS)
async def test_gate_that_does_not_move_is_told_once_more(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    domain: str,
    shut: str,
    moving: str,
) -> None:
    """It gets exactly two pulses, and then whoever waits is told."""
    gate = await template_gate(hass, domain)
    late: list[None] = []
    door = gate_of(hass, f"{domain}.gate", on_late_success=lambda: late.append(None))

    opening = await begin(hass, door.open())
    await pass_time(hass, freezer, CONFIRM_SECONDS - 0.1)
    assert gate.pulses == 1
    await pass_time(hass, freezer, 0.1)
    assert gate.pulses == 2
    await pass_time(hass, freezer, CONFIRM_SECONDS - 0.1)
    assert not opening.done()
    await pass_time(hass, freezer, 0.1)

    with pytest.raises(GateNotMovingError):
        await opening
    assert gate.pulses == 2

    # Whoever asks now learns the same, without a third pulse.
    with pytest.raises(GateNotMovingError):
        await door.open(by_hand=True)
    assert gate.pulses == 2

    # It moves after all: somebody is told, and it is left alone.
    assert late == []
    gate.stands(moving)
    await settle()
    assert late == [None]
    assert await door.open() == OPEN_ALREADY
    assert gate.pulses == 2


async def test_gate_that_did_not_move_may_be_tried_again_later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gate that stays shut is told again when nothing can be under way any more."""
    gate = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass).open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    with pytest.raises(GateNotMovingError):
        await opening

    freezer.tick(HOLD_OFF - CONFIRM_SECONDS)
    opening = await begin(hass, gate_of(hass).open())
    assert gate.pulses == 3
    gate.stands("opening")

    assert await opening == OPENED


async def test_gate_that_moves_after_the_second_pulse(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A pulse that got lost in the air is made good."""
    gate = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass).open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    await pass_time(hass, freezer, 1)

    gate.stands("opening")

    assert await opening == OPENED
    assert gate.pulses == 2


async def test_movement_right_at_the_deadline(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gate that begins to move in the moment of the second pulse does not get it."""
    gate = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass).open())

    freezer.tick(CONFIRM_SECONDS)
    async_fire_time_changed_exact(hass)
    gate.stands("opening")
    assert state_of(hass, GATE) == "opening"

    assert await opening == OPENED
    assert gate.pulses == 1


async def test_no_second_pulse_while_the_first_is_under_way(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Two actions at once would be two pulses, however late they arrive."""
    cover = GateCover()
    await add_entity(hass, "cover", cover)
    cover.hold.clear()
    late: list[None] = []

    opening = await begin(
        hass, gate_of(hass, on_late_success=lambda: late.append(None)).open()
    )
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateNotMovingError):
        await opening
    assert cover.opened == 1
    cover.hold.set()
    await settle()
    assert late == [None]
    assert cover.opened == 1


async def test_cover_that_is_polled_is_asked_before_the_second_pulse(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A state that is old is no reason for a pulse."""

    class Polled(GateCover):
        """A cover that says how it is only when it is asked."""

        moves = False

        @override
        async def async_open_cover(self, **kwargs: Any) -> None:
            self.opened += 1

        async def async_update(self) -> None:
            self._attr_is_opening = self.moves

    cover = Polled()
    await add_entity(hass, "cover", cover)
    opening = await begin(hass, gate_of(hass).open())
    cover.moves = True
    await settle()
    assert state_of(hass, GATE) == "closed"

    await pass_time(hass, freezer, CONFIRM_SECONDS)

    assert await opening == OPENED
    assert cover.opened == 1


async def test_position_that_rises_is_a_movement(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A cover may tell where it is before it tells that it moves."""
    cover = GateCover()
    cover._attr_current_cover_position = 10
    cover._attr_is_closing = True
    cover.hold.clear()
    await add_entity(hass, "cover", cover)
    opening = await begin(hass, gate_of(hass).open())

    cover._attr_current_cover_position = 5
    cover.async_write_ha_state()
    await settle()
    assert not opening.done()
    cover._attr_current_cover_position = 8
    cover.async_write_ha_state()

    assert await opening == OPENED
    cover.hold.set()
    await hass.async_block_till_done()


async def test_closing_gate_gets_no_second_pulse(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What is neither shut nor open may be just about to turn round."""
    gate = await template_gate(hass, "cover")
    gate.stands("closing")
    await settle()

    opening = await begin(hass, gate_of(hass).open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateNotMovingError):
        await opening
    assert gate.pulses == 1


async def test_cover_that_opens_and_shuts_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """It has moved, whatever it says when somebody looks."""
    gate = await template_gate(hass, "cover")

    def bounce() -> None:
        gate.stands("open")
        gate.stands("closed")

    gate.on_open = bounce

    assert await gate_of(hass).open() == OPENED
    await settle()
    assert state_of(hass, GATE) == "closed"
    assert gate.pulses == 1


@pytest.mark.parametrize("domain", ["cover", "lock", "switch"])
async def test_gate_that_is_unavailable_before(
    hass: HomeAssistant, domain: str
) -> None:
    """It is not even told."""
    gate = await template_gate(hass, domain)
    gate.stands("unavailable")
    await settle()

    with pytest.raises(GateUnavailableError):
        await gate_of(hass, f"{domain}.gate").open()
    assert gate.pulses == 0


async def test_gate_that_becomes_unavailable_and_moves(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gate whose radio fails for a moment is waited for."""
    gate = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass).open())
    await pass_time(hass, freezer, 1)
    gate.stands("unavailable")
    await pass_time(hass, freezer, CONFIRM_SECONDS - 2)
    assert not opening.done()

    gate.stands("opening")

    assert await opening == OPENED
    assert gate.pulses == 1


async def test_gate_that_becomes_unavailable_and_stays_so(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gate that cannot be asked gets no second pulse; it may move all the same."""
    gate = await template_gate(hass, "cover")
    late: list[None] = []
    opening = await begin(
        hass, gate_of(hass, on_late_success=lambda: late.append(None)).open()
    )
    gate.stands("unavailable")
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateUnavailableError):
        await opening
    assert gate.pulses == 1
    gate.stands("open")
    await settle()
    assert late == [None]


async def test_gate_that_is_removed_while_it_is_watched(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """An entity that is removed in between is missed, not told again."""
    cover = GateCover()
    await add_entity(hass, "cover", cover)
    cover.hold.clear()
    opening = await begin(hass, gate_of(hass).open())
    hass.states.async_remove(GATE)

    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateMissingError):
        await opening
    assert cover.opened == 1
    cover.hold.set()
    await hass.async_block_till_done()


async def test_gate_that_says_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A cover that does not know how it is neither confirms nor is told again."""
    gate = await template_gate(hass, "cover")
    gate.stands("unknown")
    await settle()
    assert state_of(hass, GATE) == "unknown"

    opening = await begin(hass, gate_of(hass).open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    assert await opening == BLINDLY_OPENED
    assert gate.pulses == 1


@pytest.mark.parametrize("domain", ["cover", "lock", "switch"])
async def test_action_that_raises(hass: HomeAssistant, domain: str) -> None:
    """It is told at once, and not repeated blindly."""
    gate = await template_gate(hass, domain)

    def fail() -> None:
        raise HomeAssistantError("http://admin:secret@gate")

    gate.on_open = fail

    with pytest.raises(GateUnavailableError) as raised:
        await gate_of(hass, f"{domain}.gate").open()
    assert gate.pulses == 1
    assert "secret" not in "".join(traceback.format_exception(raised.value))


async def test_action_that_raises_though_the_gate_moves(
    hass: HomeAssistant,
) -> None:
    """What the gate does counts, not what its integration says."""
    gate = await template_gate(hass, "cover")

    def move_and_fail() -> None:
        gate.stands("opening")
        raise HomeAssistantError

    gate.on_open = move_and_fail

    assert await gate_of(hass).open() == OPENED
    assert gate.pulses == 1


async def test_second_action_that_raises(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gate that went away before the second pulse cannot be used."""
    gate = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass).open())

    def fail() -> None:
        raise HomeAssistantError

    gate.on_open = fail
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateUnavailableError):
        await opening
    assert gate.pulses == 2


async def test_relay_tells_nothing_of_the_gate(hass: HomeAssistant) -> None:
    """That a relay went on is no movement of a gate."""
    gate = await template_gate(hass, "switch")
    gate.on_open = lambda: gate.stands("on")

    assert await gate_of(hass, "switch.gate").open() == BLINDLY_OPENED
    assert await gate_of(hass, "switch.gate").open() == ON_ITS_WAY
    assert gate.pulses == 1


async def test_relay_with_a_sensor(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A sensor at the gate confirms, keeps from a second pulse, and allows for one."""
    gate = await template_gate(hass, "switch")
    hass.states.async_set("binary_sensor.gate", "off")
    door = gate_of(hass, "switch.gate", confirm_entity="binary_sensor.gate")

    opening = await begin(hass, door.open())
    gate.stands("on")
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    assert gate.pulses == 2
    hass.states.async_set("binary_sensor.gate", "on")
    assert await opening == OPENED

    freezer.tick(timedelta(hours=1))
    assert await door.open() == OPEN_ALREADY
    assert gate.pulses == 2

    hass.states.async_set("binary_sensor.gate", "off")
    opening = await begin(hass, door.open())
    assert gate.pulses == 3
    hass.states.async_set("binary_sensor.gate", "on")
    assert await opening == OPENED


@pytest.mark.parametrize("state", ["unavailable", "unknown", None])
async def test_sensor_that_says_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, state: str | None
) -> None:
    """Without its sensor a relay is told once, and nobody says that it moved."""
    gate = await template_gate(hass, "switch")
    if state is not None:
        hass.states.async_set("binary_sensor.gate", state)
    door = gate_of(hass, "switch.gate", confirm_entity="binary_sensor.gate")

    opening = await begin(hass, door.open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    assert await opening == BLINDLY_OPENED
    assert gate.pulses == 1


async def test_cover_is_heard_while_its_sensor_says_nothing(
    hass: HomeAssistant,
) -> None:
    """A sensor whose battery is empty does not make a gate stand still."""
    gate = await template_gate(hass, "cover")
    hass.states.async_set("binary_sensor.gate", "unavailable")

    opening = await begin(
        hass, gate_of(hass, confirm_entity="binary_sensor.gate").open()
    )
    gate.stands("opening")

    assert await opening == OPENED


async def test_sensor_is_believed_before_the_cover(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A cover that says what it was told is not a gate that moves."""
    gate = await template_gate(hass, "cover")
    hass.states.async_set("binary_sensor.gate", "off")

    opening = await begin(
        hass, gate_of(hass, confirm_entity="binary_sensor.gate").open()
    )
    gate.stands("opening")
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateNotMovingError):
        await opening
    # It may be opening, though: that is no time for a second pulse.
    assert gate.pulses == 1


@pytest.mark.parametrize("domain", ["cover", "lock"])
async def test_gate_that_assumes_its_state_is_not_believed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, domain: str
) -> None:
    """It says that it is open because it was told to open, and goes on to say so."""
    gate = await template_gate(hass, domain, optimistic=True)
    door = gate_of(hass, f"{domain}.gate")

    assert await door.open() == BLINDLY_OPENED
    assert state_of(hass, f"{domain}.gate") in {"open", "unlocked"}
    assert await door.open() == ON_ITS_WAY
    assert gate.pulses == 1

    freezer.tick(HOLD_OFF)
    assert await door.open() == BLINDLY_OPENED
    assert gate.pulses == 2


async def test_lanes_that_open_a_gate_at_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The gate gets one pulse, whoever asks, and a second one if it stays shut."""
    gate = await template_gate(hass, "cover")
    openings = [await begin(hass, gate_of(hass).open()) for _ in range(4)]
    assert gate.pulses == 1

    await pass_time(hass, freezer, CONFIRM_SECONDS)
    assert gate.pulses == 2
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    for opening in openings:
        with pytest.raises(GateNotMovingError):
            await opening
    assert gate.pulses == 2


async def test_canceled_opening_leaves_the_watch_to_the_next(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Whoever comes next sees the gate move without a pulse, or that it does not."""
    gate = await template_gate(hass, "cover")
    first = await begin(hass, gate_of(hass).open())
    first.cancel()
    await asyncio.wait([first])

    second = await begin(hass, gate_of(hass).open())
    gate.stands("opening")
    assert await second == OPEN_ALREADY
    assert gate.pulses == 1


async def test_canceled_opening_of_a_gate_that_stays_shut(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The next one learns it, and gives no second pulse while the first may work."""
    gate = await template_gate(hass, "cover")
    first = await begin(hass, gate_of(hass).open())
    first.cancel()
    await asyncio.wait([first])

    second = await begin(hass, gate_of(hass).open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateNotMovingError):
        await second
    assert gate.pulses == 1


async def test_stop_answers_whoever_waits(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A lane that is reloaded does not wait for its gate, nor tells it again."""
    gate = await template_gate(hass, "cover")
    door = gate_of(hass)
    door.start()
    opening = await begin(hass, door.open())

    await door.stop()

    assert await opening == BLINDLY_OPENED
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    assert gate.pulses == 1

    # The lane that takes its place knows what the gate was told.
    door = gate_of(hass)
    door.start()
    opening = await begin(hass, door.open())
    assert gate.pulses == 1
    gate.stands("open")
    assert await opening == OPEN_ALREADY
    await door.stop()


async def test_home_assistant_stops_in_between(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing is told a second time while everything shuts down."""
    gate = await template_gate(hass, "cover")
    door = gate_of(hass)
    door.start()
    opening = await begin(hass, door.open())

    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)

    assert await opening == BLINDLY_OPENED
    await door.stop()
    assert gate.pulses == 1


async def test_no_second_pulse_while_home_assistant_stops(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Not even by a gate that has not heard of it."""
    gate = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass).open())

    hass.set_state(CoreState.stopping)
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    hass.set_state(CoreState.running)

    with pytest.raises(GateNotMovingError):
        await opening
    assert gate.pulses == 1


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(seconds=-30)])
async def test_clock_that_is_set_back_while_a_gate_is_watched(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, jump: timedelta
) -> None:
    """It neither hides the movement nor gives a pulse more."""
    gate = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass).open())
    freezer.tick(jump)

    gate.stands("opening")

    assert await opening == OPENED
    assert await gate_of(hass).open() == OPEN_ALREADY
    assert gate.pulses == 1


async def test_late_failure_is_told_once_for_a_watched_gate(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """An action that fails after everybody gave up is told, too."""
    failures: list[GateError] = []
    cover = GateCover()
    await add_entity(hass, "cover", cover)
    cover.hold.clear()
    cover.failure = HomeAssistantError("secret")
    opening = await begin(hass, gate_of(hass, on_late_failure=failures.append).open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    with pytest.raises(GateNotMovingError):
        await opening
    assert failures == []

    cover.hold.set()
    await settle()

    assert [type(failure) for failure in failures] == [GateUnavailableError]


async def test_jammed_lock_is_told_once_more(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A lock that jams can be reached, and often gives way the second time."""
    gate = await template_gate(hass, "lock")
    opening = await begin(hass, gate_of(hass, "lock.gate").open())
    gate.stands("jammed")
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    assert gate.pulses == 2

    gate.stands("unlocked")

    assert await opening == OPENED


async def test_gate_that_is_lost_while_its_sensor_says_shut(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What cannot be reached gets no second pulse, whatever the sensor says."""
    gate = await template_gate(hass, "cover")
    hass.states.async_set("binary_sensor.gate", "off")
    opening = await begin(
        hass, gate_of(hass, confirm_entity="binary_sensor.gate").open()
    )
    gate.stands("unavailable")
    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateUnavailableError):
        await opening
    assert gate.pulses == 1


async def test_gate_is_watched_again_after_a_new_start(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gate that was stopped and started confirms as before; starting twice is one."""
    gate = await template_gate(hass, "cover")
    door = gate_of(hass)
    door.start()
    door.start()
    await door.stop()
    door.start()

    opening = await begin(hass, door.open())
    gate.stands("opening")

    assert await opening == OPENED
    await door.stop()


async def test_half_open_gate_is_told_to_open(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gap for people lets no vehicle in, and a gate that stays so has not opened."""
    door = await template_gate(
        hass,
        "cover",
        position="{{ states('input_number.position') }}",
    )
    hass.states.async_set("input_number.position", "30")
    door.stands("open")
    await hass.async_block_till_done()
    gate = gate_of(hass)

    opening = await begin(hass, gate.open())
    assert door.pulses == 1
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    with pytest.raises(GateNotMovingError):
        await opening
    assert door.pulses == 1

    await pass_time(hass, freezer, HOLD_OFF)
    opening = await begin(hass, gate.open())
    hass.states.async_set("input_number.position", "45")
    assert await opening == OPENED
    assert door.pulses == 2


async def test_gate_that_stands_nearly_open_is_left_alone(hass: HomeAssistant) -> None:
    """Not every drive reaches what it calls 100 percent."""
    door = await template_gate(hass, "cover", position="{{ 96 }}")
    door.stands("open")
    await hass.async_block_till_done()

    assert not (await gate_of(hass).open()).acted
    assert door.pulses == 0
