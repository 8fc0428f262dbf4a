"""Fixes what a person can fix in a form."""

from typing import Any

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .backend_schemas import TOKEN_SCHEMA
from .backends import async_check_backend
from .capture import CameraSettings, async_grab_frame
from .errors import BackendError, CameraError
from .issues import (
    ISSUE_BACKEND_AUTH,
    ISSUE_CAMERA_AUTH,
    ISSUE_LEDGER_DAMAGED,
    issue_kind,
)
from .lane_repairs import LANE_FLOWS
from .ledger_repair import LedgerRepairFlow
from .messages import error_key
from .vault_repairs import VAULT_FLOWS

CREDENTIALS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): TextSelector(
            TextSelectorConfig(autocomplete="username")
        ),
        vol.Required(CONF_PASSWORD): TextSelector(
            TextSelectorConfig(
                type=TextSelectorType.PASSWORD, autocomplete="current-password"
            )
        ),
    }
)


class CameraAuthRepairFlow(RepairsFlow):
    """Asks for the camera's new password and tries it."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Take the lane that the issue names."""
        self._entry_id: str = data["entry_id"]
        self._subentry_id: str = data["subentry_id"]
        self._lane: str = data["lane"]

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_credentials()

    async def async_step_credentials(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask until the camera gives a picture."""
        errors: dict[str, str] = {}
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or self._subentry_id not in entry.subentries:
            return self.async_abort(reason="lane_removed")
        subentry = entry.subentries[self._subentry_id]
        if user_input is not None:
            data = {**subentry.data, **user_input}
            try:
                await async_grab_frame(self.hass, CameraSettings.from_data(data))
            except CameraError as err:
                errors["base"] = error_key(err)
            else:
                self.hass.config_entries.async_update_subentry(
                    entry, subentry, data=data
                )
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="credentials",
            data_schema=self.add_suggested_values_to_schema(
                CREDENTIALS_SCHEMA,
                {CONF_USERNAME: subentry.data.get(CONF_USERNAME)},
            ),
            errors=errors,
            description_placeholders={"lane": self._lane},
        )


class BackendAuthRepairFlow(RepairsFlow):
    """Asks for the new token of a further backend and tries it."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Take the backend that the issue names."""
        self._entry_id: str = data["entry_id"]
        self._subentry_id: str = data["subentry_id"]
        self._backend: str = data["backend"]

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_token()

    async def async_step_token(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask until the backend takes it."""
        errors: dict[str, str] = {}
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or self._subentry_id not in entry.subentries:
            return self.async_abort(reason="backend_removed")
        subentry = entry.subentries[self._subentry_id]
        if user_input is not None:
            data = {**subentry.data, CONF_TOKEN: user_input[CONF_TOKEN]}
            try:
                await async_check_backend(self.hass, data)
            except BackendError as err:
                errors["base"] = error_key(err)
            else:
                self.hass.config_entries.async_update_subentry(
                    entry, subentry, data=data
                )
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="token",
            data_schema=TOKEN_SCHEMA,
            errors=errors,
            description_placeholders={"backend": self._backend},
        )


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the form of an issue."""
    if data is not None:
        kind = issue_kind(issue_id)
        if kind == ISSUE_BACKEND_AUTH:
            return BackendAuthRepairFlow(data)
        if kind == ISSUE_CAMERA_AUTH:
            return CameraAuthRepairFlow(data)
        if kind in LANE_FLOWS:
            return LANE_FLOWS[kind](data)
        if kind == ISSUE_LEDGER_DAMAGED:
            return LedgerRepairFlow(data)
        if kind in VAULT_FLOWS:
            return VAULT_FLOWS[kind](data)
    return ConfirmRepairFlow()
