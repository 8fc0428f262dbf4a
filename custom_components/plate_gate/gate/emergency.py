"""Opens the gate when something such as a fire alarm asks for it, whatever else holds.

An entity that becomes active opens the gate at once: from off, and just as well from
unavailable or from not being there, as after a restart. One that is active already when
the lane starts opens it, too, since being let out is the safe side; but only once for
each time that it became active, so that a reload of the lane repeats nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from ..errors import GateError, GateMissingError, GateUnavailableError
from .interlocks import calls_for_opening
from .settings import GateSettings
from .shared import SharedGate


class Emergency:
    """The entities that open a gate when they become active."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: GateSettings,
        shared: SharedGate,
        *,
        open_now: Callable[[], Awaitable[None]],
        on_failure: Callable[[GateError], None],
    ) -> None:
        """Name the entities.

        Args:
            hass: Home Assistant.
            settings: The gate.
            shared: What its lanes share.
            open_now: Opens it; raises a GateError if that fails.
            on_failure: Told once if it does not open, each time that it should.

        """
        self._hass = hass
        self._entity_ids = settings.opens_when
        self._target = settings.entity_id
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

    @callback
    def _entity_changed(self, event: Event[EventStateChangedData]) -> None:
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
            self._again.clear()
            try:
                await self._open_now()
            except (GateMissingError, GateUnavailableError) as err:
                # It may come back, as after a restart. Nobody else would open it then.
                if not told:
                    told = True
                    self._on_failure(err)
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
