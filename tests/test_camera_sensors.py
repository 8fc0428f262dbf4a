"""Tests of the sensors that tell how a lane's camera is doing."""

from collections.abc import AsyncGenerator
from datetime import timedelta
import time
from typing import Any

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.plate_gate.camera_state import CameraState, camera_state
from custom_components.plate_gate.capture import CameraStatus, SceneProblem
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.coordinator import CAPTURE_INTERVAL
from custom_components.plate_gate.errors import (
    CameraAddressError,
    CameraAuthError,
    CameraError,
    CameraFrozenError,
    CameraLateError,
    CameraPictureError,
    CameraUnreachableError,
)
from demo.cameras import HttpCamera

from .common import (
    PICTURES,
    PLATE,
    FakeSource,
    Recognizer,
    eventually,
    lane_data,
    lane_subentry,
    set_up,
    site_entry,
    state_of,
)

STATE = "sensor.driveway_camera_state"
CONNECTED = "binary_sensor.driveway_camera"
VIEW = "sensor.driveway_view"
WIDTH = "sensor.driveway_plate_width"

NOWHERE = "http://127.0.0.1:1/"
"""The address of a camera that never answers."""

NOISY = {
    "camera_fps": ("sensor.driveway_pictures_per_second", "14.9", "fps"),
    "frame_age": ("sensor.driveway_age_of_the_newest_picture", "12.0", "s"),
    "pictures_decoded": ("sensor.driveway_pictures_decoded", "800", "pictures"),
    "frames_published": ("sensor.driveway_frames_handed_on", "90", "frames"),
    "frames_dropped": ("sensor.driveway_frames_dropped", "7", "frames"),
    "pictures_corrupt": ("sensor.driveway_damaged_pictures", "3", "pictures"),
    "pictures_late": ("sensor.driveway_late_pictures", "2", "pictures"),
    "reconnects_hour": (
        "sensor.driveway_reconnects_in_the_last_hour",
        "4",
        "reconnects",
    ),
    "motion_share": ("sensor.driveway_pictures_with_motion", "12.5", "%"),
}
"""Key, entity id, state and unit of the sensors that are disabled by default."""


def one_lane(recognizer: Recognizer, url: str = NOWHERE) -> MockConfigEntry:
    """Return a site with one lane."""
    return site_entry(recognizer.url, lane_subentry(lane_data(url)))


def attributes(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    """Return the attributes of an entity."""
    state = hass.states.get(entity_id)
    assert state is not None
    return dict(state.attributes)


async def refresh(hass: HomeAssistant) -> None:
    """Let the time pass until counts are looked at again."""
    async_fire_time_changed(
        hass, dt_util.utcnow() + CAPTURE_INTERVAL + timedelta(seconds=5)
    )
    await hass.async_block_till_done()


def enable(entity_registry: er.EntityRegistry, *keys: str) -> None:
    """Let a person have enabled sensors that are disabled by default."""
    for key in keys:
        name = NOISY[key][0].removeprefix("sensor.")
        entity_registry.async_get_or_create(
            "sensor", DOMAIN, f"lane1-{key}", suggested_object_id=name
        )


@pytest.fixture
def all_enabled(entity_registry: er.EntityRegistry) -> None:
    """Enable all of them."""
    enable(entity_registry, *NOISY)


@pytest.fixture
async def locked_camera() -> AsyncGenerator[HttpCamera]:
    """Return a camera that wants a password."""
    async with HttpCamera(
        PICTURES, username="gatekeeper", password="secret", auth="basic"
    ) as camera:
        yield camera


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (CameraStatus(), CameraState.CONNECTING),
        (CameraStatus(connected=True), CameraState.STREAMING),
        (CameraStatus(error=CameraAuthError()), CameraState.REFUSED),
        (CameraStatus(error=CameraFrozenError()), CameraState.FROZEN),
        (CameraStatus(error=CameraLateError()), CameraState.LATE),
        (CameraStatus(error=CameraPictureError()), CameraState.NO_PICTURE),
        (CameraStatus(error=CameraUnreachableError()), CameraState.UNREACHABLE),
        (CameraStatus(error=CameraAddressError()), CameraState.UNREACHABLE),
        (CameraStatus(error=CameraError()), CameraState.UNREACHABLE),
        (CameraStatus(waiting=True), CameraState.WAITING),
        (
            CameraStatus(waiting=True, error=CameraUnreachableError()),
            CameraState.WAITING,
        ),
    ],
)
async def test_each_state_has_its_word(
    hass: HomeAssistant,
    recognizer: Recognizer,
    source: FakeSource,
    status: CameraStatus,
    state: CameraState,
) -> None:
    """What the camera is doing is one of a few words."""
    assert camera_state(status) is state
    await set_up(hass, one_lane(recognizer))

    source.become(status)
    await hass.async_block_till_done()

    assert state_of(hass, STATE) == state
    assert state in attributes(hass, STATE)["options"]


async def test_real_camera_that_comes_goes_and_refuses(
    hass: HomeAssistant, recognizer: Recognizer, locked_camera: HttpCamera
) -> None:
    """Real servers lead to the states that they should."""
    data = lane_data(locked_camera.url(), username="gatekeeper", password="secret")
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))
    await eventually(lambda: state_of(hass, STATE) == CameraState.STREAMING)
    assert state_of(hass, VIEW) == "ok"

    await locked_camera.stop()
    await eventually(lambda: state_of(hass, STATE) == CameraState.UNREACHABLE)
    assert state_of(hass, VIEW) == STATE_UNKNOWN

    locked_camera.guard.password = "changed"
    await locked_camera.start()
    await eventually(lambda: state_of(hass, STATE) == CameraState.REFUSED)


async def test_real_camera_with_a_trigger(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """The camera is looked at when the trigger goes off, and let alone after."""
    hass.states.async_set("binary_sensor.loop", STATE_OFF)
    data = lane_data(
        camera.url(), trigger_entity="binary_sensor.loop", trigger_seconds=0.1
    )
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))
    assert state_of(hass, STATE) == CameraState.WAITING
    assert state_of(hass, CONNECTED) == STATE_UNKNOWN

    hass.states.async_set("binary_sensor.loop", STATE_ON)
    await eventually(lambda: state_of(hass, STATE) == CameraState.STREAMING)
    assert state_of(hass, CONNECTED) == STATE_ON

    hass.states.async_set("binary_sensor.loop", STATE_OFF)
    await eventually(lambda: state_of(hass, STATE) == CameraState.WAITING)
    assert state_of(hass, CONNECTED) == STATE_ON
    assert state_of(hass, VIEW) == STATE_UNKNOWN


@pytest.mark.parametrize(
    ("status", "view"),
    [
        (CameraStatus(), STATE_UNKNOWN),
        (CameraStatus(problem=SceneProblem.DARK), STATE_UNKNOWN),
        (CameraStatus(connected=True), "ok"),
        *(
            (CameraStatus(connected=True, problem=problem), problem.value)
            for problem in SceneProblem
        ),
    ],
)
async def test_view(
    hass: HomeAssistant,
    recognizer: Recognizer,
    source: FakeSource,
    status: CameraStatus,
    view: str,
) -> None:
    """What is wrong with what the camera shows is told while it shows something."""
    await set_up(hass, one_lane(recognizer))

    source.become(status)
    await hass.async_block_till_done()

    assert state_of(hass, VIEW) == view


async def test_plate_width(
    hass: HomeAssistant, recognizer: Recognizer, source: FakeSource
) -> None:
    """How wide the plates are is told once there were enough of them."""
    await set_up(hass, one_lane(recognizer))
    recognizer.plates = [PLATE]
    for number in range(5):
        assert state_of(hass, WIDTH) == STATE_UNKNOWN
        source.show(time.monotonic())
        await eventually(lambda: recognizer.reads > number)  # noqa: B023
        await hass.async_block_till_done()

    await eventually(lambda: state_of(hass, WIDTH) == "80")
    assert attributes(hass, WIDTH)["unit_of_measurement"] == "px"
    assert attributes(hass, WIDTH)["state_class"] == "measurement"


async def test_noisy_ones_are_disabled(
    hass: HomeAssistant,
    recognizer: Recognizer,
    source: FakeSource,
    entity_registry: er.EntityRegistry,
) -> None:
    """What changes with every picture is only there for those who want it."""
    await set_up(hass, one_lane(recognizer))

    for key, (entity_id, _, _) in NOISY.items():
        registered = entity_registry.async_get(entity_id)
        assert registered is not None, entity_id
        assert registered.unique_id == f"lane1-{key}"
        assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        assert registered.entity_category == "diagnostic"
        assert registered.config_subentry_id == "lane1"
        assert state_of(hass, entity_id) is None


async def test_counts_are_looked_at_now_and_then(
    hass: HomeAssistant,
    recognizer: Recognizer,
    source: FakeSource,
    all_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are shown as they were half a minute ago at most."""
    await set_up(hass, one_lane(recognizer))
    for key, (entity_id, _, unit) in NOISY.items():
        none_yet = key in {"camera_fps", "frame_age", "motion_share"}
        assert state_of(hass, entity_id) == (STATE_UNKNOWN if none_yet else "0"), key
        assert attributes(hass, entity_id)["unit_of_measurement"] == unit

    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 12)
    source.status = CameraStatus(
        connected=True,
        fps=14.93,
        newest=now,
        decoded=800,
        moving=100,
        published=90,
        dropped=7,
        corrupt=3,
        late=2,
        reconnects_hour=4,
    )
    await hass.async_block_till_done()
    assert state_of(hass, NOISY["pictures_decoded"][0]) == "0"
    await refresh(hass)

    for key, (entity_id, state, _) in NOISY.items():
        assert state_of(hass, entity_id) == state, key


async def test_a_real_camera_is_counted(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, all_enabled: None
) -> None:
    """What a real camera delivers arrives in the sensors."""
    entry = one_lane(recognizer, camera.url())
    await set_up(hass, entry)
    lane = entry.runtime_data.lanes["lane1"].lane
    await eventually(lambda: lane.camera.published > 1)

    await refresh(hass)

    for key in ("pictures_decoded", "frames_published"):
        assert int(state_of(hass, NOISY[key][0]) or 0) > 1
    assert 0 <= float(state_of(hass, NOISY["frame_age"][0]) or -1) < 60


@pytest.mark.parametrize("enabled", [False, True])
async def test_nobody_looks_at_counts_that_are_not_shown(
    hass: HomeAssistant,
    recognizer: Recognizer,
    source: FakeSource,
    entity_registry: er.EntityRegistry,
    monkeypatch: pytest.MonkeyPatch,
    enabled: bool,
) -> None:
    """A disabled sensor costs nothing; an enabled one ends with its entry."""
    if enabled:
        enable(entity_registry, "frame_age", "pictures_decoded")
    entry = one_lane(recognizer)
    await set_up(hass, entry)
    looks: list[None] = []

    def look(self: object) -> CameraStatus:
        looks.append(None)
        return source.status

    lane = entry.runtime_data.lanes["lane1"].lane
    monkeypatch.setattr(type(lane), "camera", property(look))
    await refresh(hass)
    assert len(looks) == int(enabled)

    looks.clear()
    await hass.config_entries.async_unload(entry.entry_id)
    await refresh(hass)
    assert looks == []
