"""Tests of what keeps a plate from opening a gate, and of what it cannot keep."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
import pytest

from custom_components.plate_gate.errors import (
    GateInterlockedError,
    GateNotMovingError,
    GateUnavailableError,
)
from custom_components.plate_gate.gate import Gate, GateSettings, Opening
from custom_components.plate_gate.gate.interlocks import (
    Interlocks,
    calls_for_opening,
    keeps_shut,
)
from custom_components.plate_gate.gate.latch import HOLD_OFF
from custom_components.plate_gate.gate.steady import SteadyClock
from custom_components.plate_gate.models import Reason
from tests.common import GATE, GateCover, add_entity

from .gates import CONFIRM_SECONDS, GateButton, begin, gate_of, pass_time, template_gate

OPENED = Opening(acted=True, confirmed=True)
BLINDLY_OPENED = Opening(acted=True, confirmed=None)
OPEN_ALREADY = Opening(acted=False, confirmed=True)

ANNA, BEN = "anna", "ben"


async def refused(gate: Gate, vehicle_id: str | None = None) -> tuple[Reason, ...]:
    """Return why the gate refuses to open; fail if it opens, or is not sure."""
    reasons = gate.refusals(vehicle_id)
    with pytest.raises(GateInterlockedError) as raised:
        await gate.open(vehicle_id)
    assert raised.value.reasons == reasons != ()
    return reasons


@pytest.mark.parametrize(
    ("entity_id", "state", "keeps"),
    [
        ("binary_sensor.a", "on", True),
        ("binary_sensor.a", "off", False),
        ("input_boolean.a", "on", True),
        ("input_boolean.a", "off", False),
        ("schedule.a", "off", False),
        ("calendar.a", "on", True),
        ("alarm_control_panel.a", "disarmed", False),
        ("alarm_control_panel.a", "armed_away", True),
        ("alarm_control_panel.a", "armed_home", True),
        ("alarm_control_panel.a", "armed_night", True),
        ("alarm_control_panel.a", "armed_vacation", True),
        ("alarm_control_panel.a", "armed_custom_bypass", True),
        ("alarm_control_panel.a", "arming", True),
        ("alarm_control_panel.a", "pending", True),
        ("alarm_control_panel.a", "disarming", True),
        ("alarm_control_panel.a", "triggered", True),
        ("lock.a", "locked", True),
        ("lock.a", "locking", True),
        ("lock.a", "jammed", True),
        ("lock.a", "unlocked", False),
        ("lock.a", "open", False),
        ("cover.a", "open", True),
        ("cover.a", "closing", True),
        ("cover.a", "closed", False),
        ("person.a", "home", True),
        ("person.a", "not_home", False),
        ("device_tracker.a", "Work", False),
        ("sensor.a", "17", True),
    ],
)
def test_what_keeps_a_gate_shut(entity_id: str, state: str, keeps: bool) -> None:
    """An entity keeps the gate shut while it is active, each kind in its own way."""
    assert keeps_shut(State(entity_id, state)) is keeps


@pytest.mark.parametrize(
    "entity_id",
    ["binary_sensor.a", "alarm_control_panel.a", "lock.a", "cover.a", "person.a"],
)
def test_what_says_nothing_keeps_a_gate_shut_and_opens_none(entity_id: str) -> None:
    """A gate whose alarm has failed stays as it is."""
    for state in (None, State(entity_id, "unavailable"), State(entity_id, "unknown")):
        assert keeps_shut(state)
        assert not calls_for_opening(state)


@pytest.mark.parametrize(
    ("entity_id", "state", "opens"),
    [
        ("binary_sensor.smoke", "on", True),
        ("binary_sensor.smoke", "off", False),
        ("alarm_control_panel.fire", "triggered", True),
        ("alarm_control_panel.fire", "armed_away", False),
        ("alarm_control_panel.fire", "pending", False),
        ("lock.a", "locked", False),
    ],
)
def test_what_opens_a_gate(entity_id: str, state: str, opens: bool) -> None:
    """A gate opens for what is on, and for an alarm that goes off."""
    assert calls_for_opening(State(entity_id, state)) is opens


async def test_gate_pauses_for_everybody(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cover: GateCover
) -> None:
    """A gate that has shut again opens for the next one when its pause is over."""
    gate = gate_of(hass, cool_down=30.0)
    assert await gate.open(ANNA) == OPENED
    freezer.tick(25)
    await cover.async_close_cover()

    freezer.tick(4.9)
    assert await refused(gate, BEN) == (Reason.GATE_COOLING_DOWN,)
    assert cover.opened == 1

    freezer.tick(0.2)
    assert gate.refusals(BEN) == ()
    assert await gate.open(BEN) == OPENED
    assert cover.opened == 2


async def test_pause_keeps_nobody_out_of_an_open_gate(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cover: GateCover
) -> None:
    """Whoever comes next while the gate is open goes through, and it is not told."""
    gate = gate_of(hass, cool_down=30.0)
    await gate.open(ANNA)
    freezer.tick(1)

    assert gate.refusals(BEN) == ()
    assert await gate.open(BEN) == OPEN_ALREADY
    assert cover.opened == 1


async def test_pause_of_a_gate_that_cannot_tell(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """For a while it counts as on its way; then its pause holds, then it is told."""
    button = GateButton()
    await add_entity(hass, "button", button)
    gate = gate_of(hass, "button.gate", cool_down=HOLD_OFF + 10)
    await gate.open(ANNA)

    freezer.tick(1)
    assert await gate.open(BEN) == Opening(acted=False, confirmed=None)
    freezer.tick(HOLD_OFF)
    assert await refused(gate, BEN) == (Reason.GATE_COOLING_DOWN,)
    freezer.tick(10)
    assert await gate.open(BEN) == BLINDLY_OPENED
    assert button.pressed == 2


async def test_vehicle_pauses(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cover: GateCover
) -> None:
    """Whoever has just come in is not on the way out, though the gate is open."""
    gate = gate_of(hass, vehicle_cool_down=60.0)
    await gate.open(ANNA)
    freezer.tick(59)

    assert await refused(gate, ANNA) == (Reason.VEHICLE_COOLING_DOWN,)
    assert gate.refusals(BEN) == gate.refusals(None) == ()

    freezer.tick(1)
    assert await gate.open(ANNA) == OPEN_ALREADY
    # Going through an open gate counts, too.
    assert await refused(gate, ANNA) == (Reason.VEHICLE_COOLING_DOWN,)


async def test_failed_opening_makes_nobody_pause(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """A gate that could not be told is tried again at once."""
    gate = gate_of(hass, cool_down=30.0, vehicle_cool_down=30.0)
    cover.failure = ValueError()
    for _ in range(2):
        with pytest.raises(GateUnavailableError):
            await gate.open(ANNA)

    cover.failure = None
    assert await gate.open(ANNA) == OPENED


async def test_openings_of_a_minute(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cover: GateCover
) -> None:
    """Something that runs wild opens a gate so often, and no more."""
    gate = gate_of(hass, per_minute=3)
    for _ in range(3):
        assert await gate.open() == OPENED
        freezer.tick(10)
        await cover.async_close_cover()

    assert await refused(gate) == (Reason.TOO_MANY_OPENINGS,)
    freezer.tick(29)
    assert await refused(gate) == (Reason.TOO_MANY_OPENINGS,)
    freezer.tick(1)
    assert await gate.open() == OPENED
    assert cover.opened == 4


async def test_attempts_that_fail_count_in_a_minute(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """A gate that fails each time is left alone after some times, too."""
    gate = gate_of(hass, per_minute=2)
    cover.failure = ValueError()
    for _ in range(2):
        with pytest.raises(GateUnavailableError):
            await gate.open()

    assert await refused(gate) == (Reason.TOO_MANY_OPENINGS,)
    assert cover.opened == 2


async def test_second_pulse_counts_as_the_same_opening(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The last opening of a minute may take two pulses, as any other."""
    door = await template_gate(hass, "cover")
    opening = await begin(hass, gate_of(hass, per_minute=1).open())
    await pass_time(hass, freezer, CONFIRM_SECONDS)
    assert door.pulses == 2
    door.stands("open")
    assert await opening == OPENED


@pytest.mark.parametrize("state", ["on", "unavailable", "unknown", None])
async def test_entity_keeps_the_gate_shut(
    hass: HomeAssistant, cover: GateCover, state: str | None
) -> None:
    """No plate opens the gate meanwhile; a person does."""
    gate = gate_of(hass, stays_closed=("binary_sensor.away",))
    if state is not None:
        hass.states.async_set("binary_sensor.away", state)

    assert await refused(gate, ANNA) == (Reason.INTERLOCKED,)
    assert cover.opened == 0
    assert await gate.open(ANNA, by_hand=True) == OPENED

    # Not even through the gate that is open now: nobody is let in.
    assert await refused(gate, BEN) == (Reason.INTERLOCKED,)
    hass.states.async_set("binary_sensor.away", "off")
    assert gate.refusals(BEN) == ()


async def test_interlock_that_comes_up_before_the_second_pulse(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A gate that an alarm keeps shut by now is not told once more."""
    door = await template_gate(hass, "cover")
    gate = gate_of(hass, stays_closed=("alarm_control_panel.house",))
    hass.states.async_set("alarm_control_panel.house", "disarmed")
    opening = await begin(hass, gate.open())
    hass.states.async_set("alarm_control_panel.house", "armed_away")

    await pass_time(hass, freezer, CONFIRM_SECONDS)

    with pytest.raises(GateNotMovingError):
        await opening
    assert door.pulses == 1


async def test_interlock_that_comes_up_while_somebody_waits_his_turn(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What was allowed when it was asked for is looked at again when it is done."""
    door = await template_gate(hass, "cover")
    hass.states.async_set("input_boolean.party", "off")
    gate = gate_of(hass, stays_closed=("input_boolean.party",))
    first = await begin(hass, gate.open(ANNA))
    second = await begin(hass, gate.open(BEN))
    hass.states.async_set("input_boolean.party", "on")
    door.stands("open")

    assert await first == OPENED
    with pytest.raises(GateInterlockedError) as raised:
        await second
    assert raised.value.reasons == (Reason.INTERLOCKED,)


async def test_by_hand_every_interlock_is_skipped_but_not_the_latch(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A person is not kept out, and stops no gate that opens."""
    button = GateButton()
    await add_entity(hass, "button", button)
    gate = gate_of(
        hass,
        "button.gate",
        cool_down=600.0,
        vehicle_cool_down=600.0,
        per_minute=1,
        stays_closed=("binary_sensor.gone",),
    )

    assert await gate.open(ANNA, by_hand=True) == BLINDLY_OPENED
    assert (await gate.open(ANNA, by_hand=True)).acted is False
    freezer.tick(HOLD_OFF)
    assert await gate.open(ANNA, by_hand=True) == BLINDLY_OPENED
    assert button.pressed == 2
    # By hand counts for the pauses, but not for what runs wild.
    freezer.tick(HOLD_OFF)
    assert set(gate.refusals(ANNA)) == {
        Reason.INTERLOCKED,
        Reason.VEHICLE_COOLING_DOWN,
        Reason.GATE_COOLING_DOWN,
    }


async def test_alarm_overrides_every_interlock(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cover: GateCover
) -> None:
    """While the fire alarm is on, nothing keeps the gate shut for a listed vehicle."""
    gate = gate_of(
        hass,
        cool_down=600.0,
        vehicle_cool_down=600.0,
        per_minute=1,
        stays_closed=("binary_sensor.gone",),
        opens_when=("binary_sensor.fire",),
    )
    hass.states.async_set("binary_sensor.fire", "on")
    assert await gate.open(ANNA) == OPENED
    freezer.tick(1)
    await cover.async_close_cover()

    assert gate.refusals(ANNA) == ()
    assert await gate.open(ANNA) == OPENED

    hass.states.async_set("binary_sensor.fire", "unavailable")
    assert Reason.INTERLOCKED in gate.refusals(ANNA)


async def test_stricter_lane_holds_for_both(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cover: GateCover
) -> None:
    """Lanes that share a gate share what keeps it shut, as long as they run."""
    hass.states.async_set("binary_sensor.away", "off")
    lenient = gate_of(hass, per_minute=9)
    strict = gate_of(
        hass,
        per_minute=1,
        cool_down=50.0,
        vehicle_cool_down=40.0,
        stays_closed=("binary_sensor.away",),
    )
    lenient.start()
    strict.start()
    await lenient.open(ANNA)
    freezer.tick(30)
    await cover.async_close_cover()
    hass.states.async_set("binary_sensor.away", "on")

    everything = (
        Reason.INTERLOCKED,
        Reason.TOO_MANY_OPENINGS,
        Reason.VEHICLE_COOLING_DOWN,
        Reason.GATE_COOLING_DOWN,
    )
    assert await refused(lenient, ANNA) == everything
    assert await refused(strict, ANNA) == everything

    await strict.stop()
    assert await lenient.open(ANNA) == OPENED
    await lenient.stop()


async def test_other_gate_pauses_by_itself(
    hass: HomeAssistant, cover: GateCover
) -> None:
    """What holds for one gate is nothing to another."""
    await add_entity(hass, "button", GateButton())
    await gate_of(hass, GATE, cool_down=60.0, per_minute=1).open(ANNA)

    other = gate_of(
        hass, "button.gate", cool_down=60.0, vehicle_cool_down=60.0, per_minute=1
    )
    assert await other.open(ANNA) == BLINDLY_OPENED


async def test_pauses_outlive_a_reload(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, cover: GateCover
) -> None:
    """A lane that is set up anew knows what was opened a moment ago."""
    gate = gate_of(hass, vehicle_cool_down=60.0)
    gate.start()
    await gate.open(ANNA)
    await gate.stop()

    gate = gate_of(hass, vehicle_cool_down=60.0)
    assert gate.refusals(ANNA) == (Reason.VEHICLE_COOLING_DOWN,)


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(seconds=-5)])
async def test_clock_that_is_set_back_moves_no_pause(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    jump: timedelta,
) -> None:
    """It lasts as long as it does: not shorter, and not for a day."""
    gate = gate_of(hass, vehicle_cool_down=60.0, per_minute=1)
    await gate.open(ANNA)
    freezer.tick(30)
    assert len(gate.refusals(ANNA)) == 2

    freezer.tick(jump)
    assert len(gate.refusals(ANNA)) == 2
    freezer.tick(29)
    assert len(gate.refusals(ANNA)) == 2
    freezer.tick(1)
    assert gate.refusals(ANNA) == ()


def test_steady_clock() -> None:
    """It goes as the clock behind it goes, but never back."""
    now = 100.0
    clock = SteadyClock(lambda: now)
    assert clock() == 0
    now = 103.0
    assert clock() == 3
    now = 50.0
    assert clock() == 3
    now = 51.5
    assert clock() == 4.5


def test_vehicles_are_forgotten(hass: HomeAssistant) -> None:
    """Nobody is remembered for longer than the pause lasts."""
    now = 0.0
    settings = GateSettings(entity_id=GATE, vehicle_cool_down=10.0)
    interlocks = Interlocks(hass, lambda: now)
    for number in range(1000):
        interlocks.let_in(settings, f"vehicle {number}")
        now += 1.0

    assert len(interlocks._vehicles) == 10
