"""From a map of likelihoods to lines of text."""

import numpy as np
import pytest

from plate_gate_recognizer.detector import Detector, lines_in
from plate_gate_recognizer.geometry import box_around
from plate_gate_recognizer.sessions import Floats
from plate_gate_recognizer.weights import TINY_DETECTOR

PICTURE = np.zeros((200, 400, 3), np.uint8)
"""Twice as large as the maps here."""


@pytest.fixture
def empty() -> Floats:
    """Return a map on which nothing is text."""
    return np.zeros((100, 200), np.float32)


def test_line(empty: Floats) -> None:
    """A core becomes a line around it, grown on all sides, in pixels of the picture."""
    empty[40:50, 50:110] = 0.8
    (line,) = lines_in(empty, PICTURE)
    assert line.score == pytest.approx(0.8, abs=0.1)
    box = box_around(line.quad)
    assert box.center == pytest.approx((159, 89), abs=2)
    # The core is 61 by 11 with its rim; each side grows by 61 * 11 * 1.6 / 2 / 72.
    assert box.width == pytest.approx(2 * (60 + 15), abs=3)
    assert box.height == pytest.approx(2 * (10 + 15), abs=3)


def test_two_lines(empty: Floats) -> None:
    """Two cores are two lines."""
    empty[20:30, 20:60] = 0.9
    empty[60:70, 120:180] = 0.9
    assert len(lines_in(empty, PICTURE)) == 2


def test_noise(empty: Floats) -> None:
    """Faint places, single pixels and nothing at all are no lines."""
    assert lines_in(empty, PICTURE) == []
    empty[40:50, 50:110] = 0.4
    empty[80, 80] = 1.0
    assert lines_in(empty, PICTURE) == []


@pytest.mark.parametrize(
    ("shape", "long_side", "sparing", "looked_at"),
    [
        ((720, 1280), 960, True, (544, 960)),
        ((1280, 1280), 960, True, (832, 832)),
        ((1280, 720), 960, True, (960, 544)),
        ((300, 400), 960, True, (448, 608)),
        ((300, 400), 960, False, (704, 960)),
        ((1280, 1280), 960, False, (960, 960)),
        ((16, 4000), 960, True, (32, 960)),
    ],
)
def test_size(
    monkeypatch: pytest.MonkeyPatch,
    shape: tuple[int, int],
    long_side: int,
    sparing: bool,
    looked_at: tuple[int, int],
) -> None:
    """Sides are multiples of 32; when sparing, squares and small pictures stay small."""
    seen: list[tuple[int, ...]] = []

    def network(batch: Floats) -> Floats:
        seen.append(batch.shape)
        return np.zeros((1, 1, *batch.shape[2:]), np.float32)

    detector = Detector(TINY_DETECTOR.locate(), 1)
    monkeypatch.setattr(detector, "_network", network)
    picture = np.zeros((*shape, 3), np.uint8)
    assert detector.find(picture, long_side, sparing=sparing) == []
    assert seen == [(1, 3, *looked_at)]
