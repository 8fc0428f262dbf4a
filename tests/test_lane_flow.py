"""Tests of adding, changing and removing lanes, with real cameras."""

from collections.abc import Generator, Mapping
from io import BytesIO
import time
from types import SimpleNamespace
from typing import Any

from aiohttp import FormData
from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.cover import CoverEntityFeature
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import numpy as np
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate import views
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.lane_explain_flow import SHOWN_FOR
from demo.cameras import Clip, HttpCamera, RtspCamera

from .common import (
    GATE,
    LANE,
    PICTURES,
    PLATE,
    STRANGER,
    GateCover,
    Recognizer,
    StillCamera,
    add_entity,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up,
    site_entry,
    state_of,
)

USERNAME = "gatekeeper"
PASSWORD = "p@ss:w/rd"
ADVANCED = {"transport": "tcp", "verify_ssl": True}
GATE_INPUT = {"name": LANE, "gate_entity": GATE, "direction": "both"}
WATCHED: dict[str, Any] = {
    "sensitivity": "medium",
    "fps": 5.0,
    "trigger_seconds": 30.0,
    "trust_stamps": True,
}
"""What a lane looks at whose form was left as it was."""

MENU = ["gate", "rights", "safety", "watch", "entity", "address", "explain"]

ONLY_IF_CHOSEN = ("region", "exclusions", "trigger_entity")


@pytest.fixture(autouse=True)
async def gate(hass: HomeAssistant) -> None:
    """Let there be a gate: of one that is not there nobody knows what it opens."""
    await add_entity(hass, "cover", GateCover())


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


async def save(
    hass: HomeAssistant, flow: SubentryFlowResult, **gate: object
) -> SubentryFlowResult:
    """Submit the form of the gate, and leave the one of what is looked at as it is."""
    assert flow["step_id"] == "gate"
    flow = await go_on(hass, flow, **{**GATE_INPUT, **gate})
    assert flow["step_id"] == "watch"
    return await go_on(hass, flow, **suggested(flow))


async def change(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> SubentryFlowResult:
    """Begin to change the only lane."""
    (subentry_id,) = entry.subentries
    flow = await entry.start_subentry_reconfigure_flow(hass, subentry_id)
    assert flow["menu_options"] == MENU
    return await choose(hass, flow, step)


def only_lane(entry: MockConfigEntry) -> Mapping[str, Any]:
    """Return what is stored of the only lane."""
    subentry: ConfigSubentry
    (subentry,) = entry.subentries.values()
    return subentry.data


def open_sections(flow: SubentryFlowResult) -> set[str]:
    """Return which sections of a form are open."""
    schema = flow["data_schema"]
    assert schema is not None
    return {
        str(key)
        for key, field in schema.schema.items()
        if isinstance(field, section) and not field.options["collapsed"]
    }


def preview(flow: SubentryFlowResult) -> str:
    """Return the path of the picture that a form shows, empty if it shows none."""
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    markdown = placeholders["preview"]
    path = markdown.removeprefix("![](").removesuffix(")")
    assert markdown == (f"![]({path})" if path else "")
    return path


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
    flow = await save(hass, flow, name=" Driveway ")
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
    await save(hass, flow)
    await hass.async_block_till_done()

    assert only_lane(entry) == lane_data(camera.url(path), direction="both", **WATCHED)


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
    await save(hass, flow)
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
    path = preview(flow)
    assert path.startswith("/api/plate_gate/preview/")

    answer = await client.get(path)
    assert answer.status == 200
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    assert await answer.read() in PICTURES
    assert (await client.get(path.partition("?")[0])).status == 401

    await save(hass, flow)
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
    path = preview(flow)
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
    paths = [preview(flow) for flow in (old, new)]
    assert [(await client.get(path)).status for path in paths] == [200, 200]

    later = time.monotonic() + views._VALID_FOR.total_seconds() + 1
    monkeypatch.setattr(views, "time", SimpleNamespace(monotonic=lambda: later))
    await at_address(hass, entry, camera.url())

    assert [(await client.get(path)).status for path in paths] == [404, 404]


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

    flow = await save(hass, flow)
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
    await save(hass, flow)
    await hass.async_block_till_done()
    (subentry_id,) = entry.subentries
    device = device_registry.async_get_device_by_identifier(
        (DOMAIN, subentry_id), entry.entry_id
    )
    assert device is not None and device.name == LANE
    entities = er.async_entries_for_device(entity_registry, device.id)
    assert {entity.domain for entity in entities} == {
        "binary_sensor",
        "button",
        "event",
        "sensor",
        "switch",
    }
    (lane,) = entry.runtime_data.lanes.values()
    await eventually(lambda: lane.lane.camera.connected)

    flow = await change(hass, entry, "gate")
    assert preview(flow) == ""
    assert suggested(flow) == GATE_INPUT
    flow = await go_on(
        hass, flow, name="Exit", gate_entity="switch.relay", direction="exit"
    )
    await hass.async_block_till_done()
    assert flow["reason"] == "reconfigure_successful"
    assert only_lane(entry) == lane_data(
        camera.url(), gate_entity="switch.relay", direction="exit", **WATCHED
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
    assert {
        entity.config_subentry_id
        for entity in er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    } == {None}


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
    await save(hass, flow)
    await hass.async_block_till_done()
    assert only_lane(entry) == {
        **data,
        **WATCHED,
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
    await save(hass, flow)
    await hass.async_block_till_done()

    assert only_lane(entry) == lane_data(
        camera_entity="camera.porch", direction="both", **WATCHED
    )


# -- What is looked at, and when -------------------------------------------------------


async def at_watch(
    hass: HomeAssistant, entry: MockConfigEntry, url: str
) -> SubentryFlowResult:
    """Begin to add a lane, up to what is looked at."""
    flow = await go_on(hass, await at_address(hass, entry, url), **GATE_INPUT)
    assert flow["step_id"] == "watch"
    return flow


def gray_walls() -> list[bytes]:
    """Return two pictures of a gray wall."""
    walls = []
    for shade in (100, 110):
        jpeg = BytesIO()
        Image.new("L", (320, 240), shade).save(jpeg, "JPEG")
        walls.append(jpeg.getvalue())
    return walls


async def shades(client: TestClient[Any, Any], path: str) -> tuple[float, float]:
    """Return how bright a picture is in its upper and in its lower half, 0 to 255."""
    answer = await client.get(path)
    assert answer.status == 200
    with Image.open(BytesIO(await answer.read())) as image:
        pixels = np.asarray(image.convert("L"), float)
    middle = len(pixels) // 2
    # The line between the halves belongs to neither.
    return pixels[: middle - 20].mean(), pixels[middle + 20 :].mean()


async def test_region_is_shown_before_it_is_kept(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Whoever changes the region sees it in the picture, and then submits again."""
    client = await hass_client_no_auth()
    camera.pictures = gray_walls()
    flow = await at_watch(hass, entry, camera.url())
    assert suggested(flow) == {}
    paths = [preview(flow)]
    assert await (await client.get(paths[0])).read() in camera.pictures

    for region, exclusions, dark in (
        ("0, 50; 100, 100", [], 0),
        ("0,0 100,50", [], 1),
        ("", ["0,0 100,50", " "], 0),
    ):
        typed = {**WATCHED, "region": region, "exclusions": exclusions}
        flow = await go_on(hass, flow, **typed)
        assert flow["step_id"] == "watch"
        assert flow["errors"] == {}
        assert suggested(flow) == typed
        assert preview(flow) not in paths
        assert (await client.get(paths[-1])).status == 404
        paths.append(preview(flow))
        halves = await shades(client, paths[-1])
        assert halves[1 - dark] == pytest.approx(105, abs=8)
        assert halves[dark] == pytest.approx(58, abs=8)
    assert entry.subentries == {}

    flow = await go_on(hass, flow, **typed)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert only_lane(entry) == lane_data(
        camera.url(), direction="both", exclusions=["0,0 100,50"], **WATCHED
    )
    assert (await client.get(paths[-1])).status == 404


@pytest.mark.parametrize(
    ("field", "region", "exclusions"),
    [
        ("region", "the driveway", []),
        ("region", "10,40", ["0,0 10,10"]),
        ("region", "10,40 90,140", []),
        ("exclusions", "10,40 90,100", ["0,0 100,100"]),
        ("exclusions", "", ["0,0 10,10", "the road"]),
    ],
)
async def test_region_that_is_none(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    hass_client: ClientSessionGenerator,
    field: str,
    region: str,
    exclusions: list[str],
) -> None:
    """The error stands beside what is wrong, and nothing that was typed is lost."""
    client = await hass_client()
    flow = await at_watch(hass, entry, camera.url())
    typed = {
        "region": region,
        "exclusions": exclusions,
        "sensitivity": "high",
        "fps": 2.0,
        "trigger_entity": "binary_sensor.loop",
        "trigger_seconds": 60.0,
        "trust_stamps": False,
    }

    flow = await go_on(hass, flow, **typed)

    assert flow["errors"] == {field: "region_invalid"}
    assert suggested(flow) == typed
    assert await (await client.get(preview(flow))).read() in PICTURES
    assert entry.subentries == {}

    flow = await go_on(hass, flow, **{**typed, "region": "", "exclusions": []})
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sensitivity", "extreme"),
        ("fps", 0.5),
        ("fps", 16),
        ("trigger_seconds", 4),
        ("trigger_seconds", 601),
        ("trigger_entity", "light.porch"),
    ],
)
async def test_watch_within_its_limits(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    field: str,
    value: object,
) -> None:
    """What is out of range is refused before it gets to the lane."""
    flow = await at_watch(hass, entry, camera.url())
    with pytest.raises(InvalidData) as refused:
        await go_on(hass, flow, **{**WATCHED, field: value})
    assert list(refused.value.schema_errors) == [field]
    assert entry.subentries == {}


async def test_change_what_is_looked_at(
    hass: HomeAssistant,
    recognizer: Recognizer,
    locked_camera: HttpCamera,
    hass_client: ClientSessionGenerator,
) -> None:
    """A fresh picture shows the region; all else of the lane stays as it is."""
    before = lane_data(
        locked_camera.url(),
        username=USERNAME,
        password=PASSWORD,
        region="0,50 100,100",
        exclusions=["0,0 10,10"],
        sensitivity="low",
        fps=3.0,
        trigger_entity="switch.loop",
        trigger_seconds=10.0,
        trust_stamps=False,
    )
    entry = site_entry(recognizer.url, lane_subentry(before))
    await set_up(hass, entry)
    client = await hass_client()

    flow = await change(hass, entry, "watch")
    assert flow["step_id"] == "watch"
    shown = suggested(flow)
    assert shown == {key: before[key] for key in (*WATCHED, *ONLY_IF_CHOSEN)}
    upper, lower = await shades(client, preview(flow))
    assert upper < 70
    assert lower > 90

    # The trigger is cleared, and nothing of the region is changed.
    del shown["trigger_entity"]
    flow = await go_on(hass, flow, **{**shown, "fps": 15, "sensitivity": "off"})
    await hass.async_block_till_done()

    assert flow["reason"] == "reconfigure_successful"
    after = {**before, "fps": 15.0, "sensitivity": "off"}
    del after["trigger_entity"]
    assert only_lane(entry) == after
    (subentry,) = entry.subentries.values()
    assert subentry.title == LANE


async def test_change_without_a_picture(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A camera that does not answer keeps nobody from changing the region."""
    before = lane_data("http://127.0.0.1:1/", region="0,50 100,100")
    entry = site_entry(recognizer.url, lane_subentry(before))
    await set_up(hass, entry)

    flow = await change(hass, entry, "watch")
    assert preview(flow) == ""
    assert suggested(flow) == {"region": "0,50 100,100", "fps": 5.0}
    flow = await go_on(hass, flow, region="the road", **WATCHED)
    assert flow["errors"] == {"region": "region_invalid"}
    flow = await go_on(hass, flow, region="0,40 100,100", **WATCHED)

    assert flow["reason"] == "reconfigure_successful"
    assert only_lane(entry) == {**before, **WATCHED, "region": "0,40 100,100"}


async def test_change_of_a_region_that_became_invalid(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """What was stored and is no region is shown as such, to be put right."""
    before = lane_data(camera.url())
    entry = site_entry(recognizer.url, lane_subentry(before))
    await set_up(hass, entry)
    (subentry,) = entry.subentries.values()
    damaged = {**before, "exclusions": ["0,0 100,100"]}
    hass.config_entries.async_update_subentry(entry, subentry, data=damaged)
    await hass.async_block_till_done()

    flow = await change(hass, entry, "watch")
    assert flow["errors"] == {"exclusions": "region_invalid"}
    assert suggested(flow) == {"exclusions": ["0,0 100,100"], "fps": 5.0}
    assert preview(flow)
    await go_on(hass, flow, **WATCHED)
    await hass.async_block_till_done()

    assert only_lane(entry) == {**before, **WATCHED}
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_change_of_the_camera_keeps_what_is_looked_at(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    hass_client: ClientSessionGenerator,
) -> None:
    """It is shown in the picture of the new camera, to be checked there."""
    chosen = {
        "region": "0,50 100,100",
        "sensitivity": "high",
        "fps": 2.0,
        "trigger_entity": "input_boolean.loop",
        "trigger_seconds": 600.0,
        "trust_stamps": False,
    }
    before = lane_data("http://127.0.0.1:1/", username="someone", **chosen)
    entry = site_entry(recognizer.url, lane_subentry(before))
    await set_up(hass, entry)
    client = await hass_client()

    flow = await change(hass, entry, "address")
    flow = await go_on(hass, flow, url=camera.url(), advanced=ADVANCED)
    flow = await go_on(hass, flow, **GATE_INPUT)
    assert flow["step_id"] == "watch"
    assert suggested(flow) == chosen
    upper, lower = await shades(client, preview(flow))
    assert upper < 70
    assert lower > 90

    await go_on(hass, flow, **chosen)
    await hass.async_block_till_done()
    assert only_lane(entry) == lane_data(camera.url(), direction="both", **chosen)


# -- What it takes ---------------------------------------------------------------------

NUMBERS: dict[str, Any] = {
    "agreeing_frames": 3.0,
    "minimum_confidence": 0.7,
    "relative": -1.5,
    "single_frame": False,
}
RIGHTS: dict[str, Any] = {
    "assurance": "plate",
    "profile": "balanced",
    "movement": "any",
    "trial": False,
}
LOCK = "lock.house"


async def stored_lane(
    hass: HomeAssistant, recognizer: Recognizer, **data: object
) -> MockConfigEntry:
    """Return a site with a lane whose camera does not answer."""
    data = lane_data("http://127.0.0.1:1/", **data)
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    return entry


async def test_rights_are_kept(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """What was chosen is stored, shown again, and survives another gate."""
    entry = await stored_lane(hass, recognizer, direction="both")
    before = only_lane(entry)
    flow = await change(hass, entry, "rights")
    assert flow["step_id"] == "rights"
    assert suggested(flow) == {}
    assert open_sections(flow) == set()
    chosen = {
        **RIGHTS,
        "assurance": "presence",
        "presence": ["person.anna", "input_boolean.beacon"],
        "profile": "strict",
        "movement": "approaching",
        "trial": True,
    }
    flow = await go_on(hass, flow, **chosen, numbers=NUMBERS)
    await hass.async_block_till_done()
    assert flow["reason"] == "reconfigure_successful"
    assert only_lane(entry) == {**before, **chosen}
    assert "agreeing_frames" not in only_lane(entry)

    flow = await change(hass, entry, "rights")
    assert suggested(flow) == chosen
    hass.config_entries.subentries.async_abort(flow["flow_id"])
    flow = await change(hass, entry, "gate")
    await go_on(hass, flow, **{**GATE_INPUT, "gate_entity": "switch.relay"})
    await hass.async_block_till_done()
    assert only_lane(entry) == {**before, **chosen, "gate_entity": "switch.relay"}

    # What was emptied goes.
    del chosen["presence"]
    flow = await change(hass, entry, "rights")
    await go_on(hass, flow, **chosen, numbers=NUMBERS)
    await hass.async_block_till_done()
    assert only_lane(entry) == {**before, **chosen, "gate_entity": "switch.relay"}


async def test_numbers_of_ones_own(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """They are kept with the profile that uses them, and go with it."""
    entry = await stored_lane(hass, recognizer)
    before = only_lane(entry)
    custom = {**RIGHTS, "profile": "custom"}
    flow = await change(hass, entry, "rights")
    await go_on(hass, flow, **custom, numbers=NUMBERS)
    await hass.async_block_till_done()
    assert only_lane(entry) == {**before, **custom, **NUMBERS}
    assert type(only_lane(entry)["agreeing_frames"]) is int

    flow = await change(hass, entry, "rights")
    assert open_sections(flow) == {"numbers"}
    assert suggested(flow) == {**custom, **NUMBERS}
    await go_on(hass, flow, **RIGHTS, numbers=NUMBERS)
    await hass.async_block_till_done()
    assert only_lane(entry) == {**before, **RIGHTS}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agreeing_frames", 0),
        ("agreeing_frames", 6),
        ("minimum_confidence", 0),
        ("minimum_confidence", 1.1),
        ("relative", 0),
        ("relative", -7),
        ("profile", "anything"),
        ("movement", "sideways"),
        ("assurance", "lane"),
        ("presence", ["light.porch"]),
    ],
)
async def test_rights_within_their_limits(
    hass: HomeAssistant, recognizer: Recognizer, field: str, value: object
) -> None:
    """What is out of range is refused before it gets to the lane."""
    entry = await stored_lane(hass, recognizer)
    before = only_lane(entry)
    flow = await change(hass, entry, "rights")
    typed = {**RIGHTS, "numbers": dict(NUMBERS)}
    (typed["numbers"] if field in NUMBERS else typed)[field] = value
    with pytest.raises(InvalidData):
        await go_on(hass, flow, **typed)
    assert only_lane(entry) == before


async def test_lock_takes_more_than_a_plate(
    hass: HomeAssistant,
    recognizer: Recognizer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Presence is proposed; a plate alone needs a reason, which is written down once."""
    caplog.set_level("INFO")
    entry = await stored_lane(hass, recognizer, gate_entity=LOCK)
    await list_vehicle(entry)
    before = only_lane(entry)
    flow = await change(hass, entry, "rights")
    assert suggested(flow) == {"assurance": "presence"}

    for reason, error in (
        (None, "assurance_reason_missing"),
        ("  ", "assurance_reason_missing"),
        (f"only {PLATE[:4].lower()} {PLATE[4:]} comes", "reason_shows_plate"),
    ):
        typed = {**RIGHTS, **({} if reason is None else {"assurance_reason": reason})}
        flow = await go_on(hass, flow, **typed, numbers=NUMBERS)
        assert flow["errors"] == {"assurance_reason": error}
        assert suggested(flow) == {**typed, **NUMBERS}
    assert only_lane(entry) == before
    assert "plate alone" not in caplog.text

    reason = "Behind it is\n only the  shed"
    typed = {**RIGHTS, "assurance_reason": reason}
    await go_on(hass, flow, **typed, numbers=NUMBERS)
    await hass.async_block_till_done()
    reason = "Behind it is only the shed"
    assert only_lane(entry) == {**before, **RIGHTS, "assurance_reason": reason}
    logged = [r for r in caplog.records if "plate alone" in r.getMessage()]
    assert len(logged) == 1
    assert logged[0].levelname == "WARNING"
    for word in (LANE, LOCK, reason):
        assert word in logged[0].getMessage()
    assert PLATE not in caplog.text

    # Nothing new is decided by a new name.
    flow = await change(hass, entry, "gate")
    changed = {**GATE_INPUT, "name": "House", "gate_entity": LOCK}
    flow = await go_on(hass, flow, **changed)
    assert flow["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert len([r for r in caplog.records if "plate alone" in r.getMessage()]) == 1

    # A reason that is not needed does not lie around.
    flow = await change(hass, entry, "rights")
    typed["assurance"] = "announce"
    await go_on(hass, flow, **typed, numbers=NUMBERS)
    await hass.async_block_till_done()
    assert "assurance_reason" not in only_lane(entry)


@pytest.mark.parametrize("device_class", ["garage", "door", None])
async def test_adding_a_lane_asks_what_its_gate_takes(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: HttpCamera,
    device_class: str | None,
) -> None:
    """A garage is asked about before what is looked at, a gate in a fence is not."""
    hass.states.async_set("cover.it", "closed", {"device_class": device_class})
    flow = await at_address(hass, entry, camera.url())
    flow = await go_on(hass, flow, **{**GATE_INPUT, "gate_entity": "cover.it"})
    rights: dict[str, Any] = {}
    if device_class:
        assert flow["step_id"] == "rights"
        assert suggested(flow) == {"assurance": "presence"}
        # Nobody's presence is known yet, and vehicles may have their own.
        rights = {**RIGHTS, "assurance": "presence"}
        flow = await go_on(hass, flow, **rights, numbers=NUMBERS)
    assert flow["step_id"] == "watch"
    flow = await go_on(hass, flow, **WATCHED)

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["title"] == LANE
    assert only_lane(entry) == lane_data(
        camera.url(), direction="both", gate_entity="cover.it", **WATCHED, **rights
    )


async def test_reason_goes_with_its_gate(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """Why a plate may open the shed does not tell why it may open the house."""
    rights = {**RIGHTS, "assurance_reason": "It is the shed"}
    entry = await stored_lane(hass, recognizer, gate_entity="lock.shed", **rights)
    flow = await change(hass, entry, "gate")
    flow = await go_on(hass, flow, **{**GATE_INPUT, "gate_entity": LOCK})
    assert flow["step_id"] == "rights"
    assert suggested(flow) == rights
    assert only_lane(entry)["gate_entity"] == "lock.shed"
    flow = await go_on(hass, flow, **RIGHTS, numbers=NUMBERS)
    assert flow["errors"] == {"assurance_reason": "assurance_reason_missing"}
    typed = {**RIGHTS, "assurance": "presence"}
    flow = await go_on(hass, flow, **typed, numbers=NUMBERS)
    await hass.async_block_till_done()
    assert flow["reason"] == "reconfigure_successful"
    assert only_lane(entry)["gate_entity"] == LOCK
    assert only_lane(entry)["assurance"] == "presence"

    # Nor is one kept for a gate that needs none.
    hass.config_entries.async_update_subentry(
        entry,
        next(iter(entry.subentries.values())),
        data={**only_lane(entry), **rights},
    )
    await hass.async_block_till_done()
    flow = await change(hass, entry, "gate")
    flow = await go_on(hass, flow, **GATE_INPUT)
    await hass.async_block_till_done()
    assert flow["reason"] == "reconfigure_successful"
    assert "assurance_reason" not in only_lane(entry)


# -- What holds the gate ---------------------------------------------------------------

PAUSES: dict[str, Any] = {
    "confirm_seconds": 15.0,
    "cool_down": 20.0,
    "vehicle_cool_down": 20.0,
    "per_minute": 6,
}
CLOSING: dict[str, Any] = {"hold_open": False}


async def test_safety_is_kept(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """What was chosen is stored and shown again; another gate has other sensors."""
    entry = await stored_lane(hass, recognizer, direction="both")
    before = only_lane(entry)
    flow = await change(hass, entry, "safety")
    assert flow["step_id"] == "safety"
    assert suggested(flow) == {}
    assert open_sections(flow) == set()
    entities = {
        "confirm_entity": "binary_sensor.contact",
        "stays_closed": ["alarm_control_panel.house", "lock.bolt"],
        "opens_when": ["binary_sensor.fire"],
    }
    pauses = {**PAUSES, "cool_down": 60.0, "per_minute": 3.0}
    closing = {
        "hold_open": True,
        "close_after": 30.0,
        "obstruction_entity": "binary_sensor.barrier",
    }
    flow = await go_on(hass, flow, **entities, pauses=pauses, closing=closing)
    await hass.async_block_till_done()
    assert flow["reason"] == "reconfigure_successful"
    chosen = {**entities, **pauses, **closing}
    assert only_lane(entry) == {**before, **chosen}
    assert type(only_lane(entry)["per_minute"]) is int

    flow = await change(hass, entry, "gate")
    await go_on(hass, flow, **{**GATE_INPUT, "gate_entity": "switch.relay"})
    await hass.async_block_till_done()
    for sensor in ("confirm_entity", "close_after", "obstruction_entity"):
        del chosen[sensor]
    assert only_lane(entry) == {**before, **chosen, "gate_entity": "switch.relay"}

    flow = await change(hass, entry, "safety")
    assert suggested(flow) == chosen
    assert open_sections(flow) == {"pauses", "closing"}
    await go_on(hass, flow, pauses=PAUSES, closing=CLOSING)
    await hass.async_block_till_done()
    assert only_lane(entry) == {
        **before,
        **PAUSES,
        **CLOSING,
        "gate_entity": "switch.relay",
    }
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("gate_entity", "error"),
    [
        (GATE, "obstruction_missing"),
        ("switch.relay", "obstruction_missing"),
        ("button.pulse", "not_closable"),
        ("script.open", "not_closable"),
        ("cover.pulse", "not_closable"),
        (LOCK, None),
    ],
)
async def test_closing_needs_a_sensor(
    hass: HomeAssistant,
    recognizer: Recognizer,
    gate_entity: str,
    error: str | None,
) -> None:
    """Nothing that could hit a car is closed blindly; a lock cannot."""
    # A cover that only opens.
    features = {"supported_features": CoverEntityFeature.OPEN}
    hass.states.async_set("cover.pulse", "unknown", features)
    entry = await stored_lane(hass, recognizer, gate_entity=gate_entity)
    before = only_lane(entry)
    flow = await change(hass, entry, "safety")
    closing = {**CLOSING, "close_after": 30.0}
    flow = await go_on(hass, flow, pauses=PAUSES, closing=closing)
    if error is not None:
        assert flow["errors"] == {"closing": error}
        assert open_sections(flow) == {"closing"}
        assert suggested(flow) == {**PAUSES, **closing}
        assert only_lane(entry) == before
        del closing["close_after"]
        if error == "obstruction_missing":
            closing |= {"close_after": 9, "obstruction_entity": "binary_sensor.beam"}
        flow = await go_on(hass, flow, pauses=PAUSES, closing=closing)
    assert flow["reason"] == "reconfigure_successful"
    assert only_lane(entry) == {**before, **PAUSES, **closing}


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        (None, "stays_closed", ["light.porch"]),
        (None, "opens_when", ["switch.anything"]),
        (None, "confirm_entity", "light.porch"),
        ("pauses", "confirm_seconds", 1),
        ("pauses", "confirm_seconds", 61),
        ("pauses", "cool_down", -1),
        ("pauses", "cool_down", 301),
        ("pauses", "vehicle_cool_down", 3601),
        ("pauses", "per_minute", 0),
        ("pauses", "per_minute", 61),
        ("closing", "close_after", 0),
        ("closing", "obstruction_entity", "light.porch"),
    ],
)
async def test_safety_within_its_limits(
    hass: HomeAssistant,
    recognizer: Recognizer,
    part: str | None,
    field: str,
    value: object,
) -> None:
    """What is out of range is refused before it gets to the lane."""
    entry = await stored_lane(hass, recognizer)
    before = only_lane(entry)
    flow = await change(hass, entry, "safety")
    typed: dict[str, Any] = {"pauses": dict(PAUSES), "closing": dict(CLOSING)}
    (typed if part is None else typed[part])[field] = value
    with pytest.raises(InvalidData):
        await go_on(hass, flow, **typed)
    assert only_lane(entry) == before


# -- Trying a picture ------------------------------------------------------------------


async def upload(client: TestClient[Any, Any], content: bytes) -> str:
    """Upload a file as the interface does; return its id."""
    form = FormData()
    form.add_field("file", content, filename="car.jpg", content_type="image/jpeg")
    answer = await client.post("/api/file_upload", data=form)
    assert answer.status == 200
    file_id: str = (await answer.json())["file_id"]
    return file_id


@pytest.fixture
async def watching(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> MockConfigEntry:
    """Return a site with a lane whose camera answers."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up(hass, entry)
    return entry


def cells(flow: SubentryFlowResult, table: str) -> list[list[str]]:
    """Return the cells of a table that a form shows."""
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    return [
        [cell.strip() for cell in row.strip("|").split(" | ")]
        for row in placeholders[table].splitlines()
    ]


async def test_picture_that_was_uploaded_is_explained(
    hass: HomeAssistant,
    watching: MockConfigEntry,
    recognizer: Recognizer,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its reads, who fits, why it opens or not, and how long it took."""
    caplog.set_level("DEBUG")
    await list_vehicle(watching, label="Anna | *car*")
    client = await hass_client()
    flow = await change(hass, watching, "explain")
    assert flow["step_id"] == "explain"
    recognizer.plates = [PLATE, STRANGER]
    caplog.clear()
    picture = await upload(client, PICTURES[0])
    flow = await go_on(hass, flow, picture=picture)

    assert flow["step_id"] == "explained"
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    reads = cells(flow, "reads")
    assert [row[0] for row in reads] == [PLATE, STRANGER]
    assert reads[0][1] == "0.97"
    assert reads[0][2].startswith("?")
    assert reads[0][3].startswith("2: ✓ Anna \\| \\*car\\*:")
    assert reads[1][2].startswith("?")
    assert reads[1][3] == "–"
    ((plate, label, fit, rights),) = cells(flow, "fits")
    assert (plate, label) == (PLATE, "Anna \\| \\*car\\*")
    assert fit.startswith("✓ ")
    assert rights.startswith("✓")
    assert placeholders["outcome"] == "? → ✓"
    assert placeholders["vehicles"] == "1"
    assert placeholders["size"] == "320 × 240"
    for stage in ("picture", "recognition", "decision", "rules"):
        assert float(placeholders[f"{stage}_ms"]) >= 0

    # The file is gone, and nothing of it is written anywhere.
    again = await change(hass, watching, "explain")
    again = await go_on(hass, again, picture=picture)
    assert again["errors"] == {"picture": "picture_invalid"}
    for record in caplog.records:
        assert PLATE not in record.getMessage()
        assert STRANGER not in record.getMessage()

    flow = await go_on(hass, flow)
    assert flow["step_id"] == "reconfigure"


async def test_vehicle_that_may_not_come_in_is_explained(
    hass: HomeAssistant,
    watching: MockConfigEntry,
    recognizer: Recognizer,
    hass_client: ClientSessionGenerator,
) -> None:
    """The reasons are those that the events have, in words."""
    vehicle_id = await list_vehicle(watching)
    allowlist = watching.runtime_data.allowlist
    await allowlist.change(vehicle_id, valid_until=dt_util.utcnow())
    recognizer.plates = [PLATE]
    flow = await change(hass, watching, "explain")
    picture = await upload(await hass_client(), PICTURES[0])
    flow = await go_on(hass, flow, picture=picture)

    ((_, _, _, rights),) = cells(flow, "fits")
    texts = await async_get_translations(hass, "en", "entity", {DOMAIN})
    key = "entity.event.access.state_attributes.reasons.state.expired"
    assert rights == f"✗ {texts[f'component.plate_gate.{key}']}"


async def test_picture_is_taken_now(
    hass: HomeAssistant, watching: MockConfigEntry, camera: HttpCamera
) -> None:
    """Without a file, the camera is asked; a picture without plates has empty tables."""
    flow = await change(hass, watching, "explain")
    flow = await go_on(hass, flow)
    assert flow["step_id"] == "explained"
    assert cells(flow, "reads") == [["–"] * 4]
    assert cells(flow, "fits") == [["–"] * 4]
    placeholders = flow["description_placeholders"]
    assert placeholders is not None
    assert placeholders["outcome"] == "?"


async def test_plates_that_are_shown_are_forgotten(
    hass: HomeAssistant,
    watching: MockConfigEntry,
    recognizer: Recognizer,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
) -> None:
    """Nobody closes the dialog; two minutes later nothing of it is in memory."""
    recognizer.plates = [STRANGER]
    picture = await upload(await hass_client(), PICTURES[0])
    flow = await change(hass, watching, "explain")
    flow = await go_on(hass, flow, picture=picture)
    assert cells(flow, "reads")[0][0] == STRANGER

    freezer.tick(SHOWN_FOR - 1)
    async_fire_time_changed(hass)
    subentries = hass.config_entries.subentries
    assert subentries.async_progress()
    freezer.tick(2)
    async_fire_time_changed(hass)
    assert not subentries.async_progress()

    # One that was gone on with, or closed, is left alone.
    for close in (False, True):
        picture = await upload(await hass_client(), PICTURES[0])
        flow = await change(hass, watching, "explain")
        flow = await go_on(hass, flow, picture=picture)
        if not close:
            flow = await go_on(hass, flow)
            freezer.tick(SHOWN_FOR + 1)
            async_fire_time_changed(hass)
            assert len(subentries.async_progress()) == 1
        subentries.async_abort(flow["flow_id"])
        freezer.tick(SHOWN_FOR + 1)
        async_fire_time_changed(hass)
        assert not subentries.async_progress()


async def test_explain_errors_and_recovery(
    hass: HomeAssistant,
    watching: MockConfigEntry,
    recognizer: Recognizer,
    camera: HttpCamera,
    hass_client: ClientSessionGenerator,
) -> None:
    """Whatever is missing is named, and the same form goes on once it is there."""
    client = await hass_client()
    flow = await change(hass, watching, "explain")

    result = await go_on(hass, flow, picture=await upload(client, b"no picture"))
    assert result["errors"] == {"picture": "picture_invalid"}

    camera.garbage = True
    result = await go_on(hass, flow)
    assert result["errors"] == {"base": "camera_picture"}
    camera.garbage = False

    await recognizer.stop()
    result = await go_on(hass, flow, picture=await upload(client, PICTURES[0]))
    assert result["errors"] == {"base": "backend_unavailable"}
    await recognizer.start()

    await hass.config_entries.async_unload(watching.entry_id)
    result = await go_on(hass, flow)
    assert result["errors"] == {"base": "lane_not_running"}
    assert await hass.config_entries.async_setup(watching.entry_id)
    result = await go_on(hass, flow)
    assert result["step_id"] == "explained"
