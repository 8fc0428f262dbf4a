"""What all entities of Plate Gate have in common."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .backends import BACKEND_NAMES
from .const import CONF_BACKEND, DOMAIN
from .coordinator import CaptureCoordinator, LaneCoordinator, RecognizerCoordinator
from .lane import Lane
from .recognition import BackendHealth

MANUFACTURER: Final = "Plate Gate"


def site_device(entry: ConfigEntry) -> DeviceInfo:
    """Return the device of a site, and of the backend that it begins with."""
    return DeviceInfo(
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer=MANUFACTURER,
        entry_type=DeviceEntryType.SERVICE,
    )


class SiteEntity(CoordinatorEntity[RecognizerCoordinator]):
    """An entity of the site as a whole."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: RecognizerCoordinator, description: EntityDescription
    ) -> None:
        """Belong to the site's device."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self._attr_unique_id = f"{entry.entry_id}-{description.key}"
        self._attr_device_info = site_device(entry)


class BackendEntity(CoordinatorEntity[RecognizerCoordinator]):
    """An entity of one backend."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: RecognizerCoordinator,
        key: str,
        description: EntityDescription,
    ) -> None:
        """Belong to the backend's device, which is the site's for the first one.

        Args:
            coordinator: How the backends are doing.
            key: Which one it is.
            description: What it shows.

        """
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self._attr_unique_id = f"{key}-{description.key}"
        self._key = key
        if key == entry.entry_id:
            self._attr_device_info = site_device(entry)
            return
        subentry = entry.subentries[key]
        kind = subentry.data[CONF_BACKEND]
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, key)},
            name=subentry.title,
            manufacturer=BACKEND_NAMES.get(kind, MANUFACTURER),
            model="Recognizer",
            entry_type=DeviceEntryType.SERVICE,
        )

    @property
    def health(self) -> BackendHealth:
        """How the backend is doing."""
        backends = self.coordinator.data.backends
        return next(backend for backend in backends if backend.key == self._key)


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
            manufacturer=MANUFACTURER,
            model="Lane",
            entry_type=DeviceEntryType.SERVICE,
        )

    @property
    def lane(self) -> Lane:
        """The lane."""
        return self.coordinator.lane
