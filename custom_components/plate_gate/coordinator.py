"""Home Assistant's view of what changes: the recognizer's health and each lane."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
import time
from typing import Final, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .capture import CameraStatus
from .const import DOMAIN, PING_INTERVAL
from .errors import BackendAuthError, BackendError
from .lane import Lane, LaneState
from .messages import error_key
from .recognition import Backend, BackendInfo

_LOGGER = logging.getLogger(__name__)

STOP_TIMEOUT: Final = 20.0
"""Seconds that a lane has to stop; it needs them if a camera or a gate does not let go."""

CAPTURE_INTERVAL: Final = timedelta(seconds=30)
"""Between two looks at the counts of a camera."""

type _Failure = ConfigEntryAuthFailed | UpdateFailed


class RecognizerCoordinator(DataUpdateCoordinator[BackendInfo]):
    """Asks the recognizer now and then whether it is there."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        backend: Backend,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the backend to ask.

        Args:
            hass: Home Assistant.
            entry: The site's config entry.
            backend: What is asked.
            clock: Seconds that never jump.

        """
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name="Plate Gate recognizer",
            update_interval=PING_INTERVAL,
        )
        self.backend = backend
        self._clock = clock
        self._failing: dict[str, tuple[float, _Failure]] = {}

    @override
    async def _async_setup(self) -> None:
        """Make sure that it is not only there, but reads."""
        try:
            await self.backend.start()
            await self.backend.check()
        except BackendError as err:
            raise self._failure(err) from None

    @override
    async def _async_update_data(self) -> BackendInfo:
        """Ask whether it is there, and after a failed reading whether it reads.

        Only a reading tells that: a server whose reader hangs goes on to answer pings.
        And where the pictures of a lane fail, one small picture that does not is no
        proof.
        """
        try:
            if not self._failing:
                return await self.backend.ping()
            info = await self.backend.check()
        except BackendError as err:
            raise self._failure(err) from None
        recent = self._clock() - 2 * PING_INTERVAL.total_seconds()
        self._failing = {
            lane: (at, failure)
            for lane, (at, failure) in self._failing.items()
            if at > recent
        }
        for _, failure in self._failing.values():
            raise failure.with_traceback(None)
        return info

    @callback
    def async_lane_reports(self, lane: str, error: BackendError | None) -> None:
        """Hear from a lane, which notices sooner than the next question would.

        Args:
            lane: Its subentry id.
            error: What went wrong with its last picture, None if that was read.

        """
        if error is None:
            self._failing.pop(lane, None)
            if not self._failing and not self.last_update_success:
                self.logger.info("%s answers again", self.name)
                self.async_set_updated_data(self.data)
            return
        failure = self._failure(error)
        self._failing[lane] = (self._clock(), failure)
        if isinstance(error, BackendAuthError):
            # Asking again finds the same and begins the reauthentication.
            self._async_ask_now()
        else:
            self.async_set_update_error(failure)

    @callback
    def _async_ask_now(self) -> None:
        if self.config_entry is not None:
            self.config_entry.async_create_background_task(
                self.hass, self.async_refresh(), "plate_gate recognizer refresh"
            )

    @staticmethod
    def _failure(error: BackendError) -> _Failure:
        kind = (
            ConfigEntryAuthFailed
            if isinstance(error, BackendAuthError)
            else UpdateFailed
        )
        return kind(translation_domain=DOMAIN, translation_key=error_key(error))


class LaneCoordinator(DataUpdateCoordinator[LaneState]):
    """Passes on what a lane reports; it never polls."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        lane: Lane,
    ) -> None:
        """Take the lane to listen to."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"Plate Gate lane {subentry.subentry_id}",
        )
        self.lane = lane
        self.subentry = subentry
        self.data = lane.state
        self._task: asyncio.Task[None] | None = None
        # From here on, because entities restore the lane's state before it runs.
        entry.async_on_unload(lane.subscribe(self._async_report))

    @override
    async def _async_update_data(self) -> LaneState:
        """Return what there is, for those who ask for an update by hand."""
        return self.lane.state

    @callback
    def async_start(self) -> None:
        """Run the lane for as long as the entry is loaded."""
        assert self.config_entry is not None
        self._task = self.config_entry.async_create_background_task(
            self.hass, self.lane.run(), f"plate_gate lane {self.subentry.subentry_id}"
        )
        # The counts of the day go back to zero although nothing happens then.
        self.config_entry.async_on_unload(
            async_track_time_change(
                self.hass, self._async_midnight, hour=0, minute=0, second=0
            )
        )

    async def async_stop(self) -> None:
        """Stop the lane, and wait for what it is just doing."""
        if self._task is not None:
            # Home Assistant cancels it before it tells of its end; a second cancellation
            # would break off what the first one waits for.
            if not self.lane.ending:
                self._task.cancel()
            await asyncio.wait([self._task], timeout=STOP_TIMEOUT)

    @callback
    def _async_midnight(self, _: datetime) -> None:
        self._async_report()

    @callback
    def _async_report(self) -> None:
        self.data = self.lane.state
        self.async_update_listeners()


class CaptureCoordinator(DataUpdateCoordinator[CameraStatus]):
    """Looks at the counts of a lane's camera, which change with every picture.

    It does so only while there are entities that show them.
    """

    def __init__(self, hass: HomeAssistant, coordinator: LaneCoordinator) -> None:
        """Take the lane whose camera it is."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=coordinator.config_entry,
            name=f"Plate Gate camera of lane {coordinator.subentry.subentry_id}",
            update_interval=CAPTURE_INTERVAL,
        )
        self.lane = coordinator.lane
        self.subentry = coordinator.subentry
        self.data = self.lane.camera

    @override
    async def _async_update_data(self) -> CameraStatus:
        """Return how the camera is doing now."""
        return self.lane.camera
