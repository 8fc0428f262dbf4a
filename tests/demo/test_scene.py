"""The clip that the demo draws."""

import itertools

import numpy as np

from demo import scene


def test_a_car_comes_stands_and_leaves() -> None:
    """The yard is empty, then moves, stands still, moves, and is empty for long."""
    frames = list(scene.frames("AB12CDE"))
    assert len(frames) == round(scene.duration() * scene.FPS)
    assert {frame.shape for frame in frames} == {(scene.HEIGHT, scene.WIDTH, 3)}
    assert {frame.dtype for frame in frames} == {np.dtype(np.uint8)}

    empty = frames[0]
    assert np.array_equal(empty, frames[-1])
    kinds = [
        "empty"
        if np.array_equal(frame, empty)
        else "stands"
        if frame is before
        else "moves"
        for before, frame in itertools.pairwise([empty, *frames])
    ]
    runs = [(kind, len(list(run))) for kind, run in itertools.groupby(kinds)]
    assert [kind for kind, _ in runs] == ["empty", "moves", "stands", "moves", "empty"]
    # An arrival ends after ten seconds without a read; each round has to be a new one.
    assert runs[-1][1] / scene.FPS > 12
    assert runs[2][1] / scene.FPS > 3


def test_the_plate_is_the_one_that_was_asked_for() -> None:
    """Two plates give two pictures that differ where the plate is, and only there."""
    one, other = (scene.frame_at(10, plate) for plate in ("AB12CDE", "AB12CDF"))
    rows, columns = np.nonzero((one != other).any(axis=2))
    assert 5 < np.ptp(rows) < 40
    assert 5 < np.ptp(columns) < 130
