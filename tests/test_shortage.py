"""Tests of whether backends that are only busy are taken to leave a site blind."""

import pytest

from custom_components.plate_gate.errors import (
    BackendError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendUnavailableError,
)
from custom_components.plate_gate.recognition import (
    BackendHealth,
    BackendState,
    PoolHealth,
)
from custom_components.plate_gate.shortage import LATELY, Shortage

BUSY = BackendRateLimitedError("busy")


class Watch:
    """Two backends that are looked at one after another, and a clock."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.now = 1000.0
        self.state = BackendState.BUSY
        self.reads = [0, 0]
        self.shortage = Shortage(lambda: self.now)

    def look(self) -> bool:
        """Look at the backends; return whether there is a shortage."""
        first, second = self.reads
        self.shortage.look(
            PoolHealth(
                backends=(
                    BackendHealth(key="1", name="1", state=self.state, reads=first),
                    BackendHealth(
                        key="2", name="2", state=BackendState.FAILED, reads=second
                    ),
                )
            )
        )
        return self.shortage.error is not None

    def hear(self, complaint: BackendError) -> bool:
        """Let a lane complain; return whether there is a shortage."""
        self.look()
        self.shortage.complain(complaint)
        return self.shortage.error is not None


@pytest.fixture
def watch() -> Watch:
    """Return backends that have read nothing for some time."""
    watch = Watch()
    watch.now += LATELY
    return watch


def test_busy_without_a_complaint(watch: Watch) -> None:
    """That a backend is busy is no shortage by itself."""
    assert not watch.look()


def test_complaint_lasts_until_somebody_is_read(watch: Watch) -> None:
    """Silence ends nothing, nor does a backend that says it is ready; a reading does."""
    assert watch.hear(BUSY)
    assert watch.shortage.error is BUSY
    watch.now += 10_000
    watch.state = BackendState.READY
    assert watch.look()
    watch.reads[1] += 1
    assert not watch.look()


def test_who_waits_while_others_are_read(watch: Watch) -> None:
    """A site with too much to do is not blind."""
    for place in (0, 1, 0):
        watch.now += LATELY
        watch.reads[place] += 1
        assert not watch.hear(BUSY)
        watch.now += LATELY / 2
        assert not watch.hear(BUSY)
    watch.now += LATELY / 2
    assert watch.hear(BUSY)


@pytest.mark.parametrize("error", [BackendRejectedError(), BackendUnavailableError()])
def test_other_reasons(watch: Watch, error: BackendError) -> None:
    """What else is wrong is not made a shortage, and takes the place of one."""
    assert not watch.hear(error)
    assert watch.hear(BUSY)
    assert not watch.hear(error)


def test_none_is_left(watch: Watch) -> None:
    """Who has failed is not busy any more."""
    assert watch.hear(BUSY)
    watch.state = BackendState.FAILED
    assert not watch.look()
    watch.state = BackendState.READY
    assert not watch.look()
