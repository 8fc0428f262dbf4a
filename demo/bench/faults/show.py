"""What the cameras of the fault table show: a yard with a car, and numbers in it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
import io
from typing import Final

from PIL import Image

from demo.bench import numbers
from demo.bench.yard import Yard
from demo.cameras import Clip

FPS: Final = 10

LOOP: Final = 300
"""Pictures until the numbers begin anew: half a minute. No reader keeps one so long."""

SIZE: Final = (320, 180)
LARGER: Final = (640, 360)
GROWS_AT: Final = 10
"""The number of the first picture that is larger, if a camera changes the size."""

ELSEWHERE: Final = 150
"""The number of the first picture that a camera shows at its next address."""

HELD: Final = 10
"""The number of the picture at which a sensor hangs."""

_ROUND: Final = 50
"""Pictures in which the car crosses the yard."""


@cache
def clip(first: int = 0) -> Clip:
    """Return what a camera shows, from the picture with some number on."""
    return Clip.from_frames(_pictures(SIZE, first), FPS)


@cache
def growing_clip() -> Clip:
    """Return the same for a camera that changes the size of its pictures."""
    larger = Clip.from_frames(_pictures(LARGER, GROWS_AT), FPS)
    begin = GROWS_AT / FPS
    later = tuple(p._replace(pts=p.pts + begin) for p in larger.packets)
    whole = clip()
    return replace(whole, packets=whole.packets[:GROWS_AT] + later)


@cache
def still() -> Clip:
    """Return what it shows once its sensor hangs."""
    return clip().held(HELD, 3.0)


@cache
def files() -> tuple[bytes, ...]:
    """Return the pictures as JPEG files."""
    return tuple(_file(picture) for picture in _pictures(SIZE, 0))


def _pictures(size: tuple[int, int], first: int) -> Iterator[numbers.Picture]:
    """Yield the pictures from a number on, until the numbers begin anew."""
    yard = Yard(*size)
    for number in range(first, LOOP):
        yield yard.picture(number / _ROUND, number)


def _file(picture: numbers.Picture) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
