"""Stays with an open gate: holds it open for a vehicle, and closes it behind it.

By default it does neither. Whenever it cannot be told that nobody is in the way, the
gate stays open.
"""

import asyncio
from collections.abc import Awaitable, Callable
import logging
from typing import Final

from homeassistant.components.lock import LockState
from homeassistant.const import STATE_OFF, STATE_ON, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from .action import PATIENCE, async_act
from .settings import GateSettings
from .shared import SharedGate
from .sight import Pose, Sight
from .target import RELAYS, closing_action

_LOGGER = logging.getLogger(__name__)

LOOK_INTERVAL: Final = 1.0
"""Seconds between two questions whether the vehicle is still there."""

REOPENINGS: Final = 3
"""How often a gate is opened again for one vehicle, before it is left to itself."""


class Attendant:
    """Stays with one gate for as long as it was opened for somebody."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: GateSettings,
        sight: Sight,
        shared: SharedGate,
        *,
        reopen: Callable[[], Awaitable[bool]],
    ) -> None:
        """Describe the gate.

        Args:
            hass: Home Assistant.
            settings: The gate.
            sight: What it looks like.
            shared: What its lanes share.
            reopen: Opens it again, and tells whether it was told to.

        """
        self._hass = hass
        self._settings = settings
        self._sight = sight
        self._shared = shared
        self._reopen = reopen
        self._task: asyncio.Task[None] | None = None
        self._look = asyncio.Event()
        self._closes = False
        self._reopenings = 0
        self._openings = 0
        self._visits: set[Callable[[], bool]] = set()
        self._clear_since: float | None = None

    @callback
    def attend(self, here: Callable[[], bool], *, acted: bool) -> None:
        """Stay with the gate, which is open for a vehicle.

        Args:
            here: Tells whether the vehicle is still there.
            acted: Whether the gate was told to open. One that was open before is not
                closed: somebody may want it so.

        """
        # Also if this lane does nothing with it: another one may close the gate.
        self._shared.is_anybody_here()
        self._shared.visits.add(here)
        self._visits = {*self._visits & self._shared.visits, here}
        self._reopenings = 0
        self._clear_since = None
        if not self._is_attended:
            self._closes = False
        self._closes |= acted and self._settings.close_after is not None
        if (self._settings.hold_open or self._closes) and not self._is_attended:
            self._task = self._hass.async_create_background_task(
                self._attend(), "plate_gate attendant"
            )

    async def stop(self) -> None:
        """Leave the gate as it is."""
        self._shared.visits -= self._visits
        self._visits.clear()
        if (task := self._task) is not None:
            self._task = None
            task.cancel()
            await asyncio.wait({task})

    @property
    def _is_attended(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _attend(self) -> None:
        entity_ids = [*self._sight.entity_ids]
        if (obstruction := self._settings.obstruction_entity) is not None:
            entity_ids.append(obstruction)
        unsubscribe = async_track_state_change_event(
            self._hass, entity_ids, self._changed
        )
        try:
            while await self._stay():
                self._look.clear()
                try:
                    async with asyncio.timeout(LOOK_INTERVAL):
                        await self._look.wait()
                except TimeoutError:
                    continue
        finally:
            unsubscribe()

    @callback
    def _changed(self, _: Event[EventStateChangedData]) -> None:
        # Something may be in the way for less than the time until the next look.
        if not self._is_clear():
            self._clear_since = None
        self._look.set()

    async def _stay(self) -> bool:
        """Do what is to be done now; tell whether there is reason to stay."""
        is_here = self._shared.is_anybody_here()
        if self._sight.is_shut:
            if not (is_here and self._may_hold):
                return False
            if await self._reopen():
                self._reopenings += 1
            return True
        if is_here or not self._is_clear():
            self._clear_since = None
            return is_here or self._closes
        if not self._closes:
            return False
        now = self._shared.clock()
        if self._clear_since is None or self._openings != self._shared.openings:
            self._clear_since = now
            self._openings = self._shared.openings
        if now - self._clear_since < (self._settings.close_after or 0.0):
            return True
        return not await self._close()

    @property
    def _may_hold(self) -> bool:
        return self._settings.hold_open and self._reopenings < REOPENINGS

    def _is_clear(self) -> bool:
        """Tell whether the gate is open for nobody, and known to have nothing in it."""
        if self._shared.interlocks.overridden(self._settings):
            return False
        target = self._hass.states.get(self._settings.entity_id)
        if target is None or closing_action(target) is None:
            return False
        if (entity_id := self._settings.obstruction_entity) is not None:
            sensor = self._hass.states.get(entity_id)
            if sensor is None or sensor.state != STATE_OFF:
                return False
        elif target.domain != Platform.LOCK:
            return False
        if target.domain in RELAYS:
            return target.state == STATE_ON
        # The gate is known to be open: a drive with one button would open a shut one.
        return self._sight.pose is Pose.OPEN or (
            target.domain == Platform.LOCK and target.state == LockState.UNLOCKED
        )

    async def _close(self) -> bool:
        """Close the gate; tell whether it was told to."""
        latch = self._shared.latch
        if latch.lock.locked():
            # Somebody is just opening it.
            self._clear_since = None
            return False
        async with latch.lock:
            # A lock that nobody holds is taken without waiting, so all is still as it
            # was when it was found to be clear.
            state = self._hass.states.get(self._settings.entity_id)
            if state is None or (name := closing_action(state)) is None:
                return False
            latch.closed(self._sight.changed)
            action = self._hass.async_create_task(
                async_act(self._hass, state.entity_id, name), "plate_gate close"
            )
            action.add_done_callback(self._closing_ended)
            # Whoever wants it open meanwhile shall not wait for long.
            await asyncio.wait({action}, timeout=PATIENCE)
        return True

    def _closing_ended(self, action: asyncio.Task[None]) -> None:
        if action.cancelled() or action.exception() is not None:
            _LOGGER.warning("%s was not closed", self._settings.entity_id)
