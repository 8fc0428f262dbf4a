"""Tests of adding, changing and removing lanes, with real cameras."""

from collections.abc import Generator, Mapping
import time
from types import SimpleNamespace
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate import views
from custom_components.plate_gate.const import DOMAIN
from demo.cameras import Clip, HttpCamera, RtspCamera

from .common import (
    GATE,
    LANE,
    PICTURES,
    Recognizer,
    StillCamera,
    add_entity,
    eventually,
    lane_data,
    lane_subentry,
    set_up,
    site_entry,
    state_of,
)

USERNAME = "gatekeeper"
PASSWORD = "p@ss:w/rd"
ADVANCED = {"transport": "tcp", "verify_ssl": True}
GATE_INPUT = {"name": LANE, "gate_entity": GATE, "direction": "both"}


@pytest.fixture
async def entry(hass: HomeAssistant, recognizer: Recognizer) -> MockConfigEntry:
    """Return a site without lanes."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    return entry


@pytest.fixture(scope="module")
def clip() -> Clip:
    """Return a short video of a wall in changing light."""
    return Clip.from_frames(
        [np.full((240, 320, 3), 90 + 5 * i, np.uint8) for i in range(5)], fps=10
    )


@pytest.fixture
def rtsp_camera(clip: Clip) -> Generator[RtspCamera]:
    """Return an RTSP camera that wants a password."""
    with RtspCamera(
        clip, username=USERNAME, password=PASSWORD, auth="digest"
    ) as camera:
        yield camera


@pytest.fixture
async def locked_camera() -> Any:
    """Return an HTTP camera that wants a password."""
    async with HttpCamera(
        PICTURES, username=USERNAME, password=PASSWORD, auth="digest"
    ) as camera:
        yield camera


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Begin to add a lane."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "lane"), context={"source": SOURCE_USER}
    )


async def go_on(
    hass: HomeAssistant, flow: SubentryFlowResult, **user_input: object
) -> SubentryFlowResult:
    """Submit a form."""
    return await hass.config_entries.subentries.async_configure(
        flow["flow_id"], user_input
    )


async def choose(
    hass: HomeAssistant, flow: SubentryFlowResult, step: str
) -> SubentryFlowResult:
    """Choose from a menu."""
    assert flow["type"] is FlowResultType.MENU
    return await go_on(hass, flow, next_step_id=step)


async def at_address(
    hass: HomeAssistant, entry: MockConfigEntry, url: str, **user_input: object
) -> SubentryFlowResult:
    """Begin to add a lane with a camera by its address."""
    flow = await choose(hass, await begin(hass, entry), "address")
    return await go_on(hass, flow, url=url, advanced=ADVANCED, **user_input)


async def change(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> SubentryFlowResult:
    """Begin to change the only lane."""
    (subentry_id,) = entry.subentries
    flow = await entry.start_subentry_reconfigure_flow(hass, subentry_id)
    assert flow["menu_options"] == ["gate", "entity", "address"]
    return await choose(hass, flow, step)


def only_lane(entry: MockConfigEntry) -> Mapping[str, Any]:
    """Return what is stored of the only lane."""
    subentry: ConfigSubentry
    (subentry,) = entry.subentries.values()
    return subentry.data


def suggested(flow: SubentryFlowResult) -> dict[str, Any]:
    """Return what a form shows before anything is typed."""
    schema = flow["data_schema"]
    assert schema is not None
    found: dict[str, Any] = {}
    for key, value in schema.schema.items():
        inner = getattr(value, "schema", None)
        if inner is not None and hasattr(inner, "schema"):
            found |= {
                str(k): k.description["suggested_value"]
                for k in inner.schema
                if k.description
            }
        elif key.description:
            found[str(key)] = key.description["suggested_value"]
    return found


async def test_camera_entity(
    hass: HomeAssistant, entry: MockConfigEntry, recognizer: Recognizer
) -> None:
    """A camera that Home Assistant knows becomes a lane that runs at once."""
    await add_entity(hass, "camera", StillCamera())
    flow = await begin(hass, entry)
    assert flow["menu_options"] == ["entity", "address"]
    flow = await choose(hass, flow, "entity")
    assert flow["step_id"] == "entity"

    flow = await go_on(hass, flow, camera_entity="camera.porch")
    assert flow["step_id"] == "gate"
    assert suggested(flow) == {"name": "Porch"}
    flow = await go_on(hass, flow, **{**GATE_INPUT, "name": " Driveway "})
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    (subentry,) = entry.subentries.values()
    assert subentry.title == LANE
    assert subentry.data["camera_entity"] == "camera.porch"
    assert subentry.data["gate_entity"] == GATE
    assert subentry.data["direction"] == "both"
    assert "url" not in subentry.data
    assert state_of(hass, "switch.driveway_automatic_opening") == "on"
    reads = recognizer.reads
    await eventually(lambda: recognizer.reads > reads)


async def test_camera_entity_with_a_stream(
    hass: HomeAssistant, entry: MockConfigEntry, rtsp_camera: RtspCamera
) -> None:
    """Its stream is used where it has one, with the password in its address."""
    await add_entity(hass, "camera", StillCamera(rtsp_camera.url(credentials=True)))
    flow = await choose(hass, await begin(hass, entry), "entity")

    flow = await go_on(hass, flow, camera_entity="camera.porch")

    assert flow["step_id"] == "gate"
    assert rtsp_camera.requests["PLAY"] == 1


async def test_camera_entity_that_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """An entity without pictures is refused, until it has some."""
    flow = await choose(hass, await begin(hass, entry), "entity")
    flow = await go_on(hass, flow, camera_entity="camera.porch")
    assert flow["errors"] == {"base": "camera_unreachable"}
    assert suggested(flow) == {"camera_entity": "camera.porch"}

    await add_entity(hass, "camera", StillCamera())
    flow = await go_on(hass, flow, camera_entity="camera.porch")
    assert flow["step_id"] == "gate"


@pytest.mark.parametrize("path", ["/snapshot.jpg", "/stream.mjpg"])
async def test_http_camera(
    hass: HomeAssistant, entry: MockConfigEntry, camera: HttpCamera, path: str
) -> None:
    """Single pictures and MJPEG both do."""
    flow = await at_address(hass, entry, f" {camera.url(path)} ")
    assert flow["step_id"] == "gate"
    assert suggested(flow) == {"name": ""}
    await go_on(hass, flow, **GATE_INPUT)
    await hass.async_block_till_done()

    assert only_lane(entry) == lane_data(camera.url(path), direction="both")


async def test_rtsp_camera(
    hass: HomeAssistant, entry: MockConfigEntry, rtsp_camera: RtspCamera
) -> None:
    """A wrong password is told; the right one, within the address, is kept apart."""
    flow = await at_address(
        hass, entry, rtsp_camera.url(), username=USERNAME, password="wrong"
    )
    assert flow["errors"] == {"base": "camera_auth"}

    flow = await go_on(
        hass, flow, url=rtsp_camera.url(credentials=True), advanced=ADVANCED
    )
    assert flow["step_id"] == "gate"
    await go_on(hass, flow, **GATE_INPUT)
    await hass.async_block_till_done()

    data = only_lane(entry)
    assert data["url"] == rtsp_camera.url()
    assert (data["username"], data["password"]) == (USERNAME, PASSWORD)
    (lane,) = entry.runtime_data.lanes.values()
    await eventually(lambda: lane.lane.camera.connected)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_camera_errors_and_recovery(
    hass: HomeAssistant, entry: MockConfigEntry, locked_camera: HttpCamera
) -> None:
    """Each trouble is named, and the same form goes on once it is over."""
    flow = await choose(hass, await begin(hass, entry), "address")
    url = locked_camera.url()

    async def submit(url: str, password: str = PASSWORD) -> SubentryFlowResult:
        return await go_on(
            hass,
            flow,
            url=url,
            username=USERNAME,
            password=password,
            advanced=ADVANCED,
        )

    for wrong in ("ftp://127.0.0.1/", "camera", "rtsp://"):
        assert (await submit(wrong))["errors"] == {"base": "camera_address"}
    for nobody in ("http://127.0.0.1:1/", "rtsp://127.0.0.1:1/live"):
        assert (await submit(nobody))["errors"] == {"base": "camera_unreachable"}
    assert (await submit(url, "wrong"))["errors"] == {"base": "camera_auth"}
    for fault in ("garbage", "truncate", "giant"):
        setattr(locked_camera, fault, True)
        result = await submit(url)
        assert result["errors"] == {"base": "camera_picture"}, fault
        assert result["step_id"] == "address"
        setattr(locked_camera, fault, False)

    assert (await submit(url))["step_id"] == "gate"


async def test_camera_of_another_lane(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """Two lanes cannot share a camera, but a lane may keep its own."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up(hass, entry)

    flow = await at_address(hass, entry, camera.url())
    assert flow["errors"] == {"base": "camera_used"}
    flow = await go_on(hass, flow, url=camera.url("/stream.mjpg"), advanced=ADVANCED)
    assert flow["step_id"] == "gate"

    flow = await change(hass, entry, "address")
    flow = await go_on(hass, flow, url=camera.url(), advanced=ADVANCED)
    assert flow["step_id"] == "gate"


async def test_entity_of_another_lane(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """The same goes for cameras that Home Assistant knows."""
    await add_entity(hass, "camera", StillCamera())
    data = lane_data(camera_entity="camera.porch")
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)

    flow = await choose(hass, await begin(hass, entry), "entity")
    flow = await go_on(hass, flow, camera_entity="camera.porch")

    assert flow["errors"] == {"base": "camera_used"}


async def test_preview_is_there_as_long_as_the_form(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The test picture is seen by whoever has the signed path, while the form is open."""
    client = await hass_client_no_auth()
    flow = await at_address(hass, entry, camera.url())
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    preview = placeholders["preview"]
    assert preview.startswith("![](/api/plate_gate/preview/")
    path = preview.removeprefix("![](").removesuffix(")")

    answer = await client.get(path)
    assert answer.status == 200
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    assert await answer.read() in PICTURES
    assert (await client.get(path.partition("?")[0])).status == 401

    await go_on(hass, flow, **GATE_INPUT)
    assert (await client.get(path)).status == 404


async def test_preview_goes_with_a_form_that_is_closed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    hass_client: ClientSessionGenerator,
) -> None:
    """A form that is closed half way leaves no picture behind."""
    client = await hass_client()
    flow = await at_address(hass, entry, camera.url())
    path = f"/api/plate_gate/preview/{flow['flow_id']}"
    assert (await client.get(path)).status == 200

    hass.config_entries.subentries.async_abort(flow["flow_id"])

    assert (await client.get(path)).status == 404
    assert entry.subentries == {}


async def test_preview_is_not_kept_for_long(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A picture whose form nobody closed is gone when the next one is taken."""
    client = await hass_client()
    old = await at_address(hass, entry, camera.url())
    new = await at_address(hass, entry, camera.url())
    previews = [f"/api/plate_gate/preview/{flow['flow_id']}" for flow in (old, new)]
    assert [(await client.get(path)).status for path in previews] == [200, 200]

    later = time.monotonic() + views._VALID_FOR.total_seconds() + 1
    monkeypatch.setattr(views, "time", SimpleNamespace(monotonic=lambda: later))
    await at_address(hass, entry, camera.url())

    assert [(await client.get(path)).status for path in previews] == [404, 404]


async def test_lane_without_a_name(
    hass: HomeAssistant, entry: MockConfigEntry, camera: HttpCamera
) -> None:
    """A name of nothing but spaces is none; what else was typed stays."""
    flow = await at_address(hass, entry, camera.url())

    flow = await go_on(hass, flow, **{**GATE_INPUT, "name": "  "})
    assert flow["step_id"] == "gate"
    assert flow["errors"] == {"base": "name_empty"}
    assert suggested(flow) == {**GATE_INPUT, "name": "  "}
    assert entry.subentries == {}

    flow = await go_on(hass, flow, **GATE_INPUT)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


async def test_lane_is_added_changed_and_removed_without_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Devices and entities come, change their names and go with their lane."""
    flow = await at_address(hass, entry, camera.url())
    await go_on(hass, flow, **GATE_INPUT)
    await hass.async_block_till_done()
    (subentry_id,) = entry.subentries
    device = device_registry.async_get_device_by_identifier(
        (DOMAIN, subentry_id), entry.entry_id
    )
    assert device is not None and device.name == LANE
    entities = er.async_entries_for_device(entity_registry, device.id)
    assert sorted(entity.domain for entity in entities) == [
        "binary_sensor",
        "button",
        "event",
        "sensor",
        "sensor",
        "sensor",
        "switch",
    ]
    (lane,) = entry.runtime_data.lanes.values()
    await eventually(lambda: lane.lane.camera.connected)

    flow = await change(hass, entry, "gate")
    assert flow["description_placeholders"] == {"preview": ""}
    assert suggested(flow) == GATE_INPUT
    flow = await go_on(
        hass, flow, name="Exit", gate_entity="switch.relay", direction="exit"
    )
    await hass.async_block_till_done()
    assert flow["reason"] == "reconfigure_successful"
    assert only_lane(entry) == lane_data(
        camera.url(), gate_entity="switch.relay", direction="exit"
    )
    (changed,) = entry.runtime_data.lanes.values()
    assert changed is not lane
    assert changed.lane.name == "Exit"
    device = device_registry.async_get_device_by_identifier(
        (DOMAIN, subentry_id), entry.entry_id
    )
    assert device is not None and device.name == "Exit"

    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.lanes == {}
    assert (
        device_registry.async_get_device_by_identifier(
            (DOMAIN, subentry_id), entry.entry_id
        )
        is None
    )
    assert [
        entity.domain
        for entity in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    ] == ["binary_sensor"]


async def test_change_keeps_the_password_of_the_same_camera(
    hass: HomeAssistant, recognizer: Recognizer, locked_camera: HttpCamera
) -> None:
    """A form never shows the password, and keeps it while the camera is the same."""
    data = lane_data(locked_camera.url(), username=USERNAME, password=PASSWORD)
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)

    flow = await change(hass, entry, "address")
    assert suggested(flow) == {
        "url": locked_camera.url(),
        "username": USERNAME,
        **ADVANCED,
    }
    flow = await go_on(
        hass,
        flow,
        url=locked_camera.url(),
        username=USERNAME,
        advanced={"transport": "udp", "verify_ssl": False},
    )
    assert flow["step_id"] == "gate"
    assert PASSWORD not in str(flow)
    await go_on(hass, flow, **GATE_INPUT)
    await hass.async_block_till_done()
    assert only_lane(entry) == {
        **data,
        "transport": "udp",
        "verify_ssl": False,
        "direction": "both",
    }

    flow = await change(hass, entry, "gate")
    await go_on(hass, flow, **GATE_INPUT)
    assert only_lane(entry)["password"] == PASSWORD


async def test_change_does_not_send_the_password_elsewhere(
    hass: HomeAssistant, recognizer: Recognizer, locked_camera: HttpCamera
) -> None:
    """Another address, or another user, needs a password of its own."""
    data = lane_data(locked_camera.url(), username=USERNAME, password=PASSWORD)
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    flow = await change(hass, entry, "address")

    for url, username in (
        (locked_camera.url("/stream.mjpg"), USERNAME),
        (locked_camera.url(), "someone"),
    ):
        result = await go_on(hass, flow, url=url, username=username, advanced=ADVANCED)
        assert result["errors"] == {"base": "camera_auth"}
    assert only_lane(entry) == data


async def test_change_from_an_address_to_an_entity(
    hass: HomeAssistant, recognizer: Recognizer, locked_camera: HttpCamera
) -> None:
    """Nothing of the old camera stays behind."""
    await add_entity(hass, "camera", StillCamera())
    data = lane_data(locked_camera.url(), username=USERNAME, password=PASSWORD)
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)

    flow = await change(hass, entry, "entity")
    assert suggested(flow) == {}
    flow = await go_on(hass, flow, camera_entity="camera.porch")
    await go_on(hass, flow, **GATE_INPUT)
    await hass.async_block_till_done()

    assert only_lane(entry) == lane_data(camera_entity="camera.porch", direction="both")
