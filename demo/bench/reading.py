"""What is measured of Plate Gate's own capture; each task runs in a process of its own."""

import asyncio
import time
from typing import Any

import av

from custom_components.plate_gate.capture import (
    CameraSettings,
    FrameSource,
    WatchSettings,
)
from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.outlet import Outlet
from custom_components.plate_gate.capture.rtsp import RtspReader
from custom_components.plate_gate.capture.slot import Slot
from custom_components.plate_gate.capture.steady import SteadySource
from custom_components.plate_gate.capture.video import VideoDecoder

from . import numbers
from .process import memory, work


def source_of(
    url: str, sensitivity: str = "off", backoff: Backoff | None = None
) -> FrameSource:
    """Return what `open_source` returns for an RTSP camera, without Home Assistant."""
    settings = CameraSettings(url=url)
    return SteadySource(
        RtspReader(settings),
        asyncio.get_running_loop(),
        watch=WatchSettings(sensitivity=sensitivity),
        fps=settings.fps,
        backoff=backoff,
    )


async def delay(url: str, seconds: float, pause: float) -> dict[str, Any]:
    """Take frames as a slow recognizer does.

    Returns:
        `seen`: the number of each frame, and when it was there to be looked at.

    """
    source = source_of(url)
    source.start()
    seen = []
    await source.newest()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        frame = await source.newest()
        got = time.monotonic()
        seen.append((numbers.read_jpeg(frame.jpeg), got))
        await asyncio.sleep(max(0.0, got + pause - time.monotonic()))
    await source.stop()
    return {"seen": seen}


async def first_frame(url: str, runs: int) -> dict[str, Any]:
    """Connect again and again.

    Returns:
        `seconds` until the first frame and `stopping` seconds until nothing was left,
        of each run; `cold`, the first one, in which FFmpeg was loaded besides.

    """
    seconds, stopping = [], []
    for _ in range(runs + 1):
        source = source_of(url)
        begin = time.monotonic()
        source.start()
        await source.newest()
        got = time.monotonic()
        seconds.append(got - begin)
        await source.stop()
        stopping.append(time.monotonic() - got)
    return {"cold": seconds[0], "seconds": seconds[1:], "stopping": stopping}


async def growth(url: str, warm: int, count: int) -> dict[str, Any]:
    """Lose the camera again and again.

    Returns:
        Memory in MB `before`, after some reconnects that do not count, and `after` so
        many more; `frames` that were taken in between.

    """
    source = source_of(url, backoff=Backoff(0.01, 0.05))
    source.start()
    frames = 0

    async def take() -> None:
        nonlocal frames
        while True:
            await source.newest()
            frames += 1

    taking = asyncio.create_task(take())
    before = await _memory_at(source, warm)
    begun = frames
    after = await _memory_at(source, warm + count)
    taking.cancel()
    await source.stop()
    return {"before": before, "after": after, "frames": frames - begun}


async def _memory_at(source: FrameSource, reconnects: int) -> float:
    """Return the memory after so many reconnects, in MB."""
    while source.status.reconnects < reconnects:
        await asyncio.sleep(0.005)
    return memory()


async def cpu(
    url: str, seconds: float, settle: float, sensitivity: str
) -> dict[str, Any]:
    """Watch a camera as a lane does, with whoever takes what there is.

    Returns:
        Seconds of CPU time `used` and of `wall` time; how many pictures were `decoded`,
        the share of `moving` ones among them; how many frames were `taken`.

    """
    source = source_of(url, sensitivity)
    source.start()
    taken = 0

    async def take() -> None:
        nonlocal taken
        while True:
            await source.newest()
            taken += 1

    taking = asyncio.create_task(take())
    while not source.status.connected:
        await asyncio.sleep(0.01)
    await asyncio.sleep(settle)
    before, taken = source.status, 0
    begin, used = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    used, wall = time.process_time() - used, time.monotonic() - begin
    after = source.status
    taking.cancel()
    await source.stop()
    decoded = after.decoded - before.decoded
    return {
        "used": used,
        "wall": wall,
        "decoded": decoded,
        "moving": (after.moving - before.moving) / max(decoded, 1),
        "taken": taken,
    }


async def gate(film: str, pictures: int) -> dict[str, Any]:
    """Look at decoded pictures, with everything that looks at each of them.

    Returns:
        `ms`: CPU time of each picture.

    """
    now = 0.0
    outlet = Outlet(
        Slot(asyncio.get_running_loop()),
        lambda: None,
        WatchSettings(),
        clock=lambda: now,
    )
    outlet.begin(keeps_coming=True)
    times: list[float] = []
    while len(times) < pictures:
        with av.open(film) as container:
            stream = container.streams.video[0]
            interval = 1 / float(stream.average_rate or 15)
            decoder = VideoDecoder(stream, outlet)
            for packet in container.demux(stream):
                for picture, taken in decoder.decode(packet, now):
                    # Of the process: FFmpeg scales with threads of its own.
                    begin = time.process_time()
                    outlet.offer(picture, taken)
                    times.append((time.process_time() - begin) * 1000)
                    now += interval
    return {"ms": times[:pictures]}


if __name__ == "__main__":
    work(
        {
            task.__name__: lambda task=task, **arguments: asyncio.run(task(**arguments))
            for task in (delay, first_frame, growth, cpu, gate)
        }
    )
