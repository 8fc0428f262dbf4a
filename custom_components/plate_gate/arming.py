"""Which lanes open their gate by themselves. It outlives everything but the site."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from homeassistant.core import HomeAssistant

from .errors import AllowlistDamagedError, AllowlistNotSavedError
from .storage import PrivateStore

_ARMED: Final = "armed"


class Arming:
    """Remembers for each lane whether it is armed, on the disk and at once.

    Home Assistant's own memory of states is not enough for this: it forgets an entity
    after a week, and saves only every quarter of an hour. A lane that somebody has
    switched off must not come back switched on.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Take the config entry whose lanes they are."""
        self._store = PrivateStore(hass, entry_id, "arming")
        self._armed: dict[str, bool] = {}
        self._loaded = False
        # Of two saves at a time, the older one might be written last.
        self._lock = asyncio.Lock()

    async def load(self, lanes: list[str], *, used: bool) -> None:
        """Read what is known, and take up lanes that are new.

        A new lane begins armed. If nothing is known although the site has been in use,
        then what was known is lost, and all lanes begin disarmed. The file is read
        once: what is in memory is newer than a file that could not be written.

        Args:
            lanes: The subentry ids of all lanes that there are.
            used: Whether the site has been in use.

        """
        known = self._armed if self._loaded else await self._read()
        new = known is not None or not used
        self._armed = {lane: (known or {}).get(lane, new) is True for lane in lanes}
        self._loaded = True
        if self._armed != known:
            # Where it cannot be written, the next start comes to the same result.
            with suppress(AllowlistNotSavedError):
                await self._save()

    def is_armed(self, lane: str) -> bool:
        """Tell whether a lane opens its gate by itself."""
        return self._armed.get(lane, False)

    async def set_armed(self, lane: str, armed: bool) -> None:
        """Remember that a lane was armed or disarmed.

        Raises:
            AllowlistNotSavedError: It could not be saved. A lane that was to be armed is
                not, one that was to be disarmed is until the next start.

        """
        before = self.is_armed(lane)
        self._armed[lane] = armed
        try:
            await self._save()
        except BaseException:
            self._armed[lane] = self.is_armed(lane) and before
            raise

    async def remove(self) -> None:
        """Delete the file, once nothing is being saved any more."""
        async with self._lock:
            await self._store.async_remove()

    async def _read(self) -> dict[str, Any] | None:
        """Return what the file says, None if there is none that says anything."""
        try:
            data = await self._store.async_load()
        except AllowlistDamagedError:
            return None
        known = data.get(_ARMED) if isinstance(data, dict) else None
        return known if isinstance(known, dict) else None

    async def _save(self) -> None:
        async with self._lock:
            await self._store.async_save({_ARMED: dict(self._armed)})
