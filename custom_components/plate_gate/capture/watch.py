"""What of a camera is looked at, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ..const import (
    CONF_EXCLUSIONS,
    CONF_REGION,
    CONF_SENSITIVITY,
    CONF_TRIGGER_ENTITY,
    CONF_TRIGGER_SECONDS,
)
from .view.region import Region

DEFAULT_SENSITIVITY = "medium"
DEFAULT_TRIGGER_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """What of a camera is looked at, and when.

    Raises:
        RegionError: The region, or an exclusion, is none.

    """

    region: Region = field(default_factory=Region)
    sensitivity: str = DEFAULT_SENSITIVITY
    """Of the motion gate, one of `SENSITIVITIES`."""
    trigger_entity: str | None = None
    """What begins the capture by switching on; None captures all the time."""
    trigger_seconds: float = DEFAULT_TRIGGER_SECONDS
    """Seconds that the capture goes on after the trigger went off."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Take settings from what a form has stored."""
        return cls(
            region=Region.from_text(
                data.get(CONF_REGION, ""), data.get(CONF_EXCLUSIONS, ())
            ),
            sensitivity=data.get(CONF_SENSITIVITY, DEFAULT_SENSITIVITY),
            trigger_entity=data.get(CONF_TRIGGER_ENTITY) or None,
            trigger_seconds=float(
                data.get(CONF_TRIGGER_SECONDS, DEFAULT_TRIGGER_SECONDS)
            ),
        )
