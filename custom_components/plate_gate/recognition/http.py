"""Ask a server by HTTP: what the backends that are reached in this way have in common.

Whatever is raised here has fixed words and is not chained, because an exception of the
client may carry the address, and with it a password.
"""

from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from io import BytesIO
import re
from typing import Final, Literal

import aiohttp
from yarl import URL

from ..errors import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)
from ..models import Frame

ANSWER_MAX: Final = 1024 * 1024
"""The longest answer that is listened to, in bytes; a usual one has a few thousand."""

RETRY_AFTER_MAX: Final = 3600.0
"""Seconds that a server may ask to be left alone; a mistake shall not end its use."""

_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_PICTURE_REFUSED: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said."""

    status: int
    body: bytes = field(default=b"", repr=False)
    """Empty unless the status tells of success."""
    retry_after: float | None = None
    """Seconds that it asks to be left alone; None if it does not ask."""

    def content(self, *, limits: Collection[int] = (), picture: bool = False) -> bytes:
        """Return the body of an answer that tells of success.

        Args:
            limits: Statuses by which this system says that no more may be asked for
                now, besides 429.
            picture: Whether a picture was sent. Where none was, there was none to
                refuse, so that a refusal means another server.

        Raises:
            BackendError: What another status means.

        """
        if error := self._error(limits, picture):
            raise error
        return self.body

    def show_presence(self) -> None:
        """Take any answer for a sign of life that is not one of trouble.

        For systems without a cheap question of their own: what takes pictures only says
        404 or 405 if it is asked without one, and some gateways say 403.

        Raises:
            BackendError: It is in trouble, refuses the token, or is somewhere else.

        """
        told = self._error((), picture=False)
        harmless = HTTPStatus.BAD_REQUEST <= self.status < 500 and (
            isinstance(told, BackendProtocolError)
            or self.status == HTTPStatus.FORBIDDEN
        )
        if told is not None and not harmless:
            raise told

    def _error(self, limits: Collection[int], picture: bool) -> BackendError | None:
        """Return what the status means, or None if the answer is worth reading."""
        status = self.status
        error: BackendError
        if 200 <= status < 300:
            return None
        if status == HTTPStatus.TOO_MANY_REQUESTS or status in limits:
            error = BackendRateLimitedError(
                "The recognizer takes no more pictures for now",
                retry_after=self.retry_after,
            )
        elif status == HTTPStatus.SERVICE_UNAVAILABLE and self.retry_after is not None:
            # One that tells when to come back is well, like our own when it is busy.
            error = BackendRateLimitedError(
                "The recognizer is busy", retry_after=self.retry_after
            )
        elif status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            error = BackendAuthError("Access is refused")
        elif picture and status in _PICTURE_REFUSED:
            error = BackendRejectedError("The picture is refused")
        elif status >= 500 or status == HTTPStatus.REQUEST_TIMEOUT:
            error = BackendUnavailableError("The recognizer is in trouble")
        else:
            # Not found: the reader is not installed, or it is another server. A
            # redirect is not followed, because the picture would go where nobody asked
            # it to go.
            error = BackendProtocolError("There is no plate reader at this address")
        return error


class Server:
    """A server at an address."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        authorization: str | None,
        verify_ssl: bool,
        timeout: float,
        routes: Iterable[str] = (),
    ) -> None:
        """Remember where it is. Nothing is sent, and no address is refused yet.

        Args:
            session: What requests are sent with; it stays the caller's.
            url: Address of http or https. A user name and password in it are sent as
                such, unless there is an authorization.
            authorization: Sent as the header of this name.
            verify_ssl: Whether a certificate has to be valid.
            timeout: Seconds that one request may take.
            routes: Paths that are added to the address when it is asked. People copy
                whole addresses from manuals, so one of them at its end is cut off.

        """
        self._session = session
        self._verify_ssl = verify_ssl
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._headers = {"Accept-Encoding": "identity"}
        self._base = base = _address(url)
        if base is None:
            return
        if authorization is None and base.user is not None:
            user = f"{base.user}:{base.password or ''}".encode()
            authorization = f"Basic {b64encode(user).decode()}"
        if authorization is not None:
            self._headers["Authorization"] = authorization
        self._base = _without_route(base.with_user(None).with_fragment(None), routes)

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Ask for something.

        Args:
            path: What to add to the address; nothing leaves the address as it is.
            query: What to add to its query.

        Raises:
            BackendUnavailableError: There is no answer, or none in time.
            BackendProtocolError: The answer is not HTTP, or longer than `ANSWER_MAX`.

        """
        return await self._ask("GET", path, query, None)

    async def post(
        self,
        path: str,
        frame: Frame,
        part: str,
        *,
        query: Mapping[str, str] | None = None,
        fields: Iterable[tuple[str, str]] = (),
    ) -> Answer:
        """Send a picture.

        Args:
            path: What to add to the address; nothing leaves the address as it is.
            frame: The picture.
            part: The name that the system wants the picture to have.
            query: What to add to the query of the address.
            fields: Names and values to send beside the picture.

        Raises:
            BackendUnavailableError: There is no answer, or none in time.
            BackendProtocolError: The answer is not HTTP, or longer than `ANSWER_MAX`.

        """
        form = aiohttp.FormData()
        for name, value in fields:
            form.add_field(name, value)
        # A stream, since aiohttp writes bytes in one go and warns if they are many.
        form.add_field(
            part,
            BytesIO(frame.jpeg),
            filename="frame.jpg",
            content_type="image/jpeg",
        )
        return await self._ask("POST", path, query, form)

    async def _ask(
        self,
        method: Literal["GET", "POST"],
        path: str,
        query: Mapping[str, str] | None,
        form: aiohttp.FormData | None,
    ) -> Answer:
        if self._base is None:
            raise BackendProtocolError("The address is not one of http or https")
        if self._session.closed:
            raise BackendUnavailableError("The connection was closed here")
        url = self._base / path if path else self._base
        try:
            async with self._session.request(
                method,
                url.update_query(query or {}),
                data=form,
                headers=self._headers,
                timeout=self._timeout,
                ssl=self._verify_ssl,
                allow_redirects=False,
            ) as response:
                return await _answer(response)
        except TimeoutError:
            raise BackendTimeoutError("No answer in time") from None
        except aiohttp.ClientResponseError:
            raise BackendProtocolError("The answer is not HTTP") from None
        except aiohttp.ClientError, OSError:
            raise BackendUnavailableError("No connection, or it broke") from None
        except TypeError, ValueError:
            # For example a host name, a token or a region that no request can carry.
            raise BackendProtocolError("The request cannot be made") from None


def path_of(url: str) -> str:
    """Return the path in an address; nothing if there is none, or no address."""
    address = _address(url)
    return "" if address is None else address.path.rstrip("/")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Understand how long a server asks to be left alone.

    Args:
        headers: Of its answer. `Retry-After` has seconds or a date; a date counts from
            that of the answer, since the clocks of both may differ.
        now: The time here, with a time zone, for answers without a date.

    Returns:
        Seconds from 0 to `RETRY_AFTER_MAX`, or None if it does not ask for it in a way
        that makes sense.

    """
    wish = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(wish):
        seconds = float(wish)
    elif when := _date(wish):
        seconds = (when - (_date(headers.get("Date", "")) or now)).total_seconds()
    else:
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX)


def _date(text: str) -> datetime | None:
    """Understand a date of HTTP, such as `Sat, 03 Jan 2026 10:00:00 GMT`."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError, OverflowError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _address(url: str) -> URL | None:
    """Return the address, or None if there is no sense in it."""
    try:
        address = URL(url.strip())
    except ValueError:
        return None
    if address.scheme not in ("http", "https") or not address.host:
        return None
    return address


def _without_route(base: URL, routes: Iterable[str]) -> URL:
    """Return the address in front of the first route that it ends with."""
    path = base.path.rstrip("/")
    for route in routes:
        if path.endswith("/" + route.rstrip("/")):
            return base.with_path(path.removesuffix(route.rstrip("/")))
    return base


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    """Read an answer that may be sent in pieces, up to `ANSWER_MAX` bytes."""
    if not 200 <= response.status < 300:
        # What it says beside could only be shown to people, and may quote a plate.
        return Answer(
            status=response.status,
            retry_after=retry_after(response.headers, datetime.now(UTC)),
        )
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        # A few bytes may swell to gigabytes, and nobody asked for any.
        raise BackendProtocolError("The answer is packed")
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > ANSWER_MAX:
            raise BackendProtocolError("The answer is too long")
    return Answer(status=response.status, body=bytes(body))
