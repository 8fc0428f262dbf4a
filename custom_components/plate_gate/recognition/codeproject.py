"""A backend: CodeProject.AI Server, or anything that speaks like it.

Shapes were taken from CodeProject.AI Server 2.9 and its license plate reader 3.4. Case
does not matter in names: a server that could not reach a peer of its mesh says so in
capitals.
"""

from http import HTTPStatus
from typing import Final, override

import aiohttp

from ..errors import BackendProtocolError, BackendRejectedError
from ..models import Frame, PlateRead
from .backend import BackendInfo
from .characters import unpack_characters
from .http import Answer, Server
from .reads import (
    Json,
    check_confidence,
    check_list,
    check_object,
    check_text,
    load_object,
    make_box,
    make_read,
    one_for_each_place,
    to_version,
)
from .served import ServedBackend

_PING: Final = "v1/status/ping"
_ROUTES: Final = ("v1/vision/alpr", "v1/image/alpr")
"""The second is what the plate reader was called at first."""
_LABEL_PREFIX: Final = "Plate:"


class CodeProjectBackend(ServedBackend):
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
        self._server = Server(
            session,
            url,
            authorization=None if token is None else f"Bearer {token}",
            verify_ssl=verify_ssl,
            timeout=timeout,
            routes=_ROUTES,
        )
        self._routes = _ROUTES
        """The one that is there, as far as known, comes first."""

    @override
    async def ping(self) -> BackendInfo:
        """Ask the server whether it is there, which says nothing of its plate reader.

        The list of its modules would, but for that it may ask the internet.

        Returns:
            The version of the server.

        Raises:
            BackendError: It is not there.

        """
        answer = await self._server.get(_PING)
        return BackendInfo(version=parse_version(load_answer(answer.content())))

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
        answer = await self._send(frame)
        return parse_reads(load_answer(answer.content(picture=True)), frame)

    async def _send(self, frame: Frame) -> Answer:
        """Send a picture to the reader, under its other name if it must be.

        Only "not found" makes the picture go out twice, and the name that was found is
        kept: the first reading after a start, or after the server was changed, takes
        longer, and no other.
        """
        name, other = self._routes
        answer = await self._server.post(name, frame, "upload")
        if answer.status == HTTPStatus.NOT_FOUND:
            again = await self._server.post(other, frame, "upload")
            if again.status != HTTPStatus.NOT_FOUND:
                self._routes = (other, name)
                return again
        return answer


def load_answer(body: bytes) -> Json:
    """Take an answer apart that says it succeeded.

    Args:
        body: What the server sent.

    Returns:
        The JSON object, names in small letters.

    Raises:
        BackendProtocolError: It is not a JSON object that tells of success or failure.
        BackendRejectedError: It tells of a failure, which CodeProject.AI Server does
            with HTTP status 200. A full queue, a reader that is off and a picture that
            is none differ only in words meant for people, which change, so that they
            are not told apart.

    """
    answer = load_object(body, fold=True)
    success = answer.get("success")
    if not isinstance(success, bool):
        raise BackendProtocolError("The answer does not tell whether it succeeded")
    if not success:
        raise BackendRejectedError("The recognizer could not do what it was asked")
    return answer


def parse_reads(answer: Json, frame: Frame) -> list[PlateRead]:
    """Find the reads in an answer to a recognition.

    Args:
        answer: What `load_answer` returned.
        frame: What was sent, for the size of the picture.

    Returns:
        The reads in the order of the answer; texts that cannot be plates are left out.

    Raises:
        BackendProtocolError: It is not an answer to a recognition.

    """
    predictions = check_list(answer.get("predictions"))
    reads = (_read(check_object(item), frame) for item in predictions)
    return one_for_each_place(reads)


def parse_version(answer: Json) -> str | None:
    """Find the server's version in an answer to a ping, if it is there.

    Args:
        answer: What `load_answer` returned.

    Returns:
        For example `2.9.6`; at most 32 characters that are harmless anywhere.

    """
    version = answer.get("version")
    if isinstance(version, dict):
        version = version.get("version", version.get("versionnumber"))
    if version is None:
        version = answer.get("message")
    return to_version(version)


def _read(prediction: Json, frame: Frame) -> PlateRead | None:
    """Understand one prediction; None if its text cannot be a plate."""
    return make_read(
        _text(prediction),
        check_confidence(prediction.get("confidence")),
        make_box(
            prediction.get("x_min"),
            prediction.get("y_min"),
            prediction.get("x_max"),
            prediction.get("y_max"),
            frame,
        ),
        unpack_characters(prediction.get("characters")),
    )


def _text(prediction: Json) -> str:
    """Return the text of a plate, or nothing if there is none.

    Old versions send the label only. Without the prefix a label is the name of a class
    of objects, such as `DayPlate` or `car`, and no plate.
    """
    if prediction.get("plate") is not None:
        return check_text(prediction["plate"])
    label = check_text(prediction.get("label", ""))
    if not label.startswith(_LABEL_PREFIX):
        return ""
    return label.removeprefix(_LABEL_PREFIX)
