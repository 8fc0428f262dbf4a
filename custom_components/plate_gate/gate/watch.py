"""Notices the first movement of a gate after it was told to open."""

import asyncio
from collections.abc import Callable
from typing import Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from .sight import NOT_SHUT, Pose, Sight, has_moved

_MUTE: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})


class Watch:
    """Looks at a gate from now on until it has moved.

    It begins before the action, so that no movement is missed however soon it comes,
    and goes on after nobody waits for it any more: a gate may move late.
    """

    def __init__(
        self, hass: HomeAssistant, sight: Sight, on_moved: Callable[[], None]
    ) -> None:
        """Begin to look.

        Args:
            hass: Home Assistant.
            sight: What the gate looks like.
            on_moved: Called once, in the very moment in which it moves.

        """
        self.moved: asyncio.Future[None] = hass.loop.create_future()
        """Done when the gate has moved."""
        self._sight = sight
        self._on_moved = on_moved
        self._before = {
            entity_id: hass.states.get(entity_id) for entity_id in sight.entity_ids
        }
        self._sensor_before = sight.sensor
        self._unsubscribe: Callable[[], None] | None = async_track_state_change_event(
            hass, sight.entity_ids, self._changed
        )

    @callback
    def end(self) -> None:
        """Look no longer."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        entity_id = event.data["entity_id"]
        state = event.data["new_state"]
        sensor = self._sight.sensor
        if sensor in NOT_SHUT and self._sensor_before not in NOT_SHUT:
            moved = True
        else:
            # The target is heard if the sensor says nothing, or if it said before that
            # the gate was not shut, as it does while it closes.
            moved = (
                entity_id == self._sight.entity_ids[0]
                and sensor is not Pose.SHUT
                and has_moved(self._before[entity_id], state)
            )
        if moved:
            self.end()
            self.moved.set_result(None)
            self._on_moved()
        elif state is not None and state.state not in _MUTE:
            self._before[entity_id] = state
