"""Real HTTP servers that play recognizers, well or badly."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import ssl
from typing import Self, override

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
    query: list[tuple[str, str]] = field(default_factory=list)


def says(
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    **headers: str,
) -> Answer:
    """Return a way to answer that always sends the same.

    Args:
        body: What to send.
        status: Of HTTP.
        content_type: What it is said to be.
        headers: Further ones, with `_` for `-`.

    """
    further = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(request: web.Request) -> web.Response:
        return web.Response(
            body=body, status=status, content_type=content_type, headers=further
        )

    return answer


@dataclass
class RecordingServer:
    """Answers as it is told to, and remembers what it was asked.

    It takes a free port, and the same one when it comes back.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    """By method and path, such as `GET /info/`; anything else is not found."""
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
        app.router.add_route("*", "/{path:.*}", self._answer)
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

    def find(self, question: str) -> Answer | None:
        """Return how to answer a method and path, without the prefix."""
        return self.answers.get(question)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        await self._note(request)
        answer = None
        if request.path.startswith(self.prefix):
            path = request.path.removeprefix(self.prefix)
            answer = self.find(f"{request.method} {path}")
        if answer is None:
            return web.Response(status=404, body=fixture_bytes("alpr_not_found"))
        return await answer(request)

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
                list(request.query.items()),
            )
        )


@dataclass
class CodeProjectServer(RecordingServer):
    """Plays CodeProject.AI Server."""

    ping: Answer = field(default_factory=lambda: says(fixture_bytes("ping")))
    alpr: Answer = field(default_factory=lambda: says(fixture_bytes("alpr_empty")))

    @override
    def find(self, question: str) -> Answer | None:
        """Return how to answer."""
        known = {
            "GET /v1/status/ping": self.ping,
            "POST /v1/vision/alpr": self.alpr,
        }
        return known.get(question) or super().find(question)
