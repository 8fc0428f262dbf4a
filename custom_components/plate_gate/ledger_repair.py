"""The form that begins to count anew."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
import voluptuous as vol

from .errors import AllowlistNotSavedError
from .messages import error_key
from .site import PlateGateConfigEntry


class LedgerRepairFlow(RepairsFlow):
    """Lets a person give up what was counted and cannot be read."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Take the site that the issue names."""
        self._entry_id: str = data["entry_id"]

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_begin_anew()

    async def async_step_begin_anew(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, and then begin at nothing."""
        errors: dict[str, str] = {}
        entry: PlateGateConfigEntry | None
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="site_not_loaded")
        if user_input is not None:
            try:
                await entry.runtime_data.ledger.reset()
            except AllowlistNotSavedError as err:
                errors["base"] = error_key(err)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="begin_anew", data_schema=vol.Schema({}), errors=errors
        )
