"""Stage 1: a camera becomes frames.

`open_source` gives a source that keeps delivering frames; `async_grab_frame` takes one.
Behind them, a reader connects to a camera once (`rtsp`, `http`, `entity`), and
`SteadySource` runs it again and again, for a lane with a trigger only when
`TriggeredSource` says so. Every picture passes the `Outlet`, which knows whether
something moves and whether the view is as it should be; what is worth looking at waits in
the `Slot` until it is taken.
"""

import asyncio
from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..errors import CameraUnreachableError
from ..models import Frame
from .demand import TriggeredSource
from .entity import EntityReader
from .http import HttpReader
from .reader import Reader
from .rtsp import RtspReader
from .settings import HTTP_SCHEMES, CameraSettings
from .source import CameraStatus, FrameSource
from .steady import SteadySource
from .view.region import Bounds, Point, Region
from .view.scene import SceneProblem
from .watch import WatchSettings

__all__ = [
    "Bounds",
    "CameraSettings",
    "CameraStatus",
    "FrameSource",
    "Point",
    "Region",
    "SceneProblem",
    "WatchSettings",
    "async_grab_frame",
    "open_source",
]


def open_source(
    hass: HomeAssistant, settings: CameraSettings, watch: WatchSettings
) -> FrameSource:
    """Return a source of frames that is not started yet.

    Args:
        hass: Home Assistant.
        settings: How to reach the camera.
        watch: What of it is looked at, and when.

    """
    source = SteadySource(
        _reader(hass, settings), hass.loop, watch=watch, fps=settings.fps
    )
    if watch.trigger_entity is None:
        return source
    return TriggeredSource(hass, source, watch.trigger_entity, watch.trigger_seconds)


async def async_grab_frame(
    hass: HomeAssistant, settings: CameraSettings, timeout: float = 20.0
) -> Frame:
    """Connect to a camera, take one frame, and leave.

    Args:
        hass: Home Assistant.
        settings: How to reach the camera.
        timeout: Seconds until the camera counts as unreachable. There is no picture
            before the first key picture, and some cameras send one only every ten
            seconds, besides the time that connecting takes.

    Raises:
        CameraError: There is no frame to be had, and why.

    """
    # Whether or not something moves, all of it, and as if it were of now: nothing is
    # decided on it, and who has to switch the trust in time stamps off needs it first.
    settings = replace(settings, trust_stamps=False)
    source = open_source(hass, settings, WatchSettings(sensitivity="off"))
    failed = asyncio.Event()

    def changed() -> None:
        if source.status.error is not None:
            failed.set()

    unsubscribe = source.subscribe(changed)
    source.start()
    frame = asyncio.create_task(source.newest())
    failure = asyncio.create_task(failed.wait())
    try:
        await asyncio.wait(
            [frame, failure], timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )
        if frame.done():
            return frame.result()
        raise source.status.error or CameraUnreachableError
    finally:
        unsubscribe()
        frame.cancel()
        failure.cancel()
        await source.stop()


def _reader(hass: HomeAssistant, settings: CameraSettings) -> Reader:
    """Return what reads a camera of this kind."""
    if settings.entity_id is not None:
        return EntityReader(hass, settings, lambda stream: _reader(hass, stream))
    if settings.scheme in HTTP_SCHEMES:
        session = async_get_clientsession(hass, settings.verify_ssl)
        return HttpReader(session, settings)
    return RtspReader(settings)
