"""The HTTP service: pictures come in, reads go out, nothing is kept or logged."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import hmac
import itertools
import logging
from time import perf_counter
from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from . import wire
from .errors import BusyError, PictureError
from .worker import Worker

_LOGGER = logging.getLogger(__name__)

BODY_MAX: Final = 16 * 1024 * 1024
"""Bytes of a request; a JPEG of 36 megapixels has about 12 million."""
BODY_SECONDS: Final = 15.0
"""How long the body of a request may take to arrive."""

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service:
    """Answers requests."""

    def __init__(
        self,
        worker: Worker,
        token: str | None = None,
        *,
        body_max: int = BODY_MAX,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        """Put it together; `app` is then to be run.

        Args:
            worker: Reads the pictures; it stays the caller's.
            token: What each request must bear, if anything.
            body_max: The longest request that is listened to, in bytes.
            body_seconds: The longest time that is listened.

        """
        self._worker = worker
        self._token = token
        self._body_max = body_max
        self._body_seconds = body_seconds
        self._started = datetime.now(UTC)
        self._numbers = itertools.count(1)
        self._read = self._failed = self._found = 0

        self.app = web.Application(
            middlewares=[self._speak_json, self._check_token],
            # Held for what aiohttp reads by itself; the picture is counted below.
            client_max_size=body_max,
        )
        self.app.add_routes(
            [
                web.post("/v1/vision/alpr", self._read_picture),
                web.post("/v1/image/alpr", self._read_picture),
                web.get("/v1/status/ping", self._ping),
                web.get("/v1/module/list/status", self._module_status),
            ]
        )

    @web.middleware
    async def _speak_json(
        self, request: web.Request, handler: _Handler
    ) -> web.StreamResponse:
        """Answer every refusal and fault in JSON, and log none of what was sent."""
        try:
            return await handler(request)
        except web.HTTPException as refusal:
            response = _refuse(refusal.reason, refusal.status)
            if "Allow" in refusal.headers:
                response.headers["Allow"] = refusal.headers["Allow"]
            if isinstance(refusal, web.HTTPUnauthorized):
                response.headers["WWW-Authenticate"] = "Bearer"
            return response
        except Exception as err:  # noqa: BLE001
            # The service must go on, and a traceback could quote the picture's plate.
            _LOGGER.error("A request failed: %s", type(err).__name__)
            return _refuse("Internal error", 500)

    @web.middleware
    async def _check_token(
        self, request: web.Request, handler: _Handler
    ) -> web.StreamResponse:
        """Refuse requests without the token, before anything else is looked at."""
        if self._token is not None:
            given = request.headers.get("Authorization", "")
            # As bytes, because text that is not ASCII cannot be compared this way.
            if not hmac.compare_digest(
                given.encode(errors="surrogateescape"), f"Bearer {self._token}".encode()
            ):
                raise web.HTTPUnauthorized(reason="The token is missing or wrong")
        return await handler(request)

    async def _read_picture(self, request: web.Request) -> web.Response:
        began = perf_counter()
        number = f"r-{next(self._numbers)}"

        def passed() -> int:
            return round((perf_counter() - began) * 1000)

        content = await self._receive(request)
        try:
            result = await self._worker.read(content)
        except BusyError as err:
            return web.json_response(wire.failure(str(err), number, passed()))
        except PictureError as err:
            self._failed += 1
            return web.json_response(wire.failure(str(err), number, passed()))
        self._read += 1
        self._found += len(result.reads)
        return web.json_response(wire.answer(result, number, passed()))

    async def _receive(self, request: web.Request) -> bytes:
        """Return the first file of a form.

        Raises:
            HTTPException: There is none, or it is too large or too slow.

        """
        if (request.content_length or 0) > self._body_max:
            raise self._too_large()
        if request.content_type != "multipart/form-data":
            raise web.HTTPBadRequest(reason="Send the picture as multipart/form-data")
        try:
            async with asyncio.timeout(self._body_seconds):
                return await self._first_file(request)
        except TimeoutError:
            raise web.HTTPRequestTimeout(reason="The picture took too long") from None
        except _NO_FORM:
            raise web.HTTPBadRequest(reason="The form cannot be understood") from None

    async def _first_file(self, request: web.Request) -> bytes:
        form = await request.multipart()
        while (part := await form.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise web.HTTPBadRequest(reason="The form cannot be understood")
            if part.filename is None:
                await self._content(part)
                continue
            content = await self._content(part)
            if not content:
                raise web.HTTPBadRequest(reason="The picture is empty")
            return content
        raise web.HTTPBadRequest(reason="The form holds no file")

    async def _content(self, part: BodyPartReader) -> bytes:
        content = bytearray()
        while chunk := await part.read_chunk(65536):
            content += chunk
            if len(content) > self._body_max:
                raise self._too_large()
        return bytes(content)

    def _too_large(self) -> web.HTTPRequestEntityTooLarge:
        return web.HTTPRequestEntityTooLarge(
            max_size=self._body_max,
            actual_size=0,
            reason=f"The request has more than {self._body_max} bytes",
        )

    async def _ping(self, request: web.Request) -> web.Response:
        return web.json_response(wire.ping())

    async def _module_status(self, request: web.Request) -> web.Response:
        status = wire.module_status(
            self._started, self._read, self._failed, self._found
        )
        return web.json_response(status)


_NO_FORM: Final = (
    HttpProcessingError,
    ValueError,
    AssertionError,
    RuntimeError,
    LookupError,
)
"""What aiohttp raises on a form that is cut off or garbled."""


def _refuse(error: str, status: int) -> web.Response:
    return web.json_response(wire.refusal(error, status), status=status)
