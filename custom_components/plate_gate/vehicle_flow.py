"""The steps in which the vehicles of the list are added, changed and removed."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import SUBENTRY_LANE
from .decision.schedule import format_schedule, parse_schedule
from .decision.similar import similar_plates
from .errors import (
    LabelInvalidError,
    LabelListedError,
    LabelShowsPlateError,
    PinInvalidError,
    PlateGateError,
    PlateInvalidError,
    PlateListedError,
    ScheduleError,
    ValidityError,
)
from .forms import flatten, nest, sections_in_use, unfold
from .gate.pin import hash_pin
from .messages import error_key
from .models import Access, Assurance, Plate, Vehicle
from .records import Allowlist, VehicleChange
from .records.allowlist import VehicleRights
from .site import Site
from .vehicle_schemas import (
    ADD_SCHEMA,
    AS_THE_LANE,
    CHANGE_SCHEMA,
    FIELD_ACCESS,
    FIELD_ASSURANCE,
    FIELD_CLEAR_PIN,
    FIELD_LABEL,
    FIELD_LANES,
    FIELD_PER_DAY,
    FIELD_PIN,
    FIELD_PLATE,
    FIELD_PRESENCE,
    FIELD_SCHEDULE,
    FIELD_USES,
    FIELD_VALID_FROM,
    FIELD_VALID_UNTIL,
    FIELD_VEHICLE,
    PASS_SCHEMA,
    SECTION_WHEN,
    SECTION_WHERE,
    for_site,
)

_FIELDS: Final[dict[type[PlateGateError], str]] = {
    LabelInvalidError: FIELD_LABEL,
    LabelListedError: FIELD_LABEL,
    LabelShowsPlateError: FIELD_LABEL,
    PlateInvalidError: FIELD_PLATE,
    PlateListedError: FIELD_PLATE,
    ValidityError: FIELD_VALID_UNTIL,
    # The interface shows errors above a section, and none inside.
    ScheduleError: SECTION_WHEN,
    PinInvalidError: SECTION_WHERE,
}
"""The field, or the section, beside which an error is shown."""

UNCOUNTED: Final = "–"
"""Shown in place of a number that there is none of."""


class VehicleSteps(OptionsFlow):
    """Lets a person edit the list.

    Each change is saved at once; closing the dialog loses none.
    """

    def __init__(self) -> None:
        """Begin with no vehicle chosen."""
        self._vehicle: Vehicle | None = None

    @property
    def _site(self) -> Site:
        if self.config_entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("site_not_loaded")
        site: Site = self.config_entry.runtime_data
        return site

    @property
    def _allowlist(self) -> Allowlist:
        return self._site.allowlist

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what can be done."""
        count = len(self._allowlist.vehicles)
        options = ["add_vehicle", "add_pass", "settings", "vault", "done"]
        if count:
            options[2:2] = ["choose_change", "choose_remove"]
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
            typed = flatten(ADD_SCHEMA, user_input)
            try:
                added = await self._add(typed)
            except PlateGateError as err:
                errors = _errors(err)
            else:
                return await self._told_of_similar(added)
        return self.async_show_form(
            step_id="add_vehicle",
            data_schema=self.add_suggested_values_to_schema(
                for_site(unfold(ADD_SCHEMA, errors.keys()), self._lanes()), user_input
            ),
            errors=errors,
        )

    async def async_step_add_pass(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Put a visitor on the list, for a while."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                added = await self._add(user_input)
            except PlateGateError as err:
                errors = _errors(err)
            else:
                return await self._told_of_similar(added)
        tomorrow_ends = dt_util.start_of_local_day() + timedelta(days=2)
        return self.async_show_form(
            step_id="add_pass",
            data_schema=self.add_suggested_values_to_schema(
                PASS_SCHEMA,
                user_input
                or {FIELD_VALID_UNTIL: _format(tomorrow_ends), FIELD_USES: 1},
            ),
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
        """Change a vehicle; a plate and a PIN that are left empty stay as they are."""
        assert self._vehicle is not None
        vehicle = self._vehicle
        values = _values(vehicle)
        errors: dict[str, str] = {}
        if user_input is not None:
            typed = flatten(CHANGE_SCHEMA, user_input)
            try:
                changes = VehicleChange(
                    label=typed[FIELD_LABEL],
                    valid_from=_parse(typed.get(FIELD_VALID_FROM)),
                    valid_until=_parse(typed.get(FIELD_VALID_UNTIL)),
                )
                # Rights are changes, which mypy sees only where it is the other way.
                changes |= cast(VehicleChange, await self._read_rights(typed))
                if plate := typed.get(FIELD_PLATE):
                    changes["plate"] = Plate(plate)
                changed = await self._allowlist.change(vehicle.vehicle_id, **changes)
                if changed.uses != vehicle.uses:
                    await self._count_anew(changed)
            except PlateGateError as err:
                errors = _errors(err)
            else:
                if plate:
                    return await self._told_of_similar(changed)
                return await self.async_step_init()
        opened = {*errors, *sections_in_use(CHANGE_SCHEMA, values)}
        used, left = self._counted(vehicle)
        return self.async_show_form(
            step_id="change_vehicle",
            data_schema=self.add_suggested_values_to_schema(
                for_site(
                    unfold(CHANGE_SCHEMA, opened),
                    self._lanes(vehicle),
                    left_out=() if vehicle.pin else (FIELD_CLEAR_PIN,),
                ),
                user_input or nest(CHANGE_SCHEMA, values),
            ),
            errors=errors,
            description_placeholders={
                "plate": vehicle.plate.masked(),
                "used": used,
                "left": left,
            },
        )

    async def async_step_similar(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Warn that the vehicle's plate is nearly that of others; it is saved."""
        assert self._vehicle is not None
        labels = await self._similar(self._vehicle)
        return self.async_show_menu(
            step_id="similar",
            menu_options=["init", "change_vehicle"],
            description_placeholders={
                "label": self._vehicle.label,
                "others": ", ".join(labels),
            },
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

    async def _add(self, typed: Mapping[str, Any]) -> Vehicle:
        """Put what was typed on the list.

        Raises:
            AllowlistError: Something of it cannot be taken; each has a kind of its own.
            PinInvalidError: The PIN cannot be one.

        """
        return await self._allowlist.add(
            typed[FIELD_LABEL],
            Plate(typed[FIELD_PLATE]),
            valid_from=_parse(typed.get(FIELD_VALID_FROM)),
            valid_until=_parse(typed.get(FIELD_VALID_UNTIL)),
            **await self._read_rights(typed),
        )

    async def _read_rights(self, typed: Mapping[str, Any]) -> VehicleRights:
        """Read what a vehicle may do; what the form does not ask for is left out.

        Raises:
            ScheduleError: The schedule is none.
            PinInvalidError: The PIN cannot be one.

        """
        rights = VehicleRights(uses=_count(typed.get(FIELD_USES)))
        if FIELD_ACCESS in typed:
            assurance = typed[FIELD_ASSURANCE]
            rights |= VehicleRights(
                schedule=parse_schedule(typed.get(FIELD_SCHEDULE, "")),
                per_day=_count(typed.get(FIELD_PER_DAY)),
                access=Access(typed[FIELD_ACCESS]),
                lanes=frozenset(typed.get(FIELD_LANES, ())) or None,
                assurance=None if assurance == AS_THE_LANE else Assurance(assurance),
                presence=frozenset(typed.get(FIELD_PRESENCE, ())),
            )
        if pin := typed.get(FIELD_PIN):
            rights["pin"] = await self.hass.async_add_executor_job(hash_pin, pin)
        elif typed.get(FIELD_CLEAR_PIN):
            rights["pin"] = None
        return rights

    async def _told_of_similar(self, vehicle: Vehicle) -> ConfigFlowResult:
        """Go on with a warning if the plate is nearly that of others."""
        self._vehicle = vehicle
        if await self._similar(vehicle):
            return await self.async_step_similar()
        return await self.async_step_init()

    async def _similar(self, vehicle: Vehicle) -> list[str]:
        """Return the labels of the vehicles whose plates are nearly the same."""
        others = [
            other
            for other in self._allowlist.vehicles
            if other.vehicle_id != vehicle.vehicle_id
        ]
        # There may be very many.
        found = await self.hass.async_add_executor_job(
            similar_plates, vehicle.plate, others
        )
        return [other.label for other in found]

    def _lanes(self, vehicle: Vehicle | None = None) -> list[tuple[str, str]]:
        """Return the lanes of the site by id and name, and those that a vehicle has.

        One that was removed stays a choice: a vehicle that was let in there and nowhere
        else must not be let in everywhere just because the form was submitted.
        """
        lanes = [
            (lane.subentry_id, lane.title)
            for lane in self.config_entry.get_subentries_of_type(SUBENTRY_LANE)
        ]
        chosen = (vehicle.lanes if vehicle else None) or frozenset()
        gone = sorted(chosen - {lane for lane, _ in lanes})
        return [*lanes, *((lane, f"({lane})") for lane in gone)]

    async def _count_anew(self, vehicle: Vehicle) -> None:
        """Begin to count its uses: a new number is one from now on."""
        ledger = self._site.ledger
        inside = ledger.is_inside(vehicle.vehicle_id)
        ledger.forget(vehicle.vehicle_id)
        ledger.set_inside(vehicle.vehicle_id, inside)
        await ledger.settle()

    def _counted(self, vehicle: Vehicle) -> tuple[str, str]:
        """Return how often a vehicle was let in, and how often it still is."""
        ledger = self._site.ledger
        if vehicle.uses is None or not ledger.known:
            return UNCOUNTED, UNCOUNTED
        used = ledger.uses(vehicle.vehicle_id)
        return str(used), str(max(0, vehicle.uses - used))


def _errors(error: PlateGateError) -> dict[str, str]:
    return {_FIELDS.get(type(error), "base"): error_key(error)}


def _values(vehicle: Vehicle) -> dict[str, Any]:
    """Return what the form shows of a vehicle: all but its plate and its PIN."""
    level = vehicle.assurance
    # A plate alone is no more than what any lane asks for.
    asks = level is not None and level is not Assurance.PLATE
    values = {
        FIELD_LABEL: vehicle.label,
        FIELD_VALID_FROM: _format(vehicle.valid_from),
        FIELD_VALID_UNTIL: _format(vehicle.valid_until),
        FIELD_SCHEDULE: format_schedule(vehicle.schedule) or None,
        FIELD_USES: vehicle.uses,
        FIELD_PER_DAY: vehicle.per_day,
        FIELD_ACCESS: vehicle.access.value,
        FIELD_LANES: sorted(vehicle.lanes or ()) or None,
        FIELD_ASSURANCE: level.value if level is not None and asks else AS_THE_LANE,
        FIELD_PRESENCE: sorted(vehicle.presence) or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _count(value: float | None) -> int | None:
    return None if value is None else int(value)


def _parse(value: str | None) -> datetime | None:
    """Read a date and time of the form, meant in Home Assistant's time zone."""
    if not value or (parsed := dt_util.parse_datetime(value)) is None:
        return None
    return parsed.replace(tzinfo=parsed.tzinfo or dt_util.get_default_time_zone())


def _format(value: datetime | None) -> str | None:
    """Write a date and time for the form."""
    return dt_util.as_local(value).strftime("%Y-%m-%d %H:%M:%S") if value else None
