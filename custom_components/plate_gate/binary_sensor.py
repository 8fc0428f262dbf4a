"""Whether the recognizer and the cameras are there."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_TRIGGER_ENTITY
from .coordinator import LaneCoordinator
from .entity import LaneEntity, SiteEntity
from .site import PlateGateConfigEntry

PARALLEL_UPDATES = 0

RECOGNIZER = BinarySensorEntityDescription(
    key="recognizer",
    translation_key="recognizer",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
CAMERA = BinarySensorEntityDescription(
    key="camera",
    translation_key="camera",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the connectivity sensors of a site and its lanes."""
    site = entry.runtime_data
    async_add_entities([RecognizerSensor(site.recognizer, RECOGNIZER)])
    for subentry_id, lane in site.lanes.items():
        async_add_entities([CameraSensor(lane, CAMERA)], config_subentry_id=subentry_id)


class RecognizerSensor(SiteEntity, BinarySensorEntity):
    """On while the recognizer answers."""

    @property
    @override
    def available(self) -> bool:
        """Always: a recognizer that is away is what this sensor tells of."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it answered the last time."""
        return self.coordinator.last_update_success


class CameraSensor(LaneEntity, BinarySensorEntity):
    """On while the camera delivers.

    Of a lane that waits for its trigger it says how the last capture went.
    """

    def __init__(
        self, coordinator: LaneCoordinator, description: BinarySensorEntityDescription
    ) -> None:
        """Begin with what is known."""
        super().__init__(coordinator, description)
        self._is_on_demand = bool(coordinator.subentry.data.get(CONF_TRIGGER_ENTITY))
        self._take_status()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show what the lane says now."""
        self._take_status()
        super()._handle_coordinator_update()

    def _take_status(self) -> None:
        status = self.coordinator.data.camera
        if status.connected:
            self._attr_is_on = True
        elif status.error is not None or not self._is_on_demand:
            self._attr_is_on = False
