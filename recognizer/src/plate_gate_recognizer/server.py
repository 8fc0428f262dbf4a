"""Runs the service from start to end, and tells the parent process how it is going."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
import json
import logging
import os
from pathlib import Path
import signal
import socket
import ssl
import sys
from threading import Thread
from typing import Final

from aiohttp import web

from . import __version__, process, tokens
from .announce import Announcer, is_possible, make_id
from .devices import AUTO
from .doors import Doors
from .errors import ConfigurationError, RecognizerError
from .limits import BODY_MAX, CONNECTIONS_MAX, WAITING_MAX
from .loading import load
from .picture import PIXELS_MAX
from .service import Service
from .tls import Certificate
from .worker import Workers

_LOGGER = logging.getLogger(__name__)

STOP_SECONDS: Final = 2.5
"""How long a picture may take that is being read when the end comes. The integration
waits for 3 seconds before it becomes less polite."""

_STDIN: Final = 0
_KEEPALIVE_SECONDS: Final = 75.0
_CLEANUP_SECONDS: Final = 0.25
"""How long answers may take that are on their way then; it is waited for twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line says."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 32168
    """Port to listen on; 0 takes a free one."""
    workers: int = 1
    """How many pictures are read at a time."""
    threads: int = 2
    """How many threads each of them may use."""
    device: str = AUTO
    """One of `devices.NAMES`."""
    formats: bool = True
    """Whether series of plates decide where the reader cannot, see `respell`."""
    waiting: int = WAITING_MAX
    """How many pictures may wait."""
    body_max: int = BODY_MAX
    """Bytes of a request."""
    pixels_max: int = PIXELS_MAX
    """Pixels of a picture."""
    connections: int = CONNECTIONS_MAX
    """How many may be connected at a time."""
    token_file: Path | None = None
    """Holds the token, which else comes from the environment."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    """The certificate and its key; both or none."""
    announce: bool | None = None
    """Whether to announce it by zeroconf; None if that is possible and of use."""
    exit_with_stdin: bool = False
    """Whether to stop when standard input ends, as it does when the parent process is
    gone."""


def serve(settings: Settings) -> int:
    """Answer requests until told to stop.

    When it is ready, or cannot become so, it prints one line of JSON.

    Returns:
        The exit status: 0 if it was told to stop, 1 if it could not begin.

    """
    process.set_up()
    try:
        ended = asyncio.run(_serve(settings))
    except RecognizerError as err:
        _say({"ready": False, "error": str(err)})
        return 1
    if not ended:
        _LOGGER.warning("A picture that was still being read has been given up")
        # A thread that is in the middle of a network would fall over what the end of
        # the interpreter takes away from under it.
        os._exit(0)
    return 0


async def _serve(settings: Settings) -> bool:
    """Serve; tell whether all threads have come to an end."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if settings.exit_with_stdin:
        _watch_stdin(loop, stop)

    # What is known at once comes first: loading takes a while.
    certificate = _certificate(settings)
    token = tokens.find(os.environ, settings.token_file)
    listener = _listen(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    is_open = not ip_address(host).is_loopback
    announcing = _is_to_announce(settings.announce, is_open)
    if token is None and is_open:
        _LOGGER.warning("Anybody in the network can send pictures: there is no token")

    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        cascade, device = await asyncio.to_thread(
            load, settings.threads, settings.device, formats=settings.formats
        )
        workers = Workers(
            cascade.read,
            settings.workers,
            waiting_max=settings.waiting,
            pixels_max=settings.pixels_max,
        )
        service = Service(workers, token, device=device, body_max=settings.body_max)
        context = certificate.context if certificate else None
        entrance = await stack.enter_async_context(
            _entrance(service.app, listener, context, settings.connections)
        )
        if certificate is not None:
            await stack.enter_async_context(_beside(certificate.keep_fresh()))
        if announcing:
            announcer = Announcer(
                port,
                tls=certificate is not None,
                token=token is not None,
                identity=make_id(port),
            )
            await stack.enter_async_context(_beside(announcer.keep(host)))
        if not stop.is_set():
            _say(
                {
                    "ready": True,
                    "host": settings.host,
                    "port": port,
                    "version": __version__,
                }
            )
        await stop.wait()
        # Nobody comes in any more, and those who wait are told so at once; the rest of
        # the stack is undone after.
        await _cancel(entrance)
        listener.close()
        return await workers.stop(STOP_SECONDS)
    raise AssertionError  # The stack swallows no exception.


@asynccontextmanager
async def _entrance(
    app: web.Application,
    listener: socket.socket,
    context: ssl.SSLContext | None,
    connections: int,
) -> AsyncIterator[asyncio.Task[None]]:
    """Let people in, until what is given is cancelled; then see those off who are in."""
    doors = Doors(connections)
    app.middlewares.insert(0, doors.watch)
    runner = web.AppRunner(
        app,
        access_log=None,
        # Who is gone does not need an answer: the picture leaves the queue.
        handler_cancellation=True,
        keepalive_timeout=_KEEPALIVE_SECONDS,
        # What comes unpacked out of a body could be a thousand times as large.
        auto_decompress=False,
        shutdown_timeout=_CLEANUP_SECONDS,
    )
    await runner.setup()
    try:
        assert runner.server is not None
        entrance = asyncio.create_task(doors.let_in(listener, runner.server, context))
        try:
            yield entrance
        finally:
            await _cancel(entrance)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _beside(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Do something beside the service, for as long as that runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await _cancel(task)


async def _cancel(task: asyncio.Task[None]) -> None:
    """Cancel a task, and wait for its end."""
    task.cancel()
    await asyncio.wait([task])


def _certificate(settings: Settings) -> Certificate | None:
    match settings.tls_cert, settings.tls_key:
        case None, None:
            return None
        case Path() as chain, Path() as key:
            return Certificate(chain, key)
    raise ConfigurationError("TLS needs both a certificate and its key")


def _is_to_announce(wanted: bool | None, is_open: bool) -> bool:
    """Tell whether to announce the service.

    Raises:
        ConfigurationError: It is to be announced, and that cannot be done.

    """
    if wanted is None:
        return is_open and is_possible()
    if wanted and not is_open:
        raise ConfigurationError("Nobody could reach what is announced: see --host")
    if wanted and not is_possible():
        raise ConfigurationError("To be announced it needs the package zeroconf")
    return wanted


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound.

    Raises:
        RecognizerError: The address cannot be had.

    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(
            address[:2],
            family=family,
            # Who asks for all addresses of IPv6 means those of IPv4, too.
            dualstack_ipv6=address[0] == "::" and socket.has_dualstack_ipv6(),
        )
    except (OSError, OverflowError) as err:
        reason = getattr(err, "strerror", None) or type(err).__name__
        raise RecognizerError(f"Cannot listen on {host} port {port}: {reason}") from err
    listener.setblocking(False)
    return listener


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when standard input ends, whatever it is: pipe, terminal or file."""

    def watch() -> None:
        # Not sys.stdin: this thread would hold its lock while the interpreter ends.
        with suppress(OSError):
            while os.read(_STDIN, 4096):
                pass
        with suppress(RuntimeError):  # The loop has ended before.
            loop.call_soon_threadsafe(stop.set)

    Thread(target=watch, name="recognizer stdin", daemon=True).start()


def _say(message: dict[str, object]) -> None:
    """Print one line; it does not matter whether anybody listens."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
