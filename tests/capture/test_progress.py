"""How far the reading of a stream has come."""

import pytest

from custom_components.plate_gate.capture.progress import CATCH_UP, Progress

FPS = 15


class Reading:
    """A stream as its reader sees it."""

    def __init__(self, *, trust_stamps: bool = True) -> None:
        """Connect."""
        self.now = self.arrived = 100.0
        self.progress = Progress(self.now, trust_stamps=trust_stamps)

    def read(self, stamp: float | None, waited: float, decoding: float = 0.0) -> float:
        """Wait for a packet and decode it; return how late it is."""
        self.now += waited
        taken, self.arrived = self.arrived, self.now
        late = self.progress.note(stamp, taken, self.now, waited)
        self.now += decoding
        return late

    def catches_up(self, stamps: list[float], waited: float) -> list[bool]:
        """Read some packets; return whether each of them is taken for live."""
        live = []
        for stamp in stamps:
            self.read(stamp, waited)
            live.append(self.progress.is_live)
        return live


def stamps(count: int, since: float = 5000.0) -> list[float]:
    """Return the stamps of some pictures."""
    return [since + n / FPS for n in range(count)]


@pytest.mark.parametrize("waited", [0.0, 0.004, 0.012, 0.03])
def test_what_has_piled_up_is_not_live(waited: float) -> None:
    """It comes faster than it was taken, also through a slow network."""
    reading = Reading()
    assert not any(reading.catches_up(stamps(5 * FPS), waited))
    assert any(reading.catches_up(stamps(5, 5005.0), 1 / FPS))


def test_live_stream() -> None:
    """What is taken now has to be waited for, twice in a row."""
    reading = Reading()
    assert reading.catches_up(stamps(4), 1 / FPS) == [False, False, True, True]


def test_one_large_picture_is_not_enough() -> None:
    """A key picture of what has piled up takes long as well."""
    reading = Reading()
    for number, stamp in enumerate(stamps(3 * FPS)):
        reading.read(stamp, 0.06 if number % FPS == 0 else 0.01)
    assert not reading.progress.is_live


def test_b_pictures() -> None:
    """Stamps that go back and forth say nothing wrong of the pace."""
    reading = Reading()
    order = [group * 3 + n for group in range(20) for n in (2, 0, 1)]
    assert not any(reading.catches_up([5000 + n / FPS for n in order], 0.012))
    live = Reading().catches_up([5000 + n / FPS for n in order], 1 / FPS)
    assert live.index(True) <= 7


def test_slow_reader() -> None:
    """Who never has to wait is live, too, once nothing gets prompter any more."""
    reading = Reading()
    for stamp in stamps(round(0.5 * CATCH_UP * FPS)):
        reading.read(stamp, 0.0, decoding=1 / FPS)
    assert not reading.progress.is_live
    for stamp in stamps(round(CATCH_UP * FPS), 5000 + 0.5 * CATCH_UP):
        reading.read(stamp, 0.0, decoding=1 / FPS)
    assert reading.progress.is_live
    assert reading.progress.waited_at == 100.0


def test_without_stamps() -> None:
    """A camera that does not stamp is live after a while, and never late."""
    reading = Reading()
    for _ in range(round(CATCH_UP * FPS) + 2):
        assert reading.read(None, 1 / FPS) == 0.0
    assert reading.progress.is_live


def test_stamps_that_are_not_trusted() -> None:
    """They tell of no lateness then."""
    reading = Reading(trust_stamps=False)
    for stamp in stamps(10 * FPS):
        assert reading.read(stamp, 2 / FPS) == 0.0
    assert reading.progress.is_live
    assert not reading.progress.timeline.gives_up()
