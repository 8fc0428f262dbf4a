"""The private files of a site."""

from pathlib import Path
from typing import Any, Final

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .errors import AllowlistDamagedError, AllowlistNotSavedError

_VERSION: Final = 1


class PrivateStore:
    """A private file of a site, which notices when it could not be written."""

    def __init__(self, hass: HomeAssistant, entry_id: str, kind: str) -> None:
        """Take the config entry that it belongs to, and what is in it."""
        self._hass = hass
        self._key = f"{DOMAIN}.{entry_id}.{kind}"

    async def async_load(self) -> dict[str, Any] | None:
        """Return what was saved, None if nothing was.

        Raises:
            AllowlistDamagedError: There is something, but it cannot be read. Home
                Assistant puts a file that is not even JSON aside, beside its old place.

        """
        store = self._store()
        try:
            data = await store.async_load()
        except HomeAssistantError, NotImplementedError, KeyError, TypeError:
            # What they say may quote the file.
            raise AllowlistDamagedError from None
        if data is None:
            aside = await self._hass.async_add_executor_job(self._set_aside)
            if aside:
                raise AllowlistDamagedError
        return data

    async def async_save(self, data: dict[str, Any]) -> None:
        """Save; return once it is on the disk.

        Home Assistant's store only logs that it could not write. A person who is told
        that a vehicle was removed, or that a lane is off, must be able to rely on it, so
        it is read back.

        Raises:
            AllowlistNotSavedError: It is not on the disk.

        """
        try:
            await self._store().async_save(data)
            if self._hass.state is CoreState.stopping:
                return  # The store writes it when everything else has stopped.
            saved = await self._store().async_load()
        except HomeAssistantError, OSError:
            # Where not even the folder can be used, the store does raise.
            raise AllowlistNotSavedError from None
        if saved != data:
            raise AllowlistNotSavedError

    async def async_remove(self) -> None:
        """Delete the file, and what was put aside of it."""
        await self._store().async_remove()
        for path in await self._hass.async_add_executor_job(self._set_aside):
            await self._hass.async_add_executor_job(path.unlink, True)

    def _set_aside(self) -> list[Path]:
        """Return the files that Home Assistant found damaged and renamed."""
        path = Path(self._store().path)
        return sorted(path.parent.glob(f"{path.name}.corrupt.*"))

    def _store(self) -> Store[dict[str, Any]]:
        # A new one each time, because one that has saved remembers what it should have.
        return Store(self._hass, _VERSION, self._key, private=True, atomic_writes=True)
