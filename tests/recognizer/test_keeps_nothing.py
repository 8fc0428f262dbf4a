"""The service keeps no picture and no read: on no disk, in no log, not in memory."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Iterator
import gc
import json
from pathlib import Path
import re
import signal

import aiohttp

from plate_gate_recognizer.reader import Read
from plate_gate_recognizer.uploads import Upload
from plate_gate_recognizer.worker import Result

from .asking import ALPR, HEALTH, METRICS, Client, form
from .scene import jpeg, yard
from .serving import TOKEN, line, processes, rest

PLATE = "KN18RTX"
CAMERA = "the north gate"
SECRET = "a-secret-that-stands-nowhere-else"
HEADERS = {"Authorization": f"Bearer {SECRET}"}
RECOGNIZE = "/v2/recognize"


async def use(session: aiohttp.ClientSession, picture: bytes, times: int) -> None:
    """Send a picture in all ways, good and cut off."""
    for _ in range(times):
        for path in (ALPR, RECOGNIZE):
            data = form(picture, camera=CAMERA)
            async with session.post(path, data=data, headers=HEADERS) as response:
                await response.read()
        data = form(picture[:-900], camera=CAMERA)
        async with session.post(ALPR, data=data, headers=HEADERS) as response:
            assert (await response.json())["success"] is False
        query = {"secret_key": SECRET, "camera": CAMERA, "plate": PLATE}
        async with session.post(RECOGNIZE, params=query) as response:
            assert response.status == 400
        for path in (HEALTH, METRICS, f"/{PLATE}"):
            async with session.get(path, headers=HEADERS) as response:
                assert PLATE not in await response.text()


async def test_on_disk_and_in_the_log(tmp_path: Path) -> None:
    """At the highest log level nothing is told of a picture, and no file is written."""
    folders = [tmp_path / name for name in ("home", "tmp", "cwd")]
    for folder in folders:
        folder.mkdir()
    environment = {
        "HOME": str(folders[0]),
        "TMPDIR": str(folders[1]),
        "XDG_CACHE_HOME": str(folders[0] / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
        TOKEN: SECRET,
    }
    options = ("--log-level", "debug", "--access-log", "--log-format", "json")
    async with processes(folders[2]) as serve:
        process = await serve(*options, **environment)
        port = (await line(process))["port"]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.post(
                ALPR, data=form(jpeg(yard((PLATE, 40, (380, 300))))), headers=HEADERS
            ) as response:
                (prediction,) = (await response.json())["predictions"]
                assert prediction["plate"] == PLATE
            await use(session, jpeg(yard((PLATE, 40, (380, 300)))), 2)
            written = [str(path) for path in open_files(process)]
        process.send_signal(signal.SIGTERM)
        said, complained = await rest(process)
    assert said == ""
    lines = [json.loads(text) for text in complained.splitlines()]
    assert any(one.get("plates") == 1 for one in lines)
    for secret in (PLATE, CAMERA, SECRET):
        assert secret not in complained
    assert [path for folder in folders for path in folder.rglob("*")] == []
    assert written == []


def open_files(process: Process) -> Iterator[Path]:
    """Return the files that a process could write to, deleted ones too."""
    for entry in Path(f"/proc/{process.pid}/fd").iterdir():
        target = entry.readlink()
        flags = (entry.parent.parent / "fdinfo" / entry.name).read_text("ascii")
        said = re.search(r"flags:\s+(\d+)", flags)
        assert said is not None
        writes = int(said[1], 8) & 3
        if writes and str(target).startswith("/") and target != Path("/dev/null"):
            yield target


async def test_in_memory(client: Client) -> None:
    """Once it is answered, nothing holds a picture or a read any more."""
    picture = jpeg(yard((PLATE, 40, (380, 300))))
    for path in (ALPR, RECOGNIZE):
        data = form(picture, camera=CAMERA)
        async with client.post(path, data=data) as response:
            assert PLATE in await response.text()
    del data, response
    # The thread lets go of its picture right after it has handed out the result.
    async with asyncio.timeout(20):
        while held():
            await asyncio.sleep(0.01)


def held() -> list[object]:
    """Return what is in memory of pictures and reads, and not about to be freed."""
    gc.collect()
    kinds = (Read, Result, Upload)
    return [one for one in gc.get_objects() if isinstance(one, kinds)]
