"""Tests of a lane on trial: what it tells, counts, and keeps over a restart."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

from custom_components.plate_gate import lane as lane_module
from demo.cameras import HttpCamera

from .common import (
    PLATE,
    GateCover,
    Recognizer,
    eventually,
    lane_data,
    lane_subentry,
    list_vehicle,
    set_up,
    site_entry,
    state_of,
)

ACCESS = "event.driveway_access"
OPENED = "sensor.driveway_would_have_opened"
WAITED = "sensor.driveway_waited_long"
NOWHERE = "http://127.0.0.1:1/"

SINCE = datetime(2026, 11, 1, 8, tzinfo=UTC)


def on_trial(
    recognizer: Recognizer, url: str, *, trial: bool = True
) -> MockConfigEntry:
    """Return a site with one lane, which is on trial."""
    return site_entry(recognizer.url, lane_subentry(lane_data(url, trial=trial)))


def end(hass: HomeAssistant, entry: MockConfigEntry, *, trial: bool) -> None:
    """End the trial, or begin another one, as the lane's form does."""
    subentry = entry.subentries["lane1"]
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "trial": trial}
    )


def attribute(hass: HomeAssistant, entity_id: str, name: str) -> Any:
    """Return an attribute of an entity."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.attributes.get(name)


async def test_lane_on_trial(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """A listed vehicle is granted, told of and counted, and nothing opens."""
    entry = on_trial(recognizer, camera.url())
    await set_up(hass, entry)
    await list_vehicle(entry)
    assert (state_of(hass, OPENED), state_of(hass, WAITED)) == ("0", "0")

    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, OPENED) == "1")

    assert cover.opened == 0
    assert attribute(hass, ACCESS, "event_type") == "granted"
    assert attribute(hass, ACCESS, "opened") is False
    assert attribute(hass, ACCESS, "reasons")[-1] == "trial"
    assert state_of(hass, "sensor.driveway_entries_today") == "0"
    assert state_of(hass, WAITED) == "0"
    assert attribute(hass, OPENED, "state_class") == "total"
    assert attribute(hass, OPENED, "last_reset") == attribute(
        hass, WAITED, "last_reset"
    )


async def test_vehicle_that_waits_for_long(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A listed vehicle that is seen and not let in for long is counted, once."""
    monkeypatch.setattr(lane_module, "WAIT_LONG", 0.1)
    slow = {"profile": "custom", "agreeing_frames": 5, "single_frame": False}
    data = lane_data(camera.url(), trial=True, **slow)
    entry = site_entry(recognizer.url, lane_subentry(data))
    await set_up(hass, entry)
    await list_vehicle(entry)
    recognizer.plates = [PLATE]
    await eventually(lambda: state_of(hass, WAITED) == "1")
    assert state_of(hass, OPENED) == "0"

    await eventually(lambda: state_of(hass, OPENED) == "1")
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    reads = metrics.reads
    await eventually(lambda: metrics.reads > reads + 1)

    assert (state_of(hass, OPENED), state_of(hass, WAITED)) == ("1", "1")


async def test_lane_on_duty(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """Without a trial there is nothing to show."""
    await set_up(hass, on_trial(recognizer, NOWHERE, trial=False))
    assert hass.states.get(OPENED) is None
    assert hass.states.get(WAITED) is None


def stored(**changes: object) -> dict[str, Any]:
    """Return what a sensor of a trial has stored."""
    return {
        "since": SINCE.isoformat(),
        "would_have_opened": 31,
        "waited": 2,
        **changes,
    }


@pytest.mark.parametrize("known", [[OPENED, WAITED], [WAITED]])
async def test_trial_goes_on_after_a_restart(
    hass: HomeAssistant, recognizer: Recognizer, known: list[str]
) -> None:
    """Counts go on where they were, each once, whichever sensor has kept them."""
    mock_restore_cache_with_extra_data(
        hass, [(State(entity_id, "1"), stored()) for entity_id in known]
    )
    entry = on_trial(recognizer, NOWHERE)
    await set_up(hass, entry)

    assert (state_of(hass, OPENED), state_of(hass, WAITED)) == ("31", "2")
    assert attribute(hass, OPENED, "last_reset") == SINCE.isoformat()

    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert (state_of(hass, OPENED), state_of(hass, WAITED)) == ("31", "2")
    assert attribute(hass, WAITED, "last_reset") == SINCE.isoformat()


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        stored(since="never"),
        stored(since="2026-11-01T08:00:00"),
        stored(waited="many"),
        stored(would_have_opened=-1),
    ],
)
async def test_nothing_usable_was_stored(
    hass: HomeAssistant, recognizer: Recognizer, nonsense: dict[str, Any]
) -> None:
    """What makes no sense is left alone, and the trial begins at nothing."""
    mock_restore_cache_with_extra_data(hass, [(State(OPENED, "1"), nonsense)])
    await set_up(hass, on_trial(recognizer, NOWHERE))

    assert (state_of(hass, OPENED), state_of(hass, WAITED)) == ("0", "0")


async def test_trial_that_is_over(
    hass: HomeAssistant, recognizer: Recognizer, entity_registry: er.EntityRegistry
) -> None:
    """Its sensors go, and the next trial begins at nothing."""
    mock_restore_cache_with_extra_data(hass, [(State(OPENED, "1"), stored())])
    entry = on_trial(recognizer, NOWHERE)
    await set_up(hass, entry)
    assert state_of(hass, OPENED) == "31"

    end(hass, entry, trial=False)
    await hass.async_block_till_done()
    assert entity_registry.async_get(OPENED) is None
    assert hass.states.get(WAITED) is None

    end(hass, entry, trial=True)
    await hass.async_block_till_done()
    assert (state_of(hass, OPENED), state_of(hass, WAITED)) == ("0", "0")


async def test_other_entity_ids_change_no_count(
    hass: HomeAssistant, recognizer: Recognizer, entity_registry: er.EntityRegistry
) -> None:
    """A sensor that is called otherwise is added again, and counts nothing twice."""
    mock_restore_cache_with_extra_data(hass, [(State(OPENED, "1"), stored())])
    await set_up(hass, on_trial(recognizer, NOWHERE))
    entity_registry.async_update_entity(OPENED, new_entity_id=f"{OPENED}_renamed")
    await hass.async_block_till_done()

    assert state_of(hass, f"{OPENED}_renamed") == "31"
