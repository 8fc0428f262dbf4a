"""Which lanes open their gate by themselves. It outlives everything but the site."""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN

_VERSION: Final = 1
_ARMED: Final = "armed"


class Arming:
    """Remembers for each lane whether it is armed, on the disk and at once.

    Home Assistant's own memory of states is not enough for this: it forgets an entity
    after a week, and saves only every quarter of an hour. A lane that somebody has
    switched off must not come back switched on.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Take the config entry whose lanes they are."""
        self._store: Store[dict[str, Any]] = Store(
            hass,
            _VERSION,
            f"{DOMAIN}.{entry_id}.arming",
            private=True,
            atomic_writes=True,
        )
        self._armed: dict[str, bool] = {}

    async def load(self, lanes: list[str], *, used: bool) -> None:
        """Read what is known, and take up lanes that are new.

        A new lane begins armed. If nothing is known although the site has been in use,
        then what was known is lost, and all lanes begin disarmed.

        Args:
            lanes: The subentry ids of all lanes that there are.
            used: Whether the site has been in use.

        """
        data = await self._store.async_load()
        known = data.get(_ARMED) if data is not None else None
        new = not used
        if isinstance(known, dict):
            new = True
        else:
            known = {}
        armed = {lane: known.get(lane, new) is True for lane in lanes}
        self._armed = armed
        if data is None or armed != known:
            await self._save()

    def is_armed(self, lane: str) -> bool:
        """Tell whether a lane opens its gate by itself."""
        return self._armed.get(lane, False)

    async def set_armed(self, lane: str, armed: bool) -> None:
        """Remember that a lane was armed or disarmed."""
        self._armed[lane] = armed
        await self._save()

    async def remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    async def _save(self) -> None:
        await self._store.async_save({_ARMED: dict(self._armed)})
