"""What a lane has counted, and how its camera and the recognizers are doing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
import time
from typing import override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, Platform, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .camera_state import CameraState, camera_state
from .capture import CameraStatus, SceneProblem
from .const import CONF_DIRECTION, DOMAIN
from .coordinator import CaptureCoordinator, LaneCoordinator
from .entity import BackendEntity, LaneEntity
from .lane import Lane
from .lane_state import LaneState
from .recognition import BackendHealth, BackendState
from .records import DayCount
from .site import PlateGateConfigEntry
from .trial import Trial
from .trial_store import StoredTrial, stored_trial

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class LaneSensorDescription(SensorEntityDescription):
    """Says where a sensor's value comes from, and where one from before goes."""

    value: Callable[[LaneState], StateType | datetime]
    restore: Callable[[Lane, StateType | datetime, datetime], None]


def _restore_entries(lane: Lane, value: StateType | datetime, at: datetime) -> None:
    if isinstance(value, int | float):
        lane.restore(entries=DayCount(dt_util.as_local(at).date(), int(value)))


def _restore_unknown(lane: Lane, value: StateType | datetime, at: datetime) -> None:
    if isinstance(value, int | float):
        lane.restore(unknown=DayCount(dt_util.as_local(at).date(), int(value)))


def _restore_last_opening(
    lane: Lane, value: StateType | datetime, at: datetime
) -> None:
    if isinstance(value, datetime):
        lane.restore(last_opening=value)


ENTRIES = LaneSensorDescription(
    key="entries_today",
    translation_key="entries_today",
    state_class=SensorStateClass.TOTAL_INCREASING,
    value=lambda state: state.entries.on(dt_util.now().date()),
    restore=_restore_entries,
)
EXITS = replace(ENTRIES, translation_key="exits_today")
PASSAGES = replace(ENTRIES, translation_key="passages_today")
COUNTS = {"entry": ENTRIES, "exit": EXITS, "both": PASSAGES}
"""What the count of a lane is called, by its direction."""

OTHERS = (
    LaneSensorDescription(
        key="unknown_today",
        translation_key="unknown_today",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda state: state.unknown.on(dt_util.now().date()),
        restore=_restore_unknown,
    ),
    LaneSensorDescription(
        key="last_opening",
        translation_key="last_opening",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda state: state.last_opening,
        restore=_restore_last_opening,
    ),
)


@dataclass(frozen=True, kw_only=True)
class TrialSensorDescription(SensorEntityDescription):
    """Says which count of a trial a sensor shows."""

    state_class: SensorStateClass = SensorStateClass.TOTAL
    value: Callable[[Trial], int]


TRIAL = (
    TrialSensorDescription(
        key="would_have_opened",
        translation_key="would_have_opened",
        value=lambda trial: trial.would_have_opened,
    ),
    TrialSensorDescription(
        key="waited_long",
        translation_key="waited_long",
        value=lambda trial: trial.waited,
    ),
)

VIEW_OK = "ok"
PIXELS = "px"
FRAMES_PER_SECOND = "fps"


@dataclass(frozen=True, kw_only=True)
class CameraSensorDescription(SensorEntityDescription):
    """Says where a value comes from that changes when the lane says so."""

    entity_category: EntityCategory = EntityCategory.DIAGNOSTIC
    value: Callable[[LaneState], StateType]


def _view(camera: CameraStatus) -> str | None:
    """Say what is wrong with what a camera shows; None without pictures."""
    return (camera.problem or VIEW_OK) if camera.connected else None


CAMERA = (
    CameraSensorDescription(
        key="camera_state",
        translation_key="camera_state",
        device_class=SensorDeviceClass.ENUM,
        options=list(CameraState),
        value=lambda state: camera_state(state.camera),
    ),
    CameraSensorDescription(
        key="view",
        translation_key="view",
        device_class=SensorDeviceClass.ENUM,
        options=[VIEW_OK, *SceneProblem],
        value=lambda state: _view(state.camera),
    ),
    CameraSensorDescription(
        key="plate_width",
        translation_key="plate_width",
        native_unit_of_measurement=PIXELS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value=lambda state: state.plate_width,
    ),
)


@dataclass(frozen=True, kw_only=True)
class CaptureSensorDescription(SensorEntityDescription):
    """Says where a value comes from that changes with every picture."""

    entity_category: EntityCategory = EntityCategory.DIAGNOSTIC
    entity_registry_enabled_default: bool = False
    suggested_display_precision: int = 0
    value: Callable[[CameraStatus], StateType]


def _fps(camera: CameraStatus) -> float | None:
    """Return whole pictures per second; None while there are none."""
    return None if camera.fps is None else round(camera.fps, 1)


def _frame_age(camera: CameraStatus) -> float | None:
    """Return how many seconds old the newest picture is."""
    return None if camera.newest is None else round(time.monotonic() - camera.newest, 1)


def _motion_share(camera: CameraStatus) -> float | None:
    """Return the percentage of pictures in which something moved."""
    return round(100 * camera.moving / camera.decoded, 1) if camera.decoded else None


CAPTURE = (
    CaptureSensorDescription(
        key="camera_fps",
        translation_key="camera_fps",
        native_unit_of_measurement=FRAMES_PER_SECOND,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value=_fps,
    ),
    CaptureSensorDescription(
        key="frame_age",
        translation_key="frame_age",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value=_frame_age,
    ),
    CaptureSensorDescription(
        key="pictures_decoded",
        translation_key="pictures_decoded",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda camera: camera.decoded,
    ),
    CaptureSensorDescription(
        key="frames_published",
        translation_key="frames_published",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda camera: camera.published,
    ),
    CaptureSensorDescription(
        key="frames_dropped",
        translation_key="frames_dropped",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda camera: camera.dropped,
    ),
    CaptureSensorDescription(
        key="pictures_corrupt",
        translation_key="pictures_corrupt",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda camera: camera.corrupt,
    ),
    CaptureSensorDescription(
        key="pictures_late",
        translation_key="pictures_late",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value=lambda camera: camera.late,
    ),
    CaptureSensorDescription(
        key="reconnects_hour",
        translation_key="reconnects_hour",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda camera: camera.reconnects_hour,
    ),
    CaptureSensorDescription(
        key="motion_share",
        translation_key="motion_share",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value=_motion_share,
    ),
)


@dataclass(frozen=True, kw_only=True)
class BackendSensorDescription(SensorEntityDescription):
    """Says where a value of a backend comes from."""

    device_class: SensorDeviceClass = SensorDeviceClass.DURATION
    entity_category: EntityCategory = EntityCategory.DIAGNOSTIC
    native_unit_of_measurement: str = UnitOfTime.MILLISECONDS
    state_class: SensorStateClass = SensorStateClass.MEASUREMENT
    suggested_display_precision: int = 0
    value: Callable[[BackendHealth], StateType]


BACKEND = (
    BackendSensorDescription(
        key="latency_p50",
        translation_key="latency_p50",
        value=lambda health: health.latency_p50_ms,
    ),
    BackendSensorDescription(
        key="latency_p95",
        translation_key="latency_p95",
        entity_registry_enabled_default=False,
        value=lambda health: health.latency_p95_ms,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of each backend and of each lane."""
    recognizer = entry.runtime_data.recognizer
    for backend in recognizer.data.backends:
        async_add_entities(
            [BackendSensor(recognizer, backend.key, reported) for reported in BACKEND],
            config_subentry_id=(None if backend.key == entry.entry_id else backend.key),
        )
    for subentry_id, lane in entry.runtime_data.lanes.items():
        count = COUNTS[lane.subentry.data[CONF_DIRECTION]]
        async_add_entities(
            _sensors(lane, count, CaptureCoordinator(hass, lane)),
            config_subentry_id=subentry_id,
        )
        if lane.data.trial is None:
            _forget_trial(hass, subentry_id)
        else:
            async_add_entities(
                [TrialSensor(lane, counted) for counted in TRIAL],
                config_subentry_id=subentry_id,
            )


@callback
def _forget_trial(hass: HomeAssistant, subentry_id: str) -> None:
    """Forget a trial that is over, so that the next one begins at nothing."""
    registry = er.async_get(hass)
    for counted in TRIAL:
        if known := registry.async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{subentry_id}-{counted.key}"
        ):
            registry.async_remove(known)
            restore_state.async_get(hass).last_states.pop(known, None)


def _sensors(
    lane: LaneCoordinator, count: LaneSensorDescription, capture: CaptureCoordinator
) -> Iterator[SensorEntity]:
    for counted in (count, *OTHERS):
        yield LaneSensor(lane, counted)
    for reported in CAMERA:
        yield CameraSensor(lane, reported)
    for looked_at in CAPTURE:
        yield CaptureSensor(capture, looked_at)


class LaneSensor(LaneEntity, RestoreSensor):
    """A count or a time of a lane."""

    entity_description: LaneSensorDescription
    _taken_up = False

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Go on under a new entity id (since Home Assistant 2026.11)."""

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the value from before a restart."""
        await super().async_added_to_hass()
        if self._taken_up:
            # Added again under another entity id, which may have been its own before.
            return
        self._taken_up = True
        state = await self.async_get_last_state()
        data = await self.async_get_last_sensor_data()
        if state is not None and data is not None:
            value = data.native_value
            if not isinstance(value, str | int | float | datetime):
                return
            self.entity_description.restore(self.lane, value, state.last_updated)

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value."""
        return self.entity_description.value(self.coordinator.data)


class TrialSensor(LaneEntity, RestoreEntity, SensorEntity):
    """What a lane on trial would have done, since the trial began."""

    entity_description: TrialSensorDescription
    _taken_up = False

    @callback
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Go on under a new entity id (since Home Assistant 2026.11)."""

    @override
    async def async_added_to_hass(self) -> None:
        """Take up what was counted before a restart."""
        await super().async_added_to_hass()
        if self._taken_up:
            return
        self._taken_up = True
        if (stored := await self.async_get_last_extra_data()) is not None:
            self.lane.restore(trial=stored_trial(stored.as_dict()))

    @property
    def _trial(self) -> Trial:
        trial = self.coordinator.data.trial
        # There are such sensors only while there is one.
        assert trial is not None
        return trial

    @property
    @override
    def extra_restore_state_data(self) -> StoredTrial:
        """Return what is kept over a restart."""
        return StoredTrial(self._trial)

    @property
    @override
    def last_reset(self) -> datetime:
        """Return since when it is counted."""
        return self._trial.since

    @property
    @override
    def native_value(self) -> int:
        """Return the count."""
        return self.entity_description.value(self._trial)


class CameraSensor(LaneEntity, SensorEntity):
    """How the camera of a lane is doing."""

    entity_description: CameraSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        """Return the value."""
        return self.entity_description.value(self.coordinator.data)


class CaptureSensor(LaneEntity[CaptureCoordinator], SensorEntity):
    """A count of a lane's camera, or how fast and how fresh its pictures are."""

    entity_description: CaptureSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        """Return the value."""
        return self.entity_description.value(self.coordinator.data)


class BackendSensor(BackendEntity, SensorEntity):
    """How long a backend takes to read a picture."""

    entity_description: BackendSensorDescription

    @property
    @override
    def available(self) -> bool:
        """Not while it reads nothing: what it took before would mislead."""
        return self.health.state is not BackendState.FAILED

    @property
    @override
    def native_value(self) -> StateType:
        """Return the value."""
        return self.entity_description.value(self.health)
