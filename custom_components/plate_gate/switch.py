"""The switch that arms a lane."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .arming import Arming
from .const import DOMAIN
from .coordinator import LaneCoordinator
from .entity import LaneEntity
from .errors import AllowlistNotSavedError
from .messages import error_key
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
    site = entry.runtime_data
    for subentry_id, lane in site.lanes.items():
        async_add_entities(
            [AutomaticOpeningSwitch(lane, site.memory.arming)],
            config_subentry_id=subentry_id,
        )


class AutomaticOpeningSwitch(LaneEntity, SwitchEntity):
    """On while the lane may open its gate by itself."""

    def __init__(self, coordinator: LaneCoordinator, arming: Arming) -> None:
        """Take where it is remembered."""
        super().__init__(coordinator, AUTOMATIC_OPENING)
        self._arming = arming

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the gate opens by itself."""
        return self.coordinator.data.automatic_opening

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the gate open by itself."""
        lane = self.coordinator.subentry.subentry_id
        try:
            await self._arming.set_armed(lane, True)
        except AllowlistNotSavedError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key=error_key(err)
            ) from None
        # Not if somebody has turned it off while that was being saved.
        self.lane.set_automatic_opening(self._arming.is_armed(lane))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Leave opening the gate to people; at once, and then remember it."""
        self.lane.set_automatic_opening(False)
        lane = self.coordinator.subentry.subentry_id
        try:
            await self._arming.set_armed(lane, False)
        except AllowlistNotSavedError:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="off_not_saved"
            ) from None
