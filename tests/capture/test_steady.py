"""A source that reads a camera again and again."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
import threading
import time
from typing import override

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.plate_gate.capture import steady
from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.outlet import MAX_AGE, Outlet
from custom_components.plate_gate.capture.picture import JpegPicture, Picture, Shot
from custom_components.plate_gate.capture.steady import SILENT, STEADY, SteadySource
from custom_components.plate_gate.errors import (
    CameraError,
    CameraPictureError,
    CameraUnreachableError,
)

from .conftest import Clock, until
from .pictures import a_picture


class ScriptedReader:
    """A reader that does one thing after another; the last one lasts."""

    def __init__(self, *ends: Exception | None) -> None:
        """Deliver a frame and end like this, each time."""
        self.clock = Clock()
        self.ends = list(ends)
        self.lasts: dict[int, float] = {}
        self.runs = 0

    async def run(self, outlet: Outlet) -> None:
        """Deliver one picture, then end."""
        self.runs += 1
        outlet.begin(keeps_coming=True)
        outlet.offer(a_picture(self.runs), self.clock.now)
        await asyncio.sleep(0.01)
        if not self.ends:
            await asyncio.Event().wait()
        self.clock.now += self.lasts.get(self.runs, 0.0)
        outlet.offer(a_picture(self.runs + 10), self.clock.now)
        if (end := self.ends.pop(0)) is not None:
            raise end


class Pauses(Backoff):
    """Notes the pauses instead of making them."""

    def __init__(self) -> None:
        """Begin with the usual pauses."""
        super().__init__(chance=lambda: 0.5)
        self.seen: list[float] = []

    @override
    def _jittered(self, pause: float) -> float:
        """Note a pause."""
        self.seen.append(pause)
        return 0.0


async def test_steady_listens() -> None:
    """Listeners hear of each change, and of nothing once they have left."""
    reader = ScriptedReader(CameraPictureError(), None)
    loop = asyncio.get_running_loop()
    source = SteadySource(reader, loop, backoff=Pauses(), clock=reader.clock)
    seen: list[tuple[bool, type[CameraError | None]]] = []
    unsubscribe = source.subscribe(
        lambda: seen.append((source.status.connected, type(source.status.error)))
    )
    gone = source.subscribe(lambda: pytest.fail("left already"))
    gone()
    gone()
    source.start()
    source.start()
    await until(lambda: reader.runs == 3 and source.status.connected)
    await source.stop()
    await source.stop()
    unsubscribe()
    nothing = type(None)
    assert seen[0] == (True, nothing)
    assert (False, CameraPictureError) in seen
    assert (False, CameraUnreachableError) in seen
    assert source.status.reconnects == 2


async def test_steady_begins_anew() -> None:
    """After a long good time, the first pause is short again."""
    reader = ScriptedReader(*[CameraUnreachableError()] * 4)
    reader.lasts[4] = STEADY
    pauses = Pauses()
    loop = asyncio.get_running_loop()
    source = SteadySource(reader, loop, backoff=pauses, clock=reader.clock)
    source.start()
    await until(lambda: reader.runs == 5 and source.status.connected)
    assert source.status.reconnects == source.status.reconnects_hour == 4
    reader.clock.now += 3600.0
    assert source.status.reconnects_hour == 0
    await source.stop()
    assert pauses.seen == [1.0, 2.0, 4.0, 1.0]


async def test_steady_survives_faults(caplog: pytest.LogCaptureFixture) -> None:
    """An error that nobody expected does not blind the lane, and is named once."""
    reader = ScriptedReader(KeyError("rtsp://me:secret@cam/1"))
    source = SteadySource(
        reader, asyncio.get_running_loop(), backoff=Pauses(), clock=reader.clock
    )
    source.start()
    await until(lambda: reader.runs == 2 and source.status.connected)
    await source.stop()
    assert caplog.text.count("Unexpected KeyError while reading a camera") == 1
    assert "secret" not in caplog.text


class HandReader:
    """A reader that delivers what a test tells it to."""

    outlet: Outlet

    def __init__(self) -> None:
        """Begin without a connection."""
        self.clock = Clock()
        self.connected = asyncio.Event()

    async def run(self, outlet: Outlet) -> None:
        """Connect, and wait for the test."""
        self.outlet = outlet
        outlet.begin(keeps_coming=True)
        self.connected.set()
        await asyncio.Event().wait()

    def show(self, picture: Picture, after: float = 0.1) -> None:
        """Deliver a picture."""
        self.clock.now += after
        self.outlet.offer(picture, self.clock.now)


@pytest.fixture
async def by_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[HandReader, SteadySource]]:
    """A source that shows what a test tells it to, watched closely."""
    monkeypatch.setattr(steady, "WATCH", 0.01)
    reader = HandReader()
    source = SteadySource(
        reader, asyncio.get_running_loop(), clock=reader.clock, fps=1000.0
    )
    source.start()
    await reader.connected.wait()
    yield reader, source
    await source.stop()


async def test_silence_is_noticed(by_hand: tuple[HandReader, SteadySource]) -> None:
    """A stream that stands still is lost, before its reader gives it up."""
    reader, source = by_hand
    for number in range(5):
        reader.show(a_picture(number))
    await until(lambda: source.status.connected)
    assert source.status.fps == pytest.approx(10.0)
    reader.clock.now += SILENT - 0.1
    await asyncio.sleep(0.05)
    assert source.status.connected
    reader.clock.now += 0.2
    await until(lambda: not source.status.connected)
    assert isinstance(source.status.error, CameraUnreachableError)
    assert source.status.fps is None
    assert source.status.newest == pytest.approx(100.5)
    reader.show(a_picture(6))
    await until(lambda: source.status.connected)
    assert source.status.error is None
    assert source.status.reconnects == 0


async def test_slow_cameras_are_not_silent(
    by_hand: tuple[HandReader, SteadySource],
) -> None:
    """Who sends a picture every four seconds is waited for a little longer."""
    reader, source = by_hand
    for number in range(3):
        reader.show(a_picture(number), after=4.0)
    await until(lambda: source.status.connected)
    reader.clock.now += SILENT * 3
    await asyncio.sleep(0.05)
    assert source.status.connected
    reader.clock.now += SILENT + 0.1
    await until(lambda: not source.status.connected)


async def test_old_pictures_are_left_out(
    by_hand: tuple[HandReader, SteadySource],
) -> None:
    """What comes too late is counted, is no sign of life, and goes nowhere."""
    reader, source = by_hand
    reader.outlet.offer(a_picture(), reader.clock.now - MAX_AGE - 0.1)
    await asyncio.sleep(0.05)
    assert not source.status.connected
    assert (source.status.late, source.status.decoded) == (1, 0)
    reader.outlet.offer(a_picture(1), reader.clock.now - MAX_AGE + 0.1)
    assert (await source.newest()).taken == reader.clock.now - MAX_AGE + 0.1


async def test_damage_may_show_late(by_hand: tuple[HandReader, SteadySource]) -> None:
    """A picture that turns out to be damaged when it is wanted is passed over."""
    reader, source = by_hand

    class Damaged(JpegPicture):
        """A picture whose colors are broken."""

        @override
        def pixels(self) -> NDArray[np.uint8]:
            """Fail."""
            raise CameraPictureError

    whole = a_picture()
    damaged = Damaged(whole.pixels().tobytes(), whole.size)
    damaged.file = None
    waiting = asyncio.create_task(source.newest())
    reader.outlet._slot.put(Shot(damaged, reader.clock.now))
    await until(lambda: source.status.corrupt == 1)
    assert not waiting.done()
    reader.show(a_picture(1))
    assert (await waiting).taken == reader.clock.now
    assert source.status.published == 1


class SlowPicture(JpegPicture):
    """A picture that takes long to become a frame."""

    def __init__(self, whole: JpegPicture) -> None:
        """Wait for the test."""
        super().__init__(whole.file or b"", whole.size)
        self.file = None
        self._whole = whole
        self.ready = threading.Event()

    @override
    def pixels(self) -> NDArray[np.uint8]:
        """Return it when the test says so."""
        assert self.ready.wait(20)
        return self._whole.pixels()


async def test_giving_up_loses_no_frame(
    by_hand: tuple[HandReader, SteadySource],
) -> None:
    """Whoever waits only for a while gets the frame the next time."""
    reader, source = by_hand
    slow = SlowPicture(a_picture())
    reader.show(slow)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await source.newest()
    slow.ready.set()
    frame = await source.newest()
    assert frame.taken == reader.clock.now
    assert source.status.published == 1


async def test_frame_that_took_too_long(
    by_hand: tuple[HandReader, SteadySource],
) -> None:
    """One that was fresh when it was taken may be old when it is a frame."""
    reader, source = by_hand
    slow = SlowPicture(a_picture())
    reader.show(slow)
    waiting = asyncio.create_task(source.newest())
    await asyncio.sleep(0.05)
    reader.clock.now += MAX_AGE + 0.1
    slow.ready.set()
    await until(lambda: source.status.dropped == 1)
    reader.show(a_picture(1))
    assert (await waiting).taken == reader.clock.now


async def test_stopping_lets_go_of_every_picture(
    by_hand: tuple[HandReader, SteadySource],
) -> None:
    """Nothing of a camera stays in memory when it is not read any more."""
    reader, source = by_hand
    reader.show(a_picture())
    await source.stop()
    reader.show(a_picture(1))
    assert source.status.decoded == 1
    waiting = asyncio.create_task(source.newest())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()


async def test_rate_of_frames() -> None:
    """No more frames are handed on per second than asked for."""
    reader = HandReader()
    reader.clock = time.monotonic  # type: ignore[assignment]
    source = SteadySource(reader, asyncio.get_running_loop(), fps=20.0)
    source.start()
    await reader.connected.wait()
    times = []
    for number in range(5):
        reader.outlet.offer(a_picture(number), time.monotonic())
        await source.newest()
        times.append(time.monotonic())
    await source.stop()
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(times))
