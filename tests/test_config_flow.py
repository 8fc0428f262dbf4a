"""Tests of adding and changing a site, with real recognizers."""

import asyncio
from functools import partial
from pathlib import Path

from aiohttp import web
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
    FlowType,
)
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate import backend_flow, backends, site
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.recognition import BackendPool
from demo.cameras import HttpCamera

from .common import (
    Recognizer,
    entry_state,
    eventually,
    lane_data,
    lane_subentry,
    protect,
    says_json,
    set_up,
    site_entry,
    state_of,
)
from .recognition.server import says

ADDRESSED = ["codeproject", "openalpr", "plate_recognizer", "omni_lpr"]
"""The kinds of recognizers that have an address."""

TOKEN = "token-of-the-tests"
RECOGNIZER = "binary_sensor.plate_gate_recognizer"


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the built-in recognizer not be there."""
    monkeypatch.setattr(backend_flow, "built_in_available", lambda: False)


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a site."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )


async def go_on(
    hass: HomeAssistant, flow: ConfigFlowResult, **user_input: object
) -> ConfigFlowResult:
    """Submit a form."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], user_input)


def versions(entry: MockConfigEntry) -> list[str | None]:
    """Return the versions of a site's recognizers, which tells them apart."""
    return [one.version for one in entry.runtime_data.recognizer.data.backends]


async def describe(
    hass: HomeAssistant, flow: ConfigFlowResult, kind: str = "codeproject"
) -> ConfigFlowResult:
    """Choose the kind of a recognizer."""
    assert flow["type"] is FlowResultType.MENU
    return await go_on(hass, flow, next_step_id=kind)


async def test_built_in_recognizer(hass: HomeAssistant, child: Path) -> None:
    """Where it is installed it can be chosen, and is run once as a test."""
    flow = await begin(hass)
    assert flow["type"] is FlowResultType.MENU
    assert flow["step_id"] == "user"
    assert flow["menu_options"] == ["built_in", *ADDRESSED]

    flow = await go_on(hass, flow, next_step_id="built_in")
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["title"] == "Plate Gate"
    assert flow["data"] == {"backend": "built_in"}
    assert flow["result"].state is ConfigEntryState.LOADED
    assert state_of(hass, RECOGNIZER) == STATE_ON
    assert len((child / "runs").read_text().split()) == 2


async def test_built_in_recognizer_that_does_not_work_yet(
    hass: HomeAssistant, child: Path
) -> None:
    """A recognizer that cannot be run says so, and may be tried again."""
    (child / "mode").write_text("end")
    flow = await go_on(hass, await begin(hass), next_step_id="built_in")
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "built_in"
    assert flow["errors"] == {"base": "backend_unavailable"}

    (child / "mode").write_text("refuse")
    flow = await go_on(hass, flow)
    assert flow["errors"] == {"base": "backend_rejected"}

    (child / "mode").write_text("")
    flow = await go_on(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("child")
async def test_one_built_in_recognizer_is_enough(hass: HomeAssistant) -> None:
    """A second site with the built-in recognizer is refused."""
    await go_on(hass, await begin(hass), next_step_id="built_in")
    flow = await go_on(hass, await begin(hass), next_step_id="built_in")

    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


@pytest.mark.usefixtures("not_installed")
async def test_codeproject(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """The address of a recognizer is asked for; then comes the first lane."""
    flow = await begin(hass)
    assert flow["menu_options"] == ADDRESSED
    flow = await describe(hass, flow)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "codeproject"
    assert flow["errors"] == {}

    flow = await go_on(hass, flow, url=f" {recognizer.url}/ ", verify_ssl=True)
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["title"] == "Plate Gate"
    assert flow["data"] == {
        "backend": "codeproject",
        "url": recognizer.url,
        "verify_ssl": True,
    }
    assert flow["result"].state is ConfigEntryState.LOADED
    kind, flow_id = flow["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    lane = hass.config_entries.subentries.async_get(flow_id)
    assert lane["handler"] == (flow["result"].entry_id, "lane")
    assert lane["step_id"] == "user"


@pytest.mark.usefixtures("not_installed")
async def test_codeproject_errors_and_recovery(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """Each trouble is named, and the same form goes on once it is over."""
    flow = await describe(hass, await begin(hass))

    async def submit(**user_input: object) -> ConfigFlowResult:
        given = {"url": recognizer.url, "verify_ssl": True, **user_input}
        return await go_on(hass, flow, **given)

    result = await submit(url="http://127.0.0.1:1")
    assert result["errors"] == {"base": "backend_unavailable"}
    result = await submit(url="rtsp://127.0.0.1/live")
    assert result["errors"] == {"base": "backend_protocol"}

    see = recognizer.alpr
    for answer, error in (
        (says_json(401), "backend_auth"),
        (says_json(503), "backend_unavailable"),
        (says(b"", status=503, Retry_After="60"), "backend_rate_limited"),
        (says_json(404), "backend_protocol"),
        (says(b"<html>garbage"), "backend_protocol"),
        (says_json(success=False, error="no module"), "backend_rejected"),
    ):
        recognizer.alpr = answer
        result = await submit()
        assert result["type"] is FlowResultType.FORM
        assert result["step_id"] == "codeproject"
        assert result["errors"] == {"base": error}

    recognizer.alpr = see
    protect(recognizer, TOKEN)
    assert (await submit())["errors"] == {"base": "backend_auth"}
    assert (await submit(token="wrong"))["errors"] == {"base": "backend_auth"}
    result = await submit(token=TOKEN)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["token"] == TOKEN


@pytest.mark.usefixtures("not_installed")
async def test_recognizer_that_is_too_slow(
    hass: HomeAssistant, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form accepts only what reads in time at the gate."""
    for module in (backends, site):
        monkeypatch.setattr(module, "BackendPool", partial(BackendPool, deadline=0.5))
    go_ahead = asyncio.Event()

    async def see(request: web.Request) -> web.Response:
        await go_ahead.wait()
        return await recognizer.see(request)

    recognizer.alpr = see
    flow = await describe(hass, await begin(hass))
    result = await go_on(hass, flow, url=recognizer.url, verify_ssl=True)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "backend_slow"}

    entry = site_entry(recognizer.url)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "backend_slow"
    await hass.config_entries.async_remove(entry.entry_id)

    go_ahead.set()
    result = await go_on(hass, flow, url=recognizer.url, verify_ssl=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].state is ConfigEntryState.LOADED


@pytest.mark.usefixtures("not_installed")
async def test_address_with_a_password(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """An address is shown again and may be in a log; a password belongs elsewhere."""
    flow = await describe(hass, await begin(hass))
    for user in ("admin:hunter22@", "admin@", ":hunter22@"):
        url = f"http://{user}{recognizer.address}"
        result = await go_on(hass, flow, url=url, verify_ssl=True)
        assert result["errors"] == {"base": "url_credentials"}
    assert recognizer.received == []

    result = await go_on(hass, flow, url=f"{recognizer.url}/@home", verify_ssl=True)
    assert result["errors"] == {"base": "backend_protocol"}
    result = await go_on(hass, flow, url=recognizer.url, verify_ssl=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("not_installed")
async def test_change_to_an_address_with_a_password(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """It is refused there, too, and the site keeps what it has."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    before = dict(entry.data)
    flow = await describe(hass, await entry.start_reconfigure_flow(hass))
    url = recognizer.url.replace("http://", "http://admin:hunter22@")

    flow = await go_on(hass, flow, url=url, verify_ssl=True)

    assert flow["errors"] == {"base": "url_credentials"}
    assert entry.data == before


@pytest.mark.usefixtures("not_installed")
async def test_same_address_again(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """A second site with the same recognizer is refused."""
    await set_up(hass, site_entry(recognizer.url))

    flow = await go_on(
        hass,
        await describe(hass, await begin(hass)),
        url=f"{recognizer.url}/",
        verify_ssl=False,
    )

    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"


async def test_change_to_built_in_and_back(
    hass: HomeAssistant, recognizer: Recognizer, child: Path
) -> None:
    """Another recognizer can be chosen, and is used without a restart."""
    entry = site_entry(recognizer.url, token="old")
    await set_up(hass, entry)

    flow = await entry.start_reconfigure_flow(hass)
    assert flow["type"] is FlowResultType.MENU
    assert flow["step_id"] == "reconfigure"
    flow = await go_on(hass, flow, next_step_id="built_in")
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "reconfigure_successful"
    assert entry.data == {"backend": "built_in"}
    assert versions(entry) == ["0.0.1"]

    flow = await entry.start_reconfigure_flow(hass)
    flow = await go_on(hass, flow, next_step_id="codeproject")
    flow = await go_on(hass, flow, url=recognizer.url, verify_ssl=True)
    await hass.async_block_till_done()

    assert flow["reason"] == "reconfigure_successful"
    assert entry.data == {
        "backend": "codeproject",
        "url": recognizer.url,
        "verify_ssl": True,
    }
    assert versions(entry) == ["2.9.6"]
    assert len((child / "runs").read_text().split()) == 2


@pytest.mark.usefixtures("not_installed")
async def test_change_keeps_its_own_address(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A form shows what there is but the token, and may keep the address."""
    entry = site_entry(recognizer.url, token="old")
    await set_up(hass, entry)

    flow = await describe(hass, await entry.start_reconfigure_flow(hass))
    schema = flow["data_schema"]
    assert schema is not None
    suggested = {str(key): key.description for key in schema.schema if key.description}
    assert suggested["url"] == {"suggested_value": recognizer.url}
    assert "token" not in suggested
    flow = await go_on(hass, flow, url=recognizer.url, verify_ssl=True, token="new")

    assert flow["reason"] == "reconfigure_successful"
    assert entry.data["token"] == "new"

    # Who changes something else need not type it again.
    await hass.async_block_till_done()
    flow = await describe(hass, await entry.start_reconfigure_flow(hass))
    flow = await go_on(hass, flow, url=recognizer.url, verify_ssl=False)
    assert entry.data["token"] == "new"
    assert entry.data["verify_ssl"] is False


@pytest.mark.usefixtures("not_installed")
async def test_change_to_another_sites_recognizer(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A site cannot take the recognizer of another."""
    async with Recognizer() as other:
        entry = site_entry(recognizer.url)
        await set_up(hass, entry)
        await set_up(hass, site_entry(other.url, entry_id="second"))

        flow = await describe(hass, await entry.start_reconfigure_flow(hass))
        flow = await go_on(hass, flow, url=other.url, verify_ssl=True)

    assert flow["reason"] == "already_configured"
    assert entry.data["url"] == recognizer.url


@pytest.mark.usefixtures("not_installed")
async def test_change_while_the_recognizer_is_away(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A site that waits for its recognizer tries the new one at once."""
    entry = site_entry("http://127.0.0.1:1")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY

    flow = await describe(hass, await entry.start_reconfigure_flow(hass))
    await go_on(hass, flow, url=recognizer.url, verify_ssl=True)
    await hass.async_block_till_done()

    assert entry_state(entry) is ConfigEntryState.LOADED


async def test_new_token_at_setup(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """A recognizer that refuses the token at setup asks for a new one."""
    protect(recognizer, TOKEN)
    entry = site_entry(recognizer.url, token="old")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry_state(entry) is ConfigEntryState.SETUP_ERROR

    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["step_id"] == "reauth_confirm"
    result = await go_on(hass, flow, token="wrong")
    assert result["errors"] == {"base": "backend_auth"}
    await recognizer.stop()
    result = await go_on(hass, flow, token=TOKEN)
    assert result["errors"] == {"base": "backend_unavailable"}
    await recognizer.start()
    result = await go_on(hass, flow, token=TOKEN)
    await hass.async_block_till_done()

    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.data["token"] == TOKEN
    assert entry_state(entry) is ConfigEntryState.LOADED


@pytest.mark.parametrize("open_ping", [False, True])
async def test_new_token_at_run_time(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, open_ping: bool
) -> None:
    """A lane that is refused begins it too, also if a ping needs no token."""
    entry = site_entry(
        recognizer.url, lane_subentry(lane_data(camera.url())), token="old"
    )
    await set_up(hass, entry)
    await eventually(lambda: recognizer.reads > 1)
    ping = recognizer.ping

    protect(recognizer, TOKEN)
    if open_ping:
        recognizer.ping = ping
    await eventually(lambda: hass.config_entries.flow.async_progress())
    assert state_of(hass, RECOGNIZER) == STATE_OFF

    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    result = await go_on(hass, flow, token=TOKEN)
    await hass.async_block_till_done()

    assert result["reason"] == "reauth_successful"
    assert entry.data["token"] == TOKEN
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert state_of(hass, RECOGNIZER) == STATE_ON
    reads = recognizer.reads
    await eventually(lambda: recognizer.reads > reads)
