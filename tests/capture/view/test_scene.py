"""Scene health: dark, covered, blurred and moved pictures, and what is none of it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.plate_gate.capture.view.gray import GRAY_HEIGHT, GRAY_WIDTH
from custom_components.plate_gate.capture.view.scene import (
    BLURRED,
    INTERVAL,
    LOST_SETTLE,
    RECOVER,
    SETTLE,
    SceneProblem,
    SceneWatch,
    sharpness,
)
from custom_components.plate_gate.capture.view.shift import Place, ViewMemory

type Luma = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 360
ALL = np.ones((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
LEARNING = 5 * 60.0
"""Seconds after which a watch knows its view and how sharp it usually is."""


def world(seed: int = 1, width: int = WIDTH, height: int = HEIGHT) -> Luma:
    """Return a place twice as wide and high as what a camera sees: walls and stones."""
    rng = np.random.default_rng(seed)
    picture = np.full((2 * height, 2 * width), 90, np.uint8)
    for _ in range(400):
        down = rng.integers(0, 2 * height)
        across = rng.integers(0, 2 * width)
        tall = rng.integers(height // 50, height // 4)
        wide = rng.integers(width // 100, width // 5)
        picture[down : down + tall, across : across + wide] = rng.integers(40, 220)
    return picture


def view(place: Luma, right: float = 0.0, down: float = 0.0) -> Luma:
    """Return what a camera sees of a place, shifted by shares of its size."""
    height, width = place.shape[0] // 2, place.shape[1] // 2
    top = height // 2 + round(down * height)
    left = width // 2 + round(right * width)
    seen: Luma = place[top : top + height, left : left + width]
    return seen


def turned(place: Luma, degrees: float) -> Luma:
    """Return what a camera sees of a place after a turn about its axis."""
    height, width = place.shape[0] // 2, place.shape[1] // 2
    down, across = (
        np.mgrid[:height, :width] - np.array([height, width])[:, None, None] / 2
    )
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    rows = np.rint(cosine * down - sine * across + height).astype(int)
    columns = np.rint(cosine * across + sine * down + width).astype(int)
    seen: Luma = place[rows, columns]
    return seen


def blurred(picture: Luma, sigma: float) -> Luma:
    """Return a picture out of focus."""
    soft = picture.astype(float)
    for axis in (0, 1):
        places = np.fft.fftfreq(2 * soft.shape[axis])
        kept = np.exp(-2 * (np.pi * sigma * places) ** 2)
        # Mirrored, so that one side does not run into the other.
        wide = np.concatenate([soft, np.flip(soft, axis)], axis)
        spectrum = np.fft.fft(wide, axis=axis)
        spectrum *= kept[:, None] if axis == 0 else kept
        wide = np.fft.ifft(spectrum, axis=axis).real
        soft = wide[: len(soft)] if axis == 0 else wide[:, : soft.shape[1]]
    return soft.round().clip(0, 255).astype(np.uint8)


def noisy(picture: Luma, deviation: float, seed: int = 1) -> Luma:
    """Return a picture with the noise of a sensor."""
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    grainy = (picture + noise).round().clip(0, 255)
    return np.asarray(grainy, np.uint8)


def darkened(picture: Luma, share: float) -> Luma:
    """Return a picture with a share of its light."""
    return (picture * share).astype(np.uint8)


def gray(luma: Luma) -> Luma:
    """Return a picture as the watch wants it, averaged."""
    rows, columns = luma.shape[0] // GRAY_HEIGHT, luma.shape[1] // GRAY_WIDTH
    cells = luma.reshape(GRAY_HEIGHT, rows, GRAY_WIDTH, columns)
    return np.asarray(cells.mean((1, 3)), np.uint8)


class Camera:
    """A watch that looks at one picture after another, and the time that goes by."""

    def __init__(self, mask: NDArray[np.bool_] | None = None) -> None:
        """Begin at some time."""
        self.watch = SceneWatch(mask)
        self.now = 1000.0

    def show(self, picture: Luma, seconds: float) -> SceneProblem | None:
        """Show a picture for a while; return what is wrong in the end."""
        small = gray(picture)
        for _ in range(round(seconds / INTERVAL)):
            assert self.watch.due(self.now)
            self.watch.look(small, picture, self.now)
            self.now += INTERVAL
        return self.watch.problem


def test_a_look_is_due_at_once_and_then_every_interval() -> None:
    """Nothing is looked at more often than needed, whatever the clock does."""
    camera = Camera()
    assert camera.watch.due(camera.now)
    camera.watch.look(gray(view(world())), view(world()), camera.now)
    assert not camera.watch.due(camera.now)
    assert not camera.watch.due(camera.now + INTERVAL - 0.1)
    assert camera.watch.due(camera.now + INTERVAL)
    assert camera.watch.due(0.0)


@pytest.mark.parametrize("seed", range(1, 3))
@pytest.mark.parametrize(
    "light",
    [
        lambda picture: picture,
        lambda picture: noisy(picture, 10),
        lambda picture: noisy(darkened(picture, 0.25), 6),
    ],
    ids=["plain", "noise", "dusk"],
)
def test_nothing_is_wrong_with_a_good_view(
    seed: int, light: Callable[[Luma], Luma]
) -> None:
    """By day, with noise and at dusk a camera that sees well has no problem."""
    assert Camera().show(light(view(world(seed))), LEARNING) is None


WRONG = {
    SceneProblem.DARK: noisy(darkened(view(world()), 0.05), 3),
    SceneProblem.COVERED: noisy(np.full((HEIGHT, WIDTH), 80, np.uint8), 5),
    SceneProblem.BLURRED: blurred(view(world()), 3),
    SceneProblem.MOVED: view(world(), right=0.1),
}


@pytest.mark.parametrize(("problem", "picture"), WRONG.items(), ids=list(WRONG))
def test_a_fault_settles_and_goes(problem: SceneProblem, picture: Luma) -> None:
    """A fault is told after a minute, not before, and is gone half a minute after."""
    camera = Camera()
    good = view(world())
    camera.show(good, LEARNING)
    assert camera.show(picture, SETTLE) is None
    assert camera.show(picture, INTERVAL) is problem
    assert camera.show(good, RECOVER) is problem
    assert camera.show(good, INTERVAL) is None


@pytest.mark.parametrize(("problem", "picture"), WRONG.items(), ids=list(WRONG))
def test_what_passes_by_is_no_fault(problem: SceneProblem, picture: Luma) -> None:
    """What comes again and again, but never for a minute, is no fault."""
    del problem
    camera = Camera()
    good = view(world())
    camera.show(good, LEARNING)
    for _ in range(5):
        camera.show(picture, SETTLE)
        assert camera.show(good, INTERVAL) is None


def test_the_most_severe_is_told() -> None:
    """A lens that is covered at night is dark; by day it is covered again."""
    camera = Camera()
    camera.show(view(world()), LEARNING)
    covered = np.full((HEIGHT, WIDTH), 100, np.uint8)
    assert camera.show(covered, 2 * SETTLE) is SceneProblem.COVERED
    assert camera.show(darkened(covered, 0.1), 2 * SETTLE) is SceneProblem.DARK
    assert camera.show(covered, SETTLE) is SceneProblem.COVERED


def test_pauses_do_not_count() -> None:
    """A camera that is only on now and then is not dark for what nobody saw."""
    camera = Camera()
    problems = []
    for _ in range(4):
        problems.append(camera.show(WRONG[SceneProblem.DARK], INTERVAL))
        camera.now += 3600.0
    assert problems == [None, None, None, SceneProblem.DARK]


def test_a_dark_video_has_its_black_at_16() -> None:
    """What a decoder returns for black is dark, too."""
    black = noisy(np.full((HEIGHT, WIDTH), 16, np.uint8), 3)
    assert Camera().show(black, 2 * SETTLE) is SceneProblem.DARK


def test_a_lamp_in_the_night_is_not_dark() -> None:
    """A night in which something is to be seen is none without light."""
    night = darkened(view(world()), 0.05)
    night[100:250, 200:500] = view(world())[100:250, 200:500]
    assert Camera().show(night, 2 * SETTLE) is None


def test_light_leaks_in_beside_a_cover() -> None:
    """A cover is not of one brightness from side to side."""
    across = np.linspace(60, 100, WIDTH)
    covered = np.broadcast_to(across, (HEIGHT, WIDTH)).astype(np.uint8)
    assert Camera().show(covered, 2 * SETTLE) is SceneProblem.COVERED


def test_a_picture_without_any_edge_is_blurred() -> None:
    """Bright and dark parts that run into each other are defocused, not covered."""
    assert Camera().show(blurred(view(world(3)), 30), 120) is SceneProblem.BLURRED


def test_only_the_region_counts() -> None:
    """What hides only what is not looked at is no problem, and the other way round."""
    mask = np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
    mask[:, GRAY_WIDTH // 2 :] = True
    good = view(world())
    half = good.copy()
    half[:, : WIDTH // 2] = 120
    assert Camera(mask).show(half, 2 * SETTLE) is None
    assert Camera(~mask).show(half, 2 * SETTLE) is SceneProblem.COVERED
    half[:, : WIDTH // 2] = blurred(good, 4)[:, : WIDTH // 2]
    assert Camera(mask).show(half, 2 * SETTLE) is None
    assert Camera(~mask).show(half, 2 * SETTLE) is SceneProblem.BLURRED


def test_a_small_region_is_not_enough() -> None:
    """A region that shows nothing but road is judged with what is beside it."""
    picture = view(world()).copy()
    picture[200:260, 200:300] = 120
    mask = np.zeros((GRAY_HEIGHT, GRAY_WIDTH), np.bool_)
    mask[105:125, 105:145] = True
    assert Camera(mask).show(picture, 2 * SETTLE) is None
    mask[:] = False
    mask[:10] = True
    assert Camera(mask).show(picture, 2 * SETTLE) is None


def test_the_camera_s_own_writing_does_not_count() -> None:
    """The time that a camera writes is sharp and bright whatever the lens shows."""
    camera = Camera()
    letters = np.random.default_rng(1).integers(0, 2, (5, 60)) * 255
    written = letters.repeat(4, 0).repeat(4, 1).astype(np.uint8)

    def shown(picture: Luma) -> Luma:
        picture = picture.copy()
        picture[8:28, 20:260] = picture[-28:-8, -260:-20] = written
        return picture

    dark = np.full((HEIGHT, WIDTH), 5, np.uint8)
    good = shown(view(world()))
    assert camera.show(shown(dark), 2 * SETTLE) is SceneProblem.DARK
    assert camera.show(shown(dark + np.uint8(80)), 120) is SceneProblem.COVERED
    assert camera.show(shown(WRONG[SceneProblem.BLURRED]), 120) is SceneProblem.BLURRED
    camera.watch.reset()
    assert camera.show(good, LEARNING) is None
    other = shown(view(world(2)))
    assert camera.show(other, LOST_SETTLE + 60) is SceneProblem.MOVED


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (1920, 1080), (3840, 2160)])
def test_sharpness_does_not_depend_on_the_size(size: tuple[int, int]) -> None:
    """The same view is as sharp, and defocus is found, in every size."""
    width, height = size
    sharp = view(world(4, width, height))
    assert sharpness(sharp, ALL) == pytest.approx(0.95, abs=0.06)
    # A box as wide as a Gaussian that makes a plate of 130 pixels of 1080p unreadable.
    box = round(8 * 3.46 / 2 * width / 1920)
    soft = sharp.astype(np.uint32).cumsum(0).cumsum(1)
    soft = soft[box:, box:] - soft[:-box, box:] - soft[box:, :-box] + soft[:-box, :-box]
    soft = (soft // box**2).astype(np.uint8)
    found = sharpness(soft, ALL)
    assert found is not None
    assert found < BLURRED


@pytest.mark.parametrize("deviation", [2, 5, 10])
def test_noise_is_not_sharp(deviation: float) -> None:
    """Noise does not make up for missing detail, nor for a covered lens."""
    found = sharpness(noisy(blurred(view(world()), 3), deviation), ALL)
    assert found is not None
    assert found < BLURRED
    flat = np.full((HEIGHT, WIDTH), 120, np.uint8)
    assert sharpness(noisy(flat, deviation), ALL) is None


def test_a_strided_plane_is_read() -> None:
    """A decoder's rows are longer than the picture is wide."""
    sharp = view(world())
    padded = np.zeros((HEIGHT, WIDTH + 64), np.uint8)
    padded[:, :WIDTH] = sharp
    assert sharpness(padded[:, :WIDTH], ALL) == sharpness(sharp, ALL)


def test_a_camera_less_sharp_than_it_was_is_blurred() -> None:
    """What would do for one camera is a fault of one that used to see better."""
    sharp, soft = view(world()), blurred(view(world()), 0.95)
    assert Camera().show(soft, LEARNING) is None
    camera = Camera()
    assert camera.show(sharp, LEARNING + INTERVAL) is None
    assert camera.show(soft, 2 * SETTLE) is SceneProblem.BLURRED
    camera.watch.reset()
    assert camera.show(soft, LEARNING) is None


@pytest.mark.parametrize("seed", range(1, 3))
@pytest.mark.parametrize(
    "move",
    [
        lambda place: view(place, right=0.05),
        lambda place: view(place, right=-0.2),
        lambda place: view(place, down=0.1),
        lambda place: turned(place, 5),
        lambda place: turned(place, -8),
        lambda place: noisy(darkened(view(place, right=0.08), 0.4), 5),
    ],
    ids=["right", "left", "down", "turned", "turned back", "darker"],
)
def test_a_knock_is_found(seed: int, move: Callable[[Luma], Luma]) -> None:
    """A camera that was shifted or turned is found out, until it is back."""
    camera = Camera()
    place = world(seed)
    camera.show(noisy(view(place), 4), LEARNING)
    moved = move(place)
    assert camera.show(moved, SETTLE + INTERVAL) is SceneProblem.MOVED
    assert camera.show(moved, 400) is SceneProblem.MOVED
    assert camera.show(noisy(view(place), 4, seed=2), 60) is None


@pytest.mark.parametrize("seed", range(1, 3))
def test_another_place_takes_longer(seed: int) -> None:
    """Where nothing is as it was, a truck may stand before the lens for a while."""
    camera = Camera()
    camera.show(view(world(seed)), LEARNING)
    other = view(world(seed + 10))
    assert camera.show(other, LOST_SETTLE) is None
    assert camera.show(other, INTERVAL) is SceneProblem.MOVED


def test_a_new_view_may_be_accepted() -> None:
    """After a reset what the camera shows is what it should show."""
    camera = Camera()
    camera.show(view(world()), LEARNING)
    moved = view(world(), right=0.1)
    assert camera.show(moved, 2 * SETTLE) is SceneProblem.MOVED
    camera.watch.reset()
    assert camera.watch.problem is None
    assert camera.show(moved, LEARNING) is None
    assert camera.show(view(world()), 2 * SETTLE) is SceneProblem.MOVED


def infrared(picture: Luma) -> Luma:
    """Return a view by the camera's lamp: other contrasts, dark at the edges."""
    down, across = np.mgrid[: picture.shape[0], : picture.shape[1]]
    away = np.hypot(down / picture.shape[0] - 0.6, across / picture.shape[1] - 0.5)
    swapped = np.where(across // 100 % 2, picture, 255 - picture)
    return noisy(darkened(swapped * np.exp(-((away / 0.45) ** 2)), 0.8), 6)


def snowed(picture: Luma) -> Luma:
    """Return a view with snow on the ground, and in the air."""
    white = picture.astype(float)
    white[HEIGHT // 2 :] = white[HEIGHT // 2 :] * 0.1 + 200
    flakes = np.random.default_rng(1).random(picture.shape) < 0.02
    return np.where(flakes, 255, white).astype(np.uint8)


def shaded(picture: Luma) -> Luma:
    """Return a view with the shadows of another time of day."""
    down, across = np.mgrid[: picture.shape[0], : picture.shape[1]]
    shade = (down + across) // 60 % 2 == 1
    return np.where(shade, darkened(picture, 0.5), picture)


def hidden(picture: Luma) -> Luma:
    """Return a view half of which a truck hides."""
    half = picture.copy()
    half[:, WIDTH // 2 :] = view(world(20))[:, WIDTH // 2 :]
    return half


@pytest.mark.parametrize("seed", range(1, 3))
@pytest.mark.parametrize("change", [infrared, snowed, shaded, hidden])
def test_no_change_of_the_view_is_a_move(
    seed: int, change: Callable[[Luma], Luma]
) -> None:
    """Night, snow, shadows and a parked truck change much, but not the place."""
    camera = Camera()
    good = view(world(seed))
    changed = change(good)
    camera.show(good, LEARNING)
    # Longer than it takes to be lost, or to remember another light.
    for _ in range(2):
        assert camera.show(changed, 400) is None
        assert camera.show(good, 100) is None


def test_a_camera_knocked_at_night_is_found() -> None:
    """The view by night is known as well as that by day once it was seen a while."""
    camera = Camera()
    camera.show(view(world()), LEARNING)
    camera.show(infrared(view(world())), 400)
    knocked = infrared(view(world(), right=0.1))
    assert camera.show(knocked, SETTLE + INTERVAL) is SceneProblem.MOVED
    assert camera.show(view(world()), 60) is None


def test_wind_is_no_move() -> None:
    """A mast that sways by one percent of the width shows the same place."""
    camera = Camera()
    camera.show(view(world()), LEARNING)
    for sway in (0.01, -0.01, 0.005, 0.01, 0.01, -0.01) * 5:
        assert camera.show(view(world(), right=sway), INTERVAL) is None


def test_what_stands_there_at_first_is_not_the_view() -> None:
    """A truck that leaves right after the start takes no reference with it."""
    camera = Camera()
    camera.show(view(world(7)), 60)
    assert camera.show(view(world()), 600) is None


def test_a_night_without_anything_to_see_tells_nothing() -> None:
    """A view without edges is neither the old one nor another."""
    memory = ViewMemory()
    good = gray(view(world()))
    for _ in range(20):
        memory.look(good, 16 / 9)
    assert memory.look(good, 16 / 9) is Place.SAME
    assert memory.look(gray(WRONG[SceneProblem.DARK]), 16 / 9) is Place.UNCLEAR


def test_a_turn_is_found_in_a_picture_of_4_to_3() -> None:
    """The gray picture is stretched there, so that a turn is more than a turn."""
    memory = ViewMemory()
    place = world(5, 640, 480)

    def squeezed(picture: Luma) -> Luma:
        rows = np.arange(GRAY_HEIGHT) * 480 // GRAY_HEIGHT
        return gray(np.repeat(picture[rows], 1, 0))

    for _ in range(20):
        memory.look(squeezed(view(place)), 4 / 3)
    assert memory.look(squeezed(turned(place, 6)), 4 / 3) is Place.ELSEWHERE
