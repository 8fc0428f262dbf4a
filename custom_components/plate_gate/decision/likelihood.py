"""How likely it is that a read shows a certain plate.

The reader was trained with connectionist temporal classification: in every step it says
how probable each character is, or the blank between characters. A plate is what is left
of a path through the steps once repeats are merged and blanks dropped, and its
likelihood is the sum over all paths that leave it. See Graves et al., "Connectionist
temporal classification", ICML 2006, section 4.1, for the forward algorithm used here.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, override

import numpy as np
from numpy.typing import NDArray

from ..models import ALPHABET, BLANK, PLATE_MAX, Characters, Plate

_STEPS_MAX: Final = 512
_FLOOR: Final = 1e-6
"""No character is impossible: a reader that says 0 means "less than I can tell"."""
_SUM_TOLERANCE: Final = 0.05
"""How far a row may be from 1: room for probabilities that were rounded on the way."""
_SLACK: Final = 0.1
"""What the floor and rounding may add to a likelihood, and some to spare."""

_EMPTY: Final = 0.9999
"""A step as sure as this that no character is there adds nothing beside another one."""

_COLUMN_OF: Final = {ord(c): chr(i) for i, c in enumerate(ALPHABET, start=1)}


def columns_of(plates: Sequence[Plate]) -> NDArray[np.int8]:
    """Write plates as columns of `Characters`.

    Returns:
        Shape (plates, 12), each row filled up with 0: its characters as a reader sees
        them, an Ö as an O (`Plate.readable`). A plate with a character that `ALPHABET`
        cannot say has -1 in its first place: no read can show it.

    """
    rows = bytearray()
    for plate in plates:
        text = plate.readable()
        if text is None:
            rows += b"\xff" + bytes(PLATE_MAX - 1)
        else:
            rows += text.translate(_COLUMN_OF).encode("ascii").ljust(PLATE_MAX, b"\0")
    return np.frombuffer(bytes(rows), dtype=np.int8).reshape(len(plates), PLATE_MAX)


class Bounds(NamedTuple):
    """What a plate must be made of to reach a likelihood, one bit per column."""

    allowed: int
    """It may hold these characters and no others."""
    required: int
    """It has to hold each of these."""


class Likelihood:
    """The character probabilities of one read, ready to be asked about plates."""

    __slots__ = ("_log", "best", "text", "weakest")

    best: float
    """The log probability of the best path: the most that a single path can have."""

    text: str
    """What the best path spells: any number of capital letters and digits."""

    weakest: float
    """The probability of the character of the text that is least sure, from 0 to 1.

    1 if there is none.
    """

    def __init__(self, characters: Characters) -> None:
        """Take the probabilities of a read, of any floating type.

        Raises:
            ValueError: They are no probabilities, or not in the shape (steps, 37).

        """
        steps = np.asarray(characters, dtype=np.float64)
        if (
            steps.ndim != 2
            or not 0 < steps.shape[0] <= _STEPS_MAX
            or steps.shape[1] != len(ALPHABET) + 1
            or not np.isfinite(steps).all()
            or (steps < 0).any()
        ):
            raise ValueError("These are no character probabilities")
        sums = steps.sum(axis=1, keepdims=True)
        if np.abs(sums - 1).max() > _SUM_TOLERANCE:
            raise ValueError("The character probabilities do not add up to 1")
        steps = _without_margins(steps / sums)
        self._log = np.log(np.maximum(steps, _FLOOR))
        self.best = float(self._log.max(axis=1).sum())
        self.text, self.weakest = _best_path(steps)

    @override
    def __repr__(self) -> str:
        """Show how long the read is, and nothing of what it says."""
        return f"Likelihood({len(self._log)} steps)"

    def of(self, columns: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return the log likelihood of each plate.

        Args:
            columns: Shape (plates, 12), as `columns_of` writes them.

        Returns:
            Shape (plates,): natural logarithms; -inf for a plate that cannot be: one
            with a character outside of `ALPHABET`, or with too few steps to show it.

        """
        result = np.full(len(columns), -np.inf)
        lengths = (columns > BLANK).sum(axis=1)
        for length in np.unique(lengths[lengths > 0]):
            rows = np.flatnonzero(lengths == length)
            result[rows] = self._forward(columns[rows, :length])
        return result

    def of_plates(self, plates: Sequence[Plate]) -> NDArray[np.float64]:
        """Return the log likelihood of each plate; see `of`."""
        return self.of(columns_of(plates))

    def bounds(self, floor: float) -> Bounds:
        """Tell what a plate must be made of to be as likely as `floor`.

        This never leaves out a plate that is. A plate that holds a character is no
        likelier than that the character is shown at all, and that is at most the
        expected number of times that it starts anew. A plate without a character is no
        likelier than that it is not shown in the one step where it is clearest.
        """
        least = np.exp(floor - _SLACK)
        shown = np.exp(self._log)
        before = np.vstack([np.zeros(shown.shape[1]), shown[:-1]])
        allowed = (shown * (1 - before)).sum(axis=0) >= least
        required = 1 - shown.max(axis=0) < least
        allowed[BLANK] = required[BLANK] = False
        return Bounds(_bits(allowed), _bits(required))

    def _forward(self, columns: NDArray[np.int8]) -> NDArray[np.float64]:
        """Run the forward algorithm for plates of one length, all at once.

        The states of a plate are its characters with a blank before, between and after
        them; `alpha`, of shape (states, plates), is the log probability of all paths
        that have come to a state by the current step.
        """
        plates, length = columns.shape
        labels = np.full((2 * length + 1, plates), BLANK, dtype=np.intp)
        labels[1::2] = columns.T
        # Two of the same character in a row need the blank between them to stay two.
        skips = np.where(columns.T[1:] != columns.T[:-1], 0.0, -np.inf)
        alpha = np.full(labels.shape, -np.inf)
        alpha[:2] = self._log[0][labels[:2]]
        for step in self._log[1:]:
            reached = alpha.copy()
            np.logaddexp(alpha[1:], alpha[:-1], out=reached[1:])
            reached[3::2] = np.logaddexp(reached[3::2], alpha[1:-2:2] + skips)
            reached += step[labels]
            alpha = reached
        total: NDArray[np.float64] = np.logaddexp(alpha[-1], alpha[-2])
        return total


def _without_margins(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the steps, and of those in a row without a character one.

    The reader fills short plates up to a width, so that a good half of its steps shows
    nothing. One of them keeps two characters apart as well as ten do.
    """
    empty = steps[:, BLANK] >= _EMPTY
    again = np.concatenate(([False], empty[1:] & empty[:-1]))
    kept: NDArray[np.float64] = steps[~again]
    return kept


def _best_path(steps: NDArray[np.float64]) -> tuple[str, float]:
    """Return what the likeliest column of each step spells, and its weakest part."""
    columns = steps.argmax(axis=1)
    begins = np.flatnonzero(np.diff(columns, prepend=-1))
    ends = np.append(begins[1:], len(columns))
    text, weakest = "", 1.0
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        column = int(columns[begin])
        if column != BLANK:
            text += ALPHABET[column - 1]
            weakest = min(weakest, float(steps[begin:end, column].max()))
    return text, weakest


def _bits(columns: NDArray[np.bool_]) -> int:
    """Write a set of columns as bits."""
    return sum(1 << int(column) for column in np.flatnonzero(columns))
