"""Tests of the file in which the allowlist is kept."""

from collections.abc import Generator
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
import pytest

from custom_components.plate_gate.errors import AllowlistNotSavedError
from custom_components.plate_gate.models import Plate
from custom_components.plate_gate.storage import AllowlistStore

from .common import ENTRY_ID, PLATE, Recognizer, list_vehicle, set_up, site_entry

KEY = f"plate_gate.{ENTRY_ID}.allowlist"
DATA = {"vehicles": ["one"]}


@pytest.fixture
def full_disk(hass: HomeAssistant) -> Generator[pytest.MonkeyPatch]:
    """Let nothing be written until the patch is undone."""

    async def write(store: Store[Any], data: dict[str, Any]) -> None:
        raise WriteError("no space left")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", write)
        yield patch


async def test_what_was_saved_is_loaded(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """There is nothing at first, then what was saved, then nothing again."""
    store = AllowlistStore(hass, ENTRY_ID)
    assert await store.async_load() is None

    await store.async_save(DATA)
    assert hass_storage[KEY]["data"] == DATA
    assert await AllowlistStore(hass, ENTRY_ID).async_load() == DATA

    await store.async_remove()
    assert await store.async_load() is None
    assert KEY not in hass_storage


@pytest.mark.usefixtures("full_disk")
async def test_a_full_disk_is_noticed(hass: HomeAssistant) -> None:
    """Home Assistant only logs that it could not write."""
    with pytest.raises(AllowlistNotSavedError):
        await AllowlistStore(hass, ENTRY_ID).async_save(DATA)


async def test_a_change_that_was_not_saved_does_not_count(
    hass: HomeAssistant, recognizer: Recognizer, full_disk: pytest.MonkeyPatch
) -> None:
    """What the form says, what opens the gate and what is on the disk are the same."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "add_vehicle"}
    )
    user_input = {"label": "Anna's car", "plate": PLATE, "when": {}, "where": {}}

    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], user_input
    )
    assert flow["errors"] == {"base": "not_saved"}
    with pytest.raises(AllowlistNotSavedError):
        await list_vehicle(entry)
    assert len(entry.runtime_data.index) == 0

    full_disk.undo()
    await hass.config_entries.options.async_configure(flow["flow_id"], user_input)
    (vehicle,) = entry.runtime_data.index.by_id.values()
    assert vehicle.plate == Plate(PLATE)


async def test_saved_while_home_assistant_stops(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """What comes too late to be checked is written with everything else."""
    hass.set_state(CoreState.stopping)
    await AllowlistStore(hass, ENTRY_ID).async_save(DATA)

    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert hass_storage[KEY]["data"] == DATA
