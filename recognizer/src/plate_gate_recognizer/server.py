"""Runs the service from start to end, and tells the parent process how it is going."""

import asyncio
from contextlib import AsyncExitStack, suppress
import json
import logging
import os
import signal
import socket
import sys
from threading import Thread
from typing import Final

from aiohttp import web

from . import __version__
from .cascade import Cascade
from .errors import RecognizerError
from .service import Service
from .worker import Worker

_LOGGER = logging.getLogger(__name__)

TOKEN_VARIABLE: Final = "PLATE_GATE_RECOGNIZER_TOKEN"
_STDIN: Final = 0
_LOOPBACK: Final = ("127.", "::1", "localhost")


def serve(host: str, port: int, *, threads: int, exit_with_stdin: bool) -> int:
    """Answer requests until told to stop.

    When it is ready, or cannot become so, it prints one line of JSON.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        threads: How many threads a picture may use.
        exit_with_stdin: Whether to stop when standard input ends, as it does when the
            parent process is gone.

    Returns:
        The exit status: 0 if it was told to stop, 1 if it could not begin.

    """
    try:
        asyncio.run(_serve(host, port, threads, exit_with_stdin))
    except RecognizerError as err:
        _say({"ready": False, "error": str(err)})
        return 1
    return 0


async def _serve(host: str, port: int, threads: int, exit_with_stdin: bool) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if exit_with_stdin:
        _watch_stdin(loop, stop)

    token = os.environ.get(TOKEN_VARIABLE) or None
    if token is None and not host.startswith(_LOOPBACK):
        _LOGGER.warning("Anybody in the network can send pictures: there is no token")

    # The port first: it is known at once whether it is free.
    listener = _listen(host, port)
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        cascade = await asyncio.to_thread(Cascade.load, threads)
        worker = Worker(cascade.read)
        stack.callback(worker.close)
        runner = web.AppRunner(
            Service(worker, token).app,
            access_log=None,
            # Who is gone does not need an answer: the picture leaves the queue.
            handler_cancellation=True,
            shutdown_timeout=2.0,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener).start()
        if not stop.is_set():
            _say(
                {
                    "ready": True,
                    "host": host,
                    "port": listener.getsockname()[1],
                    "version": __version__,
                }
            )
        await stop.wait()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound.

    Raises:
        RecognizerError: The address cannot be had.

    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, OverflowError) as err:
        reason = getattr(err, "strerror", None) or type(err).__name__
        raise RecognizerError(f"Cannot listen on {host} port {port}: {reason}") from err


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
