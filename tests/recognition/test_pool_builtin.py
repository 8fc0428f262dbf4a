"""The pool and the built-in recognizer, which has a supervision of its own."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
import os
from pathlib import Path
import signal
import sys

import aiohttp
import pytest

from custom_components.plate_gate.errors import BackendError, BackendTimeoutError
from custom_components.plate_gate.recognition import BackendPool, BuiltInBackend, Member
from custom_components.plate_gate.recognition.builtin import Patience
from custom_components.plate_gate.recognition.pace import Pace

from .played import picture

FAKE_RECOGNIZER = Path(__file__).with_name("fake_recognizer.py")


@dataclass
class Built:
    """A pool of nothing but the built-in recognizer, played by another program."""

    folder: Path
    pool: BackendPool

    def behave(self, mode: str) -> None:
        """Tell the child how to behave from now on."""
        (self.folder / "mode").write_text(mode)

    @property
    def runs(self) -> list[int]:
        """The process ids of all children so far."""
        return [int(pid) for pid in (self.folder / "runs").read_text().split()]

    async def until_ready(self) -> None:
        """Wait until it reads again."""
        changed = asyncio.Event()
        leave = self.pool.subscribe(changed.set)
        async with asyncio.timeout(60):
            while not self.pool.health.available:
                await changed.wait()
                changed.clear()
        leave()


@pytest.fixture
async def built(
    session: aiohttp.ClientSession, tmp_path: Path
) -> AsyncGenerator[Built]:
    """Return a running pool."""
    (tmp_path / "mode").write_text("")
    backend = BuiltInBackend(
        session,
        command=(sys.executable, str(FAKE_RECOGNIZER), str(tmp_path)),
        patience=Patience(pause=0.01, leave=0.2),
    )
    pool = BackendPool(
        [Member(key="built_in", name="Built-in", backend=backend)],
        deadline=1.0,
        pace=Pace(blink=0.0, rest=0.05),
    )
    await pool.start()
    yield Built(tmp_path, pool)
    await pool.stop()


async def test_child_that_hangs_is_replaced(built: Built) -> None:
    """It answers pings and reads nothing, so that only a start anew helps."""
    assert await built.pool.read(picture())
    built.behave("hang")
    with pytest.raises(BackendTimeoutError):
        await built.pool.read(picture())
    async with asyncio.timeout(60):
        while len(built.runs) < 2:
            await asyncio.sleep(0.05)
    built.behave("")
    await built.until_ready()
    assert await built.pool.read(picture())


async def test_child_that_ends_is_run_again(built: Built) -> None:
    """Its own supervision does that, and the pool notices."""
    os.kill(built.runs[0], signal.SIGKILL)
    with pytest.raises(BackendError):
        await built.pool.read(picture())
    await built.until_ready()
    assert await built.pool.read(picture())
    assert len(built.runs) == 2
