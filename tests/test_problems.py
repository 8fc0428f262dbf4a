"""Tests of the repair issues: when they come, how they are fixed, when they go."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
import time
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate import coordinator, lane as lane_module
from custom_components.plate_gate.capture import CameraStatus, SceneProblem
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.errors import (
    CameraError,
    CameraFrozenError,
    CameraLateError,
    CameraUnreachableError,
)
from custom_components.plate_gate.issues import HOLD, WELL
from custom_components.plate_gate.repairs import async_create_fix_flow
from demo.cameras import HttpCamera

from .common import (
    ENTRY_ID,
    GATE,
    LANE,
    PICTURES,
    PLATE,
    FakeSource,
    GateCover,
    Recognizer,
    StillCamera,
    add_entity,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    picture,
    says_json,
    set_up,
    site_entry,
)
from .recognition.server import Answer, says

GATE_ISSUE = f"gate-{ENTRY_ID}-lane1"
CAMERA_ISSUE = f"camera_auth-{ENTRY_ID}-lane1"
BACKEND_ISSUE = f"backend-{ENTRY_ID}"

TRIGGER = "binary_sensor.loop"
TRIGGER_ISSUE = f"trigger-{ENTRY_ID}-lane1"

USERNAME = "gatekeeper"
PASSWORD = "secret"


@pytest.fixture(autouse=True)
def _no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask recognizers nothing while time is let pass, which ends all waiting at once."""
    monkeypatch.setattr(coordinator, "PING_INTERVAL", timedelta(days=1))


def issues(hass: HomeAssistant) -> list[str]:
    """Return the ids of the issues that are open."""
    return [issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN]


def issue(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry:
    """Return an open issue."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert found is not None
    return found


@pytest.fixture
async def locked_camera() -> Any:
    """Return a camera that wants a password."""
    async with HttpCamera(
        PICTURES, username=USERNAME, password=PASSWORD, auth="basic"
    ) as camera:
        yield camera


def one_lane(recognizer: Recognizer, camera: HttpCamera) -> MockConfigEntry:
    """Return a site with one lane."""
    return site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))


async def test_gate_that_is_missing(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """A gate that is not there is a problem until it is."""
    await set_up(hass, one_lane(recognizer, camera))

    found = issue(hass, GATE_ISSUE)
    assert found.translation_key == "gate_missing"
    assert found.translation_placeholders == {"lane": LANE, "entity": GATE}
    assert found.severity is ir.IssueSeverity.ERROR
    assert not found.is_fixable

    hass.states.async_set(GATE, "closed")
    await hass.async_block_till_done()
    assert issues(hass) == []


async def test_gate_that_is_removed(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    entity_registry: er.EntityRegistry,
) -> None:
    """A gate that someone deletes is noticed before a vehicle stands before it."""
    hass.states.async_set("cover.gate2", "closed")
    entry = site_entry(
        recognizer.url,
        lane_subentry(lane_data(camera.url(), gate_entity="cover.gate2")),
    )
    await set_up(hass, entry)
    assert issues(hass) == []

    hass.states.async_remove("cover.gate2")
    await hass.async_block_till_done()
    assert issue(hass, GATE_ISSUE).translation_key == "gate_missing"
    hass.states.async_set("cover.gate2", "closed")
    await hass.async_block_till_done()
    assert issues(hass) == []


async def test_gate_that_is_only_registered(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    entity_registry: er.EntityRegistry,
) -> None:
    """A gate whose integration is not loaded exists all the same, until it is deleted."""
    gate = entity_registry.async_get_or_create("cover", "other", "1")
    hass.states.async_set(gate.entity_id, "closed")
    data = lane_data(camera.url(), gate_entity=gate.entity_id)
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))

    hass.states.async_remove(gate.entity_id)
    await hass.async_block_till_done()

    assert issues(hass) == []


async def test_gates_may_come_late_while_home_assistant_starts(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera
) -> None:
    """Nothing is missing before everything had the time to come."""
    hass.set_state(CoreState.starting)
    await set_up(hass, one_lane(recognizer, camera))
    assert issues(hass) == []

    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert issues(hass) == [GATE_ISSUE]


@pytest.mark.parametrize(
    "failure", [HomeAssistantError("stuck"), asyncio.CancelledError()]
)
async def test_gate_that_did_not_open(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    failure: BaseException,
) -> None:
    """A gate that failed is a problem until it opens again."""
    entry = one_lane(recognizer, camera)
    await set_up(hass, entry)
    await list_vehicle(entry)
    cover.failure = failure
    recognizer.plates = [PLATE]
    await eventually(lambda: issues(hass))
    found = issue(hass, GATE_ISSUE)
    assert found.translation_key == "gate_unavailable"
    assert found.translation_placeholders == {"lane": LANE, "entity": GATE}

    # That it vanishes and comes back says nothing about whether it opens.
    hass.states.async_remove(GATE)
    await hass.async_block_till_done()
    assert issue(hass, GATE_ISSUE).translation_key == "gate_unavailable"

    cover.async_write_ha_state()
    cover.failure = None
    await list_vehicle(entry, "AB12CDE", "Post")
    recognizer.plates = ["AB12CDE"]
    await eventually(lambda: not issues(hass))
    assert cover.opened == 2


async def fix(client: TestClient[Any, Any], issue_id: str) -> dict[str, Any]:
    """Begin to fix an issue."""
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id}
    )
    assert answer.status == HTTPStatus.OK
    result: dict[str, Any] = await answer.json()
    return result


async def submit(
    client: TestClient[Any, Any], flow_id: str, **user_input: str
) -> dict[str, Any]:
    """Submit the form of a fix."""
    answer = await client.post(f"/api/repairs/issues/fix/{flow_id}", json=user_input)
    assert answer.status == HTTPStatus.OK
    result: dict[str, Any] = await answer.json()
    return result


async def test_camera_that_refuses_the_password(
    hass: HomeAssistant,
    recognizer: Recognizer,
    locked_camera: HttpCamera,
    cover: GateCover,
    hass_client: ClientSessionGenerator,
) -> None:
    """The new password is asked for and tried; the lane uses it at once."""
    data = lane_data(locked_camera.url(), username=USERNAME, password="old")
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    await eventually(lambda: issues(hass))
    found = issue(hass, CAMERA_ISSUE)
    assert found.translation_key == "camera_auth"
    assert found.is_fixable
    assert found.translation_placeholders == {"lane": LANE}

    client = await hass_client()
    flow = await fix(client, CAMERA_ISSUE)
    flow_id = flow["flow_id"]
    assert flow["step_id"] == "credentials"
    assert flow["description_placeholders"] == {"lane": LANE}
    username, password = flow["data_schema"]
    assert username["description"] == {"suggested_value": USERNAME}
    assert "description" not in password
    assert PASSWORD not in str(flow) and "old" not in str(flow["data_schema"])

    flow = await submit(client, flow_id, username=USERNAME, password="wrong")
    assert flow["errors"] == {"base": "camera_auth"}
    flow = await submit(client, flow_id, username="a:b", password="wrong")
    assert flow["errors"] == {"base": "camera_address"}
    flow = await submit(client, flow_id, username=USERNAME, password=PASSWORD)
    assert flow["type"] == "create_entry"
    await hass.async_block_till_done()

    assert issues(hass) == []
    assert entry.subentries["lane1"].data["password"] == PASSWORD
    lane = entry.runtime_data.lanes["lane1"].lane
    await eventually(lambda: lane.camera.connected)
    assert issues(hass) == []


async def test_camera_whose_lane_is_removed_meanwhile(
    hass: HomeAssistant,
    recognizer: Recognizer,
    locked_camera: HttpCamera,
    cover: GateCover,
    hass_client: ClientSessionGenerator,
) -> None:
    """A form for a lane that is gone says so."""
    entry = one_lane(recognizer, locked_camera)
    await set_up(hass, entry)
    await eventually(lambda: issues(hass))
    client = await hass_client()
    flow = await fix(client, CAMERA_ISSUE)

    hass.config_entries.async_remove_subentry(entry, "lane1")
    await hass.async_block_till_done()
    flow = await submit(client, flow["flow_id"], username=USERNAME, password=PASSWORD)

    assert flow["type"] == "abort"
    assert flow["reason"] == "lane_removed"
    assert issues(hass) == []


async def test_camera_entity_that_refuses_the_password(
    hass: HomeAssistant,
    recognizer: Recognizer,
    locked_camera: HttpCamera,
    cover: GateCover,
) -> None:
    """The password of a camera entity is another integration's to fix."""
    stream = StillCamera(locked_camera.url("/stream.mjpg"))
    await add_entity(hass, "camera", stream)
    data = lane_data(camera_entity="camera.porch")
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))
    await eventually(lambda: issues(hass))

    found = issue(hass, CAMERA_ISSUE)
    assert found.translation_key == "camera_entity_auth"
    assert not found.is_fixable


async def test_camera_that_takes_the_password_again(
    hass: HomeAssistant,
    recognizer: Recognizer,
    locked_camera: HttpCamera,
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A camera that was put right on its own side is no problem any more."""
    data = lane_data(locked_camera.url(), username=USERNAME, password=PASSWORD)
    locked_camera.guard.password = "changed"
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    await eventually(lambda: issues(hass))
    source = entry.runtime_data.lanes["lane1"].lane._source
    await source.stop()

    locked_camera.guard.password = PASSWORD
    source.start()

    await eventually(lambda: not issues(hass))


async def test_unfixable_issues_have_no_form_of_ours(hass: HomeAssistant) -> None:
    """Whatever else may be asked for is confirmed and no more."""
    assert isinstance(
        await async_create_fix_flow(hass, "other", None), ConfirmRepairFlow
    )


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (says_json(success=False, error="no"), "backend_rejected"),
        (says(b"garbage"), "backend_protocol"),
    ],
)
async def test_recognizer_that_is_there_and_cannot_read(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    answer: Answer,
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recognizer in such trouble is a problem until it reads again."""
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (0.05, 0.05))
    await set_up(hass, one_lane(recognizer, camera))
    recognizer.alpr = answer
    await eventually(lambda: issues(hass))
    found = issue(hass, BACKEND_ISSUE)
    assert found.translation_key == key
    assert not found.is_fixable

    recognizer.alpr = recognizer.see
    await eventually(lambda: not issues(hass))


async def test_recognizer_that_refuses_one_lane(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That another lane's pictures are read again does not put an end to it."""
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (0.05, 0.05))
    others = (picture(60), picture(70))
    no = says_json(success=False, error="no")
    async with HttpCamera(others) as other:
        entry = site_entry(
            recognizer.url,
            lane_subentry(lane_data(camera.url())),
            lane_subentry(lane_data(other.url()), "Exit", "lane2"),
        )
        await set_up(hass, entry)
        first, second = (
            lane.lane.metrics for lane in entry.runtime_data.lanes.values()
        )
        recognizer.alpr = no
        await eventually(
            lambda: (
                min(first.backend_errors, second.backend_errors) > lane_module.REFUSALS
            )
        )
        assert issues(hass) == [BACKEND_ISSUE]

        recognizer.refuses(PICTURES, no)
        frames = second.frames
        await eventually(lambda: second.frames > frames)
        assert issues(hass) == [BACKEND_ISSUE]

        recognizer.alpr = recognizer.see
        await eventually(lambda: not issues(hass))


async def test_recognizer_that_is_away_is_no_issue(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """That is what its sensor is for."""
    entry = one_lane(recognizer, camera)
    await set_up(hass, entry)
    recognizer.alpr = says_json(503)
    lane = entry.runtime_data.lanes["lane1"].lane
    await eventually(lambda: lane.metrics.backend_errors)

    assert issues(hass) == []


@pytest.mark.parametrize("how", ["unload", "remove"])
async def test_issues_go_with_their_site(
    hass: HomeAssistant,
    recognizer: Recognizer,
    locked_camera: HttpCamera,
    how: str,
) -> None:
    """A site that is taken down takes its issues along, and no others."""
    entry = one_lane(recognizer, locked_camera)
    await set_up(hass, entry)
    async with Recognizer() as other_recognizer, HttpCamera(PICTURES) as camera:
        other = site_entry(
            other_recognizer.url,
            lane_subentry(lane_data(camera.url()), subentry_id="lane2"),
            entry_id="second",
        )
        await set_up(hass, other)
        await eventually(lambda: len(issues(hass)) == 3)

        if how == "unload":
            await hass.config_entries.async_unload(entry.entry_id)
            assert entry.state is ConfigEntryState.NOT_LOADED
        else:
            await hass.config_entries.async_remove(entry.entry_id)

        assert issues(hass) == ["gate-second-lane2"]


# -- What has to last before it is a problem -------------------------------------------


def lasting(kind: str) -> str:
    """Return the id of an issue about what the camera sends or shows."""
    return f"{kind}-{ENTRY_ID}-lane1"


async def become(hass: HomeAssistant, source: FakeSource, status: CameraStatus) -> None:
    """Let a camera do something else."""
    source.become(status)
    await hass.async_block_till_done()


async def wait(hass: HomeAssistant, seconds: float = HOLD) -> None:
    """Let time pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds + 1))
    await hass.async_block_till_done()


async def watched(
    hass: HomeAssistant, recognizer: Recognizer, **changes: str
) -> MockConfigEntry:
    """Set a site up whose camera does what it is told to."""
    data = lane_data(camera_entity="camera.porch", **changes)
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    return entry


@pytest.mark.parametrize("problem", SceneProblem)
async def test_view_that_stays_wrong(
    hass: HomeAssistant,
    recognizer: Recognizer,
    cover: GateCover,
    source: FakeSource,
    problem: SceneProblem,
) -> None:
    """A view is a problem when it has been wrong for long, until it is right."""
    await watched(hass, recognizer)
    await become(hass, source, CameraStatus(connected=True, problem=problem))
    await wait(hass, HOLD - 10)
    assert issues(hass) == []

    await wait(hass)
    [issue_id] = issues(hass)
    assert issue_id == lasting(f"view_{problem}")
    found = issue(hass, issue_id)
    assert found.translation_key == f"view_{problem}"
    assert found.severity is ir.IssueSeverity.WARNING
    assert found.is_fixable is (problem is SceneProblem.MOVED)

    # A camera that is lost meanwhile does not show that the view is right.
    await become(hass, source, CameraStatus(error=CameraUnreachableError()))
    assert issues(hass) == [issue_id]
    await become(hass, source, CameraStatus(connected=True))
    assert issues(hass) == []


async def test_view_that_was_wrong_for_a_while(
    hass: HomeAssistant, recognizer: Recognizer, cover: GateCover, source: FakeSource
) -> None:
    """A lorry before the lens, or dusk, is no problem."""
    await watched(hass, recognizer)
    dark = CameraStatus(connected=True, problem=SceneProblem.DARK)
    covered = CameraStatus(connected=True, problem=SceneProblem.COVERED)

    await become(hass, source, dark)
    await become(hass, source, CameraStatus(connected=True))
    await wait(hass)
    assert issues(hass) == []

    await become(hass, source, dark)
    await wait(hass)
    assert issues(hass) == [lasting("view_dark")]
    await become(hass, source, covered)
    assert issues(hass) == []
    await wait(hass)
    assert issues(hass) == [lasting("view_covered")]


async def test_nothing_is_waited_for_after_unloading(
    hass: HomeAssistant, recognizer: Recognizer, cover: GateCover, source: FakeSource
) -> None:
    """A site that is taken down leaves no timer behind that raises an issue."""
    entry = await watched(hass, recognizer, trigger_entity=TRIGGER)
    await become(
        hass, source, CameraStatus(connected=True, problem=SceneProblem.BLURRED)
    )
    await become(hass, source, CameraStatus(error=CameraFrozenError()))

    await hass.config_entries.async_unload(entry.entry_id)
    await wait(hass)

    assert issues(hass) == []


async def test_view_that_is_right_as_it_is_now(
    hass: HomeAssistant,
    recognizer: Recognizer,
    cover: GateCover,
    source: FakeSource,
    hass_client: ClientSessionGenerator,
) -> None:
    """A camera that was moved on purpose is told so, also while it shows nothing."""
    entry = await watched(hass, recognizer)
    moved = CameraStatus(connected=True, problem=SceneProblem.MOVED)
    await become(hass, source, moved)
    await wait(hass)
    client = await hass_client()

    flow = await fix(client, lasting("view_moved"))
    assert flow["step_id"] == "confirm"
    assert flow["description_placeholders"] == {"lane": LANE}
    assert source.views_accepted == 0
    flow = await submit(client, flow["flow_id"])
    assert flow["type"] == "create_entry"
    assert source.views_accepted == 1
    assert issues(hass) == []

    # It takes effect with the next picture; until then nothing may bring it back.
    entry.runtime_data.lanes["lane1"].lane.set_automatic_opening(False)
    await become(hass, source, CameraStatus(error=CameraUnreachableError()))
    assert issues(hass) == []
    await become(hass, source, CameraStatus(connected=True))
    await become(hass, source, moved)
    await wait(hass)
    assert issues(hass) == [lasting("view_moved")]


@pytest.mark.parametrize("how", ["lane", "unload", "site"])
async def test_view_whose_lane_is_gone_meanwhile(
    hass: HomeAssistant,
    recognizer: Recognizer,
    cover: GateCover,
    source: FakeSource,
    hass_client: ClientSessionGenerator,
    how: str,
) -> None:
    """A form for a lane that does not run says so."""
    entry = await watched(hass, recognizer)
    await become(hass, source, CameraStatus(connected=True, problem=SceneProblem.MOVED))
    await wait(hass)
    client = await hass_client()
    flow = await fix(client, lasting("view_moved"))

    if how == "lane":
        hass.config_entries.async_remove_subentry(entry, "lane1")
    elif how == "unload":
        await hass.config_entries.async_unload(entry.entry_id)
    else:
        await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    flow = await submit(client, flow["flow_id"])

    assert flow["type"] == "abort"
    assert flow["reason"] == "lane_removed"


def sees_plate(width: int) -> Answer:
    """Return a way to answer that sees a plate of so many pixels."""
    return says_json(
        success=True,
        code=200,
        predictions=[
            {
                "plate": PLATE,
                "label": f"Plate: {PLATE}",
                "confidence": 0.97,
                "x_min": 10,
                "y_min": 10,
                "x_max": 10 + width,
                "y_max": 25,
            }
        ],
    )


async def look(
    hass: HomeAssistant, entry: MockConfigEntry, source: FakeSource, frames: int
) -> None:
    """Let the lane look at some frames."""
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    for _ in range(frames):
        before = metrics.frames
        source.show(time.monotonic())
        await eventually(lambda: metrics.frames > before)  # noqa: B023
    await hass.async_block_till_done()


async def test_plates_that_are_too_small(
    hass: HomeAssistant, recognizer: Recognizer, cover: GateCover, source: FakeSource
) -> None:
    """Plates too narrow to be read well are a problem, with the width in its text."""
    entry = await watched(hass, recognizer)
    recognizer.alpr = sees_plate(54)
    await look(hass, entry, source, 4)
    assert issues(hass) == []
    await look(hass, entry, source, 1)
    found = issue(hass, lasting("plate_small"))
    assert found.translation_key == "plate_small"
    assert found.translation_placeholders == {"lane": LANE, "width": "54"}
    assert not found.is_fixable

    # What is wrong with the view as a whole comes first.
    await become(hass, source, CameraStatus(connected=True, problem=SceneProblem.DARK))
    await wait(hass)
    assert issues(hass) == [lasting("view_dark")]
    await become(hass, source, CameraStatus(connected=True))
    assert issues(hass) == [lasting("plate_small")]

    # A little more is not worth a change of mind.
    recognizer.alpr = sees_plate(84)
    await look(hass, entry, source, 15)
    assert issues(hass) == [lasting("plate_small")]
    recognizer.alpr = sees_plate(90)
    await look(hass, entry, source, 15)
    assert issues(hass) == []


@pytest.mark.parametrize(
    ("error", "key"),
    [(CameraFrozenError(), "camera_frozen"), (CameraLateError(), "camera_late")],
)
async def test_camera_that_sends_what_is_of_no_use(
    hass: HomeAssistant,
    recognizer: Recognizer,
    cover: GateCover,
    source: FakeSource,
    error: CameraError,
    key: str,
) -> None:
    """A picture that stands still, or comes late, for long is a problem until it ends."""
    await watched(hass, recognizer)
    await become(hass, source, CameraStatus(error=error))
    # The attempts between do not end it, nor does a connection that is well at first.
    await become(hass, source, CameraStatus())
    await become(hass, source, CameraStatus(connected=True))
    await become(hass, source, CameraStatus(error=type(error)()))
    assert issues(hass) == []
    await wait(hass)
    found = issue(hass, lasting(key))
    assert issues(hass) == [lasting(key)]
    assert found.translation_key == key
    assert found.translation_placeholders == {"lane": LANE}
    assert not found.is_fixable

    await become(hass, source, CameraStatus(connected=True))
    await become(hass, source, CameraStatus(connected=True, problem=SceneProblem.DARK))
    assert issues(hass) == [lasting(key)]
    await wait(hass, WELL)
    assert issues(hass) == []


async def test_trouble_of_a_camera_that_waits_for_its_trigger(
    hass: HomeAssistant, recognizer: Recognizer, cover: GateCover, source: FakeSource
) -> None:
    """Time in which nobody looks does not count, and ends nothing."""
    await watched(hass, recognizer)
    await become(hass, source, CameraStatus(error=CameraLateError()))
    await become(hass, source, CameraStatus(waiting=True))
    await wait(hass)
    assert issues(hass) == []
    await become(hass, source, CameraStatus(error=CameraLateError()))
    await wait(hass)
    await become(hass, source, CameraStatus(waiting=True))
    await wait(hass)
    assert issues(hass) == [lasting("camera_late")]


async def test_camera_whose_trouble_changes(
    hass: HomeAssistant, recognizer: Recognizer, cover: GateCover, source: FakeSource
) -> None:
    """Each trouble has to last by itself, and one takes the place of another."""
    await watched(hass, recognizer)
    await become(hass, source, CameraStatus(error=CameraLateError()))
    await wait(hass)
    assert issues(hass) == [lasting("camera_late")]

    await become(hass, source, CameraStatus(error=CameraFrozenError()))
    assert issues(hass) == []
    await wait(hass)
    assert issues(hass) == [lasting("camera_frozen")]

    # One that is away has a sensor for that.
    await become(hass, source, CameraStatus(error=CameraUnreachableError()))
    await wait(hass)
    assert issues(hass) == []


@pytest.mark.parametrize("gone", ["missing", "unavailable"])
async def test_trigger_that_is_away(
    hass: HomeAssistant,
    recognizer: Recognizer,
    cover: GateCover,
    source: FakeSource,
    gone: str,
) -> None:
    """A lane that nothing sets going is a problem when it lasts, until it ends."""
    if gone == "unavailable":
        hass.states.async_set(TRIGGER, "unavailable")
    await watched(hass, recognizer, trigger_entity=TRIGGER)
    assert issues(hass) == []
    await wait(hass)
    found = issue(hass, TRIGGER_ISSUE)
    assert found.translation_key == "trigger_missing"
    assert found.translation_placeholders == {"lane": LANE, "entity": TRIGGER}
    assert found.severity is ir.IssueSeverity.ERROR
    assert not found.is_fixable

    hass.states.async_set(TRIGGER, "off")
    await hass.async_block_till_done()
    assert issues(hass) == []


async def test_trigger_that_goes(
    hass: HomeAssistant, recognizer: Recognizer, cover: GateCover, source: FakeSource
) -> None:
    """A trigger that restarts is none; one that is deleted is, although it was there."""
    hass.states.async_set(TRIGGER, "off")
    await watched(hass, recognizer, trigger_entity=TRIGGER)
    hass.states.async_set(TRIGGER, "unavailable")
    hass.states.async_set(TRIGGER, "unknown")
    await wait(hass)
    assert issues(hass) == []

    hass.states.async_remove(TRIGGER)
    await hass.async_block_till_done()
    await wait(hass)
    assert issues(hass) == [TRIGGER_ISSUE]
