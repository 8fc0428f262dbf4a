"""The vault of a site in Home Assistant: what opens it, and what is told if nothing does."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.errors import VaultLockedError
from custom_components.plate_gate.memory import async_forget_site, async_site_memory
from custom_components.plate_gate.models import Plate
from custom_components.plate_gate.vaults import vault_folder

from .common import (
    ENTRY_ID,
    LABEL,
    PLATE,
    Recognizer,
    entry_state,
    list_vehicle,
    set_up,
    site_entry,
)
from .test_options_flow import begin, choose, go_on

PASSPHRASE = "correct horse battery"


@pytest.fixture
async def entry(hass: HomeAssistant, recognizer: Recognizer) -> MockConfigEntry:
    """Return a site with one vehicle."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)
    await list_vehicle(entry)
    return entry


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Return where its vault is."""
    return vault_folder(hass, ENTRY_ID)


def labels(entry: MockConfigEntry) -> list[str]:
    """Return who is on the list."""
    return [vehicle.label for vehicle in entry.runtime_data.allowlist.vehicles]


def issues(hass: HomeAssistant) -> dict[str, str | None]:
    """Return the open issues, and their texts."""
    return {
        issue_id: issue.translation_key
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    }


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    """Set the site up as after a restart: nothing of it is in memory."""
    await hass.config_entries.async_unload(entry.entry_id)
    forget_memory(hass)
    return await hass.config_entries.async_setup(entry.entry_id)


def forget_memory(hass: HomeAssistant) -> None:
    """Forget what outlives a reload, and no restart."""
    hass.data[f"{DOMAIN}_memories"].clear()


async def fix(
    hass: HomeAssistant, client: TestClient[Any, Any], kind: str
) -> dict[str, Any]:
    """Begin to fix an issue."""
    answer = await client.post(
        "/api/repairs/issues/fix",
        json={"handler": DOMAIN, "issue_id": f"{kind}-{ENTRY_ID}"},
    )
    assert answer.status == HTTPStatus.OK
    result: dict[str, Any] = await answer.json()
    return result


async def submit(
    hass: HomeAssistant,
    client: TestClient[Any, Any],
    flow: dict[str, Any],
    **typed: str,
) -> dict[str, Any]:
    """Submit the form of a fix."""
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json=typed)
    assert answer.status == HTTPStatus.OK
    result: dict[str, Any] = await answer.json()
    await hass.async_block_till_done()
    return result


@pytest.fixture
async def client(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> TestClient[Any, Any]:
    """Return somebody at the interface."""
    assert await async_setup_component(hass, "repairs", {})
    client: TestClient[Any, Any] = await hass_client()
    return client


async def test_list_is_sealed_on_the_disk(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path
) -> None:
    """Neither the plate nor the label can be read, and a restart finds both."""
    for path in Path(hass.config.config_dir).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert PLATE.encode() not in content, path
            assert LABEL.encode() not in content, path
    assert {path.name for path in folder.iterdir()} >= {
        "anchor",
        "key",
        "keys.json",
        "vehicles.sealed",
    }
    assert await restart(hass, entry)
    (vehicle,) = entry.runtime_data.allowlist.vehicles
    assert (vehicle.label, vehicle.plate) == (LABEL, Plate(PLATE))
    assert issues(hass) == {}


async def test_two_sites_have_two_vaults(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path
) -> None:
    """A site that is removed takes its own along, and nothing else."""
    other = async_site_memory(hass, "other")
    await other.keeper.open()
    await async_forget_site(hass, "other")
    assert not vault_folder(hass, "other").exists()
    assert folder.exists()


@pytest.mark.parametrize(
    ("name", "issue", "reason"),
    [
        ("key", "vault_key", "key_missing"),
        ("keys.json", "vault_key", "key_missing"),
        ("anchor", "vault_not_newest", "store_damaged"),
        ("vehicles.sealed", "vault_not_newest", "store_rolled_back"),
    ],
)
async def test_file_that_is_gone(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    name: str,
    issue: str,
    reason: str,
) -> None:
    """It is told, nothing is made in its place, and with it all is as it was."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / name).rename(folder.parent / name)
    assert not await restart(hass, entry)
    assert entry_state(entry) is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == reason
    assert issues(hass) == {f"{issue}-{ENTRY_ID}": issue}
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "add_vehicle", {"label": "Post", "plate": "QRS456"}, blocking=True
        )

    (folder.parent / name).rename(folder / name)
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert after == before
    assert await restart(hass, entry)
    assert labels(entry) == [LABEL]
    assert issues(hass) == {}


async def test_changed_file_cannot_be_accepted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    client: TestClient[Any, Any],
) -> None:
    """A flipped bit is noticed, and nobody can say that it is right."""
    path = folder / "vehicles.sealed"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert not await restart(hass, entry)
    assert entry.error_reason_translation_key == "store_damaged"

    flow = await fix(hass, client, "vault_not_newest")
    assert flow["step_id"] == "accept"
    flow = await submit(hass, client, flow)
    assert flow["errors"] == {"base": "store_damaged"}
    assert path.read_bytes() == content


async def test_restored_backup_is_accepted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    client: TestClient[Any, Any],
) -> None:
    """An old list does not count by itself: somebody removed may be on it."""
    path = folder / "vehicles.sealed"
    old = path.read_bytes()
    allowlist = entry.runtime_data.allowlist
    await allowlist.remove(allowlist.vehicles[0].vehicle_id)
    await list_vehicle(entry, "QRS456", "Post")
    path.write_bytes(old)
    assert not await restart(hass, entry)
    assert entry.error_reason_translation_key == "store_rolled_back"

    flow = await fix(hass, client, "vault_not_newest")
    flow = await submit(hass, client, flow)
    assert flow["type"] == "create_entry"
    assert labels(entry) == [LABEL]
    assert issues(hass) == {}
    await list_vehicle(entry, "QRS456", "Post")
    assert await restart(hass, entry)
    assert labels(entry) == [LABEL, "Post"]


async def test_passphrase(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    client: TestClient[Any, Any],
) -> None:
    """After a restart nobody is on the list until it is typed; a reload asks nothing."""
    flow = await choose(hass, await begin(hass, entry), "vault")
    flow = await choose(hass, flow, "key_passphrase")
    for typed, again, errors in (
        ("elevenchars", "elevenchars", {"passphrase": "passphrase_short"}),
        (PASSPHRASE, PASSPHRASE + "!", {"again": "passphrase_differs"}),
    ):
        flow = await go_on(hass, flow, passphrase=typed, again=again)
        assert flow["errors"] == errors
    flow = await go_on(hass, flow, passphrase=PASSPHRASE, again=PASSPHRASE)
    assert flow["step_id"] == "vault"
    assert not (folder / "key").exists()
    await hass.config_entries.async_reload(entry.entry_id)
    assert labels(entry) == [LABEL]

    assert await restart(hass, entry)
    assert entry_state(entry) is ConfigEntryState.LOADED
    assert labels(entry) == []
    assert len(entry.runtime_data.index) == 0
    assert issues(hass)[f"vault_locked-{ENTRY_ID}"] == "vault_locked"
    with pytest.raises(VaultLockedError):
        await list_vehicle(entry, "QRS456", "Post")
    form = await choose(hass, await begin(hass, entry), "add_vehicle")
    form = await go_on(hass, form, label="Post", plate="QRS456", when={}, where={})
    assert form["errors"] == {"base": "vault_locked"}

    fixing = await fix(hass, client, "vault_locked")
    fixing = await submit(hass, client, fixing, passphrase="wrong horse battery")
    assert fixing["errors"] == {"base": "key_wrong"}
    fixing = await submit(hass, client, fixing, passphrase=PASSPHRASE)
    assert fixing["type"] == "create_entry"
    assert labels(entry) == [LABEL]
    assert entry.runtime_data.ledger.known
    assert issues(hass) == {}


async def test_recovery_code(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    client: TestClient[Any, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is shown once, opens the list when the key is gone, and a new one ends it."""
    codes = []
    for _ in range(2):
        flow = await choose(hass, await begin(hass, entry), "vault")
        flow = await go_on(hass, await choose(hass, flow, "code"))
        assert flow["step_id"] == "code_shown"
        placeholders = flow["description_placeholders"]
        assert placeholders is not None
        codes.append(placeholders["code"])
        assert (await go_on(hass, flow))["step_id"] == "vault"
    (folder / "key").unlink()
    assert not await restart(hass, entry)

    fixing = await fix(hass, client, "vault_key")
    assert fixing["step_id"] == "recover"
    fixing = await submit(hass, client, fixing, recovery_code=codes[0])
    assert fixing["errors"] == {"base": "key_wrong"}
    fixing = await submit(hass, client, fixing, recovery_code=codes[1].lower())
    assert fixing["type"] == "create_entry"
    assert labels(entry) == [LABEL]
    assert (folder / "key").exists()
    assert issues(hass) == {}
    assert not [code for code in codes if code in caplog.text]


async def test_recovery_code_in_place_of_a_passphrase(
    hass: HomeAssistant, entry: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    """Who has forgotten the passphrase types the code into the same form."""
    keeper = entry.runtime_data.memory.keeper
    code = await keeper.new_recovery_code()
    flow = await choose(hass, await begin(hass, entry), "vault")
    flow = await choose(hass, flow, "key_passphrase")
    await go_on(hass, flow, passphrase=PASSPHRASE, again=PASSPHRASE)
    assert await restart(hass, entry)

    fixing = await fix(hass, client, "vault_locked")
    fixing = await submit(hass, client, fixing, passphrase=code)
    assert fixing["type"] == "create_entry"
    assert await restart(hass, entry)
    assert labels(entry) == [LABEL]


async def test_key_elsewhere_and_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """On another disk, not in Home Assistant's folder, and not over another key."""
    stick = tmp_path_factory.mktemp("stick")
    other = stick / "other.key"
    other.write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
    flow = await choose(hass, await begin(hass, entry), "vault")
    flow = await choose(hass, flow, "key_elsewhere")
    for path, errors in (
        ("plate_gate.key", {"path": "key_path"}),
        (str(folder / "mine.key"), {"path": "key_path"}),
        ("/media/.." + str(folder / "mine.key"), {"path": "key_path"}),
        (str(other), {"path": "key_wrong"}),
        (str(stick / "gone" / "mine.key"), {"base": "not_saved"}),
    ):
        flow = await go_on(hass, flow, path=path)
        assert flow["errors"] == errors, path
    flow = await go_on(hass, flow, path=str(stick / "mine.key"))
    assert flow["step_id"] == "vault"
    assert not (folder / "key").exists()
    assert await restart(hass, entry)
    assert labels(entry) == [LABEL]

    flow = await choose(hass, await begin(hass, entry), "vault")
    flow = await go_on(hass, await choose(hass, flow, "key_file"))
    assert flow["step_id"] == "vault"
    assert await restart(hass, entry)
    assert labels(entry) == [LABEL]


async def test_site_that_is_gone_meanwhile(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    client: TestClient[Any, Any],
) -> None:
    """A form that is still open does not bring it back."""
    (folder / "key").unlink()
    assert not await restart(hass, entry)
    fixing = await fix(hass, client, "vault_key")
    await hass.config_entries.async_remove(entry.entry_id)
    fixing = await submit(hass, client, fixing, recovery_code="x")
    assert fixing["type"] == "abort"
    assert fixing["reason"] == "site_removed"
    assert issues(hass) == {}
    assert not folder.exists()
