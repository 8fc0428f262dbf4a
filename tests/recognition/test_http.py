"""Tests of asking a server by HTTP, with CodeProject.AI's client for an example."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
import random
import socket
from typing import Any
import warnings

import aiohttp
import pytest

from custom_components.plate_gate.errors import (
    BackendError,
    BackendProtocolError,
    BackendUnavailableError,
)
from custom_components.plate_gate.models import Frame
from custom_components.plate_gate.recognition import BackendInfo, CodeProjectBackend
from custom_components.plate_gate.recognition.check_picture import CHECK_FRAME
from custom_components.plate_gate.recognition.http import RETRY_AFTER_MAX, retry_after

from .answers import assert_silent, fixture_bytes
from .certificate import make_certificate
from .faults import silence
from .mutations import HEADERS
from .server import CodeProjectServer, says
from .systems import SYSTEMS, System

TOKEN = "open-sesame-73"
NOW = datetime(2026, 1, 3, 10, tzinfo=UTC)


async def test_large_picture(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A picture of several megabytes is sent whole and without a warning."""
    frame = Frame(jpeg=bytes(range(256)) * 20_000, width=9, height=9, taken=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await CodeProjectBackend(session, server.url).read(frame)
    assert server.received[0].parts[0][3] == frame.jpeg


async def test_reads_at_the_same_time(
    session: aiohttp.ClientSession, server: CodeProjectServer, frame: Frame
) -> None:
    """Several lanes may ask at once."""
    server.alpr = says(fixture_bytes("alpr_two_plates"))
    backend = CodeProjectBackend(session, server.url)
    answers = await asyncio.gather(*(backend.read(frame) for _ in range(8)))
    assert [len(reads) for reads in answers] == [2] * 8


@pytest.mark.parametrize("prefix", ["", "/recognizer", "/deep/er"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_addresses(
    session: aiohttp.ClientSession, prefix: str, slash: str
) -> None:
    """An address may end with a slash, and stand behind a path of a proxy."""
    async with CodeProjectServer(prefix=prefix) as server:
        backend = CodeProjectBackend(session, f" {server.url}{slash} ")
        assert await backend.check() == BackendInfo(version="2.9.6")


async def test_user_in_the_address(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A user name and password in the address are sent as a proxy expects them."""
    url = server.url.replace("://", "://demo:gr%C3%BCn@")
    await CodeProjectBackend(session, url).ping()
    assert server.received[0].authorization == "Basic ZGVtbzpncsO8bg=="
    await CodeProjectBackend(session, url, token=TOKEN).ping()
    assert server.received[1].authorization == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "demo-host:32168",
        "/v1",
        "http://",
        "http://:32168",
        "http://demo-host:99999",
        "http://[::1",
        "rtsp://demo-host/1",
        "file:///demo-host",
        "http://demo-host..de/",
        f"http://demo-host{'x' * 64}/",
    ],
)
async def test_addresses_without_sense(
    session: aiohttp.ClientSession, url: str
) -> None:
    """A wrong address makes no client fail to be made, and no request succeed."""
    backend = CodeProjectBackend(session, url, token=TOKEN)
    with pytest.raises(BackendError) as caught:
        await backend.check()
    assert_silent(caught.value, "demo-host", TOKEN)


async def test_token_without_sense(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A token that no request can carry is an error of ours, and nothing is sent."""
    backend = CodeProjectBackend(session, server.url, token=f"{TOKEN}\r\nX-Evil: 1")
    with pytest.raises(BackendProtocolError) as caught:
        await backend.ping()
    assert_silent(caught.value, server.address, TOKEN)
    assert server.received == []


ODD_NAMES = (
    *("\ud800", "\x00", "\r\n", "é", "한", "１", "%zz", "%ff", " ", "a", ".."),
    *("@", ":", "[", "]", "&", "+", "secret_key="),
)
ODD = (*ODD_NAMES, "/", "?", "#", "v2/recognize")
"""In a user name, these would begin a path, and the rest would be another host."""


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
async def test_nothing_typed_breaks_a_backend(
    session: aiohttp.ClientSession, system: System
) -> None:
    """Whatever is typed as address, token and region is sent, or an error of ours."""
    chance = random.Random(system.name)

    def odd(most: int, pieces: tuple[str, ...] = ODD) -> str:
        return "".join(chance.choices(pieces, k=chance.randrange(most)))

    outcomes: Counter[bool] = Counter()
    async with system.server() as server:
        for _ in range(150):
            user = chance.choice(("", f"{odd(6, ODD_NAMES)}@"))
            path = chance.choice(("", f"/{odd(4)}"))
            further: dict[str, Any] = {"token": chance.choice((None, odd(4)))}
            if system.takes_regions:
                further["regions"] = (odd(3), "us")
            backend = system.make(
                session, f"http://{user}{server.address}{path}", **further
            )
            for ask in (backend.ping(), backend.read(CHECK_FRAME)):
                try:
                    await ask
                except BackendError as err:
                    assert_silent(err, server.address)
                    outcomes[False] += 1
                else:
                    outcomes[True] += 1
    assert min(outcomes[False], outcomes[True]) > 20


async def test_refused(session: aiohttp.ClientSession) -> None:
    """Nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        backend = CodeProjectBackend(session, f"http://{address}", token=TOKEN)
        with pytest.raises(BackendUnavailableError) as caught:
            await backend.start()
    assert_silent(caught.value, address, "127.0.0.1", TOKEN)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect(
    session: aiohttp.ClientSession, server: CodeProjectServer, status: int
) -> None:
    """A picture goes where it was meant to go, and nowhere else."""
    elsewhere = "/elsewhere/v1/vision/alpr"
    well = says(fixture_bytes("alpr_two_plates"))
    server.answers |= {f"GET {elsewhere}": well, f"POST {elsewhere}": well}
    server.alpr = says(b"", status=status, Location=elsewhere)
    with pytest.raises(BackendProtocolError):
        await CodeProjectBackend(session, server.url).read(CHECK_FRAME)
    assert [request.path for request in server.received] == ["/v1/vision/alpr"]


async def test_session_closed(server: CodeProjectServer) -> None:
    """Home Assistant closes its session when it stops."""
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(BackendUnavailableError):
        await CodeProjectBackend(session, server.url).ping()


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_10.0\r\n", b"RTSP/1.0 400 Bad Request\r\n\r\n"]
)
async def test_no_http(session: aiohttp.ClientSession, greeting: bytes) -> None:
    """Something else listens, such as a camera's RTSP server."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        backend = CodeProjectBackend(session, f"http://127.0.0.1:{port}")
        with pytest.raises(BackendProtocolError) as caught:
            await backend.ping()
    assert_silent(caught.value, str(port), "RTSP", "SSH")


@asynccontextmanager
async def _tls_server(folder: Path) -> AsyncGenerator[CodeProjectServer]:
    async with CodeProjectServer(tls=make_certificate(folder)) as server:
        yield server


async def test_certificate(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    """A certificate of the server's own making is taken only if that is wanted."""
    async with _tls_server(tmp_path) as server:
        with pytest.raises(BackendUnavailableError) as caught:
            await CodeProjectBackend(session, server.url, token=TOKEN).check()
        assert_silent(caught.value, server.address, "demo-host", TOKEN)
        backend = CodeProjectBackend(session, server.url, verify_ssl=False)
        assert await backend.check() == BackendInfo(version="2.9.6")


async def test_tls_expected(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A server that does not speak TLS is unavailable by https."""
    url = server.url.replace("http:", "https:")
    with pytest.raises(BackendUnavailableError) as caught:
        await CodeProjectBackend(session, url).ping()
    assert_silent(caught.value, server.address)


async def test_cancelled(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A request that nobody waits for any more is given up, not turned into an error."""
    server.ping = silence
    request = asyncio.create_task(CodeProjectBackend(session, server.url).ping())
    while not server.received:
        await asyncio.sleep(0.01)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("999999999", RETRY_AFTER_MAX),
        ("Sat, 03 Jan 2026 10:00:30 GMT", 30),
        ("Saturday, 03-Jan-26 10:00:30 GMT", 30),
        ("Sat, 03 Jan 2026 09:00:00 GMT", 0),
        ("Sat, 03 Jan 2099 10:00:00 GMT", RETRY_AFTER_MAX),
        ("Sat, 03 Jan 2026 10:00:30 -0000", 30),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 400, None),
        ("Sat, 99 Jan 2026 10:00:00 GMT", None),
    ],
)
def test_retry_after(wish: str, seconds: float | None) -> None:
    """Seconds and dates are understood, within bounds, and nothing else is."""
    assert retry_after({"Retry-After": wish}, NOW) == seconds


def test_retry_after_by_the_clock_of_the_server() -> None:
    """A date counts from the date of the answer, however wrong that clock is."""
    headers = {
        "Retry-After": "Tue, 01 Jan 2019 00:00:09 GMT",
        "Date": "Tue, 01 Jan 2019 00:00:00 GMT",
    }
    assert retry_after(headers, NOW) == 9
    assert retry_after(headers | {"Date": "today"}, NOW) == 0


def test_no_header_breaks_it() -> None:
    """Whatever a header says, the outcome is a sensible number or nothing."""
    chance = random.Random(3)
    words = [word for header in HEADERS for word in header.split()] + list(",;:+-()")
    for _ in range(20_000):
        headers = {
            name: " ".join(chance.choices(words, k=chance.randrange(8)))
            for name in ("Retry-After", "Date")
        }
        seconds = retry_after(headers, NOW)
        assert seconds is None or 0 <= seconds <= RETRY_AFTER_MAX
