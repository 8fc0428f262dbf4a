"""Opens the gate, and sees to it that it really opens."""

from collections.abc import Callable
from dataclasses import dataclass

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback

from ..errors import GateError, GateInterlockedError, GateUnavailableError
from ..models import Reason
from .action import PATIENCE
from .attendant import Attendant
from .drive import Drive
from .emergency import Emergency
from .settings import GateSettings
from .shared import async_shared_gate
from .sight import Sight
from .target import opening_action


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What became of an opening that did not fail."""

    acted: bool
    """Whether the gate was told to open; False if it was open or on its way."""
    confirmed: bool | None
    """True if it was seen to open or to be open, None if nothing can tell."""


class Gate:
    """The entity that opens a gate, as one lane uses it."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: GateSettings,
        *,
        on_late_failure: Callable[[GateError], None],
        on_late_success: Callable[[], None] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Describe the gate.

        Args:
            hass: Home Assistant.
            settings: Which entity it is, and what holds for it.
            on_late_failure: Told of a failure that `open` did not raise: an action
                that fails after `open` has returned, or an opening that nobody waited
                for (`opens_when`, `hold_open`).
            on_late_success: Told when a gate has moved after `open` has raised, and
                when it has opened because of `opens_when`.
            patience: Seconds to wait for the action, where nothing else can tell.

        """
        self.settings = settings
        self.entity_id = settings.entity_id
        self._hass = hass
        self._on_late_failure = on_late_failure
        self._on_late_success = on_late_success or (lambda: None)
        self._shared = async_shared_gate(hass, settings.entity_id)
        self._latch = self._shared.latch
        self._interlocks = self._shared.interlocks
        self._sight = Sight(hass, settings)
        self._drive = Drive(
            hass,
            settings,
            self._sight,
            self._shared,
            on_late_failure=on_late_failure,
            on_late_success=self._on_late_success,
            patience=patience,
        )
        self._unsubscribe: Callable[[], None] | None = None
        self._attendant = Attendant(
            hass, settings, self._sight, self._shared, reopen=self._open_again
        )
        self._emergency = Emergency(
            hass,
            settings,
            self._sight,
            self._shared,
            open_now=self._open_in_emergency,
            on_failure=on_late_failure,
        )

    @callback
    def start(self) -> None:
        """Let the settings hold, and listen for what opens the gate."""
        if self._unsubscribe is not None:
            return
        self._drive.start()
        self._unsubscribe = self._hass.bus.async_listen_once(
            EVENT_HOMEASSISTANT_STOP, self._home_assistant_stops
        )
        self._interlocks.join(self, self.settings)
        self._emergency.start()

    async def stop(self) -> None:
        """End everything that goes on; what the gate was told stays told.

        Whoever waits in `open` gets an answer at once: nobody knows how it went.
        """
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._interlocks.leave(self)
        self._drive.stop()
        await self._emergency.stop()
        await self._attendant.stop()

    def refusals(self, vehicle_id: str | None) -> tuple[Reason, ...]:
        """Return why a plate may not open the gate now; nothing if it may.

        Args:
            vehicle_id: Whom it would be opened for.

        """
        needs_pulse = self._needs_pulse
        if needs_pulse and self._emergency.holds_blind_gate:
            # It was opened by an alarm, and a further pulse might shut it.
            return (Reason.INTERLOCKED,)
        return self._interlocks.refusals(
            self.settings, vehicle_id, needs_pulse=needs_pulse
        )

    async def open(
        self,
        vehicle_id: str | None = None,
        *,
        by_hand: bool = False,
        here: Callable[[], bool] | None = None,
        refused: Callable[[], tuple[Reason, ...]] | None = None,
    ) -> Opening:
        """Open the gate, unless it is open or was told to open a moment ago.

        Args:
            vehicle_id: Whom it is opened for.
            by_hand: Whether a person wants it, so that no interlock holds.
            here: Tells whether the vehicle is still there, for as long as the gate is
                to be held open for it, and before it is closed.
            refused: Tells what speaks against it by now. It is asked when it is this
                lane's turn, since another one may have had the gate for half a minute.

        Raises:
            GateMissingError: The entity does not exist.
            GateUnavailableError: It cannot be used now, or its action failed.
            GateInterlockedError: A plate may not open it now.
            GateNotMovingError: It was told twice and has not moved.

        """
        async with self._latch.lock:
            if self._drive.is_stopped:
                # The lane has ended while another one had the gate.
                raise GateUnavailableError
            reasons = () if by_hand else self.refusals(vehicle_id)
            if refused is not None:
                reasons = (*reasons, *refused())
            if reasons:
                raise GateInterlockedError(reasons)
            opening = await self._open(by_plate=not by_hand)
            if vehicle_id is not None:
                self._interlocks.let_in(self.settings, vehicle_id)
            self._shared.openings += 1
        if here is not None and not self._drive.is_stopped:
            self._attendant.attend(here, acted=opening.acted)
        return opening

    @property
    def _needs_pulse(self) -> bool:
        if self._sight.opens:
            return False
        if self._latch.is_closing(self._sight.changed):
            return True
        return not (
            self._sight.is_open or self._latch.holds(is_shut=self._sight.is_shut)
        )

    async def _open(self, *, by_plate: bool) -> Opening:
        """Open it, while the latch is locked."""
        target = self._sight.target()
        if self._needs_pulse:
            confirmed = await self._drive.pulse(
                opening_action(target), by_plate=by_plate
            )
            return Opening(acted=True, confirmed=confirmed)
        if self._sight.is_open or self._latch.has_moved:
            return Opening(acted=False, confirmed=True)
        return Opening(acted=False, confirmed=await self._drive.see_it_move())

    async def _open_again(self) -> bool:
        """Open it for a vehicle that is still there; tell whether it was told to."""
        async with self._latch.lock:
            if self._interlocks.refusals_to_reopen(self.settings):
                return False
            try:
                opening = await self._open(by_plate=True)
            except GateError as err:
                self._on_late_failure(err)
                return True
            return opening.acted

    async def _open_in_emergency(self) -> None:
        """Open it whatever else holds.

        Raises:
            GateError: It did not open.

        """
        await self.open(by_hand=True)
        self._on_late_success()

    @callback
    def _home_assistant_stops(self, _: Event) -> None:
        self._unsubscribe = None
        self._drive.stop()
