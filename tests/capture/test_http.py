"""Reading HTTP cameras: real ones on loopback, in all the ways that they fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
import time
from typing import Any

from aiohttp import ClientSession, web
import pytest

from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.http import SLOW, HttpReader
from custom_components.plate_gate.capture.settings import CameraSettings
from custom_components.plate_gate.errors import (
    CameraAuthError,
    CameraLateError,
    CameraPictureError,
    CameraUnreachableError,
)
from demo.cameras import HttpCamera

from .conftest import EVERY, LIMIT, HandedOn, Opener, until, until_connected, until_lost

PASSWORD = "p@ss/w:rd#1"
SNAPSHOT = "/snapshot.jpg"
STREAM = "/stream.mjpg"
BOTH = pytest.mark.parametrize("path", [SNAPSHOT, STREAM])

type HttpCameraMaker = Callable[..., Awaitable[HttpCamera]]
type ReaderMaker = Callable[..., HttpReader]


@pytest.fixture
async def http_camera(jpegs: list[bytes]) -> AsyncIterator[HttpCameraMaker]:
    """Make HTTP cameras that are stopped in the end."""
    cameras: list[HttpCamera] = []

    async def make(**kwargs: Any) -> HttpCamera:
        camera = HttpCamera(jpegs, fps=20.0, **kwargs)
        cameras.append(await camera.start())
        return camera

    yield make
    for camera in cameras:
        await camera.stop()


@pytest.fixture
async def reader() -> AsyncIterator[ReaderMaker]:
    """Make readers."""
    async with ClientSession() as session:

        def make(
            url: str,
            *,
            fps: float = 20.0,
            read_timeout: float = LIMIT,
            frozen: float = LIMIT,
            **settings: Any,
        ) -> HttpReader:
            return HttpReader(
                session,
                CameraSettings(url=url, fps=fps, **settings),
                connect_timeout=LIMIT,
                read_timeout=read_timeout,
                snapshot_timeout=read_timeout,
                frozen=frozen,
            )

        yield make


@asynccontextmanager
async def served(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """Serve a single page, and yield its address."""
    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@BOTH
async def test_frames(
    path: str,
    http_camera: HttpCameraMaker,
    reader: ReaderMaker,
    steady: Opener,
    handed_on: list[HandedOn],
) -> None:
    """Pictures are handed on as they are, in order, with the time they were taken."""
    camera = await http_camera()
    before = time.monotonic()
    source = steady(reader(camera.url(path), fps=EVERY))
    await until(lambda: len(handed_on) >= 3)
    frames = [one.frame for one in handed_on]
    assert [frame.jpeg for frame in frames[:3]] == camera.pictures[:3]
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}
    times = [before, *(frame.taken for frame in frames), time.monotonic()]
    assert times == sorted(times)
    await until_connected(source)
    assert source.status.decoded >= 3


async def test_stream_without_lengths(
    http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """The parts of a stream need not say how long they are."""
    camera = await http_camera()
    camera.content_length = False
    source = steady(reader(camera.url(STREAM)))
    frames = [await source.newest() for _ in range(3)]
    assert all(frame.jpeg in camera.pictures for frame in frames)


async def test_newest_wins(
    http_camera: HttpCameraMaker,
    reader: ReaderMaker,
    steady: Opener,
    handed_on: list[HandedOn],
) -> None:
    """Whoever looks seldom gets the newest frame, and the rest is counted."""
    camera = await http_camera()
    source = steady(reader(camera.url(STREAM)))
    first = await source.newest()
    dropped = source.status.dropped
    await until(lambda: source.status.dropped >= dropped + 5)
    second = await source.newest()
    frames = [one.frame for one in handed_on]
    assert frames.index(second) >= frames.index(first) + 6


@BOTH
@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_password(
    path: str,
    auth: str,
    http_camera: HttpCameraMaker,
    reader: ReaderMaker,
    steady: Opener,
) -> None:
    """The camera chooses the scheme, and sees one request without it."""
    camera = await http_camera(username="us er", password=PASSWORD, auth=auth)
    source = steady(reader(camera.url(path), username="us er", password=PASSWORD))
    await until(lambda: source.status.decoded >= 3)
    assert camera.refused == 0
    if path == SNAPSHOT:
        assert camera.requests <= source.status.decoded + 2


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_wrong_password(
    auth: str, http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A refused password is said to be one, and not tried again soon."""
    camera = await http_camera(username="user", password=PASSWORD, auth=auth)
    source = steady(
        reader(camera.url(), username="user", password="wrong"),
        backoff=Backoff(0.01, 60.0),
    )
    assert isinstance(await until_lost(source), CameraAuthError)

    await asyncio.sleep(0.2)
    assert camera.refused == 1


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_no_password(
    auth: str, http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A camera that wants a password when there is none refuses."""
    camera = await http_camera(username="user", password=PASSWORD, auth=auth)
    source = steady(reader(camera.url()))
    assert isinstance(await until_lost(source), CameraAuthError)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, CameraAuthError),
        (404, CameraUnreachableError),
        (503, CameraUnreachableError),
    ],
)
async def test_status(
    status: int,
    error: type[Exception],
    http_camera: HttpCameraMaker,
    reader: ReaderMaker,
    steady: Opener,
) -> None:
    """A refusal is told from a camera that does not work."""
    camera = await http_camera()
    camera.status = status
    source = steady(reader(camera.url()))
    assert isinstance(await until_lost(source), error)


@BOTH
async def test_freeze(
    path: str, http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A camera that falls silent is noticed, and comes back."""
    camera = await http_camera()
    source = steady(reader(camera.url(path), read_timeout=0.5))
    await source.newest()
    camera.freeze = True
    assert isinstance(await until_lost(source), CameraUnreachableError)

    camera.freeze = False
    await until_connected(source)
    assert source.status.reconnects >= 1


async def test_never_answers(
    http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A camera that accepts and says nothing is given up."""
    camera = await http_camera()
    camera.delay = 3600.0
    source = steady(reader(camera.url(), read_timeout=0.2))
    assert isinstance(await until_lost(source), CameraUnreachableError)


@BOTH
async def test_gone_and_back(
    path: str, http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A camera that is off is unreachable, and comes back on the same port."""
    camera = await http_camera()
    source = steady(reader(camera.url(path)))
    await source.newest()
    await camera.stop()
    assert isinstance(await until_lost(source), CameraUnreachableError)
    await until(lambda: source.status.reconnects >= 2)

    await camera.start()
    assert (await until_connected(source)).error is None


@BOTH
@pytest.mark.parametrize("fault", ["truncate", "garbage", "giant"])
async def test_unfit_pictures(
    fault: str,
    path: str,
    http_camera: HttpCameraMaker,
    reader: ReaderMaker,
    steady: Opener,
) -> None:
    """Pictures that are cut off, none at all or huge are refused, not handed on."""
    camera = await http_camera()
    setattr(camera, fault, True)
    source = steady(reader(camera.url(path)))
    assert isinstance(await until_lost(source), CameraPictureError)
    assert source.status.corrupt >= 3
    assert source.status.published == 0
    setattr(camera, fault, False)
    await until_connected(source)


async def test_one_unfit_picture(
    http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A single picture that is cut off does not end the connection."""
    camera = await http_camera()
    source = steady(reader(camera.url(STREAM)))
    await source.newest()
    whole = camera.pictures
    camera.pictures = [*whole[:5], whole[5][:1000], *whole[6:]]
    await until(lambda: source.status.corrupt >= 1)
    camera.pictures = whole
    decoded = source.status.decoded
    await until(lambda: source.status.decoded > decoded)
    assert source.status.reconnects == 0


@BOTH
async def test_same_picture(
    path: str, http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """The same bytes again are no new frame."""
    camera = await http_camera()
    whole = camera.pictures
    camera.pictures = whole[:1]
    source = steady(reader(camera.url(path)))
    await source.newest()
    shown = camera.count
    await until(lambda: camera.count >= shown + 4)
    assert source.status.published == 1
    camera.pictures = whole
    await source.newest()


@BOTH
async def test_same_picture_for_too_long(
    path: str, http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A camera that hangs is lost, and its old picture is no sign of life."""
    camera = await http_camera()
    whole = camera.pictures
    camera.pictures = whole[:1]
    source = steady(reader(camera.url(path), frozen=0.2))
    told: list[bool] = []
    source.subscribe(lambda: told.append(source.status.connected))
    await source.newest()
    assert isinstance(await until_lost(source), CameraPictureError)
    tries = source.status.reconnects
    await until(lambda: source.status.reconnects > tries)
    # It stays on and looks, so that a change is noticed at once.
    await asyncio.sleep(0.5)
    assert source.status.reconnects == tries + 1
    assert source.status.published == 1
    assert told == [True, False]
    camera.pictures = whole
    await until_connected(source)


@pytest.mark.parametrize(
    ("before", "after"), [("basic", "digest"), ("digest", "basic")]
)
async def test_another_scheme(
    before: str,
    after: str,
    http_camera: HttpCameraMaker,
    reader: ReaderMaker,
    steady: Opener,
) -> None:
    """A camera may want the password in another way after its update."""
    camera = await http_camera(username="user", password=PASSWORD, auth=before)
    source = steady(reader(camera.url(), username="user", password=PASSWORD))
    await source.newest()
    await camera.stop()
    await until_lost(source)
    updated = await http_camera(
        username="user", password=PASSWORD, auth=after, port=camera.port
    )
    await until_connected(source)
    assert updated.count >= 1


async def test_no_picture_at_this_address(
    http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A page to log in at is no picture."""
    camera = await http_camera()
    camera.content_type = "text/html"
    source = steady(reader(camera.url()))
    assert isinstance(await until_lost(source), CameraPictureError)


async def test_endless_picture(reader: ReaderMaker, steady: Opener) -> None:
    """A picture that does not end is given up, long before memory ends."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/jpeg"})
        await response.prepare(request)
        while True:
            await response.write(b"\xff\xd8" * 500_000)

    async with served(endless) as url:
        source = steady(reader(url))
        assert isinstance(await until_lost(source), CameraPictureError)


async def test_wrong_boundary(reader: ReaderMaker, steady: Opener) -> None:
    """A stream whose parts cannot be told apart is none."""

    async def wrong(request: web.Request) -> web.Response:
        kind = "multipart/x-mixed-replace; boundary=one"
        return web.Response(body=b"--other\r\n\r\n", headers={"Content-Type": kind})

    async with served(wrong) as url:
        source = steady(reader(url))
        assert isinstance(await until_lost(source), CameraPictureError)


async def test_slow_link(
    jpegs: list[bytes], reader: ReaderMaker, steady: Opener
) -> None:
    """Pictures that take most of the time to arrive may have waited on their way."""

    async def trickle(request: web.Request) -> web.StreamResponse:
        kind = "multipart/x-mixed-replace; boundary=one"
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        while True:
            for jpeg in jpegs:
                half = len(jpeg) // 2
                await response.write(b"--one\r\n\r\n" + jpeg[:half])
                await asyncio.sleep(SLOW + 0.1)
                await response.write(jpeg[half:] + b"\r\n")

    async with served(trickle) as url:
        source = steady(reader(url))
        await until(lambda: source.status.late >= 3)
        assert source.status.decoded == 0
        assert not source.status.connected
        assert isinstance(await until_lost(source), CameraLateError)


async def test_stream_ends(
    jpegs: list[bytes], reader: ReaderMaker, steady: Opener
) -> None:
    """A stream that ends in good order is lost all the same."""

    async def short(request: web.Request) -> web.Response:
        kind = "multipart/x-mixed-replace; boundary=one"
        body = b"--one\r\n\r\n" + jpegs[0] + b"\r\n--one--\r\n"
        return web.Response(body=body, headers={"Content-Type": kind})

    async with served(short) as url:
        source = steady(reader(url))
        assert isinstance(await until_lost(source), CameraUnreachableError)
        assert source.status.decoded >= 1


async def test_redirects(
    http_camera: HttpCameraMaker, reader: ReaderMaker, steady: Opener
) -> None:
    """A camera may send us elsewhere on itself, and nowhere else."""
    camera = await http_camera()
    target = camera.url()

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    async with served(redirect) as url:
        assert (await steady(reader(url)).newest()).jpeg
        target = target.replace("127.0.0.1", "localhost")
        source = steady(reader(url))
        assert isinstance(await until_lost(source), CameraPictureError)
