"""Contract tests of CodeProject.AI's client against real answers and a real server."""

from io import BytesIO
import json
from typing import Any

import aiohttp
from PIL import Image
import pytest

from custom_components.plate_gate.errors import (
    BackendError,
    BackendProtocolError,
    BackendRejectedError,
)
from custom_components.plate_gate.models import Box, Frame, Plate, PlateRead
from custom_components.plate_gate.recognition import BackendInfo, CodeProjectBackend
from custom_components.plate_gate.recognition.check_picture import CHECK_FRAME
from custom_components.plate_gate.recognition.codeproject import (
    load_answer,
    parse_reads,
    parse_version,
)

from .answers import assert_silent, fixture, fixture_bytes, pack, spell
from .server import CodeProjectServer, says

TOKEN = "open-sesame-73"
FRAME = Frame(jpeg=b"", width=640, height=360, taken=0.0)


def dumped(answer: object) -> bytes:
    """Return an answer as it comes over the wire."""
    return json.dumps(answer).encode()


def loaded(answer: object) -> list[PlateRead]:
    """Return what is made of an answer that comes over the wire."""
    return parse_reads(load_answer(dumped(answer)), FRAME)


async def test_read(
    session: aiohttp.ClientSession, server: CodeProjectServer, frame: Frame
) -> None:
    """The picture goes out as one file part named upload, and the reads come back."""
    server.alpr = says(fixture_bytes("alpr_two_plates"))
    backend = CodeProjectBackend(session, server.url, token=TOKEN)
    reads = await backend.read(frame)
    assert [read.plate for read in reads] == [Plate("AB12CDE"), Plate("KN18RTX")]
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/v1/vision/alpr")
    assert request.parts == [("upload", "frame.jpg", "image/jpeg", frame.jpeg)]
    assert request.authorization == f"Bearer {TOKEN}"


async def test_check(session: aiohttp.ClientSession, server: CodeProjectServer) -> None:
    """A check returns the version, and has let the server read a real picture."""
    backend = CodeProjectBackend(session, server.url)
    await backend.start()
    assert await backend.check() == BackendInfo(version="2.9.6")
    picture = server.received[-1].parts[0][3]
    with Image.open(BytesIO(picture)) as image:
        image.load()
        assert image.size == (CHECK_FRAME.width, CHECK_FRAME.height)
        assert image.mode == "RGB"
    assert len(picture) < 1000
    await backend.stop()


async def test_ping_does_not_read(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A ping costs no reading."""
    backend = CodeProjectBackend(session, server.url)
    assert await backend.ping() == BackendInfo(version="2.9.6")
    assert [request.method for request in server.received] == ["GET"]


async def test_module_missing(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A server without a plate reader answers pings, and is found out by a check."""
    server.alpr = says(b'{"title": "Not Found"}', status=404)
    backend = CodeProjectBackend(session, server.url)
    await backend.ping()
    for _ in range(2):
        with pytest.raises(BackendProtocolError):
            await backend.read(CHECK_FRAME)
    paths = [request.path for request in server.received if request.method == "POST"]
    assert paths == ["/v1/vision/alpr", "/v1/image/alpr"] * 2
    with pytest.raises(BackendProtocolError):
        await backend.check()


LEGACY = "POST /v1/image/alpr"
NOT_FOUND = says(fixture_bytes("alpr_not_found"), status=404)


async def test_old_route(
    session: aiohttp.ClientSession, server: CodeProjectServer, frame: Frame
) -> None:
    """Where the reader has its old name it is found, once, and asked by it."""
    server.alpr = NOT_FOUND
    server.answers[LEGACY] = says(fixture_bytes("alpr_two_plates"))
    backend = CodeProjectBackend(session, server.url)
    for _ in range(2):
        assert len(await backend.read(frame)) == 2
    paths = [request.path for request in server.received]
    assert paths == ["/v1/vision/alpr", "/v1/image/alpr", "/v1/image/alpr"]
    assert all(request.parts[0][3] == frame.jpeg for request in server.received)

    # The server was changed for a new one.
    del server.answers[LEGACY]
    server.alpr = says(fixture_bytes("alpr_empty"))
    for _ in range(2):
        assert await backend.read(frame) == []
    paths = [request.path for request in server.received[3:]]
    assert paths == ["/v1/image/alpr", "/v1/vision/alpr", "/v1/vision/alpr"]


@pytest.mark.parametrize("status", [400, 405, 500, 503])
async def test_no_other_route(
    session: aiohttp.ClientSession,
    server: CodeProjectServer,
    frame: Frame,
    status: int,
) -> None:
    """Any other answer than "not found" is the reader's, which is not asked twice."""
    server.alpr = says(b"", status=status)
    server.answers[LEGACY] = says(fixture_bytes("alpr_two_plates"))
    with pytest.raises(BackendError):
        await CodeProjectBackend(session, server.url).read(frame)
    assert len(server.received) == 1


async def test_old_route_in_trouble(
    session: aiohttp.ClientSession, server: CodeProjectServer, frame: Frame
) -> None:
    """What the reader says by its old name counts, good or bad."""
    server.alpr = NOT_FOUND
    server.answers[LEGACY] = says(fixture_bytes("alpr_module_error"))
    with pytest.raises(BackendRejectedError):
        await CodeProjectBackend(session, server.url).read(frame)


@pytest.mark.parametrize(
    "name", ["alpr_module_error", "server_timeout", "mesh_failure"]
)
async def test_failures_of_a_reading(
    session: aiohttp.ClientSession, server: CodeProjectServer, frame: Frame, name: str
) -> None:
    """HTTP 200 does not turn a failure into "no plate"."""
    server.alpr = says(fixture_bytes(name))
    with pytest.raises(BackendRejectedError) as caught:
        await CodeProjectBackend(session, server.url).read(frame)
    assert_silent(caught.value, *(str(v) for v in fixture(name).values() if v))


def one(**changes: object) -> dict[str, Any]:
    """Return an answer with one prediction, with some of its fields changed."""
    answer = fixture("alpr_two_plates")
    answer["predictions"] = [answer["predictions"][0] | changes]
    return answer


def without(name: str) -> dict[str, Any]:
    """Return an answer with one prediction that lacks a field."""
    answer = one()
    del answer["predictions"][0][name]
    return answer


def test_reads_of_a_full_answer() -> None:
    """Every plate becomes a read with its confidence and box, in the order sent."""
    answer = load_answer(fixture_bytes("alpr_two_plates"))
    assert parse_reads(answer, FRAME) == [
        PlateRead(plate=Plate("AB12CDE"), confidence=0.93, box=Box(310, 220, 420, 252)),
        PlateRead(plate=Plate("KN18RTX"), confidence=0.71, box=Box(560, 240, 640, 268)),
    ]


def test_nothing_in_the_picture() -> None:
    """An empty list is an answer, not an error."""
    assert parse_reads(load_answer(fixture_bytes("alpr_empty")), FRAME) == []


def test_label_only() -> None:
    """Without a text the label counts, but only with its prefix."""
    (read,) = parse_reads(load_answer(fixture_bytes("alpr_label_only")), FRAME)
    assert read.plate == Plate("AB12CDE")


@pytest.mark.parametrize("text", ["", " - ", "A", "A" * 13])
def test_texts_that_are_no_plates(text: str) -> None:
    """What cannot be a plate is left out, and the others stay."""
    answer = fixture("alpr_two_plates")
    answer["predictions"][0]["plate"] = text
    assert [read.plate for read in parse_reads(answer, FRAME)] == [Plate("KN18RTX")]


@pytest.mark.parametrize(
    "name", ["alpr_module_error", "server_timeout", "mesh_failure"]
)
def test_failures_with_http_200(name: str) -> None:
    """A failure is a failure whatever the HTTP status, in either spelling."""
    with pytest.raises(BackendRejectedError) as caught:
        load_answer(fixture_bytes(name))
    assert_silent(caught.value, *(str(v) for v in fixture(name).values() if v))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"AB12CDE",
        b"<!DOCTYPE html><title>AB12CDE</title>",
        b'{"success": true, "predictions": [{"plate": "AB12CDE"',
        b'{"plate": "AB12CDE\xff"}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"success": ' + b"9" * 5000 + b"}",
        b"null",
        b"[]",
        b'"AB12CDE"',
        b"{}",
        b'{"success": "true"}',
        b'{"success": 1}',
        b'{"success": null, "predictions": []}',
        b'{"status": "ok", "plate": "AB12CDE"}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_answer(body: bytes) -> None:
    """What does not tell of success is refused, and not quoted."""
    with pytest.raises(BackendProtocolError) as caught:
        load_answer(body)
    assert_silent(caught.value, "AB12CDE")


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        {"success": True, "predictions": None},
        {"success": True, "predictions": {}},
        {"success": True, "predictions": "AB12CDE"},
        {"success": True, "predictions": ["AB12CDE"]},
        {"success": True, "predictions": [None]},
        one(plate=5),
        one(plate=["AB12CDE"]),
        one(plate={"text": "AB12CDE"}),
        one(plate=None, label=7),
        one(confidence=None),
        one(confidence="0.93"),
        one(confidence=True),
        one(confidence=float("nan")),
        one(confidence=float("inf")),
        one(confidence=93),
        one(confidence=-0.5),
        one(confidence=10**400),
        without("confidence"),
    ],
    ids=str,
)
def test_wrong_types(answer: dict[str, Any]) -> None:
    """A field of a wrong type means that something else is talking."""
    with pytest.raises(BackendProtocolError) as caught:
        parse_reads(answer, FRAME)
    assert_silent(caught.value, "AB12CDE", "ab12 cde")


@pytest.mark.parametrize(
    ("sent", "taken"), [(0, 0.0), (1, 1.0), (1.0000001, 1.0), (-1e-9, 0.0), (0.5, 0.5)]
)
def test_confidence(sent: float, taken: float) -> None:
    """A confidence is from 0 to 1, save for what rounding adds."""
    (read,) = parse_reads(one(confidence=sent), FRAME)
    assert read.confidence == taken


@pytest.mark.parametrize(
    ("edges", "box"),
    [
        ((10.5, 20, 110, 50), Box(10.5, 20, 110, 50)),
        ((-4, -2, 110, 50), Box(0, 0, 110, 50)),
        ((600, 340, 700, 400), Box(600, 340, 640, 360)),
        ((700, 20, 800, 50), None),
        ((110, 20, 10, 50), None),
        ((10, 50, 110, 50), None),
        ((None, 20, 110, 50), None),
        (("10", 20, 110, 50), None),
        ((10, True, 110, 50), None),
        ((10, 20, float("nan"), 50), None),
        ((10, 20, float("inf"), 50), None),
        ((10, 20, 10**400, 50), None),
    ],
    ids=str,
)
def test_box(edges: tuple[Any, Any, Any, Any], box: Box | None) -> None:
    """A box is cut to the frame; one without sense costs the box, not the read."""
    names = ("x_min", "y_min", "x_max", "y_max")
    (read,) = parse_reads(one(**dict(zip(names, edges, strict=True))), FRAME)
    assert read.plate == Plate("AB12CDE")
    assert read.box == box


def test_no_box() -> None:
    """A read without a box is a read."""
    (read,) = parse_reads(without("x_max"), FRAME)
    assert read.box is None


def test_characters() -> None:
    """Our own recognizer's extension becomes part of the read."""
    (read,) = parse_reads(one(characters=pack(spell("AB12CDE"))), FRAME)
    assert read.characters is not None
    assert read.characters.shape == (14, 37)


def test_broken_characters() -> None:
    """A broken extension costs the extension, not the read."""
    (read,) = parse_reads(one(characters={"version": 1}), FRAME)
    assert read.plate == Plate("AB12CDE")
    assert read.characters is None


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        (fixture("ping"), "2.9.6"),
        ({"version": {"versionNumber": "2.6.5"}}, "2.6.5"),
        ({"version": "0.1.0"}, "0.1.0"),
        ({"message": "2.9.6-beta+1"}, "2.9.6-beta+1"),
        ({"message": "Welcome, it is 10 o'clock"}, None),
        ({"version": {"version": ["2"]}}, None),
        ({"version": "1" * 33}, None),
        ({"version": 2}, None),
        ({}, None),
    ],
)
def test_version(answer: dict[str, Any], version: str | None) -> None:
    """The version is found where servers put it, and is harmless to show."""
    assert parse_version(load_answer(dumped(answer | {"success": True}))) == version


def test_any_case() -> None:
    """Case does not matter in names, as what passes a mesh is written in another."""
    answer = load_answer(fixture_bytes("alpr_mesh_two_plates"))
    assert parse_reads(answer, FRAME) == [
        PlateRead(plate=Plate("AB12CDE"), confidence=0.93, box=Box(310, 220, 420, 252))
    ]
    assert loaded({"SUCCESS": True, "Predictions": []}) == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"success": true, "Success": false, "predictions": []}',
        b'{"success": true, "predictions": [], "Predictions": [{"plate": "AB12CDE"}]}',
        b'{"success": true, "predictions": [{"plate": "AB12CDE", "Plate": "KN18RTX"}]}',
    ],
)
def test_contradictions(body: bytes) -> None:
    """What says two things is not believed either."""
    with pytest.raises(BackendProtocolError):
        load_answer(body)
