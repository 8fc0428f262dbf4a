"""The steps in which a lane says what it asks for, and what holds its gate."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.lock import DOMAIN as LOCK_DOMAIN
from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.core import split_entity_id

from .const import (
    CONF_AGREEING_FRAMES,
    CONF_ASSURANCE,
    CONF_ASSURANCE_REASON,
    CONF_CLOSE_AFTER,
    CONF_CONFIRM_ENTITY,
    CONF_GATE_ENTITY,
    CONF_OBSTRUCTION_ENTITY,
    CONF_PER_MINUTE,
    CONF_PROFILE,
)
from .decision.policy import Profile
from .forms import flatten, keys_of, nest, sections_in_use, unfold, without_empty
from .gate.assurance import least_assurance
from .gate.target import closing_action
from .lane_steps import LaneSteps
from .models import Assurance
from .models.plate_text import plate_text
from .records.labels import SHORT
from .rights_schemas import (
    CLOSABLE_DOMAINS,
    NUMBERS_KEYS,
    RIGHTS_SCHEMA,
    SAFETY_SCHEMA,
    SECTION_CLOSING,
    SECTION_NUMBERS,
)


class RightsSteps(LaneSteps):
    """Lets a person say how sure a lane has to be, and when its gate stays shut."""

    async def async_step_rights(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose how much evidence it takes, and what else."""
        errors: dict[str, str] = {}
        values = self._suggested_rights()
        if user_input is not None:
            values = flatten(RIGHTS_SCHEMA, user_input)
            reason = " ".join(values.get(CONF_ASSURANCE_REASON, "").split())
            if not self._is_too_little(values[CONF_ASSURANCE]):
                # One that is not needed now must not allow anything later.
                reason = ""
            elif not reason:
                errors = {CONF_ASSURANCE_REASON: "assurance_reason_missing"}
            elif self._shows_plate(reason):
                errors = {CONF_ASSURANCE_REASON: "reason_shows_plate"}
            if not errors:
                self._choose(
                    keys_of(RIGHTS_SCHEMA),
                    _rights_data({**values, CONF_ASSURANCE_REASON: reason}),
                )
                return await self._after_rights()
        custom = values.get(CONF_PROFILE) == Profile.CUSTOM
        return self.async_show_form(
            step_id="rights",
            data_schema=self.add_suggested_values_to_schema(
                unfold(RIGHTS_SCHEMA, (SECTION_NUMBERS,) if custom else ()),
                nest(RIGHTS_SCHEMA, values),
            ),
            errors=errors,
        )

    async def async_step_safety(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose how it is seen that the gate moves, and what keeps it shut."""
        errors: dict[str, str] = {}
        values = self._current()
        opened = sections_in_use(SAFETY_SCHEMA, values)
        if user_input is not None:
            values = flatten(SAFETY_SCHEMA, user_input)
            gate = self._future(CONF_GATE_ENTITY)
            if values.get(CONF_CLOSE_AFTER):
                if not self._can_close(gate):
                    errors = {SECTION_CLOSING: "not_closable"}
                elif not values.get(CONF_OBSTRUCTION_ENTITY) and not _is_lock(gate):
                    errors = {SECTION_CLOSING: "obstruction_missing"}
            if not errors:
                self._choose(keys_of(SAFETY_SCHEMA), _safety_data(values))
                return self._finish()
            opened = {SECTION_CLOSING}
        return self.async_show_form(
            step_id="safety",
            data_schema=self.add_suggested_values_to_schema(
                unfold(SAFETY_SCHEMA, opened), nest(SAFETY_SCHEMA, values)
            ),
            errors=errors,
        )

    def _can_close(self, entity_id: str) -> bool:
        """Tell whether what opens the gate can close it, as far as that is known."""
        if (state := self.hass.states.get(entity_id)) is not None:
            return closing_action(state) is not None
        return split_entity_id(entity_id)[0] in CLOSABLE_DOMAINS

    def _choose_gate(self, gate: Mapping[str, Any]) -> None:
        """Take another gate, or another direction, in the place of the lane's.

        Args:
            gate: A value for each of `GATE_KEYS`.

        """
        self._choose(gate, gate)
        if self._future(CONF_GATE_ENTITY) != self._stored().get(CONF_GATE_ENTITY):
            # The reason, and the sensors, were those of another gate.
            self._choose(
                (
                    CONF_ASSURANCE_REASON,
                    CONF_CLOSE_AFTER,
                    CONF_CONFIRM_ENTITY,
                    CONF_OBSTRUCTION_ENTITY,
                ),
                {},
            )

    def _asks_for_rights(self) -> bool:
        """Tell whether the gate takes more than the lane asks for."""
        asked = self._future(CONF_ASSURANCE, Assurance.PLATE)
        return self._is_too_little(asked) and not self._future(CONF_ASSURANCE_REASON)

    async def _after_rights(self) -> SubentryFlowResult:
        """Go on with the picture where there is one to be looked at, or save."""
        if self._frame is None:
            return self._finish()
        return await self.async_step_watch()

    def _least(self) -> Assurance:
        """Return what the gate takes at least."""
        return least_assurance(self.hass, self._future(CONF_GATE_ENTITY))

    def _is_too_little(self, assurance: str) -> bool:
        """Tell whether the gate takes more than this."""
        return Assurance(assurance).rank < self._least().rank

    def _suggested_rights(self) -> dict[str, Any]:
        """Return what the form shows at first."""
        values = self._current()
        asked = values.get(CONF_ASSURANCE, Assurance.PLATE)
        if self._is_too_little(asked) and not values.get(CONF_ASSURANCE_REASON):
            values[CONF_ASSURANCE] = self._least().value
        return values

    def _shows_plate(self, text: str) -> bool:
        """Tell whether a plate of the list stands in a text, which is to be logged."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return False
        whole = plate_text(text)
        words = {plate_text(word) for word in text.split()}
        return any(
            # Short plates are found in many a word.
            plate in (words if len(plate) < SHORT else whole)
            for plate in (
                vehicle.plate.reveal()
                for vehicle in entry.runtime_data.allowlist.vehicles
            )
        )


def _is_lock(entity_id: str) -> bool:
    return split_entity_id(entity_id)[0] == LOCK_DOMAIN


def _rights_data(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of the form."""
    data = without_empty(typed)
    data[CONF_AGREEING_FRAMES] = int(data[CONF_AGREEING_FRAMES])
    if data[CONF_PROFILE] != Profile.CUSTOM:
        data = {key: value for key, value in data.items() if key not in NUMBERS_KEYS}
    return data


def _safety_data(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of the form."""
    return {**without_empty(typed), CONF_PER_MINUTE: int(typed[CONF_PER_MINUTE])}
