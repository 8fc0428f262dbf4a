"""Tests of running the recognizer as a child, against a child of the tests' own."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.machinery import PathFinder
from itertools import islice
import logging
import os
from pathlib import Path
import signal
import sys
from types import ModuleType
from typing import cast

import aiohttp
import pytest

from custom_components.plate_gate.errors import (
    BackendError,
    BackendProtocolError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
)
from custom_components.plate_gate.models import Frame, Plate, PlateRead
from custom_components.plate_gate.recognition import (
    BackendInfo,
    BuiltInBackend,
    CodeProjectBackend,
    built_in_available,
)
from custom_components.plate_gate.recognition.builtin import Patience

from .answers import assert_silent

SCRIPT = Path(__file__).with_name("fake_recognizer.py")

HASTY = Patience(ready=30, leave=5, answer=10, pause=0.01, pause_max=0.02, steady=0.05)
"""Waits long only where waiting long means that the test fails."""


@dataclass
class Fake:
    """The folder by which the tests talk to the child."""

    folder: Path

    def behave(self, mode: str) -> None:
        """Tell the child, or the next one, how to behave."""
        # In one step, since the child may look at any time.
        new = self.folder / "mode.new"
        new.write_text(mode)
        new.replace(self.folder / "mode")

    @property
    def pids(self) -> list[int]:
        """The children so far, the newest last."""
        runs = self.folder / "runs"
        return [int(pid) for pid in runs.read_text().split()] if runs.exists() else []

    @property
    def port(self) -> str:
        """Where the newest child listens."""
        return (self.folder / "port").read_text()

    @property
    def running(self) -> list[int]:
        """The children that have not ended, or that nobody has taken leave of."""
        return [pid for pid in self.pids if _exists(pid)]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def until_reading(backend: BuiltInBackend, frame: Frame) -> None:
    """Wait until the backend reads."""
    async with asyncio.timeout(20):
        while True:
            try:
                await backend.read(frame)
            except BackendUnavailableError:
                await asyncio.sleep(0.01)
            else:
                return


async def kill(fake: Fake) -> None:
    """Kill the newest child and wait until it has gone."""
    killed = fake.pids[-1]
    os.kill(killed, signal.SIGKILL)
    await until(lambda: not _exists(killed))


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """Return a child that behaves well, so far."""
    fake = Fake(tmp_path)
    fake.behave("well")
    return fake


type MakeBackend = Callable[[Patience], BuiltInBackend]


@pytest.fixture
async def make_backend(
    session: aiohttp.ClientSession, fake: Fake
) -> AsyncGenerator[MakeBackend]:
    """Return a way to make backends that leave nothing behind."""
    backends: list[BuiltInBackend] = []

    def make(patience: Patience) -> BuiltInBackend:
        backend = BuiltInBackend(
            session,
            command=(sys.executable, "-S", str(SCRIPT), str(fake.folder)),
            patience=patience,
        )
        backends.append(backend)
        return backend

    yield make
    for backend in backends:
        await backend.stop()
    assert fake.running == []


@pytest.fixture
def backend(make_backend: MakeBackend) -> BuiltInBackend:
    """Return a backend that does not wait long."""
    return make_backend(HASTY)


async def test_reading(backend: BuiltInBackend, fake: Fake, frame: Frame) -> None:
    """Once started it answers, whatever the child writes beside; stopped it is gone."""
    await backend.start()
    assert await backend.ping() == BackendInfo(version="0.0.1")
    assert await backend.check() == BackendInfo(version="0.0.1")
    assert [read.plate for read in await backend.read(frame)] == [Plate("AB12CDE")]
    await backend.stop()
    assert fake.running == []
    assert len(fake.pids) == 1
    with pytest.raises(BackendUnavailableError):
        await backend.read(frame)


async def test_secrets(
    backend: BuiltInBackend,
    fake: Fake,
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The child wants the token that it was given, and was given no other secret."""
    secrets = (
        "SUPERVISOR_TOKEN",
        "DB_PASSWORD_FILE",
        "Client_Secret",
        "aws_access_key",
    )
    harmless = ("KEYBOARD", "TOKENIZER", "MONKEY")
    for name in (*secrets, *harmless):
        monkeypatch.setenv(name, "something")
    await backend.start()
    async with session.get(f"http://127.0.0.1:{fake.port}/v1/status/ping") as response:
        assert response.status == 401
    given = set((fake.folder / "environment").read_text().splitlines())
    assert given.isdisjoint(secrets)
    assert given.issuperset((*harmless, "PATH", "PLATE_GATE_RECOGNIZER_TOKEN"))
    await backend.ping()


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("end", BackendUnavailableError),
        ("unable", BackendRejectedError),
        ("garbage", BackendProtocolError),
        ("elsewhere", BackendProtocolError),
        ("endless", BackendProtocolError),
    ],
)
async def test_start_fails(
    backend: BuiltInBackend,
    fake: Fake,
    frame: Frame,
    mode: str,
    kind: type[BackendError],
) -> None:
    """What does not get ready is ended, tells nothing, and may be tried again."""
    fake.behave(mode)
    with pytest.raises(BackendError) as caught:
        await backend.start()
    assert type(caught.value) is kind
    assert_silent(caught.value, "AB12CDE", str(fake.folder), sys.executable)
    assert len(fake.pids) == 1
    assert fake.running == []
    with pytest.raises(BackendUnavailableError):
        await backend.read(frame)

    fake.behave("well")
    await backend.start()
    assert await backend.read(frame)


async def test_never_ready(make_backend: MakeBackend, fake: Fake) -> None:
    """A child that says nothing is given up."""
    fake.behave("silent")
    with pytest.raises(BackendTimeoutError) as caught:
        await make_backend(Patience(ready=0.2, leave=5)).start()
    assert_silent(caught.value, str(fake.folder))
    assert fake.running == []


async def test_no_such_program(session: aiohttp.ClientSession) -> None:
    """An interpreter that is not there is an error of ours."""
    backend = BuiltInBackend(session, python="/nowhere/python-of-demo")
    with pytest.raises(BackendUnavailableError) as caught:
        await backend.start()
    assert_silent(caught.value, "python-of-demo")
    await backend.stop()


async def test_no_recognizer(session: aiohttp.ClientSession) -> None:
    """A Python without the recognizer ends at once."""
    # -I and -S: no environment and no site-packages.
    command = (sys.executable, "-I", "-S", "-m", "plate_gate_recognizer", "serve")
    backend = BuiltInBackend(session, command=command)
    with pytest.raises(BackendUnavailableError):
        await backend.start()
    await backend.stop()


async def test_start_cancelled(backend: BuiltInBackend, fake: Fake) -> None:
    """A start that nobody waits for any more leaves no child."""
    fake.behave("silent")
    start = asyncio.create_task(backend.start())
    await until(lambda: len(fake.pids) == 1)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert fake.running == []


async def test_started_and_stopped_repeatedly(
    backend: BuiltInBackend, fake: Fake, frame: Frame
) -> None:
    """Starting and stopping twice is like once, and it can be started anew."""
    await backend.stop()
    await backend.start()
    await backend.start()
    assert len(fake.pids) == 1
    await backend.stop()
    await backend.stop()
    assert fake.running == []
    await backend.start()
    assert await backend.read(frame)
    assert len(fake.pids) == 2


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what Plate Gate wrote into the log."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.plate_gate")
    ]


ENDED = "The built-in recognizer ended (-9) and is run again"
STEADY = "The built-in recognizer runs steadily again"


async def test_killed(
    make_backend: MakeBackend,
    fake: Fake,
    frame: Frame,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A child that keeps dying is run again each time, which is logged once."""
    backend = make_backend(replace(HASTY, steady=1000))
    await backend.start()
    for _ in range(3):
        await kill(fake)
        await until_reading(backend, frame)
    assert len(fake.running) == 1
    assert logged(caplog) == [ENDED]


async def test_steady_again(
    backend: BuiltInBackend, fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so when the trouble is over, and speaks up at the next one."""
    caplog.set_level(logging.INFO, "custom_components.plate_gate")
    await backend.start()
    for _ in range(2):
        caplog.clear()
        await kill(fake)
        await until(lambda: STEADY in logged(caplog))
        assert logged(caplog) == [ENDED, STEADY]


async def test_down(make_backend: MakeBackend, fake: Fake, frame: Frame) -> None:
    """While no child runs, every question is refused at once, and stopping is quick."""
    backend = make_backend(Patience(leave=5, pause=1000))
    await backend.start()
    await kill(fake)
    async with asyncio.timeout(5):
        for question in (backend.ping(), backend.check(), backend.read(frame)):
            with pytest.raises(BackendUnavailableError) as caught:
                await question
            assert_silent(caught.value, fake.port)
        await backend.stop()
    assert len(fake.pids) == 1


async def test_keeps_failing(backend: BuiltInBackend, fake: Fake, frame: Frame) -> None:
    """It is tried until it runs."""
    await backend.start()
    fake.behave("end")
    await kill(fake)
    await until(lambda: len(fake.pids) >= 4)
    fake.behave("well")
    await until_reading(backend, frame)


async def test_hangs(make_backend: MakeBackend, fake: Fake, frame: Frame) -> None:
    """A child that lets three readings in a row wait is killed and run again."""
    backend = make_backend(replace(HASTY, answer=0.5))
    await backend.start()
    fake.behave("hang")
    for _ in range(3):
        with pytest.raises(BackendTimeoutError):
            await backend.read(frame)
    await until(lambda: len(fake.pids) == 2)
    assert not _exists(fake.pids[0])
    fake.behave("well")
    await until_reading(backend, frame)


class Scripted:
    """A client that is slow when it is told to be."""

    slow = False

    async def ping(self) -> BackendInfo:
        """Answer, or be too slow."""
        if self.slow:
            raise BackendTimeoutError
        return BackendInfo()

    async def read(self, frame: Frame) -> list[PlateRead]:
        """Refuse, which is an answer too, or be too slow."""
        raise BackendTimeoutError if self.slow else BackendRejectedError


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ("RRR", True),
        ("PPP", True),
        ("RpRpR", True),
        ("RRrRR", False),
        ("PPpPP", False),
        ("RRPP", False),
    ],
)
async def test_what_counts_as_hanging(
    make_backend: MakeBackend, fake: Fake, frame: Frame, asked: str, ends: bool
) -> None:
    """Only slow answers of one kind in a row count: P and R are slow, p and r are not.

    A child whose reading hangs may well go on to answer pings.
    """
    backend = make_backend(replace(HASTY, pause=1000, pause_max=1000))
    await backend.start()
    child_itself = backend._client
    assert child_itself is not None
    client = Scripted()
    backend._client = cast(CodeProjectBackend, client)
    for letter in asked:
        client.slow = letter.isupper()
        with suppress(BackendError):
            await (backend.ping() if letter in "pP" else backend.read(frame))
    if ends:
        await until(lambda: fake.running == [])
    else:
        await child_itself.ping()


async def test_stubborn(make_backend: MakeBackend, fake: Fake) -> None:
    """A child that neither leaves nor lets itself be told to is killed."""
    fake.behave("stubborn")
    backend = make_backend(Patience(leave=0.1))
    await backend.start()
    await backend.stop()
    assert fake.running == []


async def test_stop_cancelled(make_backend: MakeBackend, fake: Fake) -> None:
    """Whoever is too impatient to wait for the end gets it at once."""
    fake.behave("stubborn")
    backend = make_backend(Patience(leave=1000))
    await backend.start()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await backend.stop()
    await until(lambda: fake.running == [])
    await backend.stop()


def test_pauses() -> None:
    """Pauses grow from a second to a minute."""
    pauses = list(islice(Patience().pauses(), 9))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_available(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recognizer is offered where it is installed, without importing it."""
    monkeypatch.delitem(sys.modules, "plate_gate_recognizer", raising=False)
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert not built_in_available()
    package = tmp_path / "elsewhere" / "plate_gate_recognizer"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError")
    sys.path.append(str(package.parent))
    assert built_in_available()
    assert "plate_gate_recognizer" not in sys.modules


def test_available_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something odd in its place counts as not installed."""
    odd = ModuleType("plate_gate_recognizer")
    assert odd.__spec__ is None
    monkeypatch.setitem(sys.modules, "plate_gate_recognizer", odd)
    assert not built_in_available()
