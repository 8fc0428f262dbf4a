"""Tests of what was kept before there was a vault, on a real disk, where files break."""

from collections.abc import Generator
from contextlib import contextmanager
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate.errors import (
    AllowlistDamagedError,
    AllowlistNotSavedError,
)
from custom_components.plate_gate.models import Plate
from custom_components.plate_gate.storage import PrivateStore

from .common import (
    ENTRY_ID,
    LABEL,
    PLATE,
    Recognizer,
    entry_state,
    list_vehicle,
    set_up,
    site_entry,
)

DATA = {"vehicles": ["one"]}
LISTED = {
    "id": "1",
    "label": LABEL,
    "plate": PLATE,
    "valid_from": None,
    "valid_until": None,
}


@pytest.fixture
def hass_storage() -> dict[str, Any]:
    """Put nothing in the place of the disk."""
    return {}


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Return a folder of the test's own."""
    return str(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder in which Home Assistant stores."""
    folder = tmp_path / ".storage"
    folder.mkdir()
    return folder


@pytest.fixture
def file(folder: Path) -> Path:
    """Return the file of the list."""
    return folder / f"plate_gate.{ENTRY_ID}.allowlist"


def files_of_the_site(folder: Path) -> list[str]:
    """Return the names of the files of the site."""
    return sorted(path.name for path in folder.iterdir() if ENTRY_ID in path.name)


def holding_the_plate(folder: Path) -> list[str]:
    """Return the names of the files in which the plate is."""
    return sorted(
        path.name
        for path in folder.rglob("*")
        if path.is_file() and PLATE.encode() in path.read_bytes()
    )


@contextmanager
def unusable(folder: Path) -> Generator[None]:
    """Let a folder be none for a while."""
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("")
    yield
    folder.unlink()
    aside.rename(folder)


def full(vehicles: list[dict[str, Any]], version: int = 1) -> str:
    """Return the text of a file with a list."""
    return json.dumps(
        {
            "version": version,
            "minor_version": 1,
            "key": "allowlist",
            "data": {"vehicles": vehicles},
        }
    )


async def fail_to_set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set a site up, and expect that its list is damaged."""
    assert not await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry_state(entry) is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "allowlist_damaged"


async def test_list_is_sealed(
    hass: HomeAssistant, recognizer: Recognizer, folder: Path, file: Path
) -> None:
    """What was kept before is taken over once, and its file is gone."""
    file.write_text(full([LISTED]))
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)

    assert not file.exists()
    assert holding_the_plate(folder) == []
    (vehicle,) = entry.runtime_data.allowlist.vehicles
    assert vehicle.plate == Plate(PLATE)
    await entry.runtime_data.allowlist.remove(vehicle.vehicle_id)

    # Nobody brings it back who puts an old file beside the vault.
    file.write_text(full([LISTED]))
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.runtime_data.allowlist.vehicles == ()
    assert not file.exists()


async def test_truncated_file(
    hass: HomeAssistant, recognizer: Recognizer, folder: Path, file: Path
) -> None:
    """Half a list is not taken for none: the site waits until a person has looked."""
    entry = site_entry(recognizer.url)
    entry.add_to_hass(hass)
    whole = full([LISTED])
    broken = whole[: whole.index(PLATE) + len(PLATE) + 5]
    file.write_text(broken)

    await fail_to_set_up(hass, entry)
    (aside,) = folder.glob(f"{file.name}.corrupt.*")
    assert aside.read_text() == broken
    await fail_to_set_up(hass, entry)
    assert aside.read_text() == broken

    aside.unlink()
    file.write_text(whole)
    assert await hass.config_entries.async_reload(entry.entry_id)
    (vehicle,) = entry.runtime_data.allowlist.vehicles
    assert vehicle.plate == Plate(PLATE)


async def test_site_begins_anew_without_what_was_set_aside(
    hass: HomeAssistant, recognizer: Recognizer, folder: Path, file: Path
) -> None:
    """Whoever moves the damaged file away says that an empty list is right."""
    file.write_text('{"version": 1,')
    entry = site_entry(recognizer.url)
    entry.add_to_hass(hass)
    await fail_to_set_up(hass, entry)

    (aside,) = folder.glob(f"{file.name}.corrupt.*")
    aside.rename(folder.parent / "saved")
    assert await hass.config_entries.async_reload(entry.entry_id)

    assert entry.runtime_data.allowlist.vehicles == ()


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "null",
        '"plates"',
        "7",
        '{"vehicles": []}',
        '{"version": 1}',
        '{"version": "new", "data": {}}',
        full([{"id": "1", "plate": PLATE}]),
        full([], version=2),
        '{"version": 0, "minor_version": 1, "data": {"vehicles": []}}',
    ],
)
async def test_file_of_another_shape(
    hass: HomeAssistant,
    recognizer: Recognizer,
    file: Path,
    content: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is no list of this version is left as it is, and not quoted."""
    file.write_text(content)
    entry = site_entry(recognizer.url)
    entry.add_to_hass(hass)

    await fail_to_set_up(hass, entry)

    assert file.read_text() == content
    assert PLATE not in caplog.text
    for action in ("add_vehicle", "remove_vehicle"):
        data = {"label": LABEL, "plate": PLATE}
        if action == "remove_vehicle":
            data = {"vehicle": LABEL}
        with pytest.raises(ServiceValidationError):
            await hass.services.async_call("plate_gate", action, data, blocking=True)
    assert file.read_text() == content


async def test_file_that_cannot_be_read(hass: HomeAssistant, file: Path) -> None:
    """What is not even a file is not taken for an empty list."""
    file.mkdir()

    with pytest.raises(AllowlistDamagedError) as raised:
        await PrivateStore(hass, ENTRY_ID, "allowlist").async_load()

    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


async def test_file_that_cannot_be_written(hass: HomeAssistant, file: Path) -> None:
    """Neither is it taken for saved."""
    file.mkdir()

    with pytest.raises(AllowlistNotSavedError):
        await PrivateStore(hass, ENTRY_ID, "allowlist").async_save(DATA)


async def test_folder_that_cannot_be_written(
    hass: HomeAssistant, recognizer: Recognizer, folder: Path
) -> None:
    """The form says so and what is asked for does not happen, until it can."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "add_vehicle"}
    )
    user_input = {"label": LABEL, "plate": PLATE, "when": {}, "where": {}}

    with unusable(folder):
        flow = await hass.config_entries.options.async_configure(
            flow["flow_id"], user_input
        )
        assert flow["errors"] == {"base": "not_saved"}
        assert entry.runtime_data.allowlist.vehicles == ()
        assert len(entry.runtime_data.index) == 0

    await hass.config_entries.options.async_configure(flow["flow_id"], user_input)
    assert len(entry.runtime_data.index) == 1
    with unusable(folder):
        flow = await hass.config_entries.options.async_configure(
            flow["flow_id"], {"next_step_id": "choose_remove"}
        )
        (vehicle,) = entry.runtime_data.allowlist.vehicles
        flow = await hass.config_entries.options.async_configure(
            flow["flow_id"], {"vehicle": vehicle.vehicle_id}
        )
        flow = await hass.config_entries.options.async_configure(flow["flow_id"], {})
        assert flow["errors"] == {"base": "not_saved"}
        assert len(entry.runtime_data.index) == 1


async def test_removed_site_leaves_no_plate(
    hass: HomeAssistant, recognizer: Recognizer, folder: Path, file: Path
) -> None:
    """With the site goes its list, also what was set aside of it."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    await list_vehicle(entry)
    await hass.config_entries.async_unload(entry.entry_id)
    file.write_text(full([LISTED])[:-5])
    await fail_to_set_up(hass, entry)
    file.write_text(full([]))
    other = folder / "plate_gate.OTHER.allowlist.corrupt.1"
    other.write_text("")
    assert len(holding_the_plate(folder)) == 1

    await hass.config_entries.async_remove(entry.entry_id)

    assert holding_the_plate(folder) == []
    assert files_of_the_site(folder) == []
    assert other.exists()
