"""What a gate is: what opens it, what says that it moved, and what keeps it shut."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..const import (
    CONF_CLOSE_AFTER,
    CONF_CONFIRM_ENTITY,
    CONF_CONFIRM_SECONDS,
    CONF_COOL_DOWN,
    CONF_GATE_ENTITY,
    CONF_HOLD_OPEN,
    CONF_OBSTRUCTION_ENTITY,
    CONF_OPENS_WHEN,
    CONF_PER_MINUTE,
    CONF_STAYS_CLOSED,
    CONF_VEHICLE_COOL_DOWN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """One gate, as a lane describes it.

    Lanes that open the same entity share its interlocks. Where their settings differ,
    the stricter holds: the longer pause, the fewer openings, every entity that one of
    them names.
    """

    entity_id: str
    """A cover, lock, switch, button, script or scene."""
    confirm_entity: str | None = None
    """A sensor that is on, or open, while the gate is not shut. It is believed before
    the target; without one, a cover and a lock tell by themselves."""
    confirm_seconds: float = 15.0
    """Seconds in which the gate has to begin to move, before it is told once more, and
    again before it is given up."""
    cool_down: float = 20.0
    """Seconds after an opening in which a plate opens this gate for nobody."""
    vehicle_cool_down: float = 20.0
    """Seconds after an opening in which it does not for the same vehicle."""
    per_minute: int = 6
    """Openings by plate in a minute; one more, and the lane is switched off."""
    stays_closed: tuple[str, ...] = ()
    """While one of these is active, or says nothing, no plate opens."""
    opens_when: tuple[str, ...] = ()
    """When one of these goes on, or is an alarm that goes off, the gate opens, and
    while it is so no interlock holds."""
    hold_open: bool = False
    """Whether it is opened again while the vehicle that was let in is still there."""
    close_after: float | None = None
    """Seconds after which it is closed; None to leave that to the gate."""
    obstruction_entity: str | None = None
    """A sensor that is on while something is in the way. Without one, nothing is closed."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the settings of a lane from the data of its subentry."""
        found: dict[str, Any] = {"entity_id": data[CONF_GATE_ENTITY]}
        for key in (
            CONF_CONFIRM_ENTITY,
            CONF_CONFIRM_SECONDS,
            CONF_COOL_DOWN,
            CONF_VEHICLE_COOL_DOWN,
            CONF_PER_MINUTE,
            CONF_HOLD_OPEN,
            CONF_CLOSE_AFTER,
            CONF_OBSTRUCTION_ENTITY,
        ):
            if data.get(key) not in (None, ""):
                found[key] = data[key]
        if CONF_PER_MINUTE in found:
            found[CONF_PER_MINUTE] = int(found[CONF_PER_MINUTE])
        for key in (CONF_STAYS_CLOSED, CONF_OPENS_WHEN):
            found[key] = tuple(data.get(key, ()))
        return cls(**found)
