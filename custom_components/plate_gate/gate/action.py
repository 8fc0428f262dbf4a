"""Calls an action of another integration, and asks it how its entities are."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant, split_entity_id
from homeassistant.helpers.entity_component import async_update_entity

from ..errors import GateUnavailableError

PATIENCE: Final = 2.0
"""Seconds to wait for an action. Some covers answer only when they have stopped."""


async def async_act(hass: HomeAssistant, entity_id: str, action: str) -> None:
    """Call an action of an entity's own domain, and wait for its end.

    It is nobody's doing: it has a context of its own, without a user, and is linked
    with nothing else.

    Raises:
        GateUnavailableError: It failed.

    """
    try:
        await hass.services.async_call(
            split_entity_id(entity_id)[0],
            action,
            {ATTR_ENTITY_ID: entity_id},
            blocking=True,
            context=Context(),
        )
    except Exception:  # noqa: BLE001
        # Whatever another integration's code raises, the gate did not move; and what
        # it says may hold its secrets.
        raise GateUnavailableError from None


async def async_refresh(hass: HomeAssistant, entity_ids: Iterable[str]) -> None:
    """Have entities ask their devices how they are, as far as they can do that."""
    # One that fails is logged by Home Assistant, and judged by the state that it has.
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(
                *(async_update_entity(hass, entity_id) for entity_id in entity_ids)
            )
