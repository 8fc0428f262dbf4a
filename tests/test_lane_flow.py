"""Tests of adding, changing and removing lanes, with real cameras."""

from collections.abc import Generator, Mapping
from io import BytesIO
import time
from types import SimpleNamespace
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr, entity_registry as er
import numpy as np
from PIL import Image
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
WATCHED: dict[str, Any] = {
    "sensitivity": "medium",
    "fps": 5.0,
    "trigger_seconds": 30.0,
    "trust_stamps": True,
}
"""What a lane looks at whose form was left as it was."""

ONLY_IF_CHOSEN = ("region", "exclusions", "trigger_entity")


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
    assert flow["menu_options"] == ["gate", "watch", "entity", "address"]
    return await choose(hass, flow, step)


def only_lane(entry: MockConfigEntry) -> Mapping[str, Any]:
    """Return what is stored of the only lane."""
    subentry: ConfigSubentry
    (subentry,) = entry.subentries.values()
    return subentry.data


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
