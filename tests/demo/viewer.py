"""A client of a simulated RTSP camera that sees each packet as it was sent (H.264)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import struct
from typing import NamedTuple

from demo.cameras import RtspCamera
from demo.cameras.clip import CLOCK


class Seen(NamedTuple):
    """A picture as it arrived."""

    stamp: float
    """When it was taken, as the camera says, in seconds."""
    data: bytes
    """Its NAL units with start codes."""


class Viewer:
    """One connection to a camera."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take a connection."""
        self.reader = reader
        self._writer = writer
        self._requests = 0

    async def ask(self, method: str, extra: str = "") -> str:
        """Send a request and return the head of the answer."""
        self._requests += 1
        head = f"{method} * RTSP/1.0\r\nCSeq: {self._requests}\r\n{extra}\r\n"
        self._writer.write(head.encode())
        return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def play(self) -> None:
        """Ask for the pictures."""
        await self.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
        await self.ask("PLAY")

    async def picture(self) -> Seen:
        """Wait for the next picture."""
        data = b""
        while True:
            (length,) = struct.unpack("!2xH", await self.reader.readexactly(4))
            packet = await self.reader.readexactly(length)
            kind, ticks = struct.unpack("!xB2xI", packet[:8])
            data += _unpacked(packet[12:])
            if kind & 0x80:
                return Seen(ticks / CLOCK, data)

    async def pictures(self, count: int) -> list[Seen]:
        """Wait for some pictures."""
        return [await self.picture() for _ in range(count)]


def _unpacked(payload: bytes) -> bytes:
    """Return a NAL unit with its start code, or what one of its fragments adds."""
    begin = b"\x00\x00\x00\x01"
    indicator, header = payload[:2]
    if indicator & 0x1F != 28:
        return begin + payload
    if not header & 0x80:
        return payload[2:]
    return begin + bytes([indicator & 0xE0 | header & 0x1F]) + payload[2:]


@asynccontextmanager
async def viewing(camera: RtspCamera, play: bool = True) -> AsyncIterator[Viewer]:
    """Connect to a camera."""
    reader, writer = await asyncio.open_connection("127.0.0.1", camera.port)
    viewer = Viewer(reader, writer)
    try:
        if play:
            await viewer.play()
        yield viewer
    finally:
        writer.transport.abort()
