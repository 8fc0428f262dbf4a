"""A backend: OpenALPR's web service, or whatever puts `alpr -j` behind HTTP.

Shapes were taken from the vendor's description of the service, version 2, and from the
source of the open program. Both say the same of a plate.
"""

from collections.abc import Sequence
import re
from typing import Final, override

import aiohttp

from ..errors import BackendProtocolError, BackendRejectedError
from ..models import Box, Frame, PlateRead
from .backend import BackendInfo
from .characters import unpack_characters
from .check_picture import CHECK_FRAME
from .http import Server, path_of
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
    to_number,
)
from .served import ServedBackend

_ROUTE: Final = "v2/recognize"
_OFFICIAL: Final = re.compile(r".*/v[0-9]+/recognize")
"""The paths of the service, which knows a token as `secret_key`."""
_COUNTRY: Final = "us"
"""What `alpr` expects unless it is told otherwise; the service wants to be told."""
_DATA_TYPE: Final = "alpr_results"
_USED_UP: Final = 402
_TOO_MANY: Final = 403
"""What the service says of too many requests, and anybody else of a wrong token."""
_CERTAIN: Final = 100.0
_CORNERS_MAX: Final = 64


class OpenAlprBackend(ServedBackend):
    """OpenALPR at an address."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        token: str | None = None,
        regions: Sequence[str] = (),
        verify_ssl: bool = True,
        timeout: float = 12.0,
    ) -> None:
        """Remember where it is. Nothing is sent, and no address is refused yet.

        Args:
            session: What requests are sent with; it stays the caller's.
            url: Address of http or https. One with a path is used as it is, since every
                program that wraps `alpr` has its own; without one, `/v2/recognize` is
                asked. A query stays, and a user name and password are sent as such.
            token: Sent as `secret_key` to a path that ends like `/v2/recognize`, as the
                service wants it; to any other path, as bearer token.
            regions: Codes of the countries to expect, as OpenALPR names them, such as
                `us` or `eu`. Without any it is `us`.
            verify_ssl: Whether a certificate has to be valid.
            timeout: Seconds that one request may take.

        """
        path = path_of(url)
        self._route = "" if path else _ROUTE
        self._query = {"country": ",".join(regions) or _COUNTRY}
        official = _OFFICIAL.fullmatch(path or f"/{_ROUTE}") is not None
        self._limits = {_USED_UP, _TOO_MANY} if official else {_USED_UP}
        authorization = None
        if token is not None and official:
            self._query["secret_key"] = token
        elif token is not None:
            authorization = f"Bearer {token}"
        self._server = Server(
            session,
            url,
            authorization=authorization,
            verify_ssl=verify_ssl,
            timeout=timeout,
        )

    @override
    async def ping(self) -> BackendInfo:
        """Ask whether somebody is there, by a question without a picture.

        OpenALPR has no question for that, so any answer counts that is no trouble; most
        say that they want a picture. It costs no reading of the quota.

        Returns:
            Nothing of its version, since it does not tell.

        Raises:
            BackendError: Nobody is there, or is in trouble, or the token is refused.

        """
        (await self._server.get(self._route, self._query)).show_presence()
        return BackendInfo()

    @override
    async def check(self) -> BackendInfo:
        """Let it read a picture without a plate, which costs one reading of the quota.

        Raises:
            BackendError: It is not there, or cannot read plates.

        """
        await self.read(CHECK_FRAME)
        return BackendInfo()

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Let it read the plates in a frame.

        Returns:
            The best text of each plate, in the order of the answer; an empty list if
            there are none.

        Raises:
            BackendUnavailableError: It is not there, too slow, overloaded, or the quota
                is used up.
            BackendAuthError: It refuses the token.
            BackendRejectedError: It could not read this picture, or wants other
                countries.
            BackendProtocolError: This is not OpenALPR.

        """
        answer = await self._server.post(self._route, frame, "image", query=self._query)
        body = answer.content(limits=self._limits, picture=True)
        return parse_reads(load_object(body), frame)


def parse_reads(answer: Json, frame: Frame) -> list[PlateRead]:
    """Find the reads in an answer to a recognition.

    Args:
        answer: The JSON object of the service, or of `alpr -j`.
        frame: What was sent, for the size of the picture.

    Returns:
        The best text of each plate. The other candidates are no reads: they are guesses
        at the same plate, and taking each as seen would open for whoever resembles.

    Raises:
        BackendRejectedError: It tells of an error instead.
        BackendProtocolError: It is not an answer to a recognition.

    """
    # Version 3 of the service says false if there is none.
    if answer.get("error"):
        raise BackendRejectedError("The recognizer could not do what it was asked")
    # A group, for one, is of several pictures, and none of them this one.
    if answer.get("data_type", _DATA_TYPE) != _DATA_TYPE:
        raise BackendProtocolError("The answer is about something else")
    scale = _scale(answer, frame)
    reads = (
        _read(check_object(item), scale, frame)
        for item in check_list(answer.get("results"))
    )
    return one_for_each_place(reads)


def _read(result: Json, scale: tuple[float, float], frame: Frame) -> PlateRead | None:
    """Understand one result; None if its text cannot be a plate."""
    return make_read(
        check_text(result.get("plate")),
        check_confidence(result.get("confidence"), certain=_CERTAIN),
        _box(result.get("coordinates"), scale, frame),
        unpack_characters(result.get("characters")),
    )


def _scale(answer: Json, frame: Frame) -> tuple[float, float]:
    """Return pixels of the frame per pixel of the answer, which may count its own."""
    width = to_number(answer.get("img_width")) or 0.0
    height = to_number(answer.get("img_height")) or 0.0
    if width < 1 or height < 1:
        return 1.0, 1.0
    return frame.width / width, frame.height / height


def _box(corners: object, scale: tuple[float, float], frame: Frame) -> Box | None:
    """Return the box around a polygon, if there is one that makes sense."""
    if not isinstance(corners, list) or not 0 < len(corners) <= _CORNERS_MAX:
        return None
    across = [_coordinate(corner, "x") for corner in corners]
    down = [_coordinate(corner, "y") for corner in corners]
    x = [scale[0] * place for place in across if place is not None]
    y = [scale[1] * place for place in down if place is not None]
    if len(x) < len(corners) or len(y) < len(corners):
        return None
    return make_box(min(x), min(y), max(x), max(y), frame)


def _coordinate(corner: object, name: str) -> float | None:
    return to_number(corner.get(name)) if isinstance(corner, dict) else None
