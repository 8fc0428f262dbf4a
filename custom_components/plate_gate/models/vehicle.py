"""An entry of the list, with what it may do and when."""

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from .plate import Plate


class Access(StrEnum):
    """What an entry of the list means."""

    ALLOW = "allow"
    BLOCK = "block"
    """Never let in, not even if it fits an allowed plate as well."""


class Assurance(StrEnum):
    """What it takes besides the plate. Anybody can print a plate.

    The order is that of the members: each asks for more than those before it.
    """

    PLATE = "plate"
    """Nothing else."""
    PRESENCE = "presence"
    """Somebody or something of the vehicle has been noticed here a moment ago."""
    CONFIRMATION = "confirmation"
    """A person says yes within a minute, or types the vehicle's PIN."""
    ANNOUNCE = "announce"
    """It is told who is there. People open, the plate never does."""

    @property
    def rank(self) -> int:
        """How much it asks for, from 0."""
        return list(Assurance).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time of the day on some days of the week, by the clock on the wall."""

    weekdays: frozenset[int]
    """The days on which it begins; 0 is Monday, 6 is Sunday."""
    start: time
    end: time
    """Exclusive. Not later than the start: it ends on the day after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """An entry of the list. One that expires is a pass."""

    vehicle_id: str
    label: str
    plate: Plate
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Both with a time zone; the end is exclusive."""
    access: Access = Access.ALLOW
    lanes: frozenset[str] | None = None
    """The ids of the lanes that it may pass; None for all, also those to come."""
    schedule: tuple[Period, ...] = ()
    """When it is let in; empty for always."""
    uses: int | None = None
    """How often it is let in at all; None for without limit."""
    per_day: int | None = None
    """How often it is let in on one day; None for without limit."""
    assurance: Assurance | None = None
    """What it takes besides the plate; None for what the lane asks for.

    Where the lane asks for more, that holds.
    """
    presence: frozenset[str] = frozenset()
    """The ids of entities that tell that it, or its driver, is here."""
    pin: str | None = field(default=None, repr=False)
    """Its PIN as `gate.pin` writes it; never the digits themselves."""
