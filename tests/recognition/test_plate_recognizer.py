"""Contract tests of Plate Recognizer's client against real answers and a server."""

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
from custom_components.plate_gate.recognition import BackendInfo, PlateRecognizerBackend

from .answers import assert_silent, fixture, fixture_bytes
from .server import RecordingServer, says
from .systems import PLATE_RECOGNIZER

TOKEN = "open-sesame-73"
ROUTE = "POST /v1/plate-reader/"
INFO = "GET /info/"

TWO_READS = [
    PlateRead(plate=Plate("AB12CDE"), confidence=0.884, box=Box(310, 220, 420, 252)),
    PlateRead(plate=Plate("KN18RTX"), confidence=0.702, box=Box(560, 240, 640, 268)),
]


@pytest.fixture
async def server() -> AsyncGenerator[RecordingServer]:
    """Return a server on which all is well."""
    async with PLATE_RECOGNIZER.server() as server:
        yield server


def parse(answer: object, frame: Frame) -> list[PlateRead]:
    """Return what is made of an answer that comes over the wire."""
    return PLATE_RECOGNIZER.parse(json.dumps(answer).encode(), frame)


def one(**changes: object) -> dict[str, Any]:
    """Return an answer with one result, with some of its fields changed."""
    answer = fixture("platerec_sdk")
    answer["results"] = [answer["results"][0] | changes]
    return answer


def seen(**changes: object) -> dict[str, Any]:
    """Return the plate of a vehicle, with some of its fields changed."""
    plate: dict[str, Any] = fixture("platerec_vehicles")["results"][0]["plate"]
    return plate | changes


@pytest.mark.parametrize(
    ("name", "status", "reads"),
    [
        ("platerec_sdk", 200, TWO_READS),
        ("platerec_sdk", 201, TWO_READS),
        ("platerec_sdk_empty", 200, []),
        ("platerec_sdk_empty", 201, []),
        ("platerec_cloud", 201, TWO_READS[:1]),
        ("platerec_vehicles", 200, TWO_READS[:1]),
    ],
)
async def test_read(
    session: aiohttp.ClientSession,
    server: RecordingServer,
    frame: Frame,
    name: str,
    status: int,
    reads: list[PlateRead],
) -> None:
    """Reads come back, of the SDK and of the service, of plates and of vehicles."""
    server.answers[ROUTE] = says(fixture_bytes(name), status=status)
    backend = PlateRecognizerBackend(
        session, server.url, token=TOKEN, regions=("gb", "us-ca")
    )
    assert await backend.read(frame) == reads
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/v1/plate-reader/")
    assert request.query == []
    assert [(part[0], part[1], part[3]) for part in request.parts] == [
        ("regions", None, b"gb"),
        ("regions", None, b"us-ca"),
        ("upload", "frame.jpg", frame.jpeg),
    ]
    assert request.parts[-1][2] == "image/jpeg"
    assert request.authorization == f"Token {TOKEN}"


@pytest.mark.parametrize(
    "path", ["", "/", "/v1/plate-reader", "/v1/plate-reader/", "/v1/plate-reader/?a=b"]
)
async def test_addresses(
    session: aiohttp.ClientSession, server: RecordingServer, frame: Frame, path: str
) -> None:
    """The address may be the one of the manual, with or without its last slash."""
    backend = PlateRecognizerBackend(session, server.url + path)
    assert await backend.read(frame) == []
    assert await backend.ping() == BackendInfo(version="1.53.2")
    assert server.received[0].parts[0][0] == "upload"
    assert server.received[0].authorization is None


@pytest.mark.parametrize("prefix", ["/proxy", "/deep/er"])
@pytest.mark.parametrize("path", ["", "/v1/plate-reader/"])
async def test_address_behind_a_proxy(
    session: aiohttp.ClientSession, frame: Frame, prefix: str, path: str
) -> None:
    """It may stand behind a path of a proxy."""
    async with PLATE_RECOGNIZER.server() as server:
        server.prefix = prefix
        backend = PlateRecognizerBackend(session, server.url + path)
        assert await backend.check() == BackendInfo(version="1.53.2")


async def test_check_costs_one_reading(
    session: aiohttp.ClientSession, server: RecordingServer
) -> None:
    """Only a check is paid for, once; a start and a ping are not."""
    backend = PlateRecognizerBackend(session, server.url)
    await backend.start()
    assert await backend.ping() == BackendInfo(version="1.53.2")
    assert {request.method for request in server.received} == {"GET"}
    assert await backend.check() == BackendInfo(version="1.53.2")
    assert [r.method for r in server.received].count("POST") == 1
    await backend.stop()


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"<html>", b"", b'{"version": 5}', b'{"version": "DEMO LICENSE"}'],
)
async def test_ping_without_a_version(
    session: aiohttp.ClientSession, server: RecordingServer, body: bytes
) -> None:
    """Whoever answers is there, with a version or not."""
    server.answers[INFO] = says(body)
    backend = PlateRecognizerBackend(session, server.url)
    assert await backend.ping() == BackendInfo()


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("platerec_throttled", 429, BackendRateLimitedError),
        ("platerec_invalid_token", 403, BackendAuthError),
        ("platerec_invalid_token", 401, BackendAuthError),
        ("platerec_throttled", 402, BackendRateLimitedError),
        ("platerec_throttled", 400, BackendRejectedError),
        ("platerec_throttled", 413, BackendRejectedError),
    ],
)
async def test_errors(
    session: aiohttp.ClientSession,
    server: RecordingServer,
    frame: Frame,
    name: str,
    status: int,
    kind: type[BackendError],
) -> None:
    """Errors are those that people have met."""
    server.answers[ROUTE] = says(fixture_bytes(name), status=status)
    backend = PlateRecognizerBackend(session, server.url, token=TOKEN)
    with pytest.raises(BackendError) as caught:
        await backend.read(frame)
    assert type(caught.value) is kind
    assert_silent(caught.value, TOKEN, server.address, fixture(name)["detail"])


def test_vehicles_without_plates(frame: Frame) -> None:
    """A vehicle whose plate is not seen, or not read, is no read and no error."""
    assert parse({"results": [{"plate": None, "vehicle": {}}]}, frame) == []
    assert parse(one(plate=seen(props={"plate": []})), frame) == []
    assert parse(one(plate=""), frame) == []


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"results": None},
        {"results": {}},
        {"results": [None]},
        {"results": ["ab12cde"]},
        {"results": [{}]},
        {"results": [{"score": 0.9}]},
        fixture("platerec_webhook"),
        fixture("platerec_throttled"),
        one(plate=5),
        one(plate=True),
        one(plate=["ab12cde"]),
        one(score=None),
        one(score="0.884"),
        one(score=88.4),
        one(score=True),
        one(score=float("nan")),
        one(plate=seen(props=None)),
        one(plate=seen(props={})),
        one(plate=seen(props={"plate": None})),
        one(plate=seen(props={"plate": ["ab12cde"]})),
        one(plate=seen(props={"plate": [{"value": None, "score": 0.9}]})),
        one(plate=seen(props={"plate": [{"value": "ab12cde"}]})),
        one(plate=seen(props={"plate": [{"value": "ab12cde", "score": 90}]})),
        {"results": one()["results"] * 65},
    ],
    ids=lambda answer: str(answer)[-40:],
)
def test_malformed(frame: Frame, answer: dict[str, Any]) -> None:
    """What is not Plate Recognizer's is refused."""
    with pytest.raises(BackendProtocolError) as caught:
        parse(answer, frame)
    assert_silent(caught.value, "ab12cde")


@pytest.mark.parametrize(
    "box", [None, [], "ab12cde", {}, {"xmin": 1}, {"xmin": 9, "xmax": 5}]
)
def test_box_without_sense(frame: Frame, box: object) -> None:
    """It costs the box, not the read, in either shape."""
    for plate in ("ab12cde", seen(box=box)):
        (read,) = parse(one(plate=plate, box=box), frame)
        assert read.plate == Plate("AB12CDE")
        assert read.box is None
