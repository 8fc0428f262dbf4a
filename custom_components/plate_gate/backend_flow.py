"""What the flows have in common that ask for a backend, and adds further backends."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME, CONF_TOKEN, CONF_URL
from homeassistant.core import callback
from homeassistant.data_entry_flow import (
    AbortFlow,
    FlowContext,
    FlowHandler,
    FlowResult,
)
import voluptuous as vol

from .backend_schemas import DEFAULT_URLS, NAMED_FORMS, read_regions
from .backends import async_backend_name, async_check_backend, backends_of
from .const import (
    BACKEND_BUILT_IN,
    BACKEND_CODEPROJECT,
    BACKEND_OMNI_LPR,
    BACKEND_OPENALPR,
    BACKEND_PLATE_RECOGNIZER,
    CONF_BACKEND,
    CONF_REGIONS,
    SUBENTRY_BACKEND,
)
from .errors import BackendError
from .messages import error_key
from .recognition import built_in_available


class BackendSteps[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](FlowHandler[ContextT, ResultT, HandlerT], ABC):
    """Lets a person choose the kind of a backend, describe it, and have it tried."""

    forms: ClassVar[Mapping[str, vol.Schema]]
    """What is asked, by the kind of the backend."""

    @abstractmethod
    def _is_offered(self, kind: str) -> bool:
        """Tell whether a kind of backend may be chosen."""

    @abstractmethod
    def _current(self) -> Mapping[str, Any]:
        """Return what is stored of the backend that is changed; nothing of a new one."""

    @abstractmethod
    def _abort_if_used(self, data: Mapping[str, Any]) -> None:
        """Refuse a backend that is in use already."""

    @abstractmethod
    async def _save(self, name: str, data: dict[str, Any]) -> ResultT:
        """Keep a backend that was tried.

        Args:
            name: What the user wants to call it; empty if that is left open.
            data: What `create_backend` makes it of.

        """

    async def _choose(self, step_id: str) -> ResultT:
        """Show the kinds of backends."""
        options = [
            BACKEND_CODEPROJECT,
            BACKEND_OPENALPR,
            BACKEND_PLATE_RECOGNIZER,
            BACKEND_OMNI_LPR,
        ]
        if self._is_offered(BACKEND_BUILT_IN) and (
            await self.hass.async_add_executor_job(built_in_available)
        ):
            options[:0] = [BACKEND_BUILT_IN]
        return self.async_show_menu(step_id=step_id, menu_options=options)

    async def async_step_built_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Start the built-in recognizer once, to see whether it works here."""
        return await self._describe(BACKEND_BUILT_IN, user_input)

    async def async_step_codeproject(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask where CodeProject.AI is, or our own recognizer."""
        return await self._describe(BACKEND_CODEPROJECT, user_input)

    async def async_step_openalpr(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask where OpenALPR is."""
        return await self._describe(BACKEND_OPENALPR, user_input)

    async def async_step_plate_recognizer(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask where the Snapshot SDK of Plate Recognizer is."""
        return await self._describe(BACKEND_PLATE_RECOGNIZER, user_input)

    async def async_step_omni_lpr(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Ask where omni-lpr is."""
        return await self._describe(BACKEND_OMNI_LPR, user_input)

    async def _describe(self, kind: str, user_input: dict[str, Any] | None) -> ResultT:
        """Ask for what a backend of some kind needs, until it works."""
        if not self.forms[kind].schema:
            # There is nothing to ask, so that it is tried at once.
            user_input = user_input or {}
        errors: dict[str, str] = {}
        if user_input is not None:
            data, errors = _read_form(kind, user_input)
            if not errors:
                self._abort_if_used(data)
                data = self._with_known_token(data)
                errors = await self._try(data)
            if not errors:
                return await self._save(user_input.get(CONF_NAME, "").strip(), data)
        return self.async_show_form(
            step_id=kind,
            data_schema=self.add_suggested_values_to_schema(
                self.forms[kind],
                self._suggested(kind) if user_input is None else user_input,
            ),
            errors=errors,
        )

    async def _try(self, data: Mapping[str, Any]) -> dict[str, str]:
        """Let a backend read a small picture; return the form's errors."""
        try:
            await async_check_backend(self.hass, data)
        except BackendError as err:
            return {"base": error_key(err)}
        return {}

    def _suggested(self, kind: str) -> dict[str, Any]:
        """Return what a form shows at first: what is stored, but never a token."""
        current = self._current()
        if current.get(CONF_BACKEND) != kind:
            return {CONF_URL: DEFAULT_URLS[kind]} if kind in DEFAULT_URLS else {}
        shown = {key: value for key, value in current.items() if key != CONF_TOKEN}
        if regions := current.get(CONF_REGIONS):
            shown[CONF_REGIONS] = ", ".join(regions)
        return shown

    def _with_known_token(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep the token where only something else of the same backend changes."""
        current = self._current()
        if data.get(CONF_TOKEN) or any(
            data.get(key) != current.get(key) for key in (CONF_BACKEND, CONF_URL)
        ):
            return data
        if token := current.get(CONF_TOKEN):
            return {**data, CONF_TOKEN: token}
        return data


class BackendFlow(
    BackendSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    ConfigSubentryFlow,
):
    """Adds or changes a further backend of a site."""

    forms = NAMED_FORMS

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what stands in."""
        return await self._choose("user")

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what it is from now on, the same or another."""
        return await self._choose("reconfigure")

    @override
    def _is_offered(self, kind: str) -> bool:
        return all(data[CONF_BACKEND] != kind for data in self._others().values())

    @override
    def _current(self) -> Mapping[str, Any]:
        if self.source != SOURCE_RECONFIGURE:
            return {}
        subentry = self._get_reconfigure_subentry()
        return {**subentry.data, CONF_NAME: subentry.title}

    @override
    def _abort_if_used(self, data: Mapping[str, Any]) -> None:
        if is_among(self._others().values(), data):
            raise AbortFlow("already_configured")

    @override
    async def _save(self, name: str, data: dict[str, Any]) -> SubentryFlowResult:
        entry = self._get_entry()
        if self.source != SOURCE_RECONFIGURE:
            title = name or await self._unused_name(data[CONF_BACKEND])
            return self.async_create_entry(title=title, data=data)
        subentry = self._get_reconfigure_subentry()
        # Only a site that is loaded listens to changes.
        listens = entry.state is ConfigEntryState.LOADED
        is_same = data.get(CONF_URL) == subentry.data.get(CONF_URL)
        result = self.async_update_and_abort(
            entry,
            subentry,
            title=name or subentry.title,
            data=data,
            # What announced itself there is not what is used from now on.
            unique_id=subentry.unique_id if is_same else None,
        )
        if not listens:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    @callback
    def _others(self) -> dict[str, Mapping[str, Any]]:
        """Return the site's backends but the one that is changed."""
        others = backends_of(self._get_entry())
        if self.source == SOURCE_RECONFIGURE:
            others.pop(self._reconfigure_subentry_id, None)
        return others

    async def _unused_name(self, kind: str) -> str:
        """Return a name that no other backend of the site has."""
        name = await async_backend_name(self.hass, kind)
        subentries = self._get_entry().get_subentries_of_type(SUBENTRY_BACKEND)
        titles = {subentry.title for subentry in subentries}
        names = (name, *(f"{name} {number}" for number in range(2, len(titles) + 2)))
        return next(one for one in names if one not in titles)


def is_among(others: Iterable[Mapping[str, Any]], data: Mapping[str, Any]) -> bool:
    """Tell whether one of some backends is the same: at that address, or built-in."""
    key = CONF_URL if CONF_URL in data else CONF_BACKEND
    return any(other.get(key) == data[key] for other in others)


def _read_form(
    kind: str, typed: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what is stored of a form, and the form's errors."""
    data = {CONF_BACKEND: kind, **typed}
    errors: dict[str, str] = {}
    data.pop(CONF_NAME, None)
    if CONF_URL in data:
        data[CONF_URL] = data[CONF_URL].strip().rstrip("/")
        if _has_credentials(data[CONF_URL]):
            # An address is shown again when it is changed; a token is not.
            errors = {"base": "url_credentials"}
    if text := data.pop(CONF_REGIONS, None):
        regions = read_regions(text)
        if regions is None:
            errors = {CONF_REGIONS: "regions_invalid"}
        elif regions:
            data[CONF_REGIONS] = regions
    return data, errors


def _has_credentials(url: str) -> bool:
    """Tell whether there is a user name, a password or a key in an address."""
    return "@" in url.partition("://")[2].partition("/")[0] or "secret_key=" in url
