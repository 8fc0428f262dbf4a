"""Tests of editing the list of vehicles and the settings under "Configure"."""

import asyncio
from datetime import UTC, datetime, time
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate.gate.pin import check_pin
from custom_components.plate_gate.models import (
    Access,
    Assurance,
    Direction,
    Period,
    Plate,
    Vehicle,
)
from custom_components.plate_gate.recognition import Strategy
from custom_components.plate_gate.records import SealedAllowlist

from .common import (
    LABEL,
    PLATE,
    Recognizer,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up,
    site_entry,
)

OPEN: dict[str, Any] = {
    "when": {},
    "where": {"access": "allow", "assurance": "lane"},
}
"""The sections of a vehicle's form, left as they are."""

AT_FIRST = {"access": "allow", "assurance": "lane"}
"""What the form of a vehicle shows that has no rights of its own."""


def pin_matches(pin: str, digest: str | None) -> bool:
    """Tell whether what is stored of a PIN is that of these digits."""
    return digest is not None and check_pin(pin, digest)


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
    """Return what a form shows before anything is typed, without its sections."""
    schema = flow["data_schema"]
    assert schema is not None
    found: dict[str, Any] = {}
    for key, field in schema.schema.items():
        inner = field.schema.schema if isinstance(field, section) else {key: field}
        found |= {
            str(k): k.description["suggested_value"] for k in inner if k.description
        }
    return found


def fields(flow: ConfigFlowResult) -> dict[str, Any]:
    """Return the fields of a form by their names, without its sections."""
    schema = flow["data_schema"]
    assert schema is not None
    found: dict[str, Any] = {}
    for key, field in schema.schema.items():
        inner = field.schema.schema if isinstance(field, section) else {key: field}
        found |= {str(k): v for k, v in inner.items()}
    return found


def open_sections(flow: ConfigFlowResult) -> set[str]:
    """Return which sections of a form are open."""
    schema = flow["data_schema"]
    assert schema is not None
    return {
        str(key)
        for key, field in schema.schema.items()
        if isinstance(field, section) and not field.options["collapsed"]
    }


async def change(
    hass: HomeAssistant, entry: MockConfigEntry, vehicle_id: str
) -> ConfigFlowResult:
    """Open the form of a vehicle."""
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    return await go_on(hass, flow, vehicle=vehicle_id)


async def test_add_vehicle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A vehicle is on the list at once, and the menu says how many there are."""
    flow = await begin(hass, entry)
    assert flow["menu_options"] == [
        "add_vehicle",
        "add_pass",
        "settings",
        "vault",
        "done",
    ]
    assert flow["description_placeholders"] == {"count": "0"}
    flow = await choose(hass, flow, "add_vehicle")

    flow = await go_on(hass, flow, label=f" {LABEL} ", plate="kn-18 rtx", **OPEN)

    assert flow["type"] is FlowResultType.MENU
    assert flow["description_placeholders"] == {"count": "1"}
    assert flow["menu_options"] == [
        "add_vehicle",
        "add_pass",
        "choose_change",
        "choose_remove",
        "settings",
        "vault",
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
        result = await go_on(hass, flow, **{**good, **wrong, **OPEN})
        assert result["step_id"] == "add_vehicle"
        assert result["errors"] == errors
        assert suggested(result) == {**good, **wrong, **AT_FIRST}
        assert open_sections(result) == set()
        assert len(entry.runtime_data.allowlist.vehicles) == 1

    result = await go_on(hass, flow, **good, **OPEN)
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
        **OPEN,
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
        **AT_FIRST,
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
    assert flow["description_placeholders"] == {
        "plate": "KN•••TX",
        "used": "–",
        "left": "–",
    }
    assert PLATE not in str(flow)

    flow = await go_on(hass, flow, label="Anna", **OPEN)
    assert flow["type"] is FlowResultType.MENU
    assert only_vehicle(entry) == Vehicle(
        vehicle_id=vehicle_id, label="Anna", plate=Plate(PLATE)
    )

    flow = await choose(hass, flow, "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    flow = await go_on(hass, flow, label="Anna", plate="AB12CDE", **OPEN)
    assert only_vehicle(entry).plate == Plate("AB12CDE")


async def test_change_vehicle_errors_and_recovery(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """What cannot be is said, and can be put right in the same form."""
    vehicle_id = await list_vehicle(entry)
    await list_vehicle(entry, "AB12CDE", "Post")
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)

    result = await go_on(hass, flow, label="Post", **OPEN)
    assert result["errors"] == {"label": "label_listed"}
    result = await go_on(hass, flow, label=LABEL, plate="AB12CDE", **OPEN)
    assert result["errors"] == {"plate": "plate_listed"}
    result = await go_on(hass, flow, label=LABEL, plate="!", **OPEN)
    assert result["errors"] == {"plate": "plate_invalid"}
    result = await go_on(hass, flow, label="Anna", **OPEN)
    assert result["type"] is FlowResultType.MENU


async def test_empty_plate_keeps_what_someone_else_typed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An empty plate is the one on the list now, not the one when the form opened."""
    vehicle_id = await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    await entry.runtime_data.allowlist.change(vehicle_id, plate=Plate("AB12CDE"))

    await go_on(hass, flow, label="Anna", **OPEN)

    assert only_vehicle(entry).plate == Plate("AB12CDE")


async def test_empty_plate_keeps_what_is_just_being_saved(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither does a form that is faster than the disk bring the old plate back."""
    vehicle_id = await list_vehicle(entry)
    flow = await choose(hass, await begin(hass, entry), "choose_change")
    flow = await go_on(hass, flow, vehicle=vehicle_id)
    save = SealedAllowlist.async_save
    disk = asyncio.Event()

    async def save_slowly(
        store: SealedAllowlist, vehicles: tuple[Vehicle, ...]
    ) -> None:
        await disk.wait()
        await save(store, vehicles)

    monkeypatch.setattr(SealedAllowlist, "async_save", save_slowly)
    allowlist = entry.runtime_data.allowlist
    changing = asyncio.create_task(allowlist.change(vehicle_id, plate=Plate("AB12CDE")))
    await asyncio.sleep(0)
    submitting = asyncio.create_task(go_on(hass, flow, label="Anna", **OPEN))
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
    [("choose_change", {"label": "Anna", **OPEN}), ("choose_remove", {})],
)
async def test_vehicle_removed_after_it_was_chosen(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    step: str,
    user_input: dict[str, Any],
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

    plain = {"look_alikes": True, "strategy": "least_busy", "anti_passback": False}
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == plain
    assert entry.runtime_data is not before
    assert entry.runtime_data.recognizer.pool._strategy is Strategy.LEAST_BUSY
    assert only_vehicle(entry).label == LABEL

    flow = await choose(hass, await begin(hass, entry), "settings")
    assert suggested(flow) == plain


async def test_settings_of_who_is_inside(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The number of vehicles inside is a whole one, and ends when it is emptied."""
    base = {"look_alikes": False, "strategy": "in_order"}
    flow = await choose(hass, await begin(hass, entry), "settings")
    for wrong in (0, 10000):
        with pytest.raises(InvalidData):
            await go_on(hass, flow, **base, occupancy=wrong)
    await go_on(hass, flow, **base, occupancy=2.0, anti_passback=True)
    await hass.async_block_till_done()
    assert entry.options == {**base, "occupancy": 2, "anti_passback": True}
    assert type(entry.options["occupancy"]) is int

    flow = await choose(hass, await begin(hass, entry), "settings")
    assert suggested(flow) == entry.options
    await go_on(hass, flow, **base, anti_passback=False)
    await hass.async_block_till_done()
    assert entry.options == {**base, "anti_passback": False}


async def test_site_that_is_not_loaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Without its list, a site has nothing to configure."""
    open_flow = await choose(hass, await begin(hass, entry), "add_vehicle")
    await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED

    for flow in (
        await begin(hass, entry),
        await go_on(hass, open_flow, label=LABEL, plate=PLATE, **OPEN),
    ):
        assert flow["type"] is FlowResultType.ABORT
        assert flow["reason"] == "site_not_loaded"


# -- What a vehicle may do -------------------------------------------------------------

WHEN = {"schedule": "mo-fr 07:00-18:00", "uses": 5.0, "per_day": 2.0}
WHERE = {
    "access": "allow",
    "lanes": ["lane2"],
    "assurance": "confirmation",
    "presence": ["person.anna", "binary_sensor.tag"],
    "pin": "482913",
}


@pytest.fixture
async def lanes(hass: HomeAssistant, recognizer: Recognizer) -> MockConfigEntry:
    """Return a site with two lanes."""
    entry = site_entry(
        recognizer.url,
        lane_subentry(lane_data("http://127.0.0.1:1/"), "Driveway", "lane1"),
        lane_subentry(lane_data("http://127.0.0.1:1/2"), "Garage", "lane2"),
    )
    await set_up(hass, entry)
    return entry


async def test_rights_are_kept_and_shown(
    hass: HomeAssistant, lanes: MockConfigEntry
) -> None:
    """All that was chosen is on the list, and in the form when it is changed."""
    flow = await choose(hass, await begin(hass, lanes), "add_vehicle")
    assert open_sections(flow) == set()
    assert fields(flow)["lanes"].config["options"] == [
        {"value": "lane1", "label": "Driveway"},
        {"value": "lane2", "label": "Garage"},
    ]
    assert "clear_pin" not in fields(flow)
    flow = await go_on(hass, flow, label=LABEL, plate=PLATE, when=WHEN, where=WHERE)
    assert flow["type"] is FlowResultType.MENU

    vehicle = only_vehicle(lanes)
    pin = vehicle.pin
    assert await hass.async_add_executor_job(pin_matches, "482913", pin)
    assert vehicle == Vehicle(
        vehicle_id=vehicle.vehicle_id,
        label=LABEL,
        plate=Plate(PLATE),
        access=Access.ALLOW,
        lanes=frozenset({"lane2"}),
        schedule=(Period(weekdays=frozenset(range(5)), start=time(7), end=time(18)),),
        uses=5,
        per_day=2,
        assurance=Assurance.CONFIRMATION,
        presence=frozenset({"person.anna", "binary_sensor.tag"}),
        pin=pin,
    )
    assert type(vehicle.uses) is int
    assert type(vehicle.per_day) is int

    flow = await change(hass, lanes, vehicle.vehicle_id)
    assert open_sections(flow) == {"when", "where"}
    assert suggested(flow) == {
        "label": LABEL,
        "schedule": "mo-fr 07:00-18:00",
        "uses": 5,
        "per_day": 2,
        "access": "allow",
        "lanes": ["lane2"],
        "assurance": "confirmation",
        "presence": ["binary_sensor.tag", "person.anna"],
    }

    # Emptied fields end what they held, but for the PIN.
    await go_on(
        hass,
        flow,
        label=LABEL,
        when={},
        where={"access": "block", "assurance": "lane", "clear_pin": False},
    )
    assert only_vehicle(lanes) == Vehicle(
        vehicle_id=vehicle.vehicle_id,
        label=LABEL,
        plate=Plate(PLATE),
        access=Access.BLOCK,
        pin=pin,
    )
    flow = await change(hass, lanes, vehicle.vehicle_id)
    assert open_sections(flow) == {"where"}


async def test_pin_is_replaced_or_removed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A new PIN wins over its removal, and a vehicle without one has none to remove."""
    vehicle_id = await list_vehicle(entry)
    flow = await change(hass, entry, vehicle_id)
    assert "clear_pin" not in fields(flow)
    where = OPEN["where"]
    await go_on(hass, flow, label=LABEL, when={}, where={**where, "pin": "482913"})

    flow = await change(hass, entry, vehicle_id)
    assert "clear_pin" in fields(flow)
    assert "pin" not in suggested(flow)
    typed = {**where, "pin": "5790", "clear_pin": True}
    await go_on(hass, flow, label=LABEL, when={}, where=typed)
    pin = only_vehicle(entry).pin
    assert await hass.async_add_executor_job(pin_matches, "5790", pin)

    flow = await change(hass, entry, vehicle_id)
    await go_on(hass, flow, label=LABEL, when={}, where={**where, "clear_pin": True})
    assert only_vehicle(entry).pin is None


@pytest.mark.parametrize("adding", [True, False])
async def test_errors_of_rights_and_recovery(
    hass: HomeAssistant, lanes: MockConfigEntry, *, adding: bool
) -> None:
    """An error opens its section, and nothing that was typed is lost."""
    if adding:
        flow = await choose(hass, await begin(hass, lanes), "add_vehicle")
        typed: dict[str, Any] = {"label": LABEL, "plate": PLATE}
    else:
        flow = await change(hass, lanes, await list_vehicle(lanes))
        typed = {"label": "Anna"}

    for part, wrong, error in (
        ("when", {"schedule": "whenever"}, "schedule_invalid"),
        ("when", {"schedule": "mo 25:00-26:00"}, "schedule_invalid"),
        ("where", {"pin": "12"}, "pin_invalid"),
        ("where", {"pin": "not digits"}, "pin_invalid"),
    ):
        sections: dict[str, dict[str, Any]] = {"when": WHEN, "where": WHERE}
        sections[part] = {**sections[part], **wrong}
        result = await go_on(hass, flow, **typed, **sections)
        assert result["errors"] == {part: error}
        assert open_sections(result) == {part}
        assert suggested(result) == {**typed, **sections["when"], **sections["where"]}

    result = await go_on(hass, flow, **typed, when=WHEN, where=WHERE)
    assert result["type"] is FlowResultType.MENU
    assert only_vehicle(lanes).uses == 5


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("when", "uses", 0),
        ("when", "per_day", 0),
        ("where", "access", "maybe"),
        ("where", "lanes", ["lane3"]),
        ("where", "assurance", "plate"),
        ("where", "presence", ["light.porch"]),
    ],
)
async def test_rights_within_their_limits(
    hass: HomeAssistant, lanes: MockConfigEntry, part: str, field: str, value: object
) -> None:
    """What cannot be is refused before it gets to the list."""
    flow = await choose(hass, await begin(hass, lanes), "add_vehicle")
    sections = {**OPEN, part: {**OPEN[part], field: value}}
    with pytest.raises(InvalidData):
        await go_on(hass, flow, label=LABEL, plate=PLATE, **sections)
    assert lanes.runtime_data.allowlist.vehicles == ()


async def test_lane_that_was_removed_stays_a_choice(
    hass: HomeAssistant, lanes: MockConfigEntry
) -> None:
    """A vehicle that was let in at one lane only is not let in at all the others."""
    vehicle_id = await list_vehicle(lanes)
    await lanes.runtime_data.allowlist.change(vehicle_id, lanes=frozenset({"lane2"}))
    hass.config_entries.async_remove_subentry(lanes, "lane2")
    await hass.async_block_till_done()

    flow = await change(hass, lanes, vehicle_id)
    assert fields(flow)["lanes"].config["options"] == [
        {"value": "lane1", "label": "Driveway"},
        {"value": "lane2", "label": "(lane2)"},
    ]
    where = {**OPEN["where"], "lanes": suggested(flow)["lanes"]}
    await go_on(hass, flow, label=LABEL, when={}, where=where)

    assert only_vehicle(lanes).lanes == {"lane2"}


async def test_site_without_lanes_asks_for_none(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Where there is nothing to choose from, there is no choice."""
    flow = await choose(hass, await begin(hass, entry), "add_vehicle")
    assert "lanes" not in fields(flow)


async def test_new_number_of_uses_counts_from_the_beginning(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The form tells what was used, and only a new number begins anew."""
    vehicle_id = await list_vehicle(entry)
    await entry.runtime_data.allowlist.change(vehicle_id, uses=3)
    ledger = entry.runtime_data.ledger
    for _ in range(2):
        ledger.take(only_vehicle(entry), Direction.ENTRY, dt_util.now())

    def counted(flow: ConfigFlowResult) -> tuple[str, str]:
        placeholders = flow["description_placeholders"]
        assert placeholders is not None
        return placeholders["used"], placeholders["left"]

    await ledger.settle()

    flow = await change(hass, entry, vehicle_id)
    assert counted(flow) == ("2", "1")
    await go_on(hass, flow, label="Anna", when={"uses": 3}, where=OPEN["where"])

    flow = await change(hass, entry, vehicle_id)
    assert counted(flow) == ("2", "1")
    await go_on(hass, flow, label="Anna", when={"uses": 4}, where=OPEN["where"])

    # It is on the disk, too.
    await ledger.load()
    flow = await change(hass, entry, vehicle_id)
    assert counted(flow) == ("0", "4")
    await go_on(hass, flow, label="Anna", **OPEN)
    flow = await change(hass, entry, vehicle_id)
    assert counted(flow) == ("–", "–")


async def test_new_number_of_uses_lets_nobody_out(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Who is inside stays there, whatever is counted anew."""
    options = {"look_alikes": False, "strategy": "in_order", "anti_passback": True}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()
    vehicle_id = await list_vehicle(entry)
    await entry.runtime_data.allowlist.change(vehicle_id, uses=3)
    ledger = entry.runtime_data.ledger
    ledger.take(only_vehicle(entry), Direction.ENTRY, dt_util.now())

    flow = await change(hass, entry, vehicle_id)
    await go_on(hass, flow, label=LABEL, when={"uses": 5}, where=OPEN["where"])

    assert ledger.uses(vehicle_id) == 0
    assert ledger.is_inside(vehicle_id)


async def test_counts_that_nobody_knows(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Where nothing could be read, no number is made up, and changing still works."""
    vehicle_id = await list_vehicle(entry)
    await entry.runtime_data.allowlist.change(vehicle_id, uses=3)
    await entry.runtime_data.ledger.close()
    flow = await change(hass, entry, vehicle_id)
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert (placeholders["used"], placeholders["left"]) == ("–", "–")
    flow = await go_on(hass, flow, label=LABEL, when={"uses": 5}, where=OPEN["where"])
    assert flow["type"] is FlowResultType.MENU
    assert only_vehicle(entry).uses == 5


# -- Passes, and plates that are nearly the same ---------------------------------------


async def test_add_pass(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A pass is for once, and until the end of tomorrow, unless that is changed."""
    flow = await choose(hass, await begin(hass, entry), "add_pass")
    shown = suggested(flow)
    until = dt_util.parse_datetime(shown["valid_until"])
    assert until is not None
    assert until.time() == time(0)
    assert (until.date() - dt_util.now().date()).days == 2
    assert shown["uses"] == 1

    flow = await go_on(hass, flow, label="Plumber", plate="!", **shown)
    assert flow["errors"] == {"plate": "plate_invalid"}
    assert suggested(flow) == {"label": "Plumber", "plate": "!", **shown}
    flow = await go_on(hass, flow, label="Plumber", plate=PLATE, **shown)

    assert flow["type"] is FlowResultType.MENU
    vehicle = only_vehicle(entry)
    assert vehicle == Vehicle(
        vehicle_id=vehicle.vehicle_id,
        label="Plumber",
        plate=Plate(PLATE),
        valid_until=until.replace(tzinfo=dt_util.get_default_time_zone()),
        uses=1,
    )


async def test_pass_for_any_number_of_uses(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An empty number of uses is none."""
    flow = await choose(hass, await begin(hass, entry), "add_pass")
    await go_on(hass, flow, label="Oma", plate=PLATE, valid_until="2030-01-01 00:00:00")
    assert only_vehicle(entry).uses is None


@pytest.mark.parametrize("step", ["add_vehicle", "add_pass"])
async def test_similar_plate_is_told_and_kept(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> None:
    """Whoever adds nearly the same plate learns whose it is, not what it is."""
    await list_vehicle(entry, "AB120DE", "Post")
    flow = await choose(hass, await begin(hass, entry), step)
    more = OPEN if step == "add_vehicle" else {"valid_until": "2030-01-01 00:00:00"}

    flow = await go_on(hass, flow, label=LABEL, plate="AB12ODE", **more)

    assert flow["step_id"] == "similar"
    assert flow["menu_options"] == ["init", "change_vehicle"]
    assert flow["description_placeholders"] == {"label": LABEL, "others": "Post"}
    for plate in ("AB120DE", "AB12ODE"):
        assert plate not in str(flow)
    assert len(entry.runtime_data.allowlist.vehicles) == 2
    flow = await choose(hass, flow, "init")
    assert flow["step_id"] == "init"


async def test_similar_plate_is_put_right(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Going back shows the vehicle that was saved, to be changed."""
    await list_vehicle(entry, "AB120DE", "Post")
    vehicle_id = await list_vehicle(entry)
    flow = await change(hass, entry, vehicle_id)
    flow = await go_on(hass, flow, label="Anna", plate="AB12ODE", **OPEN)
    assert flow["step_id"] == "similar"

    flow = await choose(hass, flow, "change_vehicle")
    assert flow["step_id"] == "change_vehicle"
    assert suggested(flow)["label"] == "Anna"
    flow = await go_on(hass, flow, label="Anna", plate=PLATE, **OPEN)

    assert flow["step_id"] == "init"
    allowlist = entry.runtime_data.allowlist
    assert allowlist.find("Anna").plate == Plate(PLATE)


async def test_unchanged_plate_is_not_warned_of_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Who keeps the plate was warned when it was new."""
    await list_vehicle(entry, "AB120DE", "Post")
    vehicle_id = await list_vehicle(entry, "AB12ODE")
    flow = await change(hass, entry, vehicle_id)
    flow = await go_on(hass, flow, label="Anna", **OPEN)
    assert flow["step_id"] == "init"
