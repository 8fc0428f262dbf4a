"""Home Assistant's view of what changes: the backends' health and each lane."""

import asyncio
from datetime import datetime, timedelta
import logging
from typing import Final, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .capture import CameraStatus
from .const import DOMAIN, PING_INTERVAL
from .doubts import Doubts
from .errors import BackendAuthError, BackendError, BackendRateLimitedError
from .lane import Lane
from .lane_state import LaneState
from .messages import error_key
from .recognition import BackendPool, PoolHealth
from .shortage import Shortage

_LOGGER = logging.getLogger(__name__)

STOP_TIMEOUT: Final = 20.0
"""Seconds that a lane has to stop; it needs them if a camera or a gate does not let go."""

CAPTURE_INTERVAL: Final = timedelta(seconds=30)
"""Between two looks at the counts of a camera."""


class RecognizerCoordinator(DataUpdateCoordinator[PoolHealth]):
    """Passes on how the backends of a site are doing.

    It is told at once when one begins or ceases to read. Latencies, which change with
    every picture, are looked at only now and then, since each change is recorded.
    """

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, pool: BackendPool
    ) -> None:
        """Take the backends.

        Args:
            hass: Home Assistant.
            entry: The site's config entry.
            pool: The site's backends; they are started with the first refresh.

        """
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name="Plate Gate recognizer",
            update_interval=PING_INTERVAL,
        )
        self.pool = pool
        self._doubts = Doubts()
        self._shortage = Shortage()
        self.data = pool.health

    @property
    def shortage(self) -> BackendRateLimitedError | None:
        """Why lanes are not read although there are backends that are well."""
        return self._shortage.error

    @property
    def reads(self) -> bool:
        """Whether there is a backend that reads, as far as is known."""
        return self.data.available and self.shortage is None

    @override
    async def _async_setup(self) -> None:
        """Make sure that one of them is not only there, but reads."""
        try:
            await self.pool.start()
        except BackendError as err:
            if not isinstance(err, BackendAuthError):
                raise _failure(err) from None
            if len(self.data.backends) == 1:
                raise ConfigEntryAuthFailed(
                    translation_domain=DOMAIN, translation_key=error_key(err)
                ) from None
            # Home Assistant does not try again whom it has asked for a token; but the
            # other backends may come back by themselves.
            self.config_entry.async_start_reauth(self.hass)
            raise _failure(err) from None
        self.config_entry.async_on_unload(self.pool.subscribe(self.async_look))

    @override
    async def _async_update_data(self) -> PoolHealth:
        """Ask all whether they are there, which an idle site would not notice."""
        await self.pool.probe()
        self.async_look()
        if (error := self.data.error) is not None:
            raise _failure(error)
        return self.data

    @callback
    def async_look(self, complaint: BackendError | None = None) -> None:
        """Pass on how the backends are doing; the pool logs what changes of each.

        Called when one became ready, busy or failed, and when lanes are read again,
        which ends a doubt.

        Args:
            complaint: Why a lane is not read, if it was a lane that called.

        """
        self.data = self._doubts.weigh(self.pool.health)
        self._async_mind_shortage(complaint)
        self._async_mind_token()
        error = self.data.error
        self.last_exception = None if error is None else _failure(error)
        self.last_update_success = error is None
        self.async_update_listeners()

    @callback
    def _async_mind_shortage(self, complaint: BackendError | None) -> None:
        """Log once that nobody takes pictures, which the pool holds for no failure."""
        before = self.shortage
        self._shortage.look(self.data)
        if complaint is not None:
            self._shortage.complain(complaint)
        now, title = self.shortage, self.config_entry.title
        if before is None and now is not None:
            _LOGGER.warning(
                "%s: no recognizer takes pictures (%s)", title, type(now).__name__
            )
        elif before is not None and now is None and self.data.available:
            _LOGGER.info("%s: a recognizer takes pictures again", title)

    @callback
    def _async_mind_token(self) -> None:
        """Ask for the first backend's token; those of others have an issue for that."""
        if isinstance(self.data.backends[0].error, BackendAuthError):
            self.config_entry.async_start_reauth(self.hass)


def _failure(error: BackendError) -> UpdateFailed:
    return UpdateFailed(translation_domain=DOMAIN, translation_key=error_key(error))


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
