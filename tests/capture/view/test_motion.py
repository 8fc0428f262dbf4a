"""The motion gate: what passes it, and what does not."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.plate_gate.capture.view.gray import GRAY_HEIGHT, GRAY_WIDTH, Gray
from custom_components.plate_gate.capture.view.motion import (
    ATTENTIVE,
    FORCED,
    FORCED_IDLE,
    HOLD,
    MotionGate,
)
from custom_components.plate_gate.const import SENSITIVITIES

STEP = 0.2
"""Seconds between two pictures, unless a test says otherwise."""

SENSITIVE = [level for level in SENSITIVITIES if level != "off"]


class Yard:
    """What a camera sees: a yard with some structure, and the noise of the sensor."""

    def __init__(self, noise: float = 1.0) -> None:
        """Build the same yard every time.

        Args:
            noise: Standard deviation in levels.

        """
        self._random = np.random.default_rng(3)
        self._noise = noise
        tiles = self._random.uniform(40, 180, (18, 32))
        self.scene = np.kron(tiles, np.ones((10, 10)))

    def picture(self, scene: NDArray[np.floating] | None = None) -> Gray:
        """Take a picture of the yard, or of something else."""
        scene = self.scene if scene is None else scene
        grain = self._random.standard_normal(scene.shape, dtype=np.float32)
        return np.clip(scene + self._noise * grain, 0, 255).astype(np.uint8)

    def with_car(
        self, left: int, width: int = 64, height: int = 40, brightness: float = 230
    ) -> Gray:
        """Take a picture with a car in it, which is all of one brightness."""
        scene = self.scene.copy()
        scene[100 : 100 + height, max(left, 0) : left + width] = brightness
        return self.picture(scene)


def settled(gate: MotionGate, yard: Yard, seconds: float = 20.0) -> float:
    """Let the gate see the yard until it is quiet; return the time."""
    now = 0.0
    while now < seconds:
        gate.passes(yard.picture(), now)
        now += STEP
    return now


def times(since: float, seconds: float) -> Iterator[float]:
    """Yield when pictures are taken."""
    return (since + STEP * n for n in range(1, round(seconds / STEP) + 1))


@pytest.mark.parametrize("sensitivity", SENSITIVITIES)
def test_first_picture_passes(sensitivity: str) -> None:
    """Nobody knows what the first picture shows, so it is looked at."""
    assert MotionGate(sensitivity).passes(Yard().picture(), 50.0)


def test_off_lets_all_pass() -> None:
    """Without the gate, every picture passes."""
    yard, gate = Yard(), MotionGate("off")
    assert all(gate.passes(yard.picture(), now) for now in times(0.0, 30.0))


@pytest.mark.parametrize("sensitivity", SENSITIVE)
def test_noise_is_no_movement(sensitivity: str) -> None:
    """Nothing moves in three minutes of a noisy night, however sensitive the gate is."""
    yard, gate = Yard(noise=2.0), MotionGate(sensitivity)
    gate.moved(yard.picture(), 0.0)
    assert not any(gate.moved(yard.picture(), now) for now in times(0.0, 180.0))


@pytest.mark.parametrize("sensitivity", SENSITIVE)
def test_slow_light_is_no_movement(sensitivity: str) -> None:
    """Dusk does not trigger, though it takes half of the light within five minutes."""
    yard, gate = Yard(), MotionGate(sensitivity)
    gate.moved(yard.picture(), 0.0)
    assert not any(
        gate.moved(yard.picture(yard.scene * (1 - now / 600)), now)
        for now in times(0.0, 300.0)
    )


@pytest.mark.parametrize(
    "step", [lambda scene: scene * 1.15, lambda scene: scene - 12], ids=["gain", "sum"]
)
@pytest.mark.parametrize("sensitivity", SENSITIVE)
def test_exposure_step_is_no_movement(
    sensitivity: str,
    step: Callable[[NDArray[np.floating]], NDArray[np.floating]],
) -> None:
    """The automatic exposure does not trigger."""
    yard, gate = Yard(), MotionGate(sensitivity)
    now = settled(gate, yard)
    brighter = step(yard.scene)
    assert not any(gate.moved(yard.picture(brighter), t) for t in times(now, 5.0))


def test_car_is_seen_through_an_exposure_step() -> None:
    """A car that arrives while the exposure steps does move."""
    yard, gate = Yard(), MotionGate("medium")
    now = settled(gate, yard)
    brighter = yard.with_car(100, brightness=20).astype(np.float64) * 1.15
    assert gate.moved(yard.picture(brighter), now)


@pytest.mark.parametrize("sensitivity", SENSITIVE)
@pytest.mark.parametrize(
    ("width", "height"), [(64, 40), (220, 80)], ids=["far", "near"]
)
def test_car_is_noticed_at_once(sensitivity: str, width: int, height: int) -> None:
    """The first picture that shows a third of a car passes."""
    yard, gate = Yard(), MotionGate(sensitivity)
    now = settled(gate, yard)
    assert gate.moved(yard.with_car(-2 * width // 3, width, height), now)


def test_sensitivity_decides_on_a_faint_car() -> None:
    """A car that hardly differs from the yard is for the sensitive gate only."""
    yard = Yard()
    yard.scene[:] = 100
    moved = {}
    for sensitivity in SENSITIVE:
        gate = MotionGate(sensitivity)
        now = settled(gate, yard)
        moved[sensitivity] = gate.moved(yard.with_car(100, brightness=113), now)
    assert moved == {"low": False, "medium": False, "high": True}


def test_after_a_movement_pictures_pass() -> None:
    """Pictures pass for a while after the movement, then no longer."""
    yard, gate = Yard(), MotionGate("medium")
    now = settled(gate, yard)
    assert gate.passes(yard.with_car(100), now)
    assert gate.moved_at == now
    after = [t for t in times(now, 4.0) if gate.passes(yard.picture(), t)]
    assert after == [t for t in times(now, 4.0) if t - now <= HOLD]


def test_waiting_car_is_looked_at_again_and_again() -> None:
    """A car that stops is swallowed after some tens of seconds, and not forgotten."""
    yard, gate = Yard(), MotionGate("medium")
    now = settled(gate, yard)
    moved, passed = [], []
    for t in times(now, 400.0):
        if gate.passes(yard.with_car(100), t):
            passed.append(t)
        if gate.moved_at == t:
            moved.append(t)

    swallowed = moved[-1]
    assert 10 < swallowed - now < 60
    gaps = np.diff([t for t in passed if t > swallowed + HOLD])
    soon = int((ATTENTIVE - HOLD) / FORCED) - 2
    assert gaps[:soon] == pytest.approx(FORCED, abs=1.1 * STEP)
    assert gaps[soon + 2 :] == pytest.approx(FORCED_IDLE, abs=1.1 * STEP)
    assert len(gaps) > soon + 4


def test_mask_hides_a_movement() -> None:
    """What moves outside of the mask does not count; inside of it, it does."""
    mask = np.ones((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
    mask[90:150] = False
    yard = Yard()
    for hidden, gate in (
        (True, MotionGate("high", mask)),
        (False, MotionGate("high", ~mask)),
    ):
        now = settled(gate, yard)
        assert gate.moved(yard.with_car(100), now) is not hidden


def test_small_region_is_watched() -> None:
    """A region that is smaller than the movement asked for can still move."""
    mask = np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
    mask[113:119, 103:124] = True
    yard, gate = Yard(), MotionGate("low", mask)
    now = settled(gate, yard)
    assert not gate.moved(yard.picture(), now)
    assert gate.moved(yard.with_car(90), now + STEP)


def test_car_that_fills_the_region_is_no_light() -> None:
    """A car that fills a small region is not taken for the background at once."""
    mask = np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
    mask[105:135, 110:150] = True
    yard, gate = Yard(), MotionGate("medium", mask)
    now = settled(gate, yard)
    assert all(gate.moved(yard.with_car(100), t) for t in times(now, 5.0))


def test_empty_mask_looks_everywhere() -> None:
    """A mask that is True nowhere does not make the gate blind."""
    gate = MotionGate("medium", np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.bool_))
    yard = Yard()
    now = settled(gate, yard)
    assert gate.moved(yard.with_car(100), now)


def test_infrared_switch_counts_once() -> None:
    """When the whole picture changes it passes, and is the new background at once."""
    yard, gate = Yard(), MotionGate("medium")
    now = settled(gate, yard)
    night = np.roll(yard.scene, 70, axis=1)[::-1] * 0.3
    night[40:140, 80:240] += 90
    moved = [gate.moved(yard.picture(night), t) for t in times(now, 10.0)]
    assert moved == [True] + [False] * (len(moved) - 1)


def test_reset_lets_the_next_picture_pass() -> None:
    """After a reset the next picture is the first, and the old background is gone."""
    yard, gate = Yard(), MotionGate("medium")
    now = settled(gate, yard)
    assert not gate.passes(yard.picture(), now)
    gate.reset()
    assert gate.moved_at is None
    assert gate.passes(yard.picture(yard.scene[::-1]), now + STEP)
    assert not gate.moved(yard.picture(yard.scene[::-1]), now + 2 * STEP)


def test_pause_hides_nothing() -> None:
    """What arrived while nobody looked still moves when somebody does."""
    yard, gate = Yard(), MotionGate("medium")
    now = settled(gate, yard) + 3600
    assert gate.moved(yard.with_car(100), now)
    assert gate.moved(yard.with_car(100), now + STEP)


def test_rate_of_pictures_does_not_matter() -> None:
    """A car is swallowed after the same time, however many pictures there are."""
    ends = []
    for step in (0.05, 0.2, 1.0):
        yard, gate = Yard(), MotionGate("medium")
        gate.moved(yard.picture(), 0.0)
        count = 0
        while gate.moved(yard.with_car(100), (count + 1) * step):
            count += 1
        ends.append(count * step)
    assert ends == pytest.approx([ends[0]] * 3, rel=0.1, abs=2.0)
