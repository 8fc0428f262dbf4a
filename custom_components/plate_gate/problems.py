"""Raises a repair issue while something needs a person, and withdraws it after."""

from homeassistant.const import CONF_URL
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.start import async_at_started

from .const import CONF_GATE_ENTITY, DOMAIN
from .coordinator import LaneCoordinator
from .errors import (
    BackendError,
    BackendProtocolError,
    BackendRejectedError,
    CameraAuthError,
    GateError,
    GateMissingError,
)
from .messages import error_key
from .site import PlateGateConfigEntry

ISSUE_BACKEND = "backend"
ISSUE_CAMERA_AUTH = "camera_auth"
ISSUE_GATE = "gate"


@callback
def async_watch_problems(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Watch a site for as long as it is loaded."""
    site = entry.runtime_data
    troubled: set[str] = set()
    for lane in site.lanes.values():
        _async_watch_camera(hass, entry, lane)
        _async_watch_gate(hass, entry, lane)
        _async_watch_backend(hass, entry, lane, troubled)


@callback
def async_clear_problems(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Withdraw every issue of a site, also of lanes that have been removed."""
    registry = ir.async_get(hass)
    for domain, issue_id in tuple(registry.issues):
        if domain == DOMAIN and entry.entry_id in issue_id.split("-"):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


def issue_id(kind: str, entry: PlateGateConfigEntry, subentry_id: str = "") -> str:
    """Name an issue, so that all of a site can be found."""
    return "-".join(part for part in (kind, entry.entry_id, subentry_id) if part)


@callback
def _async_watch_camera(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    subentry = coordinator.subentry
    issue = issue_id(ISSUE_CAMERA_AUTH, entry, subentry.subentry_id)

    @callback
    def check() -> None:
        status = coordinator.lane.state.camera
        if isinstance(status.error, CameraAuthError):
            # A camera entity has its password in an integration of its own.
            is_ours = CONF_URL in subentry.data
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue,
                is_fixable=is_ours,
                severity=ir.IssueSeverity.ERROR,
                translation_key="camera_auth" if is_ours else "camera_entity_auth",
                translation_placeholders={"lane": subentry.title},
                data={
                    "entry_id": entry.entry_id,
                    "subentry_id": subentry.subentry_id,
                    "lane": subentry.title,
                },
            )
        elif status.connected:
            ir.async_delete_issue(hass, DOMAIN, issue)

    entry.async_on_unload(coordinator.lane.subscribe(check))


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


@callback
def _async_watch_backend(
    hass: HomeAssistant,
    entry: PlateGateConfigEntry,
    coordinator: LaneCoordinator,
    troubled: set[str],
) -> None:
    """Watch what a lane says of the recognizer, which all lanes share.

    Args:
        hass: Home Assistant.
        entry: The site.
        coordinator: The lane.
        troubled: The lanes whose pictures are not read now, by subentry id.

    """
    issue = issue_id(ISSUE_BACKEND, entry)
    lane = coordinator.subentry.subentry_id
    recognizer = entry.runtime_data.recognizer

    @callback
    def report(error: BackendError | None) -> None:
        if isinstance(error, BackendRejectedError | BackendProtocolError):
            # It is there and answers, so that nothing else would show it.
            troubled.add(lane)
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=error_key(error),
            )
        else:
            troubled.discard(lane)
            if not troubled:
                ir.async_delete_issue(hass, DOMAIN, issue)
        if not isinstance(error, BackendRejectedError):
            recognizer.async_lane_reports(lane, error)

    entry.async_on_unload(coordinator.lane.subscribe_backend(report))
