"""Tests of the pool: who is asked, who is left alone, and what comes out."""

import asyncio
from collections.abc import Callable
import gc
import logging

import pytest

from custom_components.plate_gate.errors import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)
from custom_components.plate_gate.models import PlateRead
from custom_components.plate_gate.recognition import BackendInfo, Strategy
from custom_components.plate_gate.recognition.breaker import REFUSALS
from custom_components.plate_gate.recognition.pace import Pace

from .played import HASTE, Played, our_tasks, picture, settle

READY, BUSY, FAILED = "ready", "busy", "failed"


async def test_first_is_asked(play: Callable[..., Played]) -> None:
    """As long as the first one reads, the others stand by."""
    played = play(3)
    await played.pool.start()
    for _ in range(3):
        assert await played.pool.read(picture()) == played.backends[0].reads
    assert [len(backend.frames) for backend in played.backends] == [3, 0, 0]


async def test_least_busy_is_asked(play: Callable[..., Played]) -> None:
    """Frames that come at the same time are spread."""
    played = play(3, strategy=Strategy.LEAST_BUSY)
    await played.pool.start()
    for backend in played.backends:
        backend.hold.clear()
    reading = [asyncio.create_task(played.pool.read(picture())) for _ in range(4)]
    await settle()
    assert [backend.open for backend in played.backends] == [2, 1, 1]
    for backend in played.backends:
        backend.hold.set()
    await asyncio.gather(*reading)
    await played.pool.read(picture())
    assert [len(backend.frames) for backend in played.backends] == [3, 1, 1]


@pytest.mark.parametrize(
    "error",
    [
        BackendUnavailableError("refused"),
        BackendTimeoutError("slow"),
        BackendAuthError("no"),
        BackendProtocolError("what"),
        BackendError("odd"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_another_stands_in(
    play: Callable[..., Played], error: BackendError, caplog: pytest.LogCaptureFixture
) -> None:
    """The same frame goes to the next one, and who failed is left alone."""
    caplog.set_level(logging.INFO)
    played = play()
    await played.pool.start()
    first, second = played.backends
    first.read_error = error
    frame = picture()
    for _ in range(3):
        assert await played.pool.read(frame) == second.reads

    assert first.frames == [frame]
    assert second.frames == [frame] * 3
    assert played.states == (FAILED, READY)
    assert played.heard[-1] == (FAILED, READY)
    health = played.pool.health
    assert health.available
    assert health.error is None
    assert type(health.backends[0].error) is type(error)
    assert (health.backends[0].reads, health.backends[0].failures) == (0, 1)
    assert (health.backends[1].reads, health.backends[1].failures) == (3, 0)
    assert [record.getMessage() for record in caplog.records] == [
        f"A: recognizer failed ({type(error).__name__})"
    ]


async def test_fault_of_ours_in_one_backend(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """Something unexpected is logged without its words, and another one reads."""
    played = play()
    await played.pool.start()
    played.backends[0].read_error = ValueError("AB12CDE at http://me:secret@host")
    assert await played.pool.read(picture()) == played.backends[1].reads

    assert played.states == (FAILED, READY)
    assert type(played.pool.health.backends[0].error) is BackendProtocolError
    assert "A: unexpected ValueError in PlayedBackend.read:" in caplog.text
    assert "secret" not in caplog.text
    assert "AB12CDE" not in caplog.text


async def test_reading_that_is_canceled_elsewhere(play: Callable[..., Played]) -> None:
    """A backend that cancels its own reading does not stop the lane by that."""
    played = play()
    await played.pool.start()
    played.backends[0].read_error = asyncio.CancelledError()
    assert await played.pool.read(picture()) == played.backends[1].reads
    assert type(played.pool.health.backends[0].error) is BackendUnavailableError


async def test_no_plate_is_an_answer(play: Callable[..., Played]) -> None:
    """Nobody else is asked about a frame in which there is no plate."""
    played = play()
    await played.pool.start()
    played.backends[0].reads = []
    assert await played.pool.read(picture()) == []
    assert played.backends[1].frames == []


async def test_none_left(play: Callable[..., Played]) -> None:
    """Without anyone to ask, the answer is at once why, and nobody is troubled."""
    played = play()
    await played.pool.start()
    first, second = played.backends
    first.read_error = BackendAuthError()
    second.read_error = BackendProtocolError()
    for _ in range(3):
        with pytest.raises(BackendAuthError):
            await played.pool.read(picture())

    assert [len(backend.frames) for backend in played.backends] == [1, 1]
    health = played.pool.health
    assert not health.available
    assert type(health.error) is BackendAuthError
    assert health.error.__traceback__ is None, "it would keep the picture"
    for question in (played.pool.ping, played.pool.check):
        with pytest.raises(BackendAuthError):
            await question()


async def test_busy_is_no_failure(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """Who is busy is left alone for as long as it says, and then asked as before."""
    played = play()
    await played.pool.start()
    first, second = played.backends
    first.read_error = BackendRateLimitedError(retry_after=3.0)
    assert await played.pool.read(picture()) == second.reads
    assert played.states == (BUSY, READY)
    assert played.heard[-1] == (BUSY, READY)
    health = played.pool.health.backends[0]
    assert health.failures == 0
    assert isinstance(health.error, BackendRateLimitedError)
    assert health.error.retry_after == 3.0
    first.read_error = None

    played.clock.now += 2.9
    await played.pool.read(picture())
    assert len(first.frames) == 1
    played.clock.now += 0.2
    await played.pool.read(picture())
    assert len(first.frames) == 2
    assert played.states == (READY, READY)
    assert played.heard[-1] == (READY, READY)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("says", "waits"), [(None, 1.0), (0.0, 0.1), (7.0, 7.0), (3600.0, 10.0)]
)
async def test_all_are_busy(
    play: Callable[..., Played], says: float | None, waits: float
) -> None:
    """If all are busy, it is told how soon the first one is not, within reason."""
    played = play()
    await played.pool.start()
    for backend in played.backends:
        backend.read_error = BackendRateLimitedError(retry_after=says)
    played.backends[1].read_error = BackendRateLimitedError(retry_after=60.0)
    with pytest.raises(BackendRateLimitedError) as caught:
        await played.pool.read(picture())
    assert caught.value.retry_after == pytest.approx(waits)
    assert played.pool.health.available


async def test_one_is_busy_and_the_others_failed(play: Callable[..., Played]) -> None:
    """It is worth trying again soon, whatever became of the others."""
    played = play(3)
    await played.pool.start()
    for backend in played.backends:
        backend.read_error = BackendUnavailableError()
    played.backends[1].read_error = BackendRateLimitedError()
    for _ in range(2):
        with pytest.raises(BackendRateLimitedError):
            await played.pool.read(picture())
    assert played.states == (FAILED, BUSY, FAILED)


@pytest.mark.parametrize(("metered", "state"), [(False, READY), (True, BUSY)])
async def test_busy_with_a_reading_of_ours(
    play: Callable[..., Played], metered: bool, state: str
) -> None:
    """A reading that ends frees a server, but not one that sells its readings."""
    played = play(1, metered=metered)
    await played.pool.start()
    (backend,) = played.backends
    backend.hold.clear()
    reading = asyncio.create_task(played.pool.read(picture(1.0)))
    await settle()
    # Only the second reading is refused; the first one goes on behind it.
    hold, backend.hold = backend.hold, asyncio.Event()
    backend.hold.set()
    backend.read_error = BackendRateLimitedError(retry_after=5.0)
    with pytest.raises(BackendRateLimitedError):
        await played.pool.read(picture(2.0))
    assert played.states == (BUSY,)

    backend.read_error = None
    hold.set()
    await reading
    assert played.states == (state,)


async def test_one_bad_picture(play: Callable[..., Played]) -> None:
    """A picture that one cannot read is shown to the others, and tells of nobody."""
    played = play()
    await played.pool.start()
    first, second = played.backends
    first.read_error = BackendRejectedError()
    for _ in range(2 * REFUSALS):
        assert await played.pool.read(picture(1.0)) == second.reads
    assert played.states == (READY, READY)
    assert played.pool.health.backends[0].failures == 2 * REFUSALS


async def test_refusing_what_others_read(play: Callable[..., Played]) -> None:
    """Who keeps refusing pictures that others read is not asked for more."""
    played = play()
    await played.pool.start()
    first, second = played.backends
    first.read_error = BackendRejectedError()
    for number in range(REFUSALS - 1):
        await played.pool.read(picture(number))
    first.read_error = None
    await played.pool.read(picture(10.0))
    first.read_error = BackendRejectedError()
    for number in range(REFUSALS - 1):
        await played.pool.read(picture(20.0 + number))
    assert played.states == (READY, READY)
    await played.pool.read(picture(30.0))
    assert played.states == (FAILED, READY)
    assert type(played.pool.health.backends[0].error) is BackendRejectedError
    assert second.calls.count("read") == 2 * REFUSALS - 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, READY),
        (BackendRejectedError(), FAILED),
        (BackendRateLimitedError(), BUSY),
    ],
)
async def test_pictures_that_nobody_reads(
    play: Callable[..., Played], error: BackendError | None, state: str
) -> None:
    """A small picture shows whether a camera or a recognizer is to blame."""
    played = play(1)
    await played.pool.start()
    (backend,) = played.backends
    backend.read_error = BackendRejectedError()
    backend.check_error = error
    for number in range(REFUSALS):
        assert played.states == (READY,)
        with pytest.raises(BackendRejectedError):
            await played.pool.read(picture(number))
    await settle()
    assert backend.calls.count("check") == 2
    assert played.states == (state,)


async def test_nobody_is_asked_for_longer_than_the_deadline(
    play: Callable[..., Played],
) -> None:
    """Those that hang are given up one after another, and nothing of that is left."""
    played = play(3, deadline=0.3)
    await played.pool.start()
    for backend in played.backends:
        backend.hold.clear()
    with pytest.raises(BackendTimeoutError):
        await played.pool.read(picture())
    assert [backend.open for backend in played.backends] == [0, 0, 0]
    assert [len(backend.frames) for backend in played.backends] == [1, 1, 1]
    assert played.states == (FAILED, FAILED, FAILED)


async def test_time_that_is_up(play: Callable[..., Played]) -> None:
    """Who could only be asked too late is not asked, and has not failed."""
    played = play()
    await played.pool.start()
    first, second = played.backends

    async def dawdle(frame: object) -> None:
        played.clock.now += 10.0
        raise BackendUnavailableError

    first.read = dawdle  # type: ignore[method-assign, assignment]
    with pytest.raises(BackendUnavailableError):
        await played.pool.read(picture())
    assert second.frames == []
    assert played.states == (FAILED, READY)


async def test_one_that_is_usually_fast_is_given_up_soon(
    play: Callable[..., Played],
) -> None:
    """Far beyond what it usually takes, it is better to turn to another one."""
    played = play(2, deadline=3600.0, pace=Pace(share=0.01, blink=3600.0))
    await played.pool.start()
    first, second = played.backends
    await played.pool.read(picture())
    first.hold.clear()
    assert await played.pool.read(picture()) == second.reads
    assert type(played.pool.health.backends[0].error) is BackendTimeoutError


async def test_one_that_has_become_slower_gets_more_time(
    play: Callable[..., Played],
) -> None:
    """Being given up counts as a long reading, so the next one may take longer."""
    played = play(2, deadline=3600.0, pace=Pace(share=0.01, blink=0.0, rest=0.0))
    await played.pool.start()
    first, second = played.backends
    await played.pool.read(picture())
    before = played.pool.health.backends[0].latency_p95_ms
    assert before is not None
    first.hold.clear()
    assert await played.pool.read(picture()) == second.reads
    after = played.pool.health.backends[0].latency_p95_ms
    assert after is not None
    assert after > before


async def test_backend_that_cannot_be_stopped(play: Callable[..., Played]) -> None:
    """A reading that will not end holds up nobody, and gets no company."""
    played = play(2, deadline=0.1, pace=HASTE)
    await played.pool.start()
    first, second = played.backends
    first.hold.clear()
    first.deaf = True
    assert await played.pool.read(picture()) == second.reads
    assert first.open == 1
    for _ in range(5):
        await played.pool.read(picture())
        await settle()
    assert len(first.frames) == 1
    assert played.states == (FAILED, READY)

    first.hold.set()
    await settle()
    assert first.open == 0
    assert played.states == (READY, READY)


async def test_reading_that_ends_badly_when_it_is_given_up(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """What it says then interests nobody, and is not in the log either."""
    played = play(1, deadline=0.05)
    await played.pool.start()
    (backend,) = played.backends

    async def read(frame: object) -> list[PlateRead]:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("secret")

    backend.read = read  # type: ignore[method-assign]
    with pytest.raises(BackendTimeoutError):
        await played.pool.read(picture())
    gc.collect()
    assert "secret" not in caplog.text
    assert [record.getMessage() for record in caplog.records] == [
        "A: recognizer failed (BackendTimeoutError)"
    ]


async def test_lane_that_is_canceled(play: Callable[..., Played]) -> None:
    """A lane that stops leaves no reading behind, and blames nobody."""
    played = play()
    await played.pool.start()
    before = our_tasks()
    played.backends[0].hold.clear()
    reading = asyncio.create_task(played.pool.read(picture()))
    await settle()
    assert played.backends[0].open == 1
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert played.backends[0].open == 0
    assert our_tasks() == before
    assert played.states == (READY, READY)
    assert played.pool.health.backends[0].failures == 0


async def test_numbers(play: Callable[..., Played]) -> None:
    """Versions, counts and how long readings take are there to be looked at."""
    played = play()
    await played.pool.start()
    first, second = played.backends
    first.version = "2.9"
    assert await played.pool.ping() == BackendInfo(version="2.9")
    heard = len(played.heard)
    plain = first.read

    for milliseconds in range(1, 201):

        async def read(frame: object, ms: int = milliseconds) -> object:
            played.clock.now += ms / 1000
            return await plain(frame)  # type: ignore[arg-type]

        first.read = read  # type: ignore[method-assign, assignment]
        await played.pool.read(picture())

    health, other = played.pool.health.backends
    assert (health.key, health.name, health.version) == ("key0", "A", "2.9")
    assert (health.latency_p50_ms, health.latency_p95_ms) == (150, 195)
    assert (health.reads, health.failures) == (200, 0)
    assert (other.latency_p50_ms, other.latency_p95_ms, other.version) == (
        None,
        None,
        second.version,
    )
    assert len(played.heard) == heard, "readings are no news"


async def test_listeners(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """Who stumbles holds up nobody, and who has left hears nothing."""
    played = play()
    await played.pool.start()
    heard: list[str] = []

    def stumble() -> None:
        raise ValueError("secret")

    played.pool.subscribe(stumble)
    leave = played.pool.subscribe(lambda: heard.append("left"))
    played.pool.subscribe(lambda: heard.append("stayed"))
    leave()
    leave()
    played.backends[0].read_error = BackendUnavailableError()
    assert await played.pool.read(picture())
    assert heard == ["stayed"]
    assert "Unexpected ValueError" in caplog.text
    assert "secret" not in caplog.text
