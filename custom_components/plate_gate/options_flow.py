"""What is behind "Configure": the vehicles on the list, and the site's settings."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateTimeSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import CONF_LOOK_ALIKES, CONF_STRATEGY
from .errors import (
    LabelInvalidError,
    LabelListedError,
    LabelShowsPlateError,
    PlateGateError,
    PlateInvalidError,
    PlateListedError,
    ValidityError,
)
from .messages import error_key
from .models import Plate, Vehicle
from .recognition import Strategy
from .records import Allowlist, VehicleChange
from .site import Site

FIELD_LABEL: Final = "label"
FIELD_PLATE: Final = "plate"
FIELD_VALID_FROM: Final = "valid_from"
FIELD_VALID_UNTIL: Final = "valid_until"
FIELD_VEHICLE: Final = "vehicle"

_VALIDITY = {
    vol.Optional(FIELD_VALID_FROM): DateTimeSelector(),
    vol.Optional(FIELD_VALID_UNTIL): DateTimeSelector(),
}
ADD_SCHEMA = vol.Schema(
    {
        vol.Required(FIELD_LABEL): TextSelector(),
        vol.Required(FIELD_PLATE): TextSelector(),
        **_VALIDITY,
    }
)
CHANGE_SCHEMA = vol.Schema(
    {
        vol.Required(FIELD_LABEL): TextSelector(),
        vol.Optional(FIELD_PLATE): TextSelector(),
        **_VALIDITY,
    }
)
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
    }
)

_FIELDS: Final[dict[type[PlateGateError], str]] = {
    LabelInvalidError: FIELD_LABEL,
    LabelListedError: FIELD_LABEL,
    LabelShowsPlateError: FIELD_LABEL,
    PlateInvalidError: FIELD_PLATE,
    PlateListedError: FIELD_PLATE,
    ValidityError: FIELD_VALID_UNTIL,
}
"""The field beside which an error is shown."""


class SiteOptionsFlow(OptionsFlow):
    """Edits the allowlist and the settings of a site.

    Each change is saved at once; closing the dialog loses none.
    """

    def __init__(self) -> None:
        """Begin with no vehicle chosen."""
        self._vehicle: Vehicle | None = None

    @property
    def _allowlist(self) -> Allowlist:
        if self.config_entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("site_not_loaded")
        site: Site = self.config_entry.runtime_data
        return site.allowlist

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what can be done."""
        count = len(self._allowlist.vehicles)
        options = ["add_vehicle", "settings", "done"]
        if count:
            options[1:1] = ["choose_change", "choose_remove"]
        return self.async_show_menu(
            step_id="init",
            menu_options=options,
            description_placeholders={"count": str(count)},
        )

    async def async_step_add_vehicle(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Put a vehicle on the list."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await self._allowlist.add(
                    user_input[FIELD_LABEL],
                    Plate(user_input[FIELD_PLATE]),
                    valid_from=_parse(user_input.get(FIELD_VALID_FROM)),
                    valid_until=_parse(user_input.get(FIELD_VALID_UNTIL)),
                )
            except PlateGateError as err:
                errors = _errors(err)
            else:
                return await self.async_step_init()
        return self.async_show_form(
            step_id="add_vehicle",
            data_schema=self.add_suggested_values_to_schema(ADD_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_choose_change(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the vehicle to change."""
        if user_input is not None:
            return await self._chosen(user_input, self.async_step_change_vehicle)
        return self._show_choice("choose_change")

    async def async_step_choose_remove(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the vehicle to remove."""
        if user_input is not None:
            return await self._chosen(user_input, self.async_step_remove_vehicle)
        return self._show_choice("choose_remove")

    async def async_step_change_vehicle(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change a vehicle; an empty plate stays as it is."""
        assert self._vehicle is not None
        vehicle = self._vehicle
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                changes = VehicleChange(
                    label=user_input[FIELD_LABEL],
                    valid_from=_parse(user_input.get(FIELD_VALID_FROM)),
                    valid_until=_parse(user_input.get(FIELD_VALID_UNTIL)),
                )
                if plate := user_input.get(FIELD_PLATE):
                    changes["plate"] = Plate(plate)
                await self._allowlist.change(vehicle.vehicle_id, **changes)
            except PlateGateError as err:
                errors = _errors(err)
            else:
                return await self.async_step_init()
        return self.async_show_form(
            step_id="change_vehicle",
            data_schema=self.add_suggested_values_to_schema(
                CHANGE_SCHEMA,
                user_input
                or {
                    FIELD_LABEL: vehicle.label,
                    FIELD_VALID_FROM: _format(vehicle.valid_from),
                    FIELD_VALID_UNTIL: _format(vehicle.valid_until),
                },
            ),
            errors=errors,
            description_placeholders={"plate": vehicle.plate.masked()},
        )

    async def async_step_remove_vehicle(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take a vehicle off the list, once that is confirmed."""
        assert self._vehicle is not None
        vehicle = self._vehicle
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await self._allowlist.remove(vehicle.vehicle_id)
            except PlateGateError as err:
                errors = _errors(err)
            else:
                return await self.async_step_init()
        return self.async_show_form(
            step_id="remove_vehicle",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders={
                "label": vehicle.label,
                "plate": vehicle.plate.masked(),
            },
        )

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the settings of the site."""
        if user_input is not None:
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

    def _show_choice(self, step_id: str) -> ConfigFlowResult:
        options = [
            SelectOptionDict(value=vehicle.vehicle_id, label=vehicle.label)
            for vehicle in self._allowlist.vehicles
        ]
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema(
                {
                    vol.Required(FIELD_VEHICLE): SelectSelector(
                        SelectSelectorConfig(
                            options=options, mode=SelectSelectorMode.DROPDOWN
                        )
                    )
                }
            ),
        )

    async def _chosen(
        self,
        user_input: dict[str, Any],
        then: Callable[[], Awaitable[ConfigFlowResult]],
    ) -> ConfigFlowResult:
        try:
            self._vehicle = self._allowlist.find(user_input[FIELD_VEHICLE])
        except PlateGateError:
            # Someone else removed it meanwhile.
            return await self.async_step_init()
        return await then()


def _errors(error: PlateGateError) -> dict[str, str]:
    return {_FIELDS.get(type(error), "base"): error_key(error)}


def _parse(value: str | None) -> datetime | None:
    """Read a date and time of the form, meant in Home Assistant's time zone."""
    if not value or (parsed := dt_util.parse_datetime(value)) is None:
        return None
    return parsed.replace(tzinfo=parsed.tzinfo or dt_util.get_default_time_zone())


def _format(value: datetime | None) -> str | None:
    """Write a date and time for the form."""
    return dt_util.as_local(value).strftime("%Y-%m-%d %H:%M:%S") if value else None
