"""Opens the gate when something such as a fire alarm asks for it, whatever else holds.

An entity that becomes active opens the gate at once: from off, and just as well from
unavailable or from not being there, as after a restart. One that is active already when
the lane starts opens it, too, since being let out is the safe side; but only once for
each time that it became active, so that a reload of the lane repeats nothing.

Where nothing tells how the gate stands, a further pulse could just as well shut it. Such a
gate is opened once for an alarm, however many entities join it, until all of them have
said that it is over.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from ..errors import GateError, GateMissingError, GateUnavailableError
from .interlocks import calls_for_opening
from .settings import GateSettings
from .shared import SharedGate
from .sight import Sight

RETRY: Final = 5.0
"""Seconds after which a gate that could not be told to open is told again."""

_NOTHING_KNOWN: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})


class Emergency:
    """The entities that open a gate when they become active."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: GateSettings,
        sight: Sight,
        shared: SharedGate,
        *,
        open_now: Callable[[], Awaitable[None]],
        on_failure: Callable[[GateError], None],
    ) -> None:
        """Name the entities.

        Args:
            hass: Home Assistant.
            settings: The gate.
            sight: What it looks like.
            shared: What its lanes share.
            open_now: Opens it; raises a GateError if that fails.
            on_failure: Told once if it does not open, each time that it should.

        """
        self._hass = hass
        self._entity_ids = settings.opens_when
        self._target = settings.entity_id
        self._sight = sight
        self._shared = shared
        self._open_now = open_now
        self._on_failure = on_failure
        self._task: asyncio.Task[None] | None = None
        self._again = asyncio.Event()
        self._unsubscribe: list[Callable[[], None]] = []

    @callback
    def start(self) -> None:
        """Listen, and open if there is reason to already."""
        if not self._entity_ids:
            return
        self._unsubscribe = [
            async_track_state_change_event(
                self._hass, self._entity_ids, self._entity_changed
            ),
            async_track_state_change_event(
                self._hass, self._target, self._gate_changed
            ),
        ]
        for entity_id in self._entity_ids:
            self._forget_if_over(entity_id)
        if self._unanswered():
            self._answer()

    async def stop(self) -> None:
        """Listen no longer."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        if (task := self._task) is not None:
            self._task = None
            task.cancel()
            await asyncio.wait({task})

    @property
    def holds_blind_gate(self) -> bool:
        """Whether an alarm has opened a gate of which nothing tells how it stands."""
        return not self._sight.tells and any(
            entity_id in self._shared.answered for entity_id in self._entity_ids
        )

    @callback
    def _entity_changed(self, event: Event[EventStateChangedData]) -> None:
        self._forget_if_over(event.data["entity_id"])
        if not calls_for_opening(event.data["new_state"]):
            return
        if not calls_for_opening(event.data["old_state"]):
            self._answer()

    @callback
    def _gate_changed(self, _: Event[EventStateChangedData]) -> None:
        self._again.set()

    @callback
    def _answer(self) -> None:
        self._again.set()
        if self._task is None or self._task.done():
            self._task = self._hass.async_create_background_task(
                self._open(), "plate_gate emergency opening"
            )

    async def _open(self) -> None:
        """Open it, as soon as it can be told to, unless the reason has passed."""
        told = False
        while unanswered := self._unanswered():
            if self.holds_blind_gate:
                self._shared.answered.update(unanswered)
                return
            self._again.clear()
            try:
                await self._open_now()
            except (GateMissingError, GateUnavailableError) as err:
                # It may come back, as after a restart. Nobody else would open it then.
                if not told:
                    told = True
                    self._on_failure(err)
                with suppress(TimeoutError):
                    async with asyncio.timeout(RETRY):
                        await self._again.wait()
            except GateError as err:
                self._shared.answered.update(unanswered)
                self._on_failure(err)
            else:
                self._shared.answered.update(unanswered)

    def _unanswered(self) -> dict[str, float]:
        """Return what asks for the gate to be opened and has not got it yet."""
        return {
            entity_id: state.last_changed_timestamp
            for entity_id in self._entity_ids
            if (state := self._hass.states.get(entity_id)) is not None
            and calls_for_opening(state)
            and self._shared.answered.get(entity_id) != state.last_changed_timestamp
        }

    @callback
    def _forget_if_over(self, entity_id: str) -> None:
        """Take note that an entity says that it asks for nothing (any more).

        One that says nothing for a while, as its radio does, has not said so.
        """
        state = self._hass.states.get(entity_id)
        if (
            state is not None
            and state.state not in _NOTHING_KNOWN
            and not calls_for_opening(state)
        ):
            self._shared.answered.pop(entity_id, None)
