"""A camera that is looked at only while something calls for it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from homeassistant.const import STATE_ON
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_call_later, async_track_state_change_event

from ..models import Frame
from .source import CameraStatus, FrameSource


class TriggeredSource:
    """Starts a source when an entity switches on, and stops it some time after.

    The entity is a loop detector, a motion sensor or a driveway sensor. While it is
    off, away or unknown, nothing is decoded; not to look is the safe side.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        source: FrameSource,
        entity_id: str,
        seconds: float,
    ) -> None:
        """Prepare; `start` begins to listen.

        Args:
            hass: Home Assistant.
            source: What is started and stopped.
            entity_id: What has to be on.
            seconds: How long to go on after it went off.

        """
        self._hass = hass
        self._source = source
        self._entity_id = entity_id
        self._seconds = seconds
        self._waiting = True
        self._listeners: list[Callable[[], None]] = []
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._cancel_end: CALLBACK_TYPE | None = None
        self._stopping: asyncio.Task[None] | None = None

    @property
    def status(self) -> CameraStatus:
        """How the camera is doing now."""
        return replace(self._source.status, waiting=self._waiting)

    def start(self) -> None:
        """Begin to listen, and to look if the entity is on already."""
        if self._unsubscribe:
            return
        self._unsubscribe = [
            async_track_state_change_event(
                self._hass, self._entity_id, self._async_changed
            ),
            self._source.subscribe(self._tell),
        ]
        state = self._hass.states.get(self._entity_id)
        if state is not None and state.state == STATE_ON:
            self._begin()

    async def stop(self) -> None:
        """Stop to listen and to look."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._keep()
        self._waiting = True
        if self._stopping is not None:
            await asyncio.wait([self._stopping])
        await self._source.stop()

    async def newest(self) -> Frame:
        """Wait for a frame that has not been handed out yet."""
        return await self._source.newest()

    def want(self) -> None:
        """Let the next picture through, if pictures are taken now."""
        self._source.want()

    def wake(self) -> None:
        """Look now, as if the entity had been switched on for a moment."""
        if self._unsubscribe:
            if self._waiting or self._cancel_end is not None:
                self._begin()
                self._end_later()
            self._source.want()

    def accept_view(self) -> None:
        """Take what the camera sees now for what it should see."""
        self._source.accept_view()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener, in the event loop, when the state changes."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    @callback
    def _async_changed(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.state == STATE_ON:
            self._begin()
        elif not self._waiting and self._cancel_end is None:
            self._end_later()

    def _begin(self) -> None:
        """Look until told otherwise."""
        self._keep()
        if self._waiting:
            self._waiting = False
            if not self._is_stopping:
                self._source.start()
            self._tell()
        self._source.want()

    def _keep(self) -> None:
        """Take back that it is to end."""
        if self._cancel_end is not None:
            self._cancel_end()
            self._cancel_end = None

    def _end_later(self) -> None:
        self._keep()
        self._cancel_end = async_call_later(self._hass, self._seconds, self._end)

    @callback
    def _end(self, _: object) -> None:
        self._cancel_end = None
        self._waiting = True
        if not self._is_stopping:
            self._stopping = self._hass.async_create_task(
                self._stop_source(), "plate_gate camera stop"
            )

    async def _stop_source(self) -> None:
        """Stop the source, and start it again if it is wanted by then."""
        await self._source.stop()
        if not self._waiting:
            self._source.start()
        self._tell()

    @property
    def _is_stopping(self) -> bool:
        return self._stopping is not None and not self._stopping.done()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()
