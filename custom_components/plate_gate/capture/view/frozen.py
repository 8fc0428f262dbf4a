"""Noticing a camera that sends the same picture again and again.

Its frames arrive and are new to every decoder, but what they show is from yesterday: the
sensor is stuck, or a recorder or restreamer in between repeats the last picture it got,
mostly encoded anew.

How much two pictures differ does not tell a stuck picture from a quiet scene: encoded
with another quality it differs from itself as much as the noise of a sensor makes a
scene differ. Nor does it help that pictures are equal: with H.264 and H.265 those of a
quiet scene are, too, for as long as the encoder skips what hardly changes. That ends
with the next key picture, which depends on none before it. Two of a living scene are
never the same, because their noise is not, and the encoder amplifies what is left of it.
A stuck picture comes back exactly, whenever the encoder uses the same quality again.

Measured with FFmpeg's libx264 and libx265 (PyAV 19) on photographs of cars with synthetic
noise, in pictures of 320x180. Share of pixels that differ, between two key pictures:

- of a living scene, at quantizers of 18 and more, with noise of 0.2 to 1.5 levels in
  720p and 1080p, 0.3 and 0.6 in 4K, also spatially denoised: 16 % at least, mostly 30 to
  80; nearly lossless 4K: 14 %.
- of a stuck picture at a constant quality, or an average rate that is met: 0 to 7 %
  once the rate control has settled, which takes the encoder up to half a minute.
- of a stuck picture at a strictly fixed rate: 0 to 60 %, below 10 % for some of them.

With groups of 2 to 10 s, the verdict came 38 to 60 s after the picture got stuck in six
of nine settings, and after 102 s in one at a fixed rate. It did not come within two and
five minutes in the other two, whose fixed rate is too low for the picture (720p with
grain, groups of 2 s, 0.4 and 1 Mbit/s). With groups of 40 s it came after 90 s. None of
eight living scenes of 140 s got one. Encoding a stuck picture anew never changed a pixel
by more than 20 levels. Not measured: real cameras, and footage of them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .gray import Gray

FROZEN: Final = 30.0
"""Seconds between two pictures that are the same, until the camera counts as stuck."""

SAME: Final = 0.08
"""Share of the pixels that may differ, by one level or more, in the same picture. A
clock that the camera writes into it takes less."""

LONGEST_GROUP: Final = 45.0
"""Seconds after which a picture is taken for independent in any case, where nobody says
which are. The longest groups of pictures last about 40 seconds."""

DIFFERENT: Final = 24
"""Levels by which a pixel has to differ to show something else, and not merely another
quality of the encoder."""

ELSEWHERE: Final = 0.01
"""Share of such pixels that shows something else. A car whose plate can be read covers
some 5 % of the picture, the digits of a clock half a percent."""

PATIENCE: Final = 120.0
"""Seconds until a picture that does not come back is given up. The quality that an
encoder with a fixed rate chooses wanders, and returns within a minute or two."""

STRANGERS: Final = 3
"""Independent pictures that have to be others before that: few are seen of a camera that
is tried again only once a minute."""

RENEWAL: Final = 90.0
"""Seconds after which another picture is waited for, if that one does not come back but
others do."""

BLINK: Final = 0.5
"""Seconds. What comes back sooner is a picture that was sent twice, to fill the rate."""

SPREAD: Final = 6
"""Levels between the 5th and the 95th percentile under which a picture is uniform."""

_BLACK: Final = 20
_WHITE: Final = 232
"""Levels beyond which a sensor has no noise, because it is cut off."""

_ENOUGH: Final = 0.02
"""Share of the pixels between them that is needed to tell anything."""


class FrozenWatch:
    """Notices that a camera shows the same picture for too long.

    It is to outlive the connections of the camera: whoever connects anew to one that
    hangs gets the same picture again.
    """

    def __init__(self, after: float = FROZEN) -> None:
        """Begin without a picture.

        Args:
            after: Seconds until the same picture is one too long.

        """
        self._after = after
        self._frozen = False
        self._changed = False
        self._base: Gray | None = None
        # What is waited for to come back, and the independent picture before: while the
        # quality of the encoder still settles, only the latter is the same.
        self._held: Gray | None = None
        self._held_at = self._returned_at = 0.0
        self._last: Gray | None = None
        self._same_since = 0.0
        self._before: Gray | None = None
        self._provisional = False
        self._independent_at = 0.0
        self._matched_at = 0.0
        self._strangers = 0

    @property
    def changed(self) -> bool:
        """Whether the camera has shown anything else since it was doubted."""
        return self._changed

    def doubt(self, *, know_last: bool) -> None:
        """Believe the camera only once it shows something else.

        Whoever connects anew may get the last picture of a camera that is long gone.

        Args:
            know_last: Whether it is enough to show something else than what was seen
                of it last. If not, it has to do so from now on.

        """
        self._changed = False
        if not know_last:
            self._base = None

    def look(self, gray: Gray, now: float, *, key: bool | None = None) -> bool:
        """Tell whether the camera is stuck.

        Once it is, it stays so until a picture shows something else, also when the
        camera is connected anew.

        Args:
            gray: The picture. What is not looked at may be black.
            now: When it was taken: seconds that never jump.
            key: Whether it is a key picture, or a file of its own, and so depends on no
                other. None if that is not known: then it is told from how much changes
                from one picture to the next, and takes longer where that is little.

        """
        self._believe(gray)
        independent = self._is_independent(gray, now, key)
        held, last = self._held, self._last
        if held is None or last is None:
            if independent:
                self._hold(gray, now)
        elif _shows_something_else(gray, held):
            self._hold(gray, now)
            self._provisional = not independent
        elif independent and self._provisional:
            self._hold(gray, now)
        elif independent:
            self._compare(gray, held, last, now)
        return self._frozen

    def _believe(self, gray: Gray) -> None:
        """Take note of whether the camera shows something else."""
        if self._base is None:
            self._base = gray.copy()
        elif self._changed or _shows_something_else(gray, self._base):
            self._changed = True
            # What is known of it when it is doubted the next time.
            self._base = gray.copy()

    def _is_independent(self, gray: Gray, now: float, key: bool | None) -> bool:
        """Tell whether a picture depends on none before it."""
        if key is None:
            before, self._before = self._before, gray.copy()
            key = before is None or not _is_same(gray, before)
            key |= now - self._independent_at >= LONGEST_GROUP
        if not key:
            return False
        self._independent_at = now
        return True

    def _compare(self, gray: Gray, held: Gray, last: Gray, now: float) -> None:
        """Tell whether an independent picture is one of before, and what follows."""
        if not _is_same(gray, last):
            self._same_since = now
        self._last = gray.copy()
        lasts = now - self._same_since
        returned = 0.0
        if _is_same(gray, held):
            returned = now - self._held_at
            self._returned_at = now
        if max(lasts, returned) > BLINK:
            self._matched_at = now
            self._strangers = 0
        else:
            self._strangers += 1
        if lasts >= self._after:
            self._held, self._held_at = self._last, self._same_since
            self._returned_at = now
            self._frozen = True
        elif returned >= self._after:
            self._frozen = True
        elif now - self._matched_at >= PATIENCE and self._strangers >= STRANGERS:
            self._hold(gray, now)
        elif now - self._returned_at >= RENEWAL:
            self._held = self._last
            self._held_at = self._returned_at = now

    def _hold(self, gray: Gray, now: float) -> None:
        """Wait for a picture to come back, from now on. A uniform one says nothing."""
        self._frozen = self._provisional = False
        self._strangers = 0
        self._held_at = self._returned_at = now
        self._same_since = self._matched_at = now
        self._held = self._last = None if _is_uniform(gray) else gray.copy()


def _distance(one: Gray, other: Gray) -> Gray:
    """Return by how many levels each pixel differs."""
    distance: Gray = np.maximum(one, other) - np.minimum(one, other)
    return distance


def _between(gray: Gray) -> NDArray[np.bool_]:
    """Return which pixels are neither black nor white."""
    return (gray > _BLACK) & (gray < _WHITE)


def _is_same(gray: Gray, other: Gray) -> bool:
    """Tell whether hardly a pixel differs, of those that are not cut off."""
    between = _between(other)
    changed = np.count_nonzero((gray != other) & between)
    return bool(changed < SAME * np.count_nonzero(between))


def _shows_something_else(gray: Gray, other: Gray) -> bool:
    """Tell whether a picture differs by more than encoding makes it differ."""
    differing = np.count_nonzero(_distance(gray, other) >= DIFFERENT)
    # Of a black picture nothing lies between, and a few bright specks are no car.
    visible = max(int(np.count_nonzero(_between(other))), other.size // 5)
    return bool(differing > ELSEWHERE * visible)


def _is_uniform(gray: Gray) -> bool:
    """Tell whether a picture shows nothing that could be recognized again."""
    # A sixteenth of the pixels tells as much.
    sample = gray[::4, ::4]
    between = sample[_between(sample)]
    if between.size < _ENOUGH * sample.size:
        return True
    low, high = np.percentile(between, (5, 95))
    return bool(high - low < SPREAD)
