"""Servers that misbehave below HTTP, or count what is open at the same time."""

import asyncio
from dataclasses import dataclass
import socket
import struct
from typing import Literal, Self, override

from aiohttp import web

from .server import Answer, CodeProjectServer

type Mood = Literal["mute", "half-closed", "reset", "noise", "sudden end"]


@dataclass
class CountingServer(CodeProjectServer):
    """Counts readings that have begun and not ended: a backlog would show here."""

    open: int = 0
    open_max: int = 0

    @property
    def pictures(self) -> int:
        """How many it was sent."""
        return sum(request.method == "POST" for request in self.received)

    @override
    def find(self, question: str) -> Answer | None:
        """Return how to answer, and count while that takes."""
        answer = super().find(question)
        if answer is None or question != "POST /v1/vision/alpr":
            return answer

        async def counted(request: web.Request) -> web.StreamResponse:
            self.open += 1
            self.open_max = max(self.open_max, self.open)
            try:
                return await answer(request)
            finally:
                self.open -= 1

        return counted


class RawServer:
    """Takes connections in the place of a server that went away, and abuses them."""

    def __init__(self, port: int, mood: Mood) -> None:
        """Remember how to misbehave."""
        self._port = port
        self._mood = mood

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self._port)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Leave, and close whatever is open."""
        self._server.close()
        self._server.close_clients()
        await self._server.wait_closed()

    async def _meet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            match self._mood:
                case "half-closed":
                    writer.write_eof()
                case "reset":
                    # Without lingering, closing resets the connection.
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    writer.transport.abort()
                case "noise":
                    writer.write(b"\x16\x03\x01\x00\xff" * 200 + b"\r\n\r\n")
                case "sudden end":
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
                    writer.close()
            while await reader.read(65536):
                pass
        except OSError, asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()
