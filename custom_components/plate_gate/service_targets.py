"""Which site, and which lane, an action is meant for; and how one is refused."""

from collections.abc import Iterable
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
import voluptuous as vol

from .const import DOMAIN
from .coordinator import LaneCoordinator
from .errors import PlateGateError
from .messages import error_key
from .site import PlateGateConfigEntry, Site

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"

SITE_FIELD: Final = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}


@callback
def async_entries(hass: HomeAssistant) -> list[PlateGateConfigEntry]:
    """Return the sites that there are, whether they run or not."""
    entries: list[PlateGateConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    return entries


@callback
def async_site(call: ServiceCall) -> Site:
    """Return the site that is meant; the only one needs no name.

    Raises:
        ServiceValidationError: There is none, it does not run, or it has to be named.

    """
    entries = async_entries(call.hass)
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
    return entries[0].runtime_data


@callback
def async_find_lane(
    hass: HomeAssistant, lanes: Iterable[LaneCoordinator], text: str
) -> LaneCoordinator:
    """Return the lane that a text names: its name, its id, or that of its device.

    Raises:
        ServiceValidationError: There is none, or more than one has this name.

    """
    device = dr.async_get(hass).async_get(text)
    identifiers = device.identifiers if device else ()
    # Some integrations give their devices identifiers of more than two parts.
    ids = {text, *(one[1] for one in identifiers if one[0] == DOMAIN)}
    candidates = list(lanes)
    named = [lane for lane in candidates if lane.subentry.subentry_id in ids]
    if not named:
        wanted = text.strip().casefold()
        named = [
            lane
            for lane in candidates
            if lane.subentry.title.strip().casefold() == wanted
        ]
    if not named:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="lane_unknown"
        )
    if len(named) > 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="lane_ambiguous"
        )
    return named[0]


def refused(error: PlateGateError) -> ServiceValidationError:
    """Return what tells a caller that what was asked for cannot be done."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=error_key(error)
    )
