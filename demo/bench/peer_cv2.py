"""The same work as people do it with OpenCV; each task runs in a process of its own."""

from collections.abc import Callable
import threading
import time
from typing import Any, Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from . import numbers
from .process import memory, work

_QUALITY: Final = (cv2.IMWRITE_JPEG_QUALITY, 90)
"""As in the capture."""

_SIZE: Final = (320, 180)

type Picture = NDArray[np.uint8]


def delay(url: str, seconds: float, pause: float, *, in_thread: bool) -> dict[str, Any]:
    """Take pictures as a slow recognizer does.

    Args:
        url: Of the camera.
        seconds: How long.
        pause: Seconds that a picture takes.
        in_thread: Read in a thread that keeps the newest picture, instead of directly.

    Returns:
        `seen`: the number of each picture, and when it was there to be looked at.

    """
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    newest = _Newest(capture) if in_thread else None
    take: Callable[[], Picture | None] = (
        newest.take if newest else lambda: _read(capture)
    )
    seen = []
    picture = take()
    end = time.monotonic() + seconds
    while picture is not None and time.monotonic() < end:
        picture = take()
        if picture is None:
            break
        cv2.imencode(".jpg", picture, _QUALITY)
        got = time.monotonic()
        corner = picture[: numbers.HEIGHT, : numbers.WIDTH]
        seen.append((numbers.read(_gray(corner)), got))
        time.sleep(max(0.0, got + pause - time.monotonic()))
    if newest is not None:
        newest.stop()
    capture.release()
    return {"seen": seen}


def first_frame(url: str, runs: int) -> dict[str, Any]:
    """Connect again and again; return the `seconds` until the first JPEG of each run."""
    seconds = []
    for _ in range(runs):
        begin = time.monotonic()
        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
        picture = _read(capture)
        assert picture is not None, "the camera could not be opened"
        cv2.imencode(".jpg", picture, _QUALITY)
        seconds.append(time.monotonic() - begin)
        capture.release()
    return {"seconds": seconds}


def growth(url: str, warm: int, count: int) -> dict[str, Any]:
    """Lose the camera again and again; return memory in MB `before` and `after`."""
    before, frames = 0.0, 0
    for connection in range(warm + count):
        if connection == warm:
            before, frames = memory(), 0
        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
        while (picture := _read(capture)) is not None:
            frames += 1
            cv2.imencode(".jpg", picture, _QUALITY)
        capture.release()
    return {"before": before, "after": memory(), "frames": frames}


def cpu(url: str, seconds: float, settle: float) -> dict[str, Any]:
    """Read every picture and look for motion, in the simplest way there is.

    Each is made small and gray, and compared with the one before.

    Returns:
        Seconds of CPU time `used` and of `wall` time, and how many pictures were
        `decoded`.

    """
    cv2.setNumThreads(1)
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    before: Picture | None = None
    begin = used = 0.0
    start, pictures = time.monotonic(), 0
    while (picture := _read(capture)) is not None:
        small = _small(picture)
        if before is not None:
            cv2.absdiff(small, before)
        before = small
        now = time.monotonic()
        if begin:
            pictures += 1
            if now - begin >= seconds:
                break
        elif now - start >= settle:
            begin, used = now, time.process_time()
    used, wall = time.process_time() - used, time.monotonic() - begin
    capture.release()
    return {"used": used, "wall": wall, "decoded": pictures}


class _Newest:
    """Reads in a thread, and keeps the newest picture."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self._picture: Picture | None = None
        self._is_over = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def take(self) -> Picture | None:
        """Wait for a picture that was not taken yet; None if there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._picture is not None or self._is_over)
            picture, self._picture = self._picture, None
            return picture

    def stop(self) -> None:
        """Stop reading."""
        self._is_over = True
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over:
            picture = _read(self._capture)
            with self._changed:
                self._picture = picture
                self._is_over |= picture is None
                self._changed.notify_all()


def _read(capture: cv2.VideoCapture) -> Picture | None:
    """Return the next picture in BGR, shape (height, width, 3); None if there is none."""
    is_there, picture = capture.read()
    return cast(Picture, picture) if is_there else None


def _small(picture: Picture) -> Picture:
    """Return it small and gray."""
    shrunk = cv2.resize(picture, _SIZE, interpolation=cv2.INTER_AREA)
    return _gray(cast(Picture, shrunk))


def _gray(picture: Picture) -> Picture:
    return cast(Picture, cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))


if __name__ == "__main__":
    work({task.__name__: task for task in (delay, first_frame, growth, cpu)})
