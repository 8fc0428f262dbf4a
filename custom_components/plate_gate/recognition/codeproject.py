"""A backend: CodeProject.AI Server, or anything that speaks like it."""

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final, Literal, override

import aiohttp
from yarl import URL

from ..errors import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)
from ..models import Frame, PlateRead
from .backend import Backend, BackendInfo
from .check_picture import CHECK_FRAME
from .wire import load_answer, parse_reads, parse_version

ANSWER_MAX: Final = 1024 * 1024
"""The longest answer that is listened to, in bytes; a usual one has a few thousand."""

_PING: Final = "v1/status/ping"
_READ: Final = "v1/vision/alpr"


class CodeProjectBackend(Backend):
    """A CodeProject.AI Server, or anything that speaks like it, at an address."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        token: str | None = None,
        verify_ssl: bool = True,
        timeout: float = 12.0,
    ) -> None:
        """Remember where it is. Nothing is sent, and no address is refused yet.

        Args:
            session: What requests are sent with; it stays the caller's.
            url: Address of the server, of http or https, with or without a path in
                front of `/v1`. A user name and password in it are sent as such.
            token: Sent as bearer token, for our own recognizer and for proxies.
            verify_ssl: Whether a certificate has to be valid.
            timeout: Seconds that one request may take. CodeProject.AI Server itself
                gives up after 30, and keeps a request that long if the reader is off.

        """
        self._session = session
        self._base = _base_url(url)
        self._headers = {"Accept-Encoding": "identity"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        elif self._base is not None and self._base.user is not None:
            user = f"{self._base.user}:{self._base.password or ''}".encode()
            self._headers["Authorization"] = f"Basic {b64encode(user).decode()}"
        if self._base is not None:
            self._base = self._base.with_user(None)
        self._verify_ssl = verify_ssl
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    @override
    async def start(self) -> None:
        """Find out whether the server is there.

        Raises:
            BackendError: It is not.

        """
        await self.ping()

    @override
    async def stop(self) -> None:
        """Do nothing: there is nothing to let go of."""

    @override
    async def ping(self) -> BackendInfo:
        """Ask the server whether it is there, which says nothing of its plate reader.

        Returns:
            The version of the server.

        Raises:
            BackendError: It is not there.

        """
        return BackendInfo(version=parse_version(await self._request("GET", _PING)))

    @override
    async def check(self) -> BackendInfo:
        """Ask the server for its version, and let it read a picture without a plate.

        Only a reading tells whether the plate reader is installed (404 if not),
        running (a timeout if not) and complete (`success` is false if not). The list of
        modules would tell as well, but the server may ask the internet for it.

        Returns:
            The version of the server.

        Raises:
            BackendError: It is not there, or cannot read plates.

        """
        info = await self.ping()
        await self.read(CHECK_FRAME)
        return info

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Let the server read the plates in a frame.

        Returns:
            The reads, in the order of the answer; an empty list if there are none.

        Raises:
            BackendUnavailableError: It is not there, too slow, or overloaded.
            BackendAuthError: It wants another token, user name or password.
            BackendRejectedError: It could not read this picture, or none at all.
            BackendProtocolError: This is no plate reader.

        """
        form = aiohttp.FormData()
        # A stream, since aiohttp writes bytes in one go and warns if they are many.
        form.add_field(
            "upload",
            BytesIO(frame.jpeg),
            filename="frame.jpg",
            content_type="image/jpeg",
        )
        return parse_reads(await self._request("POST", _READ, form), frame)

    async def _request(
        self,
        method: Literal["GET", "POST"],
        path: str,
        form: aiohttp.FormData | None = None,
    ) -> Mapping[str, Any]:
        """Send a request and take the answer apart.

        Every exception of the client may carry the address, so none is chained.
        """
        if self._base is None:
            raise BackendProtocolError("The address is not one of http or https")
        if self._session.closed:
            raise BackendUnavailableError("The connection was closed here")
        try:
            async with self._session.request(
                method,
                self._base / path,
                data=form,
                headers=self._headers,
                timeout=self._timeout,
                ssl=self._verify_ssl,
                allow_redirects=False,
            ) as response:
                if error := _error_of(response.status, method):
                    raise error
                body = await _body(response)
        except TimeoutError:
            raise BackendTimeoutError("No answer in time") from None
        except aiohttp.ClientResponseError:
            raise BackendProtocolError("The answer is not HTTP") from None
        except aiohttp.ClientError, OSError:
            raise BackendUnavailableError("No connection, or it broke") from None
        except ValueError:
            # For example a host name or a token that no request can carry.
            raise BackendProtocolError("The request cannot be made") from None
        return load_answer(body)


def _base_url(url: str) -> URL | None:
    """Return the address in front of `/v1`, or None if there is no sense in it."""
    try:
        base = URL(url.strip())
    except ValueError:
        return None
    if base.scheme not in ("http", "https") or not base.host:
        return None
    return base


def _error_of(status: int, method: str) -> BackendError | None:
    """Return what an HTTP status means, or None if the answer is worth reading."""
    if 200 <= status < 300:
        return None
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return BackendAuthError("Access is refused")
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS):
        return BackendUnavailableError("The recognizer is busy")
    # Where no picture was sent there was none to refuse: see the last line.
    if method == "POST" and status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ):
        return BackendRejectedError("The picture is refused")
    if status >= 500:
        return BackendUnavailableError("The recognizer is in trouble")
    # Not found: the module is not installed, or it is another server. A redirect is
    # not followed, because the picture would go where nobody asked it to go.
    return BackendProtocolError("There is no plate reader at this address")


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer that may be sent in pieces, up to `ANSWER_MAX` bytes."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > ANSWER_MAX:
            raise BackendProtocolError("The answer is too long")
    return bytes(body)
