"""Tests of what remembers which lanes open their gate by themselves."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache,
)

from custom_components.plate_gate import memory as memory_module
from custom_components.plate_gate.arming import Arming

from .common import (
    ENTRY_ID,
    Recognizer,
    entry_state,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up,
    site_entry,
    state_of,
)

KEY = f"plate_gate.{ENTRY_ID}.arming"
SWITCH = "switch.driveway_automatic_opening"
NOWHERE = "http://127.0.0.1:1/"


def stored(data: object, version: int = 1) -> dict[str, Any]:
    """Return a file as Home Assistant stores it."""
    return {"version": version, "minor_version": 1, "key": KEY, "data": data}


@pytest.fixture
async def entry(hass: HomeAssistant, recognizer: Recognizer) -> MockConfigEntry:
    """Return a site with a lane whose camera is away, and a vehicle."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(NOWHERE)))
    await set_up(hass, entry)
    await list_vehicle(entry)
    return entry


async def turn(hass: HomeAssistant, state: str, entity_id: str = SWITCH) -> None:
    """Turn the switch on or off."""
    await hass.services.async_call(
        "switch", f"turn_{state}", {"entity_id": entity_id}, blocking=True
    )


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the site up as after a start at which no state of an entity was restored."""
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop(memory_module._MEMORIES)
    mock_restore_cache(hass, [])
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def armed(entry: MockConfigEntry, lane: str = "lane1") -> bool:
    """Tell whether the lane itself is armed."""
    automatic_opening: bool = entry.runtime_data.lanes[
        lane
    ].lane.state.automatic_opening
    return automatic_opening


async def test_off_is_saved_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """A power cut a moment later changes nothing."""
    assert hass_storage[KEY]["data"] == {"armed": {"lane1": True}}

    await turn(hass, STATE_OFF)
    assert hass_storage[KEY]["data"] == {"armed": {"lane1": False}}

    await turn(hass, STATE_ON)
    assert hass_storage[KEY]["data"] == {"armed": {"lane1": True}}


async def test_off_does_not_wear_off(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A lane that was off comes back as such after weeks, too."""
    await turn(hass, STATE_OFF)
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(timedelta(days=30))

    await hass.config_entries.async_setup(entry.entry_id)
    await restart(hass, entry)

    assert state_of(hass, SWITCH) == STATE_OFF
    assert not armed(entry)


async def test_off_under_another_entity_id(
    hass: HomeAssistant, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """A switch that gets another entity id is off there, and after a restart."""
    await turn(hass, STATE_OFF)
    entity_registry.async_update_entity(SWITCH, new_entity_id="switch.other")
    await hass.async_block_till_done()
    assert state_of(hass, "switch.other") == STATE_OFF
    assert not armed(entry)

    await restart(hass, entry)
    assert state_of(hass, "switch.other") == STATE_OFF
    assert not armed(entry)


async def test_new_lane_of_a_site_in_use_is_armed(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """A lane that was not there before begins armed, and the others stay as they were."""
    hass_storage[KEY] = stored({"armed": {"lane1": False, "gone": True}})
    arming = Arming(hass, ENTRY_ID)
    await arming.load(["lane1", "lane2"], used=True)

    assert not arming.is_armed("lane1")
    assert arming.is_armed("lane2")
    assert not arming.is_armed("gone")
    assert hass_storage[KEY]["data"] == {"armed": {"lane1": False, "lane2": True}}


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize(
    "content",
    [
        None,
        stored({}),
        stored([]),
        stored("lane1"),
        stored(None),
        stored({"armed": None}),
        stored({"armed": ["lane1"]}),
        stored({"armed": {"lane1": True}}, version=2),
    ],
)
async def test_lost_file(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    content: dict[str, Any] | None,
    used: bool,
) -> None:
    """Where nobody knows any more what was off, everything is, and that is saved."""
    if content is not None:
        hass_storage[KEY] = content
    arming = Arming(hass, ENTRY_ID)
    await arming.load(["lane1"], used=used)

    assert arming.is_armed("lane1") is not used
    assert hass_storage[KEY]["data"] == {"armed": {"lane1": not used}}
    await arming.load(["lane1", "lane2"], used=used)
    assert arming.is_armed("lane1") is not used
    assert arming.is_armed("lane2")


@pytest.mark.parametrize("value", ["yes", 1, None, [], "true"])
async def test_only_true_is_armed(
    hass: HomeAssistant, hass_storage: dict[str, Any], value: object
) -> None:
    """A lane of which something strange is said is not armed, whoever comes."""
    hass_storage[KEY] = stored({"armed": {"lane1": value}})
    arming = Arming(hass, ENTRY_ID)
    await arming.load(["lane1"], used=False)

    assert not arming.is_armed("lane1")


async def test_site_whose_file_is_lost(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """A site with vehicles comes up with all its lanes off, and can be armed again."""
    del hass_storage[KEY]
    await restart(hass, entry)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert not armed(entry)

    await turn(hass, STATE_ON)
    await restart(hass, entry)
    assert state_of(hass, SWITCH) == STATE_ON
    assert armed(entry)


@contextmanager
def broken_disk() -> Generator[None]:
    """Let nothing be written for a while."""

    async def write(store: Store[Any], data: dict[str, Any]) -> None:
        raise OSError("no such folder")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", write)
        yield


async def test_off_takes_effect_without_a_disk(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A lane that is turned off is off, and not on again after a reload."""
    with broken_disk():
        with pytest.raises(
            HomeAssistantError, match="off now, but that could not be written"
        ):
            await turn(hass, STATE_OFF)
        assert not armed(entry)
        assert state_of(hass, SWITCH) == STATE_OFF

        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
    assert not armed(entry)
    assert state_of(hass, SWITCH) == STATE_OFF


async def test_off_on_a_full_disk(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Home Assistant's store says nothing of a write that failed; the switch does."""

    async def write(store: Store[Any], data: dict[str, Any]) -> None:
        raise WriteError("no space left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", write)
        with pytest.raises(
            HomeAssistantError, match="off now, but that could not be written"
        ):
            await turn(hass, STATE_OFF)
    assert not armed(entry)
    assert state_of(hass, SWITCH) == STATE_OFF


async def test_on_takes_no_effect_without_a_disk(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A lane that could not be armed is not, now or after a reload."""
    await turn(hass, STATE_OFF)
    with broken_disk():
        with pytest.raises(HomeAssistantError, match="could not be written"):
            await turn(hass, STATE_ON)
        assert not armed(entry)

        await hass.config_entries.async_reload(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert not armed(entry)


async def test_off_wins_over_an_on_that_is_being_saved(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Whoever turns a lane off last has turned it off, however slow the disk is."""
    await turn(hass, STATE_OFF)
    write = Store._async_write_data
    disk = asyncio.Event()

    async def write_slowly(store: Store[Any], data: dict[str, Any]) -> None:
        await disk.wait()
        await write(store, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", write_slowly)
        both = asyncio.gather(turn(hass, STATE_ON), turn(hass, STATE_OFF))
        await asyncio.sleep(0)
        disk.set()
        await both

    assert not armed(entry)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert hass_storage[KEY]["data"] == {"armed": {"lane1": False}}


async def test_sites_do_not_know_of_each_other(hass: HomeAssistant) -> None:
    """What is off at one site is not at another, and goes with its own."""
    here, there = Arming(hass, ENTRY_ID), Arming(hass, "second")
    for arming in (here, there):
        await arming.load(["lane1"], used=False)
    await here.set_armed("lane1", False)
    await there.remove()

    again = Arming(hass, ENTRY_ID)
    await again.load(["lane1"], used=True)
    assert there.is_armed("lane1")
    assert not again.is_armed("lane1")
