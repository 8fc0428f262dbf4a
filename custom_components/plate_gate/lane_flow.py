"""Adds or changes a lane: its camera, seen live, and the gate that it opens."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.camera import DOMAIN as CAMERA_DOMAIN
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import (
    CONF_NAME,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .capture import CameraSettings, async_grab_frame
from .const import (
    CONF_CAMERA_ENTITY,
    CONF_DIRECTION,
    CONF_GATE_ENTITY,
    CONF_TRANSPORT,
    DIRECTIONS,
    SUBENTRY_LANE,
)
from .errors import CameraError
from .gate import GATE_DOMAINS
from .messages import error_key
from .models import Frame
from .views import async_drop_preview, async_keep_preview

SECTION_ADVANCED: Final = "advanced"

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

_CAMERA_KEYS = (
    CONF_CAMERA_ENTITY,
    CONF_URL,
    CONF_USERNAME,
    CONF_PASSWORD,
    CONF_TRANSPORT,
    CONF_VERIFY_SSL,
)


class LaneFlow(ConfigSubentryFlow):
    """Adds or changes a lane."""

    def __init__(self) -> None:
        """Begin without a camera."""
        self._camera: dict[str, Any] = {}
        self._frame: Frame | None = None

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose how to reach the camera."""
        return self.async_show_menu(step_id="user", menu_options=["entity", "address"])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["gate", "entity", "address"]
        )

    async def async_step_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take a camera that Home Assistant knows."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._try(user_input)
            if not errors:
                return await self.async_step_gate()
        return self.async_show_form(
            step_id="entity",
            data_schema=self.add_suggested_values_to_schema(
                ENTITY_SCHEMA, user_input or self._current()
            ),
            errors=errors,
        )

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take a camera by its address."""
        errors: dict[str, str] = {}
        if user_input is not None:
            typed = {**user_input, **user_input[SECTION_ADVANCED]}
            typed.pop(SECTION_ADVANCED)
            errors = await self._try(self._with_known_password(typed))
            if not errors:
                return await self.async_step_gate()
        return self.async_show_form(
            step_id="address",
            data_schema=self.add_suggested_values_to_schema(
                ADDRESS_SCHEMA, user_input or self._current_address()
            ),
            errors=errors,
        )

    async def async_step_gate(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what opens, beside the picture that was just taken."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_NAME].strip():
                return self._finish(user_input)
            errors = {"base": "name_empty"}
        preview = ""
        if self._frame is not None:
            path = async_keep_preview(self.hass, self.flow_id, self._frame)
            preview = f"![]({path})"
        return self.async_show_form(
            step_id="gate",
            data_schema=self.add_suggested_values_to_schema(
                GATE_SCHEMA,
                user_input or self._current() or {CONF_NAME: self._suggested_name()},
            ),
            errors=errors,
            description_placeholders={"preview": preview},
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Forget the picture with the flow."""
        async_drop_preview(self.hass, self.flow_id)

    async def _try(self, camera: Mapping[str, Any]) -> dict[str, str]:
        """Take one live frame; return the form's errors."""
        try:
            settings = CameraSettings.from_data(camera)
            self._camera = settings.as_data()
            if self._is_used():
                return {"base": "camera_used"}
            self._frame = await async_grab_frame(self.hass, settings)
        except CameraError as err:
            return {"base": error_key(err)}
        return {}

    def _is_used(self) -> bool:
        """Tell whether another lane has the same camera."""
        mine = self._reconfigure_subentry_id if self._is_reconfigure else None
        return any(
            subentry.data.get(key) == self._camera[key]
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_LANE)
            if subentry.subentry_id != mine
            for key in (CONF_CAMERA_ENTITY, CONF_URL)
            if self._camera.get(key)
        )

    @property
    def _is_reconfigure(self) -> bool:
        return self.source == SOURCE_RECONFIGURE

    def _current(self) -> dict[str, Any]:
        """Return what the lane has now, without its password."""
        if not self._is_reconfigure:
            return {}
        subentry = self._get_reconfigure_subentry()
        shown = {k: v for k, v in subentry.data.items() if k != CONF_PASSWORD}
        return {**shown, CONF_NAME: subentry.title}

    def _current_address(self) -> dict[str, Any]:
        current = self._current()
        advanced = {
            key: current.pop(key)
            for key in (CONF_TRANSPORT, CONF_VERIFY_SSL)
            if key in current
        }
        return {**current, SECTION_ADVANCED: advanced} if advanced else current

    def _with_known_password(self, typed: dict[str, Any]) -> dict[str, Any]:
        """Keep the password where only something else of the same camera changes."""
        if not self._is_reconfigure or typed.get(CONF_PASSWORD):
            return typed
        known = self._get_reconfigure_subentry().data
        if any(typed.get(k) != known.get(k) for k in (CONF_URL, CONF_USERNAME)):
            return typed
        return {**typed, CONF_PASSWORD: known.get(CONF_PASSWORD)}

    def _suggested_name(self) -> str:
        entity_id = self._camera.get(CONF_CAMERA_ENTITY)
        state = self.hass.states.get(entity_id) if entity_id else None
        return state.name if state else ""

    def _finish(self, user_input: dict[str, Any]) -> SubentryFlowResult:
        title = user_input.pop(CONF_NAME).strip()
        if self._is_reconfigure:
            subentry = self._get_reconfigure_subentry()
            data = {**subentry.data, **user_input}
            if self._camera:
                data = {k: v for k, v in data.items() if k not in _CAMERA_KEYS}
                data.update(self._camera)
            return self.async_update_and_abort(
                self._get_entry(), subentry, title=title, data=data
            )
        return self.async_create_entry(title=title, data={**self._camera, **user_input})
