"""Offers to use a recognizer that Home Assistant was told of."""

from abc import abstractmethod
import asyncio
from collections.abc import Sequence
from itertools import compress
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentry,
)
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import voluptuous as vol
from yarl import URL

from .backend_flow import BackendSteps
from .backend_schemas import ACCESS_SCHEMA
from .backends import async_backend_name
from .const import BACKEND_CODEPROJECT, CONF_BACKEND, SUBENTRY_BACKEND
from .discovery import Announcement, Place, async_places
from .errors import BackendAuthError
from .messages import error_key

FIELD_SITE: Final = "site"


class DiscoverySteps(
    BackendSteps[ConfigFlowContext, ConfigFlowResult, str], ConfigFlow
):
    """Makes a site with a discovered recognizer, or adds it to one.

    Our own recognizer speaks as CodeProject.AI does.
    """

    _found: Announcement
    _site: ConfigEntry | None = None
    """What it is added to; None if it begins a site."""
    _left: Sequence[Place] = ()
    """Where it is known but, as it seems, is no more."""

    @override
    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Look at what has announced itself.

        Anyone in the network can announce anything, and who is believed gets pictures
        and tokens, and opens the gate. So nothing is done about it without a person.
        """
        found = Announcement.from_service(discovery_info)
        if found is None:
            return self.async_abort(reason="not_usable")
        self._found = found
        self.context["title_placeholders"] = {"host": found.host}
        self._left = await self._silent(
            [p for p in async_places(self.hass, found) if p.is_left_by(found)]
        )
        if self._left:
            # Not the recognizer's own id: what Home Assistant shall ignore under that
            # takes the place of the site. And only this one address is ignored.
            address = URL(found.url).authority
            await self.async_set_unique_id(f"{found.recognizer_id}@{address}")
            self._abort_if_unique_id_configured()
            return await self.async_step_moved()
        await self.async_set_unique_id(found.recognizer_id)
        self._abort_if_known()
        return await self._offer()

    @override
    async def async_step_hassio(
        self, discovery_info: HassioServiceInfo
    ) -> ConfigFlowResult:
        """Look at what an app of Home Assistant has had the Supervisor tell.

        What the Supervisor says of an app that is in use is believed.
        """
        found = Announcement.from_app(discovery_info)
        if found is None:
            return self.async_abort(reason="not_usable")
        self._found = found
        self.context["title_placeholders"] = {"host": found.host}
        self._withdraw_older_offer()
        await self.async_set_unique_id(found.recognizer_id)
        told = {CONF_URL: found.url, **(found.access or {})}
        for place in async_places(self.hass, found):
            if place.unique_id == found.recognizer_id:
                data = {key: place.data[key] for key in place.data if key != CONF_TOKEN}
                place.async_change(self.hass, {**data, **told})
        self._abort_if_known()
        return await self._offer()

    def _withdraw_older_offer(self) -> None:
        """Take back what was offered of an app before, with an older token perhaps."""
        for flow in self._async_in_progress(
            include_uninitialized=True,
            match_context={"unique_id": self._found.recognizer_id},
        ):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    async def _offer(self) -> ConfigFlowResult:
        """Offer a recognizer that is not known yet."""
        # Those that somebody does not want to hear of.
        self._abort_if_unique_id_configured()
        sites = self._async_current_entries(include_ignore=False)
        if len(sites) > 1:
            return await self.async_step_choose_site()
        if sites:
            [self._site] = sites
        return await self._ask()

    async def _ask(self) -> ConfigFlowResult:
        """Ask whether it shall be used."""
        if self._found.is_app:
            if self._site is None:
                return await self.async_step_app_new_site()
            return await self.async_step_app_further()
        if self._site is None:
            return await self.async_step_new_site()
        return await self.async_step_further()

    async def async_step_choose_site(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose which of several sites it is added to."""
        sites = self._async_current_entries(include_ignore=False)
        if user_input is not None:
            chosen = user_input[FIELD_SITE]
            self._site = next((s for s in sites if s.entry_id == chosen), None)
            if self._site is None:
                return self.async_abort(reason="site_removed")
            return await self._ask()
        options = [
            SelectOptionDict(value=site.entry_id, label=site.title) for site in sites
        ]
        return self.async_show_form(
            step_id="choose_site",
            data_schema=vol.Schema(
                {
                    vol.Required(FIELD_SITE): SelectSelector(
                        SelectSelectorConfig(
                            options=options, mode=SelectSelectorMode.DROPDOWN
                        )
                    )
                }
            ),
            description_placeholders={"host": self._found.host},
        )

    async def async_step_new_site(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether it shall begin a site."""
        return await self._confirm("new_site", user_input)

    async def async_step_further(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether it shall stand in at a site."""
        return await self._confirm("further", user_input)

    async def async_step_app_new_site(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether an app shall begin a site."""
        return await self._confirm("app_new_site", user_input)

    async def async_step_app_further(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether an app shall stand in at a site."""
        return await self._confirm("app_further", user_input)

    async def _confirm(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            if self._found.access is None:
                return await self.async_step_access()
            data = self._described(**self._found.access)
            errors = await self._try(data)
            if not errors:
                return self._keep(data)
            is_refused = errors["base"] == error_key(BackendAuthError())
            # The token of an app comes with each message.
            if is_refused and not self._found.is_app:
                return await self.async_step_access()
        self._set_confirm_only()
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={
                "host": self._found.host,
                "site": self._site.title if self._site else "",
                # Not what others call themselves: that would be theirs to word.
                "app": self._found.name if self._found.is_app else "",
            },
        )

    async def async_step_access(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what keeps others out."""
        errors: dict[str, str] = {}
        if user_input is not None:
            data = self._described(**user_input)
            errors = await self._try(data)
            if not errors:
                return self._keep(data)
        return self.async_show_form(
            step_id="access",
            data_schema=self.add_suggested_values_to_schema(ACCESS_SCHEMA, user_input),
            errors=errors,
            description_placeholders={"host": self._found.host},
        )

    async def async_step_moved(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether it was moved, and use it where it is now only if it was."""
        errors: dict[str, str] = {}
        if user_input is not None:
            moved = {CONF_URL: self._found.url}
            # The known one may have come back while nobody looked at the form.
            self._left = await self._silent(self._left)
            for place in self._left:
                errors = errors or await self._try({**place.data, **moved})
            known = async_places(self.hass, self._found)
            left = [place for place in self._left if place in known]
            if not left:
                return self.async_abort(reason="not_moved")
            if not errors:
                for place in left:
                    place.async_change(self.hass, {**place.data, **moved})
                return self.async_abort(reason="backend_moved")
        self._set_confirm_only()
        return self.async_show_form(
            step_id="moved",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={
                "recognizer": ", ".join([await self._title(p) for p in self._left]),
                "known": ", ".join(
                    dict.fromkeys(URL(place.url).host or "" for place in self._left)
                ),
                "host": self._found.host,
            },
        )

    async def _silent(self, places: Sequence[Place]) -> list[Place]:
        """Return those of some places where no recognizer answers."""
        silent = await asyncio.gather(*(p.async_is_silent(self.hass) for p in places))
        return list(compress(places, silent))

    async def _title(self, place: Place) -> str:
        """Return what a backend is called, and where it is used."""
        if subentry := place.entry.subentries.get(place.key):
            title = subentry.title
        else:
            title = await async_backend_name(self.hass, place.data[CONF_BACKEND])
        return f"{title} ({place.entry.title})"

    def _described(self, **access: Any) -> dict[str, Any]:
        """Return what is stored of it."""
        return {
            CONF_BACKEND: BACKEND_CODEPROJECT,
            CONF_URL: self._found.url,
            **access,
        }

    def _abort_if_known(self) -> None:
        if async_places(self.hass, self._found):
            raise AbortFlow("already_configured")

    def _keep(self, data: dict[str, Any]) -> ConfigFlowResult:
        """Begin a site with it, or add it to the one that was chosen."""
        # Somebody may have typed its address meanwhile.
        self._abort_if_known()
        if self._site is None:
            return self._begin_site(data)
        entry = self.hass.config_entries.async_get_entry(self._site.entry_id)
        if entry is None:
            return self.async_abort(reason="site_removed")
        # Only a site that is loaded listens to changes.
        listens = entry.state is ConfigEntryState.LOADED
        self.hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType(data),
                subentry_type=SUBENTRY_BACKEND,
                title=self._found.name,
                unique_id=self._found.recognizer_id,
            ),
        )
        if not listens:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_abort(reason="backend_added")

    @abstractmethod
    def _begin_site(self, data: dict[str, Any]) -> ConfigFlowResult:
        """Make a site with a backend."""
