"""What can be seen of a gate: whether it is shut, open, or on its way.

There are two witnesses. The sensor, where there is one, is believed: it was named for
that. The target itself is believed if it is a cover or a lock that does not assume its
state; that a relay is on or off says nothing of a gate.
"""

from enum import Enum, auto
from typing import Final

from homeassistant.components.cover import ATTR_CURRENT_POSITION, CoverState
from homeassistant.components.lock import LockState
from homeassistant.const import (
    ATTR_ASSUMED_STATE,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    Platform,
)
from homeassistant.core import HomeAssistant, State, split_entity_id

from ..errors import GateMissingError, GateUnavailableError
from .settings import GateSettings
from .target import opens_latch


class Pose(Enum):
    """How a gate stands, or moves."""

    SHUT = auto()
    OPENING = auto()
    OPEN = auto()
    CLOSING = auto()


WIDE_OPEN: Final = 90.0
"""Percent from which on a gate counts as open: not every drive reaches its own 100."""

NOT_SHUT: Final = frozenset({Pose.OPENING, Pose.OPEN})
SHUT_SOON: Final = frozenset({Pose.CLOSING, Pose.SHUT})

_COVER: Final = {
    CoverState.CLOSED: Pose.SHUT,
    CoverState.OPENING: Pose.OPENING,
    CoverState.OPEN: Pose.OPEN,
    CoverState.CLOSING: Pose.CLOSING,
}
_LOCK: Final = {
    LockState.LOCKED: Pose.SHUT,
    LockState.JAMMED: Pose.SHUT,
    LockState.UNLOCKING: Pose.OPENING,
    LockState.UNLOCKED: Pose.OPEN,
    LockState.OPENING: Pose.OPENING,
    LockState.OPEN: Pose.OPEN,
    LockState.LOCKING: Pose.CLOSING,
}
_TARGETS: Final[dict[str, dict[str, Pose]]] = {
    Platform.COVER: {str(state): pose for state, pose in _COVER.items()},
    Platform.LOCK: {str(state): pose for state, pose in _LOCK.items()},
}
_SENSOR: Final[dict[str, Pose]] = {
    **_TARGETS[Platform.LOCK],
    **_TARGETS[Platform.COVER],
    STATE_ON: Pose.OPEN,
    STATE_OFF: Pose.SHUT,
}


class Sight:
    """What the states of a gate's entities say of it."""

    def __init__(self, hass: HomeAssistant, settings: GateSettings) -> None:
        """Name the entities.

        Args:
            hass: Home Assistant.
            settings: The gate.

        """
        self._hass = hass
        self._target = settings.entity_id
        self._sensor = settings.confirm_entity
        self.entity_ids = tuple(
            entity_id for entity_id in (self._target, self._sensor) if entity_id
        )
        """Whose states tell."""

    def target(self) -> State:
        """Return the state of the entity that opens the gate.

        Raises:
            GateMissingError: It does not exist.
            GateUnavailableError: It cannot be used now.

        """
        if (state := self._hass.states.get(self._target)) is None:
            raise GateMissingError
        if state.state == STATE_UNAVAILABLE:
            raise GateUnavailableError
        return state

    @property
    def is_reachable(self) -> bool:
        """Whether the entity that opens the gate can be used now."""
        try:
            self.target()
        except GateMissingError, GateUnavailableError:
            return False
        return True

    @property
    def tells(self) -> bool:
        """Whether there is anything that can tell of a movement, now or later."""
        if self._sensor is not None:
            return True
        state = self._hass.states.get(self._target)
        if state is None:
            return split_entity_id(self._target)[0] in _TARGETS
        return _is_witness(state)

    @property
    def sensor(self) -> Pose | None:
        """What the sensor says; None without one, or if it says nothing now."""
        if (
            self._sensor is None
            or (state := self._hass.states.get(self._sensor)) is None
        ):
            return None
        return _SENSOR.get(state.state)

    @property
    def pose(self) -> Pose | None:
        """How the gate is; None if nothing tells.

        While it closes a sensor still says that it is not shut, so a target that says
        that it closes is believed before the sensor.
        """
        state = self._hass.states.get(self._target)
        target = pose_of(state) if _is_witness(state) else None
        sensor = self.sensor
        if sensor is None or (sensor is Pose.OPEN and target is Pose.CLOSING):
            return target
        return sensor

    @property
    def changed(self) -> tuple[float | None, ...]:
        """When the states became what they are; the same as long as they stay so."""
        return tuple(
            None if state is None else state.last_changed_timestamp
            for state in map(self._hass.states.get, self.entity_ids)
        )

    @property
    def opens(self) -> bool:
        """Whether the target says that it is opening, be it that it only assumes so."""
        return pose_of(self._hass.states.get(self._target)) is Pose.OPENING

    @property
    def is_open(self) -> bool:
        """Whether it is open or opening, so that it needs no second pulse.

        Many gates are driven by one button that stops or closes an opening gate. A
        cover that assumes its state says that it is open for ever after, when it may
        long have shut; so that is not believed.
        """
        return self.opens or self.has_opened

    @property
    def has_opened(self) -> bool:
        """Whether it is believed to be open or opening.

        One that says that it stands half open lets no vehicle in, and knows its way well
        enough to be told once more.
        """
        return self.pose in NOT_SHUT and not self._is_half_open

    @property
    def _is_half_open(self) -> bool:
        """Whether the target says that it stands between shut and open."""
        state = self._hass.states.get(self._target)
        return (
            state is not None
            and _is_witness(state)
            and pose_of(state) is Pose.OPEN
            and _position(state) < WIDE_OPEN
        )

    @property
    def is_shut(self) -> bool:
        """Whether it says that it is shut, or on its way there."""
        return not self.opens and self.pose in SHUT_SOON


def pose_of(state: State | None) -> Pose | None:
    """Return what a cover or a lock says of itself; None for everything else.

    That a lock which can open its latch is unlocked makes it neither open nor shut.
    """
    if state is None or (opens_latch(state) and state.state == LockState.UNLOCKED):
        return None
    return _TARGETS.get(state.domain, {}).get(state.state)


def has_moved(before: State | None, now: State | None) -> bool:
    """Tell whether a target has begun to open since, as far as it can tell."""
    if now is None or not _is_witness(now):
        return False
    if (before is None or now.state != before.state) and _TARGETS[now.domain].get(
        now.state
    ) in NOT_SHUT:
        return True
    return before is not None and _position(now) > _position(before)


def _is_witness(state: State | None) -> bool:
    """Tell whether a target knows how the gate is."""
    return (
        state is not None
        and state.domain in _TARGETS
        and not state.attributes.get(ATTR_ASSUMED_STATE, False)
    )


def _position(state: State) -> float:
    """Return how far a cover is open: 0 shut, 100 open; NaN, which exceeds nothing."""
    position = state.attributes.get(ATTR_CURRENT_POSITION)
    return float(position) if isinstance(position, int | float) else float("nan")
