"""The lines of Plate Gate on Home Assistant's system page."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .recognition import BackendState
from .site import PlateGateConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(_system_health_info)


async def _system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[PlateGateConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    sites = [entry.runtime_data for entry in entries]
    cameras = [lane.data.camera for site in sites for lane in site.lanes.values()]
    return {
        "recognizers_available": _share(
            [
                backend.state is not BackendState.FAILED
                for site in sites
                for backend in site.recognizer.data.backends
            ]
        ),
        "cameras_connected": _share([camera.connected for camera in cameras]),
        "cameras_waiting": _share([camera.waiting for camera in cameras]),
    }


def _share(states: list[bool]) -> str:
    return f"{sum(states)}/{len(states)}"
