"""Tests of the client against a real server that plays CodeProject.AI, with faults."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
import ipaddress
from pathlib import Path
import socket
import ssl
import warnings

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image
import pytest

from custom_components.plate_gate.errors import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)
from custom_components.plate_gate.models import Frame, Plate
from custom_components.plate_gate.recognition import BackendInfo, CodeProjectBackend
from custom_components.plate_gate.recognition.check_picture import CHECK_FRAME
from custom_components.plate_gate.recognition.codeproject import ANSWER_MAX

from .answers import assert_silent, fixture_bytes
from .server import Answer, CodeProjectServer, says

TOKEN = "open-sesame-73"


async def silence(request: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def trickle(request: web.Request) -> web.StreamResponse:
    """Begin to answer and never end."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'{"success": true,')
    await asyncio.Event().wait()
    raise AssertionError


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def break_off(request: web.Request) -> web.StreamResponse:
    """Promise more than is sent."""
    response = web.StreamResponse(headers={"Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"success": true,')
    assert request.transport is not None
    request.transport.abort()
    return response


async def flood(request: web.Request) -> web.StreamResponse:
    """Send pieces without an end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" " * 65536)


async def redirect(request: web.Request) -> web.StreamResponse:
    """Send the client elsewhere, to where all would be well."""
    return web.Response(status=307, headers={"Location": str(request.url)})


REFUSED = says(b"AB12CDE", status=400)
TOO_LARGE = says(b"AB12CDE", status=413)
PICTURE_REFUSED = (REFUSED, TOO_LARGE)
"""Makes no sense where no picture was sent, so there it means another server."""

FAULTS: list[tuple[str, Answer, type[BackendError]]] = [
    ("silence", silence, BackendTimeoutError),
    ("trickle", trickle, BackendTimeoutError),
    ("hang up", hang_up, BackendUnavailableError),
    ("break off", break_off, BackendUnavailableError),
    ("flood", flood, BackendProtocolError),
    ("huge", says(b" " * ANSWER_MAX + b" "), BackendProtocolError),
    ("redirect", redirect, BackendProtocolError),
    ("garbage", says(b"\x00\x81AB12CDE\xff"), BackendProtocolError),
    ("empty", says(b""), BackendProtocolError),
    ("no content", says(b"", status=204), BackendProtocolError),
    (
        "html",
        says(b"<!DOCTYPE html>AB12CDE", content_type="text/html"),
        BackendProtocolError,
    ),
    ("failure", says(fixture_bytes("alpr_module_error")), BackendRejectedError),
    ("timeout inside", says(fixture_bytes("server_timeout")), BackendRejectedError),
    ("mesh failure", says(fixture_bytes("mesh_failure")), BackendRejectedError),
    ("400", REFUSED, BackendRejectedError),
    ("401", says(b"AB12CDE", status=401), BackendAuthError),
    ("403", says(b"AB12CDE", status=403), BackendAuthError),
    ("404", says(b"AB12CDE", status=404), BackendProtocolError),
    ("405", says(b"AB12CDE", status=405), BackendProtocolError),
    ("408", says(b"AB12CDE", status=408), BackendUnavailableError),
    ("413", TOO_LARGE, BackendRejectedError),
    ("429", says(b"AB12CDE", status=429), BackendUnavailableError),
    (
        "500",
        says(fixture_bytes("alpr_two_plates"), status=500),
        BackendUnavailableError,
    ),
    ("503", says(b"AB12CDE", status=503), BackendUnavailableError),
]


async def _read(backend: CodeProjectBackend) -> object:
    return await backend.read(CHECK_FRAME)


@pytest.mark.parametrize(
    ("answer", "kind"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
@pytest.mark.parametrize(
    "ask",
    [CodeProjectBackend.ping, CodeProjectBackend.check, _read],
    ids=lambda f: f.__name__,
)
async def test_faults(
    session: aiohttp.ClientSession,
    server: CodeProjectServer,
    ask: Callable[[CodeProjectBackend], Awaitable[object]],
    answer: Answer,
    kind: type[BackendError],
) -> None:
    """Each fault is one of a few errors that tell nothing, and passes with its cause."""
    well_ping, well_alpr = server.ping, server.alpr
    slow = kind is BackendTimeoutError
    backend = CodeProjectBackend(
        session, server.url, token=TOKEN, timeout=0.05 if slow else 10
    )
    server.alpr = answer
    if ask is CodeProjectBackend.ping:
        server.ping = answer
    with pytest.raises(BackendError) as caught:
        await ask(backend)
    if ask is CodeProjectBackend.ping and answer in PICTURE_REFUSED:
        kind = BackendProtocolError
    assert type(caught.value) is kind
    assert_silent(caught.value, server.address, "127.0.0.1", TOKEN, "AB12CDE")

    server.ping, server.alpr = well_ping, well_alpr
    await ask(CodeProjectBackend(session, server.url, token=TOKEN))


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


async def test_large_picture(
    session: aiohttp.ClientSession, server: CodeProjectServer
) -> None:
    """A picture of several megabytes is sent whole and without a warning."""
    frame = Frame(jpeg=bytes(range(256)) * 20_000, width=9, height=9, taken=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await CodeProjectBackend(session, server.url).read(frame)
    assert server.received[0].parts[0][3] == frame.jpeg


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
    with pytest.raises(BackendProtocolError):
        await backend.check()


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


async def test_refused(session: aiohttp.ClientSession) -> None:
    """Nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        backend = CodeProjectBackend(session, f"http://{address}", token=TOKEN)
        with pytest.raises(BackendUnavailableError) as caught:
            await backend.start()
    assert_silent(caught.value, address, "127.0.0.1", TOKEN)


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


def _certificate(folder: Path) -> ssl.SSLContext:
    """Return what a server with a certificate of its own making uses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demo-host")])
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
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@asynccontextmanager
async def _tls_server(folder: Path) -> AsyncGenerator[CodeProjectServer]:
    async with CodeProjectServer(tls=_certificate(folder)) as server:
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
