"""Tests of the actions."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant, ServiceResponse
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.models import Plate
from custom_components.plate_gate.storage import AllowlistStore

from .common import (
    ENTRY_ID,
    LABEL,
    PLATE,
    Recognizer,
    eventually,
    list_vehicle,
    set_up,
    site_entry,
)

ADD = {"label": LABEL, "plate": "kn18 rtx"}


@pytest.fixture
async def entry(hass: HomeAssistant, recognizer: Recognizer) -> MockConfigEntry:
    """Return a site in Berlin with an empty list."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    return entry


async def call(
    hass: HomeAssistant,
    action: str,
    data: Mapping[str, object] | None = None,
    *,
    respond: bool = True,
    context: Context | None = None,
) -> ServiceResponse:
    """Call an action."""
    return await hass.services.async_call(
        DOMAIN,
        action,
        dict(data or {}),
        blocking=True,
        return_response=respond,
        context=context,
    )


async def test_add_list_and_remove(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A vehicle comes, is shown with its plate masked, and goes."""
    added = await call(hass, "add_vehicle", ADD)
    (vehicle,) = entry.runtime_data.allowlist.vehicles
    assert vehicle.plate == Plate(PLATE)
    assert added == {
        "vehicle_id": vehicle.vehicle_id,
        "label": LABEL,
        "plate": "KN•••TX",
        "valid_from": None,
        "valid_until": None,
    }
    assert await call(hass, "list_vehicles") == {"vehicles": [added]}

    await call(hass, "remove_vehicle", {"vehicle": LABEL.upper()}, respond=False)
    assert await call(hass, "list_vehicles") == {"vehicles": []}


async def test_add_without_a_response(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Nobody has to listen."""
    assert await call(hass, "add_vehicle", ADD, respond=False) is None
    assert len(entry.runtime_data.allowlist.vehicles) == 1


async def test_remove_by_id(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """An id does as well as a label."""
    vehicle_id = await list_vehicle(entry)
    await call(hass, "remove_vehicle", {"vehicle": vehicle_id}, respond=False)

    assert entry.runtime_data.allowlist.vehicles == ()


async def test_validity(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A time without a zone is meant where the site is; one with a zone is kept."""
    added = await call(
        hass,
        "add_vehicle",
        {
            **ADD,
            "valid_from": "2026-07-01 08:00:00",
            "valid_until": "2026-12-01T08:00:00+00:00",
        },
    )

    (vehicle,) = entry.runtime_data.allowlist.vehicles
    assert vehicle.valid_from == datetime(2026, 7, 1, 6, tzinfo=UTC)
    assert vehicle.valid_until == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert added is not None
    assert added["valid_from"] == "2026-07-01T08:00:00+02:00"
    assert added["valid_until"] == "2026-12-01T08:00:00+00:00"


@pytest.mark.parametrize(
    ("action", "data", "error"),
    [
        ("add_vehicle", {"label": " "}, "label_invalid"),
        ("add_vehicle", {"label": "Post"}, "label_listed"),
        ("add_vehicle", {"label": "My kn18rtx"}, "label_shows_plate"),
        ("add_vehicle", {"plate": "!"}, "plate_invalid"),
        ("add_vehicle", {"plate": "ab12cde"}, "plate_listed"),
        (
            "add_vehicle",
            {"valid_from": "2026-12-02 00:00", "valid_until": "2026-12-01 00:00"},
            "validity",
        ),
        ("remove_vehicle", {"vehicle": "nobody"}, "vehicle_unknown"),
    ],
)
async def test_refusals_are_translated(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    action: str,
    data: dict[str, Any],
    error: str,
) -> None:
    """What the list does not take is said in the user's words, without the plate."""
    await list_vehicle(entry, "AB12CDE", "Post")
    data = {**ADD, **data} if action == "add_vehicle" else data

    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, action, data, respond=False)

    assert raised.value.translation_domain == DOMAIN
    assert raised.value.translation_key == error
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert len(entry.runtime_data.allowlist.vehicles) == 1


async def test_wrong_fields(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """What the schema does not know is refused."""
    for data in ({"label": LABEL}, {**ADD, "color": "red"}, {**ADD, "valid_from": "x"}):
        with pytest.raises(vol.Invalid):
            await call(hass, "add_vehicle", data, respond=False)


@pytest.mark.parametrize(
    ("action", "data", "respond"),
    [
        ("add_vehicle", ADD, False),
        ("remove_vehicle", {"vehicle": LABEL}, False),
        ("list_vehicles", {}, True),
    ],
)
async def test_only_for_administrators(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_read_only_user: MockUser,
    hass_admin_user: MockUser,
    action: str,
    data: dict[str, str],
    respond: bool,
) -> None:
    """Other users neither change the list nor see it."""
    if action == "remove_vehicle":
        await list_vehicle(entry)
    before = entry.runtime_data.allowlist.vehicles

    with pytest.raises(Unauthorized):
        await call(
            hass,
            action,
            data,
            respond=respond,
            context=Context(user_id=hass_read_only_user.id),
        )
    assert entry.runtime_data.allowlist.vehicles is before

    await call(
        hass,
        action,
        data,
        respond=respond,
        context=Context(user_id=hass_admin_user.id),
    )


async def test_which_site(
    hass: HomeAssistant, entry: MockConfigEntry, recognizer: Recognizer
) -> None:
    """The only site needs no name; of two, one has to be named, and to run."""
    async with Recognizer() as other_recognizer:
        other = site_entry(other_recognizer.url, entry_id="second")
        await set_up(hass, other)
        await list_vehicle(other)

        async def refusal(**data: object) -> str | None:
            with pytest.raises(ServiceValidationError) as raised:
                await call(hass, "list_vehicles", data)
            return raised.value.translation_key

        assert await refusal() == "site_ambiguous"
        assert await refusal(config_entry_id="third") == "site_unknown"
        assert await call(hass, "list_vehicles", {"config_entry_id": ENTRY_ID}) == {
            "vehicles": []
        }
        answer = await call(hass, "list_vehicles", {"config_entry_id": "second"})
        assert LABEL in str(answer)

        await hass.config_entries.async_unload("second")
        assert await refusal(config_entry_id="second") == "site_not_loaded"
        await hass.config_entries.async_remove("second")
        assert await call(hass, "list_vehicles") == {"vehicles": []}
        await hass.config_entries.async_remove(ENTRY_ID)
        assert await refusal() == "site_unknown"


async def test_removal_outlives_a_reload_that_overtakes_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A vehicle that is removed on a slow disk does not come back with a reload."""
    await list_vehicle(entry)
    save = AllowlistStore.async_save
    disk = asyncio.Event()

    async def save_slowly(store: AllowlistStore, data: dict[str, Any]) -> None:
        await disk.wait()
        await save(store, data)

    monkeypatch.setattr(AllowlistStore, "async_save", save_slowly)
    removing = hass.async_create_task(
        call(hass, "remove_vehicle", {"vehicle": LABEL}, respond=False)
    )
    reloading = hass.async_create_task(hass.config_entries.async_reload(entry.entry_id))
    await eventually(
        lambda: entry.state is ConfigEntryState.SETUP_IN_PROGRESS or reloading.done()
    )
    disk.set()
    await removing
    await reloading

    assert entry.runtime_data.allowlist.vehicles == ()
    assert len(entry.runtime_data.index) == 0
    await list_vehicle(entry, "AB12CDE", "Post")
    assert PLATE not in str(hass_storage[f"{DOMAIN}.{ENTRY_ID}.allowlist"])
    await hass.config_entries.async_reload(entry.entry_id)
    assert [one.label for one in entry.runtime_data.allowlist.vehicles] == ["Post"]
