"""Which action opens which kind of entity."""

from typing import Final

from homeassistant.components.cover import CoverState
from homeassistant.components.lock import LockEntityFeature, LockState
from homeassistant.const import (
    ATTR_SUPPORTED_FEATURES,
    SERVICE_OPEN,
    SERVICE_OPEN_COVER,
    SERVICE_TURN_ON,
    SERVICE_UNLOCK,
    Platform,
)
from homeassistant.core import State

SERVICE_PRESS: Final = "press"

_ACTIONS: Final = {
    Platform.COVER: SERVICE_OPEN_COVER,
    Platform.LOCK: SERVICE_UNLOCK,
    Platform.SWITCH: SERVICE_TURN_ON,
    "input_boolean": SERVICE_TURN_ON,
    Platform.BUTTON: SERVICE_PRESS,
    "input_button": SERVICE_PRESS,
    "script": SERVICE_TURN_ON,
    Platform.SCENE: SERVICE_TURN_ON,
}

_SHUT_STATES: Final = frozenset(
    {CoverState.CLOSED, CoverState.CLOSING, LockState.LOCKED, LockState.LOCKING}
)

GATE_DOMAINS: Final = tuple(str(domain) for domain in _ACTIONS)
"""The kinds of entity that can open a gate."""


def opening_action(state: State) -> str:
    """Return the action, of the entity's own domain, that opens it.

    A lock that can open its latch is opened, because unlocking alone would leave it
    unlocked after the vehicle has gone.
    """
    if state.domain == Platform.LOCK and (
        state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) & LockEntityFeature.OPEN
    ):
        return SERVICE_OPEN
    return _ACTIONS[state.domain]


def is_shut(state: State) -> bool:
    """Tell whether it says that it is shut, or on its way there.

    Only a cover and a lock can: that a relay is off does not mean that a gate is shut.
    """
    return (
        state.domain in {Platform.COVER, Platform.LOCK} and state.state in _SHUT_STATES
    )


def is_open(state: State) -> bool:
    """Tell whether it is open or opening, so that it needs no second pulse.

    Many gates are driven by one button that stops or closes an opening gate.
    """
    return state.domain == Platform.COVER and state.state in {
        CoverState.OPEN,
        CoverState.OPENING,
    }
