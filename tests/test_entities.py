"""Tests of what a lane shows and takes: events, counts, the switch and the button."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    mock_restore_cache,
    mock_restore_cache_with_extra_data,
)

from custom_components.plate_gate import lane as lane_module, memory as memory_module
from demo.cameras import HttpCamera

from .common import (
    GATE,
    LABEL,
    PLATE,
    STRANGER,
    GateCover,
    Recognizer,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    says_json,
    set_up,
    site_entry,
    state_of,
)

ACCESS = "event.driveway_access"
SWITCH = "switch.driveway_automatic_opening"
BUTTON = "button.driveway_read_now"
ENTRIES = "sensor.driveway_entries_today"
UNKNOWN = "sensor.driveway_unknown_vehicles_today"
LAST_OPENING = "sensor.driveway_last_opening"

CAMERA_SENSORS = {
    "camera_state": "camera_state",
    "view": "view",
    "plate_width": "plate_width",
    "camera_fps": "pictures_per_second",
    "frame_age": "age_of_the_newest_picture",
    "pictures_decoded": "pictures_decoded",
    "frames_published": "frames_handed_on",
    "frames_dropped": "frames_dropped",
    "pictures_corrupt": "damaged_pictures",
    "pictures_late": "late_pictures",
    "reconnects_hour": "reconnects_in_the_last_hour",
    "motion_share": "pictures_with_motion",
}
"""Key and name of the sensors of `test_camera_sensors`."""

NOWHERE = "http://127.0.0.1:1/"
"""The address of a camera that never answers."""


def site(recognizer: Recognizer, url: str) -> MockConfigEntry:
    """Return a site with one lane."""
    return site_entry(recognizer.url, lane_subentry(lane_data(url)))


async def turn(hass: HomeAssistant, on: bool) -> None:
    """Turn the switch."""
    await hass.services.async_call(
        "switch",
        "turn_on" if on else "turn_off",
        {"entity_id": SWITCH},
        blocking=True,
    )


async def press(hass: HomeAssistant) -> None:
    """Press the button."""
    await hass.services.async_call(
        "button", "press", {"entity_id": BUTTON}, blocking=True
    )


def attributes(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    """Return the attributes of an entity."""
    state = hass.states.get(entity_id)
    assert state is not None
    return dict(state.attributes)


async def test_listed_vehicle(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """A vehicle that is let in is an event, a count and a time, without its plate."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    vehicle_id = await list_vehicle(entry)
    assert state_of(hass, ACCESS) == STATE_UNKNOWN
    assert state_of(hass, ENTRIES) == "0"
    assert state_of(hass, LAST_OPENING) == STATE_UNKNOWN

    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, ACCESS) != STATE_UNKNOWN)

    assert cover.opened == 1
    event = attributes(hass, ACCESS)
    assert event.pop("time_to_open_ms") >= 0
    assert event == {
        "event_types": ["granted", "denied"],
        "event_type": "granted",
        "vehicle": LABEL,
        "vehicle_id": vehicle_id,
        "direction": "entry",
        "opened": True,
        "reasons": ["exact_text", "agreeing_frames"],
        "friendly_name": "Driveway Access",
    }
    assert state_of(hass, ENTRIES) == "1"
    assert state_of(hass, UNKNOWN) == "0"
    opened = dt_util.parse_datetime(state_of(hass, LAST_OPENING) or "")
    assert opened is not None
    assert dt_util.utcnow() - opened < timedelta(minutes=1)


async def test_stranger(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stranger is a number, and no event."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    lane = entry.runtime_data.lanes["lane1"].lane
    recognizer.plates = [STRANGER]
    await eventually(lambda: lane.metrics.reads > 4)
    recognizer.plates = []
    # It has gone: the lane's clock runs ahead.
    monkeypatch.setattr(lane, "_clock", lambda: lane._source._clock() + 60)

    await eventually(lambda: state_of(hass, UNKNOWN) == "1")

    assert cover.opened == 0
    assert state_of(hass, ACCESS) == STATE_UNKNOWN
    assert state_of(hass, ENTRIES) == "0"


async def test_switched_off(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """While automatic opening is off, a listed vehicle is told of and not let in."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    await list_vehicle(entry)
    await turn(hass, False)
    assert state_of(hass, SWITCH) == STATE_OFF

    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, ACCESS) != STATE_UNKNOWN)

    event = attributes(hass, ACCESS)
    assert event["event_type"] == "denied"
    assert event["vehicle"] == LABEL
    assert event["opened"] is False
    assert event["reasons"][-1] == "automatic_opening_off"
    assert event["time_to_open_ms"] is None
    assert cover.opened == 0
    assert state_of(hass, GATE) == "closed"
    assert state_of(hass, ENTRIES) == "0"
    await turn(hass, True)
    assert state_of(hass, SWITCH) == STATE_ON


async def test_gate_that_fails(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """A vehicle that was to be let in, and was not, is told of as such."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    await list_vehicle(entry)
    cover.failure = HomeAssistantError("stuck")

    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, ACCESS) != STATE_UNKNOWN)

    event = attributes(hass, ACCESS)
    assert event["event_type"] == "granted"
    assert event["opened"] is False
    assert event["reasons"][-1] == "gate_failed"
    assert state_of(hass, LAST_OPENING) == STATE_UNKNOWN


async def test_reload_keeps_what_is_shown(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """A lane that is loaded anew goes on where it was, without a wrong state between."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    await list_vehicle(entry)
    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, ENTRIES) == "1")
    await turn(hass, False)
    recognizer.plates = []
    await camera.stop()
    kept = (ENTRIES, UNKNOWN, LAST_OPENING, SWITCH, ACCESS)
    before = [state_of(hass, entity_id) for entity_id in kept]
    seen: list[tuple[str, str]] = []

    @callback
    def changed(event: Event[Any]) -> None:
        new: State | None = event.data["new_state"]
        if new is not None:
            seen.append((new.entity_id, new.state))

    async_track_state_change_event(hass, kept, changed)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()

    assert [state_of(hass, entity_id) for entity_id in kept] == before
    known = set(zip(kept, before, strict=True))
    assert {one for one in seen if one[1] != "unavailable"} <= known


@pytest.mark.parametrize("look_alikes", [False, True])
async def test_look_alikes(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    look_alikes: bool,
) -> None:
    """An I for a 1 is taken for it only if the settings say so."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    await list_vehicle(entry)
    hass.config_entries.async_update_entry(entry, options={"look_alikes": look_alikes})
    await hass.async_block_till_done()
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics

    recognizer.plates = [PLATE.replace("1", "I")]
    await eventually(lambda: metrics.granted or metrics.reads > 4)

    assert cover.opened == int(look_alikes)
    if look_alikes:
        assert attributes(hass, ACCESS)["reasons"][0] == "look_alike_text"


async def test_update_by_hand(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """Whoever asks for an update gets what there is."""
    await set_up(hass, site(recognizer, NOWHERE))
    assert await async_setup_component(hass, "homeassistant", {})
    before = hass.states.get(ENTRIES)
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": ENTRIES}, blocking=True
    )

    assert hass.states.get(ENTRIES) == before


async def test_new_lane_is_armed(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """A lane begins switched on, and says so although no camera was seen yet."""
    await set_up(hass, site(recognizer, NOWHERE))

    assert state_of(hass, SWITCH) == STATE_ON


@pytest.mark.parametrize("state", [STATE_ON, STATE_OFF])
async def test_switch_after_a_restart(
    hass: HomeAssistant, recognizer: Recognizer, state: str
) -> None:
    """The switch stays as it was, whatever else was forgotten."""
    entry = site(recognizer, NOWHERE)
    await set_up(hass, entry)
    await hass.services.async_call(
        "switch", f"turn_{state}", {"entity_id": SWITCH}, blocking=True
    )
    await hass.config_entries.async_unload(entry.entry_id)
    # What a new start does not find: the memory of states, and our own.
    hass.data.pop(memory_module._MEMORIES)
    mock_restore_cache(hass, [])
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    assert state_of(hass, SWITCH) == state
    lane = entry.runtime_data.lanes["lane1"].lane
    assert lane.state.automatic_opening is (state == STATE_ON)


def stored_counts(when: datetime) -> list[tuple[State, dict[str, Any]]]:
    """Return sensors as they were stored at some time."""
    opened = {"__type": "<class 'datetime.datetime'>", "isoformat": when.isoformat()}
    return [
        (
            State(entity_id, str(value), last_changed=when, last_updated=when),
            {"native_value": native, "native_unit_of_measurement": None},
        )
        for entity_id, value, native in (
            (ENTRIES, 4, 4),
            (UNKNOWN, 7, 7),
            (LAST_OPENING, when.isoformat(), opened),
        )
    ]


@pytest.mark.parametrize(
    ("hours", "entries", "unknown"), [(1, "4", "7"), (24, "0", "0")]
)
async def test_counts_after_a_restart(
    hass: HomeAssistant,
    recognizer: Recognizer,
    freezer: FrozenDateTimeFactory,
    hours: int,
    entries: str,
    unknown: str,
) -> None:
    """Counts of today go on, those of yesterday do not; the last opening stays."""
    freezer.move_to("2026-11-23 12:00:00+00:00")
    then = dt_util.utcnow() - timedelta(hours=hours)
    mock_restore_cache_with_extra_data(hass, stored_counts(then))
    await set_up(hass, site(recognizer, NOWHERE))

    assert state_of(hass, ENTRIES) == entries
    assert state_of(hass, UNKNOWN) == unknown
    assert state_of(hass, LAST_OPENING) == then.isoformat(timespec="seconds")


async def test_nothing_usable_was_stored(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """What was stored without a value, or with a strange one, is left alone."""
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                State(entity_id, "unknown"),
                {"native_value": value, "native_unit_of_measurement": None},
            )
            for entity_id, value in (
                (ENTRIES, None),
                (UNKNOWN, "many"),
                (LAST_OPENING, "never"),
            )
        ],
    )
    await set_up(hass, site(recognizer, NOWHERE))

    assert state_of(hass, ENTRIES) == "0"
    assert state_of(hass, UNKNOWN) == "0"
    assert state_of(hass, LAST_OPENING) == STATE_UNKNOWN


async def test_counts_begin_anew_at_midnight(
    hass: HomeAssistant, recognizer: Recognizer, freezer: FrozenDateTimeFactory
) -> None:
    """At midnight where the site is, counts go to zero although nothing happens."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to("2026-11-23 22:30:00+00:00")
    mock_restore_cache_with_extra_data(hass, stored_counts(dt_util.utcnow()))
    await set_up(hass, site(recognizer, NOWHERE))
    assert state_of(hass, ENTRIES) == "4"

    freezer.move_to("2026-11-23 23:00:01+00:00")
    async_fire_time_changed(hass)
    await hass.async_block_till_done()

    assert state_of(hass, ENTRIES) == "0"
    assert state_of(hass, UNKNOWN) == "0"


async def test_read_now(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """The button waits until a frame has been read."""
    await set_up(hass, site(recognizer, camera.url()))
    reads = recognizer.reads
    await press(hass)

    assert recognizer.reads > reads


async def test_read_now_without_a_recognizer(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """Whoever pressed it is told what is wrong with the recognizer."""
    await set_up(hass, site(recognizer, camera.url()))
    recognizer.alpr = says_json(success=False, error="no")

    with pytest.raises(HomeAssistantError) as raised:
        await press(hass)

    assert raised.value.translation_key == "backend_rejected"


async def test_read_now_without_a_camera(
    hass: HomeAssistant, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pressed it is told what is wrong with the camera."""
    monkeypatch.setattr(lane_module, "READ_NOW_TIMEOUT", 0.05)
    await set_up(hass, site(recognizer, NOWHERE))

    with pytest.raises(HomeAssistantError) as raised:
        await press(hass)

    assert raised.value.translation_key == "camera_unreachable"


async def test_names_and_kinds(
    hass: HomeAssistant, recognizer: Recognizer, entity_registry: er.EntityRegistry
) -> None:
    """Entities are found by ids that stay, and belong to their lane."""
    entry = site(recognizer, NOWHERE)
    await set_up(hass, entry)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)

    assert {
        entity.entity_id: (
            entity.unique_id,
            entity.config_subentry_id,
            entity.entity_category,
        )
        for entity in entities
    } == {
        "binary_sensor.plate_gate_recognizer": (
            f"{entry.entry_id}-recognizer",
            None,
            "diagnostic",
        ),
        **{
            f"sensor.plate_gate_{name}": (
                f"{entry.entry_id}-{key}",
                None,
                "diagnostic",
            )
            for key, name in (
                ("latency_p50", "reading_time"),
                ("latency_p95", "reading_time_of_the_slowest_5"),
            )
        },
        "binary_sensor.driveway_camera": ("lane1-camera", "lane1", "diagnostic"),
        **{
            f"sensor.driveway_{name}": (f"lane1-{key}", "lane1", "diagnostic")
            for key, name in CAMERA_SENSORS.items()
        },
        BUTTON: ("lane1-read_now", "lane1", "config"),
        ACCESS: ("lane1-access", "lane1", None),
        "event.driveway_request": ("lane1-request", "lane1", None),
        "event.driveway_unknown_vehicle": ("lane1-unknown_vehicle", "lane1", None),
        ENTRIES: ("lane1-entries_today", "lane1", None),
        UNKNOWN: ("lane1-unknown_today", "lane1", None),
        LAST_OPENING: ("lane1-last_opening", "lane1", None),
        SWITCH: ("lane1-automatic_opening", "lane1", None),
    }


@pytest.mark.parametrize(
    ("direction", "entity_id", "name"),
    [
        ("entry", ENTRIES, "Driveway Entries today"),
        ("exit", "sensor.driveway_exits_today", "Driveway Exits today"),
        ("both", "sensor.driveway_passages_today", "Driveway Passages today"),
    ],
)
async def test_count_is_called_what_it_counts(
    hass: HomeAssistant,
    recognizer: Recognizer,
    entity_registry: er.EntityRegistry,
    direction: str,
    entity_id: str,
    name: str,
) -> None:
    """A lane that leads out counts exits; the count stays the same one."""
    data = lane_data(NOWHERE, direction=direction)
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))

    assert state_of(hass, entity_id) == "0"
    assert attributes(hass, entity_id)["friendly_name"] == name
    registered = entity_registry.async_get(entity_id)
    assert registered is not None
    assert registered.unique_id == "lane1-entries_today"


async def test_other_entity_ids_change_no_count(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    entity_registry: er.EntityRegistry,
) -> None:
    """A count that is called otherwise and back is neither lost nor doubled."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    await list_vehicle(entry)
    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, ENTRIES) == "1")
    recognizer.plates = []
    kept = (ENTRIES, UNKNOWN, LAST_OPENING)
    before = [state_of(hass, entity_id) for entity_id in kept]
    event = attributes(hass, ACCESS)

    for renamed in (True, False):
        for entity_id in (*kept, ACCESS):
            ids = (entity_id, f"{entity_id}_renamed")
            old, new = ids if renamed else reversed(ids)
            entity_registry.async_update_entity(old, new_entity_id=new)
            await hass.async_block_till_done()
        end = "_renamed" if renamed else ""
        assert [state_of(hass, f"{entity_id}{end}") for entity_id in kept] == before
        assert attributes(hass, f"{ACCESS}{end}")["vehicle"] == event["vehicle"]

    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert [state_of(hass, entity_id) for entity_id in kept] == before


async def test_event_goes_on_under_another_entity_id(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    entity_registry: er.EntityRegistry,
) -> None:
    """Passages after a change of names are told and counted, once each."""
    entry = site(recognizer, camera.url())
    await set_up(hass, entry)
    await list_vehicle(entry)
    for entity_id in (ACCESS, ENTRIES):
        entity_registry.async_update_entity(
            entity_id, new_entity_id=f"{entity_id}_renamed"
        )
    await hass.async_block_till_done()

    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, f"{ENTRIES}_renamed") == "1")

    assert attributes(hass, f"{ACCESS}_renamed")["vehicle"] == LABEL
    assert cover.opened == 1
