"""What keeps a plate from opening a gate, and what opens it whatever else holds."""

from collections import deque
from collections.abc import Callable
from typing import Final

from homeassistant.components.alarm_control_panel import AlarmControlPanelState
from homeassistant.components.cover import CoverState
from homeassistant.components.lock import LockState
from homeassistant.const import (
    STATE_HOME,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant, State

from ..models import Reason
from .settings import GateSettings

MINUTE: Final = 60.0

_AT_REST: Final[dict[str, frozenset[str]]] = {
    Platform.ALARM_CONTROL_PANEL: frozenset({AlarmControlPanelState.DISARMED}),
    Platform.COVER: frozenset({CoverState.CLOSED}),
    Platform.VALVE: frozenset({CoverState.CLOSED}),
    Platform.LOCK: frozenset(
        {
            LockState.UNLOCKED,
            LockState.UNLOCKING,
            LockState.OPEN,
            LockState.OPENING,
        }
    ),
}
"""The states in which an entity keeps nothing shut. Every other one does, so that a
state of which we know nothing keeps the gate shut, too."""

_WHEREABOUTS: Final = frozenset({"person", Platform.DEVICE_TRACKER})
"""They are active at home, and at rest in whichever other place they are."""

_NOTHING_KNOWN: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})

_ALARMS: Final = frozenset({STATE_ON, AlarmControlPanelState.TRIGGERED})
"""The states that open a gate. An alarm that is armed is not one of them."""


def keeps_shut(state: State | None) -> bool:
    """Tell whether an entity keeps the gate shut.

    It does while it is active: on, locked, armed, open, at home. An entity that is
    missing or says nothing counts as active: the gate fails closed.
    """
    if state is None or state.state in _NOTHING_KNOWN:
        return True
    if state.domain in _WHEREABOUTS:
        return state.state == STATE_HOME
    return state.state not in _AT_REST.get(state.domain, {STATE_OFF})


def calls_for_opening(state: State | None) -> bool:
    """Tell whether an entity has the gate opened: it is on, or a triggered alarm.

    What is missing or says nothing opens nothing.
    """
    return state is not None and state.state in _ALARMS


class Interlocks:
    """What holds for one gate, for all lanes that open it.

    Where lanes with different settings share a gate, the stricter setting holds: the
    longer pause, the fewer openings, and every entity that any of them names.
    """

    def __init__(self, hass: HomeAssistant, clock: Callable[[], float]) -> None:
        """Begin with a gate that was not opened.

        Args:
            hass: Home Assistant.
            clock: Seconds that are never set back.

        """
        self._hass = hass
        self._clock = clock
        self._lanes: dict[object, GateSettings] = {}
        self._opened: float | None = None
        self._by_plate: deque[float] = deque()
        self._vehicles: dict[str, float] = {}

    def join(self, lane: object, settings: GateSettings) -> None:
        """Let the settings of a lane hold for this gate from now on."""
        self._lanes[lane] = settings

    def leave(self, lane: object) -> None:
        """Let them hold no longer."""
        self._lanes.pop(lane, None)

    def overridden(self, own: GateSettings) -> bool:
        """Tell whether something has the gate open now, such as a fire alarm.

        Args:
            own: The settings of the lane that asks; they hold whether it has joined or
                not. So it is with the other questions.

        """
        return any(
            calls_for_opening(self._hass.states.get(entity_id))
            for settings in self._all(own)
            for entity_id in settings.opens_when
        )

    def refusals(
        self, own: GateSettings, vehicle_id: str | None, *, needs_pulse: bool
    ) -> tuple[Reason, ...]:
        """Return why the gate may not be opened by a plate now; nothing if it may.

        Args:
            own: The settings of the lane that asks.
            vehicle_id: Whom it would be opened for.
            needs_pulse: Whether the gate has to be told to open. If it is open, or on
                its way, its pause keeps nobody waiting. The pause of a vehicle holds
                all the same: whoever has just come in is not on the way out because
                the other camera sees the plate, too.

        """
        if self.overridden(own):
            return ()
        reasons = list(self.refusals_to_reopen(own))
        every = self._all(own)
        if vehicle_id is not None and self._is_recent(
            self._vehicles.get(vehicle_id),
            max(settings.vehicle_cool_down for settings in every),
        ):
            reasons.append(Reason.VEHICLE_COOLING_DOWN)
        if needs_pulse and self._is_recent(
            self._opened, max(settings.cool_down for settings in every)
        ):
            reasons.append(Reason.GATE_COOLING_DOWN)
        return tuple(reasons)

    def refusals_to_reopen(self, own: GateSettings) -> tuple[Reason, ...]:
        """Return why it may not even be opened again for whoever stands in it."""
        if self.overridden(own):
            return ()
        reasons: list[Reason] = []
        if self.keep_shut(own):
            reasons.append(Reason.INTERLOCKED)
        now = self._clock()
        while self._by_plate and now - self._by_plate[0] >= MINUTE:
            self._by_plate.popleft()
        cap = min(settings.per_minute for settings in self._all(own))
        if len(self._by_plate) >= cap:
            reasons.append(Reason.TOO_MANY_OPENINGS)
        return tuple(reasons)

    def keep_shut(self, own: GateSettings) -> bool:
        """Tell whether an entity keeps the gate shut, and none has it opened."""
        return not self.overridden(own) and any(
            keeps_shut(self._hass.states.get(entity_id))
            for settings in self._all(own)
            for entity_id in settings.stays_closed
        )

    def told(self, *, by_plate: bool) -> Callable[[], None]:
        """Note that the gate is told to open now.

        Returns:
            What takes it back, because the action came to nothing: nobody has to pause
            for that. In the openings of a minute it stays, since those are to catch
            whatever runs wild.

        """
        before, now = self._opened, self._clock()
        self._opened = now
        if by_plate:
            self._by_plate.append(now)

        def take_back() -> None:
            if self._opened == now:
                self._opened = before

        return take_back

    def let_in(self, own: GateSettings, vehicle_id: str) -> None:
        """Note that the gate is open for a vehicle."""
        now = self._clock()
        longest = max(settings.vehicle_cool_down for settings in self._all(own))
        self._vehicles = {
            vehicle: since
            for vehicle, since in self._vehicles.items()
            if now - since < longest
        }
        self._vehicles[vehicle_id] = now

    def _all(self, own: GateSettings) -> tuple[GateSettings, ...]:
        return (own, *self._lanes.values())

    def _is_recent(self, when: float | None, pause: float) -> bool:
        return when is not None and self._clock() - when < pause
