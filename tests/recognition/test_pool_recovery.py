"""Tests of the pool: getting ready, noticing who is gone, and who is back."""

import asyncio
from collections.abc import Callable
import logging

import pytest

from custom_components.plate_gate.errors import (
    BackendAuthError,
    BackendProtocolError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)
from custom_components.plate_gate.recognition import BackendInfo
from custom_components.plate_gate.recognition.pace import Pace
from custom_components.plate_gate.recognition.tending import SILENCES

from .played import HASTE, Played, our_tasks, picture, settle

READY, BUSY, FAILED = "ready", "busy", "failed"


async def test_start(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """Each is started once and shown to read; that all is well is not worth a line."""
    caplog.set_level(logging.INFO)
    played = play(2)
    assert played.states == (FAILED, FAILED)
    with pytest.raises(BackendUnavailableError):
        await played.pool.read(picture())
    await played.pool.start()
    await played.pool.start()
    assert played.states == (READY, READY)
    for backend in played.backends:
        assert backend.calls == ["ping", "start", "check"]
    assert caplog.records == []


async def test_start_with_one_that_is_away(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """A site runs with those that are there, and the others join when they come."""
    caplog.set_level(logging.INFO)
    played = play(2, pace=HASTE)
    first, second = played.backends
    error = BackendUnavailableError()
    first.fall(error)
    first.start_error = error
    await played.pool.start()
    assert played.states == (FAILED, READY)
    assert await played.pool.read(picture()) == second.reads

    first.start_error = None
    first.rise()
    await settle()
    assert played.states == (READY, READY)
    await played.pool.read(picture())
    assert len(first.frames) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "A: recognizer failed (BackendUnavailableError)",
        "A: recognizer is back",
    ]


async def test_start_of_what_answers_only_when_started(
    play: Callable[..., Played],
) -> None:
    """A recognizer that runs as a child is not there before it is started."""
    played = play(1)
    (backend,) = played.backends
    backend.ping_error = BackendUnavailableError()
    starting = backend.start

    async def start() -> None:
        await starting()
        backend.ping_error = None

    backend.start = start  # type: ignore[method-assign]
    await played.pool.start()
    assert backend.calls == ["ping", "start", "ping", "check"]


async def test_slow_start_holds_nobody_up(play: Callable[..., Played]) -> None:
    """A model that takes long to load joins when it is loaded."""
    played = play(2, pace=HASTE)
    first, second = played.backends
    first.start_hold.clear()
    await played.pool.start()
    assert played.states == (FAILED, READY)
    assert await played.pool.read(picture()) == second.reads
    first.start_hold.set()
    await settle()
    assert played.states == (READY, READY)
    assert first.calls.count("start") == 1


async def test_start_with_none(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """If none gets ready, the first one's error is told, and all is as before."""
    played = play(2)
    for backend, error in zip(
        played.backends, (BackendAuthError(), BackendUnavailableError()), strict=True
    ):
        backend.fall(error)
        backend.start_error = error
    with pytest.raises(BackendAuthError):
        await played.pool.start()
    assert not our_tasks()
    for backend in played.backends:
        assert backend.calls[-1] == "stop"
    assert caplog.records == [], "whoever starts it will tell"

    for backend in played.backends:
        backend.rise()
        backend.start_error = None
    await played.pool.start()
    assert played.states == (READY, READY)


async def test_start_that_is_canceled(play: Callable[..., Played]) -> None:
    """Who does not wait for the start leaves nothing running."""
    played = play(1)
    (backend,) = played.backends
    backend.start_hold.clear()
    starting = asyncio.create_task(played.pool.start())
    await settle()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not our_tasks()
    assert backend.calls[-1] == "stop"


async def test_stop(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """A pool that has stopped asks nobody, also if one does not stop properly."""
    played = play(2, pace=HASTE)
    await played.pool.start()

    async def stumble() -> None:
        raise BackendUnavailableError

    played.backends[0].stop = stumble  # type: ignore[method-assign]
    await played.pool.stop()
    await played.pool.stop()
    assert played.backends[1].calls[-1] == "stop"
    with pytest.raises(BackendUnavailableError):
        await played.pool.read(picture())
    assert [backend.frames for backend in played.backends] == [[], []]
    assert [r for r in caplog.records if r.levelno > logging.DEBUG] == []


async def test_recovery(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """One that is back is asked again first, and there are two lines about it."""
    caplog.set_level(logging.INFO)
    played = play(2, pace=HASTE)
    await played.pool.start()
    first, second = played.backends
    first.fall(BackendUnavailableError())
    for _ in range(5):
        assert await played.pool.read(picture()) == second.reads
        await settle()
    assert len(first.frames) == 1

    first.rise()
    await settle()
    assert played.states == (READY, READY)
    await played.pool.read(picture())
    assert len(first.frames) == 2
    assert [record.getMessage() for record in caplog.records] == [
        "A: recognizer failed (BackendUnavailableError)",
        "A: recognizer is back",
    ]
    assert played.heard == [
        (READY, FAILED),
        (READY, READY),
        (FAILED, READY),
        (READY, READY),
    ]


async def test_answers_to_pings_prove_nothing(play: Callable[..., Played]) -> None:
    """One that is there and does not read stays out; why is told as it changes."""
    played = play(1, pace=HASTE)
    await played.pool.start()
    (backend,) = played.backends
    backend.read_error = backend.check_error = BackendTimeoutError()
    with pytest.raises(BackendTimeoutError):
        await played.pool.read(picture())
    await settle()
    assert backend.calls.count("check") > 2
    assert played.states == (FAILED,)

    heard = len(played.heard)
    backend.check_error = BackendRejectedError()
    await settle()
    assert type(played.pool.health.error) is BackendRejectedError
    assert len(played.heard) == heard + 1
    with pytest.raises(BackendRejectedError):
        await played.pool.read(picture())


async def test_busy_at_a_probe(play: Callable[..., Played]) -> None:
    """Who is too busy for a probe is well."""
    played = play(1, pace=HASTE)
    await played.pool.start()
    (backend,) = played.backends
    backend.fall(BackendUnavailableError())
    with pytest.raises(BackendUnavailableError):
        await played.pool.read(picture())
    backend.rise()
    backend.check_error = BackendRateLimitedError()
    await settle()
    assert played.states == (BUSY,)
    assert played.pool.health.available


async def test_busy_ends_by_itself(play: Callable[..., Played]) -> None:
    """Those who listen hear that it is over, also if no frame comes."""
    played = play(1, pace=HASTE)
    await played.pool.start()
    over = asyncio.Event()
    (backend,) = played.backends
    backend.read_error = BackendRateLimitedError(retry_after=0.1)
    with pytest.raises(BackendRateLimitedError):
        await played.pool.read(picture())
    played.pool.subscribe(over.set)
    played.clock.now += 0.2
    await over.wait()
    assert played.states == (READY,)


async def test_one_that_is_paid_for(play: Callable[..., Played]) -> None:
    """No reading is spent on probing: it is asked when it answers pings again."""
    played = play(1, pace=HASTE, metered=True)
    await played.pool.start()
    (backend,) = played.backends
    assert backend.calls == ["ping", "start"]
    assert await played.pool.check() == BackendInfo(version="1")
    backend.fall(BackendUnavailableError())
    with pytest.raises(BackendUnavailableError):
        await played.pool.read(picture())
    await settle()
    assert played.states == (FAILED,)
    backend.rise()
    await settle()
    assert played.states == (READY,)
    assert await played.pool.read(picture()) == backend.reads
    assert backend.calls.count("read") == 2
    assert "check" not in backend.calls


async def test_relapses_are_told_once(
    play: Callable[..., Played], caplog: pytest.LogCaptureFixture
) -> None:
    """Who passes probes and then does not read is believed when it has read."""
    caplog.set_level(logging.INFO)
    played = play(1, pace=HASTE)
    await played.pool.start()
    (backend,) = played.backends
    await played.pool.read(picture())
    backend.read_error = BackendTimeoutError()
    for _ in range(5):
        with pytest.raises(BackendTimeoutError):
            await played.pool.read(picture())
        await settle()
        assert played.states == (READY,)
    messages = [
        "A: recognizer failed (BackendTimeoutError)",
        "A: recognizer is back",
        "A: recognizer failed (BackendTimeoutError)",
    ]
    assert [record.getMessage() for record in caplog.records] == messages

    backend.read_error = None
    await played.pool.read(picture())
    assert [record.getMessage() for record in caplog.records] == [
        *messages,
        "A: recognizer is back",
    ]


async def test_what_keeps_silent_is_started_anew(play: Callable[..., Played]) -> None:
    """A child that hangs is ended, and another one takes its place."""
    played = play(1, pace=HASTE)
    await played.pool.start()
    (backend,) = played.backends
    backend.fall(BackendTimeoutError())
    stopping = backend.stop

    async def stop() -> None:
        await stopping()
        backend.fall(BackendUnavailableError())

    starting = backend.start

    async def start() -> None:
        await starting()
        backend.rise()

    backend.stop = stop  # type: ignore[method-assign]
    backend.start = start  # type: ignore[method-assign]
    with pytest.raises(BackendTimeoutError):
        await played.pool.read(picture())
    await settle()
    assert backend.calls[3:] == [
        "read",
        *["ping"] * SILENCES,
        *("stop", "ping", "start", "ping", "check"),
    ]
    assert played.states == (READY,)


async def test_idle_site_notices(play: Callable[..., Played]) -> None:
    """Where no vehicle comes, a dead recognizer is found out by a ping."""
    played = play(3)
    await played.pool.start()
    first, second, third = played.backends
    first.ping_error = BackendUnavailableError()
    second.ping_error = BackendRateLimitedError()
    assert await played.pool.ping() == BackendInfo(version="1")
    assert played.states == (FAILED, BUSY, READY)
    pings = [backend.calls.count("ping") for backend in played.backends]
    await played.pool.probe()
    assert [backend.calls.count("ping") for backend in played.backends] == [
        pings[0],
        pings[1],
        pings[2] + 1,
    ]
    assert third.frames == []


async def test_slow_ping_of_one_that_reads(play: Callable[..., Played]) -> None:
    """A server with all hands full may be late for a ping, and yet it reads."""
    played = play(1)
    await played.pool.start()
    (backend,) = played.backends
    backend.ping_hold.clear()
    backend.ping_error = BackendTimeoutError()
    probing = asyncio.create_task(played.pool.probe())
    await settle()
    assert await played.pool.read(picture()) == backend.reads
    backend.ping_hold.set()
    await probing
    assert played.states == (READY,)


async def test_late_ping_of_one_that_is_reading(play: Callable[..., Played]) -> None:
    """What a server does one after another makes a ping late, and no failure."""
    played = play(1)
    await played.pool.start()
    (backend,) = played.backends
    backend.hold.clear()
    reading = asyncio.create_task(played.pool.read(picture()))
    await settle()
    backend.ping_error = BackendTimeoutError()
    await played.pool.probe()
    assert played.states == (READY,)
    backend.hold.set()
    assert await reading == backend.reads

    await played.pool.probe()
    assert played.states == (FAILED,)


async def test_check(play: Callable[..., Played]) -> None:
    """It is enough that one reads, and those that do not are known from then on."""
    played = play(3)
    await played.pool.start()
    first, second, third = played.backends
    first.check_error = BackendProtocolError()
    second.check_error = BackendRateLimitedError()
    third.version = "7"
    await played.pool.check()
    assert played.states == (FAILED, BUSY, READY)
    third.check_error = BackendUnavailableError()
    await played.pool.check()
    assert played.states == (FAILED, BUSY, FAILED)
    played.clock.now += 60.0
    second.check_error = BackendUnavailableError()
    with pytest.raises(BackendProtocolError):
        await played.pool.check()
    assert played.states == (FAILED, FAILED, FAILED)


async def test_last_answer_of_one_that_is_gone(play: Callable[..., Played]) -> None:
    """A reading that ends after a failure does not clear it; a probe does."""
    played = play(1)
    await played.pool.start()
    (backend,) = played.backends
    backend.hold.clear()
    reading = asyncio.create_task(played.pool.read(picture()))
    await settle()
    backend.ping_error = BackendUnavailableError()
    await played.pool.probe()
    assert played.states == (FAILED,)
    backend.hold.set()
    assert await reading == backend.reads
    assert played.states == (FAILED,)


@pytest.mark.parametrize(
    ("error", "tries", "relapsed", "seconds"),
    [
        (BackendUnavailableError(), 0, False, 0.5),
        (BackendUnavailableError(), 1, False, 2.0),
        (BackendUnavailableError(), 99, False, 2.0),
        (BackendTimeoutError(), 0, True, 4.0),
        (BackendAuthError(), 0, False, 8.0),
    ],
)
def test_rests_between_probes(
    error: BackendUnavailableError, tries: int, relapsed: bool, seconds: float
) -> None:
    """Often enough to notice within ten seconds, and never in step with others."""
    for chance, rest in ((0.0, seconds), (1.0, 0.9 * seconds)):
        pace = Pace(chance=lambda chance=chance: chance)  # type: ignore[misc]
        assert pace.until_probe(error, tries=tries, relapsed=relapsed) == (
            pytest.approx(rest)
        )


def test_recovery_is_noticed_within_ten_seconds() -> None:
    """At worst a server comes back while a probe of it hangs."""
    pace = Pace()
    deadline = 5.0
    assert pace.ping + pace.rest < 10.0
    assert deadline + max(pace.rest, pace.relapse) < 10.0
    assert pace.lockout < 10.0
    assert pace.busy_max <= 10.0
