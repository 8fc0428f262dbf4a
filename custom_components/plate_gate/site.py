"""The site: everything that lives as long as the config entry is loaded."""

import asyncio
from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback

from .backends import async_create_members
from .capture import CameraSettings, WatchSettings, open_source
from .const import CONF_GATE_ENTITY, CONF_LOOK_ALIKES, CONF_STRATEGY, SUBENTRY_LANE
from .coordinator import LaneCoordinator, RecognizerCoordinator
from .decision import Policy, VehicleIndex
from .gate import Gate
from .lane import Lane
from .memory import SiteMemory, async_site_memory
from .recognition import BackendPool, Strategy
from .records import Allowlist

type PlateGateConfigEntry = ConfigEntry[Site]


@dataclass
class Site:
    """The config entry's runtime data."""

    memory: SiteMemory
    recognizer: RecognizerCoordinator
    lanes: dict[str, LaneCoordinator] = field(default_factory=dict)
    """By subentry id."""
    index: VehicleIndex = field(default_factory=lambda: VehicleIndex(()))
    """The allowlist as the decision looks it up."""

    @property
    def allowlist(self) -> Allowlist:
        """The vehicles that are let in."""
        return self.memory.allowlist

    async def async_stop_lanes(self) -> None:
        """Stop all lanes, and wait for what they are just doing."""
        await asyncio.gather(*(lane.async_stop() for lane in self.lanes.values()))

    @callback
    def async_index(self) -> None:
        """Make the index anew; an open arrival is judged by it from now on."""
        self.index = VehicleIndex(self.allowlist.vehicles)


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
    policy = Policy(look_alikes=entry.options.get(CONF_LOOK_ALIKES, False))
    camera = CameraSettings.from_data(subentry.data)
    lane = Lane(
        name=subentry.title,
        source=open_source(hass, camera, WatchSettings.from_data(subentry.data)),
        backend=site.recognizer.pool,
        decider=site.memory.decider(subentry.subentry_id, policy),
        gate=gate,
        vehicles=lambda: site.index,
        automatic_opening=site.memory.arming.is_armed(subentry.subentry_id),
    )
    return LaneCoordinator(hass, entry, subentry, lane)


async def async_open_site(hass: HomeAssistant, entry: PlateGateConfigEntry) -> Site:
    """Load the allowlist, find the backends and build the lanes.

    Raises:
        AllowlistError: The stored list is damaged; it is left as it is.
        CameraAddressError: What is stored of a lane's camera makes no sense.
        RegionError: What is stored of a lane's region makes no sense.
        ConfigEntryNotReady: No backend answers.
        ConfigEntryAuthFailed: The only backend refuses the token.

    """
    lanes = entry.get_subentries_of_type(SUBENTRY_LANE)
    memory = async_site_memory(hass, entry.entry_id)
    await memory.allowlist.load()
    await memory.arming.load(
        [lane.subentry_id for lane in lanes], used=bool(memory.allowlist.vehicles)
    )

    pool = BackendPool(
        await async_create_members(hass, entry),
        strategy=Strategy(entry.options.get(CONF_STRATEGY, Strategy.IN_ORDER)),
    )
    entry.async_on_unload(pool.stop)
    site = Site(memory, RecognizerCoordinator(hass, entry, pool))

    async def stop(_: Event) -> None:
        # Lanes that outlive their backends would complain that these are gone.
        await site.async_stop_lanes()
        await pool.stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    await site.recognizer.async_config_entry_first_refresh()

    site.async_index()
    entry.async_on_unload(memory.allowlist.subscribe(site.async_index))
    for subentry in lanes:
        coordinator = create_lane(hass, entry, site, subentry)
        site.lanes[subentry.subentry_id] = coordinator
        entry.async_on_unload(
            coordinator.lane.subscribe_backend(site.recognizer.async_look)
        )
    return site
