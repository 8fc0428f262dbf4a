"""The services that are measured: ours, and rapidocr behind a plain queue."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import sys
from typing import Any, Final

from demo.bench.process import BenchError

_TOKEN: Final = "PLATE_GATE_RECOGNIZER_TOKEN"
_LOAD: Final = 60.0
_LEAVE: Final = 10.0


class Service:
    """A service that runs.

    Attributes:
        url: Where it answers.
        pid: Of its process.
        versions: Of what it runs on, if it told.

    """

    def __init__(
        self, process: Process, port: int, versions: dict[str, str] | None = None
    ) -> None:
        """Take charge of it."""
        self.versions: Final = versions
        self.url: Final = f"http://127.0.0.1:{port}"
        self.pid: Final = process.pid
        self._process = process

    @property
    def status(self) -> int | None:
        """Its exit status once it has ended; below 0 if it had to be killed."""
        return self._process.returncode


def ours(workers: int, threads: int) -> list[str]:
    """Return the command that runs our service.

    Args:
        workers: How many pictures it reads at a time.
        threads: How many threads each of them may use.

    """
    return [
        *(sys.executable, "-m", "plate_gate_recognizer", "serve", "--port", "0"),
        *("--workers", str(workers), "--threads", str(threads), "--exit-with-stdin"),
    ]


def plain_queue(python: Path, threads: int) -> list[str]:
    """Return the command that runs rapidocr behind a queue without an end.

    Args:
        python: The interpreter that has it installed.
        threads: How many threads a picture may use.

    """
    return [str(python), "-m", f"{__package__}.stock_server", str(threads)]


@asynccontextmanager
async def running(command: Sequence[str]) -> AsyncIterator[Service]:
    """Run a service until it is not needed any more.

    Args:
        command: Prints a line of JSON when it answers: `ready`, `port`; and ends when
            its standard input does.

    Raises:
        BenchError: It does not answer.

    """
    # It shall not ask for a token that is meant for another one.
    environment = {name: text for name, text in os.environ.items() if name != _TOKEN}
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env=environment
    )
    try:
        yield await _ready(process)
    finally:
        await _end(process)


async def _ready(process: Process) -> Service:
    """Wait for the line that tells of being ready."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_LOAD):
            said: Any = json.loads(await process.stdout.readline() or "null")
    except TimeoutError, ValueError:
        said = None
    match said:
        case {"ready": True, "port": int(port)}:
            return Service(process, port, said.get("versions"))
        case {"error": str(error)}:
            raise BenchError(f"The service does not start: {error}")
    raise BenchError("The service does not start")


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(_LEAVE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
