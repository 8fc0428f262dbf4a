"""Runs the service as a process of its own."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import sys
from typing import Any

TOKEN = "PLATE_GATE_RECOGNIZER_TOKEN"

type Serve = Callable[..., Awaitable[Process]]


@asynccontextmanager
async def processes(cwd: Path | None = None) -> AsyncGenerator[Serve]:
    """Give what runs the service; none of it outlives the context."""
    running: list[Process] = []

    async def serve(*arguments: str, **environment: str) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "plate_gate_recognizer", "serve", "--port", "0", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, **environment},
            cwd=cwd,
        )
        running.append(process)
        return process

    try:
        yield serve
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def line(process: Process) -> Any:
    """Return the line that it prints."""
    assert process.stdout is not None
    return json.loads(await asyncio.wait_for(process.stdout.readline(), 60))


async def rest(process: Process) -> tuple[str, str]:
    """Wait for its end and return what else it said, on both outputs."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = await asyncio.wait_for(process.stdout.read(), 30)
    complained = await process.stderr.read()
    await process.wait()
    return said.decode(), complained.decode()
