"""One camera and the source that reads it, as for a lane, with all that is seen of both.

The parts are those that `open_source` puts together; here, their patience can be
shortened.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
import time
from typing import Any, Final, Literal, NamedTuple
from unittest.mock import patch

from aiohttp import ClientSession, TCPConnector, ThreadedResolver
from homeassistant.core import HomeAssistant

from custom_components.plate_gate.camera_state import CameraState, camera_state
from custom_components.plate_gate.capture import http, outlet, rtsp, sieve
from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.entity import EntityReader
from custom_components.plate_gate.capture.reader import Reader
from custom_components.plate_gate.capture.settings import CameraSettings
from custom_components.plate_gate.capture.source import CameraStatus
from custom_components.plate_gate.capture.steady import SteadySource
from demo.cameras import HttpCamera, RtspCamera

from . import show
from .ears import Ears
from .entity import ENTITY_ID, BenchCamera, add_camera
from .judge import Judge

type Kind = Literal["rtsp", "entity", "mjpeg", "snapshot"]
"""How the camera is read. The entity is one that has an RTSP stream."""

type Camera = RtspCamera | HttpCamera

USER: Final = "bench-hidden-user"
PASSWORD: Final = "bench-hidden-pass"
WRONG: Final = "bench-other-pass"
PATH: Final = "/bench-hidden-path"
SECRETS: Final = (USER, PASSWORD, WRONG, PATH)
"""What must not be found in any log."""

_POLL: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the capture waits for what; all in seconds, by default as it really is."""

    open: float = rtsp.OPEN_TIMEOUT
    read: float = rtsp.READ_TIMEOUT
    connect: float = http.CONNECT_TIMEOUT
    read_http: float = http.READ_TIMEOUT
    snapshot: float = http.SNAPSHOT_TIMEOUT
    frozen: float = sieve.FROZEN
    max_age: float = outlet.MAX_AGE
    backoff: tuple[float, float] = (1.0, 60.0)
    others: Mapping[str, Any] = field(default_factory=dict)
    """What is no argument of a class: names within the capture, and other values."""
    gone: float = 30.0
    """For how long a camera is gone that comes back."""
    stamp_rate: float = 12 / 25
    """By how many seconds wrong stamps advance in a second."""
    limit: float = 200.0
    """After which something counts as never having happened."""


class Shown(NamedTuple):
    """A change of what a sensor shows."""

    at: float
    state: CameraState


class Rig:
    """One camera and the source that reads it.

    Attributes:
        camera: What is read. The entity may move on to another one.
        source: What reads it.
        judge: What sees the pictures that it hands on.
        shown: What was shown of the camera, in order.

    """

    camera: Camera
    source: SteadySource

    def __init__(
        self, kind: Kind, patience: Patience, ears: Ears, *, trust_stamps: bool = True
    ) -> None:
        """Prepare; `running` begins.

        Args:
            kind: How the camera is read.
            patience: Of the capture.
            ears: Hear how each state of the camera shows itself.
            trust_stamps: As the camera is set up.

        """
        self.patience = patience
        self._trust_stamps = trust_stamps
        self.judge = Judge(self._taken)
        self.shown: list[Shown] = []
        self._kind = kind
        self._ears = ears
        self._entity: BenchCamera | None = None
        self._cameras: list[Camera] = []
        self._consumer: asyncio.Task[None] | None = None

    @property
    def status(self) -> CameraStatus:
        """How the camera is doing now."""
        return self.source.status

    @asynccontextmanager
    async def running(self, hass: HomeAssistant | None) -> AsyncIterator[None]:
        """Have a camera, and a source that `start` starts.

        Args:
            hass: Where the entity is put, for the kind that needs one.

        """
        with ExitStack() as stack:
            stack.enter_context(self.judge.watching())
            for name, value in self.patience.others.items():
                package = "custom_components.plate_gate.capture"
                stack.enter_context(patch(f"{package}.{name}", value))
            # Its other resolver leaves a thread behind.
            connector = TCPConnector(resolver=ThreadedResolver())
            async with ClientSession(connector=connector) as session:
                try:
                    self.camera = await self._add_camera()
                    self.source = await self._source(session, hass)
                    yield
                    await self.source.stop()
                finally:
                    if self._consumer is not None:
                        self._consumer.cancel()
                    for camera in self._cameras:
                        await stop(camera)

    def start(self) -> None:
        """Begin to read the camera, with a lane that takes what there is."""
        self.source.start()
        self._consumer = asyncio.create_task(self._consume())

    async def move(self) -> None:
        """Let the camera get another address, which its entity knows."""
        assert self._entity is not None
        await stop(self.camera)
        camera = await self._add_camera()
        assert isinstance(camera, RtspCamera)
        camera.clip = show.clip(show.ELSEWHERE)
        self.camera = camera
        self._entity.source = camera.url(credentials=True)

    async def until(self, condition: Callable[[], bool]) -> float | None:
        """Wait for something; return when it was there, or None if it never was."""
        try:
            async with asyncio.timeout(self.patience.limit):
                while not condition():
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            return None
        return time.monotonic()

    def _taken(self, number: int) -> float | None:
        """Return when the picture with a number was last taken."""
        # After a move, the first camera is the one that had the small numbers.
        moved = self.camera is not self._cameras[0]
        if moved and number >= show.ELSEWHERE:
            return self.camera.taken.get(number - show.ELSEWHERE)
        return self._cameras[0].taken.get(number)

    async def _consume(self) -> None:
        """Take frames as fast as they come."""
        while True:
            self.judge.look(await self.source.newest())

    async def _add_camera(self) -> Camera:
        """Return a camera of this kind that can be seen."""
        camera: Camera
        if self._kind in {"rtsp", "entity"}:
            camera = RtspCamera(
                show.clip(), username=USER, password=PASSWORD, auth="digest", path=PATH
            )
        else:
            camera = HttpCamera(
                show.files(),
                fps=show.FPS,
                username=USER,
                password=PASSWORD,
                auth="digest" if self._kind == "snapshot" else "basic",
            )
        self._cameras.append(camera)
        await start(camera)
        return camera

    async def _source(
        self, session: ClientSession, hass: HomeAssistant | None
    ) -> SteadySource:
        """Return what reads the camera."""
        first, longest = self.patience.backoff
        source = SteadySource(
            await self._reader(session, hass),
            asyncio.get_running_loop(),
            backoff=Backoff(first, longest),
            max_age=self.patience.max_age,
        )
        source.subscribe(self._changed)
        return source

    async def _reader(
        self, session: ClientSession, hass: HomeAssistant | None
    ) -> Reader:
        """Return what reads it once."""
        if self._kind == "entity":
            assert hass is not None
            self._entity = await add_camera(hass)
            self._entity.source = self.camera.url(credentials=True)
            settings = CameraSettings(entity_id=ENTITY_ID)
            return EntityReader(hass, settings, self._rtsp_reader)
        if isinstance(self.camera, RtspCamera):
            address = self.camera.url()
        else:
            path = "/stream.mjpg" if self._kind == "mjpeg" else "/snapshot.jpg"
            address = self.camera.url(f"{path}?{PATH}")
        settings = CameraSettings(
            url=address,
            username=USER,
            password=PASSWORD,
            trust_stamps=self._trust_stamps,
        )
        if self._kind == "rtsp":
            return self._rtsp_reader(settings)
        return http.HttpReader(
            session,
            settings,
            connect_timeout=self.patience.connect,
            read_timeout=self.patience.read_http,
            snapshot_timeout=self.patience.snapshot,
            frozen=self.patience.frozen,
        )

    def _rtsp_reader(self, settings: CameraSettings) -> Reader:
        return rtsp.RtspReader(
            settings,
            open_timeout=self.patience.open,
            read_timeout=self.patience.read,
        )

    def _changed(self) -> None:
        """Take down what is shown."""
        status = self.source.status
        self._ears.show(status)
        self._ears.show(status.error)
        self.shown.append(Shown(time.monotonic(), camera_state(status)))


async def start(camera: Camera) -> None:
    """Let a camera be seen."""
    if isinstance(camera, RtspCamera):
        await asyncio.to_thread(camera.start)
    else:
        await camera.start()


async def stop(camera: Camera) -> None:
    """Let a camera vanish."""
    if isinstance(camera, RtspCamera):
        await asyncio.to_thread(camera.stop)
    else:
        await camera.stop()
