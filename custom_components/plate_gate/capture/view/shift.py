"""Whether a camera still looks where it looked before."""

from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from itertools import product
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .gray import GRAY_HEIGHT, GRAY_WIDTH, Gray

type _Edges = NDArray[np.complex64]
"""How strongly, and in which direction, the brightness changes at each place."""

_CELL: Final = 4
"""Pixels of the gray picture that are averaged to one place, each way.

Measured: with 2 instead of 4, darkened and noisy views agree with themselves by 0.77
instead of 0.95, and a search takes four times as long; and wind that shakes the
camera by 1 % of the width still leaves 0.91.
"""

_MARGIN: Final = 4
"""Rows left out at the top and at the bottom, 9 % of the height each.

There cameras write the time and their name, which stay in place when the camera turns
and would tell that nothing has happened.
"""

_ROWS: Final = GRAY_HEIGHT // _CELL - 2 * _MARGIN
_COLUMNS: Final = GRAY_WIDTH // _CELL - 2

_SOFT: Final = 0.5
"""Of the mean squared gradient: what is as strong as this counts half.

So the few strongest edges do not decide alone, and a view that got darker as a whole
agrees with what it was.
"""

_NOISE: Final = 16.0
"""Squared gradient in levels² that counts half in a view without any edges.

Measured: noise of a standard deviation of 8 in 960x540 gives 1 to 2.
"""

_FEWEST_EDGES: Final = 6.0
"""Mean squared gradient, in levels², below which a view has nothing to compare.

Measured: photographs 237 to 6000; darkened to a tenth with noise of 8, 6 to 42;
darkened to a thirtieth 1.2 to 3.1; a covered lens 0.1.
"""

_SAME: Final = 0.2
"""Agreement in place from which on two views are of one place.

Measured: photographs of other places agree by at most 0.23, but for 3 of 465 pairs;
the same view in infrared light, simulated, by 0.22 to 0.71, in snow by 0.31 to 0.81,
with other shadows by 0.46 to 0.86, in a fifth of the light by 0.80 to 0.98.
"""

_PART_ROWS: Final = 9
_PART_COLUMNS: Final = 13
"""Places of one part of a view: it has 4 x 6 parts."""

_PART_EDGES: Final = 0.1
"""Mean length of the edges below which a part is as good as flat."""

_PART_SAME: Final = 0.7
_PARTS_SAME: Final = 2
"""Agreement of a part, and how many such parts tell that a view is only hidden.

Measured: with half of the view hidden behind another photograph, all of 93 are told
from another place, 7 of them by this alone; so are, wrongly, 2 of 465 pairs of
photographs of other places. With four fifths hidden none of 47 is.
"""

_ELSEWHERE: Final = 0.4
"""Agreement elsewhere from which on a view is the old one, only shifted or turned.

Measured: shifted by 5 to 20 %, at least 0.62; by 30 %, 0.45 to 0.89; turned by 5 to 12
degrees, 0.50 to 0.81; photographs of other places, at most 0.25, but for 3 of 465
pairs, of which none reaches this.
"""

_CLEARLY: Final = 1.3
"""How many times better it must agree elsewhere than in place.

Measured: shifted by 5 %, 1.53 to 6.4 times; turned by 5 degrees, 1.33 to 3.0 times;
with other shadows, in other light or half hidden, where it agrees at all, 1.0 times.
"""

_SURE: Final = 0.7
"""Agreement in place that makes it needless to look for a better one.

Measured: shifted by 5 % at most 0.60, turned by 5 degrees at most 0.55.
"""

_WELL: Final = 0.5
"""Agreement in place from which on what is remembered may change a little.

Measured: with other shadows 0.46 to 0.86, in a fifth of the light 0.80 to 0.98; shifted
by 3 % 0.25 to 0.75.
"""

_FAR: Final = 0.03
"""Of the width. What is shifted by less is still where it was.

Measured, of 47 views each: shifted by 3 %, none is elsewhere; by 4 %, all are.
"""

_FARTHEST: Final = 0.45
"""Of the size, either way. What is shifted by more shares too little to be found."""

_TURNS: Final = (0.0, -3.0, 3.0, -6.0, 6.0, -9.0, 9.0, -12.0, 12.0, -15.0, 15.0)
"""Degrees tried.

Measured: turned by 5, 7, 10 and 12 degrees, all of 93 and 47 views are found; by 4
degrees, which is 3.5 % of the width at the sides, 1 of 47.
"""

_LEARNED: Final = 12
"""Looks (2 minutes) after which a view is known well enough to miss it."""

_SLOWLY: Final = 1 / 360
"""Share of a look in what is remembered: an hour, in which shadows wander."""

_OTHER_LIGHT: Final = 30
"""Looks (5 minutes) of weak agreement after which another light is remembered, too.

A truck that stops at the gate is gone by then.
"""

_LIGHTS: Final = 2
"""Views remembered at once: by day and, as a camera's own lamps show it, by night."""


class Place(Enum):
    """Where a camera looks, compared with before."""

    SAME = "same"
    ELSEWHERE = "elsewhere"
    """The view is the old one, shifted or turned."""
    LOST = "lost"
    """Nothing of the old view is found."""
    UNCLEAR = "unclear"
    """It cannot be told, or nothing is known yet to compare with."""


class ViewMemory:
    """Remembers the edges of what a camera sees, and finds them again.

    Brightness does not matter, nor which side of an edge is the brighter one, because
    infrared light swaps that. What is remembered shows a place: it stays in memory.
    """

    def __init__(self) -> None:
        """Begin without a view."""
        self._views: list[_View] = []
        self._astray = 0
        self._weak = 0

    def forget(self) -> None:
        """Take the next view for the right one."""
        self._views.clear()
        self._astray = self._weak = 0

    def look(self, gray: Gray, aspect: float) -> Place:
        """Compare a picture with what is remembered, and learn from it.

        Args:
            gray: Shape (GRAY_HEIGHT, GRAY_WIDTH).
            aspect: Width of the camera's own picture divided by its height; the gray
                one is squeezed or stretched, so that a turn is more than a turn.

        Returns:
            Where the camera looks.

        """
        if (edges := _edges(gray)) is None:
            return Place.UNCLEAR
        if not self._views:
            self._views.append(_View(edges))
            return Place.UNCLEAR
        place, agreement, view = self._find(edges, aspect)
        if place is Place.SAME:
            self._learn(edges, agreement, view)
        learned = self._views[0].looks >= _LEARNED
        if not learned and place is not Place.SAME:
            # A car stood there at first, or somebody still turns the camera.
            self._astray += 1
            if self._astray >= _LEARNED:
                self.forget()
        else:
            self._astray = 0
        return place if learned else Place.UNCLEAR

    def _find(self, edges: _Edges, aspect: float) -> tuple[Place, float, _View]:
        """Return where a view lies, how well it agrees in place, and with which."""
        now = _whole(edges)
        agreement, at = max(
            (_in_place(view.whole(), now), at) for at, view in enumerate(self._views)
        )
        if agreement >= _SURE:
            return Place.SAME, agreement, self._views[at]
        elsewhere, distance = max(
            found
            for view in self._views
            for found in _search(view.whole(), now, aspect)
        )
        if elsewhere >= max(_ELSEWHERE, _CLEARLY * agreement) and distance > _FAR:
            place = Place.ELSEWHERE
        elif agreement >= _SAME:
            place = Place.SAME
        elif any(_parts_in_place(view.edges, edges) for view in self._views):
            place = Place.UNCLEAR
        else:
            place = Place.LOST
        return place, agreement, self._views[at]

    def _learn(self, edges: _Edges, agreement: float, view: _View) -> None:
        """Remember more of a view that is in place."""
        if agreement >= _WELL or view.looks < _LEARNED:
            self._weak = 0
            view.add(edges)
            # The one that was seen last comes last, and the first gives way.
            self._views.remove(view)
            self._views.append(view)
            return
        self._weak += 1
        if self._weak >= _OTHER_LIGHT:
            self._weak = 0
            self._views = [*self._views[1 - _LIGHTS :], _View(edges, _LEARNED)]


class _View:
    """The edges that a camera sees in one light."""

    def __init__(self, edges: _Edges, looks: int = 1) -> None:
        self.looks = looks
        """How many looks it is made of."""
        self.edges = edges.copy()

    def add(self, edges: _Edges) -> None:
        """Let one more look change it a little."""
        self.looks += 1
        self.edges += (edges - self.edges) * max(1 / self.looks, _SLOWLY)

    def whole(self) -> _Edges:
        """Return it in the form that is compared."""
        return _whole(self.edges)


def _edges(gray: Gray) -> _Edges | None:
    """Return the edges of a picture, shape (_ROWS, _COLUMNS), None if it has none.

    The angle is twice that of the gradient, so that a dark edge on bright ground and
    a bright one on dark ground are the same. The length is 0 to 1.
    """
    small = gray.reshape(GRAY_HEIGHT // _CELL, _CELL, GRAY_WIDTH // _CELL, _CELL)
    small = small.mean((1, 3), dtype=np.float32)[_MARGIN - 1 : 1 - _MARGIN]
    across = small[1:-1, 2:] - small[1:-1, :-2]
    down = small[2:, 1:-1] - small[:-2, 1:-1]
    energy = across**2 + down**2
    mean = float(energy.mean())
    if mean < _FEWEST_EDGES:
        return None
    gradient = across + 1j * down
    return np.asarray(gradient**2 / (energy + _NOISE + _SOFT * mean), np.complex64)


def _whole(edges: _Edges) -> _Edges:
    """Return edges less their mean direction, of length 1 taken together.

    Most views are full of upright and level edges: they alone would agree by 0.1.
    """
    rest = edges - edges.mean()
    return np.asarray(rest / max(float(np.linalg.norm(rest)), 1e-6), np.complex64)


def _in_place(view: _Edges, now: _Edges) -> float:
    """Return how well two views agree, -1 to 1, give or take one place for wind."""
    best = -1.0
    for down, across in product((-1, 0, 1), repeat=2):
        one = view[_overlap(down, _ROWS), _overlap(across, _COLUMNS)]
        other = now[_overlap(-down, _ROWS), _overlap(-across, _COLUMNS)]
        best = max(best, float(np.vdot(one, other).real))
    return best


def _parts_in_place(view: _Edges, now: _Edges) -> bool:
    """Tell whether some parts of two views agree, though the rest does not.

    Where a truck hides most of a view, what is left of it agrees all the better.
    """
    one, other = _parts(view), _parts(now)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    agreement = (one * other.conj()).sum(1).real / np.maximum(lengths, 1e-6)
    plain = _PART_EDGES**2 * _PART_ROWS * _PART_COLUMNS
    return int((agreement[lengths >= plain] >= _PART_SAME).sum()) >= _PARTS_SAME


def _parts(edges: _Edges) -> _Edges:
    """Return the parts of a view, each less its mean, shape (parts, places)."""
    rows, columns = _ROWS // _PART_ROWS, _COLUMNS // _PART_COLUMNS
    parts = edges[: rows * _PART_ROWS, : columns * _PART_COLUMNS]
    parts = parts.reshape(rows, _PART_ROWS, columns, _PART_COLUMNS)
    parts = parts.swapaxes(1, 2).reshape(rows * columns, -1)
    return np.asarray(parts - parts.mean(1, keepdims=True), np.complex64)


def _overlap(shift: int, size: int) -> slice:
    """Return what of a side is still there after a shift."""
    return slice(max(shift, 0), size + min(shift, 0))


def _search(view: _Edges, now: _Edges, aspect: float) -> Iterator[tuple[float, float]]:
    """Look for a view shifted and turned.

    Yields:
        For each turn that is tried, how well it agrees at best, -1 to 1, and how far
        away that is in shares of the width.

    """
    # Padded, so that what leaves on one side does not come back on the other.
    size = _ROWS * 3 // 2, _COLUMNS * 3 // 2
    spectrum = np.fft.fft2(now, size)
    rows, columns = int(_ROWS * _FARTHEST), int(_COLUMNS * _FARTHEST)
    for turn in _TURNS:
        turned = _turned(view, turn, aspect)
        agreement = np.fft.ifft2(spectrum * np.fft.fft2(turned, size).conj()).real
        agreement = np.roll(agreement, (rows, columns), (0, 1))
        agreement = agreement[: 2 * rows + 1, : 2 * columns + 1]
        row, column = divmod(int(agreement.argmax()), 2 * columns + 1)
        width = GRAY_WIDTH / _CELL
        height = GRAY_HEIGHT / _CELL * aspect
        shift = math.hypot((column - columns) / width, (row - rows) / height)
        # A turn moves what lies at the sides by half the width times its sine.
        distance = shift + abs(math.sin(math.radians(turn))) / 2
        yield float(agreement.max()), distance


def _turned(view: _Edges, turn: float, aspect: float) -> _Edges:
    """Return a view as it looks after the camera was turned about its axis."""
    if not turn:
        return view
    rows, columns, inside = _origins(turn, aspect)
    # The angle of an edge is stored twice.
    phase = np.exp(2j * math.radians(turn))
    return np.asarray(np.where(inside, view[rows, columns], 0) * phase, np.complex64)


@lru_cache(maxsize=2 * len(_TURNS))
def _origins(
    turn: float, aspect: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return from which row and column each place comes, and whether it was in view."""
    down, across = np.mgrid[:_ROWS, :_COLUMNS].astype(np.float32)
    down -= (_ROWS - 1) / 2
    across -= (_COLUMNS - 1) / 2
    # A place is as high as it is wide only in a picture of 16:9.
    stretch = aspect * GRAY_HEIGHT / GRAY_WIDTH
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    column = cosine * across + sine * down / stretch
    row = cosine * down - sine * across * stretch
    rows = np.rint(row + (_ROWS - 1) / 2).astype(np.intp)
    columns = np.rint(column + (_COLUMNS - 1) / 2).astype(np.intp)
    inside = (rows >= 0) & (rows < _ROWS) & (columns >= 0) & (columns < _COLUMNS)
    return rows.clip(0, _ROWS - 1), columns.clip(0, _COLUMNS - 1), inside
