"""The clip that the demo plays when it is given none: a car comes up to the gate.

A camera above the gate looks out over the forecourt. A car comes round the hedge, stops
at the line, drives on below the camera, and the yard lies empty for long enough that
the next round is a new arrival. Everything is drawn here; no photograph is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
import math
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .plate_drawing import draw_plate

WIDTH, HEIGHT = 1280, 720
FPS = 15
PLATE = "KN18RTX"

# The camera: a pinhole at CAMERA meters above the ground. What is DEPTH meters away
# appears FOCAL / DEPTH pixels per meter, below the HORIZON.
_FOCAL = 1250.0
_HORIZON = 150.0
_CAMERA = 2.6

# The car's way, in seconds and meters.
_EMPTY_BEFORE = 1.5
_COMING = 6.5
_STANDING = 4.5
_LEAVING = 2.5
_EMPTY_AFTER = 15.0
_FAR, _STOP, _GONE = 42.0, 6.2, 1.9
_SWING = 0.0042  # of the way to the side, meters per square meter of distance

_CAR_WIDTH = 1.82
_CAR_PIXELS = 1456  # of the drawing from which every size is made
_PLATE_WIDTH = 0.52

_SKY_TOP, _SKY_LOW = (129, 172, 214), (222, 232, 238)
_WALL, _WALL_EDGE, _MORTAR = (196, 184, 165), (164, 151, 132), (180, 168, 149)
_HEDGE = (62, 92, 52)
_LAWN = (104, 134, 74)
_ASPHALT = (106, 107, 110)
_PILLAR = (181, 173, 160)

type Picture = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the car is at one moment.

    Attributes:
        depth: meters from the camera, None while there is no car.
        dip: meters by which the brake lets the front sink.
    """

    depth: float | None
    dip: float = 0.0


def duration() -> float:
    """Return the length of the clip in seconds."""
    return _EMPTY_BEFORE + _COMING + _STANDING + _LEAVING + _EMPTY_AFTER


def standing() -> float:
    """Return a moment, in seconds after the start, at which the car stands."""
    return _EMPTY_BEFORE + _COMING + _STANDING / 2


def frames(plate: str = PLATE) -> Iterator[Picture]:
    """Draw the clip, frame by frame.

    Args:
        plate: the text on the car's plate, an invented one.

    Yields:
        RGB pictures of shape (720, 1280, 3), ``FPS`` of them per second. While nothing
        moves, it is the same object.
    """
    before: tuple[Moment, Picture] | None = None
    for number in range(round(duration() * FPS)):
        moment = _moment(number / FPS)
        if before is None or before[0] != moment:
            before = moment, _draw(moment, plate)
        yield before[1]


def frame_at(time: float, plate: str = PLATE) -> Picture:
    """Draw the one frame that is shown ``time`` seconds after the start."""
    return _draw(_moment(time), plate)


def _moment(time: float) -> Moment:
    """Say where the car is ``time`` seconds after the start."""
    time -= _EMPTY_BEFORE
    if time < 0:
        return Moment(None)
    if time < _COMING:
        left = 1 - time / _COMING
        # Quick at first, then ever slower: a driver who knows where the line is.
        depth = _STOP + (_FAR - _STOP) * left**2.2
        return Moment(depth, dip=0.02 * min(1.0, left * 4) * (left < 0.5))
    time -= _COMING
    if time < _STANDING:
        return Moment(_STOP)
    time -= _STANDING
    if time < _LEAVING:
        return Moment(_STOP - (_STOP - _GONE) * (time / _LEAVING) ** 1.7)
    return Moment(None)


def _side(depth: float) -> float:
    """Return how far to the right of the camera's axis the drive is, in meters."""
    return -_SWING * max(0.0, depth - 9.0) ** 2 + 0.1


def _place(depth: float, side: float = 0.0, up: float = 0.0) -> tuple[float, float]:
    """Return the pixel at which a point of the world appears.

    Args:
        depth: meters from the camera.
        side: meters to the right of the camera's axis.
        up: meters above the ground.
    """
    scale = _FOCAL / depth
    return WIDTH / 2 + side * scale, _HORIZON + (_CAMERA - up) * scale


def _draw(moment: Moment, plate: str) -> Picture:
    """Draw the yard with what is in it at a moment."""
    picture = _yard().copy()
    if moment.depth is not None:
        _place_car(picture, _car(plate), moment.depth, moment.dip)
    return np.asarray(picture.convert("RGB"), np.uint8)


def _place_car(
    picture: Image.Image, car: Image.Image, depth: float, dip: float
) -> None:
    """Put the car into the yard, ``depth`` meters from the camera."""
    scale = _FOCAL / depth
    wide = _CAR_WIDTH * scale
    x, ground = _place(depth, _side(depth))
    _lay_shadow(picture, x, ground, wide)
    factor = wide / _CAR_PIXELS
    size = max(1, round(wide)), max(1, round(car.height * factor))
    small = car.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    top = ground - small.height + dip * scale
    picture.alpha_composite(*_clipped(small, round(x - wide / 2), round(top)))
    if depth > 16:
        # It comes from behind the hedge, which hides what is still round the corner.
        picture.alpha_composite(_hedge_corner())
        picture.alpha_composite(_gate())


def _clipped(
    what: Image.Image, left: int, top: int
) -> tuple[Image.Image, tuple[int, int]]:
    """Cut away what lies left of or above the picture, as Pillow demands."""
    dx, dy = max(0, -left), max(0, -top)
    return what.crop((dx, dy, what.width, what.height)), (left + dx, top + dy)


def _lay_shadow(picture: Image.Image, x: float, ground: float, wide: float) -> None:
    tall = max(4, round(wide * 0.16))
    margin = tall
    box = Image.new("L", (round(wide * 1.16) + 2 * margin, tall + 2 * margin))
    ImageDraw.Draw(box).ellipse(
        (margin, margin, box.width - margin, box.height - margin), fill=165
    )
    box = box.filter(ImageFilter.GaussianBlur(tall * 0.28))
    black = Image.new("RGBA", box.size, (18, 18, 22, 0))
    black.putalpha(box)
    left, top = round(x - box.width / 2), round(ground - box.height * 0.58)
    if top < HEIGHT:
        picture.alpha_composite(*_clipped(black, left, top))


# --- the yard ------------------------------------------------------------------------


@cache
def _yard() -> Image.Image:
    """Draw the empty yard, RGBA."""
    picture = Image.new("RGBA", (WIDTH, HEIGHT))
    _draw_sky(picture)
    _draw_trees(picture)
    _draw_ground(picture)
    _draw_wall(picture)
    picture.alpha_composite(_hedge_corner())
    picture.alpha_composite(_gate())
    return _with_grain(picture)


def _draw_sky(picture: Image.Image) -> None:
    rows = np.linspace(0, 1, int(_HORIZON) + 40)[:, None, None]
    sky = np.array(_SKY_TOP) * (1 - rows) + np.array(_SKY_LOW) * rows
    strip = np.broadcast_to(sky, (len(rows), WIDTH, 3)).astype(np.uint8)
    picture.paste(Image.fromarray(strip), (0, 0))


def _draw_trees(picture: Image.Image) -> None:
    random = np.random.default_rng(7)
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    for x in np.linspace(-40, WIDTH + 40, 34):
        for _ in range(7):
            radius = random.uniform(16, 40)
            cx, cy = x + random.normal(0, 22), _HORIZON - random.uniform(-14, 46)
            shade = random.uniform(0.75, 1.1)
            green = tuple(round(c * shade) for c in (92, 118, 88))
            draw.ellipse(
                (cx - radius, cy - radius, cx + radius, cy + radius), fill=green
            )
    picture.alpha_composite(layer.filter(ImageFilter.GaussianBlur(2.2)))


def _draw_ground(picture: Image.Image) -> None:
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, _HORIZON + 12, WIDTH, HEIGHT), fill=_LAWN)
    drive = _band(1.9, 60.0, -2.7, 2.7)
    draw.polygon(drive, fill=_ASPHALT)
    for inner, outer in ((-2.7, -2.86), (2.7, 2.86)):
        draw.polygon(_band(1.9, 60.0, inner, outer), fill=(176, 174, 168))
    # The line at which one waits.
    near, far = _STOP - 0.66, _STOP - 0.36
    line = [_place(near, -2.2), _place(near, 2.4), _place(far, 2.4), _place(far, -2.2)]
    draw.polygon(line, fill=(226, 226, 220))


def _band(
    near: float, far: float, left: float, right: float
) -> list[tuple[float, float]]:
    """Return the outline of a strip along the drive, in pixels."""
    depths = [near * (far / near) ** (i / 60) for i in range(61)]
    go = [_place(d, _side(d) + left) for d in depths]
    return go + [_place(d, _side(d) + right) for d in reversed(depths)]


def _draw_wall(picture: Image.Image) -> None:
    """Draw the garden wall along the right side of the drive."""
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    depths = [5.0 * (40.0 / 5.0) ** (i / 40) for i in range(41)]

    def edge(up: float) -> list[tuple[float, float]]:
        return [_place(d, _side(d) + 3.6, up) for d in depths]

    draw.polygon(edge(0) + edge(1.5)[::-1], fill=_WALL)
    draw.polygon(edge(1.5) + edge(1.62)[::-1], fill=_WALL_EDGE)
    for up in (0.3, 0.6, 0.9, 1.2):
        draw.line(edge(up), fill=_MORTAR, width=1)
    for index in range(0, len(depths), 2):
        d = depths[index]
        side = _side(d) + 3.6
        draw.line([_place(d, side, 0.0), _place(d, side, 1.5)], fill=_MORTAR)
    picture.alpha_composite(layer)


@cache
def _hedge_corner() -> Image.Image:
    """Draw the hedge on the left, behind which the drive comes from, RGBA."""
    random = np.random.default_rng(11)
    layer = Image.new("RGBA", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(layer)
    depths = np.geomspace(8.0, 34.0, 70)[::-1]
    for depth in depths:
        side = _side(depth) - 3.5
        for _ in range(26):
            up = random.uniform(0.05, 2.0)
            x, y = _place(depth, side - random.uniform(0, 1.6), up)
            radius = 0.2 * _FOCAL / depth * random.uniform(0.6, 1.2)
            shade = 0.62 + 0.3 * up + random.uniform(-0.1, 0.1)
            green = tuple(min(255, round(c * shade)) for c in _HEDGE)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=green)
    return layer.filter(ImageFilter.GaussianBlur(0.8))


@cache
def _gate() -> Image.Image:
    """Draw what is seen of the gate, its pillars and their lamps, RGBA."""
    layer = Image.new("RGBA", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(layer)
    depth = 4.55
    for side in (-2.12, 2.12):
        inner = side - 0.30 * math.copysign(1, side)
        outer = side + 0.5 * math.copysign(1, side)
        left, right = sorted((inner, outer))
        foot, top = _place(depth, left, 0), _place(depth, right, 2.15)
        draw.rectangle((foot[0], top[1], top[0], HEIGHT), fill=_PILLAR)
        light = foot[0] if side > 0 else top[0]
        draw.rectangle(
            (light - 14, top[1], light + 14, HEIGHT),
            fill=tuple(c - 22 for c in _PILLAR),
        )
        for up in np.arange(0.0, 2.1, 0.24):
            _, y = _place(depth, 0, float(up))
            draw.line((foot[0], y, top[0], y), fill=(150, 142, 129), width=2)
        cap = (foot[0] - 12, top[1] - 20, top[0] + 12, top[1])
        draw.rectangle(cap, fill=(150, 143, 131))
        middle = _place(depth, side)[0]
        draw.rounded_rectangle(
            (middle - 17, top[1] - 66, middle + 17, top[1] - 20), 8, fill=(58, 60, 64)
        )
        draw.rounded_rectangle(
            (middle - 11, top[1] - 58, middle + 11, top[1] - 26),
            5,
            fill=(247, 226, 168),
        )
    return layer.filter(ImageFilter.GaussianBlur(0.6))


def _with_grain(picture: Image.Image) -> Image.Image:
    """Roughen the flat areas, or they would look painted and code badly."""
    random = np.random.default_rng(3)
    fine = random.normal(0, 3.0, (HEIGHT, WIDTH, 1))
    coarse = np.asarray(
        Image.fromarray(random.normal(0, 5.0, (90, 160)).astype(np.float32)).resize(
            (WIDTH, HEIGHT), Image.Resampling.BICUBIC
        )
    )[..., None]
    pixels = np.asarray(picture.convert("RGB")).astype(np.float32) + fine + coarse
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).convert("RGBA")


# --- the car -------------------------------------------------------------------------


@cache
def _car(plate: str) -> Image.Image:
    """Draw the car from the front, RGBA, ``_CAR_PIXELS`` wide."""
    wide, tall = _CAR_PIXELS, round(_CAR_PIXELS * 0.80)
    car = Image.new("RGBA", (wide, tall))
    draw = ImageDraw.Draw(car)

    def points(*pairs: tuple[float, float]) -> list[tuple[float, float]]:
        """Scale from parts of the width to pixels, mirrored at the middle."""
        right = [((0.5 + x) * wide, y * wide) for x, y in pairs]
        left = [((0.5 - x) * wide, y * wide) for x, y in pairs]
        return right + left[::-1]

    def both(shape: str, box: tuple[float, ...], **how: Any) -> None:
        """Draw the same shape on both sides."""
        x0, y0, x1, y1 = box
        for a, b in ((0.5 + x0, 0.5 + x1), (0.5 - x1, 0.5 - x0)):
            getattr(draw, shape)((a * wide, y0 * wide, b * wide, y1 * wide), **how)

    body, dark_body, light_body = (38, 84, 138), (24, 56, 98), (74, 122, 176)
    black, rubber, chrome = (26, 28, 31), (20, 20, 22), (186, 192, 198)

    both("rounded_rectangle", (0.29, 0.60, 0.445, 0.795), radius=34, fill=rubber)
    both("ellipse", (0.352, 0.238, 0.452, 0.30), fill=dark_body)  # mirrors
    # The cabin: roof, windscreen, pillars.
    draw.polygon(
        points((0.0, 0.02), (0.22, 0.028), (0.275, 0.06), (0.40, 0.32), (0.0, 0.32)),
        fill=body,
    )
    draw.polygon(
        points(
            (0.0, 0.055), (0.215, 0.062), (0.25, 0.08), (0.352, 0.295), (0.0, 0.305)
        ),
        fill=(44, 54, 62),
    )
    draw.polygon(  # the sky in the glass
        points((0.0, 0.06), (0.205, 0.066), (0.262, 0.16), (0.0, 0.13)),
        fill=(112, 138, 158),
    )
    both("ellipse", (0.10, 0.13, 0.19, 0.25), fill=(34, 40, 46))  # head rests
    draw.line([(0.46 * wide, 0.29 * wide), (0.30 * wide, 0.255 * wide)], black, 9)
    draw.line([(0.66 * wide, 0.29 * wide), (0.50 * wide, 0.262 * wide)], black, 9)
    # Bonnet and front.
    draw.polygon(
        points((0.0, 0.30), (0.36, 0.30), (0.43, 0.335), (0.47, 0.41), (0.0, 0.42)),
        fill=light_body,
    )
    draw.polygon(
        points(
            (0.0, 0.40),
            (0.46, 0.385),
            (0.488, 0.46),
            (0.492, 0.60),
            (0.47, 0.69),
            (0.44, 0.715),
            (0.0, 0.725),
        ),
        fill=body,
    )
    draw.line(points((0.0, 0.402), (0.455, 0.388)), light_body, 7)
    for x in (-0.2, 0.2):  # creases of the bonnet
        draw.line(
            [((0.5 + x * 0.9) * wide, 0.305 * wide), ((0.5 + x) * wide, 0.40 * wide)],
            body,
            8,
        )
    # Grille with its bars and a round badge.
    draw.rounded_rectangle(
        (0.29 * wide, 0.425 * wide, 0.71 * wide, 0.50 * wide), 26, fill=black
    )
    for y in (0.443, 0.462, 0.481):
        draw.line([(0.31 * wide, y * wide), (0.69 * wide, y * wide)], (78, 82, 87), 6)
    draw.ellipse(
        (0.465 * wide, 0.427 * wide, 0.535 * wide, 0.497 * wide),
        fill=chrome,
        outline=black,
        width=6,
    )
    # Lights: a glass, a lamp, a daytime running light.
    both(
        "rounded_rectangle", (0.245, 0.415, 0.452, 0.495), radius=44, fill=(58, 63, 68)
    )
    both("ellipse", (0.335, 0.424, 0.40, 0.487), fill=(252, 248, 226))
    both("ellipse", (0.27, 0.43, 0.322, 0.482), fill=(206, 212, 214))
    both(
        "rounded_rectangle", (0.25, 0.484, 0.445, 0.493), radius=7, fill=(255, 253, 240)
    )
    # Bumper, lower intake, fog lights.
    draw.rounded_rectangle(
        (0.22 * wide, 0.635 * wide, 0.78 * wide, 0.695 * wide), 24, fill=black
    )
    both("ellipse", (0.35, 0.60, 0.415, 0.645), fill=(60, 66, 72))
    both("ellipse", (0.363, 0.608, 0.402, 0.637), fill=(214, 216, 208))
    draw.line(points((0.0, 0.555), (0.487, 0.545)), dark_body, 6)

    _set_plate(car, plate)
    # One soft light from above: paler on top, darker towards the ground.
    rows = np.linspace(1.10, 0.80, tall)[:, None, None]
    pixels = np.asarray(car).astype(np.float32)
    pixels[..., :3] = np.clip(pixels[..., :3] * rows, 0, 255)
    car = Image.fromarray(pixels.astype(np.uint8))
    # The bare plate again: a plate reflects, the shade above would make it gray.
    _set_plate(car, plate)
    return car


def _set_plate(car: Image.Image, text: str) -> None:
    """Screw the plate onto the bumper."""
    plate = draw_plate(text, 200)
    wide = round(_CAR_PIXELS * _PLATE_WIDTH / _CAR_WIDTH)
    plate = plate.resize(
        (wide, round(plate.height * wide / plate.width)), Image.Resampling.LANCZOS
    )
    left, top = (car.width - plate.width) // 2, round(_CAR_PIXELS * 0.566)
    frame = (left - 8, top - 8, left + plate.width + 8, top + plate.height + 8)
    ImageDraw.Draw(car).rounded_rectangle(frame, 8, fill=(30, 31, 33))
    car.paste(plate, (left, top))
