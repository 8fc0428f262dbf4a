"""The private file in which a site's allowlist is kept."""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .errors import AllowlistNotSavedError

_VERSION: Final = 1


class AllowlistStore:
    """Loads and saves an allowlist, and notices when that did not work."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Take the config entry whose allowlist it is."""
        self._hass = hass
        self._key = f"{DOMAIN}.{entry_id}.allowlist"

    async def async_load(self) -> dict[str, Any] | None:
        """Return what was saved, None if nothing was."""
        return await self._store().async_load()

    async def async_save(self, data: dict[str, Any]) -> None:
        """Save; return once it is on the disk.

        Home Assistant's store only logs that it could not write. A person who is told
        that a vehicle was removed must be able to rely on it, so it is read back.

        Raises:
            AllowlistNotSavedError: It is not on the disk.

        """
        await self._store().async_save(data)
        if await self._store().async_load() != data:
            raise AllowlistNotSavedError

    async def async_remove(self) -> None:
        """Delete the file."""
        await self._store().async_remove()

    def _store(self) -> Store[dict[str, Any]]:
        # A new one each time, because one that has saved remembers what it should have.
        return Store(self._hass, _VERSION, self._key, private=True, atomic_writes=True)
