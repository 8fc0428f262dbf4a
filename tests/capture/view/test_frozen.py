"""Noticing a stuck camera, with pictures that a real encoder made."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray
import pytest

from custom_components.plate_gate.capture.view.frozen import (
    FROZEN,
    PATIENCE,
    FrozenWatch,
)
from custom_components.plate_gate.capture.view.gray import GRAY_HEIGHT, GRAY_WIDTH, Gray

WIDTH, HEIGHT = 640, 360
FPS = 2
"""Pictures per second of the clips: few, so that a minute is encoded quickly."""

type Luma = NDArray[np.uint8]


class Shown(NamedTuple):
    """A picture that came out of a decoder."""

    gray: Gray
    key: bool


def scene(seed: int = 5) -> NDArray[np.float32]:
    """Return something to look at, shape (HEIGHT, WIDTH): shapes and fine texture."""
    random = np.random.default_rng(seed)
    coarse = np.kron(random.uniform(50, 190, (9, 16)), np.ones((40, 40)))
    texture = np.kron(random.normal(0, 12, (HEIGHT // 2, WIDTH // 2)), np.ones((2, 2)))
    return (coarse + texture).astype(np.float32)


def live(
    count: int, noise: float, seed: int = 7, base: NDArray[np.float32] | None = None
) -> list[Luma]:
    """Return pictures of a scene in which nothing moves, with the noise of a sensor."""
    random = np.random.default_rng(seed)
    base = scene() if base is None else base
    pictures = []
    for _ in range(count):
        grain = random.standard_normal(base.shape, dtype=np.float32)
        pictures.append(np.clip(base + noise * grain, 0, 255).astype(np.uint8))
    return pictures


def encoded(
    pictures: Iterable[Luma], options: dict[str, str], group: int = 4, bit_rate: int = 0
) -> Iterator[Shown]:
    """Yield what is left of pictures after H.264.

    Args:
        pictures: What is encoded.
        options: Of libx264.
        group: Pictures from one key picture to the next.
        bit_rate: Bits per second; a fixed quality if it is 0.

    """
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    if bit_rate:
        encoder.bit_rate = bit_rate
    encoder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "g": str(group),
        "keyint_min": str(group),
        "sc_threshold": "0",
        **options,
    }
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = encoder.thread_count = 1
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(
            format="yuv420p"
        )
        frame.pts = number
        for packet in encoder.encode(frame):
            yield from map(_shown, decoder.decode(packet))
    for packet in encoder.encode(None):
        yield from map(_shown, decoder.decode(packet))
    yield from map(_shown, decoder.decode(None))


def _shown(frame: av.VideoFrame) -> Shown:
    small = frame.reformat(GRAY_WIDTH, GRAY_HEIGHT, "gray", interpolation="AREA")
    return Shown(small.to_ndarray().astype(np.uint8), bool(frame.key_frame))


def verdicts(
    watch: FrozenWatch, shown: Iterable[Shown], since: float = 0.0
) -> list[bool]:
    """Show pictures to the watch at the rate of the clips; return what it says."""
    return [
        watch.look(picture.gray, since + number / FPS, key=picture.key)
        for number, picture in enumerate(shown)
    ]


@pytest.fixture(scope="module")
def stuck() -> list[Shown]:
    """Return a minute of one and the same picture, encoded."""
    return list(encoded(live(1, 1.5) * 60 * FPS, {"crf": "26"}))


def with_car(gray: Gray) -> Gray:
    """Return a picture with a car in it, as far away as its plate can be read."""
    changed = gray.copy()
    changed[100:140, 120:184] = 245
    return changed


@pytest.mark.parametrize(
    "options", [{"crf": "20"}, {"crf": "32"}, {"qp": "28"}], ids=str
)
def test_stuck_picture_encoded_anew(options: dict[str, str]) -> None:
    """A picture that is repeated is noticed although key pictures differ from others."""
    moving = live(8, 1.5, base=scene(9))
    pictures = moving + live(1, 1.5) * 80 * FPS
    said = verdicts(FrozenWatch(), encoded(pictures, options))
    noticed = said.index(True) / FPS - len(moving) / FPS
    # The encoder takes a dozen key pictures to settle its quality.
    assert FROZEN <= noticed <= FROZEN + 35
    assert all(said[said.index(True) :])


def test_stuck_picture_at_a_fixed_rate() -> None:
    """The quality wanders with a fixed rate; the picture comes back nevertheless."""
    pictures = live(1, 1.5) * 170 * FPS
    shown = encoded(
        pictures, {"maxrate": "300000", "bufsize": "300000"}, bit_rate=300_000
    )
    watch = FrozenWatch()
    assert any(verdicts(watch, shown))
    assert not watch.changed


@pytest.mark.parametrize("noise", [0.3, 2.0])
@pytest.mark.parametrize(
    ("group", "options"),
    [(4, {"crf": "20"}), (80, {"crf": "34"})],
    ids=["fine", "long groups"],
)
def test_quiet_scene_is_alive(
    noise: float, group: int, options: dict[str, str]
) -> None:
    """Nothing moves for two minutes, but the sensor lives, however little it shows."""
    shown = encoded(live(125 * FPS, noise), options, group)
    watch = FrozenWatch()
    assert not any(verdicts(watch, shown))


def test_skipped_pictures_are_no_proof() -> None:
    """What an encoder skips stays equal for longer than the limit; that is no fault."""
    watch, (gray,) = FrozenWatch(), [s.gray for s in encoded(live(1, 1.0), {})]
    assert not watch.look(gray, 0.0, key=True)
    assert not any(watch.look(gray, n / FPS, key=False) for n in range(1, 88))


def test_without_key_pictures() -> None:
    """Not knowing the key pictures, the watch takes longer, and notices all the same."""
    picture = live(1, 1.0)[0]
    (shown,) = encoded([picture], {})
    watch = FrozenWatch()
    said = [watch.look(shown.gray, n / FPS) for n in range(200)]
    assert FROZEN <= said.index(True) / FPS <= 3 * FROZEN
    watch = FrozenWatch()
    quiet = encoded(live(125 * FPS, 0.3), {"crf": "28"})
    assert not any(watch.look(s.gray, n / FPS) for n, s in enumerate(quiet))


def test_clock_in_a_stuck_picture(stuck: list[Shown]) -> None:
    """A clock that goes on ticking in the picture does not make it alive."""
    watch = FrozenWatch()
    said = []
    for number, shown in enumerate(stuck):
        gray = shown.gray.copy()
        digits = np.random.default_rng(number).random((8, 36)) < 0.5
        gray[4:12, 4:40] = np.where(digits, 235, 16)
        said.append(watch.look(gray, number / FPS, key=shown.key))
    assert any(said)
    assert not watch.changed


def test_verdict_outlives_the_connection(stuck: list[Shown]) -> None:
    """The first picture of a new connection to a stuck camera is no new one."""
    watch = FrozenWatch()
    assert verdicts(watch, stuck)[-1]
    again = list(encoded(live(1, 1.5) * 4, {"crf": "30"}))
    assert (again[0].gray != stuck[0].gray).mean() > 0.1
    assert verdicts(watch, again, since=600.0) == [True] * 4
    assert not watch.changed


def test_car_ends_the_verdict(stuck: list[Shown]) -> None:
    """A picture that shows something else is taken at once, whatever came before."""
    watch = FrozenWatch()
    assert verdicts(watch, stuck)[-1]
    assert not watch.look(with_car(stuck[-1].gray), 61.0, key=False)
    assert watch.changed
    assert not watch.look(stuck[0].gray, 61.5, key=True)


def test_quiet_camera_that_recovers(stuck: list[Shown]) -> None:
    """A camera that lives again is no longer stuck, though nothing moves.

    Nor is it believed: a stuck picture whose quality wanders looks the same.
    """
    watch = FrozenWatch()
    assert verdicts(watch, stuck)[-1]
    said = verdicts(
        watch, encoded(live(130 * FPS, 1.5, seed=8), {"crf": "26"}), since=60.0
    )
    assert said[0]
    assert not said[-1]
    assert said.index(False) / FPS <= PATIENCE + 2
    assert not watch.changed


def test_movement_begins_anew() -> None:
    """Seconds are counted from the last movement, and its picture is no measure."""
    (shown,) = encoded(live(1, 1.5), {})
    watch = FrozenWatch()
    for now in range(25):
        assert not watch.look(shown.gray, now, key=True)
    assert not watch.look(with_car(shown.gray), 25, key=False)
    said = [watch.look(shown.gray, 26 + n, key=True) for n in range(40)]
    assert said.index(True) == FROZEN


@pytest.mark.parametrize(
    "make",
    [
        lambda random: np.zeros((GRAY_HEIGHT, GRAY_WIDTH)),
        lambda random: np.full((GRAY_HEIGHT, GRAY_WIDTH), 110.0),
        lambda random: 60 + random.normal(0, 1, (GRAY_HEIGHT, GRAY_WIDTH)),
        lambda random: np.full((GRAY_HEIGHT, GRAY_WIDTH), 255.0),
    ],
    ids=["black", "gray", "even", "white"],
)
def test_uniform_picture_is_never_frozen(
    make: Callable[[np.random.Generator], NDArray[np.float64]],
) -> None:
    """A night without light looks the same for hours, and is no fault of the camera."""
    gray = make(np.random.default_rng(2)).astype(np.uint8)
    gray[4:12, 4:60] = 255
    watch = FrozenWatch()
    assert not any(watch.look(gray, now, key=True) for now in range(200))


def test_limit_can_be_set(stuck: list[Shown]) -> None:
    """The seconds until the verdict are those that were asked for."""
    gray = stuck[0].gray
    watch = FrozenWatch(after=2.0)
    assert [watch.look(gray, now, key=True) for now in (0.0, 1.9, 2.0)] == [
        False,
        False,
        True,
    ]


def test_picture_is_not_kept_by_reference() -> None:
    """The caller may use its array again for the next picture."""
    watch = FrozenWatch()
    pictures = [s.gray for s in encoded(live(40, 1.5), {"crf": "26"}, group=1)]
    shared = np.empty_like(pictures[0])
    for now, picture in enumerate(pictures):
        shared[:] = picture
        assert not watch.look(shared, now, key=True)
