"""The actions: the list, the answers of people, and why (not), by script."""

from homeassistant.core import HomeAssistant, callback

from .explain_service import async_setup_explain
from .request_services import async_setup_request_services
from .vehicle_services import async_setup_vehicle_services


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register all actions."""
    async_setup_vehicle_services(hass)
    async_setup_request_services(hass)
    async_setup_explain(hass)
