"""What a person may attach to a bug report: counts and settings, no secrets."""

from dataclasses import asdict, fields, replace
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.redact import async_redact_data

from .backends import backends_of
from .camera_state import camera_state
from .const import (
    CONF_ASSURANCE_REASON,
    CONF_CAMERA_ENTITY,
    CONF_CONFIRM_ENTITY,
    CONF_GATE_ENTITY,
    CONF_OBSTRUCTION_ENTITY,
    CONF_OPENS_WHEN,
    CONF_PRESENCE,
    CONF_STAYS_CLOSED,
    CONF_TRIGGER_ENTITY,
)
from .coordinator import LaneCoordinator
from .lane_state import LaneMetrics
from .messages import error_key
from .site import PlateGateConfigEntry

TO_REDACT = {"url", "token", "username", "password"}
LANE_TO_REDACT = TO_REDACT | {
    CONF_ASSURANCE_REASON,
    CONF_CAMERA_ENTITY,
    CONF_CONFIRM_ENTITY,
    CONF_GATE_ENTITY,
    CONF_OBSTRUCTION_ENTITY,
    CONF_OPENS_WHEN,
    CONF_PRESENCE,
    CONF_STAYS_CLOSED,
    CONF_TRIGGER_ENTITY,
}
"""Entity ids and whatever else is free text: they may name a person or a plate."""


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
        "counts_known": site.ledger.known,
        "recognizer": {
            "available": site.recognizer.last_update_success,
            "backends": _backends(entry),
        },
        "lanes": [_lane(lane) for lane in site.lanes.values()],
    }


def _backends(entry: PlateGateConfigEntry) -> list[dict[str, Any]]:
    described = backends_of(entry)
    shown = []
    # Anew, since the coordinator looks at the counts only now and then.
    for health in entry.runtime_data.recognizer.pool.health.backends:
        backend = asdict(replace(health, error=None))
        if health.error is not None:
            backend["error"] = type(health.error).__name__
        # What the user calls it is free text.
        del backend["name"], backend["key"]
        data = described[health.key]
        backend["settings"] = async_redact_data(dict(data), TO_REDACT)
        shown.append(backend)
    return shown


def _lane(coordinator: LaneCoordinator) -> dict[str, Any]:
    lane = coordinator.lane
    status = lane.camera
    camera = asdict(status)
    camera["state"] = camera_state(status)
    camera["error"] = error_key(status.error) if status.error is not None else None
    # When it was says nothing outside of this process.
    newest = camera.pop("newest")
    camera["frame_age_s"] = (
        round(time.monotonic() - newest, 1) if newest is not None else None
    )
    data = coordinator.subentry.data
    return {
        "settings": async_redact_data(dict(data), LANE_TO_REDACT),
        "automatic_opening": lane.state.automatic_opening,
        "camera": camera,
        "plate_width": lane.state.plate_width,
        "trial": asdict(lane.state.trial) if lane.state.trial else None,
        "metrics": _metrics(lane.metrics),
    }


def _metrics(metrics: LaneMetrics) -> dict[str, Any]:
    """Return what a lane has counted, with how often each reason was given."""
    counted = {field.name: getattr(metrics, field.name) for field in fields(metrics)}
    reasons = sorted(metrics.reasons.items())
    return {**counted, "reasons": {str(reason): n for reason, n in reasons}}
