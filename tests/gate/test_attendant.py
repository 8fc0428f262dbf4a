"""Tests of holding a gate open for a vehicle, and of closing it behind it."""

from collections.abc import AsyncIterator, Callable
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.cover import CoverEntityFeature
from homeassistant.components.lock import LockEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.plate_gate.errors import GateError, GateUnavailableError
from custom_components.plate_gate.gate import Gate
from custom_components.plate_gate.gate.attendant import LOOK_INTERVAL, REOPENINGS
from custom_components.plate_gate.gate.shared import async_shared_gate
from tests.common import GATE, GateCover, add_entity, state_of

from .gates import (
    GateLock,
    GateSwitch,
    begin,
    gate_of,
    pass_time,
    settle,
    template_gate,
)

BEAM = "binary_sensor.beam"

type Lane = Callable[..., Gate]


class Vehicle:
    """A vehicle that is here until it has gone."""

    is_here = True

    def __call__(self) -> bool:
        """Tell whether it is still there."""
        return self.is_here


@pytest.fixture
async def lane(hass: HomeAssistant) -> AsyncIterator[Lane]:
    """Return what starts a gate as a lane does; all are stopped in the end."""
    gates: list[Gate] = []

    def lane(entity_id: str = GATE, **settings: Any) -> Gate:
        gate = gate_of(hass, entity_id, **{"per_minute": 60, **settings})
        gates.append(gate)
        gate.start()
        return gate

    hass.states.async_set(BEAM, "off")
    yield lane
    for gate in gates:
        await gate.stop()


async def pass_seconds(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: int
) -> None:
    """Let time pass second by second, as somebody looks in between."""
    for _ in range(seconds):
        await pass_time(hass, freezer, LOOK_INTERVAL)


async def test_by_default_it_only_opens(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """A gate is neither held open nor closed, unless that is wished."""
    vehicle = Vehicle()
    await lane(obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False
    await pass_seconds(hass, freezer, 300)
    assert state_of(hass, GATE) == "open"

    await cover.async_close_cover()
    vehicle.is_here = True
    await pass_seconds(hass, freezer, 3)
    assert cover.opened == 1


async def test_gate_is_held_open_while_the_vehicle_is_there(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """A gate that begins to close is opened again, without any pause."""
    vehicle = Vehicle()
    gate = lane(hold_open=True, cool_down=600.0, vehicle_cool_down=600.0)
    await gate.open("anna", here=vehicle)
    await pass_seconds(hass, freezer, 5)

    cover._attr_is_closing = True
    cover.async_write_ha_state()
    await settle()
    assert cover.opened == 2
    cover._attr_is_closing = False
    cover.async_write_ha_state()
    await settle()

    vehicle.is_here = False
    await pass_seconds(hass, freezer, 2)
    await cover.async_close_cover()
    await pass_seconds(hass, freezer, 5)
    assert cover.opened == 2
    assert state_of(hass, GATE) == "closed"


async def test_gate_is_opened_again_only_so_often(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """A gate that closes again and again is left to itself in the end."""
    await lane(hold_open=True).open("anna", here=Vehicle())
    for _ in range(REOPENINGS + 3):
        await pass_seconds(hass, freezer, 1)
        await cover.async_close_cover()
        await settle()

    assert cover.opened == 1 + REOPENINGS
    assert state_of(hass, GATE) == "closed"


async def test_next_vehicle_is_held_open_for_as_often(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """Each vehicle has its own times."""
    gate = lane(hold_open=True)
    for who in ("anna", "ben"):
        cover.opened = 0
        await gate.open(who, here=Vehicle())
        for _ in range(REOPENINGS + 3):
            await pass_seconds(hass, freezer, 1)
            await cover.async_close_cover()
            await settle()
        assert cover.opened == 1 + REOPENINGS


@pytest.mark.parametrize("limit", [{"per_minute": 2}, {"stays_closed": (BEAM,)}])
async def test_interlock_keeps_a_gate_from_being_held_open(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
    limit: dict[str, Any],
) -> None:
    """Neither what runs wild nor an alarm is overridden by who stands there."""
    await lane(hold_open=True, **limit).open("anna", here=Vehicle())
    if "per_minute" in limit:
        await pass_seconds(hass, freezer, 1)
        await cover.async_close_cover()
        await settle()
        assert cover.opened == 2
    before = cover.opened
    hass.states.async_set(BEAM, "on")
    await pass_seconds(hass, freezer, 1)
    await cover.async_close_cover()
    await pass_seconds(hass, freezer, 5)

    assert cover.opened == before
    assert state_of(hass, GATE) == "closed"


async def test_gate_is_closed_behind_the_vehicle(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """It closes when the vehicle has gone and the way was clear for the time set."""
    vehicle = Vehicle()
    await lane(close_after=10.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    await pass_seconds(hass, freezer, 30)
    assert state_of(hass, GATE) == "open"

    vehicle.is_here = False
    await pass_seconds(hass, freezer, 10)
    assert state_of(hass, GATE) == "open"
    await pass_seconds(hass, freezer, 1)
    assert state_of(hass, GATE) == "closed"
    # It has done its work: a gate that somebody opens now stays open.
    await cover.async_open_cover()
    await pass_seconds(hass, freezer, 60)
    assert state_of(hass, GATE) == "open"


@pytest.mark.parametrize("state", ["on", "unavailable", "unknown", None])
async def test_anything_in_the_way_begins_the_time_anew(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
    state: str | None,
) -> None:
    """Also if it is in the way for a moment only, or if nobody knows."""
    vehicle = Vehicle()
    await lane(close_after=10.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False
    await pass_seconds(hass, freezer, 9)

    if state is None:
        hass.states.async_remove(BEAM)
    else:
        hass.states.async_set(BEAM, state)
    await pass_time(hass, freezer, 0.1)
    hass.states.async_set(BEAM, "off")
    await pass_seconds(hass, freezer, 9)
    assert state_of(hass, GATE) == "open"

    await pass_seconds(hass, freezer, 2)
    assert state_of(hass, GATE) == "closed"


@pytest.mark.parametrize("state", ["on", "unavailable", "unknown", None])
async def test_gate_stays_open_in_doubt(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
    state: str | None,
) -> None:
    """Something in the way, or a sensor that fails: it stays open."""
    vehicle = Vehicle()
    await lane(close_after=1.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False
    if state is None:
        hass.states.async_remove(BEAM)
    else:
        hass.states.async_set(BEAM, state)

    await pass_seconds(hass, freezer, 120)

    assert state_of(hass, GATE) == "open"


async def test_no_gate_is_closed_without_a_sensor(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """Recognition does not see what stands in the way."""
    vehicle = Vehicle()
    await lane(close_after=1.0).open("anna", here=vehicle)
    vehicle.is_here = False

    await pass_seconds(hass, freezer, 60)

    assert state_of(hass, GATE) == "open"


async def test_vehicle_that_comes_meanwhile_begins_the_time_anew(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """Whoever came through another lane of the gate counts as well."""
    anna, ben = Vehicle(), Vehicle()
    await lane(close_after=10.0, obstruction_entity=BEAM).open("anna", here=anna)
    anna.is_here = False
    await pass_seconds(hass, freezer, 9)

    assert not (await lane().open("ben", here=ben)).acted
    await pass_seconds(hass, freezer, 30)
    assert state_of(hass, GATE) == "open"
    ben.is_here = False
    await pass_seconds(hass, freezer, 9)
    assert state_of(hass, GATE) == "open"
    await pass_seconds(hass, freezer, 2)
    assert state_of(hass, GATE) == "closed"


async def test_opening_by_hand_begins_the_time_anew(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """Somebody wants it open, and nobody knows for how long."""
    vehicle = Vehicle()
    gate = lane(close_after=10.0, obstruction_entity=BEAM)
    await gate.open("anna", here=vehicle)
    vehicle.is_here = False
    await pass_seconds(hass, freezer, 9)

    await gate.open(by_hand=True)
    await pass_seconds(hass, freezer, 9)
    assert state_of(hass, GATE) == "open"
    await pass_seconds(hass, freezer, 2)
    assert state_of(hass, GATE) == "closed"


async def test_gate_that_was_open_before_is_not_closed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """Somebody left it open, and may want it so."""
    await cover.async_open_cover()
    vehicle = Vehicle()
    await lane(close_after=1.0, obstruction_entity=BEAM, hold_open=True).open(
        "anna", here=vehicle
    )
    vehicle.is_here = False

    await pass_seconds(hass, freezer, 60)

    assert state_of(hass, GATE) == "open"


async def test_gate_is_not_closed_while_an_alarm_has_it_open(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """A fire alarm that goes off meanwhile keeps the gate open."""
    vehicle = Vehicle()
    gate = lane(
        close_after=1.0,
        obstruction_entity=BEAM,
        opens_when=("binary_sensor.fire",),
    )
    await gate.open("anna", here=vehicle)
    vehicle.is_here = False
    hass.states.async_set("binary_sensor.fire", "on")

    await pass_seconds(hass, freezer, 60)

    assert state_of(hass, GATE) == "open"


async def test_gate_that_somebody_shuts_is_left_alone(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """There is nothing to close any more, also not what is opened by hand later."""
    vehicle = Vehicle()
    await lane(close_after=5.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False
    await cover.async_close_cover()
    await pass_seconds(hass, freezer, 1)
    await cover.async_open_cover()

    await pass_seconds(hass, freezer, 30)

    assert state_of(hass, GATE) == "open"


async def test_cover_that_cannot_be_closed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lane: Lane
) -> None:
    """It is not told to."""
    cover = GateCover()
    cover._attr_supported_features = CoverEntityFeature.OPEN
    await add_entity(hass, "cover", cover)
    vehicle = Vehicle()
    await lane(close_after=1.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False

    await pass_seconds(hass, freezer, 30)

    assert state_of(hass, GATE) == "open"


async def test_gate_that_assumes_its_state_is_not_closed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lane: Lane
) -> None:
    """It may be shut already, and a drive with one button would open it."""
    door = await template_gate(hass, "cover", optimistic=True)
    vehicle = Vehicle()
    await lane(close_after=1.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False

    await pass_seconds(hass, freezer, 60)

    assert door.told == ["open"]


async def test_lock_is_locked_without_a_sensor(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lane: Lane
) -> None:
    """Nothing can be in the way of a bolt that is not in its door."""
    lock = GateLock(LockEntityFeature(0))
    await add_entity(hass, "lock", lock)
    vehicle = Vehicle()
    await lane("lock.gate", close_after=5.0).open("anna", here=vehicle)
    vehicle.is_here = False

    await pass_seconds(hass, freezer, 7)

    assert lock.actions == ["unlock", "lock"]


async def test_relay_is_switched_off(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lane: Lane
) -> None:
    """A relay that holds a gate open lets go; one that is off already is left alone."""
    relay = GateSwitch()
    await add_entity(hass, "switch", relay)
    vehicle = Vehicle()
    await lane("switch.gate", close_after=5.0, obstruction_entity=BEAM).open(
        "anna", here=vehicle
    )
    vehicle.is_here = False

    await pass_seconds(hass, freezer, 5)
    assert state_of(hass, "switch.gate") == "on"
    await pass_seconds(hass, freezer, 2)
    assert state_of(hass, "switch.gate") == "off"


async def test_closing_gate_is_opened_for_who_comes(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lane: Lane
) -> None:
    """A gate that was told to close is not open, although it still says so."""
    door = await template_gate(hass, "cover")
    vehicle = Vehicle()
    gate = lane(close_after=5.0, obstruction_entity=BEAM)
    opening = await begin(hass, gate.open("anna", here=vehicle))
    door.stands("open")
    await opening
    vehicle.is_here = False
    await pass_seconds(hass, freezer, 7)
    assert door.told == ["open", "close"]
    assert state_of(hass, GATE) == "open"

    second = await begin(hass, gate.open("ben"))
    assert door.told == ["open", "close", "open"]
    door.stands("opening")
    await second


async def test_closing_that_fails(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    lane: Lane,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged without a word of the integration, and the gate stays open."""

    class Stubborn(GateCover):
        """A gate that cannot be closed."""

        @override
        async def async_close_cover(self, **kwargs: Any) -> None:
            raise HomeAssistantError("secret")

    cover = Stubborn()
    await add_entity(hass, "cover", cover)
    vehicle = Vehicle()
    await lane(close_after=2.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False

    await pass_seconds(hass, freezer, 10)

    ours = [r.getMessage() for r in caplog.records if "plate_gate" in r.name]
    assert [line for line in ours if "not closed" in line] == [f"{GATE} was not closed"]
    assert "secret" not in "".join(ours)
    assert state_of(hass, GATE) == "open"


async def test_stop_leaves_the_gate_as_it_is(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """A lane that is gone closes nothing, and its vehicles keep no gate open."""
    vehicle = Vehicle()
    gate = lane(close_after=2.0, obstruction_entity=BEAM, hold_open=True)
    await gate.open("anna", here=vehicle)
    await gate.stop()
    await cover.async_close_cover()
    await pass_seconds(hass, freezer, 10)
    assert cover.opened == 1

    other, ben = lane(close_after=2.0, obstruction_entity=BEAM), Vehicle()
    await other.open("ben", here=ben)
    ben.is_here = False
    await pass_seconds(hass, freezer, 4)
    assert state_of(hass, GATE) == "closed"


async def test_gate_that_cannot_be_opened_again(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """Somebody is told, each time that it was tried."""
    failures: list[GateError] = []
    gate = lane(hold_open=True, on_late_failure=failures.append)
    await gate.open("anna", here=Vehicle())
    cover.failure = HomeAssistantError("secret")

    await cover.async_close_cover()
    await pass_seconds(hass, freezer, 10)

    assert [type(failure) for failure in failures] == (
        [GateUnavailableError] * REOPENINGS
    )


async def test_alarm_lets_a_gate_be_held_open(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """While a fire alarm is on, no interlock keeps the gate from being held open."""
    gate = lane(
        hold_open=True,
        stays_closed=("binary_sensor.gone",),
        opens_when=("binary_sensor.fire",),
    )
    hass.states.async_set("binary_sensor.fire", "on")
    await settle()
    await gate.open("anna", here=Vehicle())
    await cover.async_close_cover()
    await settle()

    assert cover.opened == 2


async def test_gate_is_not_closed_while_it_is_told_to_open(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    cover: GateCover,
    lane: Lane,
) -> None:
    """Whoever is just opening it comes first."""
    vehicle = Vehicle()
    await lane(close_after=3.0, obstruction_entity=BEAM).open("anna", here=vehicle)
    vehicle.is_here = False
    async with async_shared_gate(hass, GATE).latch.lock:
        await pass_seconds(hass, freezer, 10)
        assert state_of(hass, GATE) == "open"

    await pass_seconds(hass, freezer, 6)
    assert state_of(hass, GATE) == "closed"
