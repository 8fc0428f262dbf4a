"""Adds a site: chooses and tests the recognizer, then goes on to the first lane."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import (
    BACKEND_BUILT_IN,
    BACKEND_CODEPROJECT,
    CONF_BACKEND,
    DOMAIN,
    SUBENTRY_LANE,
)
from .errors import BackendError
from .lane_flow import LaneFlow
from .messages import error_key
from .options_flow import SiteOptionsFlow
from .recognition import built_in_available
from .site import create_backend

TITLE: Final = "Plate Gate"
DEFAULT_URL: Final = "http://localhost:32168"

_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))

CODEPROJECT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
        ),
        vol.Optional(CONF_TOKEN): _PASSWORD,
        vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
    }
)
REAUTH_SCHEMA = vol.Schema({vol.Required(CONF_TOKEN): _PASSWORD})


class PlateGateConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds or changes a site."""

    VERSION = 1
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow behind "Configure"."""
        return SiteOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to a site."""
        return {SUBENTRY_LANE: LaneFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the recognizer, where there is a choice."""
        return await self._choose("user")

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose another recognizer."""
        return await self._choose("reconfigure")

    async def _choose(self, step_id: str) -> ConfigFlowResult:
        if await self.hass.async_add_executor_job(built_in_available):
            return self.async_show_menu(
                step_id=step_id, menu_options=[BACKEND_BUILT_IN, BACKEND_CODEPROJECT]
            )
        return await self.async_step_codeproject()

    async def async_step_built_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Start the built-in recognizer once, to see whether it works here."""
        data = {CONF_BACKEND: BACKEND_BUILT_IN}
        self._async_abort_if_used(data)
        if errors := await self._try(data):
            return self.async_show_form(
                step_id=BACKEND_BUILT_IN, data_schema=vol.Schema({}), errors=errors
            )
        return self._finish(data)

    async def async_step_codeproject(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address of a recognizer and try it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            url = user_input[CONF_URL].strip().rstrip("/")
            data = {**user_input, CONF_URL: url, CONF_BACKEND: BACKEND_CODEPROJECT}
            self._async_abort_if_used({CONF_URL: url})
            if _has_credentials(url):
                # An address is shown again when it is changed; a token is not.
                errors = {"base": "url_credentials"}
            else:
                errors = await self._try(data)
            if not errors:
                return self._finish(data)
        suggested: Mapping[str, Any] = user_input or {CONF_URL: DEFAULT_URL}
        if user_input is None and self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            suggested = {
                key: value for key, value in entry.data.items() if key != CONF_TOKEN
            }
        return self.async_show_form(
            step_id=BACKEND_CODEPROJECT,
            data_schema=self.add_suggested_values_to_schema(
                CODEPROJECT_SCHEMA, suggested
            ),
            errors=errors,
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin when the recognizer refuses the token."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the new token and try it."""
        errors: dict[str, str] = {}
        entry = self._get_reauth_entry()
        if user_input is not None:
            errors = await self._try({**entry.data, **user_input})
            if not errors:
                return self._change(entry, {**entry.data, **user_input})
        return self.async_show_form(
            step_id="reauth_confirm", data_schema=REAUTH_SCHEMA, errors=errors
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on to the first lane: a site without one does nothing."""
        lane = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_LANE),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, lane["flow_id"])
        return result

    async def _try(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Start and ask the recognizer; return the form's errors."""
        try:
            backend = create_backend(self.hass, data)
            try:
                await backend.start()
                await backend.check()
            finally:
                await backend.stop()
        except BackendError as err:
            return {"base": error_key(err)}
        return {}

    def _async_abort_if_used(self, match: dict[str, Any]) -> None:
        """Refuse a second site with the same recognizer."""
        if self.source == SOURCE_RECONFIGURE:
            current = self._get_reconfigure_entry().data
            if all(current.get(key) == value for key, value in match.items()):
                return
        self._async_abort_entries_match(match)

    def _finish(self, data: dict[str, Any]) -> ConfigFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self._change(self._get_reconfigure_entry(), data)
        return self.async_create_entry(title=TITLE, data=data)

    def _change(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        # Only a site that is loaded listens to changes.
        listens = entry.state is ConfigEntryState.LOADED
        result = self.async_update_and_abort(entry, data=data)
        if not listens:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result


def _has_credentials(url: str) -> bool:
    """Tell whether there is a user name or a password in an address."""
    return "@" in url.partition("://")[2].partition("/")[0]
