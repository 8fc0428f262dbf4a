"""What happens at a lane, told without a plate."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_DIRECTION
from .entity import LaneEntity
from .models import Outcome, Passage
from .site import PlateGateConfigEntry

PARALLEL_UPDATES = 0

ATTR_VEHICLE: Final = "vehicle"
ATTR_VEHICLE_ID: Final = "vehicle_id"
ATTR_DIRECTION: Final = "direction"
ATTR_OPENED: Final = "opened"
ATTR_REASONS: Final = "reasons"
ATTR_TIME_TO_OPEN: Final = "time_to_open_ms"

ACCESS = EventEntityDescription(
    key="access",
    translation_key="access",
    event_types=[Outcome.GRANTED, Outcome.DENIED],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event of each lane."""
    for subentry_id, lane in entry.runtime_data.lanes.items():
        async_add_entities([AccessEvent(lane, ACCESS)], config_subentry_id=subentry_id)


class AccessEvent(LaneEntity, EventEntity):
    """A listed vehicle came. Of anyone else, nothing is told."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the lane."""
        await super().async_added_to_hass()
        self.async_on_remove(self.lane.subscribe_passages(self._async_passage))

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Go on under a new entity id (since Home Assistant 2026.11)."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Leave the state alone: it only changes with a passage."""

    @callback
    def _async_passage(self, passage: Passage) -> None:
        self._trigger_event(
            passage.outcome,
            {
                ATTR_VEHICLE: passage.label,
                ATTR_VEHICLE_ID: passage.vehicle_id,
                ATTR_DIRECTION: self.coordinator.subentry.data[CONF_DIRECTION],
                ATTR_OPENED: passage.opened,
                ATTR_REASONS: [str(reason) for reason in passage.reasons],
                ATTR_TIME_TO_OPEN: passage.time_to_open_ms,
            },
        )
        self.async_write_ha_state()
