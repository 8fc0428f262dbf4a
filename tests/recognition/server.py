"""A real HTTP server that plays CodeProject.AI Server, well or badly."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import ssl
from typing import Self

from aiohttp import BodyPartReader, web

from .answers import fixture_bytes

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Received:
    """A request that came in."""

    method: str
    path: str
    authorization: str | None
    parts: list[tuple[str | None, str | None, str | None, bytes]]
    """Name, file name, type and content of each part."""


def says(
    body: bytes, *, status: int = 200, content_type: str = "application/json"
) -> Answer:
    """Return a way to answer that always sends the same."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type=content_type)

    return answer


@dataclass
class CodeProjectServer:
    """Answers pings and recognitions as it is told to.

    It takes a free port, and the same one when it comes back.
    """

    ping: Answer = field(default_factory=lambda: says(fixture_bytes("ping")))
    alpr: Answer = field(default_factory=lambda: says(fixture_bytes("alpr_empty")))
    tls: ssl.SSLContext | None = None
    prefix: str = ""
    received: list[Received] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address as a user would enter it."""
        return f"{'https' if self.tls else 'http'}://{self.address}{self.prefix}"

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get(f"{self.prefix}/v1/status/ping", self._ping)
        app.router.add_post(f"{self.prefix}/v1/vision/alpr", self._alpr)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None
        )
        await self._runner.setup()
        await web.TCPSite(
            self._runner, "127.0.0.1", self.port, ssl_context=self.tls
        ).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Leave."""
        await self._runner.cleanup()

    async def _ping(self, request: web.Request) -> web.StreamResponse:
        await self._note(request)
        return await self.ping(request)

    async def _alpr(self, request: web.Request) -> web.StreamResponse:
        await self._note(request)
        return await self.alpr(request)

    async def _note(self, request: web.Request) -> None:
        parts = []
        if request.content_type.startswith("multipart/"):
            parts = [
                (
                    part.name,
                    part.filename,
                    part.headers.get("Content-Type"),
                    bytes(await part.read()),
                )
                async for part in await request.multipart()
                if isinstance(part, BodyPartReader)
            ]
        self.received.append(
            Received(
                request.method,
                request.path,
                request.headers.get("Authorization"),
                parts,
            )
        )
