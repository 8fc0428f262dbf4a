"""How many may be connected at a time."""

import asyncio
from contextlib import suppress
import socket
import ssl
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

CONNECTIONS_MAX: Final = 64

_HANDSHAKE_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.1
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"Retry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)

type _Guest = web.RequestHandler


class Doors:
    """Lets in who connects, as long as there is room.

    Who is connected and asks nothing gives way to who comes. So idle connections, those
    who send the beginning of a request for ever, never end a TLS handshake or do not
    take their answer keep nobody out.
    """

    def __init__(self, most: int = CONNECTIONS_MAX) -> None:
        """Begin with nobody; `most` is how many may be connected."""
        self._most = most
        self._busy: set[object] = set()
        # In the order in which they came. Counted from the first moment: asyncio would
        # tell of nobody before the handshake is done, which takes 256 kB each.
        self._inside: dict[_Guest, asyncio.Task[asyncio.Transport | None]] = {}

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note who is being answered. To be the first of the app's middlewares."""
        self._busy.add(request.protocol)
        try:
            return await handler(request)
        finally:
            self._busy.discard(request.protocol)

    async def let_in(
        self,
        listener: socket.socket,
        server: web.Server,
        context: ssl.SSLContext | None,
    ) -> None:
        """Let people in, until this is cancelled. Who is in by then stays.

        Args:
            listener: Where they come to; it does not block.
            server: Answers them.
            context: For those who speak TLS, which all do if there is one.

        """
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, _ = await loop.sock_accept(listener)
                except OSError:
                    # Who came has gone again, or there are no more file descriptors.
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                if self._has_room(server):
                    guest = server()
                    self._inside[guest] = asyncio.create_task(
                        _greet(guest, connection, context)
                    )
                else:
                    _turn_away(connection, context)
                # Else nothing but a crowd at the door would be seen to.
                await asyncio.sleep(0)
        finally:
            for greeting in self._inside.values():
                greeting.cancel()

    def _has_room(self, server: web.Server) -> bool:
        """Make room for one more; tell whether there is."""
        connected = set(server.connections)
        for guest, greeting in list(self._inside.items()):
            if greeting.done() and guest not in connected:
                del self._inside[guest]
        if len(self._inside) < self._most:
            return True
        # The one that came first is the one that has been idle for longest, or nearly.
        idle = (guest for guest in self._inside if guest not in self._busy)
        if (oldest := next(idle, None)) is None:
            return False
        _see_off(oldest, self._inside.pop(oldest))
        return True


async def _greet(
    guest: _Guest,
    connection: socket.socket,
    context: ssl.SSLContext | None,
) -> asyncio.Transport | None:
    """Connect who has come; return nothing if that failed."""
    try:
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
            lambda: guest,
            connection,
            ssl=context,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS if context else None,
        )
    except OSError:
        # No TLS, another version of it, or nothing at all: it happens all the time.
        return None
    return transport


def _see_off(
    guest: _Guest,
    greeting: asyncio.Task[asyncio.Transport | None],
) -> None:
    if not greeting.done():
        greeting.cancel()
        return
    if not greeting.cancelled() and (transport := greeting.result()) is not None:
        # Merely closed it would stay until all that was said to it has been taken.
        transport.abort()
    guest.force_close()


def _turn_away(connection: socket.socket, context: ssl.SSLContext | None) -> None:
    """Say that there is no room, where that takes no handshake, and hang up."""
    with connection, suppress(OSError):
        if context is None:
            connection.send(_FULL)
