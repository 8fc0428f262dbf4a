"""Plate Gate opens a gate for listed vehicles and keeps nothing of anyone else."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .devices import async_watch_versions
from .errors import AllowlistError, CameraAddressError, RecordsError, RegionError
from .gate import async_watch_start
from .memory import async_forget_site
from .messages import error_key
from .problems import async_clear_problems, async_watch_problems
from .services import async_setup_services
from .site import PlateGateConfigEntry, async_open_site
from .vault_problems import async_report_vault
from .views import async_setup_views

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register what exists once, whatever the number of sites."""
    async_setup_services(hass)
    async_setup_views(hass)
    async_watch_start(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PlateGateConfigEntry) -> bool:
    """Set a site up."""
    try:
        site = await async_open_site(hass, entry)
    except (AllowlistError, RecordsError, CameraAddressError, RegionError) as err:
        async_report_vault(hass, entry, err)
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key=error_key(err)
        ) from None
    entry.runtime_data = site
    async_report_vault(hass, entry, site.memory.problem)
    async_watch_problems(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_watch_versions(hass, entry)
    for lane in site.lanes.values():
        lane.async_start()
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def _async_reload(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Take up lanes and settings that were added, changed or removed."""
    await hass.config_entries.async_reload(entry.entry_id)


async def async_unload_entry(hass: HomeAssistant, entry: PlateGateConfigEntry) -> bool:
    """Take a site down."""
    # First, so that what a lane is just doing still reaches its entities.
    await entry.runtime_data.async_stop_lanes()
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        async_clear_problems(hass, entry)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Leave nothing behind of a site that was removed."""
    async_clear_problems(hass, entry, removed=True)
    await async_forget_site(hass, entry.entry_id)
