"""A busy service over HTTP: it says so at once, when to come again, and how it is."""

import asyncio
from http import HTTPStatus
import logging
from typing import Any

import aiohttp
from PIL import Image
import pytest

from plate_gate_recognizer import __version__
from plate_gate_recognizer.picture import Picture
from plate_gate_recognizer.reader import Read

from .asking import ALPR, HEALTH, METRICS, PING, Client, Gate, Start, form, health
from .scene import jpeg

RECOGNIZE = "/v2/recognize"


def picture(width: int = 64) -> bytes:
    """Return a picture that can be told by its width."""
    return jpeg(Image.new("RGB", (width, 48)))


async def send(
    client: Client, width: int = 64, camera: str | None = None, **options: Any
) -> tuple[int, Any, str | None]:
    """Send a picture; return status, answer, and when to come again."""
    path = options.pop("path", ALPR)
    data = form(picture(width), camera=camera)
    async with client.post(path, data=data, **options) as response:
        retry_after = response.headers.get("Retry-After")
        return response.status, await response.json(), retry_after


async def until(client: Client, **expected: int) -> None:
    """Wait until so many pictures are being read, or wait."""
    async with asyncio.timeout(20):
        while True:
            told = await health(client)
            if expected.items() <= told.items():
                return
            await asyncio.sleep(0.005)


async def test_full(start: Start, gate: Gate) -> None:
    """Who finds no place gets 503, in the shape of what was asked."""
    client = await start(gate, waiting=0)
    first = asyncio.create_task(send(client))
    await until(client, reading=1)
    status, answer, retry_after = await send(client)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer == {"success": False, "error": "The queue is full", "code": 503}
    assert retry_after == "1"
    status, answer, retry_after = await send(client, path=RECOGNIZE)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer == {"error": "The queue is full"}
    assert retry_after == "1"
    async with client.get(PING) as response:
        assert response.status == HTTPStatus.OK
    gate.open()
    assert (await first)[0] == HTTPStatus.OK


@pytest.mark.parametrize("by_header", [False, True])
async def test_newest_of_a_camera(start: Start, gate: Gate, by_header: bool) -> None:
    """A newer picture of a camera takes the place of the one that waits."""
    client = await start(gate)

    def post(width: int) -> asyncio.Task[tuple[int, Any, str | None]]:
        sent = (
            send(client, width, headers={"X-Camera-Id": "north"})
            if by_header
            else send(client, width, "north")
        )
        return asyncio.create_task(sent)

    first = post(64)
    await until(client, reading=1)
    old = post(65)
    await until(client, reading=1, waiting=1)
    new = post(66)
    status, answer, retry_after = await old
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer["error"] == "A newer picture of this camera has come"
    assert retry_after == "1"
    gate.open()
    assert [(await task)[0] for task in (first, new)] == [HTTPStatus.OK] * 2
    assert [width for width, _ in gate.read] == [64, 66]


async def test_no_camera(start: Start, gate: Gate) -> None:
    """Pictures that name no camera have nothing to do with each other."""
    client = await start(gate)
    tasks = [asyncio.create_task(send(client)) for _ in range(3)]
    await until(client, reading=1, waiting=2)
    gate.open()
    assert [(await task)[0] for task in tasks] == [HTTPStatus.OK] * 3


async def test_long_name(start: Start, gate: Gate) -> None:
    """A camera's name has an end."""
    client = await start(gate)
    status, answer, _ = await send(client, camera="n" * 65)
    assert status == HTTPStatus.BAD_REQUEST
    assert "64 characters" in answer["error"]


async def test_client_leaves_the_line(start: Start, gate: Gate) -> None:
    """Who hangs up while waiting makes room, and their picture is not read."""
    client = await start(gate, waiting=1)
    first = asyncio.create_task(send(client, 64))
    await until(client, reading=1)
    async with aiohttp.ClientSession() as other:
        leaving = asyncio.create_task(
            other.post(client.make_url(ALPR), data=form(picture(65)))
        )
        await until(client, waiting=1)
        leaving.cancel()
    await until(client, waiting=0)
    third = asyncio.create_task(send(client, 66))
    await until(client, waiting=1)
    gate.open()
    assert (await first)[0] == (await third)[0] == HTTPStatus.OK
    assert [width for width, _ in gate.read] == [64, 66]


async def test_no_backlog(start: Start, gate: Gate) -> None:
    """However many ask at once, only so many are held; the others know at once."""
    client = await start(gate, waiting=2)
    tasks = {asyncio.create_task(send(client, 64 + n)) for n in range(20)}
    refused: set[asyncio.Task[Any]] = set()
    while len(refused) < 17:
        done, _ = await asyncio.wait(
            tasks - refused, timeout=20, return_when=asyncio.FIRST_COMPLETED
        )
        assert done
        refused |= done
    assert {task.result()[0] for task in refused} == {HTTPStatus.SERVICE_UNAVAILABLE}
    gate.open()
    assert [(await task)[0] for task in tasks - refused] == [HTTPStatus.OK] * 3


async def test_health(start: Start, gate: Gate) -> None:
    """It tells how it is and what it does."""
    client = await start(gate, workers=2)
    tasks = [asyncio.create_task(send(client)) for _ in range(3)]
    await until(client, reading=2, waiting=1)
    async with client.get(HEALTH) as response:
        assert response.status == HTTPStatus.OK
        told = await response.json()
    assert told.pop("uptime_s") >= 0
    assert told == {
        "status": "ok",
        "version": __version__,
        "device": "CPU",
        "provider": "CPUExecutionProvider",
        "workers": 2,
        "reading": 2,
        "waiting": 1,
    }
    gate.open()
    await asyncio.gather(*tasks)


async def test_health_without_token(start: Start, gate: Gate) -> None:
    """Without the token it is one word, for whoever restarts what hangs."""
    client = await start(gate, token="secret")
    async with client.get(HEALTH) as response:
        assert response.status == HTTPStatus.OK
        assert await response.json() == {"status": "ok"}
    headers = {"Authorization": "Bearer secret"}
    async with client.get(HEALTH, headers=headers) as response:
        assert (await response.json())["version"] == __version__


async def test_stuck(start: Start, gate: Gate) -> None:
    """If reading hangs, nobody is let wait, nor told that it is only busy."""
    client = await start(gate, stuck_seconds=0.0)
    first = asyncio.create_task(send(client))
    async with asyncio.timeout(20):
        while (await health(client))["status"] == "ok":
            await asyncio.sleep(0.005)
    async with client.get(HEALTH) as response:
        assert response.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert (await response.json())["status"] == "stuck"
    async with client.get("/v1/module/list/status") as response:
        (module,) = (await response.json())["statuses"]
        assert module["status"] == "Crashed"
    status, answer, retry_after = await send(client)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "hangs" in answer["error"]
    assert retry_after is None
    gate.open()
    assert (await first)[0] == HTTPStatus.OK
    assert (await health(client))["status"] == "ok"


async def test_failing(start: Start) -> None:
    """Three faults in a row are no chance; one picture that is read ends that."""
    broken = True

    def read(picture: Picture) -> list[Read]:
        if broken:
            raise OSError
        return []

    client = await start(read)
    for _ in range(3):
        assert (await health(client))["status"] == "ok"
        assert (await send(client))[0] == HTTPStatus.INTERNAL_SERVER_ERROR
    async with client.get(HEALTH) as response:
        assert response.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert (await response.json())["status"] == "failing"
    broken = False
    await send(client)
    assert (await health(client))["status"] == "ok"


async def test_access_log(
    start: Start, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    """A line tells what happened, and nothing that the sender made up."""
    caplog.set_level(logging.INFO, "plate_gate_recognizer.access")
    client = await start(gate)
    gate.open()
    await send(client, camera="KN18RTX", params={"plate": "AB12CDE"})
    async with client.get("/AB12CDE") as response:
        assert response.status == HTTPStatus.NOT_FOUND
    records = [r for r in caplog.records if r.name == "plate_gate_recognizer.access"]
    details = [vars(record)["details"] for record in records]
    assert all(one.pop("ms") >= 0 for one in details)
    assert details == [
        {
            "method": "POST",
            "path": ALPR,
            "status": 200,
            "bytes": len(picture()),
            "plates": 0,
        },
        {"method": "GET", "path": None, "status": 404, "bytes": 0, "plates": None},
    ]


async def test_metrics(start: Start, gate: Gate) -> None:
    """What became of pictures is counted, and needs the token to be seen."""
    client = await start(gate, token="secret", waiting=0)
    headers = {"Authorization": "Bearer secret"}
    async with client.get(METRICS) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED
    gate.open(1)
    assert (await send(client, headers=headers))[0] == HTTPStatus.OK
    reading = asyncio.create_task(send(client, headers=headers))
    async with asyncio.timeout(20):
        while True:
            async with client.get(METRICS, headers=headers) as response:
                assert response.headers["Content-Type"].startswith("text/plain; v")
                if "plate_gate_recognizer_reading 1\n" in await response.text():
                    break
    assert (await send(client, headers=headers))[0] == HTTPStatus.SERVICE_UNAVAILABLE
    gate.open()
    await reading
    async with client.post(ALPR, data=form(b"none"), headers=headers) as response:
        assert (await response.json())["success"] is False
    async with client.get(METRICS, headers=headers) as response:
        lines = set((await response.text()).splitlines())
    assert {
        'plate_gate_recognizer_pictures_total{result="read"} 2',
        'plate_gate_recognizer_pictures_total{result="busy"} 1',
        'plate_gate_recognizer_pictures_total{result="refused"} 1',
        'plate_gate_recognizer_pictures_total{result="left"} 0',
        'plate_gate_recognizer_requests_total{code="401"} 1',
        'plate_gate_recognizer_requests_total{code="503"} 1',
        f'plate_gate_recognizer_info{{version="{__version__}",device="CPU"}} 1',
        "plate_gate_recognizer_plates_total 0",
        "plate_gate_recognizer_read_seconds_count 2",
        "plate_gate_recognizer_wait_seconds_count 2",
        "plate_gate_recognizer_up 1",
        "plate_gate_recognizer_reading 0",
        "plate_gate_recognizer_waiting 0",
    } <= lines
