"""Tests of what is shown of several recognizers, and of each."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
import pytest

from custom_components.plate_gate import coordinator
from demo.cameras import HttpCamera

from .common import (
    ENTRY_ID,
    Recognizer,
    backend_subentry,
    eventually,
    lane_data,
    lane_subentry,
    set_up,
    site_entry,
    state_of,
)

SITE = "binary_sensor.plate_gate_recognizer"
FIRST = "binary_sensor.plate_gate_first_recognizer"
FURTHER = "binary_sensor.garage_recognizer"
READING_TIME = "sensor.plate_gate_reading_time"
FURTHER_READING_TIME = "sensor.garage_reading_time"


@pytest.fixture
async def other() -> AsyncGenerator[Recognizer]:
    """Return a second recognizer."""
    async with Recognizer() as other:
        yield other


async def test_each_has_a_sensor(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """The site's sensor is on while one is left, and each has one of its own."""
    entry = site_entry(recognizer.url, backend_subentry(other.url))
    await set_up(hass, entry)

    def states() -> list[str | None]:
        return [state_of(hass, one) for one in (SITE, FIRST, FURTHER)]

    assert states() == [STATE_ON, STATE_ON, STATE_ON]
    await recognizer.stop()
    await entry.runtime_data.recognizer.async_refresh()
    assert states() == [STATE_ON, STATE_OFF, STATE_ON]
    await other.stop()
    await entry.runtime_data.recognizer.async_refresh()
    assert states() == [STATE_OFF, STATE_OFF, STATE_OFF]
    await recognizer.start()
    await eventually(lambda: states() == [STATE_ON, STATE_ON, STATE_OFF])


async def test_site_begins_with_one_of_two(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer
) -> None:
    """One that reads is enough, and the other one joins when it is there."""
    await other.stop()
    await set_up(hass, site_entry(recognizer.url, backend_subentry(other.url)))
    assert state_of(hass, SITE) == STATE_ON
    assert state_of(hass, FURTHER) == STATE_OFF
    await other.start()
    await eventually(lambda: state_of(hass, FURTHER) == STATE_ON)


async def test_ids_stay(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    entity_registry: er.EntityRegistry,
) -> None:
    """What a site had with one recognizer it keeps with two, and back again."""
    entry = site_entry(recognizer.url)
    await set_up(hass, entry)

    def ids() -> set[str]:
        entities = er.async_entries_for_config_entry(entity_registry, ENTRY_ID)
        return {entity.unique_id for entity in entities}

    alone = {
        f"{ENTRY_ID}-{key}" for key in ("recognizer", "latency_p50", "latency_p95")
    }
    assert ids() == alone

    hass.config_entries.async_add_subentry(entry, _subentry(other.url))
    await hass.async_block_till_done()
    assert ids() == {
        *alone,
        f"{ENTRY_ID}-backend",
        *(f"backend2-{key}" for key in ("backend", "latency_p50", "latency_p95")),
    }

    hass.config_entries.async_remove_subentry(entry, "backend2")
    await hass.async_block_till_done()
    assert ids() == alone
    assert state_of(hass, FIRST) is None


def _subentry(url: str) -> ConfigSubentry:
    stored = backend_subentry(url)
    return ConfigSubentry(
        data=MappingProxyType(dict(stored["data"])),
        subentry_id="backend2",
        subentry_type=stored["subentry_type"],
        title=stored["title"],
        unique_id=None,
    )


async def test_reading_time_is_looked_at_now_and_then(
    hass: HomeAssistant,
    recognizer: Recognizer,
    other: Recognizer,
    camera: HttpCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not written with every picture, and not told of one that does not read."""
    monkeypatch.setattr(coordinator, "PING_INTERVAL", timedelta(days=1))
    entry = site_entry(
        recognizer.url,
        lane_subentry(lane_data(camera.url())),
        backend_subentry(other.url),
    )
    await set_up(hass, entry)
    assert state_of(hass, FURTHER_READING_TIME) == STATE_UNKNOWN
    assert state_of(hass, f"{READING_TIME}_of_the_slowest_5") is None
    written: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (new := event.data["new_state"]) is not None:
            written.append(new.state)

    async_track_state_change_event(hass, READING_TIME, changed)
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    await eventually(lambda: metrics.frames > 5)
    assert written == []

    await entry.runtime_data.recognizer.async_refresh()
    await hass.async_block_till_done()
    [milliseconds] = written
    assert 0 <= int(milliseconds) < 5000
    state = hass.states.get(READING_TIME)
    assert state is not None
    assert state.attributes["unit_of_measurement"] == "ms"
    assert state_of(hass, FURTHER_READING_TIME) == STATE_UNKNOWN

    await recognizer.stop()
    await eventually(lambda: state_of(hass, READING_TIME) == STATE_UNAVAILABLE)
    assert state_of(hass, SITE) == STATE_ON


async def test_others_stand_by(
    hass: HomeAssistant, recognizer: Recognizer, other: Recognizer, camera: HttpCamera
) -> None:
    """In order, those that stand by read nothing while the first one does."""
    entry = site_entry(
        recognizer.url,
        lane_subentry(lane_data(camera.url())),
        backend_subentry(other.url),
    )
    await set_up(hass, entry)
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    tried = other.reads
    await eventually(lambda: metrics.frames > 5)
    assert other.reads == tried

    await recognizer.stop()
    frames = metrics.frames
    await eventually(lambda: metrics.frames > frames + 5)
    assert other.reads > tried
    assert metrics.backend_errors == 0
