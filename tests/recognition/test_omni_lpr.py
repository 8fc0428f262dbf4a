"""Contract tests of omni-lpr's client against real answers and a real server."""

from collections.abc import AsyncGenerator
import json
from typing import Any

import aiohttp
import pytest

from custom_components.plate_gate.errors import (
    BackendError,
    BackendProtocolError,
    BackendRejectedError,
    BackendUnavailableError,
)
from custom_components.plate_gate.models import Box, Frame, Plate, PlateRead
from custom_components.plate_gate.recognition import BackendInfo, OmniLprBackend

from .answers import assert_silent, fixture, fixture_bytes
from .server import RecordingServer, says
from .systems import OMNI_LPR

TOKEN = "open-sesame-73"
PATH = "/api/v1/tools/detect_and_recognize_plate/invoke"
ROUTE = f"POST {PATH}"
HEALTH = "GET /api/health"


@pytest.fixture
async def server() -> AsyncGenerator[RecordingServer]:
    """Return a server on which all is well."""
    async with OMNI_LPR.server() as server:
        yield server


def parse(answer: object, frame: Frame) -> list[PlateRead]:
    """Return what is made of an answer that comes over the wire."""
    return OMNI_LPR.parse(json.dumps(answer).encode(), frame)


def holding(*results: object) -> dict[str, Any]:
    """Return an answer with some results."""
    return {"content": [{"type": "json", "data": list(results)}]}


def one(**changes: object) -> dict[str, Any]:
    """Return an answer with one result, with some of the fields of its text changed."""
    result = fixture("omni_plates")["content"][0]["data"][0]
    result["ocr"] |= changes
    return holding(result)


async def test_read(
    session: aiohttp.ClientSession, server: RecordingServer, frame: Frame
) -> None:
    """Reads come back, of one confidence or of one for each place."""
    server.answers[ROUTE] = says(fixture_bytes("omni_plates"))
    backend = OmniLprBackend(session, server.url, token=TOKEN)
    reads = await backend.read(frame)
    assert [(read.plate, read.box) for read in reads] == [
        (Plate("AB12CDE"), Box(310, 220, 420, 252)),
        (Plate("KN18RTX"), Box(560, 240, 640, 268)),
    ]
    assert [read.confidence for read in reads] == pytest.approx([0.96, 0.75])
    (request,) = server.received
    assert (request.method, request.path) == ("POST", PATH)
    assert request.query == []
    assert request.parts == [("image", "frame.jpg", "image/jpeg", frame.jpeg)]
    assert request.authorization == f"Bearer {TOKEN}"


async def test_no_plate(
    session: aiohttp.ClientSession, server: RecordingServer, frame: Frame
) -> None:
    """An empty list is an answer, and so is a plate without a text."""
    backend = OmniLprBackend(session, server.url)
    assert await backend.read(frame) == []
    assert server.received[0].authorization is None
    assert parse(holding({"detection": {}, "ocr": None}), frame) == []
    assert parse(one(text="", confidence=[0.9] * 9), frame) == []
    assert parse(one(text="_________", confidence=[0.9] * 9), frame) == []
    assert parse(one(text="", confidence=[]), frame) == []


async def test_ping_and_check(
    session: aiohttp.ClientSession, server: RecordingServer
) -> None:
    """The version is told; only a check costs a reading."""
    backend = OmniLprBackend(session, server.url)
    await backend.start()
    assert await backend.ping() == BackendInfo(version="0.3.5")
    assert {request.path for request in server.received} == {"/api/health"}
    assert await backend.check() == BackendInfo(version="0.3.5")
    assert server.received[-1].path == PATH
    await backend.stop()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"status": "starting"}', BackendUnavailableError),
        (b'{"status": ""}', BackendUnavailableError),
        (b'{"status": true}', BackendProtocolError),
        (b"{}", BackendProtocolError),
        (b"[]", BackendProtocolError),
        (b"ok", BackendProtocolError),
        (fixture_bytes("ping"), BackendProtocolError),
    ],
)
async def test_ping_fails(
    session: aiohttp.ClientSession,
    server: RecordingServer,
    body: bytes,
    kind: type[BackendError],
) -> None:
    """Another server, or one that is not well, is not taken for one that is."""
    server.answers[HEALTH] = says(body)
    with pytest.raises(BackendError) as caught:
        await OmniLprBackend(session, server.url).ping()
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("omni_error_400", 400, BackendRejectedError),
        ("omni_error_400", 404, BackendProtocolError),
        ("omni_error_500", 500, BackendUnavailableError),
        ("omni_error_400", 200, BackendProtocolError),
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
    """Errors are those that its source has."""
    server.answers[ROUTE] = says(fixture_bytes(name), status=status)
    backend = OmniLprBackend(session, server.url, token=TOKEN)
    with pytest.raises(BackendError) as caught:
        await backend.read(frame)
    assert type(caught.value) is kind
    assert_silent(caught.value, TOKEN, server.address, fixture(name)["error"]["code"])


@pytest.mark.parametrize(
    ("text", "confidence", "taken"),
    [
        ("AB12", 0.5, 0.5),
        ("AB12", [0.5, 0.7, 0.9, 0.9], 0.75),
        ("AB12", [0.5, 0.7, 0.9, 0.9, 1.0, 1.0, 1.0], 0.75),
        ("AB12___", [0.5, 0.7, 0.9, 0.9, 1.0, 1.0, 1.0], 0.75),
        ("AB_12__", [0.5, 0.7, 1.0, 0.9, 0.9, 1.0, 1.0], 0.75),
        ("AB12", [1.0005, 1, 1, 1], 1.0),
    ],
)
def test_confidence(frame: Frame, text: str, confidence: object, taken: float) -> None:
    """It is the mean over the characters; places without one do not count."""
    (read,) = parse(one(text=text, confidence=confidence), frame)
    assert read.plate == Plate(text)
    assert read.confidence == pytest.approx(taken)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"content": None},
        {"content": []},
        {"content": {}},
        {"content": ["AB12CDE"]},
        {"content": [{"type": "json"}]},
        {"content": [{"type": "json", "data": None}]},
        {"content": [{"type": "json", "data": {"ocr": None}}]},
        {"content": [{"type": "text", "text": "AB12CDE"}]},
        {"content": [{"type": "json", "data": []}] * 2},
        holding(None),
        holding("AB12CDE"),
        holding({}),
        holding({"detection": {"label": "AB12CDE"}}),
        holding({"ocr": "AB12CDE"}),
        holding({"ocr": {}}),
        holding(*[{"ocr": None}] * 65),
        one(text=None),
        one(text=["AB12CDE"]),
        one(confidence=None),
        one(confidence="0.9"),
        one(confidence=True),
        one(confidence=91),
        one(confidence=[]),
        one(confidence=[0.9] * 6),
        one(confidence=[0.9] * 65),
        one(confidence=[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, None]),
        one(confidence=[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 90]),
        one(confidence=[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, float("nan")]),
        one(confidence=[[0.9]] * 7),
    ],
    ids=lambda answer: str(answer)[:60],
)
def test_malformed(frame: Frame, answer: dict[str, Any]) -> None:
    """What is not omni-lpr's is refused."""
    with pytest.raises(BackendProtocolError) as caught:
        parse(answer, frame)
    assert_silent(caught.value, "AB12CDE")


def test_further_content(frame: Frame) -> None:
    """Other parts of the content are not looked at."""
    answer = one()
    answer["content"].insert(0, {"type": "text", "text": "Found 1 plate"})
    assert [read.plate for read in parse(answer, frame)] == [Plate("AB12CDE")]


@pytest.mark.parametrize(
    "detection",
    [None, [], {}, {"bounding_box": None}, {"bounding_box": [310, 220, 420, 252]}],
)
def test_box_without_sense(frame: Frame, detection: object) -> None:
    """It costs the box, not the read."""
    answer = one()
    answer["content"][0]["data"][0]["detection"] = detection
    (read,) = parse(answer, frame)
    assert read.plate == Plate("AB12CDE")
    assert read.box is None


@pytest.mark.parametrize("path", ["", "/", PATH, f"{PATH}/"])
async def test_addresses(
    session: aiohttp.ClientSession, server: RecordingServer, path: str
) -> None:
    """The address may be the one of the manual."""
    backend = OmniLprBackend(session, server.url + path)
    assert await backend.check() == BackendInfo(version="0.3.5")
