"""Where the vault of a site is, and what was kept before there was one."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR

from .const import DOMAIN
from .errors import AllowlistDamagedError, LedgerDamagedError
from .records import SealedAllowlist, SealedData, VaultKeeper
from .records.allowlist_format import from_data
from .records.ledger_format import from_data as ledger_from_data
from .storage import PrivateStore

_ALLOWLIST: Final = "allowlist"
_LEDGER: Final = "ledger"


def vault_folder(hass: HomeAssistant, entry_id: str) -> Path:
    """Return the folder of a site's vault: a private one, in Home Assistant's own."""
    return Path(hass.config.path(STORAGE_DIR, DOMAIN, entry_id))


async def async_take_over(
    hass: HomeAssistant, entry_id: str, keeper: VaultKeeper
) -> None:
    """Seal what was kept before there was a vault, and delete it unsealed.

    A list that cannot be understood stays where it is.

    Raises:
        AllowlistDamagedError: The old list is none, or the vault's is damaged.
        AllowlistNotSavedError: It could not be sealed; it is where it was.

    """
    allowlist = PrivateStore(hass, entry_id, _ALLOWLIST)
    data = await allowlist.async_load()
    vehicles = () if data is None else tuple(from_data(data))
    await SealedAllowlist(keeper).async_begin(vehicles)
    if data is not None:
        await allowlist.async_remove()
    ledger = PrivateStore(hass, entry_id, _LEDGER)
    try:
        counts = await ledger.async_load()
        if counts is None:
            return
        ledger_from_data(counts)
    except AllowlistDamagedError, LedgerDamagedError:
        # As ever: nobody with a limit is let in, until a person begins to count anew.
        counts = {}
    kept = SealedData(keeper, _LEDGER)
    if await kept.async_load() is None:
        await kept.async_save(counts)
    await ledger.async_remove()


async def async_remove_old_files(hass: HomeAssistant, entry_id: str) -> None:
    """Delete what was kept before there was a vault, if it is still there."""
    for kind in (_ALLOWLIST, _LEDGER):
        await PrivateStore(hass, entry_id, kind).async_remove()
