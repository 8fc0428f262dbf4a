"""Raises a repair issue while backends need a person, and withdraws it after."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import LaneCoordinator
from .errors import (
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
)
from .issues import GONE, ISSUE_BACKEND, ISSUE_BACKEND_AUTH, Hold, issue_id
from .messages import error_key
from .recognition import BackendHealth, BackendState, PoolHealth
from .site import PlateGateConfigEntry

ISSUE_BACKEND_FAILED: Final = "backend_failed"

_GONE: Final[dict[type[BackendError], str]] = {
    BackendAuthError: "backends_refuse",
    BackendTimeoutError: "backend_slow",
    BackendError: "backends_gone",
}
"""Which text tells that none is left, by what is true of all."""


@callback
def async_watch_backends(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Watch the backends of a site for as long as it is loaded."""
    _async_watch_last(hass, entry)
    backends = entry.runtime_data.recognizer.data.backends
    for place, backend in enumerate(backends):
        if len(backends) > 1:
            _async_watch_failing(hass, entry, place)
        if backend.key != entry.entry_id:
            _async_watch_token(hass, entry, place)


@callback
def _async_watch_last(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Watch whether there is a backend left, and whether it reads what lanes see."""
    issue = issue_id(ISSUE_BACKEND, entry)
    site = entry.runtime_data
    refused: dict[str, BackendRejectedError] = {}

    @callback
    def report() -> None:
        error = site.recognizer.data.error
        if error is None and refused:
            error = next(iter(refused.values()))
        if isinstance(error, BackendRejectedError | BackendProtocolError):
            # It is there and answers, so that nothing else would show it.
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=error_key(error),
            )
        elif gone.problem:
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=_GONE[_common_error(site.recognizer.data)],
            )
        elif short.problem:
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=error_key(BackendRateLimitedError()),
            )
        else:
            ir.async_delete_issue(hass, DOMAIN, issue)

    gone: Hold[bool] = Hold(hass, entry, report, GONE)
    short: Hold[bool] = Hold(hass, entry, report, GONE)

    @callback
    def check() -> None:
        gone.see(None if site.recognizer.data.available else True)
        short.see(None if site.recognizer.shortage is None else True)
        report()

    @callback
    def watch(coordinator: LaneCoordinator) -> None:
        lane = coordinator.subentry.subentry_id

        @callback
        def report(error: BackendError | None) -> None:
            # Backends that refuse the pictures of one lane may be well otherwise.
            if isinstance(error, BackendRejectedError):
                refused[lane] = error
            else:
                refused.pop(lane, None)
            check()

        entry.async_on_unload(coordinator.lane.subscribe_backend(report))

    for coordinator in site.lanes.values():
        watch(coordinator)
    entry.async_on_unload(site.recognizer.async_add_listener(check))


@callback
def _async_watch_failing(
    hass: HomeAssistant, entry: PlateGateConfigEntry, place: int
) -> None:
    """Watch whether a backend has failed for long, which others make up for."""
    recognizer = entry.runtime_data.recognizer
    backend = recognizer.data.backends[place]
    issue = _issue_id(ISSUE_BACKEND_FAILED, entry, backend)

    @callback
    def report() -> None:
        # That none reads is an issue of its own; nobody makes up for this one then.
        if not (failing.problem and recognizer.reads):
            ir.async_delete_issue(hass, DOMAIN, issue)
            return
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="backend_failed",
            translation_placeholders={"backend": backend.name},
        )

    failing: Hold[bool] = Hold(hass, entry, report)

    @callback
    def check() -> None:
        health = recognizer.data.backends[place]
        failed = health.state is BackendState.FAILED
        # A token is asked for at once.
        failing.see((failed and not _wants_token(health)) or None)
        report()

    check()
    entry.async_on_unload(recognizer.async_add_listener(check))


@callback
def _async_watch_token(
    hass: HomeAssistant, entry: PlateGateConfigEntry, place: int
) -> None:
    """Watch whether a further backend refuses its token."""
    recognizer = entry.runtime_data.recognizer
    backend = recognizer.data.backends[place]
    issue = _issue_id(ISSUE_BACKEND_AUTH, entry, backend)

    @callback
    def check() -> None:
        health = recognizer.data.backends[place]
        if _wants_token(health):
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue,
                is_fixable=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key="backend_auth",
                translation_placeholders={"backend": backend.name},
                data={
                    "entry_id": entry.entry_id,
                    "subentry_id": backend.key,
                    "backend": backend.name,
                },
            )
        elif health.state is not BackendState.FAILED:
            # One that is away says nothing about its token.
            ir.async_delete_issue(hass, DOMAIN, issue)

    check()
    entry.async_on_unload(recognizer.async_add_listener(check))


def _common_error(health: PoolHealth) -> type[BackendError]:
    """Return the kind of error that all backends have; a key of `_GONE`."""
    errors = [backend.error for backend in health.backends]
    for kind in _GONE:
        if all(isinstance(error, kind) for error in errors):
            return kind
    return BackendError


def _wants_token(health: BackendHealth) -> bool:
    return isinstance(health.error, BackendAuthError)


def _issue_id(kind: str, entry: PlateGateConfigEntry, backend: BackendHealth) -> str:
    """Name an issue of a backend; the first one is that of the site itself."""
    further = "" if backend.key == entry.entry_id else backend.key
    return issue_id(kind, entry, further)
