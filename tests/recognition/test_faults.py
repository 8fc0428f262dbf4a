"""Tests that every fault of a server is one of a few errors, whichever system it is."""

from dataclasses import dataclass, field

import aiohttp
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
from custom_components.plate_gate.recognition.check_picture import CHECK_FRAME
from custom_components.plate_gate.recognition.http import ANSWER_MAX

from .answers import assert_silent, fixture_bytes
from .faults import (
    SECRET,
    bomb,
    break_off,
    flood,
    hang_up,
    packed,
    redirect,
    refuse_and_trickle,
    silence,
    status,
    trickle,
)
from .server import Answer, says
from .systems import SYSTEMS, System

TOKEN = "open-sesame-73"

type Kind = type[BackendError]

AUTH = BackendAuthError
LIMITED = BackendRateLimitedError
PROTOCOL = BackendProtocolError
REJECTED = BackendRejectedError
TIMEOUT = BackendTimeoutError
UNAVAILABLE = BackendUnavailableError


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault and what it means."""

    name: str
    answer: Answer
    reading: Kind
    """When a picture was sent."""
    ping: Kind
    """When the question was one that the system knows."""
    presence: Kind | None
    """When it was one to which any harmless answer is a sign of life."""
    limited: frozenset[str] = field(default=frozenset())
    """Systems that say by it, of a reading, that no more may be asked for."""

    def of_reading(self, system: System) -> Kind:
        """Return the error of a reading."""
        return LIMITED if system.name in self.limited else self.reading

    def of_ping(self, system: System) -> Kind | None:
        """Return the error of a ping."""
        return self.ping if system.tells_presence else self.presence


def same(name: str, answer: Answer, kind: Kind) -> Fault:
    """Return a fault that always means the same."""
    return Fault(name=name, answer=answer, reading=kind, ping=kind, presence=kind)


def strange(name: str, answer: Answer, reading: Kind = PROTOCOL) -> Fault:
    """Return a fault that does not show that nobody is there."""
    return Fault(
        name=name, answer=answer, reading=reading, ping=PROTOCOL, presence=None
    )


FAULTS = [
    same("silence", silence, TIMEOUT),
    same("trickle", trickle, TIMEOUT),
    same("hang up", hang_up, UNAVAILABLE),
    same("break off", break_off, UNAVAILABLE),
    same("flood", flood, PROTOCOL),
    same("bomb", bomb, PROTOCOL),
    same("packed", packed(b"{}"), PROTOCOL),
    same("huge", says(b" " * (ANSWER_MAX + 1)), PROTOCOL),
    same("redirect", redirect, PROTOCOL),
    same("refuse and trickle", refuse_and_trickle, AUTH),
    strange("garbage", says(b"\x00\x81AB12CDE\xff")),
    strange("empty", says(b"")),
    strange("no content", says(b"", status=204)),
    strange("html", says(b"<!DOCTYPE html>AB12CDE", content_type="text/html")),
    strange("400", status(400), REJECTED),
    same("401", status(401), AUTH),
    Fault(
        name="402",
        answer=status(402),
        reading=PROTOCOL,
        ping=PROTOCOL,
        presence=None,
        limited=frozenset({"openalpr", "plate_recognizer"}),
    ),
    Fault(
        name="403",
        answer=status(403),
        reading=AUTH,
        ping=AUTH,
        presence=None,
        limited=frozenset({"openalpr"}),
    ),
    strange("404", status(404)),
    strange("405", status(405)),
    same("408", status(408), UNAVAILABLE),
    strange("413", status(413), REJECTED),
    strange("415", status(415), REJECTED),
    strange("422", status(422), REJECTED),
    same("429", status(429), LIMITED),
    same("429 for a while", status(429, Retry_After="7"), LIMITED),
    same("500", status(500), UNAVAILABLE),
    same("503", status(503), UNAVAILABLE),
    same("503 for a while", status(503, Retry_After="7"), LIMITED),
    same("503 without sense", status(503, Retry_After="soon"), UNAVAILABLE),
]

systems = pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
faults = pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)


def patience(fault: Fault) -> float:
    """Return how long to wait: not long where waiting is what is expected."""
    return 0.05 if fault.reading is TIMEOUT else 10


@systems
@faults
async def test_reading(
    session: aiohttp.ClientSession, system: System, fault: Fault
) -> None:
    """A fault of a reading is an error that tells nothing, and passes with its cause."""
    async with system.server() as server:
        well = server.answers[system.read]
        server.answers[system.read] = fault.answer
        backend = system.make(session, server.url, token=TOKEN, timeout=patience(fault))
        for ask in (backend.check(), backend.read(CHECK_FRAME)):
            with pytest.raises(BackendError) as caught:
                await ask
            assert type(caught.value) is fault.of_reading(system)
            assert_silent(caught.value, server.address, TOKEN, SECRET.decode())
            if isinstance(caught.value, LIMITED):
                wish = 7 if "for a while" in fault.name else None
                assert caught.value.retry_after == wish

        server.answers[system.read] = well
        backend = system.make(session, server.url, token=TOKEN)
        assert await backend.read(CHECK_FRAME) == []


@systems
@faults
async def test_ping(
    session: aiohttp.ClientSession, system: System, fault: Fault
) -> None:
    """A fault of a ping is an error, unless it shows that somebody is there."""
    async with system.server() as server:
        server.answers[system.ping] = fault.answer
        backend = system.make(session, server.url, token=TOKEN, timeout=patience(fault))
        kind = fault.of_ping(system)
        for ask in (backend.start, backend.ping):
            if kind is None:
                await ask()
                continue
            with pytest.raises(BackendError) as caught:
                await ask()
            assert type(caught.value) is kind
            assert_silent(caught.value, server.address, TOKEN, SECRET.decode())
        await backend.stop()
        assert {request.method for request in server.received} <= {"GET"}


@systems
@pytest.mark.parametrize("other", SYSTEMS, ids=lambda s: s.name)
async def test_another_system(
    session: aiohttp.ClientSession, system: System, other: System
) -> None:
    """What answers is what was chosen, or it is refused: no plate is never made up."""
    async with system.server() as server:
        for name in (*other.plates, other.empty):
            server.answers[system.read] = says(fixture_bytes(name))
            backend = system.make(session, server.url)
            # Both have a list of the name "results", and the empty ones look alike.
            alike = {system.name, other.name} == {"openalpr", "plate_recognizer"}
            if system is other or (alike and name == other.empty):
                await backend.read(CHECK_FRAME)
                continue
            with pytest.raises(PROTOCOL) as caught:
                await backend.read(CHECK_FRAME)
            assert_silent(caught.value, SECRET.decode(), SECRET.decode().lower())
