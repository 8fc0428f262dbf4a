"""A backend: Plate Recognizer, as Snapshot SDK at home or as the vendor's service.

Shapes were taken from the vendor's own clients and from answers that people have shown.
Every reading counts against a license or a quota, whether there is a plate or not.
"""

from collections.abc import Sequence
from typing import Final, override

import aiohttp

from ..errors import BackendProtocolError
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

_ROUTE: Final = "v1/plate-reader/"
"""The slash at the end belongs to it: without, the answer is a redirect."""
_INFO: Final = "info/"
_LIMITS: Final = frozenset({402})
"""The status of a license or quota that is used up, besides that of too many."""


class PlateRecognizerBackend(ServedBackend):
    """Plate Recognizer at an address."""

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
            url: Address of http or https, with or without `/v1/plate-reader/`. A user
                name and password in it are sent as such.
            token: That of the account. The service wants it; the SDK has it already.
            regions: Codes of the countries or states to expect, such as `de` or
                `us-ca`. Without any, all are.
            verify_ssl: Whether a certificate has to be valid.
            timeout: Seconds that one request may take.

        """
        self._fields = [("regions", region) for region in regions]
        self._server = Server(
            session,
            url,
            authorization=None if token is None else f"Token {token}",
            verify_ssl=verify_ssl,
            timeout=timeout,
            routes=(_ROUTE,),
        )

    @override
    async def ping(self) -> BackendInfo:
        """Ask for its version, which costs no reading.

        The SDK tells it; the service does not know the question, and says so.

        Returns:
            The version, if it tells. Nothing else is taken of what it says there: the
            SDK adds its license key.

        Raises:
            BackendError: Nobody is there, or is in trouble.

        """
        answer = await self._server.get(_INFO)
        answer.show_presence()
        try:
            version = load_object(answer.body).get("version")
        except BackendProtocolError:
            return BackendInfo()
        return BackendInfo(version=to_version(version))

    @override
    async def read(self, frame: Frame) -> list[PlateRead]:
        """Let it read the plates in a frame, which costs one reading.

        Returns:
            The reads, in the order of the answer; an empty list if there are none.

        Raises:
            BackendUnavailableError: It is not there, too slow, overloaded, or the
                license is used up.
            BackendAuthError: It refuses the token.
            BackendRejectedError: It could not read this picture, or does not know a
                region.
            BackendProtocolError: This is not Plate Recognizer.

        """
        answer = await self._server.post(_ROUTE, frame, "upload", fields=self._fields)
        body = answer.content(limits=_LIMITS, picture=True)
        return parse_reads(load_object(body), frame)


def parse_reads(answer: Json, frame: Frame) -> list[PlateRead]:
    """Find the reads in an answer to a recognition.

    Args:
        answer: The JSON object.
        frame: What was sent, for the size of the picture.

    Returns:
        The reads in the order of the answer. Vehicles without a plate, and plates
        without a text, are left out.

    Raises:
        BackendProtocolError: It is not an answer to a recognition.

    """
    reads = (
        _read(check_object(item), frame) for item in check_list(answer.get("results"))
    )
    return one_for_each_place(reads)


def _read(result: Json, frame: Frame) -> PlateRead | None:
    """Understand one result, of either shape.

    What looks for vehicles first says null of one whose plate is not seen.
    """
    if "plate" not in result:
        raise BackendProtocolError("A result says nothing of a plate")
    match result["plate"]:
        case None:
            return None
        case dict() as plate:
            return _read_of_vehicle(plate, frame)
        case text:
            return make_read(
                check_text(text),
                check_confidence(result.get("score")),
                _box(result.get("box"), frame),
            )


def _read_of_vehicle(plate: Json, frame: Frame) -> PlateRead | None:
    """Understand the plate of a vehicle; of its texts the first one is the read."""
    texts = check_list(check_object(plate.get("props")).get("plate"))
    if not texts:
        return None
    best = check_object(texts[0])
    return make_read(
        check_text(best.get("value")),
        check_confidence(best.get("score")),
        _box(plate.get("box"), frame),
    )


def _box(box: object, frame: Frame) -> Box | None:
    if not isinstance(box, dict):
        return None
    return make_box(
        box.get("xmin"), box.get("ymin"), box.get("xmax"), box.get("ymax"), frame
    )
