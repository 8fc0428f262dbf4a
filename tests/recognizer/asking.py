"""Starts the service in the test's own loop, and asks it over real HTTP."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Semaphore
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient

from plate_gate_recognizer.picture import Picture
from plate_gate_recognizer.reader import Read

ALPR = "/v1/vision/alpr"
PING = "/v1/status/ping"
MODULES = "/v1/module/list/status"
HEALTH = "/health"
METRICS = "/metrics"

type Client = TestClient[Any, Any]
type Start = Callable[..., Awaitable[Client]]


class Gate:
    """Stands for the networks: sees no plate, and lets one picture pass for a word."""

    def __init__(self) -> None:
        """Begin closed."""
        self.read: list[tuple[int, int]] = []
        """Width and height of the pictures that were read, in that order."""
        self._pass = Semaphore(0)

    def __call__(self, picture: Picture) -> list[Read]:
        """Wait to be opened, and note which picture it was."""
        assert self._pass.acquire(timeout=20)
        height, width = picture.shape[:2]
        self.read.append((width, height))
        return []

    def open(self, pictures: int = 1000) -> None:
        """Let some pictures pass."""
        self._pass.release(pictures)

    @contextmanager
    def opened_in_the_end(self) -> Iterator[Gate]:
        """Keep no thread waiting, come what may."""
        try:
            yield self
        finally:
            self.open()


def blind(picture: Picture) -> list[Read]:
    """See no plate in any picture."""
    return []


def form(
    content: bytes, name: str = "upload", camera: str | None = None
) -> aiohttp.FormData:
    """Return a form with one file."""
    form = aiohttp.FormData()
    form.add_field(name, BytesIO(content), filename="x", content_type="image/jpeg")
    if camera is not None:
        form.add_field("camera_id", camera)
    return form


async def health(client: Client) -> Any:
    """Return what the service says of itself."""
    async with client.get(HEALTH) as response:
        return await response.json()
