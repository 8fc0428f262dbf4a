"""What the service tells of itself while it is measured."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import re
from typing import Final

from aiohttp import ClientSession

_PREFIX: Final = "plate_gate_recognizer_"
_WATCHED: Final = ("waiting", "reading")
_INTERVAL: Final = 0.1
_SAMPLE: Final = re.compile(rf"^{_PREFIX}(\w+) ([0-9.e+]+)$", re.MULTILINE)


@asynccontextmanager
async def watched(
    session: ClientSession, url: str
) -> AsyncIterator[Mapping[str, float]]:
    """Look again and again how many pictures are being read and how many wait.

    Args:
        session: What asks.
        url: Of a service with `/metrics`.

    Returns:
        The most of each that was ever seen, by `waiting` and `reading`.

    """
    most: dict[str, float] = {}
    watching = asyncio.create_task(_watch(session, url, most))
    try:
        yield most
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        if not watching.cancelled():
            watching.result()


async def _watch(session: ClientSession, url: str, most: dict[str, float]) -> None:
    while True:
        async with session.get(f"{url}/metrics") as response:
            told = await response.text()
        for name, value in parse(told).items():
            if name in _WATCHED:
                most[name] = max(value, most.get(name, 0.0))
        await asyncio.sleep(_INTERVAL)


def parse(text: str) -> dict[str, float]:
    """Return what has no labels, of a text in Prometheus' format, by its short name."""
    return {name: float(value) for name, value in _SAMPLE.findall(text)}
