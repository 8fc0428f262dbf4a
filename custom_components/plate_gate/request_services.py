"""The actions by which people answer: yes, no, or a PIN."""

from typing import Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import CONF_GATE_ENTITY, DOMAIN
from .coordinator import LaneCoordinator
from .errors import ConfirmationGoneError, GateError, PinLockedError, PinWrongError
from .messages import error_key
from .service_targets import (
    SITE_FIELD,
    async_entries,
    async_find_lane,
    async_site,
    refused,
)

SERVICE_CONFIRM: Final = "confirm"
SERVICE_ENTER_PIN: Final = "enter_pin"
SERVICE_IGNORE: Final = "ignore"

ATTR_LANE: Final = "lane"
ATTR_OPENED: Final = "opened"
ATTR_PIN: Final = "pin"
ATTR_REQUEST_ID: Final = "request_id"

REQUEST_SCHEMA = vol.Schema({vol.Required(ATTR_REQUEST_ID): cv.string})
PIN_SCHEMA = vol.Schema(
    {
        **SITE_FIELD,
        vol.Optional(ATTR_LANE): cv.string,
        vol.Required(ATTR_PIN): cv.string,
    }
)


@callback
def async_setup_request_services(hass: HomeAssistant) -> None:
    """Register the actions. They are for whoever may use the gate."""
    for name, action, schema in (
        (SERVICE_CONFIRM, _confirm, REQUEST_SCHEMA),
        (SERVICE_ENTER_PIN, _enter_pin, PIN_SCHEMA),
    ):
        # The answer lets a script that goes on after errors know that there was none.
        hass.services.async_register(
            DOMAIN, name, action, schema, SupportsResponse.OPTIONAL
        )
    hass.services.async_register(DOMAIN, SERVICE_IGNORE, _ignore, REQUEST_SCHEMA)


async def _confirm(call: ServiceCall) -> ServiceResponse:
    """Open for the vehicle that waits for this answer."""
    request_id: str = call.data[ATTR_REQUEST_ID]
    coordinator = _waiting_at(call, request_id)
    await _check_user(call, coordinator)
    try:
        await coordinator.lane.confirm(request_id)
    except ConfirmationGoneError as err:
        raise refused(err) from None
    except GateError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=error_key(err)
        ) from None
    return {ATTR_OPENED: True}


async def _ignore(call: ServiceCall) -> None:
    """Leave the gate shut."""
    request_id: str = call.data[ATTR_REQUEST_ID]
    coordinator = _waiting_at(call, request_id)
    await _check_user(call, coordinator)
    try:
        coordinator.lane.ignore(request_id)
    except ConfirmationGoneError as err:
        raise refused(err) from None


async def _enter_pin(call: ServiceCall) -> ServiceResponse:
    """Open for the vehicle that waits for this PIN."""
    lanes = async_site(call).lanes.values()
    if (named := call.data.get(ATTR_LANE)) is not None:
        coordinator = async_find_lane(call.hass, lanes, named)
    elif len(lanes) == 1:
        (coordinator,) = lanes
    else:
        # A guess at each of them would count as a wrong one at all but one.
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="lane_ambiguous" if lanes else "lane_unknown",
        )
    await _check_user(call, coordinator)
    try:
        await coordinator.lane.confirm_by_pin(call.data[ATTR_PIN])
    except (ConfirmationGoneError, PinLockedError, PinWrongError) as err:
        raise refused(err) from None
    except GateError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=error_key(err)
        ) from None
    return {ATTR_OPENED: True}


def _waiting_at(call: ServiceCall, request_id: str) -> LaneCoordinator:
    """Return the lane at which somebody waits for this answer.

    Raises:
        ServiceValidationError: Nobody does any more.

    """
    for entry in async_entries(call.hass):
        if entry.state is ConfigEntryState.LOADED:
            for coordinator in entry.runtime_data.lanes.values():
                if coordinator.lane.has_request(request_id):
                    return coordinator
    raise refused(ConfirmationGoneError())


async def _check_user(call: ServiceCall, coordinator: LaneCoordinator) -> None:
    """Refuse a user who may not use the gate; automations have none, and may.

    Raises:
        Unauthorized: The user may not use what opens the gate.
        UnknownUser: There is no such user.

    """
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    gate: str = coordinator.subentry.data[CONF_GATE_ENTITY]
    if not user.permissions.check_entity(gate, POLICY_CONTROL):
        raise Unauthorized(
            context=call.context, entity_id=gate, permission=POLICY_CONTROL
        )
