"""Cameras and sources for the tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
import ssl
import threading
import time
from typing import NamedTuple

import av
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
import pytest

from custom_components.plate_gate.capture import (
    CameraStatus,
    FrameSource,
    Region,
    WatchSettings,
)
from custom_components.plate_gate.capture.backoff import Backoff
from custom_components.plate_gate.capture.picture import Shot
from custom_components.plate_gate.capture.reader import Reader
from custom_components.plate_gate.capture.slot import Slot
from custom_components.plate_gate.capture.steady import SteadySource
from custom_components.plate_gate.errors import CameraError
from custom_components.plate_gate.models import Frame
from demo.cameras import Clip, RtspCamera

from .pictures import jpeg_of, numbered

type Opener = Callable[..., SteadySource]
type CameraMaker = Callable[..., RtspCamera]

LIMIT = 20.0
"""Seconds after which a test gives up waiting; none takes that long."""

EVERY: float = 1000.0
"""Frames per second that no camera reaches: nothing is left out for coming early."""


EVERYTHING = WatchSettings(sensitivity="off")
"""Pictures are handed on whether or not something moves in them."""


class HandedOn(NamedTuple):
    """A picture that was handed on."""

    frame: Frame
    """What becomes of it."""
    at: float
    """When, in the clock of `Frame.taken`."""


class Clock:
    """A clock that goes when told to."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.01)


def camera_threads() -> list[threading.Thread]:
    """Return the threads that read cameras."""
    return [t for t in threading.enumerate() if t.name == "plate_gate camera"]


async def until_lost(source: FrameSource) -> CameraError | None:
    """Wait until the camera is lost; return why."""
    await until(lambda: source.status.error is not None)
    return source.status.error


async def until_connected(source: FrameSource) -> CameraStatus:
    """Wait until frames are coming; return how the camera is doing."""
    await until(lambda: source.status.connected)
    return source.status


@pytest.fixture(scope="session")
def clip() -> Clip:
    """Two seconds of H.264, ten pictures per second, numbered from 0 to 19."""
    return Clip.from_frames(numbered(20), 10, gop_seconds=0.5)


@pytest.fixture(scope="session")
def clip_h265() -> Clip:
    """The same in H.265."""
    return Clip.from_frames(numbered(20), 10, "h265", gop_seconds=0.5)


@pytest.fixture(scope="session")
def jpegs() -> list[bytes]:
    """The same as JPEG files."""
    return [jpeg_of(picture) for picture in numbered(20)]


@pytest.fixture
def rtsp_camera() -> Iterator[CameraMaker]:
    """Make RTSP cameras that are stopped in the end."""
    cameras: list[RtspCamera] = []

    def make(*args: object, **kwargs: object) -> RtspCamera:
        cameras.append(RtspCamera(*args, **kwargs).start())  # type: ignore[arg-type]
        return cameras[-1]

    yield make
    for camera in cameras:
        camera.stop()


@pytest.fixture
def handed_on(monkeypatch: pytest.MonkeyPatch) -> list[HandedOn]:
    """Every picture that is handed on in this test, whether or not it is taken."""
    seen: list[HandedOn] = []
    put = Slot.put

    def spy(slot: Slot, shot: Shot) -> None:
        at = time.monotonic()
        seen.append(HandedOn(shot.develop(Region()), at))
        put(slot, shot)

    monkeypatch.setattr(Slot, "put", spy)
    return seen


@pytest.fixture
async def steady() -> AsyncIterator[Opener]:
    """Make sources with short pauses that are stopped in the end."""
    sources: list[SteadySource] = []

    def make(
        reader: Reader,
        backoff: Backoff | None = None,
        max_age: float = 2.0,
        fps: float = EVERY,
        watch: WatchSettings = EVERYTHING,
    ) -> SteadySource:
        source = SteadySource(
            reader,
            asyncio.get_running_loop(),
            watch=watch,
            fps=fps,
            backoff=backoff or Backoff(0.05, 0.2),
            max_age=max_age,
        )
        sources.append(source)
        source.start()
        return source

    yield make
    for source in sources:
        await source.stop()
    await until(lambda: not camera_threads())


@pytest.fixture(scope="session")
def clip_with_b_pictures(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Two seconds of H.264 as an encoder for films makes it, taken from a file."""
    path = tmp_path_factory.mktemp("clips") / "film.mp4"
    write_film(path)
    return Clip.from_file(path)


def write_film(path: Path, rotation: int = 0) -> None:
    """Write a file with two B-pictures between others.

    Args:
        path: Where to.
        rotation: Degrees by which a player has to turn it.

    """
    with av.open(str(path), "w") as container:
        options = {"bf": "2", "x264-params": "keyint=10:scenecut=0:b-adapt=0"}
        stream = container.add_stream("libx264", rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        for picture in numbered(20):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's certificate that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
