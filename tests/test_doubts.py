"""Tests of whether a backend that is said to be well again is believed."""

from custom_components.plate_gate.doubts import DOUBT, Doubts
from custom_components.plate_gate.errors import BackendUnavailableError
from custom_components.plate_gate.recognition import (
    BackendHealth,
    BackendState,
    PoolHealth,
)

READY = BackendState.READY
FAILED = BackendState.FAILED


class Watch:
    """Two backends that are looked at one after another, and a clock."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.now = 1000.0
        self.doubts = Doubts(lambda: self.now)

    def see(self, state: BackendState, reads: int = 0) -> BackendState:
        """Say how the first backend is doing; return how that is shown."""
        error = BackendUnavailableError() if state is FAILED else None
        health = PoolHealth(
            backends=(
                BackendHealth(
                    key="1", name="One", state=state, error=error, reads=reads
                ),
                BackendHealth(key="2", name="Two", state=READY),
            )
        )
        first, second = self.doubts.weigh(health).backends
        assert second.state is READY
        assert (first.state is FAILED) is (first.error is not None)
        return first.state


def test_well() -> None:
    """Who has never failed is not doubted."""
    watch = Watch()
    assert watch.see(READY) is READY
    assert watch.see(BackendState.BUSY) is BackendState.BUSY


def test_back() -> None:
    """Who comes back is believed, again and again if it reads between."""
    watch = Watch()
    for reads in range(3):
        assert watch.see(FAILED, reads) is FAILED
        assert watch.see(READY, reads) is READY
        assert watch.see(READY, reads + 1) is READY


def test_relapse() -> None:
    """Who passes a probe and reads nothing is not believed before it reads."""
    watch = Watch()
    watch.see(FAILED, 5)
    assert watch.see(READY, 5) is READY
    watch.see(FAILED, 5)
    assert watch.see(READY, 5) is FAILED
    watch.see(FAILED, 5)
    assert watch.see(READY, 5) is FAILED
    assert watch.see(BackendState.BUSY, 5) is FAILED
    assert watch.see(READY, 6) is READY
    # From here on it is as if nothing had been.
    watch.see(FAILED, 6)
    assert watch.see(READY, 6) is READY


def test_last_answers_are_no_reading() -> None:
    """What was still answered while it failed does not count."""
    watch = Watch()
    watch.see(FAILED, 5)
    watch.see(READY, 5)
    watch.see(FAILED, 5)
    watch.see(FAILED, 7)
    assert watch.see(READY, 7) is FAILED
    assert watch.see(READY, 8) is READY


def test_doubt_ends() -> None:
    """Where no vehicle comes there is nothing to read, and yet all may be well."""
    watch = Watch()
    watch.see(FAILED)
    watch.see(READY)
    watch.see(FAILED)
    watch.now += DOUBT - 1
    assert watch.see(READY) is FAILED
    watch.now += 1
    assert watch.see(READY) is READY


def test_failure_a_day_later() -> None:
    """Two failures that lie far apart have nothing to do with each other."""
    watch = Watch()
    watch.see(FAILED)
    watch.see(READY)
    watch.now += DOUBT
    watch.see(READY)
    watch.see(FAILED)
    assert watch.see(READY) is READY
