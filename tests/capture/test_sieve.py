"""What of the files that a camera sends is handed on."""

import asyncio

import pytest

from custom_components.plate_gate.capture.outlet import Outlet
from custom_components.plate_gate.capture.picture import Picture
from custom_components.plate_gate.capture.sieve import (
    FROZEN,
    LOOKS,
    MAX_REFUSED,
    PATIENCE,
    Sieve,
)
from custom_components.plate_gate.capture.slot import Slot
from custom_components.plate_gate.errors import (
    CameraFrozenError,
    CameraLateError,
    CameraPictureError,
)

from .conftest import Clock
from .pictures import jpeg_of, numbered, without_tables


@pytest.fixture
def clock() -> Clock:
    """A clock that goes when told to."""
    return Clock()


@pytest.fixture
async def outlet(clock: Clock) -> Outlet:
    """An outlet into a slot that nobody empties."""
    slot = Slot(asyncio.get_running_loop(), clock=clock)
    return Outlet(slot, lambda: None, clock=clock)


@pytest.fixture
def handed(outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the pictures were taken that were handed on."""
    taken: list[float] = []
    offer = outlet.offer

    def spy(picture: Picture, at: float) -> None:
        offer(picture, at)
        taken.append(at)

    monkeypatch.setattr(outlet, "offer", spy)
    return taken


FILES = [jpeg_of(picture) for picture in numbered(4)]


async def test_gives_up_on_one_picture(
    clock: Clock, outlet: Outlet, handed: list[float]
) -> None:
    """The same picture for too long is an error; another one in time is not."""
    sieve = Sieve(outlet)
    for file, at in (
        (FILES[0], 100.0),
        (FILES[0], 100.0 + FROZEN - 1),
        (FILES[1], 100.0 + FROZEN),
        (FILES[1], 100.0 + 2 * FROZEN - 1),
    ):
        clock.now = at
        await sieve.offer(file, at)
    assert handed == [100.0, 100.0 + FROZEN]
    with pytest.raises(CameraFrozenError):
        await sieve.offer(FILES[1], 100.0 + 2 * FROZEN)


async def test_after_a_loss(clock: Clock, outlet: Outlet, handed: list[float]) -> None:
    """The picture from before is not new, however long a camera repeats it."""
    await Sieve(outlet).offer(FILES[0], 100.0)
    sieve = Sieve(outlet)
    await sieve.offer(FILES[0], 300.0)
    await sieve.offer(FILES[0], 300.0 + 2 * FROZEN)
    assert handed == [100.0]
    clock.now = 400.0
    await sieve.offer(FILES[1], 400.0)
    assert handed == [100.0, 400.0]
    with pytest.raises(CameraFrozenError):
        await sieve.offer(FILES[1], 400.0 + FROZEN)


async def test_gives_up_on_unfit_pictures(
    clock: Clock, outlet: Outlet, handed: list[float]
) -> None:
    """Some unfit pictures are left out; too many in a row are an error."""
    sieve = Sieve(outlet)
    cut = [FILES[1][:1000], without_tables(FILES[2]), without_tables(FILES[3])]
    for file in (*cut[: MAX_REFUSED - 1], FILES[0], *cut[: MAX_REFUSED - 1]):
        clock.now += 1.0
        await sieve.offer(file, clock.now)
    assert len(handed) == 1
    assert outlet.corrupt == 2 * (MAX_REFUSED - 1)
    with pytest.raises(CameraPictureError):
        await sieve.offer(cut[-1], clock.now + 1.0)


async def test_many_pictures_are_not_all_decoded(
    clock: Clock, outlet: Outlet, handed: list[float]
) -> None:
    """A fast stream is looked at now and then, and counted as a whole."""
    sieve = Sieve(outlet)
    count = 60
    for n in range(count):
        clock.now = 100.0 + n / 30
        await sieve.offer(FILES[n % 4], clock.now)
    assert outlet.decoded == count
    assert len(handed) == pytest.approx(count / 30 * LOOKS, abs=2)


async def test_gives_up_on_late_pictures(clock: Clock, outlet: Outlet) -> None:
    """Nothing but pictures that may be old is no camera; one in between is enough."""
    sieve = Sieve(outlet)
    sieve.miss(clock.now)
    clock.now += PATIENCE - 1
    sieve.miss(clock.now)
    await sieve.offer(FILES[0], clock.now)
    clock.now += 2
    sieve.miss(clock.now)
    clock.now += PATIENCE
    with pytest.raises(CameraLateError):
        sieve.miss(clock.now)
