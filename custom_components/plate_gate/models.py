"""The vocabulary: what the stages hand to one another.

Everything here is frozen, knows nothing of Home Assistant, and says nothing of a plate
unless it is asked to with `Plate.reveal`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, NoReturn, Self, override
import unicodedata

import numpy as np
from numpy.typing import NDArray

from .errors import PlateInvalidError

BLANK: Final = 0
"""The column of `Characters` that means "no character here"."""

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The characters of `Characters`, in the order of its columns 1 to 36."""

PLATE_MIN: Final = 2
PLATE_MAX: Final = 12

type Characters = NDArray[np.float32]
"""Character probabilities of one read, shape (steps, 37), each row adding up to 1.

Column 0 is the blank, columns 1 to 36 are `ALPHABET`; the steps run from left to right.
This is the output of a reader that was trained with connectionist temporal
classification (Graves et al., 2006), folded to the characters that plates have.
"""


class Plate:
    """The text of a license plate, which does not leave by accident.

    It can be compared, hashed and asked for its text. It cannot be printed, formatted,
    logged, pickled or turned into JSON.
    """

    __slots__ = ("_text",)

    _text: str

    def __init__(self, text: str) -> None:
        """Take a plate as it is written: case, spaces and dashes do not matter.

        Args:
            text: The plate, as a person or a recognizer wrote it.

        Raises:
            PlateInvalidError: Fewer than 2 or more than 12 letters and digits are left.

        """
        normal = "".join(
            c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum()
        )
        if not PLATE_MIN <= len(normal) <= PLATE_MAX:
            raise PlateInvalidError
        object.__setattr__(self, "_text", normal)

    @override
    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a plate does not change."""
        raise AttributeError("A plate does not change")

    @override
    def __eq__(self, other: object) -> bool:
        """Tell whether both are the same plate."""
        return isinstance(other, Plate) and self._text == other._text

    @override
    def __hash__(self) -> int:
        """Make it usable as a key, in this process only."""
        return hash((Plate, self._text))

    @override
    def __repr__(self) -> str:
        """Show that there is a plate, and nothing of it."""
        return "Plate(•••)"

    @override
    def __str__(self) -> str:
        """Show that there is a plate, and nothing of it."""
        return "•••"

    @override
    def __format__(self, format_spec: str) -> str:
        """Show that there is a plate, and nothing of it."""
        return "•••"

    @override
    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse: what is pickled is kept."""
        raise TypeError("A plate cannot be pickled")

    def __copy__(self) -> Self:
        """Return itself; it does not change."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return itself; it does not change."""
        return self

    def reveal(self) -> str:
        """Return the text: capital letters and digits, nothing else."""
        return self._text

    def masked(self) -> str:
        """Return enough to recognize one's own plate by: `AB•••DE`."""
        shown = 2 if len(self._text) > 5 else 1 if len(self._text) > 3 else 0
        return f"{self._text[:shown]}•••{self._text[-shown:] if shown else ''}"


class Box(NamedTuple):
    """A rectangle in pixels of the frame, the origin at the top left."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture with the time at which it was taken."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int
    taken: float
    """Seconds of `time.monotonic`."""
    live: bool = True
    """Whether the camera has shown anything else since it is read.

    If not, this may be a picture of yesterday, from a camera that hangs."""
    quiet_since: float | None = None
    """Since when nothing had moved that the camera sees; None if something just did.

    All that time was watched, so whoever was there then has not left, and nobody has
    come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateRead:
    """One plate text that a backend saw in one frame."""

    plate: Plate
    confidence: float
    """From 0 to 1; how a backend counts it is its own business."""
    box: Box | None = None
    characters: Characters | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """An entry of the allowlist. One that expires is a pass."""

    vehicle_id: str
    label: str
    plate: Plate
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Both with a time zone; the end is exclusive."""


class Outcome(StrEnum):
    """What was decided about an arrival."""

    GRANTED = "granted"
    DENIED = "denied"
    UNDECIDED = "undecided"


class Reason(StrEnum):
    """Why it was decided so. The values are translation keys, so they stay."""

    EXACT_TEXT = "exact_text"
    LOOK_ALIKE_TEXT = "look_alike_text"
    LIKELIHOOD = "likelihood"
    SINGLE_FRAME = "single_frame"
    AGREEING_FRAMES = "agreeing_frames"
    MORE_FRAMES_NEEDED = "more_frames_needed"
    AMBIGUOUS = "ambiguous"
    NOT_LISTED = "not_listed"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    AUTOMATIC_OPENING_OFF = "automatic_opening_off"
    GATE_FAILED = "gate_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about an arrival, with its reasons as data."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    vehicle: Vehicle | None = None
    first_read: float = 0.0
    """When the first frame was taken in which this vehicle was read (monotonic)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The record of a listed vehicle at a lane: no plate, no picture."""

    time: datetime
    vehicle_id: str
    label: str
    outcome: Outcome
    reasons: tuple[Reason, ...]
    opened: bool
    time_to_open_ms: int | None = None
    """From the first frame with the vehicle's plate to the gate's action."""
