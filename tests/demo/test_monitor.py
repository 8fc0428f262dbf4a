"""What the dashboard shows of the camera."""

import io
import time

import numpy as np
from PIL import Image

from demo.cameras import Clip, RtspCamera
from demo.monitor import Monitor, small_pictures


def brightness(jpeg: bytes) -> float:
    """Return the mean of all pixels, 0 to 255."""
    return float(np.asarray(Image.open(io.BytesIO(jpeg)).convert("L")).mean())


def test_the_picture_is_the_one_that_is_being_sent() -> None:
    """Whoever looks sees what the camera sends just then, not the next in turn."""
    shades = [np.full((64, 96, 3), 8 * step, np.uint8) for step in range(30)]
    clip = Clip.from_frames(shades, fps=16)
    pictures = small_pictures(clip)
    assert [index for index, _ in pictures] == list(range(0, 30, 2))

    camera = RtspCamera(clip)
    monitor = Monitor(camera, pictures)
    assert len(monitor) == 1
    assert brightness(monitor[0]) < 8
    camera.sent[20] = time.monotonic()
    assert abs(brightness(monitor[0]) - 160) < 8
    assert monitor[0] == monitor[0] == monitor[0:1][0]
    camera.sent[3] = time.monotonic() + 1
    assert abs(brightness(monitor[0]) - 16) < 8
