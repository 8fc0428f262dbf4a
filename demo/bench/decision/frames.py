"""An arrival made from a photograph: the same plate, a moment later.

A vehicle that comes to a gate is photographed again and again from nearly the same
place. What differs from frame to frame is where it stands, how large it is, how sharp,
what the sensor adds, and how long it was exposed; so that is what is changed here.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

type Picture = NDArray[np.uint8]

_SHIFT = 12.0
"""Pixels to any side: a few hundredths of a picture."""
_SCALE = 0.10
"""Part of its size: what a vehicle gains at 10 km/h in a third of a second, 8 m away."""
_TURN = 1.0
"""Degrees: a car that nods when it brakes."""
_BLUR = 0.9
"""Pixels, standard deviation: what moves, or is out of focus."""
_NOISE = 6.0
"""Levels of 255, standard deviation: a sensor at dusk."""
_EXPOSURE = 0.30
"""Part of the brightness: the camera's automatic exposure at work."""
_QUALITY = (75, 92)
"""Of the JPEG files that cameras send."""


def arrival(photograph: bytes, frames: int, seed: int) -> list[bytes]:
    """Return an arrival.

    Args:
        photograph: A JPEG or PNG file.
        frames: How many frames, at least 1.
        seed: The same seed gives the same frames.

    Returns:
        JPEG files; the first is the photograph itself, and the only one if it cannot be
        decoded.

    """
    picture = cv2.imdecode(np.frombuffer(photograph, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return [photograph]
    random = np.random.default_rng(seed)
    original = np.asarray(picture, np.uint8)
    return [photograph, *(_later(original, random) for _ in range(frames - 1))]


def _later(picture: Picture, random: np.random.Generator) -> bytes:
    """Photograph the same a moment later; each change is drawn by itself."""
    height, width = picture.shape[:2]
    turned = np.asarray(
        cv2.getRotationMatrix2D(
            (width / 2, height / 2),
            random.uniform(-_TURN, _TURN),
            1 + random.uniform(-_SCALE, _SCALE),
        ),
        np.float64,
    )
    turned[:, 2] += random.uniform(-_SHIFT, _SHIFT, 2)
    moved = cv2.warpAffine(
        picture,
        turned,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    blur = random.uniform(0, _BLUR)
    if blur > 0.2:  # a narrower one changes nothing
        moved = cv2.GaussianBlur(moved, (0, 0), blur)
    light = moved.astype(np.float32) * (1 + random.uniform(-_EXPOSURE, _EXPOSURE))
    light = light + random.normal(0, random.uniform(0, _NOISE), light.shape)
    seen = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    quality = int(random.integers(*_QUALITY, endpoint=True))
    _, jpeg = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return jpeg.tobytes()
