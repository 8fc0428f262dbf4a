"""Opens the gate."""

import asyncio
from collections.abc import Callable
from typing import Final

from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.core import Context, HomeAssistant, State, split_entity_id

from ..errors import GateError, GateMissingError, GateUnavailableError
from .latch import Latch, async_latch
from .target import is_open, opening_action

PATIENCE: Final = 2.0
"""Seconds to wait for the action. Some covers answer only when they have stopped."""


class Gate:
    """The entity that opens a gate."""

    def __init__(
        self,
        hass: HomeAssistant,
        entity_id: str,
        *,
        on_late_failure: Callable[[GateError], None],
        patience: float = PATIENCE,
    ) -> None:
        """Name the entity.

        Args:
            hass: Home Assistant.
            entity_id: A cover, lock, switch, button, script or scene.
            on_late_failure: Told when an action fails after `open` has returned.
            patience: Seconds that `open` waits for the action to end.

        """
        self.entity_id = entity_id
        self._hass = hass
        self._on_late_failure = on_late_failure
        self._patience = patience

    async def open(self) -> None:
        """Open the gate, unless it is open or was told to open a moment ago.

        Raises:
            GateMissingError: The entity does not exist.
            GateUnavailableError: It cannot be used now, or its action failed.

        """
        latch = async_latch(self._hass, self.entity_id)
        async with latch.lock:
            state = self._state()
            if is_open(state) or latch.holds(state):
                return
            await self._open(opening_action(state), latch)

    async def _open(self, name: str, latch: Latch) -> None:
        acted = latch.acted()
        given_up = False

        def ended(action: asyncio.Task[None]) -> None:
            if _failed(action):
                latch.failed(acted)
                if given_up:
                    self._on_late_failure(GateUnavailableError())

        action = self._hass.async_create_task(self._act(name), "plate_gate open")
        action.add_done_callback(ended)
        try:
            await asyncio.wait({action}, timeout=self._patience)
        finally:
            given_up = not action.done()
        if action.done() and _failed(action):
            raise GateUnavailableError

    def _state(self) -> State:
        state = self._hass.states.get(self.entity_id)
        if state is None:
            raise GateMissingError
        if state.state == STATE_UNAVAILABLE:
            raise GateUnavailableError
        return state

    async def _act(self, action: str) -> None:
        domain = split_entity_id(self.entity_id)[0]
        try:
            await self._hass.services.async_call(
                domain,
                action,
                {ATTR_ENTITY_ID: self.entity_id},
                blocking=True,
                context=Context(),
            )
        except Exception:  # noqa: BLE001
            # Whatever another integration's code raises, the gate did not open; and
            # what it says may hold its secrets.
            raise GateUnavailableError from None


def _failed(action: asyncio.Task[None]) -> bool:
    """Tell whether an action that has ended came to nothing."""
    return action.cancelled() or action.exception() is not None
