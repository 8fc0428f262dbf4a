"""OpenALPR's routes over real HTTP, and the shape of their answers."""

from base64 import b64encode
from http import HTTPStatus
import time
from typing import Any

import aiohttp
import numpy as np
import pytest

from custom_components.plate_gate.models import Frame, Plate
from custom_components.plate_gate.recognition import OpenAlprBackend
from plate_gate_recognizer.openalpr import candidates
from plate_gate_recognizer.reader import Read

from .asking import Client, Start, blind, form
from .scene import SIZE, jpeg, yard
from .test_spellings import line

RECOGNIZE = "/v2/recognize"
BYTES = "/v2/recognize_bytes"
URL = "/v2/recognize_url"
QUERY = {"country": "eu", "secret_key": "unused", "recognize_vehicle": "1"}


@pytest.fixture
def scene() -> bytes:
    """Return a picture with one plate."""
    return jpeg(yard(("AB12CDE", 40, (380, 300))))


async def ask(client: Client, path: str = RECOGNIZE, **options: Any) -> Any:
    """Send a request that has to succeed, and return the answer."""
    async with client.post(path, **options) as response:
        assert response.status == HTTPStatus.OK
        return await response.json()


async def test_shape(client: Client, scene: bytes) -> None:
    """The answer is that of the service's version 2."""
    answer = await ask(client, data=form(scene, "image"), params=QUERY)
    assert answer["version"] == 2
    assert answer["data_type"] == "alpr_results"
    assert answer["epoch_time"] == pytest.approx(time.time() * 1000, abs=60_000)
    assert (answer["img_width"], answer["img_height"]) == SIZE
    times = answer["processing_time"]
    assert 0 < times["plates"] <= times["total"]
    (result,) = answer["results"]
    assert result["plate"] == "AB12CDE"
    assert 90 < result["confidence"] <= 100
    assert result["matches_template"] == result["plate_index"] == 0
    assert result["region"] == ""
    assert result["requested_topn"] == 10
    first, *others = result["candidates"]
    assert first == {
        "plate": "AB12CDE",
        "confidence": result["confidence"],
        "matches_template": 0,
    }
    assert 1 <= len(others) <= 9
    confidences = [one["confidence"] for one in others]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= first["confidence"] for confidence in confidences)
    assert len({one["plate"] for one in result["candidates"]}) == len(others) + 1
    assert result["characters"]["version"] == 1


async def test_polygon(client: Client, scene: bytes) -> None:
    """The corners go clockwise from the top left."""
    answer = await ask(client, data=form(scene, "image"))
    corners = [
        (corner["x"], corner["y"]) for corner in answer["results"][0]["coordinates"]
    ]
    plate = [(383, 305), (557, 305), (557, 335), (383, 335)]
    assert np.abs(np.subtract(corners, plate)).max() < 25
    assert all(isinstance(side, int) for corner in corners for side in corner)


@pytest.mark.parametrize(
    "way", ["image", "field", "urlencoded", "body", "body in lines"]
)
async def test_ways_to_send(client: Client, scene: bytes, way: str) -> None:
    """A picture may come as a file, or as Base64 in a field or by itself."""
    text = b64encode(scene).decode()
    path = RECOGNIZE
    data: Any
    match way:
        case "image":
            data = form(scene, "image")
        case "field":
            data = aiohttp.FormData({"image_bytes": text}, default_to_multipart=True)
        case "urlencoded":
            data = {"image_bytes": text}
        case "body":
            path, data = BYTES, text
        case _:
            path = BYTES
            data = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    answer = await ask(client, path, data=data, params=QUERY)
    assert [result["plate"] for result in answer["results"]] == ["AB12CDE"]


async def test_no_plate(client: Client) -> None:
    """No plate is a success."""
    answer = await ask(client, data=form(jpeg(yard()), "image"))
    assert answer["results"] == []


async def test_the_integration_understands(client: Client, scene: bytes) -> None:
    """The integration's backend for OpenALPR reads with it."""
    backend = OpenAlprBackend(client.session, str(client.make_url("")))
    await backend.start()
    width, height = SIZE
    frame = Frame(jpeg=scene, width=width, height=height, taken=0.0)
    (read,) = await backend.read(frame)
    assert read.plate == Plate("AB12CDE")
    await backend.stop()


@pytest.mark.parametrize("topn", ["1", "3", "1000"])
async def test_topn(client: Client, scene: bytes, topn: str) -> None:
    """There are no more candidates than were asked for."""
    answer = await ask(client, data=form(scene, "image"), params={"topn": topn})
    (result,) = answer["results"]
    assert result["requested_topn"] == int(topn)
    assert 1 <= len(result["candidates"]) <= int(topn)


@pytest.mark.parametrize("topn", ["0", "1001", "-1", "ten", "", "٣", "1e2"])
async def test_bad_topn(start: Start, topn: str) -> None:
    """Other numbers of candidates make no sense."""
    client = await start(blind)
    data = form(jpeg(yard()), "image")
    async with client.post(RECOGNIZE, data=data, params={"topn": topn}) as response:
        assert response.status == HTTPStatus.BAD_REQUEST
        assert await response.json() == {"error": "topn is from 1 to 1000"}


@pytest.mark.parametrize(
    ("path", "data", "error"),
    [
        (RECOGNIZE, None, "multipart/form-data"),
        (RECOGNIZE, {"a": "b"}, "holds no file"),
        (RECOGNIZE, {"image_bytes": "!"}, "not in Base64"),
        (BYTES, b"", "empty"),
        (BYTES, b"AAAA!", "not in Base64"),
        (BYTES, b64encode(b"no picture"), "neither JPEG nor PNG"),
        (URL, None, "fetches nothing"),
    ],
    ids=["nothing", "no file", "field", "empty", "body", "no picture", "address"],
)
async def test_bad_requests(start: Start, path: str, data: Any, error: str) -> None:
    """What cannot be read is refused in OpenALPR's way."""
    client = await start(blind)
    params = {"image_url": "http://127.0.0.1:1/", **QUERY}
    async with client.post(path, data=data, params=params) as response:
        assert response.status == HTTPStatus.BAD_REQUEST
        answer = await response.json()
    assert list(answer) == ["error"]
    assert error in answer["error"]


async def test_token(start: Start) -> None:
    """The token may come as `secret_key`, on these paths only."""
    client = await start(blind, token="secret")
    picture = jpeg(yard())
    for params in ({}, {"secret_key": "wrong"}, {"secret_key": ""}):
        async with client.post(RECOGNIZE, params=params) as response:
            assert response.status == HTTPStatus.UNAUTHORIZED
            assert list(await response.json()) == ["error"]
    query = {"secret_key": "secret"}
    await ask(client, data=form(picture, "image"), params=query)
    headers = {"Authorization": "Bearer secret"}
    await ask(client, data=form(picture, "image"), headers=headers)
    async with client.get("/v1/status/ping", params=query) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED


def test_candidates() -> None:
    """They fall off as their characters do, whatever the length of the plate."""
    characters = line({"A": 0.98}, {}, {"O": 0.6, "0": 0.3}, {}, {"1": 0.9})
    read = Read(
        text="AO1",
        confidence=0.8,
        quad=np.zeros((4, 2), np.float32),
        characters=characters,
    )
    (first, own), (second, next_best), *_ = candidates(read, 10)
    assert (first, own) == ("AO1", 0.8)
    assert second == "A01"
    assert next_best == pytest.approx(0.8 * 0.5 ** (1 / 3), rel=1e-3)
    assert list(candidates(read, 1)) == [("AO1", 0.8)]


def test_read_is_not_the_likeliest() -> None:
    """The read stays the first candidate, and none is more confident."""
    characters = line({"A": 0.9}, {}, {"O": 0.2, "0": 0.7})
    read = Read(
        text="AO",
        confidence=0.5,
        quad=np.zeros((4, 2), np.float32),
        characters=characters,
    )
    found = list(candidates(read, 3))
    assert found[0] == ("AO", 0.5)
    assert found[1] == ("A0", 0.5)
