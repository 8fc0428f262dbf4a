"""One run of our own recognizer as a child process."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
import json
import os
import re
import secrets
from typing import Final, Self

from ..errors import (
    BackendProtocolError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)

TOKEN_VARIABLE: Final = "PLATE_GATE_RECOGNIZER_TOKEN"
HOST: Final = "127.0.0.1"

_SECRET: Final = re.compile(r"PASSWORD|SECRET|_(?:TOKEN|KEY)$", re.IGNORECASE)
"""Names of variables that hold one."""


class Child:
    """A recognizer process that is ready to read.

    It listens on the loopback interface only, wants a token that nobody else knows, and
    leaves when its standard input closes. So it goes away with this process, however
    this process ends.
    """

    def __init__(self, process: Process, token: str, leave: float) -> None:
        """Take charge of a process that has just begun.

        Args:
            process: With pipes for standard input and output.
            token: The one it was given.
            leave: Seconds that it has to end by itself, and again when it is told to.

        """
        self.token: Final = token
        self.port = 0
        self._process = process
        self._leave = leave
        self._drain: asyncio.Task[None] | None = None

    @classmethod
    async def spawn(cls, command: Sequence[str], *, ready: float, leave: float) -> Self:
        """Run the recognizer and wait until it is ready.

        Args:
            command: Program and arguments.
            ready: Seconds that it has to get ready.
            leave: Seconds that it has to end by itself, and again when it is told to.

        Raises:
            BackendTimeoutError: It is not ready in time.
            BackendUnavailableError: It cannot be run, or ended at once.
            BackendRejectedError: It says that it cannot read.
            BackendProtocolError: It says something else than a recognizer does.

        """
        token = secrets.token_urlsafe()
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                # It is not logged, because nobody can promise that no plate is in it.
                stderr=DEVNULL,
                env=_environment(token),
                # A Ctrl+C in the terminal is for this process to handle, not for both.
                start_new_session=True,
            )
        except OSError:
            raise BackendUnavailableError("The recognizer cannot be run") from None
        child = cls(process, token, leave)
        try:
            child.port = await child._ready(ready)
        except BaseException:
            child.kill()
            await child.stop()
            raise
        return child

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    async def wait(self) -> int:
        """Wait until it has ended, and return its exit status."""
        return await self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> None:
        """End it, politely at first, and leave nothing of it behind."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.close()
            if not await self._ended():
                with suppress(ProcessLookupError):
                    self._process.terminate()
                await self._ended()
        finally:
            self.kill()
        await self._process.wait()
        if self._drain is not None:
            self._drain.cancel()
            await asyncio.wait([self._drain])

    async def _ended(self) -> bool:
        try:
            async with asyncio.timeout(self._leave):
                await self._process.wait()
        except TimeoutError:
            return False
        return True

    async def _ready(self, seconds: float) -> int:
        """Wait for the line that tells of being ready, and return the port in it."""
        stdout = self._process.stdout
        assert stdout is not None
        try:
            async with asyncio.timeout(seconds):
                line = await stdout.readline()
        except TimeoutError:
            raise BackendTimeoutError("The recognizer is not ready in time") from None
        except ValueError:
            raise BackendProtocolError("The recognizer says too much") from None
        if not line:
            raise BackendUnavailableError("The recognizer ended before it was ready")
        port = _port(line)
        self._drain = asyncio.create_task(_drain(stdout))
        return port


def _port(line: bytes) -> int:
    try:
        said = json.loads(line)
    except ValueError, RecursionError:
        said = None
    match said:
        case {"ready": True, "port": int(port)} if 0 < port < 65536:
            return port
        case {"ready": False}:
            raise BackendRejectedError("The recognizer cannot read")
    raise BackendProtocolError("The recognizer says something else than being ready")


def _environment(token: str) -> dict[str, str]:
    """Return the environment of a child: ours, and its token.

    What is named like a secret is left out: a recognizer needs none of it. Home
    Assistant OS, for one, hands the Supervisor's token around in the environment.
    """
    environment = {
        name: value for name, value in os.environ.items() if not _SECRET.search(name)
    }
    environment[TOKEN_VARIABLE] = token
    return environment


async def _drain(stream: asyncio.StreamReader) -> None:
    """Read and forget, so that the child never waits for a full pipe."""
    while await stream.read(65536):
        pass
