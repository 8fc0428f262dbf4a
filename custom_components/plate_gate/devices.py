"""Keeps the versions of the recognizers in Home Assistant's list of devices."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN
from .site import PlateGateConfigEntry


@callback
def async_watch_versions(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Write down which version each backend has, now and after each update of it."""
    recognizer = entry.runtime_data.recognizer
    registry = dr.async_get(hass)

    @callback
    def note() -> None:
        for backend in recognizer.data.backends:
            device = registry.async_get_device_by_identifier(
                (DOMAIN, backend.key), entry.entry_id
            )
            # One that is away does not say, and has the version that it had.
            if device is not None and backend.version is not None:
                registry.async_update_device(device.id, sw_version=backend.version)

    note()
    entry.async_on_unload(recognizer.async_add_listener(note))
