"""What was decided about a vehicle, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .vehicle import Vehicle


class Direction(StrEnum):
    """Which way vehicles pass."""

    ENTRY = "entry"
    EXIT = "exit"
    BOTH = "both"


class Movement(StrEnum):
    """How a vehicle moves, as its plate grows or shrinks in the picture."""

    APPROACHING = "approaching"
    RECEDING = "receding"
    UNKNOWN = "unknown"
    """It stands, was seen once only, or the backend does not say where plates are."""


class Outcome(StrEnum):
    """What was decided about an arrival."""

    GRANTED = "granted"
    DENIED = "denied"
    UNDECIDED = "undecided"


class Reason(StrEnum):
    """Why it was decided so. The values are translation keys, so they stay."""

    # How the reads fit.
    EXACT_TEXT = "exact_text"
    LOOK_ALIKE_TEXT = "look_alike_text"
    LIKELIHOOD = "likelihood"
    SINGLE_FRAME = "single_frame"
    AGREEING_FRAMES = "agreeing_frames"
    MORE_FRAMES_NEEDED = "more_frames_needed"
    AMBIGUOUS = "ambiguous"
    NOT_LISTED = "not_listed"

    # What the vehicle may do (`decision.rules`).
    BLOCKED = "blocked"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    OUTSIDE_SCHEDULE = "outside_schedule"
    WRONG_LANE = "wrong_lane"
    WRONG_DIRECTION = "wrong_direction"
    USES_UP = "uses_up"
    DAY_QUOTA_UP = "day_quota_up"
    ALREADY_INSIDE = "already_inside"
    SITE_FULL = "site_full"
    COUNTS_UNKNOWN = "counts_unknown"
    """The vehicle has a limit, and what counts it cannot be read."""

    # What the gate allows (`gate.interlocks`).
    GATE_COOLING_DOWN = "gate_cooling_down"
    VEHICLE_COOLING_DOWN = "vehicle_cooling_down"
    INTERLOCKED = "interlocked"
    TOO_MANY_OPENINGS = "too_many_openings"

    # What it takes besides the plate (`gate.presence`, `gate.confirmation`).
    PRESENCE_MISSING = "presence_missing"
    CONFIRMATION_NEEDED = "confirmation_needed"
    CONFIRMATION_EXPIRED = "confirmation_expired"
    CONFIRMED = "confirmed"
    ANNOUNCE_ONLY = "announce_only"

    # What became of it.
    AUTOMATIC_OPENING_OFF = "automatic_opening_off"
    TRIAL = "trial"
    """The lane is on trial: it decides, and opens nothing."""
    GATE_FAILED = "gate_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about an arrival, with its reasons as data."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    vehicle: Vehicle | None = None
    """None if it is undecided, or denied because two vehicles fit."""
    first_read: float = 0.0
    """When the first frame was taken in which this vehicle was read (monotonic)."""
    arrival: int = 0
    """Which arrival it is about, by a number that is used once per lane."""
    movement: Movement = Movement.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The record of a listed vehicle at a lane: no plate, no picture."""

    time: datetime
    vehicle_id: str | None
    label: str | None
    """Both None where two vehicles fit and nobody can say which one it is."""
    outcome: Outcome
    reasons: tuple[Reason, ...]
    opened: bool
    time_to_open_ms: int | None = None
    """From the first frame with the vehicle's plate to the gate's action."""
