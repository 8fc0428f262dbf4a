"""So many pictures at a time, a short line, and nothing read for those who have gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Barrier
from typing import Any

from PIL import Image
import pytest

from plate_gate_recognizer.errors import (
    BusyError,
    PictureError,
    ReplacedError,
    StoppingError,
    StuckError,
)
from plate_gate_recognizer.picture import Picture
from plate_gate_recognizer.reader import Read
from plate_gate_recognizer.worker import ReadPicture, Workers

from .asking import Gate, blind
from .scene import jpeg


def picture(width: int = 64) -> bytes:
    """Return a picture that can be told by its width."""
    return jpeg(Image.new("RGB", (width, 48)))


@asynccontextmanager
async def working(
    read: ReadPicture, count: int = 1, **options: Any
) -> AsyncIterator[Workers]:
    """Let threads read, and end in good order."""
    workers = Workers(read, count, **options)
    try:
        yield workers
    finally:
        if isinstance(read, Gate):
            read.open()
        assert await workers.stop(10)


async def begin(
    workers: Workers, *pictures: tuple[int, str | None]
) -> list[asyncio.Task[Any]]:
    """Hand in pictures of these widths and cameras, and let them take their places."""
    tasks = [
        asyncio.create_task(workers.read(picture(width), camera))
        for width, camera in pictures
    ]
    await asyncio.sleep(0)
    return tasks


async def test_result() -> None:
    """A result tells the size of the picture and how long it took."""
    async with working(blind) as workers:
        result = await workers.read(picture())
    assert (result.width, result.height) == (64, 48)
    assert 0 <= result.inference_ms <= result.process_ms
    assert result.took > 0
    assert result.waited >= 0


async def test_several_at_a_time() -> None:
    """Two threads read two pictures together, of one camera even."""
    together = Barrier(2, timeout=10)

    def read(picture: Picture) -> list[Read]:
        together.wait()
        return []

    async with working(read, 2) as workers:
        await asyncio.gather(*await begin(workers, (64, "north"), (65, "north")))


async def test_full(gate: Gate) -> None:
    """What finds no place is told at once; when there is room again, it is read."""
    async with working(gate, waiting_max=2) as workers:
        tasks = await begin(workers, (64, None), (65, None), (66, None))
        assert (workers.reading, workers.waiting) == (1, 2)
        with pytest.raises(BusyError, match="full") as refused:
            await workers.read(picture())
        assert refused.value.retry_after >= 1
        gate.open()
        await asyncio.gather(*tasks)
        await workers.read(picture(67))
        assert [width for width, _ in gate.read] == [64, 65, 66, 67]


async def test_newest_of_a_camera(gate: Gate) -> None:
    """The older of two waiting pictures is told at once, and not read."""
    async with working(gate) as workers:
        first, old, new = await begin(
            workers, (64, "north"), (65, "north"), (66, "north")
        )
        with pytest.raises(ReplacedError, match="newer picture"):
            await old
        gate.open()
        await asyncio.gather(first, new)
        assert [width for width, _ in gate.read] == [64, 66]


async def test_turns(gate: Gate) -> None:
    """A camera that sends twice as often does not keep the other one waiting."""
    async with working(gate, waiting_max=1) as workers:
        north, _ = await begin(workers, (64, "north"), (65, "south"))
        gate.open(1)
        await north
        # South is being read: both want the one place, and north was served last.
        old, south = await begin(workers, (66, "north"), (67, "south"))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await south
        gate.open(1)
        await asyncio.sleep(0)
        gate.open()
        await old
        assert [width for width, _ in gate.read] == [64, 65, 66]


async def test_gone_while_waiting(gate: Gate) -> None:
    """A picture that nobody waits for any more is not read, and its place is free."""
    async with working(gate, waiting_max=1) as workers:
        first, second = await begin(workers, (64, None), (65, None))
        second.cancel()
        await asyncio.wait([second])
        assert workers.waiting == 0
        (third,) = await begin(workers, (66, None))
        gate.open()
        await asyncio.gather(first, third)
        assert [width for width, _ in gate.read] == [64, 66]


async def test_gone_while_read(gate: Gate) -> None:
    """Who goes while their picture is read leaves the thread to the next one."""
    async with working(gate) as workers:
        first, second = await begin(workers, (64, None), (65, None))
        first.cancel()
        await asyncio.wait([first])
        gate.open()
        await second
        assert len(gate.read) == 2


async def test_waited_too_long(gate: Gate) -> None:
    """What has waited for long is worth nothing, and is sent away."""
    async with working(gate, wait_seconds=0.01) as workers:
        first, second = await begin(workers, (64, None), (65, None))
        with pytest.raises(BusyError, match="too long"):
            await second
        gate.open()
        await first
        assert len(gate.read) == 1


async def test_bad_picture_leaves_its_place() -> None:
    """However many pictures cannot be read, the next one is."""
    async with working(blind, waiting_max=0) as workers:
        for _ in range(5):
            with pytest.raises(PictureError):
                await workers.read(b"no picture")
        await workers.read(picture())


async def test_fault_leaves_the_thread() -> None:
    """A fault of the networks is handed on, and the next picture is read."""

    def read(picture: Picture) -> list[Read]:
        if picture.shape[1] == 64:
            raise MemoryError
        return []

    async with working(read) as workers:
        with pytest.raises(MemoryError):
            await workers.read(picture(64))
        await workers.read(picture(65))
        assert workers.able


async def test_largest_picture() -> None:
    """Who has little memory may set a lower limit than the usual one."""
    async with working(blind, pixels_max=3000) as workers:
        with pytest.raises(PictureError, match=r"0\.003 megapixels"):
            await workers.read(picture(64))
        await workers.read(picture(60))


async def test_hangs(gate: Gate) -> None:
    """If all threads hang it is known, and nobody is let wait for them."""
    async with working(gate, 2, stuck_seconds=0.0) as workers:
        (first,) = await begin(workers, (64, None))
        assert workers.able
        (second,) = await begin(workers, (65, None))
        assert not workers.able
        with pytest.raises(StuckError, match="hangs"):
            await workers.read(picture())
        gate.open()
        await asyncio.gather(first, second)
        assert workers.able


async def test_stop(gate: Gate) -> None:
    """What waits is sent away, what is being read is finished, no more is taken."""
    workers = Workers(gate)
    first, second = await begin(workers, (64, None), (65, None))
    stopping = asyncio.create_task(workers.stop(10))
    with pytest.raises(StoppingError):
        await second
    with pytest.raises(StoppingError) as refused:
        await workers.read(picture())
    assert refused.value.retry_after >= 1
    assert workers.stopping
    gate.open()
    assert (await first).width == 64
    assert await stopping


async def test_stop_does_not_wait_for_ever(gate: Gate) -> None:
    """A picture that takes too long is given up."""
    workers = Workers(gate)
    (first,) = await begin(workers, (64, None))
    assert not await workers.stop(0.01)
    gate.open()
    await first
    assert await workers.stop(10)


async def test_advice(gate: Gate) -> None:
    """The more there is to read, the later it is worth trying again."""
    async with working(gate, waiting_max=8) as workers:
        assert workers.retry_after() == 1
        workers._pace = 0.6
        tasks = await begin(workers, *((64, None) for _ in range(5)))
        assert workers.retry_after() == 3
        workers._pace = 1000.0
        assert workers.retry_after() == 30
        gate.open()
        await asyncio.gather(*tasks)
        assert workers._pace < 1000
