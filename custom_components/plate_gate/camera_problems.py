"""Raises a repair issue while a camera needs a person, and withdraws it after."""

from typing import Final

from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .capture import SceneProblem
from .const import DOMAIN
from .coordinator import LaneCoordinator
from .errors import CameraAuthError, CameraFrozenError, CameraLateError
from .issues import ISSUE_CAMERA_AUTH, ISSUE_VIEW_MOVED, Hold, issue_id
from .plate_width import ENOUGH
from .site import PlateGateConfigEntry

VIEWS: Final = {
    SceneProblem.DARK: "view_dark",
    SceneProblem.COVERED: "view_covered",
    SceneProblem.BLURRED: "view_blurred",
    SceneProblem.MOVED: ISSUE_VIEW_MOVED,
}
"""What a problem with what a camera shows is called as an issue.

Each is one of its own, so that who ignores one has not ignored another.
"""

PLATE_SMALL: Final = "plate_small"

SLACK: Final = 10
"""Pixels above what is enough, until plates that were too small no longer are."""

STREAMS: Final = {CameraFrozenError: "camera_frozen", CameraLateError: "camera_late"}
"""What a problem with how a camera sends is called as an issue."""


@callback
def async_watch_camera(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch the camera of a lane for as long as its site is loaded."""
    _async_watch_password(hass, entry, coordinator)
    _async_watch_stream(hass, entry, coordinator)
    _async_watch_view(hass, entry, coordinator)


@callback
def _async_watch_password(
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
def _async_watch_stream(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch whether a camera that answers sends what is of use."""
    subentry = coordinator.subentry

    @callback
    def report() -> None:
        for kind in STREAMS:
            issue = issue_id(STREAMS[kind], entry, subentry.subentry_id)
            if kind is not held.problem:
                ir.async_delete_issue(hass, DOMAIN, issue)
                continue
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=STREAMS[kind],
                translation_placeholders={"lane": subentry.title},
            )

    held: Hold[type[CameraFrozenError | CameraLateError]] = Hold(hass, entry, report)

    @callback
    def check() -> None:
        status = coordinator.lane.state.camera
        if isinstance(status.error, CameraFrozenError | CameraLateError):
            held.see(type(status.error))
        elif status.waiting:
            held.pause()
        elif status.connected:
            # Each new connection is prompt for some seconds.
            held.end_later()
        elif status.error is not None:
            held.see(None)

    check()
    entry.async_on_unload(coordinator.lane.subscribe(check))


@callback
def _async_watch_view(
    hass: HomeAssistant, entry: PlateGateConfigEntry, coordinator: LaneCoordinator
) -> None:
    """Watch whether a camera shows what it should."""
    lane, subentry = coordinator.lane, coordinator.subentry
    shown: tuple[str, int | None] | None = None

    @callback
    def withdraw() -> None:
        nonlocal shown
        if shown is not None:
            issue = issue_id(shown[0], entry, subentry.subentry_id)
            ir.async_delete_issue(hass, DOMAIN, issue)
            shown = None

    @callback
    def show(key: str, width: int | None) -> None:
        nonlocal shown
        if shown == (key, width):
            # Not again, if a person has just fixed it and no picture has come since.
            return
        if shown is not None and shown[0] != key:
            withdraw()
        shown = key, width
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id(key, entry, subentry.subentry_id),
            is_fixable=key == ISSUE_VIEW_MOVED,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"lane": subentry.title, "width": str(width)},
            data={
                "entry_id": entry.entry_id,
                "subentry_id": subentry.subentry_id,
                "lane": subentry.title,
            },
        )

    @callback
    def report() -> None:
        width = lane.state.plate_width
        is_shown = shown is not None and shown[0] == PLATE_SMALL
        enough = ENOUGH + SLACK if is_shown else ENOUGH
        if held.problem is not None:
            show(VIEWS[held.problem], None)
        elif width is not None and width < enough:
            show(PLATE_SMALL, width)
        else:
            withdraw()

    held: Hold[SceneProblem] = Hold(hass, entry, report)

    @callback
    def check() -> None:
        status = lane.state.camera
        if status.waiting:
            held.pause()
        elif status.connected:
            # Without pictures, what was wrong with the last ones is all that is known.
            held.see(status.problem)
        report()

    check()
    entry.async_on_unload(lane.subscribe(check))
