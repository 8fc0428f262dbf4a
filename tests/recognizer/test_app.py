"""The start as an app of Home Assistant, with something in the Supervisor's place."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
import json
import os
from pathlib import Path
import pwd
import socket
import ssl
import subprocess
import sys
from typing import Any

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
import pytest

from plate_gate_recognizer import app
from plate_gate_recognizer.probe import is_well

PING = "/v1/status/ping"
# Whoever runs the tests, so that becoming that user is possible.
ME = pwd.getpwuid(os.getuid()).pw_name

type Start = Callable[[dict[str, Any]], Awaitable[Process]]


class Supervisor:
    """Takes what the app tells Home Assistant."""

    def __init__(self, status: int = 200) -> None:
        """Answer each message with a status."""
        self.status = status
        self.told: list[tuple[str, Any]] = []

    async def discovery(self, request: web.Request) -> web.Response:
        """Take a message."""
        self.told.append((request.headers["Authorization"], await request.json()))
        return web.json_response({"result": "ok"}, status=self.status)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[str]:
        """Listen, and give the address."""
        application = web.Application()
        application.add_routes([web.post("/discovery", self.discovery)])
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        try:
            yield f"http://{host}:{port}"
        finally:
            await runner.cleanup()


@pytest.fixture
def supervisor() -> Supervisor:
    """Return what stands in for the Supervisor."""
    return Supervisor()


@pytest.fixture
async def start(tmp_path: Path, supervisor: Supervisor) -> AsyncGenerator[Start]:
    """Return what starts the app with options; none of it outlives the test."""
    processes: list[Process] = []
    async with supervisor.running() as address:

        async def start(options: dict[str, Any]) -> Process:
            file = tmp_path / "options.json"
            file.write_text(json.dumps(options))
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "plate_gate_recognizer.app", "--options", file),
                *("--ssl", tmp_path, "--host", "127.0.0.1", "--port", "0"),
                *("--supervisor", address, "--user", ME),
                stdout=PIPE,
                stderr=PIPE,
                env={**os.environ, "SUPERVISOR_TOKEN": "key", "HASSIO_TOKEN": "key"},
            )
            processes.append(process)
            return process

        yield start
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def ready_at(process: Process) -> int:
    """Wait until the service is there, and return its port."""
    assert process.stdout is not None
    said = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
    assert said["ready"], said
    port: int = said["port"]
    return port


async def complaint(process: Process) -> str:
    """Wait for the end of a process that cannot begin, and return what it said."""
    assert process.stderr is not None
    said = await asyncio.wait_for(process.stderr.read(), 60)
    assert await process.wait() == 1
    return said.decode()


async def test_service_of_the_options(start: Start, supervisor: Supervisor) -> None:
    """It runs as the options ask, Home Assistant knows, and no right is left."""
    process = await start({"threads": 1, "announce": True, "token": "secret"})
    port = await ready_at(process)

    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.get(PING) as response:
            assert response.status == 401
        headers = {"Authorization": "Bearer secret"}
        async with session.get(PING, headers=headers) as response:
            assert response.status == 200

    assert supervisor.told == [
        (
            "Bearer key",
            {
                "service": "plate_gate",
                "config": {
                    "host": socket.gethostname(),
                    "port": 0,
                    "tls": False,
                    "token": "secret",
                },
            },
        )
    ]
    of_process = Path("/proc", str(process.pid))
    assert "NoNewPrivs:\t1\n" in (of_process / "status").read_text()
    environment = (of_process / "environ").read_bytes()
    assert b"SUPERVISOR_TOKEN" not in environment
    assert b"HASSIO_TOKEN" not in environment


async def test_probe(start: Start) -> None:
    """What Docker asks tells a service that answers from one that does not."""
    process = await start({"threads": 1, "token": "secret"})
    port = await ready_at(process)
    assert await asyncio.to_thread(is_well, port)
    process.terminate()
    await process.wait()
    assert not await asyncio.to_thread(is_well, port)


async def test_tls(start: Start, supervisor: Supervisor, tmp_path: Path) -> None:
    """Certificate and key are taken along, though only root may read their files."""
    certificate = make_certificate(tmp_path)
    process = await start(
        {
            "threads": 1,
            "announce": True,
            "ssl": True,
            "certfile": "cert.pem",
            "keyfile": "key.pem",
        }
    )
    port = await ready_at(process)
    trust = ssl.create_default_context(cadata=certificate)
    async with (
        aiohttp.ClientSession(f"https://127.0.0.1:{port}") as session,
        session.get(PING, ssl=trust) as response,
    ):
        assert response.status == 200
    assert await asyncio.to_thread(is_well, port)
    [(_, message)] = supervisor.told
    assert message["config"]["tls"] is True
    assert "token" not in message["config"]


async def test_home_assistant_need_not_know(
    start: Start, supervisor: Supervisor
) -> None:
    """With the option off, nobody is told."""
    await ready_at(await start({"threads": 1, "announce": False}))
    assert supervisor.told == []


async def test_supervisor_that_refuses(start: Start, supervisor: Supervisor) -> None:
    """The service starts even if Home Assistant cannot be told of it."""
    supervisor.status = 403
    process = await start({"threads": 1, "announce": True})
    await ready_at(process)
    process.terminate()
    _, said = await process.communicate()
    assert b"Home Assistant could not be told of the recognizer\n" in said


async def test_supervisor_that_is_absent(capsys: pytest.CaptureFixture[str]) -> None:
    """The same holds if there is nobody to tell."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    await asyncio.to_thread(app.announce, {}, 32168, address, "key")
    assert "could not be told" in capsys.readouterr().err


async def test_file_that_is_missing(start: Start) -> None:
    """A certificate that is not there is named, and nothing starts without TLS."""
    process = await start({"ssl": True, "certfile": "cert.pem", "keyfile": "key.pem"})
    assert await complaint(process) == "There is no file 'cert.pem' in the folder ssl\n"


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{", b"\xff"])
def test_options_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    """Without options nothing starts, since the token is one of them."""
    file = tmp_path / "options.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(app.AppError, match="options cannot be read"):
        app.read_options(file)


DROP = """
import os
from plate_gate_recognizer.app import drop_privileges
root = os.getuid() == 0
drop_privileges("nobody")
try:
    os.setuid(0)
except PermissionError:
    print("no way back", os.getuid() != 0, os.getgid() != 0 or not root, root)
"""


def test_privileges_are_given_up() -> None:
    """Who is root is nobody afterwards, for good; who is not root cannot become it."""
    done = subprocess.run(
        [sys.executable, "-c", DROP], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"no way back True True {os.getuid() == 0}\n"


def test_user_who_is_not_there() -> None:
    """Rather than stay root, it does not start."""
    program = "from plate_gate_recognizer.app import *; os.getuid = lambda: 0;"
    done = subprocess.run(
        [sys.executable, "-c", f"{program} drop_privileges('no-such-user')"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Cannot become the user no-such-user: KeyError" in done.stderr


def make_certificate(folder: Path) -> str:
    """Write a certificate for loopback and its key, for their owner alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    text = certificate.public_bytes(Encoding.PEM).decode()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for file, content in (("cert.pem", text.encode()), ("key.pem", pem)):
        (folder / file).write_bytes(content)
        (folder / file).chmod(0o400)
    return text
