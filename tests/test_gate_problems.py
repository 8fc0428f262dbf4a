"""Tests of the repair issues of gates, of lanes that switch themselves off, of counts."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate import coordinator
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.errors import (
    AllowlistNotSavedError,
    GateError,
    GateInterlockedError,
    GateNotMovingError,
    GateUnavailableError,
)
from custom_components.plate_gate.models import Access, Assurance
from custom_components.plate_gate.records import SealedData
from custom_components.plate_gate.storage import PrivateStore

from .common import (
    ENTRY_ID,
    GATE,
    LANE,
    GateCover,
    Recognizer,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up,
    site_entry,
    state_of,
)

NOWHERE = "http://127.0.0.1:1/"
SWITCH = "switch.driveway_automatic_opening"

GATE_ISSUE = f"gate-{ENTRY_ID}-lane1"
STUCK = f"gate_not_moving-{ENTRY_ID}-lane1"
TOO_MANY = f"too_many_openings-{ENTRY_ID}-lane1"
NOBODY = f"presence_nowhere-{ENTRY_ID}-lane1"
LEDGER = f"ledger_damaged-{ENTRY_ID}"


@pytest.fixture(autouse=True)
def _no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask recognizers nothing but once."""
    monkeypatch.setattr(coordinator, "PING_INTERVAL", timedelta(days=1))


@pytest.fixture
async def entry(
    hass: HomeAssistant, recognizer: Recognizer, cover: GateCover
) -> MockConfigEntry:
    """Return a site with one lane."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(NOWHERE)))
    await set_up(hass, entry)
    return entry


def issues(hass: HomeAssistant) -> list[str]:
    """Return the ids of the issues that are open."""
    return [issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN]


def issue(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry:
    """Return an open issue."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert found is not None
    return found


async def fix(client: TestClient[Any, Any], issue_id: str) -> dict[str, Any]:
    """Begin to fix an issue."""
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id}
    )
    assert answer.status == HTTPStatus.OK
    result: dict[str, Any] = await answer.json()
    return result


async def submit(client: TestClient[Any, Any], flow: dict[str, Any]) -> dict[str, Any]:
    """Submit the form of a fix."""
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    assert answer.status == HTTPStatus.OK
    result: dict[str, Any] = await answer.json()
    return result


# -- A gate that does not move ---------------------------------------------------------


async def test_gate_that_does_not_move(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    cover: GateCover,
    hass_client: ClientSessionGenerator,
) -> None:
    """A person may open again; a failure is shown in the form, a success ends it."""
    lane = entry.runtime_data.lanes["lane1"].lane
    lane.gate_failed_late(GateNotMovingError())
    found = issue(hass, STUCK)
    assert found.translation_key == "gate_not_moving"
    assert found.translation_placeholders == {"lane": LANE, "entity": GATE}
    assert found.severity is ir.IssueSeverity.ERROR
    assert found.is_fixable

    client = await hass_client()
    flow = await fix(client, STUCK)
    assert flow["step_id"] == "open_again"
    assert flow["description_placeholders"] == {"lane": LANE}
    assert cover.opened == 0

    cover.set_available(False)
    flow = await submit(client, flow)
    assert flow["errors"] == {"base": "gate_unavailable"}
    assert cover.opened == 0

    cover.set_available(True)
    flow = await submit(client, flow)
    assert flow["type"] == "create_entry"
    assert cover.opened == 1
    assert issues(hass) == []


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (None, []),
        (GateInterlockedError(("gate_cooling_down",)), [STUCK]),
        (GateUnavailableError(), [GATE_ISSUE]),
        (GateNotMovingError(), [STUCK]),
    ],
)
async def test_what_comes_after_a_gate_that_did_not_move(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    error: GateError | None,
    left: list[str],
) -> None:
    """The latest failure counts; that an opening was not allowed is none."""
    report = entry.runtime_data.lanes["lane1"].lane._admission.gate_reports.tell
    report(GateNotMovingError())
    report(error)
    assert issues(hass) == left

    report(GateNotMovingError())
    assert issues(hass) == [STUCK]


async def test_gate_whose_site_does_not_run_meanwhile(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """A form for a lane that does not run says so."""
    entry.runtime_data.lanes["lane1"].lane.gate_failed_late(GateNotMovingError())
    client = await hass_client()
    flow = await fix(client, STUCK)
    await hass.config_entries.async_unload(ENTRY_ID)
    assert issues(hass) == []

    flow = await submit(client, flow)

    assert (flow["type"], flow["reason"]) == ("abort", "lane_removed")


# -- A lane that switched itself off ---------------------------------------------------


def overrun(entry: MockConfigEntry) -> None:
    """Let a lane notice that its gate was opened too often."""
    entry.runtime_data.lanes["lane1"].lane._admission.overrun.tell(None)


async def test_lane_that_switched_itself_off(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is told until a person switches it on again, also after a reload."""
    overrun(entry)
    await hass.async_block_till_done()
    assert state_of(hass, SWITCH) == "off"
    found = issue(hass, TOO_MANY)
    assert found.translation_key == "too_many_openings"
    assert found.is_fixable
    assert found.is_persistent

    assert await hass.config_entries.async_reload(ENTRY_ID)
    await hass.async_block_till_done()
    assert issues(hass) == [TOO_MANY]
    assert state_of(hass, SWITCH) == "off"

    client = await hass_client()
    flow = await fix(client, TOO_MANY)
    assert flow["step_id"] == "arm_again"

    async def fail(*args: object) -> None:
        raise AllowlistNotSavedError

    with monkeypatch.context() as disk:
        disk.setattr(PrivateStore, "async_save", fail)
        flow = await submit(client, flow)
    assert flow["errors"] == {"base": "not_saved"}
    assert state_of(hass, SWITCH) == "off"
    flow = await submit(client, flow)
    assert flow["type"] == "create_entry"
    await hass.async_block_till_done()
    assert issues(hass) == []
    assert state_of(hass, SWITCH) == "on"
    assert entry.runtime_data.memory.arming.is_armed("lane1")


async def test_lane_that_is_switched_on_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The switch does as well as the form."""
    overrun(entry)
    await hass.async_block_till_done()
    assert issues(hass) == [TOO_MANY]
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": SWITCH}, blocking=True
    )

    assert issues(hass) == []


@pytest.mark.parametrize("how", ["lane", "site"])
async def test_lane_that_is_removed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    how: str,
) -> None:
    """What it told goes with the lane, and with the site."""
    overrun(entry)
    await hass.async_block_till_done()
    client = await hass_client()
    flow = await fix(client, TOO_MANY)
    if how == "lane":
        hass.config_entries.async_remove_subentry(entry, "lane1")
    else:
        await hass.config_entries.async_remove(ENTRY_ID)
    await hass.async_block_till_done()

    assert issues(hass) == []
    flow = await submit(client, flow)
    assert (flow["type"], flow["reason"]) == ("abort", "lane_removed")


# -- A lane that opens for nobody ------------------------------------------------------


async def lane_of_a_lock(
    hass: HomeAssistant, recognizer: Recognizer, **changes: object
) -> MockConfigEntry:
    """Return a site whose lane opens a lock."""
    hass.states.async_set("lock.door", "locked")
    data = lane_data(NOWHERE, gate_entity="lock.door", **changes)
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    return entry


async def test_lane_that_opens_for_nobody(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """That somebody has to be here, and nobody is named, is told once it matters."""
    entry = await lane_of_a_lock(hass, recognizer)
    assert issues(hass) == []
    vehicle_id = await list_vehicle(entry)
    found = issue(hass, NOBODY)
    assert found.translation_key == "presence_nowhere"
    assert found.translation_placeholders == {"lane": LANE, "entity": "lock.door"}
    assert not found.is_fixable

    allowlist = entry.runtime_data.allowlist
    await allowlist.change(vehicle_id, presence=frozenset({"person.anna"}))
    assert issues(hass) == []
    await allowlist.change(vehicle_id, presence=frozenset())
    assert issues(hass) == [NOBODY]
    await allowlist.change(vehicle_id, assurance=Assurance.CONFIRMATION)
    assert issues(hass) == []


async def test_vehicles_that_do_not_come_in_here(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """Who is never let in, or elsewhere only, does not miss anything."""
    entry = await lane_of_a_lock(hass, recognizer)
    allowlist = entry.runtime_data.allowlist
    first = await list_vehicle(entry)
    await allowlist.change(first, access=Access.BLOCK)
    assert issues(hass) == []
    second = await list_vehicle(entry, "AB12CDE", "Post")
    assert issues(hass) == [NOBODY]
    await allowlist.change(second, lanes=frozenset({"lane2"}))
    assert issues(hass) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"presence": ["person.anna"]},
        {"assurance": "plate", "assurance_reason": "only the bicycle shed"},
        {"assurance": "confirmation"},
    ],
)
async def test_lane_of_a_lock_that_opens(
    hass: HomeAssistant, recognizer: Recognizer, changes: dict[str, object]
) -> None:
    """Whoever has said what is to hold is not told of it."""
    entry = await lane_of_a_lock(hass, recognizer, **changes)
    await list_vehicle(entry)
    assert issues(hass) == []


async def test_kind_of_gate_that_shows_late(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """Nothing is told before it is known what kind of gate it is, and it may change."""
    hass.set_state(CoreState.starting)
    hass.states.async_set(GATE, "unavailable")
    entry = site_entry(recognizer.url, lane_subentry(lane_data(NOWHERE)))
    await set_up(hass, entry)
    await list_vehicle(entry)
    hass.states.async_set(GATE, "closed", {"device_class": "gate"})
    await hass.async_block_till_done()
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert issues(hass) == []

    hass.states.async_set(GATE, "closed", {"device_class": "garage"})
    await hass.async_block_till_done()
    assert issues(hass) == [NOBODY]
    hass.states.async_set(GATE, "open", {"device_class": "gate"})
    await hass.async_block_till_done()
    assert issues(hass) == []


# -- Counts that cannot be read --------------------------------------------------------


@pytest.fixture
async def damaged(
    hass: HomeAssistant, recognizer: Recognizer, hass_storage: dict[str, Any]
) -> MockConfigEntry:
    """Return a site of which nobody knows how often vehicles were let in."""
    hass_storage[f"{DOMAIN}.{ENTRY_ID}.ledger"] = {
        "version": 1,
        "minor_version": 1,
        "key": f"{DOMAIN}.{ENTRY_ID}.ledger",
        "data": {"nonsense": True},
    }
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    return entry


async def test_counts_that_cannot_be_read(
    hass: HomeAssistant,
    damaged: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A person may begin anew; until then the file stays as it is."""
    found = issue(hass, LEDGER)
    assert found.translation_key == "ledger_damaged"
    assert found.is_fixable
    assert f"{DOMAIN}.{ENTRY_ID}.ledger" not in hass_storage
    client = await hass_client()
    flow = await fix(client, LEDGER)
    assert flow["step_id"] == "begin_anew"

    async def fail(*args: object) -> None:
        raise AllowlistNotSavedError

    with monkeypatch.context() as disk:
        disk.setattr(SealedData, "async_begin_anew", fail)
        flow = await submit(client, flow)
    assert flow["errors"] == {"base": "not_saved"}
    assert not damaged.runtime_data.ledger.known

    flow = await submit(client, flow)
    assert flow["type"] == "create_entry"
    assert damaged.runtime_data.ledger.known
    assert issues(hass) == []
    assert await hass.config_entries.async_reload(ENTRY_ID)
    assert issues(hass) == []


async def test_counts_of_a_site_that_does_not_run(
    hass: HomeAssistant, damaged: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """A form for a site that was stopped meanwhile says so."""
    client = await hass_client()
    flow = await fix(client, LEDGER)
    await hass.config_entries.async_unload(ENTRY_ID)
    assert damaged.state is ConfigEntryState.NOT_LOADED

    flow = await submit(client, flow)

    assert (flow["type"], flow["reason"]) == ("abort", "site_not_loaded")
    assert issues(hass) == []
