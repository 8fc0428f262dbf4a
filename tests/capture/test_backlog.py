"""Which pictures of a stream without time stamps count as held back."""

from custom_components.plate_gate.capture.backlog import Backlog

USUAL = [0.1] * 20
"""Seconds that the pictures of a camera with 10 per second are waited for."""


def held(*waits: float) -> list[bool]:
    """Tell which of these pictures count as held back, after a usual second or two."""
    backlog = Backlog()
    assert not any(backlog.holds(wait) for wait in USUAL)
    return [backlog.holds(wait) for wait in waits]


def test_usual_pictures() -> None:
    """Early and late ones are usual, as long as there is no silence."""
    assert held(0.0, 0.3, 0.001, 0.9, 0.0, 0.0, 0.1) == [False] * 7


def test_burst() -> None:
    """After a silence, everything counts that was not waited for."""
    assert held(2.8, 0.0, 0.001, 0.0, 0.09, 0.0) == [True] * 4 + [False] * 2


def test_slow_burst() -> None:
    """What comes faster than the camera takes it has piled up, if slowly so."""
    assert held(2.8, 0.03, 0.04, 0.03, 0.1, 0.03) == [True] * 4 + [False] * 2


def test_silence_without_burst() -> None:
    """If nothing has piled up, only one picture is lost."""
    assert held(2.8, 0.1, 0.1) == [True, False, False]


def test_slow_camera() -> None:
    """A camera that takes its time is not silent in between."""
    backlog = Backlog()
    assert not any(backlog.holds(2.0) for _ in range(20))
    assert not backlog.holds(5.0)
    assert backlog.holds(7.0)
    assert not backlog.holds(1.9)


def test_camera_that_slows_down() -> None:
    """One that takes fewer pictures from now on is not held back for good."""
    backlog = Backlog()
    assert not any(backlog.holds(0.1) for _ in range(20))
    said = [backlog.holds(1.2) for _ in range(10)]
    assert said == [True] * 3 + [False] * 7


def test_first_picture() -> None:
    """How long the first picture took says nothing: the connection was being made."""
    backlog = Backlog()
    assert not backlog.holds(3.0)
    assert not backlog.holds(0.1)
    assert backlog.holds(1.5)


def test_faster_camera() -> None:
    """No more counts than can have piled up, whatever the camera does after it."""
    assert sum(held(3.0, *[0.04] * 100)) <= 1 + 3.0 / (0.1 - 0.04) + 1
