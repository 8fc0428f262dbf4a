"""The small parts of stage 1: slot, pauses, pace, pictures."""

import asyncio
import threading
from typing import override

import numpy as np
import pytest

from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.pace import Pace
from custom_components.plate_gate.capture.picture import FROZEN, Sieve, encode, measure
from custom_components.plate_gate.capture.reader import Outlet
from custom_components.plate_gate.capture.slot import Slot
from custom_components.plate_gate.capture.steady import STEADY, SteadySource
from custom_components.plate_gate.errors import (
    CameraError,
    CameraPictureError,
    CameraUnreachableError,
)
from custom_components.plate_gate.models import Frame
from demo.cameras.http import giant_jpeg

from .conftest import until


class Clock:
    """A clock that goes when told to."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def frame(taken: float) -> Frame:
    """Return a frame that was taken at a time."""
    return Frame(jpeg=b"", width=2, height=2, taken=taken)


async def test_slot_keeps_the_newest() -> None:
    """A frame that nobody took gives way to the next, and is counted."""
    slot = Slot(asyncio.get_running_loop(), clock=Clock())
    for taken in (98.0, 99.0, 100.0):
        slot.put(frame(taken))
    assert (await slot.take()).taken == 100.0
    assert slot.dropped == 2


async def test_slot_throws_old_frames_away() -> None:
    """A frame that lay too long is not handed out."""
    clock = Clock()
    slot = Slot(asyncio.get_running_loop(), max_age=2.0, clock=clock)
    slot.put(frame(clock.now))
    clock.now += 2.1
    taking = asyncio.create_task(slot.take())
    await until(lambda: slot.dropped == 1)
    assert not taking.done()
    slot.put(frame(clock.now))
    assert (await taking).taken == clock.now


async def test_slot_between_threads() -> None:
    """A thread puts frames in while two tasks take them out, each frame once."""
    slot = Slot(asyncio.get_running_loop(), clock=Clock())
    takers = [asyncio.create_task(slot.take()) for _ in range(2)]
    taken = []
    for when in (99.0, 100.0):
        thread = threading.Thread(target=slot.put, args=(frame(when),))
        thread.start()
        await asyncio.wait(takers, return_when=asyncio.FIRST_COMPLETED)
        thread.join()
        done = [taker for taker in takers if taker.done()]
        assert len(done) == 1
        takers.remove(done[0])
        taken.append(done[0].result().taken)
    assert taken == [99.0, 100.0]


async def test_slot_survives_cancellation() -> None:
    """A frame is not lost when the one who waits for it gives up."""
    slot = Slot(asyncio.get_running_loop(), clock=Clock())
    taking = asyncio.create_task(slot.take())
    await asyncio.sleep(0)
    slot.put(frame(100.0))
    taking.cancel()
    await asyncio.wait([taking])
    assert (await slot.take()).taken == 100.0


def test_slot_after_the_end() -> None:
    """A thread that comes late, when the event loop is gone, does no harm."""
    loop = asyncio.new_event_loop()
    slot = Slot(loop)
    loop.close()
    slot.put(frame(100.0))
    assert slot.dropped == 0


def test_backoff() -> None:
    """Pauses double up to the longest, and begin anew when told to."""
    backoff = Backoff(1.0, 5.0, chance=lambda: 0.5)
    assert [backoff.next() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]
    backoff.reset()
    assert backoff.next() == 1.0
    assert backoff.longest() == 5.0
    assert backoff.next() == 5.0


def test_backoff_jitter() -> None:
    """Pauses vary by up to a fifth."""
    assert Backoff(10.0, chance=lambda: 0.0).next() == pytest.approx(8.0)
    assert Backoff(10.0, chance=lambda: 1.0).next() == pytest.approx(12.0)


@pytest.mark.parametrize(("delivered", "wanted"), [(15, 10), (25, 5), (30, 7), (3, 5)])
def test_pace(delivered: int, wanted: int) -> None:
    """The rate is met, though the camera's is not a multiple of it."""
    pace = Pace(wanted)
    allowed = sum(pace.allows(50 + n / delivered) for n in range(delivered * 20))
    assert allowed == pytest.approx(min(delivered, wanted) * 20, abs=2)


def test_pace_does_not_catch_up() -> None:
    """A camera that was away does not come back with a burst."""
    pace = Pace(10)
    pace.allows(0.0)
    assert sum(pace.allows(60 + n / 100) for n in range(100)) <= 12


def test_encode() -> None:
    """A picture that is made can be measured."""
    jpeg = encode(np.zeros((48, 64, 3), dtype=np.uint8))
    assert measure(jpeg) == (64, 48)
    assert measure(jpeg + b"\x00\x00\r\n") == (64, 48)


@pytest.mark.parametrize("cut", [0, 2, 100, -2])
def test_measure_refuses_parts(cut: int) -> None:
    """A file that lacks its end is refused."""
    jpeg = encode(np.zeros((48, 64, 3), dtype=np.uint8))
    with pytest.raises(CameraPictureError):
        measure(jpeg[:cut])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + bytes(1000) + b"\xff\xd9",
        b"\xff\xd8" + bytes(17 * 1024 * 1024) + b"\xff\xd9",
        b"GIF89a" + bytes(100) + b"\xff\xd9",
    ],
    ids=["empty", "zeros", "too much", "gif"],
)
def test_measure_refuses_garbage(data: bytes) -> None:
    """What only begins and ends like a picture is refused, as is too much of it."""
    with pytest.raises(CameraPictureError):
        measure(data)


def test_measure_refuses_giants() -> None:
    """Forty megapixels are refused without being decoded."""
    with pytest.raises(CameraPictureError):
        measure(giant_jpeg())


def gray(shade: int) -> bytes:
    """Return a picture of one shade."""
    return encode(np.full((48, 64, 3), shade, dtype=np.uint8))


async def test_sieve_gives_up_on_one_picture() -> None:
    """The same picture for too long is an error; another one in time is not."""
    outlet = Outlet(Slot(asyncio.get_running_loop()), lambda: None)
    sieve = Sieve(outlet, 5.0)
    sieve.offer(gray(1), 100.0)
    sieve.offer(gray(1), 100.0 + FROZEN - 1)
    sieve.offer(gray(2), 100.0 + FROZEN)
    sieve.offer(gray(2), 100.0 + 2 * FROZEN - 1)
    assert outlet.published == 2
    with pytest.raises(CameraPictureError):
        sieve.offer(gray(2), 100.0 + 2 * FROZEN)


async def test_sieve_after_a_loss() -> None:
    """The picture from before is not new, however long a camera repeats it."""
    outlet = Outlet(Slot(asyncio.get_running_loop()), lambda: None)
    Sieve(outlet, 5.0).offer(gray(1), 100.0)
    sieve = Sieve(outlet, 5.0)
    sieve.offer(gray(1), 300.0)
    sieve.offer(gray(1), 300.0 + 2 * FROZEN)
    assert outlet.published == 1
    sieve.offer(gray(2), 400.0)
    assert outlet.published == 2
    with pytest.raises(CameraPictureError):
        sieve.offer(gray(2), 400.0 + FROZEN)


class ScriptedReader:
    """A reader that does one thing after another; the last one lasts."""

    def __init__(self, *ends: Exception | None) -> None:
        """Deliver a frame and end like this, each time."""
        self.clock = Clock()
        self.ends = list(ends)
        self.runs = 0

    async def run(self, outlet: Outlet) -> None:
        """Deliver one frame, then end."""
        self.runs += 1
        outlet.publish(frame(self.clock.now))
        await asyncio.sleep(0.01)
        if not self.ends:
            await asyncio.Event().wait()
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
    pauses = Pauses()
    loop = asyncio.get_running_loop()
    source = SteadySource(reader, loop, backoff=pauses, clock=reader.clock)
    source.start()
    await until(lambda: reader.runs == 4 and source.status.connected)
    reader.clock.now += STEADY
    await until(lambda: reader.runs == 5)
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
