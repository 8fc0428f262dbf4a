"""Adds a site: chooses and tests the recognizer, then goes on to the first lane."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.const import CONF_URL
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from .backend_flow import BackendFlow, is_among
from .backend_schemas import FORMS, TOKEN_SCHEMA
from .backends import backends_of
from .const import CONF_BACKEND, DOMAIN, SUBENTRY_BACKEND, SUBENTRY_LANE
from .discovery_flow import DiscoverySteps
from .lane_flow import LaneFlow
from .options_flow import SiteOptionsFlow

TITLE: Final = "Plate Gate"


class PlateGateConfigFlow(DiscoverySteps, domain=DOMAIN):
    """Adds or changes a site."""

    VERSION = 1
    MINOR_VERSION = 1

    forms = FORMS

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
        return {SUBENTRY_LANE: LaneFlow, SUBENTRY_BACKEND: BackendFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the recognizer."""
        return await self._choose("user")

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose another recognizer."""
        return await self._choose("reconfigure")

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
            step_id="reauth_confirm", data_schema=TOKEN_SCHEMA, errors=errors
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

    @override
    def _is_offered(self, kind: str) -> bool:
        return not is_among(self._own_further(), {CONF_BACKEND: kind})

    @override
    def _current(self) -> Mapping[str, Any]:
        if self.source != SOURCE_RECONFIGURE:
            return {}
        return self._get_reconfigure_entry().data

    @override
    def _abort_if_used(self, data: Mapping[str, Any]) -> None:
        key = CONF_URL if CONF_URL in data else CONF_BACKEND
        # No two sites begin with the same one; but one may stand in at several.
        self._async_abort_entries_match({key: data[key]})
        if is_among(self._own_further(), data):
            raise AbortFlow("already_configured")

    @override
    async def _save(self, name: str, data: dict[str, Any]) -> ConfigFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            return self._change(self._get_reconfigure_entry(), data)
        return self._begin_site(data)

    @override
    def _begin_site(self, data: dict[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(title=TITLE, data=data)

    def _own_further(self) -> list[Mapping[str, Any]]:
        """Return the further backends of the site that is changed."""
        if self.source != SOURCE_RECONFIGURE:
            return []
        entry = self._get_reconfigure_entry()
        backends = backends_of(entry)
        return [data for key, data in backends.items() if key != entry.entry_id]

    def _change(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        # Only a site that is loaded listens to changes.
        listens = entry.state is ConfigEntryState.LOADED
        is_same = data.get(CONF_URL) == entry.data.get(CONF_URL)
        result = self.async_update_and_abort(
            entry,
            data=data,
            # What announced itself there is not what is used from now on.
            unique_id=entry.unique_id if is_same else None,
        )
        if not listens:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result
