"""Raises a repair issue while a gate, or who may open it, needs a person."""

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started

from .const import (
    CONF_ASSURANCE,
    CONF_ASSURANCE_REASON,
    CONF_GATE_ENTITY,
    CONF_PRESENCE,
    DOMAIN,
)
from .coordinator import LaneCoordinator
from .errors import (
    GateError,
    GateInterlockedError,
    GateMissingError,
    GateNotMovingError,
)
from .gate import asked, least_assurance
from .issues import (
    ISSUE_GATE,
    ISSUE_GATE_NOT_MOVING,
    ISSUE_PRESENCE_NOWHERE,
    ISSUE_TOO_MANY_OPENINGS,
    issue_id,
)
from .models import Access, Assurance, Vehicle
from .site import PlateGateConfigEntry


@callback
def async_watch_gate(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch the gate of a lane for as long as its site is loaded."""
    _async_watch_failures(hass, entry, coordinator)
    _async_watch_openings(hass, entry, coordinator)
    _async_watch_presence(hass, entry, coordinator)


@callback
def _async_watch_failures(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch whether the gate is there, and opens when it is told to."""
    subentry = coordinator.subentry
    gate: str = subentry.data[CONF_GATE_ENTITY]
    issue = issue_id(ISSUE_GATE, entry, subentry.subentry_id)
    stuck = issue_id(ISSUE_GATE_NOT_MOVING, entry, subentry.subentry_id)

    @callback
    def report(error: GateError | None) -> None:
        if isinstance(error, GateInterlockedError):
            # It is well, and does what it was set up to do.
            return
        if isinstance(error, GateNotMovingError):
            ir.async_delete_issue(hass, DOMAIN, issue)
            ir.async_create_issue(
                hass,
                DOMAIN,
                stuck,
                is_fixable=True,
                severity=ir.IssueSeverity.ERROR,
                translation_key="gate_not_moving",
                translation_placeholders={"lane": subentry.title, "entity": gate},
                data=_lane_data(entry, coordinator),
            )
            return
        ir.async_delete_issue(hass, DOMAIN, stuck)
        if error is None:
            ir.async_delete_issue(hass, DOMAIN, issue)
            return
        missing = isinstance(error, GateMissingError)
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key="gate_missing" if missing else "gate_unavailable",
            translation_placeholders={"lane": subentry.title, "entity": gate},
        )

    @callback
    def check(_: object = None) -> None:
        if hass.states.get(gate) is not None or er.async_get(hass).async_get(gate):
            if (known := ir.async_get(hass).async_get_issue(DOMAIN, issue)) and (
                known.translation_key == "gate_missing"
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


@callback
def _async_watch_openings(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch whether the lane has switched itself off; it stays so over a restart."""
    lane, subentry = coordinator.lane, coordinator.subentry
    issue = issue_id(ISSUE_TOO_MANY_OPENINGS, entry, subentry.subentry_id)

    @callback
    def report() -> None:
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue,
            is_fixable=True,
            is_persistent=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key="too_many_openings",
            translation_placeholders={"lane": subentry.title},
            data=_lane_data(entry, coordinator),
        )

    @callback
    def check() -> None:
        if lane.state.automatic_opening:
            ir.async_delete_issue(hass, DOMAIN, issue)

    check()
    entry.async_on_unload(lane.subscribe(check))
    entry.async_on_unload(lane.subscribe_disarmed(report))


@callback
def _async_watch_presence(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch whether a lane asks for somebody to be here whom nobody has named."""
    subentry = coordinator.subentry
    data = subentry.data
    if data.get(CONF_PRESENCE):
        return
    allowlist = entry.runtime_data.allowlist
    gate: str = data[CONF_GATE_ENTITY]
    typed: str | None = data.get(CONF_ASSURANCE)
    level = None if typed is None else Assurance(typed)
    overridden = bool(data.get(CONF_ASSURANCE_REASON, "").strip())
    issue = issue_id(ISSUE_PRESENCE_NOWHERE, entry, subentry.subentry_id)
    least: Assurance | None = None

    def is_shut_out(vehicle: Vehicle) -> bool:
        assert least is not None
        needed = asked(vehicle, level, least, overridden=overridden)
        return needed is Assurance.PRESENCE and not vehicle.presence

    @callback
    def check(_: object = None) -> None:
        nonlocal least
        least = least_assurance(hass, gate)
        listed = [
            vehicle
            for vehicle in allowlist.vehicles
            if vehicle.access is Access.ALLOW
            and (vehicle.lanes is None or subentry.subentry_id in vehicle.lanes)
        ]
        if not listed or not all(map(is_shut_out, listed)):
            ir.async_delete_issue(hass, DOMAIN, issue)
            return
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="presence_nowhere",
            translation_placeholders={"lane": subentry.title, "entity": gate},
        )

    @callback
    def vehicles_changed() -> None:
        # While Home Assistant starts, nobody can tell what kind of gate it is.
        if least is not None:
            check()

    @callback
    def gate_changed(_: Event[EventStateChangedData]) -> None:
        if least is not None and least_assurance(hass, gate) is not least:
            check()

    entry.async_on_unload(async_at_started(hass, check))
    entry.async_on_unload(allowlist.subscribe(vehicles_changed))
    entry.async_on_unload(async_track_state_change_event(hass, gate, gate_changed))


def _lane_data(
    entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> dict[str, str | int | float | None]:
    """Return what the form of an issue has to know of its lane."""
    return {
        "entry_id": entry.entry_id,
        "subentry_id": coordinator.subentry.subentry_id,
        "lane": coordinator.subentry.title,
    }
