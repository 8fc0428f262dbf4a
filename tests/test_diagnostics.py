"""Tests of what a person may attach to a bug report, and of the system page."""

from http import HTTPStatus
import json
import time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate.capture import CameraStatus, SceneProblem
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.errors import CameraFrozenError
from custom_components.plate_gate.models import Plate
from demo.cameras import HttpCamera

from .common import (
    ENTRY_ID,
    LABEL,
    LANE,
    PICTURES,
    PLATE,
    FakeSource,
    GateCover,
    Recognizer,
    backend_subentry,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    says_json,
    set_up,
    site_entry,
)

SECRETS = {
    "further": "token-of-the-other-recognizer",
    "token": "token-of-the-recognizer",
    "username": "gatekeeper",
    "password": "secret-of-the-camera",
}


async def diagnostics(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> dict[str, Any]:
    """Download the diagnostics as a person does."""
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{ENTRY_ID}")
    assert answer.status == HTTPStatus.OK
    result: dict[str, Any] = await answer.json()
    return result


async def test_nothing_secret_is_in_them(
    hass: HomeAssistant,
    recognizer: Recognizer,
    cover: GateCover,
    hass_client: ClientSessionGenerator,
) -> None:
    """No address, password, token, plate, label, name or entity is in the file."""
    async with HttpCamera(
        PICTURES,
        username=SECRETS["username"],
        password=SECRETS["password"],
        auth="basic",
    ) as camera:
        data = lane_data(
            camera.url(),
            username=SECRETS["username"],
            password=SECRETS["password"],
        )
        entry = site_entry(
            recognizer.url,
            lane_subentry(data),
            lane_subentry(
                lane_data(camera_entity="camera.annas_porch"), "Anna's", "lane2"
            ),
            backend_subentry(
                "http://127.0.0.1:2/annas",
                "Anna's cellar",
                backend="plate_recognizer",
                regions=["de"],
                token=SECRETS["further"],
            ),
            token=SECRETS["token"],
        )
        await set_up(hass, entry)
        await list_vehicle(entry)
        recognizer.plates = [PLATE]
        await eventually(lambda: cover.opened)
        lane = entry.runtime_data.lanes["lane1"].lane
        await eventually(lambda: lane.metrics.granted)

        downloaded = await diagnostics(hass, hass_client)
        text = json.dumps(downloaded)

        assert str(camera.port) not in text
    assert recognizer.address not in text
    for secret in (*SECRETS.values(), PLATE, LABEL, LANE, "Anna", "annas_porch"):
        assert secret not in text
    assert "cover.gate" not in text

    site = downloaded["data"]
    assert (site["state"], site["reason"]) == ("loaded", None)
    assert site["entry"] == {
        "backend": "codeproject",
        "token": "**REDACTED**",
        "url": "**REDACTED**",
        "verify_ssl": True,
    }
    assert site["vehicles"] == 1
    assert site["counts_known"] is True
    recognizer_shown = site["recognizer"]
    assert recognizer_shown["available"] is True
    first, further = recognizer_shown["backends"]
    assert first.pop("reads") > 0
    assert first.pop("latency_p50_ms") <= first.pop("latency_p95_ms")
    assert first == {
        "state": "ready",
        "error": None,
        "version": "2.9.6",
        "failures": 0,
        "settings": site["entry"],
    }
    assert further == {
        "state": "failed",
        "error": "BackendUnavailableError",
        "version": None,
        "latency_p50_ms": None,
        "latency_p95_ms": None,
        "reads": 0,
        "failures": 0,
        "settings": {
            "backend": "plate_recognizer",
            "regions": ["de"],
            "token": "**REDACTED**",
            "url": "**REDACTED**",
            "verify_ssl": True,
        },
    }
    one, other = site["lanes"]
    assert one["automatic_opening"] is True
    assert one["camera"]["connected"] is True
    assert one["camera"]["error"] is None
    assert one["metrics"]["granted"] == 1
    assert one["metrics"]["reasons"] == {"agreeing_frames": 1, "exact_text": 1}
    assert one["trial"] is None
    assert one["settings"] == {
        "direction": "entry",
        "fps": 5.0,
        "gate_entity": "**REDACTED**",
        "password": "**REDACTED**",
        "transport": "tcp",
        "url": "**REDACTED**",
        "username": "**REDACTED**",
        "verify_ssl": True,
    }
    assert other["camera"]["error"] == "camera_unreachable"


async def test_how_the_camera_is_doing(
    hass: HomeAssistant,
    recognizer: Recognizer,
    cover: GateCover,
    source: FakeSource,
    hass_client: ClientSessionGenerator,
) -> None:
    """All counts of a camera are in the file, and what is looked at of its pictures."""
    data = lane_data(
        camera_entity="camera.annas_porch",
        trigger_entity="binary_sensor.annas_driveway",
        trigger_seconds=20.0,
        region="10,10 90,90",
        exclusions=[],
        sensitivity="high",
    )
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))
    source.status = CameraStatus(
        error=CameraFrozenError(),
        problem=SceneProblem.BLURRED,
        decoded=800,
        moving=100,
        published=90,
        dropped=7,
        late=2,
        corrupt=3,
        reconnects=9,
        reconnects_hour=4,
        fps=14.9,
        newest=time.monotonic() - 100,
    )

    downloaded = await diagnostics(hass, hass_client)
    [lane] = downloaded["data"]["lanes"]

    assert "annas" not in json.dumps(downloaded)
    assert lane["settings"] == {
        "camera_entity": "**REDACTED**",
        "direction": "entry",
        "exclusions": [],
        "fps": 5.0,
        "gate_entity": "**REDACTED**",
        "region": "10,10 90,90",
        "sensitivity": "high",
        "transport": "tcp",
        "trigger_entity": "**REDACTED**",
        "trigger_seconds": 20.0,
        "verify_ssl": True,
    }
    assert 100 <= lane["camera"].pop("frame_age_s") < 160
    assert lane["camera"] == {
        "state": "frozen",
        "connected": False,
        "error": "camera_frozen",
        "waiting": False,
        "problem": "blurred",
        "decoded": 800,
        "moving": 100,
        "published": 90,
        "dropped": 7,
        "late": 2,
        "corrupt": 3,
        "reconnects": 9,
        "reconnects_hour": 4,
        "fps": 14.9,
    }
    assert lane["plate_width"] is None


async def test_what_a_lane_asks_for(
    hass: HomeAssistant,
    recognizer: Recognizer,
    hass_client: ClientSessionGenerator,
) -> None:
    """The numbers of a lane are in the file, and nobody's name, entity or reason."""
    anna = "binary_sensor.anna"
    data = lane_data(
        "http://127.0.0.1:1/",
        trial=True,
        profile="strict",
        movement="approaching",
        assurance="presence",
        assurance_reason="Anna wants it so",
        presence=["person.anna"],
        confirm_entity=anna,
        stays_closed=[anna],
        opens_when=[anna],
        close_after=30.0,
        obstruction_entity=anna,
        per_minute=4,
    )
    entry = site_entry(recognizer.url, lane_subentry(data))
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, options={"occupancy": 3, "anti_passback": True}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    pin = "scrypt$of-the-pin"
    await entry.runtime_data.allowlist.add(
        LABEL, Plate(PLATE), presence=frozenset({"person.anna"}), pin=pin
    )

    downloaded = await diagnostics(hass, hass_client)
    text = json.dumps(downloaded)

    assert "anna" not in text.lower()
    assert pin not in text
    site = downloaded["data"]
    assert site["options"] == {"occupancy": 3, "anti_passback": True}
    [lane] = site["lanes"]
    settings = lane["settings"]
    assert (settings["profile"], settings["assurance"]) == ("strict", "presence")
    assert (settings["per_minute"], settings["close_after"]) == (4, 30.0)
    assert lane["trial"].pop("since")
    assert lane["trial"] == {"would_have_opened": 0, "waited": 0}
    assert lane["metrics"]["reasons"] == {}


async def test_site_that_is_not_loaded(
    hass: HomeAssistant,
    recognizer: Recognizer,
    hass_client: ClientSessionGenerator,
) -> None:
    """A site that does not come up is what bug reports are about."""
    recognizer.alpr = says_json(success=False, error="no")
    entry = site_entry(recognizer.url, lane_subentry(lane_data("http://127.0.0.1:1/")))
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)

    site = (await diagnostics(hass, hass_client))["data"]

    assert site["state"] == "setup_retry"
    assert site["reason"] == "backend_rejected"
    assert site["entry"]["url"] == "**REDACTED**"
    assert "lanes" not in site


async def test_system_page(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """The system page says how much of it works."""
    assert await async_setup_component(hass, "system_health", {})
    assert await async_setup_component(hass, DOMAIN, {})
    assert await get_system_health_info(hass, DOMAIN) == {
        "recognizers_available": "0/0",
        "cameras_connected": "0/0",
        "cameras_waiting": "0/0",
    }

    entry: MockConfigEntry = site_entry(
        recognizer.url,
        lane_subentry(lane_data(camera.url())),
        lane_subentry(lane_data("http://127.0.0.1:1/"), "Exit", "lane2"),
        backend_subentry("http://127.0.0.1:2"),
    )
    await set_up(hass, entry)
    lane = entry.runtime_data.lanes["lane1"].lane
    await eventually(lambda: lane.state.camera.connected)

    assert await get_system_health_info(hass, DOMAIN) == {
        "recognizers_available": "1/2",
        "cameras_connected": "1/2",
        "cameras_waiting": "0/2",
    }
