"""What happens to a picture between the camera and whoever looks at frames."""

import asyncio

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.plate_gate.capture import Region, SceneProblem, WatchSettings
from custom_components.plate_gate.capture.jpeg import Size, decode
from custom_components.plate_gate.capture.outlet import BLINK, STUCK_AGAIN, Outlet
from custom_components.plate_gate.capture.picture import Shot
from custom_components.plate_gate.capture.slot import Slot
from custom_components.plate_gate.capture.view.gray import GRAY_HEIGHT, GRAY_WIDTH, Gray
from custom_components.plate_gate.capture.view.motion import FORCED, HOLD
from custom_components.plate_gate.errors import CameraFrozenError, CameraPictureError

from .conftest import Clock

FPS = 10


class View:
    """A view with noise, in which a car may stand."""

    def __init__(self) -> None:
        """Begin with an empty drive."""
        self._random = np.random.default_rng(1)
        blocks = self._random.integers(60, 200, (18, 32)).astype(np.float32)
        self.scene = np.kron(blocks, np.ones((10, 10), np.float32))
        self.car: int | None = None
        self.is_stuck = False
        self.is_damaged = False
        self._shown: Gray | None = None

    def gray(self) -> Gray:
        """Return what is seen now."""
        if self.is_damaged:
            raise CameraPictureError
        if self._shown is not None and self.is_stuck:
            return self._shown
        seen = self.scene + self._random.normal(0, 1.0, self.scene.shape)
        if self.car is not None:
            seen[60:120, self.car : self.car + 90] = 230
        self._shown = np.clip(seen, 0, 255).astype(np.uint8)
        return self._shown


class ViewPicture:
    """A picture of it."""

    file = None
    size = Size(GRAY_WIDTH, GRAY_HEIGHT)
    is_key = True

    def __init__(self, view: View) -> None:
        """Take the picture."""
        self._view = view

    def gray(self) -> Gray:
        """Return it small."""
        return self._view.gray()

    def luma(self) -> NDArray[np.uint8]:
        """Return it in full size, which is the same."""
        return self._view.gray()

    def pixels(self) -> NDArray[np.uint8]:
        """Return it in color."""
        return np.repeat(self._view.gray()[..., None], 3, axis=2)


class Rig:
    """An outlet, a camera before it, and a list of what came out."""

    def __init__(self, settings: WatchSettings | None = None) -> None:
        """Connect."""
        self.view = View()
        self.clock = Clock()
        self.shots: list[Shot] = []
        self.delivered = 0
        loop = asyncio.new_event_loop()
        slot = Slot(loop, clock=self.clock)
        loop.close()
        slot.put = self.shots.append  # type: ignore[assignment,method-assign]
        self.outlet = Outlet(slot, self._deliver, settings, clock=self.clock)
        self.outlet.begin(keeps_coming=True)

    def _deliver(self) -> None:
        self.delivered += 1

    def show(
        self, seconds: float, *, age: float = 0.0, speed: int = 0, fps: int = FPS
    ) -> list[Shot]:
        """Show what there is for a while, and return what came out.

        Args:
            seconds: For how long.
            age: How old the pictures are.
            speed: Pixels of the small picture by which the car moves in each.
            fps: How many per second.

        """
        before = len(self.shots)
        for _ in range(round(seconds * fps)):
            self.clock.now += 1 / fps
            if self.view.car is not None:
                self.view.car += speed
            self.outlet.offer(ViewPicture(self.view), self.clock.now - age)
        return self.shots[before:]


def test_nothing_moves() -> None:
    """Of an empty drive, the first pictures pass, and then one now and then."""
    rig = Rig()
    assert len(rig.show(HOLD)) == pytest.approx(HOLD * FPS, abs=2)
    assert len(rig.show(10 * FORCED)) == pytest.approx(10, abs=1)
    assert rig.outlet.decoded == rig.delivered == (HOLD + 10 * FORCED) * FPS
    assert rig.outlet.moving < 0.1 * rig.outlet.decoded + HOLD * FPS
    assert rig.outlet.rate.value == pytest.approx(FPS)


def test_a_car_comes() -> None:
    """Every picture of a car that moves passes, and of one that has just stopped."""
    rig = Rig()
    rig.show(10)
    rig.view.car = 0
    assert len(rig.show(2, speed=5)) == 2 * FPS
    assert len(rig.show(HOLD - 0.2)) == pytest.approx((HOLD - 0.2) * FPS, abs=1)


def test_a_wanted_picture_passes() -> None:
    """Who asks gets the next picture, and one only."""
    rig = Rig()
    rig.show(HOLD + 0.5)
    assert rig.show(1) == []
    rig.outlet.want()
    (shot,) = rig.show(1)
    assert shot.taken == pytest.approx(rig.clock.now - 1 + 1 / FPS)


def test_everything_passes_on_request() -> None:
    """Without a motion gate, nothing is left out and nothing is said of motion."""
    rig = Rig(WatchSettings(sensitivity="off"))
    shots = rig.show(20)
    assert len(shots) == 20 * FPS == rig.outlet.moving
    assert {shot.quiet_since for shot in shots} == {None}


def test_quiet_since() -> None:
    """A shot tells since when nothing moved, as far as that was watched."""
    rig = Rig()
    rig.show(3)
    rig.view.car = 0
    moving = rig.show(2, speed=5)
    assert {shot.quiet_since for shot in moving} == {None}
    # What has just come is not part of the scene yet.
    rig.show(60)
    *_, before, last = rig.show(20)
    assert last.quiet_since == before.quiet_since
    assert last.quiet_since is not None
    assert rig.clock.now - 70 < last.quiet_since < rig.clock.now - 20
    rig.clock.now += BLINK + 1
    blinked = rig.clock.now
    (*_, last) = rig.show(20)
    assert last.quiet_since == pytest.approx(blinked, abs=0.15)
    rig.outlet.begin(keeps_coming=True)
    connected = rig.clock.now
    (*_, last) = rig.show(20)
    assert last.quiet_since == pytest.approx(connected, abs=0.15)


def test_live() -> None:
    """A camera is believed once it has shown something else, for the connection."""
    rig = Rig()
    assert not any(shot.live for shot in rig.show(10))
    rig.view.car = 0
    assert all(shot.live for shot in rig.show(5, speed=5))
    for car in (100, None):
        rig.outlet.begin(keeps_coming=True)
        # It may hang since before, and only look different by now.
        rig.view.car = car
        assert not any(shot.live for shot in rig.show(5))
    rig.view.car = 100
    assert all(shot.live for shot in rig.show(5))


def test_live_by_trigger() -> None:
    """A trigger says that something has come: it is enough to see it."""
    rig = Rig(WatchSettings(trigger_entity="binary_sensor.loop"))
    assert not any(shot.live for shot in rig.show(5))
    rig.outlet.begin(keeps_coming=True)
    assert not any(shot.live for shot in rig.show(5))
    rig.outlet.begin(keeps_coming=True)
    rig.view.car = 100
    assert all(shot.live for shot in rig.show(5))
    rig.outlet.begin(keeps_coming=True)
    assert not any(shot.live for shot in rig.show(5))


def test_live_after_the_dark() -> None:
    """A car that switches its lights on in the dark is something else."""
    rig = Rig()
    rig.view.scene[:] = 5
    assert not any(shot.live for shot in rig.show(5))
    rig.view.car = 100
    assert all(shot.live for shot in rig.show(5))


def test_nothing_after_the_end() -> None:
    """What was still at work when the camera was let go leaves nothing behind."""
    rig = Rig()
    rig.outlet.close()
    assert rig.show(1) == []
    assert rig.outlet.decoded == 0
    rig.outlet.begin(keeps_coming=True)
    assert rig.show(1)


def test_stuck_camera_is_given_up_once() -> None:
    """A camera that shows one picture is given up; a new connection stays on."""
    rig = Rig()
    rig.show(5)
    rig.view.is_stuck = True
    with pytest.raises(CameraFrozenError):
        rig.show(60)
    rig.outlet.begin(keeps_coming=True)
    delivered, shots = rig.delivered, len(rig.shots)
    rig.show(STUCK_AGAIN - 10)
    assert (rig.delivered, len(rig.shots)) == (delivered, shots)
    with pytest.raises(CameraFrozenError):
        rig.show(20)
    rig.outlet.begin(keeps_coming=True)
    rig.view.is_stuck = False
    rig.view.car = 100
    assert rig.show(2)
    assert rig.delivered > delivered


def test_stuck_camera_that_sends_many() -> None:
    """Pictures that are not looked at are no sign of life of a camera that hangs."""
    rig = Rig()
    rig.outlet.begin(keeps_coming=False)
    rig.show(5, fps=40)
    rig.view.is_stuck = True
    with pytest.raises(CameraFrozenError):
        rig.show(60, fps=40)
    rig.outlet.begin(keeps_coming=False)
    delivered, shots = rig.delivered, len(rig.shots)
    rig.outlet.want()
    rig.show(20, fps=40)
    assert (rig.delivered, len(rig.shots)) == (delivered, shots)


def test_old_pictures_go_nowhere() -> None:
    """What is too old is counted, and looked at by nobody."""
    rig = Rig()
    assert rig.show(1, age=2.1) == []
    assert (rig.outlet.late, rig.outlet.decoded, rig.delivered) == (FPS, 0, 0)
    assert rig.outlet.newest is None


def test_damaged_picture() -> None:
    """Damage that shows when a picture is looked at is told."""
    rig = Rig()
    rig.view.is_damaged = True
    with pytest.raises(CameraPictureError):
        rig.show(1)
    assert rig.shots == []


def test_the_region_is_what_counts() -> None:
    """What moves beside the region is not seen, and is not in the frame."""
    region = Region.from_text("50,0 100,100", ["50,0 100,20"])
    rig = Rig(WatchSettings(region=region))
    rig.show(10)
    rig.view.car = 0
    assert len(rig.show(1.5, speed=4)) <= 1
    rig.view.car = 180
    shots = rig.show(1, speed=4)
    assert len(shots) == FPS
    frame = shots[-1].develop(region)
    assert (frame.width, frame.height) == (GRAY_WIDTH // 2, GRAY_HEIGHT)
    pixels = decode(frame.jpeg, "L")
    assert np.ptp(pixels[:30]) < 10


def test_the_view_is_watched() -> None:
    """A lens that is covered for long is noticed, also when it is free again."""
    rig = Rig()
    rig.show(30)
    assert rig.outlet.problem is None
    scene = rig.view.scene.copy()
    rig.view.scene[:] = 5
    rig.show(120)
    assert rig.outlet.problem is SceneProblem.DARK
    rig.view.scene[:] = scene
    rig.show(60)
    assert rig.outlet.problem is None


def test_the_view_is_accepted() -> None:
    """A camera that was turned on purpose is told so."""
    rig = Rig()
    rig.show(150)
    rig.view.scene[:] = np.roll(rig.view.scene, 60, axis=1)
    rig.show(400)
    assert rig.outlet.problem is SceneProblem.MOVED
    rig.outlet.accept_view()
    rig.show(60)
    assert rig.outlet.problem is None
