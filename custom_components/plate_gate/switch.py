"""The switch that arms a lane."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .entity import LaneEntity
from .site import PlateGateConfigEntry

PARALLEL_UPDATES = 0

AUTOMATIC_OPENING = SwitchEntityDescription(
    key="automatic_opening", translation_key="automatic_opening"
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switch of each lane."""
    for subentry_id, lane in entry.runtime_data.lanes.items():
        async_add_entities(
            [AutomaticOpeningSwitch(lane, AUTOMATIC_OPENING)],
            config_subentry_id=subentry_id,
        )


class AutomaticOpeningSwitch(LaneEntity, SwitchEntity, RestoreEntity):
    """On while the lane may open its gate by itself."""

    @override
    async def async_added_to_hass(self) -> None:
        """Stay as it was before a restart; a new lane begins switched on."""
        await super().async_added_to_hass()
        state = await self.async_get_last_state()
        self.lane.set_automatic_opening(state is None or state.state == STATE_ON)

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the gate opens by itself."""
        return self.coordinator.data.automatic_opening

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the gate open by itself."""
        self.lane.set_automatic_opening(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Leave opening the gate to people."""
        self.lane.set_automatic_opening(False)
