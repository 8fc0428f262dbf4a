"""Reading the cameras that Home Assistant knows, and the door of stage 1."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import override

from homeassistant.components.camera import Camera
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockPlatform, mock_platform

from custom_components.plate_gate.capture import (
    CameraSettings,
    WatchSettings,
    async_grab_frame,
    open_source,
)
from custom_components.plate_gate.capture.entity import EntityReader
from custom_components.plate_gate.capture.http import HttpReader
from custom_components.plate_gate.capture.reader import Reader
from custom_components.plate_gate.capture.rtsp import RtspReader
from custom_components.plate_gate.errors import (
    CameraAuthError,
    CameraError,
    CameraPictureError,
    CameraUnreachableError,
)
from demo.cameras import Clip, HttpCamera

from .conftest import LIMIT, CameraMaker, Opener, until, until_connected, until_lost
from .pictures import number_of

YARD = "camera.yard"


class YardCamera(Camera):
    """A camera entity whose stream and stills a test sets."""

    _attr_name = "Yard"
    _attr_should_poll = False

    def __init__(self) -> None:
        """Begin with nothing to show."""
        super().__init__()
        self.source: str | None = None
        self.stills: list[bytes] = []
        self.fault: Exception | None = None
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()

    @override
    async def stream_source(self) -> str | None:
        """Return the address of the stream."""
        if self.fault is not None:
            raise self.fault
        return self.source

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the next still picture, the last one again and again."""
        self.asked += 1
        await self.answers.wait()
        return self.stills.pop(0) if len(self.stills) > 1 else self.stills[0]

    def say(self, available: bool) -> None:
        """Say whether it works."""
        self._attr_available = available
        self.async_write_ha_state()


@pytest.fixture
async def yard(hass: HomeAssistant) -> YardCamera:
    """A camera entity."""
    camera = YardCamera()

    async def setup(
        hass: HomeAssistant, config: object, add: Callable[..., None], info: object
    ) -> None:
        add([camera])

    mock_platform(hass, "test.camera", MockPlatform(async_setup_platform=setup))
    assert await async_setup_component(hass, "camera", {"camera": {"platform": "test"}})
    await hass.async_block_till_done()
    return camera


@pytest.fixture
async def http_camera(jpegs: list[bytes]) -> AsyncIterator[HttpCamera]:
    """An HTTP camera."""
    async with HttpCamera(jpegs, fps=20.0) as camera:
        yield camera


def reader_of(hass: HomeAssistant, frozen: float = LIMIT) -> EntityReader:
    """Return a reader of the yard's camera."""

    def open_address(settings: CameraSettings) -> Reader:
        if settings.scheme == "http":
            session = async_get_clientsession(hass)
            return HttpReader(session, settings, frozen=frozen)
        return RtspReader(settings, open_timeout=LIMIT, read_timeout=LIMIT)

    settings = CameraSettings(entity_id=YARD, fps=10.0)
    return EntityReader(hass, settings, open_address, frozen=frozen)


async def test_stream(
    hass: HomeAssistant,
    yard: YardCamera,
    clip: Clip,
    rtsp_camera: CameraMaker,
    steady: Opener,
) -> None:
    """The stream goes first, with the password that is in its address."""
    camera = rtsp_camera(clip, username="me", password="p@ss", auth="digest")
    yard.source = camera.url(credentials=True)
    source = steady(reader_of(hass))
    assert number_of((await source.newest()).jpeg) < 20
    assert yard.asked == 0


async def test_stream_moves(
    hass: HomeAssistant,
    yard: YardCamera,
    clip: Clip,
    rtsp_camera: CameraMaker,
    steady: Opener,
) -> None:
    """The address is asked for again at each connection, since it may expire."""
    first, second = rtsp_camera(clip), rtsp_camera(clip)
    yard.source = first.url()
    source = steady(reader_of(hass))
    await source.newest()
    yard.source = second.url()
    first.stop()
    await until_lost(source)
    await until_connected(source)
    assert second.clients == 1


@pytest.mark.parametrize("stream", [None, "srt://cam:1234"])
async def test_stills(
    stream: str | None,
    hass: HomeAssistant,
    yard: YardCamera,
    jpegs: list[bytes],
    steady: Opener,
) -> None:
    """Without a stream that can be read, there are still pictures, each once."""
    yard.source = stream
    yard.stills = [jpegs[1], jpegs[1], jpegs[2]]
    source = steady(reader_of(hass))
    numbers = [number_of((await source.newest()).jpeg) for _ in range(2)]
    assert numbers == [1, 2]
    assert source.status.published == 2


async def test_stills_that_stand_still(
    hass: HomeAssistant, yard: YardCamera, jpegs: list[bytes], steady: Opener
) -> None:
    """An entity that goes on showing its last picture is lost until it shows another."""
    yard.stills = [jpegs[1]]
    source = steady(reader_of(hass, frozen=0.2))
    await source.newest()
    assert isinstance(await until_lost(source), CameraPictureError)
    tries = source.status.reconnects
    await until(lambda: source.status.reconnects > tries)
    # It stays on and looks, so that a change is noticed at once.
    await asyncio.sleep(0.5)
    assert source.status.reconnects == tries + 1
    assert source.status.published == 1
    assert not source.status.connected
    yard.stills = [jpegs[2]]
    await until_connected(source)


async def test_stream_that_stands_still(
    hass: HomeAssistant, yard: YardCamera, http_camera: HttpCamera, steady: Opener
) -> None:
    """So is one whose MJPEG does, though each connection has a reader of its own."""
    whole = http_camera.pictures
    http_camera.pictures = whole[:1]
    yard.source = http_camera.url("/stream.mjpg")
    source = steady(reader_of(hass, frozen=0.2))
    await source.newest()
    assert isinstance(await until_lost(source), CameraPictureError)
    tries = source.status.reconnects
    await until(lambda: source.status.reconnects > tries)
    # It stays on and looks, so that a change is noticed at once.
    await asyncio.sleep(0.5)
    assert source.status.reconnects == tries + 1
    assert source.status.published == 1
    assert not source.status.connected
    http_camera.pictures = whole
    await until_connected(source)


async def test_unavailable(
    hass: HomeAssistant, yard: YardCamera, jpegs: list[bytes], steady: Opener
) -> None:
    """An entity that says it does not work is believed, until it says otherwise."""
    yard.stills = list(jpegs)
    source = steady(reader_of(hass))
    await source.newest()
    yard.say(available=False)
    assert isinstance(await until_lost(source), CameraUnreachableError)
    yard.say(available=True)
    await until_connected(source)


async def test_missing(hass: HomeAssistant, steady: Opener) -> None:
    """An entity that is not there is unreachable."""
    source = steady(reader_of(hass))
    assert isinstance(await until_lost(source), CameraUnreachableError)


async def test_faults_of_others(
    hass: HomeAssistant, yard: YardCamera, jpegs: list[bytes], steady: Opener
) -> None:
    """Whatever the camera's integration raises, the camera is only unreachable."""
    yard.fault = KeyError("rtsp://me:secret@cam/1")
    source = steady(reader_of(hass))
    assert isinstance(await until_lost(source), CameraUnreachableError)
    yard.fault = None
    await until(lambda: yard.asked >= 1)  # There are no stills yet: IndexError.
    assert isinstance(await until_lost(source), CameraUnreachableError)
    yard.stills = list(jpegs)
    await until_connected(source)


async def test_grab_from_stream(
    hass: HomeAssistant, clip: Clip, rtsp_camera: CameraMaker
) -> None:
    """One frame is taken, and the connection is given back."""
    camera = rtsp_camera(clip)
    frame = await async_grab_frame(hass, CameraSettings(url=camera.url()))
    assert (frame.width, frame.height) == (320, 180)
    await until(lambda: camera.clients == 0)
    assert camera.requests["PLAY"] == 1


async def test_grab_in_spite_of_wrong_stamps(
    hass: HomeAssistant, clip: Clip, rtsp_camera: CameraMaker
) -> None:
    """Who has to switch the trust in time stamps off has to get that far."""
    camera = rtsp_camera(clip)
    camera.stamp_rate = 25 / 12
    assert (await async_grab_frame(hass, CameraSettings(url=camera.url()))).jpeg


async def test_grab_from_snapshots(
    hass: HomeAssistant, http_camera: HttpCamera
) -> None:
    """HTTP cameras are told by their address."""
    frame = await async_grab_frame(hass, CameraSettings(url=http_camera.url()))
    assert frame.jpeg == http_camera.pictures[0]


async def test_grab_from_entity(
    hass: HomeAssistant, yard: YardCamera, http_camera: HttpCamera
) -> None:
    """An entity whose stream is MJPEG is read by HTTP."""
    yard.source = http_camera.url("/stream.mjpg")
    frame = await async_grab_frame(hass, CameraSettings(entity_id=YARD))
    assert frame.jpeg in http_camera.pictures
    assert yard.asked == 0


async def test_grab_refused_password(
    hass: HomeAssistant, clip: Clip, rtsp_camera: CameraMaker
) -> None:
    """The reason why there is no frame is told at once."""
    camera = rtsp_camera(clip, username="me", password="right", auth="digest")
    settings = CameraSettings(url=camera.url(), username="me", password="wrong")
    with pytest.raises(CameraAuthError):
        await async_grab_frame(hass, settings)


async def test_grab_no_picture(hass: HomeAssistant, http_camera: HttpCamera) -> None:
    """A camera that sends no picture is told from one that sends nothing."""
    http_camera.garbage = True
    with pytest.raises(CameraPictureError):
        await async_grab_frame(hass, CameraSettings(url=http_camera.url()))


async def test_grab_gives_up(hass: HomeAssistant, http_camera: HttpCamera) -> None:
    """A camera that takes too long is unreachable."""
    http_camera.delay = 3600.0
    settings = CameraSettings(url=http_camera.url())
    with pytest.raises(CameraUnreachableError):
        await async_grab_frame(hass, settings, timeout=0.2)


async def test_open_source(
    hass: HomeAssistant, clip: Clip, rtsp_camera: CameraMaker
) -> None:
    """A source does nothing until it is started."""
    camera = rtsp_camera(clip)
    source = open_source(hass, CameraSettings(url=camera.url()), WatchSettings())
    assert not source.status.connected
    await asyncio.sleep(0)
    assert camera.clients == 0
    source.start()
    assert (await source.newest()).jpeg
    await source.stop()


async def test_errors_say_nothing(
    hass: HomeAssistant, clip: Clip, rtsp_camera: CameraMaker
) -> None:
    """No error that leaves stage 1 has another behind it."""
    camera = rtsp_camera(clip, username="me", password="right", auth="basic")
    refused = CameraSettings(url=camera.url(), username="me", password="wrong")
    camera_off = CameraSettings(url="http://127.0.0.1:1/secret.jpg")
    missing = CameraSettings(entity_id="camera.missing")
    for settings in (refused, camera_off, missing):
        with pytest.raises(CameraError) as raised:
            await async_grab_frame(hass, settings)
        assert str(raised.value) == ""
        assert repr(raised.value) == f"{type(raised.value).__name__}()"
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None


async def test_stop_while_a_still_is_taken(
    hass: HomeAssistant, yard: YardCamera, jpegs: list[bytes], steady: Opener
) -> None:
    """Home Assistant's cameras swallow a cancellation; stopping ends them all the same."""
    yard.stills = list(jpegs)
    source = steady(reader_of(hass))
    await source.newest()
    yard.answers.clear()
    asked = yard.asked
    await until(lambda: yard.asked > asked)

    await source.stop()

    asked = yard.asked
    yard.answers.set()
    await asyncio.sleep(0.1)
    assert yard.asked == asked
    assert not [task for task in asyncio.all_tasks() if "camera" in task.get_name()]
