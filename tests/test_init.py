"""Tests of setting a site up and taking it down, and of a vehicle's whole way in."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from datetime import timedelta
import gc
import json
import logging
from pathlib import Path
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import (
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_HOMEASSISTANT_STOP,
    MATCH_ALL,
    STATE_ON,
    STATE_OPEN,
)
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import restore_state
from homeassistant.helpers.json import JSONEncoder
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.models import Frame, PlateRead, Reason
from custom_components.plate_gate.recognition import BackendPool
from custom_components.plate_gate.vaults import vault_folder
from demo import scene
from demo.cameras import Clip, HttpCamera, RtspCamera

from .common import (
    ENTRY_ID,
    GATE,
    LABEL,
    PLATE,
    STRANGER,
    GateCover,
    Recognizer,
    entry_state,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up,
    site_entry,
    state_of,
)

ALLOWLIST = f"{DOMAIN}.{ENTRY_ID}.allowlist"
ARMING = f"{DOMAIN}.{ENTRY_ID}.arming"
ACCESS = "event.driveway_access"
ENTRIES = "sensor.driveway_entries_today"
USERNAME = "gatekeeper"
PASSWORD = "k3epOut!"


def one_lane(recognizer: Recognizer, camera: HttpCamera) -> MockConfigEntry:
    """Return a site with one lane."""
    return site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))


def lane_tasks() -> list[str]:
    """Return the names of the tasks that run for a site."""
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith("plate_gate")]


async def test_site_without_lanes(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """A new site has its recognizer's sensors and nothing else."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)

    assert entry_state(entry) is ConfigEntryState.LOADED
    # Which platform comes first is not ours to say.
    assert sorted(hass.states.async_entity_ids()) == [
        "binary_sensor.plate_gate_recognizer",
        "sensor.plate_gate_reading_time",
    ]
    assert state_of(hass, "binary_sensor.plate_gate_recognizer") == STATE_ON


async def test_without_a_site(hass: HomeAssistant) -> None:
    """The actions are there before the first site, so that automations are valid."""
    assert await async_setup_component(hass, DOMAIN, {})

    assert set(hass.services.async_services_for_domain(DOMAIN)) == {
        "add_vehicle",
        "change_vehicle",
        "confirm",
        "enter_pin",
        "explain",
        "ignore",
        "list_vehicles",
        "remove_vehicle",
        "set_inside",
    }


async def test_recognizer_that_is_away_at_first(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A site waits for its recognizer, and begins when it is there."""
    await recognizer.stop()
    entry = site_entry(recognizer.url)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "backend_unavailable"

    await recognizer.start()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2))
    await eventually(lambda: entry.state is ConfigEntryState.LOADED)


async def test_damaged_allowlist(
    hass: HomeAssistant, recognizer: Recognizer, hass_storage: dict[str, Any]
) -> None:
    """A list that cannot be read is not replaced by an empty one."""
    damaged = {"version": 1, "minor_version": 1, "key": ALLOWLIST, "data": {"v": 1}}
    hass_storage[ALLOWLIST] = damaged
    entry = site_entry(recognizer.url)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)

    assert entry_state(entry) is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "allowlist_damaged"
    assert hass_storage[ALLOWLIST] == damaged


async def test_lane_that_cannot_be_looked_at(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """What was stored as a region and is none lets nothing be sent in full."""
    data = lane_data(camera.url(), region="everywhere")
    entry = site_entry(recognizer.url, lane_subentry(data))
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)

    assert entry_state(entry) is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "region_invalid"
    assert camera.requests == 0


async def test_allowlist_is_kept_and_removed_with_the_site(
    hass: HomeAssistant, recognizer: Recognizer, hass_storage: dict[str, Any]
) -> None:
    """The list outlives a reload, and does not outlive its site."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    vehicle_id = await list_vehicle(entry)
    assert vault_folder(hass, ENTRY_ID).stat().st_mode & 0o777 == 0o700
    assert ARMING in hass_storage

    await hass.config_entries.async_reload(entry.entry_id)
    assert list(entry.runtime_data.index.by_id) == [vehicle_id]

    await hass.config_entries.async_remove(entry.entry_id)
    assert not [key for key in hass_storage if ENTRY_ID in key]
    assert not vault_folder(hass, ENTRY_ID).exists()


async def test_unload_leaves_nothing_running(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """Neither the camera nor the recognizer hears of a site that was taken down."""
    entry = one_lane(recognizer, camera)
    await set_up(hass, entry)
    reads = recognizer.reads
    await eventually(lambda: recognizer.reads > reads)

    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()

    assert entry_state(entry) is ConfigEntryState.NOT_LOADED
    assert lane_tasks() == []


async def test_unload_while_the_gate_opens(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """A site can be taken down while its gate moves; the gate moves on."""
    entry = one_lane(recognizer, camera)
    await set_up(hass, entry)
    await list_vehicle(entry)
    cover.hold.clear()
    recognizer.plates = [PLATE]
    await eventually(lambda: cover.opened)

    assert await hass.config_entries.async_unload(entry.entry_id)
    cover.hold.set()

    await eventually(lambda: state_of(hass, GATE) == STATE_OPEN)
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "failure", [None, HomeAssistantError("stuck"), asyncio.CancelledError()]
)
async def test_what_is_done_during_an_unload_is_not_lost(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    failure: BaseException | None,
) -> None:
    """An opening that ends while its site is taken down is told and counted."""
    entry = one_lane(recognizer, camera)
    await set_up(hass, entry)
    await list_vehicle(entry)
    cover.hold.clear()
    cover.failure = failure
    recognizer.plates = [PLATE]
    await eventually(lambda: cover.opened)
    recognizer.plates = []

    unloading = hass.async_create_task(hass.config_entries.async_unload(entry.entry_id))
    await eventually(lambda: entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS)
    cover.hold.set()
    assert await unloading
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    assert state_of(hass, ENTRIES) == str(int(failure is None))
    event = hass.states.get(ACCESS)
    assert event is not None
    assert event.attributes["event_type"] == "granted"
    assert event.attributes["opened"] is (failure is None)
    # An exception that nobody has seen is told to the loop, which fails the test.
    gc.collect()
    await hass.async_block_till_done()


async def rename(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Give the site another name."""
    hass.config_entries.async_update_entry(entry, title="Home")


async def allow_look_alikes(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Change the settings."""
    hass.config_entries.async_update_entry(entry, options={"look_alikes": True})


async def add_lane(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add a second lane, with a camera that is away."""
    lane = ConfigSubentry(
        data=MappingProxyType(lane_data("http://127.0.0.1:1/")),
        subentry_id="lane2",
        subentry_type="lane",
        title="Exit",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(entry, lane)


async def disable_and_enable(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Take the site down and set it up again."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert await hass.config_entries.async_setup(entry.entry_id)


@pytest.mark.parametrize(
    "change", [rename, allow_look_alikes, add_lane, disable_and_enable]
)
async def test_reload_lets_nobody_in_twice(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    change: Callable[[HomeAssistant, MockConfigEntry], Awaitable[None]],
) -> None:
    """A vehicle that waits in front of the gate gets one pulse, whatever is reloaded."""
    entry = one_lane(recognizer, camera)
    await set_up(hass, entry)
    await list_vehicle(entry)
    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, ENTRIES) == "1")
    # It is shut again, so that nothing but the memory keeps it so.
    await cover.async_close_cover()
    before = entry.runtime_data

    await change(hass, entry)
    await eventually(
        lambda: (
            entry.state is ConfigEntryState.LOADED and entry.runtime_data is not before
        )
    )
    await hass.async_block_till_done()
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    await eventually(lambda: metrics.reads >= 5)

    assert metrics.granted == metrics.denied == 0
    assert cover.opened == 1
    assert state_of(hass, ENTRIES) == "1"


async def test_two_lanes_with_one_gate(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """A vehicle that both cameras see comes in by one of them, with one pulse."""
    entry = site_entry(
        recognizer.url,
        lane_subentry(lane_data(camera.url())),
        lane_subentry(lane_data(camera.url("/stream.mjpg")), "Exit", "lane2"),
    )
    await set_up(hass, entry)
    await list_vehicle(entry)
    cover.hold.clear()
    recognizer.plates = [PLATE]
    lanes = [lane.lane for lane in entry.runtime_data.lanes.values()]
    await eventually(lambda: cover.opened)
    cover.hold.set()
    await eventually(lambda: state_of(hass, GATE) == STATE_OPEN)
    await eventually(
        lambda: all(lane.metrics.granted or lane.metrics.denied for lane in lanes)
    )

    assert cover.opened == 1
    assert sum(lane.metrics.granted for lane in lanes) == 1
    (other,) = (lane for lane in lanes if lane.metrics.denied)
    assert other.metrics.reasons[Reason.VEHICLE_COOLING_DOWN.value] == 1


@pytest.mark.parametrize("backend", ["built_in", "codeproject"])
@pytest.mark.usefixtures("child")
async def test_shutdown_is_no_trouble(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    caplog: pytest.LogCaptureFixture,
    backend: str,
) -> None:
    """Lanes stop before their recognizer does, and nobody complains."""
    entry = site_entry(
        recognizer.url, lane_subentry(lane_data(camera.url())), backend=backend
    )
    await set_up(hass, entry)
    lane = entry.runtime_data.lanes["lane1"].lane
    await eventually(lambda: lane.metrics.frames > 1)
    caplog.clear()

    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()

    assert lane_tasks() == []
    assert lane.metrics.backend_errors == 0
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
    hass.set_state(CoreState.running)


async def test_recognizer_ends_with_home_assistant(
    hass: HomeAssistant, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant unloads nothing when it stops; the recognizer is told."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    pool = entry.runtime_data.recognizer.pool
    stopped: list[None] = []
    stop_pool = pool.stop

    async def stop() -> None:
        stopped.append(None)
        await stop_pool()

    monkeypatch.setattr(pool, "stop", stop)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()

    assert stopped == [None]


def coming(plate: str) -> Clip:
    """Return a video of a car that comes to the gate and stands there."""
    times = (7 + i / 5 for i in range(15))
    return Clip.from_frames((scene.frame_at(time, plate) for time in times), fps=5)


@pytest.fixture
def rtsp_camera() -> Generator[RtspCamera]:
    """Return an RTSP camera that shows a stranger."""
    with RtspCamera(
        coming(STRANGER), username=USERNAME, password=PASSWORD, auth="digest"
    ) as camera:
        yield camera


async def test_from_the_camera_to_the_gate(
    hass: HomeAssistant,
    rtsp_camera: RtspCamera,
    cover: GateCover,
    caplog: pytest.LogCaptureFixture,
    hass_storage: dict[str, Any],
    hass_client: ClientSessionGenerator,
) -> None:
    """With real video and a real reader, the listed car gets in and the other is gone.

    Of the stranger nothing is anywhere: in no event, no state, no log line, no file and
    no diagnostics. Of the listed car there is its label, and its plate in the vault only.
    """
    pytest.importorskip(
        "plate_gate_recognizer", reason="the recognizer is a package of its own"
    )
    caplog.set_level(logging.DEBUG)
    events: list[Event] = []

    @callback
    def remember(event: Event) -> None:
        events.append(event)

    hass.bus.async_listen(MATCH_ALL, remember)
    assert await async_setup_component(hass, "diagnostics", {})
    data = lane_data(rtsp_camera.url(), username=USERNAME, password=PASSWORD)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Plate Gate",
        entry_id=ENTRY_ID,
        data={"backend": "built_in"},
        subentries_data=[lane_subentry(data)],
    )
    await set_up(hass, entry)
    vehicle_id = await list_vehicle(entry)
    seen: list[str] = []
    pool: BackendPool = entry.runtime_data.recognizer.pool
    read = pool.read

    async def overhear(frame: Frame) -> list[PlateRead]:
        reads = await read(frame)
        seen.extend(one.plate.reveal() for one in reads)
        return reads

    entry.runtime_data.lanes["lane1"].lane._backend.read = overhear

    await eventually(lambda: seen.count(STRANGER) >= 3, timeout=60)
    assert cover.opened == 0
    rtsp_camera.clip = coming(PLATE)
    rtsp_camera.kick()
    await eventually(lambda: state_of(hass, "sensor.driveway_entries_today") == "1", 60)

    assert cover.opened == 1
    assert state_of(hass, GATE) == STATE_OPEN
    event = hass.states.get("event.driveway_access")
    assert event is not None
    assert event.attributes["event_type"] == "granted"
    assert event.attributes["vehicle_id"] == vehicle_id
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{ENTRY_ID}")
    diagnostics = await answer.text()
    await restore_state.async_get(hass).async_dump_states()
    hass.set_state(CoreState.final_write)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()

    stored = {
        key: json.dumps(content, cls=JSONEncoder)
        for key, content in hass_storage.items()
    }
    shown = {
        "events": "".join(
            json.dumps(event.as_dict(), cls=JSONEncoder, default=str)
            for event in events
        ),
        "states": str([state.as_dict() for state in hass.states.async_all()]),
        "log": "".join(
            record.getMessage()
            for record in caplog.records
            # It logs what it stores, which Home Assistant does not.
            if not record.name.startswith("pytest_homeassistant_custom_component")
        ),
        "diagnostics": diagnostics,
    }
    assert LABEL in shown["events"]
    files = {
        str(path): path.read_bytes().decode("latin-1")
        for path in await hass.async_add_executor_job(
            lambda: [p for p in Path(hass.config.config_dir).rglob("*") if p.is_file()]
        )
    }
    assert any(name.endswith("vehicles.sealed") for name in files)
    for place, text in {**shown, **stored, **files}.items():
        assert STRANGER not in text, place
        assert PLATE not in text, place
        assert place == "core.config_entries" or PASSWORD not in text, place
    for place in ("events", "states", "log", "diagnostics"):
        assert rtsp_camera.url() not in shown[place], place
    await hass.config_entries.async_unload(entry.entry_id)
