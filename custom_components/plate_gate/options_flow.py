"""What is behind "Configure": the vehicles on the list, and the site's settings."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .const import CONF_ANTI_PASSBACK, CONF_LOOK_ALIKES, CONF_OCCUPANCY, CONF_STRATEGY
from .recognition import Strategy
from .vault_flow import VaultSteps

SETTINGS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_LOOK_ALIKES, default=False): BooleanSelector(),
        vol.Required(CONF_STRATEGY, default=Strategy.IN_ORDER): SelectSelector(
            SelectSelectorConfig(
                options=list(Strategy),
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_STRATEGY,
            )
        ),
        vol.Optional(CONF_OCCUPANCY): NumberSelector(
            NumberSelectorConfig(min=1, max=9999, step=1, mode=NumberSelectorMode.BOX)
        ),
        vol.Required(CONF_ANTI_PASSBACK, default=False): BooleanSelector(),
    }
)


class SiteOptionsFlow(VaultSteps):
    """Edits the allowlist and the settings of a site."""

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the settings of the site."""
        if user_input is not None:
            if CONF_OCCUPANCY in user_input:
                user_input[CONF_OCCUPANCY] = int(user_input[CONF_OCCUPANCY])
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(
                SETTINGS_SCHEMA, self.config_entry.options
            ),
        )

    async def async_step_done(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Close the dialog."""
        return self.async_create_entry(data=dict(self.config_entry.options))
