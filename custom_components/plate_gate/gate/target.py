"""Which action opens which kind of entity, and which one closes it."""

from typing import Final

from homeassistant.components.cover import CoverEntityFeature
from homeassistant.components.lock import LockEntityFeature
from homeassistant.const import (
    ATTR_SUPPORTED_FEATURES,
    SERVICE_CLOSE_COVER,
    SERVICE_LOCK,
    SERVICE_OPEN,
    SERVICE_OPEN_COVER,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    SERVICE_UNLOCK,
    Platform,
)
from homeassistant.core import State

SERVICE_PRESS: Final = "press"

INPUT_BOOLEAN: Final = "input_boolean"

RELAYS: Final = frozenset({Platform.SWITCH, INPUT_BOOLEAN})
"""They stay on for as long as the gate shall be open, or for a pulse; nobody knows."""

_ACTIONS: Final = {
    Platform.COVER: SERVICE_OPEN_COVER,
    Platform.LOCK: SERVICE_UNLOCK,
    Platform.SWITCH: SERVICE_TURN_ON,
    INPUT_BOOLEAN: SERVICE_TURN_ON,
    Platform.BUTTON: SERVICE_PRESS,
    "input_button": SERVICE_PRESS,
    "script": SERVICE_TURN_ON,
    Platform.SCENE: SERVICE_TURN_ON,
}

GATE_DOMAINS: Final = tuple(str(domain) for domain in _ACTIONS)
"""The kinds of entity that can open a gate."""


def opening_action(state: State) -> str:
    """Return the action, of the entity's own domain, that opens it.

    A lock that can open its latch is opened, because unlocking alone would leave it
    unlocked after the vehicle has gone.
    """
    if opens_latch(state):
        return SERVICE_OPEN
    return _ACTIONS[state.domain]


def closing_action(state: State) -> str | None:
    """Return the action that closes it, None if there is none."""
    if state.domain == Platform.LOCK:
        return SERVICE_LOCK
    if state.domain in RELAYS:
        return SERVICE_TURN_OFF
    if state.domain == Platform.COVER and _can(state, CoverEntityFeature.CLOSE):
        return SERVICE_CLOSE_COVER
    return None


def opens_latch(state: State) -> bool:
    """Tell whether it is a lock that can be opened, not only unlocked."""
    return state.domain == Platform.LOCK and _can(state, LockEntityFeature.OPEN)


def _can(state: State, feature: int) -> bool:
    return bool(state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) & feature)
