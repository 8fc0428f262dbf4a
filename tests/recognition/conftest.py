"""What the tests of recognition share."""

from collections.abc import AsyncGenerator, Callable
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image
import pytest

from custom_components.plate_gate.models import Frame

from .played import Played, our_tasks, play_pool
from .server import CodeProjectServer


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Return what Home Assistant would hand in."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def server() -> AsyncGenerator[CodeProjectServer]:
    """Return a server that answers every recognition with "no plates"."""
    async with CodeProjectServer() as server:
        yield server


@pytest.fixture
def frame() -> Frame:
    """Return a small picture without a plate."""
    jpeg = BytesIO()
    Image.new("RGB", (640, 360), (90, 100, 110)).save(jpeg, "JPEG")
    return Frame(jpeg=jpeg.getvalue(), width=640, height=360, taken=1.0)


@pytest.fixture
async def play() -> AsyncGenerator[Callable[..., Played]]:
    """Return what makes a pool that is stopped at the end, and leaves no task."""
    pools: list[Played] = []

    def make(*args: Any, **kwargs: Any) -> Played:
        pools.append(play_pool(*args, **kwargs))
        return pools[-1]

    yield make
    for played in pools:
        await played.pool.stop()
    assert not our_tasks()
