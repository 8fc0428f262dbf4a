"""Adds or changes a lane: its camera, the gate that it opens, and what it looks at."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, override

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import (
    CONF_NAME,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import callback

from .capture import CameraSettings, Region, async_grab_frame
from .const import (
    CONF_CAMERA_ENTITY,
    CONF_EXCLUSIONS,
    CONF_FPS,
    CONF_REGION,
    CONF_TRANSPORT,
    CONF_TRUST_STAMPS,
    SUBENTRY_LANE,
)
from .errors import CameraError, CameraPictureError, RegionError
from .lane_explain_flow import ExplainSteps
from .lane_preview import draw_preview
from .lane_rights_flow import RightsSteps
from .lane_schemas import (
    ADDRESS_SCHEMA,
    CAMERA_KEYS,
    ENTITY_SCHEMA,
    GATE_KEYS,
    GATE_SCHEMA,
    SECTION_ADVANCED,
    WATCH_KEYS,
    WATCH_SCHEMA,
)
from .messages import error_key
from .views import async_drop_preview, async_keep_preview


class LaneFlow(RightsSteps, ExplainSteps):
    """Adds or changes a lane."""

    def __init__(self) -> None:
        """Begin with the whole picture."""
        super().__init__()
        self._shown = Region()
        """What is drawn into the picture."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose how to reach the camera."""
        return self.async_show_menu(step_id="user", menu_options=["entity", "address"])

    @override
    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=[
                "gate",
                "rights",
                "safety",
                "watch",
                "entity",
                "address",
                "explain",
            ],
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
            self._title = user_input[CONF_NAME].strip()
            if self._title:
                self._choose_gate({key: user_input[key] for key in GATE_KEYS})
                if self._asks_for_rights():
                    return await self.async_step_rights()
                return await self._after_rights()
            errors = {"base": "name_empty"}
        return self.async_show_form(
            step_id="gate",
            data_schema=self.add_suggested_values_to_schema(
                GATE_SCHEMA,
                user_input or self._current() or {CONF_NAME: self._suggested_name()},
            ),
            errors=errors,
            description_placeholders={"preview": await self._preview(Region())},
        )

    @override
    async def async_step_watch(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what of the camera is looked at, and when.

        Nobody can tell from numbers which part of a picture they mean. So a region that
        was changed is shown before it is kept.
        """
        if user_input is None and self._frame is None:
            await self._look()
        values = self._current() if user_input is None else user_input
        region, errors = _read_region(values)
        if user_input is not None and not errors:
            if self._frame is None or region == self._shown:
                self._choose(WATCH_KEYS, _watch_data(user_input, region))
                return self._finish()
        if not errors:
            self._shown = region
        return self.async_show_form(
            step_id="watch",
            data_schema=self.add_suggested_values_to_schema(WATCH_SCHEMA, values),
            errors=errors,
            description_placeholders={"preview": await self._preview(self._shown)},
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
            chosen = settings.as_data()
            # How often it is looked at is asked for later, and no matter of the camera.
            for key in (CONF_FPS, CONF_TRUST_STAMPS):
                del chosen[key]
            if self._is_used(chosen):
                return {"base": "camera_used"}
            self._frame = await async_grab_frame(self.hass, settings)
        except CameraError as err:
            return {"base": error_key(err)}
        self._choose(CAMERA_KEYS, chosen)
        return {}

    async def _look(self) -> None:
        """Take a live frame of the lane's camera, if there is one to be had."""
        with suppress(CameraError):
            settings = CameraSettings.from_data(self._stored())
            self._frame = await async_grab_frame(self.hass, settings)

    async def _preview(self, region: Region) -> str:
        """Return the picture that was taken, in Markdown; empty if there is none."""
        if self._frame is None:
            return ""
        jpeg = self._frame.jpeg
        if not region.is_whole:
            try:
                jpeg = await self.hass.async_add_executor_job(
                    draw_preview, jpeg, region
                )
            except CameraPictureError:
                return ""
        return f"![]({async_keep_preview(self.hass, self.flow_id, jpeg)})"

    def _is_used(self, camera: Mapping[str, Any]) -> bool:
        """Tell whether another lane has the same camera."""
        mine = self._reconfigure_subentry_id if self._is_reconfigure else None
        return any(
            subentry.data.get(key) == camera[key]
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_LANE)
            if subentry.subentry_id != mine
            for key in (CONF_CAMERA_ENTITY, CONF_URL)
            if camera.get(key)
        )

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
        known = self._stored()
        if any(typed.get(k) != known.get(k) for k in (CONF_URL, CONF_USERNAME)):
            return typed
        return {**typed, CONF_PASSWORD: known.get(CONF_PASSWORD)}

    def _suggested_name(self) -> str:
        entity_id = self._future(CONF_CAMERA_ENTITY)
        state = self.hass.states.get(entity_id) if entity_id else None
        return state.name if state else ""


def _read_region(values: Mapping[str, Any]) -> tuple[Region, dict[str, str]]:
    """Read what is typed of a region; return the form's errors beside it."""
    field = CONF_REGION
    typed = values.get(CONF_REGION, "")
    try:
        region = Region.from_text(typed, ())
        field = CONF_EXCLUSIONS
        region = Region.from_text(typed, values.get(CONF_EXCLUSIONS, ()))
    except RegionError as err:
        return Region(), {field: error_key(err)}
    return region, {}


def _watch_data(typed: Mapping[str, Any], region: Region) -> dict[str, Any]:
    """Return what is stored of the form; what is empty is left out."""
    text, exclusions = region.as_text()
    data = {**typed, CONF_REGION: text, CONF_EXCLUSIONS: exclusions}
    return {key: value for key, value in data.items() if value not in ("", [])}
