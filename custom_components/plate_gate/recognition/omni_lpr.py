"""A backend: omni-lpr, which puts fast-alpr behind HTTP.

Shapes were taken from the source of omni-lpr 0.3.5 and fast-alpr 0.3 and 0.4.
"""

from typing import Final, override

import aiohttp

from ..errors import BackendProtocolError, BackendUnavailableError
from ..models import Box, Frame, PlateRead
from .backend import BackendInfo
from .http import Server
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

_PING: Final = "api/health"
_ROUTE: Final = "api/v1/tools/detect_and_recognize_plate/invoke"
_PAD: Final = "_"
"""Stands where the reader has a place for a character, and the plate has none."""


class OmniLprBackend(ServedBackend):
    """An omni-lpr server at an address."""

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
            url: Address of http or https, with or without a path in front of `/api`. A
                user name and password in it are sent as such.
            token: Sent as bearer token. The server knows none; a proxy before it may.
            verify_ssl: Whether a certificate has to be valid.
            timeout: Seconds that one request may take. The first reading after a start
                of the server takes longer, because it loads its models then.

        """
        self._server = Server(
            session,
            url,
            authorization=None if token is None else f"Bearer {token}",
            verify_ssl=verify_ssl,
            timeout=timeout,
            routes=(_ROUTE,),
        )

    @override
    async def ping(self) -> BackendInfo:
        """Ask the server how it is, which says nothing of its models.

        Returns:
            The version of the server.

        Raises:
            BackendError: It is not there, or not well.

        """
        answer = load_object((await self._server.get(_PING)).content())
        match answer.get("status"):
            case "ok":
                return BackendInfo(version=to_version(answer.get("version")))
            case str():
                raise BackendUnavailableError("The recognizer is not well")
        raise BackendProtocolError("The answer does not tell how the recognizer is")

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Let the server read the plates in a frame.

        Returns:
            The reads, in the order of the answer; an empty list if there are none.

        Raises:
            BackendUnavailableError: It is not there, too slow, or in trouble, which it
                also says of a picture that is none.
            BackendAuthError: A proxy wants another token, user name or password.
            BackendRejectedError: It could not read this picture.
            BackendProtocolError: This is not omni-lpr.

        """
        answer = await self._server.post(_ROUTE, frame, "image")
        return parse_reads(load_object(answer.content(picture=True)), frame)


def parse_reads(answer: Json, frame: Frame) -> list[PlateRead]:
    """Find the reads in an answer to a recognition.

    Args:
        answer: The JSON object.
        frame: What was sent, for the size of the picture.

    Returns:
        The reads in the order of the answer; plates without a text are left out.

    Raises:
        BackendProtocolError: It is not an answer to a recognition.

    """
    parts = [
        part
        for part in map(check_object, check_list(answer.get("content")))
        if part.get("type") == "json"
    ]
    if len(parts) != 1:
        raise BackendProtocolError("The answer has no list of results")
    reads = (
        _read(check_object(item), frame) for item in check_list(parts[0].get("data"))
    )
    return one_for_each_place(reads)


def _read(result: Json, frame: Frame) -> PlateRead | None:
    """Understand one result; None if there is no text, or none that can be a plate."""
    if "ocr" not in result:
        raise BackendProtocolError("A result says nothing of a text")
    if result["ocr"] is None:
        return None
    ocr = check_object(result["ocr"])
    text = check_text(ocr.get("text"))
    confidence = _confidence(text, ocr.get("confidence"))
    return make_read(text.replace(_PAD, ""), confidence, _box(result, frame))


def _confidence(text: str, confidence: object) -> float:
    """Return one confidence for a text, from 0 to 1.

    The reader of fast-alpr 0.4 tells one for each of its places. The mean is of those
    that hold a character: it is always sure of those that hold none, so that they would
    make any doubt smaller.
    """
    if not isinstance(confidence, list):
        return check_confidence(confidence)
    places = [check_confidence(place) for place in check_list(confidence)]
    held = [
        place
        for character, place in zip(text, places, strict=False)
        if character != _PAD
    ]
    if len(held) < len(text.replace(_PAD, "")):
        raise BackendProtocolError("A confidence is missing")
    return sum(held) / len(held) if held else 0.0


def _box(result: Json, frame: Frame) -> Box | None:
    detection = result.get("detection")
    box = detection.get("bounding_box") if isinstance(detection, dict) else None
    if not isinstance(box, dict):
        return None
    return make_box(box.get("x1"), box.get("y1"), box.get("x2"), box.get("y2"), frame)
