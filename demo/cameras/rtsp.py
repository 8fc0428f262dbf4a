"""A simulated RTSP camera."""

import asyncio
import base64
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
import contextlib
from dataclasses import dataclass
import random
import socket
import ssl
import struct
import threading
import time
from typing import Final, Self
from urllib.parse import quote

from .auth import AuthScheme, Guard
from .clip import CLOCK, Clip, Codec, Packet, nal_type, nal_units, parameter_sets
from .rtp import PAYLOAD, interleaved, payloads

HOST: Final = "127.0.0.1"

_POLL: Final = 0.02
"""Seconds between two looks at whether a frozen camera thaws."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What a client asks for."""

    method: str
    uri: str
    headers: dict[str, str]


class RtspCamera:
    """An RTSP server on loopback that plays a clip in a loop, in real time.

    Every client begins at the first picture. The pictures travel within the RTSP
    connection (RTP over TCP); UDP is refused, as by cameras behind a router. The server
    has an event loop in a thread of its own, so that tests with and without asyncio can
    use it, and its attributes may be changed at any time, from any thread.

    Attributes:
        clip: What is played; a new one is seen by clients that come later.
        freeze: Send nothing, but keep the connection.
        stall_describe: Accept clients, and never answer their request for a picture.
        drop_after: Hang up after this many pictures.
        corrupt: The share of pictures, from 0 to 1, that arrive cut in half; key
            pictures never do.
        requests: How many requests of each method came.
        sent: When each picture of the clip was last sent, `time.monotonic` by its index.

    """

    def __init__(
        self,
        clip: Clip,
        *,
        username: str | None = None,
        password: str | None = None,
        auth: AuthScheme = "none",
        port: int = 0,
        path: str = "/live",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare a camera; `start` lets it be seen.

        Args:
            clip: What it shows.
            username: Who may see it.
            password: What they have to know.
            auth: How they have to say it.
            port: Where it listens; 0 is a free one, kept from the first start on.
            path: The path of its address.
            tls: The certificate of a camera that speaks RTSPS.

        """
        self.clip = clip
        self.port = port
        self.path = path
        self.tls = tls
        self.freeze = False
        self.stall_describe = False
        self.drop_after: int | None = None
        self.corrupt = 0.0
        self.requests: Counter[str] = Counter()
        self.sent: dict[int, float] = {}
        self._guard = Guard(auth, username, password)
        self._chance = random.Random(1)
        self._clients: set[asyncio.StreamWriter] = set()
        self._leave = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen; return when clients can connect.

        Raises:
            OSError: The port is taken.

        """
        listening: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._listen(listening)),
            name="simulated-camera",
            daemon=True,
        )
        self._thread.start()
        self.port = listening.result()
        return self

    def stop(self) -> None:
        """Vanish: hang up on everyone and free the port. `start` brings it back."""
        if self._thread is None:
            return
        self._call(self._leave.set)
        self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        """Stop."""
        self.stop()

    def url(self, credentials: bool = False) -> str:
        """Return the address, with the user name and the password on request."""
        user = ""
        if credentials and self._guard.scheme != "none":
            name, password = self._guard.username, self._guard.password
            user = f"{quote(name, safe='')}:{quote(password, safe='')}@"
        scheme = "rtsps" if self.tls else "rtsp"
        return f"{scheme}://{user}{HOST}:{self.port}{self.path}"

    @property
    def clients(self) -> int:
        """How many connections are open."""
        return len(self._clients)

    @property
    def refused(self) -> int:
        """How many requests came with a wrong user name or password."""
        return self._guard.refused

    def kick(self) -> None:
        """Cut every connection off, with a reset."""
        self._call(self._reset_all)

    def _call(self, action: Callable[[], None]) -> None:
        """Do something in the thread of the server, if it runs."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(action)

    async def _listen(self, listening: Future[int]) -> None:
        """Serve until told to leave."""
        try:
            server = await asyncio.start_server(
                self._serve, HOST, self.port, ssl=self.tls
            )
        except OSError as err:
            listening.set_exception(err)
            return
        self._leave = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        listening.set_result(server.sockets[0].getsockname()[1])
        await self._leave.wait()
        self._loop = None
        # The clients' tasks are canceled when this coroutine, the main one, ends.
        server.close()

    def _reset_all(self) -> None:
        """Reset every connection instead of closing it in good order."""
        for writer in list(self._clients):
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.transport.abort()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Talk to one client until it leaves."""
        self._clients.add(writer)
        player: asyncio.Task[None] | None = None
        try:
            while (request := await _next_request(reader)) is not None:
                self.requests[request.method] += 1
                if request.method == "DESCRIBE" and self.stall_describe:
                    await asyncio.Event().wait()
                writer.write(self._answer(request))
                if request.method == "TEARDOWN":
                    break
                if request.method == "PLAY" and player is None:
                    player = asyncio.create_task(self._play(writer))
        except ConnectionError:
            pass  # A client may leave as it likes.
        finally:
            self._clients.discard(writer)
            if player is not None:
                player.cancel()
            writer.transport.abort()

    def _answer(self, request: _Request) -> bytes:
        """Return the answer to a request."""
        if request.method == "OPTIONS":
            public = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"
            return _response(request, extra=f"Public: {public}\r\n")
        authorization = request.headers.get("authorization")
        if not self._guard.admits(request.method, authorization):
            challenge = self._guard.challenge(qop=False)
            extra = f"WWW-Authenticate: {challenge}\r\n"
            return _response(request, "401 Unauthorized", extra)
        if request.method == "DESCRIBE":
            extra = f"Content-Base: {request.uri}/\r\nContent-Type: application/sdp\r\n"
            return _response(request, extra=extra, body=_description(self.clip))
        if request.method == "SETUP":
            if "TCP" not in request.headers.get("transport", ""):
                return _response(request, "461 Unsupported Transport")
            transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            return _response(request, extra=f"{transport}Session: 1;timeout=60\r\n")
        return _response(request, extra="Session: 1\r\n")

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        """Send the clip in a loop, each picture when its time has come."""
        clip = self.clip
        begin = time.monotonic()
        sequence = 0
        for count, (index, due, pts) in enumerate(_timeline(clip)):
            if count == self.drop_after:
                writer.close()
                return
            await asyncio.sleep(begin + due - time.monotonic())
            while self.freeze:
                await asyncio.sleep(_POLL)
                begin = time.monotonic() - due
            picture = self._damaged(clip.packets[index], clip.codec)
            pieces = list(payloads(picture, clip.codec))
            self.sent[index] = time.monotonic()
            for number, piece in enumerate(pieces, start=1):
                writer.write(
                    interleaved(
                        piece,
                        sequence=sequence,
                        ticks=round(pts * CLOCK),
                        last=number == len(pieces),
                    )
                )
                sequence += 1
            try:
                # As in a camera, a client that does not read holds the sender up.
                await writer.drain()
            except ConnectionError:
                return

    def _damaged(self, packet: Packet, codec: Codec) -> bytes:
        """Return a picture as it leaves: whole, or cut in half."""
        if packet.is_key or self._chance.random() >= self.corrupt:
            return packet.data
        slices = 5 if codec == "h264" else 31
        return b"".join(
            b"\x00\x00\x01"
            + (unit[: len(unit) // 2] if nal_type(unit, codec) <= slices else unit)
            for unit in nal_units(packet.data)
        )


def _timeline(clip: Clip) -> Iterator[tuple[int, float, float]]:
    """Yield, without end, the index of a picture, when to send it, and its time stamp.

    Pictures are sent in the order of decoding. With B-pictures that is not the order in
    which they are shown, so the n-th is sent when the n-th is shown.
    """
    due = sorted(packet.pts for packet in clip.packets)
    begin = 0.0
    while True:
        for index, packet in enumerate(clip.packets):
            yield index, begin + due[index], begin + packet.pts
        begin += clip.duration


def _description(clip: Clip) -> bytes:
    """Return the session description (SDP) of a clip."""
    sets = parameter_sets(clip.packets[0].data, clip.codec)
    encoded = {k: base64.b64encode(unit).decode() for k, unit in sets.items()}
    if clip.codec == "h264":
        name = "H264"
        profile = f"packetization-mode=1;profile-level-id={sets[7][1:4].hex()}"
        details = f"{profile};sprop-parameter-sets={encoded[7]},{encoded[8]}"
    else:
        name = "H265"
        details = ";".join(
            f"sprop-{kind}={encoded[number]}"
            for kind, number in (("vps", 32), ("sps", 33), ("pps", 34))
        )
    lines = (
        "v=0",
        f"o=- 0 0 IN IP4 {HOST}",
        "s=simulated camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        f"m=video 0 RTP/AVP {PAYLOAD}",
        f"a=rtpmap:{PAYLOAD} {name}/{CLOCK}",
        f"a=fmtp:{PAYLOAD} {details}",
        f"a=framerate:{clip.fps:.6g}",
        "a=control:track0",
        "",
    )
    return "\r\n".join(lines).encode()


def _response(
    request: _Request, status: str = "200 OK", extra: str = "", body: bytes = b""
) -> bytes:
    """Return a whole RTSP response."""
    sequence = request.headers.get("cseq", "0")
    head = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{extra}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _next_request(reader: asyncio.StreamReader) -> _Request | None:
    """Read the next request, or None if the client has left."""
    with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        while (first := await reader.readexactly(1)) == b"$":
            # Reports of the receiver, which travel on the same connection.
            (length,) = struct.unpack("!xH", await reader.readexactly(3))
            await reader.readexactly(length)
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request_line, *lines = head.strip().split("\r\n")
        method, _, rest = request_line.partition(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        await reader.readexactly(int(headers.get("content-length", "0")))
        return _Request(method, rest.rpartition(" ")[0], headers)
    return None
