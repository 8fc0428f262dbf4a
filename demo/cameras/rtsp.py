"""A simulated RTSP camera."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from http import HTTPStatus
import ssl
import threading
from typing import Self
from urllib.parse import quote

from .auth import AuthScheme, Guard
from .clip import Clip
from .loopback import HOST, reset
from .rtsp_messages import Request, description, next_request, response
from .sender import Sender


class RtspCamera(Sender):
    """An RTSP server on loopback that plays a clip.

    The pictures travel within the RTSP connection (RTP over TCP); UDP is refused, as by
    cameras behind a router. The server has an event loop in a thread of its own, so
    that tests with and without asyncio can use it, and its attributes, those of
    `Sender` besides, may be changed at any time, from any thread.

    Attributes:
        mute: Accept clients, and never answer them.
        stall_describe: The same, but only when they ask for a picture.
        status: Answer so, whoever asks for a picture.
        guard: Who may see it.
        requests: How many requests of each method came.

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
        super().__init__(clip)
        self.port = port
        self.path = path
        self.tls = tls
        self.mute = False
        self.stall_describe = False
        self.status: HTTPStatus | None = None
        self.guard = Guard(auth, username, password)
        self.requests: Counter[str] = Counter()
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
        if credentials and self.guard.scheme != "none":
            name, password = self.guard.username, self.guard.password
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
        return self.guard.refused

    def kick(self) -> None:
        """Cut every connection off, with a reset."""
        self._call(self._reset_all)

    def hang_up(self) -> None:
        """Close every connection in good order, without a word before."""
        self._call(self._close_all)

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
            reset(writer.transport)

    def _close_all(self) -> None:
        """Close every connection."""
        for writer in list(self._clients):
            writer.close()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Talk to one client until it leaves."""
        self._clients.add(writer)
        player: asyncio.Task[None] | None = None
        try:
            while (request := await next_request(reader)) is not None:
                self.requests[request.method] += 1
                stall = self.stall_describe and request.method == "DESCRIBE"
                if stall or self.mute:
                    await reader.read()  # until the client has had enough
                    break
                writer.write(self._answer(request))
                if request.method == "TEARDOWN":
                    break
                if request.method == "PLAY" and player is None:
                    player = asyncio.create_task(self.play(writer))
        except ConnectionError:
            pass  # A client may leave as it likes.
        finally:
            self._clients.discard(writer)
            if player is not None:
                player.cancel()
            writer.transport.abort()

    def _answer(self, request: Request) -> bytes:
        """Return the answer to a request."""
        if request.method == "OPTIONS":
            public = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"
            return response(request, extra=f"Public: {public}\r\n")
        authorization = request.headers.get("authorization")
        if not self.guard.admits(request.method, authorization):
            challenge = self.guard.challenge(qop=False)
            extra = f"WWW-Authenticate: {challenge}\r\n"
            return response(request, "401 Unauthorized", extra)
        if request.method == "DESCRIBE" and self.status is not None:
            return response(request, f"{self.status.value} {self.status.phrase}")
        if request.method == "DESCRIBE":
            extra = f"Content-Base: {request.uri}/\r\nContent-Type: application/sdp\r\n"
            return response(request, extra=extra, body=description(self.clip))
        if request.method == "SETUP":
            if "TCP" not in request.headers.get("transport", ""):
                return response(request, "461 Unsupported Transport")
            transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            return response(request, extra=f"{transport}Session: 1;timeout=60\r\n")
        return response(request, extra="Session: 1\r\n")
