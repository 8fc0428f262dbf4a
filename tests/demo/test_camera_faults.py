"""The simulated cameras as servers: how they come, go, and break on request."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from itertools import pairwise
import socket
import time

from aiohttp import ClientPayloadError, ClientSession
import pytest

from demo.cameras import BlackHole, Clip, HttpCamera, Packet, RtspCamera
from demo.cameras.clip import nal_units
from tests.capture.conftest import CameraMaker, rtsp_camera, until
from tests.capture.pictures import jpeg_of, numbered

from .viewer import Seen, viewing

__all__ = ["rtsp_camera"]

EVERY = 0.1
"""Seconds from one picture of the clip to the next."""


@pytest.fixture(scope="module")
def clip() -> Clip:
    """A clip of one second."""
    return Clip.from_frames(numbered(10, 160, 90), 10, gop_seconds=0.5)


@pytest.fixture
async def http_camera() -> AsyncIterator[HttpCamera]:
    """An HTTP camera."""
    jpegs = [jpeg_of(picture) for picture in numbered(10)]
    async with HttpCamera(jpegs, fps=20.0) as camera:
        yield camera


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """What sends HTTP requests."""
    async with ClientSession() as session:
        yield session


def units(pictures: Sequence[Seen | Packet]) -> list[list[bytes]]:
    """Return the NAL units of pictures; how long their start codes are is no matter."""
    return [list(nal_units(picture.data)) for picture in pictures]


def steps(pictures: list[Seen]) -> list[float]:
    """Return the seconds from one time stamp to the next."""
    return [later.stamp - stamp for (stamp, _), later in pairwise(pictures)]


def test_port_is_taken(clip: Clip) -> None:
    """Two cameras cannot have the same port."""
    with RtspCamera(clip) as first, pytest.raises(OSError, match="in use"):
        RtspCamera(clip, port=first.port).start()


def test_twice(clip: Clip) -> None:
    """A camera that is stopped twice is stopped, and its port is free."""
    camera = RtspCamera(clip).start()
    port = camera.port
    camera.stop()
    camera.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    camera.start()
    assert camera.port == port
    camera.stop()


async def test_clients(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """Connections are counted, and rude clients do no harm."""
    camera = rtsp_camera(clip)
    async with viewing(camera, play=False) as viewer:
        answer = await viewer.ask("OPTIONS")
        assert answer.startswith("RTSP/1.0 200 OK\r\nCSeq: 1\r\n")
        assert camera.clients == 1
    _, writer = await asyncio.open_connection("127.0.0.1", camera.port)
    writer.write(b"x" * 200_000)
    writer.close()
    await until(lambda: not camera.clients)


async def test_plays(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """The clip is played in a loop, with time stamps that go on."""
    camera = rtsp_camera(clip)
    async with viewing(camera) as viewer:
        pictures = await viewer.pictures(12)
    assert steps(pictures) == pytest.approx([EVERY] * 11, abs=0.001)
    assert pictures[10].data == pictures[0].data
    assert camera.taken.keys() == camera.sent.keys() == set(range(10))
    assert all(camera.sent[i] >= camera.taken[i] for i in range(10))


async def test_freeze(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A frozen camera takes no pictures, while its clock goes on."""
    camera = rtsp_camera(clip)
    async with viewing(camera) as viewer:
        pictures = await viewer.pictures(2)
        camera.freeze = True
        frozen = time.monotonic()
        before = max(camera.sent)
        await asyncio.sleep(3 * EVERY)
        assert max(camera.sent) <= before + 1
        camera.freeze = False
        pictures += await viewer.pictures(4)
    assert max(steps(pictures)) > EVERY
    assert camera.taken[5] > frozen + 3 * EVERY


async def test_hold(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """What was kept back leaves at once, and says when it was taken."""
    camera = rtsp_camera(clip)
    async with viewing(camera) as viewer:
        await viewer.pictures(2)
        camera.hold = True
        before = max(camera.sent)
        await asyncio.sleep(6 * EVERY)
        camera.hold = False
        pictures = await viewer.pictures(6)
    assert steps(pictures) == pytest.approx([EVERY] * 5, abs=0.001)
    first, last = before + 2, before + 4
    taken = camera.taken[last] - camera.taken[first]
    assert taken == pytest.approx(2 * EVERY, abs=0.001)
    assert camera.sent[last] - camera.sent[first] < taken
    assert camera.sent[first] - camera.taken[first] > EVERY


async def test_still(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A sensor may hang while the stream goes on, and come back."""
    camera = rtsp_camera(clip)
    held = clip.held(1, 1.0)
    async with viewing(camera) as viewer:
        pictures = await viewer.pictures(2)
        camera.still = held
        while units([picture := await viewer.picture()]) != units(held.packets[:1]):
            pictures.append(picture)
        noted = camera.taken.copy()
        hanging = [picture, *await viewer.pictures(3)]
        assert units(hanging) == units(held.packets[:4])
        assert camera.taken == noted
        camera.still = None
        while units([picture := await viewer.picture()]) != units(clip.packets[:1]):
            hanging.append(picture)
        pictures += [*hanging, picture]
    stamps = [seen.stamp for seen in pictures]
    assert stamps == sorted(stamps)


async def test_still_from_the_start(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A sensor that hangs does so for those who connect anew as well."""
    camera = rtsp_camera(clip)
    camera.still = clip.held(1, 1.0)
    async with viewing(camera) as viewer:
        assert units([await viewer.picture()]) == units(camera.still.packets[:1])


async def test_backlog(rtsp_camera: CameraMaker) -> None:
    """A client may get the last second at once, stamped as it was taken."""
    clip = Clip.from_frames(numbered(50, 160, 90), 10)
    camera = rtsp_camera(clip)
    camera.backlog = 1.0
    begin = time.monotonic()
    async with viewing(camera) as viewer:
        pictures = await viewer.pictures(9)
    assert units(pictures) == units(clip.packets[:9])
    assert steps(pictures) == pytest.approx([EVERY] * 8, abs=0.001)
    assert camera.taken[0] < begin
    assert camera.sent[8] - camera.sent[0] < camera.taken[8] - camera.taken[0]


async def test_stamp_rate(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """Time stamps may run wrong, while the pictures come as ever."""
    camera = rtsp_camera(clip)
    camera.stamp_rate = 0.48
    async with viewing(camera) as viewer:
        pictures = await viewer.pictures(4)
    assert steps(pictures) == pytest.approx([0.48 * EVERY] * 3, abs=0.001)
    assert camera.taken[3] - camera.taken[0] == pytest.approx(3 * EVERY)


@pytest.mark.parametrize("status", [HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND])
async def test_status(status: HTTPStatus, clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A camera may refuse without asking for a password."""
    camera = rtsp_camera(clip)
    camera.status = status
    async with viewing(camera, play=False) as viewer:
        answer = await viewer.ask("DESCRIBE")
    assert answer.startswith(f"RTSP/1.0 {status.value} {status.phrase}\r\n")


async def test_mute(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A camera that is mute takes a request and says nothing."""
    camera = rtsp_camera(clip)
    camera.mute = True
    async with viewing(camera, play=False) as viewer:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await viewer.ask("OPTIONS")
        assert camera.requests["OPTIONS"] == camera.clients == 1
    await until(lambda: not camera.clients)


async def test_hang_up(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A connection can be closed in the middle of the clip."""
    camera = rtsp_camera(clip)
    async with viewing(camera) as viewer:
        await viewer.picture()
        camera.hang_up()
        with pytest.raises(asyncio.IncompleteReadError):
            await viewer.pictures(10)
    await until(lambda: not camera.clients)


async def test_kick(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A connection can be reset."""
    camera = rtsp_camera(clip)
    async with viewing(camera) as viewer:
        await viewer.picture()
        camera.kick()
        with pytest.raises(ConnectionResetError):
            await viewer.pictures(10)


async def test_black_hole(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """No connection to a black hole is made, and none is refused; then one is."""
    camera = rtsp_camera(clip)
    camera.stop()
    with BlackHole(camera.port), pytest.raises(TimeoutError):
        await asyncio.to_thread(
            socket.create_connection, ("127.0.0.1", camera.port), timeout=0.3
        )
    camera.start()
    async with viewing(camera) as viewer:
        assert (await viewer.picture()).data


async def test_http_still(http_camera: HttpCamera, session: ClientSession) -> None:
    """A sensor that hangs shows its last picture for ever, the first if it has none."""

    async def shown() -> bytes:
        async with session.get(http_camera.url()) as response:
            return await response.read()

    first, second, third = http_camera.pictures[:3]
    http_camera.still = True
    assert [await shown(), await shown()] == [first, first]
    http_camera.still = False
    assert await shown() == second
    taken = http_camera.taken.copy()
    assert taken.keys() == {0, 1}
    http_camera.still = True
    assert [await shown(), await shown()] == [second, second]
    assert http_camera.taken == taken
    http_camera.still = False
    assert await shown() == third


async def test_http_hold(http_camera: HttpCamera, session: ClientSession) -> None:
    """Pictures can be kept back, single ones and those of a stream."""
    http_camera.hold = True
    async with session.get(http_camera.url("/stream.mjpg")) as stream:
        single = asyncio.create_task(session.get(http_camera.url()))
        await until(lambda: http_camera.count >= 4)
        assert not single.done()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await stream.content.read(1)
        kept = http_camera.count - 1
        http_camera.hold = False
        parts = b""
        while parts.count(b"image/jpeg") < kept:
            parts += await stream.content.readany()
        async with await single as response:
            assert await response.read() in http_camera.pictures


async def test_http_kick(http_camera: HttpCamera, session: ClientSession) -> None:
    """A stream can be reset."""
    async with session.get(http_camera.url("/stream.mjpg")) as stream:
        await stream.content.read(1)
        http_camera.kick()
        with pytest.raises(ClientPayloadError, match="reset"):
            await stream.read()


async def test_http_hang_up(http_camera: HttpCamera, session: ClientSession) -> None:
    """A stream can end in the middle."""
    async with session.get(http_camera.url("/stream.mjpg")) as stream:
        await stream.content.read(1)
        http_camera.hang_up()
        with pytest.raises(ClientPayloadError) as raised:
            await stream.read()
        assert "reset" not in str(raised.value)
