"""Tests of the actions."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant, ServiceResponse
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.gate import check_pin
from custom_components.plate_gate.models import (
    Access,
    Assurance,
    Direction,
    Period,
    Plate,
    Vehicle,
)
from custom_components.plate_gate.records import SealedAllowlist, SealedData

from .common import (
    ENTRY_ID,
    LABEL,
    PLATE,
    Recognizer,
    eventually,
    lane_data,
    lane_subentry,
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
    assert added is not None
    assert added.pop("similar") == []
    assert added == {
        "vehicle_id": vehicle.vehicle_id,
        "label": LABEL,
        "plate": "KN•••TX",
        "valid_from": None,
        "valid_until": None,
        "schedule": "",
        "uses": None,
        "per_day": None,
        "access": "allow",
        "lanes": None,
        "assurance": "lane",
        "presence": [],
        "has_pin": False,
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
        ("add_vehicle", {"schedule": "sometimes"}, "schedule_invalid"),
        ("add_vehicle", {"pin": "one"}, "pin_invalid"),
        ("add_vehicle", {"lanes": ["Cellar"]}, "lane_unknown"),
        (
            "add_vehicle",
            {"valid_from": "2026-12-02 00:00", "valid_until": "2026-12-01 00:00"},
            "validity",
        ),
        ("change_vehicle", {"vehicle": "nobody"}, "vehicle_unknown"),
        ("change_vehicle", {"vehicle": "Post", "plate": "!"}, "plate_invalid"),
        ("change_vehicle", {"vehicle": "Post", "label": " "}, "label_invalid"),
        ("remove_vehicle", {"vehicle": "nobody"}, "vehicle_unknown"),
        ("set_inside", {"vehicle": "nobody", "inside": True}, "vehicle_unknown"),
        ("set_inside", {"vehicle": "Post", "inside": True}, "inside_not_counted"),
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
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert len(entry.runtime_data.allowlist.vehicles) == 1


async def test_wrong_fields(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """What the schema does not know is refused."""
    for data in (
        {"label": LABEL},
        {**ADD, "color": "red"},
        {**ADD, "valid_from": "x"},
        {**ADD, "uses": 0},
        {**ADD, "per_day": "often"},
        {**ADD, "access": "perhaps"},
        {**ADD, "assurance": "plate"},
        {**ADD, "lanes": []},
        {**ADD, "presence": ["anna"]},
    ):
        with pytest.raises(vol.Invalid):
            await call(hass, "add_vehicle", data, respond=False)


@pytest.mark.parametrize(
    ("action", "data", "respond"),
    [
        ("add_vehicle", ADD, False),
        ("change_vehicle", {"vehicle": LABEL, "uses": 1}, False),
        ("remove_vehicle", {"vehicle": LABEL}, False),
        ("set_inside", {"vehicle": LABEL, "inside": True}, False),
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
    if action != "add_vehicle":
        await list_vehicle(entry)
    entry.runtime_data.ledger.counts_inside = True
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
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A vehicle that is removed on a slow disk does not come back with a reload."""
    await list_vehicle(entry)
    save = SealedAllowlist.async_save
    disk = asyncio.Event()

    async def save_slowly(
        store: SealedAllowlist, vehicles: tuple[Vehicle, ...]
    ) -> None:
        await disk.wait()
        await save(store, vehicles)

    monkeypatch.setattr(SealedAllowlist, "async_save", save_slowly)
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
    await hass.config_entries.async_reload(entry.entry_id)
    assert [one.label for one in entry.runtime_data.allowlist.vehicles] == ["Post"]


# -- What a vehicle may do -------------------------------------------------------------

PIN = "280417"
RIGHTS = {
    "schedule": "Mon-Fri 7:00-18:00",
    "uses": 3,
    "per_day": "1",
    "access": "allow",
    "lanes": ["driveway", "lane2"],
    "assurance": "confirmation",
    "presence": ["person.anna", "device_tracker.tag"],
    "pin": PIN,
}


@pytest.fixture
async def lanes(hass: HomeAssistant, recognizer: Recognizer) -> MockConfigEntry:
    """Return a site with two lanes."""
    far = lane_data("http://127.0.0.1:1/")
    entry = site_entry(
        recognizer.url, lane_subentry(far), lane_subentry(far, "Yard", "lane2")
    )
    await set_up(hass, entry)
    return entry


async def test_rights(hass: HomeAssistant, lanes: MockConfigEntry) -> None:
    """All that can be typed of a vehicle can be said by an action; the PIN is hashed."""
    added = await call(hass, "add_vehicle", {**ADD, **RIGHTS})

    (vehicle,) = lanes.runtime_data.allowlist.vehicles
    assert vehicle.schedule == (
        Period(weekdays=frozenset(range(5)), start=time(7), end=time(18)),
    )
    assert (vehicle.uses, vehicle.per_day) == (3, 1)
    assert vehicle.access is Access.ALLOW
    assert vehicle.lanes == {"lane1", "lane2"}
    assert vehicle.assurance is Assurance.CONFIRMATION
    assert vehicle.presence == {"person.anna", "device_tracker.tag"}
    assert vehicle.pin is not None
    assert PIN not in vehicle.pin
    assert await hass.async_add_executor_job(check_pin, PIN, vehicle.pin)

    assert added is not None
    assert added["schedule"] == "mo-fr 07:00-18:00"
    assert added["lanes"] == ["Driveway", "Yard"]
    assert added["assurance"] == "confirmation"
    assert added["presence"] == ["device_tracker.tag", "person.anna"]
    assert added["has_pin"] is True
    assert vehicle.pin not in str(added)


async def test_change(hass: HomeAssistant, lanes: MockConfigEntry) -> None:
    """What is named changes, all else stays; nothing said is not nothing."""
    await call(hass, "add_vehicle", {**ADD, **RIGHTS}, respond=False)
    (before,) = lanes.runtime_data.allowlist.vehicles

    changed = await call(
        hass,
        "change_vehicle",
        {"vehicle": LABEL, "label": "Anna", "plate": "AB 12 CDE", "access": "block"},
    )
    (vehicle,) = lanes.runtime_data.allowlist.vehicles
    assert vehicle == replace(
        before, label="Anna", plate=Plate("AB12CDE"), access=Access.BLOCK
    )
    assert changed is not None
    assert changed["label"] == "Anna"

    nothing = dict.fromkeys(
        ("schedule", "uses", "per_day", "lanes", "presence", "pin", "valid_until")
    )
    await call(
        hass,
        "change_vehicle",
        {"vehicle": "anna", "assurance": "lane", "access": "allow", **nothing},
        respond=False,
    )
    (vehicle,) = lanes.runtime_data.allowlist.vehicles
    assert vehicle == Vehicle(
        vehicle_id=before.vehicle_id, label="Anna", plate=Plate("AB12CDE")
    )


async def test_lane_that_is_gone(hass: HomeAssistant, lanes: MockConfigEntry) -> None:
    """A vehicle's lane that was removed is still told of, by its id."""
    await call(hass, "add_vehicle", {**ADD, "lanes": "Yard"}, respond=False)
    hass.config_entries.async_remove_subentry(lanes, "lane2")
    await hass.async_block_till_done()

    answer: Any = await call(hass, "list_vehicles")

    assert [vehicle["lanes"] for vehicle in answer["vehicles"]] == [["lane2"]]


async def test_similar_plates(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Who adds or changes a vehicle is told which others it could be taken for."""
    await list_vehicle(entry, "KN18RTY", "Ben")
    await list_vehicle(entry, "WX73QZV", "Post")

    added = await call(hass, "add_vehicle", ADD)
    assert added is not None
    assert added["similar"] == ["Ben"]
    changed = await call(hass, "change_vehicle", {"vehicle": "Post", "plate": "KN18RT"})
    assert changed is not None
    assert changed["similar"] == [LABEL, "Ben"]


async def test_new_number_of_uses_counts_from_the_beginning(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Another number of uses begins at nothing, also on the disk; other changes do not."""
    await call(hass, "add_vehicle", {**ADD, "uses": 2}, respond=False)
    (vehicle,) = entry.runtime_data.allowlist.vehicles
    ledger = entry.runtime_data.ledger
    ledger.take(vehicle, Direction.ENTRY, dt_util.now())
    await ledger.settle()
    stored = SealedData(entry.runtime_data.memory.keeper, "ledger")
    assert vehicle.vehicle_id in str(await stored.async_load())

    await call(hass, "change_vehicle", {"vehicle": LABEL, "per_day": 1}, respond=False)
    assert ledger.uses(vehicle.vehicle_id) == 1
    await call(hass, "change_vehicle", {"vehicle": LABEL, "uses": 5}, respond=False)
    assert ledger.uses(vehicle.vehicle_id) == 0
    assert vehicle.vehicle_id not in str(await stored.async_load())


async def test_inside(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """A vehicle that slipped out unseen is put right, and may come in again."""
    entry = site_entry(recognizer.url)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"anti_passback": True})
    await hass.config_entries.async_setup(entry.entry_id)
    vehicle_id = await list_vehicle(entry)
    ledger = entry.runtime_data.ledger

    for inside in (True, False):
        data = {"vehicle": LABEL, "inside": inside}
        await call(hass, "set_inside", data, respond=False)
        assert ledger.is_inside(vehicle_id) is inside

    await ledger.close()
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, "set_inside", data, respond=False)
    assert raised.value.translation_key == "ledger_damaged"
