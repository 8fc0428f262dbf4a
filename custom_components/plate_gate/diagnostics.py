"""What a person may attach to a bug report: counts and settings, no secrets."""

from dataclasses import asdict
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.redact import async_redact_data

from .const import CONF_CAMERA_ENTITY, CONF_GATE_ENTITY
from .coordinator import LaneCoordinator
from .messages import error_key
from .site import PlateGateConfigEntry

TO_REDACT = {"url", "token", "username", "password"}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PlateGateConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of a site."""
    settings = {
        "state": entry.state.value,
        "reason": entry.error_reason_translation_key,
        "entry": async_redact_data(dict(entry.data), TO_REDACT),
        "options": dict(entry.options),
    }
    if entry.state is not ConfigEntryState.LOADED:
        return settings
    site = entry.runtime_data
    return {
        **settings,
        "vehicles": len(site.allowlist.vehicles),
        "recognizer": {
            "available": site.recognizer.last_update_success,
            "version": site.recognizer.data.version,
        },
        "lanes": [_lane(lane) for lane in site.lanes.values()],
    }


def _lane(coordinator: LaneCoordinator) -> dict[str, Any]:
    lane = coordinator.lane
    camera = asdict(lane.camera)
    error = lane.camera.error
    camera["error"] = error_key(error) if error is not None else None
    data = coordinator.subentry.data
    return {
        # Titles and entity ids are free text: they may name a person or a plate.
        "settings": async_redact_data(
            dict(data), {*TO_REDACT, CONF_CAMERA_ENTITY, CONF_GATE_ENTITY}
        ),
        "automatic_opening": lane.state.automatic_opening,
        "camera": camera,
        "metrics": asdict(lane.metrics),
    }
