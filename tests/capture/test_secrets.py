"""Nothing that a camera is reached by gets into a log, a status or an error."""

from collections.abc import Iterator
import logging
import traceback

from aiohttp import ClientSession
import av
import pytest

from custom_components.plate_gate.capture.http import HttpReader
from custom_components.plate_gate.capture.rtsp import RtspReader
from custom_components.plate_gate.capture.settings import CameraSettings
from demo.cameras import Clip, HttpCamera

from .conftest import CameraMaker, Opener, until_connected, until_lost

USER = "gatekeeper"
PASSWORD = "opensesame"
PATH = "/hidden-path"


@pytest.fixture
def everything(
    caplog: pytest.LogCaptureFixture,
) -> Iterator[pytest.LogCaptureFixture]:
    """Log at debug level, FFmpeg's own lines as well."""
    caplog.set_level(logging.DEBUG)
    before = av.logging.get_level()
    av.logging.set_level(av.logging.VERBOSE)
    yield caplog
    av.logging.set_level(before)


def assert_silent(
    log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], *shown: object
) -> None:
    """Check the log, the standard streams and what else is shown."""
    written = capfd.readouterr()
    records = [
        f"{r.getMessage()} {r.exc_text or ''} {r.args!r}"
        for r in log.get_records("call")
    ]
    errors = [
        "".join(traceback.format_exception(thing))
        for thing in shown
        if isinstance(thing, BaseException)
    ]
    text = " ".join(
        [log.text, written.out, written.err, *records, *errors, *map(repr, shown)]
    )
    for secret in (USER, PASSWORD, PATH, "wrong-one"):
        assert secret not in text


async def test_rtsp(
    clip: Clip,
    rtsp_camera: CameraMaker,
    steady: Opener,
    everything: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A stream: refused, read, frozen, cut off, gone."""
    camera = rtsp_camera(
        clip, username=USER, password=PASSWORD, auth="digest", path=PATH
    )
    wrong = CameraSettings(url=camera.url(), username=USER, password="wrong-one")
    refused = steady(RtspReader(wrong))
    await until_lost(refused)
    right = CameraSettings(url=camera.url(), username=USER, password=PASSWORD)
    source = steady(RtspReader(right, read_timeout=0.3))
    await source.newest()
    camera.freeze = True
    await until_lost(source)
    camera.freeze = False
    await until_connected(source)
    camera.kick()
    await until_lost(source)
    camera.stop()
    await source.stop()
    source.start()
    lost = await until_lost(source)
    assert lost is not None
    assert_silent(
        everything,
        capfd,
        right,
        source,
        source.status,
        lost,
        refused.status,
        refused.status.error,
    )


async def test_http(
    jpegs: list[bytes],
    steady: Opener,
    everything: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Snapshots: refused, read, cut off, gone."""
    async with (
        HttpCamera(jpegs, username=USER, password=PASSWORD, auth="digest") as camera,
        ClientSession() as session,
    ):
        url = f"{camera.url()}?key={PATH}"
        wrong = CameraSettings(url=url, username=USER, password="wrong-one")
        refused = steady(HttpReader(session, wrong))
        await until_lost(refused)
        right = CameraSettings(url=url, username=USER, password=PASSWORD)
        source = steady(HttpReader(session, right))
        await source.newest()
        camera.truncate = True
        unfit = await until_lost(source)
        camera.truncate = False
        await until_connected(source)
        await camera.stop()
        lost = await until_lost(source)
        assert lost is not None
        assert_silent(
            everything,
            capfd,
            right,
            source,
            source.status,
            lost,
            unfit,
            refused.status.error,
        )
        await source.stop()
        await refused.stop()
