"""Ways in which a server answers badly."""

import asyncio
from collections.abc import AsyncGenerator
import gzip

from aiohttp import web

from custom_components.plate_gate.recognition.http import ANSWER_MAX

from .server import Answer, says

SECRET = b"AB12CDE"
"""A plate in what goes wrong, which must not be quoted."""


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


async def refuse_and_trickle(request: web.Request) -> web.StreamResponse:
    """Refuse, and never end saying why."""
    response = web.StreamResponse(status=401)
    await response.prepare(request)
    await response.write(SECRET)
    await asyncio.Event().wait()
    raise AssertionError


async def bomb(request: web.Request) -> web.StreamResponse:
    """Send what is small on the wire, and endless when it is unpacked."""

    async def pieces() -> AsyncGenerator[bytes]:
        piece = gzip.compress(b" " * (ANSWER_MAX * 16))
        while True:
            yield piece

    return web.Response(body=pieces(), headers={"Content-Encoding": "gzip"})


def packed(body: bytes) -> Answer:
    """Return a way to answer that packs what was not asked to be packed."""
    return says(gzip.compress(body), Content_Encoding="gzip")


def status(number: int, **headers: str) -> Answer:
    """Return a way to answer that has a status and a plate."""
    return says(SECRET, status=number, **headers)
