"""Tests of the repair issues of backends: when they come, and when they go."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import partial

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate import (
    coordinator,
    lane as lane_module,
    shortage,
    site,
)
from custom_components.plate_gate.errors import BackendError
from custom_components.plate_gate.issues import GONE, HOLD
from custom_components.plate_gate.recognition import BackendPool, BackendState
from demo.cameras import HttpCamera

from .common import (
    ENTRY_ID,
    GateCover,
    Recognizer,
    backend_subentry,
    entry_state,
    eventually,
    lane_data,
    lane_subentry,
    protect,
    says_json,
    set_up,
    site_entry,
)
from .recognition.faults import silence
from .recognition.server import says
from .test_problems import fix, issue, issues, submit

GONE_ISSUE = f"backend-{ENTRY_ID}"
FIRST_ISSUE = f"backend_failed-{ENTRY_ID}"
FURTHER_ISSUE = f"backend_failed-{ENTRY_ID}-backend2"
TOKEN_ISSUE = f"backend_auth-{ENTRY_ID}-backend2"
TOKEN = "token-of-the-tests"


@pytest.fixture(autouse=True)
def _no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask recognizers nothing while time is let pass, which ends all waiting at once."""
    monkeypatch.setattr(coordinator, "PING_INTERVAL", timedelta(days=1))


@pytest.fixture
async def other() -> AsyncGenerator[Recognizer]:
    """Return a second recognizer."""
    async with Recognizer() as other:
        yield other


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lanes complain soon of backends that are busy."""
    monkeypatch.setattr(lane_module, "BUSY_PATIENCE", 0.1)
    monkeypatch.setattr(shortage, "LATELY", 0.1)


BUSY = says(b"", status=503, Retry_After="0")


async def wait(hass: HomeAssistant, seconds: float) -> None:
    """Let time pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds + 1))
    await hass.async_block_till_done()


async def test_none_is_left(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """That nobody reads is a problem once it lasts, until somebody does."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    await recognizer.stop()
    await entry.runtime_data.recognizer.async_refresh()
    assert not entry.runtime_data.recognizer.last_update_success
    assert issues(hass) == []

    await wait(hass, GONE)
    found = issue(hass, GONE_ISSUE)
    assert found.translation_key == "backends_gone"
    assert found.severity is ir.IssueSeverity.ERROR
    assert not found.is_fixable

    await recognizer.start()
    await eventually(lambda: not issues(hass))


async def test_restart_is_no_problem(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """A recognizer that is back in time was never worth a notice."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    await recognizer.stop()
    await entry.runtime_data.recognizer.async_refresh()
    await recognizer.start()
    await eventually(lambda: entry.runtime_data.recognizer.last_update_success)
    await wait(hass, GONE)
    assert issues(hass) == []


@pytest.mark.parametrize("place", ["first", "further"])
async def test_one_of_two_fails(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer, place: str
) -> None:
    """That one fails for long is a problem of its own, which others make up for."""
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    await set_up(hass, entry)
    health = entry.runtime_data.recognizer
    dead, mine, name = (
        (recognizer, FIRST_ISSUE, "CodeProject.AI")
        if place == "first"
        else (other, FURTHER_ISSUE, "Garage")
    )
    await dead.stop()
    await health.async_refresh()
    assert health.last_update_success
    await wait(hass, HOLD - 10)
    assert issues(hass) == []

    await wait(hass, HOLD)
    assert issues(hass) == [mine]
    found = issue(hass, mine)
    assert found.translation_key == "backend_failed"
    assert found.translation_placeholders == {"backend": name}
    assert found.severity is ir.IssueSeverity.WARNING
    assert not found.is_fixable

    await dead.start()
    await eventually(lambda: not issues(hass))


async def test_one_after_the_other_fails(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """That none is left takes the place of what is known of each."""
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    await set_up(hass, entry)
    health = entry.runtime_data.recognizer
    await other.stop()
    await health.async_refresh()
    await wait(hass, HOLD)
    assert issues(hass) == [FURTHER_ISSUE]

    await recognizer.stop()
    await health.async_refresh()
    await wait(hass, GONE)
    assert issues(hass) == [GONE_ISSUE]

    await recognizer.start()
    await eventually(lambda: issues(hass) == [FURTHER_ISSUE])


async def test_token_of_a_further_one(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    hass_client: ClientSessionGenerator,
) -> None:
    """Its new token is asked for and tried, and used at once."""
    protect(other, TOKEN)
    entry = site_entry(
        recognizer.url, backend_subentry(other.url, token="secret-of-before")
    )
    await set_up(hass, entry)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert hass.config_entries.flow.async_progress() == []
    found = issue(hass, TOKEN_ISSUE)
    assert found.translation_key == "backend_auth"
    assert found.translation_placeholders == {"backend": "Garage"}
    assert found.is_fixable
    await wait(hass, HOLD)
    assert issues(hass) == [TOKEN_ISSUE]

    client = await hass_client()
    flow = await fix(client, TOKEN_ISSUE)
    assert flow["step_id"] == "token"
    assert flow["description_placeholders"] == {"backend": "Garage"}
    assert "secret-of-before" not in str(flow)
    flow = await submit(client, flow["flow_id"], token="wrong")
    assert flow["errors"] == {"base": "backend_auth"}
    flow = await submit(client, flow["flow_id"], token=TOKEN)
    assert flow["type"] == "create_entry"
    await hass.async_block_till_done()

    assert issues(hass) == []
    assert entry.subentries["backend2"].data["token"] == TOKEN
    backends = entry.runtime_data.recognizer.data.backends
    assert [one.state for one in backends] == [BackendState.READY] * 2


async def test_token_that_is_taken_again(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """What was put right on the other side is no problem any more."""
    open_ping, open_alpr = other.ping, other.alpr
    protect(other, TOKEN)
    await set_up(hass, site_entry(recognizer.url, backend_subentry(other.url)))
    assert issues(hass) == [TOKEN_ISSUE]
    other.ping, other.alpr = open_ping, open_alpr
    await eventually(lambda: not issues(hass))


async def test_token_of_one_that_is_removed_meanwhile(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    hass_client: ClientSessionGenerator,
) -> None:
    """A form for a backend that is gone says so, and its issue is gone, too."""
    protect(other, TOKEN)
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    await set_up(hass, entry)
    client = await hass_client()
    flow = await fix(client, TOKEN_ISSUE)

    hass.config_entries.async_remove_subentry(entry, "backend2")
    await hass.async_block_till_done()
    flow = await submit(client, flow["flow_id"], token=TOKEN)

    assert flow["type"] == "abort"
    assert flow["reason"] == "backend_removed"
    assert issues(hass) == []


@pytest.mark.parametrize("alone", [False, True])
async def test_token_of_the_first_one(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer, alone: bool
) -> None:
    """It is asked for as ever; another one that is well lets the site begin."""
    protect(recognizer, TOKEN)
    further = () if alone else (backend_subentry(other.url),)
    entry = site_entry(recognizer.url, *further, token="old")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    state = ConfigEntryState.SETUP_ERROR if alone else ConfigEntryState.LOADED
    assert entry_state(entry) is state
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    await wait(hass, HOLD)
    assert issues(hass) == []
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"token": TOKEN}
    )
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry_state(entry) is ConfigEntryState.LOADED
    health = entry.runtime_data.recognizer.data
    assert all(one.state is BackendState.READY for one in health.backends)


async def test_token_while_the_others_are_away(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """Who waits for a token does not keep a site from waiting for the others."""
    protect(recognizer, TOKEN)
    await other.stop()
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry_state(entry) is ConfigEntryState.SETUP_RETRY
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH

    await other.start()
    await wait(hass, 120)
    await eventually(lambda: entry.state is ConfigEntryState.LOADED)


@pytest.mark.parametrize("how", ["unload", "remove"])
async def test_issues_go_with_their_site(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer, how: str
) -> None:
    """A site that is taken down takes the issues of its backends along."""
    protect(other, TOKEN)
    async with Recognizer() as third:
        entry = site_entry(
            recognizer.url,
            backend_subentry(other.url),
            backend_subentry(third.url, "Cellar", "backend3"),
        )
        await set_up(hass, entry)
    await entry.runtime_data.recognizer.async_refresh()
    await wait(hass, HOLD)
    assert len(issues(hass)) == 2
    if how == "unload":
        assert await hass.config_entries.async_unload(entry.entry_id)
    else:
        await hass.config_entries.async_remove(entry.entry_id)
    assert issues(hass) == []


async def test_pictures_that_are_refused(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only that nobody reads a lane's pictures is a problem."""
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (0.05, 0.05))
    no = says_json(success=False, error="no")
    lane = lane_subentry(lane_data(camera.url()))
    entry = site_entry(recognizer.url, lane, backend_subentry(other.url))
    await set_up(hass, entry)
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    recognizer.alpr = no
    frames = metrics.frames
    await eventually(lambda: metrics.frames > frames + 5)
    assert issues(hass) == []

    other.alpr = no
    await eventually(lambda: issues(hass))
    assert issue(hass, GONE_ISSUE).translation_key == "backend_rejected"
    other.alpr = other.see
    await eventually(lambda: not issues(hass))


@pytest.mark.usefixtures("_hasty")
async def test_none_takes_pictures(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """A quota that is used up is a problem once that lasts, until a lane is read."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up(hass, entry)
    recognizer.alpr = BUSY
    health = entry.runtime_data.recognizer
    await eventually(lambda: health.shortage)
    assert health.data.available
    assert issues(hass) == []

    await wait(hass, GONE)
    found = issue(hass, GONE_ISSUE)
    assert issues(hass) == [GONE_ISSUE]
    assert found.translation_key == "backend_rate_limited"
    assert found.severity is ir.IssueSeverity.ERROR
    assert not found.is_fixable

    recognizer.alpr = recognizer.see
    await eventually(lambda: not issues(hass))


@pytest.mark.usefixtures("_hasty")
async def test_rush_is_no_problem(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """Who was only busy for a while was never worth a notice."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up(hass, entry)
    recognizer.alpr = BUSY
    health = entry.runtime_data.recognizer
    await eventually(lambda: health.shortage)
    recognizer.alpr = recognizer.see
    await eventually(lambda: health.reads)
    await wait(hass, GONE)
    assert issues(hass) == []


@pytest.mark.usefixtures("_hasty")
async def test_one_fails_and_the_other_takes_no_pictures(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
) -> None:
    """Nobody says that the other one stands in while it does not."""
    lane = lane_subentry(lane_data(camera.url()))
    entry = site_entry(recognizer.url, lane, backend_subentry(other.url))
    await set_up(hass, entry)
    await recognizer.stop()
    await entry.runtime_data.recognizer.async_refresh()
    await wait(hass, HOLD)
    assert issues(hass) == [FIRST_ISSUE]

    other.alpr = BUSY
    await eventually(lambda: not issues(hass))
    await wait(hass, GONE)
    assert issues(hass) == [GONE_ISSUE]
    assert issue(hass, GONE_ISSUE).translation_key == "backend_rate_limited"

    other.alpr = other.see
    await eventually(lambda: issues(hass) == [FIRST_ISSUE])


@pytest.mark.parametrize(
    ("first", "further", "key"),
    [
        ("slow", "slow", "backend_slow"),
        ("refuses", "refuses", "backends_refuse"),
        ("slow", "refuses", "backends_gone"),
        ("refuses", "gone", "backends_gone"),
    ],
)
async def test_why_none_is_left(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    further: str,
    key: str,
) -> None:
    """What is said of all of them is true of each."""
    monkeypatch.setattr(site, "BackendPool", partial(BackendPool, deadline=0.5))
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    await set_up(hass, entry)
    for server, what in ((recognizer, first), (other, further)):
        if what == "slow":
            server.alpr = silence
        elif what == "refuses":
            protect(server, TOKEN)
        else:
            await server.stop()
    health = entry.runtime_data.recognizer
    with pytest.raises(BackendError):
        await health.pool.check()
    await eventually(lambda: not health.data.available)
    await wait(hass, GONE)
    assert issue(hass, GONE_ISSUE).translation_key == key
