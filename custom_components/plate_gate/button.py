"""The button that reads one frame at once."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .entity import LaneEntity
from .errors import PlateGateError
from .messages import error_key
from .site import PlateGateConfigEntry

PARALLEL_UPDATES = 0

READ_NOW = ButtonEntityDescription(
    key="read_now",
    translation_key="read_now",
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the button of each lane."""
    for subentry_id, lane in entry.runtime_data.lanes.items():
        async_add_entities(
            [ReadNowButton(lane, READ_NOW)], config_subentry_id=subentry_id
        )


class ReadNowButton(LaneEntity, ButtonEntity):
    """Reads the next frame without delay."""

    @override
    async def async_press(self) -> None:
        """Read now, and say so if it is not possible."""
        try:
            await self.lane.read_now()
        except PlateGateError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key=error_key(err)
            ) from None
