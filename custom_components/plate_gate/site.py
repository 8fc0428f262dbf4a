"""The site: everything that lives as long as the config entry is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import (
    CONF_TOKEN,
    CONF_URL,
    CONF_VERIFY_SSL,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .capture import CameraSettings, open_source
from .const import (
    BACKEND_BUILT_IN,
    CONF_BACKEND,
    CONF_GATE_ENTITY,
    CONF_LOOK_ALIKES,
    SUBENTRY_LANE,
)
from .coordinator import LaneCoordinator, RecognizerCoordinator
from .decision import Decider, Policy, VehicleIndex
from .gate import Gate
from .lane import Lane
from .recognition import Backend, BuiltInBackend, CodeProjectBackend
from .records import Allowlist
from .storage import AllowlistStore

type PlateGateConfigEntry = ConfigEntry[Site]


@dataclass
class Site:
    """The config entry's runtime data."""

    allowlist: Allowlist
    recognizer: RecognizerCoordinator
    lanes: dict[str, LaneCoordinator] = field(default_factory=dict)
    """By subentry id."""
    index: VehicleIndex = field(default_factory=lambda: VehicleIndex(()))
    """The allowlist as the decision looks it up."""

    @callback
    def async_index(self) -> None:
        """Make the index anew; an open arrival is judged by it from now on."""
        self.index = VehicleIndex(self.allowlist.vehicles)


def create_backend(hass: HomeAssistant, data: Mapping[str, Any]) -> Backend:
    """Make the backend that a config entry, or a form, describes."""
    session = async_get_clientsession(hass)
    if data[CONF_BACKEND] == BACKEND_BUILT_IN:
        return BuiltInBackend(session)
    return CodeProjectBackend(
        session,
        data[CONF_URL],
        token=data.get(CONF_TOKEN),
        verify_ssl=data.get(CONF_VERIFY_SSL, True),
    )


def create_lane(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    site: Site,
    subentry: ConfigSubentry,
) -> LaneCoordinator:
    """Wire one lane up as its subentry says."""
    lane: Lane
    gate = Gate(
        hass,
        subentry.data[CONF_GATE_ENTITY],
        on_late_failure=lambda error: lane.gate_failed_late(error),
    )
    lane = Lane(
        name=subentry.title,
        source=open_source(hass, CameraSettings.from_data(subentry.data)),
        backend=site.recognizer.backend,
        decider=Decider(Policy(look_alikes=entry.options.get(CONF_LOOK_ALIKES, False))),
        gate=gate,
        vehicles=lambda: site.index,
    )
    return LaneCoordinator(hass, entry, subentry, lane)


async def async_open_site(hass: HomeAssistant, entry: PlateGateConfigEntry) -> Site:
    """Load the allowlist, find the recognizer and build the lanes.

    Raises:
        AllowlistError: The stored list is damaged; it is left as it is.
        ConfigEntryNotReady: The recognizer does not answer.
        ConfigEntryAuthFailed: The recognizer refuses the token.

    """
    allowlist = Allowlist(AllowlistStore(hass, entry.entry_id))
    await allowlist.load()

    backend = create_backend(hass, entry.data)
    entry.async_on_unload(backend.stop)

    async def stop_backend(_: Event) -> None:
        await backend.stop()

    entry.async_on_unload(
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop_backend)
    )
    site = Site(allowlist, RecognizerCoordinator(hass, entry, backend))
    await site.recognizer.async_config_entry_first_refresh()

    site.async_index()
    entry.async_on_unload(allowlist.subscribe(site.async_index))
    for subentry in entry.get_subentries_of_type(SUBENTRY_LANE):
        site.lanes[subentry.subentry_id] = create_lane(hass, entry, site, subentry)
    return site
