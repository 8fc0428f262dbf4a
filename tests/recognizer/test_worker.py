"""One picture at a time, a short queue, and nothing read for those who have gone."""

import asyncio
from collections.abc import Iterator
from threading import Event, current_thread

from PIL import Image
import pytest

from plate_gate_recognizer.errors import BusyError, PictureError
from plate_gate_recognizer.picture import Picture
from plate_gate_recognizer.reader import Read
from plate_gate_recognizer.worker import Worker

from .scene import jpeg

PICTURE = jpeg(Image.new("RGB", (64, 48)))


class Gate:
    """Reads nothing from a picture, and only when it is told to."""

    def __init__(self) -> None:
        """Begin closed."""
        self.open = Event()
        self.read = 0

    def __call__(self, picture: Picture) -> list[Read]:
        """Wait to be opened."""
        assert picture.shape == (48, 64, 3)
        assert current_thread().name.startswith("recognizer")
        assert self.open.wait(10)
        self.read += 1
        return []


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Return what stands for the networks; it is open in the end, come what may."""
    gate = Gate()
    yield gate
    gate.open.set()


async def test_result(gate: Gate) -> None:
    """A result tells the size of the picture and how long it took."""
    gate.open.set()
    worker = Worker(gate)
    result = await worker.read(PICTURE)
    worker.close()
    assert (result.width, result.height) == (64, 48)
    assert 0 <= result.inference_ms <= result.process_ms


async def test_queue_full(gate: Gate) -> None:
    """What finds no place is told at once; when there is room again, it is read."""
    worker = Worker(gate, waiting_max=2)
    waiting = [asyncio.create_task(worker.read(PICTURE)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await worker.read(PICTURE)
    gate.open.set()
    await asyncio.gather(*waiting)
    await worker.read(PICTURE)
    worker.close()
    assert gate.read == 4


async def test_gone_while_waiting(gate: Gate) -> None:
    """A picture that nobody waits for any more is not read, and its place is free."""
    worker = Worker(gate, waiting_max=1)
    first = asyncio.create_task(worker.read(PICTURE))
    second = asyncio.create_task(worker.read(PICTURE))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    third = asyncio.create_task(worker.read(PICTURE))
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(first, third)
    worker.close()
    assert gate.read == 2


async def test_bad_picture_leaves_its_place(gate: Gate) -> None:
    """However many pictures cannot be read, the next one is."""
    gate.open.set()
    worker = Worker(gate, waiting_max=0)
    for _ in range(5):
        with pytest.raises(PictureError):
            await worker.read(b"no picture")
    await worker.read(PICTURE)
    worker.close()


async def test_closed(gate: Gate) -> None:
    """After the end nothing is taken."""
    worker = Worker(gate)
    worker.close()
    with pytest.raises(BusyError, match="stopping"):
        await worker.read(PICTURE)
