"""From a request to the picture in it, however large, slow or garbled the request is."""

import asyncio
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NoReturn
from urllib.parse import parse_qs

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from .limits import BODY_MAX

BODY_SECONDS: Final = 15.0
"""How long the body of a request may take to arrive."""
HELD_BODIES: Final = 4
"""How many requests of the largest size may be in memory together. Usual pictures are a
fiftieth of that, so this is only for those who try."""
CAMERA_FIELD: Final = "camera_id"
CAMERA_HEADER: Final = "X-Camera-Id"

_CAMERA_MAX: Final = 64
_PARTS_MAX: Final = 32
_PIECE: Final = 65536
_WHITE: Final = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that has arrived."""

    content: bytes = field(repr=False)
    camera: str | None = field(repr=False)
    """What its sender calls the camera, if anything."""


class Memory:
    """Counts the bytes of all requests that are held at a time."""

    def __init__(self, most: int) -> None:
        """Begin with nothing; `most` is how many bytes may be held together."""
        self._most = most
        self._held = 0

    @contextmanager
    def lease(self, most: int) -> Iterator["Lease"]:
        """Give memory to a request, and take it back in the end.

        Args:
            most: How many bytes this request may have.

        """
        lease = Lease(self, most)
        try:
            yield lease
        finally:
            self._held -= lease.held

    def take(self, size: int) -> None:
        """Count some bytes.

        Raises:
            HTTPServiceUnavailable: There are too many.

        """
        if self._held + size > self._most:
            raise web.HTTPServiceUnavailable(
                reason="Too many pictures arrive at once", headers={"Retry-After": "1"}
            )
        self._held += size


class Lease:
    """The memory of one request."""

    def __init__(self, memory: Memory, most: int) -> None:
        """Begin with nothing; for the arguments see `Memory`."""
        self.held = 0
        self._memory = memory
        self._most = most

    def take(self, size: int) -> None:
        """Count some bytes.

        Raises:
            HTTPRequestEntityTooLarge: They are too many for one request.
            HTTPServiceUnavailable: They are too many for all requests together.

        """
        if self.held + size > self._most:
            self.refuse()
        self._memory.take(size)
        self.held += size

    def refuse(self) -> NoReturn:
        """Refuse a request that is too large.

        Raises:
            HTTPRequestEntityTooLarge: Always.

        """
        raise web.HTTPRequestEntityTooLarge(
            max_size=self._most,
            actual_size=0,
            reason=f"The request has more than {self._most} bytes",
        )


class Receiver:
    """Receives requests with a picture in them."""

    def __init__(self, body_max: int, body_seconds: float) -> None:
        """Set the limits.

        Args:
            body_max: The longest request that is listened to, in bytes.
            body_seconds: The longest time that is listened.

        """
        self._body_max = body_max
        self._body_seconds = body_seconds
        self._memory = Memory(max(HELD_BODIES * body_max, HELD_BODIES * BODY_MAX))

    @contextmanager
    def memory(self, request: web.Request) -> Iterator[Lease]:
        """Give memory to a request for as long as its picture is needed.

        Raises:
            HTTPException: It says itself that it is too large, or is packed.

        """
        with self._memory.lease(self._body_max) as lease:
            if (request.content_length or 0) > self._body_max:
                lease.refuse()
            if request.headers.get("Content-Encoding", "identity") != "identity":
                # What comes out of it could be a thousand times as large.
                raise web.HTTPUnsupportedMediaType(reason="The body is compressed")
            yield lease

    async def form(self, request: web.Request, lease: Lease) -> Upload:
        """Return the first file of a form, whatever it is called.

        A field `image_bytes` counts as a file, too; it is Base64.

        Raises:
            HTTPException: There is none, or it is too large or too slow.

        """
        match request.content_type:
            case "multipart/form-data":
                receive = self._multipart
            case "application/x-www-form-urlencoded":
                receive = self._urlencoded
            case _:
                raise web.HTTPBadRequest(
                    reason="Send the picture as multipart/form-data"
                )
        content, camera = await self._in_time(receive(request, lease))
        if content is None:
            raise web.HTTPBadRequest(reason="The form holds no file")
        return _upload(request, content, camera)

    async def base64(self, request: web.Request, lease: Lease) -> Upload:
        """Return a picture that is the body itself, in Base64.

        Raises:
            HTTPException: It is none, or too large or too slow.

        """
        body = await self._in_time(_all(_pieces(request), lease))
        return _upload(request, _from_base64(body, lease), None)

    async def _in_time[T](self, receiving: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._body_seconds):
                return await receiving
        except TimeoutError:
            raise web.HTTPRequestTimeout(reason="The picture took too long") from None
        except _NO_FORM:
            raise web.HTTPBadRequest(reason="The form cannot be understood") from None

    async def _multipart(
        self, request: web.Request, lease: Lease
    ) -> tuple[bytes | None, str | None]:
        form = await request.multipart()
        picture: bytes | None = None
        camera: str | None = None
        for _ in range(_PARTS_MAX):
            part = await form.next()
            if part is None:
                return picture, camera
            if not isinstance(part, BodyPartReader):
                break
            content = await _all(_part_pieces(part), lease)
            if part.filename is not None:
                picture = content if picture is None else picture
            elif part.name == "image_bytes" and picture is None:
                picture = _from_base64(content, lease)
            elif part.name == CAMERA_FIELD:
                camera = content.decode()
        raise web.HTTPBadRequest(reason="The form cannot be understood")

    async def _urlencoded(
        self, request: web.Request, lease: Lease
    ) -> tuple[bytes | None, str | None]:
        body = await _all(_pieces(request), lease)
        # It is copied twice on its way.
        lease.take(len(body))
        fields = parse_qs(body.decode("ascii"), max_num_fields=_PARTS_MAX)
        picture = fields.get("image_bytes")
        return (
            None if picture is None else _from_base64(picture[0].encode(), lease),
            fields.get(CAMERA_FIELD, [None])[0],
        )


_NO_FORM: Final = (
    HttpProcessingError,
    ValueError,
    AssertionError,
    RuntimeError,
    LookupError,
)
"""What aiohttp raises on a form that is cut off or garbled."""


def _upload(request: web.Request, content: bytes, camera: str | None) -> Upload:
    if not content:
        raise web.HTTPBadRequest(reason="The picture is empty")
    camera = camera or request.headers.get(CAMERA_HEADER) or None
    if camera is not None and len(camera) > _CAMERA_MAX:
        raise web.HTTPBadRequest(
            reason=f"The name of the camera has more than {_CAMERA_MAX} characters"
        )
    return Upload(content, camera)


async def _all(pieces: AsyncIterator[bytes], lease: Lease) -> bytes:
    content = bytearray()
    async for piece in pieces:
        lease.take(len(piece))
        content += piece
    return bytes(content)


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_chunked(_PIECE):
        yield piece


async def _part_pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    while piece := await part.read_chunk(_PIECE):
        yield piece


def _from_base64(text: bytes, lease: Lease) -> bytes:
    lease.take(len(text) * 3 // 4)
    try:
        return b64decode(text.translate(None, _WHITE), validate=True)
    except Base64Error:
        raise web.HTTPBadRequest(reason="The picture is not in Base64") from None
