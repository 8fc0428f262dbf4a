"""Reading a camera by HTTP: single pictures, asked for again and again, or MJPEG."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
import time
from typing import Final

from aiohttp import (
    BodyPartReader,
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DigestAuthMiddleware,
    MultipartReader,
    encode_basic_auth,
    hdrs,
)

from ..errors import CameraAuthError, CameraPictureError, CameraUnreachableError
from .backlog import SILENCE, Backlog
from .jpeg import MAX_BYTES
from .outlet import Outlet
from .settings import CameraSettings
from .sieve import FROZEN, Sieve

CONNECT_TIMEOUT: Final = 5.0
READ_TIMEOUT: Final = 5.0
"""Seconds without a byte."""

SNAPSHOT_TIMEOUT: Final = 10.0
"""Seconds for a whole picture, so that one that trickles in is given up as well."""

MAX_SNAPSHOTS: Final = 5.0
"""Per second. Cameras make each one anew, and few are made for more."""

SLOW: Final = 0.3
"""Seconds that a picture of a stream may take at least, once it has begun."""

_CHUNK: Final = 65536
_SNAPSHOT_TYPES: Final = (
    "image/jpeg",
    "image/jpg",
    "image/pjpeg",
    # What servers say that do not know, and what aiohttp says for those that say
    # nothing.
    "application/octet-stream",
)


class HttpReader:
    """Reads a camera by HTTP; the first answer tells which way it works.

    The scheme that the camera wants, with its state, is kept from one connection to the
    next, so that the camera sees one unauthorized request and not one for each picture.
    """

    def __init__(
        self,
        session: ClientSession,
        settings: CameraSettings,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        snapshot_timeout: float = SNAPSHOT_TIMEOUT,
        frozen: float = FROZEN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to read.

        Args:
            session: It decides on the verification of certificates, and is not closed.
            settings: With an address of the scheme http or https.
            connect_timeout: Seconds until a camera that does not answer is given up.
            read_timeout: Seconds until one that falls silent is.
            snapshot_timeout: Seconds that one picture may take.
            frozen: Seconds until one that repeats a picture is given up.
            clock: The clock of `Frame.taken`.

        """
        self._session = session
        self._settings = settings
        self._timeout = ClientTimeout(
            total=None, sock_connect=connect_timeout, sock_read=read_timeout
        )
        self._snapshot_timeout = snapshot_timeout
        self._frozen = frozen
        self._clock = clock
        self._host: str | None = None
        self._basic: str | None = None
        self._digest = (
            DigestAuthMiddleware(settings.username, settings.password or "")
            if settings.username is not None
            else None
        )

    async def run(self, outlet: Outlet) -> None:
        """Deliver frames until the camera is lost.

        Raises:
            CameraError: It could not be reached, or was lost.

        """
        sieve = Sieve(outlet, self._frozen)
        asked = self._clock()
        try:
            async with self._get() as response:
                if response.content_type.startswith("multipart/"):
                    await self._stream(response, sieve)
                    return
                await self._snapshot(response, sieve, asked)
            await self._poll(sieve)
        except ClientError, TimeoutError, OSError:
            raise CameraUnreachableError from None

    async def _stream(self, response: ClientResponse, sieve: Sieve) -> None:
        """Read MJPEG until the camera ends it."""
        backlog = Backlog()
        asked = self._clock()
        try:
            parts = MultipartReader.from_response(response)
            while (part := await parts.next()) is not None:
                if not isinstance(part, BodyPartReader):
                    raise CameraPictureError
                taken = self._clock()
                picture = await _whole(part)
                arrived = self._clock()
                waited, took = arrived - asked, arrived - taken
                if backlog.holds(waited) or took > max(SLOW, 0.5 * waited):
                    # A slow camera makes one wait for the beginning of a picture; a link
                    # that is too slow for it, for the rest.
                    sieve.miss(taken)
                else:
                    await sieve.offer(picture, taken)
                asked = self._clock()
        except ValueError:
            # The boundary is not where the header says that it is.
            raise CameraPictureError from None

    async def _poll(self, sieve: Sieve) -> None:
        """Ask for one picture after another."""
        interval = 1 / min(self._settings.fps, MAX_SNAPSHOTS)
        due = self._clock()
        while True:
            due = max(due + interval, self._clock())
            await asyncio.sleep(due - self._clock())
            asked = self._clock()
            async with self._get() as response:
                await self._snapshot(response, sieve, asked)

    async def _snapshot(
        self, response: ClientResponse, sieve: Sieve, asked: float
    ) -> None:
        """Take the one picture of an answer."""
        if response.content_type not in _SNAPSHOT_TYPES:
            raise CameraPictureError
        # The camera has begun to send it, so it was taken by now, and not much earlier;
        # unless it was the network that took so long.
        taken = self._clock()
        if taken - asked > SILENCE:
            taken = asked
        picture = bytearray()
        async with asyncio.timeout(self._snapshot_timeout):
            async for chunk in response.content.iter_chunked(_CHUNK):
                _append(picture, chunk)
        await sieve.offer(bytes(picture), taken)

    @asynccontextmanager
    async def _get(self) -> AsyncIterator[ClientResponse]:
        """Ask the camera, with the scheme that it wants."""
        response = await self._request()
        if self._wants_basic(response):
            response.release()
            self._basic = encode_basic_auth(
                self._settings.username or "", self._settings.password or ""
            )
            response = await self._request()
        async with response:
            if response.status == HTTPStatus.UNAUTHORIZED:
                # It may want another scheme by now; the next attempt asks for it.
                self._basic = None
            if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise CameraAuthError
            if response.status != HTTPStatus.OK:
                raise CameraUnreachableError
            yield response

    async def _request(self) -> ClientResponse:
        """Send one request."""
        middlewares = [self._stay]
        headers = {}
        if self._basic is not None:
            headers[hdrs.AUTHORIZATION] = self._basic
        elif self._digest is not None:
            middlewares.append(self._digest)
        return await self._session.get(
            self._settings.url or "",
            headers=headers,
            middlewares=middlewares,
            timeout=self._timeout,
        )

    def _wants_basic(self, response: ClientResponse) -> bool:
        """Tell whether to try again with the basic scheme.

        It sends the password as it is, so it is used only where the camera asks for it
        first. (aiohttp looks at the first challenge only.)
        """
        if response.status != HTTPStatus.UNAUTHORIZED or self._digest is None:
            return False
        challenge = response.headers.get(hdrs.WWW_AUTHENTICATE, "")
        return self._basic is None and challenge.lower().startswith("basic")

    async def _stay(
        self, request: ClientRequest, handler: ClientHandlerType
    ) -> ClientResponse:
        """Follow redirects within the camera only, whatever it asks for."""
        if self._host is None:
            self._host = request.url.host
        if request.url.host != self._host:
            raise CameraPictureError
        return await handler(request)


async def _whole(part: BodyPartReader) -> bytes:
    """Read one part of a stream."""
    picture = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        _append(picture, chunk)
    return bytes(picture)


def _append(picture: bytearray, chunk: bytes) -> None:
    """Take more of a picture in, up to a point."""
    picture += chunk
    if len(picture) > MAX_BYTES:
        raise CameraPictureError
