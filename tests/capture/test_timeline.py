"""How late pictures are, told by time stamps of all kinds."""

from collections.abc import Iterator

import pytest

from custom_components.plate_gate.capture.timeline import (
    CLOCKS,
    FORGIVEN,
    PATIENCE,
    SLOW_PATIENCE,
    Timeline,
)

MAX_AGE = 2.0
FPS = 15


class Camera:
    """A camera whose stamps begin somewhere, and a network between it and us."""

    def __init__(self, timeline: Timeline, stamp: float = 5000.0) -> None:
        """Begin to send."""
        self.timeline = timeline
        self.stamp = stamp
        self.now = 100.0

    def send(
        self,
        seconds: float,
        *,
        pace: float = 1.0,
        delay: float = 0.0,
    ) -> list[float]:
        """Send for a while.

        Args:
            seconds: By our clock.
            pace: How fast its clock goes, compared with ours.
            delay: How much later than usual the pictures arrive.

        Returns:
            How late each picture counts as.

        """
        late = []
        for _ in range(round(seconds * FPS)):
            self.now += 1 / FPS
            self.stamp += pace / FPS
            late.append(self.timeline.lateness(self.stamp, self.now + delay))
        return late

    def stall(self, seconds: float) -> Iterator[float]:
        """Let the network stand still, and then deliver everything at once."""
        self.now += seconds
        for _ in range(round(seconds * FPS)):
            self.stamp += 1 / FPS
            yield self.timeline.lateness(self.stamp, self.now)


@pytest.fixture
def timeline() -> Timeline:
    """A timeline of a camera that was not read before."""
    return Timeline(MAX_AGE)


def test_prompt_pictures_are_not_late(timeline: Timeline) -> None:
    """Where everything arrives as it is taken, nothing is late."""
    assert max(Camera(timeline).send(60)) == pytest.approx(0.0, abs=1e-6)


def test_without_stamps_nothing_is_late(timeline: Timeline) -> None:
    """A camera that does not say when it took a picture is taken at its arrival."""
    for n in range(1000):
        assert timeline.lateness(None, 100.0 + n) == 0.0
    assert not timeline.gives_up()


def test_a_lost_stamp(timeline: Timeline) -> None:
    """One picture whose stamp is lost is as old as can be; if all are, none is."""
    camera = Camera(timeline)
    camera.send(10)
    camera.now += 2.5
    assert timeline.lateness(None, camera.now) == pytest.approx(2.5)
    camera.stamp += 2.5
    assert max(camera.send(1)) < 0.1
    assert timeline.lateness(None, camera.now) == pytest.approx(0.0, abs=0.01)
    for _ in range(100):
        camera.now += 1.0
        assert timeline.lateness(None, camera.now) == 0.0
    assert not timeline.gives_up()


def test_a_burst_is_late(timeline: Timeline) -> None:
    """What was held back is as old as it is, though it arrives now."""
    camera = Camera(timeline)
    camera.send(10)
    late = list(camera.stall(5.0))
    assert late[0] == pytest.approx(5.0, abs=0.2)
    assert late[-1] == pytest.approx(0.0, abs=0.2)
    assert late == sorted(late, reverse=True)
    assert not timeline.gives_up()
    assert max(camera.send(10)) == pytest.approx(0.0, abs=0.2)


def test_a_backlog_at_the_beginning(timeline: Timeline) -> None:
    """The promptest picture tells, also if it is not the first one."""
    camera = Camera(timeline)
    list(camera.stall(3.0))
    assert max(camera.send(10)) == pytest.approx(0.0, abs=0.1)
    assert list(camera.stall(3.0))[0] == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize("pace", [0.9999, 1.0001])
def test_clocks_diverge(pace: float, timeline: Timeline) -> None:
    """Clocks that are as good as clocks are make nothing late, however long it takes."""
    camera = Camera(timeline)
    assert max(camera.send(60, pace=pace)) < 0.1
    for _ in range(48):
        camera.now += 3600.0
        camera.stamp += 3600.0 * pace
        assert max(camera.send(1, pace=pace)) < 0.1


def test_what_falls_behind_slowly_is_not_the_clock(timeline: Timeline) -> None:
    """A network that is a little too slow is noticed, if late, and not forgiven."""
    camera = Camera(timeline)
    late = camera.send(2 * 3600, pace=0.999)
    behind = 2 * 3600 * (0.001 - CLOCKS)
    assert late[-1] == pytest.approx(behind - FORGIVEN, abs=0.1)
    assert timeline.gives_up()


def test_a_little_late_for_long_is_given_up(timeline: Timeline) -> None:
    """What is not late enough to be left out may be so when it is decided on."""
    camera = Camera(timeline)
    camera.send(10)
    camera.send(SLOW_PATIENCE - 2, delay=1.5)
    assert not timeline.gives_up()
    camera.send(4, delay=1.5)
    assert timeline.gives_up()


@pytest.mark.parametrize("step", [-3600.0, -5.0, 5.0, 3600.0])
def test_a_clock_is_set(step: float, timeline: Timeline) -> None:
    """A camera that sets its clock loses no picture by it."""
    camera = Camera(timeline)
    camera.send(10)
    camera.stamp += step
    assert max(camera.send(10)) < 0.1


def test_b_pictures_do_not_set_the_clock(timeline: Timeline) -> None:
    """Stamps that go back by a few pictures are in order."""
    camera = Camera(timeline)
    late = []
    for _ in range(20):
        for order in (0.2, -0.1, 0.0):
            camera.stamp += order
            late += camera.send(1 / FPS)
            camera.stamp -= order
    assert max(late) < 0.5


def test_steady_delay_is_given_up(timeline: Timeline) -> None:
    """Who is late and stays it needs a new connection."""
    camera = Camera(timeline)
    camera.send(10)
    assert max(camera.send(PATIENCE - 1, delay=3.0)) > MAX_AGE
    assert not timeline.gives_up()
    camera.send(1.5, delay=3.0)
    assert timeline.gives_up()


@pytest.mark.parametrize("delay", [25.0, 300.0])
def test_no_delay_is_too_long_to_be_one(delay: float, timeline: Timeline) -> None:
    """However late a picture is, it does not become fresh by that."""
    camera = Camera(timeline)
    camera.send(10)
    late = list(camera.stall(delay))
    assert late[0] == pytest.approx(delay, abs=FORGIVEN + 0.1)
    assert all(one > MAX_AGE for one in late[: -3 * FPS])


@pytest.mark.parametrize("pace", [0.5, 12 / 25])
def test_slow_links_and_wrong_stamps_are_late(pace: float, timeline: Timeline) -> None:
    """What falls behind is late; a camera that stamps wrongly looks the same."""
    camera = Camera(timeline)
    late = camera.send(60, pace=pace)
    assert late == sorted(late)
    assert late[-1] == pytest.approx(60 * (1 - pace), abs=1.0)
    assert timeline.gives_up()


def test_gain(timeline: Timeline) -> None:
    """What has piled up is being read for as long as pictures get prompter."""
    camera = Camera(timeline)
    for _ in camera.stall(3.0):
        camera.now += 0.01
        assert timeline.gained(camera.now) < 0.1
    camera.send(4)
    assert timeline.gained(camera.now) == pytest.approx(4.0, abs=0.2)
