"""A simulated HTTP camera: single pictures and MJPEG."""

import asyncio
from collections.abc import Sequence
import contextlib
import functools
import io
import time
from typing import Final, Self
from urllib.parse import quote
from weakref import WeakSet

from aiohttp import web
from aiohttp.typedefs import Handler
from PIL import Image

from .auth import AuthScheme, Guard
from .loopback import HOST, reset

BOUNDARY: Final = "--simulated-camera"
"""Many cameras have dashes in the name of the boundary, which confuses some clients."""

_POLL: Final = 0.02
"""Seconds between two looks at whether a fault has ended."""


class HttpCamera:
    """An HTTP server on loopback that shows pictures in turn.

    It runs in the event loop that starts it. Its attributes may be changed at any time.

    Attributes:
        pictures: JPEG files; every request for a single picture gets the next one.
        fps: Pictures per second of the stream.
        freeze: Accept requests, and send nothing from now on.
        hold: Go on taking pictures, but keep them back; they leave when this ends.
        still: Go on showing the last picture, as a camera does whose sensor hangs.
        status: Answer with this status instead of a picture.
        delay: Seconds until an answer.
        truncate: Send only the first half of each picture.
        content_length: Whether the parts of the stream say how long they are.
        content_type: What single pictures claim to be.
        garbage: Send bytes that are no picture, and claim they are one.
        giant: Send a picture of 40 megapixels.
        guard: Who may see it.
        count: How many pictures were taken.
        taken: When each of the pictures was last taken, `time.monotonic` by its index.
        requests: How many requests came.

    """

    def __init__(
        self,
        pictures: Sequence[bytes],
        *,
        fps: float = 10.0,
        username: str | None = None,
        password: str | None = None,
        auth: AuthScheme = "none",
        port: int = 0,
    ) -> None:
        """Prepare a camera; `start` lets it be seen.

        Args:
            pictures: What it shows, in turn; at least one JPEG file.
            fps: Pictures per second of the stream.
            username: Who may see it.
            password: What they have to know.
            auth: How they have to say it.
            port: Where it listens; 0 is a free one, kept from the first start on.

        """
        self.pictures = pictures
        self.fps = fps
        self.port = port
        self.freeze = False
        self.hold = False
        self.still = False
        self.status: int | None = None
        self.delay = 0.0
        self.truncate = False
        self.content_length = True
        self.content_type = "image/jpeg"
        self.garbage = False
        self.giant = False
        self.guard = Guard(auth, username, password)
        self.count = 0
        self.taken: dict[int, float] = {}
        self.requests = 0
        self._connections: WeakSet[asyncio.WriteTransport] = WeakSet()
        self._runner: web.AppRunner | None = None

    async def start(self) -> Self:
        """Listen.

        Raises:
            OSError: The port is taken.

        """
        app = web.Application(middlewares=[self._faults])
        app.router.add_get("/snapshot.jpg", self._snapshot)
        app.router.add_get("/stream.mjpg", self._stream)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        """Vanish: hang up on everyone and free the port. `start` brings it back."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        """Start."""
        return await self.start()

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        await self.stop()

    def url(self, path: str = "/snapshot.jpg", credentials: bool = False) -> str:
        """Return an address, with the user name and the password on request.

        Args:
            path: "/snapshot.jpg" or "/stream.mjpg".
            credentials: Whether to put them in.

        """
        user = ""
        if credentials and self.guard.scheme != "none":
            name, password = self.guard.username, self.guard.password
            user = f"{quote(name, safe='')}:{quote(password, safe='')}@"
        return f"http://{user}{HOST}:{self.port}{path}"

    @property
    def refused(self) -> int:
        """How many requests came with a wrong user name or password."""
        return self.guard.refused

    def kick(self) -> None:
        """Cut every connection off, with a reset."""
        for connection in list(self._connections):
            reset(connection)

    def hang_up(self) -> None:
        """Close every connection in good order, but in the middle of what is sent."""
        for connection in list(self._connections):
            connection.close()

    @web.middleware
    async def _faults(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Check who asks, then do what the camera suffers from."""
        self.requests += 1
        if isinstance(request.transport, asyncio.WriteTransport):
            self._connections.add(request.transport)
        if not self.guard.admits(request.method, request.headers.get("Authorization")):
            challenge = self.guard.challenge(qop=True)
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.status is not None:
            return web.Response(status=self.status)
        return await handler(request)

    async def _snapshot(self, request: web.Request) -> web.StreamResponse:
        """Send one picture."""
        await self._thaw()
        picture = self._next()
        while self.hold:
            await asyncio.sleep(_POLL)
        return web.Response(body=picture, content_type=self.content_type)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Send pictures until the client leaves."""
        kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        kept = b""
        with contextlib.suppress(ConnectionError):
            while True:
                await self._thaw()
                kept += self._part(self._next())
                if not self.hold:
                    await response.write(kept)
                    kept = b""
                await asyncio.sleep(1 / self.fps)
        return response

    def _part(self, picture: bytes) -> bytes:
        """Return a picture as a part of the stream."""
        length = f"Content-Length: {len(picture)}\r\n" if self.content_length else ""
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n{length}\r\n"
        return head.encode() + picture + b"\r\n"

    def _next(self) -> bytes:
        """Return the next picture, as the faults leave it."""
        if self.garbage:
            return b"This is no picture."
        if self.giant:
            return giant_jpeg()
        if not (self.still and self.count):
            self.count += 1
            self.taken[self._shown] = time.monotonic()
        picture = self.pictures[self._shown]
        return picture[: len(picture) // 2] if self.truncate else picture

    @property
    def _shown(self) -> int:
        """Which of the pictures was taken last."""
        return (self.count - 1) % len(self.pictures)

    async def _thaw(self) -> None:
        """Wait while the camera is frozen."""
        while self.freeze:
            await asyncio.sleep(_POLL)


@functools.cache
def giant_jpeg() -> bytes:
    """Return a JPEG file of 8000 by 5000 pixels, all gray: 40 megapixels."""
    buffer = io.BytesIO()
    Image.new("L", (8000, 5000), 128).save(buffer, "JPEG", quality=20)
    return buffer.getvalue()
