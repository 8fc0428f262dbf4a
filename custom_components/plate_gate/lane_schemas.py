"""The forms in which a lane is described."""

from typing import Final

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.const import (
    CONF_NAME,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    UnitOfTime,
)
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
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .capture.settings import DEFAULT_FPS
from .capture.watch import DEFAULT_SENSITIVITY, DEFAULT_TRIGGER_SECONDS
from .const import (
    CONF_CAMERA_ENTITY,
    CONF_DIRECTION,
    CONF_EXCLUSIONS,
    CONF_FPS,
    CONF_GATE_ENTITY,
    CONF_REGION,
    CONF_SENSITIVITY,
    CONF_TRANSPORT,
    CONF_TRIGGER_ENTITY,
    CONF_TRIGGER_SECONDS,
    CONF_TRUST_STAMPS,
    DIRECTIONS,
    SENSITIVITIES,
)
from .gate import GATE_DOMAINS

SECTION_ADVANCED: Final = "advanced"

TRIGGER_DOMAINS: Final = ("binary_sensor", "input_boolean", "switch")

ENTITY_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CAMERA_ENTITY): EntitySelector(
            EntitySelectorConfig(domain=CAMERA_DOMAIN)
        )
    }
)
ADDRESS_SCHEMA = vol.Schema(
    {
        # Not of type "url", because browsers refuse rtsp:// there.
        vol.Required(CONF_URL): TextSelector(),
        vol.Optional(CONF_USERNAME): TextSelector(
            TextSelectorConfig(autocomplete="username")
        ),
        vol.Optional(CONF_PASSWORD): TextSelector(
            TextSelectorConfig(
                type=TextSelectorType.PASSWORD, autocomplete="current-password"
            )
        ),
        vol.Required(SECTION_ADVANCED): section(
            vol.Schema(
                {
                    vol.Required(CONF_TRANSPORT, default="tcp"): SelectSelector(
                        SelectSelectorConfig(
                            options=["tcp", "udp"],
                            mode=SelectSelectorMode.DROPDOWN,
                            translation_key=CONF_TRANSPORT,
                        )
                    ),
                    vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
                }
            ),
            {"collapsed": True},
        ),
    }
)
GATE_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_GATE_ENTITY): EntitySelector(
            EntitySelectorConfig(domain=list(GATE_DOMAINS))
        ),
        vol.Required(CONF_DIRECTION, default=DIRECTIONS[0]): SelectSelector(
            SelectSelectorConfig(
                options=list(DIRECTIONS),
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_DIRECTION,
            )
        ),
    }
)
WATCH_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_REGION): TextSelector(),
        vol.Optional(CONF_EXCLUSIONS): TextSelector(TextSelectorConfig(multiple=True)),
        vol.Required(CONF_SENSITIVITY, default=DEFAULT_SENSITIVITY): SelectSelector(
            SelectSelectorConfig(
                options=list(SENSITIVITIES),
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_SENSITIVITY,
            )
        ),
        vol.Required(CONF_FPS, default=DEFAULT_FPS): NumberSelector(
            NumberSelectorConfig(
                min=1,
                max=15,
                step=1,
                unit_of_measurement="fps",
                mode=NumberSelectorMode.SLIDER,
            )
        ),
        vol.Optional(CONF_TRIGGER_ENTITY): EntitySelector(
            EntitySelectorConfig(domain=list(TRIGGER_DOMAINS))
        ),
        vol.Required(
            CONF_TRIGGER_SECONDS, default=DEFAULT_TRIGGER_SECONDS
        ): NumberSelector(
            NumberSelectorConfig(
                min=5,
                max=600,
                step=1,
                unit_of_measurement=UnitOfTime.SECONDS,
                mode=NumberSelectorMode.BOX,
            )
        ),
        vol.Required(CONF_TRUST_STAMPS, default=True): BooleanSelector(),
    }
)

CAMERA_KEYS: Final = (
    CONF_CAMERA_ENTITY,
    CONF_URL,
    CONF_USERNAME,
    CONF_PASSWORD,
    CONF_TRANSPORT,
    CONF_VERIFY_SSL,
)
"""What belongs to one camera, and goes with it."""

GATE_KEYS: Final = (CONF_GATE_ENTITY, CONF_DIRECTION)
"""What is chosen of the gate, besides the lane's name."""

WATCH_KEYS: Final = tuple(str(key) for key in WATCH_SCHEMA.schema)
"""What is chosen in view of the picture, and outlives a change of the camera."""
