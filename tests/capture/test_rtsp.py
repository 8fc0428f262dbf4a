"""Reading RTSP cameras: real ones on loopback, in all the ways that they fail."""

import asyncio
from dataclasses import replace
import gc
from itertools import pairwise
import ssl
import time
from typing import Any, override

from av.container import InputContainer
import pytest

from custom_components.plate_gate.capture import sweep
from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.outlet import Outlet
from custom_components.plate_gate.capture.picture import Picture
from custom_components.plate_gate.capture.rtsp import RtspReader
from custom_components.plate_gate.capture.settings import CameraSettings
from custom_components.plate_gate.capture.slot import Slot
from custom_components.plate_gate.errors import (
    CameraAuthError,
    CameraPictureError,
    CameraUnreachableError,
)
from demo.cameras import Clip, RtspCamera
from demo.cameras.clip import parameter_sets

from .conftest import (
    EVERY,
    LIMIT,
    CameraMaker,
    HandedOn,
    Opener,
    camera_threads,
    until,
    until_connected,
    until_lost,
)
from .pictures import number_of, numbered

PASSWORD = "p@ss/w:rd#1"


def reader_for(
    camera: RtspCamera,
    *,
    fps: float = 10.0,
    read_timeout: float = LIMIT,
    **settings: Any,
) -> RtspReader:
    """Return a reader."""
    return RtspReader(
        CameraSettings(url=camera.url(), fps=fps, **settings),
        open_timeout=LIMIT,
        read_timeout=read_timeout,
    )


@pytest.mark.parametrize("name", ["clip", "clip_h265"])
async def test_frames(
    name: str,
    request: pytest.FixtureRequest,
    rtsp_camera: CameraMaker,
    steady: Opener,
    handed_on: list[HandedOn],
) -> None:
    """Frames come in the order of the clip, of its size, with the time of arrival.

    Those that came while FFmpeg looked at the stream are old, and are left out.
    """
    before = time.monotonic()
    camera = rtsp_camera(request.getfixturevalue(name))
    source = steady(reader_for(camera, fps=EVERY))
    await until(lambda: len(handed_on) >= 4)
    frames = [one.frame for one in handed_on]
    numbers = [number_of(frame.jpeg) for frame in frames[:4]]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert source.status.late == numbers[0]
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
    assert all(frame.jpeg.startswith(b"\xff\xd8") for frame in frames)
    times = [before, *(frame.taken for frame in frames), time.monotonic()]
    assert times == sorted(times)
    await until_connected(source)
    assert source.status.error is None
    assert source.status.decoded >= 4


async def test_newest_wins(
    clip: Clip,
    rtsp_camera: CameraMaker,
    steady: Opener,
    handed_on: list[HandedOn],
) -> None:
    """Whoever looks seldom gets the newest frame, and the rest is counted."""
    source = steady(reader_for(rtsp_camera(clip)))
    first = await source.newest()
    dropped = source.status.dropped
    await until(lambda: source.status.dropped >= dropped + 5)
    second = await source.newest()
    frames = [one.frame for one in handed_on]
    assert frames.index(second) >= frames.index(first) + 6


async def test_b_pictures(
    clip_with_b_pictures: Clip,
    rtsp_camera: CameraMaker,
    steady: Opener,
    handed_on: list[HandedOn],
) -> None:
    """Pictures that travel in another order are handed on in theirs."""
    steady(reader_for(rtsp_camera(clip_with_b_pictures), fps=EVERY))
    await until(lambda: len(handed_on) >= 8)
    numbers = [number_of(one.frame.jpeg) for one in handed_on]
    # One that arrived before those that it is shown after comes too late, and is left
    # out. A step back would be a large one forward, because the clip is a loop.
    steps = [(b - a) % 20 for a, b in pairwise(numbers)]
    assert set(steps) <= {1, 2, 3}
    times = [one.frame.taken for one in handed_on]
    # The promptest picture, which tells how late the others are, may not come first.
    assert all(later > earlier - 0.15 for earlier, later in pairwise(times))


async def test_resolution_changes(
    clip: Clip,
    rtsp_camera: CameraMaker,
    steady: Opener,
    handed_on: list[HandedOn],
) -> None:
    """A camera may change the size of its pictures in the middle of the stream."""
    larger = Clip.from_frames(numbered(10, 640, 360), 10)
    both = replace(
        clip,
        packets=clip.packets[:5]
        + tuple(p._replace(pts=p.pts + 0.5) for p in larger.packets),
        duration=1.5,
    )
    source = steady(reader_for(rtsp_camera(both)))
    await until(lambda: len({one.frame.width for one in handed_on}) > 1)
    sizes = {(one.frame.width, one.frame.height) for one in handed_on}
    assert sizes == {(320, 180), (640, 360)}
    assert source.status.reconnects == 0


async def test_refused_and_back(
    clip: Clip, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """A camera that is off is unreachable, and comes back on the same port."""
    camera = rtsp_camera(clip)
    source = steady(reader_for(camera))
    await source.newest()
    camera.stop()
    assert isinstance(await until_lost(source), CameraUnreachableError)
    await until(lambda: source.status.reconnects >= 2)
    assert not source.status.connected
    camera.start()
    assert (await until_connected(source)).error is None
    assert (await source.newest()).jpeg


async def test_never_answers(
    clip: Clip, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """A camera that accepts and says nothing is given up."""
    camera = rtsp_camera(clip)
    camera.stall_describe = True
    settings = CameraSettings(url=camera.url())
    source = steady(RtspReader(settings, open_timeout=0.3, read_timeout=0.3))
    assert isinstance(await until_lost(source), CameraUnreachableError)
    assert camera.requests["DESCRIBE"] == 1


async def test_stop_while_it_never_answers(
    clip: Clip, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """Stopping does not wait for a camera that says nothing."""
    camera = rtsp_camera(clip)
    camera.stall_describe = True
    settings = CameraSettings(url=camera.url())
    source = steady(RtspReader(settings, open_timeout=10 * LIMIT))
    await until(lambda: camera.requests["DESCRIBE"] == 1)
    async with asyncio.timeout(LIMIT):
        await source.stop()
    # The thread still waits for an answer; it ends when the camera hangs up.
    assert len(camera_threads()) == 1
    camera.stop()
    await until(lambda: not camera_threads())


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_password(
    auth: str, clip: Clip, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """A password may have any characters."""
    camera = rtsp_camera(clip, username="us er", password=PASSWORD, auth=auth)
    source = steady(reader_for(camera, username="us er", password=PASSWORD))
    assert (await source.newest()).jpeg
    assert camera.refused == 0


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_wrong_password(
    auth: str, clip: Clip, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """A refused password is said to be one, and not tried again soon."""
    camera = rtsp_camera(clip, username="user", password=PASSWORD, auth=auth)
    source = steady(
        reader_for(camera, username="user", password="wrong"),
        backoff=Backoff(0.01, 60.0),
    )
    assert isinstance(await until_lost(source), CameraAuthError)

    await asyncio.sleep(0.2)
    assert camera.refused == 1


async def test_freeze(
    clip: Clip, rtsp_camera: CameraMaker, steady: Opener, handed_on: list[HandedOn]
) -> None:
    """A stream that stands still is noticed, and its last picture is not made younger.

    FFmpeg holds one picture back, and gives it out when the time to read is up. So it
    is as old as this time then.
    """
    camera = rtsp_camera(clip)
    silence = 1.0
    source = steady(reader_for(camera, fps=EVERY, read_timeout=silence))
    await source.newest()
    camera.freeze = True
    assert isinstance(await until_lost(source), CameraUnreachableError)
    last = handed_on[-1]
    assert last.at - last.frame.taken >= silence
    camera.freeze = False
    await until_connected(source)
    assert source.status.reconnects >= 1


async def test_cut_off(clip: Clip, rtsp_camera: CameraMaker, steady: Opener) -> None:
    """A connection that is reset is made anew."""
    camera = rtsp_camera(clip)
    source = steady(reader_for(camera))
    await source.newest()
    camera.kick()
    await until(lambda: source.status.reconnects == 1 and source.status.connected)
    assert (await source.newest()).jpeg


async def test_hangs_up(clip: Clip, rtsp_camera: CameraMaker, steady: Opener) -> None:
    """A camera that ends its stream in good order is lost all the same."""
    camera = rtsp_camera(clip)
    camera.drop_after = 10
    source = steady(reader_for(camera))
    assert isinstance(await until_lost(source), CameraUnreachableError)
    assert source.status.decoded >= 1


async def test_corrupt(clip: Clip, rtsp_camera: CameraMaker, steady: Opener) -> None:
    """Damaged pictures are left out and counted, and the connection is kept."""
    camera = rtsp_camera(clip)
    camera.corrupt = 0.5
    source = steady(reader_for(camera))
    frames = [await source.newest() for _ in range(8)]
    assert all(number_of(frame.jpeg) < 20 for frame in frames)
    assert source.status.corrupt > 0
    assert source.status.reconnects == 0


async def test_nothing_usable(
    clip: Clip, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """A stream without a single whole picture is not one of pictures."""
    sets = parameter_sets(clip.packets[0].data, "h264").values()
    ruin = b"".join(b"\x00\x00\x00\x01" + unit for unit in (*sets, b"\x65\x88\xff"))
    ruined = replace(clip, packets=tuple(p._replace(data=ruin) for p in clip.packets))
    camera = rtsp_camera(ruined)
    settings = CameraSettings(url=camera.url())
    source = steady(RtspReader(settings, patience=0.5))
    assert isinstance(await until_lost(source), CameraPictureError)
    assert source.status.published == 0
    assert source.status.corrupt > 0


async def test_udp(clip: Clip, rtsp_camera: CameraMaker, steady: Opener) -> None:
    """The transport is the one that was asked for; this camera has no UDP."""
    camera = rtsp_camera(clip)
    source = steady(reader_for(camera, transport="udp"))
    assert isinstance(await until_lost(source), CameraUnreachableError)
    assert camera.requests["SETUP"] >= 1
    assert camera.requests["PLAY"] == 0


async def test_certificate(
    clip: Clip, certificate: ssl.SSLContext, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """A certificate that the camera made itself is taken only on request."""
    camera = rtsp_camera(clip, tls=certificate)
    strict = steady(RtspReader(CameraSettings(url=camera.url())))
    assert isinstance(await until_lost(strict), CameraUnreachableError)
    assert camera.requests.total() == 0
    lenient = steady(RtspReader(CameraSettings(url=camera.url(), verify_ssl=False)))
    assert (await lenient.newest()).jpeg


async def test_stop(clip: Clip, rtsp_camera: CameraMaker, steady: Opener) -> None:
    """Stopping does not wait for the end of a stream; it can be started again."""
    camera = rtsp_camera(clip)
    source = steady(reader_for(camera))
    await source.newest()
    assert len(camera_threads()) == 1
    async with asyncio.timeout(LIMIT):
        await source.stop()
    await until(lambda: not camera_threads())
    assert not source.status.connected
    await until(lambda: camera.clients == 0)
    source.start()
    assert (await source.newest()).jpeg


async def test_reconnects_leave_no_thread(
    clip: Clip, rtsp_camera: CameraMaker, steady: Opener
) -> None:
    """However often a camera is lost, there is one thread for it."""
    camera = rtsp_camera(clip)
    camera.drop_after = 2
    source = steady(reader_for(camera), backoff=Backoff(0.001, 0.001))
    await until(lambda: source.status.reconnects >= 5)
    assert len(camera_threads()) <= 1


async def test_reconnects_leave_no_memory(
    clip: Clip,
    rtsp_camera: CameraMaker,
    steady: Opener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What FFmpeg's wrapper leaves behind is collected after some connections."""
    monkeypatch.setattr(sweep, "EVERY", 4)
    camera = rtsp_camera(clip)
    camera.drop_after = 2
    gc.collect()
    gc.disable()
    try:
        source = steady(reader_for(camera), backoff=Backoff(0.001, 0.001))
        await until(lambda: source.status.reconnects >= 12)
        await source.stop()
        left = sum(isinstance(thing, InputContainer) for thing in gc.get_objects())
    finally:
        gc.enable()
    assert 0 < left <= 5


class BrokenOutlet(Outlet):
    """An outlet that a mistake of ours has broken."""

    @override
    def offer(self, picture: Picture, taken: float) -> None:
        """Fail."""
        raise KeyError


async def test_mistakes_are_raised(clip: Clip, rtsp_camera: CameraMaker) -> None:
    """A mistake in the thread reaches whoever waits for it, and ends the thread."""
    reader = reader_for(rtsp_camera(clip))
    outlet = BrokenOutlet(Slot(asyncio.get_running_loop()), lambda: None)
    with pytest.raises(KeyError):
        await reader.run(outlet)
    assert not camera_threads()
