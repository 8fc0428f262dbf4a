"""What the tests of the gate share: gates of several kinds, and time that passes."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.button import ButtonEntity
from homeassistant.components.lock import LockEntity, LockEntityFeature
from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_fire_time_changed_exact

from custom_components.plate_gate.errors import GateError
from custom_components.plate_gate.gate import Gate, GateSettings
from tests.common import GATE

CONFIRM_SECONDS: Final = 15.0
"""What `GateSettings.confirm_seconds` is by default."""


class GateLock(LockEntity):
    """A lock, with or without a latch to open."""

    _attr_should_poll = False
    _attr_name = "Gate"
    _attr_is_locked = True

    def __init__(self, features: LockEntityFeature) -> None:
        """Say what it can do."""
        self._attr_supported_features = features
        self.actions: list[str] = []

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        """Unlock."""
        self.actions.append("unlock")
        self._attr_is_locked = False
        self.async_write_ha_state()

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        """Lock."""
        self.actions.append("lock")
        self.become(locked=True)

    @override
    async def async_open(self, **kwargs: Any) -> None:
        """Open the latch."""
        self.actions.append("open")

    def become(self, *, locked: bool = False, open: bool = False) -> None:
        """Say that it has moved."""
        self._attr_is_locked = locked
        self._attr_is_open = open
        self.async_write_ha_state()


class GateSwitch(SwitchEntity):
    """A relay."""

    _attr_should_poll = False
    _attr_name = "Gate"
    _attr_is_on = False
    turned_on = 0

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on."""
        self.turned_on += 1
        self._attr_is_on = True
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off, as a relay does by itself after a pulse."""
        self._attr_is_on = False
        self.async_write_ha_state()


class GateButton(ButtonEntity):
    """A pulse.

    Attributes:
        pressed: How many it gave.
        failure: Raised instead of giving one, if any.
        hold: While it is cleared, the action does not end.

    """

    _attr_should_poll = False
    _attr_name = "Gate"

    def __init__(self) -> None:
        """Begin unpressed."""
        self.pressed = 0
        self.failure: BaseException | None = None
        self.hold = asyncio.Event()
        self.hold.set()

    @override
    async def async_press(self) -> None:
        """Count."""
        self.pressed += 1
        await self.hold.wait()
        if self.failure is not None:
            raise self.failure


def no_late_failure(error: GateError) -> None:
    """Fail: nothing was to fail late."""
    raise AssertionError("A late failure was reported")


def gate_of(
    hass: HomeAssistant,
    entity_id: str = GATE,
    *,
    on_late_failure: Callable[[GateError], None] = no_late_failure,
    on_late_success: Callable[[], None] | None = None,
    patience: float = 2.0,
    **settings: Any,
) -> Gate:
    """Return a gate for which nobody wishes a pause, unless the settings say so."""
    return Gate(
        hass,
        GateSettings(
            **{
                "entity_id": entity_id,
                "cool_down": 0.0,
                "vehicle_cool_down": 0.0,
                **settings,
            }
        ),
        on_late_failure=on_late_failure,
        on_late_success=on_late_success,
        patience=patience,
    )


async def settle() -> None:
    """Let everything happen that needs no time to pass."""
    for _ in range(50):
        await asyncio.sleep(0)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass, and everything happen that waits for it."""
    freezer.tick(seconds)
    async_fire_time_changed_exact(hass)
    await settle()


async def begin[ResultT](
    hass: HomeAssistant, doing: Coroutine[Any, Any, ResultT]
) -> asyncio.Task[ResultT]:
    """Let something begin that goes on while time passes."""
    task = hass.loop.create_task(doing)
    await settle()
    return task


class Scripted:
    """Counts what template entities are told, and lets a test say how they stand."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with nothing told."""
        self._hass = hass
        self.told: list[str] = []
        self.on_open: Callable[[], None] = lambda: None

    @callback
    def hear(self, what: str) -> None:
        """Note an action."""
        self.told.append(what)
        if what == "open":
            self.on_open()

    @property
    def pulses(self) -> int:
        """How often it was told to open."""
        return self.told.count("open")

    def stands(self, state: str | None) -> None:
        """Say how the gate stands; None removes what tells it."""
        if state is None:
            self._hass.states.async_remove("input_text.gate")
        else:
            self._hass.states.async_set("input_text.gate", state)


async def template_gate(hass: HomeAssistant, domain: str, **options: Any) -> Scripted:
    """Set up a real template cover, lock or switch that does as a test says.

    The template's actions call actions of the test, and its state is what the test
    says. The entity is named `<domain>.gate`.
    """
    gate = Scripted(hass)
    for what in ("open", "close"):

        async def hear(_: Any, what: str = what) -> None:
            gate.hear(what)

        hass.services.async_register("test", what, hear)

    actions = {
        "cover": {"open_cover": "open", "close_cover": "close"},
        "lock": {"unlock": "open", "lock": "close"},
        "switch": {"turn_on": "open", "turn_off": "close"},
    }[domain]
    gate.stands({"cover": "closed", "lock": "locked", "switch": "off"}[domain])
    config = {
        "name": "gate",
        "state": "{{ states('input_text.gate') }}",
        "availability": "{{ states('input_text.gate') != 'unavailable' }}",
        **{action: [{"action": f"test.{what}"}] for action, what in actions.items()},
        **options,
    }
    assert await async_setup_component(hass, "template", {"template": {domain: config}})
    await hass.async_block_till_done()
    assert hass.states.get(f"{domain}.gate") is not None
    return gate
