"""Forms that fix something of a lane that runs."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
import voluptuous as vol

from .errors import AllowlistNotSavedError, GateError
from .issues import ISSUE_GATE_NOT_MOVING, ISSUE_TOO_MANY_OPENINGS, ISSUE_VIEW_MOVED
from .messages import error_key
from .site import PlateGateConfigEntry, Site

EMPTY_SCHEMA = vol.Schema({})


class LaneRepairFlow(RepairsFlow):
    """A form about a lane."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Take the lane that the issue names."""
        self._entry_id: str = data["entry_id"]
        self._subentry_id: str = data["subentry_id"]
        self._lane: str = data["lane"]

    def _site(self) -> Site | None:
        """Return the site, if it and the lane are running."""
        entry: PlateGateConfigEntry | None
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if (
            entry is None
            or entry.state is not ConfigEntryState.LOADED
            or self._subentry_id not in entry.runtime_data.lanes
        ):
            return None
        return entry.runtime_data


class ViewMovedRepairFlow(LaneRepairFlow):
    """Lets a person say that the camera looks where it should."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, and then compare with what the camera shows now."""
        if (site := self._site()) is None:
            return self.async_abort(reason="lane_removed")
        if user_input is not None:
            site.lanes[self._subentry_id].lane.accept_view()
            return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="confirm",
            data_schema=EMPTY_SCHEMA,
            description_placeholders={"lane": self._lane},
        )


class GateNotMovingRepairFlow(LaneRepairFlow):
    """Opens the gate again."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_open_again()

    async def async_step_open_again(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask until the gate has moved."""
        errors: dict[str, str] = {}
        if (site := self._site()) is None:
            return self.async_abort(reason="lane_removed")
        if user_input is not None:
            try:
                await site.lanes[self._subentry_id].lane.open_by_hand()
            except GateError as err:
                errors["base"] = error_key(err)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="open_again",
            data_schema=EMPTY_SCHEMA,
            errors=errors,
            description_placeholders={"lane": self._lane},
        )


class TooManyOpeningsRepairFlow(LaneRepairFlow):
    """Lets a lane open by itself again that has switched itself off."""

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_arm_again()

    async def async_step_arm_again(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, and then do what the switch does."""
        errors: dict[str, str] = {}
        if (site := self._site()) is None:
            return self.async_abort(reason="lane_removed")
        if user_input is not None:
            arming = site.memory.arming
            try:
                await arming.set_armed(self._subentry_id, True)
            except AllowlistNotSavedError as err:
                errors["base"] = error_key(err)
            else:
                # Not if somebody has turned it off while that was being saved.
                armed = arming.is_armed(self._subentry_id)
                site.lanes[self._subentry_id].lane.set_automatic_opening(armed)
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="arm_again",
            data_schema=EMPTY_SCHEMA,
            errors=errors,
            description_placeholders={"lane": self._lane},
        )


LANE_FLOWS: Final[dict[str, Callable[[dict[str, Any]], RepairsFlow]]] = {
    ISSUE_GATE_NOT_MOVING: GateNotMovingRepairFlow,
    ISSUE_TOO_MANY_OPENINGS: TooManyOpeningsRepairFlow,
    ISSUE_VIEW_MOVED: ViewMovedRepairFlow,
}
"""The form for each kind of issue."""
