"""What all entities of Plate Gate have in common."""

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import CaptureCoordinator, LaneCoordinator, RecognizerCoordinator
from .lane import Lane


class SiteEntity(CoordinatorEntity[RecognizerCoordinator]):
    """An entity of the site as a whole."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: RecognizerCoordinator, description: EntityDescription
    ) -> None:
        """Belong to the site's device."""
        super().__init__(coordinator)
        assert coordinator.config_entry is not None
        entry = coordinator.config_entry
        self.entity_description = description
        self._attr_unique_id = f"{entry.entry_id}-{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            name=entry.title,
            manufacturer="Plate Gate",
            entry_type=DeviceEntryType.SERVICE,
        )


class LaneEntity[CoordinatorT: LaneCoordinator | CaptureCoordinator = LaneCoordinator](
    CoordinatorEntity[CoordinatorT]
):
    """An entity of one lane, by default of what the lane reports."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: CoordinatorT, description: EntityDescription
    ) -> None:
        """Belong to the lane's device."""
        super().__init__(coordinator)
        subentry = coordinator.subentry
        self.entity_description = description
        self._attr_unique_id = f"{subentry.subentry_id}-{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer="Plate Gate",
            model="Lane",
            entry_type=DeviceEntryType.SERVICE,
        )

    @property
    def lane(self) -> Lane:
        """The lane."""
        return self.coordinator.lane
