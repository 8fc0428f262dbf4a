"""The service over real HTTP: what it answers, and what it refuses."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator
import gzip
from http import HTTPStatus
from io import BytesIO
import json
import logging
from typing import Any

import aiohttp
import numpy as np
from PIL import Image
import pytest

from custom_components.plate_gate.models import Frame, Plate
from custom_components.plate_gate.recognition.codeproject import (
    load_answer,
    parse_reads,
)
from plate_gate_recognizer import __version__
from plate_gate_recognizer.ctc import ALPHABET, decode
from plate_gate_recognizer.picture import Picture
from plate_gate_recognizer.reader import Read

from .asking import ALPR, MODULES, PING, Client, Start, blind, form
from .scene import SIZE, jpeg, png, yard
from .test_picture import bomb

FORM = "multipart/form-data; boundary=X"
FILE = b'--X\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n'
"""How a form begins that is written by hand."""


async def ask(client: Client, content: bytes, path: str = ALPR) -> Any:
    """Send a picture and return the answer."""
    async with client.post(path, data=form(content)) as response:
        assert response.status == HTTPStatus.OK
        assert response.content_type == "application/json"
        return await response.json()


@pytest.mark.parametrize("path", [ALPR, "/v1/image/alpr"])
@pytest.mark.parametrize("name", ["upload", "image", "anything"])
async def test_plate(client: Client, path: str, name: str) -> None:
    """Both paths answer in CodeProject.AI's shape, whatever the file is called."""
    picture = yard(("AB12CDE", 40, (380, 300)))
    async with client.post(path, data=form(jpeg(picture), name)) as response:
        answer = await response.json()
    assert answer["success"] is True
    assert answer["code"] == 200
    assert answer["moduleId"] == "ALPR"
    assert answer["message"] == "Found Plate: AB12CDE"
    assert 0 <= answer["inferenceMs"] <= answer["processMs"]
    assert answer["processMs"] <= answer["analysisRoundTripMs"] + 1
    (prediction,) = answer["predictions"]
    assert prediction["plate"] == "AB12CDE"
    assert prediction["label"] == "Plate: AB12CDE"
    assert 0.9 < prediction["confidence"] <= 1
    assert prediction["x_min"] == pytest.approx(383, abs=25)
    assert prediction["y_min"] == pytest.approx(305, abs=15)
    assert prediction["x_max"] == pytest.approx(557, abs=25)
    assert prediction["y_max"] == pytest.approx(335, abs=15)


async def test_characters(client: Client) -> None:
    """The likelihoods of the characters come along, and say the same as the text."""
    answer = await ask(client, png(yard(("KN18RTX", 40, (380, 300)))))
    (prediction,) = answer["predictions"]
    characters = prediction["characters"]
    assert characters["version"] == 1
    assert characters["alphabet"] == ALPHABET
    matrix = np.frombuffer(b64decode(characters["probabilities"]), "<f2")
    matrix = matrix.reshape(characters["steps"], 37).astype(np.float32)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=0.005)
    text, confidence = decode(matrix)
    assert text == prediction["plate"]
    assert confidence == pytest.approx(prediction["confidence"], abs=0.005)


async def test_the_integration_understands(client: Client) -> None:
    """What this package sends is what the integration expects."""
    picture = jpeg(yard(("AB12CDE", 40, (150, 380)), ("KN18RTX", 30, (620, 330))))
    async with client.post(ALPR, data=form(picture)) as response:
        answer = load_answer(await response.read())
    width, height = SIZE
    frame = Frame(jpeg=picture, width=width, height=height, taken=0.0)
    reads = parse_reads(answer, frame)
    assert {read.plate for read in reads} == {Plate("AB12CDE"), Plate("KN18RTX")}
    assert all(read.characters is not None and read.box for read in reads)


async def test_no_plate(client: Client) -> None:
    """No plate is a success."""
    answer = await ask(client, jpeg(yard()))
    assert answer["success"] is True
    assert answer["predictions"] == []
    assert answer["message"] == "No plates found"


async def test_first_file_of_several_parts(client: Client) -> None:
    """Other fields are passed over, as clients of other servers send them."""
    data = form(jpeg(yard(("AB12CDE", 40, (380, 300)))))
    several = aiohttp.FormData({"min_confidence": "0.4"})
    several.add_field("one", BytesIO(jpeg(yard())), filename="1.jpg")
    several.add_field("two", BytesIO(b"no picture"), filename="2.jpg")
    async with client.post(ALPR, data=several) as response:
        assert (await response.json())["predictions"] == []
    async with client.post(ALPR, data=data) as response:
        assert len((await response.json())["predictions"]) == 1


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"no picture at all", "neither JPEG nor PNG"),
        (jpeg(yard())[:2000], "cut off"),
        (bomb(8000, 5000), "36 megapixels"),
        (png(Image.new("RGB", (300, 5))), "smaller"),
    ],
    ids=["text", "truncated", "bomb", "tiny"],
)
async def test_bad_pictures(start: Start, content: bytes, error: str) -> None:
    """A picture that cannot be read is a failure with HTTP status 200; life goes on."""
    client = await start(blind)
    answer = await ask(client, content)
    assert answer["success"] is False
    assert error in answer["error"]
    assert answer["code"] == 500
    assert "predictions" not in answer
    assert (await ask(client, jpeg(yard())))["success"] is True


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/jpeg", b"\xff\xd8\xff"),
        ("application/x-www-form-urlencoded", b"upload=1"),
        ("application/json", b"{}"),
        ("multipart/form-data", b"no boundary is given"),
        (FORM, b""),
        (FORM, b"--X\r\n\r\ncut off"),
        (FORM, b"--X--\r\n"),
        (FORM, b"--X\r\nno header\r\n\r\na\r\n--X--\r\n"),
        (FORM, b"--X\r\nContent-Disposition: form-data\r\n\r\n1\r\n--X--\r\n"),
        (FORM, FILE + b"\r\n--X--\r\n"),
        (FORM, b"--X\r\nContent-Type: multipart/mixed; boundary=Y\r\n\r\n--Y--"),
        (FORM, 40 * b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'),
    ],
    ids=[
        "picture",
        "fields",
        "json",
        "no boundary",
        "nothing",
        "cut off",
        "no parts",
        "no header",
        "no file",
        "empty file",
        "nested",
        "many parts",
    ],
)
async def test_bad_requests(start: Start, content_type: str, body: bytes) -> None:
    """What is no form with a file is refused with a reason; life goes on."""
    client = await start(blind)
    headers = {"Content-Type": content_type}
    async with client.post(ALPR, data=body, headers=headers) as response:
        assert response.status == HTTPStatus.BAD_REQUEST
        answer = await response.json()
    assert answer["success"] is False
    assert answer["code"] == 400
    assert answer["error"]
    assert (await ask(client, jpeg(yard())))["success"] is True


async def test_client_leaves_in_the_middle(start: Start) -> None:
    """A connection that ends before the picture does is nothing to speak of."""
    client = await start(blind)
    _, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(
        b"POST /v1/vision/alpr HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
        b"Content-Type: multipart/form-data; boundary=X\r\n\r\n--X\r\n"
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await ask(client, jpeg(yard())))["success"] is True


async def test_too_large(start: Start) -> None:
    """A request over the limit is refused, whether or not it tells its length."""
    client = await start(blind, body_max=20_000)

    async def pieces() -> AsyncGenerator[bytes]:
        yield FILE
        for _ in range(4):
            yield bytes(8_000)

    headers = {"Content-Type": FORM}
    for body in (bytes(30_000), pieces()):
        async with client.post(ALPR, data=body, headers=headers) as response:
            assert response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            assert (await response.json())["success"] is False
    assert (await ask(client, jpeg(yard(), 30)))["success"] is True


async def test_packed(start: Start) -> None:
    """A body that has to be unpacked is refused; nobody knows how large it gets."""
    client = await start(blind)
    headers = {"Content-Type": FORM, "Content-Encoding": "gzip"}
    body = gzip.compress(FILE + bytes(5_000_000))
    async with client.post(ALPR, data=body, headers=headers) as response:
        assert response.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


async def test_memory_of_all(start: Start) -> None:
    """All that is being sent has one limit, and its memory comes back in the end."""
    client = await start(blind)
    sending, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def large() -> AsyncGenerator[bytes]:
        yield FILE
        for _ in range(15):
            yield bytes(1024 * 1024)
        sending.release()
        await go_on.wait()

    async def send() -> int:
        headers = {"Content-Type": FORM}
        async with client.post(ALPR, data=large(), headers=headers) as response:
            if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
                assert response.headers["Retry-After"] == "1"
            return response.status

    tasks = [asyncio.create_task(send()) for _ in range(4)]
    for _ in tasks:
        await sending.acquire()
    # 60 of 64 MiB are taken, or about to be: the fifth is one too many.
    fifth = await asyncio.wait_for(send(), 20)
    assert fifth == HTTPStatus.SERVICE_UNAVAILABLE
    go_on.set()
    assert await asyncio.gather(*tasks) == [HTTPStatus.BAD_REQUEST] * 4
    assert (await ask(client, jpeg(yard())))["success"] is True


async def test_too_slow(start: Start) -> None:
    """A picture that never ends is not waited for."""
    client = await start(blind, body_seconds=0.05)

    async def forever() -> AsyncGenerator[bytes]:
        yield FILE
        await asyncio.sleep(30)

    headers = {"Content-Type": FORM}
    async with client.post(ALPR, data=forever(), headers=headers) as response:
        assert response.status == HTTPStatus.REQUEST_TIMEOUT


async def test_fault(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of our own is answered, and logged by the name of its class only."""

    def broken(picture: Picture) -> list[Read]:
        raise KeyError("AB12CDE")

    client = await start(broken)
    async with client.post(ALPR, data=form(jpeg(yard()))) as response:
        assert response.status == HTTPStatus.INTERNAL_SERVER_ERROR
        body = await response.text()
    assert json.loads(body)["success"] is False
    assert "AB12CDE" not in body
    assert "KeyError" in caplog.text
    assert "AB12CDE" not in caplog.text


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer wrong", "Basic secret", "Bearer sécret"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", ALPR), ("GET", PING), ("GET", "/")]
)
async def test_wrong_token(
    start: Start, authorization: str | None, method: str, path: str
) -> None:
    """Without the right token there is nothing, not even whether a path exists."""
    client = await start(blind, token="secret")
    headers = {} if authorization is None else {"Authorization": authorization}
    async with client.request(method, path, headers=headers) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert (await response.json())["code"] == 401


async def test_right_token(start: Start) -> None:
    """With the token everything works."""
    client = await start(blind, token="secret")
    headers = {"Authorization": "Bearer secret"}
    async with client.get(PING, headers=headers) as response:
        assert response.status == HTTPStatus.OK
    async with client.post(ALPR, data=form(jpeg(yard())), headers=headers) as response:
        assert (await response.json())["success"] is True


@pytest.mark.parametrize(
    "path",
    [PING, "/v1/server/status/ping", "/v1/status/version", "/v1/server/status/version"],
)
async def test_ping(start: Start, path: str) -> None:
    """The version is told in CodeProject.AI's way, on all of its paths."""
    client = await start(blind)
    async with client.get(path) as response:
        answer = await response.json()
    assert answer["success"] is True
    assert answer["message"] == answer["version"]["version"] == __version__


async def test_module_status(start: Start) -> None:
    """The one module is started, tells what it runs on, and counts."""
    client = await start(blind)
    await ask(client, jpeg(yard()))
    await ask(client, b"no picture")
    async with client.get(MODULES) as response:
        (status,) = (await response.json())["statuses"]
    assert status["moduleId"] == "ALPR"
    assert status["status"] == "Started"
    assert status["statusData"]["inferenceDevice"] == "CPU"
    assert status["statusData"]["successfulInferences"] == 1
    assert status["statusData"]["failedInferences"] == 1


async def test_models(start: Start) -> None:
    """There are no models that can be asked for by name."""
    client = await start(blind)
    async with client.post("/v1/vision/custom/list") as response:
        assert await response.json() == {"success": True, "models": [], "code": 200}


async def test_other_paths(start: Start) -> None:
    """What is not there, or not that way, is said in JSON."""
    client = await start(blind)
    async with client.get("/v1/vision/detection") as response:
        assert response.status == HTTPStatus.NOT_FOUND
        assert (await response.json())["success"] is False
    async with client.get(ALPR) as response:
        assert response.status == HTTPStatus.METHOD_NOT_ALLOWED
        assert response.headers["Allow"] == "POST"


async def test_no_plate_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """At no level is a plate logged, be the picture good or cut off."""
    caplog.set_level(logging.DEBUG)
    picture = jpeg(yard(("AB12CDE", 40, (380, 300))))
    assert (await ask(client, picture))["predictions"]
    assert (await ask(client, picture[:-500]))["success"] is False
    assert "AB12CDE" not in caplog.text
