"""The small parts of stage 1: slot, pauses, pace."""

import asyncio
import threading

import pytest

from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.pace import Pace
from custom_components.plate_gate.capture.picture import Shot
from custom_components.plate_gate.capture.rate import Rate
from custom_components.plate_gate.capture.slot import Slot

from .conftest import Clock, until
from .pictures import a_picture


def shot(taken: float) -> Shot:
    """Return a picture that was taken at a time."""
    return Shot(a_picture(), taken)


async def test_slot_keeps_the_newest() -> None:
    """A picture that nobody took gives way to the next, and is counted."""
    slot = Slot(asyncio.get_running_loop(), clock=Clock())
    for taken in (98.0, 99.0, 100.0):
        slot.put(shot(taken))
    assert (await slot.take()).taken == 100.0
    assert slot.dropped == 2


async def test_slot_throws_old_frames_away() -> None:
    """A picture that lay too long is not handed out."""
    clock = Clock()
    slot = Slot(asyncio.get_running_loop(), max_age=2.0, clock=clock)
    slot.put(shot(clock.now))
    clock.now += 2.1
    taking = asyncio.create_task(slot.take())
    await until(lambda: slot.dropped == 1)
    assert not taking.done()
    slot.put(shot(clock.now))
    assert (await taking).taken == clock.now


async def test_slot_between_threads() -> None:
    """A thread puts pictures in while two tasks take them out, each once."""
    slot = Slot(asyncio.get_running_loop(), clock=Clock())
    takers = [asyncio.create_task(slot.take()) for _ in range(2)]
    taken = []
    for when in (99.0, 100.0):
        thread = threading.Thread(target=slot.put, args=(shot(when),))
        thread.start()
        await asyncio.wait(takers, return_when=asyncio.FIRST_COMPLETED)
        thread.join()
        done = [taker for taker in takers if taker.done()]
        assert len(done) == 1
        takers.remove(done[0])
        taken.append(done[0].result().taken)
    assert taken == [99.0, 100.0]


async def test_slot_survives_cancellation() -> None:
    """A picture is not lost when the one who waits for it gives up."""
    slot = Slot(asyncio.get_running_loop(), clock=Clock())
    taking = asyncio.create_task(slot.take())
    await asyncio.sleep(0)
    slot.put(shot(100.0))
    taking.cancel()
    await asyncio.wait([taking])
    assert (await slot.take()).taken == 100.0


def test_slot_after_the_end() -> None:
    """A thread that comes late, when the event loop is gone, does no harm."""
    loop = asyncio.new_event_loop()
    slot = Slot(loop)
    loop.close()
    slot.put(shot(100.0))
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


def test_rate() -> None:
    """The rate is that of the last pictures, and unknown before there are two."""
    rate = Rate()
    assert rate.value is None
    rate.count(10.0)
    assert rate.value is None
    rate.count(10.0)
    assert rate.value is None
    for n in range(100):
        rate.count(20.0 + n / 8)
    assert rate.value == pytest.approx(8.0)
    rate.clear()
    assert rate.value is None
