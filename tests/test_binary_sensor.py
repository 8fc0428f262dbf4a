"""Tests of what tells whether the recognizer and the cameras are there."""

from datetime import timedelta
import logging

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.plate_gate import lane as lane_module, shortage
from custom_components.plate_gate.capture import CameraStatus
from custom_components.plate_gate.const import PING_INTERVAL
from custom_components.plate_gate.errors import CameraUnreachableError
from demo.cameras import HttpCamera

from .common import (
    PICTURES,
    FakeSource,
    Recognizer,
    eventually,
    lane_data,
    lane_subentry,
    picture,
    says_json,
    set_up,
    site_entry,
    state_of,
)
from .recognition.server import says

RECOGNIZER = "binary_sensor.plate_gate_recognizer"
CAMERA = "binary_sensor.driveway_camera"


def lines(caplog: pytest.LogCaptureFixture, about: str) -> list[int]:
    """Return the levels of what was logged about something, from INFO on."""
    return [
        record.levelno
        for record in caplog.records
        if record.name.startswith("custom_components.plate_gate")
        and record.levelno >= logging.INFO
        and about in record.getMessage()
    ]


def ask(hass: HomeAssistant) -> None:
    """Let the time pass until the recognizer is asked whether it is there."""
    soon = dt_util.utcnow() + PING_INTERVAL + timedelta(seconds=5)
    async_fire_time_changed(hass, soon)


async def test_camera_goes_and_comes_back(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A camera that is lost switches its sensor off, and is logged once each way."""
    await set_up(
        hass, site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    )
    await eventually(lambda: state_of(hass, CAMERA) == STATE_ON)

    await camera.stop()
    await eventually(lambda: state_of(hass, CAMERA) == STATE_OFF)
    await camera.start()
    await eventually(lambda: state_of(hass, CAMERA) == STATE_ON)

    assert lines(caplog, "") == [logging.WARNING, logging.INFO]
    assert state_of(hass, RECOGNIZER) == STATE_ON


async def test_camera_that_waits_for_its_trigger(
    hass: HomeAssistant, recognizer: Recognizer, source: FakeSource
) -> None:
    """Between two captures the sensor says how the last one went."""
    data = lane_data(trigger_entity="binary_sensor.loop", camera_entity="camera.porch")
    source.status = CameraStatus(waiting=True)
    await set_up(hass, site_entry(recognizer.url, lane_subentry(data)))
    assert state_of(hass, CAMERA) == STATE_UNKNOWN

    for status, state in (
        (CameraStatus(), STATE_UNKNOWN),
        (CameraStatus(connected=True), STATE_ON),
        (CameraStatus(), STATE_ON),
        (CameraStatus(waiting=True), STATE_ON),
        (CameraStatus(), STATE_ON),
        (CameraStatus(error=CameraUnreachableError()), STATE_OFF),
        (CameraStatus(waiting=True), STATE_OFF),
        (CameraStatus(connected=True), STATE_ON),
    ):
        source.become(status)
        await hass.async_block_till_done()
        assert state_of(hass, CAMERA) == state, status


async def test_recognizer_goes_and_comes_back_while_frames_are_read(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two lanes notice at once that it is gone; that is logged once each way."""
    await set_up(
        hass,
        site_entry(
            recognizer.url,
            lane_subentry(lane_data(camera.url())),
            lane_subentry(lane_data(camera.url("/stream.mjpg")), "Exit", "lane2"),
        ),
    )
    reads = recognizer.reads
    await eventually(lambda: recognizer.reads > reads + 2)
    assert state_of(hass, RECOGNIZER) == STATE_ON

    await recognizer.stop()
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_OFF)
    ask(hass)
    await hass.async_block_till_done()
    await recognizer.start()
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_ON)

    assert lines(caplog, "recognizer") == [logging.WARNING, logging.INFO]


async def test_recognizer_goes_and_comes_back_at_night(
    hass: HomeAssistant, recognizer: Recognizer, caplog: pytest.LogCaptureFixture
) -> None:
    """It is noticed within half a minute while no frames come, too."""
    await set_up(hass, site_entry(recognizer.url))

    await recognizer.stop()
    ask(hass)
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_OFF)
    await recognizer.start()
    ask(hass)
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_ON)

    assert lines(caplog, "recognizer") == [logging.WARNING, logging.INFO]


async def test_recognizer_that_answers_pings_and_does_not_read(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A ping does not make up for a reading that failed; a reading does."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up(hass, entry)
    recognizer.alpr = says_json(503)
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_OFF)
    # So that nobody reads but the one who asks.
    await entry.runtime_data.lanes["lane1"].lane._source.stop()
    await eventually(lambda: state_of(hass, CAMERA) == STATE_OFF)

    reads = len(recognizer.received)
    await eventually(lambda: len(recognizer.received) > reads + 4)
    assert state_of(hass, RECOGNIZER) == STATE_OFF

    recognizer.alpr = recognizer.see
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_ON)
    recognizer.received.clear()
    await entry.runtime_data.recognizer.async_refresh()
    assert [one.method for one in recognizer.received] == ["GET"]


async def test_recognizer_that_reads_only_the_small_picture(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A site that is blind does not seem to see now and then."""
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (0.05, 0.05))
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up(hass, entry)
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    seen: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (new := event.data["new_state"]) is not None:
            seen.append(new.state)

    async_track_state_change_event(hass, RECOGNIZER, changed)
    recognizer.refuses(PICTURES, says_json(503))
    # It is believed once that all is well again, and proves wrong.
    await eventually(lambda: seen == [STATE_OFF, STATE_ON, STATE_OFF])

    reads, errors = recognizer.reads, metrics.backend_errors
    # It is asked, and does read what it is given then; the lane is refused again.
    await eventually(lambda: recognizer.reads > reads)
    await eventually(lambda: metrics.backend_errors > errors)
    await hass.async_block_till_done()
    assert seen == [STATE_OFF, STATE_ON, STATE_OFF]

    recognizer.alpr = recognizer.see
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_ON)
    assert lines(caplog, "recognizer") == 2 * [logging.WARNING, logging.INFO]


async def test_pictures_of_one_lane_do_not_keep_another_from_being_read(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What makes a recognizer fail is not what makes all lanes blind."""
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (0.05, 0.05))
    others = (picture(60), picture(70))
    async with HttpCamera(others) as other:
        entry = site_entry(
            recognizer.url,
            lane_subentry(lane_data(camera.url())),
            lane_subentry(lane_data(other.url()), "Exit", "lane2"),
        )
        await set_up(hass, entry)
        first, second = (lane.lane for lane in entry.runtime_data.lanes.values())
        recognizer.alpr = says_json(503)
        await eventually(
            lambda: first.metrics.backend_errors and second.metrics.backend_errors
        )
        assert state_of(hass, RECOGNIZER) == STATE_OFF

        recognizer.refuses(PICTURES, says_json(503))
        frames = second.metrics.frames
        await eventually(lambda: second.metrics.frames > frames)

        recognizer.alpr = recognizer.see
        await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_ON)


async def test_recognizer_that_is_busy_for_ever(
    hass: HomeAssistant,
    recognizer: Recognizer,
    camera: HttpCamera,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One whose quota is used up reads nothing; that is logged once each way."""
    monkeypatch.setattr(lane_module, "BUSY_PATIENCE", 0.1)
    monkeypatch.setattr(lane_module, "BUSY_REST", 0.05)
    monkeypatch.setattr(shortage, "LATELY", 0.1)
    entry = site_entry(
        recognizer.url,
        lane_subentry(lane_data(camera.url())),
        lane_subentry(lane_data(camera.url("/stream.mjpg")), "Exit", "lane2"),
    )
    await set_up(hass, entry)
    metrics = entry.runtime_data.lanes["lane1"].lane.metrics
    recognizer.alpr = says(b"", status=429, Retry_After="0")
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_OFF)
    busy = metrics.busy
    await eventually(lambda: metrics.busy > busy + 5)
    # That it answers to a ping shows nothing.
    await entry.runtime_data.recognizer.async_refresh()
    assert state_of(hass, RECOGNIZER) == STATE_OFF
    assert lines(caplog, "recognizer") == [logging.WARNING]

    recognizer.alpr = recognizer.see
    await eventually(lambda: state_of(hass, RECOGNIZER) == STATE_ON)
    assert lines(caplog, "recognizer") == [logging.WARNING, logging.INFO]
