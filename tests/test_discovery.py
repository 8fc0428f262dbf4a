"""Tests of recognizers that announce themselves in the network."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_ZEROCONF,
    ConfigEntryState,
    ConfigFlowResult,
    FlowType,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from homeassistant.loader import async_get_zeroconf
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate import discovery
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.discovery import Announcement
from custom_components.plate_gate.recognition import BackendState

from .common import (
    Recognizer,
    backend_subentry,
    entry_state,
    protect,
    says_json,
    set_up,
    site_entry,
)
from .recognition.certificate import make_certificate

SERVICE = "_plate-gate._tcp.local."
ID = "5f1c0ffee5f1c0ff"
NAME = "Plate Gate recognizer 5f1c0f"
TOKEN = "token-of-the-tests"


@pytest.fixture
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the servers of the tests, which are on this machine, be reachable by all."""
    monkeypatch.setattr(discovery, "_is_reachable", lambda address: True)


near = pytest.mark.usefixtures("_near")


@pytest.fixture
async def other() -> AsyncGenerator[Recognizer]:
    """Return a second recognizer."""
    async with Recognizer() as other:
        yield other


def announcement(
    port: int | None,
    addresses: Sequence[str] = ("127.0.0.1",),
    recognizer_id: str | None = ID,
    **properties: str,
) -> ZeroconfServiceInfo:
    """Return what a recognizer announces."""
    told: dict[str, Any] = {"version": "0.2.0", "tls": "0", "token": "0", **properties}
    if recognizer_id is not None:
        told["id"] = recognizer_id
    found = [ip_address(address) for address in addresses]
    return ZeroconfServiceInfo(
        ip_address=found[0],
        ip_addresses=found,
        port=port,
        hostname=f"plate-gate-{recognizer_id}.local.",
        type=SERVICE,
        name=f"{NAME}.{SERVICE}",
        properties=told,
    )


async def hear(hass: HomeAssistant, service: ZeroconfServiceInfo) -> ConfigFlowResult:
    """Let Home Assistant hear of it."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=service
    )


async def go_on(
    hass: HomeAssistant, flow: ConfigFlowResult, **user_input: object
) -> ConfigFlowResult:
    """Submit a form."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], user_input)


def flows(hass: HomeAssistant) -> list[ConfigFlowResult]:
    """Return what is offered."""
    return hass.config_entries.flow.async_progress_by_handler(DOMAIN)


async def test_home_assistant_listens(hass: HomeAssistant) -> None:
    """The manifest names what our recognizer announces."""
    assert await async_get_zeroconf(hass)
    matchers = (await async_get_zeroconf(hass))[SERVICE]
    assert [matcher["domain"] for matcher in matchers] == [DOMAIN]


@near
async def test_first_site(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """Where there is no site, one begins with it once that is confirmed."""
    flow = await hear(hass, announcement(recognizer.port))
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "new_site"
    assert flow["description_placeholders"] == {
        "host": "127.0.0.1",
        "site": "",
        "app": "",
    }
    [offered] = flows(hass)
    assert offered["context"]["title_placeholders"] == {"host": "127.0.0.1"}
    assert recognizer.received == []

    recognizer.alpr = says_json(success=False, error="no")
    flow = await go_on(hass, flow)
    assert flow["errors"] == {"base": "backend_rejected"}
    recognizer.alpr = recognizer.see
    flow = await go_on(hass, flow)
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["title"] == "Plate Gate"
    assert flow["data"] == {"backend": "codeproject", "url": recognizer.url}
    assert flow["result"].unique_id == ID
    assert flow["result"].state is ConfigEntryState.LOADED
    assert flow["next_flow"][0] is FlowType.CONFIG_SUBENTRIES_FLOW


@near
@pytest.mark.parametrize("told", ["0", "1"])
async def test_token(hass: HomeAssistant, recognizer: Recognizer, told: str) -> None:
    """A recognizer that wants a token gets one, whether it has said so or not."""
    protect(recognizer, TOKEN)
    flow = await hear(hass, announcement(recognizer.port, token=told))
    flow = await go_on(hass, flow)
    assert flow["step_id"] == "access"
    assert not flow["errors"]
    flow = await go_on(hass, flow, token="wrong", verify_ssl=True)
    assert flow["errors"] == {"base": "backend_auth"}
    flow = await go_on(hass, flow, token=TOKEN, verify_ssl=True)

    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["data"] == {
        "backend": "codeproject",
        "url": recognizer.url,
        "token": TOKEN,
        "verify_ssl": True,
    }


@near
async def test_certificate(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """One with a certificate is spoken to by TLS and nothing else."""
    flow = await hear(hass, announcement(recognizer.port, tls="1"))
    flow = await go_on(hass, flow)
    assert flow["step_id"] == "access"
    flow = await go_on(hass, flow, verify_ssl=False)
    # Here, nobody speaks TLS.
    assert flow["errors"] == {"base": "backend_unavailable"}
    assert recognizer.received == []


@near
async def test_further_one(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """Where there is a site, it is added to that one, and used at once."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    flow = await hear(hass, announcement(other.port))
    assert flow["step_id"] == "further"
    assert flow["description_placeholders"] == {
        "host": "127.0.0.1",
        "site": "Plate Gate",
        "app": "",
    }
    flow = await go_on(hass, flow)
    await hass.async_block_till_done()

    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "backend_added"
    [added] = entry.get_subentries_of_type("backend")
    assert added.title == NAME
    assert added.unique_id == ID
    assert added.data == {"backend": "codeproject", "url": other.url}
    backends = entry.runtime_data.recognizer.data.backends
    assert [one.state for one in backends] == [BackendState.READY] * 2

    flow = await hear(hass, announcement(other.port))
    assert flow["reason"] == "already_configured"


@near
async def test_site_that_waits(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """A site whose recognizer is away begins with the one that was found."""
    entry = site_entry("http://127.0.0.1:1")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY

    flow = await go_on(hass, await hear(hass, announcement(recognizer.port)))
    await hass.async_block_till_done()

    assert flow["reason"] == "backend_added"
    assert entry_state(entry) is ConfigEntryState.LOADED


@near
async def test_choice_of_sites(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """Where there are several sites, one is chosen."""
    first = site_entry(recognizer.url)
    await set_up(hass, first)
    async with Recognizer() as third:
        second = site_entry(third.url, entry_id="second")
        await set_up(hass, second)
        flow = await hear(hass, announcement(other.port))
        assert flow["step_id"] == "choose_site"
        flow = await go_on(hass, flow, site="second")
        assert flow["step_id"] == "further"
        flow = await go_on(hass, flow)
        await hass.async_block_till_done()

        assert flow["reason"] == "backend_added"
        assert first.get_subentries_of_type("backend") == []
        assert len(second.get_subentries_of_type("backend")) == 1
        assert await hass.config_entries.async_unload("second")


@near
@pytest.mark.parametrize("when", ["choosing", "confirming"])
async def test_site_that_is_gone(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer, when: str
) -> None:
    """A site that is removed meanwhile is told of."""
    await set_up(hass, site_entry(recognizer.url))
    async with Recognizer() as third:
        await set_up(hass, site_entry(third.url, entry_id="second"))
        flow = await hear(hass, announcement(other.port))
        if when == "confirming":
            flow = await go_on(hass, flow, site="second")
        await hass.config_entries.async_remove("second")
        chosen = {"site": "second"} if when == "choosing" else {}
        flow = await go_on(hass, flow, **chosen)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "site_removed"


@near
async def test_address_that_is_typed_meanwhile(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """Nothing is added twice."""
    flow = await hear(hass, announcement(other.port))
    await set_up(hass, site_entry(other.url))
    flow = await go_on(hass, flow)
    assert flow["reason"] == "already_configured"


@near
@pytest.mark.parametrize("by", ["127.0.0.1", f"plate-gate-{ID}.local"])
async def test_known_address(
    hass: HomeAssistant, recognizer: Recognizer, by: str
) -> None:
    """What somebody has typed is not offered, by whichever of its names."""
    entry = site_entry(f"http://{by}:{recognizer.port}")
    entry.add_to_hass(hass)
    flow = await hear(hass, announcement(recognizer.port))
    assert flow["reason"] == "already_configured"
    assert entry.unique_id is None


@near
async def test_one_that_is_ignored(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """Nobody is asked again about what they do not want to hear of."""
    await hear(hass, announcement(recognizer.port))
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": ID, "title": "127.0.0.1"},
    )
    flow = await hear(hass, announcement(recognizer.port))
    assert flow["reason"] == "already_configured"


def known_at(place: str, recognizer: Recognizer, url: str) -> MockConfigEntry:
    """Return a site that knows a recognizer, which announced itself, at an address."""
    if place == "first":
        return site_entry(url, unique_id=ID, token=TOKEN)
    further = backend_subentry(url, unique_id=ID, token=TOKEN)
    return site_entry(recognizer.url, further)


def data_of(entry: MockConfigEntry, place: str) -> Mapping[str, Any]:
    """Return what is stored of the recognizer that a site knows."""
    data: Mapping[str, Any] = entry.data
    return data if place == "first" else entry.subentries["backend2"].data


@near
@pytest.mark.parametrize(
    ("place", "title"),
    [("first", "CodeProject.AI (Plate Gate)"), ("further", "Garage (Plate Gate)")],
)
async def test_one_that_has_moved(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    place: str,
    title: str,
) -> None:
    """It is used elsewhere, and hears of the token, once a person has confirmed that.

    Nobody is asked while there is a recognizer at the old address.
    """
    entry = known_at(place, recognizer, other.url)
    await set_up(hass, entry)
    before = data_of(entry, place)
    async with Recognizer() as moved:
        flow = await hear(hass, announcement(moved.port))
        assert flow["reason"] == "already_configured"

        await other.stop()
        flow = await hear(hass, announcement(moved.port))
        assert flow["type"] is FlowResultType.FORM
        assert flow["step_id"] == "moved"
        assert flow["description_placeholders"] == {
            "recognizer": title,
            "known": "127.0.0.1",
            "host": "127.0.0.1",
        }
        again = await hear(hass, announcement(moved.port))
        assert again["reason"] == "already_in_progress"
        await hass.async_block_till_done()
        assert moved.received == []
        assert data_of(entry, place) == before

        flow = await go_on(hass, flow)
        await hass.async_block_till_done()

        assert flow["type"] is FlowResultType.ABORT
        assert flow["reason"] == "backend_moved"
        assert data_of(entry, place) == {**before, "url": moved.url}
        assert {one.authorization for one in moved.received} == {f"Bearer {TOKEN}"}
        assert entry_state(entry) is ConfigEntryState.LOADED
        flow = await hear(hass, announcement(moved.port))
        assert flow["reason"] == "already_configured"
        assert await hass.config_entries.async_unload(entry.entry_id)


@near
async def test_one_that_has_moved_while_its_site_waits(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A site that waits for its recognizer begins when that is confirmed."""
    entry = site_entry("http://127.0.0.1:1", unique_id=ID)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY

    flow = await hear(hass, announcement(recognizer.port))
    await hass.async_block_till_done()
    assert flow["step_id"] == "moved"
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    flow = await go_on(hass, flow)
    await hass.async_block_till_done()

    assert flow["reason"] == "backend_moved"
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert entry.data["url"] == recognizer.url


@near
async def test_move_that_does_not_work(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """Nothing is changed before the recognizer reads at the new address."""
    entry = site_entry("http://127.0.0.1:1", unique_id=ID, token="wrong")
    entry.add_to_hass(hass)
    before = entry.data
    protect(recognizer, TOKEN)
    flow = await go_on(hass, await hear(hass, announcement(recognizer.port)))
    assert flow["step_id"] == "moved"
    assert flow["errors"] == {"base": "backend_auth"}
    await recognizer.stop()
    flow = await go_on(hass, flow)
    assert flow["errors"] == {"base": "backend_unavailable"}
    assert entry.data == before


@near
@pytest.mark.parametrize("status", [200, 401, 429])
async def test_known_one_that_answers(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer, status: int
) -> None:
    """Somebody who could still be the known one is not doubted, even if of no use."""
    other.ping = says_json(status, success=True, version="1.0")
    entry = site_entry(other.url, unique_id=ID)
    entry.add_to_hass(hass)
    flow = await hear(hass, announcement(recognizer.port))
    assert flow["reason"] == "already_configured"
    assert flows(hass) == []
    assert recognizer.received == []


@near
async def test_address_that_something_else_has_now(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """What is at the old address has to be a recognizer to count as the known one."""
    other.ping = says_json(404)
    entry = site_entry(other.url, unique_id=ID)
    entry.add_to_hass(hass)
    flow = await hear(hass, announcement(recognizer.port))
    assert flow["step_id"] == "moved"


@near
@pytest.mark.parametrize("what", ["answers", "changed", "removed"])
async def test_move_that_is_none_any_more(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer, what: str
) -> None:
    """A form that was there for long changes nothing that is well by now."""
    entry = known_at("further", recognizer, other.url)
    await set_up(hass, entry)
    await other.stop()
    async with Recognizer() as moved:
        flow = await hear(hass, announcement(moved.port))
        assert flow["step_id"] == "moved"
        if what == "answers":
            await other.start()
        elif what == "changed":
            changed = {"backend": "codeproject", "url": "http://127.0.0.1:2"}
            hass.config_entries.async_update_subentry(
                entry, entry.subentries["backend2"], data=changed, unique_id=None
            )
        else:
            hass.config_entries.async_remove_subentry(entry, "backend2")
        await hass.async_block_till_done()
        left = [dict(one.data) for one in entry.subentries.values()]
        flow = await go_on(hass, flow)
        await hass.async_block_till_done()
    assert flow["reason"] == "not_moved"
    assert [dict(one.data) for one in entry.subentries.values()] == left


@near
async def test_one_that_several_sites_have(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """It is asked once whether it has moved, for all that know it elsewhere."""
    first = known_at("further", recognizer, "http://127.0.0.1:1")
    second = site_entry("http://127.0.0.1:1", entry_id="second", unique_id=ID)
    for entry in (first, second):
        entry.add_to_hass(hass)
    async with Recognizer() as moved:
        flow = await hear(hass, announcement(moved.port))
        assert flow["description_placeholders"] == {
            "recognizer": "Garage (Plate Gate), CodeProject.AI (Plate Gate)",
            "known": "127.0.0.1",
            "host": "127.0.0.1",
        }
        flow = await go_on(hass, flow)
        await hass.async_block_till_done()
        assert flow["reason"] == "backend_moved"
        assert first.subentries["backend2"].data["url"] == moved.url
        assert second.data["url"] == moved.url
        for entry in (first, second):
            assert await hass.config_entries.async_unload(entry.entry_id)


@near
async def test_move_that_is_ignored(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """Who ignores a claim keeps the site, and is asked again of another address."""
    entry = site_entry("http://127.0.0.1:1", unique_id=ID)
    entry.add_to_hass(hass)
    await hear(hass, announcement(recognizer.port))
    [offered] = flows(hass)
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": offered["context"]["unique_id"], "title": "127.0.0.1"},
    )
    assert hass.config_entries.async_get_entry(entry.entry_id) is entry
    assert flows(hass) == []
    flow = await hear(hass, announcement(recognizer.port))
    assert flow["reason"] == "already_configured"
    flow = await hear(hass, announcement(other.port))
    assert flow["step_id"] == "moved"


@near
async def test_nobody_is_followed_out_of_tls(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """What went encrypted goes no other way, so that nobody is asked about that."""
    entry = site_entry("https://127.0.0.1:1", unique_id=ID, token=TOKEN)
    entry.add_to_hass(hass)

    flow = await hear(hass, announcement(recognizer.port))
    await hass.async_block_till_done()

    assert flow["reason"] == "already_configured"
    assert flows(hass) == []
    assert entry.data["url"] == "https://127.0.0.1:1"
    assert recognizer.received == []


@near
@pytest.mark.parametrize("known", ["http", "https"])
async def test_move_by_tls(hass: HomeAssistant, tmp_path: Path, known: str) -> None:
    """Who has a certificate now is spoken to by TLS, as strictly as was chosen."""
    entry = site_entry(f"{known}://127.0.0.1:1", unique_id=ID, verify_ssl=False)
    entry.add_to_hass(hass)
    before = entry.data
    async with Recognizer(tls=make_certificate(tmp_path)) as moved:
        flow = await go_on(hass, await hear(hass, announcement(moved.port, tls="1")))
        await hass.async_block_till_done()
        assert flow["reason"] == "backend_moved"
        assert entry.data == {**before, "url": f"https://127.0.0.1:{moved.port}"}
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    "service",
    [
        announcement(32168),
        announcement(32168, ["::1"]),
        announcement(32168, ["0.0.0.0"]),
        announcement(32168, ["fe80::1"]),
        announcement(None, ["192.0.2.7"]),
        announcement(32168, ["192.0.2.7"], None),
        announcement(32168, ["192.0.2.7"], "app_local_plate_gate_recognizer"),
    ],
)
async def test_what_cannot_be_used(
    hass: HomeAssistant, service: ZeroconfServiceInfo
) -> None:
    """Nobody is bothered with what only its own machine can reach, or is not whole."""
    flow = await hear(hass, service)
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "not_usable"
    assert flows(hass) == []


@pytest.mark.parametrize(
    ("addresses", "tls", "url"),
    [
        (["192.0.2.7"], "0", "http://192.0.2.7:32168"),
        (["192.0.2.7"], "1", "https://192.0.2.7:32168"),
        (["2001:db8::7"], "0", "http://[2001:db8::7]:32168"),
        (["fe80::1", "192.0.2.7", "10.0.0.7"], "0", "http://192.0.2.7:32168"),
    ],
)
def test_address(addresses: list[str], tls: str, url: str) -> None:
    """The newest address that everybody can reach is taken, IPv6 in brackets."""
    found = Announcement.from_service(announcement(32168, addresses, tls=tls))
    assert found is not None
    assert found.url == url
    assert found.is_at(url)
    assert found.is_at(f"{url}/")
    assert not found.is_at(url.replace("32168", "32169"))
    assert not found.is_at("http://192.0.2.8:32168")
    assert not found.is_at("")
    assert not found.is_at("http://[")


def test_standard_port() -> None:
    """An address without a port is one, too."""
    found = Announcement.from_service(announcement(443, ["192.0.2.7"], tls="1"))
    assert found is not None
    assert found.is_at("https://192.0.2.7")
    assert not found.is_at("http://192.0.2.7")
