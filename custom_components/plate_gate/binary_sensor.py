"""Whether the recognizers and the cameras are there."""

from dataclasses import replace
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_TRIGGER_ENTITY, DOMAIN
from .coordinator import LaneCoordinator, RecognizerCoordinator
from .entity import BackendEntity, LaneEntity, SiteEntity
from .recognition import BackendState
from .site import PlateGateConfigEntry

PARALLEL_UPDATES = 0

RECOGNIZER = BinarySensorEntityDescription(
    key="recognizer",
    translation_key="recognizer",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
BACKEND = replace(RECOGNIZER, key="backend")
FIRST_BACKEND = replace(BACKEND, translation_key="first_backend")
"""Of the backend that shares a device with its site."""
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
    recognizer = site.recognizer
    async_add_entities([RecognizerSensor(recognizer, RECOGNIZER)])
    _add_backends(hass, recognizer, async_add_entities)
    for subentry_id, lane in site.lanes.items():
        async_add_entities([CameraSensor(lane, CAMERA)], config_subentry_id=subentry_id)


@callback
def _add_backends(
    hass: HomeAssistant,
    recognizer: RecognizerCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for each of several backends; that of the site tells of only one."""
    first, *further = recognizer.data.backends
    sensor = BackendSensor(recognizer, first.key, FIRST_BACKEND)
    if further:
        async_add_entities([sensor])
    else:
        # That there were several is over.
        registry = er.async_get(hass)
        assert sensor.unique_id is not None
        if known := registry.async_get_entity_id(
            Platform.BINARY_SENSOR, DOMAIN, sensor.unique_id
        ):
            registry.async_remove(known)
    for backend in further:
        async_add_entities(
            [BackendSensor(recognizer, backend.key, BACKEND)],
            config_subentry_id=backend.key,
        )


class RecognizerSensor(SiteEntity, BinarySensorEntity):
    """On while there is a recognizer that reads."""

    @property
    @override
    def available(self) -> bool:
        """Always: a recognizer that is away is what this sensor tells of."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return whether one reads, as far as is known."""
        return self.coordinator.reads


class BackendSensor(BackendEntity, BinarySensorEntity):
    """On while one of several backends answers, also if it is busy."""

    @property
    @override
    def available(self) -> bool:
        """Always, for the same reason."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it answered the last time."""
        return self.health.state is not BackendState.FAILED


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
