"""Tests of the repair issues: when they come, how they are fixed, when they go."""

import asyncio
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate import lane as lane_module
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.repairs import async_create_fix_flow
from demo.cameras import HttpCamera

from .common import (
    ENTRY_ID,
    GATE,
    LANE,
    PICTURES,
    PLATE,
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

USERNAME = "gatekeeper"
PASSWORD = "secret"


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
    locked_camera._guard.password = "changed"
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    await eventually(lambda: issues(hass))
    source = entry.runtime_data.lanes["lane1"].lane._source
    await source.stop()

    locked_camera._guard.password = PASSWORD
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
