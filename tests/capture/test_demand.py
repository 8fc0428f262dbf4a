"""A camera that is looked at only while its trigger calls for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.plate_gate.capture import (
    CameraSettings,
    CameraStatus,
    WatchSettings,
    open_source,
)
from custom_components.plate_gate.capture.demand import TriggeredSource
from custom_components.plate_gate.errors import CameraUnreachableError
from demo.cameras import Clip
from tests.common import FakeSource

from .conftest import CameraMaker, camera_threads, until

LOOP = "binary_sensor.loop"
SECONDS = 30.0


class SlowSource(FakeSource):
    """A camera that takes its time to stop."""

    def __init__(self) -> None:
        """Let it go."""
        super().__init__()
        self.starts = 0
        self.may_stop = asyncio.Event()
        self.may_stop.set()

    @override
    def start(self) -> None:
        """Count the starts."""
        self.starts += 1
        super().start()

    @override
    async def stop(self) -> None:
        """End when it may."""
        await self.may_stop.wait()
        await super().stop()


@pytest.fixture
def inner() -> SlowSource:
    """The camera."""
    return SlowSource()


@pytest.fixture
async def source(
    hass: HomeAssistant, inner: SlowSource
) -> AsyncIterator[TriggeredSource]:
    """The camera behind its trigger."""
    source = TriggeredSource(hass, inner, LOOP, SECONDS)
    yield source
    await source.stop()


async def later(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass."""
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def switch(hass: HomeAssistant, state: str) -> None:
    """Switch the trigger."""
    hass.states.async_set(LOOP, state)
    await hass.async_block_till_done()


async def test_nothing_is_taken_before_the_trigger(
    hass: HomeAssistant, inner: SlowSource, source: TriggeredSource
) -> None:
    """A trigger that is off, away or missing starts nothing."""
    assert source.status.waiting
    source.start()
    for state in (STATE_OFF, STATE_UNAVAILABLE, "unknown"):
        await switch(hass, state)
        assert not inner.running
    hass.states.async_remove(LOOP)
    await hass.async_block_till_done()
    assert not inner.running
    assert source.status.waiting


async def test_the_trigger_starts_and_its_end_stops(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    inner: SlowSource,
    source: TriggeredSource,
) -> None:
    """It looks while the trigger is on, and for a while after."""
    source.start()
    await switch(hass, STATE_ON)
    assert inner.running
    assert inner.wanted == 1
    assert not source.status.waiting
    await later(hass, freezer, 10 * SECONDS)
    assert inner.running
    await switch(hass, STATE_OFF)
    await later(hass, freezer, SECONDS - 1)
    assert inner.running
    await later(hass, freezer, 2)
    assert not inner.running
    assert source.status.waiting
    assert inner.starts == 1


async def test_on_already(
    hass: HomeAssistant, inner: SlowSource, source: TriggeredSource
) -> None:
    """A vehicle that stands on the loop while Home Assistant starts is seen."""
    await switch(hass, STATE_ON)
    source.start()
    source.start()
    assert inner.running
    assert inner.starts == 1


@pytest.mark.parametrize("lost", [STATE_OFF, STATE_UNAVAILABLE, "unknown"])
async def test_on_again_in_time(
    lost: str,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    inner: SlowSource,
    source: TriggeredSource,
) -> None:
    """What goes on and off belongs together; a trigger that is lost has ended."""
    source.start()
    await switch(hass, STATE_ON)
    await switch(hass, lost)
    await later(hass, freezer, SECONDS - 1)
    await switch(hass, STATE_ON)
    await later(hass, freezer, SECONDS - 1)
    await switch(hass, lost)
    await later(hass, freezer, SECONDS - 1)
    assert inner.running
    hass.states.async_remove(LOOP)
    await later(hass, freezer, 2)
    assert not inner.running
    assert inner.starts == 1


async def test_wake(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    inner: SlowSource,
    source: TriggeredSource,
) -> None:
    """Who wants to look now need not wait for the trigger, and does not end it."""
    source.wake()
    assert not inner.running
    source.start()
    source.wake()
    assert inner.running
    await later(hass, freezer, SECONDS - 1)
    source.wake()
    await later(hass, freezer, SECONDS - 1)
    assert inner.running
    await later(hass, freezer, 2)
    assert not inner.running
    await switch(hass, STATE_ON)
    source.wake()
    await later(hass, freezer, 2 * SECONDS)
    assert inner.running


async def test_on_again_while_it_stops(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    inner: SlowSource,
    source: TriggeredSource,
) -> None:
    """A vehicle that comes just then is not missed."""
    source.start()
    await switch(hass, STATE_ON)
    await switch(hass, STATE_OFF)
    inner.may_stop.clear()
    freezer.tick(timedelta(seconds=SECONDS + 1))
    async_fire_time_changed(hass)
    await asyncio.sleep(0)
    hass.states.async_set(LOOP, STATE_ON)
    await asyncio.sleep(0)
    assert not source.status.waiting
    inner.may_stop.set()
    await hass.async_block_till_done()
    assert inner.running
    assert inner.starts == 2


async def test_listeners(
    hass: HomeAssistant, inner: SlowSource, source: TriggeredSource
) -> None:
    """Listeners hear of the trigger and of the camera, and then no more."""
    seen: list[tuple[bool, bool]] = []
    unsubscribe = source.subscribe(
        lambda: seen.append((source.status.waiting, source.status.connected))
    )
    source.start()
    await switch(hass, STATE_ON)
    assert seen == [(False, False)]
    inner.become(CameraStatus(connected=True))
    assert seen[-1] == (False, True)
    inner.become(CameraStatus(error=CameraUnreachableError()))
    assert seen[-1] == (False, False)
    assert isinstance(source.status.error, CameraUnreachableError)
    unsubscribe()
    unsubscribe()
    await source.stop()
    assert len(seen) == 3
    assert inner.listeners == 0
    assert not inner.running


async def test_what_is_passed_on(inner: SlowSource, source: TriggeredSource) -> None:
    """The rest is the camera's business."""
    source.want()
    source.accept_view()
    inner.show(taken=7.0)
    assert (await source.newest()).taken == 7.0
    assert (inner.wanted, inner.views_accepted) == (1, 1)


async def test_real_camera(
    hass: HomeAssistant, clip: Clip, rtsp_camera: CameraMaker
) -> None:
    """There is no connection before the trigger goes off, and none after."""
    camera = rtsp_camera(clip)
    source = open_source(
        hass,
        CameraSettings(url=camera.url()),
        WatchSettings(trigger_entity=LOOP, trigger_seconds=0.05),
    )
    source.start()
    await hass.async_block_till_done()
    assert camera.clients == 0
    await switch(hass, STATE_ON)
    assert (await source.newest()).jpeg
    await switch(hass, STATE_OFF)
    await until(lambda: camera.clients == 0)
    await until(lambda: not camera_threads())
    assert source.status.waiting
    # The thread may be gone a moment before what it said last has arrived.
    await until(lambda: not source.status.connected)
    await source.stop()
