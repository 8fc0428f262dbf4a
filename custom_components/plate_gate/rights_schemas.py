"""The forms that say what a lane asks for before it opens, and what holds the gate."""

from typing import Any, Final

from homeassistant.const import UnitOfTime
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .const import (
    CONF_AGREEING_FRAMES,
    CONF_ASSURANCE,
    CONF_ASSURANCE_REASON,
    CONF_CLOSE_AFTER,
    CONF_CONFIRM_ENTITY,
    CONF_CONFIRM_SECONDS,
    CONF_COOL_DOWN,
    CONF_HOLD_OPEN,
    CONF_MINIMUM_CONFIDENCE,
    CONF_MOVEMENT,
    CONF_OBSTRUCTION_ENTITY,
    CONF_OPENS_WHEN,
    CONF_PER_MINUTE,
    CONF_PRESENCE,
    CONF_PROFILE,
    CONF_RELATIVE,
    CONF_SINGLE_FRAME,
    CONF_STAYS_CLOSED,
    CONF_TRIAL,
    CONF_VEHICLE_COOL_DOWN,
    MOVEMENTS,
)
from .decision.policy import Policy, Profile
from .gate.presence import PRESENCE_DOMAINS
from .gate.settings import GateSettings
from .models import Assurance

SECTION_NUMBERS: Final = "numbers"
SECTION_PAUSES: Final = "pauses"
SECTION_CLOSING: Final = "closing"

STAYS_CLOSED_DOMAINS: Final = (
    "alarm_control_panel",
    "binary_sensor",
    "input_boolean",
    "lock",
    "switch",
)
OPENS_WHEN_DOMAINS: Final = ("alarm_control_panel", "binary_sensor", "input_boolean")
CLOSABLE_DOMAINS: Final = ("cover", "lock", "switch", "input_boolean")
"""The kinds of gate that can be told to close; a button, a script or a scene cannot."""

_NUMBERS = Policy.of(Profile.BALANCED)
_GATE = GateSettings(entity_id="")


def _choice(key: str, options: list[str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=options, mode=SelectSelectorMode.DROPDOWN, translation_key=key
        )
    )


def _slider(low: float, high: float, step: float) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=low, max=high, step=step, mode=NumberSelectorMode.SLIDER
        )
    )


def _seconds(low: int, high: int) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=low,
            max=high,
            step=1,
            unit_of_measurement=UnitOfTime.SECONDS,
            mode=NumberSelectorMode.BOX,
        )
    )


def _entities(domains: tuple[str, ...]) -> EntitySelector:
    return EntitySelector(EntitySelectorConfig(domain=list(domains), multiple=True))


_CUSTOM: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_AGREEING_FRAMES, default=_NUMBERS.agreeing_frames): _slider(
        1, 5, 1
    ),
    vol.Required(CONF_MINIMUM_CONFIDENCE, default=_NUMBERS.minimum_confidence): _slider(
        0.1, 1, 0.01
    ),
    vol.Required(CONF_RELATIVE, default=_NUMBERS.relative): _slider(-6, -0.1, 0.1),
    vol.Required(CONF_SINGLE_FRAME, default=True): BooleanSelector(),
}
RIGHTS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_ASSURANCE, default=Assurance.PLATE.value): _choice(
            CONF_ASSURANCE, [level.value for level in Assurance]
        ),
        vol.Optional(CONF_PRESENCE): _entities(PRESENCE_DOMAINS),
        vol.Optional(CONF_ASSURANCE_REASON): TextSelector(),
        vol.Required(CONF_PROFILE, default=Profile.BALANCED.value): _choice(
            CONF_PROFILE, [profile.value for profile in Profile]
        ),
        vol.Required(CONF_MOVEMENT, default=MOVEMENTS[0]): _choice(
            CONF_MOVEMENT, list(MOVEMENTS)
        ),
        vol.Required(CONF_TRIAL, default=False): BooleanSelector(),
        vol.Required(SECTION_NUMBERS): section(
            vol.Schema(_CUSTOM), {"collapsed": True}
        ),
    }
)
SAFETY_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_CONFIRM_ENTITY): EntitySelector(
            # Of any device class: many a contact at a gate has none.
            EntitySelectorConfig(domain=["binary_sensor", "cover"])
        ),
        vol.Optional(CONF_STAYS_CLOSED): _entities(STAYS_CLOSED_DOMAINS),
        vol.Optional(CONF_OPENS_WHEN): _entities(OPENS_WHEN_DOMAINS),
        vol.Required(SECTION_PAUSES): section(
            vol.Schema(
                {
                    vol.Required(
                        CONF_CONFIRM_SECONDS, default=_GATE.confirm_seconds
                    ): _seconds(2, 60),
                    vol.Required(CONF_COOL_DOWN, default=_GATE.cool_down): _seconds(
                        0, 300
                    ),
                    vol.Required(
                        CONF_VEHICLE_COOL_DOWN, default=_GATE.vehicle_cool_down
                    ): _seconds(0, 3600),
                    vol.Required(
                        CONF_PER_MINUTE, default=_GATE.per_minute
                    ): NumberSelector(
                        NumberSelectorConfig(
                            min=1, max=60, step=1, mode=NumberSelectorMode.BOX
                        )
                    ),
                }
            ),
            {"collapsed": True},
        ),
        vol.Required(SECTION_CLOSING): section(
            vol.Schema(
                {
                    vol.Required(
                        CONF_HOLD_OPEN, default=_GATE.hold_open
                    ): BooleanSelector(),
                    vol.Optional(CONF_CLOSE_AFTER): _seconds(1, 3600),
                    vol.Optional(CONF_OBSTRUCTION_ENTITY): EntitySelector(
                        EntitySelectorConfig(domain="binary_sensor")
                    ),
                }
            ),
            {"collapsed": True},
        ),
    }
)

NUMBERS_KEYS: Final = tuple(str(key) for key in _CUSTOM)
"""What only a profile of one's own needs."""
