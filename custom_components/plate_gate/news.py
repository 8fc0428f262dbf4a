"""What a lane tells of those who wait for a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .models import Reason


class RequestKind(StrEnum):
    """What happened. The values are translation keys, so they stay."""

    CONFIRMATION_NEEDED = "confirmation_needed"
    """A listed vehicle is there, and a person has to say yes."""
    ANNOUNCED = "announced"
    """A listed vehicle is there; people open, if they like."""
    UNKNOWN_WAITING = "unknown_waiting"
    """A vehicle is there that seems not to be on the list."""
    CONFIRMED = "confirmed"
    IGNORED = "ignored"
    EXPIRED = "expired"
    """Nobody answered within a minute, or the vehicle has left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestNews:
    """Something about a vehicle that waits; of an unknown one, nothing but that."""

    kind: RequestKind
    request_id: str | None = None
    """By which the answer names it; None where none is asked for."""
    unknown: bool = False
    """Whether the vehicle seems not to be on the list."""
    vehicle_id: str | None = None
    label: str | None = None
    """Both None for an unknown vehicle."""
    expires: datetime | None = None
    """Until when an answer counts."""
    reasons: tuple[Reason, ...] = ()
