"""The site: everything that lives as long as the config entry is loaded."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback

from .backends import async_create_members
from .capture import CameraSettings, WatchSettings, open_source
from .const import CONF_STRATEGY, SUBENTRY_LANE
from .coordinator import LaneCoordinator, RecognizerCoordinator
from .decision import VehicleIndex
from .errors import AllowlistNotSavedError, LedgerDamagedError, VaultLockedError
from .gate import Gate, GateSettings
from .lane import Lane
from .lane_terms import lane_policy, lane_terms, site_rules
from .memory import SiteMemory, async_site_memory
from .recognition import BackendPool, Strategy
from .records import Allowlist, Ledger
from .vaults import async_take_over

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

    @property
    def ledger(self) -> Ledger:
        """What is counted of vehicles with a limit."""
        return self.memory.ledger

    def find_request(self, request_id: str) -> Lane | None:
        """Return the lane at which somebody waits for an answer to a request."""
        for coordinator in self.lanes.values():
            if coordinator.lane.has_request(request_id):
                return coordinator.lane
        return None

    async def async_stop_lanes(self) -> None:
        """Stop all lanes, and wait for what they are just doing."""
        await asyncio.gather(*(lane.async_stop() for lane in self.lanes.values()))

    async def async_forget_removed(self) -> None:
        """Forget what was counted of vehicles that are off the list."""
        self.ledger.keep(self.index.by_id)
        with suppress(AllowlistNotSavedError):
            await self.ledger.settle()

    @callback
    def async_index(self) -> None:
        """Take up what has changed; an open arrival is judged by it from now on."""
        self.index = self.index.changed(self.allowlist.vehicles)


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
        GateSettings.from_data(subentry.data),
        on_late_failure=lambda error: lane.gate_failed_late(error),
        on_late_success=lambda: lane.gate_opened_late(),
    )
    camera = CameraSettings.from_data(subentry.data)
    lane = Lane(
        name=subentry.title,
        source=open_source(hass, camera, WatchSettings.from_data(subentry.data)),
        backend=site.recognizer.pool,
        decider=site.memory.decider(subentry.subentry_id, lane_policy(entry, subentry)),
        gate=gate,
        vehicles=lambda: site.index,
        automatic_opening=site.memory.arming.is_armed(subentry.subentry_id),
        terms=lane_terms(
            hass,
            entry,
            subentry,
            gate,
            site.ledger,
            site.memory.throttle(subentry.subentry_id),
        ),
    )

    async def save_disarmed() -> None:
        # Where it cannot be saved, the next start begins armed: no worse than before.
        with suppress(AllowlistNotSavedError):
            await site.memory.arming.set_armed(subentry.subentry_id, False)

    @callback
    def disarmed() -> None:
        hass.async_create_task(save_disarmed(), "plate_gate disarm")

    entry.async_on_unload(lane.subscribe_disarmed(disarmed))
    return LaneCoordinator(hass, entry, subentry, lane)


async def async_open_site(hass: HomeAssistant, entry: PlateGateConfigEntry) -> Site:
    """Load the allowlist, find the backends and build the lanes.

    Raises:
        AllowlistError: The stored list is damaged; it is left as it is.
        RecordsError: The vault cannot be opened; it is left as it is.
        CameraAddressError: What is stored of a lane's camera makes no sense.
        RegionError: What is stored of a lane's region makes no sense.
        ConfigEntryNotReady: No backend answers.
        ConfigEntryAuthFailed: The only backend refuses the token.

    """
    lanes = entry.get_subentries_of_type(SUBENTRY_LANE)
    memory = async_site_memory(hass, entry.entry_id)
    # Nobody is on the list until a person has typed the passphrase.
    with suppress(VaultLockedError):
        await memory.keeper.open()
        await async_take_over(hass, entry.entry_id, memory.keeper)
    with suppress(VaultLockedError):
        await memory.allowlist.load()
    memory.ledger.counts_inside = site_rules(entry).counts_inside
    with suppress(LedgerDamagedError):
        # Nobody with a limit is let in; a repair issue tells.
        await memory.ledger.load()
    await memory.arming.load(
        [lane.subentry_id for lane in lanes],
        used=bool(memory.allowlist.vehicles) or not memory.keeper.is_open,
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

    @callback
    def changed() -> None:
        site.async_index()
        entry.async_create_task(hass, site.async_forget_removed(), "plate_gate ledger")

    # All of a long list at once takes too long for the event loop.
    site.index = await hass.async_add_executor_job(
        VehicleIndex, memory.allowlist.vehicles
    )
    changed()
    entry.async_on_unload(memory.allowlist.subscribe(changed))
    for subentry in lanes:
        coordinator = create_lane(hass, entry, site, subentry)
        site.lanes[subentry.subentry_id] = coordinator
        entry.async_on_unload(
            coordinator.lane.subscribe_backend(site.recognizer.async_look)
        )
    return site
