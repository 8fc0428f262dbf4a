"""Contract tests of OpenALPR's client against real answers and a real server."""

from collections.abc import AsyncGenerator
import json
from typing import Any

import aiohttp
import pytest

from custom_components.plate_gate.errors import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimitedError,
    BackendRejectedError,
)
from custom_components.plate_gate.models import Box, Frame, Plate, PlateRead
from custom_components.plate_gate.recognition import BackendInfo, OpenAlprBackend
from custom_components.plate_gate.recognition.check_picture import CHECK_FRAME

from .answers import assert_silent, fixture, fixture_bytes
from .server import RecordingServer, says
from .systems import OPENALPR

TOKEN = "open-sesame-73"
ROUTE = "POST /v2/recognize"

TWO_READS = [
    PlateRead(plate=Plate("AB12CDE"), confidence=0.9125, box=Box(309, 220, 420, 252)),
    PlateRead(plate=Plate("KN18RTX"), confidence=0.745, box=Box(559, 240, 640, 268)),
]


@pytest.fixture
async def server() -> AsyncGenerator[RecordingServer]:
    """Return a server on which all is well."""
    async with OPENALPR.server() as server:
        yield server


def parse(answer: object, frame: Frame) -> list[PlateRead]:
    """Return what is made of an answer that comes over the wire."""
    return OPENALPR.parse(json.dumps(answer).encode(), frame)


def one(**changes: object) -> dict[str, Any]:
    """Return an answer with one result, with some of its fields changed."""
    answer = fixture("openalpr_cli")
    answer["results"] = [answer["results"][0] | changes]
    return answer


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("openalpr_cli", TWO_READS),
        ("openalpr_cli_empty", []),
        ("openalpr_cloud", TWO_READS[:1]),
        ("openalpr_daemon", TWO_READS[:1]),
    ],
)
async def test_read(
    session: aiohttp.ClientSession,
    server: RecordingServer,
    frame: Frame,
    name: str,
    reads: list[PlateRead],
) -> None:
    """The best text of each plate comes back, of the service and of the program."""
    server.answers[ROUTE] = says(fixture_bytes(name))
    backend = OpenAlprBackend(session, server.url, token=TOKEN, regions=("eu", "gb"))
    assert await backend.read(frame) == reads
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/v2/recognize")
    assert request.query == [("country", "eu,gb"), ("secret_key", TOKEN)]
    assert request.parts == [("image", "frame.jpg", "image/jpeg", frame.jpeg)]
    assert request.authorization is None


@pytest.mark.parametrize(
    ("path", "asked", "secret"),
    [
        ("", "/v2/recognize", True),
        ("/", "/v2/recognize", True),
        ("/v2/recognize", "/v2/recognize", True),
        ("/v3/recognize", "/v3/recognize", True),
        ("/proxy/v2/recognize", "/proxy/v2/recognize", True),
        ("/alpr", "/alpr", False),
        ("/alpr/", "/alpr/", False),
        ("/v2/recognize_bytes", "/v2/recognize_bytes", False),
        ("/api/read?mode=fast", "/api/read", False),
    ],
)
async def test_addresses(
    session: aiohttp.ClientSession,
    server: RecordingServer,
    frame: Frame,
    path: str,
    asked: str,
    secret: bool,
) -> None:
    """A path is used as it is, and decides by which way the token goes."""
    server.answers[f"POST {asked}"] = says(fixture_bytes("openalpr_cli_empty"))
    backend = OpenAlprBackend(session, f" {server.url}{path}", token=TOKEN)
    assert await backend.read(frame) == []
    await backend.ping()
    for request in server.received:
        assert request.path == asked
        query = dict(request.query)
        assert query.pop("mode", None) == ("fast" if "mode" in path else None)
        assert query.pop("country") == "us"
        assert query == ({"secret_key": TOKEN} if secret else {})
        assert request.authorization == (None if secret else f"Bearer {TOKEN}")


async def test_address_with_everything(
    session: aiohttp.ClientSession, server: RecordingServer, frame: Frame
) -> None:
    """A key in the address is sent, and a user of a proxy beside it."""
    url = server.url.replace("://", "://demo:demo@") + "/v2/recognize?secret_key=abc"
    await OpenAlprBackend(session, url).read(frame)
    (request,) = server.received
    assert request.query == [("secret_key", "abc"), ("country", "us")]
    assert request.authorization == "Basic ZGVtbzpkZW1v"


async def test_ping_and_check(
    session: aiohttp.ClientSession, server: RecordingServer
) -> None:
    """A ping sends no picture, and a check one, since each costs of the quota."""
    backend = OpenAlprBackend(session, server.url)
    await backend.start()
    assert await backend.ping() == BackendInfo()
    assert [request.method for request in server.received] == ["GET", "GET"]
    assert await backend.check() == BackendInfo()
    assert [request.method for request in server.received[2:]] == ["POST"]
    assert server.received[-1].parts[0][3] == CHECK_FRAME.jpeg
    await backend.stop()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BackendRejectedError),
        (401, BackendAuthError),
        (402, BackendRateLimitedError),
        (403, BackendRateLimitedError),
        (429, BackendRateLimitedError),
    ],
)
async def test_errors(
    session: aiohttp.ClientSession,
    server: RecordingServer,
    frame: Frame,
    status: int,
    kind: type[BackendError],
) -> None:
    """Errors are those that the vendor describes."""
    server.answers[ROUTE] = says(fixture_bytes("openalpr_error"), status=status)
    backend = OpenAlprBackend(session, server.url, token=TOKEN)
    with pytest.raises(BackendError) as caught:
        await backend.read(frame)
    assert type(caught.value) is kind
    assert_silent(caught.value, TOKEN, server.address, "Invalid credentials")


@pytest.mark.parametrize(
    ("status", "kind"), [(402, BackendRateLimitedError), (403, BackendAuthError)]
)
async def test_errors_of_others(
    session: aiohttp.ClientSession,
    server: RecordingServer,
    frame: Frame,
    status: int,
    kind: type[BackendError],
) -> None:
    """At another path, where the service is not, 403 is a refusal as everywhere."""
    server.answers["POST /alpr"] = says(b"", status=status)
    with pytest.raises(BackendError) as caught:
        await OpenAlprBackend(session, f"{server.url}/alpr").read(frame)
    assert type(caught.value) is kind


@pytest.mark.parametrize("results", [{}, {"results": []}])
@pytest.mark.parametrize("error", ["No such file", True, {"code": 1}, ["bad"]])
def test_errors_with_http_200(
    frame: Frame, results: dict[str, Any], error: object
) -> None:
    """An error is not "no plate", whatever else the answer says."""
    with pytest.raises(BackendRejectedError):
        parse(results | {"error": error}, frame)


@pytest.mark.parametrize("error", [None, False, ""])
def test_no_error(frame: Frame, error: object) -> None:
    """An error that is none does no harm."""
    assert parse({"results": [], "error": error}, frame) == []


def test_candidates_are_no_reads(frame: Frame) -> None:
    """Guesses at a plate are not taken as seen, not even if the best one is none."""
    assert [read.plate for read in parse(one(), frame)] == [Plate("AB12CDE")]
    assert parse(one(plate=""), frame) == []


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data_type": "alpr_results"},
        {"results": None},
        {"results": {}},
        {"results": "AB12CDE"},
        {"results": ["AB12CDE"]},
        {"results": [None]},
        {"results": [{}]},
        {"results": [], "data_type": "alpr_alert"},
        {"results": [], "data_type": None},
        fixture("openalpr_group"),
        one(plate=None),
        one(plate=["AB12CDE"]),
        one(confidence=None),
        one(confidence="91.25"),
        one(confidence=True),
        one(confidence=120),
        one(confidence=-5),
        one(confidence=float("nan")),
        one(confidence=10**400),
        {"results": one()["results"] * 65},
    ],
    ids=lambda answer: str(answer)[-40:],
)
def test_malformed(frame: Frame, answer: dict[str, Any]) -> None:
    """What is not OpenALPR's is refused."""
    with pytest.raises(BackendProtocolError) as caught:
        parse(answer, frame)
    assert_silent(caught.value, "AB12CDE")


def corners(*places: tuple[object, object]) -> list[dict[str, object]]:
    """Return a polygon."""
    return [{"x": x, "y": y} for x, y in places]


@pytest.mark.parametrize(
    ("coordinates", "box"),
    [
        (corners((10, 20), (110, 22), (108, 50), (9, 48)), Box(9, 20, 110, 50)),
        (corners((10, 20), (110, 50)), Box(10, 20, 110, 50)),
        (corners((-9, -9), (110, 50)), Box(0, 0, 110, 50)),
        (corners((700, 20), (800, 50)), None),
        (corners((10, 20)), None),
        (corners((10, 20), (110, None)), None),
        (corners((10, 20), ("110", 50)), None),
        (corners((10, 20), (110, 50), (108, None)), None),
        (corners((10, 20), (110, 50), ("9", 48)), None),
        (corners((10, 20), (110, 10**400)), None),
        ([[10, 20], [110, 50]], None),
        ([], None),
        (corners((10, 20), (110, 50)) * 40, None),
        (None, None),
        ("AB12CDE", None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_polygons(frame: Frame, coordinates: object, box: Box | None) -> None:
    """The box is around the polygon; without sense it costs the box, not the read."""
    (read,) = parse(one(coordinates=coordinates), frame)
    assert read.plate == Plate("AB12CDE")
    assert read.box == box


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((1280, 720), Box(154.5, 110, 210, 126)),
        ((320, 360), Box(618, 220, 640, 252)),
        ((0, 0), Box(309, 220, 420, 252)),
        ((None, 360), Box(309, 220, 420, 252)),
        (("640", True), Box(309, 220, 420, 252)),
    ],
)
def test_size_of_the_picture(
    frame: Frame, size: tuple[object, object], box: Box
) -> None:
    """Where the picture was made smaller for reading, the box is in that of the frame."""
    answer = one() | {"img_width": size[0], "img_height": size[1]}
    (read,) = parse(answer, frame)
    assert read.box == box
