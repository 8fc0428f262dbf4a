"""Raises a repair issue while something needs a person, and withdraws it after."""

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started

from .backend_problems import async_watch_backends
from .camera_problems import async_watch_camera
from .const import CONF_GATE_ENTITY, CONF_TRIGGER_ENTITY, DOMAIN
from .coordinator import LaneCoordinator
from .errors import GateError, GateMissingError
from .issues import ISSUE_GATE, ISSUE_TRIGGER, Hold, issue_id
from .messages import error_key
from .site import PlateGateConfigEntry


@callback
def async_watch_problems(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Watch a site for as long as it is loaded."""
    site = entry.runtime_data
    async_watch_backends(hass, entry)
    for lane in site.lanes.values():
        async_watch_camera(hass, entry, lane)
        _async_watch_trigger(hass, entry, lane)
        _async_watch_gate(hass, entry, lane)


@callback
def async_clear_problems(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Withdraw every issue of a site, also of lanes that have been removed."""
    registry = ir.async_get(hass)
    for domain, issue in tuple(registry.issues):
        if domain == DOMAIN and entry.entry_id in issue.split("-"):
            ir.async_delete_issue(hass, DOMAIN, issue)


@callback
def _async_watch_trigger(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch what sets a lane going: while it is away, the lane sees nothing."""
    subentry = coordinator.subentry
    trigger: str | None = subentry.data.get(CONF_TRIGGER_ENTITY)
    if not trigger:
        return
    issue = issue_id(ISSUE_TRIGGER, entry, subentry.subentry_id)

    @callback
    def report() -> None:
        if not away.problem:
            ir.async_delete_issue(hass, DOMAIN, issue)
            return
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="trigger_missing",
            translation_placeholders={"lane": subentry.title, "entity": trigger},
        )

    away: Hold[bool] = Hold(hass, entry, report)

    @callback
    def check(_: object = None) -> None:
        state = hass.states.get(trigger)
        gone = state is None or state.state == STATE_UNAVAILABLE
        away.see(gone or None)

    check()
    entry.async_on_unload(async_track_state_change_event(hass, trigger, check))


@callback
def _async_watch_gate(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    subentry = coordinator.subentry
    gate: str = subentry.data[CONF_GATE_ENTITY]
    issue = issue_id(ISSUE_GATE, entry, subentry.subentry_id)

    @callback
    def report(error: GateError | None) -> None:
        if error is None:
            ir.async_delete_issue(hass, DOMAIN, issue)
            return
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=error_key(error),
            translation_placeholders={"lane": subentry.title, "entity": gate},
        )

    @callback
    def check(_: object = None) -> None:
        if hass.states.get(gate) is not None or er.async_get(hass).async_get(gate):
            if (known := ir.async_get(hass).async_get_issue(DOMAIN, issue)) and (
                known.translation_key == error_key(GateMissingError())
            ):
                report(None)
        else:
            report(GateMissingError())

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if event.data["new_state"] is None or event.data["old_state"] is None:
            check()

    # While Home Assistant starts, entities are missing that will come.
    entry.async_on_unload(async_at_started(hass, check))
    entry.async_on_unload(async_track_state_change_event(hass, gate, changed))
    entry.async_on_unload(coordinator.lane.subscribe_gate(report))
