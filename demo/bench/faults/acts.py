"""What happens to cameras: each is a context, and over when the context ends."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus

from demo.cameras import BlackHole, RtspCamera

from . import show
from .rig import WRONG, Rig, start, stop

type Fault = Callable[[Rig], AbstractAsyncContextManager[None]]


def changed(**attributes: object) -> Fault:
    """Return a fault that consists of other attributes of the camera."""

    @asynccontextmanager
    async def fault(rig: Rig) -> AsyncIterator[None]:
        before = {name: getattr(rig.camera, name) for name in attributes}
        for name, value in attributes.items():
            setattr(rig.camera, name, value)
        yield
        for name, value in before.items():
            setattr(rig.camera, name, value)

    return fault


@asynccontextmanager
async def gone(rig: Rig) -> AsyncIterator[None]:
    """Refuse whoever connects."""
    await stop(rig.camera)
    yield
    await start(rig.camera)


@asynccontextmanager
async def black_hole(rig: Rig) -> AsyncIterator[None]:
    """Neither let anyone connect nor refuse."""
    await stop(rig.camera)
    with BlackHole(rig.camera.port):
        yield
    await start(rig.camera)


@asynccontextmanager
async def other_password(rig: Rig) -> AsyncIterator[None]:
    """Have another password than the one that is known, from the next connection on."""
    guard = rig.camera.guard
    guard.password, before = WRONG, guard.password
    rig.camera.kick()
    yield
    guard.password = before


@asynccontextmanager
async def forbidden(rig: Rig) -> AsyncIterator[None]:
    """Refuse without asking for a password, from the next connection on."""
    rig.camera.status = HTTPStatus.FORBIDDEN
    rig.camera.kick()
    yield
    rig.camera.status = None


@asynccontextmanager
async def mute(rig: Rig) -> AsyncIterator[None]:
    """Let clients connect, and never answer."""
    if isinstance(rig.camera, RtspCamera):
        rig.camera.mute = True
        yield
        rig.camera.mute = False
    else:
        rig.camera.delay = 3600.0
        yield
        rig.camera.delay = 0.0


@asynccontextmanager
async def reset(rig: Rig) -> AsyncIterator[None]:
    """Cut the connection off."""
    rig.camera.kick()
    yield


@asynccontextmanager
async def silent_end(rig: Rig) -> AsyncIterator[None]:
    """Close the connection without a word."""
    rig.camera.hang_up()
    yield


@asynccontextmanager
async def hanging_sensor(rig: Rig) -> AsyncIterator[None]:
    """Go on sending, but always the same picture."""
    if isinstance(rig.camera, RtspCamera):
        taken = rig.camera.taken
        await rig.until(lambda: show.HELD in taken)
        rig.camera.still = show.still()
        yield
        rig.camera.still = None
    else:
        rig.camera.still = True
        yield
        rig.camera.still = False


@asynccontextmanager
async def wrong_stamps(rig: Rig) -> AsyncIterator[None]:
    """Send 12 pictures per second, stamped as if they were 25."""
    assert isinstance(rig.camera, RtspCamera)
    rig.camera.stamp_rate = rig.patience.stamp_rate
    yield
    rig.camera.stamp_rate = 1.0


@asynccontextmanager
async def growing(rig: Rig) -> AsyncIterator[None]:
    """Send larger pictures in the middle of the stream."""
    assert isinstance(rig.camera, RtspCamera)
    rig.camera.clip = show.growing_clip()
    yield


@asynccontextmanager
async def moving(rig: Rig) -> AsyncIterator[None]:
    """Get another address, which is told to those who ask."""
    await rig.move()
    yield
