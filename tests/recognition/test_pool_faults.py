"""The pool against real servers that misbehave: nothing is lost, nothing piles up."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import random
from typing import get_args

import aiohttp
from aiohttp import web
import pytest

from custom_components.plate_gate.errors import (
    BackendError,
    BackendRateLimitedError,
    BackendTimeoutError,
)
from custom_components.plate_gate.models import Frame, Plate
from custom_components.plate_gate.recognition import (
    BackendPool,
    BackendState,
    CodeProjectBackend,
    Member,
    Strategy,
)
from custom_components.plate_gate.recognition.pace import Pace

from .answers import fixture_bytes
from .faults import (
    bomb,
    break_off,
    flood,
    hang_up,
    packed,
    redirect,
    silence,
    status,
    trickle,
)
from .played import our_tasks
from .server import Answer, says
from .unruly import CountingServer, Mood, RawServer

DEADLINE = 1.5
"""Seconds; the backends themselves would wait for 12."""

FAR_TOO_LONG = 8.0
"""Seconds by which an answer is there even on a machine that is busy with more."""

PACE = Pace(
    ping=0.5,
    slow_start=5.0,
    share=0.3,
    blink=0.02,
    rest=0.05,
    relapse=0.05,
    lockout=0.05,
    busy=0.05,
)

PLATES = [Plate("AB12CDE"), Plate("KN18RTX")]
READS = says(fixture_bytes("alpr_two_plates"))
PING = says(fixture_bytes("ping"))


async def slow(request: web.Request) -> web.StreamResponse:
    """Answer well, but when nobody waits for it any more."""
    await asyncio.sleep(FAR_TOO_LONG)
    return await READS(request)


FAULTS: dict[str, Answer] = {
    "slow": slow,
    "silence": silence,
    "trickle": trickle,
    "hang up": hang_up,
    "break off": break_off,
    "flood": flood,
    "bomb": bomb,
    "packed": packed(fixture_bytes("alpr_two_plates")),
    "redirect": redirect,
    "500": status(500),
    "503": status(503),
    "401": status(401),
    "404": status(404),
    "garbage": says(b"\x00\x81\xff{"),
    "empty": says(b""),
    "web page": says(b"<!DOCTYPE html><p>Welcome", content_type="text/html"),
    "wrong shape": says(b'{"success": true, "predictions": 7}'),
}


@dataclass
class Yard:
    """Some servers, and the pool that has them all."""

    servers: Sequence[CountingServer]
    pool: BackendPool

    @property
    def states(self) -> list[BackendState]:
        """How the pool takes them to be."""
        return [backend.state for backend in self.pool.health.backends]

    @property
    def open(self) -> int:
        """Readings that the servers are busy with."""
        return sum(server.open for server in self.servers)

    async def read(self, number: int = 0) -> list[Plate]:
        """Read a frame, and make sure that it does not take for ever."""
        frame = Frame(jpeg=b"picture", width=640, height=360, taken=float(number))
        async with asyncio.timeout(FAR_TOO_LONG):
            return [read.plate for read in await self.pool.read(frame)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is the case, or fail."""
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.01)

    async def until_ready(self, place: int) -> None:
        """Wait until the pool takes a server for well."""
        changed = asyncio.Event()
        leave = self.pool.subscribe(changed.set)
        async with asyncio.timeout(30):
            while self.states[place] is not BackendState.READY:
                await changed.wait()
                changed.clear()
        leave()


@asynccontextmanager
async def open_yard(
    count: int,
    *,
    strategy: Strategy = Strategy.IN_ORDER,
    pace: Pace = PACE,
    deadline: float = DEADLINE,
) -> AsyncIterator[Yard]:
    """Run servers that are well, and a pool; in the end, make sure nothing is left."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        servers = [
            await stack.enter_async_context(CountingServer(alpr=READS))
            for _ in range(count)
        ]
        pool = BackendPool(
            [
                Member(
                    key=str(number),
                    name=f"Server {number}",
                    backend=CodeProjectBackend(session, server.url),
                )
                for number, server in enumerate(servers)
            ],
            strategy=strategy,
            deadline=deadline,
            pace=pace,
        )
        await pool.start()
        stack.push_async_callback(pool.stop)
        yard = Yard(servers, pool)
        yield yard
        await pool.stop()
        assert not our_tasks()
        await yard.until(lambda: yard.open == 0)


@pytest.fixture
async def pair() -> AsyncGenerator[Yard]:
    """Return two servers and their pool."""
    async with open_yard(2) as yard:
        yield yard


@pytest.mark.parametrize("whole", [False, True], ids=["reader", "server"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_server_goes_wrong(pair: Yard, fault: Answer, whole: bool) -> None:
    """Each frame is read by the other server, and the first comes back by itself."""
    first, second = pair.servers
    assert await pair.read() == PLATES
    first.alpr = fault
    if whole:
        first.ping = fault
    for number in range(1, 4):
        assert await pair.read(number) == PLATES
    assert pair.states == [BackendState.FAILED, BackendState.READY]
    assert first.open_max <= 1
    assert second.open_max <= 1
    assert second.pictures == 1 + 3, "a check and each of the frames"

    first.ping, first.alpr = PING, READS
    await pair.until_ready(0)
    pictures = second.pictures
    assert await pair.read() == PLATES
    assert second.pictures == pictures


@pytest.mark.parametrize("mood", get_args(Mood.__value__))
async def test_server_goes_wrong_below_http(pair: Yard, mood: Mood) -> None:
    """What takes the place of a server on its port harms nobody either."""
    first, second = pair.servers
    assert await pair.read() == PLATES
    await first.__aexit__()
    async with RawServer(first.port, mood):
        for number in range(1, 4):
            assert await pair.read(number) == PLATES
        assert pair.states == [BackendState.FAILED, BackendState.READY]
        await second.__aexit__()
        for number in range(4, 7):
            with pytest.raises(BackendError):
                await pair.read(number)
        await second.__aenter__()
        await pair.until_ready(1)
        assert await pair.read() == PLATES
    await first.__aenter__()
    await pair.until_ready(0)
    assert await pair.read() == PLATES


async def test_server_restarts(pair: Yard) -> None:
    """However often both servers restart on their ports, they are found again."""
    for _ in range(3):
        for server in pair.servers:
            await server.__aexit__()
        with pytest.raises(BackendError):
            await pair.read()
        assert not pair.pool.health.available
        for server in pair.servers:
            await server.__aenter__()
        await pair.until_ready(0)
        await pair.until_ready(1)
        assert await pair.read() == PLATES


async def test_busy_server(pair: Yard) -> None:
    """One that says when to come back is not taken for broken, nor asked before."""
    first, second = pair.servers
    first.alpr = status(503, Retry_After="5")
    for number in range(3):
        assert await pair.read(number) == PLATES
    assert pair.states == [BackendState.BUSY, BackendState.READY]
    assert first.pictures == 1 + 1, "a check and one of the frames"
    second.alpr = status(429)
    with pytest.raises(BackendRateLimitedError) as caught:
        await pair.read()
    assert caught.value.retry_after is not None
    assert pair.pool.health.available


async def test_all_hang(pair: Yard) -> None:
    """It is told in time, and then at once, and no request is left open."""
    for server in pair.servers:
        server.alpr = server.ping = silence
    with pytest.raises(BackendTimeoutError):
        await pair.read()
    await pair.until(lambda: pair.open == 0)
    pictures = [server.pictures for server in pair.servers]
    for number in range(20):
        with pytest.raises(BackendTimeoutError):
            await pair.read(number)
    assert pictures == [server.pictures for server in pair.servers], (
        "while nobody is well, nobody is sent a picture"
    )


@pytest.mark.parametrize("strategy", Strategy)
async def test_two_of_three_die_in_turn(strategy: Strategy) -> None:
    """Four lanes read on, frame by frame, whichever two of the servers die."""
    lanes = 4
    async with open_yard(3, strategy=strategy) as yard:
        first, second, third = yard.servers
        # One reading of each lane, and one probe of each server.
        most = len(our_tasks()) + lanes + len(yard.servers)
        frames = [0] * lanes
        over = False

        async def lane(number: int) -> None:
            while not over:
                assert await yard.read(lanes * frames[number] + number) == PLATES
                assert len(our_tasks()) <= most
                frames[number] += 1

        async def some_frames() -> None:
            """Wait until each lane has gone through some."""
            enough = [count + 3 for count in frames]
            await yard.until(
                lambda: all(a >= b for a, b in zip(frames, enough, strict=True))
            )

        async def fate() -> None:
            nonlocal over
            await some_frames()
            first.alpr = first.ping = silence
            await some_frames()
            await second.__aexit__()
            await some_frames()
            first.alpr, first.ping = READS, PING
            await yard.until_ready(0)
            await some_frames()
            third.alpr = trickle
            await some_frames()
            await second.__aenter__()
            await yard.until_ready(1)
            first.alpr = hang_up
            await some_frames()
            over = True

        async with asyncio.TaskGroup() as group:
            group.create_task(fate())
            for number in range(lanes):
                group.create_task(lane(number))
        for server in yard.servers:
            assert server.open_max <= lanes + 1, "each lane one, and a probe"


@pytest.mark.parametrize("seed", range(3))
async def test_two_of_three_misbehave_at_random(seed: int) -> None:
    """Whatever two servers do, the third one reads what they do not."""
    chance = random.Random(seed)
    async with open_yard(3) as yard:
        for number in range(40):
            for server in yard.servers[:2]:
                if chance.random() < 0.4:
                    server.alpr = chance.choice([READS, *FAULTS.values()])
                    server.ping = chance.choice([PING, PING, *FAULTS.values()])
            assert await yard.read(number) == PLATES
            assert all(server.open_max <= 2 for server in yard.servers)


async def test_no_backlog_forms_at_one_slow_server() -> None:
    """Lanes that give up leave nothing open: the server never has more than theirs."""
    lanes = 3
    async with open_yard(1, deadline=0.1) as yard:
        (server,) = yard.servers
        server.alpr = slow

        async def lane(number: int) -> None:
            for frame in range(10):
                with pytest.raises(BackendTimeoutError):
                    await yard.read(100 * number + frame)
                # Let it be asked again: its pings are well.
                await asyncio.sleep(0.02)

        async with asyncio.TaskGroup() as group:
            for number in range(lanes):
                group.create_task(lane(number))
        assert server.open_max <= lanes + 1, "each lane one, and a probe"
        await yard.until(lambda: yard.open <= 1)


async def test_lane_that_stops_in_the_middle(pair: Yard) -> None:
    """Its request is gone from the server, and the server is not blamed for that."""
    first, _ = pair.servers
    first.alpr = silence
    before = our_tasks()
    reading = asyncio.create_task(pair.read())
    await pair.until(lambda: first.open == 1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert our_tasks() == before
    await pair.until(lambda: first.open == 0)
    assert pair.states == [BackendState.READY, BackendState.READY]


async def test_recovery_is_noticed_within_ten_seconds() -> None:
    """A server that was off, then hung, and is back, is asked soon, at a usual pace."""
    async with open_yard(1, pace=Pace()) as yard:
        (server,) = yard.servers
        await server.__aexit__()
        with pytest.raises(BackendError):
            await yard.read()
        await server.__aenter__()
        async with asyncio.timeout(10):
            await yard.until_ready(0)
        assert await yard.read() == PLATES
