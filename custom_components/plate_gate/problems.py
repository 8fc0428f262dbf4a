"""Raises a repair issue while something needs a person, and withdraws it after."""

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event

from .backend_problems import async_watch_backends
from .camera_problems import async_watch_camera
from .const import CONF_TRIGGER_ENTITY, DOMAIN
from .coordinator import LaneCoordinator
from .gate_problems import async_watch_gate
from .issues import (
    ISSUE_LEDGER_DAMAGED,
    ISSUE_TOO_MANY_OPENINGS,
    ISSUE_TRIGGER,
    Hold,
    issue_id,
    issue_kind,
)
from .site import PlateGateConfigEntry


@callback
def async_watch_problems(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Watch a site for as long as it is loaded."""
    site = entry.runtime_data
    async_watch_backends(hass, entry)
    _async_look_at_ledger(hass, entry)
    for lane in site.lanes.values():
        async_watch_camera(hass, entry, lane)
        _async_watch_trigger(hass, entry, lane)
        async_watch_gate(hass, entry, lane)


@callback
def async_clear_problems(
    hass: HomeAssistant, entry: PlateGateConfigEntry, *, removed: bool = False
) -> None:
    """Withdraw the issues of a site, also of lanes that have been removed.

    That a lane has switched itself off goes on for as long as there is the lane.

    Args:
        hass: Home Assistant.
        entry: The site.
        removed: Whether the site is gone for good.

    """
    registry = ir.async_get(hass)
    for domain, issue in tuple(registry.issues):
        if domain != DOMAIN or entry.entry_id not in issue.split("-"):
            continue
        lane = issue.rpartition("-")[2]
        lasts = issue_kind(issue) == ISSUE_TOO_MANY_OPENINGS
        if removed or not (lasts and lane in entry.subentries):
            ir.async_delete_issue(hass, DOMAIN, issue)


@callback
def _async_look_at_ledger(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Tell if nothing is known of how often vehicles with a limit were let in."""
    if entry.runtime_data.ledger.known:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(ISSUE_LEDGER_DAMAGED, entry),
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key="ledger_damaged",
        data={"entry_id": entry.entry_id},
    )


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
