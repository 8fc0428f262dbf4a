"""Counts of a lane, and when it last opened its gate."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .const import CONF_DIRECTION
from .entity import LaneEntity
from .lane import Lane, LaneState
from .records import DayCount
from .site import PlateGateConfigEntry

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


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of each lane."""
    for subentry_id, lane in entry.runtime_data.lanes.items():
        count = COUNTS[lane.subentry.data[CONF_DIRECTION]]
        async_add_entities(
            (LaneSensor(lane, description) for description in (count, *OTHERS)),
            config_subentry_id=subentry_id,
        )


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
