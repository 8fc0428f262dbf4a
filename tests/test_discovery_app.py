"""Tests of the recognizer that is an app of Home Assistant.

The Supervisor, which tells of it, is not there; what it hands to Home Assistant is.
"""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from homeassistant.config_entries import (
    SOURCE_HASSIO,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.discovery import Announcement

from .common import (
    Recognizer,
    backend_subentry,
    entry_state,
    protect,
    set_up,
    site_entry,
)
from .recognition.certificate import make_certificate

SLUG = "a0d7b954_plate_gate_recognizer"
ID = f"app_{SLUG}"
NAME = "Plate Gate Recognizer"
TOKEN = "token-of-the-tests"


@pytest.fixture
async def app() -> AsyncGenerator[Recognizer]:
    """Return the recognizer that is an app."""
    async with Recognizer() as app:
        yield app


def message(recognizer: Recognizer, **config: object) -> HassioServiceInfo:
    """Return what the Supervisor tells of an app."""
    told: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": recognizer.port,
        "tls": recognizer.tls is not None,
        "addon": NAME,
        **config,
    }
    return HassioServiceInfo(config=told, name=NAME, slug=SLUG, uuid="0123456789ab")


async def hear(hass: HomeAssistant, service: HassioServiceInfo) -> ConfigFlowResult:
    """Let Home Assistant be told of it."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_HASSIO}, data=service
    )


async def go_on(
    hass: HomeAssistant, flow: ConfigFlowResult, **user_input: object
) -> ConfigFlowResult:
    """Submit a form."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], user_input)


async def test_first_site(hass: HomeAssistant, app: Recognizer) -> None:
    """A site begins with it; the token is neither asked for nor shown."""
    protect(app, TOKEN)
    flow = await hear(hass, message(app, token=TOKEN))
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "app_new_site"
    assert flow["description_placeholders"] == {
        "host": "127.0.0.1",
        "site": "",
        "app": NAME,
    }
    shown = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert TOKEN not in str(shown) + str(flow)
    assert app.received == []

    flow = await go_on(hass, flow)
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["data"] == {
        "backend": "codeproject",
        "url": app.url,
        "token": TOKEN,
        "verify_ssl": False,
    }
    # Home Assistant removes the site with an app if this is the id of the message.
    assert flow["result"].unique_id == ID
    assert entry_state(flow["result"]) is ConfigEntryState.LOADED


async def test_certificate(hass: HomeAssistant, tmp_path: Path) -> None:
    """One with a certificate, which is of another name, is spoken to by TLS."""
    async with Recognizer(tls=make_certificate(tmp_path)) as app:
        flow = await go_on(hass, await hear(hass, message(app)))
        await hass.async_block_till_done()
        assert flow["type"] is FlowResultType.CREATE_ENTRY
        assert flow["data"] == {
            "backend": "codeproject",
            "url": f"https://127.0.0.1:{app.port}",
            "verify_ssl": False,
        }
        assert await hass.config_entries.async_unload(flow["result"].entry_id)


async def test_app_that_does_not_work(hass: HomeAssistant, app: Recognizer) -> None:
    """What is wrong is told, and nothing is asked for that the app has to say."""
    protect(app, TOKEN)
    flow = await go_on(hass, await hear(hass, message(app)))
    assert flow["step_id"] == "app_new_site"
    assert flow["errors"] == {"base": "backend_auth"}
    await app.stop()
    flow = await go_on(hass, flow)
    assert flow["errors"] == {"base": "backend_unavailable"}


async def test_newer_message(hass: HomeAssistant, app: Recognizer) -> None:
    """An app that is given a token before it is added is added with that."""
    await hear(hass, message(app))
    protect(app, TOKEN)
    flow = await hear(hass, message(app, token=TOKEN))
    [offered] = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert offered["flow_id"] == flow["flow_id"]
    flow = await go_on(hass, flow)
    assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("sites", [1, 2])
async def test_further_one(
    hass: HomeAssistant, recognizer: Recognizer, app: Recognizer, sites: int
) -> None:
    """Where there is a site, it is added to that one, or to one of several."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    if sites == 2:
        site_entry("http://127.0.0.1:1", entry_id="second").add_to_hass(hass)
    flow = await hear(hass, message(app))
    if sites == 2:
        assert flow["step_id"] == "choose_site"
        flow = await go_on(hass, flow, site=entry.entry_id)
    assert flow["step_id"] == "app_further"
    assert flow["description_placeholders"] == {
        "host": "127.0.0.1",
        "site": "Plate Gate",
        "app": NAME,
    }
    flow = await go_on(hass, flow)
    await hass.async_block_till_done()

    assert flow["reason"] == "backend_added"
    [added] = entry.get_subentries_of_type("backend")
    assert added.title == NAME
    assert added.unique_id == ID
    assert added.data == {
        "backend": "codeproject",
        "url": app.url,
        "verify_ssl": False,
    }


@pytest.mark.parametrize("place", ["first", "further"])
@pytest.mark.parametrize("token", [TOKEN, ""])
async def test_change(
    hass: HomeAssistant,
    recognizer: Recognizer,
    app: Recognizer,
    place: str,
    token: str,
) -> None:
    """Another token or address of an app that is in use is taken over at once."""
    entry: MockConfigEntry
    if place == "first":
        entry = site_entry(recognizer.url, unique_id=ID, token="old")
    else:
        known = backend_subentry("http://127.0.0.1:1", unique_id=ID, token="old")
        entry = site_entry(recognizer.url, known)
    await set_up(hass, entry)
    if token:
        protect(app, token)
    flow = await hear(hass, message(app, token=token))
    await hass.async_block_till_done()

    assert flow["reason"] == "already_configured"
    data = entry.data if place == "first" else entry.subentries["backend2"].data
    assert data == {
        "backend": "codeproject",
        "url": app.url,
        "verify_ssl": False,
        **({"token": token} if token else {}),
    }
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert app.received
    assert {one.authorization for one in app.received} == {
        f"Bearer {token}" if token else None
    }

    loaded = entry.runtime_data
    await hear(hass, message(app, token=token))
    await hass.async_block_till_done()
    assert entry.runtime_data is loaded, "it was loaded again for nothing"
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_change_for_a_site_that_waits(
    hass: HomeAssistant, app: Recognizer
) -> None:
    """A site that waits for the app begins when that is told to be elsewhere."""
    entry = site_entry("http://127.0.0.1:1", unique_id=ID)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    await hear(hass, message(app))
    await hass.async_block_till_done()
    assert entry_state(entry) is ConfigEntryState.LOADED


async def test_address_that_was_typed(hass: HomeAssistant, app: Recognizer) -> None:
    """What somebody has typed is not offered, and stays as it is."""
    entry = site_entry(app.url, token="typed")
    entry.add_to_hass(hass)
    before = entry.data
    flow = await hear(hass, message(app, token=TOKEN))
    assert flow["reason"] == "already_configured"
    assert entry.data == before


@pytest.mark.parametrize(
    "config",
    [
        {"host": None},
        {"host": ""},
        {"host": "not a host"},
        {"port": None},
        {"port": "32168"},
        {"port": 99999},
    ],
)
async def test_message_that_is_not_whole(
    hass: HomeAssistant, app: Recognizer, config: dict[str, object]
) -> None:
    """Nobody is bothered with what is no address."""
    flow = await hear(hass, message(app, **config))
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "not_usable"


def test_token_is_not_printed() -> None:
    """Neither the token nor anything else that lets one in is in what could be logged."""
    told = {"host": "app", "port": 32168, "tls": True, "token": TOKEN}
    service = HassioServiceInfo(config=told, name=NAME, slug=SLUG, uuid="0123456789ab")
    found = Announcement.from_app(service)
    assert found is not None
    assert found.url == "https://app:32168"
    assert TOKEN not in repr(found)
