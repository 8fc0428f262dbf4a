"""Tests that no answer, however damaged, leads anywhere but to reads or our errors."""

from collections import Counter
from datetime import UTC, datetime
import json
import random
import warnings

import aiohttp
import numpy as np
import pytest

from custom_components.plate_gate.errors import BackendError
from custom_components.plate_gate.models import PLATE_MAX, PLATE_MIN, Frame, PlateRead
from custom_components.plate_gate.recognition.http import (
    RETRY_AFTER_MAX,
    Answer,
    retry_after,
)
from custom_components.plate_gate.recognition.reads import RESULTS_MAX

from .answers import assert_silent, fixture, fixture_bytes, pack, spell
from .mutations import HEADERS, STATUSES, mutate
from .server import says
from .systems import CODEPROJECT, SYSTEMS, System

FRAME = Frame(jpeg=b"", width=640, height=360, taken=0.0)
ANSWERS = 20_000
NOW = datetime(2026, 1, 3, 10, tzinfo=UTC)


def samples(system: System) -> list[bytes]:
    """Return answers of a system that are whole."""
    bodies = [fixture_bytes(name) for name in (*system.plates, system.empty)]
    if system is CODEPROJECT:
        answer = fixture("alpr_two_plates")
        answer["predictions"][0]["characters"] = pack(spell("AB12CDE"))
        bodies.append(dumped(answer))
    return bodies


def dumped(answer: object) -> bytes:
    """Return an answer as it comes over the wire."""
    return json.dumps(answer).encode()


def assert_sound(reads: list[PlateRead]) -> None:
    """Assert that reads are within their ranges."""
    assert len(reads) <= RESULTS_MAX
    for read in reads:
        assert type(read.confidence) is float
        assert 0 <= read.confidence <= 1
        assert PLATE_MIN <= len(read.plate.reveal()) <= PLATE_MAX
        if read.box is not None:
            assert 0 <= read.box.x_min < read.box.x_max <= FRAME.width
            assert 0 <= read.box.y_min < read.box.y_max <= FRAME.height
        if read.characters is not None:
            np.testing.assert_allclose(read.characters.sum(axis=1), 1, atol=1e-4)


def assert_brief(error: BackendError) -> None:
    """Assert that an error quotes nothing, quickly: see `assert_silent`."""
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    assert error.args and len(str(error)) < 80
    told = repr(error.args).upper()
    assert "AB12" not in told
    assert "KN18" not in told


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
def test_no_answer_breaks_a_backend(system: System) -> None:
    """Of 20,000 damaged answers each is sound reads or an error of ours."""
    chance = random.Random(system.name)
    bodies = samples(system)
    met: Counter[str] = Counter()
    for number in range(ANSWERS):
        well = chance.random() < 0.9
        status = chance.choice((200, 201) if well else STATUSES)
        headers = {
            "Retry-After": chance.choice(HEADERS),
            "Date": chance.choice(HEADERS),
        }
        wait = retry_after(headers, NOW)
        assert wait is None or 0 <= wait <= RETRY_AFTER_MAX
        body = mutate(chance.choice(bodies), chance)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                answer = Answer(status=status, body=body, retry_after=wait)
                reads = system.understand(answer, FRAME)
        except BackendError as err:
            met[type(err).__name__] += 1
            assert_brief(err)
            if number % 50 == 0:
                assert_silent(err, "AB12CDE", "KN18RTX", "ab12cde")
            continue
        assert_sound(reads)
        met["reads" if reads else "no plate"] += 1
        met["boxes"] += sum(read.box is not None for read in reads)
        met["no boxes"] += sum(read.box is None for read in reads)
        met["characters"] += sum(read.characters is not None for read in reads)
    # So that it is known to test something: both sides are reached, and often.
    assert min(met["reads"], met["BackendProtocolError"]) > ANSWERS / 10, met
    assert min(met["no plate"], met["boxes"], met["no boxes"]) > ANSWERS / 50, met
    assert min(met["BackendRateLimitedError"], met["BackendAuthError"]) > 50, met
    assert (met["characters"] > 0) == (system is CODEPROJECT), met


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.name)
async def test_no_answer_breaks_a_connection(
    session: aiohttp.ClientSession, system: System
) -> None:
    """The same over a real connection, with fewer, and it works again afterwards."""
    chance = random.Random(system.name)
    bodies = samples(system)
    met: Counter[bool] = Counter()
    frame = Frame(jpeg=b"a picture", width=640, height=360, taken=0.0)
    async with system.server() as server:
        well = server.answers[system.read]
        backend = system.make(session, server.url)
        for _ in range(200):
            status = 200 if chance.random() < 0.9 else chance.choice(STATUSES[:11])
            body = mutate(chance.choice(bodies), chance)
            server.answers[system.read] = says(body, status=status)
            try:
                reads = await backend.read(frame)
            except BackendError as err:
                assert_brief(err)
                met[False] += 1
                continue
            assert_sound(reads)
            met[True] += 1
        server.answers[system.read] = well
        assert await backend.read(frame) == []
    assert min(met.values()) > 20
