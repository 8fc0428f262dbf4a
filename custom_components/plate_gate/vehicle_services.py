"""The actions for the list, and for what is counted of those on it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

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
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from .const import DOMAIN
from .decision.schedule import format_schedule, parse_schedule
from .decision.similar import similar_plates
from .errors import AllowlistNotSavedError, LedgerDamagedError, PlateGateError
from .gate.pin import hash_pin
from .models import Access, Assurance, Plate, Vehicle
from .records import VehicleChange
from .service_targets import SITE_FIELD, async_find_lane, async_site, refused
from .site import Site
from .vehicle_schemas import AS_THE_LANE

SERVICE_ADD_VEHICLE: Final = "add_vehicle"
SERVICE_CHANGE_VEHICLE: Final = "change_vehicle"
SERVICE_LIST_VEHICLES: Final = "list_vehicles"
SERVICE_REMOVE_VEHICLE: Final = "remove_vehicle"
SERVICE_SET_INSIDE: Final = "set_inside"

ATTR_ACCESS: Final = "access"
ATTR_ASSURANCE: Final = "assurance"
ATTR_INSIDE: Final = "inside"
ATTR_LABEL: Final = "label"
ATTR_LANES: Final = "lanes"
ATTR_PER_DAY: Final = "per_day"
ATTR_PIN: Final = "pin"
ATTR_PLATE: Final = "plate"
ATTR_PRESENCE: Final = "presence"
ATTR_SCHEDULE: Final = "schedule"
ATTR_SIMILAR: Final = "similar"
ATTR_USES: Final = "uses"
ATTR_VALID_FROM: Final = "valid_from"
ATTR_VALID_UNTIL: Final = "valid_until"
ATTR_VEHICLE: Final = "vehicle"

ASSURANCES: Final = (
    AS_THE_LANE,
    *(level.value for level in Assurance if level is not Assurance.PLATE),
)

_COUNT: Final = vol.All(vol.Coerce(int), vol.Range(min=1, max=9999))

# In an action that changes a vehicle, "nothing" ends what was set before.
_LIMITS: Final = {
    vol.Optional(ATTR_VALID_FROM): vol.Any(None, cv.datetime),
    vol.Optional(ATTR_VALID_UNTIL): vol.Any(None, cv.datetime),
    vol.Optional(ATTR_SCHEDULE): vol.Any(None, cv.string),
    vol.Optional(ATTR_USES): vol.Any(None, _COUNT),
    vol.Optional(ATTR_PER_DAY): vol.Any(None, _COUNT),
    vol.Optional(ATTR_ACCESS): vol.Coerce(Access),
    # An empty list is more likely a mistake than a wish for all lanes.
    vol.Optional(ATTR_LANES): vol.Any(
        None, vol.All(cv.ensure_list, vol.Length(min=1), [cv.string])
    ),
    vol.Optional(ATTR_ASSURANCE): vol.In(ASSURANCES),
    vol.Optional(ATTR_PRESENCE): vol.Any(None, cv.entity_ids),
    vol.Optional(ATTR_PIN): vol.Any(None, cv.string),
}
ADD_SCHEMA = vol.Schema(
    {
        **SITE_FIELD,
        vol.Required(ATTR_LABEL): cv.string,
        vol.Required(ATTR_PLATE): cv.string,
        **_LIMITS,
    }
)
CHANGE_SCHEMA = vol.Schema(
    {
        **SITE_FIELD,
        vol.Required(ATTR_VEHICLE): cv.string,
        vol.Optional(ATTR_LABEL): cv.string,
        vol.Optional(ATTR_PLATE): cv.string,
        **_LIMITS,
    }
)
LIST_SCHEMA = vol.Schema(SITE_FIELD)
REMOVE_SCHEMA = vol.Schema({**SITE_FIELD, vol.Required(ATTR_VEHICLE): cv.string})
INSIDE_SCHEMA = vol.Schema(
    {
        **SITE_FIELD,
        vol.Required(ATTR_VEHICLE): cv.string,
        vol.Required(ATTR_INSIDE): cv.boolean,
    }
)


@callback
def async_setup_vehicle_services(hass: HomeAssistant) -> None:
    """Register the actions. All are for administrators."""
    for name, action, schema, response in (
        (SERVICE_ADD_VEHICLE, _add_vehicle, ADD_SCHEMA, SupportsResponse.OPTIONAL),
        (
            SERVICE_CHANGE_VEHICLE,
            _change_vehicle,
            CHANGE_SCHEMA,
            SupportsResponse.OPTIONAL,
        ),
        (SERVICE_REMOVE_VEHICLE, _remove_vehicle, REMOVE_SCHEMA, SupportsResponse.NONE),
        (SERVICE_LIST_VEHICLES, _list_vehicles, LIST_SCHEMA, SupportsResponse.ONLY),
        (SERVICE_SET_INSIDE, _set_inside, INSIDE_SCHEMA, SupportsResponse.NONE),
    ):
        async_register_admin_service(hass, DOMAIN, name, action, schema, response)


@callback
def describe_vehicle(site: Site, vehicle: Vehicle) -> JsonObjectType:
    """Describe a vehicle for a response, the plate masked and the PIN left out.

    A response can end up in the stored trace of the automation that asked for it.
    """
    return {
        "vehicle_id": vehicle.vehicle_id,
        ATTR_LABEL: vehicle.label,
        ATTR_PLATE: vehicle.plate.masked(),
        ATTR_VALID_FROM: _isoformat(vehicle.valid_from),
        ATTR_VALID_UNTIL: _isoformat(vehicle.valid_until),
        ATTR_SCHEDULE: format_schedule(vehicle.schedule),
        ATTR_USES: vehicle.uses,
        ATTR_PER_DAY: vehicle.per_day,
        ATTR_ACCESS: vehicle.access.value,
        ATTR_LANES: None if vehicle.lanes is None else _names(site, vehicle.lanes),
        ATTR_ASSURANCE: vehicle.assurance.value if vehicle.assurance else AS_THE_LANE,
        ATTR_PRESENCE: [*sorted(vehicle.presence)],
        "has_pin": vehicle.pin is not None,
    }


async def _add_vehicle(call: ServiceCall) -> ServiceResponse:
    site = async_site(call)
    try:
        rights = await _rights(call, site)
        vehicle = await site.allowlist.add(**rights)
    except PlateGateError as err:
        raise refused(err) from None
    return await _told(call.hass, site, vehicle)


async def _change_vehicle(call: ServiceCall) -> ServiceResponse:
    site = async_site(call)
    try:
        before = site.allowlist.find(call.data[ATTR_VEHICLE])
        changes = await _rights(call, site)
        vehicle = await site.allowlist.change(before.vehicle_id, **changes)
    except PlateGateError as err:
        raise refused(err) from None
    if vehicle.uses != before.uses:
        # A new number is one from now on.
        site.ledger.forget(vehicle.vehicle_id)
        # If that cannot be saved now, it is with the next opening.
        with suppress(AllowlistNotSavedError):
            await site.ledger.settle()
    return await _told(call.hass, site, vehicle)


async def _remove_vehicle(call: ServiceCall) -> None:
    allowlist = async_site(call).allowlist
    try:
        await allowlist.remove(allowlist.find(call.data[ATTR_VEHICLE]).vehicle_id)
    except PlateGateError as err:
        raise refused(err) from None


async def _list_vehicles(call: ServiceCall) -> ServiceResponse:
    site = async_site(call)
    return {
        "vehicles": [
            describe_vehicle(site, vehicle) for vehicle in site.allowlist.vehicles
        ]
    }


async def _set_inside(call: ServiceCall) -> None:
    """Put right where a vehicle is, if it was let through without being seen."""
    site = async_site(call)
    try:
        vehicle = site.allowlist.find(call.data[ATTR_VEHICLE])
        if not site.ledger.known:
            raise LedgerDamagedError
        if not site.ledger.counts_inside:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="inside_not_counted"
            )
        site.ledger.set_inside(vehicle.vehicle_id, call.data[ATTR_INSIDE])
        await site.ledger.settle()
    except PlateGateError as err:
        raise refused(err) from None


async def _rights(call: ServiceCall, site: Site) -> VehicleChange:
    """Return what a call says of a vehicle.

    Raises:
        PlateInvalidError: The plate cannot be one.
        PinInvalidError: The PIN cannot be one.
        ScheduleError: The schedule is none.
        ServiceValidationError: There is no such lane.

    """
    data = call.data
    rights = _limits(data)
    if ATTR_LABEL in data:
        rights["label"] = data[ATTR_LABEL]
    if ATTR_PLATE in data:
        rights["plate"] = Plate(data[ATTR_PLATE])
    if ATTR_ACCESS in data:
        rights["access"] = data[ATTR_ACCESS]
    if ATTR_LANES in data:
        rights["lanes"] = _lanes(call, site)
    if ATTR_ASSURANCE in data:
        level: str = data[ATTR_ASSURANCE]
        rights["assurance"] = None if level == AS_THE_LANE else Assurance(level)
    if ATTR_PRESENCE in data:
        rights["presence"] = frozenset(data[ATTR_PRESENCE] or ())
    if ATTR_PIN in data:
        rights["pin"] = await _hashed(call.hass, data[ATTR_PIN])
    return rights


def _limits(data: Mapping[str, Any]) -> VehicleChange:
    """Return when and how often a vehicle is let in, as far as a call says so.

    Raises:
        ScheduleError: The schedule is none.

    """
    limits: VehicleChange = {}
    if ATTR_VALID_FROM in data:
        limits["valid_from"] = _aware(data, ATTR_VALID_FROM)
    if ATTR_VALID_UNTIL in data:
        limits["valid_until"] = _aware(data, ATTR_VALID_UNTIL)
    if ATTR_SCHEDULE in data:
        limits["schedule"] = parse_schedule(data[ATTR_SCHEDULE] or "")
    if ATTR_USES in data:
        limits["uses"] = data[ATTR_USES]
    if ATTR_PER_DAY in data:
        limits["per_day"] = data[ATTR_PER_DAY]
    return limits


def _lanes(call: ServiceCall, site: Site) -> frozenset[str] | None:
    """Return the ids of the lanes that a call names; None for all there will ever be."""
    if (named := call.data[ATTR_LANES]) is None:
        return None
    return frozenset(
        async_find_lane(call.hass, site.lanes.values(), text).subentry.subentry_id
        for text in named
    )


async def _hashed(hass: HomeAssistant, pin: str | None) -> str | None:
    """Return how a PIN is kept; None if there is to be none."""
    # It takes long on purpose.
    return await hass.async_add_executor_job(hash_pin, pin) if pin else None


async def _told(hass: HomeAssistant, site: Site, vehicle: Vehicle) -> ServiceResponse:
    """Return a vehicle, and the labels of those that it could be taken for."""
    others = [
        other
        for other in site.allowlist.vehicles
        if other.vehicle_id != vehicle.vehicle_id
    ]
    # There may be very many.
    similar = await hass.async_add_executor_job(similar_plates, vehicle.plate, others)
    return {
        **describe_vehicle(site, vehicle),
        ATTR_SIMILAR: [other.label for other in similar],
    }


def _names(site: Site, lanes: Iterable[str]) -> list[JsonValueType]:
    """Return the names of lanes; one that is gone is named by its id."""
    return [
        *sorted(
            site.lanes[lane].subentry.title if lane in site.lanes else lane
            for lane in lanes
        )
    ]


def _isoformat(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _aware(data: Mapping[str, Any], key: str) -> datetime | None:
    """Return a time with a zone; one without is meant in Home Assistant's."""
    value: datetime | None = data[key]
    if value is not None and value.tzinfo is None:
        value = value.replace(tzinfo=dt_util.get_default_time_zone())
    return value
