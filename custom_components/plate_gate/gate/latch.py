"""Keeps several lanes and vehicles from pulsing one gate at the same time."""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant, State, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .target import is_shut

HOLD_OFF: Final = 20.0
"""Seconds after an action in which there is no second one. A drive with one button
takes a pulse while it opens for stop, and most open within this time."""

_LATCHES: HassKey[dict[str, Latch]] = HassKey(f"{DOMAIN}_latches")


class Latch:
    """What is known of the actions on one gate, whoever asked for them."""

    def __init__(self) -> None:
        """Begin with a gate that was not acted upon."""
        self.lock = asyncio.Lock()
        """Held while the gate is told to open."""
        self._acted: float | None = None

    def acted(self) -> float:
        """Note that the gate is told to open now, and return when that is."""
        self._acted = dt_util.utcnow().timestamp()
        return self._acted

    def failed(self, acted: float) -> None:
        """Note that this came to nothing, so that it may be tried again at once.

        Args:
            acted: What `acted` returned. A newer action than that still holds.

        """
        if self._acted == acted:
            self._acted = None

    def holds(self, state: State) -> bool:
        """Tell whether the gate is on its way because of an action a moment ago.

        A cover or a lock that has moved since and says that it is shut is believed. A
        relay is not: that it is off again does not mean that the gate is shut.
        """
        if self._acted is None:
            return False
        if is_shut(state) and state.last_changed_timestamp > self._acted:
            return False
        return 0 <= dt_util.utcnow().timestamp() - self._acted < HOLD_OFF


@callback
def async_latch(hass: HomeAssistant, entity_id: str) -> Latch:
    """Return the latch of a gate, the same for all lanes that open it."""
    return hass.data.setdefault(_LATCHES, {}).setdefault(entity_id, Latch())
