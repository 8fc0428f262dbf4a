"""Fixtures of the recognizer's tests."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
import pytest

from plate_gate_recognizer.cascade import Cascade
from plate_gate_recognizer.service import Service
from plate_gate_recognizer.worker import ReadPicture, Workers

from .asking import Client, Gate, Start


@pytest.fixture(scope="session")
def cascade() -> Cascade:
    """Return the real networks, loaded once for all tests."""
    return Cascade.load(threads=2)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Return what stands for the networks; it is open in the end."""
    with Gate().opened_in_the_end() as gate:
        yield gate


@pytest.fixture
async def start() -> AsyncGenerator[Start]:
    """Return what starts a service and a client for it; both end with the test."""
    running: list[tuple[Client, Workers]] = []

    async def start(
        read: ReadPicture,
        token: str | None = None,
        *,
        workers: int = 1,
        waiting: int = 4,
        stuck_seconds: float = 30.0,
        **options: Any,
    ) -> Client:
        crew = Workers(read, workers, waiting_max=waiting, stuck_seconds=stuck_seconds)
        server = TestServer(Service(crew, token, **options).app)
        # As the real server is; it answers nobody who has gone, either.
        await server.start_server(auto_decompress=False)
        client: Client = TestClient(server)
        running.append((client, crew))
        return client

    yield start
    for client, crew in running:
        await client.close()
        assert await crew.stop(10)


@pytest.fixture
async def client(start: Start, cascade: Cascade) -> Client:
    """Return a client of a service with the real networks."""
    return await start(cascade.read)
