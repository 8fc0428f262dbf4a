"""Tests of the private file that Home Assistant keeps for a site."""

from collections.abc import Generator
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
import pytest

from custom_components.plate_gate.errors import AllowlistNotSavedError
from custom_components.plate_gate.storage import PrivateStore

from .common import ENTRY_ID

KEY = f"plate_gate.{ENTRY_ID}.arming"
DATA = {"armed": ["one"]}


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
    store = PrivateStore(hass, ENTRY_ID, "arming")
    assert await store.async_load() is None

    await store.async_save(DATA)
    assert hass_storage[KEY]["data"] == DATA
    assert await PrivateStore(hass, ENTRY_ID, "arming").async_load() == DATA

    await store.async_remove()
    assert await store.async_load() is None
    assert KEY not in hass_storage


@pytest.mark.usefixtures("full_disk")
async def test_a_full_disk_is_noticed(hass: HomeAssistant) -> None:
    """Home Assistant only logs that it could not write."""
    with pytest.raises(AllowlistNotSavedError):
        await PrivateStore(hass, ENTRY_ID, "arming").async_save(DATA)


async def test_saved_while_home_assistant_stops(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """What comes too late to be checked is written with everything else."""
    hass.set_state(CoreState.stopping)
    await PrivateStore(hass, ENTRY_ID, "arming").async_save(DATA)

    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert hass_storage[KEY]["data"] == DATA
