"""What is shown of a lane, and what it counts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from .capture import CameraStatus
from .records import DayCount
from .trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """What is shown of a lane. Replaced as a whole."""

    camera: CameraStatus
    automatic_opening: bool
    entries: DayCount
    unknown: DayCount
    last_opening: datetime | None = None
    plate_width: int | None = None
    """Pixels that plates are wide here; None until some were read."""
    trial: Trial | None = None
    """What came of the trial; None for a lane that is on duty."""


@dataclass(slots=True)
class LaneMetrics:
    """What a lane has done since it was started. Counts only."""

    frames: int = 0
    """Frames that the recognizer answered."""
    stale: int = 0
    """Frames or answers that came too late to decide on."""
    reads: int = 0
    granted: int = 0
    denied: int = 0
    failed: int = 0
    """Granted, but the gate did not open."""
    unknown: int = 0
    by_hand: int = 0
    """Openings that a person asked for."""
    busy: int = 0
    """Frames that were dropped because the recognizer had its hands full."""
    backend_errors: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """How often each `Reason` was given for what was granted or denied."""
    recognition_ms: int | None = None
    """How long the last answer took."""
    time_to_open_ms: int | None = None
    """From the first frame with the plate to the gate's action, the last time."""
