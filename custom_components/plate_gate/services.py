"""The actions: the allowlist by script."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .errors import PlateGateError
from .messages import error_key
from .models import Plate, Vehicle
from .records import Allowlist
from .site import PlateGateConfigEntry

SERVICE_ADD_VEHICLE: Final = "add_vehicle"
SERVICE_LIST_VEHICLES: Final = "list_vehicles"
SERVICE_REMOVE_VEHICLE: Final = "remove_vehicle"

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"
ATTR_LABEL: Final = "label"
ATTR_PLATE: Final = "plate"
ATTR_VALID_FROM: Final = "valid_from"
ATTR_VALID_UNTIL: Final = "valid_until"
ATTR_VEHICLE: Final = "vehicle"

_SITE = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}

ADD_SCHEMA = vol.Schema(
    {
        **_SITE,
        vol.Required(ATTR_LABEL): cv.string,
        vol.Required(ATTR_PLATE): cv.string,
        vol.Optional(ATTR_VALID_FROM): cv.datetime,
        vol.Optional(ATTR_VALID_UNTIL): cv.datetime,
    }
)
LIST_SCHEMA = vol.Schema(_SITE)
REMOVE_SCHEMA = vol.Schema({**_SITE, vol.Required(ATTR_VEHICLE): cv.string})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions. All are for administrators."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_ADD_VEHICLE,
        _add_vehicle,
        ADD_SCHEMA,
        SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass, DOMAIN, SERVICE_REMOVE_VEHICLE, _remove_vehicle, REMOVE_SCHEMA
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_LIST_VEHICLES,
        _list_vehicles,
        LIST_SCHEMA,
        SupportsResponse.ONLY,
    )


def describe_vehicle(vehicle: Vehicle) -> dict[str, str | None]:
    """Describe a vehicle for a response, the plate masked.

    A response can end up in the stored trace of the automation that asked for it.
    """
    return {
        "vehicle_id": vehicle.vehicle_id,
        "label": vehicle.label,
        "plate": vehicle.plate.masked(),
        "valid_from": vehicle.valid_from.isoformat() if vehicle.valid_from else None,
        "valid_until": vehicle.valid_until.isoformat() if vehicle.valid_until else None,
    }


async def _add_vehicle(call: ServiceCall) -> ServiceResponse:
    data = call.data
    try:
        vehicle = await _allowlist(call).add(
            data[ATTR_LABEL],
            Plate(data[ATTR_PLATE]),
            valid_from=_aware(data, ATTR_VALID_FROM),
            valid_until=_aware(data, ATTR_VALID_UNTIL),
        )
    except PlateGateError as err:
        raise _refused(err) from None
    return dict(describe_vehicle(vehicle))


async def _remove_vehicle(call: ServiceCall) -> None:
    allowlist = _allowlist(call)
    try:
        await allowlist.remove(allowlist.find(call.data[ATTR_VEHICLE]).vehicle_id)
    except PlateGateError as err:
        raise _refused(err) from None


async def _list_vehicles(call: ServiceCall) -> ServiceResponse:
    vehicles = _allowlist(call).vehicles
    return {"vehicles": [dict(describe_vehicle(vehicle)) for vehicle in vehicles]}


def _allowlist(call: ServiceCall) -> Allowlist:
    """Return the allowlist of the site that is meant; the only one needs no name."""
    entries: list[PlateGateConfigEntry] = call.hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    if entry_id := call.data.get(ATTR_CONFIG_ENTRY_ID):
        entries = [entry for entry in entries if entry.entry_id == entry_id]
    if not entries:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="site_unknown"
        )
    if len(entries) > 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="site_ambiguous"
        )
    if entries[0].state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="site_not_loaded"
        )
    return entries[0].runtime_data.allowlist


def _aware(data: Mapping[str, Any], key: str) -> datetime | None:
    """Return a time with a zone; one without is meant in Home Assistant's."""
    value: datetime | None = data.get(key)
    if value is not None and value.tzinfo is None:
        value = value.replace(tzinfo=dt_util.get_default_time_zone())
    return value


def _refused(error: PlateGateError) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=error_key(error)
    )
