"""Tests of adding and changing backends of every kind, with real servers."""

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate import backend_flow, backends
from custom_components.plate_gate.backend_schemas import read_regions
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.recognition import BackendPool

from .common import (
    ENTRY_ID,
    Recognizer,
    backend_subentry,
    entry_state,
    protect,
    says_json,
    set_up,
    site_entry,
)
from .recognition.faults import silence
from .recognition.server import RecordingServer
from .recognition.systems import (
    CODEPROJECT,
    OMNI_LPR,
    OPENALPR,
    PLATE_RECOGNIZER,
    System,
)

TOKEN = "token-of-the-tests"
SYSTEMS = {
    "codeproject": (CODEPROJECT, "CodeProject.AI"),
    "openalpr": (OPENALPR, "OpenALPR"),
    "plate_recognizer": (PLATE_RECOGNIZER, "Plate Recognizer"),
    "omni_lpr": (OMNI_LPR, "omni-lpr"),
}
REGIONAL = ("openalpr", "plate_recognizer")


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the built-in recognizer not be there."""
    monkeypatch.setattr(backend_flow, "built_in_available", lambda: False)


@pytest.fixture
async def other() -> AsyncGenerator[Recognizer]:
    """Return a second CodeProject.AI server."""
    async with Recognizer() as other:
        yield other


@pytest.fixture(params=SYSTEMS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return each kind that has an address."""
    kind: str = request.param
    return kind


async def begin(
    hass: HomeAssistant, kind: str, *, subentry_id: str | None = None
) -> SubentryFlowResult:
    """Begin to add a backend to the site, or to change one, of some kind."""
    context = SubentryFlowContext(source=SOURCE_USER)
    if subentry_id is not None:
        context = SubentryFlowContext(
            source=SOURCE_RECONFIGURE, subentry_id=subentry_id
        )
    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "backend"), context=context
    )
    assert flow["type"] is FlowResultType.MENU
    return await go_on(hass, flow, next_step_id=kind)


async def go_on(
    hass: HomeAssistant, flow: SubentryFlowResult, **user_input: object
) -> SubentryFlowResult:
    """Submit a form."""
    return await hass.config_entries.subentries.async_configure(
        flow["flow_id"], user_input
    )


def further(entry: MockConfigEntry) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of the further backends."""
    return [
        (subentry.title, dict(subentry.data))
        for subentry in entry.get_subentries_of_type("backend")
    ]


def suggested(flow: SubentryFlowResult) -> dict[str, Any]:
    """Return what a form shows before anything is typed."""
    schema = flow["data_schema"]
    assert schema is not None
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description
    }


async def test_each_kind_can_begin_a_site(hass: HomeAssistant, kind: str) -> None:
    """Whatever people have may be the only one."""
    system, _ = SYSTEMS[kind]
    async with system.server() as server:
        flow = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_USER}
        )
        flow = await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"next_step_id": kind}
        )
        regions = {"regions": "DE, at de"} if kind in REGIONAL else {}
        flow = await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"url": server.url, "verify_ssl": True, **regions}
        )
        await hass.async_block_till_done()

        assert flow["type"] is FlowResultType.CREATE_ENTRY
        assert flow["data"] == {
            "backend": kind,
            "url": server.url,
            "verify_ssl": True,
            **({"regions": ["de", "at"]} if regions else {}),
        }
        assert flow["result"].state is ConfigEntryState.LOADED
        name = flow["result"].runtime_data.recognizer.data.backends[0].name
        assert name == SYSTEMS[kind][1]
        assert await hass.config_entries.async_unload(flow["result"].entry_id)


async def test_each_kind_can_stand_in(
    hass: HomeAssistant, recognizer: Recognizer, kind: str
) -> None:
    """A further one is tried, named after its system and used without a restart."""
    system, name = SYSTEMS[kind]
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    async with system.server() as server:
        flow = await begin(hass, kind)
        assert flow["step_id"] == kind
        given = {"url": f" {server.url}/ ", "token": TOKEN, "verify_ssl": False}
        flow = await go_on(hass, flow, **given)
        await hass.async_block_till_done()

        assert flow["type"] is FlowResultType.CREATE_ENTRY
        stored = {
            "backend": kind,
            "url": server.url,
            "token": TOKEN,
            "verify_ssl": False,
        }
        assert further(entry) == [(name, stored)]
        assert token_of(server, system) == TOKEN
        backends = entry.runtime_data.recognizer.data.backends
        assert [one.name for one in backends] == ["CodeProject.AI", name]
        assert all(one.error is None for one in backends)
        assert await hass.config_entries.async_unload(entry.entry_id)


def token_of(server: RecordingServer, system: System) -> str:
    """Return the token that a server was sent with a picture."""
    [reading, *_] = [one for one in server.received if one.method == "POST"]
    if system is OPENALPR:
        return dict(reading.query)["secret_key"]
    assert reading.authorization is not None
    return reading.authorization.partition(" ")[2]


async def test_each_kind_has_to_be_quick(
    hass: HomeAssistant,
    recognizer: Recognizer,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A reading is tried, and has to be in time; also where it is paid for."""
    monkeypatch.setattr(backends, "BackendPool", partial(BackendPool, deadline=0.5))
    system, _ = SYSTEMS[kind]
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    async with system.server() as server:
        reads, server.answers[system.read] = server.answers[system.read], silence
        flow = await begin(hass, kind)
        flow = await go_on(hass, flow, url=server.url, verify_ssl=True)
        assert flow["errors"] == {"base": "backend_slow"}
        assert further(entry) == []

        server.answers[system.read] = reads
        flow = await go_on(hass, flow, url=server.url, verify_ssl=True)
        assert flow["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(ENTRY_ID)


async def test_regions_are_sent(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """What is chosen as regions is what the system is told to expect."""
    await set_up(hass, site_entry(recognizer.url))
    async with PLATE_RECOGNIZER.server() as server:
        flow = await begin(hass, "plate_recognizer")
        given = {"url": server.url, "verify_ssl": True, "regions": "de, us-ca"}
        flow = await go_on(hass, flow, **given)
        assert flow["type"] is FlowResultType.CREATE_ENTRY
        [reading] = [one for one in server.received if one.method == "POST"]
        sent = [content for name, _, _, content in reading.parts if name == "regions"]
        assert sent == [b"de", b"us-ca"]
        await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(ENTRY_ID)


async def test_regions_that_are_none(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """What is no code is said so at its field, before anything is sent."""
    await set_up(hass, site_entry(recognizer.url))
    async with OPENALPR.server() as server:
        flow = await begin(hass, "openalpr")
        given = {"url": server.url, "verify_ssl": True, "regions": "Germany, at!"}
        flow = await go_on(hass, flow, **given)
        assert flow["errors"] == {"regions": "regions_invalid"}
        assert server.received == []


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("de", ["de"]),
        (" de , AT,de ", ["de", "at"]),
        ("us-ca us-md", ["us-ca", "us-md"]),
        ("eu,auwide,vn2", ["eu", "auwide", "vn2"]),
        (" , ", []),
        ("d", None),
        ("de;at", None),
        ("germany7", None),
        ("de-", None),
        ("<b>", None),
    ],
)
def test_how_regions_are_read(text: str, regions: list[str] | None) -> None:
    """Codes are separated by commas or spaces, in any case."""
    assert read_regions(text) == regions


@pytest.mark.parametrize(
    "where", ["http://admin:hunter22@{}", "http://{}/v2/recognize?secret_key=hunter22"]
)
async def test_address_with_a_secret(
    hass: HomeAssistant, recognizer: Recognizer, where: str
) -> None:
    """An address is shown again and may be in a log; a secret belongs elsewhere."""
    await set_up(hass, site_entry(recognizer.url))
    async with OPENALPR.server() as server:
        flow = await begin(hass, "openalpr")
        url = where.format(server.address)
        flow = await go_on(hass, flow, url=url, verify_ssl=True)
        assert flow["errors"] == {"base": "url_credentials"}
        assert server.received == []


@pytest.mark.usefixtures("not_installed")
async def test_trouble_is_named(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """A backend that does not work is not saved, and the form goes on."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    flow = await begin(hass, "codeproject")
    assert suggested(flow) == {"url": "http://localhost:32168"}
    flow = await go_on(hass, flow, url="http://127.0.0.1:1", verify_ssl=True)
    assert flow["errors"] == {"base": "backend_unavailable"}
    for answer, error in (
        (says_json(401), "backend_auth"),
        (says_json(429), "backend_rate_limited"),
        (says_json(500), "backend_unavailable"),
        (says_json(404), "backend_protocol"),
        (says_json(success=False, error="no module"), "backend_rejected"),
    ):
        other.alpr = answer
        flow = await go_on(hass, flow, url=other.url, verify_ssl=True)
        assert flow["errors"] == {"base": error}
    assert further(entry) == []

    other.alpr = other.see
    flow = await go_on(
        hass, flow, name="  In the garage ", url=other.url, verify_ssl=True
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    [(title, _)] = further(entry)
    assert title == "In the garage"


@pytest.mark.usefixtures("not_installed")
async def test_backend_that_the_site_has(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """Neither the first one nor a further one is added twice; another site's may be."""
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    await set_up(hass, entry)
    async with Recognizer() as third:
        await set_up(hass, site_entry(third.url, entry_id="second"))
        for url in (recognizer.url, f"{other.url}/"):
            flow = await begin(hass, "codeproject")
            flow = await go_on(hass, flow, url=url, verify_ssl=True)
            assert flow["type"] is FlowResultType.ABORT
            assert flow["reason"] == "already_configured"

        flow = await begin(hass, "codeproject")
        flow = await go_on(hass, flow, url=third.url, verify_ssl=True)
        assert flow["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("not_installed")
async def test_first_backend_cannot_become_a_further_one(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """A change of the site's first recognizer does not double another one."""
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    await set_up(hass, entry)
    flow = await entry.start_reconfigure_flow(hass)
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "codeproject"}
    )
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"url": other.url, "verify_ssl": True}
    )
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "already_configured"
    assert entry.data["url"] == recognizer.url


@pytest.mark.usefixtures("not_installed")
async def test_names_are_told_apart(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """A second one of a system gets a number unless it gets a name."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    async with Recognizer() as third:
        for one in (other, third):
            flow = await begin(hass, "codeproject")
            await go_on(hass, flow, url=one.url, verify_ssl=True)
            await hass.async_block_till_done()
        titles = [title for title, _ in further(entry)]
        assert titles == ["CodeProject.AI", "CodeProject.AI 2"]
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_built_in_stands_in(
    hass: HomeAssistant, recognizer: Recognizer, child: Path
) -> None:
    """It is asked how to call it, tried, and not offered again."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    (child / "mode").write_text("refuse")
    flow = await begin(hass, "built_in")
    assert flow["type"] is FlowResultType.FORM
    flow = await go_on(hass, flow)
    assert flow["errors"] == {"base": "backend_rejected"}

    (child / "mode").write_text("")
    flow = await go_on(hass, flow)
    await hass.async_block_till_done()
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert further(entry) == [("Built-in recognizer", {"backend": "built_in"})]

    flow = await hass.config_entries.subentries.async_init(
        (ENTRY_ID, "backend"), context=SubentryFlowContext(source=SOURCE_USER)
    )
    assert flow["menu_options"] == list(SYSTEMS)
    flow = await entry.start_reconfigure_flow(hass)
    assert flow["menu_options"] == list(SYSTEMS)


@pytest.mark.usefixtures("child")
async def test_built_in_is_named_in_the_language(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """What is not a proper name is called as the user speaks."""
    hass.config.language = "de"
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    flow = await begin(hass, "built_in")
    flow = await go_on(hass, flow)
    await hass.async_block_till_done()
    [(title, _)] = further(entry)
    assert title == "Eingebaute Erkennung"


async def test_change_shows_all_but_the_token(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """The token is not shown, and kept for as long as the address is."""
    async with PLATE_RECOGNIZER.server() as server:
        further_one = backend_subentry(
            server.url,
            "Cloud",
            backend="plate_recognizer",
            token=TOKEN,
            regions=["de", "at"],
        )
        entry = site_entry(recognizer.url, further_one)
        await set_up(hass, entry)
        flow = await begin(hass, "plate_recognizer", subentry_id="backend2")
        assert suggested(flow) == {
            "name": "Cloud",
            "url": server.url,
            "regions": "de, at",
            "verify_ssl": True,
        }
        flow = await go_on(hass, flow, url=server.url, verify_ssl=True, name="SDK")
        await hass.async_block_till_done()
        assert flow["reason"] == "reconfigure_successful"
        stored = {
            "backend": "plate_recognizer",
            "url": server.url,
            "token": TOKEN,
            "verify_ssl": True,
        }
        assert further(entry) == [("SDK", stored)]

        # Nobody else gets it.
        url = f"{server.url}/v1/plate-reader"
        flow = await begin(hass, "plate_recognizer", subentry_id="backend2")
        flow = await go_on(hass, flow, url=url, verify_ssl=True)
        await hass.async_block_till_done()
        [(title, changed)] = further(entry)
        assert title == "SDK"
        assert changed == {
            "backend": "plate_recognizer",
            "url": url,
            "verify_ssl": True,
        }
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("not_installed")
async def test_change_to_another_kind(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """What stands in may become something else, which has not announced itself."""
    further_one = backend_subentry(other.url, unique_id="a1b2")
    entry = site_entry(recognizer.url, further_one)
    await set_up(hass, entry)
    async with OMNI_LPR.server() as server:
        flow = await begin(hass, "omni_lpr", subentry_id="backend2")
        assert suggested(flow) == {"url": "http://localhost:8000"}
        flow = await go_on(hass, flow, url=server.url, verify_ssl=True)
        await hass.async_block_till_done()

        assert flow["reason"] == "reconfigure_successful"
        [(title, data)] = further(entry)
        assert (title, data["backend"]) == ("Garage", "omni_lpr")
        assert entry.subentries["backend2"].unique_id is None
        assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("not_installed")
async def test_change_of_a_site_that_waits(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A site that waits for its recognizers tries the changed one at once."""
    nowhere = "http://127.0.0.1:1"
    entry = site_entry(nowhere, backend_subentry("http://127.0.0.1:2"))
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY

    flow = await begin(hass, "codeproject", subentry_id="backend2")
    await go_on(hass, flow, url=recognizer.url, verify_ssl=True)
    await hass.async_block_till_done()

    assert entry_state(entry) is ConfigEntryState.LOADED


@pytest.mark.usefixtures("not_installed")
async def test_device_comes_and_goes_with_its_backend(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    device_registry: dr.DeviceRegistry,
) -> None:
    """A further backend is a device of its own, with its version, until removed."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    protect(other, TOKEN)
    flow = await begin(hass, "codeproject")
    await go_on(hass, flow, url=other.url, token=TOKEN, verify_ssl=True, name="Garage")
    await hass.async_block_till_done()

    [subentry_id] = entry.subentries

    def versions() -> dict[str | None, str | None]:
        devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
        return {device.name: device.sw_version for device in devices}

    assert versions() == {"Plate Gate": "2.9.6", "Garage": "1.0"}

    other.ping = says_json(success=True, version="1.1")
    await entry.runtime_data.recognizer.async_refresh()
    assert versions() == {"Plate Gate": "2.9.6", "Garage": "1.1"}

    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    assert versions() == {"Plate Gate": "2.9.6"}
