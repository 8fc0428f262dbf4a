"""Tests of editing the list of vehicles and the settings under "Configure"."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate.models import Plate, Vehicle
from custom_components.plate_gate.recognition import Strategy
from custom_components.plate_gate.storage import AllowlistStore

from .common import LABEL, PLATE, Recognizer, list_vehicle, set_up, site_entry


@pytest.fixture
async def entry(hass: HomeAssistant, recognizer: Recognizer) -> MockConfigEntry:
    """Return a site in Berlin with an empty list."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    return entry


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Open "Configure"."""
    return await hass.config_entries.options.async_init(entry.entry_id)


async def go_on(
    hass: HomeAssistant, flow: ConfigFlowResult, **user_input: object
) -> ConfigFlowResult:
    """Submit a form."""
    return await hass.config_entries.options.async_configure(
        flow["flow_id"], user_input
    )


async def choose(
    hass: HomeAssistant, flow: ConfigFlowResult, step: str
) -> ConfigFlowResult:
    """Choose from the menu."""
    assert flow["type"] is FlowResultType.MENU
    return await go_on(hass, flow, next_step_id=step)


def only_vehicle(entry: MockConfigEntry) -> Vehicle:
    """Return the only vehicle on the list."""
    vehicle: Vehicle
    (vehicle,) = entry.runtime_data.allowlist.vehicles
    return vehicle


def suggested(flow: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form shows before anything is typed."""
    schema = flow["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description
    }


async def test_add_vehicle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A vehicle is on the list at once, and the menu says how many there are."""
    flow = await begin(hass, entry)
    assert flow["menu_options"] == ["add_vehicle", "settings", "done"]
    assert flow["description_placeholders"] == {"count": "0"}
    flow = await choose(hass, flow, "add_vehicle")

    flow = await go_on(hass, flow, label=f" {LABEL} ", plate="kn-18 rtx")

    assert flow["type"] is FlowResultType.MENU
    assert flow["description_placeholders"] == {"count": "1"}
    assert flow["menu_options"] == [
        "add_vehicle",
        "choose_change",
        "choose_remove",
        "settings",
        "done",
    ]
    vehicle = only_vehicle(entry)
    assert (vehicle.label, vehicle.plate) == (LABEL, Plate(PLATE))
    assert vehicle.valid_from is None
    assert vehicle.valid_until is None
    assert vehicle.vehicle_id in entry.runtime_data.index.by_id

    flow = await choose(hass, flow, "done")
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {}


async def test_add_vehicle_errors_and_recovery(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Each error stands beside its field, and what was typed stays."""
    await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), "add_vehicle")
    good = {"label": "Post", "plate": "AB12 CDE"}

    for wrong, errors in (
        ({"label": " "}, {"label": "label_invalid"}),
        ({"label": "x" * 65}, {"label": "label_invalid"}),
        ({"label": LABEL.upper()}, {"label": "label_listed"}),
        ({"label": "Car ab-12 cde"}, {"label": "label_shows_plate"}),
        ({"plate": "?"}, {"plate": "plate_invalid"}),
        ({"plate": "A" * 13}, {"plate": "plate_invalid"}),
        ({"plate": PLATE}, {"plate": "plate_listed"}),
        (
            {"valid_from": "2026-12-02 00:00:00", "valid_until": "2026-12-01 00:00:00"},
            {"valid_until": "validity"},
        ),
    ):
        result = await go_on(hass, flow, **{**good, **wrong})
        assert result["step_id"] == "add_vehicle"
        assert result["errors"] == errors
        assert suggested(result) == {**good, **wrong}
        assert len(entry.runtime_data.allowlist.vehicles) == 1

    result = await go_on(hass, flow, **good)
    assert result["type"] is FlowResultType.MENU
    assert len(entry.runtime_data.allowlist.vehicles) == 2


async def test_validity_is_meant_where_the_site_is(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """What a person types and sees is the time on the wall."""
    flow = await choose(hass, await begin(hass, entry), "add_vehicle")
    flow = await go_on(
        hass,
        flow,
        label=LABEL,
        plate=PLATE,
        valid_from="2026-07-01 08:00:00",
        valid_until="2026-12-01 08:00:00",
    )

    vehicle = only_vehicle(entry)
    assert vehicle.valid_from == datetime(2026, 7, 1, 6, tzinfo=UTC)
    assert vehicle.valid_until == datetime(2026, 12, 1, 7, tzinfo=UTC)
    flow = await choose(hass, flow, "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle.vehicle_id)
    assert suggested(flow) == {
        "label": LABEL,
        "valid_from": "2026-07-01 08:00:00",
        "valid_until": "2026-12-01 08:00:00",
    }


async def test_change_vehicle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """An empty plate stays, the plate is shown masked, and empty limits end."""
    vehicle_id = await list_vehicle(entry)
    await entry.runtime_data.allowlist.change(
        vehicle_id, valid_until=datetime(2026, 12, 1, tzinfo=UTC)
    )
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    assert flow["step_id"] == "choose_change"
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    assert flow["step_id"] == "change_vehicle"
    assert flow["description_placeholders"] == {"plate": "KN•••TX"}
    assert PLATE not in str(flow)

    flow = await go_on(hass, flow, label="Anna")
    assert flow["type"] is FlowResultType.MENU
    assert only_vehicle(entry) == Vehicle(
        vehicle_id=vehicle_id, label="Anna", plate=Plate(PLATE)
    )

    flow = await choose(hass, flow, "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    flow = await go_on(hass, flow, label="Anna", plate="AB12CDE")
    assert only_vehicle(entry).plate == Plate("AB12CDE")


async def test_change_vehicle_errors_and_recovery(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """What cannot be is said, and can be put right in the same form."""
    vehicle_id = await list_vehicle(entry)
    await list_vehicle(entry, "AB12CDE", "Post")
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)

    result = await go_on(hass, flow, label="Post")
    assert result["errors"] == {"label": "label_listed"}
    result = await go_on(hass, flow, label=LABEL, plate="AB12CDE")
    assert result["errors"] == {"plate": "plate_listed"}
    result = await go_on(hass, flow, label=LABEL, plate="!")
    assert result["errors"] == {"plate": "plate_invalid"}
    result = await go_on(hass, flow, label="Anna")
    assert result["type"] is FlowResultType.MENU


async def test_empty_plate_keeps_what_someone_else_typed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An empty plate is the one on the list now, not the one when the form opened."""
    vehicle_id = await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    await entry.runtime_data.allowlist.change(vehicle_id, plate=Plate("AB12CDE"))

    await go_on(hass, flow, label="Anna")

    assert only_vehicle(entry).plate == Plate("AB12CDE")


async def test_empty_plate_keeps_what_is_just_being_saved(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither does a form that is faster than the disk bring the old plate back."""
    vehicle_id = await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    save = AllowlistStore.async_save
    disk = asyncio.Event()

    async def save_slowly(store: AllowlistStore, data: dict[str, Any]) -> None:
        await disk.wait()
        await save(store, data)

    monkeypatch.setattr(AllowlistStore, "async_save", save_slowly)
    allowlist = entry.runtime_data.allowlist
    changing = asyncio.create_task(allowlist.change(vehicle_id, plate=Plate("AB12CDE")))
    await asyncio.sleep(0)
    submitting = asyncio.create_task(go_on(hass, flow, label="Anna"))
    await asyncio.sleep(0)
    disk.set()
    await changing
    await submitting

    vehicle = only_vehicle(entry)
    assert (vehicle.label, vehicle.plate) == ("Anna", Plate("AB12CDE"))


async def test_remove_vehicle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A vehicle goes after it was confirmed."""
    vehicle_id = await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), "choose_remove")
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    assert flow["step_id"] == "remove_vehicle"
    assert flow["description_placeholders"] == {"label": LABEL, "plate": "KN•••TX"}
    assert len(entry.runtime_data.allowlist.vehicles) == 1

    flow = await go_on(hass, flow)

    assert flow["description_placeholders"] == {"count": "0"}
    assert entry.runtime_data.allowlist.vehicles == ()


@pytest.mark.parametrize("step", ["choose_change", "choose_remove"])
async def test_vehicle_removed_before_it_was_chosen(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> None:
    """A vehicle that someone else removed brings the menu back."""
    vehicle_id = await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), step)
    await entry.runtime_data.allowlist.remove(vehicle_id)

    flow = await go_on(hass, flow, vehicle=vehicle_id)

    assert flow["type"] is FlowResultType.MENU
    assert flow["description_placeholders"] == {"count": "0"}


@pytest.mark.parametrize(
    ("step", "user_input"),
    [("choose_change", {"label": "Anna"}), ("choose_remove", {})],
)
async def test_vehicle_removed_after_it_was_chosen(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    step: str,
    user_input: dict[str, str],
) -> None:
    """A vehicle that someone else removed meanwhile is told of."""
    vehicle_id = await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), step)
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    await entry.runtime_data.allowlist.remove(vehicle_id)

    flow = await go_on(hass, flow, **user_input)

    assert flow["type"] is FlowResultType.FORM
    assert flow["errors"] == {"base": "vehicle_unknown"}


async def test_settings_are_stored_and_taken_up(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A changed setting is used without a restart, and the list stays."""
    await list_vehicle(entry)
    before = entry.runtime_data
    flow = await choose(hass, await begin(hass, entry), "settings")
    flow = await go_on(hass, flow, look_alikes=True, strategy="least_busy")
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"look_alikes": True, "strategy": "least_busy"}
    assert entry.runtime_data is not before
    assert entry.runtime_data.recognizer.pool._strategy is Strategy.LEAST_BUSY
    assert only_vehicle(entry).label == LABEL

    flow = await choose(hass, await begin(hass, entry), "settings")
    assert suggested(flow) == {"look_alikes": True, "strategy": "least_busy"}


async def test_site_that_is_not_loaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Without its list, a site has nothing to configure."""
    open_flow = await choose(hass, await begin(hass, entry), "add_vehicle")
    await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED

    for flow in (
        await begin(hass, entry),
        await go_on(hass, open_flow, label=LABEL, plate=PLATE),
    ):
        assert flow["type"] is FlowResultType.ABORT
        assert flow["reason"] == "site_not_loaded"
